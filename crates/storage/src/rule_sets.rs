//! Rule sets at rest: rows with dates and a version, never changed, only followed by newer ones.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::cases::{CaseDates, CaseStatus};
use domain::diseases::Disease;
use domain::ids::AccountId;
use domain::rules::{RuleSet, StoredSettings};
use domain::time::DayRange;
use jiff::Timestamp;
use uuid::Uuid;

/// A rule set, and who made it.
#[derive(Clone, Debug, PartialEq)]
pub struct MadeRules {
    /// The rules.
    pub rules: RuleSet,
    /// Who.
    pub account_id: AccountId,
    /// When.
    pub made_at: Timestamp,
}

/// How many cases have these dates and this status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedCases {
    /// Onset, or where none is known the test.
    pub dates: CaseDates,
    /// Where they stand.
    pub status: CaseStatus,
    /// How many.
    pub n_cases: u64,
}

#[derive(sqlx::FromRow)]
struct RuleSetRow {
    version: i32,
    first_day: Option<Day>,
    last_day: Option<Day>,
    settings: String,
    account_id: Uuid,
    created_at: At,
}

#[derive(sqlx::FromRow)]
struct DatedRow {
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    status: String,
    n_cases: i64,
}

const LIST: Statement = Statement::both(
    "-- rule_sets::list
SELECT version, first_day, last_day, settings, account_id, created_at
  FROM rule_set WHERE authority_id = $1 AND disease = $2 ORDER BY version",
);

/// Two ranges of one index, each read from its newest end and not beyond `$5` rows.
pub(crate) const DATED_CASES: Statement = Statement::each(
    "-- rule_sets::dated_cases
SELECT symptom_onset, CAST(NULL AS date) AS tested_on, status, count(*) AS n_cases
  FROM (SELECT symptom_onset, status FROM outbreak_case INDEXED BY case_by_onset
         WHERE authority_id = $1 AND disease = $2 AND symptom_onset BETWEEN $3 AND $4
         ORDER BY symptom_onset DESC LIMIT $5) AS fell_ill
 GROUP BY symptom_onset, status
UNION ALL
SELECT CAST(NULL AS date), tested_on, status, count(*)
  FROM (SELECT tested_on, status FROM outbreak_case INDEXED BY case_by_onset
         WHERE authority_id = $1 AND disease = $2 AND symptom_onset IS NULL
         ORDER BY case_id DESC LIMIT $5) AS without_onset
 GROUP BY tested_on, status",
    "-- rule_sets::dated_cases
SELECT symptom_onset, CAST(NULL AS date) AS tested_on, status, count(*) AS n_cases
  FROM (SELECT symptom_onset, status FROM outbreak_case
         WHERE authority_id = $1 AND disease = $2 AND symptom_onset BETWEEN $3 AND $4
         ORDER BY symptom_onset DESC LIMIT $5) AS fell_ill
 GROUP BY symptom_onset, status
UNION ALL
SELECT CAST(NULL AS date), tested_on, status, count(*)
  FROM (SELECT tested_on, status FROM outbreak_case
         WHERE authority_id = $1 AND disease = $2 AND symptom_onset IS NULL
         ORDER BY case_id DESC LIMIT $5) AS without_onset
 GROUP BY tested_on, status",
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
    Ok(list_made(tx, disease).await?.into_iter().map(|made| made.rules).collect())
}

/// The same, with who made each and when.
///
/// # Errors
///
/// [`StorageError::Unreadable`] if stored settings can't be read.
pub async fn list_made(tx: &mut Tx, disease: Disease) -> Result<Vec<MadeRules>> {
    let rows = all!(tx, RuleSetRow, LIST, mine, disease.as_str())?;
    let read = |row: RuleSetRow| {
        let settings: StoredSettings =
            serde_json::from_str(&row.settings).map_err(|_| StorageError::Unreadable("rule set"))?;
        let rules = RuleSet {
            version: row.version,
            disease,
            first: row.first_day.map(|day| day.0),
            last: row.last_day.map(|day| day.0),
            settings: settings.of(disease),
        };
        Ok(MadeRules { rules, account_id: AccountId(row.account_id), made_at: row.created_at.0 })
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

/// Counts the cases of a disease by onset and status, and those without onset by the day of the test: with an onset in
/// `days`, and at most `most` of either kind, the newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn dated_cases(tx: &mut Tx, disease: Disease, days: DayRange, most: i64) -> Result<Vec<DatedCases>> {
    let (first, last) = (Day(days.first), Day(days.last));
    let rows = all!(tx, DatedRow, DATED_CASES, mine, disease.as_str(), first, last, most)?;
    let read = |row: DatedRow| {
        let (symptom_onset, tested_on) = (row.symptom_onset.map(|day| day.0), row.tested_on.map(|day| day.0));
        Ok(DatedCases {
            dates: CaseDates { symptom_onset, tested_on, reported_on: None },
            status: CaseStatus::find(&row.status).ok_or(StorageError::Unreadable("status of a case"))?,
            n_cases: u64::try_from(row.n_cases).unwrap_or(0),
        })
    };
    rows.into_iter().map(read).collect()
}
