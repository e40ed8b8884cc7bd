//! What processes with nodes in them ask and tell, by the key of their run.

use super::shape;
use crate::network::Reported;
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::{Body, Id};
use crate::sign_in::bearer;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use domain::ids::RunId;
use domain::runs::Hosting;
use protocol::http::problem::Problem as ProblemBody;
use protocol::http::runs as http;

/// The run whose key a request brings.
pub struct OwnRun(RunId);

impl FromRequestParts<Platform> for OwnRun {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        let refused = || Problem::new(Kind::NotSignedIn).hint("send authorization: Bearer and the key of the run");
        let key = bearer(&parts.headers).ok_or_else(refused)?;
        let Id(run_id) = Id::<RunId>::from_request_parts(parts, platform).await.map_err(|_| refused())?;
        if platform.app.is_key_of_run(run_id, &key).await? { Ok(Self(run_id)) } else { Err(refused()) }
    }
}

/// Says how a run stands. Nodes ask each second; when nobody answers, they go on.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/control", tag = "nodes", operation_id = "run_control", security(("run_key" = [])),
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::RunControl), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn run_control(
    State(platform): State<Platform>,
    OwnRun(run_id): OwnRun,
) -> Result<Json<http::RunControl>, Problem> {
    Ok(Json(shape::control(platform.app.run_control(run_id, Hosting::Processes).await?)))
}

/// Gives nodes that were asked for to a host, which brings them into being.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/control/take", tag = "nodes", operation_id = "take_nodes",
    security(("run_key" = [])), request_body = http::TakeNodes, params(("run_id" = uuid::Uuid, Path)),
    responses((status = 200, body = http::RunNodes), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn take_nodes(
    State(platform): State<Platform>,
    OwnRun(run_id): OwnRun,
    Body(body): Body<http::TakeNodes>,
) -> Result<Json<http::RunNodes>, Problem> {
    let taken = platform.app.take_nodes(run_id, (Hosting::Processes, body.host_id), body.at_most).await?;
    Ok(Json(http::RunNodes { safe: taken.safe, infected: taken.infected }))
}

/// Reports of nodes, as they travel together.
pub struct ReportBody(Vec<Reported>);

impl<S: Send + Sync> FromRequest<S> for ReportBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind != http::REPORTS) {
            return Err(
                Problem::new(Kind::UnsupportedMedia).hint("send content-type: application/vnd.epitrace.reports")
            );
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Kind::TooLarge),
            _ => Problem::new(Kind::Malformed).detail("the body can't be read"),
        })?;
        read(bytes).map(Self)
    }
}

fn read(mut bytes: Bytes) -> Result<Vec<Reported>, Problem> {
    let mut reports = Vec::new();
    while !bytes.is_empty() {
        let wrong = |what: &str| Problem::field(format!("reports[{}]", reports.len()), what);
        let length = bytes.split_first_chunk::<4>().map(|(length, _)| u32::from_le_bytes(*length) as usize);
        let length = length.filter(|length| *length <= bytes.len() - 4);
        let length = length.ok_or_else(|| wrong("it is shorter than its length says"))?;
        let mut one = bytes.split_to(4 + length);
        reports.push(Reported::read(one.split_off(4)).ok_or_else(|| wrong("it is no report"))?);
    }
    Ok(reports)
}

/// Takes reports. When this is answered they are on the disk; they show up once the consumer has stored them.
#[utoipa::path(
    post, path = "/api/v1/runs/{run_id}/reports", tag = "nodes", operation_id = "report", security(("run_key" = [])),
    request_body(content = Vec<u8>, content_type = "application/vnd.epitrace.reports"),
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 204), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn report(
    State(platform): State<Platform>,
    OwnRun(run_id): OwnRun,
    ReportBody(reports): ReportBody,
) -> Result<StatusCode, Problem> {
    // Also of a run that is over: a node that buffered tells what it lived before.
    platform.publish(run_id, reports).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn frame(length: u32, bytes: &[u8]) -> Vec<u8> {
        [&length.to_le_bytes()[..], bytes].concat()
    }

    #[test]
    fn reports_are_read_one_after_the_other_and_what_is_cut_is_refused() {
        let report = [&[0xb4][..], &[7; 16], &[1, 2, 3]].concat();
        let two = [frame(20, &report), frame(20, &report)].concat();
        let read_two = read(two.clone().into()).unwrap();
        assert_eq!(read_two.len(), 2);
        assert_eq!((&read_two[1].key[..], &read_two[1].bytes[..]), (&[7; 16][..], &report[..]));
        for n in [1, 3, 4, 23, 25, two.len() - 1] {
            assert!(read(two[..n].to_vec().into()).is_err(), "{n} bytes");
        }
        assert!(read(frame(u32::MAX, &report).into()).is_err());
        assert!(read(frame(20, &[0x90; 20]).into()).is_err(), "a beacon is no report");
        assert!(read(frame(3, &report[..3]).into()).is_err(), "it names no node");
    }
}
