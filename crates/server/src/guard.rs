//! What holds for every request: a number, a time limit, headers that keep browsers strict, one line in the log.
//!
//! The log has the route's pattern, never the address itself, and neither who called nor from where.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::traces;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::Response;
use std::time::Duration;
use tracing::{Instrument, Span};

/// How long a request may take from its first line to its answer. What takes longer is dropped where it waits: what it
/// had not committed is rolled back, and whoever sends slowly on purpose holds nothing for long.
#[derive(Clone, Copy, Debug)]
pub struct TimeLimits {
    /// For one that brings no file.
    pub request: Duration,
    /// For one that brings a file.
    pub upload: Duration,
}

impl TimeLimits {
    /// Those of every server outside tests.
    pub const USUAL: Self = Self { request: Duration::from_secs(30), upload: Duration::from_secs(300) };

    fn of(self, method: &Method, route: &str) -> Duration {
        if method == Method::POST && route == "/api/v1/imports" { self.upload } else { self.request }
    }
}

/// Scripts, styles, pictures and connections of our own only; nothing inline; nobody may frame us.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
     font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The guests' page: neither fonts nor data from elsewhere, but a service worker, which keeps it for places without signal.
const GUESTS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     manifest-src 'self'; worker-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

static HEADERS: [(HeaderName, &str); 7] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// What nodes of runs ask and tell each second, and what balancers ask. Twenty nodes would fill a gigabyte of log in a day, so what
/// is in order stands there only for whoever wants to know all.
const EACH_SECOND: [&str; 4] =
    ["/api/v1/runs/{run_id}/control", "/api/v1/runs/{run_id}/reports", "/health/live", "/health/ready"];

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Lets a request through, and puts the answer in order.
pub async fn guard(State(platform): State<Platform>, mut request: Request, next: Next) -> Response {
    let request_id = request_id(&platform);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("page", MatchedPath::as_str).to_owned();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        request.headers_mut().insert(REQUEST_ID.clone(), value);
    }
    if !platform.options().behind_proxy && request.headers().contains_key("x-forwarded-for") {
        platform.note_unexpected_proxy();
    }
    let policy = policy_of(request.uri().path());
    let _in_flight = InFlight::begin();
    let span = request_span(&platform, &request, &method, &route);
    let started = platform.stopwatch();
    let mut response = if comes_from_elsewhere(&request) {
        axum::response::IntoResponse::into_response(
            Problem::new(Kind::Forged).hint("open the page itself and do it there"),
        )
    } else {
        let limit = platform.time_limits().of(&method, &route);
        match tokio::time::timeout(limit, next.run(request).instrument(span.clone())).await {
            Ok(response) => response,
            Err(_) => axum::response::IntoResponse::into_response(
                Problem::new(Kind::Unavailable)
                    .detail("this took too long; see whether it was done before you try again"),
            ),
        }
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().cloned().collect();
        response = problem.answer(&request_id);
        for cookie in cookies {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    dress(&mut response, policy, &request_id);
    let status = response.status().as_u16();
    span.record("http.response.status_code", status);
    drop(span);
    let ms = started.elapsed_ms();
    // What is away is said once, by who misses it.
    if EACH_SECOND.contains(&route.as_str()) && (status < 400 || status == 503) {
        tracing::debug!(request.id = request_id, http.method = %method, http.route = route, http.status = status, ms, "answered");
    } else {
        tracing::info!(request.id = request_id, http.method = %method, http.route = route, http.status = status, ms, "answered");
    }
    let labels = [("method", known(&method).to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("epitrace_http_requests_total", &labels).increment(1);
    metrics::histogram!("epitrace_http_request_duration_seconds", &labels[1..2]).record(ms / 1000.0);
    response
}

/// Lets a guest's request through, with as little ado as a country at its doors needs: a limit of time, a count, and an
/// answer that says what is wrong.
pub async fn door_guard(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("door", MatchedPath::as_str).to_owned();
    let span = request_span(&platform, &request, &method, &route);
    let started = platform.stopwatch();
    let mut response = if comes_from_elsewhere(&request) {
        axum::response::IntoResponse::into_response(
            Problem::new(Kind::Forged).hint("open the page itself and do it there"),
        )
    } else {
        match tokio::time::timeout(platform.time_limits().request, next.run(request).instrument(span.clone())).await {
            Ok(response) => response,
            Err(_) => axum::response::IntoResponse::into_response(
                Problem::new(Kind::Unavailable).detail("this took too long; send the same again"),
            ),
        }
    };
    span.record("http.response.status_code", response.status().as_u16());
    drop(span);
    metrics::histogram!("epitrace_door_request_duration_seconds").record(started.elapsed_ms() / 1000.0);
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => {
            let request_id = request_id(&platform);
            let mut response = problem.answer(&request_id);
            dress(&mut response, CONTENT_SECURITY_POLICY, &request_id);
            tracing::info!(
                request.id = request_id,
                http.status = response.status().as_u16(),
                "turned away at the door"
            );
            metrics::counter!("epitrace_door_requests_total", "answer" => "refused").increment(1);
            response
        }
        None => {
            metrics::counter!("epitrace_door_requests_total", "answer" => "given").increment(1);
            let headers = response.headers_mut();
            headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            response
        }
    }
}

/// A request in traces: its method and the pattern of its route.
fn request_span(platform: &Platform, request: &Request, method: &Method, route: &str) -> Span {
    let method = known(method);
    let span = tracing::info_span!(
        target: "epitrace::traces",
        "request",
        otel.name = %format_args!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
    );
    if platform.options().behind_proxy {
        traces::continue_from(&span, request.headers());
    }
    span
}

/// Anybody may call a method whatever they like; figures have the known ones only.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

fn request_id(platform: &Platform) -> String {
    domain::ids::mint(platform.app.now(), platform.app.random()).simple().to_string()
}

/// Browsers say where a request comes from. One that changes something must come from our own page.
fn comes_from_elsewhere(request: &Request) -> bool {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    !reads && site.is_some_and(|site| site != "same-origin" && site != "none")
}

fn policy_of(path: &str) -> &'static str {
    if path.starts_with("/g/") { GUESTS_POLICY } else { CONTENT_SECURITY_POLICY }
}

fn dress(response: &mut Response, policy: &'static str, request_id: &str) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    for (name, value) in &HEADERS {
        headers.insert(name.clone(), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID.clone(), value);
    }
}

/// A request that is being answered, until it is dropped.
struct InFlight;

impl InFlight {
    fn begin() -> Self {
        metrics::gauge!("epitrace_http_requests_in_flight").increment(1.0);
        Self
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        metrics::gauge!("epitrace_http_requests_in_flight").decrement(1.0);
    }
}

/// Measures how long an answer took, for log and metrics.
pub struct Stopwatch(std::time::Instant);

impl Platform {
    #[allow(clippy::disallowed_methods, reason = "how long an answer took decides nothing")]
    fn stopwatch(&self) -> Stopwatch {
        Stopwatch(std::time::Instant::now())
    }
}

impl Stopwatch {
    fn elapsed_ms(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1000.0
    }
}

/// Answers for handlers that panicked: a defect, told as such.
pub fn panicked(_: Box<dyn std::any::Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    axum::response::IntoResponse::into_response(Problem::new(Kind::Internal))
}
