//! The outbreak: its report, and its chains of transmission.

use crate::cases::{classification, days, disease};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Query;
use crate::sign_in::OutbreakReader;
use app::cases::CaseConditions;
use app::outbreak::OutbreakQuery;
use axum::Json;
use axum::extract::State;
use domain::diseases::SerialIntervalDays;
use domain::ids::FacilityId;
use protocol::http::outbreak::{Chains, OutbreakParams, OutbreakReport};
use protocol::http::problem::Problem as ProblemBody;

/// Days of the window of the reproduction number, where none are asked for.
const WINDOW_DAYS: u32 = 7;
const MOST_WINDOW_DAYS: u32 = 60;

fn conditions(asked: &OutbreakParams) -> Result<CaseConditions, Problem> {
    let (first, last) = (asked.onset_first.as_deref(), asked.onset_last.as_deref());
    Ok(CaseConditions {
        classification: classification(asked.classification.as_deref())?,
        place: asked.place.map(FacilityId),
        setting: asked.setting.clone(),
        onset: days(("onset_first", "onset_last"), first, last)?,
        ..CaseConditions::default()
    })
}

fn query(asked: &OutbreakParams) -> Result<OutbreakQuery, Problem> {
    let window = asked.window_days.unwrap_or(WINDOW_DAYS);
    if !(1..=MOST_WINDOW_DAYS).contains(&window) {
        return Err(Problem::field("window_days", format!("choose 1 to {MOST_WINDOW_DAYS}")));
    }
    let is_usable = |days: f64| days.is_finite() && days > 0.0;
    let serial_interval = match (asked.serial_mean, asked.serial_sd) {
        (None, None) => None,
        (Some(mean), Some(sd)) if is_usable(mean) && is_usable(sd) => Some(SerialIntervalDays { mean, sd }),
        (Some(_), Some(_)) => return Err(Problem::field("serial_mean", "mean and sd must be days above 0")),
        _ => return Err(Problem::field("serial_mean", "give serial_mean and serial_sd together")),
    };
    Ok(OutbreakQuery { disease: disease(asked.disease.as_deref())?, serial_interval, window_days: window as usize })
}

/// Derives the outbreak report over the cases that are asked for.
#[utoipa::path(get, path = "/api/v1/reports/outbreak", tag = "outbreak", extensions(("x-action" = json!("see_outbreak"))), params(OutbreakParams),
    responses((status = 200, body = OutbreakReport), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn outbreak_report(
    State(platform): State<Platform>,
    worker: OutbreakReader,
    Query(asked): Query<OutbreakParams>,
) -> Result<Json<OutbreakReport>, Problem> {
    Ok(Json(platform.app.outbreak_report_on(&worker, &query(&asked)?, &conditions(&asked)?).await?))
}

/// Derives who infected whom among the cases that are asked for.
#[utoipa::path(get, path = "/api/v1/reports/outbreak/chains", tag = "outbreak", extensions(("x-action" = json!("see_outbreak"))), params(OutbreakParams),
    responses((status = 200, body = Chains), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn outbreak_chains(
    State(platform): State<Platform>,
    worker: OutbreakReader,
    Query(asked): Query<OutbreakParams>,
) -> Result<Json<Chains>, Problem> {
    let query = query(&asked)?;
    Ok(Json(platform.app.outbreak_chains(&worker, query.disease, &conditions(&asked)?).await?))
}
