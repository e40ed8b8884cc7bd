//! No yes that isn't sure: whoever sends the same again is told yes for what is there already, and that must be where acknowledged
//! writes are.

use crate::platform::Platform;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What goes into the event log and not into the database: nothing that is read there answers it.
const REPORTS: &str = "/api/v1/runs/{run_id}/reports";

/// Lets a request through. A yes that nothing was written for waits until all that it was read from is sure.
pub async fn require(State(platform): State<Platform>, request: Request, next: Next) -> Response {
    let is_report = request.extensions().get::<MatchedPath>().is_some_and(|path| path.as_str() == REPORTS);
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    if reads || is_report || platform.app.store.kind() == "sqlite" {
        return next.run(request).await;
    }
    let (response, is_sure) = storage::store::noting_commits(next.run(request)).await;
    if is_sure || !response.status().is_success() {
        return response;
    }
    match platform.app.store.confirm().await {
        Ok(()) => response,
        Err(error) => Problem::from(error).into_response(),
    }
}
