//! Guest lists of venues in another authority's area: asked through that authority, answered to one.

use crate::list_requests::{required, shaped_venue};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids};
use crate::sign_in::{CaseReader, CaseWorker};
use app::case_work::{AskedElsewhere, Decline, SeenElsewhere, SeenFromOther};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::authorities::ShortCode;
use domain::ids::{CaseId, RequestId, StayId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::requests_between as http;
use storage::authorities::Authority;

fn authority(other: &Authority) -> http::AuthorityElsewhere {
    http::AuthorityElsewhere { short_code: other.short_code.to_string(), name: other.name.clone() }
}

fn state(state: BetweenState, is_over: bool) -> String {
    if is_over { "expired".to_owned() } else { state.to_string() }
}

fn shaped_elsewhere(seen: SeenElsewhere) -> http::RequestElsewhere {
    let request = seen.request;
    let own = |text: Personal<String>| text.expose().clone();
    http::RequestElsewhere {
        request_id: request.request_id.0,
        stay_id: request.stay_id.0,
        other: authority(&seen.other),
        place: request.place.map(own),
        venue: request.venue_id.zip(seen.venue).map(|(id, venue)| shaped_venue(id, &venue)),
        from: request.stay.from().to_string(),
        until: request.stay.until().to_string(),
        state: state(request.state, seen.is_over),
        because: request.because.map(|word| word.to_string()),
        text: request.note.map(own),
        asked_at: request.asked_at.to_string(),
        ended_at: request.ended_at.map(|at| at.to_string()),
        n_guests: u32::try_from(seen.n_guests).unwrap_or(u32::MAX),
    }
}

fn shaped_from_other(seen: SeenFromOther) -> http::RequestFromOther {
    let request = seen.request;
    let own = |text: Personal<String>| text.expose().clone();
    http::RequestFromOther {
        request_id: request.request_id.0,
        other: authority(&seen.other),
        disease: request.disease.to_string(),
        place: request.place.map(own),
        venue: request.venue_id.zip(seen.venue).map(|(id, venue)| shaped_venue(id, &venue)),
        from: request.asked.from().to_string(),
        until: request.asked.until().to_string(),
        state: state(request.state, seen.is_over),
        because: request.because.map(|word| word.to_string()),
        text: request.note.map(own),
        asked_at: request.asked_at.to_string(),
        ended_at: request.ended_at.map(|at| at.to_string()),
    }
}

async fn all_elsewhere(
    platform: &Platform,
    worker: &app::Worker,
    case_id: CaseId,
) -> Result<Json<http::RequestsElsewhere>, Problem> {
    let seen = platform.app.requests_elsewhere(worker, case_id).await?;
    let items = seen.requests.into_iter().map(shaped_elsewhere).collect();
    Ok(Json(http::RequestsElsewhere { items, authorities: seen.authorities.iter().map(authority).collect() }))
}

async fn all_from_others(platform: &Platform, worker: &app::Worker) -> Result<Json<http::RequestsFromOthers>, Problem> {
    let seen = platform.app.requests_from_others(worker).await?;
    Ok(Json(http::RequestsFromOthers { items: seen.into_iter().map(shaped_from_other).collect() }))
}

/// Lists the guest lists that were asked for through other authorities because of a case, and who can be asked.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/requests-elsewhere", tag = "list requests", operation_id = "requests_elsewhere",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::RequestsElsewhere), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn requests_elsewhere(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::RequestsElsewhere>, Problem> {
    all_elsewhere(&platform, &worker, case_id).await
}

/// Asks for the guest list of a venue in another authority's area, through that authority. The case isn't named to it.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/requests-elsewhere", tag = "list requests", operation_id = "ask_elsewhere",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewRequestElsewhere,
    responses((status = 201, body = http::RequestsElsewhere), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn ask_elsewhere(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewRequestElsewhere>,
) -> Result<(StatusCode, Json<http::RequestsElsewhere>), Problem> {
    let to = body.to.as_deref().map(ShortCode::new).transpose();
    let asked = AskedElsewhere {
        request_id: RequestId(body.request_id),
        stay_id: StayId(body.stay_id),
        to: to.map_err(|error| Problem::field("to", error.to_string()))?,
        place: Personal::new(body.place),
        from: required("from", &body.from)?,
        until: required("until", &body.until)?,
    };
    platform.app.ask_elsewhere(&worker, case_id, asked).await?;
    Ok((StatusCode::CREATED, all_elsewhere(&platform, &worker, case_id).await?))
}

/// Takes such a request back. Released guests are deleted unless a contact case rests on them; what comes later isn't taken in.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/requests-elsewhere/{request_id}/withdraw", tag = "list requests",
    operation_id = "withdraw_elsewhere",
    params(("case_id" = String, Path, format = Uuid), ("request_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::RequestsElsewhere), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn withdraw_elsewhere(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, request_id): Ids<CaseId, RequestId>,
) -> Result<Json<http::RequestsElsewhere>, Problem> {
    platform.app.withdraw_elsewhere(&worker, case_id, request_id).await?;
    all_elsewhere(&platform, &worker, case_id).await
}

/// Lists the guest lists for which other authorities ask.
#[utoipa::path(
    get, path = "/api/v1/requests-from-others", tag = "list requests", operation_id = "requests_from_others",
    responses((status = 200, body = http::RequestsFromOthers), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn requests_from_others(
    State(platform): State<Platform>,
    worker: CaseWorker,
) -> Result<Json<http::RequestsFromOthers>, Problem> {
    all_from_others(&platform, &worker).await
}

/// Says which venue another authority means, and asks it. Where the rules of this authority say so, the list goes at once.
#[utoipa::path(
    post, path = "/api/v1/requests-from-others/{request_id}/pass-on", tag = "list requests", operation_id = "pass_on_request",
    params(("request_id" = String, Path, format = Uuid)), request_body = http::MeantVenue,
    responses((status = 200, body = http::RequestsFromOthers), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn pass_on_request(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(request_id): Id<RequestId>,
    Body(body): Body<http::MeantVenue>,
) -> Result<Json<http::RequestsFromOthers>, Problem> {
    let venue_id = body.venue_id.parse().map_err(|_| Problem::field("venue_id", "it has 10 letters and digits"))?;
    platform.app.pass_on_request(&worker, request_id, venue_id).await?;
    all_from_others(&platform, &worker).await
}

/// Says that there is no list. The authority that asked reads why.
#[utoipa::path(
    post, path = "/api/v1/requests-from-others/{request_id}/decline", tag = "list requests", operation_id = "decline_request",
    params(("request_id" = String, Path, format = Uuid)), request_body = http::DeclinedRequest,
    responses((status = 200, body = http::RequestsFromOthers), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn decline_request(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(request_id): Id<RequestId>,
    Body(body): Body<http::DeclinedRequest>,
) -> Result<Json<http::RequestsFromOthers>, Problem> {
    let because = DeclinedBecause::find(&body.because)
        .ok_or_else(|| Problem::field("because", "choose one of no_such_venue, not_ours, no_list, other"))?;
    let decline = Decline { because, text: body.text.map(Personal::new) };
    platform.app.decline_request(&worker, request_id, decline).await?;
    all_from_others(&platform, &worker).await
}
