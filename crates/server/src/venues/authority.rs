//! The venues of an authority, as its staff see them.

use super::OfVenue;
use super::shape::{in_list, venue};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Body;
use crate::sign_in::VenueReader;
use axum::Json;
use axum::extract::State;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::venues as http;

/// Lists venues by name, 50 a page; a text is looked for in names and addresses.
#[utoipa::path(
    post, path = "/api/v1/venues/search", tag = "venues", operation_id = "search_venues", request_body = http::VenueSearch,
    responses((status = 200, body = Page<http::VenueInList>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn search_venues(
    State(platform): State<Platform>,
    worker: VenueReader,
    Body(body): Body<http::VenueSearch>,
) -> Result<Json<Page<http::VenueInList>>, Problem> {
    let text: String = body.text.chars().take(100).collect();
    let page = platform.app.list_venues(&worker, &text, body.cursor.as_deref()).await?;
    Ok(Json(Page { items: page.items.iter().map(in_list).collect(), next: page.next }))
}

/// Shows a venue.
#[utoipa::path(
    get, path = "/api/v1/venues/{venue_id}", tag = "venues", operation_id = "show_venue",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::Venue), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("see_venues"))),
)]
pub async fn show_venue(
    State(platform): State<Platform>,
    worker: VenueReader,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::Venue>, Problem> {
    Ok(Json(venue(&platform.app.venue(&worker, venue_id).await?)))
}
