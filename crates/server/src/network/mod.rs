//! The proximity network inside a server: the event log, the consumer that stores what waits in it, the nodes that live here, and
//! the live pictures of those who watch.

mod brokers;
mod consumer;
mod hosts;
mod live;
mod quiet;

pub(crate) use live::Live;

use app::condition::EventLogState;
use app::runs::Viewer;
use brokers::Brokers;
use bytes::Bytes;
use domain::ids::RunId;
use event_log::{EventLog, EventLogError, Record, embedded, kafka};
use jiff::Timestamp;
use pipeline::cause;
use pipeline::consumer::Progress;
use protocol::nodes::Kind;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use storage::store::RunStore;
use tokio::sync::{Notify, watch};

/// Seconds that a consumer may be behind before the picture is said to be late.
const LATE_AFTER_S: usize = 5;

/// Why reports aren't kept. Whoever sent them keeps them and sends them again.
#[derive(Debug, thiserror::Error)]
pub enum Unkept {
    /// No broker has answered since the server was started.
    #[error("the brokers haven't answered yet")]
    NotConnected,
    /// The brokers take too long. They may take it later: then it is there twice.
    #[error("the brokers take too long")]
    Slow,
    /// The log doesn't take it.
    #[error(transparent)]
    Log(#[from] EventLogError),
}

/// Where reports wait.
#[derive(Debug)]
enum Source {
    /// In files of this process.
    Embedded(embedded::Log),
    /// In Apache Kafka.
    Brokers(Box<Brokers>),
}

/// Where reports wait and where they go.
#[derive(Debug)]
pub struct Network {
    source: Source,
    store: RunStore,
    progress: watch::Sender<Progress>,
    /// Ends of the log in the last seconds, the oldest first.
    ends: Mutex<VecDeque<u64>>,
    lives: Mutex<HashMap<RunId, Weak<Live>>>,
    run_was_made: Notify,
    /// Whether the last reports couldn't be kept.
    keeps_nothing: AtomicBool,
}

/// Who stores the reports that wait at brokers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consumption {
    /// By this server too, as a member of the group.
    Here,
    /// By other processes only.
    Elsewhere,
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
    /// Puts it together, with a log in files of this process.
    #[must_use]
    pub fn embedded(log: embedded::Log, store: RunStore) -> Self {
        Self::over(Source::Embedded(log), store)
    }

    /// Puts it together, with a log in Apache Kafka. The brokers may be away: nodes can't report until they answer.
    #[must_use]
    pub fn over_brokers(options: kafka::Options, consumption: Consumption, store: RunStore) -> Self {
        let brokers = Brokers::new(options, consumption == Consumption::Here);
        Self::over(Source::Brokers(Box::new(brokers)), store)
    }

    fn over(source: Source, store: RunStore) -> Self {
        Self {
            source,
            store,
            progress: watch::Sender::default(),
            ends: Mutex::default(),
            lives: Mutex::default(),
            run_was_made: Notify::new(),
            keeps_nothing: AtomicBool::new(false),
        }
    }

    /// Returns the log that this server consumes, once it is there; `None` if others do.
    async fn to_consume(&self) -> Option<EventLog> {
        match &self.source {
            Source::Embedded(log) => Some(EventLog::Embedded(log.clone())),
            Source::Brokers(brokers) if brokers.consumes => brokers.connected().await,
            Source::Brokers(_) => None,
        }
    }

    /// Appends reports of a run to the log. When this returns, they are on the disk, or on as many brokers as must have them.
    /// That takes less than two seconds, or fails.
    ///
    /// # Errors
    ///
    /// [`Unkept`]; some of them may be there.
    pub async fn publish(&self, run_id: RunId, reports: Vec<Reported>, now: Timestamp) -> Result<(), Unkept> {
        let (run, n_reports) = (Bytes::from(run_id.to_string()), reports.len() as u64);
        let record = |report: Reported| Record::of_run(run.clone(), Some(report.key), report.bytes, now);
        let records = reports.into_iter().map(record).collect();
        let kept = match &self.source {
            Source::Embedded(log) => {
                log.append(records).await.inspect_err(end_if_lost).map(|_| ()).map_err(Unkept::from)
            }
            Source::Brokers(brokers) => brokers.append(records).await,
        };
        self.say_once(&kept);
        let label = if kept.is_ok() { "yes" } else { "no" };
        metrics::counter!("epitrace_reports_published_total", "kept" => label).increment(n_reports);
        kept
    }

    /// Says when reports can't be kept, and when they are again: not for each report.
    fn say_once(&self, kept: &Result<(), Unkept>) {
        match kept {
            Ok(()) if self.keeps_nothing.swap(false, Ordering::Relaxed) => tracing::info!("reports are kept again"),
            Ok(()) | Err(Unkept::Log(EventLogError::TooLarge { .. })) => {}
            Err(error) if !self.keeps_nothing.swap(true, Ordering::Relaxed) => {
                tracing::warn!(error = cause(error), "reports can't be kept: nodes keep them and send them again");
            }
            Err(_) => {}
        }
    }

    /// Says that there may be nodes to bring into being.
    pub(crate) fn run_was_made(&self) {
        self.run_was_made.notify_one();
    }

    /// Whether what was reported five seconds ago isn't stored yet.
    pub(crate) fn is_late(&self) -> bool {
        if let Source::Brokers(brokers) = &self.source {
            return brokers.is_late();
        }
        let progress = self.progress.borrow();
        let ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
        let stored = progress.next.get(&0).copied().unwrap_or(0);
        progress.is_stuck || (ends.len() > LATE_AFTER_S && ends.front().is_some_and(|end| stored < *end))
    }

    /// Says how the log stands.
    pub(crate) fn state(&self) -> EventLogState {
        match &self.source {
            Source::Brokers(brokers) => brokers.state(),
            Source::Embedded(log) => {
                let progress = self.progress.borrow();
                let (end, stored) = (log.end_offset(), progress.next.get(&0).copied());
                EventLogState {
                    kind: "folder",
                    answers: true,
                    n_partitions: Some(1),
                    n_waiting: stored.map(|next| end.saturating_sub(next)),
                    n_lost: None,
                    is_another: stored.is_some_and(|next| next > end),
                }
            }
        }
    }

    /// Watches how far the log is stored. Never ends.
    async fn watch_log(&self) {
        let log = match &self.source {
            Source::Brokers(brokers) => return brokers.watch(&self.store).await,
            Source::Embedded(log) => log,
        };
        let mut next = tokio::time::interval(std::time::Duration::from_secs(1));
        loop {
            next.tick().await;
            let mut ends = self.ends.lock().unwrap_or_else(PoisonError::into_inner);
            ends.push_back(log.end_offset());
            if ends.len() > LATE_AFTER_S + 1 {
                ends.pop_front();
            }
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
        tracing::error!(error = cause(error), "the event log is lost: the process ends, and another must take over");
        std::process::abort();
    }
}

/// Does what the network does beside requests, until the sender of `ending` says so; then stores what is in hand.
pub(crate) async fn work(platform: crate::Platform, network: Arc<Network>, ending: watch::Receiver<bool>) {
    let consuming = consumer::work(platform.clone(), Arc::clone(&network), ending.clone());
    let hosting = hosts::work(platform.clone(), Arc::clone(&network), ending.clone());
    let watching = quiet::work(platform, Arc::clone(&network), ending.clone());
    let looking = async {
        let mut ending = ending;
        tokio::select! {
            () = network.watch_log() => {}
            _ = ending.wait_for(|ends| *ends) => {}
        }
    };
    tokio::join!(consuming, hosting, watching, looking);
}

impl Network {
    /// Deletes what is over in the log: what is stored after a day, all else after fourteen. Brokers do that by themselves.
    ///
    /// # Errors
    ///
    /// [`EventLogError`] if the disk refuses.
    pub(crate) async fn sweep(&self, now: Timestamp) -> Result<usize, EventLogError> {
        match &self.source {
            Source::Embedded(log) => log.sweep(now, jiff::SignedDuration::from_hours(24)).await,
            Source::Brokers(_) => Ok(0),
        }
    }
}
