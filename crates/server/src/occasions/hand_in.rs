//! Handing in, by a program with a key and by the page that needs no account. Wrong, ended and another's code are answered
//! alike, and nothing that was handed in is ever given back.

use super::shapes::visitor_of;
use crate::check_ins::Caller;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Body;
use crate::sign_in::VisitorBringer;
use app::occasions::{HandedBlock, RefusedVisitor};
use axum::Json;
use axum::extract::State;
use domain::authorities::ShortCode;
use domain::occasions::{MOST_AT_ONCE, Visitor};
use protocol::http::occasions as http;
use protocol::http::problem::{FieldError, Problem as ProblemBody};

/// Hands in visitors of an occasion, by a program whose key has the scope `hand_in_visitors`, 1 to 1,000 at once. Who can't be
/// taken is named row by row, the others are taken. The same again is the same visitor.
#[utoipa::path(
    post, path = "/api/v1/visitors", tag = "occasions", operation_id = "hand_in_visitors", request_body = http::Visitors,
    responses((status = 200, body = http::HandedIn), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("hand_in_visitors"))),
)]
pub async fn hand_in_visitors(
    State(platform): State<Platform>,
    worker: VisitorBringer,
    Caller(address): Caller,
    Body(body): Body<http::Visitors>,
) -> Result<Json<http::HandedIn>, Problem> {
    platform.limits().handing_in(worker.authority.short_code.as_str(), address)?;
    let visitors = visitors(body.visitors, body.group)?;
    Ok(Json(handed(platform.app.hand_in_visitors(&worker, &body.code, visitors).await?)))
}

/// Hands in visitors of an occasion without an account, by the authority's short code and the code of the occasion.
#[utoipa::path(
    post, path = "/api/v1/handed-visitors", tag = "occasions", operation_id = "hand_in_by_form", security(()),
    request_body = http::FormVisitors,
    responses((status = 200, body = http::HandedIn), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn hand_in_by_form(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::FormVisitors>,
) -> Result<Json<http::HandedIn>, Problem> {
    platform.limits().handing_in(&body.authority, address)?;
    let authority = authority(&body.authority)?;
    let visitors = visitors(body.visitors, body.group)?;
    Ok(Json(handed(platform.app.hand_in_by_form(&authority, &body.code, visitors).await?)))
}

/// Says whether a code works, before anybody types a list. Of the occasion it says nothing.
#[utoipa::path(
    post, path = "/api/v1/occasion-codes", tag = "occasions", operation_id = "check_occasion_code", security(()),
    request_body = http::TypedCode,
    responses((status = 200, body = http::WorkingCode), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn check_occasion_code(
    State(platform): State<Platform>,
    Caller(address): Caller,
    Body(body): Body<http::TypedCode>,
) -> Result<Json<http::WorkingCode>, Problem> {
    platform.limits().handing_in(&body.authority, address)?;
    let found = platform.app.check_occasion_code(&authority(&body.authority)?, &body.code).await?;
    let (authority, deleted_on) = found;
    Ok(Json(http::WorkingCode {
        authority: authority.name.clone(),
        time_zone: authority.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        deleted_on: deleted_on.to_string(),
    }))
}

fn authority(code: &str) -> Result<ShortCode, Problem> {
    ShortCode::new(code.trim()).map_err(|_| Problem::new(Kind::NotFound).detail("there is no such occasion here"))
}

fn visitors(all: Vec<http::Visitor>, group: Option<http::VisitorGroup>) -> Result<Vec<Visitor>, Problem> {
    // Counted before anything is read of them.
    if !(1..=MOST_AT_ONCE).contains(&all.len()) {
        return Err(Problem::field("visitors", format!("1 to {MOST_AT_ONCE} at once")));
    }
    let group = group.unwrap_or_default();
    let grouped = |visitor: http::Visitor| http::Visitor {
        group: visitor.group.or_else(|| group.name.clone()),
        area: visitor.area.or_else(|| group.area.clone()),
        from: visitor.from.or_else(|| group.from.clone()),
        until: visitor.until.or_else(|| group.until.clone()),
        ..visitor
    };
    all.into_iter().enumerate().map(|(at, visitor)| visitor_of(at, grouped(visitor))).collect()
}

fn handed(block: HandedBlock) -> http::HandedIn {
    let refused = |one: RefusedVisitor| http::RefusedVisitor {
        at: one.at,
        visitor_id: one.visitor_id.0,
        wrong: FieldError { field: one.wrong.field.to_owned(), reason: one.wrong.reason.to_owned() },
    };
    http::HandedIn {
        n_taken: block.n_taken,
        n_again: block.n_again,
        refused: block.refused.into_iter().map(refused).collect(),
        deleted_on: block.deleted_on.to_string(),
    }
}
