//! Who works in a venue.

use super::shape::{language, role};
use super::{InVenue, OfVenue};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Body;
use crate::sign_in::VenueStaffer;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::{AccountId, VenueLinkId};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::venues as http;

/// Lists who works in a venue, and who is invited; its owners see it.
#[utoipa::path(
    get, path = "/api/v1/own-venues/{venue_id}/staff", tag = "venues", operation_id = "venue_staff",
    params(("venue_id" = String, Path)),
    responses((status = 200, body = http::VenueStaff), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn venue_staff(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
) -> Result<Json<http::VenueStaff>, Problem> {
    let list = platform.app.venue_staff(&worker, venue_id).await?;
    let member = |member: app::venues::StaffMember| http::VenueMember {
        is_oneself: member.account_id == worker.account_id,
        account_id: member.account_id.0,
        email: member.email.expose().clone(),
        name: member.name.expose().clone(),
        role: member.role.to_string(),
        joined_at: member.joined_at.to_string(),
    };
    let invitation = |waiting: app::venues::WaitingInvitation| http::VenueInvitation {
        link_id: waiting.link_id.0,
        email: waiting.email.expose().clone(),
        name: waiting.name.expose().clone(),
        role: waiting.role.to_string(),
        expires_at: waiting.expires_at.to_string(),
    };
    Ok(Json(http::VenueStaff {
        members: list.members.into_iter().map(member).collect(),
        invitations: list.invitations.into_iter().map(invitation).collect(),
    }))
}

/// Invites somebody to a venue by e-mail.
#[utoipa::path(
    post, path = "/api/v1/own-venues/{venue_id}/staff", tag = "venues", operation_id = "invite_to_venue",
    params(("venue_id" = String, Path)), request_body = http::NewVenueMember,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn invite_to_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    OfVenue(venue_id): OfVenue,
    Body(body): Body<http::NewVenueMember>,
) -> Result<StatusCode, Problem> {
    platform.limits().mail_to(&body.email)?;
    let (role, language) = (role(&body.role)?, language(&body.language)?);
    platform.app.invite_to_venue(&worker, venue_id, (&body.email, &body.name), role, language).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes what somebody is in a venue. The last owner stays one.
#[utoipa::path(
    put, path = "/api/v1/own-venues/{venue_id}/staff/{account_id}", tag = "venues", operation_id = "change_venue_role",
    params(("venue_id" = String, Path), ("account_id" = String, Path, format = Uuid)), request_body = http::ChangedVenueRole,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn change_venue_role(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, id): InVenue,
    Body(body): Body<http::ChangedVenueRole>,
) -> Result<StatusCode, Problem> {
    platform.app.change_venue_role(&worker, venue_id, AccountId(id), role(&body.role)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes somebody from a venue; oneself too. The last owner can't go.
#[utoipa::path(
    delete, path = "/api/v1/own-venues/{venue_id}/staff/{account_id}", tag = "venues", operation_id = "remove_from_venue",
    params(("venue_id" = String, Path), ("account_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn remove_from_venue(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, id): InVenue,
) -> Result<StatusCode, Problem> {
    platform.app.remove_from_venue(&worker, venue_id, AccountId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an invitation to a venue back.
#[utoipa::path(
    delete, path = "/api/v1/own-venues/{venue_id}/invitations/{link_id}", tag = "venues", operation_id = "take_back_invitation",
    params(("venue_id" = String, Path), ("link_id" = String, Path, format = Uuid)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("act_for_venue"))),
)]
pub async fn take_back_invitation(
    State(platform): State<Platform>,
    worker: VenueStaffer,
    InVenue(venue_id, id): InVenue,
) -> Result<StatusCode, Problem> {
    platform.app.take_back_invitation(&worker, venue_id, VenueLinkId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
