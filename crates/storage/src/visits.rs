//! Visits at rest: the stay itself, and one line for each day that it touches.
//!
//! "Who was in this area then" reads the lines of the facility, area and days of the window: its cost is
//! its answer, however long ago a stay began.

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{FacilityId, PersonId, VisitId};
use domain::time::Window;
use domain::visits::Visit;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct VisitRow {
    visit_id: Uuid,
    person_id: Uuid,
    facility_id: Uuid,
    area: String,
    arrived_at: At,
    left_at: At,
}

impl TryFrom<VisitRow> for Visit {
    type Error = StorageError;
    fn try_from(row: VisitRow) -> Result<Self> {
        Ok(Self {
            visit_id: VisitId(row.visit_id),
            person: PersonId(row.person_id),
            facility: FacilityId(row.facility_id),
            area: row.area,
            stay: Window::new(row.arrived_at.0, row.left_at.0).map_err(|_| StorageError::Unreadable("visit"))?,
        })
    }
}

pub(crate) const OF_PERSONS: Statement = Statement::each(
    "-- visits::of_persons
SELECT visit_id, v.person_id, facility_id, area, arrived_at, left_at FROM json_each($2) AS id
  CROSS JOIN visit AS v INDEXED BY visit_of_person ON v.authority_id = $1 AND v.person_id = unhex(id.value)",
    "-- visits::of_persons
SELECT visit_id, v.person_id, facility_id, area, arrived_at, left_at
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN visit AS v ON v.authority_id = $1 AND v.person_id = id",
);

pub(crate) const IN_AREA: Statement = Statement::both(
    "-- visits::in_area
SELECT DISTINCT v.visit_id, v.person_id, v.facility_id, v.area, v.arrived_at, v.left_at FROM visit_day AS d
  JOIN visit AS v ON v.authority_id = d.authority_id AND v.visit_id = d.visit_id
 WHERE d.authority_id = $1 AND d.facility_id = $2 AND d.area = $3 AND d.day BETWEEN $4 AND $5
   AND v.arrived_at < $7 AND v.left_at > $6",
);

const INSERT: &str = "-- visits::insert
INSERT INTO visit (authority_id, visit_id, person_id, facility_id, area, arrived_at, left_at, stored_on) ";

const INSERT_DAY: &str = "-- visits::insert_day
INSERT INTO visit_day (authority_id, facility_id, area, day, visit_id) ";

const MOVE_END: Statement = Statement::both(
    "-- visits::move_end
UPDATE visit SET left_at = $3 WHERE authority_id = $1 AND visit_id = $2",
);

const DELETE: Statement = Statement::both(
    "-- visits::delete
DELETE FROM visit WHERE authority_id = $1 AND visit_id = $2",
);

const DELETE_DAYS: Statement = Statement::both(
    "-- visits::delete_days
DELETE FROM visit_day WHERE authority_id = $1 AND facility_id = $2 AND area = $3 AND visit_id = $4",
);

fn utc_days(stay: &Window) -> (Date, Date) {
    let days = stay.days(&TimeZone::UTC);
    (days.first, days.last)
}

/// Lists the stays of persons.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_persons(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<Visit>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    all!(tx, VisitRow, OF_PERSONS, mine, &json)?.into_iter().map(Visit::try_from).collect()
}

/// Lists the stays in an area of a facility that overlap a window.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn in_area(tx: &mut Tx, facility: FacilityId, area: &str, window: &Window) -> Result<Vec<Visit>> {
    let (first, last) = utc_days(window);
    let rows = all!(
        tx,
        VisitRow,
        IN_AREA,
        mine,
        facility.0,
        area,
        Day(first),
        Day(last),
        At(window.from()),
        At(window.until()),
    )?;
    rows.into_iter().map(Visit::try_from).collect()
}

/// Stores stays. Neither may be there already.
///
/// # Errors
///
/// [`StorageError`] if one is, or the database can't be written.
pub async fn insert(tx: &mut Tx, visits: &[Visit], stored_on: Date) -> Result<()> {
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT,
        "",
        visits,
        |visit| authority_id,
        visit.visit_id.0,
        visit.person.0,
        visit.facility.0,
        &visit.area,
        At(visit.stay.from()),
        At(visit.stay.until()),
        Day(stored_on)
    )?;
    insert_days(tx, visits).await
}

async fn insert_days(tx: &mut Tx, visits: &[Visit]) -> Result<()> {
    let authority_id = tx.authority().0;
    let days_of = |visit: &Visit| {
        let (first, last) = utc_days(&visit.stay);
        let n_days = domain::time::days_between(first, last);
        let visit = visit.clone();
        (0..=n_days).map(move |n| (visit.clone(), domain::time::plus_days(first, n)))
    };
    let rows: Vec<(Visit, Date)> = visits.iter().flat_map(days_of).collect();
    insert_all!(
        tx,
        INSERT_DAY,
        "",
        rows,
        |row| authority_id,
        row.0.facility.0,
        &row.0.area,
        Day(row.1),
        row.0.visit_id.0
    )?;
    Ok(())
}

/// Moves the end of a stay.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such stay.
pub async fn move_end(tx: &mut Tx, visit: &Visit, left_at: Timestamp) -> Result<()> {
    let authority_id = tx.authority().0;
    let stay = Window::new(visit.stay.from(), left_at).map_err(|_| StorageError::Unreadable("visit"))?;
    match run!(tx, MOVE_END, authority_id, visit.visit_id.0, At(left_at))? {
        1 => {}
        touched => return Err(StorageError::WrongCount { statement: "visits::move_end", touched, expected: 1 }),
    }
    renew_days(tx, &Visit { stay, ..visit.clone() }).await
}

/// Deletes a stay.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such stay.
pub(crate) async fn delete(tx: &mut Tx, visit: &Visit) -> Result<()> {
    run!(tx, DELETE_DAYS, mine, visit.facility.0, &visit.area, visit.visit_id.0)?;
    match run!(tx, DELETE, mine, visit.visit_id.0)? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "visits::delete", touched, expected: 1 }),
    }
}

/// Writes the days of a stay anew.
pub(crate) async fn renew_days(tx: &mut Tx, visit: &Visit) -> Result<()> {
    run!(tx, DELETE_DAYS, mine, visit.facility.0, &visit.area, visit.visit_id.0)?;
    insert_days(tx, std::slice::from_ref(visit)).await
}
