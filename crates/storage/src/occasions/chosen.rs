//! Visitors who were chosen to become contact cases: the journal of a step, which goes on where it stopped.

use crate::dialect::{At, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, OccasionId, PersonId, StepId, VisitorId};
use domain::occasions::ChosenOutcome;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// A step: who chose visitors because of which case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Its id.
    pub step_id: StepId,
    /// The index case.
    pub case_id: CaseId,
    /// The occasion.
    pub occasion_id: OccasionId,
    /// Who chose.
    pub account_id: AccountId,
    /// When.
    pub at: Timestamp,
}

/// How many visitors of a step by what became of them.
pub type ChosenCounts = BTreeMap<ChosenOutcome, u64>;

#[derive(sqlx::FromRow)]
struct IdRow {
    visitor_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    outcome: String,
    n: i64,
}

#[derive(sqlx::FromRow)]
struct AnyRow {
    n: i64,
}

const INSERT: &str = "-- occasions::choose
INSERT INTO occasion_contact (authority_id, case_id, step_id, visitor_id, occasion_id, outcome, decided_by, decided_at) ";

const MADE: Statement = Statement::both(
    "-- occasions::made_of
SELECT visitor_id FROM occasion_contact WHERE authority_id = $1 AND case_id = $2 AND outcome = 'done'",
);

const AT_WORK: Statement = Statement::both(
    "-- occasions::is_at_work
SELECT count(*) AS n FROM occasion_contact AS c
  JOIN job AS j ON j.authority_id = c.authority_id AND j.job_id = c.step_id AND j.finished_at IS NULL
 WHERE c.authority_id = $1 AND c.case_id = $2 AND c.step_id <> $3 AND c.outcome = 'waiting'",
);

const NEXT: Statement = Statement::both(
    "-- occasions::next_waiting
SELECT visitor_id FROM occasion_contact WHERE authority_id = $1 AND case_id = $2 AND step_id = $3 AND outcome = 'waiting'
 ORDER BY visitor_id LIMIT $4",
);

const COUNTS: Statement = Statement::both(
    "-- occasions::counts_of
SELECT outcome, count(*) AS n FROM occasion_contact WHERE authority_id = $1 AND case_id = $2 AND step_id = $3
 GROUP BY outcome",
);

const DECIDE: Statement = Statement::both(
    "-- occasions::decide
UPDATE occasion_contact SET outcome = $5, guest_person_id = $6, contact_case_id = $7
 WHERE authority_id = $1 AND case_id = $2 AND step_id = $3 AND visitor_id = $4 AND outcome = 'waiting'",
);

const GIVE_UP: Statement = Statement::each(
    "-- occasions::give_up
UPDATE occasion_contact SET outcome = $5
 WHERE authority_id = $1 AND case_id = $2 AND step_id = $3 AND outcome = 'waiting'
   AND visitor_id IN (SELECT unhex(value) FROM json_each($4))",
    "-- occasions::give_up
UPDATE occasion_contact SET outcome = $5
 WHERE authority_id = $1 AND case_id = $2 AND step_id = $3 AND outcome = 'waiting'
   AND visitor_id = ANY (ARRAY(SELECT jsonb_array_elements_text($4::jsonb)::uuid))",
);

/// Writes a step down: all its visitors wait.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn choose(tx: &mut Tx, step: &Chosen, visitors: &[VisitorId]) -> Result<()> {
    let authority_id = tx.authority().0;
    insert_all!(
        tx,
        INSERT,
        "",
        visitors,
        |row| authority_id,
        step.case_id.0,
        step.step_id.0,
        row.0,
        step.occasion_id.0,
        ChosenOutcome::Waiting.as_str(),
        step.account_id.0,
        At(step.at)
    )?;
    Ok(())
}

/// Returns who has become a contact case because of a case, in any step.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn made_of(tx: &mut Tx, case_id: CaseId) -> Result<HashSet<VisitorId>> {
    Ok(all!(tx, IdRow, MADE, mine, case_id.0)?.into_iter().map(|row| VisitorId(row.visitor_id)).collect())
}

/// Says whether the job of another step of a case still has visitors who wait.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn is_at_work(tx: &mut Tx, case_id: CaseId, but: StepId) -> Result<bool> {
    Ok(optional!(tx, AnyRow, AT_WORK, mine, case_id.0, but.0)?.is_some_and(|row| row.n > 0))
}

/// Returns the next visitors of a step.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn next_waiting(tx: &mut Tx, case_id: CaseId, step_id: StepId, limit: usize) -> Result<Vec<VisitorId>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = all!(tx, IdRow, NEXT, mine, case_id.0, step_id.0, limit)?;
    Ok(rows.into_iter().map(|row| VisitorId(row.visitor_id)).collect())
}

/// Counts what became of the visitors of a step.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn counts_of(tx: &mut Tx, case_id: CaseId, step_id: StepId) -> Result<ChosenCounts> {
    let rows = all!(tx, CountRow, COUNTS, mine, case_id.0, step_id.0)?;
    let count = |row: CountRow| {
        let outcome = ChosenOutcome::find(&row.outcome).ok_or(StorageError::Unreadable("outcome"))?;
        Ok((outcome, u64::try_from(row.n).unwrap_or(0)))
    };
    rows.into_iter().map(count).collect()
}

/// Writes down what became of visitors of a step: the cases that were made, and why of others none was.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn decide(
    tx: &mut Tx,
    (case_id, step_id): (CaseId, StepId),
    made: &[(VisitorId, PersonId, CaseId)],
    others: &[(ChosenOutcome, Vec<VisitorId>)],
) -> Result<()> {
    let done = ChosenOutcome::Done.as_str();
    for (visitor_id, person_id, contact_case) in made {
        run!(tx, DECIDE, mine, case_id.0, step_id.0, visitor_id.0, done, person_id.0, contact_case.0)?;
    }
    for (outcome, visitors) in others.iter().filter(|(_, visitors)| !visitors.is_empty()) {
        let json = ids_as_json(visitors.iter().map(|one| &one.0));
        run!(tx, GIVE_UP, mine, case_id.0, step_id.0, &json, outcome.as_str())?;
    }
    Ok(())
}
