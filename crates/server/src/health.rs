//! Is it alive, can it work, and in figures: for supervisors and Prometheus. No person, no authority.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::sign_in::Doctor;
use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use protocol::http::doctor::Health;
use protocol::http::problem::Problem as ProblemBody;
use std::sync::OnceLock;

/// Seconds into which answers are counted.
const BUCKETS: &[f64] = &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

static METRICS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Begins to count. Where somebody else counts already, there are no figures of ours.
pub fn count() {
    METRICS.get_or_init(|| {
        let builder = PrometheusBuilder::new();
        let matcher = Matcher::Full("epitrace_http_request_seconds".to_owned());
        builder.set_buckets_for_metric(matcher, BUCKETS).ok()?.install_recorder().ok()
    });
}

/// Sums up what was counted, so that it takes no more and more memory while nobody asks.
pub fn sum_up() {
    if let Some(Some(handle)) = METRICS.get() {
        handle.run_upkeep();
    }
}

/// Says that the process is alive.
#[utoipa::path(get, path = "/health/live", tag = "health", security(()), responses((status = 200, body = Health)))]
pub async fn live() -> Json<Health> {
    Json(Health { status: "ok".to_owned() })
}

/// Says that the database answers.
#[utoipa::path(get, path = "/health/ready", tag = "health", security(()),
    responses((status = 200, body = Health), (status = 503, body = ProblemBody, content_type = "application/problem+json")))]
pub async fn ready(State(platform): State<Platform>) -> Result<Json<Health>, Problem> {
    platform.app.authorities().await?;
    Ok(Json(Health { status: "ok".to_owned() }))
}

/// Gives figures of this server in the format of Prometheus, to operators and administrators, or to their key.
#[utoipa::path(get, path = "/api/v1/metrics", tag = "health", extensions(("x-action" = json!("see_doctor"))),
    responses((status = 200, body = String, content_type = "text/plain"), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn figures(_: Doctor) -> impl IntoResponse {
    let text = METRICS.get().and_then(Option::as_ref).map(PrometheusHandle::render).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text)
}
