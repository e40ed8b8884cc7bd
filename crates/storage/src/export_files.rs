//! Workbooks that a job makes: sealed in parts, fetched for some days, and gone.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::exports::ExportKind;
use domain::ids::{AccountId, ExportId, JobId};
use jiff::Timestamp;
use uuid::Uuid;

/// A file as stored, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Its id.
    pub export_id: ExportId,
    /// Who asked for it.
    pub account_id: AccountId,
    /// User name.
    pub account: String,
    /// What it holds.
    pub kind: ExportKind,
    /// Which cases and in which language, as JSON.
    pub settings: String,
    /// The job that makes it.
    pub job_id: JobId,
    /// Rows and bytes, once it is ready.
    pub size: Option<(i64, i64)>,
    /// State of the job; `None` when that is forgotten.
    pub state: Option<String>,
    /// Rows done so far.
    pub done: i64,
    /// When it was asked for.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    export_id: Uuid,
    account_id: Uuid,
    account: String,
    kind: String,
    settings: String,
    job_id: Uuid,
    n_rows: Option<i64>,
    n_bytes: Option<i64>,
    state: Option<String>,
    done: Option<i64>,
    created_at: At,
}

impl TryFrom<FileRow> for ExportFile {
    type Error = StorageError;
    fn try_from(row: FileRow) -> Result<Self> {
        Ok(Self {
            export_id: ExportId(row.export_id),
            account_id: AccountId(row.account_id),
            account: row.account,
            kind: ExportKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of export"))?,
            settings: row.settings,
            job_id: JobId(row.job_id),
            size: row.n_rows.zip(row.n_bytes),
            state: row.state,
            done: row.done.unwrap_or(0),
            created_at: row.created_at.0,
        })
    }
}

#[derive(sqlx::FromRow)]
struct PartRow {
    content: Vec<u8>,
}

/// Bytes in one part: small enough for a row, large enough to be few.
const PART_BYTES: usize = 1 << 20;

const INSERT: Statement = Statement::both(
    "-- export_files::insert
INSERT INTO export_file (authority_id, export_id, account_id, kind, settings, job_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)",
);

const FIND: Statement = Statement::both(
    "-- export_files::find
SELECT export_id, f.account_id, a.name AS account, f.kind, f.settings, f.job_id, n_rows, n_bytes, j.state, j.done, f.created_at
  FROM export_file AS f JOIN account AS a ON a.account_id = f.account_id
  LEFT JOIN job AS j ON j.authority_id = $1 AND j.job_id = f.job_id
 WHERE f.authority_id = $1 AND export_id = $2",
);

const LIST: Statement = Statement::both(
    "-- export_files::list
SELECT export_id, f.account_id, a.name AS account, f.kind, f.settings, f.job_id, n_rows, n_bytes, j.state, j.done, f.created_at
  FROM export_file AS f JOIN account AS a ON a.account_id = f.account_id
  LEFT JOIN job AS j ON j.authority_id = $1 AND j.job_id = f.job_id
 WHERE f.authority_id = $1 ORDER BY export_id DESC LIMIT $2",
);

const SET_READY: Statement = Statement::both(
    "-- export_files::set_ready
UPDATE export_file SET n_rows = $3, n_bytes = $4 WHERE authority_id = $1 AND export_id = $2",
);

const INSERT_PART: Statement = Statement::both(
    "-- export_files::insert_part
INSERT INTO export_part (authority_id, export_id, part, content) VALUES ($1, $2, $3, $4)",
);

const PART: Statement = Statement::both(
    "-- export_files::part
SELECT content FROM export_part WHERE authority_id = $1 AND export_id = $2 AND part = $3",
);

const DELETE_PARTS: Statement = Statement::both(
    "-- export_files::delete_parts
DELETE FROM export_part WHERE authority_id = $1 AND export_id = $2",
);

const DELETE: Statement = Statement::both(
    "-- export_files::delete
DELETE FROM export_file WHERE authority_id = $1 AND export_id = $2",
);

const EXPIRED_PARTS: Statement = Statement::both(
    "-- export_files::expired_parts
DELETE FROM export_part WHERE authority_id = $1
   AND export_id IN (SELECT export_id FROM export_file WHERE authority_id = $1 AND created_at < $2)",
);

const EXPIRED: Statement = Statement::both(
    "-- export_files::expired
DELETE FROM export_file WHERE authority_id = $1 AND created_at < $2",
);

fn place(export_id: ExportId, part: i32) -> CellPlace {
    let row = Uuid::from_u128(export_id.0.as_u128() ^ u128::from(part.unsigned_abs()));
    CellPlace { table: "export_part", column: "content", row }
}

/// Stores that a file is to be made.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, file: &ExportFile) -> Result<()> {
    run!(
        tx,
        INSERT,
        mine,
        file.export_id.0,
        file.account_id.0,
        file.kind.as_str(),
        &file.settings,
        file.job_id.0,
        At(file.created_at),
    )?;
    Ok(())
}

/// Stores the bytes of a file, sealed, in place of those before. The file is ready then.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if the file was deleted meanwhile.
pub async fn set_ready(tx: &mut Tx, sealer: &Sealer, export_id: ExportId, n_rows: i64, content: &[u8]) -> Result<()> {
    run!(tx, DELETE_PARTS, mine, export_id.0)?;
    for (part, bytes) in (0i32..).zip(content.chunks(PART_BYTES)) {
        let sealed = sealer.seal_bytes(place(export_id, part), bytes)?;
        run!(tx, INSERT_PART, mine, export_id.0, part, &sealed.0)?;
    }
    let n_bytes = i64::try_from(content.len()).unwrap_or(i64::MAX);
    match run!(tx, SET_READY, mine, export_id.0, n_rows, n_bytes)? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "export_files::set_ready", touched, expected: 1 }),
    }
}

/// Reads one part of a file; `None` past the last one.
///
/// # Errors
///
/// [`StorageError::Sealing`] if it doesn't open.
pub async fn part(tx: &mut Tx, sealer: &Sealer, export_id: ExportId, part: i32) -> Result<Option<Vec<u8>>> {
    let Some(row) = optional!(tx, PartRow, PART, mine, export_id.0, part)? else { return Ok(None) };
    Ok(Some(sealer.open_bytes(place(export_id, part), &row.content)?))
}

/// Finds a file.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, export_id: ExportId) -> Result<Option<ExportFile>> {
    optional!(tx, FileRow, FIND, mine, export_id.0)?.map(ExportFile::try_from).transpose()
}

/// Lists files, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, limit: i64) -> Result<Vec<ExportFile>> {
    all!(tx, FileRow, LIST, mine, limit)?.into_iter().map(ExportFile::try_from).collect()
}

/// Deletes a file with all its parts; `false` if there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, export_id: ExportId) -> Result<bool> {
    run!(tx, DELETE_PARTS, mine, export_id.0)?;
    Ok(run!(tx, DELETE, mine, export_id.0)? == 1)
}

/// Deletes files that were asked for before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED_PARTS, mine, At(before))?;
    run!(tx, EXPIRED, mine, At(before))
}
