//! Inviting patients, by staff.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::Activation;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use domain::ids::CaseId;
use domain::messages::Channel;
use protocol::http::activation as http;
use protocol::http::problem::Problem as ProblemBody;

fn shaped(seen: &Activation) -> http::Activation {
    let is_not_sent_yet = seen.is_not_sent_yet();
    let message = seen.message.as_ref();
    let code = seen.code.as_ref().map(|code| http::Code {
        code_id: code.code_id.0,
        channel: code.channel.to_string(),
        state: code.state.to_string(),
        is_not_sent_yet,
        valid_until: code.valid_until.map(|at| at.to_string()),
        n_wrong: code.n_wrong,
        created_at: code.created_at.to_string(),
        ended_at: code.ended_at.map(|at| at.to_string()),
        message_id: code.message_id.0,
        message_status: message.map(|message| message.status.to_string()),
        n_tries: message.map_or(0, |message| message.n_tries),
        failure: message.and_then(|message| message.failure.clone()),
    });
    let enrolment = seen.enrolment.as_ref().map(|enrolment| http::Enrolment {
        accepted_at: enrolment.accepted_at.to_string(),
        privacy_language: enrolment.privacy.0.to_string(),
        privacy_version: enrolment.privacy.1,
        completed_at: enrolment.completed_at.map(|at| at.to_string()),
    });
    http::Activation { status: seen.work.status.to_string(), code, has_account: seen.has_account, enrolment }
}

/// Shows how the invitation to a case stands.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/activation", tag = "enrolment", operation_id = "activation",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::Activation), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn activation(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::Activation>, Problem> {
    Ok(Json(shaped(&platform.app.activation(&worker, case_id).await?)))
}

/// Invites the person of a case, by mail or letter. A code that is out is cancelled.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/activation", tag = "enrolment", operation_id = "invite_patient",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::Invite,
    responses((status = 200, body = http::Activation), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn invite_patient(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::Invite>,
) -> Result<Json<http::Activation>, Problem> {
    let channel = Channel::find(&body.channel).ok_or_else(|| Problem::field("channel", "choose mail or letter"))?;
    Ok(Json(shaped(&platform.app.invite_patient(&worker, case_id, channel, body.forgets_account).await?)))
}

/// Takes an invitation back.
#[utoipa::path(
    delete, path = "/api/v1/cases/{case_id}/activation", tag = "enrolment", operation_id = "cancel_activation",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::Activation), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn cancel_activation(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::Activation>, Problem> {
    Ok(Json(shaped(&platform.app.cancel_activation(&worker, case_id).await?)))
}

/// Gives the letter that invites as a PDF, as long as its code works. That it was printed is noted.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/activation/letter", tag = "enrolment", operation_id = "activation_letter",
    params(("case_id" = String, Path, format = Uuid)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn activation_letter(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
) -> Result<impl IntoResponse, Problem> {
    let pdf = platform.app.activation_letter(&worker, case_id).await?;
    let headers =
        [(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, "inline; filename=\"letter.pdf\"")];
    Ok((headers, pdf))
}
