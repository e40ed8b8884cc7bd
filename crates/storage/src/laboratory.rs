//! What laboratories found. A laboratory's number of a sample says which: the same file again changes nothing.

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId, ResultId};
use domain::laboratory::TestOutcome;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use uuid::Uuid;

/// A result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaboratoryResult {
    /// Its id.
    pub result_id: ResultId,
    /// Who examined it.
    pub laboratory: String,
    /// Its number there.
    pub sample: String,
    /// Whose sample.
    pub person_id: PersonId,
    /// The case that it belongs to.
    pub case_id: CaseId,
    /// Which disease was looked for.
    pub disease: Disease,
    /// What was found.
    pub outcome: TestOutcome,
    /// How.
    pub method: Option<String>,
    /// Day on which the sample was taken.
    pub specimen_on: Option<Date>,
    /// When the authority was told.
    pub reported_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct ResultRow {
    result_id: Uuid,
    laboratory: String,
    sample: String,
    person_id: Uuid,
    case_id: Uuid,
    disease: String,
    outcome: String,
    method: Option<String>,
    specimen_on: Option<Day>,
    reported_at: At,
}

impl TryFrom<ResultRow> for LaboratoryResult {
    type Error = StorageError;
    fn try_from(row: ResultRow) -> Result<Self> {
        Ok(Self {
            result_id: ResultId(row.result_id),
            laboratory: row.laboratory,
            sample: row.sample,
            person_id: PersonId(row.person_id),
            case_id: CaseId(row.case_id),
            disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
            outcome: TestOutcome::find(&row.outcome).ok_or(StorageError::Unreadable("outcome of a test"))?,
            method: row.method,
            specimen_on: row.specimen_on.map(|day| day.0),
            reported_at: row.reported_at.0,
        })
    }
}

const INSERT: &str = "-- laboratory::insert
INSERT INTO laboratory_result (authority_id, laboratory, sample, result_id, person_id, case_id, disease, outcome, method,
                               specimen_on, reported_at, created_at) ";

const OF_SAMPLES: Statement = Statement::each(
    "-- laboratory::of_samples
SELECT result_id, r.laboratory, r.sample, person_id, case_id, disease, outcome, method, specimen_on, reported_at
  FROM json_each($2) AS wanted
  CROSS JOIN laboratory_result AS r ON r.authority_id = $1 AND r.laboratory = wanted.value ->> 0
         AND r.sample = wanted.value ->> 1",
    "-- laboratory::of_samples
SELECT result_id, r.laboratory, r.sample, person_id, case_id, disease, outcome, method, specimen_on, reported_at
  FROM jsonb_array_elements($2::jsonb) AS wanted
  JOIN laboratory_result AS r ON r.authority_id = $1 AND r.laboratory = wanted ->> 0 AND r.sample = wanted ->> 1",
);

const OF_CASES: Statement = Statement::each(
    "-- laboratory::of_cases
SELECT result_id, laboratory, sample, person_id, r.case_id, disease, outcome, method, specimen_on, reported_at
  FROM json_each($2) AS id
  CROSS JOIN laboratory_result AS r INDEXED BY laboratory_result_of_case
    ON r.authority_id = $1 AND r.case_id = unhex(id.value)
 ORDER BY reported_at DESC, sample",
    "-- laboratory::of_cases
SELECT result_id, laboratory, sample, person_id, r.case_id, disease, outcome, method, specimen_on, reported_at
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN laboratory_result AS r ON r.authority_id = $1 AND r.case_id = id
 ORDER BY reported_at DESC, sample",
);

/// Stores new results.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, results: &[LaboratoryResult], now: Timestamp) -> Result<()> {
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT,
        "",
        results,
        |result| authority_id,
        &result.laboratory,
        &result.sample,
        result.result_id.0,
        result.person_id.0,
        result.case_id.0,
        result.disease.as_str(),
        result.outcome.as_str(),
        &result.method,
        result.specimen_on.map(Day),
        At(result.reported_at),
        At(now)
    )?;
    Ok(())
}

/// Finds results by laboratory and number of the sample. Those that aren't there are not in the answer.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_samples(
    tx: &mut Tx,
    samples: &[(String, String)],
) -> Result<HashMap<(String, String), LaboratoryResult>> {
    let mut found = HashMap::with_capacity(samples.len());
    for chunk in samples.chunks(10_000) {
        let json = serde_json::to_string(chunk).map_err(|_| StorageError::Unreadable("sample"))?;
        for row in all!(tx, ResultRow, OF_SAMPLES, mine, &json)? {
            let result: LaboratoryResult = row.try_into()?;
            found.insert((result.laboratory.clone(), result.sample.clone()), result);
        }
    }
    Ok(found)
}

/// Lists the results of cases, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_cases(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<LaboratoryResult>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    all!(tx, ResultRow, OF_CASES, mine, &json)?.into_iter().map(TryInto::try_into).collect()
}
