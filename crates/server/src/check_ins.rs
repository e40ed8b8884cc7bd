//! The door of a venue: guests come, leave, change their mind. Nobody signs in.
//!
//! These routes stand apart from the others: a country checks in here within minutes, so no line is written for each.

use crate::aside;
use crate::guard::door_guard;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Body;
use crate::sign_in::address;
use crate::unchanged::tagged;
use app::check_ins::{CheckInBody, CheckOutBody, GuestSent, Taken, Turned, VisitProof};
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::authorities::ShortCode;
use domain::check_ins::{Guest, GuestAddress};
use domain::ids::{AreaId, VenueId, VisitId};
use domain::persons::Personal;
use jiff::Timestamp;
use protocol::http::check_ins as http;
use protocol::http::problem::Problem as ProblemBody;
use std::net::IpAddr;
use storage::check_ins::Secret;
use storage::check_ins::intake::NotTaken;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Largest body, in bytes: a hundred guests with everything that is asked.
const MOST_BYTES: usize = 128 << 10;

/// The routes of the door, with their description.
pub fn routes() -> OpenApiRouter<Platform> {
    OpenApiRouter::new()
        .routes(routes!(guest_door))
        .routes(routes!(check_in))
        .routes(routes!(check_out))
        .routes(routes!(delete_visits))
        .routes(routes!(share_visits))
}

/// The door, ready to be served.
pub fn router(platform: &Platform) -> Router<Platform> {
    let (router, _) = routes().split_for_parts();
    router
        .method_not_allowed_fallback(|| async { Problem::new(Kind::MethodNotAllowed) })
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(from_fn_with_state(platform.clone(), aside::refuse))
        .layer(from_fn_with_state(platform.clone(), door_guard))
}

/// From where somebody calls: for limits, kept nowhere.
pub struct Caller(pub IpAddr);

impl FromRequestParts<Platform> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        Ok(Self(address(parts, platform)))
    }
}

/// Shows a telephone where it is.
#[utoipa::path(
    get, path = "/api/v1/guest/{short_code}/{venue_id}", tag = "door", security(()),
    params(("short_code" = String, Path), ("venue_id" = String, Path)),
    responses((status = 200, body = http::GuestDoor), (status = "4XX", body = ProblemBody)),
)]
pub async fn guest_door(
    State(platform): State<Platform>,
    Caller(address): Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    platform.limits().reading_from(address)?;
    let unknown = || Problem::new(Kind::NotFound).detail("there is no such venue here");
    let Path((code, venue)) = path.map_err(|_| unknown())?;
    let (code, venue_id) = (authority(&code)?, venue.parse::<VenueId>().map_err(|_| unknown())?);
    let view = platform.app.guest_view(&code, venue_id).await?;
    let area =
        |(area_id, name): &(AreaId, String)| http::GuestArea { area_id: area_id.to_string(), name: name.clone() };
    let door = Json(http::GuestDoor {
        authority: http::GuestAuthority {
            short_code: view.authority.short_code.as_str().to_uppercase(),
            name: view.authority.name.clone(),
            time_zone: view.authority.time_zone.iana_name().unwrap_or("UTC").to_owned(),
            languages: view.authority.languages.split(' ').map(str::to_owned).collect(),
        },
        venue: http::GuestVenue {
            venue_id: venue_id.to_string(),
            name: view.door.name.clone(),
            areas: view.door.areas.iter().map(area).collect(),
            open: view.door.open,
            closes_at: view.closes_at.map(|at| at.to_string()),
            usual_stay_min: view.door.usual_stay_min,
            asks_address: view.door.asks_address.to_string(),
            confirms_by_staff: view.door.confirms == domain::venues::Confirms::Staff,
        },
    });
    // It is asked for with each scan, and says nothing of anybody: whoever has it keeps it, and asks whether it still holds.
    let mut response = tagged(headers.get(header::IF_NONE_MATCH).cloned(), door.into_response()).await;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache"));
    Ok(response)
}

/// Checks guests in. Sent again, it is the same visit.
#[utoipa::path(
    post, path = "/api/v1/check-ins", tag = "door", security(()), request_body = http::CheckIns,
    responses((status = 201, body = http::CheckedIn), (status = "4XX", body = ProblemBody), (status = 503, body = ProblemBody)),
)]
pub async fn check_in(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::CheckIns>,
) -> Result<(StatusCode, Json<http::CheckedIn>), Problem> {
    let body = read_check_ins(body)?;
    platform.limits().arrival((body.venue_id, address), body.visits.len())?;
    let area_id = body.area_id;
    let (taken, door) = platform.app.check_in(body).await?;
    let area = area_id.and_then(|area_id| door.areas.iter().find(|(known, _)| *known == area_id));
    let venue = http::NamedPlace { name: door.name.clone(), area: area.map(|(_, name)| name.clone()) };
    Ok((StatusCode::CREATED, Json(http::CheckedIn { visits: taken.iter().map(admitted).collect(), venue })))
}

/// Notes when guests left.
#[utoipa::path(
    post, path = "/api/v1/check-outs", tag = "door", security(()), request_body = http::CheckOuts,
    responses((status = 200, body = http::CheckedOut), (status = "4XX", body = ProblemBody), (status = 503, body = ProblemBody)),
)]
pub async fn check_out(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::CheckOuts>,
) -> Result<Json<http::CheckedOut>, Problem> {
    let venue_id = venue(&body.venue_id)?;
    platform.limits().arrival((venue_id, address), body.visits.len())?;
    let read = |(n, visit): (usize, &http::CheckOut)| {
        let proof = proof(n, visit.visit_id, &visit.arrived_at, &visit.secret)?;
        Ok((proof, instant(n, "left_at", &visit.left_at)?))
    };
    let visits = body.visits.iter().enumerate().map(read).collect::<Result<_, Problem>>()?;
    let left =
        platform.app.check_out(CheckOutBody { authority: authority(&body.authority)?, venue_id, visits }).await?;
    let ending =
        |(visit_id, at): (VisitId, Timestamp)| http::Ending { visit_id: visit_id.0, leaves_at: at.to_string() };
    Ok(Json(http::CheckedOut { visits: left.into_iter().map(ending).collect() }))
}

/// Deletes visits before their time.
#[utoipa::path(
    post, path = "/api/v1/check-ins/deletions", tag = "door", security(()), request_body = http::EarlyDeletions,
    responses((status = 204), (status = "4XX", body = ProblemBody), (status = 503, body = ProblemBody)),
)]
pub async fn delete_visits(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::EarlyDeletions>,
) -> Result<StatusCode, Problem> {
    let venue_id = venue(&body.venue_id)?;
    platform.limits().arrival((venue_id, address), body.visits.len())?;
    let read = |(n, visit): (usize, &http::ProvenVisit)| proof(n, visit.visit_id, &visit.arrived_at, &visit.secret);
    let visits: Vec<VisitProof> = body.visits.iter().enumerate().map(read).collect::<Result<_, Problem>>()?;
    platform.app.delete_visits(&authority(&body.authority)?, venue_id, &visits).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows visits to a case worker, who named a code. A wrong code and an old one are answered alike.
#[utoipa::path(
    post, path = "/api/v1/shared-visits", tag = "door", security(()), request_body = http::SharedVisits,
    responses((status = 200, body = http::Sharing), (status = "4XX", body = ProblemBody), (status = 503, body = ProblemBody)),
)]
pub async fn share_visits(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::SharedVisits>,
) -> Result<Json<http::Sharing>, Problem> {
    // A code is guessed like a password, so it is limited like one.
    platform.limits().attempt_from(address)?;
    let read = |(n, visit): (usize, &http::SharedVisit)| {
        let proof = proof(n, visit.visit_id, &visit.arrived_at, &visit.secret)?;
        Ok((venue(&visit.venue_id)?, proof))
    };
    let visits = body.visits.iter().enumerate().map(read).collect::<Result<_, Problem>>()?;
    let shared = app::case_work::SharedVisits { authority: authority(&body.authority)?, code: body.code, visits };
    let outcome = |(visit_id, is_shared): (VisitId, bool)| http::SharedOutcome {
        visit_id: visit_id.0,
        outcome: if is_shared { "shared" } else { "unknown" }.to_owned(),
    };
    let shared = platform.app.share_visits(&shared).await?;
    Ok(Json(http::Sharing { visits: shared.into_iter().map(outcome).collect() }))
}

fn admitted(taken: &Taken) -> http::Admitted {
    http::Admitted {
        visit_id: taken.visit_id.0,
        arrived_at: taken.arrived_at.to_string(),
        leaves_at: taken.leaves_at.to_string(),
        deleted_on: taken.gone_on.to_string(),
        marks: taken.marks.words().into_iter().map(str::to_owned).collect(),
    }
}

fn authority(code: &str) -> Result<ShortCode, Problem> {
    ShortCode::new(code).map_err(|_| Problem::new(Kind::NotFound).detail("there is no such authority here"))
}

fn venue(id: &str) -> Result<VenueId, Problem> {
    id.parse().map_err(|_| Problem::new(Kind::NotFound).detail("there is no such venue here"))
}

fn field(n: usize, name: &str, reason: impl Into<String>) -> Problem {
    Problem::field(format!("visits.{n}.{name}"), reason)
}

fn instant(n: usize, name: &str, text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| field(n, name, "an instant looks like 2026-11-26T19:02:11Z"))
}

fn secret(n: usize, text: &str) -> Result<Secret, Problem> {
    let mut secret = Secret::default();
    let read = BASE64_URL_SAFE_NO_PAD.decode_slice(text, &mut secret);
    match read {
        Ok(length) if length == secret.len() => Ok(secret),
        _ => Err(field(n, "secret", "a secret is 16 random bytes, as 22 characters of base64url")),
    }
}

fn proof(n: usize, visit_id: uuid::Uuid, arrived_at: &str, text: &str) -> Result<VisitProof, Problem> {
    let (arrived_at, secret) = (instant(n, "arrived_at", arrived_at)?, secret(n, text)?);
    Ok(VisitProof { visit_id: VisitId(visit_id), arrived_at, secret })
}

fn read_check_ins(body: http::CheckIns) -> Result<CheckInBody, Problem> {
    let area = |id: String| {
        id.parse::<AreaId>().map_err(|_| Problem::new(Kind::NotFound).detail("there is no such area here"))
    };
    Ok(CheckInBody {
        authority: authority(&body.authority)?,
        venue_id: venue(&body.venue_id)?,
        area_id: body.area_id.map(area).transpose()?,
        visits: body.visits.into_iter().enumerate().map(read_check_in).collect::<Result<_, Problem>>()?,
    })
}

fn read_check_in((n, visit): (usize, http::CheckIn)) -> Result<GuestSent, Problem> {
    if visit.visit_id.get_version_num() != 7 {
        return Err(field(n, "visit_id", "an id is a UUID of version 7"));
    }
    let some = |text: Option<String>| text.filter(|text| !text.trim().is_empty()).map(Personal::new);
    let address = visit.address.map(|address| GuestAddress {
        street: Personal::new(address.street),
        house_number: Personal::new(address.house_number),
        postcode: Personal::new(address.postcode),
        city: Personal::new(address.city),
    });
    Ok(GuestSent {
        visit_id: VisitId(visit.visit_id),
        secret: secret(n, &visit.secret)?,
        arrived_at: instant(n, "arrived_at", &visit.arrived_at)?,
        leaves_at: visit.leaves_at.map(|text| instant(n, "leaves_at", &text)).transpose()?,
        household: u8::try_from(visit.household).unwrap_or(u8::MAX),
        guest: Guest { name: Personal::new(visit.name), phone: some(visit.phone), email: some(visit.email), address },
    })
}

impl From<Turned> for Problem {
    fn from(turned: Turned) -> Self {
        match turned {
            Turned::NoDoor => Self::new(Kind::Unavailable).detail("this server takes no check-ins"),
            Turned::Unknown(_) => Self::new(Kind::NotFound).detail(turned.to_string()),
            Turned::Invalid { at: Some(n), field: name, reason } => field(n, name, reason),
            Turned::Invalid { at: None, field, reason } => Self::field(field, reason),
            Turned::NotTaken(NotTaken::Conflict(n)) => {
                Self::new(Kind::Conflict).detail(format!("visit {n} was entered before with other values"))
            }
            Turned::NotTaken(NotTaken::Deleted(n)) => {
                Self::new(Kind::Conflict).detail(format!("visit {n} was deleted"))
            }
            Turned::NotTaken(NotTaken::Busy) => {
                metrics::counter!("epitrace_check_ins_turned_away_total").increment(1);
                Self::new(Kind::Unavailable).detail("too many come at once").retry_after(2)
            }
            Turned::NotTaken(NotTaken::Failed(error)) => {
                tracing::error!(%error, "check-ins could not be stored");
                Self::new(Kind::Unavailable).detail("it could not be stored; send the same again")
            }
            Turned::NotTaken(other) => Self::new(Kind::Unavailable).detail(other.to_string()),
            Turned::Failed(error) => error.into(),
        }
    }
}
