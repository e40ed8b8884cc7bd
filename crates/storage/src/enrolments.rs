//! Which account enrolled which case, and which version of the data protection text was accepted then.

use crate::dialect::{At, Statement};
use crate::diary::slot_number;
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::diary::Slot;
use domain::ids::{CaseId, EnrolmentId, PatientId, PersonId};
use domain::languages::Language;
use jiff::Timestamp;
use uuid::Uuid;

/// An enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its id.
    pub enrolment_id: EnrolmentId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// The account that acts for it. It may have been deleted since.
    pub patient_id: PatientId,
    /// Version of the data protection text that was accepted, and in which language.
    pub privacy: (Language, i32),
    /// When it was accepted and the code redeemed.
    pub accepted_at: Timestamp,
    /// When it is looked at because it isn't complete.
    pub due_at: Option<Timestamp>,
    /// When everything that is asked was told.
    pub completed_at: Option<Timestamp>,
    /// The account that acts in its place since two persons became one; `None` while this one acts.
    pub superseded_by: Option<PatientId>,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    enrolment_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    patient_id: Uuid,
    privacy_language: String,
    privacy_version: i32,
    accepted_at: At,
    due_at: Option<At>,
    completed_at: Option<At>,
    superseded_by: Option<Uuid>,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    value: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct PatientRow {
    patient_id: Uuid,
}

impl TryFrom<EnrolmentRow> for Enrolment {
    type Error = StorageError;
    fn try_from(row: EnrolmentRow) -> Result<Self> {
        let language = Language::find(&row.privacy_language).ok_or(StorageError::Unreadable("language"))?;
        Ok(Self {
            enrolment_id: EnrolmentId(row.enrolment_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            patient_id: PatientId(row.patient_id),
            privacy: (language, row.privacy_version),
            accepted_at: row.accepted_at.0,
            due_at: row.due_at.map(|at| at.0),
            completed_at: row.completed_at.map(|at| at.0),
            superseded_by: row.superseded_by.map(PatientId),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- enrolments::insert
INSERT INTO enrolment (authority_id, case_id, enrolment_id, person_id, patient_id, privacy_language, privacy_version, accepted_at,
                       due_at, completed_at, superseded_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);

const OF_CASE: Statement = Statement::both(
    "-- enrolments::of_case
SELECT enrolment_id, case_id, person_id, patient_id, privacy_language, privacy_version, accepted_at, due_at, completed_at,
       superseded_by
  FROM enrolment WHERE authority_id = $1 AND case_id = $2 ORDER BY enrolment_id DESC",
);

const OF_PATIENT: Statement = Statement::both(
    "-- enrolments::of_patient
SELECT enrolment_id, case_id, person_id, patient_id, privacy_language, privacy_version, accepted_at, due_at, completed_at,
       superseded_by
  FROM enrolment WHERE authority_id = $1 AND patient_id = $2 AND superseded_by IS NULL ORDER BY enrolment_id",
);

const OF_PERSON: Statement = Statement::both(
    "-- enrolments::of_person
SELECT enrolment_id, case_id, person_id, patient_id, privacy_language, privacy_version, accepted_at, due_at, completed_at,
       superseded_by
  FROM enrolment WHERE authority_id = $1 AND person_id = $2 AND superseded_by IS NULL ORDER BY enrolment_id DESC",
);

const SUPERSEDED: Statement = Statement::both(
    "-- enrolments::superseded
SELECT case_id FROM enrolment
 WHERE authority_id = $1 AND patient_id = $2 AND superseded_by IS NOT NULL ORDER BY enrolment_id LIMIT 1",
);

const SUPERSEDE: Statement = Statement::both(
    "-- enrolments::supersede
UPDATE enrolment SET superseded_by = $4 WHERE authority_id = $1 AND person_id = $2 AND patient_id = $3",
);

const ACCOUNT_OF_CASE: Statement = Statement::both(
    "-- enrolments::account_of_case
SELECT a.patient_id FROM enrolment AS e JOIN patient_account AS a
    ON a.authority_id = $1 AND a.patient_id = e.patient_id
 WHERE e.authority_id = $1 AND e.case_id = $2 AND e.superseded_by IS NULL ORDER BY e.enrolment_id DESC LIMIT 1",
);

const WRITE: Statement = Statement::both(
    "-- enrolments::write
UPDATE enrolment SET due_at = $4, completed_at = $5 WHERE authority_id = $1 AND case_id = $2 AND enrolment_id = $3",
);

const NOTE_REMINDED: Statement = Statement::both(
    "-- enrolments::note_reminded
UPDATE enrolment SET reminded_slot = $3 WHERE authority_id = $1 AND case_id = $2",
);

const REMINDED: Statement = Statement::both(
    "-- enrolments::reminded
SELECT max(reminded_slot) AS value FROM enrolment WHERE authority_id = $1 AND case_id = $2",
);

const DUE: Statement = Statement::both(
    "-- enrolments::due
SELECT case_id FROM enrolment WHERE authority_id = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3",
);

/// Stores an enrolment.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, new: &Enrolment) -> Result<()> {
    run!(
        tx,
        INSERT,
        mine,
        new.case_id.0,
        new.enrolment_id.0,
        new.person_id.0,
        new.patient_id.0,
        new.privacy.0.as_str(),
        new.privacy.1,
        At(new.accepted_at),
        new.due_at.map(At),
        new.completed_at.map(At),
        new.superseded_by.map(|account| account.0),
    )?;
    Ok(())
}

/// Lists the enrolments of a case, newest first, also those of accounts that don't act any more.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<Enrolment>> {
    all!(tx, EnrolmentRow, OF_CASE, mine, case_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Lists the enrolments by which an account acts, oldest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_patient(tx: &mut Tx, patient_id: PatientId) -> Result<Vec<Enrolment>> {
    all!(tx, EnrolmentRow, OF_PATIENT, mine, patient_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Lists the enrolments of a person's cases by which an account acts, newest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_person(tx: &mut Tx, person_id: PersonId) -> Result<Vec<Enrolment>> {
    all!(tx, EnrolmentRow, OF_PERSON, mine, person_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Says whether another account acts in place of this one, for any case.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn is_superseded(tx: &mut Tx, patient_id: PatientId) -> Result<bool> {
    Ok(optional!(tx, CaseRow, SUPERSEDED, mine, patient_id.0)?.is_some())
}

/// Lets an account act for a person in place of another. Returns how many enrolments that concerns.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn supersede(tx: &mut Tx, person_id: PersonId, gone: PatientId, acts: PatientId) -> Result<u64> {
    run!(tx, SUPERSEDE, mine, person_id.0, gone.0, acts.0)
}

/// Returns the account that acts for a case; `None` if there is none any more.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn account_of_case(tx: &mut Tx, case_id: CaseId) -> Result<Option<PatientId>> {
    Ok(optional!(tx, PatientRow, ACCOUNT_OF_CASE, mine, case_id.0)?.map(|row| PatientId(row.patient_id)))
}

/// Writes how far an enrolment is.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn write(tx: &mut Tx, enrolment: &Enrolment) -> Result<()> {
    let (due_at, completed_at) = (enrolment.due_at.map(At), enrolment.completed_at.map(At));
    run!(tx, WRITE, mine, enrolment.case_id.0, enrolment.enrolment_id.0, due_at, completed_at)?;
    Ok(())
}

/// Notes that those who act for a case were reminded of a half day.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn note_reminded(tx: &mut Tx, case_id: CaseId, slot: Slot) -> Result<()> {
    run!(tx, NOTE_REMINDED, mine, case_id.0, slot_number(slot))?;
    Ok(())
}

/// Says whether those who act for a case were reminded of a half day, or of a later one.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn was_reminded(tx: &mut Tx, case_id: CaseId, slot: Slot) -> Result<bool> {
    let row = optional!(tx, NumberRow, REMINDED, mine, case_id.0)?;
    Ok(row.and_then(|row| row.value).is_some_and(|newest| newest >= slot_number(slot)))
}

/// Lists the cases of which an enrolment must be looked at by now, at most so many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn due(tx: &mut Tx, now: Timestamp, limit: i64) -> Result<Vec<CaseId>> {
    Ok(all!(tx, CaseRow, DUE, mine, At(now), limit)?.into_iter().map(|row| CaseId(row.case_id)).collect())
}
