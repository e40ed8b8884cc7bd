//! The live stream of a run: a binary WebSocket.

use super::Looker;
use crate::network::{Live, Network};
use crate::platform::Platform;
use crate::problem::{Kind, Problem};
use crate::request::Id;
use app::runs::Viewer;
use app::{App, Worker};
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use domain::ids::RunId;
use protocol::http::problem::Problem as ProblemBody;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

/// After this long whoever watches must come again, and show again who they are.
const MOST_WATCHED: Duration = Duration::from_secs(600);
/// Nobody sends us anything but a word that they are still there.
const LONGEST_MESSAGE: usize = 1_024;

/// A request to open a stream. Other pages may not open one in somebody's name.
pub struct Opening(WebSocketUpgrade);

impl FromRequestParts<Platform> for Opening {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, platform: &Platform) -> Result<Self, Problem> {
        if comes_from_another_page(&parts.headers, &parts.uri) {
            return Err(Problem::new(Kind::Forged).hint("open the page itself and look there"));
        }
        let upgrade = WebSocketUpgrade::from_request_parts(parts, platform).await;
        let wrong = |_| Problem::new(Kind::Malformed).detail("this is a stream").hint("open it as a WebSocket");
        Ok(Self(upgrade.map_err(wrong)?.max_message_size(LONGEST_MESSAGE)))
    }
}

fn comes_from_another_page(headers: &HeaderMap, uri: &Uri) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 names the host in the address.
    let host = host.or_else(|| uri.authority().map(axum::http::uri::Authority::as_str));
    let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    origin.is_none_or(|(_, at)| Some(at) != host)
}

/// Opens the live stream of a run: how it stands, a key frame, then what is new. A client that is 5 s behind gets a key frame
/// again. All messages are binary; what they hold stands at `protocol::http::runs::live`.
#[utoipa::path(
    get, path = "/api/v1/runs/{run_id}/live", tag = "runs", operation_id = "watch_run", security(()),
    params(("run_id" = uuid::Uuid, Path)),
    responses((status = 101), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")),
)]
pub async fn watch_run(
    State(platform): State<Platform>,
    looker: Looker,
    Id(run_id): Id<RunId>,
    Opening(upgrade): Opening,
) -> Result<Response, Problem> {
    let network = platform.network()?;
    let live = network.watch(&platform.app, looker.viewer(), run_id).await?;
    let watching = Watching { app: platform.app.clone(), network, live, worker: looker.0 };
    Ok(upgrade.on_upgrade(|socket| watching.show(socket)))
}

struct Watching {
    app: App,
    network: Arc<Network>,
    live: Arc<Live>,
    worker: Option<Worker>,
}

impl Watching {
    /// Shows the run until either side ends it. What can't be sent ends it too: the client comes again.
    async fn show(self, mut socket: WebSocket) {
        let until = Instant::now() + MOST_WATCHED;
        let over = tokio::time::sleep_until(until);
        tokio::pin!(over);
        let (first, mut ticks) = self.live.join(&self.network, &self.app).await;
        if send(&mut socket, &first).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                () = &mut over => break,
                said = socket.recv() => match said {
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => return,
                },
                tick = ticks.recv() => {
                    let sent = match tick {
                        Ok(tick) if tick.run.as_ref().is_some_and(|run| self.may_see(run)) => send(&mut socket, &tick.messages).await,
                        Err(RecvError::Lagged(_)) => {
                            let (first, later) = self.live.join(&self.network, &self.app).await;
                            ticks = later;
                            send(&mut socket, &first).await
                        }
                        Ok(_) | Err(RecvError::Closed) => break,
                    };
                    if sent.is_err() {
                        return;
                    }
                }
            }
        }
        // Whoever is gone already doesn't hear it.
        let _ = socket.send(Message::Close(None)).await;
    }

    fn may_see(&self, run: &domain::runs::Run) -> bool {
        self.worker.as_ref().map_or(Viewer::Anybody, Viewer::Staff).sees(run)
    }
}

async fn send(socket: &mut WebSocket, messages: &[Bytes]) -> Result<(), axum::Error> {
    for message in messages {
        socket.send(Message::Binary(message.clone())).await?;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_page_and_programs_open_a_stream() {
        let from = |origin: Option<&'static str>, host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(origin) = origin {
                headers.insert(header::ORIGIN, origin.parse().unwrap());
            }
            comes_from_another_page(&headers, &Uri::from_static("/"))
        };
        assert!(!from(None, "a.example"));
        assert!(!from(Some("https://a.example"), "a.example"));
        assert!(!from(Some("http://127.0.0.1:7373"), "127.0.0.1:7373"));
        for other in ["https://b.example", "https://a.example.evil", "null", "http://127.0.0.1:7374"] {
            assert!(from(Some(other), "a.example"), "{other}");
        }
    }
}
