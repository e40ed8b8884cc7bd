//! A host at work, by the clock of its run: four tasks, which move and decide, beacon, listen, and report.
//!
//! The clock is that of [`RunControl`], read each second. When nobody answers, the host goes on by what it knew. It never goes
//! back: where the run's clock turns out to be behind, it waits. Where the host has fallen behind (its machine was asleep, or
//! too slow) it lives through the missed seconds one after the other, without beacons: a beacon says where its node is *now*, and
//! one that comes late would be heard in a second of which it isn't true. Nodes of the host hear each other in those seconds too.
//!
//! What is lived is reported at the end of each second. Reports that nobody takes are sent again after a second, then more
//! seldom, at most every fifteen seconds.

mod alone;
mod clock;
mod control;
mod tasks;

#[cfg(test)]
mod tests;

pub use alone::Alone;
pub use clock::Clock;
pub use control::{Control, Reports, Unanswered};

use crate::air::Air;
use crate::host::{Host, HostNow, Newcomer};
use domain::runs::{RunState, WrongParameter};
use jiff::civil::DateTime;
use protocol::nodes::RunKey;
use std::future::Future;
use tokio::sync::watch;
use tokio::time::Instant;
use uuid::Uuid;

/// What nodes a host has, and what it needs from outside.
pub struct Setting {
    /// Drawn when the host starts; by it the server knows whose turn it is to take nodes.
    pub host_id: Uuid,
    /// Nodes that it brings along.
    pub own: Vec<Newcomer>,
    /// It takes nodes that were asked for while fewer live in it than it brought along and these. With 0 it ends when its own are
    /// dead; otherwise when the run is stopped.
    pub room: u32,
    /// The key of the run, if its beacons have a MAC.
    pub key: Option<RunKey>,
    /// Draws id and boot of a node that was asked for.
    pub draw: Box<dyn FnMut() -> (Uuid, u32) + Send>,
    /// Tells what the clock on the wall shows: it stands in the beacons of a json run.
    pub wall: Box<dyn Fn() -> DateTime + Send + Sync>,
}

impl std::fmt::Debug for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host_id, own, room, key, .. } = self;
        let n_own = own.len();
        write!(f, "Setting {{ host_id: {host_id}, n_own: {n_own}, room: {room}, key: {key:?} }}")
    }
}

/// How the work goes, each second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Whether the run's control ever answered. Before, nothing lives.
    pub has_begun: bool,
    /// Whether the run's control answered when it was asked last.
    pub is_answered: bool,
    /// Whether the run stands still.
    pub is_paused: bool,
    /// Whether reports were taken when they were sent last.
    pub is_reported: bool,
    /// How the nodes stand.
    pub host: HostNow,
    /// Beacons that were sent.
    pub n_sent: u64,
    /// Beacons that couldn't be sent to one of their addresses.
    pub n_unsent: u64,
}

/// Why the work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// All nodes are dead, and there is no room for others.
    Died,
    /// The run is over.
    Stopped,
    /// Whoever started it told it to end.
    Told,
}

/// How the work ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Why.
    pub end: End,
    /// How it stood then. What is unreported is lost.
    pub status: Status,
}

/// Why the work can't begin.
#[derive(Debug, thiserror::Error)]
pub enum CannotBegin {
    /// The run's control refuses it.
    #[error("the run can't be taken part in")]
    Refused(#[source] Unanswered),
    /// The run has parameters that this program doesn't take.
    #[error("the parameters of the run can't be used")]
    Parameter(#[from] WrongParameter),
}

/// Works until the run is over, all nodes are dead, or `stop` comes. Before it ends it reports what there is to report: for as
/// long as it takes if all nodes have died; for fifteen seconds if the run was stopped; for five if it was told to end.
///
/// `status` is written each second. A second of all nodes is worked out at once, on the thread that polls.
///
/// # Errors
///
/// [`CannotBegin`]. While nobody answers it waits.
pub async fn work<C: Control, R: Reports>(
    setting: Setting,
    control: &C,
    reports: &R,
    air: Option<&Air>,
    status: &watch::Sender<Status>,
    stop: impl Future<Output = ()>,
) -> Result<Ended, CannotBegin> {
    let mut stop = std::pin::pin!(stop);
    let first = tokio::select! {
        first = tasks::first_answer(control, status) => first.map_err(CannotBegin::Refused)?,
        () = &mut stop => return Ok(Ended { end: End::Told, status: *status.borrow() }),
    };
    let (answer, at) = first;
    let clock = Clock::of(&answer, at);
    if clock.state == RunState::Stopped {
        return Err(CannotBegin::Refused(Unanswered::Over));
    }
    let second = clock.second_at(Instant::now());
    let host = Host::new(answer.run_id, &answer.parameters, setting.key.clone(), second)?;
    Ok(tasks::work(setting, host, (answer, clock), (control, reports, air), status, stop).await)
}
