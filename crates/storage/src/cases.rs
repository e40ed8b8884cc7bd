//! Cases at rest: stored, read by id or person; lists of them stand in the files below.

mod exports;
mod filter;
mod index;
mod list;
mod timeliness;
mod values;
mod work;
mod worklist;
mod workload;
mod written;

pub(crate) use exports::{DECIDED_BETWEEN, EXTERNAL, IN_TRACKING, WITHOUT_QUARANTINE};
pub use exports::{decided_between, external, in_tracking, without_quarantine};
pub use filter::{AssignedTo, CaseFilter, Days, Postcodes};
pub use index::texts_of_counts;
pub(crate) use list::LISTED;
pub use list::{
    CaseKey, CaseRef, CaseSort, ListedCase, Order, count, listed, matching, matching_of, page_after, page_at,
    texts_of_pages,
};
pub(crate) use timeliness::{ORIGINS, STEPS};
pub use timeliness::{OriginCounts, StepCounts, TimedCases, origins_between, steps_between};
pub use values::{CaseValues, MOST_VALUES, values};
pub use work::{Begun, CaseWork, begin, by_file_number, lock, with_ended_quarantine, work_of, write_work};
pub(crate) use work::{WITH_ENDED_QUARANTINE, WORK_OF};
pub use worklist::{Waiting, Whose, WorkFilter, WorkKey, count_waiting, texts_of_worklist, worklist};
pub(crate) use workload::WORKLOAD;
pub use workload::{Load, workload};

use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::cases::{CaseClassification, CaseDates, CaseOfPerson};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::time::DayRange;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A case as stored, its sealed fields opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Its id.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// Which disease.
    pub disease: Disease,
    /// How sure.
    pub classification: CaseClassification,
    /// Onset, test, report.
    pub dates: CaseDates,
    /// First day on which the infection may have happened.
    pub exposed_first: Option<Date>,
    /// Last such day.
    pub exposed_last: Option<Date>,
    /// Day of death.
    pub died_on: Option<Date>,
    /// As imported.
    pub outcome: Option<String>,
    /// Kind of place of the infection.
    pub setting: Option<String>,
    /// Place.
    pub facility_id: Option<FacilityId>,
    /// Ten years, in clear.
    pub age_band: Option<String>,
    /// Age in years.
    pub age: Option<Personal<String>>,
    /// Free text.
    pub note: Option<Personal<String>>,
}

/// What reports need of a case: no sealed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseOutline {
    /// Its id.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
    /// Onset, test, report.
    pub dates: CaseDates,
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    case_id: Uuid,
    person_id: Uuid,
    disease: String,
    classification: String,
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    reported_on: Option<Day>,
    exposed_first: Option<Day>,
    exposed_last: Option<Day>,
    died_on: Option<Day>,
    outcome: Option<String>,
    setting: Option<String>,
    facility_id: Option<Uuid>,
    age_band: Option<String>,
    age: Option<Vec<u8>>,
    note: Option<Vec<u8>>,
}

/// A case in brief, whatever the disease: no sealed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseInBrief {
    /// Its id.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
    /// Which disease.
    pub disease: Disease,
    /// How sure.
    pub classification: CaseClassification,
    /// Onset, test, report.
    pub dates: CaseDates,
    /// First and last day on which the infection may have happened, as imported.
    pub exposed: Option<DayRange>,
}

#[derive(sqlx::FromRow)]
struct BriefRow {
    case_id: Uuid,
    person_id: Uuid,
    disease: String,
    classification: String,
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    reported_on: Option<Day>,
    exposed_first: Option<Day>,
    exposed_last: Option<Day>,
}

#[derive(sqlx::FromRow)]
struct OutlineRow {
    case_id: Uuid,
    person_id: Uuid,
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    reported_on: Option<Day>,
}

const OF_PERSONS: Statement = Statement::each(
    "-- cases::of_persons
SELECT case_id, c.person_id, disease, classification, symptom_onset, tested_on, reported_on, exposed_first,
       exposed_last, died_on, outcome, setting, facility_id, age_band, age, note
  FROM json_each($3) AS id
  CROSS JOIN outbreak_case AS c INDEXED BY case_of_person
    ON c.authority_id = $1 AND c.person_id = unhex(id.value) AND c.disease = $2
 ORDER BY c.person_id, case_id",
    "-- cases::of_persons
SELECT case_id, c.person_id, disease, classification, symptom_onset, tested_on, reported_on, exposed_first,
       exposed_last, died_on, outcome, setting, facility_id, age_band, age, note
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($3::jsonb)::uuid)) AS id
  JOIN outbreak_case AS c ON c.authority_id = $1 AND c.person_id = id AND c.disease = $2
 ORDER BY c.person_id, case_id",
);

pub(crate) const DATES_OF_PERSONS: Statement = Statement::each(
    "-- cases::dates_of_persons
SELECT case_id, c.person_id, symptom_onset, tested_on, reported_on FROM json_each($3) AS id
  CROSS JOIN outbreak_case AS c INDEXED BY case_of_person
    ON c.authority_id = $1 AND c.person_id = unhex(id.value) AND c.disease = $2
 ORDER BY c.person_id, case_id",
    "-- cases::dates_of_persons
SELECT case_id, c.person_id, symptom_onset, tested_on, reported_on
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($3::jsonb)::uuid)) AS id
  JOIN outbreak_case AS c ON c.authority_id = $1 AND c.person_id = id AND c.disease = $2
 ORDER BY c.person_id, case_id",
);

const BY_ID: Statement = Statement::both(
    "-- cases::by_id
SELECT case_id, person_id, disease, classification, symptom_onset, tested_on, reported_on, exposed_first,
       exposed_last, died_on, outcome, setting, facility_id, age_band, age, note
  FROM outbreak_case WHERE authority_id = $1 AND case_id = $2",
);

pub(crate) const BRIEFLY_OF_PERSONS: Statement = Statement::each(
    "-- cases::briefly_of_persons
SELECT case_id, c.person_id, disease, classification, symptom_onset, tested_on, reported_on, exposed_first, exposed_last
  FROM json_each($2) AS id
  CROSS JOIN outbreak_case AS c INDEXED BY case_of_person ON c.authority_id = $1 AND c.person_id = unhex(id.value)
 ORDER BY c.person_id, case_id",
    "-- cases::briefly_of_persons
SELECT case_id, c.person_id, disease, classification, symptom_onset, tested_on, reported_on, exposed_first, exposed_last
  FROM unnest(ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid)) AS id
  JOIN outbreak_case AS c ON c.authority_id = $1 AND c.person_id = id
 ORDER BY c.person_id, case_id",
);

const OUTLINES: Statement = Statement::both(
    "-- cases::outlines
SELECT case_id, person_id, symptom_onset, tested_on, reported_on
  FROM outbreak_case WHERE authority_id = $1 AND disease = $2 AND handed_over_to IS NULL ORDER BY case_id",
);

const INSERT: &str = "-- cases::insert
INSERT INTO outbreak_case (authority_id, case_id, person_id, disease, classification, symptom_onset, tested_on,
                           reported_on, exposed_first, exposed_last, died_on, outcome, setting, facility_id, age_band,
                           age, note, created_at) ";

const REPLACE: Statement = Statement::both(
    "-- cases::replace
UPDATE outbreak_case SET classification = $3, symptom_onset = $4, tested_on = $5, reported_on = $6,
       exposed_first = $7, exposed_last = $8, died_on = $9, outcome = $10, setting = $11, facility_id = $12,
       age_band = $13, age = $14, note = $15
 WHERE authority_id = $1 AND case_id = $2",
);

fn dates(onset: Option<Day>, tested: Option<Day>, reported: Option<Day>) -> CaseDates {
    let day = |day: Option<Day>| day.map(|day| day.0);
    CaseDates { symptom_onset: day(onset), tested_on: day(tested), reported_on: day(reported) }
}

fn place(field: PersonalField, case_id: Uuid) -> CellPlace {
    CellPlace { table: "outbreak_case", column: field.as_str(), row: case_id }
}

fn open(sealer: Option<&Sealer>, row: CaseRow) -> Result<Case> {
    let cell = |field, cell: Option<Vec<u8>>| -> Result<_> {
        let Some((sealer, cell)) = sealer.zip(cell) else { return Ok(None) };
        Ok(Some(Personal::new(sealer.open(place(field, row.case_id), &cell)?)))
    };
    Ok(Case {
        age: cell(PersonalField::Age, row.age)?,
        note: cell(PersonalField::Note, row.note)?,
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
        classification: CaseClassification::find(&row.classification)
            .ok_or(StorageError::Unreadable("case classification"))?,
        dates: dates(row.symptom_onset, row.tested_on, row.reported_on),
        exposed_first: row.exposed_first.map(|day| day.0),
        exposed_last: row.exposed_last.map(|day| day.0),
        died_on: row.died_on.map(|day| day.0),
        outcome: row.outcome,
        setting: row.setting,
        facility_id: row.facility_id.map(FacilityId),
        age_band: row.age_band,
    })
}

fn seal(sealer: &Sealer, case: &Case) -> Result<CaseRow> {
    let cell = |field, value: &Option<Personal<String>>| -> Result<_> {
        let sealed =
            value.as_ref().map(|value| sealer.seal(place(field, case.case_id.0), value.expose())).transpose()?;
        Ok(sealed.map(|cell| cell.0))
    };
    Ok(CaseRow {
        age: cell(PersonalField::Age, &case.age)?,
        note: cell(PersonalField::Note, &case.note)?,
        case_id: case.case_id.0,
        person_id: case.person_id.0,
        disease: case.disease.as_str().to_owned(),
        classification: case.classification.as_str().to_owned(),
        symptom_onset: case.dates.symptom_onset.map(Day),
        tested_on: case.dates.tested_on.map(Day),
        reported_on: case.dates.reported_on.map(Day),
        exposed_first: case.exposed_first.map(Day),
        exposed_last: case.exposed_last.map(Day),
        died_on: case.died_on.map(Day),
        outcome: case.outcome.clone(),
        setting: case.setting.clone(),
        facility_id: case.facility_id.map(|id| id.0),
        age_band: case.age_band.clone(),
    })
}

/// Lists the cases of one disease that these persons have, opened.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn of_persons(tx: &mut Tx, sealer: &Sealer, disease: Disease, persons: &[PersonId]) -> Result<Vec<Case>> {
    let json = ids_as_json(persons.iter().map(|id| &id.0));
    let rows = all!(tx, CaseRow, OF_PERSONS, mine, disease.as_str(), &json)?;
    rows.into_iter().map(|row| open(Some(sealer), row)).collect()
}

/// Finds a case. Without a sealer its personal fields stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a cell doesn't open.
pub async fn by_id(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Option<Case>> {
    optional!(tx, CaseRow, BY_ID, mine, case_id.0)?.map(|row| open(sealer, row)).transpose()
}

/// Lists the cases that these persons have, of all diseases, in the order in which they were made.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn briefly_of_persons(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<CaseInBrief>> {
    let mut found = Vec::new();
    for chunk in persons.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        for row in all!(tx, BriefRow, BRIEFLY_OF_PERSONS, mine, &json)? {
            found.push(CaseInBrief {
                case_id: CaseId(row.case_id),
                person_id: PersonId(row.person_id),
                disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
                classification: CaseClassification::find(&row.classification)
                    .ok_or(StorageError::Unreadable("case classification"))?,
                dates: dates(row.symptom_onset, row.tested_on, row.reported_on),
                exposed: exposed(row.exposed_first, row.exposed_last),
            });
        }
    }
    Ok(found)
}

/// Where one end of the exposure is known alone, it is both.
fn exposed(first: Option<Day>, last: Option<Day>) -> Option<DayRange> {
    let (first, last) = (first.or(last)?.0, last.or(first)?.0);
    (first <= last).then_some(DayRange { first, last })
}

/// Lists the dates of the cases of one disease that these persons have.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn dates_of_persons(tx: &mut Tx, disease: Disease, persons: &[PersonId]) -> Result<Vec<CaseOfPerson>> {
    let mut found = Vec::new();
    for chunk in persons.chunks(10_000) {
        let json = ids_as_json(chunk.iter().map(|id| &id.0));
        let rows = all!(tx, OutlineRow, DATES_OF_PERSONS, mine, disease.as_str(), &json)?;
        found.extend(rows.into_iter().map(|row| CaseOfPerson {
            case_id: CaseId(row.case_id),
            person: PersonId(row.person_id),
            dates: dates(row.symptom_onset, row.tested_on, row.reported_on),
        }));
    }
    Ok(found)
}

/// Lists all cases of a disease, in the order in which they were made, with what reports need.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn outlines(tx: &mut Tx, disease: Disease) -> Result<Vec<CaseOutline>> {
    let rows = all!(tx, OutlineRow, OUTLINES, mine, disease.as_str())?;
    let outline = |row: OutlineRow| CaseOutline {
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        dates: dates(row.symptom_onset, row.tested_on, row.reported_on),
    };
    Ok(rows.into_iter().map(outline).collect())
}

/// Stores new cases, sealed.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, cases: &[Case], now: Timestamp) -> Result<()> {
    let rows = cases.iter().map(|case| seal(sealer, case)).collect::<Result<Vec<_>>>()?;
    let (authority_id, now) = (tx.authority().0, At(now));
    insert_all!(
        tx,
        INSERT,
        "",
        rows,
        |row| authority_id,
        row.case_id,
        row.person_id,
        &row.disease,
        &row.classification,
        row.symptom_onset,
        row.tested_on,
        row.reported_on,
        row.exposed_first,
        row.exposed_last,
        row.died_on,
        &row.outcome,
        &row.setting,
        row.facility_id,
        &row.age_band,
        &row.age,
        &row.note,
        now
    )?;
    Ok(())
}

/// Writes a case anew.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such case.
pub async fn replace(tx: &mut Tx, sealer: &Sealer, case: &Case) -> Result<()> {
    let row = seal(sealer, case)?;
    let touched = run!(
        tx,
        REPLACE,
        mine,
        row.case_id,
        &row.classification,
        row.symptom_onset,
        row.tested_on,
        row.reported_on,
        row.exposed_first,
        row.exposed_last,
        row.died_on,
        &row.outcome,
        &row.setting,
        row.facility_id,
        &row.age_band,
        &row.age,
        &row.note,
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "cases::replace", touched, expected: 1 }),
    }
}

#[derive(sqlx::FromRow)]
struct DiseaseRow {
    disease: String,
}

/// By leaps from one disease to the next, as [`values`] does it.
const DISEASES: Statement = Statement::both(
    "-- cases::diseases
WITH RECURSIVE value (disease) AS (
  SELECT min(disease) FROM outbreak_case WHERE authority_id = $1
  UNION ALL
  SELECT (SELECT min(disease) FROM outbreak_case WHERE authority_id = $1 AND disease > value.disease)
    FROM value WHERE value.disease IS NOT NULL)
SELECT disease FROM value WHERE disease IS NOT NULL ORDER BY disease",
);

const DISEASES_OF_PERSON: Statement = Statement::both(
    "-- cases::diseases_of_person
SELECT DISTINCT disease FROM outbreak_case WHERE authority_id = $1 AND person_id = $2 ORDER BY disease",
);

/// Lists the diseases that have cases: of one person, or of anybody.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn diseases(tx: &mut Tx, person: Option<PersonId>) -> Result<Vec<Disease>> {
    let rows = match person {
        Some(person) => all!(tx, DiseaseRow, DISEASES_OF_PERSON, mine, person.0)?,
        None => all!(tx, DiseaseRow, DISEASES, mine)?,
    };
    let read = |row: DiseaseRow| Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"));
    rows.into_iter().map(read).collect()
}
