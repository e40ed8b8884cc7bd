//! Appends batches from several producers at once, and says what was acknowledged, until it is killed.
//!
//! usage: acknowledging-producer FOLDER
//!
//! Prints `ack OFFSET VALUE` for each record once its batch is acknowledged. The tests of kills compare that with what is
//! in the log afterwards.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bytes::Bytes;
use event_log::embedded::{Log, Options};
use event_log::{EventLog, Record};
use jiff::Timestamp;
use std::io::Write;
use uuid::Uuid;

const N_PRODUCERS: u64 = 4;

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).expect("usage: acknowledging-producer FOLDER");
    // Small segments, so that it is also killed while it begins one.
    let options = Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(42), segment_bytes: 20_000 };
    let (log, _) = Log::open(folder.as_ref(), options).unwrap();
    let log = EventLog::Embedded(log);
    let own = u64::from(std::process::id()) << 32;
    let producers: Vec<_> =
        (0..N_PRODUCERS).map(|producer| tokio::spawn(produce(log.clone(), own | producer << 28))).collect();
    for producer in producers {
        producer.await.unwrap();
    }
}

/// Appends batches of different sizes; values count from `first`.
async fn produce(log: EventLog, first: u64) {
    for batch in 0.. {
        let values: Vec<u64> = (0..1 + batch % 7).map(|n| first + batch * 8 + n).collect();
        let record = |value: &u64| {
            // Up to a few pages, so that a batch is more than one of them.
            let mut bytes = vec![*value as u8; 8 + (*value % 5) as usize * 1_000];
            bytes[..8].copy_from_slice(&value.to_le_bytes());
            Record::of_run(Bytes::from_static(b"run"), None, Bytes::from(bytes), Timestamp::UNIX_EPOCH)
        };
        let places = log.produce(values.iter().map(record).collect()).await.unwrap();
        let mut out = std::io::stdout().lock();
        for (place, value) in places.iter().zip(values) {
            writeln!(out, "ack {} {value}", place.offset).unwrap();
        }
    }
}
