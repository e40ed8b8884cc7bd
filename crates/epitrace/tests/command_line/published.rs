//! Ten thousand messages of published nodes and real consumers that are killed ten times: what the API says of any second is
//! what the topic says.

/// The messages.
#[path = "../../../pipeline/tests/historic/messages.rs"]
mod messages;
/// Another rule by which they are counted.
#[allow(dead_code, reason = "here nobody counts encounters")]
#[path = "../../../pipeline/tests/historic/own.rs"]
mod own;

use super::brokers::{finding, on_postgres, on_sqlite};
use super::runs::MOST_LOOKS;
use super::serve::{Client, Server};
use super::*;
use event_log::{EventLog, Fetched, Most, Polled, kafka};
use jiff::Timestamp;
use messages::{N_MESSAGES, N_POISONED};
use serde_json::json;
use testkit::brokers::{address, fresh_name};

const N_KILLS: usize = 10;
const N_PARTITIONS: u32 = 3;

/// The topic of a desk, for a group that nobody else has.
fn topic(desk: &Desk) -> kafka::Options {
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    let topic = config.lines().find_map(|line| line.strip_prefix("topic = '")).unwrap().trim_end_matches('\'');
    kafka::Options {
        brokers: vec![address()],
        security: kafka::Security::default(),
        topic: topic.to_owned(),
        n_partitions: N_PARTITIONS,
        n_replicas: 1,
        kept: event_log::embedded::MOST_KEPT,
        group: fresh_name(),
    }
}

/// Starts a consumer. Each has a group of its own, so that none waits until the one that was killed is missed: who came first
/// is settled by what is stored.
fn consume(desk: &Desk) -> Server {
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    let group = config.lines().find(|line| line.starts_with("group = ")).unwrap();
    desk.write("config.toml", &config.replace(group, &format!("group = '{}'", fresh_name())));
    let mut command = desk.command(&["consume"]);
    command.stderr(std::fs::File::options().append(true).create(true).open(desk.path("consume.log")).unwrap());
    Server::start(command)
}

/// How many records wait, as the doctor says.
fn n_waiting(desk: &Desk) -> u64 {
    let found = finding(desk, "waiting reports")["found"].as_str().unwrap().to_owned();
    found.split(' ').next().unwrap().parse().unwrap_or(0)
}

/// All that lies in the topic.
async fn read_all(options: kafka::Options, n: usize) -> Vec<Fetched> {
    let log = EventLog::Kafka(kafka::Log::open(options).await.unwrap().0);
    let (mut consumer, mut all) = (log.consumer(), Vec::new());
    while all.len() < n {
        match consumer.poll(Most { records: 5_000, bytes: 8 << 20 }).await.unwrap() {
            Polled::Assigned(partitions) => {
                for partition in partitions {
                    consumer.seek(partition, 0).await.unwrap();
                }
            }
            Polled::Revoked(_) => panic!("nobody else is in this group"),
            Polled::Records { records, .. } => all.extend(records),
        }
    }
    all
}

async fn what_the_api_says_is_what_the_topic_says(desk: Desk) {
    let server = Server::on(&desk, &[]);
    let start: Timestamp = "2026-03-01T10:20:30.250Z".parse().unwrap();
    let all = messages::all(start);
    let n = all.len();
    assert_eq!(n, N_MESSAGES + N_MESSAGES / 10 + N_POISONED);
    let log = EventLog::Kafka(kafka::Log::open(topic(&desk)).await.unwrap().0);
    for part in all.chunks(n.div_ceil(N_KILLS)) {
        for records in part.chunks(400) {
            log.produce(records.to_vec()).await.unwrap();
        }
        let before = n_waiting(&desk);
        let consumer = consume(&desk);
        assert!((0..MOST_LOOKS).any(|_| n_waiting(&desk) < before), "nobody stores anything");
        consumer.kill();
    }
    let last = consume(&desk);
    assert!((0..MOST_LOOKS).any(|_| n_waiting(&desk) == 0), "{} wait", n_waiting(&desk));
    last.stop();

    let records = read_all(topic(&desk), n).await;
    let (said, n_poison) = own::read(&records);
    assert_eq!((said.len(), n_poison), (N_MESSAGES, N_POISONED));
    let aside = finding(&desk, "reports put aside")["found"].to_string();
    assert!(aside.contains(&N_POISONED.to_string()), "{aside}");
    let mut client = Client::new(&server.base);
    client.accept(&desk.administrators_link()).await;
    let (status, runs) = client.get("/api/v1/runs").await;
    assert_eq!((status, runs["items"].as_array().unwrap().len()), (200, 1), "one run of the day: {runs}");
    let run = &runs["items"][0];
    assert_eq!(run["name"], "historic 2026-03-01");
    let (run_id, begun) = (run["run_id"].as_str().unwrap(), run["created_at"].as_str().unwrap().parse().unwrap());
    for second in [0, 30, 60, 61, 90, 119, 120, 121, 150, 200, 240, 1_000] {
        let (status, told) = client.get(&format!("/api/v1/runs/{run_id}/statistics?at={second}")).await;
        let own = own::statistics(&said, begun, second);
        let expected = json!({
            "second": second, "total": own.total, "zombies": own.zombies, "deaths": own.deaths,
            "dead_zombies": own.dead_zombies, "immune": own.immune, "silent": own.silent,
        });
        assert_eq!((status, told), (200, expected), "second {second}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_says_is_what_the_topic_says_on_sqlite() {
    what_the_api_says_is_what_the_topic_says(on_sqlite(&address(), "consume = false")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_api_says_is_what_the_topic_says_on_postgres() {
    let (desk, _database) = on_postgres(&address(), "consume = false").await;
    what_the_api_says_is_what_the_topic_says(desk).await;
}
