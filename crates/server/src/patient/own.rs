//! A patient's own cases.

use crate::cases::range;
use crate::contacts::{kind, met_on, said, shaped_said};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::questionnaire;
use crate::request::{Body, Id, Ids};
use crate::sign_in::PatientCaller;
use crate::territory::shaped;
use app::case_work::{NewContact, OwnCase, OwnContact, SeenDetails, WhosePerson};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{CaseId, ContactId, PersonId};
use domain::languages::Language;
use domain::symptoms::Symptom;
use protocol::http::patient as http;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::questionnaire::{Answers, NoContacts, Questionnaire};

fn symptom(symptom: Symptom) -> http::SymptomName {
    let names = Language::ALL.iter().map(|language| (language.to_string(), symptom.name(*language).to_owned()));
    http::SymptomName { symptom: symptom.to_string(), names: names.collect() }
}

fn own_case(own: &OwnCase) -> http::OwnCase {
    let profile = own.disease.profile();
    http::OwnCase {
        case_id: own.case_id.0,
        first_name: own.first_name.as_ref().map(|name| name.expose().clone()),
        status: own.status.to_string(),
        is_contact: own.case_type.is_contact(),
        disease: profile.name.to_owned(),
        missing: own
            .missing
            .iter()
            .map(|(step, field)| http::Missing { step: step.to_string(), field: (*field).to_owned() })
            .collect(),
        asks_contacts: own.asks_contacts,
        infectious: own.infectious.map(range),
        quarantine: own.quarantine.map(|set| range(set.days)),
        quarantine_kind: own.quarantine.map(|set| set.kind.to_string()),
        completed_at: own.completed_at.map(|at| at.to_string()),
        is_to_be_called: own.is_to_be_called,
        phone: own.phone.clone(),
        email: own.email.clone(),
        symptoms: profile.symptoms.value.iter().map(|listed| symptom(listed.symptom)).collect(),
    }
}

fn details(seen: SeenDetails) -> http::OwnDetails {
    let checked = shaped(seen.postcode);
    http::OwnDetails { details: seen.details, postcode: checked.postcode, offices: checked.offices }
}

fn contact(own: &OwnContact) -> http::OwnContact {
    http::OwnContact {
        contact_id: own.contact_id.0,
        kind: own.kind.to_string(),
        days: range(own.days),
        said: shaped_said(own.said.expose()),
    }
}

/// Lists the cases for which a patient acts.
#[utoipa::path(
    get, path = "/api/v1/patient/cases", tag = "patients", operation_id = "own_cases", security(("patient" = [])),
    responses((status = 200, body = http::OwnCases), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn own_cases(
    State(platform): State<Platform>,
    patient: PatientCaller,
) -> Result<Json<http::OwnCases>, Problem> {
    let found = platform.app.own_cases(&patient).await?;
    Ok(Json(http::OwnCases { items: found.iter().map(own_case).collect() }))
}

/// Shows a patient's own details.
#[utoipa::path(
    get, path = "/api/v1/patient/cases/{case_id}/details", tag = "patients", operation_id = "own_details",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::OwnDetails), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn own_details(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::OwnDetails>, Problem> {
    Ok(Json(details(platform.app.own_details(&patient, case_id).await?)))
}

/// Changes a patient's own details.
#[utoipa::path(
    patch, path = "/api/v1/patient/cases/{case_id}/details", tag = "patients", operation_id = "change_own_details",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    request_body = http::ChangeOwnDetails,
    responses((status = 200, body = http::OwnDetails), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn change_own_details(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ChangeOwnDetails>,
) -> Result<Json<http::OwnDetails>, Problem> {
    Ok(Json(details(platform.app.change_own_details(&patient, case_id, body.changes).await?)))
}

/// Shows what a patient answered.
#[utoipa::path(
    get, path = "/api/v1/patient/cases/{case_id}/questionnaire", tag = "patients", operation_id = "own_questionnaire",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = Questionnaire), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn own_questionnaire(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
) -> Result<Json<Questionnaire>, Problem> {
    Ok(Json(questionnaire::shaped(&platform.app.own_questionnaire(&patient, case_id).await?)))
}

/// Writes down what a patient answers.
#[utoipa::path(
    put, path = "/api/v1/patient/cases/{case_id}/questionnaire", tag = "patients",
    operation_id = "answer_own_questionnaire",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)), request_body = Answers,
    responses((status = 200, body = Questionnaire), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn answer_own_questionnaire(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<Answers>,
) -> Result<Json<Questionnaire>, Problem> {
    let answers = questionnaire::answers(body)?;
    Ok(Json(questionnaire::shaped(&platform.app.answer_own_questionnaire(&patient, case_id, answers).await?)))
}

/// Lists the contacts that a patient named, as they named them.
#[utoipa::path(
    get, path = "/api/v1/patient/cases/{case_id}/contacts", tag = "patients", operation_id = "own_contacts",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::OwnContacts), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn own_contacts(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::OwnContacts>, Problem> {
    let (found, says_no_contacts) = platform.app.own_contacts(&patient, case_id).await?;
    Ok(Json(http::OwnContacts { items: found.iter().map(contact).collect(), says_no_contacts }))
}

/// Takes a contact down that a patient names.
#[utoipa::path(
    post, path = "/api/v1/patient/cases/{case_id}/contacts", tag = "patients", operation_id = "name_contact",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)), request_body = http::NameContact,
    responses((status = 201, body = http::OwnContact), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn name_contact(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NameContact>,
) -> Result<(StatusCode, Json<http::OwnContact>), Problem> {
    let (now, app) = (platform.app.now(), &platform.app);
    let new = NewContact {
        contact_id: ContactId(body.contact_id),
        // Whoever it is stays unknown to who names them: a person of their own, until staff find that they are somebody.
        met: WhosePerson::New(PersonId::mint(now, app.random())),
        case_id: CaseId::mint(now, app.random()),
        kind: kind(&body.kind)?,
        days: met_on(&body.first_day, &body.last_day)?,
        said: said(body.said),
    };
    let named = platform.app.name_contact(&patient, case_id, new).await?;
    Ok((StatusCode::CREATED, Json(contact(&named))))
}

/// Takes back a contact that a patient named by mistake.
#[utoipa::path(
    delete, path = "/api/v1/patient/cases/{case_id}/contacts/{contact_id}", tag = "patients",
    operation_id = "unname_contact", security(("patient" = [])),
    params(("case_id" = String, Path, format = Uuid), ("contact_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn unname_contact(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Ids(case_id, contact_id): Ids<CaseId, ContactId>,
) -> Result<StatusCode, Problem> {
    platform.app.unname_contact(&patient, case_id, contact_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes that a patient met nobody in the infectious days, or takes that back.
#[utoipa::path(
    put, path = "/api/v1/patient/cases/{case_id}/no-contacts", tag = "patients", operation_id = "say_own_none",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)), request_body = NoContacts,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn say_own_none(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
    Body(body): Body<NoContacts>,
) -> Result<StatusCode, Problem> {
    platform.app.say_own_none(&patient, case_id, body.says_so).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Completes an enrolment; refused as long as something is missing.
#[utoipa::path(
    post, path = "/api/v1/patient/cases/{case_id}/completion", tag = "patients", operation_id = "complete_enrolment",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn complete_enrolment(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
) -> Result<StatusCode, Problem> {
    platform.app.complete_enrolment(&patient, case_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks to be handed over to the authority that is responsible where the patient lives.
#[utoipa::path(
    post, path = "/api/v1/patient/cases/{case_id}/elsewhere", tag = "patients", operation_id = "ask_to_hand_over",
    security(("patient" = [])), params(("case_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("act_for_oneself"))),
)]
pub async fn ask_to_hand_over(
    State(platform): State<Platform>,
    patient: PatientCaller,
    Id(case_id): Id<CaseId>,
) -> Result<StatusCode, Problem> {
    platform.app.ask_to_hand_over(&patient, case_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
