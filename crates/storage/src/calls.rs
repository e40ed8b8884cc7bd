//! The log of telephone calls.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::calls::CallOutcome;
use domain::ids::{AccountId, CallId, CaseId, PersonId};
use domain::persons::Personal;
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

/// A call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub call_id: CallId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// When.
    pub called_at: Timestamp,
    /// By whom.
    pub account_id: AccountId,
    /// What came of it.
    pub outcome: CallOutcome,
    /// When to call again.
    pub call_back_at: Option<Timestamp>,
    /// What was said.
    pub note: Option<Personal<String>>,
}

#[derive(sqlx::FromRow)]
struct CallRow {
    call_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    called_at: At,
    account_id: Uuid,
    outcome: String,
    call_back_at: Option<At>,
    note: Option<Vec<u8>>,
}

const INSERT: &str = "-- calls::insert
INSERT INTO phone_call (authority_id, case_id, call_id, person_id, called_at, account_id, outcome, call_back_at, note) ";

const OF_CASE: Statement = Statement::both(
    "-- calls::of_case
SELECT call_id, case_id, person_id, called_at, account_id, outcome, call_back_at, note
  FROM phone_call WHERE authority_id = $1 AND case_id = $2 ORDER BY called_at DESC, call_id DESC",
);

/// Without notes: the worklist shows when and what came of it.
pub(crate) const LAST_OF: Statement = Statement::each(
    "-- calls::last_of
SELECT call_id, k.case_id, person_id, called_at, account_id, outcome, call_back_at, NULL AS note
  FROM json_each($2) AS id CROSS JOIN phone_call AS k ON k.authority_id = $1 AND k.case_id = unhex(id.value)
 ORDER BY called_at, call_id",
    "-- calls::last_of
SELECT call_id, k.case_id, person_id, called_at, account_id, outcome, call_back_at, NULL::bytea AS note
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN phone_call AS k ON k.authority_id = $1 AND k.case_id = id
 ORDER BY called_at, call_id",
);

fn place(call_id: Uuid) -> CellPlace {
    CellPlace { table: "phone_call", column: "note", row: call_id }
}

fn open(sealer: Option<&Sealer>, row: CallRow) -> Result<Call> {
    let note = match sealer.zip(row.note) {
        Some((sealer, cell)) => Some(Personal::new(sealer.open(place(row.call_id), &cell)?)),
        None => None,
    };
    Ok(Call {
        call_id: CallId(row.call_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        called_at: row.called_at.0,
        account_id: AccountId(row.account_id),
        outcome: CallOutcome::find(&row.outcome).ok_or(StorageError::Unreadable("outcome of a call"))?,
        call_back_at: row.call_back_at.map(|at| at.0),
        note,
    })
}

/// Notes a call. Returns whether it is new: the same id again changes nothing.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, call: &Call) -> Result<bool> {
    let note = call.note.as_ref().map(|note| sealer.seal(place(call.call_id.0), note.expose())).transpose()?;
    let note = note.map(|cell| cell.0);
    let authority_id = tx.authority().0;
    let calls = std::slice::from_ref(call);
    let inserted = insert_all!(
        tx,
        INSERT,
        " ON CONFLICT DO NOTHING",
        calls,
        |call| authority_id,
        call.case_id.0,
        call.call_id.0,
        call.person_id.0,
        At(call.called_at),
        call.account_id.0,
        call.outcome.as_str(),
        call.call_back_at.map(At),
        note.clone()
    )?;
    Ok(inserted == 1)
}

/// Lists the calls of a case, newest first. Without a sealer notes stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<Call>> {
    all!(tx, CallRow, OF_CASE, mine, case_id.0)?.into_iter().map(|row| open(sealer, row)).collect()
}

/// Returns the last call of each case, without its note.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn last_of(tx: &mut Tx, cases: &[CaseId]) -> Result<HashMap<CaseId, Call>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    let rows = all!(tx, CallRow, LAST_OF, mine, &json)?;
    rows.into_iter().map(|row| open(None, row).map(|call| (call.case_id, call))).collect()
}
