//! Venues, their areas, who works there, and the links that are mailed to them.
//!
//! What stands on a poster is in clear. Whoever runs a venue is a person: their name, e-mail address and telephone number
//! are sealed, and the e-mail address is found by a keyed hash.

mod links;
mod staff;

pub use links::{Link, Purpose, delete_link, end_expired, find_link, insert_link, invitations, take_link};
pub use staff::{
    Member, StaffAccount, account_by_email, account_of, end_account, insert_account, join, leave, member_role, members,
    memberships, n_owners, set_member_role, set_staff_language,
};

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AreaId, VenueId};
use domain::venues::{AsksAddress, Confirms, Door, VenueAddress, VenueDetails, VenueKind};
use jiff::Timestamp;
use std::collections::HashMap;

/// A room, a terrace, a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Its id.
    pub area_id: AreaId,
    /// As it stands on posters.
    pub name: String,
}

/// A venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Venue {
    /// Its id.
    pub venue_id: VenueId,
    /// What its owner says of it.
    pub details: VenueDetails,
    /// Grows with each change.
    pub version: i32,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: Timestamp,
    /// Since when it takes no guests for good.
    pub closed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct VenueRow {
    venue_id: String,
    name: String,
    kind: String,
    street: String,
    house_number: String,
    postcode: String,
    city: String,
    hours: String,
    capacity: Option<i32>,
    usual_stay_min: i32,
    confirms: String,
    asks_address: String,
    version: i32,
    created_at: At,
    changed_at: At,
    closed_at: Option<At>,
}

impl TryFrom<VenueRow> for Venue {
    type Error = StorageError;
    fn try_from(row: VenueRow) -> Result<Self> {
        let details = VenueDetails {
            name: row.name,
            kind: VenueKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of venue"))?,
            address: VenueAddress {
                street: row.street,
                house_number: row.house_number,
                postcode: row.postcode,
                city: row.city,
            },
            hours: serde_json::from_str(&row.hours).map_err(|_| StorageError::Unreadable("opening hours"))?,
            capacity: row.capacity.map(|n| u32::try_from(n).unwrap_or(0)),
            usual_stay_min: u32::try_from(row.usual_stay_min).unwrap_or(0),
            confirms: Confirms::find(&row.confirms).ok_or(StorageError::Unreadable("who confirms"))?,
            asks_address: AsksAddress::find(&row.asks_address).ok_or(StorageError::Unreadable("asks address"))?,
        };
        Ok(Self {
            venue_id: venue_id(&row.venue_id)?,
            details,
            version: row.version,
            created_at: row.created_at.0,
            changed_at: row.changed_at.0,
            closed_at: row.closed_at.map(|at| at.0),
        })
    }
}

#[derive(sqlx::FromRow)]
struct AreaRow {
    area_id: String,
    name: String,
}

#[derive(sqlx::FromRow)]
struct AreaOfRow {
    venue_id: String,
    area_id: String,
    name: String,
}

impl TryFrom<AreaRow> for Area {
    type Error = StorageError;
    fn try_from(row: AreaRow) -> Result<Self> {
        let area_id = row.area_id.parse().map_err(|_| StorageError::Unreadable("id of an area"))?;
        Ok(Self { area_id, name: row.name })
    }
}

const FIND: Statement = Statement::both(
    "-- venues::find
SELECT venue_id, name, kind, street, house_number, postcode, city, hours, capacity, usual_stay_min, confirms, asks_address,
       version, created_at, changed_at, closed_at
  FROM venue WHERE authority_id = $1 AND venue_id = $2",
);

const AREAS: Statement = Statement::both(
    "-- venues::areas
SELECT area_id, name FROM venue_area WHERE authority_id = $1 AND venue_id = $2 AND removed_at IS NULL ORDER BY place",
);

const FIND_ALL: Statement = Statement::each(
    "-- venues::find_all
SELECT venue_id, name, kind, street, house_number, postcode, city, hours, capacity, usual_stay_min, confirms, asks_address,
       version, created_at, changed_at, closed_at
  FROM venue WHERE authority_id = $1 AND venue_id IN (SELECT value FROM json_each($2))",
    "-- venues::find_all
SELECT venue_id, name, kind, street, house_number, postcode, city, hours, capacity, usual_stay_min, confirms, asks_address,
       version, created_at, changed_at, closed_at
  FROM venue WHERE authority_id = $1 AND venue_id IN (SELECT jsonb_array_elements_text($2::jsonb))",
);

const AREAS_OF_ALL: Statement = Statement::each(
    "-- venues::areas_of_all
SELECT venue_id, area_id, name FROM venue_area
 WHERE authority_id = $1 AND venue_id IN (SELECT value FROM json_each($2)) AND removed_at IS NULL ORDER BY place",
    "-- venues::areas_of_all
SELECT venue_id, area_id, name FROM venue_area
 WHERE authority_id = $1 AND venue_id IN (SELECT jsonb_array_elements_text($2::jsonb)) AND removed_at IS NULL
 ORDER BY place",
);

const EVERY_AREA: Statement = Statement::both(
    "-- venues::every_area
SELECT area_id, name FROM venue_area WHERE authority_id = $1 AND venue_id = $2 ORDER BY place",
);

const INSERT: Statement = Statement::both(
    "-- venues::insert
INSERT INTO venue (authority_id, venue_id, name, kind, street, house_number, postcode, city, folded, hours, capacity,
                   usual_stay_min, confirms, asks_address, version, created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1, $15, $15) ON CONFLICT DO NOTHING",
);

const CHANGE: Statement = Statement::both(
    "-- venues::change
UPDATE venue SET name = $4, kind = $5, street = $6, house_number = $7, postcode = $8, city = $9, folded = $10, hours = $11,
       capacity = $12, usual_stay_min = $13, confirms = $14, asks_address = $15, version = version + 1, changed_at = $16
 WHERE authority_id = $1 AND venue_id = $2 AND version = $3",
);

const CLOSE: Statement = Statement::both(
    "-- venues::close
UPDATE venue SET closed_at = $3, changed_at = $3, version = version + 1
 WHERE authority_id = $1 AND venue_id = $2 AND closed_at IS NULL",
);

const REMOVE_AREAS: Statement = Statement::both(
    "-- venues::remove_areas
UPDATE venue_area SET removed_at = $3 WHERE authority_id = $1 AND venue_id = $2 AND removed_at IS NULL",
);

const PUT_AREA: Statement = Statement::both(
    "-- venues::put_area
INSERT INTO venue_area (authority_id, venue_id, area_id, name, place) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (authority_id, venue_id, area_id)
    DO UPDATE SET name = excluded.name, place = excluded.place, removed_at = NULL",
);

const SEARCH: Statement = Statement::both(
    "-- venues::search
SELECT venue_id, name, kind, street, house_number, postcode, city, hours, capacity, usual_stay_min, confirms, asks_address,
       version, created_at, changed_at, closed_at
  FROM venue WHERE authority_id = $1 AND (name, venue_id) > ($2, $3) AND folded LIKE $4 ESCAPE '!'
 ORDER BY name, venue_id LIMIT $5",
);

pub(crate) fn venue_id(text: &str) -> Result<VenueId> {
    text.parse().map_err(|_| StorageError::Unreadable("id of a venue"))
}

/// Finds what guests' telephones must know of venues; those that aren't there are left out.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn doors(tx: &mut Tx, venues: &[VenueId]) -> Result<Vec<Door>> {
    // Ids have letters and digits only.
    let ids = format!("[{}]", venues.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(","));
    let mut areas: HashMap<VenueId, Vec<(AreaId, String)>> = HashMap::new();
    for row in all!(tx, AreaOfRow, AREAS_OF_ALL, mine, &ids)? {
        let area = Area::try_from(AreaRow { area_id: row.area_id, name: row.name })?;
        areas.entry(venue_id(&row.venue_id)?).or_default().push((area.area_id, area.name));
    }
    let door = |row: VenueRow| {
        let Venue { venue_id, details, closed_at, .. } = Venue::try_from(row)?;
        let VenueDetails { name, hours, capacity, usual_stay_min, confirms, asks_address, .. } = details;
        let (areas, open) = (areas.remove(&venue_id).unwrap_or_default(), closed_at.is_none());
        Ok(Door { venue_id, name, areas, hours, capacity, usual_stay_min, confirms, asks_address, open })
    };
    all!(tx, VenueRow, FIND_ALL, mine, &ids)?.into_iter().map(door).collect()
}

/// The same of one venue; `None` if there is no such venue.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn door(tx: &mut Tx, venue_id: VenueId) -> Result<Option<Door>> {
    Ok(doors(tx, &[venue_id]).await?.pop())
}

/// Finds a venue.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, venue_id: VenueId) -> Result<Option<Venue>> {
    optional!(tx, VenueRow, FIND, mine, venue_id.to_string())?.map(Venue::try_from).transpose()
}

/// Lists the areas of a venue, in the order of its owner.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn areas(tx: &mut Tx, venue_id: VenueId) -> Result<Vec<Area>> {
    all!(tx, AreaRow, AREAS, mine, venue_id.to_string())?.into_iter().map(Area::try_from).collect()
}

/// Lists the areas of a venue with those that were taken away: guests may have been there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn every_area(tx: &mut Tx, venue_id: VenueId) -> Result<Vec<Area>> {
    all!(tx, AreaRow, EVERY_AREA, mine, venue_id.to_string())?.into_iter().map(Area::try_from).collect()
}

/// Lists venues by name whose name or address holds `word` (empty: all), after a name and id, at most `limit`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn search(tx: &mut Tx, word: &str, after: Option<(&str, VenueId)>, limit: i64) -> Result<Vec<Venue>> {
    let word = folded(word).replace('!', "!!").replace('%', "!%").replace('_', "!_");
    let (name, id) = after.map_or((String::new(), String::new()), |(name, id)| (name.to_owned(), id.to_string()));
    all!(tx, VenueRow, SEARCH, mine, name, id, format!("%{word}%"), limit)?.into_iter().map(Venue::try_from).collect()
}

/// Stores a new venue, without areas; `false` if its id is taken.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, venue_id: VenueId, details: &VenueDetails, now: Timestamp) -> Result<bool> {
    let VenueDetails { name, kind, address, capacity, usual_stay_min, confirms, asks_address, .. } = details;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        venue_id.to_string(),
        name,
        kind.as_str(),
        &address.street,
        &address.house_number,
        &address.postcode,
        &address.city,
        searched(details),
        hours_as_json(details)?,
        capacity.map(number),
        number(*usual_stay_min),
        confirms.as_str(),
        asks_address.as_str(),
        At(now),
    )?;
    Ok(inserted == 1)
}

/// Writes what its owner says of a venue; `false` if somebody else changed it since `version`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn change(
    tx: &mut Tx,
    venue_id: VenueId,
    version: i32,
    details: &VenueDetails,
    now: Timestamp,
) -> Result<bool> {
    let VenueDetails { name, kind, address, capacity, usual_stay_min, confirms, asks_address, .. } = details;
    let changed = run!(
        tx,
        CHANGE,
        mine,
        venue_id.to_string(),
        version,
        name,
        kind.as_str(),
        &address.street,
        &address.house_number,
        &address.postcode,
        &address.city,
        searched(details),
        hours_as_json(details)?,
        capacity.map(number),
        number(*usual_stay_min),
        confirms.as_str(),
        asks_address.as_str(),
        At(now),
    )?;
    Ok(changed == 1)
}

/// Gives a venue these areas in this order. One that isn't among them takes no guests from now on; its row stays, so that
/// visits to it can be explained.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_areas(tx: &mut Tx, venue_id: VenueId, areas: &[Area], now: Timestamp) -> Result<()> {
    run!(tx, REMOVE_AREAS, mine, venue_id.to_string(), At(now))?;
    for (place, area) in (0i32..).zip(areas) {
        run!(tx, PUT_AREA, mine, venue_id.to_string(), area.area_id.to_string(), &area.name, place)?;
    }
    Ok(())
}

/// Closes a venue for good; `false` if it is closed already.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn close(tx: &mut Tx, venue_id: VenueId, now: Timestamp) -> Result<bool> {
    Ok(run!(tx, CLOSE, mine, venue_id.to_string(), At(now))? == 1)
}

fn number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

fn hours_as_json(details: &VenueDetails) -> Result<String> {
    serde_json::to_string(&details.hours).map_err(|_| StorageError::Unreadable("opening hours"))
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

fn searched(details: &VenueDetails) -> String {
    let VenueAddress { street, house_number, postcode, city } = &details.address;
    folded(&format!("{} {street} {house_number} {postcode} {city}", details.name))
}
