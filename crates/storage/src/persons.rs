//! Persons and the references by which imported files know them.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::PersonId;
use domain::persons::{Personal, PersonalField};
use domain::references::Reference;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The sealed columns of a person, in the order of the table.
pub const SEALED_FIELDS: &[PersonalField] = &[
    PersonalField::FirstName,
    PersonalField::LastName,
    PersonalField::Born,
    PersonalField::Phone,
    PersonalField::Email,
    PersonalField::Street,
    PersonalField::HouseNumber,
    PersonalField::City,
    PersonalField::Mobile,
];

/// A person with what is known of them. Absent fields are not in the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub person_id: PersonId,
    /// As imported.
    pub sex: Option<String>,
    /// In clear, for counts by area.
    pub postcode: Option<String>,
    /// Language tag of letters and mails; `None` for the authority's first.
    pub language: Option<String>,
    /// Whether they said that they have no e-mail.
    pub says_no_email: bool,
    /// The sealed fields, opened.
    pub personal: BTreeMap<PersonalField, Personal<String>>,
}

#[derive(sqlx::FromRow)]
struct PersonRow {
    person_id: Uuid,
    sex: Option<String>,
    postcode: Option<String>,
    first_name: Option<Vec<u8>>,
    last_name: Option<Vec<u8>>,
    born: Option<Vec<u8>>,
    phone: Option<Vec<u8>>,
    email: Option<Vec<u8>>,
    street: Option<Vec<u8>>,
    house_number: Option<Vec<u8>>,
    city: Option<Vec<u8>>,
    mobile: Option<Vec<u8>>,
    language: Option<String>,
    says_no_email: i32,
}

#[derive(sqlx::FromRow)]
struct ReferenceRow {
    reference: String,
    person_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct SeqRow {
    value: i64,
}

#[derive(sqlx::FromRow)]
struct ChangeRow {
    seq: i64,
    person_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct MarkRow {
    changed: i64,
    removed: i64,
}

#[derive(sqlx::FromRow)]
struct NameRow {
    person_id: Uuid,
    first_name: Option<Vec<u8>>,
    last_name: Option<Vec<u8>>,
    born: Option<Vec<u8>>,
}

pub(crate) const BY_REFERENCE: Statement = Statement::each(
    "-- persons::by_reference
SELECT reference, person_id FROM person_reference
 WHERE authority_id = $1 AND reference IN (SELECT value FROM json_each($2))",
    "-- persons::by_reference
SELECT r.reference, r.person_id FROM jsonb_array_elements_text($2::jsonb) AS wanted
  JOIN person_reference AS r ON r.authority_id = $1 AND r.reference = wanted",
);

/// A reference begins with what was typed if it isn't smaller, and smaller than that with the largest of all characters
/// behind it.
pub(crate) const BY_PREFIX: Statement = Statement::each(
    "-- persons::by_prefix
SELECT reference, person_id FROM person_reference
 WHERE authority_id = $1 AND reference >= $2 AND reference < $3 ORDER BY reference LIMIT $4",
    "-- persons::by_prefix
SELECT reference, person_id FROM person_reference
 WHERE authority_id = $1 AND reference COLLATE \"C\" >= $2 AND reference COLLATE \"C\" < $3
 ORDER BY reference COLLATE \"C\" LIMIT $4",
);

const ALL_REFERENCES: Statement = Statement::both(
    "-- persons::all_references
SELECT reference, person_id FROM person_reference WHERE authority_id = $1 AND person_id = $2 ORDER BY reference",
);

pub(crate) const NAMES_AFTER: Statement = Statement::both(
    "-- persons::names_after
SELECT person_id, first_name, last_name, born FROM person WHERE authority_id = $1 AND person_id > $2
 ORDER BY person_id LIMIT $3",
);

pub(crate) const NAMES_OF: Statement = Statement::each(
    "-- persons::names_of
SELECT p.person_id, first_name, last_name, born FROM json_each($2) AS id
 CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = unhex(id.value)",
    "-- persons::names_of
SELECT p.person_id, first_name, last_name, born
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN person AS p ON p.authority_id = $1 AND p.person_id = id",
);

pub(crate) const REFERENCES_OF: Statement = Statement::each(
    "-- persons::references_of
SELECT r.reference, r.person_id FROM json_each($2) AS id
  CROSS JOIN person_reference AS r ON r.authority_id = $1 AND r.person_id = unhex(id.value)
 ORDER BY r.person_id, r.reference",
    "-- persons::references_of
SELECT r.reference, r.person_id FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN person_reference AS r ON r.authority_id = $1 AND r.person_id = id
 ORDER BY r.person_id, r.reference",
);

const BY_ID: Statement = Statement::each(
    "-- persons::by_id
SELECT p.person_id, sex, postcode, first_name, last_name, born, phone, email, street, house_number, city,
       mobile, language, says_no_email
  FROM json_each($2) AS id CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = unhex(id.value)",
    "-- persons::by_id
SELECT p.person_id, sex, postcode, first_name, last_name, born, phone, email, street, house_number, city,
       mobile, language, says_no_email
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN person AS p ON p.authority_id = $1 AND p.person_id = id",
);

const INSERT: &str = "-- persons::insert
INSERT INTO person (authority_id, person_id, sex, postcode, first_name, last_name, born, phone, email, street,
                    house_number, city, mobile, language, says_no_email, created_at) ";

const INSERT_REFERENCE: &str = "-- persons::insert_reference
INSERT INTO person_reference (authority_id, reference, person_id) ";

const REPLACE: Statement = Statement::both(
    "-- persons::replace
UPDATE person SET sex = $3, postcode = $4, first_name = $5, last_name = $6, born = $7, phone = $8, email = $9,
       street = $10, house_number = $11, city = $12, mobile = $13, language = $14, says_no_email = $15
 WHERE authority_id = $1 AND person_id = $2",
);

const TAKE_SEQ: Statement = Statement::both(
    "-- persons::take_seq
INSERT INTO counter (authority_id, name, value) VALUES ($1, 'person_change', $2)
    ON CONFLICT (authority_id, name) DO UPDATE SET value = counter.value + excluded.value
RETURNING value",
);

const INSERT_CHANGE: &str = "-- persons::insert_change
INSERT INTO person_change (authority_id, seq, person_id) ";

const CHANGES_SINCE: Statement = Statement::both(
    "-- persons::changes_since
SELECT seq, person_id FROM person_change WHERE authority_id = $1 AND seq > $2 ORDER BY seq",
);

const COUNT_REMOVED: Statement = Statement::both(
    "-- persons::count_removed
INSERT INTO counter (authority_id, name, value) VALUES ($1, 'person_removed', 1)
    ON CONFLICT (authority_id, name) DO UPDATE SET value = counter.value + 1",
);

const CHANGE_MARK: Statement = Statement::both(
    "-- persons::change_mark
SELECT coalesce(max(CASE WHEN name = 'person_change' THEN value END), 0) AS changed,
       coalesce(max(CASE WHEN name = 'person_removed' THEN value END), 0) AS removed
  FROM counter WHERE authority_id = $1 AND name IN ('person_change', 'person_removed')",
);

/// Finds the persons that these references name. Those that name nobody are not in the answer.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_reference(tx: &mut Tx, references: &[&str]) -> Result<HashMap<String, PersonId>> {
    let mut found = HashMap::with_capacity(references.len());
    for chunk in references.chunks(10_000) {
        let json = serde_json::to_string(chunk).map_err(|_| StorageError::Unreadable("reference"))?;
        let rows = all!(tx, ReferenceRow, BY_REFERENCE, mine, &json)?;
        found.extend(rows.into_iter().map(|row| (row.reference, PersonId(row.person_id))));
    }
    Ok(found)
}

/// Returns what imported files call these persons; the first reference of each.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn references_of(tx: &mut Tx, persons: &[PersonId]) -> Result<HashMap<PersonId, String>> {
    let mut found = HashMap::with_capacity(persons.len());
    for chunk in persons.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        for row in all!(tx, ReferenceRow, REFERENCES_OF, mine, &json)? {
            found.entry(PersonId(row.person_id)).or_insert(row.reference);
        }
    }
    Ok(found)
}

/// Reads persons and opens their sealed fields. Those that aren't there are not in the answer.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn by_id(tx: &mut Tx, sealer: &Sealer, persons: &[PersonId]) -> Result<HashMap<PersonId, Person>> {
    let mut found = HashMap::with_capacity(persons.len());
    for chunk in persons.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        for row in all!(tx, PersonRow, BY_ID, mine, &json)? {
            let person = open(sealer, row)?;
            found.insert(person.person_id, person);
        }
    }
    Ok(found)
}

fn place(field: PersonalField, person_id: Uuid) -> CellPlace {
    CellPlace { table: "person", column: field.as_str(), row: person_id }
}

fn open(sealer: &Sealer, row: PersonRow) -> Result<Person> {
    let cells = [
        (PersonalField::FirstName, row.first_name),
        (PersonalField::LastName, row.last_name),
        (PersonalField::Born, row.born),
        (PersonalField::Phone, row.phone),
        (PersonalField::Email, row.email),
        (PersonalField::Street, row.street),
        (PersonalField::HouseNumber, row.house_number),
        (PersonalField::City, row.city),
        (PersonalField::Mobile, row.mobile),
    ];
    let mut personal = BTreeMap::new();
    for (field, cell) in cells {
        if let Some(cell) = cell {
            personal.insert(field, Personal::new(sealer.open(place(field, row.person_id), &cell)?));
        }
    }
    Ok(Person {
        person_id: PersonId(row.person_id),
        sex: row.sex,
        postcode: row.postcode,
        language: row.language,
        says_no_email: row.says_no_email == 1,
        personal,
    })
}

/// A person with their cells sealed, ready for its row.
struct SealedPerson<'p> {
    person: &'p Person,
    cells: [Option<Vec<u8>>; 9],
}

fn seal<'p>(sealer: &Sealer, person: &'p Person) -> Result<SealedPerson<'p>> {
    let mut cells: [Option<Vec<u8>>; 9] = Default::default();
    for (cell, field) in cells.iter_mut().zip(SEALED_FIELDS) {
        if let Some(value) = person.personal.get(field) {
            *cell = Some(sealer.seal(place(*field, person.person_id.0), value.expose())?.0);
        }
    }
    Ok(SealedPerson { person, cells })
}

/// Stores new persons, sealed.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, persons: &[Person], now: Timestamp) -> Result<()> {
    let sealed = persons.iter().map(|person| seal(sealer, person)).collect::<Result<Vec<_>>>()?;
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT,
        "",
        sealed,
        |row| authority_id,
        row.person.person_id.0,
        &row.person.sex,
        &row.person.postcode,
        &row.cells[0],
        &row.cells[1],
        &row.cells[2],
        &row.cells[3],
        &row.cells[4],
        &row.cells[5],
        &row.cells[6],
        &row.cells[7],
        &row.cells[8],
        &row.person.language,
        i32::from(row.person.says_no_email),
        now
    )?;
    Ok(())
}

/// Stores persons of whom nothing is known but that they were there, and notes that they are new.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or the database can't be written.
pub async fn insert_unknown(tx: &mut Tx, persons: &[PersonId], now: Timestamp) -> Result<()> {
    const NOBODY: Option<&[u8]> = None;
    const NO_TEXT: Option<&str> = None;
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT,
        "",
        persons,
        |id| authority_id,
        id.0,
        NO_TEXT,
        NO_TEXT,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NOBODY,
        NO_TEXT,
        0i32,
        now
    )?;
    note_changes(tx, persons).await
}

/// Stores references; one that is there already stays with its person.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_references(tx: &mut Tx, references: &[(Reference, PersonId)]) -> Result<u64> {
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT_REFERENCE,
        " ON CONFLICT DO NOTHING",
        references,
        |row| authority_id,
        row.0.as_str(),
        row.1.0
    )
}

/// Writes a person's details anew.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such person.
pub async fn replace(tx: &mut Tx, sealer: &Sealer, person: &Person) -> Result<()> {
    let SealedPerson { cells, .. } = seal(sealer, person)?;
    let touched = run!(
        tx,
        REPLACE,
        mine,
        person.person_id.0,
        &person.sex,
        &person.postcode,
        &cells[0],
        &cells[1],
        &cells[2],
        &cells[3],
        &cells[4],
        &cells[5],
        &cells[6],
        &cells[7],
        &cells[8],
        &person.language,
        i32::from(person.says_no_email),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "persons::replace", touched, expected: 1 }),
    }
}

/// Notes that these persons' details changed, so that name indexes can follow.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_changes(tx: &mut Tx, persons: &[PersonId]) -> Result<()> {
    let n_changes = i64::try_from(persons.len()).unwrap_or(i64::MAX);
    if n_changes == 0 {
        return Ok(());
    }
    let authority_id = tx.authority().0;
    let last = optional!(tx, SeqRow, TAKE_SEQ, authority_id, n_changes)?.map_or(n_changes, |row| row.value);
    let rows: Vec<(i64, PersonId)> = (last - n_changes + 1..).zip(persons.iter().copied()).collect();
    insert_all!(tx, INSERT_CHANGE, "", rows, |row| authority_id, row.0, row.1.0)?;
    Ok(())
}

/// Lists the changes after number `seq`: their numbers, and the persons whose details changed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn changes_since(tx: &mut Tx, seq: i64) -> Result<Vec<(i64, PersonId)>> {
    let rows = all!(tx, ChangeRow, CHANGES_SINCE, mine, seq)?;
    Ok(rows.into_iter().map(|row| (row.seq, PersonId(row.person_id))).collect())
}

/// Up to where changes were followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeMark {
    /// Number of the last change of a person's details.
    pub changed: i64,
    /// How many persons were ever deleted; their changes are gone with them.
    pub removed: i64,
}

/// Returns up to where there are changes now.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn change_mark(tx: &mut Tx) -> Result<ChangeMark> {
    let row = optional!(tx, MarkRow, CHANGE_MARK, mine)?;
    Ok(row
        .map_or(ChangeMark { changed: 0, removed: 0 }, |row| ChangeMark { changed: row.changed, removed: row.removed }))
}

/// Notes that a person is deleted, so that name indexes forget them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub(crate) async fn count_removed(tx: &mut Tx) -> Result<()> {
    run!(tx, COUNT_REMOVED, mine)?;
    Ok(())
}

/// A person's name and birth as they stand in their row.
pub struct SealedName {
    /// Who.
    pub person_id: PersonId,
    pub(crate) first_name: Option<Vec<u8>>,
    pub(crate) last_name: Option<Vec<u8>>,
    pub(crate) born: Option<Vec<u8>>,
}

/// A person's name and birth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// Who.
    pub person_id: PersonId,
    /// Given names.
    pub first_name: Option<Personal<String>>,
    /// Family names.
    pub last_name: Option<Personal<String>>,
    /// Date of birth, as written.
    pub born: Option<Personal<String>>,
}

impl From<NameRow> for SealedName {
    fn from(row: NameRow) -> Self {
        let NameRow { person_id, first_name, last_name, born } = row;
        Self { person_id: PersonId(person_id), first_name, last_name, born }
    }
}

impl SealedName {
    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if a cell doesn't open.
    pub fn open(&self, sealer: &Sealer) -> Result<Name> {
        let cell = |field, cell: &Option<Vec<u8>>| -> Result<_> {
            let opened = cell.as_ref().map(|cell| sealer.open(place(field, self.person_id.0), cell)).transpose()?;
            Ok(opened.map(Personal::new))
        };
        Ok(Name {
            person_id: self.person_id,
            first_name: cell(PersonalField::FirstName, &self.first_name)?,
            last_name: cell(PersonalField::LastName, &self.last_name)?,
            born: cell(PersonalField::Born, &self.born)?,
        })
    }
}

/// Lists the names of the persons after one, in the order of ids, still sealed: whoever opens a million of them does it
/// on all processors.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn names_after(tx: &mut Tx, after: PersonId, limit: i64) -> Result<Vec<SealedName>> {
    Ok(all!(tx, NameRow, NAMES_AFTER, mine, after.0, limit)?.into_iter().map(Into::into).collect())
}

/// Lists the names of these persons, still sealed, in no order.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn names_of(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<SealedName>> {
    let mut found = Vec::with_capacity(persons.len());
    for chunk in persons.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        found.extend(all!(tx, NameRow, NAMES_OF, mine, &json)?.into_iter().map(SealedName::from));
    }
    Ok(found)
}

/// Lists the references that begin with a text, at most so many, in their order, with the persons they name.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_prefix(tx: &mut Tx, prefix: &str, limit: i64) -> Result<Vec<(String, PersonId)>> {
    let beyond = format!("{prefix}~");
    let rows = all!(tx, ReferenceRow, BY_PREFIX, mine, prefix, &beyond, limit)?;
    Ok(rows.into_iter().map(|row| (row.reference, PersonId(row.person_id))).collect())
}

/// Lists all that imported files call a person.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn all_references(tx: &mut Tx, person: PersonId) -> Result<Vec<String>> {
    let rows = all!(tx, ReferenceRow, ALL_REFERENCES, mine, person.0)?;
    Ok(rows.into_iter().map(|row| row.reference).collect())
}

#[derive(sqlx::FromRow)]
struct IdRow {
    person_id: Uuid,
}

const EXISTS: Statement = Statement::both(
    "-- persons::exists
SELECT person_id FROM person WHERE authority_id = $1 AND person_id = $2",
);

pub(crate) const MADE_BETWEEN: Statement = Statement::both(
    "-- persons::made_between
SELECT person_id FROM person WHERE authority_id = $1 AND person_id > $2 AND person_id <= $3
 ORDER BY person_id LIMIT $4",
);

/// Lists the persons after one, up to another, in the order in which they were made, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn made_between(tx: &mut Tx, after: PersonId, last: PersonId, limit: i64) -> Result<Vec<PersonId>> {
    let rows = all!(tx, IdRow, MADE_BETWEEN, mine, after.0, last.0, limit)?;
    Ok(rows.into_iter().map(|row| PersonId(row.person_id)).collect())
}

const IS_TAKEN: Statement = Statement::both(
    "-- persons::is_taken
SELECT person_id FROM person WHERE authority_id = $1 AND person_id = $2
 UNION ALL
SELECT gone_id FROM person_redirect WHERE authority_id = $1 AND gone_id = $2",
);

/// Says whether an id is somebody's, or was until they were merged into somebody else.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn is_taken(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(optional!(tx, IdRow, IS_TAKEN, mine, person.0)?.is_some())
}

/// Says whether there is such a person.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn exists(tx: &mut Tx, person: PersonId) -> Result<bool> {
    Ok(optional!(tx, IdRow, EXISTS, mine, person.0)?.is_some_and(|row| row.person_id == person.0))
}
