//! Runs are made, changed, stopped and deleted, and somebody keeps how they look at them.

use super::shape;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id};
use crate::sign_in::RunMaker;
use app::runs::{NewRun, RunChange};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::ids::RunId;
use domain::runs::{Hosting, Visibility};
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::runs as http;
use std::time::Duration;
use storage::runs::Choice;

fn visibility(word: &str) -> Result<Visibility, Problem> {
    Visibility::find(word).ok_or_else(|| Problem::field("visibility", "choose owner, staff or anybody"))
}

/// Makes a run, which begins at once.
#[utoipa::path(
    post, path = "/api/v1/runs", tag = "runs", operation_id = "make_run", request_body = http::NewRun,
    responses((status = 201, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn make_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Body(body): Body<http::NewRun>,
) -> Result<(StatusCode, Json<http::Run>), Problem> {
    let hosting = Hosting::find(&body.hosting);
    let new = NewRun {
        run_id: RunId(body.run_id),
        name: body.name,
        visibility: visibility(&body.visibility)?,
        is_rehearsal: body.is_rehearsal,
        parameters: body.parameters,
        second: Duration::from_millis(body.second_ms.into()),
        nodes: shape::nodes(body.nodes),
        hosting: hosting.ok_or_else(|| Problem::field("hosting", "choose server or processes"))?,
    };
    let run = platform.app.make_run(&worker, new).await?;
    platform.run_was_made();
    Ok((StatusCode::CREATED, Json(shape::run(&platform.app, Some(&worker), run, None))))
}

async fn changed(
    platform: &Platform,
    worker: &RunMaker,
    run_id: RunId,
    change: RunChange,
) -> Result<Json<http::Run>, Problem> {
    let run = platform.app.change_run(worker, run_id, change).await?;
    Ok(Json(shape::run(&platform.app, Some(worker), run, None)))
}

/// Changes name and visibility of a run.
#[utoipa::path(
    patch, path = "/api/v1/runs/{run_id}", tag = "runs", operation_id = "change_run", request_body = http::RunChange,
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn change_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
    Body(body): Body<http::RunChange>,
) -> Result<Json<http::Run>, Problem> {
    let described =
        RunChange::Described { name: body.name, visibility: body.visibility.as_deref().map(visibility).transpose()? };
    changed(&platform, &worker, run_id, described).await
}

/// Deletes a run that is over, with all that there is of it.
#[utoipa::path(
    delete, path = "/api/v1/runs/{run_id}", tag = "runs", operation_id = "delete_run",
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn delete_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
) -> Result<StatusCode, Problem> {
    platform.app.delete_run(&worker, run_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Adds nodes to a run.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/nodes", tag = "runs", operation_id = "add_nodes", request_body = http::RunNodes,
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn add_nodes(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
    Body(body): Body<http::RunNodes>,
) -> Result<Json<http::Run>, Problem> {
    changed(&platform, &worker, run_id, RunChange::Nodes(shape::nodes(body))).await
}

/// Lets a run stand still.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/pause", tag = "runs", operation_id = "pause_run",
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn pause_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
) -> Result<Json<http::Run>, Problem> {
    changed(&platform, &worker, run_id, RunChange::Pause).await
}

/// Lets a run go on.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/resume", tag = "runs", operation_id = "resume_run",
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn resume_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
) -> Result<Json<http::Run>, Problem> {
    changed(&platform, &worker, run_id, RunChange::Resume).await
}

/// Ends a run. It can be looked at afterwards, and can't go on.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/stop", tag = "runs", operation_id = "stop_run",
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn stop_run(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
) -> Result<Json<http::Run>, Problem> {
    changed(&platform, &worker, run_id, RunChange::Stop).await
}

/// Makes a key by which processes take part in a run. It is told once; the one before ends.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/key", tag = "runs", operation_id = "make_run_key",
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 201, body = http::RunKey), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn make_run_key(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
) -> Result<(StatusCode, Json<http::RunKey>), Problem> {
    let key = platform.app.make_run_key(&worker, run_id).await?;
    Ok((StatusCode::CREATED, Json(http::RunKey { key: key.expose().to_owned() })))
}

/// Returns how somebody looks at runs, and with what they start them.
#[utoipa::path(
    get, path = "/api/v1/run-choices", tag = "runs", operation_id = "run_choices",
    responses((status = 200, body = http::RunChoices), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn run_choices(
    State(platform): State<Platform>,
    worker: RunMaker,
) -> Result<Json<http::RunChoices>, Problem> {
    let choices = platform.app.run_choices(&worker).await?;
    let read = |chosen: Option<String>| chosen.and_then(|chosen| serde_json::from_str(&chosen).ok());
    Ok(Json(http::RunChoices { map: read(choices.map), parameters: read(choices.parameters) }))
}

/// Keeps how somebody looks at the map.
#[utoipa::path(
    put, path = "/api/v1/run-choices/map", tag = "runs", operation_id = "choose_map", request_body = http::RunChoice,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn choose_map(
    State(platform): State<Platform>,
    worker: RunMaker,
    Body(body): Body<http::RunChoice>,
) -> Result<StatusCode, Problem> {
    choose(&platform, &worker, Choice::Map, &body).await
}

/// Keeps with what somebody starts runs.
#[utoipa::path(
    put, path = "/api/v1/run-choices/parameters", tag = "runs", operation_id = "choose_parameters",
    request_body = http::RunChoice,
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn choose_parameters(
    State(platform): State<Platform>,
    worker: RunMaker,
    Body(body): Body<http::RunChoice>,
) -> Result<StatusCode, Problem> {
    choose(&platform, &worker, Choice::Parameters, &body).await
}

async fn choose(
    platform: &Platform,
    worker: &RunMaker,
    choice: Choice,
    chosen: &http::RunChoice,
) -> Result<StatusCode, Problem> {
    let chosen = serde_json::Value::Object(chosen.chosen.clone()).to_string();
    platform.app.choose_for_runs(worker, choice, &chosen).await?;
    Ok(StatusCode::NO_CONTENT)
}
