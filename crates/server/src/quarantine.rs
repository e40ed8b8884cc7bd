//! Quarantine and isolation of cases, with the letters about them and the head of these.

mod shape;

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, day, required_day};
use crate::sign_in::{CaseReader, CaseWorker, TextManager};
use app::case_work::{NewLetter, NewQuarantine, ProposalAnswer};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::ids::{CaseId, DecisionId, MessageId};
use domain::languages::Language;
use domain::messages::LetterKind;
use domain::persons::Personal;
use domain::quarantines::{Sent, SentHow};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::quarantine as http;

fn sent(body: &http::Sent) -> Result<Sent, Problem> {
    let words: Vec<&str> = SentHow::ALL.iter().map(|how| how.as_str()).collect();
    let unknown = || Problem::field("how", format!("choose one of {}", words.join(", ")));
    Ok(Sent { on: required_day("on", &body.on)?, how: SentHow::find(&body.how).ok_or_else(unknown)? })
}

/// Shows how the quarantine of a case stands: what is set, what the rules propose, who decided what, and the letters.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/quarantine", tag = "quarantine", operation_id = "quarantine_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::QuarantineSheet), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn quarantine_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::QuarantineSheet>, Problem> {
    let sheet = platform.app.quarantine_of_case(&worker, case_id).await?;
    Ok(Json(shape::sheet(&sheet, platform.app.sealer(&worker).is_err())))
}

/// Sets the days, or takes back what is set.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/quarantine", tag = "quarantine", operation_id = "set_quarantine",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::SetQuarantine,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn set_quarantine(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::SetQuarantine>,
) -> Result<StatusCode, Problem> {
    let new = NewQuarantine {
        first: day("first", body.first.as_deref())?,
        last: day("last", body.last.as_deref())?,
        why: body.why.map(Personal::new),
        seen: body.seen.map(DecisionId),
    };
    platform.app.set_quarantine(&worker, case_id, new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Accepts or dismisses what the rules propose.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/quarantine/proposal", tag = "quarantine", operation_id = "answer_proposal",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::AnswerProposal,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn answer_proposal(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::AnswerProposal>,
) -> Result<StatusCode, Problem> {
    let answer = match body.answer.as_str() {
        "accept" => ProposalAnswer::Accept,
        "dismiss" => ProposalAnswer::Dismiss,
        _ => return Err(Problem::field("answer", "choose accept or dismiss")),
    };
    let last = required_day("last", &body.last)?;
    platform.app.answer_proposal(&worker, case_id, (answer, last), body.why.map(Personal::new)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Notes that the person was told of the days that are set, by other ways than a letter from here.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/quarantine/sent", tag = "quarantine", operation_id = "note_order_sent",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::Sent,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn note_order_sent(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::Sent>,
) -> Result<StatusCode, Problem> {
    platform.app.note_order_sent(&worker, case_id, sent(&body)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lists the letters of a case.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/letters", tag = "quarantine", operation_id = "letters_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::Letters), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn letters_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::Letters>, Problem> {
    let sheet = platform.app.quarantine_of_case(&worker, case_id).await?;
    Ok(Json(http::Letters { items: shape::letters(&sheet) }))
}

/// Makes a letter about the days that are set: the order, or the release from it.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/letters", tag = "quarantine", operation_id = "make_letter",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewLetter,
    responses((status = 201, body = http::Letter), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn make_letter(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewLetter>,
) -> Result<(StatusCode, Json<http::Letter>), Problem> {
    let kind = LetterKind::find(&body.kind).ok_or_else(|| Problem::field("kind", "choose order or release"))?;
    let unknown = || Problem::field("language", "choose de, en or tr");
    let language = body.language.as_deref().map(|tag| Language::find(tag).ok_or_else(unknown)).transpose()?;
    let new = NewLetter { letter_id: MessageId(body.letter_id), kind, language };
    platform.app.make_letter(&worker, case_id, new).await?;
    let sheet = platform.app.quarantine_of_case(&worker, case_id).await?;
    let made = shape::letters(&sheet).into_iter().find(|letter| letter.letter_id == body.letter_id);
    let made = made.ok_or_else(|| Problem::new(crate::problem::Kind::NotFound))?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Gives a letter as a PDF, as it was made.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/letters/{letter_id}/pdf", tag = "quarantine", operation_id = "letter_pdf",
    params(("case_id" = String, Path, format = Uuid), ("letter_id" = String, Path, format = Uuid)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn letter_pdf(
    State(platform): State<Platform>,
    worker: CaseReader,
    Ids(case_id, letter_id): Ids<CaseId, MessageId>,
) -> Result<impl IntoResponse, Problem> {
    let pdf = platform.app.letter_pdf(&worker, case_id, letter_id).await?;
    let headers =
        [(header::CONTENT_TYPE, "application/pdf"), (header::CONTENT_DISPOSITION, "inline; filename=\"letter.pdf\"")];
    Ok((headers, pdf))
}

/// Notes when and how a letter left.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/letters/{letter_id}/sent", tag = "quarantine", operation_id = "letter_sent",
    params(("case_id" = String, Path, format = Uuid), ("letter_id" = String, Path, format = Uuid)),
    request_body = http::Sent,
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn letter_sent(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, letter_id): Ids<CaseId, MessageId>,
    Body(body): Body<http::Sent>,
) -> Result<StatusCode, Problem> {
    platform.app.letter_sent(&worker, case_id, letter_id, sent(&body)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows the letterhead of the authority.
#[utoipa::path(
    get, path = "/api/v1/letterhead", tag = "messages", operation_id = "letterhead",
    responses((status = 200, body = http::Letterhead), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn letterhead(
    State(platform): State<Platform>,
    worker: TextManager,
) -> Result<Json<http::Letterhead>, Problem> {
    Ok(Json(shape::letterhead(platform.app.letterhead(&worker).await?)))
}

/// Changes the letterhead. Letters that were made keep theirs.
#[utoipa::path(
    put, path = "/api/v1/letterhead", tag = "messages", operation_id = "change_letterhead",
    request_body = http::Letterhead,
    responses((status = 200, body = http::Letterhead), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("manage_texts"))),
)]
pub async fn change_letterhead(
    State(platform): State<Platform>,
    worker: TextManager,
    Body(body): Body<http::Letterhead>,
) -> Result<Json<http::Letterhead>, Problem> {
    let version = body.version;
    let changed = platform.app.change_letterhead(&worker, version, shape::typed_letterhead(&body)).await?;
    Ok(Json(shape::letterhead(changed)))
}
