//! The values that occur, for whoever makes up a filter: places, settings, outcomes, sexes.
//!
//! They are found by leaps from one value to the next in an index, so that a million cases in five settings cost five
//! looks. Only sexes have no index: they are those of the cases reported last.

use crate::dialect::Statement;
use crate::error::Result;
use crate::store::Tx;
use domain::diseases::Disease;
use domain::ids::FacilityId;
use uuid::Uuid;

/// Values of one kind that are listed, at most.
pub const MOST_VALUES: usize = 1_000;

#[derive(sqlx::FromRow)]
struct WordRow {
    word: String,
}

#[derive(sqlx::FromRow)]
struct PlaceRow {
    facility_id: Uuid,
    name: String,
}

/// Leaps over a column's values: the first, then the first beyond it, and so on.
macro_rules! leaps {
    ($name:literal, $column:literal, $index:literal) => {
        Statement::each(
            concat!(
                "-- cases::",
                $name,
                "
WITH RECURSIVE value (word) AS (
  SELECT * FROM (SELECT ",
                $column,
                " FROM outbreak_case INDEXED BY ",
                $index,
                "
                  WHERE authority_id = $1 AND disease = $2 AND ",
                $column,
                " IS NOT NULL ORDER BY ",
                $column,
                " LIMIT 1)
  UNION ALL
  SELECT (SELECT ",
                $column,
                " FROM outbreak_case INDEXED BY ",
                $index,
                "
           WHERE authority_id = $1 AND disease = $2 AND ",
                $column,
                " > value.word ORDER BY ",
                $column,
                " LIMIT 1)
    FROM value WHERE value.word IS NOT NULL)
SELECT word FROM value WHERE word IS NOT NULL LIMIT 1000"
            ),
            concat!(
                "-- cases::",
                $name,
                "
WITH RECURSIVE value (word) AS (
  SELECT * FROM (SELECT ",
                $column,
                " FROM outbreak_case
                  WHERE authority_id = $1 AND disease = $2 AND ",
                $column,
                " IS NOT NULL ORDER BY ",
                $column,
                " LIMIT 1) AS first
  UNION ALL
  SELECT (SELECT ",
                $column,
                " FROM outbreak_case
           WHERE authority_id = $1 AND disease = $2 AND ",
                $column,
                " > value.word ORDER BY ",
                $column,
                " LIMIT 1)
    FROM value WHERE value.word IS NOT NULL)
SELECT word FROM value WHERE word IS NOT NULL LIMIT 1000"
            ),
        )
    };
}

const SETTINGS: Statement = leaps!("settings", "setting", "case_by_setting");
const OUTCOMES: Statement = leaps!("outcomes", "outcome", "case_by_outcome");

const PLACES: Statement = Statement::each(
    "-- cases::places
WITH RECURSIVE value (id) AS (
  SELECT * FROM (SELECT facility_id FROM outbreak_case INDEXED BY case_by_place
                  WHERE authority_id = $1 AND disease = $2 AND facility_id IS NOT NULL ORDER BY facility_id LIMIT 1)
  UNION ALL
  SELECT (SELECT facility_id FROM outbreak_case INDEXED BY case_by_place
           WHERE authority_id = $1 AND disease = $2 AND facility_id > value.id ORDER BY facility_id LIMIT 1)
    FROM value WHERE value.id IS NOT NULL)
SELECT f.facility_id, f.name FROM (SELECT id FROM value WHERE id IS NOT NULL LIMIT 1000) AS used
 CROSS JOIN facility AS f ON f.authority_id = $1 AND f.facility_id = used.id ORDER BY f.name",
    "-- cases::places
WITH RECURSIVE value (id) AS (
  SELECT * FROM (SELECT facility_id FROM outbreak_case
                  WHERE authority_id = $1 AND disease = $2 AND facility_id IS NOT NULL ORDER BY facility_id LIMIT 1) AS first
  UNION ALL
  SELECT (SELECT facility_id FROM outbreak_case
           WHERE authority_id = $1 AND disease = $2 AND facility_id > value.id ORDER BY facility_id LIMIT 1)
    FROM value WHERE value.id IS NOT NULL)
SELECT f.facility_id, f.name FROM (SELECT id FROM value WHERE id IS NOT NULL LIMIT 1000) AS used
  JOIN facility AS f ON f.authority_id = $1 AND f.facility_id = used.id ORDER BY f.name",
);

const SEXES: Statement = Statement::each(
    "-- cases::sexes
SELECT DISTINCT p.sex AS word
  FROM (SELECT person_id FROM outbreak_case INDEXED BY case_by_report WHERE authority_id = $1 AND disease = $2
         ORDER BY reported_on DESC, case_id DESC LIMIT 2000) AS c
 CROSS JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
 WHERE p.sex IS NOT NULL ORDER BY p.sex",
    "-- cases::sexes
SELECT DISTINCT p.sex AS word
  FROM (SELECT person_id FROM outbreak_case WHERE authority_id = $1 AND disease = $2
         ORDER BY reported_on DESC NULLS LAST, case_id DESC LIMIT 2000) AS c
  JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
 WHERE p.sex IS NOT NULL ORDER BY p.sex",
);

/// What filters can ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseValues {
    /// Places of cases, with their names, by name.
    pub places: Vec<(FacilityId, String)>,
    /// Settings, as written.
    pub settings: Vec<String>,
    /// Outcomes, as written.
    pub outcomes: Vec<String>,
    /// Sexes, as written, of the persons whose cases were reported last.
    pub sexes: Vec<String>,
}

/// Lists the values that the cases of a disease have, at most [`MOST_VALUES`] of a kind.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn values(tx: &mut Tx, disease: Disease) -> Result<CaseValues> {
    let disease = disease.as_str();
    let words = |rows: Vec<WordRow>| rows.into_iter().map(|row| row.word).collect();
    let places = all!(tx, PlaceRow, PLACES, mine, disease)?;
    Ok(CaseValues {
        places: places.into_iter().map(|row| (FacilityId(row.facility_id), row.name)).collect(),
        settings: words(all!(tx, WordRow, SETTINGS, mine, disease)?),
        outcomes: words(all!(tx, WordRow, OUTCOMES, mine, disease)?),
        sexes: words(all!(tx, WordRow, SEXES, mine, disease)?),
    })
}
