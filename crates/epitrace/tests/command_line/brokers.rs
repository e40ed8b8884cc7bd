//! The event log in Apache Kafka: servers and processes that consume, and what the doctor says of it.

use super::runs::{json, until};
use super::serve::Server;
use super::*;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use testkit::brokers::{Way, address, fresh_name};

/// A section of the configuration, with a topic and a group that nobody else has.
pub fn section(broker: &str, more: &str) -> String {
    let name = fresh_name();
    format!(
        "[event_log]\nbrokers = ['{broker}']\nsecurity = 'none'\ntopic = '{name}'\ngroup = '{name}'\npartitions = 3\nreplicas = 1\n{more}\n"
    )
}

/// A desk on SQLite that uses brokers.
pub fn on_sqlite(broker: &str, more: &str) -> Desk {
    let mut desk = Desk::new();
    let config = desk.write("config.toml", &section(broker, more));
    desk.options.extend(["--config".to_owned(), config]);
    desk
}

/// A desk on PostgreSQL that uses brokers.
pub async fn on_postgres(broker: &str, more: &str) -> (Desk, testkit::Database) {
    let (desk, database) = postgres::desk().await;
    let before = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    desk.write("config.toml", &format!("{before}{}", section(broker, more)));
    (desk, database)
}

/// Starts a run with two nodes in the server; returns its id.
fn new_run(desk: &Desk) -> String {
    let new = ["runs", "new", "--safe", "2", "--infected", "0", "--second", "50ms", "--lifetime", "1000000", "--json"];
    json(&desk.run(&new))["run_id"].as_str().unwrap().to_owned()
}

fn second_of(shown: &Value) -> u64 {
    shown["second"].as_u64().unwrap()
}

/// Waits until both nodes of a run are stored, beyond a second; returns which second is.
fn stored_beyond(desk: &Desk, run: &str, second: u64) -> u64 {
    second_of(&until(desk, run, |shown| shown["statistics"]["total"] == 2 && second_of(shown) > second))
}

fn consume(desk: &Desk) -> Server {
    let mut command = desk.command(&["consume", "--min", "2"]);
    command.stderr(std::fs::File::options().append(true).create(true).open(desk.path("consume.log")).unwrap());
    Server::start(command)
}

/// What the doctor found of something.
pub fn finding(desk: &Desk, check: &str) -> Value {
    let said = desk.run(&["doctor", "--json"]);
    let findings: Value = serde_json::from_str(&said.out).unwrap_or_else(|_| panic!("{}{}", said.out, said.err));
    let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{findings}")).clone()
}

fn a_server_stores_what_waits_at_brokers_and_goes_on_after_a_restart(desk: &Desk) {
    let before = finding(desk, "event log");
    assert!(before["found"].as_str().unwrap().starts_with("the brokers answer; there is no topic"), "{before}");
    let server = Server::on(desk, &[]);
    let run = new_run(desk);
    let second = stored_beyond(desk, &run, 20).to_string();
    desk.ok(&["runs", "stop", &run]);
    server.stop();
    let server = Server::on(desk, &[]);
    let again = new_run(desk);
    stored_beyond(desk, &again, 20);
    let curve = json(&desk.run(&["runs", "show", &run, "--at", &second, "--json"]));
    assert_eq!(curve["statistics"]["total"], 2, "what was stored before stays: {curve}");
    desk.ok(&["runs", "stop", &again]);
    let is_stored = |desk: &Desk| finding(desk, "waiting reports")["found"] == "all is stored";
    assert!((0..runs::MOST_LOOKS).any(|_| is_stored(desk)), "{}", finding(desk, "waiting reports"));
    let found = finding(desk, "event log");
    assert_eq!(found["verdict"], "fine", "{found}");
    assert!(found["found"].as_str().unwrap().starts_with("Apache Kafka answers: "), "{found}");
    for (check, expected) in [("lost reports", "none was deleted before it was stored"), ("reports put aside", "none")]
    {
        assert_eq!(finding(desk, check)["found"], expected);
    }
    server.stop();
    assert!(!desk.data().join("log").exists(), "nothing waits in the data folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_sqlite_stores_what_waits_at_brokers() {
    a_server_stores_what_waits_at_brokers_and_goes_on_after_a_restart(&on_sqlite(&address(), ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_postgres_stores_what_waits_at_brokers() {
    let (desk, _database) = on_postgres(&address(), "").await;
    a_server_stores_what_waits_at_brokers_and_goes_on_after_a_restart(&desk);
}

#[test]
fn a_demo_uses_the_brokers_of_a_configuration_that_is_named() {
    let desk = on_sqlite(&address(), "");
    let server = Server::on(&desk, &["--demo"]);
    let run = new_run(&desk);
    stored_beyond(&desk, &run, 5);
    server.stop();
    assert!(std::fs::read_to_string(desk.path("serve.log")).unwrap().contains("reports of nodes go into Apache Kafka"));
}

fn processes_store_what_a_server_leaves_to_them(desk: &Desk) {
    let server = Server::on(desk, &[]);
    let consumer = consume(desk);
    assert!(consumer.first.starts_with("storing what waits in the topic t-"), "{}", consumer.first);
    let run = new_run(desk);
    let second = stored_beyond(desk, &run, 20);
    consumer.stop();
    let waits = |desk: &Desk| finding(desk, "waiting reports")["found"].as_str().unwrap().contains("wait");
    assert!((0..runs::MOST_LOOKS).any(|_| waits(desk)), "nobody stores it");
    let consumer = consume(desk);
    stored_beyond(desk, &run, second + 20);
    desk.ok(&["runs", "stop", &run]);
    server.stop();
    consumer.stop();
    let log = std::fs::read_to_string(desk.path("consume.log")).unwrap();
    assert!(log.contains("\"n_members\":2") && !log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_sqlite_store_what_a_server_leaves_to_them() {
    processes_store_what_a_server_leaves_to_them(&on_sqlite(&address(), "consume = false"));
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_on_postgres_store_what_a_server_leaves_to_them() {
    let (desk, _database) = on_postgres(&address(), "consume = false").await;
    processes_store_what_a_server_leaves_to_them(&desk);
}

#[test]
fn without_brokers_there_is_nothing_to_consume_and_what_is_typed_wrongly_is_named() {
    let desk = Desk::new();
    let check = |args: &[&str], sentence: &str, hint: &str| {
        let said = desk.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(sentence) && said.err.contains(hint), "{args:?}: {}", said.err);
    };
    check(&["consume"], "there is nothing to consume", "hint: `epitrace serve` stores them by itself");
    check(&["consume", "--min", "3", "--max", "2"], "--min 3 is more than --max 2", "");
    check(&["consume", "--max", "0"], "0 is not in 1..=64", "");
    let config = desk.write("wrong.toml", "[event_log]\nbrokers = ['192.0.2.1:9092']\nsecurity = 'none'\n");
    for command in ["serve", "consume", "doctor"] {
        check(&[command, "--config", &config], "security = 'none' is for brokers on this machine", "");
    }
    let config = desk.write("none.toml", "[event_log]\nconsume = false\n");
    check(&["serve", "--config", &config], "names none", "hint: add brokers");
    let config = desk.write("unknown.toml", "[event_log]\nbroker = 'x'\n");
    check(&["serve", "--config", &config], "unknown field `broker`", "");
    assert!(!desk.data().exists(), "nothing was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_does_not_fit_is_for_a_person() {
    let desk = on_sqlite(&address(), "");
    consume(&desk).stop();
    let config = std::fs::read_to_string(desk.path("config.toml")).unwrap();
    desk.write("config.toml", &config.replace("partitions = 3", "partitions = 4"));
    let refused = desk.run(&["consume"]);
    assert_eq!(refused.code, 1, "{}", refused.err);
    assert!(refused.err.contains("doesn't fit: it has 3 partitions, not 4"), "{}", refused.err);
    assert!(refused.err.contains("hint: "), "{}", refused.err);
    let found = finding(&desk, "event log");
    assert!(found["verdict"] == "broken" && found["advice"].as_str().unwrap().contains("[event_log]"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn brokers_that_are_away_are_waited_for_and_the_doctor_says_so() {
    let way = Way::closed();
    let desk = on_sqlite(&way.address().to_string(), "");
    let mut consumer = desk.command(&["consume"]).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let server = Server::on(&desk, &[]);
    let found = finding(&desk, "event log");
    assert_eq!(found["verdict"], "broken", "{found}");
    assert!(found["found"].as_str().unwrap().starts_with("the brokers don't answer"), "{found}");
    let mut said = String::new();
    let mut lines = BufReader::new(consumer.stderr.take().unwrap());
    while !said.contains("it waits for them") {
        assert!(lines.read_line(&mut said).unwrap() > 0, "it ended: {said}");
    }
    let pid = rustix::process::Pid::from_child(&consumer);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(consumer.wait().unwrap().success(), "it is told to end, and ends");
    let run = new_run(&desk);
    way.open();
    stored_beyond(&desk, &run, 5);
    server.stop();
}
