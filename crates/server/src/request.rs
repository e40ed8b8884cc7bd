//! Reading requests: bodies, queries and ids, each with a clear answer where it can't be read.

use crate::problem::{Kind, Problem};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use domain::ids::{
    AccountId, BulkId, CaseId, ContactId, EntryId, ExportId, FacilityId, HandOverId, ImportId, ItemId, JobId, MergeId,
    MessageId, OccasionId, OpeningId, PersonId, RequestId, RunId, StayId, StepId, TokenId, ViewId,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// A JSON body.
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.split(';').next().map(str::trim) != Some("application/json") {
            return Err(Problem::new(Kind::UnsupportedMedia).hint("send content-type: application/json"));
        }
        let bytes = match Bytes::from_request(request, state).await {
            Ok(bytes) => bytes,
            Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                return Err(Problem::new(Kind::TooLarge));
            }
            Err(_) => return Err(Problem::new(Kind::Malformed).detail("the body can't be read")),
        };
        // PostgreSQL keeps no text with this character, and nobody types it.
        if memchr::memmem::find(&bytes, b"\\u0000").is_some() {
            return Err(Problem::field("body", "a text has a character that nobody can type (NUL)"));
        }
        // Twice only where something is wrong: finding out where costs more than reading.
        if let Ok(body) = serde_json::from_slice(&bytes) {
            return Ok(Self(body));
        }
        match Json::from_bytes(&bytes) {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(unreadable(&rejection)),
        }
    }
}

/// Never repeats the parser's words: they may hold what was typed.
fn unreadable(rejection: &JsonRejection) -> Problem {
    match rejection {
        JsonRejection::JsonDataError(error) => {
            // The path names fields of ours, no values: "rows[3].cells: invalid type …" is cut at the colon.
            let said = error.body_text();
            let field = said.split(": ").nth(1).filter(|field| is_path(field)).unwrap_or("body").to_owned();
            Problem::field(field, "it is missing, unknown, or has another type than the API's description says")
        }
        JsonRejection::JsonSyntaxError(_) => Problem::new(Kind::Malformed).detail("the body is no JSON"),
        _ => Problem::new(Kind::Malformed).detail("the body can't be read"),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 60
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.[]".contains(c))
}

/// The query of an address.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let has_nul = parts.uri.query().is_some_and(|query| query.contains("%00"));
        if has_nul {
            return Err(Problem::field("query", "a text has a character that nobody can type (NUL)"));
        }
        match axum::extract::Query::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(_) => Err(Problem::field(
                "query",
                "a parameter is unknown, or has another type than the API's description says",
            )),
        }
    }
}

/// An id in a path. What is no id can't be here, so it is not found.
pub struct Id<T>(pub T);

impl<S: Send + Sync, T: From<OneId>> FromRequestParts<S> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<Uuid>::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(T::from(OneId(id)))),
            Err(_) => Err(Problem::new(Kind::NotFound)),
        }
    }
}

/// Two ids in a path.
pub struct Ids<A, B>(pub A, pub B);

impl<S: Send + Sync, A: From<OneId>, B: From<OneId>> FromRequestParts<S> for Ids<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<(Uuid, Uuid)>::from_request_parts(parts, state).await {
            Ok(Path((one, other))) => Ok(Self(A::from(OneId(one)), B::from(OneId(other)))),
            Err(_) => Err(Problem::new(Kind::NotFound)),
        }
    }
}

/// An id of which the path doesn't say what it names.
pub struct OneId(Uuid);

macro_rules! ids {
    ($($name:ident),*) => {$(
        impl From<OneId> for $name {
            fn from(id: OneId) -> Self {
                Self(id.0)
            }
        }
    )*};
}
ids!(
    AccountId, BulkId, CaseId, ContactId, EntryId, ExportId, FacilityId, HandOverId, ImportId, ItemId, JobId, MergeId,
    MessageId, OccasionId, OpeningId, PersonId, RequestId, RunId, StayId, StepId, TokenId, ViewId
);

/// Returns what was typed, without spaces around it; nothing, or spaces alone, was not said.
pub fn typed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A day in a query.
pub fn day(field: &str, text: Option<&str>) -> Result<Option<jiff::civil::Date>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let wrong = || Problem::field(field, "write a day as 2026-05-31, from the year 1800 on");
    let day: jiff::civil::Date = text.parse().map_err(|_| wrong())?;
    if day.year() < 1800 { Err(wrong()) } else { Ok(Some(day)) }
}

/// A day that must be there.
pub fn required_day(field: &str, text: &str) -> Result<jiff::civil::Date, Problem> {
    day(field, Some(text))?.ok_or_else(|| Problem::field(field, "write a day as 2026-05-31"))
}

/// An instant.
pub fn instant(field: &str, text: Option<&str>) -> Result<Option<jiff::Timestamp>, Problem> {
    let wrong = |_| Problem::field(field, "write an instant as 2026-05-31T07:30:00Z");
    text.map(str::parse).transpose().map_err(wrong)
}

/// How many items a page has at most.
pub fn limit(asked: Option<u32>) -> Result<usize, Problem> {
    const DEFAULT: u32 = 50;
    const MOST: u32 = 200;
    match asked.unwrap_or(DEFAULT) {
        n @ 1..=MOST => Ok(n as usize),
        _ => Err(Problem::field("limit", format!("choose 1 to {MOST}"))),
    }
}
