//! A server whose clock is wrong serves nobody while another serves whose clock is right: it would take sessions and keys for over,
//! and note times that never were.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::status;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What whoever watches must still see.
const FIGURES: &str = "/api/v1/metrics";

/// Lets a request through, unless the server stands aside: then whoever came tries again, and comes to another. The page itself and
/// what balancers ask follow no clock. Before somebody is told that they aren't signed in any more, the clock is looked at once more.
pub async fn refuse(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if platform.is_aside() && path.starts_with("/api/") && path != FIGURES {
        return problem().into_response();
    }
    let brings_a_secret =
        [header::COOKIE, header::AUTHORIZATION].iter().any(|name| request.headers().contains_key(name));
    let response = next.run(request).await;
    if brings_a_secret && response.status() == StatusCode::UNAUTHORIZED {
        status::mind_clock(&platform).await;
        if platform.is_aside() {
            return problem().into_response();
        }
    }
    response
}

/// Why it serves nobody.
pub fn problem() -> Problem {
    Problem::new(Kind::Unavailable)
        .detail("aside: the clock of this server is wrong, and another serves")
        .hint("send the same again")
}
