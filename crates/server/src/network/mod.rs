//! The proximity network inside a server: the event log, the consumer that stores what waits in it, the nodes that live here, and
//! the live pictures of those who watch.

mod consumer;
mod hosts;
mod live;
mod quiet;

pub(crate) use live::Live;

use app::runs::Viewer;
use bytes::Bytes;
use domain::ids::RunId;
use event_log::{EventLog, EventLogError, Record, embedded};
use jiff::Timestamp;
use pipeline::consumer::Progress;
use protocol::nodes::Kind;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use storage::store::RunStore;
use tokio::sync::{Notify, watch};

/// Seconds that a consumer may be behind before the picture is said to be late.
const LATE_AFTER_S: usize = 5;

/// Where reports wait and where they go.
#[derive(Debug)]
pub struct Network {
    log: embedded::Log,
    store: RunStore,
    progress: watch::Sender<Progress>,
    /// Ends of the log in the last seconds, the oldest first.
    ends: Mutex<VecDeque<u64>>,
    lives: Mutex<HashMap<RunId, Weak<Live>>>,
    run_was_made: Notify,
}

/// A report of a node, on its way into the log.
#[derive(Clone, Debug)]
pub struct Reported {
    /// By what reports of one node stay in order: its id.
    pub key: Bytes,
    /// The frame.
    pub bytes: Bytes,
}

impl Reported {
    /// Takes a frame that a node sent; `None` if it is no report.
    #[must_use]
    pub fn read(bytes: Bytes) -> Option<Self> {
        // Both kinds have the id of their node behind their first byte.
        matches!(Kind::of(&bytes)?, Kind::Report | Kind::United).then_some(())?;
        Some(Self { key: bytes.get(1..17).map(|_| bytes.slice(1..17))?, bytes })
    }
}

impl Network {
    /// Puts it together.
    #[must_use]
    pub fn new(log: embedded::Log, store: RunStore) -> Self {
        Self {
            log,
            store,
            progress: watch::Sender::default(),
            ends: Mutex::default(),
            lives: Mutex::default(),
            run_was_made: Notify::new(),
        }
    }

    fn log(&self) -> EventLog {
        EventLog::Embedded(self.log.clone())
    }

    /// Appends reports of a run to the log. When this returns, they are on the disk.
    ///
    /// # Errors
    ///
    /// [`EventLogError`]; some of them may be there.
    pub async fn publish(&self, run_id: RunId, reports: Vec<Reported>, now: Timestamp) -> Result<(), EventLogError> {
        let run = Bytes::from(run_id.to_string());
        let record = |report: Reported| Record::of_run(run.clone(), Some(report.key), report.bytes, now);
        let produced = self.log().produce(reports.into_iter().map(record).collect()).await;
        produced.inspect_err(end_if_lost).map(|_| ())
    }

    /// Says that there may be nodes to bring into being.
    pub(crate) fn run_was_made(&self) {
        self.run_was_made.notify_one();
    }

    /// Whether what was reported five seconds ago isn't stored yet.
    pub(crate) fn is_late(&self) -> bool {
        let progress = self.progress.borrow();
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = progress.next.get(&0).copied().unwrap_or(0);
        progress.is_stuck || (ends.len() > LATE_AFTER_S && ends.front().is_some_and(|end| stored < *end))
    }

    /// Notes where the log ends, once a second.
    fn note_end(&self) {
        let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        ends.push_back(self.log.end_offset());
        if ends.len() > LATE_AFTER_S + 1 {
            ends.pop_front();
        }
    }

    /// Joins those who watch a run.
    ///
    /// # Errors
    ///
    /// [`AppError`](app::AppError) if they may not see it, or it can't be read.
    pub(crate) async fn watch(
        self: &Arc<Self>,
        app: &app::App,
        viewer: Viewer<'_>,
        run_id: RunId,
    ) -> Result<Arc<Live>, app::AppError> {
        let run = app.run(viewer, run_id).await?;
        if let Some(live) = self.live_of(run_id) {
            return Ok(live);
        }
        let begun = Arc::new(Live::begin(run.clone(), app.watch_run(viewer, run_id).await?));
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        // Two may begin at once: the first stays.
        if let Some(live) = lives.get(&run_id).and_then(Weak::upgrade) {
            return Ok(live);
        }
        lives.retain(|_, live| live.strong_count() > 0);
        lives.insert(run_id, Arc::downgrade(&begun));
        tokio::spawn(live::keep(Arc::downgrade(&begun), app.clone(), Arc::clone(self), run_id));
        Ok(begun)
    }

    fn live_of(&self, run_id: RunId) -> Option<Arc<Live>> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner).get(&run_id).and_then(Weak::upgrade)
    }
}

/// Ends the process where nobody knows what is on the disk: every answer that it could still give might promise what is lost.
fn end_if_lost(error: &EventLogError) {
    if error.is_fatal() {
        tracing::error!(%error, "the event log is lost: the process ends, and another must take over");
        std::process::abort();
    }
}

/// Does what the network does beside requests, until the sender of `ending` says so; then stores what is in hand.
pub(crate) async fn work(platform: crate::Platform, network: Arc<Network>, ending: watch::Receiver<bool>) {
    let consuming = consumer::work(platform.clone(), Arc::clone(&network), ending.clone());
    let hosting = hosts::work(platform.clone(), Arc::clone(&network), ending.clone());
    let watching = quiet::work(platform, Arc::clone(&network), ending.clone());
    let noting = async {
        let mut next = tokio::time::interval(std::time::Duration::from_secs(1));
        let mut ending = ending;
        loop {
            tokio::select! {
                _ = next.tick() => network.note_end(),
                _ = ending.wait_for(|ends| *ends) => return,
            }
        }
    };
    tokio::join!(consuming, hosting, watching, noting);
}

impl Network {
    /// Deletes what is over in the log: what is stored after a day, all else after fourteen.
    ///
    /// # Errors
    ///
    /// [`EventLogError`] if the disk refuses.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, EventLogError> {
        self.log.sweep(now, jiff::SignedDuration::from_hours(24)).await
    }
}
