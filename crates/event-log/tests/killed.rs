//! Real kills: what was acknowledged is found, in order, once; what wasn't may be found, whole batches or parts of one.
//!
//! A program of its own: a child that is being started holds the locks of its parent for a moment, also those of other tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use event_log::embedded::{Log, Options, SEGMENT_BYTES, check};
use event_log::{EventLog, Most, Polled};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use uuid::Uuid;

const PRODUCER: &str = env!("CARGO_BIN_EXE_acknowledging-producer");

fn start(folder: &Path) -> Child {
    Command::new(PRODUCER).arg(folder).stdout(Stdio::piped()).spawn().unwrap()
}

/// Lets it acknowledge `n` records, kills it in the midst of others, and returns all that it acknowledged.
fn kill_after(mut producer: Child, n: usize) -> Vec<(u64, u64)> {
    let acknowledged = |line: String| {
        let (offset, value) = line.strip_prefix("ack ").and_then(|rest| rest.split_once(' ')).unwrap();
        (offset.parse().unwrap(), value.parse().unwrap())
    };
    let mut lines = BufReader::new(producer.stdout.take().unwrap()).lines();
    let mut all: Vec<(u64, u64)> = lines.by_ref().take(n).map(|line| acknowledged(line.unwrap())).collect();
    assert_eq!(all.len(), n, "the producer ended by itself");
    producer.kill().unwrap();
    producer.wait().unwrap();
    // What it said before it was killed and nobody had read yet. A line is written at once, so none is torn.
    all.extend(lines.map_while(Result::ok).map(acknowledged));
    all
}

async fn found(folder: &Path) -> Vec<(u64, u64)> {
    let (topic, fresh_id) = ("coronaz".to_owned(), Uuid::from_u128(42));
    let (log, _) = Log::open(folder, Options { topic, fresh_id, segment_bytes: SEGMENT_BYTES }).unwrap();
    let (first, end) = (log.first_offset(), log.end_offset());
    let mut consumer = EventLog::Embedded(log).consumer();
    let most = Most { records: 10_000, bytes: 1 << 20 };
    consumer.poll(most).await.unwrap();
    consumer.seek(0, first).await.unwrap();
    let mut found = Vec::new();
    while (found.len() as u64) < end - first {
        match consumer.poll(most).await.unwrap() {
            Polled::Records { records, .. } => {
                found.extend(records.iter().map(|fetched| {
                    let value = u64::from_le_bytes(fetched.record.value[..8].try_into().unwrap());
                    (fetched.offset, value)
                }));
            }
            other => panic!("{other:?}"),
        }
    }
    found
}

#[tokio::test]
async fn kill_9_in_the_midst_of_batches_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for n in [1, 30, 100, 400, 7] {
        acknowledged.extend(kill_after(start(folder.path()), n));
        let found = found(folder.path()).await;
        let offsets: Vec<u64> = found.iter().map(|(offset, _)| *offset).collect();
        assert_eq!(offsets, (0..found.len() as u64).collect::<Vec<_>>(), "no gap");
        for (offset, value) in &acknowledged {
            assert_eq!(found.get(*offset as usize), Some(&(*offset, *value)), "acknowledged");
        }
        let checked = check(folder.path()).unwrap();
        assert_eq!((checked.faults.len(), checked.tail), (0, None));
    }
    assert!(acknowledged.len() >= 538);
}
