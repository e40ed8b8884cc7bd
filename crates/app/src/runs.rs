//! Runs of the proximity network: who makes them, who sees them, and what is read of them. They hold no person, so nothing here
//! is audited.

mod choices;
mod evidence;
mod history;
mod hosts;
mod live;
mod making;
mod quiet;
mod reading;

pub use choices::Choices;
pub use history::{NodeHistory, NodeSpan};
pub use hosts::Control;
pub use live::{LiveChain, Told};
pub use making::{MOST_HOSTED, NewNodes, NewRun, RunChange};
pub use quiet::Watch;
pub use reading::{Curve, CurvePoint, MOST_POINTS, NoReproduction, NodeSecond, Published, RunNow};

use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::RunId;
use domain::runs::{Run, Visibility};
use storage::store::RunStore;

/// Who looks at a run.
#[derive(Clone, Copy, Debug)]
pub enum Viewer<'w> {
    /// Somebody who didn't sign in.
    Anybody,
    /// Somebody of the staff.
    Staff(&'w Worker),
    /// The server itself, which shows it on to those who may see it.
    Server,
}

impl Viewer<'_> {
    /// Whether they see a run.
    #[must_use]
    pub fn sees(self, run: &Run) -> bool {
        match (self, run.visibility) {
            (Self::Server, _) | (_, Visibility::Anybody) => true,
            (Self::Anybody, _) => false,
            (Self::Staff(worker), Visibility::Staff) => worker.may(Action::MakeRuns),
            (Self::Staff(worker), Visibility::Owner) => may_change(worker, run),
        }
    }
}

/// Whether somebody may change a run.
#[must_use]
pub fn may_change(worker: &Worker, run: &Run) -> bool {
    run.owner == Some(worker.account_id) && worker.may(Action::MakeRuns) || worker.may(Action::ManageRuns)
}

impl App {
    /// Returns where runs lie.
    pub(crate) fn run_store(&self) -> Result<&RunStore> {
        self.runs.as_ref().ok_or(AppError::NotFound("place for runs"))
    }

    /// Lists the runs that somebody sees, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if they can't be read.
    pub async fn runs(&self, viewer: Viewer<'_>) -> Result<Vec<Run>> {
        let newest = storage::runs::newest(&mut self.run_store()?.read().await?, reading::MOST_RUNS).await?;
        Ok(newest.into_iter().filter(|run| viewer.sees(run)).collect())
    }

    /// Finds a run. One that somebody may not see isn't there for them.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run(&self, viewer: Viewer<'_>, run_id: RunId) -> Result<Run> {
        let found = storage::runs::find(&mut self.run_store()?.read().await?, run_id).await?;
        found.filter(|run| viewer.sees(run)).ok_or(AppError::NotFound("run"))
    }
}
