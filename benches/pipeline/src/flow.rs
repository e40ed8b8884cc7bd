//! The way of a report: appended to the log, read by consumers, stored in the database.

use crate::world::{BATCH, Batch, World};
use bytes::Bytes;
use domain::ids::{AccountId, RunId};
use domain::runs::{Hosting, Run, RunClock, Visibility};
use event_log::embedded::{Log, MOST_KEPT, Options, SEGMENT_BYTES};
use event_log::{EventLog, Place as LogPlace, Record, kafka};
use jiff::Timestamp;
use pipeline::consumer::{ConsumerError, Limits, Progress, Stored, Work};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use storage::runs;
use storage::store::{Durability, Place, RunStore, Store, StoreOptions};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

const FOLDER: &str = "target/bench-data/pipeline";

/// Partitions of a topic in Kafka, and the consumers that share them.
pub const N_PARTITIONS: u32 = 4;
pub const N_CONSUMERS: usize = 2;

/// Which log, and which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way<'a> {
    /// As a server without configuration has it: its own log, and SQLite.
    Own,
    /// Its own log, and PostgreSQL.
    OwnToPostgres(&'a Servers),
    /// Kafka and PostgreSQL, with several consumers.
    KafkaToPostgres(&'a Servers),
}

/// Servers that were started for the benchmark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Servers {
    /// PostgreSQL, as its superuser.
    pub postgres: String,
    /// A broker, as `host:port`.
    pub kafka: String,
    /// Where it keeps its topics.
    pub kafka_folder: PathBuf,
}

/// A fresh log, a fresh database with one run, and consumers between them.
pub struct Flow {
    pub folder: PathBuf,
    pub log: EventLog,
    pub store: RunStore,
    pub run_id: RunId,
    /// The first record that isn't stored, by partition.
    pub next: watch::Receiver<BTreeMap<u32, u64>>,
    consumers: Vec<Running>,
}

/// A consumer that runs.
struct Running {
    progress: watch::Receiver<Progress>,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<(), ConsumerError>>,
}

/// What a flow leaves.
pub struct Left {
    pub store: RunStore,
    pub run_id: RunId,
    /// What became of the records.
    pub stored: Stored,
    /// How many were read.
    pub n_read: u64,
    pub folder: PathBuf,
    pub topic: String,
}

/// Returns an empty folder.
pub fn fresh_folder(name: &str) -> PathBuf {
    let folder = Path::new(FOLDER).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

impl Flow {
    /// Opens all, as a server does.
    pub async fn begin(name: &str, world: &World, way: Way<'_>) -> Self {
        let folder = fresh_folder(name);
        let store = open_store(&folder, way).await;
        let run_id = make_run(&store, world).await;
        let log = open_log(&folder, way).await;
        let n_consumers = if matches!(way, Way::KafkaToPostgres(_)) { N_CONSUMERS } else { 1 };
        let (merged, next) = watch::channel(BTreeMap::new());
        let consumers = (0..n_consumers).map(|_| consume(&log, &store, &merged)).collect();
        let mut flow = Self { folder, log, store, run_id, next, consumers };
        flow.shared_out().await;
        flow
    }

    /// Waits until each consumer has its part of the partitions.
    async fn shared_out(&mut self) {
        let share = self.log.n_partitions() as usize / self.consumers.len();
        for running in &mut self.consumers {
            running.progress.wait_for(|progress| progress.next.len() == share).await.unwrap();
        }
    }

    /// Appends a batch; returns where its records went when none of them can be lost.
    pub async fn append(&self, batch: &Batch) -> Vec<LogPlace> {
        let run = Bytes::from(self.run_id.to_string());
        let now = Timestamp::now();
        let record = |at: &std::ops::Range<usize>| {
            let value = batch.bytes.slice(at.clone());
            // The id of the node stands after the first byte.
            Record::of_run(run.clone(), Some(value.slice(1..17)), value, now)
        };
        self.log.produce(batch.at.iter().map(record).collect()).await.unwrap()
    }

    /// Stores what is told of the first second.
    pub async fn first(&self, world: &World) {
        for batch in world.parts().0 {
            self.append(batch).await;
        }
        self.stored(world.n_first * BATCH).await;
    }

    /// Waits until so many reports are stored.
    pub async fn stored(&self, n_reports: usize) {
        let mut next = self.next.clone();
        next.wait_for(|next| next.values().sum::<u64>() >= n_reports as u64).await.unwrap();
    }

    /// Stops the consumers.
    pub async fn end(self) -> Left {
        let mut stored = Stored::default();
        for running in self.consumers {
            running.stop.send(()).unwrap();
            running.ended.await.unwrap().unwrap();
            let of_one = running.progress.borrow().stored;
            stored.n_stored += of_one.n_stored;
            stored.n_again += of_one.n_again;
            stored.n_put_aside += of_one.n_put_aside;
        }
        let n_read = self.next.borrow().values().sum();
        let topic = self.log.topic().to_owned();
        Left { store: self.store, run_id: self.run_id, stored, n_read, folder: self.folder, topic }
    }
}

async fn open_store(folder: &Path, way: Way<'_>) -> RunStore {
    let place = match way {
        Way::Own => Place::File(folder.join("epitrace.db")),
        Way::OwnToPostgres(servers) | Way::KafkaToPostgres(servers) => fresh_database(&servers.postgres).await,
    };
    let options = StoreOptions { place, durability: Durability::Synced, n_connections: 4 };
    RunStore::beside(&Store::open(&options).await.unwrap(), &options).await.unwrap()
}

/// Makes a database with the schema, in the place of the one before.
async fn fresh_database(server: &str) -> Place {
    use sqlx::{Connection, Executor, PgConnection};
    const NAME: &str = "bench_pipeline";
    let mut admin = PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    admin.execute("DROP DATABASE IF EXISTS bench_pipeline WITH (FORCE)").await.unwrap();
    admin.execute("CREATE DATABASE bench_pipeline OWNER epitrace_migrator").await.unwrap();
    let place = |role: &str| Place::Postgres(server.replacen("postgres@", &format!("{role}@"), 1) + "/" + NAME);
    let owner = StoreOptions { place: place("epitrace_migrator"), durability: Durability::Synced, n_connections: 1 };
    Store::migrate(&owner).await.unwrap();
    place("epitrace_app")
}

async fn make_run(store: &RunStore, world: &World) -> RunId {
    let now = Timestamp::now();
    let run_id = RunId::mint(now, [7; 10]);
    let run = Run {
        run_id,
        name: "Benchmark".to_owned(),
        owner: Some(AccountId(Uuid::from_u128(1))),
        visibility: Visibility::Staff,
        is_rehearsal: false,
        parameters: world.parameters,
        hosting: Hosting::Processes,
        created_at: now,
        ended_at: None,
        clock: RunClock::start(Duration::from_secs(1), now),
        n_safe: 0,
        n_infected: 0,
    };
    let mut tx = store.write().await.unwrap();
    runs::insert(&mut tx, &run).await.unwrap();
    tx.commit().await.unwrap();
    run_id
}

async fn open_log(folder: &Path, way: Way<'_>) -> EventLog {
    match way {
        Way::Own | Way::OwnToPostgres(_) => {
            let options =
                Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(1), segment_bytes: SEGMENT_BYTES };
            EventLog::Embedded(Log::open(&folder.join("log"), options).unwrap().0)
        }
        Way::KafkaToPostgres(servers) => topic(servers, N_PARTITIONS).await,
    }
}

/// Makes a topic of its own.
pub async fn topic(servers: &Servers, n_partitions: u32) -> EventLog {
    let name = format!("bench-{}", Uuid::new_v4().simple());
    let options = kafka::Options {
        brokers: vec![servers.kafka.clone()],
        security: kafka::Security::default(),
        topic: name.clone(),
        n_partitions,
        n_replicas: 1,
        kept: MOST_KEPT,
        group: name,
    };
    EventLog::Kafka(kafka::Log::open(options).await.unwrap().0)
}

/// Starts a consumer, which tells how far it is.
fn consume(log: &EventLog, store: &RunStore, merged: &watch::Sender<BTreeMap<u32, u64>>) -> Running {
    let (told, progress) = watch::channel(Progress::default());
    let (stop, stopped) = oneshot::channel();
    let work = Work {
        log: log.clone(),
        store: store.clone(),
        limits: Limits::default(),
        clock: Arc::new(Timestamp::now),
        progress: told,
    };
    let ended = tokio::spawn(work.run(async { _ = stopped.await }));
    let (merged, mut heard) = (merged.clone(), progress.clone());
    tokio::spawn(async move {
        while heard.changed().await.is_ok() {
            let next = heard.borrow_and_update().next.clone();
            merged.send_modify(|merged| {
                for (partition, next) in next {
                    let known = merged.entry(partition).or_default();
                    *known = next.max(*known);
                }
            });
        }
    });
    Running { progress, stop, ended }
}

/// Returns how many bytes a folder holds of files whose names begin so; 0 if there is no such folder.
pub fn n_bytes(folder: &Path, begin: &str) -> u64 {
    if !folder.exists() {
        return 0;
    }
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(begin));
    named.map(|entry| entry.metadata().unwrap().len()).sum()
}
