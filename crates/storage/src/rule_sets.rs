//! Rule sets at rest: rows with dates and a version, never changed, only followed by newer ones.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::rules::RuleSet;
use jiff::Timestamp;

#[derive(sqlx::FromRow)]
struct RuleSetRow {
    version: i32,
    first_day: Option<Day>,
    last_day: Option<Day>,
    settings: String,
}

const LIST: Statement = Statement::both(
    "-- rule_sets::list
SELECT version, first_day, last_day, settings FROM rule_set WHERE authority_id = $1 AND disease = $2 ORDER BY version",
);

const INSERT: Statement = Statement::both(
    "-- rule_sets::insert
INSERT INTO rule_set (authority_id, disease, version, first_day, last_day, settings, account_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

/// Lists the authority's own rule sets for a disease, oldest version first.
///
/// # Errors
///
/// [`StorageError::Unreadable`] if stored settings can't be read.
pub async fn list(tx: &mut Tx, disease: Disease) -> Result<Vec<RuleSet>> {
    let rows = all!(tx, RuleSetRow, LIST, mine, disease.as_str())?;
    let read = |row: RuleSetRow| {
        Ok(RuleSet {
            version: row.version,
            disease,
            first: row.first_day.map(|day| day.0),
            last: row.last_day.map(|day| day.0),
            settings: serde_json::from_str(&row.settings).map_err(|_| StorageError::Unreadable("rule set"))?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Stores a rule set with its version.
///
/// # Errors
///
/// [`StorageError`] if the version is taken.
pub async fn insert(tx: &mut Tx, rules: &RuleSet, account_id: AccountId, now: Timestamp) -> Result<()> {
    let settings = serde_json::to_string(&rules.settings).map_err(|_| StorageError::Unreadable("rule set"))?;
    let (first, last) = (rules.first.map(Day), rules.last.map(Day));
    let authority_id = tx.authority().0;
    run!(
        tx,
        INSERT,
        authority_id,
        rules.disease.as_str(),
        rules.version,
        first,
        last,
        &settings,
        account_id.0,
        At(now),
    )?;
    Ok(())
}
