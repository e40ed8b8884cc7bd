//! Conditional requests: an answer carries a tag of its content, and who has that content already gets 304 without it.
//!
//! That somebody looked is recorded all the same: the answer was made before it was found to be the same.

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Answers up to this size get a tag; larger ones go out as they are.
const MOST_BYTES: u64 = 4 << 20;

/// Tags answers in JSON, and leaves out what the caller has.
pub async fn tag(request: Request, next: Next) -> Response {
    let reads = *request.method() == Method::GET;
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let response = next.run(request).await;
    if reads { tagged(known, response).await } else { response }
}

/// Tags an answer in JSON, and leaves it out if it is the one that the caller knows.
pub async fn tagged(known: Option<HeaderValue>, response: Response) -> Response {
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let is_small = response.body().size_hint().upper().is_some_and(|bytes| bytes <= MOST_BYTES);
    if !is_small || response.status() != StatusCode::OK || kind != Some(b"application/json") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        return crate::problem::Problem::new(crate::problem::Kind::Internal).into_response();
    };
    // Weak, because the same content may travel compressed or not.
    let tag = format!("W/\"{}\"", &storage::sealing::fingerprint_of(&bytes)[..32]);
    let is_known = known.is_some_and(|known| known.to_str().is_ok_and(|known| matches(known, &tag)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if is_known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// Compares weakly, as RFC 9110 (13.1.2) asks for here.
fn matches(known: &str, tag: &str) -> bool {
    let plain = |text: &str| text.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|one| plain(one) == plain(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_compared_weakly_and_one_of_several_is_enough() {
        for (known, fits) in
            [("W/\"a\"", true), ("\"a\"", true), ("\"b\", W/\"a\"", true), ("*", true), ("\"b\"", false)]
        {
            assert_eq!(matches(known, "W/\"a\""), fits, "{known}");
        }
    }
}
