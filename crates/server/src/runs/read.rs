//! What is read of runs.

use super::{Looker, NodeOfRun, shape};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Id, Query};
use crate::sign_in::RunMaker;
use app::runs::{NoReproduction, Viewer};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use domain::ids::RunId;
use protocol::http::page::Page;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::runs as http;
use storage::runs::KeptFrame;

/// Lists runs, newest first, at most 500: those that anybody may see, and the staff's for who signed in.
#[utoipa::path(
    get, path = "/api/v1/runs", tag = "runs", operation_id = "list_runs", security(()),
    responses((status = 200, body = Page<http::Run>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn list_runs(State(platform): State<Platform>, looker: Looker) -> Result<Json<Page<http::Run>>, Problem> {
    let runs = platform.app.runs(looker.viewer()).await?;
    let shaped = runs.into_iter().map(|run| shape::run(&platform.app, looker.worker(), run, None));
    Ok(Json(Page::whole(shaped.collect())))
}

/// Shows a run.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}", tag = "runs", operation_id = "show_run", security(()),
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::Run), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn show_run(
    State(platform): State<Platform>,
    looker: Looker,
    Id(run_id): Id<RunId>,
) -> Result<Json<http::Run>, Problem> {
    let now = platform.app.run_now(looker.viewer(), run_id).await?;
    Ok(Json(shape::run(&platform.app, looker.worker(), now.run, now.newest_second)))
}

/// Counts the nodes of a run as they were at a second.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/statistics", tag = "runs", operation_id = "run_statistics", security(()),
    params(("run_id" = uuid::Uuid, Path), http::AtSecond),
    responses((status = 200, body = http::RunStatistics), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn run_statistics(
    State(platform): State<Platform>,
    looker: Looker,
    Id(run_id): Id<RunId>,
    Query(asked): Query<http::AtSecond>,
) -> Result<Json<http::RunStatistics>, Problem> {
    let (second, counted) = platform.app.run_statistics(looker.viewer(), run_id, asked.at).await?;
    Ok(Json(shape::statistics(second, counted)))
}

/// Tells how the numbers of a run went.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/curve", tag = "runs", operation_id = "run_curve", security(()),
    params(("run_id" = uuid::Uuid, Path), http::SecondsFromTo),
    responses((status = 200, body = http::RunCurve), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn run_curve(
    State(platform): State<Platform>,
    looker: Looker,
    Id(run_id): Id<RunId>,
    Query(asked): Query<http::SecondsFromTo>,
) -> Result<Json<http::RunCurve>, Problem> {
    let curve = platform.app.run_curve(looker.viewer(), run_id, asked.from, asked.to).await?;
    let reason = match curve.reproduction {
        Ok(_) => None,
        Err(NoReproduction::NobodyWell) => Some("nobody who was infected during the run is well again yet"),
        Err(NoReproduction::NotTold) => Some("published nodes don't say who infected them"),
    };
    Ok(Json(http::RunCurve {
        points: curve.points.iter().map(shape::point).collect(),
        reproduction: curve.reproduction.ok(),
        reproduction_reason: reason.map(str::to_owned),
    }))
}

/// Tells where the nodes of a run were: as JSON, up to 10,000 node-seconds; or the frames as they are stored, from the last key
/// frame at or before the first second, for who accepts `application/vnd.epitrace.frames`.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/frames", tag = "runs", operation_id = "run_frames", security(()),
    params(("run_id" = uuid::Uuid, Path), http::SecondsFromTo),
    responses(
        (status = 200, content((http::NodeSeconds = "application/json"), (Vec<u8> = "application/vnd.epitrace.frames"))),
        (status = "4XX", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
pub async fn run_frames(
    State(platform): State<Platform>,
    looker: Looker,
    Id(run_id): Id<RunId>,
    Query(asked): Query<http::SecondsFromTo>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let accepts = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepts.split(',').any(|kind| kind.split(';').next().map(str::trim) == Some(http::FRAMES)) {
        let frames = platform.app.run_frames(looker.viewer(), run_id, asked.from, asked.to).await?;
        return Ok(([(header::CONTENT_TYPE, http::FRAMES)], written(&frames)).into_response());
    }
    let lived = platform.app.run_node_seconds(looker.viewer(), run_id, asked.from, asked.to).await?;
    Ok(Json(http::NodeSeconds { node_seconds: lived.into_iter().map(shape::node_second).collect() }).into_response())
}

fn written(frames: &[KeptFrame]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(frames.iter().map(|frame| frame.packed.len() + 15).sum());
    for frame in frames {
        bytes.extend(frame.at.second.to_le_bytes());
        bytes.push(frame.at.kind);
        bytes.extend(u16::try_from(frame.at.chain).unwrap_or(u16::MAX).to_le_bytes());
        bytes.extend(u32::try_from(frame.at.part).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(u32::try_from(frame.packed.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(&frame.packed);
    }
    bytes
}

/// Lists which nodes of a run met, by pair and five minutes. For the staff: of a public run anybody sees those of one node.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/encounters", tag = "runs", operation_id = "run_encounters",
    params(("run_id" = uuid::Uuid, Path), http::EncountersQuery),
    responses((status = 200, body = Page<http::RunEncounter>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
    extensions(("x-action" = json!("make_runs"))),
)]
pub async fn run_encounters(
    State(platform): State<Platform>,
    worker: RunMaker,
    Id(run_id): Id<RunId>,
    Query(asked): Query<http::EncountersQuery>,
) -> Result<Json<Page<http::RunEncounter>>, Problem> {
    let after = asked.cursor.as_deref().map(after).transpose()?;
    let (met, has_more) = platform.app.run_encounters(Viewer::Staff(&worker), run_id, after).await?;
    let next = met.last().filter(|_| has_more).map(|last| format!("{}.{}.{}", last.lower, last.higher, last.slot));
    Ok(Json(Page { items: met.iter().map(shape::encounter).collect(), next }))
}

/// Reads where the page before ended. Numbers of nodes are no secret.
fn after(cursor: &str) -> Result<(u32, u32, u32), Problem> {
    let mut numbers = cursor.split('.').map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(lower)), Some(Ok(higher)), Some(Ok(slot)), None) => Ok((lower, higher, slot)),
        _ => Err(Problem::field("cursor", "this cursor belongs to another list; begin anew")),
    }
}

/// Tells what became of a node of a run, and whom it met.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/nodes/{no}", tag = "runs", operation_id = "run_node", security(()),
    params(("run_id" = uuid::Uuid, Path), ("no" = u32, Path)),
    responses((status = 200, body = http::NodeHistory), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn run_node(
    State(platform): State<Platform>,
    looker: Looker,
    NodeOfRun(run_id, no): NodeOfRun,
) -> Result<Json<http::NodeHistory>, Problem> {
    let history = platform.app.run_node(looker.viewer(), run_id, no).await?;
    Ok(Json(shape::history(no, history)))
}
