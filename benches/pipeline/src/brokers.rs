//! The same reports through Apache Kafka and several consumers into PostgreSQL, beside a server's own log; and what they take on
//! the topic, beside the JSON of the published nodes.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, quantile};
use crate::flow::{Flow, N_CONSUMERS, N_PARTITIONS, Servers, Way, topic};
use crate::paced;
use crate::reports::{middle, through};
use crate::world::{Batch, World};
use bytes::Bytes;
use domain::runs::Health;
use event_log::Record;
use jiff::Timestamp;
use jiff::civil::DateTime;
use protocol::nodes::{Historic, HistoricContact, PeerTag, report_json, wrapped};
use serde_json::json;
use std::collections::HashMap;
use uuid::Uuid;

/// JSON is appended in parts: a batch of it is longer than a log takes at once.
const JSON_AT_ONCE: usize = 2_000;

const METHOD: &str = "median of rounds, in turns, each into a fresh topic or log and a fresh database, all synced but the broker, which \
    leaves that to the kernel, as Kafka does; else as with SQLite. The broker and PostgreSQL are on the same two cores, and their \
    CPU isn't counted";

pub async fn run(figures: &mut Figures, scale: Scale) {
    let servers = servers();
    let (n_seconds, n_rounds) = if scale == Scale::Full { (60, 3) } else { (3, 1) };
    let world = World::new(10_000, n_seconds);
    let ways = [
        ("own log, stored in SQLite", Way::Own),
        ("own log, stored in PostgreSQL", Way::OwnToPostgres(&servers)),
        ("Kafka, stored in PostgreSQL", Way::KafkaToPostgres(&servers)),
    ];
    let mut rounds: Vec<Vec<_>> = vec![Vec::new(); ways.len()];
    for _ in 0..n_rounds {
        for ((_, way), rounds) in ways.iter().zip(&mut rounds) {
            rounds.push(through(&world, *way).await.cost);
        }
    }
    let n = json!({
        "rounds": n_rounds, "reports": world.n_measured(), "nodes at once": 10_000, "partitions": N_PARTITIONS,
        "consumers": N_CONSUMERS,
    });
    let row = |figure: String, value, unit, method| Figure {
        figure,
        value,
        unit,
        peer: "",
        ratio: None,
        goal: Goal::None,
        n: n.clone(),
        method,
    };
    let n_reports = world.n_measured() as f64;
    let walls: Vec<f64> = rounds.iter().map(|costs| middle(costs.iter().map(|cost| cost.wall_s))).collect();
    for (nth, (name, _)) in ways.iter().enumerate() {
        let (peer, ratio) =
            if nth == 0 { ("", None) } else { ("own log, stored in SQLite", Some(walls[0] / walls[nth])) };
        let reached = row((*name).to_owned(), n_reports / walls[nth], "reports/s", METHOD);
        figures.add(Figure { peer, ratio, ..reached });
        let cpu = middle(rounds[nth].iter().map(|cost| cost.cpu_s)) / n_reports * 1e6;
        figures.add(row(format!("{name}: CPU"), cpu, "µs/report", METHOD));
    }
    let half = n_reports / walls[2] / 2.0;
    for (name, way) in &ways {
        let delays = paced::run(&world, half, *way).await;
        let method = "a batch each so often, half as often as Kafka and PostgreSQL reach, from when it is due to be appended to when \
            all of it is committed";
        let n = json!({"reports a second": half.round(), "batches": delays.len()});
        for (what, share) in [("p50", 0.5), ("p99", 0.99), ("longest", 1.0)] {
            let figure = format!("{name}, at half of what Kafka reaches: {what}");
            figures.add(Figure { n: n.clone(), ..row(figure, quantile(&delays, share) * 1e3, "ms", method) });
        }
    }
    bytes_on_the_topic(figures, &world, &servers, row).await;
}

/// Returns what was started for the benchmark.
fn servers() -> Servers {
    let told = |name: &str| {
        std::env::var(name).expect("run it as `cargo xtask bench pipeline`, which starts PostgreSQL and Kafka")
    };
    Servers {
        postgres: told("EPITRACE_BENCH_POSTGRES"),
        kafka: told("EPITRACE_BENCH_KAFKA"),
        kafka_folder: told("EPITRACE_BENCH_KAFKA_FOLDER").into(),
    }
}

/// Appends the same reports in both forms to a topic each, and looks at the files of the broker.
async fn bytes_on_the_topic(
    figures: &mut Figures,
    world: &World,
    servers: &Servers,
    row: impl Fn(String, f64, &'static str, &'static str) -> Figure<'static>,
) {
    let flow = Flow::begin("bytes", world, Way::KafkaToPostgres(servers)).await;
    for batch in &world.batches {
        flow.append(batch).await;
    }
    flow.stored(world.n_reports()).await;
    let left = flow.end().await;
    std::fs::remove_dir_all(&left.folder).unwrap();
    let ours = on_topic(servers, &left.topic) as f64 / world.n_reports() as f64;
    let json = topic(servers, N_PARTITIONS).await;
    let ids: HashMap<PeerTag, Uuid> =
        world.batches.iter().flat_map(|batch| &batch.rows).map(|row| (PeerTag::of(row.node), row.node)).collect();
    let mut plain = 0;
    for batch in &world.batches {
        let messages = as_json(world, batch, &ids);
        plain += messages.iter().map(String::len).sum::<usize>();
        for part in messages.chunks(JSON_AT_ONCE) {
            let record = |text: &String| Record {
                key: None,
                headers: Vec::new(),
                value: Bytes::from(text.clone()),
                at: Timestamp::now(),
            };
            json.produce(part.iter().map(record).collect()).await.unwrap();
        }
    }
    let theirs = on_topic(servers, json.topic()) as f64 / world.n_reports() as f64;
    let method = "files of the topic at the broker, compressed by LZ4 as our producer does, run's name and key with each report; the \
        peer: the same reports as the published nodes write them, JSON in a JSON string without a key, sent by the same producer";
    let reports = row("on the topic".to_owned(), ours, "bytes/report", method);
    figures.add(Figure { peer: "JSON on the topic", ratio: Some(theirs / ours), ..reports });
    let frames = world.batches.iter().map(|batch| batch.bytes.len()).sum::<usize>() as f64 / world.n_reports() as f64;
    let json = plain as f64 / world.n_reports() as f64;
    let method = "frames of reports before anything is compressed; the peer: the same as JSON in a JSON string";
    let frames_row = row("before it is compressed".to_owned(), frames, "bytes/report", method);
    figures.add(Figure { peer: "JSON", ratio: Some(json / frames), ..frames_row });
}

/// Returns how many bytes of records the broker keeps of a topic. Its indices are files of a size fixed beforehand.
fn on_topic(servers: &Servers, topic: &str) -> u64 {
    let folders = (0..N_PARTITIONS).map(|partition| servers.kafka_folder.join(format!("{topic}-{partition}")));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()));
    let segments = files.filter(|file| file.extension().is_some_and(|ending| ending == "log"));
    segments.map(|file| file.metadata().unwrap().len()).sum()
}

/// Writes the reports of a batch as the published nodes do.
fn as_json(world: &World, batch: &Batch, ids: &HashMap<PeerTag, Uuid>) -> Vec<String> {
    let begin: DateTime = "2020-12-02T16:19:27".parse().unwrap();
    let message = |row: &crate::world::Row| {
        let timestamp = begin + jiff::SignedDuration::from_secs(row.second.into());
        let met = world.met[row.met.0..row.met.1].iter();
        let contacts = met.map(|(peer, _)| HistoricContact { node: ids[peer], timestamp }).collect();
        let report = Historic {
            node: row.node,
            position: row.state.position,
            infected: row.state.health == Health::Infected,
            timestamp,
            alive: row.state.alive,
            contacts,
        };
        wrapped(&report_json(&report))
    };
    batch.rows.iter().map(message).collect()
}
