//! Runs over HTTP: made, watched, looked at afterwards; what their nodes bring; and who may what.

use crate::site::{Browser, Site};
use domain::authorities::Role;
use domain::runs::{Health, NodeState, Position};
use futures_util::StreamExt;
use protocol::frames::Picture;
use protocol::http::runs::{FRAMES, REPORTS, live};
use protocol::nodes::{Report, ReportView};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::contract;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

/// Makes a run that only its owner sees; returns its id.
pub async fn own_run(browser: &Browser<'_>, name: &str) -> String {
    let run = new_run(name, "owner", json!({ "safe": 0, "infected": 0 }));
    browser.post("/runs", run.clone()).await.ok(201);
    run["run_id"].as_str().unwrap().to_owned()
}

pub fn new_run(name: &str, visibility: &str, nodes: Value) -> Value {
    let run_id = Uuid::new_v4();
    json!({ "run_id": run_id, "name": name, "visibility": visibility, "nodes": nodes })
}

pub async fn made(browser: &Browser<'_>, visibility: &str, nodes: Value) -> String {
    let made = browser.post("/runs", new_run("Field", visibility, nodes)).await.ok(201);
    made["run_id"].as_str().unwrap().to_owned()
}

/// A live stream, and what was seen in it.
pub struct Stream {
    socket: tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>,
    pub picture: Picture,
    pub newest: Option<u32>,
    state: u8,
    pub is_late: bool,
}

impl Stream {
    pub async fn of(browser: &Browser<'_>, run_id: &str) -> Self {
        let address = format!("{}/api/v1/runs/{run_id}/live", browser.base.replace("http", "ws"));
        let mut request = address.into_client_request().unwrap();
        let cookie = browser.cookie.lock().unwrap().clone();
        if !cookie.is_empty() {
            request.headers_mut().insert("cookie", cookie.parse().unwrap());
        }
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { socket, picture: Picture::default(), newest: None, state: 9, is_late: false }
    }

    /// Reads a message; `false` at the end.
    pub async fn read(&mut self) -> bool {
        let message = match self.socket.next().await {
            Some(Ok(Message::Binary(message))) => message,
            Some(Ok(Message::Close(_)) | Err(_)) | None => return false,
            Some(Ok(_)) => return true,
        };
        match message.split_first() {
            Some((&live::FRAME, frame)) => {
                self.picture.apply(frame).unwrap();
            }
            Some((&live::NOW, now)) => {
                let newest = u32::from_le_bytes(now[8..12].try_into().unwrap());
                self.newest = (newest != u32::MAX).then_some(newest);
                (self.state, self.is_late) = (now[12], now[13] != 0);
            }
            other => panic!("{other:?}"),
        }
        true
    }

    pub async fn until(&mut self, is_so: impl Fn(&Self) -> bool) {
        while !is_so(self) {
            assert!(self.read().await, "the stream ended");
        }
    }
}

pub fn report(node: Uuid, seq: u32, second: u32, x: u16) -> Vec<u8> {
    let state = NodeState { position: Position { x, y: 7 }, health: Health::Susceptible, alive: true };
    let report =
        Report { node, boot: 1, seq, second, state, steps: Vec::new(), infected_by: None, contacts: Vec::new() };
    let bytes = report.write().unwrap();
    assert!(ReportView::read(&bytes).is_ok());
    bytes
}

pub fn together(reports: &[Vec<u8>]) -> Vec<u8> {
    let one = |report: &Vec<u8>| [&(report.len() as u32).to_le_bytes()[..], report].concat();
    reports.iter().flat_map(one).collect()
}

contract! {
    /// From the first second to the numbers afterwards, with nodes that live in the server.
    async fn nodes_in_the_server_are_watched_counted_and_told_of(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let run_id = made(&kim, "anybody", json!({ "safe": 18, "infected": 2 })).await;
        // Nobody needs to sign in for a public run.
        let anybody = site.stranger();
        let mut stream = Stream::of(&anybody, &run_id).await;
        stream.until(|seen| seen.picture.nodes().count() == 20).await;
        site.wait_s(30);
        stream.until(|seen| seen.newest >= Some(29)).await;
        let path = format!("/runs/{run_id}");
        let run = anybody.get(&path).await.ok(200);
        assert_eq!((&run["state"], &run["may_change"], &run["second"]), (&json!("running"), &json!(false), &json!(30)));
        for second in [5, 20, 29] {
            let counted = anybody.get(&format!("{path}/statistics?at={second}")).await.ok(200);
            let lived = anybody.get(&format!("{path}/frames?from={second}&to={second}")).await.ok(200);
            let lived = lived["node_seconds"].as_array().unwrap().clone();
            let infected = lived.iter().filter(|node| node["health"] == "infected").count();
            assert_eq!(lived.len(), 20);
            assert_eq!((&counted["total"], &counted["zombies"], &counted["silent"]), (&json!(20), &json!(infected), &json!(0)));
            let curve = anybody.get(&format!("{path}/curve?from=0&to={second}")).await.ok(200);
            assert_eq!(curve["points"].as_array().unwrap().last(), Some(&counted));
        }
        let stored = anybody.get_accepting(&format!("{path}/frames?from=29&to=29"), FRAMES).await;
        assert_eq!((stored.status, stored.header("content-type")), (200, FRAMES));
        let history = anybody.get(&format!("{path}/nodes/0")).await.ok(200);
        assert_eq!(history["spans"][0]["from"], history["spans"].as_array().unwrap()[0]["from"]);
        assert!(history["spans"].as_array().unwrap().iter().all(|span| span["alive"] == true));
        anybody.get(&format!("{path}/nodes/20")).await.ok(404);
        let data = anybody.get(&format!("/data?run={run_id}")).await.ok(200);
        let entry = data["result"].as_array().unwrap().last().unwrap().as_object().unwrap().clone();
        assert_eq!(entry.len(), 21, "each node and _id");
        kim.post(&format!("{path}/stop"), json!({})).await.ok(200);
        stream.until(|seen| seen.state == 2).await;
        kim.delete(&path).await.ok(204);
        anybody.get(&path).await.ok(404);
        while stream.read().await {}
    }

    async fn a_run_stands_still_goes_on_and_gets_more_nodes(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let run_id = made(&kim, "staff", json!({ "safe": 3, "infected": 0 })).await;
        let mut stream = Stream::of(&kim, &run_id).await;
        stream.until(|seen| seen.picture.nodes().count() == 3).await;
        let path = format!("/runs/{run_id}");
        assert_eq!(kim.post(&format!("{path}/pause"), json!({})).await.ok(200)["state"], "paused");
        stream.until(|seen| seen.state == 1).await;
        assert_eq!(kim.post(&format!("{path}/resume"), json!({})).await.ok(200)["state"], "running");
        let more = kim.post(&format!("{path}/nodes"), json!({ "safe": 1, "infected": 2 })).await.ok(200);
        assert_eq!(more["nodes"], json!({ "safe": 4, "infected": 2 }));
        site.wait_s(10);
        stream.until(|seen| seen.picture.nodes().count() == 6).await;
        kim.delete(&path).await.ok(409);
    }

    /// Nodes of other processes: by the run's key and nothing else.
    async fn processes_report_by_the_key_of_their_run(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut run = new_run("Yard", "staff", json!({ "safe": 2, "infected": 1 }));
        run["hosting"] = json!("processes");
        let run_id = kim.post("/runs", run).await.ok(201)["run_id"].as_str().unwrap().to_owned();
        let other = made(&kim, "staff", json!({ "safe": 0, "infected": 0 })).await;
        let key = kim.post(&format!("/runs/{run_id}/key"), json!({})).await.ok(201);
        let mut node = site.stranger();
        node.token = Some(key["key"].as_str().unwrap().to_owned());
        let path = format!("/runs/{run_id}");
        let control = node.get(&format!("{path}/control")).await.ok(200);
        assert_eq!((&control["state"], &control["waiting"]), (&json!("running"), &json!({ "safe": 2, "infected": 1 })));
        // Each node is given once, to one host.
        let take = |host: u128, at_most: u32| json!({ "host_id": Uuid::from_u128(host), "at_most": at_most });
        let first = node.post(&format!("{path}/control/take"), take(1, 2)).await.ok(200);
        assert_eq!(first, json!({ "safe": 1, "infected": 1 }));
        assert_eq!(node.post(&format!("{path}/control/take"), take(2, 9)).await.ok(200), json!({ "safe": 0, "infected": 0 }));
        site.wait_s(16);
        assert_eq!(node.post(&format!("{path}/control/take"), take(2, 9)).await.ok(200), json!({ "safe": 1, "infected": 0 }));
        let mut stream = Stream::of(&kim, &run_id).await;
        let reports = together(&[report(Uuid::from_u128(7), 0, 3, 5), report(Uuid::from_u128(8), 0, 3, 6)]);
        let send = async |browser: &Browser<'_>, run: &str, kind: &str, bytes: &[u8]| {
            browser.raw(Method::POST, &format!("/runs/{run}/reports"), Some((kind, bytes.to_vec()))).await
        };
        send(&node, &run_id, REPORTS, &reports).await.ok(204);
        stream.until(|seen| seen.picture.nodes().count() == 2).await;
        send(&node, &run_id, REPORTS, &[]).await.ok(204);
        assert_eq!(send(&node, &run_id, "application/json", b"{}").await.status, 415);
        assert_eq!(send(&node, &run_id, REPORTS, &reports[..reports.len() - 1]).await.fields(), ["reports[1]"]);
        assert_eq!(send(&node, &run_id, REPORTS, &vec![0; 2 << 20]).await.status, 413);
        // Neither does it open another run, nor does somebody's session replace it, nor the one before.
        assert_eq!(send(&node, &other, REPORTS, &reports).await.status, 401);
        assert_eq!(send(&kim, &run_id, REPORTS, &reports).await.status, 401);
        assert_eq!(node.get(&path).await.status, 401, "a key of nodes is no key of the staff");
        kim.post(&format!("{path}/key"), json!({})).await.ok(201);
        assert_eq!(send(&node, &run_id, REPORTS, &reports).await.status, 401);
        let (mo, _) = site.person("mo", Role::CaseWorker).await;
        assert_eq!(mo.post(&format!("{path}/key"), json!({})).await.status, 403);
    }

    async fn who_may_not_see_a_run_finds_none_and_who_does_not_own_it_changes_nothing(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mo, _) = site.person("mo", Role::CaseWorker).await;
        let own = own_run(&kim, "Mine").await;
        let staffs = made(&kim, "staff", json!({ "safe": 0, "infected": 0 })).await;
        let public = made(&kim, "anybody", json!({ "safe": 0, "infected": 0 })).await;
        let anybody = site.stranger();
        let reads = ["", "/statistics", "/curve?from=0&to=1", "/frames?from=0&to=1", "/encounters", "/live"];
        for (who, seen) in [(&kim, &[&own, &staffs, &public][..]), (&mo, &[&staffs, &public]), (&anybody, &[&public])] {
            let listed = who.get("/runs").await.ok(200);
            let listed: Vec<&str> =
                listed["items"].as_array().unwrap().iter().map(|run| run["run_id"].as_str().unwrap()).collect();
            assert_eq!(listed.len(), seen.len());
            for run in [&own, &staffs, &public] {
                assert_eq!(listed.contains(&run.as_str()), seen.contains(&run));
                for read in reads {
                    let status = who.get(&format!("/runs/{run}{read}")).await.status;
                    let expected = match read {
                        // A stream wants a WebSocket, and says so before it looks for the run.
                        "/live" => 400,
                        // All encounters at once are for the staff.
                        "/encounters" if seen.len() == 1 => 401,
                        _ if seen.contains(&run) => 200,
                        _ => 404,
                    };
                    assert_eq!(status, expected, "{read}");
                }
            }
        }
        for (method, path) in [(Method::POST, "/pause"), (Method::POST, "/stop"), (Method::DELETE, "")] {
            assert_eq!(mo.raw(method.clone(), &format!("/runs/{staffs}{path}"), None).await.status, 403);
            assert_eq!(mo.raw(method.clone(), &format!("/runs/{own}{path}"), None).await.status, 404);
            assert_eq!(anybody.raw(method, &format!("/runs/{public}{path}"), None).await.status, 401);
        }
        // Whoever can't see it any more is told nothing more.
        let mut stream = Stream::of(&anybody, &public).await;
        assert!(stream.read().await);
        kim.patch(&format!("/runs/{public}"), json!({ "name": "Hidden", "visibility": "staff" })).await.ok(200);
        while stream.read().await {}
    }

    async fn what_is_wrong_is_named(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let good = new_run("Field", "staff", json!({ "safe": 1, "infected": 1 }));
        let wrong = [
            ("name", json!(" ")), ("visibility", json!("all")), ("second_ms", json!(9)), ("hosting", json!("cloud")),
            ("nodes", json!({ "safe": 10_001, "infected": 0 })),
        ];
        for (field, value) in wrong {
            let mut run = good.clone();
            run[field] = value;
            assert_eq!(kim.post("/runs", run).await.fields(), [field]);
        }
        for (field, value) in [("width", json!(0)), ("infection_radius", json!(64)), ("cooldown_s", json!(0))] {
            let mut run = good.clone();
            run["parameters"] = json!({ field: value });
            assert_eq!(kim.post("/runs", run).await.fields(), [field]);
        }
        let mut run = good.clone();
        run["parameters"] = json!({ "zombie_life": 3 });
        assert_eq!(kim.post("/runs", run).await.status, 422);
        let mut published = good.clone();
        published["parameters"] = json!({ "zombie_lifetime": 90, "field_width": 80 });
        let made = kim.post("/runs", published.clone()).await.ok(201);
        assert_eq!((&made["parameters"]["lifetime_s"], &made["parameters"]["width"]), (&json!(90), &json!(80)));
        kim.post("/runs", published).await.ok(201);
        assert_eq!(kim.post("/runs", good).await.status, 409, "another run has this id");
        let path = format!("/runs/{}", made["run_id"].as_str().unwrap());
        assert_eq!(kim.get(&format!("{path}/curve?from=0&to=99999")).await.fields(), ["to"]);
        assert_eq!(kim.get(&format!("{path}/encounters?cursor=x")).await.fields(), ["cursor"]);
    }

    async fn how_somebody_looks_at_runs_is_kept(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mo, _) = site.person("mo", Role::CaseWorker).await;
        assert_eq!(kim.get("/run-choices").await.ok(200), json!({ "map": null, "parameters": null }));
        kim.put("/run-choices/map", json!({ "chosen": { "zoom": 3 } })).await.ok(204);
        kim.put("/run-choices/parameters", json!({ "chosen": { "seed": 7 } })).await.ok(204);
        kim.put("/run-choices/map", json!({ "chosen": { "zoom": 4 } })).await.ok(204);
        assert_eq!(kim.get("/run-choices").await.ok(200), json!({ "map": { "zoom": 4 }, "parameters": { "seed": 7 } }));
        assert_eq!(mo.get("/run-choices").await.ok(200), json!({ "map": null, "parameters": null }));
        let long = json!({ "chosen": { "text": "x".repeat(5_000) } });
        assert_eq!(kim.put("/run-choices/map", long).await.fields(), ["chosen"]);
    }
}
