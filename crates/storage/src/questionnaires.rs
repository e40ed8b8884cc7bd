//! What cases answered: symptoms and days in clear, what was told in words sealed as a whole.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, PersonId};
use domain::persons::Personal;
use domain::questionnaire::{Questionnaire, Told};
use domain::symptoms::Symptom;
use jiff::Timestamp;
use uuid::Uuid;

/// The answers of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnsweredQuestionnaire {
    /// Which case.
    pub case_id: CaseId,
    /// Whose.
    pub person_id: PersonId,
    /// The answers; what was told in words is empty where personal fields are locked.
    pub answers: Personal<Questionnaire>,
    /// Whether they say that they met nobody in the infectious days.
    pub says_no_contacts: bool,
    /// Who wrote it down last.
    pub account_id: AccountId,
    /// When.
    pub answered_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct Row {
    person_id: Uuid,
    has_symptoms: Option<i32>,
    symptoms: String,
    infected_on: Option<Day>,
    says_no_contacts: i32,
    told: Option<Vec<u8>>,
    account_id: Uuid,
    answered_at: At,
}

const OF_CASE: Statement = Statement::both(
    "-- questionnaires::of_case
SELECT person_id, has_symptoms, symptoms, infected_on, says_no_contacts, told, account_id, answered_at
  FROM questionnaire WHERE authority_id = $1 AND case_id = $2",
);

const PUT: Statement = Statement::both(
    "-- questionnaires::put
INSERT INTO questionnaire (authority_id, case_id, person_id, has_symptoms, symptoms, infected_on, says_no_contacts, told,
                           account_id, answered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (authority_id, case_id) DO UPDATE
   SET has_symptoms = excluded.has_symptoms, symptoms = excluded.symptoms, infected_on = excluded.infected_on,
       says_no_contacts = excluded.says_no_contacts, told = excluded.told, account_id = excluded.account_id,
       answered_at = excluded.answered_at",
);

fn place(case_id: Uuid) -> CellPlace {
    CellPlace { table: "questionnaire", column: "told", row: case_id }
}

/// Reads the answers of a case; `None` where nothing was answered yet. Without a sealer words stay empty.
///
/// # Errors
///
/// [`StorageError::Sealing`] if the cell doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Option<AnsweredQuestionnaire>> {
    let Some(row) = optional!(tx, Row, OF_CASE, mine, case_id.0)? else { return Ok(None) };
    let told = match sealer.zip(row.told) {
        Some((sealer, cell)) => serde_json::from_str(&sealer.open(place(case_id.0), &cell)?)
            .map_err(|_| StorageError::Unreadable("questionnaire"))?,
        None => Told::default(),
    };
    let words = row.symptoms.split(' ').filter(|word| !word.is_empty());
    let symptoms = words.map(|word| Symptom::find(word).ok_or(StorageError::Unreadable("symptom")));
    let answers = Questionnaire {
        has_symptoms: row.has_symptoms.map(|yes| yes != 0),
        symptoms: symptoms.collect::<Result<_>>()?,
        infected_on: row.infected_on.map(|day| day.0),
        told,
    };
    Ok(Some(AnsweredQuestionnaire {
        case_id,
        person_id: PersonId(row.person_id),
        answers: Personal::new(answers),
        says_no_contacts: row.says_no_contacts != 0,
        account_id: AccountId(row.account_id),
        answered_at: row.answered_at.0,
    }))
}

/// Writes the answers of a case over what was there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn put(tx: &mut Tx, sealer: &Sealer, answered: &AnsweredQuestionnaire) -> Result<()> {
    let answers = answered.answers.expose();
    let told = serde_json::to_string(&answers.told).map_err(|_| StorageError::Unreadable("questionnaire"))?;
    let told = sealer.seal(place(answered.case_id.0), &told)?.0;
    let symptoms: Vec<&str> = answers.symptoms.iter().map(|symptom| symptom.as_str()).collect();
    run!(
        tx,
        PUT,
        mine,
        answered.case_id.0,
        answered.person_id.0,
        answers.has_symptoms.map(i32::from),
        symptoms.join(" "),
        answers.infected_on.map(Day),
        i32::from(answered.says_no_contacts),
        told,
        answered.account_id.0,
        At(answered.answered_at)
    )?;
    Ok(())
}
