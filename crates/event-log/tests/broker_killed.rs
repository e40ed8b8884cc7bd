//! A broker that is killed in the midst of batches and comes back: what was acknowledged is where it was said to be.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

/// A broker of one's own, kept as the test run keeps its own.
#[path = "../../../xtask/src/test/broker.rs"]
mod broker;

use broker::Broker;
use bytes::Bytes;
use event_log::{Consumer, EventLog, Most, Place, Polled, Record, kafka};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

const MANY: Most = Most { records: 10_000, bytes: 1 << 20 };

fn jars() -> PathBuf {
    let jars = std::env::var_os("EPITRACE_TEST_KAFKA_JARS").expect(
        "no Apache Kafka to test on: run the tests with `make test` or `cargo xtask test`, which bring it and name its jars \
         in EPITRACE_TEST_KAFKA_JARS",
    );
    PathBuf::from(jars)
}

fn record(value: u64) -> Record {
    let key = Some(Bytes::from(value.to_le_bytes()[..2].to_vec()));
    Record { key, headers: Vec::new(), value: Bytes::from(value.to_le_bytes().to_vec()), at: Timestamp::UNIX_EPOCH }
}

/// Appends batches until it is told to stop, and says what was acknowledged. What wasn't is left, and others follow.
async fn produce(log: EventLog, first: u64, acknowledged: mpsc::UnboundedSender<(Place, u64)>, stop: Arc<AtomicBool>) {
    for batch in 0.. {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        let values: Vec<u64> = (0..1 + batch % 7).map(|n| first + batch * 8 + n).collect();
        if let Ok(places) = log.produce(values.iter().copied().map(record).collect()).await {
            for acknowledgement in places.into_iter().zip(values) {
                acknowledged.send(acknowledgement).unwrap();
            }
        }
    }
}

/// A consumer, and what it has read.
struct Member {
    consumer: Consumer,
    found: BTreeMap<Place, u64>,
}

impl Member {
    /// Reads until it has so many records.
    async fn read(&mut self, n: u64) {
        while (self.found.len() as u64) < n {
            match self.consumer.poll(MANY).await.unwrap() {
                Polled::Assigned(partitions) => {
                    for partition in partitions {
                        self.consumer.seek(partition, 0).await.unwrap();
                    }
                }
                Polled::Revoked(_) => {}
                Polled::Records { partition, records } => {
                    for fetched in records {
                        let value = u64::from_le_bytes(fetched.record.value[..].try_into().unwrap());
                        self.found.insert(Place { partition, offset: fetched.offset }, value);
                    }
                }
            }
        }
    }
}

/// Returns how many records there are.
async fn n_records(log: &EventLog) -> u64 {
    let mut n = 0;
    for partition in 0..log.n_partitions() {
        n += log.end_offset(partition).await.unwrap();
    }
    n
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_and_started_again_loses_nothing_acknowledged() {
    let mut broker = tokio::task::block_in_place(|| Broker::start(&jars())).unwrap();
    let options = kafka::Options {
        brokers: vec![broker.address()],
        security: kafka::Security::default(),
        topic: "coronaz".to_owned(),
        n_partitions: 2,
        n_replicas: 1,
        kept: event_log::embedded::MOST_KEPT,
        group: "epitrace".to_owned(),
    };
    let log = EventLog::Kafka(kafka::Log::open(options).await.unwrap().0);
    let (tell, mut told) = mpsc::unbounded_channel();
    let stop = Arc::new(AtomicBool::new(false));
    let producers: Vec<_> = (0..4u64)
        .map(|producer| tokio::spawn(produce(log.clone(), producer << 32, tell.clone(), Arc::clone(&stop))))
        .collect();
    let mut acknowledged = Vec::new();
    for _ in 0..400 {
        acknowledged.push(told.recv().await.unwrap());
    }
    let mut member = Member { consumer: log.consumer(), found: BTreeMap::new() };
    member.read(1).await;
    tokio::task::block_in_place(|| broker.kill()).unwrap();
    tokio::task::block_in_place(|| broker.start_again()).unwrap();
    // What was said before it was dead, and nobody had heard.
    while let Ok(one) = told.try_recv() {
        acknowledged.push(one);
    }
    for _ in 0..100 {
        acknowledged.push(told.recv().await.unwrap());
    }
    stop.store(true, Ordering::Relaxed);
    for producer in producers {
        producer.await.unwrap();
    }
    drop(tell);
    while let Some(one) = told.recv().await {
        acknowledged.push(one);
    }
    // The same consumer goes on, as if nothing had been.
    member.read(n_records(&log).await).await;
    let found = member.found;
    for (place, value) in &acknowledged {
        assert_eq!(found.get(place), Some(value), "{place:?} was acknowledged");
    }
    let mut values: Vec<u64> = found.values().copied().collect();
    values.sort_unstable();
    let n = values.len();
    values.dedup();
    assert_eq!(values.len(), n, "nothing is there twice");
}
