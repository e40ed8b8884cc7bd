//! Occasions: made and read by staff, filled by whoever has the code.

mod hand_in;
mod shapes;

pub use hand_in::{__path_check_occasion_code, __path_hand_in_by_form, __path_hand_in_visitors};
pub use hand_in::{check_occasion_code, hand_in_by_form, hand_in_visitors};

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, Query, instant, limit};
use crate::sign_in::{CaseWorker, VenueReader};
use app::case_work::{ChosenVisitors, WantedContacts};
use app::occasions::{NewOccasion, WantedOpening};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::guest_lists::Reason;
use domain::ids::{CaseId, OccasionId, OpeningId, StepId, VisitorId};
use jiff::Timestamp;
use protocol::http::occasions as http;
use protocol::http::page::Page;
use protocol::http::problem::{FieldError, Problem as ProblemBody};
use shapes::{filter, page, shaped, sheet, step};

/// Lists the occasions of the authority, newest first, 50 a page.
#[utoipa::path(
    get, path = "/api/v1/occasions", tag = "occasions", operation_id = "list_occasions", params(http::OccasionQuery),
    responses((status = 200, body = Page<http::Occasion>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn list_occasions(
    State(platform): State<Platform>,
    worker: VenueReader,
    Query(query): Query<http::OccasionQuery>,
) -> Result<Json<Page<http::Occasion>>, Problem> {
    let found = platform.app.occasions(&worker, query.cursor.as_deref()).await?;
    let items = found.items.iter().map(|(occasion, takes)| shaped(occasion, *takes)).collect();
    Ok(Json(Page { items, next: found.next }))
}

/// Makes an occasion, with a code by which its visitors are handed in.
#[utoipa::path(
    post, path = "/api/v1/occasions", tag = "occasions", operation_id = "make_occasion", request_body = http::NewOccasion,
    responses((status = 201, body = http::OccasionSheet), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn make_occasion(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Body(body): Body<http::NewOccasion>,
) -> Result<(StatusCode, Json<http::OccasionSheet>), Problem> {
    let seen = platform.app.make_occasion(&worker, &new(body)?).await?;
    Ok((StatusCode::CREATED, Json(sheet(&worker, &seen))))
}

/// Shows an occasion: its code, how many visitors are kept, who opened its list.
#[utoipa::path(
    get, path = "/api/v1/occasions/{occasion_id}", tag = "occasions", operation_id = "show_occasion",
    params(("occasion_id" = Uuid, Path)),
    responses((status = 200, body = http::OccasionSheet), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn show_occasion(
    State(platform): State<Platform>,
    worker: VenueReader,
    Id(occasion_id): Id<OccasionId>,
) -> Result<Json<http::OccasionSheet>, Problem> {
    Ok(Json(sheet(&worker, &platform.app.occasion(&worker, occasion_id).await?)))
}

/// Closes an occasion: its code works no more. What was handed in stays for its time.
#[utoipa::path(
    post, path = "/api/v1/occasions/{occasion_id}/close", tag = "occasions", operation_id = "close_occasion",
    params(("occasion_id" = Uuid, Path)),
    responses((status = 200, body = http::OccasionSheet), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn close_occasion(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(occasion_id): Id<OccasionId>,
) -> Result<Json<http::OccasionSheet>, Problem> {
    Ok(Json(sheet(&worker, &platform.app.close_occasion(&worker, occasion_id).await?)))
}

/// Opens the list of an occasion, for a reason. Each one is written down.
#[utoipa::path(
    post, path = "/api/v1/occasions/{occasion_id}/lists", tag = "occasions", operation_id = "open_visitors",
    params(("occasion_id" = Uuid, Path)), request_body = http::WantedVisitors,
    responses((status = 201, body = http::VisitorPage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn open_visitors(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(occasion_id): Id<OccasionId>,
    Body(body): Body<http::WantedVisitors>,
) -> Result<(StatusCode, Json<http::VisitorPage>), Problem> {
    let reason = body.reason.as_deref().and_then(Reason::find);
    let reason = reason.ok_or_else(|| Problem::field("reason", "say why: nobody opens a list without a reason"))?;
    let wanted = WantedOpening { reason, note: body.note.unwrap_or_default() };
    let opened = platform.app.open_visitors(&worker, occasion_id, &wanted).await?;
    Ok((StatusCode::CREATED, Json(page(opened, 0, limit(None)?))))
}

/// Reads a list that one opened within the last hour, narrowed, in pages. That is no other opening.
#[utoipa::path(
    post, path = "/api/v1/occasions/{occasion_id}/lists/{list_id}/visitors", tag = "occasions",
    operation_id = "read_visitors",
    params(("occasion_id" = Uuid, Path), ("list_id" = Uuid, Path)), request_body = http::VisitorQuery,
    responses((status = 200, body = http::VisitorPage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn read_visitors(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(occasion_id, list_id): Ids<OccasionId, OpeningId>,
    Body(body): Body<http::VisitorQuery>,
) -> Result<Json<http::VisitorPage>, Problem> {
    let (wanted, limit) = (filter(body.filter)?, limit(body.limit)?);
    let opened = platform.app.visitors_again(&worker, (occasion_id, list_id), &wanted, "occasions.read").await?;
    Ok(Json(page(opened, body.offset, limit)))
}

/// Gives what is asked of an opened list as a table, for a spreadsheet.
#[utoipa::path(
    post, path = "/api/v1/occasions/{occasion_id}/lists/{list_id}/csv", tag = "occasions", operation_id = "visitors_csv",
    params(("occasion_id" = Uuid, Path), ("list_id" = Uuid, Path)), request_body = http::VisitorFilter,
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn visitors_csv(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(occasion_id, list_id): Ids<OccasionId, OpeningId>,
    Body(body): Body<http::VisitorFilter>,
) -> Result<impl IntoResponse, Problem> {
    let csv = platform.app.visitors_csv(&worker, (occasion_id, list_id), &filter(body)?).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"visitors-{list_id}.csv\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    Ok((headers, csv))
}

/// Asks for contact cases of visitors of an opened list, because of an index case. A job makes them.
#[utoipa::path(
    post, path = "/api/v1/occasions/{occasion_id}/lists/{list_id}/contact-cases", tag = "occasions",
    operation_id = "make_contacts_of_visitors",
    params(("occasion_id" = Uuid, Path), ("list_id" = Uuid, Path)), request_body = http::WantedContacts,
    responses((status = 202, body = http::ContactStep), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn make_contacts_of_visitors(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(occasion_id, list_id): Ids<OccasionId, OpeningId>,
    Body(body): Body<http::WantedContacts>,
) -> Result<(StatusCode, Json<http::ContactStep>), Problem> {
    let visitors = match (body.visitor_ids, body.matching) {
        (Some(named), None) => ChosenVisitors::Named(named.into_iter().map(VisitorId).collect()),
        (None, Some(matching)) => ChosenVisitors::Matching(filter(matching)?),
        _ => return Err(Problem::field("visitor_ids", "name visitors, or say for whom what is asked holds")),
    };
    let wanted = WantedContacts { step_id: StepId(body.step_id), case_id: CaseId(body.case_id), visitors };
    let started = platform.app.start_contacts_of_occasion(&worker, (occasion_id, list_id), &wanted).await?;
    platform.job_was_added().notify_one();
    Ok((StatusCode::ACCEPTED, Json(step(&started))))
}

/// Says how far a step is.
#[utoipa::path(
    get, path = "/api/v1/occasion-steps/{step_id}", tag = "occasions", operation_id = "show_contact_step",
    params(("step_id" = Uuid, Path)),
    responses((status = 200, body = http::ContactStep), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn show_contact_step(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(step_id): Id<StepId>,
) -> Result<Json<http::ContactStep>, Problem> {
    Ok(Json(step(&platform.app.contacts_step(&worker, step_id).await?)))
}

fn new(body: http::NewOccasion) -> Result<NewOccasion, Problem> {
    let mut wrong = Vec::new();
    let mut time = |field: &str, text: Option<&String>| -> Timestamp {
        match instant(field, text.map(String::as_str)) {
            Ok(Some(at)) => return at,
            _ => wrong.push(FieldError { field: field.to_owned(), reason: "say when".to_owned() }),
        }
        Timestamp::UNIX_EPOCH
    };
    let (from, until) = (time("from", body.from.as_ref()), time("until", body.until.as_ref()));
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    Ok(NewOccasion {
        occasion_id: OccasionId(body.occasion_id),
        title: body.title,
        place: body.place,
        contact: body.contact.unwrap_or_default(),
        from,
        until,
        case_id: body.case_id.map(CaseId),
    })
}
