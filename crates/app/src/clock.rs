//! Whether this host's clock may be believed: where something is ended that nothing brings back, and by whoever comes.

use crate::condition::SILENT_AFTER_S;
use crate::context::App;
use crate::error::{AppError, Result};
use jiff::{SignedDuration, Timestamp};
use storage::condition::{Beat, ServerState};
use uuid::Uuid;

/// From here on nothing can be trusted that has a time in it: a minute, in milliseconds. The page of operators calls it broken.
pub(crate) const WRONG_MS: i64 = 60_000;

/// What another server said is of just now if it is at most so much later than the database's time, in seconds: after a jump of that
/// clock it would be much later, or long ago.
const SPOKE_AHEAD_S: i64 = 5;

impl App {
    /// Says by how many seconds this clock is ahead of the database's if the server is to stand aside: if it is wrong, by more than a
    /// minute, and another server serves whose clock agrees with the database's. `None` if it is to serve.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub async fn stands_aside(&self, server_id: Uuid) -> Result<Option<i64>> {
        let mut tx = self.jobs_store.read_installation().await?;
        let asked = self.now();
        let Some(theirs) = storage::condition::clock(&mut tx).await? else { return Ok(None) };
        let ahead_ms = clock_ahead(asked, self.now(), theirs);
        if ahead_ms.abs() <= WRONG_MS {
            return Ok(None);
        }
        let servers = storage::condition::beats(&mut tx).await?;
        let serves = servers.iter().any(|other| other.server_id != server_id && serves_by_right_clock(other, theirs));
        Ok(serves.then_some(ahead_ms / 1_000))
    }

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

/// Whether a server said lately that it serves, by a clock that agrees with the database's.
fn serves_by_right_clock(server: &Beat, now: Timestamp) -> bool {
    let (since, until) = (SignedDuration::from_secs(-SPOKE_AHEAD_S), SignedDuration::from_secs(SILENT_AFTER_S));
    let is_right = server.clock_ahead_ms.is_some_and(|ahead_ms| ahead_ms.abs() <= WRONG_MS);
    is_right && server.state == ServerState::Serving && (since..=until).contains(&now.duration_since(server.seen_at))
}

/// How far a clock that was read twice is before one that was read in between, in milliseconds.
pub(crate) fn clock_ahead(before: Timestamp, after: Timestamp, theirs: Timestamp) -> i64 {
    let ours = i64::midpoint(before.as_millisecond(), after.as_millisecond());
    ours - theirs.as_millisecond()
}
