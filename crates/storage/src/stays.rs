//! Stays of cases at venues, codes by which guests show theirs, and the facts that follow from stays.
//!
//! A stay is work on a case and ends with it; the visit among the facts is what searches find, under the same id. One place
//! keeps both alike.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use crate::visits;
use domain::ids::{AccountId, AreaId, CaseId, FacilityId, PersonId, ShareId, StayId, VenueId, VisitId};
use domain::list_requests::{PlaceStay, StaySource};
use domain::time::Window;
use domain::visits::Visit;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A stay of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseStay {
    /// Its id.
    pub stay_id: StayId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// Where.
    pub venue_id: VenueId,
    /// In which area, and when.
    pub place: PlaceStay,
    /// How it is known.
    pub source: StaySource,
    /// The check-in, if it comes from one.
    pub visit_id: Option<VisitId>,
    /// The case because of which the list was asked for, if it comes from one.
    pub origin_case: Option<CaseId>,
    /// Who took it down; `None` where the guest showed it.
    pub account_id: Option<AccountId>,
    /// When.
    pub noted_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct StayRow {
    stay_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    venue_id: String,
    area_id: Option<String>,
    arrived_at: At,
    leaves_at: At,
    source: String,
    visit_id: Option<Uuid>,
    origin_case_id: Option<Uuid>,
    account_id: Option<Uuid>,
    noted_at: At,
}

impl TryFrom<StayRow> for CaseStay {
    type Error = StorageError;
    fn try_from(row: StayRow) -> Result<Self> {
        Ok(Self {
            stay_id: StayId(row.stay_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            venue_id: crate::venues::venue_id(&row.venue_id)?,
            place: place(row.area_id.as_deref(), row.arrived_at.0, row.leaves_at.0)?,
            source: StaySource::find(&row.source).ok_or(StorageError::Unreadable("source of a stay"))?,
            visit_id: row.visit_id.map(VisitId),
            origin_case: row.origin_case_id.map(CaseId),
            account_id: row.account_id.map(AccountId),
            noted_at: row.noted_at.0,
        })
    }
}

/// Reads where and when somebody was.
pub(crate) fn place(area: Option<&str>, from: Timestamp, until: Timestamp) -> Result<PlaceStay> {
    let area = area.map(str::parse::<AreaId>).transpose().map_err(|_| StorageError::Unreadable("id of an area"))?;
    Ok(PlaceStay { area, stay: Window::new(from, until).map_err(|_| StorageError::Unreadable("stay"))? })
}

const OF_CASE: Statement = Statement::both(
    "-- stays::of_case
SELECT stay_id, case_id, person_id, venue_id, area_id, arrived_at, leaves_at, source, visit_id, origin_case_id, account_id,
       noted_at
  FROM case_stay WHERE authority_id = $1 AND case_id = $2 ORDER BY arrived_at DESC, stay_id",
);

const OF_PERSON: Statement = Statement::both(
    "-- stays::of_person
SELECT stay_id, case_id, person_id, venue_id, area_id, arrived_at, leaves_at, source, visit_id, origin_case_id, account_id,
       noted_at
  FROM case_stay WHERE authority_id = $1 AND person_id = $2 ORDER BY stay_id",
);

const INSERT: Statement = Statement::both(
    "-- stays::insert
INSERT INTO case_stay (authority_id, case_id, stay_id, person_id, venue_id, area_id, arrived_at, leaves_at, source, visit_id,
                       origin_case_id, account_id, noted_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
);

const CHANGE: Statement = Statement::both(
    "-- stays::change
UPDATE case_stay SET venue_id = $4, area_id = $5, arrived_at = $6, leaves_at = $7, account_id = $8, noted_at = $9
 WHERE authority_id = $1 AND case_id = $2 AND stay_id = $3",
);

const DELETE: Statement = Statement::both(
    "-- stays::delete
DELETE FROM case_stay WHERE authority_id = $1 AND case_id = $2 AND stay_id = $3",
);

const FACILITY: Statement = Statement::both(
    "-- stays::facility
SELECT facility_id FROM venue WHERE authority_id = $1 AND venue_id = $2",
);

const SET_FACILITY: Statement = Statement::both(
    "-- stays::set_facility
UPDATE venue SET facility_id = $3 WHERE authority_id = $1 AND venue_id = $2 AND facility_id IS NULL",
);

pub(crate) const AREAS_OF_FACILITIES: Statement = Statement::each(
    "-- stays::areas_of_facilities
SELECT v.facility_id, a.area_id, a.name FROM json_each($2) AS id
  CROSS JOIN venue AS v INDEXED BY venue_by_facility ON v.authority_id = $1 AND v.facility_id = unhex(id.value)
  LEFT JOIN venue_area AS a ON a.authority_id = v.authority_id AND a.venue_id = v.venue_id",
    "-- stays::areas_of_facilities
SELECT v.facility_id, a.area_id, a.name FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN venue AS v ON v.authority_id = $1 AND v.facility_id = id
  LEFT JOIN venue_area AS a ON a.authority_id = v.authority_id AND a.venue_id = v.venue_id",
);

const FORGET_CODE: Statement = Statement::both(
    "-- stays::forget_code
DELETE FROM share_code WHERE authority_id = $1 AND case_id = $2",
);

const END_CODES: Statement = Statement::both(
    "-- stays::end_codes
DELETE FROM share_code WHERE authority_id = $1",
);

const INSERT_CODE: Statement = Statement::both(
    "-- stays::insert_code
INSERT INTO share_code (authority_id, share_id, case_id, person_id, code_hash, account_id, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const CASE_OF_CODE: Statement = Statement::both(
    "-- stays::case_of_code
SELECT case_id FROM share_code WHERE authority_id = $1 AND code_hash = $2 AND expires_at > $3",
);

const CODE_OF_CASE: Statement = Statement::both(
    "-- stays::code_of_case
SELECT max(expires_at) AS expires_at FROM share_code WHERE authority_id = $1 AND case_id = $2 AND expires_at > $3",
);

#[derive(sqlx::FromRow)]
struct FacilityRow {
    facility_id: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct AreaRow {
    facility_id: Uuid,
    area_id: Option<String>,
    name: Option<String>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct EndRow {
    expires_at: Option<At>,
}

/// Lists the stays of a case, the latest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<CaseStay>> {
    all!(tx, StayRow, OF_CASE, mine, case_id.0)?.into_iter().map(CaseStay::try_from).collect()
}

/// Stores a stay.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, stay: &CaseStay) -> Result<()> {
    run!(
        tx,
        INSERT,
        mine,
        stay.case_id.0,
        stay.stay_id.0,
        stay.person_id.0,
        stay.venue_id.to_string(),
        stay.place.area.map(|area| area.to_string()),
        At(stay.place.stay.from()),
        At(stay.place.stay.until()),
        stay.source.as_str(),
        stay.visit_id.map(|id| id.0),
        stay.origin_case.map(|id| id.0),
        stay.account_id.map(|id| id.0),
        At(stay.noted_at),
    )?;
    Ok(())
}

/// Changes where and when a stay was.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it isn't there.
pub async fn change(tx: &mut Tx, stay: &CaseStay) -> Result<()> {
    let touched = run!(
        tx,
        CHANGE,
        mine,
        stay.case_id.0,
        stay.stay_id.0,
        stay.venue_id.to_string(),
        stay.place.area.map(|area| area.to_string()),
        At(stay.place.stay.from()),
        At(stay.place.stay.until()),
        stay.account_id.map(|id| id.0),
        At(stay.noted_at),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "stays::change", touched, expected: 1 }),
    }
}

/// Deletes a stay. Returns whether it was there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, case_id: CaseId, stay_id: StayId) -> Result<bool> {
    Ok(run!(tx, DELETE, mine, case_id.0, stay_id.0)? == 1)
}

/// Returns the facility under which stays at a venue stand among the facts, if there is one yet; also of a venue elsewhere.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn facility_of(tx: &mut Tx, venue_id: VenueId) -> Result<Option<FacilityId>> {
    match optional!(tx, FacilityRow, FACILITY, mine, venue_id.to_string())? {
        Some(row) => Ok(row.facility_id.map(FacilityId)),
        None => Ok(crate::requests_between::find_venue(tx, venue_id).await?.map(|venue| venue.facility)),
    }
}

/// Returns the facility of a venue; makes it where there is none, under a name that no other has.
///
/// # Errors
///
/// [`StorageError`] if there is no such venue, or the database can't be written.
pub async fn make_facility(
    tx: &mut Tx,
    (venue_id, name): (VenueId, &str),
    new: FacilityId,
    now: Timestamp,
) -> Result<FacilityId> {
    if let Some(known) = facility_of(tx, venue_id).await? {
        return Ok(known);
    }
    run!(tx, SET_FACILITY, mine, venue_id.to_string(), new.0)?;
    let made = facility_of(tx, venue_id).await?.ok_or(StorageError::Unreadable("facility of a venue"))?;
    let is_taken = crate::facilities::by_name(tx, &[name]).await?.contains_key(name);
    let name = if is_taken { format!("{name} ({venue_id})") } else { name.to_owned() };
    crate::facilities::insert(tx, &[(made, name)], now).await?;
    Ok(made)
}

/// Returns of facilities that are venues their areas by id, those too that take no guests any more. Others aren't in it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn areas_of_facilities(
    tx: &mut Tx,
    facilities: impl Iterator<Item = FacilityId>,
) -> Result<HashMap<FacilityId, BTreeMap<String, String>>> {
    let ids: Vec<Uuid> = facilities.map(|id| id.0).collect();
    let mut found: HashMap<FacilityId, BTreeMap<String, String>> = HashMap::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let json = ids_as_json(ids.iter());
    for row in all!(tx, AreaRow, AREAS_OF_FACILITIES, mine, &json)? {
        found.entry(FacilityId(row.facility_id)).or_default().extend(row.area_id.zip(row.name));
    }
    for (facility, areas) in crate::requests_between::areas_by_facility(tx, &ids).await? {
        let areas = areas.into_iter().map(|(area_id, name)| (area_id.to_string(), name));
        found.entry(facility).or_default().extend(areas);
    }
    Ok(found)
}

/// Writes the visits of a person that follow from their stays anew. Every venue of them must have its facility.
///
/// `gone` are stays that are deleted already. A visit that was imported stays, and stands for an equal stay.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn follow(tx: &mut Tx, person: PersonId, gone: &[StayId], stored_on: Date) -> Result<()> {
    let rows = all!(tx, StayRow, OF_PERSON, mine, person.0)?;
    let stays = rows.into_iter().map(CaseStay::try_from).collect::<Result<Vec<_>>>()?;
    let known = visits::of_persons(tx, &[person]).await?;
    let is_of_stay = |visit: &Visit| {
        gone.iter().any(|stay| stay.0 == visit.visit_id.0)
            || stays.iter().any(|stay| stay.stay_id.0 == visit.visit_id.0)
    };
    let (mut before, others): (Vec<Visit>, Vec<Visit>) = known.into_iter().partition(is_of_stay);
    let key = |visit: &Visit| (visit.facility, visit.area.clone(), visit.stay.from());
    let mut wanted: BTreeMap<_, Visit> = BTreeMap::new();
    for stay in &stays {
        let Some(facility) = facility_of(tx, stay.venue_id).await? else { continue };
        let area = stay.place.area.map(|area| area.to_string()).unwrap_or_default();
        let (visit_id, person) = (VisitId(stay.stay_id.0), stay.person_id);
        let visit = Visit { visit_id, person, facility, area, stay: stay.place.stay };
        if !others.iter().any(|other| key(other) == key(&visit)) {
            wanted.entry(key(&visit)).and_modify(|one| one.stay = longer(one.stay, visit.stay)).or_insert(visit);
        }
    }
    before.retain(|visit| !wanted.values().any(|one| one == visit));
    for visit in &before {
        visits::delete(tx, visit).await?;
    }
    let still = visits::of_persons(tx, &[person]).await?;
    let new: Vec<Visit> = wanted.into_values().filter(|visit| !still.contains(visit)).collect();
    visits::insert(tx, &new, stored_on).await
}

fn longer(one: Window, other: Window) -> Window {
    if other.until() > one.until() { other } else { one }
}

/// Deletes the visits that follow from the stays of a case, before these end.
pub(crate) async fn end_visits_of_case(tx: &mut Tx, case_id: CaseId) -> Result<()> {
    let stays = of_case(tx, case_id).await?;
    let persons: BTreeSet<PersonId> = stays.iter().map(|stay| stay.person_id).collect();
    let known = visits::of_persons(tx, &persons.into_iter().collect::<Vec<_>>()).await?;
    for visit in known.iter().filter(|visit| stays.iter().any(|stay| stay.stay_id.0 == visit.visit_id.0)) {
        visits::delete(tx, visit).await?;
    }
    Ok(())
}

/// A code by which a guest shows their stays.
#[derive(Clone, Debug)]
pub struct Share {
    /// Its id.
    pub share_id: ShareId,
    /// For which case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// Who made it.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
}

/// Ends all codes, after a restore: they may have been used or replaced since.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_codes(tx: &mut Tx) -> Result<u64> {
    run!(tx, END_CODES, mine)
}

/// Stores a code by its hash, in place of the case's earlier one.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn put_code(tx: &mut Tx, share: &Share, code_hash: &str) -> Result<()> {
    run!(tx, FORGET_CODE, mine, share.case_id.0)?;
    run!(
        tx,
        INSERT_CODE,
        mine,
        share.share_id.0,
        share.case_id.0,
        share.person_id.0,
        code_hash,
        share.account_id.0,
        At(share.created_at),
        At(share.expires_at),
    )?;
    Ok(())
}

/// Returns the case of a code that works now.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn case_of_code(tx: &mut Tx, code_hash: &str, now: Timestamp) -> Result<Option<CaseId>> {
    Ok(optional!(tx, CaseRow, CASE_OF_CODE, mine, code_hash, At(now))?.map(|row| CaseId(row.case_id)))
}

/// Returns until when the code of a case works, if it has one.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn code_of_case(tx: &mut Tx, case_id: CaseId, now: Timestamp) -> Result<Option<Timestamp>> {
    let row = optional!(tx, EndRow, CODE_OF_CASE, mine, case_id.0, At(now))?;
    Ok(row.and_then(|row| row.expires_at).map(|at| at.0))
}
