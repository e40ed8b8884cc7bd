//! Handing cases over to other authorities: asked, answered, seen.

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Query, limit};
use crate::sign_in::CaseWorker;
use app::case_work::{Candidate, NewHandOver, Refusal, SeenHandOver};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::authorities::ShortCode;
use domain::hand_overs::{AskedBecause, RefusedBecause, Side};
use domain::ids::{AccountId, CaseId, HandOverId};
use domain::persons::Personal;
use jiff::Timestamp;
use jiff::civil::Date;
use protocol::http::hand_overs as http;
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;

fn shape(seen: SeenHandOver) -> http::HandOver {
    let SeenHandOver { it, other, accounts, has_case } = seen;
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let at = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let name = |account: Option<AccountId>| account.and_then(|id| accounts.get(&id).cloned());
    http::HandOver {
        hand_over_id: it.hand_over_id.0,
        side: it.side.to_string(),
        other: http::OtherAuthority { short_code: other.short_code.to_string(), name: other.name },
        case_id: it.case_id.0,
        has_case,
        state: it.state.to_string(),
        because: it.because.to_string(),
        refused_because: it.refused_because.map(|word| word.to_string()),
        text: it.note.map(|note| note.expose().clone()),
        preview: http::Preview {
            disease: it.preview.disease.to_string(),
            case_type: it.preview.case_type.to_string(),
            age_band: it.preview.age_band,
            postcode: it.preview.postcode,
            onset: day(it.preview.symptom_onset),
            tested: day(it.preview.tested_on),
            reported: day(it.preview.reported_on),
            quarantine_last: day(it.preview.quarantine_last),
        },
        n_alike: it.n_alike,
        asked_by: name(it.asked_by),
        asked_at: it.asked_at.to_string(),
        decided_by: name(it.decided_by),
        decided_at: at(it.decided_at),
        copied_at: at(it.copied_at),
        closed_at: at(it.closed_at),
    }
}

/// Asks another authority to take a case over. The case stays at work here until that accepts.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/hand-overs", tag = "hand-overs", operation_id = "ask_hand_over",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewHandOver,
    responses((status = 201, body = http::HandOver), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn ask_hand_over(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewHandOver>,
) -> Result<(StatusCode, Json<http::HandOver>), Problem> {
    let to = ShortCode::new(&body.to).map_err(|error| Problem::field("to", error.to_string()))?;
    let because = AskedBecause::find(&body.because)
        .ok_or_else(|| Problem::field("because", "choose one of lives_there, moved, cared_for_there, other"))?;
    let new = NewHandOver { hand_over_id: HandOverId(body.hand_over_id), to, because };
    let asked = platform.app.ask_hand_over(&worker, case_id, &new).await?;
    Ok((StatusCode::CREATED, Json(shape(asked))))
}

/// Shows what was asked and answered of a case, and who can be asked.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/hand-overs", tag = "hand-overs", operation_id = "hand_overs_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::HandOversOfCase), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn hand_overs_of_case(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::HandOversOfCase>, Problem> {
    let found = platform.app.hand_overs_of_case(&worker, case_id).await?;
    let candidate = |one: Candidate| http::Candidate {
        short_code: one.authority.short_code.to_string(),
        name: one.authority.name,
        is_responsible: one.is_responsible,
    };
    Ok(Json(http::HandOversOfCase {
        items: found.hand_overs.into_iter().map(shape).collect(),
        candidates: found.candidates.into_iter().map(candidate).collect(),
    }))
}

/// Lists hand-overs of both sides, newest first.
#[utoipa::path(
    get, path = "/api/v1/hand-overs", tag = "hand-overs", operation_id = "list_hand_overs", params(PageQuery),
    responses((status = 200, body = Page<http::HandOver>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn list_hand_overs(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<http::HandOver>>, Problem> {
    let limit = limit(query.limit)?;
    let before: Option<HandOverId> = cursor::open(&platform.app, &worker, "hand_overs", query.cursor.as_deref())?;
    let found = platform.app.hand_overs(&worker, before, limit).await?;
    let last = found.last().filter(|_| found.len() == limit).map(|seen| seen.it.hand_over_id);
    let next = cursor::seal(&platform.app, &worker, "hand_overs", last.as_ref())?;
    Ok(Json(Page { items: found.into_iter().map(shape).collect(), next }))
}

/// Lists hand-overs of which something is still to happen, oldest first.
#[utoipa::path(
    get, path = "/api/v1/hand-overs/open", tag = "hand-overs", operation_id = "open_hand_overs",
    responses((status = 200, body = http::OpenHandOvers), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn open_hand_overs(
    State(platform): State<Platform>,
    worker: CaseWorker,
) -> Result<Json<http::OpenHandOvers>, Problem> {
    let to = platform.app.open_hand_overs(&worker, Side::To).await?;
    let from = platform.app.open_hand_overs(&worker, Side::From).await?;
    let all = |found: Vec<SeenHandOver>| found.into_iter().map(shape).collect();
    Ok(Json(http::OpenHandOvers { to: all(to), from: all(from) }))
}

/// Shows a hand-over.
#[utoipa::path(
    get, path = "/api/v1/hand-overs/{hand_over_id}", tag = "hand-overs", operation_id = "show_hand_over",
    params(("hand_over_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::HandOver), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn show_hand_over(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(hand_over_id): Id<HandOverId>,
) -> Result<Json<http::HandOver>, Problem> {
    Ok(Json(shape(platform.app.hand_over(&worker, hand_over_id).await?)))
}

/// Takes a case over. It arrives by itself, within seconds.
#[utoipa::path(
    post, path = "/api/v1/hand-overs/{hand_over_id}/accept", tag = "hand-overs", operation_id = "accept_hand_over",
    params(("hand_over_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::HandOver), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn accept_hand_over(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(hand_over_id): Id<HandOverId>,
) -> Result<Json<http::HandOver>, Problem> {
    Ok(Json(shape(platform.app.accept_hand_over(&worker, hand_over_id).await?)))
}

/// Refuses to take a case over. The authority that asked reads why.
#[utoipa::path(
    post, path = "/api/v1/hand-overs/{hand_over_id}/refuse", tag = "hand-overs", operation_id = "refuse_hand_over",
    params(("hand_over_id" = String, Path, format = Uuid)), request_body = http::Refusal,
    responses((status = 200, body = http::HandOver), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn refuse_hand_over(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(hand_over_id): Id<HandOverId>,
    Body(body): Body<http::Refusal>,
) -> Result<Json<http::HandOver>, Problem> {
    let because = RefusedBecause::find(&body.because)
        .ok_or_else(|| Problem::field("because", "choose one of not_responsible, known_here, nearly_over, other"))?;
    let refusal = Refusal { because, text: body.text.map(Personal::new) };
    Ok(Json(shape(platform.app.refuse_hand_over(&worker, hand_over_id, refusal).await?)))
}

/// Takes back what was asked, as long as nobody has answered.
#[utoipa::path(
    post, path = "/api/v1/hand-overs/{hand_over_id}/withdraw", tag = "hand-overs", operation_id = "withdraw_hand_over",
    params(("hand_over_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::HandOver), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn withdraw_hand_over(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(hand_over_id): Id<HandOverId>,
) -> Result<Json<http::HandOver>, Problem> {
    Ok(Json(shape(platform.app.withdraw_hand_over(&worker, hand_over_id).await?)))
}
