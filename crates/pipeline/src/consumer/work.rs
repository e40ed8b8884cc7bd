//! The consumer at work: it reads, waits until a batch is due, stores it, and goes on, whatever is away meanwhile.

use super::{Batch, ConsumerError, Lane, Limits, Stored};
use event_log::{Consumer, EventLog, EventLogError, Most, Polled};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use storage::runs::LogPlace;
use storage::store::RunStore;
use tokio::sync::watch;
use tokio::time::Instant;

/// How long it waits before it tries again, at first and at most.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// How it goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first record that isn't stored, by partition.
    pub next: HashMap<u32, u64>,
    /// What became of the records since the start.
    pub stored: Stored,
    /// Whether the last attempt to store failed.
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

/// A partition that this consumer has.
struct Held {
    lane: Lane,
    batch: Batch,
    due: Option<Instant>,
}

impl Work {
    /// Works until the log ends, which it does with its last handle or when `stop` is over. What is in hand then is stored
    /// first.
    ///
    /// # Errors
    ///
    /// [`ConsumerError::Log`] if the log is damaged or lost; [`ConsumerError::Frame`] if what was stored is. What passes is
    /// waited for.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), ConsumerError> {
        let mut consumer = self.log.consumer();
        let mut held: HashMap<u32, Held> = HashMap::new();
        let mut last_commit: Option<Instant> = None;
        tokio::pin!(stop);
        loop {
            let due = held.values().filter_map(|held| held.due).min();
            let room = held.values().map(|held| held.batch.room(&self.limits)).min().unwrap_or(self.limits.records);
            let most = Most { records: room.max(1), bytes: self.limits.bytes };
            tokio::select! {
                biased;
                () = &mut stop => break,
                () = until(due) => {}
                polled = consumer.poll(most) => match polled {
                    Ok(polled) => self.take(&mut consumer, &mut held, polled, last_commit).await?,
                    Err(EventLogError::Closed) => break,
                    Err(error) => return Err(error.into()),
                },
            }
            if self.store_due(&mut consumer, &mut held, Instant::now()).await? {
                last_commit = Some(Instant::now());
            }
        }
        for (partition, held) in &mut held {
            self.store(&mut consumer, *partition, held).await?;
        }
        Ok(())
    }

    async fn take(
        &self,
        consumer: &mut Consumer,
        held: &mut HashMap<u32, Held>,
        polled: Polled,
        last_commit: Option<Instant>,
    ) -> Result<(), ConsumerError> {
        match polled {
            Polled::Assigned(partitions) => {
                for partition in partitions {
                    let lane = self.begin(consumer, partition).await?;
                    held.insert(partition, Held { lane, batch: Batch::default(), due: None });
                }
            }
            Polled::Revoked(partitions) => {
                held.retain(|partition, _| !partitions.contains(partition));
            }
            Polled::Records { partition, records } => {
                let Some(held) = held.get_mut(&partition) else { return Ok(()) };
                held.batch.add(records);
                held.due = Some(held.batch.due(&self.limits, Instant::now(), held.due, last_commit));
            }
        }
        Ok(())
    }

    /// Stores the batches whose time has come. Returns whether there were any.
    async fn store_due(
        &self,
        consumer: &mut Consumer,
        held: &mut HashMap<u32, Held>,
        now: Instant,
    ) -> Result<bool, ConsumerError> {
        let mut any = false;
        for (partition, held) in held.iter_mut().filter(|(_, held)| held.due.is_some_and(|due| due <= now)) {
            self.store(consumer, *partition, held).await?;
            any = true;
        }
        Ok(any)
    }

    /// Stores a batch, however long the database is away.
    async fn store(&self, consumer: &mut Consumer, partition: u32, held: &mut Held) -> Result<(), ConsumerError> {
        held.due = None;
        let batch = std::mem::take(&mut held.batch);
        let mut wait = WAITS.0;
        while !batch.is_empty() {
            match held.lane.store(&self.store, &batch, (self.clock)()).await {
                Ok(Some(stored)) => {
                    let next = held.lane.next();
                    self.tell(partition, next, stored);
                    return Ok(consumer.commit(partition, next).await?);
                }
                Ok(None) => {
                    tracing::info!(partition, "another consumer stored this batch");
                    held.lane = self.begin(consumer, partition).await?;
                    return Ok(());
                }
                Err(ConsumerError::Storage(error)) => {
                    tracing::warn!(partition, %error, "a batch of reports waits for the database");
                    self.progress.send_modify(|progress| progress.is_stuck = true);
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAITS.1);
                    let before = held.lane.next();
                    held.lane = self.begin(consumer, partition).await?;
                    if held.lane.next() != before {
                        // The commit had reached the database after all: the records are read again from there.
                        return Ok(());
                    }
                    consumer.seek(partition, batch.end()).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn tell(&self, partition: u32, next: u64, stored: Stored) {
        self.progress.send_modify(|progress| {
            progress.next.insert(partition, next);
            progress.is_stuck = false;
            progress.stored.n_stored += stored.n_stored;
            progress.stored.n_again += stored.n_again;
            progress.stored.n_put_aside += stored.n_put_aside;
        });
    }

    /// Takes up a partition where the database says, and has the log read from there.
    async fn begin(&self, consumer: &mut Consumer, partition: u32) -> Result<Lane, ConsumerError> {
        let place = LogPlace {
            log_id: self.log.log_id(),
            topic: self.log.topic().to_owned(),
            partition: i32::try_from(partition).unwrap_or(i32::MAX),
        };
        let mut wait = WAITS.0;
        let lane = loop {
            match Lane::begin(&self.store, place.clone()).await {
                Ok(lane) => break lane,
                Err(ConsumerError::Storage(error)) => {
                    tracing::warn!(partition, %error, "the consumer waits for the database");
                    self.progress.send_modify(|progress| progress.is_stuck = true);
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAITS.1);
                }
                Err(error) => return Err(error),
            }
        };
        if self.log.continue_at(partition, lane.next()).await? {
            tracing::warn!(
                partition,
                next = lane.next(),
                "the log was shorter than what is stored of it; it goes on there"
            );
        }
        match consumer.seek(partition, lane.next()).await {
            Err(EventLogError::Gone { first, .. }) => {
                tracing::error!(partition, next = lane.next(), first, "records were deleted before they were stored");
                consumer.seek(partition, first).await?;
            }
            done => done?,
        }
        self.progress.send_modify(|progress| _ = progress.next.insert(partition, lane.next()));
        Ok(lane)
    }
}

async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}
