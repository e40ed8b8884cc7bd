//! The log in Apache Kafka as a server uses it: connected to in the background, waited for but not for long, and shared with
//! consumers in other processes.

use super::Unkept;
use app::condition::EventLogState;
use event_log::{EventLog, EventLogError, Record, kafka};
use pipeline::cause;
use pipeline::lag::{self, Lag, Looks};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use storage::store::RunStore;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

/// How long a report waits for the brokers before its node is told to send it again.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Bytes that may wait for the brokers; while there are more, nodes are told so at once.
const MOST_WAITING: usize = 64 << 20;
/// How long it waits before it tries the brokers again; each try is a knock every second, for ten.
const WAIT: Duration = Duration::from_secs(1);
/// How often it is looked how far the log is stored.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Brokers, and what is known of them.
#[derive(Debug)]
pub(super) struct Brokers {
    options: kafka::Options,
    /// Whether this server consumes too.
    pub(super) consumes: bool,
    /// Once they have answered.
    log: watch::Sender<Option<kafka::Log>>,
    looks: Mutex<Looks>,
    n_waiting: Arc<AtomicUsize>,
}

/// Bytes that wait for the brokers, until it is dropped.
struct Waiting {
    n_bytes: usize,
    of: Arc<AtomicUsize>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.of.fetch_sub(self.n_bytes, Ordering::Relaxed);
    }
}

impl Brokers {
    pub(super) fn new(options: kafka::Options, consumes: bool) -> Self {
        let (log, looks, n_waiting) = (watch::Sender::default(), Mutex::default(), Arc::default());
        Self { options, consumes, log, looks, n_waiting }
    }

    /// Appends records, and waits for that, but not for longer than whoever sent them. What the brokers take later is there
    /// twice when it is sent again, and counted once.
    pub(super) async fn append(&self, records: Vec<Record>) -> Result<(), Unkept> {
        let log = self.log.borrow().clone().ok_or(Unkept::NotConnected)?;
        let waiting = self.room_for(records.iter().map(|record| record.value.len()).sum())?;
        // In a task of its own: it counts as waiting for as long as the client library has it.
        let appending = tokio::spawn(async move {
            let appended = log.append(records).await;
            drop(waiting);
            appended
        });
        match tokio::time::timeout(PATIENCE, appending).await {
            // It fails only if the runtime ends.
            Ok(appended) => Ok(appended.map_err(|_| EventLogError::Closed)?.map(|_| ())?),
            Err(_) => Err(Unkept::Slow),
        }
    }

    fn room_for(&self, n_bytes: usize) -> Result<Waiting, Unkept> {
        let waiting = Waiting { n_bytes, of: Arc::clone(&self.n_waiting) };
        let before = self.n_waiting.fetch_add(n_bytes, Ordering::Relaxed);
        if before > MOST_WAITING { Err(Unkept::Slow) } else { Ok(waiting) }
    }

    /// Whether what was reported five seconds ago isn't stored yet, or nobody can say so.
    pub(super) fn is_late(&self) -> bool {
        self.looks.lock().unwrap_or_else(PoisonError::into_inner).is_late(Instant::now())
    }

    /// Says how the log stands, as far as was seen lately.
    pub(super) fn state(&self) -> EventLogState {
        let looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let nothing = EventLogState { kind: "brokers", ..EventLogState::default() };
        let Some(lags) = looks.last(Instant::now()) else { return nothing };
        EventLogState {
            answers: true,
            n_partitions: u32::try_from(lags.len()).ok(),
            n_waiting: Some(lags.iter().map(Lag::n_waiting).sum()),
            n_lost: Some(lags.iter().map(Lag::n_lost).sum()),
            is_another: lags.iter().any(Lag::is_another),
            ..nothing
        }
    }

    /// Returns the log once the brokers have answered.
    pub(super) async fn connected(&self) -> Option<EventLog> {
        let mut told = self.log.subscribe();
        // It fails only if there are no brokers any more.
        let log = told.wait_for(Option::is_some).await.ok()?;
        log.clone().map(EventLog::Kafka)
    }

    /// Connects, however long that takes; then looks once a second how far the log is stored. Never ends.
    pub(super) async fn watch(&self, store: &RunStore) {
        let log = self.connect().await;
        self.log.send_replace(Some(log.clone()));
        let log = EventLog::Kafka(log);
        let mut next = tokio::time::interval(LOOK_EVERY);
        next.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut was_seen = true;
        loop {
            next.tick().await;
            match lag::look(&log, store).await {
                Ok(lags) => {
                    was_seen = true;
                    self.looks.lock().unwrap_or_else(PoisonError::into_inner).note(Instant::now(), lags);
                }
                Err(error) => {
                    // Said once, not each second.
                    if std::mem::take(&mut was_seen) {
                        tracing::warn!(
                            error = cause(&error),
                            "it can't be seen whether reports wait: pictures of runs are said to be late"
                        );
                    }
                }
            }
        }
    }

    async fn connect(&self) -> kafka::Log {
        loop {
            match kafka::Log::open(self.options.clone()).await {
                Ok((log, opened)) => {
                    let (topic, n_partitions) = (log.topic(), log.n_partitions());
                    tracing::info!(
                        topic,
                        n_partitions,
                        is_new = opened.is_new,
                        "reports of nodes go into Apache Kafka"
                    );
                    return log;
                }
                Err(error @ EventLogError::Unfit { .. }) => {
                    tracing::error!(error = cause(&error), "nodes can't report: `epitrace doctor` says more");
                }
                Err(error) => {
                    let error: &(dyn std::error::Error + 'static) = &error;
                    tracing::warn!(error, "nodes can't report: the brokers don't answer");
                }
            }
            tokio::time::sleep(WAIT).await;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn nobody() -> Brokers {
        let options = kafka::Options {
            brokers: vec!["127.0.0.1:1".to_owned()],
            security: kafka::Security::default(),
            topic: "coronaz".to_owned(),
            n_partitions: 1,
            n_replicas: 1,
            kept: event_log::embedded::MOST_KEPT,
            group: "epitrace".to_owned(),
        };
        Brokers::new(options, true)
    }

    #[tokio::test]
    async fn without_brokers_nothing_is_kept_and_all_is_late() {
        let brokers = nobody();
        assert!(matches!(brokers.append(Vec::new()).await, Err(Unkept::NotConnected)));
        assert!(brokers.is_late());
    }

    #[test]
    fn what_waits_is_counted_until_it_is_over_and_beyond_the_most_nothing_is_added() {
        let brokers = nobody();
        let first = brokers.room_for(MOST_WAITING).unwrap();
        let second = brokers.room_for(1).unwrap();
        assert!(matches!(brokers.room_for(1), Err(Unkept::Slow)));
        assert_eq!(brokers.n_waiting.load(Ordering::Relaxed), MOST_WAITING + 1, "what was refused doesn't wait");
        drop((first, second));
        assert_eq!(brokers.n_waiting.load(Ordering::Relaxed), 0);
    }
}
