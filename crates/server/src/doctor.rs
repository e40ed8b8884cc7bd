//! Whether everything is in order.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::sign_in::Doctor;
use app::doctor::{Surroundings, Verdict};
use axum::Json;
use axum::extract::State;
use protocol::http::doctor::Finding;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;

/// Checks clock, disk, database, keys, territory, mail, guest lists and audit chain.
#[utoipa::path(get, path = "/api/v1/doctor", tag = "doctor", extensions(("x-action" = json!("see_doctor"))),
    responses((status = 200, body = Page<Finding>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn doctor(State(platform): State<Platform>, worker: Doctor) -> Result<Json<Page<Finding>>, Problem> {
    let options = platform.options();
    let around = Surroundings {
        folder: &options.folder,
        keyring: &options.keyring,
        mail: options.mail,
        takes_check_ins: platform.app.takes_check_ins(),
    };
    let findings = platform.app.doctor(&worker, around).await?;
    let shape = |finding: app::doctor::Finding| Finding {
        check: finding.check.to_owned(),
        verdict: match finding.verdict {
            Verdict::Fine => "fine",
            Verdict::Warning => "warning",
            Verdict::Broken => "broken",
        }
        .to_owned(),
        found: finding.found,
        advice: finding.advice,
    };
    Ok(Json(Page::whole(findings.into_iter().map(shape).collect())))
}
