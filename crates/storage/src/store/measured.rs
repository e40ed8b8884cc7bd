//! What of the database is measured: how long one waits for it, and how commits end.
//!
//! A pool is named by its role, never by host, database or authority.

use crate::error::{Result, StorageError};
use crate::schema::{APP_ROLE, INTAKE_ROLE, JOBS_ROLE};
use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Pool, Postgres, Sqlite, Transaction};
use std::time::Duration;
use tokio::time::Instant;

/// The name of SQLite's one pen, and of its readers.
pub(super) const FILE: [&str; 2] = ["writer", "readers"];

/// How a pool of connections stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// Whose: `app`, `jobs`, `intake`, `standby` on PostgreSQL; `writer`, `readers` on SQLite; `other` for any other role.
    pub name: &'static str,
    /// Connections that somebody uses.
    pub in_use: u32,
    /// Connections that nobody uses.
    pub idle: u32,
    /// Most connections that it may have.
    pub most: u32,
}

impl PoolState {
    pub(crate) fn of<DB: sqlx::Database>(name: &'static str, pool: &Pool<DB>) -> Self {
        let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
        let most = pool.options().get_max_connections();
        Self { name, in_use: pool.size().saturating_sub(idle), idle, most }
    }
}

/// Names the pool of a role.
pub(crate) fn name_of(pool: &PgPool) -> &'static str {
    match pool.connect_options().get_username() {
        APP_ROLE => "app",
        JOBS_ROLE => "jobs",
        INTAKE_ROLE => "intake",
        _ => "other",
    }
}

/// A transaction in traces, within whatever asked for it.
pub(super) fn span(kind: &'static str) -> tracing::Span {
    tracing::info_span!(target: "epitrace::traces", "transaction", kind)
}

/// Takes a connection, and measures how long that takes.
pub(super) async fn acquire(pool: &PgPool) -> Result<PoolConnection<Postgres>> {
    let (name, since) = (name_of(pool), Instant::now());
    let acquired = pool.acquire().await;
    waited(name, since.elapsed(), acquired.is_ok());
    Ok(acquired?)
}

/// Notes how long somebody waited to use the database, and whether they could.
pub(super) fn waited(pool: &'static str, waited: Duration, could: bool) {
    metrics::histogram!("epitrace_database_wait_seconds", "pool" => pool).record(waited);
    if !could {
        metrics::counter!("epitrace_database_refused_total", "pool" => pool).increment(1);
    }
}

/// Ends a transaction, and measures how long that takes and how it ends.
pub(super) async fn ended(pool: &'static str, ending: impl Future<Output = Result<()>>) -> Result<()> {
    let since = Instant::now();
    let ended = ending.await;
    let end = match &ended {
        Ok(()) => "done",
        Err(StorageError::Unsure) => "unsure",
        Err(StorageError::Conflict(_)) => "conflict",
        Err(_) => "failed",
    };
    metrics::histogram!("epitrace_commit_duration_seconds", "pool" => pool).record(since.elapsed());
    metrics::counter!("epitrace_commits_total", "pool" => pool, "end" => end).increment(1);
    ended
}

/// Commits on SQLite.
pub(super) async fn commit_file(transaction: Transaction<'static, Sqlite>) -> Result<()> {
    ended(FILE[0], async { Ok(transaction.commit().await?) }).await
}

/// Notes why a statement failed, where that says something of the database.
pub(crate) fn failed(error: &StorageError) {
    let why = match error {
        StorageError::Conflict(_) => "conflict",
        StorageError::Away(_) | StorageError::CannotConnect { .. } => "away",
        _ => return,
    };
    metrics::counter!("epitrace_database_failures_total", "why" => why).increment(1);
}
