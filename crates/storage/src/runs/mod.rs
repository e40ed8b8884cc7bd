//! Runs of the proximity network at rest: who made them, their nodes, what these did and whom they met, and how far a log was
//! read. No person is here.

pub(crate) mod copies;
mod encounters;
mod frames;
mod historic;
mod hosts;
mod lag;
mod messages;
mod nodes;
mod offsets;

pub use encounters::{
    Encounter, Infection, encounters_of, encounters_of_node, infections_of, put_encounters, put_infections,
};
pub use frames::{
    FrameAt, KeptFrame, chains, count_seconds, frames_after, frames_of_chain, frames_since, key_seconds,
    last_key_before, last_keys_before, newest_second, next_part, put_frames, unpacked,
};
pub use historic::{HistoricDay, historic_between, insert_historic};
pub use hosts::{Taken, end_keys, hosted, key_hash, running, set_key, take, taken};
pub use lag::{count_dead_letters, progress_of_topic};
pub use messages::{Message, Standing, clocks_of, put_messages, standing};
pub use nodes::{KnownNode, NamedNode, NewNode, count_nodes, die, intern, nodes_of, note_united, of_tags};
pub use offsets::{DeadLetter, LogPlace, Progress, advance, dead_letters, forget_dead_letters, progress, put_aside};

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::store::RunTx;
use domain::ids::{AccountId, RunId};
use domain::runs::{Hosting, Run, RunClock, RunState, Visibility, Wire};
use std::time::Duration;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct RunRow {
    run_id: Uuid,
    name: String,
    owner_id: Option<Uuid>,
    visibility: String,
    rehearsal: i32,
    parameters: String,
    second_us: i64,
    created_at: At,
    state: String,
    seconds_before: i64,
    running_since: Option<At>,
    ended_at: Option<At>,
    n_safe: i64,
    n_infected: i64,
    hosting: String,
}

#[derive(sqlx::FromRow)]
struct ChosenRow {
    chosen: String,
}

const INSERT: Statement = Statement::both(
    "-- runs::insert
INSERT INTO run (run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before,
                 running_since, n_safe, n_infected, hosting, wire, historic_day, historic_no, n_nodes)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(
    "-- runs::find
SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before, running_since,
       ended_at, n_safe, n_infected, hosting
  FROM run WHERE run_id = $1",
);

const FIND_TO_CHANGE: Statement = Statement::each(
    "-- runs::find_to_change
SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before, running_since,
       ended_at, n_safe, n_infected, hosting
  FROM run WHERE run_id = $1",
    "-- runs::find_to_change
SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before, running_since,
       ended_at, n_safe, n_infected, hosting
  FROM run WHERE run_id = $1 FOR UPDATE",
);

const NEWEST: Statement = Statement::both(
    "-- runs::newest
SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before, running_since,
       ended_at, n_safe, n_infected, hosting
  FROM run ORDER BY created_at DESC, run_id DESC LIMIT $1",
);

const UPDATE: Statement = Statement::both(
    "-- runs::update
UPDATE run SET name = $2, visibility = $3, state = $4, seconds_before = $5, running_since = $6, ended_at = $7, n_safe = $8,
               n_infected = $9 WHERE run_id = $1",
);

const DELETE: [Statement; 6] = [
    Statement::both("-- runs::delete_frames\nDELETE FROM run_frame WHERE run_id = $1"),
    Statement::both("-- runs::delete_encounters\nDELETE FROM run_encounter WHERE run_id = $1"),
    Statement::both("-- runs::delete_infections\nDELETE FROM run_infection WHERE run_id = $1"),
    Statement::both("-- runs::delete_messages\nDELETE FROM run_message WHERE run_id = $1"),
    Statement::both("-- runs::delete_nodes\nDELETE FROM run_node WHERE run_id = $1"),
    Statement::both("-- runs::delete\nDELETE FROM run WHERE run_id = $1"),
];

const CHOSEN: Statement = Statement::both(
    "-- runs::chosen
SELECT chosen FROM run_view WHERE account_id = $1 AND kind = $2",
);

const CHOOSE: Statement = Statement::both(
    "-- runs::choose
INSERT INTO run_view (account_id, kind, chosen) VALUES ($1, $2, $3)
    ON CONFLICT (account_id, kind) DO UPDATE SET chosen = excluded.chosen",
);

impl TryFrom<RunRow> for Run {
    type Error = StorageError;
    fn try_from(row: RunRow) -> Result<Self> {
        let unreadable = StorageError::Unreadable;
        let n = |number: i64, what| u32::try_from(number).map_err(|_| unreadable(what));
        let clock = RunClock {
            state: RunState::find(&row.state).ok_or(unreadable("state of a run"))?,
            second: Duration::from_micros(u64::try_from(row.second_us).map_err(|_| unreadable("second of a run"))?),
            seconds_before: n(row.seconds_before, "clock of a run")?,
            running_since: row.running_since.map(|at| at.0),
        };
        Ok(Self {
            run_id: RunId(row.run_id),
            name: row.name,
            owner: row.owner_id.map(AccountId),
            visibility: Visibility::find(&row.visibility).ok_or(unreadable("visibility of a run"))?,
            is_rehearsal: row.rehearsal != 0,
            parameters: serde_json::from_str(&row.parameters).map_err(|_| unreadable("parameters of a run"))?,
            created_at: row.created_at.0,
            ended_at: row.ended_at.map(|at| at.0),
            clock,
            n_safe: n(row.n_safe, "count of nodes")?,
            n_infected: n(row.n_infected, "count of nodes")?,
            hosting: Hosting::find(&row.hosting).ok_or(unreadable("hosting of a run"))?,
        })
    }
}

fn micros(second: Duration) -> i64 {
    i64::try_from(second.as_micros()).unwrap_or(i64::MAX)
}

/// Stores a run. Returns whether it is new: the same id again is the same run.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn insert(tx: &mut RunTx, run: &Run) -> Result<bool> {
    insert_of(tx, run, None).await
}

async fn insert_of(tx: &mut RunTx, run: &Run, of: Option<HistoricDay>) -> Result<bool> {
    let wire = match run.parameters.wire {
        Wire::Compact => "compact",
        Wire::Json => "json",
    };
    let parameters =
        serde_json::to_string(&run.parameters).map_err(|_| StorageError::Unreadable("parameters of a run"))?;
    let n = run!(
        tx,
        INSERT,
        run.run_id.0,
        &run.name,
        run.owner.map(|owner| owner.0),
        run.visibility.as_str(),
        i32::from(run.is_rehearsal),
        &parameters,
        micros(run.clock.second),
        At(run.created_at),
        run.clock.state.as_str(),
        i64::from(run.clock.seconds_before),
        run.clock.running_since.map(At),
        i64::from(run.n_safe),
        i64::from(run.n_infected),
        run.hosting.as_str(),
        wire,
        of.map(|of| Day(of.day)),
        of.map(|of| of.no),
    )?;
    Ok(n == 1)
}

/// Finds a run.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut RunTx, run_id: RunId) -> Result<Option<Run>> {
    optional!(tx, RunRow, FIND, run_id.0)?.map(Run::try_from).transpose()
}

/// Finds a run, and keeps others from changing it until the commit.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find_to_change(tx: &mut RunTx, run_id: RunId) -> Result<Option<Run>> {
    optional!(tx, RunRow, FIND_TO_CHANGE, run_id.0)?.map(Run::try_from).transpose()
}

/// Lists the newest runs, at most `limit`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn newest(tx: &mut RunTx, limit: i64) -> Result<Vec<Run>> {
    all!(tx, RunRow, NEWEST, limit)?.into_iter().map(Run::try_from).collect()
}

/// Writes what can change of a run: name, visibility, clock, end, nodes that were asked for.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn update(tx: &mut RunTx, run: &Run) -> Result<()> {
    run!(
        tx,
        UPDATE,
        run.run_id.0,
        &run.name,
        run.visibility.as_str(),
        run.clock.state.as_str(),
        i64::from(run.clock.seconds_before),
        run.clock.running_since.map(At),
        run.ended_at.map(At),
        i64::from(run.n_safe),
        i64::from(run.n_infected),
    )?;
    Ok(())
}

/// Deletes a run with all that there is of it.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn delete(tx: &mut RunTx, run_id: RunId) -> Result<()> {
    for statement in DELETE {
        run!(tx, statement, run_id.0)?;
    }
    Ok(())
}

/// What somebody keeps for their next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// How they look at the map.
    Map,
    /// Parameters with which they start runs.
    Parameters,
}

impl Choice {
    fn as_str(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Parameters => "parameters",
        }
    }
}

/// Finds what somebody chose, as JSON.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn chosen(tx: &mut RunTx, account_id: AccountId, choice: Choice) -> Result<Option<String>> {
    Ok(optional!(tx, ChosenRow, CHOSEN, account_id.0, choice.as_str())?.map(|row| row.chosen))
}

/// Keeps what somebody chose.
///
/// # Errors
///
/// [`StorageError`] if it can't be written.
pub async fn choose(tx: &mut RunTx, account_id: AccountId, choice: Choice, chosen: &str) -> Result<()> {
    run!(tx, CHOOSE, account_id.0, choice.as_str(), chosen)?;
    Ok(())
}
