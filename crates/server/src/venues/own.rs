//! One's own venues: listed, registered, changed, closed; their posters.

use super::OfVenue;
use super::shape::{changed, in_list, new_venue, venue};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Query};
use crate::sign_in::VenueStaffer;
use app::venues::WantedPosters;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::venues::{PosterFormat, VenueAction};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::venues as http;

/// Lists the venues in which one works.
#[utoipa::path(
    get, path = "/api/v1/own-venues", tag = "venues", operation_id = "own_venues",
    responses((status = 200, body = http::OwnVenues), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn own_venues(
    State(platform): State<Platform>,
    worker: VenueStaffer,
) -> Result<Json<http::OwnVenues>, Problem> {
    let own = platform.app.own_venues(&worker).await?;
    let venues = own.venues.iter();
    Ok(Json(http::OwnVenues {
        email: own.email.expose().clone(),
        name: own.name.expose().clone(),
        language: own.language.to_string(),
        venues: venues
            .map(|(venue, role)| http::OwnVenueInList { venue: in_list(venue), role: role.to_string() })
            .collect(),
    }))
}

/// Registers another venue, of which one is the owner.
#[utoipa::path(
    post, path = "/api/v1/own-venues", tag = "venues", operation_id = "register_another_venue",
    request_body = http::NewVenue,
    responses((status = 201, body = http::OwnVenue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn register_another_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    Body(body): Body<http::NewVenue>,
) -> Result<(StatusCode, Json<http::OwnVenue>), Problem> {
    let venue_id = platform.app.register_another_venue(&worker, &new_venue(body)?).await?;
    Ok((StatusCode::CREATED, Json(shown(&platform, &worker, venue_id).await?)))
}

async fn shown(
    platform: &Platform,
    worker: &app::Worker,
    venue_id: domain::ids::VenueId,
) -> Result<http::OwnVenue, Problem> {
    let own = platform.app.own_venue(worker, venue_id).await?;
    let may = VenueAction::ALL.iter().filter(|action| own.role.may(**action)).map(ToString::to_string).collect();
    Ok(http::OwnVenue { venue: venue(&own.whole), role: own.role.to_string(), may })
}

/// Shows a venue in which one works.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}", tag = "venues", operation_id = "own_venue",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::OwnVenue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn own_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::OwnVenue>, Problem> {
    Ok(Json(shown(&platform, &worker, venue_id).await?))
}

/// Changes a venue; its owners do.
#[utoipa::path(
    put, path = "/api/v1/own-venues/{venue_id}", tag = "venues", operation_id = "change_venue",
    params(("venue_id" = String, Path)), request_body = http::ChangedVenue,
    responses((status = 200, body = http::OwnVenue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn change_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
    Body(body): Body<http::ChangedVenue>,
) -> Result<Json<http::OwnVenue>, Problem> {
    platform.app.change_venue(&worker, venue_id, &changed(body)?).await?;
    Ok(Json(shown(&platform, &worker, venue_id).await?))
}

/// Closes a venue for good: it takes no guests any more.
#[utoipa::path(
    post, path = "/api/v1/own-venues/{venue_id}/close", tag = "venues", operation_id = "close_venue",
    params(("venue_id" = String, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn close_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<StatusCode, Problem> {
    platform.app.close_venue(&worker, venue_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives the posters of a venue as a PDF: a code for each area.
#[utoipa::path(
    get, path = "/api/v1/venues/{venue_id}/posters", tag = "venues", operation_id = "posters",
    params(("venue_id" = String, Path), http::PosterQuery),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/pdf"),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn posters(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
    Query(query): Query<http::PosterQuery>,
) -> Result<impl IntoResponse, Problem> {
    let format = PosterFormat::find(&query.format).ok_or_else(|| Problem::field("format", "choose a4 or a6"))?;
    let unknown = || Problem::field("area", "this is no id of an area");
    let area = query.area.map(|id| id.parse().map_err(|_| unknown())).transpose()?;
    let pdf = platform.app.posters(&worker, venue_id, WantedPosters { format, area }).await?;
    let name = format!("inline; filename=\"posters-{venue_id}-{format}.pdf\"");
    Ok(([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], pdf))
}
