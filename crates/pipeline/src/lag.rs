//! How far the log is ahead of what is stored, whoever stores it.
//!
//! Consumers may be in other processes, so the end of each partition is asked of the log, and what is stored of the database.

use crate::consumer::ConsumerError;
use event_log::{EventLog, EventLogError};
use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;
use storage::runs;
use storage::store::RunStore;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Time after which what was reported should be stored.
const LATE_AFTER: Duration = Duration::from_secs(5);
/// Time after which a look says nothing of now any more. There is one a second.
const STALE_AFTER: Duration = Duration::from_secs(3);

/// How a partition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Which.
    pub partition: u32,
    /// The first offset that isn't deleted.
    pub first: u64,
    /// The offset that the next record gets.
    pub end: u64,
    /// The first offset that isn't stored.
    pub next: u64,
    /// How many records were deleted before they were stored.
    pub n_gaps: u64,
}

impl Lag {
    /// Counts the records that wait to be stored.
    #[must_use]
    pub fn n_waiting(&self) -> u64 {
        self.end.saturating_sub(self.next.max(self.first))
    }

    /// Counts the records that were deleted before they were stored, also before a consumer has noticed.
    #[must_use]
    pub fn n_lost(&self) -> u64 {
        self.n_gaps + self.first.saturating_sub(self.next)
    }

    /// Whether more is stored than there is: it is another log, or lost its end, and nobody will store what comes.
    #[must_use]
    pub fn is_another(&self) -> bool {
        self.next > self.end
    }
}

/// Looks how all partitions stand, in their order.
///
/// # Errors
///
/// [`ConsumerError`] if the database or the log can't be asked.
pub async fn look(log: &EventLog, store: &RunStore) -> Result<Vec<Lag>, ConsumerError> {
    let mut tx = store.read().await?;
    let stored = runs::progress_of_topic(&mut tx, &log.log_id(), log.topic()).await?;
    drop(tx);
    let mut asked = JoinSet::new();
    for partition in 0..log.n_partitions() {
        let log = log.clone();
        asked.spawn(async move { Ok::<_, EventLogError>((partition, bounds(&log, partition).await?)) });
    }
    let mut lags = Vec::new();
    while let Some(answer) = asked.join_next().await {
        // It fails only if the runtime ends.
        let (partition, Range { start: first, end }) = answer.map_err(|_| EventLogError::Closed)??;
        let progress = i32::try_from(partition).ok().and_then(|partition| stored.get(&partition));
        let progress = progress.copied().unwrap_or_default();
        lags.push(Lag { partition, first, end, next: progress.next, n_gaps: progress.n_gaps });
    }
    lags.sort_unstable_by_key(|lag| lag.partition);
    Ok(lags)
}

async fn bounds(log: &EventLog, partition: u32) -> Result<Range<u64>, EventLogError> {
    match log {
        // Both at once: each is a way to the brokers.
        EventLog::Kafka(log) => log.bounds(partition).await,
        EventLog::Embedded(_) => Ok(log.first_offset(partition).await?..log.end_offset(partition).await?),
    }
}

/// The looks of the last seconds.
#[derive(Debug, Default)]
pub struct Looks {
    /// The earliest first.
    looks: VecDeque<(Instant, Vec<Lag>)>,
}

impl Looks {
    /// Notes a look.
    pub fn note(&mut self, at: Instant, lags: Vec<Lag>) {
        // What was there before nobody could look says nothing of what came meanwhile.
        if self.looks.back().is_some_and(|(last, _)| at.duration_since(*last) >= STALE_AFTER) {
            self.looks.clear();
        }
        self.looks.push_back((at, lags));
        // One stays that is old enough to be compared with.
        while self.looks.get(1).is_some_and(|(next, _)| at.duration_since(*next) >= LATE_AFTER) {
            self.looks.pop_front();
        }
    }

    /// Returns what was seen last, unless that says nothing of now any more.
    #[must_use]
    pub fn last(&self, now: Instant) -> Option<&[Lag]> {
        let (at, lags) = self.looks.back()?;
        (now.duration_since(*at) < STALE_AFTER).then_some(lags)
    }

    /// Whether what was there five seconds ago isn't stored yet, or nobody can say so. Who began to look later compares with
    /// the first look.
    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        let (Some((_, before)), Some((at, last))) = (self.looks.front(), self.looks.back()) else { return true };
        let is_behind = |(before, last): (&Lag, &Lag)| last.next.max(last.first) < before.end || last.is_another();
        now.duration_since(*at) >= STALE_AFTER || before.len() != last.len() || before.iter().zip(last).any(is_behind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lag(first: u64, end: u64, next: u64) -> Lag {
        Lag { partition: 0, first, end, next, n_gaps: 0 }
    }

    #[test]
    fn what_is_deleted_does_not_wait() {
        assert_eq!(lag(0, 10, 4).n_waiting(), 6);
        assert_eq!(lag(8, 10, 4).n_waiting(), 2);
        assert_eq!(lag(10, 10, 0).n_waiting(), 0);
        assert_eq!(lag(0, 10, 12).n_waiting(), 0);
    }

    /// Looks, one a second, and whether it is late right after the last.
    fn check(looks: &[Lag], expected: bool) {
        let (mut noted, mut at) = (Looks::default(), Instant::now());
        for lag in looks {
            at += Duration::from_secs(1);
            noted.note(at, vec![*lag]);
        }
        assert_eq!(noted.is_late(at), expected, "{looks:?}");
        assert!(noted.is_late(at + STALE_AFTER), "nobody can say it any more");
    }

    #[test]
    fn it_is_late_when_what_was_there_five_seconds_ago_is_not_stored() {
        check(&[], true);
        check(&[lag(0, 10, 10)], false);
        check(&[lag(0, 10, 9)], true);
        check(&[lag(0, 10, 9), lag(0, 20, 10)], false);
        let behind = |n_records: u64| -> Vec<Lag> {
            (1..20).map(|second| lag(0, second * 100, (second * 100_u64).saturating_sub(n_records))).collect()
        };
        check(&behind(450), false);
        check(&behind(550), true);
    }

    #[test]
    fn a_partition_whose_records_are_all_gone_is_not_late_and_one_that_is_shorter_than_what_is_stored_is() {
        check(&[lag(10, 10, 0)], false);
        check(&[lag(0, 5, 6)], true);
    }
}
