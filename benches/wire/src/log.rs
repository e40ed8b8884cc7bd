//! The embedded log: appending, in turns with a plain file that is synced as often, and reading.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::samples::{Node, nodes, report};
use bytes::Bytes;
use event_log::embedded::{Log, Options, SEGMENT_BYTES};
use event_log::{EventLog, Most, Polled, Record};
use jiff::Timestamp;
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant;
use uuid::Uuid;

const FOLDER: &str = "target/bench-data/wire";

/// A report in forty has a contact.
const REPORTS_PER_CONTACT: usize = 40;

pub async fn run(figures: &mut Figures, scale: Scale) {
    let _ = std::fs::remove_dir_all(FOLDER);
    std::fs::create_dir_all(FOLDER).unwrap();
    let all = nodes(10_001, 5);
    let n_reports = scale.of(2_000_000);
    for batch in [10_000, 1_000, 100] {
        let n_batches = (n_reports.min(batch * 1_000) / batch).max(2);
        appended(figures, &records(&all, batch), n_batches).await;
    }
    together(figures, &records(&all, 100), scale.of(2_000).max(2)).await;
    read(figures, &records(&all, 10_000), (n_reports / 10_000).max(2)).await;
    std::fs::remove_dir_all(FOLDER).unwrap();
}

fn open(name: &str) -> EventLog {
    let options = Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(1), segment_bytes: SEGMENT_BYTES };
    EventLog::Embedded(Log::open(&Path::new(FOLDER).join(name), options).unwrap().0)
}

/// So many reports of one second each.
fn records(nodes: &[Node], n: usize) -> Vec<Record> {
    let (other, nodes) = nodes.split_last().unwrap();
    let record = |(at, node): (usize, &Node)| {
        let heard = if at.is_multiple_of(REPORTS_PER_CONTACT) { std::slice::from_ref(other) } else { &[] };
        let value = report(node, 100, heard).write().unwrap();
        let run = Bytes::from_static(b"0123456789abcdef");
        Record::of_run(run, Some(Bytes::copy_from_slice(node.id.as_bytes())), value.into(), Timestamp::UNIX_EPOCH)
    };
    nodes.iter().take(n).enumerate().map(record).collect()
}

/// Appends batch by batch, in turns with a plain file that gets as many bytes and is synced as often.
async fn appended(figures: &mut Figures, batch: &[Record], n_batches: usize) {
    let name = format!("append-{}", batch.len());
    let log = open(&name);
    log.produce(batch.to_vec()).await.unwrap();
    let n_bytes = File::open(segment(&name)).unwrap().metadata().unwrap().len() - 56;
    let raw = vec![7u8; n_bytes as usize];
    let mut file = File::create(format!("{FOLDER}/raw")).unwrap();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..n_batches {
        // Made before: nodes make their reports elsewhere.
        let records = batch.to_vec();
        let started = Instant::now();
        log.produce(records).await.unwrap();
        ours.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        file.write_all(&raw).unwrap();
        file.sync_data().unwrap();
        theirs.push(started.elapsed().as_secs_f64());
    }
    let all: f64 = ours.iter().sum();
    let n = json!({"batches": n_batches, "reports a batch": batch.len(), "bytes a batch": n_bytes});
    let rate = (batch.len() * n_batches) as f64 / all;
    figures.add(Figure {
        figure: format!("log: appended, batches of {}", batch.len()),
        value: rate,
        unit: "reports/s",
        peer: "a plain file, as many bytes, synced as often",
        ratio: Some(theirs.iter().sum::<f64>() / all),
        goal: if batch.len() == 10_000 { Goal::AtLeast(500_000.0) } else { Goal::None },
        n: n.clone(),
        method: "one producer, each batch acknowledged before the next; in turns with the peer; ratio is the peer's time \
                 divided by ours",
    });
    for (what, value) in [("median", median(&ours)), ("p99", quantile(&ours, 0.99))] {
        figures.add(Figure {
            figure: format!("log: a batch of {} acknowledged, {what}", batch.len()),
            value: value * 1e3,
            unit: "ms",
            peer: "",
            ratio: None,
            goal: Goal::None,
            n: n.clone(),
            method: "as above",
        });
    }
}

/// Eight producers at once: they share syncs.
async fn together(figures: &mut Figures, batch: &[Record], n_batches: usize) {
    let log = open("together");
    let started = Instant::now();
    let producers: Vec<_> = (0..8)
        .map(|_| {
            let (log, batch) = (log.clone(), batch.to_vec());
            tokio::spawn(async move {
                for _ in 0..n_batches / 8 {
                    log.produce(batch.clone()).await.unwrap();
                }
            })
        })
        .collect();
    for producer in producers {
        producer.await.unwrap();
    }
    let n_reports = n_batches / 8 * 8 * batch.len();
    assert_eq!(log.end_offset(0).await.unwrap() as usize, n_reports);
    figures.add(Figure {
        figure: "log: appended, 8 producers with batches of 100".to_owned(),
        value: n_reports as f64 / started.elapsed().as_secs_f64(),
        unit: "reports/s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n: json!({"reports": n_reports}),
        method: "each producer waits for its batch to be acknowledged; those that wait share a sync",
    });
}

/// Reads all back.
async fn read(figures: &mut Figures, batch: &[Record], n_batches: usize) {
    let log = open("read");
    for _ in 0..n_batches {
        log.produce(batch.to_vec()).await.unwrap();
    }
    let n_reports = n_batches * batch.len();
    let mut consumer = log.consumer();
    let most = Most { records: 10_000, bytes: 1 << 20 };
    assert_eq!(consumer.poll(most).await.unwrap(), Polled::Assigned(vec![0]));
    consumer.seek(0, 0).await.unwrap();
    let started = Instant::now();
    let (mut n_read, mut n_bytes) = (0, 0);
    while n_read < n_reports {
        if let Polled::Records { records, .. } = consumer.poll(most).await.unwrap() {
            n_read += records.len();
            n_bytes += records.iter().map(|fetched| fetched.record.value.len()).sum::<usize>();
        }
    }
    let expected: usize = batch.iter().map(|record| record.value.len()).sum();
    assert_eq!(n_bytes, expected * n_batches, "all of it came back");
    figures.add(Figure {
        figure: "log: read by a consumer".to_owned(),
        value: n_reports as f64 / started.elapsed().as_secs_f64(),
        unit: "reports/s",
        peer: "",
        ratio: None,
        goal: Goal::None,
        n: json!({"reports": n_reports}),
        method: "polls of at most 10,000 records and 1 MiB, just written, so from the page cache; every checksum is compared",
    });
}

/// The first segment of a log.
fn segment(name: &str) -> String {
    format!("{FOLDER}/{name}/{:020}.log", 0)
}
