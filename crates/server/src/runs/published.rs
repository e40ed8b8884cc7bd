//! `GET /data`, as the page of the published system asked for it.

use super::Looker;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Query;
use app::runs::NodeSecond;
use axum::Json;
use axum::extract::State;
use domain::ids::RunId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::runs as http;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Gives a run as the published page asked for it: everything so far, an entry for each second. Without `run` it is the newest
/// run that the caller sees. Runs of up to 200 nodes and 1,000 seconds; larger ones are at `/frames`.
#[utoipa::path(
    get, path = "/data", tag = "runs", operation_id = "data", security(()), params(http::DataQuery),
    responses((status = 200, body = http::PublishedData), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn data(
    State(platform): State<Platform>,
    looker: Looker,
    Query(asked): Query<http::DataQuery>,
) -> Result<Json<http::PublishedData>, Problem> {
    let newest = async || Ok::<_, Problem>(platform.app.runs(looker.viewer()).await?.first().map(|run| run.run_id));
    let run_id = match asked.run {
        Some(run) => RunId(run),
        None => {
            newest().await?.ok_or_else(|| Problem::new(Kind::NotFound).detail("there is no run that you may see"))?
        }
    };
    let (run, lived) = platform.app.published_data(looker.viewer(), run_id).await?;
    let (run, lived) = (
        run,
        lived.ok_or_else(|| {
            Problem::new(Kind::TooLarge)
                .detail("this run has more than 200 nodes or 1,000 seconds")
                .hint("ask for /api/v1/runs/{run_id}/frames")
        })?,
    );
    let started = run.created_at;
    Ok(Json(http::PublishedData { result: entries(&lived, |second| started + run.clock.second * second) }))
}

fn entries(lived: &[NodeSecond], at: impl Fn(u32) -> Timestamp) -> Vec<Map<String, Value>> {
    let mut by_second: BTreeMap<u32, Map<String, Value>> = BTreeMap::new();
    for node in lived {
        let (Some(node_id), state) = (node.node_id, node.state) else { continue };
        let told = TimeZone::UTC.to_datetime(at(node.second)).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let value = json!({
            "position": [state.position.x, state.position.y],
            "timestamp": told,
            "infected": state.health == domain::runs::Health::Infected,
            "alive": state.alive,
        });
        by_second.entry(node.second).or_default().insert(node_id.to_string(), value);
    }
    let numbered = |(number, (_, mut entry)): (usize, (u32, Map<String, Value>))| {
        entry.insert("_id".to_owned(), json!(number));
        entry
    };
    by_second.into_iter().enumerate().map(numbered).collect()
}
