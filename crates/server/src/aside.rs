//! A server whose clock is wrong serves nobody while another serves whose clock is right: it would take sessions and keys for over,
//! and note times that never were.

use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What whoever watches must still see.
const FIGURES: &str = "/api/v1/metrics";

/// Lets a request through, unless the server stands aside: then whoever came tries again, and comes to another. The page itself and
/// what balancers ask follow no clock.
pub async fn refuse(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if platform.is_aside() && path.starts_with("/api/") && path != FIGURES {
        return problem().into_response();
    }
    next.run(request).await
}

/// Why it serves nobody.
pub fn problem() -> Problem {
    Problem::new(Kind::Unavailable)
        .detail("aside: the clock of this server is wrong, and another serves")
        .hint("send the same again")
}
