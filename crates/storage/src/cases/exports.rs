//! Which cases go with a file that isn't the list's: their ids, in the order of the file.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::CaseId;
use domain::time::Window;
use jiff::Timestamp;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct IdRow {
    case_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct PlacedRow {
    case_id: Uuid,
    postcode: Option<String>,
}

pub(crate) const DECIDED_BETWEEN: Statement = Statement::both(
    "-- cases::decided_between
SELECT d.case_id FROM quarantine_decision AS d
 WHERE d.authority_id = $1 AND d.decided_at >= $2 AND d.decided_at < $3 AND d.what <> 'dismissed'
   AND NOT EXISTS (SELECT 1 FROM quarantine_decision AS n WHERE n.authority_id = $1 AND n.case_id = d.case_id
                      AND n.what <> 'dismissed' AND n.decision_id > d.decision_id)
 ORDER BY d.decided_at, d.case_id",
);

pub(crate) const WITHOUT_QUARANTINE: Statement = Statement::both(
    "-- cases::without_quarantine
SELECT case_id FROM outbreak_case
 WHERE authority_id = $1 AND quarantine_last IS NULL AND case_type <> 'index'
   AND status NOT IN ('external', 'concluded', 'handed_over', 'anonymised')
 ORDER BY case_id",
);

pub(crate) const EXTERNAL: Statement = Statement::both(
    "-- cases::external
SELECT c.case_id, p.postcode
  FROM outbreak_case AS c LEFT JOIN person AS p ON p.authority_id = $1 AND p.person_id = c.person_id
 WHERE c.authority_id = $1 AND c.status = 'external' ORDER BY c.case_id",
);

pub(crate) const IN_TRACKING: Statement = Statement::both(
    "-- cases::in_tracking
SELECT case_id FROM outbreak_case
 WHERE authority_id = $1 AND status = 'tracking' AND case_id > $2 ORDER BY case_id LIMIT $3",
);

/// Lists the cases whose newest decision on quarantine or isolation fell into a window, oldest decision first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn decided_between(tx: &mut Tx, window: Window) -> Result<Vec<CaseId>> {
    // PostgreSQL knows no years before 4713 BC.
    let from = window.from().max(Timestamp::UNIX_EPOCH);
    let rows = all!(tx, IdRow, DECIDED_BETWEEN, mine, At(from), At(window.until()))?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// Lists the open cases of contacts who have no days of quarantine, oldest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn without_quarantine(tx: &mut Tx) -> Result<Vec<CaseId>> {
    let rows = all!(tx, IdRow, WITHOUT_QUARANTINE, mine)?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// Lists the cases for which others are responsible, with the postcode of their person, oldest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn external(tx: &mut Tx) -> Result<Vec<(CaseId, Option<String>)>> {
    let rows = all!(tx, PlacedRow, EXTERNAL, mine)?;
    Ok(rows.into_iter().map(|row| (CaseId(row.case_id), row.postcode)).collect())
}

/// Lists the cases whose person keeps a diary, oldest first, after one of them, at most `most`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn in_tracking(tx: &mut Tx, after: Option<CaseId>, most: i64) -> Result<Vec<CaseId>> {
    let after = after.map_or(Uuid::nil(), |id| id.0);
    let rows = all!(tx, IdRow, IN_TRACKING, mine, after, most)?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}
