//! A throw-away log, and words to talk to it.

use bytes::Bytes;
use event_log::embedded::{Log, Opened, Options};
use event_log::{Consumer, EventLog, Fetched, Most, Polled, Record, kafka};
use jiff::Timestamp;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What a log of the suite is kept in. Another kind of log is another variant, and each contract runs on it too.
pub enum Backend {
    Embedded { folder: tempfile::TempDir },
    Kafka { options: kafka::Options },
}

/// A log that can be closed and opened again.
pub struct Kit {
    backend: Backend,
    log: Option<EventLog>,
}

impl Kit {
    /// A log of its own, in small segments, so that there are many.
    pub async fn embedded() -> Self {
        Self::new(Backend::Embedded { folder: tempfile::tempdir().unwrap() }).await
    }

    /// A topic of its own, with one partition, on the brokers of the test run.
    pub async fn kafka() -> Self {
        Self::kafka_with(1).await
    }

    /// A topic of its own with so many partitions.
    pub async fn kafka_with(n_partitions: u32) -> Self {
        Self::new(Backend::Kafka { options: kafka_options(&brokers(), n_partitions) }).await
    }

    async fn new(backend: Backend) -> Self {
        let mut kit = Self { backend, log: None };
        kit.reopen().await;
        kit
    }

    pub fn log(&self) -> &EventLog {
        self.log.as_ref().unwrap()
    }

    /// Closes the log and opens it again, as after the process ended.
    pub async fn reopen(&mut self) {
        self.log = None;
        self.log = Some(match &self.backend {
            Backend::Embedded { folder } => EventLog::Embedded(open(folder.path()).0),
            Backend::Kafka { options } => EventLog::Kafka(kafka::Log::open(options.clone()).await.unwrap().0),
        });
    }

    /// Closes the log; what it is kept in stays as long as what is returned.
    pub fn close(self) -> Backend {
        self.backend
    }

    /// Appends values and returns their offsets.
    pub async fn produce(&self, values: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let records = values.into_iter().map(|value| record(value, 0)).collect();
        let places = self.log().produce(records).await.unwrap();
        places.iter().map(|place| place.offset).collect()
    }

    /// A consumer that begins at an offset.
    pub async fn consumer(&self, from: u64) -> Consumer {
        let mut consumer = self.log().consumer();
        assert_eq!(consumer.poll(MANY).await.unwrap(), Polled::Assigned(vec![0]));
        consumer.seek(0, from).await.unwrap();
        consumer
    }

    /// Every value that is there, from an offset to the end, with its offset.
    pub async fn values(&self, from: u64) -> Vec<(u64, u64)> {
        let end = self.log().end_offset(0).await.unwrap();
        let mut consumer = self.consumer(from).await;
        let mut found: Vec<(u64, u64)> = Vec::new();
        while found.last().map_or(from, |(offset, _)| offset + 1) < end {
            found.extend(next(&mut consumer, MANY).await.iter().map(|fetched| (fetched.offset, value(fetched))));
        }
        found
    }
}

/// More than any test has.
pub const MANY: Most = Most { records: 10_000, bytes: 1 << 20 };

/// Polls until records come.
pub async fn next(consumer: &mut Consumer, most: Most) -> Vec<Fetched> {
    match consumer.poll(most).await.unwrap() {
        Polled::Records { partition: 0, records } => records,
        other => panic!("{other:?}"),
    }
}

/// A record with a number in it, so many hours after the beginning.
pub fn record(value: u64, hour: i64) -> Record {
    let at = Timestamp::from_second(1_800_000_000 + hour * 3_600).unwrap();
    let key = Bytes::from(vec![value as u8; 3]);
    Record::of_run(Bytes::from_static(b"run-1"), Some(key), Bytes::from(value.to_le_bytes().to_vec()), at)
}

/// The number in a record.
pub fn value(fetched: &Fetched) -> u64 {
    u64::from_le_bytes(fetched.record.value[..].try_into().unwrap())
}

/// The address of the brokers that the test run started.
pub fn brokers() -> String {
    std::env::var("EPITRACE_TEST_KAFKA").expect(
        "no Apache Kafka to test on: run the tests with `make test` or `cargo xtask test`, which start one and name it in \
         EPITRACE_TEST_KAFKA",
    )
}

/// A topic and a group that nobody else uses.
pub fn kafka_options(brokers: &str, n_partitions: u32) -> kafka::Options {
    let name = format!("t-{}", Uuid::new_v4().simple());
    kafka::Options {
        brokers: vec![brokers.to_owned()],
        security: kafka::Security::default(),
        topic: name.clone(),
        n_partitions,
        n_replicas: 1,
        kept: event_log::embedded::MOST_KEPT,
        group: name,
    }
}

pub fn options() -> Options {
    Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(42), segment_bytes: 2_000 }
}

/// Opens an embedded log.
pub fn open(folder: &Path) -> (Log, Opened) {
    Log::open(folder, options()).unwrap()
}

/// The segments of an embedded log, the earliest first.
pub fn segments(folder: &Path) -> Vec<PathBuf> {
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|ending| ending == "log")).collect();
    paths.sort();
    paths
}

/// Appends batches to an embedded log, each of so many values, counted on.
pub async fn fill(log: &Log, batches: &[u64]) {
    for n in batches {
        let first = log.end_offset();
        let offsets = log.append((first..first + n).map(|value| record(value, 0)).collect()).await.unwrap();
        assert_eq!(offsets, first..first + n);
    }
}

/// Defines tests that every log must pass: `async fn name(kit) { … }` becomes `name::on_embedded` and `name::on_kafka`.
macro_rules! contract {
    ($($(#[$meta:meta])* async fn $name:ident($kit:ident) $body:block)*) => {$(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            #[allow(unused_mut)]
            async fn holds(mut $kit: crate::kit::Kit) $body

            #[tokio::test]
            async fn on_embedded() {
                holds(crate::kit::Kit::embedded().await).await;
            }

            #[tokio::test]
            async fn on_kafka() {
                holds(crate::kit::Kit::kafka().await).await;
            }
        }
    )*};
}
pub(crate) use contract;
