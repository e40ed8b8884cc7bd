//! Reports of nodes that wait in Apache Kafka: stored by the server or by others, and kept by nodes while brokers are away.

use crate::runs::{Stream, made, new_run, report, together};
use crate::site::{Answer, Browser, Site};
use domain::authorities::Role;
use event_log::{EventLog, embedded, kafka};
use pipeline::consumer::Limits;
use pipeline::scale;
use pipeline::team::Team;
use protocol::http::runs::REPORTS;
use reqwest::Method;
use serde_json::json;
use server::Consumption;
use std::sync::Arc;
use testkit::broker::Broker;
use testkit::brokers::{self, Way};
use testkit::{Kind, Kit, contract};
use tokio::sync::oneshot;
use uuid::Uuid;

/// A topic of one's own, on brokers that answer here.
fn options(address: String, n_partitions: u32) -> kafka::Options {
    let name = brokers::fresh_name();
    kafka::Options {
        brokers: vec![address],
        security: kafka::Security::default(),
        topic: name.clone(),
        n_partitions,
        n_replicas: 1,
        kept: embedded::MOST_KEPT,
        group: name,
    }
}

/// A run whose nodes are elsewhere, and the key with which they report.
async fn run_of_processes<'s>(site: &'s Site, owner: &Browser<'_>) -> (String, Browser<'s>) {
    let mut run = new_run("Yard", "staff", json!({ "safe": 2, "infected": 0 }));
    run["hosting"] = json!("processes");
    let run_id = owner.post("/runs", run).await.ok(201)["run_id"].as_str().unwrap().to_owned();
    let key = owner.post(&format!("/runs/{run_id}/key"), json!({})).await.ok(201);
    let mut node = site.stranger();
    node.token = Some(key["key"].as_str().unwrap().to_owned());
    (run_id, node)
}

/// Two nodes report a second.
async fn send(node: &Browser<'_>, run_id: &str, second: u32) -> Answer {
    let reports = [7, 8].map(|id| report(Uuid::from_u128(id), second, second, 5));
    node.raw(Method::POST, &format!("/runs/{run_id}/reports"), Some((REPORTS, together(&reports)))).await
}

/// Two nodes report a second until it is kept, as nodes do.
async fn send_until_kept(node: &Browser<'_>, run_id: &str, second: u32) {
    while send(node, run_id, second).await.status != 204 {}
}

contract! {
    async fn nodes_that_report_through_brokers_are_watched_and_counted(kit) {
        let site = Site::on(kit).await.with_brokers(options(brokers::address(), 3), Consumption::Here).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let run_id = made(&kim, "staff", json!({ "safe": 18, "infected": 2 })).await;
        let mut stream = Stream::of(&kim, &run_id).await;
        stream.until(|seen| seen.picture.nodes().count() == 20).await;
        site.wait_s(30);
        stream.until(|seen| seen.newest >= Some(29) && !seen.is_late).await;
        for second in [5, 29] {
            let counted = kim.get(&format!("/runs/{run_id}/statistics?at={second}")).await.ok(200);
            assert_eq!((&counted["total"], &counted["silent"]), (&json!(20), &json!(0)), "second {second}");
        }
    }

    async fn a_server_shows_what_other_processes_store_and_says_when_nobody_does(kit) {
        let options = options(brokers::address(), 3);
        let site = Site::on(kit).await.with_brokers(options.clone(), Consumption::Elsewhere).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (run_id, node) = run_of_processes(&site, &kim).await;
        let mut stream = Stream::of(&kim, &run_id).await;
        stream.until(|seen| !seen.is_late).await;
        send_until_kept(&node, &run_id, 3).await;
        // What isn't stored after seconds is late.
        stream.until(|seen| seen.is_late).await;
        assert_eq!(stream.picture.nodes().count(), 0);
        let (log, store, clock) = (kafka::Log::open(options).await.unwrap().0, site.runs().await, Arc::new(testkit::kit::now));
        let team = Team { log: EventLog::Kafka(log), store, batches: Limits::default(), scale: scale::Limits::usual(2..=2), clock };
        let (stop, stopped) = oneshot::channel::<()>();
        let team = tokio::spawn(team.run(async { _ = stopped.await }));
        stream.until(|seen| seen.picture.nodes().count() == 2 && !seen.is_late).await;
        let counted = kim.get(&format!("/runs/{run_id}/statistics?at=3")).await.ok(200);
        assert_eq!((&counted["total"], &counted["silent"]), (&json!(2), &json!(0)));
        drop(stop);
        team.await.unwrap();
    }
}

#[tokio::test]
async fn while_brokers_are_away_at_the_start_all_else_is_served_and_nodes_are_told_to_come_again() {
    let way = Way::closed();
    let site = Site::on(Kit::new(Kind::Sqlite).await).await;
    let site = site.with_brokers(options(way.address().to_string(), 1), Consumption::Here).await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    let (run_id, node) = run_of_processes(&site, &kim).await;
    let refused = send(&node, &run_id, 3).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{}", refused.text);
    assert_eq!(kim.get(&format!("/runs/{run_id}/statistics?at=3")).await.ok(200)["total"], 0);
    let mut stream = Stream::of(&kim, &run_id).await;
    assert!(stream.read().await && stream.is_late);
    way.open();
    send_until_kept(&node, &run_id, 3).await;
    stream.until(|seen| seen.picture.nodes().count() == 2 && !seen.is_late).await;
}

#[tokio::test]
async fn a_broker_that_dies_while_it_is_used_costs_nothing_but_time() {
    let mut broker = Broker::start(&brokers::jars()).unwrap();
    let site = Site::on(Kit::new(Kind::Sqlite).await).await;
    let site = site.with_brokers(options(broker.address(), 2), Consumption::Here).await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    let (run_id, node) = run_of_processes(&site, &kim).await;
    let mut stream = Stream::of(&kim, &run_id).await;
    send_until_kept(&node, &run_id, 3).await;
    stream.until(|seen| seen.newest == Some(3) && !seen.is_late).await;
    broker.kill().unwrap();
    // Sent again and again: what the client library holds comes into the log as often, and is counted once.
    for _ in 0..2 {
        let refused = send(&node, &run_id, 4).await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "5"), "{}", refused.text);
    }
    stream.until(|seen| seen.is_late).await;
    assert_eq!(kim.get(&format!("/runs/{run_id}")).await.ok(200)["state"], "running");
    broker.start_again().unwrap();
    send_until_kept(&node, &run_id, 5).await;
    stream.until(|seen| seen.newest == Some(5) && !seen.is_late).await;
    send_until_kept(&node, &run_id, 4).await;
    for second in 3..=5 {
        let counted = kim.get(&format!("/runs/{run_id}/statistics?at={second}")).await.ok(200);
        assert_eq!((&counted["total"], &counted["silent"]), (&json!(2), &json!(0)), "second {second}: {counted}");
    }
}
