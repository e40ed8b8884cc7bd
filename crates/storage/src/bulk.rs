//! One thing done to many cases: the journal of it, a row for each case.

use crate::cases::CaseWork;
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::{Inner, Tx};
use domain::bulk::{Again, BulkAction, RowOutcome, Standing};
use domain::cases::{CaseStatus, Conclusion};
use domain::ids::{AccountId, BulkId, CaseId, JobId};
use domain::persons::Personal;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

mod invitees;
mod standing;

pub(crate) use invitees::INVITEES;
pub use invitees::invitees;
pub use standing::{conclude_items, lock_cases, open_items_again, write_standing};

/// A bulk action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// Its id.
    pub bulk_id: BulkId,
    /// Who asked for it.
    pub account_id: AccountId,
    /// What is done.
    pub action: BulkAction,
    /// A comment for each case; `None` without one, or where personal fields are locked.
    pub note: Option<Personal<String>>,
    /// Cases of it.
    pub n_rows: u64,
    /// The job that does it.
    pub job_id: JobId,
    /// The job that undoes it.
    pub undo_job_id: Option<JobId>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

/// A case of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkRow {
    /// Place in the bulk action, from 0.
    pub place: u32,
    /// The case.
    pub case_id: CaseId,
    /// What became of it.
    pub outcome: RowOutcome,
    /// Why it was refused.
    pub reason: Option<String>,
    /// Where the case stood before.
    pub stood: Option<Standing>,
    /// When it was done.
    pub done_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct BulkRecord {
    bulk_id: Uuid,
    account_id: Uuid,
    kind: String,
    setting: Option<String>,
    note: Option<Vec<u8>>,
    n_rows: i64,
    job_id: Uuid,
    undo_job_id: Option<Uuid>,
    created_at: At,
}

#[derive(sqlx::FromRow)]
struct RowRecord {
    place: i32,
    case_id: Uuid,
    outcome: String,
    reason: Option<String>,
    stood: Option<String>,
    done_at: Option<At>,
}

#[derive(sqlx::FromRow)]
struct Counted {
    outcome: String,
    n: i64,
}

/// A standing as it is kept, in the words of the columns.
#[derive(Serialize, Deserialize)]
struct Stood {
    status: String,
    status_since: Timestamp,
    status_before: Option<String>,
    conclusion: Option<String>,
    concluded_on: Option<Date>,
    assigned_to: Option<Uuid>,
    assigned_at: Option<Timestamp>,
}

const INSERT: Statement = Statement::both(
    "-- bulk::insert
INSERT INTO bulk_action (authority_id, bulk_id, account_id, kind, setting, note, n_rows, job_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
);

const INSERT_ROWS: &str = "-- bulk::insert_rows
INSERT INTO bulk_row (authority_id, bulk_id, place, case_id, outcome) ";

const FIND: Statement = Statement::both(
    "-- bulk::find
SELECT bulk_id, account_id, kind, setting, note, n_rows, job_id, undo_job_id, created_at
  FROM bulk_action WHERE authority_id = $1 AND bulk_id = $2",
);

const LIST: Statement = Statement::both(
    "-- bulk::list
SELECT bulk_id, account_id, kind, setting, note, n_rows, job_id, undo_job_id, created_at
  FROM bulk_action WHERE authority_id = $1 AND bulk_id < $2 ORDER BY bulk_id DESC LIMIT $3",
);

const COUNTS: Statement = Statement::both(
    "-- bulk::counts
SELECT outcome, count(*) AS n FROM bulk_row WHERE authority_id = $1 AND bulk_id = $2 GROUP BY outcome",
);

const ROWS: Statement = Statement::both(
    "-- bulk::rows
SELECT place, case_id, outcome, reason, stood, done_at FROM bulk_row
 WHERE authority_id = $1 AND bulk_id = $2 AND place > $3 ORDER BY place LIMIT $4",
);

const ROWS_OF: Statement = Statement::each(
    "-- bulk::rows_of
SELECT place, case_id, outcome, reason, stood, done_at FROM bulk_row INDEXED BY bulk_row_by_outcome
 WHERE authority_id = $1 AND bulk_id = $2 AND outcome = $3 AND place > $4 ORDER BY place LIMIT $5",
    "-- bulk::rows_of
SELECT place, case_id, outcome, reason, stood, done_at FROM bulk_row
 WHERE authority_id = $1 AND bulk_id = $2 AND outcome = $3 AND place > $4 ORDER BY place LIMIT $5",
);

/// Row by row on SQLite, which is in this process and would read all of the table to join it with a list.
const WRITE_ROWS: Statement = Statement::each(
    "-- bulk::write_rows
UPDATE bulk_row SET outcome = $4, reason = $5, stood = coalesce($6, stood), done_at = $7
 WHERE authority_id = $1 AND bulk_id = $2 AND place = $3",
    "-- bulk::write_rows
UPDATE bulk_row SET outcome = n.outcome, reason = n.reason, stood = coalesce(n.stood, bulk_row.stood), done_at = $4
  FROM jsonb_to_recordset($3::jsonb) AS n (place integer, outcome text, reason text, stood text)
 WHERE bulk_row.authority_id = $1 AND bulk_row.bulk_id = $2 AND bulk_row.place = n.place",
);

const BEGIN_UNDO: Statement = Statement::both(
    "-- bulk::begin_undo
UPDATE bulk_action SET undo_job_id = $3 WHERE authority_id = $1 AND bulk_id = $2 AND undo_job_id IS NULL",
);

const EXPIRED_ROWS: Statement = Statement::both(
    "-- bulk::expired_rows
DELETE FROM bulk_row WHERE authority_id = $1
   AND bulk_id IN (SELECT bulk_id FROM bulk_action WHERE authority_id = $1 AND created_at < $2)",
);

const EXPIRED: Statement = Statement::both(
    "-- bulk::expired
DELETE FROM bulk_action WHERE authority_id = $1 AND created_at < $2",
);

fn note_place(bulk_id: Uuid) -> CellPlace {
    CellPlace { table: "bulk_action", column: "note", row: bulk_id }
}

fn words_of(action: BulkAction) -> (&'static str, Option<String>) {
    match action {
        BulkAction::Assign { to } => ("assign", to.map(|account| account.to_string())),
        BulkAction::Conclude { conclusion } => ("conclude", Some(conclusion.to_string())),
        BulkAction::Invite { again: Again::No } => ("invite", None),
        BulkAction::Invite { again: Again::Yes } => ("invite", Some("again".to_owned())),
    }
}

fn action_of(kind: &str, setting: Option<&str>) -> Option<BulkAction> {
    match (kind, setting) {
        ("assign", None) => Some(BulkAction::Assign { to: None }),
        ("assign", Some(id)) => Some(BulkAction::Assign { to: Some(AccountId(id.parse().ok()?)) }),
        ("conclude", Some(word)) => Some(BulkAction::Conclude { conclusion: Conclusion::find(word)? }),
        ("invite", None) => Some(BulkAction::Invite { again: Again::No }),
        ("invite", Some("again")) => Some(BulkAction::Invite { again: Again::Yes }),
        _ => None,
    }
}

impl BulkRecord {
    fn open(self, sealer: Option<&Sealer>) -> Result<Bulk> {
        let note = self.note.as_deref().zip(sealer);
        let note = note.map(|(cell, sealer)| sealer.open(note_place(self.bulk_id), cell)).transpose()?;
        Ok(Bulk {
            bulk_id: BulkId(self.bulk_id),
            account_id: AccountId(self.account_id),
            action: action_of(&self.kind, self.setting.as_deref()).ok_or(StorageError::Unreadable("bulk action"))?,
            note: note.map(Personal::new),
            n_rows: u64::try_from(self.n_rows).unwrap_or(0),
            job_id: JobId(self.job_id),
            undo_job_id: self.undo_job_id.map(JobId),
            created_at: self.created_at.0,
        })
    }
}

impl TryFrom<RowRecord> for BulkRow {
    type Error = StorageError;
    fn try_from(row: RowRecord) -> Result<Self> {
        Ok(Self {
            place: u32::try_from(row.place).map_err(|_| StorageError::Unreadable("place"))?,
            case_id: CaseId(row.case_id),
            outcome: RowOutcome::find(&row.outcome).ok_or(StorageError::Unreadable("outcome of a row"))?,
            reason: row.reason,
            stood: row.stood.as_deref().map(stood).transpose()?,
            done_at: row.done_at.map(|at| at.0),
        })
    }
}

fn stood(text: &str) -> Result<Standing> {
    let unreadable = || StorageError::Unreadable("standing of a case");
    let kept: Stood = serde_json::from_str(text).map_err(|_| unreadable())?;
    let status = |word: String| CaseStatus::find(&word).ok_or_else(unreadable);
    Ok(Standing {
        status: status(kept.status)?,
        status_since: kept.status_since,
        status_before: kept.status_before.map(status).transpose()?,
        conclusion: kept.conclusion.map(|word| Conclusion::find(&word).ok_or_else(unreadable)).transpose()?,
        concluded_on: kept.concluded_on,
        assigned_to: kept.assigned_to.map(AccountId),
        assigned_at: kept.assigned_at,
    })
}

fn as_text(standing: &Standing) -> Result<String> {
    let kept = Stood {
        status: standing.status.to_string(),
        status_since: standing.status_since,
        status_before: standing.status_before.map(|status| status.to_string()),
        conclusion: standing.conclusion.map(|conclusion| conclusion.to_string()),
        concluded_on: standing.concluded_on,
        assigned_to: standing.assigned_to.map(|account| account.0),
        assigned_at: standing.assigned_at,
    };
    serde_json::to_string(&kept).map_err(|_| StorageError::Unreadable("standing of a case"))
}

/// Returns where a case stands, as far as bulk actions change it.
#[must_use]
pub fn standing_of(work: &CaseWork) -> Standing {
    Standing {
        status: work.status,
        status_since: work.status_since,
        status_before: work.status_before,
        conclusion: work.conclusion,
        concluded_on: work.concluded_on,
        assigned_to: work.assigned_to,
        assigned_at: work.clock.assigned_at,
    }
}

/// Stores a bulk action with its cases, which all wait.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, bulk: &Bulk, cases: &[CaseId]) -> Result<()> {
    let (kind, setting) = words_of(bulk.action);
    let note = bulk.note.as_ref().map(|note| sealer.seal(note_place(bulk.bulk_id.0), note.expose())).transpose()?;
    run!(
        tx,
        INSERT,
        mine,
        bulk.bulk_id.0,
        bulk.account_id.0,
        kind,
        setting,
        note.map(|cell| cell.0),
        i64::try_from(cases.len()).unwrap_or(i64::MAX),
        bulk.job_id.0,
        At(bulk.created_at),
    )?;
    let authority_id = tx.authority().0;
    let rows: Vec<(i32, Uuid)> = (0..).zip(cases.iter().map(|id| id.0)).collect();
    insert_all!(
        tx,
        INSERT_ROWS,
        "",
        rows,
        |row| authority_id,
        bulk.bulk_id.0,
        row.0,
        row.1,
        RowOutcome::Waiting.as_str()
    )?;
    Ok(())
}

/// Finds a bulk action.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, sealer: Option<&Sealer>, bulk_id: BulkId) -> Result<Option<Bulk>> {
    optional!(tx, BulkRecord, FIND, mine, bulk_id.0)?.map(|row| row.open(sealer)).transpose()
}

/// Lists bulk actions, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, sealer: Option<&Sealer>, before: Option<BulkId>, limit: i64) -> Result<Vec<Bulk>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    all!(tx, BulkRecord, LIST, mine, before, limit)?.into_iter().map(|row| row.open(sealer)).collect()
}

/// Counts the cases of a bulk action by what became of them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn counts(tx: &mut Tx, bulk_id: BulkId) -> Result<BTreeMap<RowOutcome, u64>> {
    let counted = all!(tx, Counted, COUNTS, mine, bulk_id.0)?.into_iter().map(|row| {
        let outcome = RowOutcome::find(&row.outcome).ok_or(StorageError::Unreadable("outcome of a row"))?;
        Ok((outcome, u64::try_from(row.n).unwrap_or(0)))
    });
    counted.collect()
}

/// Lists cases of a bulk action in their order, those with one outcome or all, after a place.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn rows(
    tx: &mut Tx,
    bulk_id: BulkId,
    outcome: Option<RowOutcome>,
    after: Option<u32>,
    limit: i64,
) -> Result<Vec<BulkRow>> {
    let after = after.map_or(-1, |place| i32::try_from(place).unwrap_or(i32::MAX));
    let found = match outcome {
        None => all!(tx, RowRecord, ROWS, mine, bulk_id.0, after, limit)?,
        Some(outcome) => all!(tx, RowRecord, ROWS_OF, mine, bulk_id.0, outcome.as_str(), after, limit)?,
    };
    found.into_iter().map(TryInto::try_into).collect()
}

#[derive(Serialize)]
struct Written<'r> {
    place: u32,
    outcome: &'static str,
    reason: Option<&'r str>,
    stood: Option<String>,
}

/// Writes what became of cases. Where they stood stays where none is given.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if one isn't there.
pub async fn write_rows(tx: &mut Tx, bulk_id: BulkId, rows: &[BulkRow], at: Timestamp) -> Result<()> {
    let written = rows.iter().map(|row| {
        let stood = row.stood.as_ref().map(as_text).transpose()?;
        Ok(Written { place: row.place, outcome: row.outcome.as_str(), reason: row.reason.as_deref(), stood })
    });
    let written = written.collect::<Result<Vec<_>>>()?;
    let authority_id = tx.authority().0;
    let mut touched = 0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            for row in written {
                let query = sqlx::query(WRITE_ROWS.sqlite).bind(authority_id).bind(bulk_id.0).bind(row.place);
                let query = query.bind(row.outcome).bind(row.reason).bind(row.stood).bind(At(at));
                touched += query.execute(&mut **conn).await?.rows_affected();
            }
        }
        Inner::Postgres(conn) => {
            let json = serde_json::to_string(&written).map_err(|_| StorageError::Unreadable("rows"))?;
            let query = sqlx::query(WRITE_ROWS.postgres).bind(authority_id).bind(bulk_id.0).bind(json).bind(At(at));
            touched += query.execute(&mut **conn).await?.rows_affected();
        }
    }
    let expected = rows.len() as u64;
    if touched == expected {
        Ok(())
    } else {
        Err(StorageError::WrongCount { statement: "bulk::write_rows", touched, expected })
    }
}

/// Notes which job undoes a bulk action; `false` if one does already.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn begin_undo(tx: &mut Tx, bulk_id: BulkId, job_id: JobId) -> Result<bool> {
    Ok(run!(tx, BEGIN_UNDO, mine, bulk_id.0, job_id.0)? == 1)
}

/// Deletes bulk actions that were asked for before an instant, with their rows. Returns how many rows went.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    let rows = run!(tx, EXPIRED_ROWS, mine, At(before))?;
    Ok(rows + run!(tx, EXPIRED, mine, At(before))?)
}
