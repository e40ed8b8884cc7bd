//! What hosts of nodes go by: how a run stands, which nodes wait to come into being, and by what key processes report.

use super::making::NewNodes;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::sign_in::Secret;
use domain::ids::RunId;
use domain::runs::{Hosting, Run, RunState};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;
use storage::runs::Taken;
use uuid::Uuid;

/// How long a host may be silent before another takes its place.
const HOST_IS_GONE_AFTER: SignedDuration = SignedDuration::from_secs(15);
/// How often it is noted that a host is there: often enough that it isn't taken for gone.
const HOST_IS_NOTED_EVERY: SignedDuration = SignedDuration::from_secs(5);

/// How a run stands, for those who keep its nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The run.
    pub run: Run,
    /// For how long it has run since it last began to; `None` while it doesn't.
    pub running_for: Option<Duration>,
    /// Nodes that were asked for and that no host has taken.
    pub waiting: NewNodes,
}

impl App {
    /// Makes a new key for the nodes of a run; the one before ends.
    ///
    /// # Errors
    ///
    /// As for a change of the run.
    pub async fn make_run_key(&self, worker: &Worker, run_id: RunId) -> Result<Secret> {
        let mut tx = self.run_store()?.write().await?;
        self.run_to_change(&mut tx, worker, run_id).await?;
        let key = Secret::new()?;
        storage::runs::set_key(&mut tx, run_id, &key.fingerprint()).await?;
        tx.commit().await?;
        Ok(key)
    }

    /// Says whether somebody brings the key of a run.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if it can't be looked up.
    pub async fn is_key_of_run(&self, run_id: RunId, key: &Secret) -> Result<bool> {
        // Both are hashes of 256 random bits: how long a comparison takes helps nobody.
        let known = storage::runs::key_hash(&mut self.run_store()?.read().await?, run_id).await?;
        Ok(known.is_some_and(|known| known == key.fingerprint()))
    }

    /// Says how a run stands. Nodes wait for hosts of the run's own kind only.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run_control(&self, run_id: RunId, hosting: Hosting) -> Result<Control> {
        let mut tx = self.run_store()?.read().await?;
        let run = storage::runs::find(&mut tx, run_id).await?.ok_or(AppError::NotFound("run"))?;
        let taken = storage::runs::taken(&mut tx, run_id).await?;
        let waiting = if run.hosting == hosting { waiting(&run, taken) } else { NewNodes::default() };
        let running = run.clock.running_since.map(|since| self.now().duration_since(since));
        let running_for = running.map(|running| running.max(SignedDuration::ZERO).unsigned_abs());
        Ok(Control { run, running_for, waiting })
    }

    /// Gives nodes that wait to a host, at most so many: each is given once. One host of a run is given any, until it hasn't
    /// asked for fifteen seconds.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`]; [`AppError::Conflict`] if the run is over.
    pub async fn take_nodes(&self, run_id: RunId, by: (Hosting, Uuid), at_most: u32) -> Result<NewNodes> {
        let (hosting, host_id) = by;
        let mut tx = self.run_store()?.write().await?;
        let run = storage::runs::find_to_change(&mut tx, run_id).await?.ok_or(AppError::NotFound("run"))?;
        if run.clock.state == RunState::Stopped {
            return Err(AppError::Conflict("this run is over; make a new one".to_owned()));
        }
        let taken = storage::runs::taken(&mut tx, run_id).await?;
        let now = Timestamp::from_microsecond(self.now().as_microsecond()).unwrap_or(Timestamp::MIN);
        let others = taken.host.filter(|(host, _)| *host != host_id);
        let is_others = others.is_some_and(|(_, seen_at)| now.duration_since(seen_at) < HOST_IS_GONE_AFTER);
        if run.hosting != hosting || is_others {
            return Ok(NewNodes::default());
        }
        let waiting = waiting(&run, taken);
        let infected = waiting.infected.min(at_most);
        let given = NewNodes { safe: waiting.safe.min(at_most - infected), infected };
        let is_noted = taken
            .host
            .is_some_and(|(host, seen_at)| host == host_id && now.duration_since(seen_at) < HOST_IS_NOTED_EVERY);
        if given == NewNodes::default() && is_noted {
            return Ok(given);
        }
        let taken = Taken {
            host: Some((host_id, now)),
            safe: taken.safe + given.safe,
            infected: taken.infected + given.infected,
        };
        storage::runs::take(&mut tx, run_id, taken).await?;
        tx.commit().await?;
        Ok(given)
    }

    /// Lists the runs whose nodes live in servers and that aren't over.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if they can't be read.
    pub async fn hosted_runs(&self) -> Result<Vec<RunId>> {
        Ok(storage::runs::hosted(&mut self.run_store()?.read().await?).await?)
    }
}

pub(super) fn waiting(run: &Run, taken: Taken) -> NewNodes {
    NewNodes { safe: run.n_safe.saturating_sub(taken.safe), infected: run.n_infected.saturating_sub(taken.infected) }
}
