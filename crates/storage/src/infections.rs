//! Infection links at rest, and those that were refused because a reference names nobody.

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::Result;
use crate::store::Tx;
use domain::diseases::Disease;
use domain::ids::{LinkId, PersonId};
use domain::infections::InfectionLink;
use jiff::Timestamp;
use uuid::Uuid;

/// A link that was refused, remembered once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLink {
    /// Reference of who infected.
    pub infector: String,
    /// Reference of whom.
    pub infected: String,
    /// Why.
    pub reason: String,
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    link_id: Uuid,
    infector_id: Uuid,
    infected_id: Uuid,
    setting: Option<String>,
    infected_on: Option<Day>,
}

impl From<LinkRow> for InfectionLink {
    fn from(row: LinkRow) -> Self {
        Self {
            link_id: LinkId(row.link_id),
            infector: PersonId(row.infector_id),
            infected: PersonId(row.infected_id),
            setting: row.setting,
            infected_on: row.infected_on.map(|day| day.0),
        }
    }
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

pub(crate) const OF_INFECTORS: Statement = Statement::each(
    "-- infections::of_infectors
SELECT link_id, infector_id, infected_id, setting, infected_on FROM json_each($2) AS id
  CROSS JOIN infection_link AS l ON l.authority_id = $1 AND l.infector_id = unhex(id.value)",
    "-- infections::of_infectors
SELECT link_id, infector_id, infected_id, setting, infected_on
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN infection_link AS l ON l.authority_id = $1 AND l.infector_id = id",
);

pub(crate) const OF_INFECTED: Statement = Statement::each(
    "-- infections::of_infected
SELECT link_id, infector_id, infected_id, setting, infected_on FROM json_each($2) AS id
  CROSS JOIN infection_link AS l INDEXED BY infection_link_of_infected
    ON l.authority_id = $1 AND l.infected_id = unhex(id.value)",
    "-- infections::of_infected
SELECT link_id, infector_id, infected_id, setting, infected_on
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN infection_link AS l ON l.authority_id = $1 AND l.infected_id = id",
);

const ALL: Statement = Statement::both(
    "-- infections::all
SELECT link_id, infector_id, infected_id, setting, infected_on FROM infection_link WHERE authority_id = $1
 ORDER BY infector_id, infected_id",
);

const COUNT_FROM: Statement = Statement::both(
    "-- infections::count_from
SELECT count(*) AS n FROM infection_link WHERE authority_id = $1 AND infector_id = $2",
);

const INSERT: &str = "-- infections::insert
INSERT INTO infection_link (authority_id, infector_id, infected_id, link_id, setting, infected_on, created_at) ";

const REPLACE: Statement = Statement::both(
    "-- infections::replace
UPDATE infection_link SET setting = $4, infected_on = $5
 WHERE authority_id = $1 AND infector_id = $2 AND infected_id = $3",
);

const INSERT_REFUSED: &str = "-- infections::insert_refused
INSERT INTO refused_link (authority_id, infector, infected, disease, reason, created_at) ";

const FORGET_REFUSED: Statement = Statement::both(
    "-- infections::forget_refused
DELETE FROM refused_link WHERE authority_id = $1 AND disease = $2 AND infector = $3 AND infected = $4",
);

const COUNT_REFUSED: Statement = Statement::both(
    "-- infections::count_refused
SELECT count(*) AS n FROM refused_link WHERE authority_id = $1 AND disease = $2",
);

/// Lists whom these persons infected.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_infectors(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<InfectionLink>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    Ok(all!(tx, LinkRow, OF_INFECTORS, mine, &json)?.into_iter().map(Into::into).collect())
}

/// Lists who infected these persons.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_infected(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<InfectionLink>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    Ok(all!(tx, LinkRow, OF_INFECTED, mine, &json)?.into_iter().map(Into::into).collect())
}

/// Lists all links of the authority.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn all(tx: &mut Tx) -> Result<Vec<InfectionLink>> {
    Ok(all!(tx, LinkRow, ALL, mine)?.into_iter().map(Into::into).collect())
}

/// Counts whom a person is known to have infected.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn count_from(tx: &mut Tx, infector: PersonId) -> Result<u64> {
    let count = optional!(tx, Count, COUNT_FROM, mine, infector.0)?;
    Ok(count.map_or(0, |count| u64::try_from(count.n).unwrap_or(0)))
}

/// Stores links; a pair that is there already stays as it is.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, links: &[InfectionLink], now: Timestamp) -> Result<u64> {
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT,
        " ON CONFLICT DO NOTHING",
        links,
        |link| authority_id,
        link.infector.0,
        link.infected.0,
        link.link_id.0,
        &link.setting,
        link.infected_on.map(Day),
        now
    )
}

/// Writes setting and day of a pair anew.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn replace(tx: &mut Tx, link: &InfectionLink) -> Result<()> {
    let infected_on = link.infected_on.map(Day);
    run!(tx, REPLACE, mine, link.infector.0, link.infected.0, &link.setting, infected_on)?;
    Ok(())
}

/// Remembers refused links; each once.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn remember_refused(tx: &mut Tx, disease: Disease, refused: &[RefusedLink], now: Timestamp) -> Result<()> {
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT_REFUSED,
        " ON CONFLICT DO NOTHING",
        refused,
        |link| authority_id,
        &link.infector,
        &link.infected,
        disease.as_str(),
        &link.reason,
        now
    )?;
    Ok(())
}

/// Forgets that a link was refused, now that it is stored.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn forget_refused(tx: &mut Tx, disease: Disease, infector: &str, infected: &str) -> Result<()> {
    run!(tx, FORGET_REFUSED, mine, disease.as_str(), infector, infected)?;
    Ok(())
}

/// Counts the refused links of a disease.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn count_refused(tx: &mut Tx, disease: Disease) -> Result<u64> {
    let count = optional!(tx, Count, COUNT_REFUSED, mine, disease.as_str())?;
    Ok(count.map_or(0, |count| u64::try_from(count.n).unwrap_or(0)))
}
