//! Is it alive, can it work, and in figures: for supervisors, balancers and Prometheus. No person, no authority.

use crate::aside;
use crate::figures;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::sign_in::{Doctor, bearer};
use crate::status::SPEAK_EVERY;
use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use protocol::http::doctor::Health;
use protocol::http::problem::Problem as ProblemBody;
use std::time::Duration;
use storage::condition::ServerState;
use tokio::time::timeout;

/// How long the database may take to answer a balancer, which gives up after two seconds.
const READY_WITHIN: Duration = Duration::from_millis(1_500);
/// How long the database may take to say whose key it is that reads figures and was known before.
const KNOWN_WITHIN: Duration = Duration::from_secs(1);

/// Says that the process is alive: `ok`, or `draining` once it was told to end, or `aside` while its clock is wrong and another server
/// serves, so that balancers send it nobody.
#[utoipa::path(get, path = "/health/live", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn live(State(platform): State<Platform>) -> Json<Health> {
    let status = match platform.state() {
        ServerState::Serving => "ok",
        other => other.as_str(),
    };
    Json(Health { status: status.to_owned() })
}

/// Says that the database answers and that the server doesn't end, so that it may be sent callers. Answers within two seconds.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()),
    responses((status = 200, body = Health), (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ready(State(platform): State<Platform>) -> Result<Json<Health>, Problem> {
    match platform.state() {
        ServerState::Serving => {}
        ServerState::Draining => return Err(Problem::new(Kind::Unavailable).detail("draining: this server ends")),
        ServerState::Aside => return Err(aside::problem()),
    }
    match timeout(READY_WITHIN, platform.app.authorities()).await {
        Ok(answered) => answered?,
        Err(_) => return Err(Problem::new(Kind::Unavailable).detail("the database takes too long")),
    };
    Ok(Json(Health { status: "ok".to_owned() }))
}

/// Who may read figures: who may see the doctor. While the database is away a key that read them lately still may, because then
/// they are needed most; they name nobody.
pub struct FiguresReader;

impl FromRequestParts<Platform> for FiguresReader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let key = bearer(&parts.headers);
        let keeper = platform.keeper();
        let known = key.as_ref().filter(|key| keeper.knows_reader(key.expose()));
        let asking = Doctor::from_request_parts(parts, platform);
        let allowed = match known {
            Some(_) => timeout(KNOWN_WITHIN, asking).await.unwrap_or_else(|_| Err(Problem::new(Kind::Unavailable))),
            None => asking.await,
        };
        match (allowed, &key) {
            (Ok(_), Some(key)) => keeper.remember_reader(key.expose()),
            (Ok(_), None) => {}
            (Err(problem), _) if known.is_some() && problem.is(Kind::Unavailable) => {}
            (Err(problem), _) => return Err(problem),
        }
        Ok(Self)
    }
}

/// Gives figures of this server in the format of Prometheus, to operators and administrators, or to their key.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "health", extensions(("x-action" = json!("see_doctor"))),
    responses((status = 200, body = String, content_type = "text/plain"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn figures(State(platform): State<Platform>, _: FiguresReader) -> impl IntoResponse {
    // The chore has looked lately, unless the database hangs.
    let picture = platform.picture(SPEAK_EVERY * 2).await;
    figures::sample(&platform, &picture);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], figures::text())
}
