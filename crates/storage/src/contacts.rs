//! Declared contacts at rest.

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::contacts::{Contact, ContactKind};
use domain::ids::{ContactId, PersonId};
use domain::time::DayRange;
use jiff::Timestamp;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct ContactRow {
    contact_id: Uuid,
    declared_by: Uuid,
    met: Uuid,
    kind: String,
    first_day: Day,
    last_day: Day,
}

impl TryFrom<ContactRow> for Contact {
    type Error = StorageError;
    fn try_from(row: ContactRow) -> Result<Self> {
        Ok(Self {
            contact_id: ContactId(row.contact_id),
            declared_by: PersonId(row.declared_by),
            met: PersonId(row.met),
            kind: ContactKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of contact"))?,
            days: DayRange::new(row.first_day.0, row.last_day.0).map_err(|_| StorageError::Unreadable("days"))?,
        })
    }
}

pub(crate) const OF_PERSONS: Statement = Statement::each(
    "-- contacts::of_persons
SELECT contact_id, declared_by, met, kind, first_day, last_day FROM json_each($2) AS id
  CROSS JOIN contact AS c INDEXED BY contact_of_declarer ON c.authority_id = $1 AND c.declared_by = unhex(id.value)
 WHERE c.declared_by <> c.met
 UNION
SELECT contact_id, declared_by, met, kind, first_day, last_day FROM json_each($2) AS id
  CROSS JOIN contact AS c INDEXED BY contact_of_met ON c.authority_id = $1 AND c.met = unhex(id.value)
 WHERE c.declared_by <> c.met",
    "-- contacts::of_persons
SELECT contact_id, declared_by, met, kind, first_day, last_day
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN contact AS c ON c.authority_id = $1 AND c.declared_by = id AND c.declared_by <> c.met
 UNION
SELECT contact_id, declared_by, met, kind, first_day, last_day
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN contact AS c ON c.authority_id = $1 AND c.met = id AND c.declared_by <> c.met",
);

const INSERT: &str = "-- contacts::insert
INSERT INTO contact (authority_id, contact_id, declared_by, met, kind, first_day, last_day, created_at) ";

/// Lists the contacts that name any of these persons, on either side. What somebody declared of a person who turned out
/// to be themselves is no contact.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_persons(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<Contact>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    all!(tx, ContactRow, OF_PERSONS, mine, &json)?.into_iter().map(Contact::try_from).collect()
}

/// Stores declared contacts; one with the same id is there already.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, contacts: &[Contact], now: Timestamp) -> Result<u64> {
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT,
        " ON CONFLICT DO NOTHING",
        contacts,
        |contact| authority_id,
        contact.contact_id.0,
        contact.declared_by.0,
        contact.met.0,
        contact.kind.as_str(),
        Day(contact.days.first),
        Day(contact.days.last),
        now
    )
}

const ALL: Statement = Statement::both(
    "-- contacts::all
SELECT contact_id, declared_by, met, kind, first_day, last_day FROM contact
 WHERE authority_id = $1 AND declared_by <> met ORDER BY contact_id",
);

/// Lists all declared contacts of the authority, without those of somebody with themselves.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn all(tx: &mut Tx) -> Result<Vec<Contact>> {
    all!(tx, ContactRow, ALL, mine)?.into_iter().map(Contact::try_from).collect()
}
