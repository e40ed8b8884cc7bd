//! The way of a report: appended to the embedded log, read by the consumer, stored in SQLite.

use crate::world::{BATCH, Batch, World};
use bytes::Bytes;
use domain::ids::{AccountId, RunId};
use domain::runs::{Hosting, Run, RunClock, Visibility};
use event_log::embedded::{Log, Options, SEGMENT_BYTES};
use event_log::{EventLog, Record};
use jiff::Timestamp;
use pipeline::consumer::{ConsumerError, Limits, Progress, Work};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use storage::runs;
use storage::store::{Durability, Place, RunStore, Store, StoreOptions};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

const FOLDER: &str = "target/bench-data/pipeline";

/// A fresh log, a fresh database with one run, and the consumer between them.
pub struct Flow {
    pub folder: PathBuf,
    pub log: EventLog,
    pub store: RunStore,
    pub run_id: RunId,
    pub progress: watch::Receiver<Progress>,
    stop: oneshot::Sender<()>,
    consumer: JoinHandle<Result<(), ConsumerError>>,
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
    pub async fn begin(name: &str, world: &World) -> Self {
        let folder = fresh_folder(name);
        let place = Place::File(folder.join("epitrace.db"));
        let options = StoreOptions { place, durability: Durability::Synced, n_connections: 4 };
        let store = RunStore::beside(&Store::open(&options).await.unwrap(), &options).await.unwrap();
        let now = Timestamp::now();
        let run_id = RunId::mint(now, [7; 10]);
        let run = Run {
            run_id,
            name: "Benchmark".to_owned(),
            owner: AccountId(Uuid::from_u128(1)),
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
        let options =
            Options { topic: "coronaz".to_owned(), fresh_id: Uuid::from_u128(1), segment_bytes: SEGMENT_BYTES };
        let log = EventLog::Embedded(Log::open(&folder.join("log"), options).unwrap().0);
        let (told, progress) = watch::channel(Progress::default());
        let (stop, stopped) = oneshot::channel();
        let work = Work {
            log: log.clone(),
            store: store.clone(),
            limits: Limits::default(),
            clock: Arc::new(Timestamp::now),
            progress: told,
        };
        let consumer = tokio::spawn(work.run(async { _ = stopped.await }));
        Self { folder, log, store, run_id, progress, stop, consumer }
    }

    /// Appends a batch; returns when none of it can be lost.
    pub async fn append(&self, batch: &Batch) {
        let run = Bytes::from(self.run_id.to_string());
        let now = Timestamp::now();
        let record = |at: &std::ops::Range<usize>| {
            let value = batch.bytes.slice(at.clone());
            // The id of the node stands after the first byte.
            Record::of_run(run.clone(), Some(value.slice(1..17)), value, now)
        };
        self.log.produce(batch.at.iter().map(record).collect()).await.unwrap();
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
        let mut progress = self.progress.clone();
        progress.wait_for(|progress| stored(progress) >= n_reports as u64).await.unwrap();
    }

    /// Stops the consumer.
    pub async fn end(self) -> (RunStore, RunId, Progress, PathBuf) {
        self.stop.send(()).unwrap();
        self.consumer.await.unwrap().unwrap();
        let progress = self.progress.borrow().clone();
        (self.store, self.run_id, progress, self.folder)
    }
}

/// Returns the offset of the first report that isn't stored.
pub fn stored(progress: &Progress) -> u64 {
    progress.next.get(&0).copied().unwrap_or(0)
}

/// Returns how many bytes a folder holds of files whose names begin so.
pub fn n_bytes(folder: &Path, begin: &str) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(begin));
    named.map(|entry| entry.metadata().unwrap().len()).sum()
}
