//! Guest lists: opened and read by who may in the venue, seen by the authority; and who is inside now.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Query};
use crate::sign_in::{RuleMaker, VenueReader, VenueStaffer};
use crate::venues::{InVenue, OfVenue};
use app::Worker;
use app::check_ins::{Occupancy, Waiting};
use app::guest_lists::{GuestList, ListEntry, SeenOpening, WantedList};
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::check_ins::{GuestAddress, Marks};
use domain::guest_lists::{ListSetting, Opens, Reason};
use domain::ids::{AreaId, OpeningId, VisitId};
use domain::persons::Personal;
use jiff::Timestamp;
use protocol::http::guest_lists as http;
use protocol::http::page::Page;
use protocol::http::problem::{FieldError, Problem as ProblemBody};
use protocol::http::venues::VenueAddress;

/// Lists which guest lists of one's own venue were opened, and how many more may be today.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/guest-lists", tag = "guest lists", operation_id = "own_guest_lists",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::OwnGuestLists), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn own_guest_lists(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::OwnGuestLists>, Problem> {
    let own = platform.app.own_openings(&worker, venue_id).await?;
    let items = own.items.iter().map(opening).collect();
    let (opens, time_zone) = (own.opens.to_string(), zone_of(&worker));
    Ok(Json(http::OwnGuestLists { opens, time_zone, openings_left: own.n_left, items }))
}

/// Opens the list of who was there in a window, for a reason. Each one is written down and shown to the authority.
#[utoipa::path(
    post, path = "/api/v1/own-venues/{venue_id}/guest-lists", tag = "guest lists", operation_id = "open_guest_list",
    params(("venue_id" = String, Path)), request_body = http::WantedGuestList,
    responses((status = 201, body = http::GuestList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn open_guest_list(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
    Body(body): Body<http::WantedGuestList>,
) -> Result<(StatusCode, Json<http::GuestList>), Problem> {
    let list = platform.app.open_guest_list(&worker, venue_id, &wanted(body)?).await?;
    Ok((StatusCode::CREATED, Json(shown(&worker, &list))))
}

/// Shows a list again that one opened within the last hour. That is no other opening.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/guest-lists/{opening_id}", tag = "guest lists", operation_id = "guest_list",
    params(("venue_id" = String, Path), ("opening_id" = Uuid, Path)),
    responses((status = 200, body = http::GuestList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn guest_list(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, opening_id): InVenue,
) -> Result<Json<http::GuestList>, Problem> {
    let of = (venue_id, OpeningId(opening_id));
    let list = platform.app.guest_list_again(&worker, of, "guest_lists.read").await?;
    Ok(Json(shown(&worker, &list)))
}

/// Gives an opened list as a table, for a spreadsheet.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/guest-lists/{opening_id}/csv", tag = "guest lists",
    operation_id = "guest_list_csv",
    params(("venue_id" = String, Path), ("opening_id" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "text/csv"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn guest_list_csv(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, opening_id): InVenue,
) -> Result<impl IntoResponse, Problem> {
    let csv = platform.app.guest_list_csv(&worker, (venue_id, OpeningId(opening_id))).await?;
    Ok(file(csv, "text/csv; charset=utf-8", &format!("attachment; filename=\"guest-list-{opening_id}.csv\"")))
}

/// Gives an opened list on paper: a PDF.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/guest-lists/{opening_id}/pdf", tag = "guest lists",
    operation_id = "guest_list_pdf",
    params(("venue_id" = String, Path), ("opening_id" = Uuid, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn guest_list_pdf(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, opening_id): InVenue,
) -> Result<impl IntoResponse, Problem> {
    let pdf = platform.app.guest_list_pdf(&worker, (venue_id, OpeningId(opening_id))).await?;
    Ok(file(pdf, "application/pdf", &format!("inline; filename=\"guest-list-{opening_id}.pdf\"")))
}

/// Says how many guests are inside, and who waits to be confirmed. Nobody is named.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/occupancy", tag = "guest lists", operation_id = "occupancy",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::Occupancy), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn occupancy(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::Occupancy>, Problem> {
    let Occupancy { at, n_inside, capacity, areas, unconfirmed } = platform.app.occupancy(&worker, venue_id).await?;
    let areas = areas.into_iter().map(|one| http::AreaOccupancy { area: one.area, n_inside: one.n_inside });
    Ok(Json(http::Occupancy {
        at: at.to_string(),
        time_zone: zone_of(&worker),
        n_inside,
        capacity,
        areas: areas.collect(),
        unconfirmed: unconfirmed.into_iter().map(waiting).collect(),
    }))
}

/// Confirms guests whom the staff saw at the door.
#[utoipa::path(
    post, path = "/api/v1/own-venues/{venue_id}/confirmations", tag = "guest lists", operation_id = "confirm_visits",
    params(("venue_id" = String, Path)), request_body = http::Confirmations,
    responses((status = 200, body = http::Confirmed), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn confirm_visits(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
    Body(body): Body<http::Confirmations>,
) -> Result<Json<http::Confirmed>, Problem> {
    let visits: Vec<VisitId> = body.visit_ids.into_iter().map(VisitId).collect();
    let n_confirmed = platform.app.confirm_visits(&worker, venue_id, &visits).await?;
    Ok(Json(http::Confirmed { n_confirmed }))
}

/// Lists which guest lists of a venue were opened: by whom, when, of which time, why. Newest first, 50 a page.
#[utoipa::path(
    get, path = "/api/v1/venues/{venue_id}/guest-lists", tag = "guest lists", operation_id = "list_openings",
    params(("venue_id" = String, Path), http::OpeningQuery),
    responses((status = 200, body = Page<http::GuestListOpening>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn list_openings(
    State(platform): State<Platform>,
    worker: VenueReader,
    OfVenue(venue_id): OfVenue,
    Query(query): Query<http::OpeningQuery>,
) -> Result<Json<Page<http::GuestListOpening>>, Problem> {
    let page = platform.app.openings(&worker, venue_id, query.cursor.as_deref()).await?;
    Ok(Json(Page { items: page.items.iter().map(opening).collect(), next: page.next }))
}

/// Says who opens guest lists in this authority, and how long guests' data is kept.
#[utoipa::path(
    get, path = "/api/v1/guest-list-setting", tag = "guest lists", operation_id = "guest_list_setting",
    responses((status = 200, body = http::GuestListSetting), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn guest_list_setting(
    State(platform): State<Platform>,
    worker: VenueReader,
) -> Result<Json<http::GuestListSetting>, Problem> {
    Ok(Json(setting(platform.app.guest_list_setting(&worker).await?)))
}

/// Sets who opens guest lists in this authority, and how long guests' data is kept.
#[utoipa::path(
    put, path = "/api/v1/guest-list-setting", tag = "guest lists", operation_id = "change_guest_list_setting",
    request_body = http::GuestListSetting,
    responses((status = 200, body = http::GuestListSetting), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("manage_rules"))),
)]
pub async fn change_guest_list_setting(
    State(platform): State<Platform>,
    worker: RuleMaker,
    Body(body): Body<http::GuestListSetting>,
) -> Result<Json<http::GuestListSetting>, Problem> {
    let opens = Opens::find(&body.opens).ok_or_else(|| Problem::field("opens", "choose venues or authority"))?;
    let wanted = ListSetting::new(opens, body.kept_days);
    let wanted = wanted.ok_or_else(|| Problem::field("kept_days", "keep guests' data for 1 to 14 days"))?;
    Ok(Json(setting(platform.app.set_guest_lists(&worker, body.version, wanted).await?)))
}

fn setting((version, ListSetting { opens, kept_days }): (i32, ListSetting)) -> http::GuestListSetting {
    http::GuestListSetting { version, opens: opens.to_string(), kept_days }
}

/// A file with guests in it: no browser keeps it beside the page.
fn file(bytes: Vec<u8>, kind: &'static str, named: &str) -> impl IntoResponse + use<> {
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, named.to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes)
}

fn wanted(body: http::WantedGuestList) -> Result<WantedList, Problem> {
    let mut wrong = Vec::new();
    let mut lacks = |field: &str, reason: &str| {
        wrong.push(FieldError { field: field.to_owned(), reason: reason.to_owned() });
    };
    let instant = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
    let (from, until) = (instant(body.from.as_ref()), instant(body.until.as_ref()));
    if from.is_none() {
        lacks("from", "say from when, as 2026-11-26T18:00:00Z");
    }
    if until.is_none() {
        lacks("until", "say until when, as 2026-11-26T23:00:00Z");
    }
    let reason = body.reason.as_deref().and_then(Reason::find);
    if reason.is_none() {
        lacks("reason", "say why: nobody opens a guest list without a reason");
    }
    let area = body.area_id.as_deref().map(str::parse::<AreaId>).transpose();
    if area.is_err() {
        lacks("area_id", "this area is not here");
    }
    match (from, until, reason, area) {
        (Some(from), Some(until), Some(reason), Ok(area_id)) => {
            Ok(WantedList { from, until, area_id, reason, note: body.note.unwrap_or_default() })
        }
        _ => Err(Problem::fields(wrong)),
    }
}

fn text(value: Option<&Personal<String>>) -> Option<String> {
    value.map(|value| value.expose().clone())
}

pub(crate) fn zone_of(worker: &Worker) -> String {
    worker.authority.time_zone.iana_name().unwrap_or("UTC").to_owned()
}

fn shown(worker: &Worker, list: &GuestList) -> http::GuestList {
    let opening = &list.opening;
    http::GuestList {
        opening_id: opening.opening_id.0,
        venue_id: opening.venue_id.to_string(),
        venue_name: list.venue.name.clone(),
        time_zone: zone_of(worker),
        from: opening.window.from().to_string(),
        until: opening.window.until().to_string(),
        area: list.area.clone(),
        reason: opening.reason.to_string(),
        note: text(opening.note.as_ref()),
        opened_at: opening.opened_at.to_string(),
        readable_until: list.readable_until.to_string(),
        gone_days: list.gone.iter().map(ToString::to_string).collect(),
        n_lost: list.n_lost,
        entries: list.entries.iter().map(entry).collect(),
    }
}

fn entry(entry: &ListEntry) -> http::GuestListEntry {
    let (stay, guest) = (&entry.visit.stay, &entry.visit.guest);
    http::GuestListEntry {
        visit_id: stay.visit_id.0,
        arrived_at: stay.arrived_at.to_string(),
        leaves_at: stay.leaves_at.to_string(),
        checked_out: stay.marks.has(Marks::CHECKED_OUT),
        may_have_left_from: entry.may_have_left_from.map(|at| at.to_string()),
        area: entry.area.clone(),
        name: guest.name.expose().clone(),
        phone: text(guest.phone.as_ref()),
        email: text(guest.email.as_ref()),
        address: guest.address.as_ref().map(address),
        household: stay.household,
        marks: stay.marks.words().into_iter().map(str::to_owned).collect(),
        double: entry.double,
    }
}

fn address(address: &GuestAddress) -> VenueAddress {
    let part = |part: &Personal<String>| part.expose().clone();
    VenueAddress {
        street: part(&address.street),
        house_number: part(&address.house_number),
        postcode: part(&address.postcode),
        city: part(&address.city),
    }
}

fn opening(seen: &SeenOpening) -> http::GuestListOpening {
    let opening = &seen.opening;
    http::GuestListOpening {
        opening_id: opening.opening_id.0,
        opened_at: opening.opened_at.to_string(),
        opened_by: opening.opened_by.to_string(),
        name: text(seen.by.as_ref()),
        from: opening.window.from().to_string(),
        until: opening.window.until().to_string(),
        one_area: opening.area_id.is_some(),
        reason: opening.reason.to_string(),
        note: text(opening.note.as_ref()),
        n_visits: opening.n_visits,
        readable_until: seen.readable_until.map(|at| at.to_string()),
    }
}

fn waiting(one: Waiting) -> http::UnconfirmedVisit {
    http::UnconfirmedVisit {
        visit_id: one.visit_id.0,
        code: one.code,
        arrived_at: one.arrived_at.to_string(),
        area: one.area,
        household: one.household,
    }
}
