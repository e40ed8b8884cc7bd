//! A run is made, gets more nodes, stands still, goes on, ends, and is deleted.

use super::{Viewer, may_change};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::RunId;
use domain::runs::{
    Hosting, LONGEST_NAME, LONGEST_SECOND, Parameters, Run, RunClock, RunState, SHORTEST_SECOND, Visibility,
};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use storage::store::RunTx;

/// Nodes of a run that a server hosts itself, at most: each hears each other one.
pub const MOST_HOSTED: u32 = 10_000;

/// How long reports that can't be stored are kept, for whoever looks into it.
const DEAD_LETTERS_ARE_KEPT: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A run to be made.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Made by whoever asks, so that the same again is the same run.
    pub run_id: RunId,
    /// What it is called.
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether its nodes stand for persons.
    pub is_rehearsal: bool,
    /// What holds for all nodes.
    pub parameters: Parameters,
    /// How long a second is.
    pub second: Duration,
    /// The first nodes.
    pub nodes: NewNodes,
    /// Where its nodes live.
    pub hosting: Hosting,
}

/// Nodes to be added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NewNodes {
    /// Susceptible ones.
    pub safe: u32,
    /// Infected ones.
    pub infected: u32,
}

/// What is changed of a run.
#[derive(Clone, Debug)]
pub enum RunChange {
    /// Its name and who sees it; what is `None` stays.
    Described {
        /// What it is called.
        name: Option<String>,
        /// Who sees it.
        visibility: Option<Visibility>,
    },
    /// More nodes.
    Nodes(NewNodes),
    /// It stands still.
    Pause,
    /// It goes on.
    Resume,
    /// It is over.
    Stop,
}

fn invalid(field: &'static str, reason: impl Into<String>) -> AppError {
    AppError::Invalid { field, reason: reason.into() }
}

fn checked_name(name: &str) -> Result<String> {
    let name = name.trim();
    if (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(invalid("name", format!("write 1 to {LONGEST_NAME} letters")))
}

fn total(before: NewNodes, new: NewNodes) -> Result<NewNodes> {
    let safe = before.safe.checked_add(new.safe);
    let infected = before.infected.checked_add(new.infected);
    match (safe, infected) {
        (Some(safe), Some(infected)) if safe.saturating_add(infected) <= MOST_HOSTED => Ok(NewNodes { safe, infected }),
        _ => Err(invalid("nodes", format!("a run has {MOST_HOSTED} nodes at most; `epitrace simulate` does millions"))),
    }
}

impl NewRun {
    fn checked(self, worker: &Worker, now: Timestamp) -> Result<Run> {
        self.parameters.check().map_err(|wrong| invalid(wrong.field, wrong.range))?;
        if !(SHORTEST_SECOND..=LONGEST_SECOND).contains(&self.second) {
            return Err(invalid("second_ms", "10 to 60,000 milliseconds"));
        }
        let nodes = total(NewNodes::default(), self.nodes)?;
        Ok(Run {
            run_id: self.run_id,
            name: checked_name(&self.name)?,
            owner: Some(worker.account_id),
            visibility: self.visibility,
            is_rehearsal: self.is_rehearsal,
            parameters: self.parameters,
            hosting: self.hosting,
            created_at: now,
            ended_at: None,
            clock: RunClock::start(self.second, now),
            n_safe: nodes.safe,
            n_infected: nodes.infected,
        })
    }
}

impl App {
    /// Makes a run, which begins at once. The same again is the same run.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`]; [`AppError::Invalid`] names what is out of its range; [`AppError::Conflict`] if another run has
    /// this id.
    pub async fn make_run(&self, worker: &Worker, new: NewRun) -> Result<Run> {
        worker.require(Action::MakeRuns)?;
        let now = Timestamp::from_microsecond(self.now().as_microsecond()).unwrap_or(Timestamp::MIN);
        let run = new.checked(worker, now)?;
        let mut tx = self.run_store()?.write().await?;
        if storage::runs::insert(&mut tx, &run).await? {
            tx.commit().await?;
            return Ok(run);
        }
        let known = storage::runs::find(&mut tx, run.run_id).await?.ok_or(AppError::NotFound("run"))?;
        let is_same = (known.owner, known.hosting, known.is_rehearsal) == (run.owner, run.hosting, run.is_rehearsal)
            && known.parameters == run.parameters;
        if is_same { Ok(known) } else { Err(AppError::Conflict("another run has this id".to_owned())) }
    }

    /// Changes a run.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if they may not see it; [`AppError::NotAllowed`] if it is another's; [`AppError::Conflict`] if it
    /// is over; [`AppError::Invalid`] for a value out of its range.
    pub async fn change_run(&self, worker: &Worker, run_id: RunId, change: RunChange) -> Result<Run> {
        let mut tx = self.run_store()?.write().await?;
        let mut run = self.run_to_change(&mut tx, worker, run_id).await?;
        let now = Timestamp::from_microsecond(self.now().as_microsecond()).unwrap_or(Timestamp::MIN);
        let is_over = run.clock.state == RunState::Stopped;
        match change {
            RunChange::Described { name, visibility } => {
                run.name = name.map_or(Ok(run.name), |name| checked_name(&name))?;
                run.visibility = visibility.unwrap_or(run.visibility);
            }
            RunChange::Stop if is_over => return Ok(run),
            _ if is_over => return Err(AppError::Conflict("this run is over; make a new one".to_owned())),
            RunChange::Nodes(new) => {
                let nodes = total(NewNodes { safe: run.n_safe, infected: run.n_infected }, new)?;
                (run.n_safe, run.n_infected) = (nodes.safe, nodes.infected);
            }
            RunChange::Pause if run.clock.state == RunState::Running => run.clock = run.clock.paused(now),
            RunChange::Resume if run.clock.state == RunState::Paused => run.clock = run.clock.resumed(now),
            RunChange::Pause | RunChange::Resume => return Ok(run),
            RunChange::Stop => {
                run.clock = run.clock.stopped(now);
                run.ended_at = Some(now);
            }
        }
        storage::runs::update(&mut tx, &run).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Deletes a run with all that there is of it.
    ///
    /// # Errors
    ///
    /// As for a change; [`AppError::Conflict`] while it isn't over.
    pub async fn delete_run(&self, worker: &Worker, run_id: RunId) -> Result<()> {
        let mut tx = self.run_store()?.write().await?;
        let run = self.run_to_change(&mut tx, worker, run_id).await?;
        if run.clock.state != RunState::Stopped {
            return Err(AppError::Conflict("this run is not over; stop it first".to_owned()));
        }
        storage::runs::delete(&mut tx, run_id).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Deletes reports that were put aside fourteen days ago.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if they can't be deleted.
    pub async fn forget_dead_letters(&self) -> Result<u64> {
        let Ok(runs) = self.run_store() else { return Ok(0) };
        let before = self.now().checked_sub(DEAD_LETTERS_ARE_KEPT).unwrap_or(Timestamp::MIN);
        let mut tx = runs.write().await?;
        let n = storage::runs::forget_dead_letters(&mut tx, before).await?;
        tx.commit().await?;
        Ok(n)
    }

    pub(super) async fn run_to_change(&self, tx: &mut RunTx, worker: &Worker, run_id: RunId) -> Result<Run> {
        let found = storage::runs::find_to_change(tx, run_id).await?;
        let run = found.filter(|run| Viewer::Staff(worker).sees(run)).ok_or(AppError::NotFound("run"))?;
        if may_change(worker, &run) {
            return Ok(run);
        }
        Err(AppError::NotAllowed { role: worker.role, action: Action::ManageRuns })
    }
}
