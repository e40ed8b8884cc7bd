//! Venues in the area of other authorities, as these told of them: so that stays there have a name, and a place among the facts.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AreaId, AuthorityId, FacilityId, VenueId};
use jiff::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A venue in the area of another authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueElsewhere {
    /// The venue.
    pub venue_id: VenueId,
    /// In whose area it is.
    pub other: AuthorityId,
    /// As it stands on its posters.
    pub name: String,
    /// Where it is.
    pub city: String,
    /// Its areas, by id.
    pub areas: BTreeMap<AreaId, String>,
    /// The facility under which stays there stand among the facts.
    pub facility: FacilityId,
}

#[derive(sqlx::FromRow)]
struct Row {
    venue_id: String,
    other_authority_id: i32,
    name: String,
    city: String,
    areas: String,
    facility_id: Uuid,
}

impl TryFrom<Row> for VenueElsewhere {
    type Error = StorageError;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            venue_id: crate::venues::venue_id(&row.venue_id)?,
            other: AuthorityId(row.other_authority_id),
            name: row.name,
            city: row.city,
            areas: serde_json::from_str(&row.areas).map_err(|_| StorageError::Unreadable("areas of a venue"))?,
            facility: FacilityId(row.facility_id),
        })
    }
}

const FIND: Statement = Statement::both(
    "-- requests_between::find_venue
SELECT venue_id, other_authority_id, name, city, areas, facility_id FROM venue_elsewhere
 WHERE authority_id = $1 AND venue_id = $2",
);

pub(crate) const OF_FACILITIES: Statement = Statement::each(
    "-- requests_between::venues_of_facilities
SELECT v.venue_id, v.other_authority_id, v.name, v.city, v.areas, v.facility_id FROM json_each($2) AS id
  CROSS JOIN venue_elsewhere AS v INDEXED BY venue_elsewhere_by_facility
    ON v.authority_id = $1 AND v.facility_id = unhex(id.value)",
    "-- requests_between::venues_of_facilities
SELECT v.venue_id, v.other_authority_id, v.name, v.city, v.areas, v.facility_id
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN venue_elsewhere AS v ON v.authority_id = $1 AND v.facility_id = id",
);

const INSERT: Statement = Statement::both(
    "-- requests_between::insert_venue
INSERT INTO venue_elsewhere (authority_id, venue_id, other_authority_id, name, city, areas, facility_id, told_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
);

const CHANGE: Statement = Statement::both(
    "-- requests_between::change_venue
UPDATE venue_elsewhere SET name = $4, city = $5, areas = $6, told_at = $7
 WHERE authority_id = $1 AND venue_id = $2 AND other_authority_id = $3",
);

/// Finds a venue of which another authority told.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find_venue(tx: &mut Tx, venue_id: VenueId) -> Result<Option<VenueElsewhere>> {
    optional!(tx, Row, FIND, mine, venue_id.to_string())?.map(VenueElsewhere::try_from).transpose()
}

/// Stores what another authority tells of a venue. One that is known keeps its facility; of a new one it is made, under a name
/// that no other has.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it is the venue of yet another authority.
pub async fn put_venue(tx: &mut Tx, told: &VenueElsewhere, now: Timestamp) -> Result<()> {
    let (venue_id, other) = (told.venue_id.to_string(), told.other.0);
    let areas = serde_json::to_string(&told.areas).map_err(|_| StorageError::Unreadable("areas of a venue"))?;
    let (name, city) = (&told.name, &told.city);
    if run!(tx, INSERT, mine, &venue_id, other, name, city, &areas, told.facility.0, At(now))? == 1 {
        let is_taken = crate::facilities::by_name(tx, &[name.as_str()]).await?.contains_key(name.as_str());
        let name = if is_taken { format!("{name} ({venue_id})") } else { name.clone() };
        return crate::facilities::insert(tx, &[(told.facility, name)], now).await;
    }
    match run!(tx, CHANGE, mine, &venue_id, other, name, city, &areas, At(now))? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "requests_between::change_venue", touched, expected: 1 }),
    }
}

/// Returns the areas of those facilities that are such venues, by id.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn areas_by_facility(
    tx: &mut Tx,
    facilities: &[Uuid],
) -> Result<Vec<(FacilityId, BTreeMap<AreaId, String>)>> {
    let json = ids_as_json(facilities.iter());
    let rows = all!(tx, Row, OF_FACILITIES, mine, &json)?;
    rows.into_iter().map(|row| VenueElsewhere::try_from(row).map(|venue| (venue.facility, venue.areas))).collect()
}
