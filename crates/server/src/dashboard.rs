//! The authority in numbers.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::sign_in::OutbreakReader;
use app::dashboard::MOST_WAITING;
use axum::Json;
use axum::extract::State;
use protocol::http::dashboard::{CaseTally, Dashboard, NewCases};
use protocol::http::problem::Problem as ProblemBody;

/// Shows how many cases there are of each kind, how many wait, are in quarantine, and are new.
#[utoipa::path(get, path = "/api/v1/reports/dashboard", tag = "outbreak", extensions(("x-action" = json!("see_outbreak"))),
    responses((status = 200, body = Dashboard), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn dashboard(State(platform): State<Platform>, worker: OutbreakReader) -> Result<Json<Dashboard>, Problem> {
    let found = platform.app.dashboard(&worker).await?;
    let tally = |tally: &storage::tallies::Tally| CaseTally {
        disease: tally.disease.as_str().to_owned(),
        case_type: tally.case_type.as_str().to_owned(),
        status: tally.status.as_str().to_owned(),
        n: tally.n,
    };
    let day = |(date, new): &(jiff::civil::Date, app::dashboard::NewCases)| NewCases {
        date: date.to_string(),
        index: new.index,
        contacts: new.contacts,
    };
    Ok(Json(Dashboard {
        today: found.today.to_string(),
        cases: found.tallies.iter().map(tally).collect(),
        quarantined: found.quarantined.now,
        quarantine_ends_today: found.quarantined.ends_today,
        new: found.new.iter().map(day).collect(),
        waiting: found.waiting.min(MOST_WAITING),
        waiting_capped: found.waiting > MOST_WAITING,
        mails_waiting: found.mails.waiting,
        mails_failed: found.mails.failed,
    }))
}
