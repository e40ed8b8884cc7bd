//! Codes by which patients open an account: a hash to find one by, and a sealed copy until it has ended.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer, fingerprint};
use crate::store::Tx;
use domain::activation::{ActivationCode, CodeState};
use domain::ids::{AccountId, CaseId, CodeId, MessageId, PersonId};
use domain::messages::Channel;
use jiff::Timestamp;
use uuid::Uuid;

/// A code, without what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCode {
    /// Its id.
    pub code_id: CodeId,
    /// The case to which it invites.
    pub case_id: CaseId,
    /// Who is invited.
    pub person_id: PersonId,
    /// By which way it went.
    pub channel: Channel,
    /// Where it stands.
    pub state: CodeState,
    /// The mail or letter with it.
    pub message_id: MessageId,
    /// Wrong dates of birth so far.
    pub n_wrong: u32,
    /// Until when it works; `None` until the mail server has taken the mail.
    pub valid_until: Option<Timestamp>,
    /// When it must be looked at because its time is over.
    pub due_at: Option<Timestamp>,
    /// Who invited.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct CodeRow {
    code_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    channel: String,
    state: String,
    message_id: Uuid,
    n_wrong: i32,
    valid_until: Option<At>,
    due_at: Option<At>,
    account_id: Uuid,
    created_at: At,
    ended_at: Option<At>,
}

#[derive(sqlx::FromRow)]
struct CellRow {
    code: Option<Vec<u8>>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_id: Uuid,
}

impl TryFrom<CodeRow> for StoredCode {
    type Error = StorageError;
    fn try_from(row: CodeRow) -> Result<Self> {
        Ok(Self {
            code_id: CodeId(row.code_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            channel: Channel::find(&row.channel).ok_or(StorageError::Unreadable("channel"))?,
            state: CodeState::find(&row.state).ok_or(StorageError::Unreadable("state of a code"))?,
            message_id: MessageId(row.message_id),
            n_wrong: u32::try_from(row.n_wrong).unwrap_or(0),
            valid_until: row.valid_until.map(|at| at.0),
            due_at: row.due_at.map(|at| at.0),
            account_id: AccountId(row.account_id),
            created_at: row.created_at.0,
            ended_at: row.ended_at.map(|at| at.0),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- activation_codes::insert
INSERT INTO activation_code (authority_id, case_id, code_id, person_id, code_hash, code, channel, state, message_id, n_wrong,
                             valid_until, due_at, account_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
);

const BY_HASH: Statement = Statement::both(
    "-- activation_codes::by_hash
SELECT code_id, case_id, person_id, channel, state, message_id, n_wrong, valid_until, due_at, account_id, created_at,
       ended_at
  FROM activation_code WHERE authority_id = $1 AND code_hash = $2",
);

const OF_CASE: Statement = Statement::both(
    "-- activation_codes::of_case
SELECT code_id, case_id, person_id, channel, state, message_id, n_wrong, valid_until, due_at, account_id, created_at,
       ended_at
  FROM activation_code WHERE authority_id = $1 AND case_id = $2 ORDER BY code_id DESC",
);

pub(crate) const OPEN_OF_CASES: Statement = Statement::each(
    "-- activation_codes::open_of_cases
SELECT k.code_id, k.case_id, k.person_id, k.channel, k.state, k.message_id, k.n_wrong, k.valid_until, k.due_at,
       k.account_id, k.created_at, k.ended_at
  FROM json_each($2) AS id CROSS JOIN activation_code AS k
    ON k.authority_id = $1 AND k.case_id = unhex(id.value) AND k.state = 'open'",
    "-- activation_codes::open_of_cases
SELECT code_id, case_id, person_id, channel, state, message_id, n_wrong, valid_until, due_at, account_id, created_at,
       ended_at
  FROM activation_code WHERE authority_id = $1
   AND case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AND state = 'open'",
);

const CANCELLED_AT: Statement = Statement::each(
    "-- activation_codes::cancelled_at
SELECT DISTINCT k.case_id FROM json_each($2) AS id CROSS JOIN activation_code AS k
    ON k.authority_id = $1 AND k.case_id = unhex(id.value) AND k.state = 'cancelled' AND k.ended_at = $3",
    "-- activation_codes::cancelled_at
SELECT DISTINCT case_id FROM activation_code WHERE authority_id = $1
   AND case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AND state = 'cancelled' AND ended_at = $3",
);

const OF_MESSAGE: Statement = Statement::both(
    "-- activation_codes::of_message
SELECT code_id, case_id, person_id, channel, state, message_id, n_wrong, valid_until, due_at, account_id, created_at,
       ended_at
  FROM activation_code WHERE authority_id = $1 AND message_id = $2",
);

const OPEN: Statement = Statement::both(
    "-- activation_codes::open
SELECT code FROM activation_code WHERE authority_id = $1 AND case_id = $2 AND code_id = $3",
);

const WRITE: Statement = Statement::both(
    "-- activation_codes::write
UPDATE activation_code
   SET state = $4, n_wrong = $5, valid_until = $6, due_at = $7, ended_at = $8,
       code = CASE WHEN $4 IN ('open') THEN code END
 WHERE authority_id = $1 AND case_id = $2 AND code_id = $3",
);

const DUE: Statement = Statement::both(
    "-- activation_codes::due
SELECT case_id FROM activation_code WHERE authority_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
);

const ALL_OPEN: Statement = Statement::both(
    "-- activation_codes::all_open
SELECT code_id, case_id, person_id, channel, state, message_id, n_wrong, valid_until, due_at, account_id, created_at,
       ended_at
  FROM activation_code WHERE authority_id = $1 AND state = 'open' ORDER BY case_id, code_id",
);

fn place(code_id: CodeId) -> CellPlace {
    CellPlace { table: "activation_code", column: "code", row: code_id.0 }
}

/// Stores a code.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, stored: &StoredCode, code: &ActivationCode) -> Result<()> {
    let cell = sealer.seal(place(stored.code_id), code.expose())?.0;
    run!(
        tx,
        INSERT,
        mine,
        stored.case_id.0,
        stored.code_id.0,
        stored.person_id.0,
        fingerprint(code.expose()),
        cell,
        stored.channel.as_str(),
        stored.state.as_str(),
        stored.message_id.0,
        i32::try_from(stored.n_wrong).unwrap_or(i32::MAX),
        stored.valid_until.map(At),
        stored.due_at.map(At),
        stored.account_id.0,
        At(stored.created_at),
    )?;
    Ok(())
}

/// Finds a code.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, code: &ActivationCode) -> Result<Option<StoredCode>> {
    optional!(tx, CodeRow, BY_HASH, mine, fingerprint(code.expose()))?.map(TryInto::try_into).transpose()
}

/// Lists the codes of a case, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<StoredCode>> {
    all!(tx, CodeRow, OF_CASE, mine, case_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Lists the codes of many cases that are open, in no order.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn open_of_cases(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<StoredCode>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    all!(tx, CodeRow, OPEN_OF_CASES, mine, json)?.into_iter().map(TryInto::try_into).collect()
}

/// Lists which of many cases had a code cancelled at exactly that instant.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn cancelled_at(tx: &mut Tx, cases: &[CaseId], at: Timestamp) -> Result<Vec<CaseId>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    Ok(all!(tx, CaseRow, CANCELLED_AT, mine, json, At(at))?.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// Finds the code that a mail or letter brings.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_message(tx: &mut Tx, message_id: MessageId) -> Result<Option<StoredCode>> {
    optional!(tx, CodeRow, OF_MESSAGE, mine, message_id.0)?.map(TryInto::try_into).transpose()
}

/// Opens a code that has not ended; `None` if it has.
///
/// # Errors
///
/// [`StorageError::Sealing`] if it doesn't open.
pub async fn open(tx: &mut Tx, sealer: &Sealer, code: &StoredCode) -> Result<Option<ActivationCode>> {
    let row = optional!(tx, CellRow, OPEN, mine, code.case_id.0, code.code_id.0)?;
    let Some(cell) = row.and_then(|row| row.code) else { return Ok(None) };
    let text = sealer.open(place(code.code_id), &cell)?;
    ActivationCode::read(&text).map(Some).map_err(|_| StorageError::Unreadable("code"))
}

/// Writes where a code stands. The copy of one that has ended is erased.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it isn't there.
pub async fn write(tx: &mut Tx, code: &StoredCode) -> Result<()> {
    let touched = run!(
        tx,
        WRITE,
        mine,
        code.case_id.0,
        code.code_id.0,
        code.state.as_str(),
        i32::try_from(code.n_wrong).unwrap_or(i32::MAX),
        code.valid_until.map(At),
        code.due_at.map(At),
        code.ended_at.map(At),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "activation_codes::write", touched, expected: 1 }),
    }
}

/// Lists the cases of which a code must be looked at by now, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<CaseId>> {
    Ok(all!(tx, CaseRow, DUE, mine, At(now), limit)?.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// Ends all codes that are open, after a restore: they may have been used or taken back since the backup. The mails and
/// letters with them don't go either. Each is looked at at once. Returns how many there were.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_all(tx: &mut Tx, now: Timestamp) -> Result<usize> {
    let open: Vec<CodeRow> = all!(tx, CodeRow, ALL_OPEN, mine)?;
    let n_open = open.len();
    for row in open {
        let code = StoredCode::try_from(row)?;
        crate::messages::cancel(tx, code.message_id, None, now).await?;
        let ended = StoredCode { state: CodeState::Expired, due_at: Some(now), ended_at: Some(now), ..code };
        write(tx, &ended).await?;
    }
    Ok(n_open)
}
