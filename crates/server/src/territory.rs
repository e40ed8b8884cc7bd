//! Who is responsible where somebody lives, for those who write down addresses.

use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::Body;
use crate::sign_in::CaseWorker;
use app::case_work::PostcodeCheck;
use axum::Json;
use axum::extract::State;
use domain::territory::Office;
use protocol::http::patient::OtherOffice;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::territory as http;

/// Longest text that is looked at.
const LONGEST: usize = 20;

/// Returns what was found in the words of the API: for the page of patients, and for that of the staff.
pub(crate) fn shaped(found: PostcodeCheck) -> http::PostcodeCheck {
    let (postcode, offices) = match found {
        PostcodeCheck::Unchecked => ("unchecked", Vec::new()),
        PostcodeCheck::Ours => ("ours", Vec::new()),
        PostcodeCheck::Others(offices) => ("others", offices),
        PostcodeCheck::Unknown => ("unknown", Vec::new()),
    };
    let office = |office: Office| OtherOffice {
        name: office.name,
        address: office.address,
        phone: office.phone,
        email: office.email,
    };
    http::PostcodeCheck { postcode: postcode.to_owned(), offices: offices.into_iter().map(office).collect() }
}

/// Says who is responsible for a postcode. It stands in the body, because it may be somebody's.
#[utoipa::path(
    post, path = "/api/v1/postcodes/check", tag = "cases", operation_id = "check_postcode",
    request_body = http::PostcodeToCheck,
    responses((status = 200, body = http::PostcodeCheck), (status = "4XX", body = ProblemBody)),
    extensions(("x-action" = json!("work_on_cases"))),
)]
pub async fn check_postcode(
    State(platform): State<Platform>,
    worker: CaseWorker,
    Body(body): Body<http::PostcodeToCheck>,
) -> Result<Json<http::PostcodeCheck>, Problem> {
    if body.postcode.chars().count() > LONGEST {
        return Err(Problem::field("postcode", format!("at most {LONGEST} characters")));
    }
    Ok(Json(shaped(platform.app.whose_postcode(&worker, &body.postcode).await?)))
}
