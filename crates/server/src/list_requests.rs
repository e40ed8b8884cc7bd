//! Stays of cases, codes for sharing, guest lists on request.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Ids, instant};
use crate::sign_in::{CaseReader, CaseWorker, VenueStaffer};
use crate::venues::{InVenue, OfVenue};
use app::case_work::{
    AskedList, ChosenGuest, GuestsOfCase, NamedVenue, NotedStay, RequestToVenue, SeenGuest, SeenRequest, WhosePerson,
};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::check_ins::Guest;
use domain::ids::{CaseId, PersonId, RequestId, StayId, VenueId, VisitId};
use domain::persons::Personal;
use jiff::Timestamp;
use protocol::http::list_requests as http;
use protocol::http::problem::Problem as ProblemBody;
use std::collections::BTreeMap;
use storage::stays::CaseStay;

pub(crate) fn shaped_venue(venue_id: VenueId, named: &NamedVenue) -> http::StayVenue {
    let area = |(area_id, name): (&domain::ids::AreaId, &String)| http::StayArea {
        area_id: area_id.to_string(),
        name: name.clone(),
    };
    http::StayVenue {
        venue_id: venue_id.to_string(),
        name: named.name.clone(),
        city: named.city.clone(),
        areas: named.areas.iter().map(area).collect(),
    }
}

fn shaped_venues(venues: &BTreeMap<VenueId, NamedVenue>) -> Vec<http::StayVenue> {
    venues.iter().map(|(venue_id, named)| shaped_venue(*venue_id, named)).collect()
}

fn shaped_stay(stay: &CaseStay) -> http::Stay {
    http::Stay {
        stay_id: stay.stay_id.0,
        venue_id: stay.venue_id.to_string(),
        area_id: stay.place.area.map(|area| area.to_string()),
        from: stay.place.stay.from().to_string(),
        until: stay.place.stay.until().to_string(),
        source: stay.source.to_string(),
        origin_case_id: stay.origin_case.map(|case| case.0),
        noted_at: stay.noted_at.to_string(),
    }
}

pub(crate) fn required(field: &str, text: &str) -> Result<Timestamp, Problem> {
    let missing = || Problem::field(field, "an instant looks like 2026-11-26T19:02:11Z");
    instant(field, Some(text))?.ok_or_else(missing)
}

fn noted(stay: &http::ChangedStay) -> Result<NotedStay, Problem> {
    let unknown = |field: &'static str| move |_| Problem::field(field, "it has 10 letters and digits");
    Ok(NotedStay {
        venue_id: stay.venue_id.parse().map_err(unknown("venue_id"))?,
        area_id: stay.area_id.as_deref().map(str::parse).transpose().map_err(unknown("area_id"))?,
        from: required("from", &stay.from)?,
        until: required("until", &stay.until)?,
    })
}

async fn all_stays(platform: &Platform, worker: &app::Worker, case_id: CaseId) -> Result<Json<http::Stays>, Problem> {
    let seen = platform.app.stays_of_case(worker, case_id).await?;
    Ok(Json(http::Stays {
        items: seen.stays.iter().map(shaped_stay).collect(),
        venues: shaped_venues(&seen.venues),
        code_until: seen.code_until.map(|at| at.to_string()),
    }))
}

/// Lists the stays of a case at venues.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/stays", tag = "list requests", operation_id = "stays_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::Stays), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn stays_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::Stays>, Problem> {
    all_stays(&platform, &worker, case_id).await
}

/// Takes a stay of a case down.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/stays", tag = "list requests", operation_id = "note_stay",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewStay,
    responses((status = 201, body = http::Stays), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn note_stay(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewStay>,
) -> Result<(StatusCode, Json<http::Stays>), Problem> {
    let http::NewStay { stay_id, venue_id, area_id, from, until } = body;
    let stay = noted(&http::ChangedStay { venue_id, area_id, from, until })?;
    platform.app.note_stay(&worker, case_id, StayId(stay_id), stay).await?;
    Ok((StatusCode::CREATED, all_stays(&platform, &worker, case_id).await?))
}

/// Changes where or when a case was.
#[utoipa::path(
    put, path = "/api/v1/cases/{case_id}/stays/{stay_id}", tag = "list requests", operation_id = "change_stay",
    params(("case_id" = String, Path, format = Uuid), ("stay_id" = String, Path, format = Uuid)),
    request_body = http::ChangedStay,
    responses((status = 200, body = http::Stays), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn change_stay(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, stay_id): Ids<CaseId, StayId>,
    Body(body): Body<http::ChangedStay>,
) -> Result<Json<http::Stays>, Problem> {
    platform.app.change_stay(&worker, case_id, stay_id, noted(&body)?).await?;
    all_stays(&platform, &worker, case_id).await
}

/// Deletes a stay that was taken down by mistake. What was released because of it stays until its request is withdrawn.
#[utoipa::path(
    delete, path = "/api/v1/cases/{case_id}/stays/{stay_id}", tag = "list requests", operation_id = "delete_stay",
    params(("case_id" = String, Path, format = Uuid), ("stay_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn delete_stay(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, stay_id): Ids<CaseId, StayId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_stay(&worker, case_id, stay_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a code by which the guest shows their stays: for one case, for 24 hours. An earlier one works no more.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/share-code", tag = "list requests", operation_id = "make_share_code",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 201, body = http::NewShareCode), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn make_share_code(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
) -> Result<(StatusCode, Json<http::NewShareCode>), Problem> {
    let (code, expires_at) = platform.app.make_share_code(&worker, case_id).await?;
    let made = http::NewShareCode { code: code.expose().to_owned(), expires_at: expires_at.to_string() };
    Ok((StatusCode::CREATED, Json(made)))
}

fn shaped_request(seen: &SeenRequest) -> http::ListRequest {
    let request = &seen.request;
    http::ListRequest {
        request_id: request.request_id.0,
        stay_id: request.stay_id.0,
        venue_id: request.venue_id.to_string(),
        from: request.asked.from().to_string(),
        until: request.asked.until().to_string(),
        state: request.state.to_string(),
        asked_at: request.asked_at.to_string(),
        ended_at: request.ended_at.map(|at| at.to_string()),
        n_guests: u32::try_from(seen.n_guests).unwrap_or(u32::MAX),
    }
}

async fn all_requests(
    platform: &Platform,
    worker: &app::Worker,
    case_id: CaseId,
) -> Result<Json<http::ListRequests>, Problem> {
    let seen = platform.app.list_requests_of_case(worker, case_id).await?;
    let items = seen.requests.iter().map(shaped_request).collect();
    Ok(Json(http::ListRequests { items, venues: shaped_venues(&seen.venues) }))
}

/// Lists the guest lists that were asked for because of a case.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/list-requests", tag = "list requests", operation_id = "list_requests_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::ListRequests), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn list_requests_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::ListRequests>, Problem> {
    all_requests(&platform, &worker, case_id).await
}

/// Asks a venue for its guest list because of a stay of a case.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/list-requests", tag = "list requests", operation_id = "ask_list",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::NewListRequest,
    responses((status = 201, body = http::ListRequests), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn ask_list(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::NewListRequest>,
) -> Result<(StatusCode, Json<http::ListRequests>), Problem> {
    let asked = AskedList {
        request_id: RequestId(body.request_id),
        stay_id: StayId(body.stay_id),
        from: instant("from", body.from.as_deref())?,
        until: instant("until", body.until.as_deref())?,
    };
    platform.app.ask_list(&worker, case_id, asked).await?;
    Ok((StatusCode::CREATED, all_requests(&platform, &worker, case_id).await?))
}

/// Takes a request back. Released guests are deleted unless a contact case rests on them.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/list-requests/{request_id}/withdraw", tag = "list requests",
    operation_id = "withdraw_list",
    params(("case_id" = String, Path, format = Uuid), ("request_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::ListRequests), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn withdraw_list(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Ids(case_id, request_id): Ids<CaseId, RequestId>,
) -> Result<Json<http::ListRequests>, Problem> {
    platform.app.withdraw_list(&worker, case_id, request_id).await?;
    all_requests(&platform, &worker, case_id).await
}

fn line_of(guest: &Guest) -> Option<String> {
    let address = guest.address.as_ref()?;
    let [street, number, postcode, city] =
        [&address.street, &address.house_number, &address.postcode, &address.city].map(|text| text.expose().as_str());
    Some(format!("{street} {number}, {postcode} {city}"))
}

fn shaped_guest(seen: &SeenGuest) -> http::ReleasedGuest {
    let (visit, exposure) = (&seen.visit, &seen.exposure);
    let guest = visit.guest.as_ref();
    let own = |text: &Personal<String>| text.expose().clone();
    let field = |person: &storage::persons::Person, field| person.personal.get(&field).map(own);
    let may_be = |one: &app::duplicates::Duplicate| http::MayBe {
        person_id: one.person.person_id.0,
        first_name: field(&one.person, domain::persons::PersonalField::FirstName),
        last_name: field(&one.person, domain::persons::PersonalField::LastName),
        score: one.score,
    };
    http::ReleasedGuest {
        visit_id: visit.visit_id.0,
        venue_id: visit.venue_id.to_string(),
        area_id: visit.place.area.map(|area| area.to_string()),
        from: visit.place.stay.from().to_string(),
        until: visit.place.stay.until().to_string(),
        name: guest.map(|guest| own(&guest.name)),
        phone: guest.and_then(|guest| guest.phone.as_ref()).map(own),
        email: guest.and_then(|guest| guest.email.as_ref()).map(own),
        address: guest.and_then(line_of),
        household: u32::from(visit.household),
        marks: visit.marks.words().into_iter().map(str::to_owned).collect(),
        together_min: exposure.together_min(),
        aired_min: exposure.aired_min(),
        elsewhere_min: exposure.elsewhere_min(),
        nearness: exposure.nearness.to_string(),
        outside: exposure.outside,
        score: seen.score,
        at_risk: seen.at_risk,
        may_be_case: seen.may_be_case,
        may_be: seen.may_be.iter().map(may_be).collect(),
        contact_case_id: visit.decision.map(|decision| decision.case_id.0),
    }
}

/// Lists the guests that were released because of a case, at risk first.
#[utoipa::path(
    get, path = "/api/v1/cases/{case_id}/guests", tag = "list requests", operation_id = "guests_of_case",
    params(("case_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::ReleasedGuests), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("see_cases"))),
)]
pub async fn guests_of_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<http::ReleasedGuests>, Problem> {
    let names_locked = platform.app.sealer(&worker).is_err();
    let GuestsOfCase { guests, venues, rule_version, close_contact_rule, room_safe_after_min, infectious } =
        platform.app.guests_of_case(&worker, case_id).await?;
    Ok(Json(http::ReleasedGuests {
        items: guests.iter().map(shaped_guest).collect(),
        venues: shaped_venues(&venues),
        rule_version,
        close_contact_rule: close_contact_rule.to_owned(),
        room_safe_after_min: u32::from(room_safe_after_min),
        infectious_first: infectious.map(|days| days.first.to_string()),
        infectious_last: infectious.map(|days| days.last.to_string()),
        names_locked,
    }))
}

/// Makes contact cases of guests in one step: all or none.
#[utoipa::path(
    post, path = "/api/v1/cases/{case_id}/guests/contact-cases", tag = "list requests",
    operation_id = "make_contact_cases",
    params(("case_id" = String, Path, format = Uuid)), request_body = http::ChosenGuests,
    responses((status = 201, body = http::GuestCases), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn make_contact_cases(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Id(case_id): Id<CaseId>,
    Body(body): Body<http::ChosenGuests>,
) -> Result<(StatusCode, Json<http::GuestCases>), Problem> {
    let chosen = |guest: http::ChosenGuest| {
        let person_id = PersonId(guest.person_id);
        ChosenGuest {
            visit_id: VisitId(guest.visit_id),
            person: if guest.person_is_known { WhosePerson::Known(person_id) } else { WhosePerson::New(person_id) },
            case_id: CaseId(guest.case_id),
        }
    };
    let chosen: Vec<ChosenGuest> = body.guests.into_iter().map(chosen).collect();
    let made = platform.app.make_contact_cases(&worker, case_id, &chosen).await?;
    let item = |(visit_id, case_id): (VisitId, CaseId)| http::GuestCase { visit_id: visit_id.0, case_id: case_id.0 };
    Ok((StatusCode::CREATED, Json(http::GuestCases { items: made.into_iter().map(item).collect() })))
}

async fn all_to_venue(
    platform: &Platform,
    worker: &app::Worker,
    venue_id: VenueId,
) -> Result<Json<http::RequestsToVenue>, Problem> {
    let item = |request: RequestToVenue| http::RequestToVenue {
        request_id: request.request_id.0,
        from: request.asked.from().to_string(),
        until: request.asked.until().to_string(),
        state: request.state.to_string(),
        asked_at: request.asked_at.to_string(),
        ended_at: request.ended_at.map(|at| at.to_string()),
    };
    let found = platform.app.list_requests_of_venue(worker, venue_id).await?;
    let time_zone = crate::guest_lists::zone_of(worker);
    Ok(Json(http::RequestsToVenue { time_zone, items: found.into_iter().map(item).collect() }))
}

/// Lists what a venue is and was asked for; its owners and list makers see it.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/requests", tag = "venues", operation_id = "list_requests_of_venue",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::RequestsToVenue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn list_requests_of_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::RequestsToVenue>, Problem> {
    all_to_venue(&platform, &worker, venue_id).await
}

/// Releases the guest list that the authority asks for. Twice is once.
#[utoipa::path(
    post, path = "/api/v1/own-venues/{venue_id}/requests/{request_id}/release", tag = "venues",
    operation_id = "release_list",
    params(("venue_id" = String, Path), ("request_id" = String, Path, format = Uuid)),
    responses((status = 200, body = http::RequestsToVenue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn release_list(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, request_id): InVenue,
) -> Result<Json<http::RequestsToVenue>, Problem> {
    platform.app.release_list(&worker, venue_id, RequestId(request_id)).await?;
    all_to_venue(&platform, &worker, venue_id).await
}
