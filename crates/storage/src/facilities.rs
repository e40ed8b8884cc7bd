//! Facilities: hospitals, schools, restaurants, by their name in clear.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::FacilityId;
use jiff::Timestamp;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct FacilityRow {
    facility_id: Uuid,
    name: String,
}

const BY_NAME: Statement = Statement::each(
    "-- facilities::by_name
SELECT facility_id, name FROM facility WHERE authority_id = $1 AND name IN (SELECT value FROM json_each($2))",
    "-- facilities::by_name
SELECT f.facility_id, f.name FROM jsonb_array_elements_text($2::jsonb) AS wanted
  JOIN facility AS f ON f.authority_id = $1 AND f.name = wanted",
);

const NAMES: Statement = Statement::both(
    "-- facilities::names
SELECT facility_id, name FROM facility WHERE authority_id = $1",
);

const INSERT: &str = "-- facilities::insert
INSERT INTO facility (authority_id, facility_id, name, created_at) ";

/// Finds facilities by name. Those that aren't known are not in the answer.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_name(tx: &mut Tx, names: &[&str]) -> Result<HashMap<String, FacilityId>> {
    let json = serde_json::to_string(names).map_err(|_| StorageError::Unreadable("facility"))?;
    let rows = all!(tx, FacilityRow, BY_NAME, mine, &json)?;
    Ok(rows.into_iter().map(|row| (row.name, FacilityId(row.facility_id))).collect())
}

/// Returns the names of all facilities.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn names(tx: &mut Tx) -> Result<HashMap<FacilityId, String>> {
    let rows = all!(tx, FacilityRow, NAMES, mine)?;
    Ok(rows.into_iter().map(|row| (FacilityId(row.facility_id), row.name)).collect())
}

/// Stores facilities; one whose name is known already stays as it is.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, facilities: &[(FacilityId, String)], now: Timestamp) -> Result<()> {
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(tx, INSERT, " ON CONFLICT DO NOTHING", facilities, |row| authority_id, row.0.0, &row.1, now)?;
    Ok(())
}
