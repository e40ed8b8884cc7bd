//! `GET /data`, as the page of the published system asked for it.

use super::Looker;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Query;
use app::runs::{NodeSecond, Published};
use axum::Json;
use axum::extract::State;
use domain::ids::RunId;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::runs as http;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Gives a run as the published page asked for it: everything so far, an entry for each second in which something was heard.
/// Timestamps of published nodes are their own, others are UTC. Without `run` it is the newest
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
    let Published { run, lived, clocks } = platform.app.published_data(looker.viewer(), run_id).await?;
    let lived = lived.ok_or_else(|| {
        Problem::new(Kind::TooLarge)
            .detail("this run has more than 200 nodes or 1,000 seconds")
            .hint("ask for /api/v1/runs/{run_id}/frames")
    })?;
    let at = |node: &NodeSecond| match clocks.get(&(node.no, node.second)) {
        Some(shown) => *shown,
        None => TimeZone::UTC.to_datetime(run.created_at + run.clock.second * node.second),
    };
    Ok(Json(http::PublishedData { result: entries(&lived, at) }))
}

/// As Python's `str` of a datetime: without a fraction of a second where there is none.
fn written(at: DateTime) -> String {
    let fraction = if at.subsec_nanosecond() == 0 { "" } else { "%.6f" };
    at.strftime(&format!("%Y-%m-%d %H:%M:%S{fraction}")).to_string()
}

fn entries(lived: &[NodeSecond], at: impl Fn(&NodeSecond) -> DateTime) -> Vec<Map<String, Value>> {
    let mut by_second: BTreeMap<u32, Map<String, Value>> = BTreeMap::new();
    for node in lived {
        let (Some(node_id), state) = (node.node_id, node.state) else { continue };
        let value = json!({
            "position": [state.position.x, state.position.y],
            "timestamp": written(at(node)),
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
