//! Traces: from the request to the row, to a collector that takes them as any would; and nobody in them.

use super::check_ins_killed::{body, send, venues};
use super::serve::{Client, Server};
use super::*;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use serde_json::json;
use std::io::BufReader;
use std::net::TcpStream;
use storage::Store;
use storage::store::{Durability, Place, StoreOptions};
use testkit::collector::Collector;

/// A person who must be nowhere.
const CANARY: [&str; 4] = ["Quarrendell", "Zyxw", "0171 5550199", "zyxw@example.org"];

fn spans(collector: &Collector) -> Vec<Span> {
    let bodies = collector.bodies();
    let decoded = bodies.iter().map(|body| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
    let scopes = decoded.flat_map(|request| request.resource_spans).flat_map(|resource| resource.scope_spans);
    scopes.flat_map(|scope| scope.spans).collect()
}

/// Names of the spans from one up to its root.
fn way(spans: &[Span], span: &Span) -> Vec<String> {
    let mut names = vec![span.name.clone()];
    let mut at = span;
    while let Some(parent) = spans.iter().find(|one| one.span_id == at.parent_span_id) {
        names.push(parent.name.clone());
        at = parent;
    }
    names
}

/// The ways from each span with a name.
fn ways(spans: &[Span], name: &str) -> Vec<Vec<String>> {
    spans.iter().filter(|span| span.name == name).map(|span| way(spans, span)).collect()
}

fn traced(collector: &Collector, more: &str) -> Desk {
    let mut desk = Desk::new();
    let text = format!("{more}\n[traces]\nendpoint = '{}'\nshare = 1.0\n", collector.endpoint());
    let config = desk.write("config.toml", &text);
    desk.options.extend(["--config".to_owned(), config]);
    desk
}

/// Opens a case of the canary, as a first administrator.
async fn open_case(server: &mut Server) {
    let mut client = Client::new(&server.base);
    client.accept(&server.link()).await;
    let [last_name, first_name, mobile, email] = CANARY;
    let case = json!({
        "case_id": "019cab00-0000-7000-8000-0000000000c3", "person_id": "019cab00-0000-7000-8000-0000000000c2",
        "person_is_known": false, "case_type": "index", "disease": null,
        "details": { "first_name": first_name, "last_name": last_name, "mobile": mobile, "email": email,
                     "onset": "2026-01-05", "tested": "2026-01-06" },
    });
    client.post("/api/v1/cases", case).await;
    let found = client.post("/api/v1/cases/search", json!({ "text": last_name })).await;
    assert_eq!(found["count"], 1, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_traced_from_the_request_to_the_row_and_the_person_is_nowhere() {
    let collector = Collector::start();
    let desk = traced(&collector, "");
    let mut server = Server::on(&desk, &[]);
    open_case(&mut server).await;
    server.stop();
    let spans = spans(&collector);
    let of_insert = ways(&spans, "persons::insert");
    let expected = ["persons::insert", "transaction", "app::open_case", "POST /api/v1/cases"];
    assert!(of_insert.iter().any(|way| *way == expected), "{of_insert:?}");
    assert!(!ways(&spans, "keyring").is_empty());
    for body in collector.bodies() {
        let text = String::from_utf8_lossy(&body);
        for word in CANARY.into_iter().chain(["INSERT", "SELECT", "127.0.0.1", "tester"]) {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    assert!(!log.contains("transaction\""), "what is traced is no part of the log: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_in_is_traced_to_its_commit() {
    let collector = Collector::start();
    let desk = traced(&collector, "");
    Server::on(&desk, &[]).stop();
    let place = Place::File(desk.data().join("epitrace.sqlite"));
    let options = StoreOptions { place, durability: Durability::Synced, n_connections: 1 };
    let store = Store::open(&options).await.unwrap();
    let venues = venues(&store, &store, 1).await;
    store.close().await;
    let server = Server::on(&desk, &[]);
    let address = server.base.trim_start_matches("http://").to_owned();
    let mut line = BufReader::new(TcpStream::connect(address).unwrap());
    let (code, _, venue_id) = &venues[0];
    assert_eq!(send(&mut line, &body(code, *venue_id, 1)), Some(201));
    drop(line);
    server.stop();
    let spans = spans(&collector);
    let ways = ways(&spans, "check_ins::commit");
    let expected = ["check_ins::commit", "app::check_in", "POST /api/v1/check-ins"];
    assert!(ways.iter().any(|way| *way == expected), "{ways:?}");
}

/// Asks for something as if a proxy had begun a trace.
async fn ask_within(server: &Server, trace: &str) {
    let asked = reqwest::Client::new().get(format!("{}/api/v1/sign-in", server.base));
    let answer = asked.header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_goes_on_where_a_proxy_began_it_and_nobody_else_is_believed() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    for (more, is_believed) in [("[server]\nbehind_proxy = true\n", true), ("", false)] {
        let collector = Collector::start();
        let desk = traced(&collector, more);
        let server = Server::on(&desk, &[]);
        ask_within(&server, TRACE).await;
        server.stop();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let spans = spans(&collector);
        let asked = spans.iter().find(|span| span.name == "GET /api/v1/sign-in").unwrap();
        assert_eq!(hex(&asked.trace_id) == TRACE, is_believed, "{more}");
    }
}

/// Nobody waits for a collector, and nothing of what they want depends on it.
#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_is_missed_by_nobody() {
    let mut desk = Desk::new();
    let config = desk.write("config.toml", "[traces]\nendpoint = 'http://127.0.0.1:1'\nshare = 1.0\n");
    desk.options.extend(["--config".to_owned(), config]);
    let mut server = Server::on(&desk, &[]);
    open_case(&mut server).await;
    server.stop();
}
