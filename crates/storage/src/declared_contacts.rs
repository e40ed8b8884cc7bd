//! What cases declared of whom they met, each with its own sealed copy.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::contacts::{ContactKind, Said};
use domain::ids::{AccountId, AuthorityId, CaseId, ContactId, PersonId};
use domain::persons::Personal;
use domain::time::DayRange;
use jiff::Timestamp;
use uuid::Uuid;

/// A declared contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredContact {
    /// Its id.
    pub contact_id: ContactId,
    /// The case of whoever declared it.
    pub case_id: CaseId,
    /// Who declared it.
    pub person_id: PersonId,
    /// Whom they met.
    pub met: PersonId,
    /// The case that was opened of it, or that was there.
    pub contact_case: Option<CaseId>,
    /// The authority that has the case at the other end: the contact's, of what a case here declared; that of whoever
    /// declared it, of where a case here comes from. `None` where this one has both.
    pub elsewhere: Option<AuthorityId>,
    /// How they met.
    pub kind: ContactKind,
    /// On which days.
    pub days: DayRange,
    /// Whether a day of it lies in the infectious days of the case; `None` while these aren't known.
    pub inside: Option<bool>,
    /// As it was said; `None` where personal fields are locked.
    pub said: Option<Personal<Said>>,
    /// Who took it down.
    pub account_id: AccountId,
    /// When.
    pub declared_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct DeclaredRow {
    contact_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    met_id: Uuid,
    contact_case_id: Option<Uuid>,
    other_authority_id: Option<i32>,
    kind: String,
    first_day: Day,
    last_day: Day,
    inside: Option<i32>,
    said: Vec<u8>,
    account_id: Uuid,
    declared_at: At,
}

const INSERT: Statement = Statement::both(
    "-- declared_contacts::insert
INSERT INTO declared_contact (authority_id, case_id, contact_id, person_id, met_id, contact_case_id, kind, first_day,
                              last_day, inside, said, account_id, declared_at, other_authority_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
);

const OF_CASE: Statement = Statement::both(
    "-- declared_contacts::of_case
SELECT contact_id, case_id, person_id, met_id, contact_case_id, kind, first_day, last_day, inside, said, account_id,
       declared_at, other_authority_id
  FROM declared_contact WHERE authority_id = $1 AND case_id = $2 ORDER BY contact_id",
);

const ORIGINS: Statement = Statement::both(
    "-- declared_contacts::origins
SELECT contact_id, case_id, person_id, met_id, contact_case_id, kind, first_day, last_day, inside, said, account_id,
       declared_at, other_authority_id
  FROM declared_contact WHERE authority_id = $1 AND contact_case_id = $2 ORDER BY contact_id",
);

const SET_STANDING: Statement = Statement::both(
    "-- declared_contacts::set_standing
UPDATE declared_contact SET contact_case_id = $4, inside = $5, other_authority_id = $6
 WHERE authority_id = $1 AND case_id = $2 AND contact_id = $3",
);

const DELETE: Statement = Statement::both(
    "-- declared_contacts::delete
DELETE FROM declared_contact WHERE authority_id = $1 AND case_id = $2 AND contact_id = $3",
);

const DELETE_FACT: Statement = Statement::both(
    "-- declared_contacts::delete_fact
DELETE FROM contact WHERE authority_id = $1 AND contact_id = $2",
);

fn place(contact_id: Uuid) -> CellPlace {
    CellPlace { table: "declared_contact", column: "said", row: contact_id }
}

fn open(sealer: Option<&Sealer>, row: DeclaredRow) -> Result<DeclaredContact> {
    let said = match sealer {
        Some(sealer) => {
            let text = sealer.open(place(row.contact_id), &row.said)?;
            Some(Personal::new(serde_json::from_str(&text).map_err(|_| StorageError::Unreadable("declared contact"))?))
        }
        None => None,
    };
    Ok(DeclaredContact {
        contact_id: ContactId(row.contact_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        met: PersonId(row.met_id),
        contact_case: row.contact_case_id.map(CaseId),
        elsewhere: row.other_authority_id.map(AuthorityId),
        kind: ContactKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of contact"))?,
        days: DayRange::new(row.first_day.0, row.last_day.0).map_err(|_| StorageError::Unreadable("days"))?,
        inside: row.inside.map(|inside| inside == 1),
        said,
        account_id: AccountId(row.account_id),
        declared_at: row.declared_at.0,
    })
}

/// Stores a declared contact.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, contact: &DeclaredContact) -> Result<()> {
    let said = contact.said.as_ref().map(|said| serde_json::to_string(said.expose()));
    let said = said.transpose().map_err(|_| StorageError::Unreadable("declared contact"))?.unwrap_or_default();
    let said = sealer.seal(place(contact.contact_id.0), &said)?.0;
    run!(
        tx,
        INSERT,
        mine,
        contact.case_id.0,
        contact.contact_id.0,
        contact.person_id.0,
        contact.met.0,
        contact.contact_case.map(|case| case.0),
        contact.kind.as_str(),
        Day(contact.days.first),
        Day(contact.days.last),
        contact.inside.map(i32::from),
        said,
        contact.account_id.0,
        At(contact.declared_at),
        contact.elsewhere.map(|authority| authority.0),
    )?;
    Ok(())
}

/// Lists what a case declared, in the order in which it was taken down. Without a sealer copies stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a copy doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<DeclaredContact>> {
    all!(tx, DeclaredRow, OF_CASE, mine, case_id.0)?.into_iter().map(|row| open(sealer, row)).collect()
}

/// Lists the declarations from which a contact's case comes. Without a sealer copies stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a copy doesn't open.
pub async fn origins(tx: &mut Tx, sealer: Option<&Sealer>, contact_case: CaseId) -> Result<Vec<DeclaredContact>> {
    all!(tx, DeclaredRow, ORIGINS, mine, contact_case.0)?.into_iter().map(|row| open(sealer, row)).collect()
}

/// Writes which case a declaration belongs to, and whether it lies in the infectious days.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it isn't there.
pub async fn set_standing(tx: &mut Tx, contact: &DeclaredContact) -> Result<()> {
    let touched = run!(
        tx,
        SET_STANDING,
        mine,
        contact.case_id.0,
        contact.contact_id.0,
        contact.contact_case.map(|case| case.0),
        contact.inside.map(i32::from),
        contact.elsewhere.map(|authority| authority.0),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "declared_contacts::set_standing", touched, expected: 1 }),
    }
}

/// Deletes a declaration and the contact that it stated. Returns whether it was there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, case_id: CaseId, contact_id: ContactId) -> Result<bool> {
    let touched = run!(tx, DELETE, mine, case_id.0, contact_id.0)?;
    run!(tx, DELETE_FACT, mine, contact_id.0)?;
    Ok(touched == 1)
}
