//! Work that goes on after the answer. Of several servers one holds a job; when it dies, another goes on with it.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::authorities::Role;
use domain::ids::{AccountId, JobId};
use jiff::Timestamp;
use uuid::Uuid;

/// A job as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub job_id: JobId,
    /// What is done: `import.check`, `import.run`.
    pub kind: String,
    /// What it works on.
    pub subject_id: Uuid,
    /// For whom.
    pub account_id: AccountId,
    /// User name.
    pub account: String,
    /// In which role.
    pub role: Role,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// How, as JSON.
    pub settings: String,
    /// Rows done so far.
    pub done: i64,
    /// Rows in all, if known.
    pub total: Option<i64>,
    /// Why it failed.
    pub problem: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct JobRow {
    job_id: Uuid,
    kind: String,
    subject_id: Uuid,
    account_id: Uuid,
    account: String,
    role: String,
    state: String,
    settings: String,
    done: i64,
    total: Option<i64>,
    problem: Option<String>,
    created_at: At,
    finished_at: Option<At>,
}

impl TryFrom<JobRow> for Job {
    type Error = StorageError;
    fn try_from(row: JobRow) -> Result<Self> {
        Ok(Self {
            job_id: JobId(row.job_id),
            kind: row.kind,
            subject_id: row.subject_id,
            account_id: AccountId(row.account_id),
            account: row.account,
            role: Role::find(&row.role).ok_or(StorageError::Unreadable("role"))?,
            state: row.state,
            settings: row.settings,
            done: row.done,
            total: row.total,
            problem: row.problem,
            created_at: row.created_at.0,
            finished_at: row.finished_at.map(|at| at.0),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- jobs::insert
INSERT INTO job (authority_id, job_id, kind, subject_id, account_id, role, state, settings, done, total, created_at)
VALUES ($1, $2, $3, $4, $5, $6, 'waiting', $7, 0, $8, $9)",
);

const FIND: Statement = Statement::both(
    "-- jobs::find
SELECT job_id, kind, subject_id, j.account_id, a.name AS account, role, state, settings, done, total, problem, j.created_at,
       finished_at
  FROM job AS j JOIN account AS a ON a.account_id = j.account_id WHERE j.authority_id = $1 AND job_id = $2",
);

const LIST: Statement = Statement::both(
    "-- jobs::list
SELECT job_id, kind, subject_id, j.account_id, a.name AS account, role, state, settings, done, total, problem, j.created_at,
       finished_at
  FROM job AS j JOIN account AS a ON a.account_id = j.account_id
 WHERE j.authority_id = $1 AND job_id < $2 ORDER BY job_id DESC LIMIT $3",
);

const NEXT: Statement = Statement::both(
    "-- jobs::next
SELECT job_id, kind, subject_id, j.account_id, a.name AS account, role, state, settings, done, total, problem, j.created_at,
       finished_at
  FROM job AS j JOIN account AS a ON a.account_id = j.account_id
 WHERE j.authority_id = $1 AND finished_at IS NULL AND (holder IS NULL OR holder = $2 OR held_until <= $3)
 ORDER BY job_id LIMIT 1",
);

const HELD_BY: Statement = Statement::both(
    "-- jobs::held_by
SELECT job_id, kind, subject_id, j.account_id, a.name AS account, role, state, settings, done, total, problem, j.created_at,
       finished_at
  FROM job AS j JOIN account AS a ON a.account_id = j.account_id
 WHERE j.authority_id = $1 AND finished_at IS NULL AND holder = $2 ORDER BY job_id LIMIT 1",
);

const TAKE: Statement = Statement::both(
    "-- jobs::take
UPDATE job SET state = 'running', holder = $3, held_until = $4, done = 0
 WHERE authority_id = $1 AND job_id = $2 AND finished_at IS NULL
   AND (holder IS NULL OR holder = $3 OR held_until <= $5)",
);

const ADVANCE: Statement = Statement::both(
    "-- jobs::advance
UPDATE job SET done = $4, held_until = $5
 WHERE authority_id = $1 AND job_id = $2 AND holder = $3 AND finished_at IS NULL",
);

const FINISH: Statement = Statement::both(
    "-- jobs::finish
UPDATE job SET state = $3, problem = $4, done = $5, finished_at = $6, holder = NULL, held_until = NULL
 WHERE authority_id = $1 AND job_id = $2 AND finished_at IS NULL",
);

const RELEASE: Statement = Statement::both(
    "-- jobs::release
UPDATE job SET holder = NULL, held_until = NULL WHERE authority_id = $1 AND finished_at IS NULL",
);

const EXPIRED: Statement = Statement::both(
    "-- jobs::expired
DELETE FROM job WHERE authority_id = $1 AND created_at < $2",
);

/// Stores a job that waits to be done.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, job: &Job) -> Result<()> {
    run!(
        tx,
        INSERT,
        mine,
        job.job_id.0,
        &job.kind,
        job.subject_id,
        job.account_id.0,
        job.role.as_str(),
        &job.settings,
        job.total,
        At(job.created_at),
    )?;
    Ok(())
}

/// Finds a job.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, job_id: JobId) -> Result<Option<Job>> {
    optional!(tx, JobRow, FIND, mine, job_id.0)?.map(Job::try_from).transpose()
}

/// Lists jobs, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, before: Option<JobId>, limit: i64) -> Result<Vec<Job>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    all!(tx, JobRow, LIST, mine, before, limit)?.into_iter().map(Job::try_from).collect()
}

/// Finds the oldest job that nobody works on, or that this holder held before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn next(tx: &mut Tx, holder: Uuid, now: Timestamp) -> Result<Option<Job>> {
    optional!(tx, JobRow, NEXT, mine, holder, At(now))?.map(Job::try_from).transpose()
}

/// Finds the job that somebody holds.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn held_by(tx: &mut Tx, holder: Uuid) -> Result<Option<Job>> {
    optional!(tx, JobRow, HELD_BY, mine, holder)?.map(Job::try_from).transpose()
}

/// Takes a job to work on it; `false` if another was faster, or it has ended.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn take(tx: &mut Tx, job: JobId, holder: Uuid, now: Timestamp, held_until: Timestamp) -> Result<bool> {
    Ok(run!(tx, TAKE, mine, job.0, holder, At(held_until), At(now))? == 1)
}

/// Notes how far a job is, and holds it longer; `false` if it is no longer held: it was cancelled, or taken over.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn advance(tx: &mut Tx, job: JobId, holder: Uuid, done: i64, held_until: Timestamp) -> Result<bool> {
    Ok(run!(tx, ADVANCE, mine, job.0, holder, done, At(held_until))? == 1)
}

/// Ends a job; `false` if it had ended already.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn finish(
    tx: &mut Tx,
    job: JobId,
    state: &str,
    problem: Option<&str>,
    done: i64,
    now: Timestamp,
) -> Result<bool> {
    Ok(run!(tx, FINISH, mine, job.0, state, problem, done, At(now))? == 1)
}

/// Lets go of all jobs: whoever held them is gone.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn release(tx: &mut Tx) -> Result<u64> {
    run!(tx, RELEASE, mine)
}

/// Deletes jobs that were asked for before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
