//! Files that people bring in, sealed in parts, and the rows of them that were refused.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, ImportId, JobId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A file as stored, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFile {
    /// Its id.
    pub import_id: ImportId,
    /// Who brought it in.
    pub account_id: AccountId,
    /// User name.
    pub account: String,
    /// What it holds.
    pub kind: String,
    /// As its owner calls it.
    pub file_name: Personal<String>,
    /// Its size.
    pub n_bytes: i64,
    /// How far it is.
    pub state: String,
    /// How to read it, as JSON.
    pub settings: Option<String>,
    /// What became of its rows, as JSON.
    pub summary: Option<String>,
    /// Rows that wait for correction.
    pub n_refused: i64,
    /// The last job that read it.
    pub job_id: Option<JobId>,
    /// When it was brought in.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct FileRow {
    import_id: Uuid,
    account_id: Uuid,
    account: String,
    kind: String,
    file_name: Vec<u8>,
    n_bytes: i64,
    state: String,
    settings: Option<String>,
    summary: Option<String>,
    n_refused: i64,
    job_id: Option<Uuid>,
    created_at: At,
}

#[derive(sqlx::FromRow)]
struct PartRow {
    content: Vec<u8>,
}

/// What the parts are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The file's bytes.
    File,
    /// The rows that were refused.
    Refused,
}

impl Content {
    fn word(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Refused => "refused",
        }
    }
}

/// Bytes in one part: small enough for a row, large enough to be few.
const PART_BYTES: usize = 1 << 20;

const INSERT: Statement = Statement::both(
    "-- import_files::insert
INSERT INTO import_file (authority_id, import_id, account_id, kind, file_name, n_bytes, state, n_refused, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
);

const FIND: Statement = Statement::both(
    "-- import_files::find
SELECT import_id, f.account_id, a.name AS account, kind, file_name, n_bytes, state, settings, summary, n_refused, job_id,
       f.created_at
  FROM import_file AS f JOIN account AS a ON a.account_id = f.account_id
 WHERE f.authority_id = $1 AND import_id = $2",
);

const LIST: Statement = Statement::both(
    "-- import_files::list
SELECT import_id, f.account_id, a.name AS account, kind, file_name, n_bytes, state, settings, summary, n_refused, job_id,
       f.created_at
  FROM import_file AS f JOIN account AS a ON a.account_id = f.account_id
 WHERE f.authority_id = $1 AND import_id < $2 ORDER BY import_id DESC LIMIT $3",
);

const SET_STATE: Statement = Statement::both(
    "-- import_files::set_state
UPDATE import_file SET state = $3, settings = $4, summary = $5, n_refused = $6, job_id = $7
 WHERE authority_id = $1 AND import_id = $2",
);

const RELEASE: Statement = Statement::both(
    "-- import_files::release
UPDATE import_file SET state = 'failed' WHERE authority_id = $1 AND import_id = $2 AND job_id = $3
   AND state IN ('checking', 'running')",
);

const INSERT_PART: Statement = Statement::both(
    "-- import_files::insert_part
INSERT INTO import_part (authority_id, import_id, what, part, content) VALUES ($1, $2, $3, $4, $5)",
);

const PART: Statement = Statement::both(
    "-- import_files::part
SELECT content FROM import_part WHERE authority_id = $1 AND import_id = $2 AND what = $3 AND part = $4",
);

const DELETE_PARTS: Statement = Statement::both(
    "-- import_files::delete_parts
DELETE FROM import_part WHERE authority_id = $1 AND import_id = $2 AND what = $3",
);

const DELETE: Statement = Statement::both(
    "-- import_files::delete
DELETE FROM import_file WHERE authority_id = $1 AND import_id = $2",
);

const EXPIRED_PARTS: Statement = Statement::both(
    "-- import_files::expired_parts
DELETE FROM import_part WHERE authority_id = $1
   AND import_id IN (SELECT import_id FROM import_file WHERE authority_id = $1 AND created_at < $2)",
);

const EXPIRED: Statement = Statement::both(
    "-- import_files::expired
DELETE FROM import_file WHERE authority_id = $1 AND created_at < $2",
);

fn name_place(import_id: ImportId) -> CellPlace {
    CellPlace { table: "import_file", column: "file_name", row: import_id.0 }
}

/// Binds a part to its file, its content and its number.
fn part_place(import_id: ImportId, what: Content, part: i32) -> CellPlace {
    let number = u128::from(part.unsigned_abs()) << 1 | u128::from(what == Content::Refused);
    CellPlace { table: "import_part", column: "content", row: Uuid::from_u128(import_id.0.as_u128() ^ number) }
}

fn open(sealer: &Sealer, row: FileRow) -> Result<ImportFile> {
    let import_id = ImportId(row.import_id);
    Ok(ImportFile {
        import_id,
        account_id: AccountId(row.account_id),
        account: row.account,
        kind: row.kind,
        file_name: Personal::new(sealer.open(name_place(import_id), &row.file_name)?),
        n_bytes: row.n_bytes,
        state: row.state,
        settings: row.settings,
        summary: row.summary,
        n_refused: row.n_refused,
        job_id: row.job_id.map(JobId),
        created_at: row.created_at.0,
    })
}

/// Stores a file, sealed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, file: &ImportFile, content: &[u8]) -> Result<()> {
    let name = sealer.seal(name_place(file.import_id), file.file_name.expose())?;
    run!(
        tx,
        INSERT,
        mine,
        file.import_id.0,
        file.account_id.0,
        &file.kind,
        &name.0,
        file.n_bytes,
        &file.state,
        At(file.created_at),
    )?;
    replace_content(tx, sealer, file.import_id, Content::File, content).await
}

/// Stores the bytes of a file, or its refused rows, in place of those before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn replace_content(
    tx: &mut Tx,
    sealer: &Sealer,
    import_id: ImportId,
    what: Content,
    content: &[u8],
) -> Result<()> {
    run!(tx, DELETE_PARTS, mine, import_id.0, what.word())?;
    for (part, bytes) in (0i32..).zip(content.chunks(PART_BYTES)) {
        let sealed = sealer.seal_bytes(part_place(import_id, what, part), bytes)?;
        run!(tx, INSERT_PART, mine, import_id.0, what.word(), part, &sealed.0)?;
    }
    Ok(())
}

/// Reads the bytes of a file, or its refused rows; empty where there are none.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a part doesn't open.
pub async fn content(tx: &mut Tx, sealer: &Sealer, import_id: ImportId, what: Content) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    for part in 0i32.. {
        let Some(row) = optional!(tx, PartRow, PART, mine, import_id.0, what.word(), part)? else { break };
        whole.extend(sealer.open_bytes(part_place(import_id, what, part), &row.content)?);
    }
    Ok(whole)
}

/// Finds a file.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its name doesn't open.
pub async fn find(tx: &mut Tx, sealer: &Sealer, import_id: ImportId) -> Result<Option<ImportFile>> {
    optional!(tx, FileRow, FIND, mine, import_id.0)?.map(|row| open(sealer, row)).transpose()
}

/// Lists files, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a name doesn't open.
pub async fn list(tx: &mut Tx, sealer: &Sealer, before: Option<ImportId>, limit: i64) -> Result<Vec<ImportFile>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let rows = all!(tx, FileRow, LIST, mine, before, limit)?;
    rows.into_iter().map(|row| open(sealer, row)).collect()
}

/// Stores how far a file is.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such file.
pub async fn set_state(tx: &mut Tx, file: &ImportFile) -> Result<()> {
    let job_id = file.job_id.map(|job| job.0);
    let (id, state, settings, summary) = (file.import_id.0, &file.state, &file.settings, &file.summary);
    match run!(tx, SET_STATE, mine, id, state, settings, summary, file.n_refused, job_id)? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "import_files::set_state", touched, expected: 1 }),
    }
}

/// Notes that the job which read a file ended without a result; nothing if another job reads it by now.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn release(tx: &mut Tx, import_id: ImportId, job_id: JobId) -> Result<()> {
    run!(tx, RELEASE, mine, import_id.0, job_id.0)?;
    Ok(())
}

/// Deletes a file with all its parts; `false` if there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, import_id: ImportId) -> Result<bool> {
    for what in [Content::File, Content::Refused] {
        run!(tx, DELETE_PARTS, mine, import_id.0, what.word())?;
    }
    Ok(run!(tx, DELETE, mine, import_id.0)? == 1)
}

/// Deletes files that were brought in before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED_PARTS, mine, At(before))?;
    run!(tx, EXPIRED, mine, At(before))
}
