//! What a browser knows of its own writes, so that standbys show them; and as of when is what it was shown.

use super::named_cookie;
use crate::platform::Platform;
use app::Worker;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, Mutex, PoisonError};

/// Name of the cookie. It ends with the browser. Without it whoever looks sees what is committed now.
const COOKIE: &str = "epitrace_seen";

/// As of when an answer is that shows no current picture: an instant of RFC 3339.
static AS_OF: HeaderName = HeaderName::from_static("epitrace-as-of");

/// The place where who was found waits for the answer.
#[derive(Clone, Default)]
struct Looking(Arc<Mutex<Option<Worker>>>);

/// Takes what the browser brought of its own writes.
pub(super) fn begin(parts: &Parts, platform: &Platform, worker: &mut Worker) {
    if let Some(sealed) = named_cookie(&parts.headers, COOKIE) {
        worker.reading.seen = platform.app.open_seen(worker, sealed);
    }
    if let Some(place) = parts.extensions.get::<Looking>() {
        *place.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(worker.clone());
    }
}

/// Gives the browser of whoever changed something what standbys must have to show it, and says how old it is what somebody sees.
pub async fn keep_seen(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    if !platform.app.store.has_standbys() {
        return next.run(request).await;
    }
    let looking = Looking::default();
    request.extensions_mut().insert(looking.clone());
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let mut response = next.run(request).await;
    let worker = looking.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(worker) = worker.filter(|_| response.status().as_u16() < 400) else { return response };
    if let Some(at) = worker.reading.as_of(platform.app.now())
        && let Ok(value) = HeaderValue::from_str(&at.to_string())
    {
        response.headers_mut().insert(AS_OF.clone(), value);
    }
    // Who brought none, or one from before another primary, gets one: the next look may go to a standby.
    if changes || worker.reading.seen.is_none() {
        set(&platform, &worker, response.headers_mut()).await;
    }
    response
}

/// Without a position the browser forgets the one before: then it sees what is committed.
async fn set(platform: &Platform, worker: &Worker, headers: &mut HeaderMap) {
    let sealed = platform.app.seal_seen(worker).await.ok().flatten();
    let value = match sealed {
        Some(sealed) => format!("{COOKIE}={sealed}; Path=/; HttpOnly; Secure; SameSite=Strict"),
        None => format!("{COOKIE}=; Path=/; HttpOnly; Secure; SameSite=Strict; Max-Age=0"),
    };
    if let Ok(mut value) = HeaderValue::from_str(&value) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}
