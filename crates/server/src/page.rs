//! The pages: files that were built into the program. Every address that is no file is a page itself, which finds its
//! way by the address: that of guests below `g`, that of patients below the short code of their authority, else that of the
//! staff.

use crate::problem::{Kind, Problem};
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::authorities::ShortCode;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page itself.
const INDEX: &str = "index.html";
/// The page of patients.
const PATIENT: &str = "patient.html";
/// The page of guests: a bundle of its own, in a folder of its own, because its service worker rules over that folder.
const GUEST: &str = "g/index.html";
/// The page of venues.
const VENUE: &str = "venue.html";
/// The page on which lists of visitors are handed in.
const HAND_IN: &str = "hand-in.html";
/// Files here have their content's hash in their name, so they never change.
const HASHED: [&str; 2] = ["assets/", "g/assets/"];

/// Answers with a file of the page, or the page itself.
pub async fn page(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    if path.starts_with("api/") || path.starts_with("health/") {
        return Problem::new(Kind::NotFound).detail("the API has no such path").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Problem::new(Kind::MethodNotAllowed).into_response();
    }
    if is_hashed(&path)
        && takes_brotli(&request)
        && let Some(packed) = Files::get(&format!("{path}.br"))
    {
        return answer_packed(&path, packed);
    }
    match Files::get(&path) {
        Some(file) if !path.is_empty() => answer(&path, file),
        _ if is_hashed(&path) => Problem::new(Kind::NotFound).into_response(),
        _ => match Files::get(page_at(&path)) {
            Some(file) => answer(page_at(&path), file),
            None => (StatusCode::NOT_FOUND, "This server was built without the page; the API is at /api/v1.\n")
                .into_response(),
        },
    }
}

fn is_hashed(path: &str) -> bool {
    HASHED.iter().any(|folder| path.starts_with(folder))
}

/// Says which page an address is for: all below `g` is the guests', `CODE/enrol` and all below `CODE/patient` and
/// `CODE/about` the patients', all below `CODE/venues` the venues', `CODE/hand-in` that of who hands in a list.
fn page_at(path: &str) -> &'static str {
    if path.starts_with("g/") {
        return GUEST;
    }
    let mut parts = path.split('/');
    let code = parts.next().is_some_and(|code| ShortCode::new(code).is_ok());
    match parts.next().filter(|_| code) {
        Some("enrol" | "patient" | "about") => PATIENT,
        Some("venues") => VENUE,
        Some("hand-in") => HAND_IN,
        _ => INDEX,
    }
}

/// Says whether a browser takes a file that was packed when the page was built.
fn takes_brotli(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    accepted.split(',').any(|encoding| encoding.trim() == "br")
}

fn answer_packed(path: &str, packed: rust_embed::EmbeddedFile) -> Response {
    let mut response = answer(path, packed);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn answer(path: &str, file: rust_embed::EmbeddedFile) -> Response {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let mut response = file.data.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind.as_ref()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    let keep = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guests_have_a_page_of_their_own_below_g() {
        for address in ["g/", "g/MA/7K3M9QX2AB", "g/MA/7K3M9QX2AB/0000000001", "g/enrol"] {
            assert_eq!(page_at(address), GUEST, "{address}");
        }
        for address in ["g", "guests", "ga/enrol", "G/MA/7K3M9QX2AB"] {
            assert_ne!(page_at(address), GUEST, "{address}");
        }
    }

    #[test]
    fn patients_have_a_page_of_their_own_below_the_code_of_their_authority() {
        for address in ["MA/enrol", "ma/patient", "ma/patient/reset", "local/enrol", "MA/about/terms", "ma/about"] {
            assert_eq!(page_at(address), PATIENT, "{address}");
        }
        for address in ["MA/venues", "ma/venues/register", "local/venues/7K3M9QX2AB/staff"] {
            assert_eq!(page_at(address), VENUE, "{address}");
        }
        for address in ["MA/hand-in", "local/hand-in"] {
            assert_eq!(page_at(address), HAND_IN, "{address}");
        }
        for address in [
            "",
            "hand-in",
            "venues",
            "cases",
            "cases/enrolled",
            "m4/enrol",
            "enrol",
            "patient",
            "about",
            "settings/texts",
            "abcdefghi/enrol",
        ] {
            assert_eq!(page_at(address), INDEX, "{address}");
        }
    }
}
