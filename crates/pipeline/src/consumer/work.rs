//! The consumer at work: it reads, waits until a batch is due, stores it, and goes on, whatever is away meanwhile.

use super::held::{Beginning, Going, Held, Patience};
use super::{ConsumerError, Lane, Limits, Stored};
use crate::cause;
use event_log::{Consumer, EventLog, EventLogError, Most, Polled};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;
use storage::runs::LogPlace;
use storage::store::RunStore;
use tokio::sync::watch;
use tokio::time::Instant;
use tracing::Instrument;

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first record that isn't stored, by partition: of those that this consumer has.
    pub next: HashMap<u32, u64>,
    /// What became of the records since the start.
    pub stored: Stored,
    /// Whether the last attempt to read or to store failed.
    pub is_stuck: bool,
}

/// What a consumer works with.
pub struct Work {
    /// Where reports come from.
    pub log: EventLog,
    /// Where they go.
    pub store: RunStore,
    /// When a batch ends.
    pub limits: Limits,
    /// What time it is.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Told after each batch.
    pub progress: watch::Sender<Progress>,
}

impl Work {
    /// Works until the log ends, which it does with its last handle or when `stop` is over. What is in hand then is stored
    /// first, if the database is there; else it is read again by whoever comes next.
    ///
    /// # Errors
    ///
    /// [`ConsumerError::Log`] if the log is damaged or lost, or its brokers refuse for more than some seconds. What passes is
    /// waited for, and so is what a person must mend in one partition.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ConsumerError> {
        let consumer = self.log.consumer();
        let (held, patience) = (BTreeMap::new(), Patience::default());
        let mut working = Working { work: self, consumer, held, last_commit: None, last_moved: None, patience };
        tokio::pin!(stop);
        loop {
            let (due, most, can_poll) = (working.due(), working.most(), working.can_poll());
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = until(due) => working.patience.is_due(Instant::now()),
                polled = working.consumer.poll(most), if can_poll => match polled {
                    Err(EventLogError::Closed) => break,
                    polled => working.hear(polled, Instant::now())?,
                },
            }
            working.do_due(Instant::now()).await?;
        }
        working.finish().await
    }
}

/// A consumer at work.
struct Working {
    work: Work,
    consumer: Consumer,
    held: BTreeMap<u32, Held>,
    last_commit: Option<Instant>,
    /// When pages were moved from SQLite's write-ahead log into the database.
    last_moved: Option<Instant>,
    patience: Patience,
}

/// How often that is done.
const MOVE_EVERY: Duration = Duration::from_secs(2);

impl Working {
    /// When something is to be done next.
    fn due(&self) -> Option<Instant> {
        self.held.values().filter_map(Held::due).chain(self.patience.due()).min()
    }

    /// Nothing is read while records might come of a partition that can't take them: the database is away then. Of one that
    /// wasn't said from where, none come.
    fn can_poll(&self) -> bool {
        let can_come = self.held.is_empty() || self.held.values().any(Held::is_going);
        self.patience.due().is_none() && can_come && self.held.values().all(|held| held.is_going() || !held.is_read())
    }

    fn most(&self) -> Most {
        let limits = &self.work.limits;
        let rooms = self.held.values().filter_map(|held| held.room(limits));
        Most { records: rooms.min().unwrap_or(limits.records).max(1), bytes: limits.bytes }
    }

    fn hear(&mut self, polled: event_log::Result<Polled>, now: Instant) -> Result<(), ConsumerError> {
        match polled {
            Ok(Polled::Assigned(partitions)) => {
                let begins = |partition| (partition, Held::Beginning(Beginning::at(now)));
                self.held.extend(partitions.into_iter().map(begins));
            }
            Ok(Polled::Revoked(partitions)) => {
                for partition in &partitions {
                    self.held.remove(partition);
                }
                self.work.progress.send_modify(|progress| progress.next.retain(|known, _| !partitions.contains(known)));
            }
            Ok(Polled::Records { partition, records }) => {
                if let Some(Held::Going(going)) = self.held.get_mut(&partition) {
                    going.batch.add(records);
                    going.due = Some(going.batch.due(&self.work.limits, now, going.due, self.last_commit));
                }
            }
            Err(EventLogError::Gone { partition, wanted, first }) => {
                tracing::error!(partition, wanted, first, "records were deleted before they were read");
                if let Some(Held::Going(going)) = self.held.get_mut(&partition) {
                    (going.is_cut, going.due) = (true, Some(now));
                }
            }
            Err(error @ EventLogError::Broker { .. }) if self.patience.bears(now) => {
                tracing::warn!(error = cause(&error), "reports of nodes wait for the brokers");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        }
        self.patience = Patience::default();
        Ok(())
    }

    /// Takes up and stores what is due.
    async fn do_due(&mut self, now: Instant) -> Result<(), ConsumerError> {
        let is_due = |held: &Held| held.due().is_some_and(|due| due <= now);
        let due: Vec<u32> =
            self.held.iter().filter(|(_, held)| is_due(held)).map(|(partition, _)| *partition).collect();
        for partition in due {
            let after = match self.held.remove(&partition) {
                Some(Held::Beginning(beginning)) => self.begin(partition, beginning).await?,
                Some(Held::Going(going)) => Some(self.store(partition, going).await?),
                None => None,
            };
            self.held.extend(after.map(|after| (partition, after)));
        }
        let is_stuck = self.patience.due().is_some() || self.held.values().any(Held::is_stuck);
        self.work.progress.send_if_modified(|progress| std::mem::replace(&mut progress.is_stuck, is_stuck) != is_stuck);
        Ok(())
    }

    /// Takes up a partition where the database says, and has the log read from there. `None` if it is another's by now.
    async fn begin(&mut self, partition: u32, beginning: Beginning) -> Result<Option<Held>, ConsumerError> {
        let log = &self.work.log;
        let place = LogPlace {
            log_id: log.log_id(),
            topic: log.topic().to_owned(),
            partition: i32::try_from(partition).unwrap_or(i32::MAX),
        };
        let lane = match Lane::begin(&self.work.store, place).await {
            Ok(lane) => lane,
            Err(error) => {
                tracing::warn!(partition, error = cause(&error), "the consumer waits for the database");
                return Ok(Some(beginning.later(Instant::now())));
            }
        };
        let next = lane.next();
        if !beginning.is_kept(next) {
            match self.seek(partition, next).await {
                Ok(()) => self.work.progress.send_modify(|progress| _ = progress.next.insert(partition, next)),
                Err(EventLogError::NotAssigned(_)) => return Ok(None),
                // Away, or no longer what was stored of it: the other partitions go on, and somebody is told.
                Err(
                    error @ (EventLogError::Broker { .. }
                    | EventLogError::Gone { .. }
                    | EventLogError::PastEnd { .. }
                    | EventLogError::OtherLog { .. }),
                ) => {
                    tracing::warn!(partition, error = cause(&error), "a partition can't be read just now");
                    return Ok(Some(beginning.later(Instant::now())));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Some(Held::Going(beginning.goes_on(lane))))
    }

    async fn seek(&mut self, partition: u32, next: u64) -> event_log::Result<()> {
        if self.work.log.continue_at(partition, next).await? {
            tracing::warn!(partition, next, "the log was shorter than what is stored of it; it goes on there");
        }
        match self.consumer.seek(partition, next).await {
            Err(EventLogError::Gone { first, .. }) => {
                tracing::error!(partition, next, first, "records were deleted before they were stored");
                self.consumer.seek(partition, first).await
            }
            done => done,
        }
    }

    /// Stores what is in hand of a partition.
    async fn store(&mut self, partition: u32, mut going: Going) -> Result<Held, ConsumerError> {
        let span = tracing::info_span!(target: "epitrace::traces", parent: None, "reports::store", otel.kind = "consumer", partition);
        let storing = going.lane.store(&self.work.store, &going.batch, (self.work.clock)());
        match storing.instrument(span).await {
            Ok(Some(stored)) => {
                let now = Instant::now();
                self.last_commit = Some(now);
                self.move_pages(now);
                self.tell(partition, going.lane.next(), stored).await?;
                Ok(going.after_storing(now))
            }
            Ok(None) => {
                tracing::info!(partition, "another consumer stored this batch");
                Ok(Held::Beginning(Beginning::again(Instant::now())))
            }
            Err(error @ ConsumerError::Log(_)) => Err(error),
            // Also what was stored of a run and can't be read: reports of other partitions go on.
            Err(error) => {
                tracing::warn!(partition, error = cause(&error), "a batch of reports waits for the database");
                Ok(Held::Beginning(going.keep(Instant::now())))
            }
        }
    }

    /// Has SQLite's pages moved behind the commits, every other second.
    fn move_pages(&mut self, now: Instant) {
        if self.last_moved.is_none_or(|last| now.duration_since(last) >= MOVE_EVERY) {
            self.last_moved = Some(now);
            self.work.store.checkpoint_behind();
        }
    }

    async fn tell(&mut self, partition: u32, next: u64, stored: Stored) -> Result<(), ConsumerError> {
        count(&stored);
        self.work.progress.send_modify(|progress| {
            progress.next.insert(partition, next);
            progress.stored.n_stored += stored.n_stored;
            progress.stored.n_again += stored.n_again;
            progress.stored.n_put_aside += stored.n_put_aside;
        });
        Ok(self.consumer.commit(partition, next).await?)
    }

    /// Stores what is in hand, once: whoever stops doesn't wait.
    async fn finish(mut self) -> Result<(), ConsumerError> {
        for (partition, held) in std::mem::take(&mut self.held) {
            if let Held::Going(going) = held {
                self.store(partition, going).await?;
            }
        }
        Ok(())
    }
}

fn count(stored: &Stored) {
    let all = [("stored", stored.n_stored), ("again", stored.n_again), ("put_aside", stored.n_put_aside)];
    for (what, n) in all {
        metrics::counter!("epitrace_reports_stored_total", "what" => what).increment(n as u64);
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
