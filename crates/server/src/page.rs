//! The page: files that were built into the program. Every address that is no file is the page itself, which finds its
//! way by the address.

use crate::problem::{Kind, Problem};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page itself.
const INDEX: &str = "index.html";
/// Files here have their content's hash in their name, so they never change.
const HASHED: &str = "assets/";

/// Answers with a file of the page, or the page itself.
pub async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    if path.starts_with("api/") || path.starts_with("health/") {
        return Problem::new(Kind::NotFound).detail("the API has no such path").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(Kind::MethodNotAllowed).into_response();
    }
    match Files::get(&path) {
        Some(file) if !path.is_empty() => answer(&path, file),
        _ if path.starts_with(HASHED) => Problem::new(Kind::NotFound).into_response(),
        _ => match Files::get(INDEX) {
            Some(file) => answer(INDEX, file),
            None => (StatusCode::NOT_FOUND, "This server was built without the page; the API is at /api/v1.\n")
                .into_response(),
        },
    }
}

fn answer(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    let keep = if path.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}
