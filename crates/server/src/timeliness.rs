//! Time is the measure: shares of cases within 24 and 48 hours, and what each worker has.

use crate::cases::{days, disease};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Query;
use crate::sign_in::{CaseReader, OutbreakReader};
use app::timeliness::{Timeliness, TimelinessQuery, Workload};
use axum::Json;
use axum::extract::State;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::timeliness::TimelinessParams;

/// Counts how fast the cases were taken up that were reported in a period.
#[utoipa::path(get, path = "/api/v1/reports/timeliness", tag = "outbreak", extensions(("x-action" = json!("see_outbreak"))), params(TimelinessParams),
    responses((status = 200, body = Timeliness), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn timeliness(
    State(platform): State<Platform>,
    worker: OutbreakReader,
    Query(asked): Query<TimelinessParams>,
) -> Result<Json<Timeliness>, Problem> {
    let days = days(("first", "last"), asked.first.as_deref(), asked.last.as_deref())?;
    let disease = disease(asked.disease.as_deref())?;
    let query = TimelinessQuery { disease, first: days.first, last: days.last };
    Ok(Json(platform.app.timeliness(&worker, &query).await?))
}

/// Lists what each of the staff has.
#[utoipa::path(get, path = "/api/v1/reports/workload", tag = "outbreak", extensions(("x-action" = json!("see_cases"))),
    responses((status = 200, body = Workload), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn workload(State(platform): State<Platform>, worker: CaseReader) -> Result<Json<Workload>, Problem> {
    Ok(Json(platform.app.workload(&worker).await?))
}
