//! Batches: records that are stored together.

use event_log::Fetched;
use protocol::nodes::{Historic, Kind, ReportView};
use std::time::Duration;
use tokio::time::Instant;

/// When a batch ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Records, at most. The published system stored ten at a time.
    pub records: usize,
    /// Bytes of records, at most.
    pub bytes: usize,
    /// Time from its first record.
    pub time: Duration,
    /// Time from one commit to the next, at least: deaths end batches, and many may die at once.
    pub between: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { records: 10_000, bytes: 8 << 20, time: Duration::from_millis(250), between: Duration::from_millis(50) }
    }
}

/// Records of one partition on their way into the database.
#[derive(Debug, Default)]
pub struct Batch {
    records: Vec<Fetched>,
    n_bytes: usize,
    has_death: bool,
}

fn tells_death(value: &[u8]) -> bool {
    match Kind::of(value) {
        Some(Kind::Report) => ReportView::read(value).is_ok_and(|report| !report.state.alive),
        Some(Kind::Historic) => Historic::read(value).is_ok_and(|message| !message.alive),
        _ => false,
    }
}

impl Batch {
    /// Takes records that follow those that it has.
    pub fn add(&mut self, records: Vec<Fetched>) {
        for fetched in records {
            let value = &fetched.record.value;
            self.n_bytes += value.len();
            self.has_death |= tells_death(value);
            self.records.push(fetched);
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// When it is to be stored, after it took records at `now`: at once if it is full. If somebody died in it, as soon as commits
    /// may follow each other. Else when its time is over; `before` is what was said when it took records last.
    #[must_use]
    pub fn due(&self, limits: &Limits, now: Instant, before: Option<Instant>, last_commit: Option<Instant>) -> Instant {
        let in_time = before.unwrap_or(now + limits.time);
        if self.room(limits) == 0 || self.n_bytes >= limits.bytes {
            now
        } else if self.has_death {
            last_commit.map_or(now, |last| now.max(last + limits.between)).min(in_time)
        } else {
            in_time
        }
    }

    /// How many records it still takes.
    #[must_use]
    pub fn room(&self, limits: &Limits) -> usize {
        limits.records.saturating_sub(self.records.len())
    }

    /// Returns the offset after its last record; 0 if it has none.
    #[must_use]
    pub fn end(&self) -> u64 {
        self.records.last().map_or(0, |last| last.offset + 1)
    }

    /// Its records, by offset.
    #[must_use]
    pub fn records(&self) -> &[Fetched] {
        &self.records
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use domain::runs::{Health, NodeState, Position};
    use event_log::Record;
    use jiff::Timestamp;
    use protocol::nodes::Report;
    use uuid::Uuid;

    const LIMITS: Limits =
        Limits { records: 3, bytes: 1_000, time: Duration::from_secs(9), between: Duration::from_secs(2) };

    fn report(alive: bool) -> Fetched {
        let state = NodeState { position: Position { x: 1, y: 1 }, health: Health::Susceptible, alive };
        let (node, boot, seq, second) = (Uuid::nil(), 1, 1, 1);
        let report =
            Report { node, boot, seq, second, state, infected_by: None, steps: Vec::new(), contacts: Vec::new() };
        let value = Bytes::from(report.write().unwrap());
        Fetched { offset: 0, record: Record { key: None, headers: Vec::new(), value, at: Timestamp::UNIX_EPOCH } }
    }

    fn batch(records: Vec<Fetched>) -> Batch {
        let mut batch = Batch::default();
        batch.add(records);
        batch
    }

    #[test]
    fn a_batch_that_is_not_full_waits_for_more_until_its_time_is_over() {
        let (now, batch) = (Instant::now(), batch(vec![report(true)]));
        assert_eq!(batch.due(&LIMITS, now, None, None), now + LIMITS.time);
        let later = now + Duration::from_secs(4);
        assert_eq!(batch.due(&LIMITS, later, Some(now + LIMITS.time), Some(now)), now + LIMITS.time);
    }

    #[test]
    fn a_death_ends_a_batch_but_commits_keep_apart() {
        let (now, batch) = (Instant::now(), batch(vec![report(false), report(true)]));
        assert_eq!(batch.due(&LIMITS, now, None, None), now);
        let just_now = Some(now - Duration::from_secs(1));
        assert_eq!(batch.due(&LIMITS, now, None, just_now), now + Duration::from_secs(1));
        assert_eq!(batch.due(&LIMITS, now, Some(now), just_now), now, "never later than its time");
        assert_eq!(batch.due(&LIMITS, now, None, Some(now - Duration::from_secs(5))), now);
    }

    #[test]
    fn a_full_batch_waits_for_nothing() {
        let now = Instant::now();
        for last in [report(true), report(false)] {
            let batch = batch(vec![report(false), report(true), last]);
            assert_eq!(batch.due(&LIMITS, now, None, Some(now)), now);
        }
        let small = Limits { bytes: 30, ..LIMITS };
        assert_eq!(batch(vec![report(true)]).due(&small, now, None, Some(now)), now);
    }
}
