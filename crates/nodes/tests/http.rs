//! The server of a run over real HTTP: what it is asked, and how its answers are understood.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use nodes::host::ReportFrame;
use nodes::http::{HttpError, Key, Server};
use nodes::work::{Control, Reports, Unanswered};
use protocol::http::runs::{REPORTS, RunControl, RunNodes, TakeNodes};
use std::sync::{Arc, Mutex};
use uuid::Uuid;

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const RUN: Uuid = Uuid::from_u128(7);

/// What was asked, and what is answered next; 200 if nothing is said.
#[derive(Clone, Default)]
struct Desk {
    asked: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<Vec<StatusCode>>>,
}

impl Desk {
    fn take(&self, headers: HeaderMap, body: Bytes) -> StatusCode {
        self.asked.lock().unwrap().push((headers, body));
        self.answers.lock().unwrap().pop().unwrap_or(StatusCode::OK)
    }

    fn answer_next(&self, status: u16) {
        self.answers.lock().unwrap().push(StatusCode::from_u16(status).unwrap());
    }

    fn last(&self) -> (HeaderMap, Bytes) {
        self.asked.lock().unwrap().last().cloned().unwrap()
    }
}

fn control() -> serde_json::Value {
    serde_json::json!({
        "run_id": RUN, "state": "running", "parameters": domain::runs::Parameters::default(), "second_us": 50_000,
        "seconds_before": 3, "running_for_us": 120_000, "hosting": "processes", "waiting": {"safe": 1, "infected": 2}
    })
}

/// Serves one run on a free port; returns its address.
async fn serve(desk: Desk) -> String {
    let path = format!("/api/v1/runs/{RUN}");
    let router = Router::new()
        .route(
            &format!("{path}/control"),
            get(async |State(desk): State<Desk>, headers: HeaderMap| match desk.take(headers, Bytes::new()) {
                StatusCode::OK => control().to_string().into_response(),
                status @ StatusCode::TEMPORARY_REDIRECT => (status, [("location", "/elsewhere")]).into_response(),
                status => status.into_response(),
            }),
        )
        .route(
            &format!("{path}/control/take"),
            post(async |State(desk): State<Desk>, headers: HeaderMap, body: Bytes| {
                desk.take(headers, body);
                serde_json::json!({"safe": 1, "infected": 0}).to_string()
            }),
        )
        .route(
            &format!("{path}/reports"),
            post(async |State(desk): State<Desk>, headers: HeaderMap, body: Bytes| match desk.take(headers, body) {
                StatusCode::OK => StatusCode::NO_CONTENT,
                status => status,
            }),
        )
        .route("/elsewhere", get(async || control().to_string()))
        .with_state(desk);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn server(address: &str) -> Server {
    Server::new(address, RUN, &Key::read(KEY).unwrap()).unwrap()
}

#[tokio::test]
async fn the_three_requests_are_as_the_server_wants_them() {
    let desk = Desk::default();
    let server = server(&format!("{}/", serve(desk.clone()).await));
    let expected: RunControl = serde_json::from_value(control()).unwrap();
    assert_eq!(server.read().await.unwrap(), expected);
    assert_eq!(desk.last().0["authorization"], format!("Bearer {KEY}"));
    let offer = TakeNodes { host_id: Uuid::from_u128(9), at_most: 4 };
    assert_eq!(server.take(offer).await.unwrap(), RunNodes { safe: 1, infected: 0 });
    let (_, body) = desk.last();
    let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body, serde_json::json!({"host_id": Uuid::from_u128(9), "at_most": 4}));
    let frames = [&b"abc"[..], b"", b"de"].map(|bytes| ReportFrame { node: RUN, bytes: Bytes::from_static(bytes) });
    server.send(&frames).await.unwrap();
    let (headers, body) = desk.last();
    assert_eq!(
        (&headers["content-type"], &headers["authorization"]),
        (&REPORTS.parse().unwrap(), &format!("Bearer {KEY}").parse().unwrap())
    );
    assert_eq!(&body[..], b"\x03\0\0\0abc\0\0\0\0\x02\0\0\0de");
}

#[tokio::test]
async fn each_answer_is_understood_and_after_one_that_passes_the_same_again_does() {
    let desk = Desk::default();
    let server = server(&serve(desk.clone()).await);
    let said = |error: Unanswered| (error.may_pass(), error.to_string());
    let expected = [
        (401, (false, "the key is not that of the run")),
        (404, (false, "there is no such run")),
        (409, (false, "the run is over")),
        (503, (true, "nobody answers")),
        (413, (true, "nobody answers")),
        (307, (true, "nobody answers")),
    ];
    for (status, (may_pass, sentence)) in expected {
        desk.answer_next(status);
        assert_eq!(said(server.read().await.unwrap_err()), (may_pass, sentence.to_owned()), "{status}");
        desk.answer_next(status);
        assert_eq!(said(server.send(&[]).await.unwrap_err()), (may_pass, sentence.to_owned()), "{status}");
        server.read().await.unwrap();
        server.send(&[]).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_away() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert!(server(&address).read().await.unwrap_err().may_pass());
}

#[tokio::test]
async fn a_key_is_never_printed_and_what_is_no_key_or_no_address_is_refused() {
    let key = Key::read(&format!(" {KEY}\n")).unwrap();
    let server = Server::new("http://127.0.0.1:1", RUN, &key).unwrap();
    let printed = format!("{key:?} {server:?} {:?}", server.read().await.unwrap_err());
    assert!(!printed.contains(KEY) && !printed.contains(&KEY[..8]), "{printed}");
    assert_eq!(key.of_beacons().0, std::array::from_fn(|at| at as u8));
    for wrong in ["", "AAEC", &format!("{KEY}A"), &KEY.replace('A', "+")] {
        assert!(matches!(Key::read(wrong), Err(HttpError::Key)), "{wrong}");
    }
    for wrong in ["", "127.0.0.1:7373", "ftp://127.0.0.1", "http://"] {
        assert!(matches!(Server::new(wrong, RUN, &key), Err(HttpError::Address)), "{wrong}");
    }
}
