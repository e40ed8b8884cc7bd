//! Who brings the nodes of a run into being, and by what key they report.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::RunTx;
use domain::ids::RunId;
use jiff::Timestamp;
use uuid::Uuid;

/// How far hosts got with the nodes that were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The host that takes them, and when it last asked.
    pub host: Option<(Uuid, Timestamp)>,
    /// Susceptible nodes that were taken.
    pub safe: u32,
    /// Infected nodes that were taken.
    pub infected: u32,
}

#[derive(sqlx::FromRow)]
struct TakenRow {
    host_id: Option<Uuid>,
    host_seen_at: Option<At>,
    taken_safe: i64,
    taken_infected: i64,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    run_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    key_hash: Option<String>,
}

const TAKEN: Statement = Statement::both(
    "-- runs::taken
SELECT host_id, host_seen_at, taken_safe, taken_infected FROM run WHERE run_id = $1",
);

const TAKE: Statement = Statement::both(
    "-- runs::take
UPDATE run SET host_id = $2, host_seen_at = $3, taken_safe = $4, taken_infected = $5 WHERE run_id = $1",
);

const KEY: Statement = Statement::both(
    "-- runs::key_hash
SELECT key_hash FROM run WHERE run_id = $1",
);

const SET_KEY: Statement = Statement::both(
    "-- runs::set_key
UPDATE run SET key_hash = $2 WHERE run_id = $1",
);

const RUNNING: Statement = Statement::both(
    "-- runs::running
SELECT run_id FROM run WHERE state = 'running' ORDER BY run_id",
);

const END_KEYS: Statement = Statement::both(
    "-- runs::end_keys
UPDATE run SET key_hash = NULL WHERE key_hash IS NOT NULL",
);

const HOSTED: Statement = Statement::both(
    "-- runs::hosted
SELECT run_id FROM run WHERE hosting = 'server' AND state <> 'stopped' ORDER BY run_id",
);

/// Lists the runs whose seconds pass.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn running(tx: &mut RunTx) -> Result<Vec<RunId>> {
    Ok(all!(tx, IdRow, RUNNING)?.into_iter().map(|row| RunId(row.run_id)).collect())
}

/// Lists the runs whose nodes live in servers and that aren't over.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn hosted(tx: &mut RunTx) -> Result<Vec<RunId>> {
    Ok(all!(tx, IdRow, HOSTED)?.into_iter().map(|row| RunId(row.run_id)).collect())
}

/// Says how many nodes were taken.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn taken(tx: &mut RunTx, run_id: RunId) -> Result<Taken> {
    let row = optional!(tx, TakenRow, TAKEN, run_id.0)?;
    let n = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(row.map_or(Taken::default(), |row| Taken {
        host: row.host_id.zip(row.host_seen_at.map(|at| at.0)),
        safe: n(row.taken_safe),
        infected: n(row.taken_infected),
    }))
}

/// Notes how many nodes were taken, and by whom.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn take(tx: &mut RunTx, run_id: RunId, taken: Taken) -> Result<()> {
    let (host_id, seen_at) = taken.host.unzip();
    run!(tx, TAKE, run_id.0, host_id, seen_at.map(At), i64::from(taken.safe), i64::from(taken.infected))?;
    Ok(())
}

/// Finds the hash of the key by which nodes of a run report.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn key_hash(tx: &mut RunTx, run_id: RunId) -> Result<Option<String>> {
    Ok(optional!(tx, KeyRow, KEY, run_id.0)?.and_then(|row| row.key_hash))
}

/// Keeps the hash of a run's key; the one before ends.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn set_key(tx: &mut RunTx, run_id: RunId, key_hash: &str) -> Result<()> {
    run!(tx, SET_KEY, run_id.0, key_hash)?;
    Ok(())
}

/// Ends the keys of all runs. Returns how many there were.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn end_keys(tx: &mut RunTx) -> Result<u64> {
    run!(tx, END_KEYS,)
}
