//! The questions that everybody is asked once.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, day, typed};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{Answers, SeenQuestionnaire};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::CaseId;
use domain::questionnaire::{Answer, Questionnaire, Told};
use domain::symptoms::Symptom;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::questionnaire as http;

fn answer(body: http::Answer) -> Answer {
    Answer { is_so: body.is_so, text: typed(body.text) }
}

/// Reads answers.
pub(crate) fn answers(body: http::Answers) -> Result<Answers, Problem> {
    let unknown = || Problem::field("symptoms", "there is no such symptom");
    let symptoms = body.symptoms.iter().map(|word| Symptom::find(word).ok_or_else(unknown));
    let questionnaire = Questionnaire {
        has_symptoms: body.has_symptoms,
        symptoms: symptoms.collect::<Result<_, _>>()?,
        infected_on: day("infected_on", typed(body.infected_on).as_deref())?,
        told: Told {
            family_doctor: typed(body.family_doctor),
            infected_at: typed(body.infected_at),
            condition: answer(body.condition),
            medical_staff: answer(body.medical_staff),
            vulnerable_contact: answer(body.vulnerable_contact),
        },
    };
    Ok(Answers { onset: typed(body.onset), questionnaire })
}

/// Shapes answers.
pub(crate) fn shaped(seen: &SeenQuestionnaire) -> http::Questionnaire {
    let known = seen.answered.as_ref().map(|answered| answered.answers.expose().clone()).unwrap_or_default();
    let answer = |answer: Answer| http::Answer { is_so: answer.is_so, text: answer.text };
    http::Questionnaire {
        answers: http::Answers {
            has_symptoms: known.has_symptoms,
            onset: seen.onset.map(|onset| onset.to_string()),
            symptoms: known.symptoms.iter().map(ToString::to_string).collect(),
            infected_on: known.infected_on.map(|on| on.to_string()),
            infected_at: known.told.infected_at,
            family_doctor: known.told.family_doctor,
            condition: answer(known.told.condition),
            medical_staff: answer(known.told.medical_staff),
            vulnerable_contact: answer(known.told.vulnerable_contact),
        },
        is_answered: seen.is_answered,
        says_no_contacts: seen.answered.as_ref().is_some_and(|answered| answered.says_no_contacts),
        answered_at: seen.answered.as_ref().map(|answered| answered.answered_at.to_string()),
        names_locked: seen.names_locked,
    }
}

/// Shows what a case answered.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/questionnaire", tag = "case work", operation_id = "questionnaire",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::Questionnaire), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn questionnaire(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::Questionnaire>, Problem> {
    Ok(Json(shaped(&platform.app.questionnaire(&worker, case_id).await?)))
}

/// Writes down what a case answered. The onset of the case and the type of a contact follow.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/questionnaire", tag = "case work", operation_id = "answer_questionnaire",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::Answers,
    responses((status = 200, body = http::Questionnaire), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn answer_questionnaire(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::Answers>,
) -> Result<Json<http::Questionnaire>, Problem> {
    let answers = answers(body)?;
    Ok(Json(shaped(&platform.app.answer_questionnaire(&worker, case_id, answers).await?)))
}

/// Notes that a case says they met nobody in the infectious days, or takes that back.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/no-contacts", tag = "contacts", operation_id = "say_no_contacts",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NoContacts,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn say_no_contacts(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NoContacts>,
) -> Result<StatusCode, Problem> {
    platform.app.say_no_contacts(&worker, case_id, body.says_so).await?;
    Ok(StatusCode::NO_CONTENT)
}
