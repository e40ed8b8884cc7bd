//! A run of which nothing is heard any more ends by itself: nobody would think of stopping it, and its hosts would ask each
//! second how it stands.
//!
//! Whoever watches counts only the time in which they could have heard something. What nodes told while the server was away
//! comes in afterwards, so the count begins anew with the server, and a watch that wasn't kept doesn't count.

use super::NewNodes;
use super::hosts::waiting;
use crate::context::App;
use crate::error::Result;
use domain::ids::RunId;
use domain::runs::{Crowd, Run, RunState};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::time::Duration;
use storage::store::RunTx;

/// The most that counts between two looks. Whoever looks more seldom was away, or asleep.
const MOST_BETWEEN_LOOKS: SignedDuration = SignedDuration::from_mins(1);

/// Who watches whether runs have gone quiet.
#[derive(Debug, Default)]
pub struct Watch {
    looked_at: Option<Timestamp>,
    runs: HashMap<RunId, Quiet>,
}

/// For how long a run has been as it is.
#[derive(Debug)]
struct Quiet {
    sign: Sign,
    lasts: Duration,
}

/// What changes when somebody does something in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    newest_second: Option<u32>,
    n_living: u32,
    asked: NewNodes,
    running_since: Option<Timestamp>,
}

impl Watch {
    /// Forgets what was counted: reports were late, so nothing is known of the time before.
    pub fn begin_anew(&mut self) {
        *self = Self::default();
    }

    /// Returns how much time counts since the last look.
    fn pass(&mut self, now: Timestamp) -> Duration {
        let before = self.looked_at.replace(now);
        let passed = before.map_or(SignedDuration::ZERO, |before| now.duration_since(before));
        passed.clamp(SignedDuration::ZERO, MOST_BETWEEN_LOOKS).unsigned_abs()
    }

    /// Notes how a run is; returns for how long it has been so.
    fn note(&mut self, run_id: RunId, sign: Sign, passed: Duration) -> Duration {
        let before = self.runs.get(&run_id).filter(|quiet| quiet.sign == sign);
        let lasts = before.map_or(Duration::ZERO, |quiet| quiet.lasts + passed);
        self.runs.insert(run_id, Quiet { sign, lasts });
        lasts
    }
}

impl App {
    /// Looks whether anything was heard of the runs whose seconds pass, and ends those of which nothing was for too long.
    /// Returns which. To be asked twice a minute.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if they can't be read or ended; the next look goes on.
    pub async fn end_quiet_runs(&self, watch: &mut Watch) -> Result<Vec<RunId>> {
        let passed = watch.pass(self.now());
        let mut tx = self.run_store()?.read().await?;
        let running = storage::runs::running(&mut tx).await?;
        watch.runs.retain(|run_id, _| running.contains(run_id));
        let mut over = Vec::new();
        for run_id in running {
            let Some((sign, crowd)) = look(&mut tx, run_id).await? else { continue };
            if watch.note(run_id, sign, passed) >= crowd.ends_after() {
                over.push((run_id, sign));
            }
        }
        drop(tx);
        let mut ended = Vec::new();
        for (run_id, sign) in over {
            if self.end_if_quiet(run_id, sign).await? {
                ended.push(run_id);
            }
        }
        Ok(ended)
    }

    /// Ends a run unless somebody did something in it meanwhile, or ended it first.
    async fn end_if_quiet(&self, run_id: RunId, known: Sign) -> Result<bool> {
        let mut tx = self.run_store()?.write().await?;
        let Some(mut run) = storage::runs::find_to_change(&mut tx, run_id).await? else { return Ok(false) };
        let now = Timestamp::from_microsecond(self.now().as_microsecond()).unwrap_or(Timestamp::MIN);
        let sign = look(&mut tx, run_id).await?.map(|(sign, _)| sign);
        if run.clock.state != RunState::Running || sign != Some(known) {
            return Ok(false);
        }
        run.clock = run.clock.stopped(now);
        run.ended_at = Some(now);
        storage::runs::update(&mut tx, &run).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn look(tx: &mut RunTx, run_id: RunId) -> Result<Option<(Sign, Crowd)>> {
    let Some(run) = storage::runs::find(tx, run_id).await? else { return Ok(None) };
    let newest_second = storage::runs::newest_second(tx, run_id).await?;
    let (n_known, n_living) = storage::runs::count_nodes(tx, run_id).await?;
    let NewNodes { safe, infected } = waiting(&run, storage::runs::taken(tx, run_id).await?);
    let Run { n_safe, n_infected, clock, .. } = run;
    let asked = NewNodes { safe: n_safe, infected: n_infected };
    let sign = Sign { newest_second, n_living, asked, running_since: clock.running_since };
    Ok(Some((sign, Crowd { n_known, n_living, n_waiting: safe.saturating_add(infected) })))
}
