//! Batches: records that are stored together.

use event_log::Fetched;
use protocol::nodes::ReportView;
use std::time::Duration;

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

impl Batch {
    /// Takes records that follow those that it has.
    pub fn add(&mut self, records: Vec<Fetched>) {
        for fetched in records {
            let value = &fetched.record.value;
            self.n_bytes += value.len();
            self.has_death |= ReportView::read(value).is_ok_and(|report| !report.state.alive);
            self.records.push(fetched);
        }
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether it must wait no longer than from one commit to the next: it is full, or somebody died.
    #[must_use]
    pub fn is_due(&self, limits: &Limits) -> bool {
        self.has_death || self.room(limits) == 0 || self.n_bytes >= limits.bytes
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
