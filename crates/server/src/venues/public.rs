//! What anybody may: register a venue, and take a mailed link up.

use super::shape::{language, new_venue};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::typed;
use crate::session::{read, short_code};
use crate::sign_in::{address, source};
use app::sign_in::Secret;
use app::venues::Registration;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use domain::persons::Personal;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::venues as http;

/// Registers a venue: a link is mailed, and nothing is there until it is taken up. The answer is the same whether the
/// address is known.
#[utoipa::path(
    post, path = "/api/v1/venue-registrations", tag = "venues", operation_id = "register_venue", security(()),
    request_body = http::VenueRegistration,
    responses((status = 202), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn register_venue(State(platform): State<Platform>, request: Request) -> Result<StatusCode, Problem> {
    let (parts, body) = read::<http::VenueRegistration>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    platform.limits().registration(address(&parts, &platform), &body.email)?;
    let registration = Registration {
        email: Personal::new(body.email),
        name: Personal::new(body.name),
        phone: typed(body.phone).map(Personal::new),
        language: language(&body.language)?,
        venue: new_venue(body.venue)?,
    };
    platform.app.register_venue(&authority, &registration).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Takes a mailed link up: the venue is registered, or one works there from now on. It works once.
#[utoipa::path(
    post, path = "/api/v1/venue-links", tag = "venues", operation_id = "take_venue_link", security(()),
    request_body = http::HeldVenueLink,
    responses((status = 200, body = http::TakenVenueLink), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn take_venue_link(
    State(platform): State<Platform>,
    request: Request,
) -> Result<Json<http::TakenVenueLink>, Problem> {
    let (parts, body) = read::<http::HeldVenueLink>(&platform, request).await?;
    let authority = short_code("authority", &body.authority)?;
    let secret = Secret::brought(&body.secret);
    let taken = platform.app.take_venue_link(&authority, &secret, source(&parts, &platform)).await?;
    Ok(Json(http::TakenVenueLink { invitation: taken.invitation.map(|secret| secret.expose().to_owned()) }))
}
