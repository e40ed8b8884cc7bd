//! Where a host learns how its run stands, and where its reports go.

use crate::host::ReportFrame;
use protocol::http::runs::{RunControl, RunNodes, TakeNodes};
use std::future::Future;

/// Why there is no answer, or none of use.
#[derive(Debug, thiserror::Error)]
pub enum Unanswered {
    /// Nobody answered, or somebody who can't now. The same again may do.
    #[error("nobody answers")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The key is not, or no longer, that of the run.
    #[error("the key is not that of the run")]
    WrongKey,
    /// There is no such run.
    #[error("there is no such run")]
    NoRun,
    /// The run is over.
    #[error("the run is over")]
    Over,
}

impl Unanswered {
    /// Whether the same again may do.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Away(_))
    }
}

/// How a run stands.
pub trait Control: Send + Sync {
    /// Reads how the run stands now. What it says is taken to be true when it returns.
    ///
    /// # Errors
    ///
    /// [`Unanswered`].
    fn read(&self) -> impl Future<Output = Result<RunControl, Unanswered>> + Send;

    /// Offers to bring nodes into being that were asked for; returns how many it is to bring, at once.
    ///
    /// # Errors
    ///
    /// [`Unanswered`]; then it is given none, or they are lost.
    fn take(&self, offer: TakeNodes) -> impl Future<Output = Result<RunNodes, Unanswered>> + Send;
}

/// Where reports go.
pub trait Reports: Send + Sync {
    /// Sends reports, at most [`protocol::http::runs::MOST_REPORT_BYTES`] with four bytes for each of them, and returns when they
    /// can't get lost any more. All of them are sent again if it fails.
    ///
    /// # Errors
    ///
    /// [`Unanswered`].
    fn send(&self, reports: &[ReportFrame]) -> impl Future<Output = Result<(), Unanswered>> + Send;
}
