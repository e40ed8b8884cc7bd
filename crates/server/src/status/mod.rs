//! How the installation stands, for operators: looked at every fifteen seconds, and when somebody asks.

mod certificate;
mod shape;
mod watch;

pub use certificate::ends_at;
pub(crate) use watch::{Keeper, Picture, SPEAK_EVERY, leave, mind_clock, speak};

use crate::platform::Platform;
use crate::problem::Problem;
use crate::sign_in::Doctor;
use axum::Json;
use axum::extract::State;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::status::Status;
use std::time::Duration;

/// How old a picture may be that somebody is shown.
const FRESH: Duration = Duration::from_secs(3);

/// Shows how the installation stands: servers, database, event log, work that waits, and what somebody should look at.
#[utoipa::path(get, path = "/api/v1/status", tag = "doctor", extensions(("x-action" = json!("see_doctor"))),
    responses((status = 200, body = Status), (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn status(State(platform): State<Platform>, _: Doctor) -> Result<Json<Status>, Problem> {
    let picture = platform.picture(FRESH).await;
    shape::status(&platform, &picture).map(Json)
}
