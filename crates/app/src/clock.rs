//! Whether this host's clock may be believed where something is ended that nothing brings back.

use crate::context::App;
use crate::error::{AppError, Result};
use jiff::Timestamp;

/// From here on nothing can be trusted that has a time in it: a minute, in milliseconds. The page of operators calls it broken.
pub(crate) const WRONG_MS: i64 = 60_000;

impl App {
    /// Refuses while this clock is more than a minute from the database's: one of the two is wrong, and what a wrong clock ends as
    /// over is gone for good. A file has no clock of its own.
    ///
    /// # Errors
    ///
    /// [`AppError::ClockOff`] if it is; [`AppError::Storage`] if the database can't be read.
    pub async fn require_right_clock(&self) -> Result<()> {
        let mut tx = self.jobs_store.read_installation().await?;
        let asked = self.now();
        let Some(theirs) = storage::condition::clock(&mut tx).await? else { return Ok(()) };
        let ahead_ms = clock_ahead(asked, self.now(), theirs);
        if ahead_ms.abs() > WRONG_MS { Err(AppError::ClockOff { ahead_s: ahead_ms / 1_000 }) } else { Ok(()) }
    }
}

/// How far a clock that was read twice is before one that was read in between, in milliseconds.
pub(crate) fn clock_ahead(before: Timestamp, after: Timestamp, theirs: Timestamp) -> i64 {
    let ours = i64::midpoint(before.as_millisecond(), after.as_millisecond());
    ours - theirs.as_millisecond()
}
