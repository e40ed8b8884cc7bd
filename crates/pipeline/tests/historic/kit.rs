//! A log of either kind, a store, and consumers between them.

use domain::ids::RunId;
use domain::runs::{Run, Statistics};
use event_log::{EventLog, Fetched, Polled, Record, embedded, kafka};
use jiff::Timestamp;
use pipeline::consumer::{Limits, Progress, Work};
use protocol::frames::Picture;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use storage::runs::{self, Encounter, FrameAt, LogPlace};
use storage::store::RunStore;
use testkit::Kit;
use testkit::database::options;
use testkit::kit::now;
use tokio::sync::watch;
use uuid::Uuid;

/// Partitions of a topic in Kafka.
pub const N_PARTITIONS: u32 = 3;
/// How many records a poll may bring when the whole log is read.
const MOST: event_log::Most = event_log::Most { records: 5_000, bytes: 8 << 20 };

pub struct Bench {
    pub log: EventLog,
    pub store: RunStore,
    brokers: Option<kafka::Options>,
}

/// The address of the broker that the test run started.
pub fn brokers() -> String {
    std::env::var("EPITRACE_TEST_KAFKA").expect(
        "no Apache Kafka to test on: run the tests with `make test` or `cargo xtask test`, which start one and name it in \
         EPITRACE_TEST_KAFKA",
    )
}

impl Bench {
    pub async fn embedded(kit: &Kit) -> Self {
        let options = embedded::Options {
            topic: "coronaz".to_owned(),
            fresh_id: Uuid::from_u128(77),
            segment_bytes: embedded::SEGMENT_BYTES,
        };
        let (log, _) = embedded::Log::open(&kit.database.folder.path().join("log"), options).unwrap();
        Self { log: EventLog::Embedded(log), store: store(kit).await, brokers: None }
    }

    /// On a topic of its own.
    pub async fn kafka(kit: &Kit) -> Self {
        let name = format!("t-{}", Uuid::new_v4().simple());
        let options = kafka::Options {
            brokers: vec![brokers()],
            security: kafka::Security::default(),
            topic: name.clone(),
            n_partitions: N_PARTITIONS,
            n_replicas: 1,
            kept: embedded::MOST_KEPT,
            group: name,
        };
        let (log, _) = kafka::Log::open(options.clone()).await.unwrap();
        Self { log: EventLog::Kafka(log), store: store(kit).await, brokers: Some(options) }
    }

    pub async fn send(&self, records: Vec<Record>) {
        for part in records.chunks(400) {
            self.log.produce(part.to_vec()).await.unwrap();
        }
    }

    pub fn work(&self, records: usize) -> (Work, watch::Receiver<Progress>) {
        let (progress, told) = watch::channel(Progress::default());
        let limits = Limits { records, time: Duration::ZERO, between: Duration::ZERO, ..Limits::default() };
        let work = Work { log: self.log.clone(), store: self.store.clone(), limits, clock: Arc::new(now), progress };
        (work, told)
    }

    pub async fn ends(&self) -> BTreeMap<u32, u64> {
        let mut ends = BTreeMap::new();
        for partition in 0..self.log.n_partitions() {
            ends.insert(partition, self.log.end_offset(partition).await.unwrap());
        }
        ends
    }

    /// How many records aren't stored.
    pub async fn n_left(&self) -> u64 {
        let mut n = 0;
        for (partition, end) in self.ends().await {
            let place = LogPlace {
                log_id: self.log.log_id(),
                topic: self.log.topic().to_owned(),
                partition: i32::try_from(partition).unwrap(),
            };
            n += end - runs::progress(&mut self.store.read().await.unwrap(), &place).await.unwrap().next;
        }
        n
    }

    /// Consumes up to the end of the log.
    pub async fn consume(&self, records: usize) -> Progress {
        let ends = self.ends().await;
        let (work, mut told) = self.work(records);
        let mut seen = told.clone();
        let is_done = move |progress: &Progress| ends.iter().all(|(of, end)| progress.next.get(of) == Some(end));
        work.run(async move { _ = told.wait_for(is_done).await }).await.unwrap();
        seen.borrow_and_update().clone()
    }

    /// Reads the whole log with a plain consumer, which nobody else's group knows of.
    pub async fn read_all(&self) -> Vec<Fetched> {
        let log = match &self.brokers {
            None => self.log.clone(),
            Some(options) => {
                let group = format!("{}-own", options.group);
                EventLog::Kafka(kafka::Log::open(kafka::Options { group, ..options.clone() }).await.unwrap().0)
            }
        };
        let n: u64 = self.ends().await.values().sum();
        let (mut consumer, mut all) = (log.consumer(), Vec::new());
        while (all.len() as u64) < n {
            match consumer.poll(MOST).await.unwrap() {
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

    pub async fn runs(&self) -> Vec<Run> {
        runs::newest(&mut self.store.read().await.unwrap(), 99).await.unwrap()
    }

    pub async fn insert(&self, run: &Run) {
        let mut tx = self.store.write().await.unwrap();
        runs::insert(&mut tx, run).await.unwrap();
        runs::update(&mut tx, run).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn end(&self, run: &Run, at: Timestamp) {
        let over = Run { clock: run.clock.stopped(at), ended_at: Some(at), ..run.clone() };
        let mut tx = self.store.write().await.unwrap();
        runs::update(&mut tx, &over).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn statistics(&self, run_id: RunId, second: u32) -> Statistics {
        let mut tx = self.store.read().await.unwrap();
        let key = runs::last_key_before(&mut tx, run_id, second).await.unwrap().unwrap();
        let mut chains: BTreeMap<i32, Picture> = BTreeMap::new();
        for frame in runs::frames_after(&mut tx, run_id, FrameAt::before(key), second, 1_000_000).await.unwrap() {
            let picture = chains.entry(frame.at.chain).or_default();
            picture.apply(&runs::unpacked(&frame.packed).unwrap()).unwrap();
        }
        let mut all = Picture::default();
        chains.values().for_each(|picture| all.unite(picture));
        all.statistics(second)
    }

    /// Numbers of nodes by their ids.
    pub async fn numbers(&self, run_id: RunId) -> BTreeMap<Uuid, u32> {
        let nodes = runs::nodes_of(&mut self.store.read().await.unwrap(), run_id, None, 10_000).await.unwrap();
        nodes.iter().filter_map(|node| Some((node.node_id?.0, node.no))).collect()
    }

    pub async fn encounters(&self, run_id: RunId) -> Vec<Encounter> {
        runs::encounters_of(&mut self.store.read().await.unwrap(), run_id, None, 100_000).await.unwrap()
    }

    pub async fn reasons(&self) -> Vec<String> {
        let letters = runs::dead_letters(&mut self.store.read().await.unwrap(), 999).await.unwrap();
        letters.into_iter().map(|letter| letter.reason).collect()
    }
}

async fn store(kit: &Kit) -> RunStore {
    RunStore::beside(&kit.store, &options(&kit.database.app)).await.unwrap()
}
