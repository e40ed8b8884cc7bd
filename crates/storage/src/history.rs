//! History: every change of a person or case, with who, when, why, before and after.
//!
//! A value is sealed where its field is.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::Result;
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, HistoryId, PersonId};
use domain::persons::{Personal, PersonalField};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// One change of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its id.
    pub history_id: HistoryId,
    /// The person it is about.
    pub person_id: PersonId,
    /// The case, if it is about one.
    pub case_id: Option<CaseId>,
    /// When.
    pub changed_at: Timestamp,
    /// Who.
    pub account_id: AccountId,
    /// Which field; `created` for a new row.
    pub field: String,
    /// Value before.
    pub before: Option<Personal<String>>,
    /// Value after.
    pub after: Option<Personal<String>>,
    /// What for. Sealed where people write it in words of their own.
    pub why: String,
}

/// Fields whose changes have a reason in words.
const WITH_REASON: &[&str] =
    &["quarantine_kind", "quarantine_first", "quarantine_last", "isolation_first", "isolation_last"];

/// Stands in clear for a reason that is sealed.
const IN_WORDS: &str = "in words";

#[derive(sqlx::FromRow)]
struct ChangeRow {
    history_id: Uuid,
    person_id: Uuid,
    case_id: Option<Uuid>,
    changed_at: At,
    account_id: Uuid,
    field: String,
    before_clear: Option<String>,
    after_clear: Option<String>,
    before_sealed: Option<Vec<u8>>,
    after_sealed: Option<Vec<u8>>,
    why: String,
    why_sealed: Option<Vec<u8>>,
}

/// Fields of a case that are sealed, beside the personal ones.
const SEALED: &[&str] = &["diary_note"];

const INSERT: &str = "-- history::insert
INSERT INTO history (authority_id, history_id, person_id, case_id, changed_at, account_id, field, before_clear,
                     after_clear, before_sealed, after_sealed, why, why_sealed) ";

const OF_PERSON: Statement = Statement::both(
    "-- history::of_person
SELECT history_id, person_id, case_id, changed_at, account_id, field, before_clear, after_clear, before_sealed,
       after_sealed, why, why_sealed
  FROM history WHERE authority_id = $1 AND person_id = $2 ORDER BY history_id",
);

/// Newest first: one range of the index, whoever's.
const PAGE: Statement = Statement::each(
    "-- history::page
SELECT history_id, person_id, case_id, changed_at, account_id, field, before_clear, after_clear, before_sealed,
       after_sealed, why, why_sealed
  FROM history INDEXED BY history_of_person
 WHERE authority_id = $1 AND person_id = $2 AND history_id < $3 AND (case_id IS NULL OR case_id = coalesce($4, case_id))
 ORDER BY history_id DESC LIMIT $5",
    "-- history::page
SELECT history_id, person_id, case_id, changed_at, account_id, field, before_clear, after_clear, before_sealed,
       after_sealed, why, why_sealed
  FROM history
 WHERE authority_id = $1 AND person_id = $2 AND history_id < $3 AND (case_id IS NULL OR case_id = coalesce($4, case_id))
 ORDER BY history_id DESC LIMIT $5",
);

const ACCOUNT_NAMES: Statement = Statement::each(
    "-- history::account_names
SELECT account_id, name FROM account WHERE account_id IN (SELECT unhex(value) FROM json_each($1))",
    "-- history::account_names
SELECT account_id, name FROM account WHERE account_id IN (SELECT jsonb_array_elements_text($1::jsonb)::uuid)",
);

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_id: Uuid,
    name: String,
}

fn place(column: &'static str, history_id: HistoryId) -> CellPlace {
    CellPlace { table: "history", column, row: history_id.0 }
}

/// Appends changes.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, changes: &[Change]) -> Result<()> {
    let mut rows = Vec::with_capacity(changes.len());
    for change in changes {
        let is_sealed = PersonalField::find(&change.field).is_some() || SEALED.contains(&change.field.as_str());
        let clear =
            |value: &Option<Personal<String>>| value.as_ref().filter(|_| !is_sealed).map(|v| v.expose().clone());
        let sealed = |column, value: &Option<Personal<String>>| {
            let value = value.as_ref().filter(|_| is_sealed);
            value.map(|value| sealer.seal(place(column, change.history_id), value.expose())).transpose()
        };
        let has_reason = WITH_REASON.contains(&change.field.as_str()) && !change.why.is_empty();
        let why_sealed = has_reason.then(|| sealer.seal(place("why_sealed", change.history_id), &change.why));
        rows.push(ChangeRow {
            history_id: change.history_id.0,
            person_id: change.person_id.0,
            case_id: change.case_id.map(|id| id.0),
            changed_at: At(change.changed_at),
            account_id: change.account_id.0,
            field: change.field.clone(),
            before_clear: clear(&change.before),
            after_clear: clear(&change.after),
            before_sealed: sealed("before_sealed", &change.before)?.map(|cell| cell.0),
            after_sealed: sealed("after_sealed", &change.after)?.map(|cell| cell.0),
            why: if has_reason { IN_WORDS.to_owned() } else { change.why.clone() },
            why_sealed: why_sealed.transpose()?.map(|cell| cell.0),
        });
    }
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT,
        "",
        rows,
        |row| authority_id,
        row.history_id,
        row.person_id,
        row.case_id,
        row.changed_at,
        row.account_id,
        &row.field,
        &row.before_clear,
        &row.after_clear,
        &row.before_sealed,
        &row.after_sealed,
        &row.why,
        &row.why_sealed
    )?;
    Ok(())
}

/// Lists the changes of a person and their cases, oldest first, opened.
///
/// # Errors
///
/// [`StorageError::Sealing`](crate::StorageError::Sealing) if a cell doesn't open.
pub async fn of_person(tx: &mut Tx, sealer: &Sealer, person_id: PersonId) -> Result<Vec<Change>> {
    let rows = all!(tx, ChangeRow, OF_PERSON, mine, person_id.0)?;
    rows.into_iter().map(|row| open(Some(sealer), row)).collect()
}

fn open(sealer: Option<&Sealer>, row: ChangeRow) -> Result<Change> {
    let history_id = HistoryId(row.history_id);
    let value = |column, clear: Option<String>, cell: Option<Vec<u8>>| -> Result<_> {
        let Some((sealer, cell)) = sealer.zip(cell) else { return Ok(clear.map(Personal::new)) };
        Ok(clear.or(Some(sealer.open(place(column, history_id), &cell)?)).map(Personal::new))
    };
    let why = value("why_sealed", None, row.why_sealed)?.map_or(row.why, |why| why.expose().clone());
    Ok(Change {
        history_id,
        person_id: PersonId(row.person_id),
        case_id: row.case_id.map(CaseId),
        changed_at: row.changed_at.0,
        account_id: AccountId(row.account_id),
        field: row.field,
        before: value("before_sealed", row.before_clear, row.before_sealed)?,
        after: value("after_sealed", row.after_clear, row.after_sealed)?,
        why,
    })
}

/// Lists the changes of a person and of one of their cases (of all without one) before an entry, newest first, at most
/// so many. Without a sealer the values of sealed fields stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`](crate::StorageError::Sealing) if a cell doesn't open.
pub async fn page(
    tx: &mut Tx,
    sealer: Option<&Sealer>,
    (person_id, case_id): (PersonId, Option<CaseId>),
    before: Option<HistoryId>,
    limit: i64,
) -> Result<Vec<Change>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let rows = all!(tx, ChangeRow, PAGE, mine, person_id.0, before, case_id.map(|id| id.0), limit)?;
    rows.into_iter().map(|row| open(sealer, row)).collect()
}

/// Returns the user names of those who made changes.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn account_names(tx: &mut Tx, changes: &[Change]) -> Result<HashMap<AccountId, String>> {
    let accounts: BTreeSet<AccountId> = changes.iter().map(|change| change.account_id).collect();
    names_of_accounts(tx, &accounts.into_iter().collect::<Vec<_>>()).await
}

/// Returns the user names of accounts.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn names_of_accounts(tx: &mut Tx, accounts: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    let json = ids_as_json(accounts.iter().map(|id| &id.0));
    let rows = all!(tx, AccountRow, ACCOUNT_NAMES, &json)?;
    Ok(rows.into_iter().map(|row| (AccountId(row.account_id), row.name)).collect())
}
