//! Real processes that are nodes, and a real server that dies, comes back, holds them and ends them.

use super::runs::{Parent, json, until};
use super::serve::{Client, Server};
use super::*;
use std::process::{Child, Stdio};

/// A field on which all are in reach of all, and a life longer than any test.
pub const CLOSE: [&str; 6] = ["--width", "1", "--height", "1", "--lifetime", "1000000"];

/// Starts a server where one was before.
pub fn server_at(desk: &Desk, base: &str) -> Server {
    let mut command = desk.command(&["serve", "--listen", base.trim_start_matches("http://")]);
    command.stderr(std::fs::File::options().append(true).create(true).open(desk.path("serve.log")).unwrap());
    Server::start(command)
}

pub fn second_of(shown: &Value) -> u64 {
    shown["second"].as_u64().unwrap()
}

/// Returns which second a run is in by its clock, whether or not anybody reports.
pub fn clock_of(desk: &Desk, run: &str) -> u64 {
    let listed = desk.json(&["runs", "list"]);
    let listed = listed.as_array().unwrap().iter().find(|listed| listed["run_id"] == run);
    second_of(listed.unwrap())
}

/// Nodes in processes of their own, which say at their end what became of them.
pub struct Nodes {
    running: Vec<Child>,
    key: String,
}

impl Nodes {
    /// Starts nodes of a run, which gets a new key.
    pub fn start(desk: &Desk, run: &str, server: &str, port: &str, n: usize) -> Self {
        let key = desk.ok(&["runs", "key", run]).trim().to_owned();
        let mut nodes = Self { running: Vec::new(), key };
        nodes.add(desk, run, server, port, n);
        nodes
    }

    /// Starts others with the same key.
    pub fn add(&mut self, desk: &Desk, run: &str, server: &str, port: &str, n: usize) {
        self.add_hosts(desk, run, server, port, (n, 1));
    }

    /// Starts hosts of many nodes with the same key.
    pub fn add_hosts(&mut self, desk: &Desk, run: &str, server: &str, port: &str, (n, n_nodes): (usize, usize)) {
        let start = || {
            let mut node = desk.command(&["node", "--run", run, "--server", server, "--port", port, "--json"]);
            node.args(["--count", &n_nodes.to_string()])
                .env("EPITRACE_RUN_KEY", &self.key)
                .stdout(Stdio::piped())
                .stderr(Stdio::null());
            node.spawn().unwrap()
        };
        self.running.extend(std::iter::repeat_with(start).take(n));
    }

    /// Kills one without warning.
    pub fn kill_one(&mut self) {
        let mut killed = self.running.pop().unwrap();
        killed.kill().unwrap();
        killed.wait().unwrap();
    }

    /// Waits until they have ended, and returns what each said.
    pub fn ended(mut self) -> Vec<Value> {
        let said = self.running.drain(..).map(|node| node.wait_with_output().unwrap());
        said.map(|output| {
            assert!(output.status.success(), "{output:?}");
            serde_json::from_slice(&output.stdout).unwrap()
        })
        .collect()
    }
}

impl Drop for Nodes {
    fn drop(&mut self) {
        for node in &mut self.running {
            let _ = node.kill();
            let _ = node.wait();
        }
    }
}

/// Returns how often anybody in a run heard another, as it is stored.
pub async fn n_heard(client: &mut Client, run: &str) -> u64 {
    let (mut n, mut cursor) = (0, String::new());
    loop {
        let (status, page) = client.get(&format!("/api/v1/runs/{run}/encounters{cursor}")).await;
        assert_eq!(status, 200, "{page}");
        n += page["items"].as_array().unwrap().iter().map(|met| met["count"].as_u64().unwrap()).sum::<u64>();
        match page["next"].as_str() {
            Some(next) => cursor = format!("?cursor={next}"),
            None => return n,
        }
    }
}

#[tokio::test]
async fn what_nodes_heard_while_the_server_was_dead_is_stored_and_nobody_was_silent() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let base = server.base.clone();
    let args = ["runs", "new", "--safe", "0", "--infected", "0", "--second", "50ms", "--json"];
    let made = json(&desk.run(&[&args[..], &CLOSE].concat()));
    let run = made["run_id"].as_str().unwrap();
    let nodes = Nodes::start(&desk, run, &base, "47322", 3);
    let before = until(&desk, run, |shown| shown["statistics"]["total"] == 3 && second_of(shown) > 20);
    server.kill();
    let died_at = second_of(&before);
    // By its clock the run goes on, and so do the nodes.
    let mut back_at = died_at;
    while back_at < died_at + 60 {
        back_at = clock_of(&desk, run);
    }
    let stored = json(&desk.run(&["runs", "show", run, "--json"]));
    assert!(second_of(&stored) + 30 < back_at, "nobody stores what is heard: {stored}, second {back_at}");
    let mut server = server_at(&desk, &base);
    assert_eq!(server.base, base);
    let mut client = Client::new(&base);
    client.accept(&server.link()).await;
    until(&desk, run, |shown| second_of(shown) > back_at + 20);
    for second in (died_at..back_at).step_by(10) {
        let then = json(&desk.run(&["runs", "show", run, "--at", &second.to_string(), "--json"]));
        let counts = (&then["statistics"]["total"], &then["statistics"]["silent"]);
        assert_eq!(counts, (&3.into(), &0.into()), "second {second}: {then}");
    }
    desk.ok(&["runs", "stop", run]);
    let ended = nodes.ended();
    let mut told = 0;
    for summary in &ended {
        assert_eq!((&summary["ended"], &summary["contacts_lost"]), (&"stopped".into(), &0.into()), "{summary}");
        told += summary["contacts"].as_u64().unwrap();
    }
    assert!(told > 60, "they heard each other: {ended:?}");
    let mut stored = 0;
    for _ in 0..runs::MOST_LOOKS {
        stored = n_heard(&mut client, run).await;
        if stored >= told {
            break;
        }
    }
    assert_eq!(stored, told, "each contact once: {ended:?}");
    server.stop();
}

#[test]
fn processes_stand_still_while_their_run_is_paused_and_end_with_it() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let quick = ["--second", "50ms"];
    // Another run tells that time passes.
    let other = [&["runs", "new", "--safe", "1", "--infected", "0", "--json"][..], &quick, &CLOSE].concat();
    let other = json(&desk.run(&other))["run_id"].as_str().unwrap().to_owned();
    let args = ["runs", "new", "--processes", "--server", &server.base, "--port", "47323", "--safe", "2", "--infected"];
    let mut parent = desk.command(&[&args[..], &["1", "--name", "Held"], &quick, &CLOSE].concat());
    let mut parent = Parent(parent.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    let run = loop {
        let listed = desk.json(&["runs", "list"]);
        let held = listed.as_array().unwrap().iter().find(|run| run["name"] == "Held");
        if let Some(run) = held {
            break run["run_id"].as_str().unwrap().to_owned();
        }
    };
    until(&desk, &run, |shown| shown["statistics"]["total"] == 3);
    let pass = || {
        let from = clock_of(&desk, &other);
        until(&desk, &other, |shown| second_of(shown) > from + 80);
    };
    desk.ok(&["runs", "pause", &run]);
    // Until they have heard of it, they go on.
    pass();
    let held = json(&desk.run(&["runs", "show", &run, "--json"]));
    pass();
    let still = json(&desk.run(&["runs", "show", &run, "--json"]));
    assert_eq!((&held["state"], &still), (&"paused".into(), &held), "nothing new is told of it");
    assert_eq!(parent.children().len(), 3, "and nobody ended");
    desk.ok(&["runs", "resume", &run]);
    let on = until(&desk, &run, |shown| second_of(shown) > second_of(&held) + 20);
    assert_eq!((&on["statistics"]["total"], &on["statistics"]["silent"]), (&3.into(), &0.into()), "{on}");
    let children = parent.children();
    desk.ok(&["runs", "stop", &run]);
    assert!(parent.0.wait().unwrap().success());
    for child in children {
        assert!(rustix::process::test_kill_process(child).is_err(), "{child:?} is gone");
    }
    server.stop();
    let log = std::fs::read_to_string(desk.path("serve.log")).unwrap();
    let told = |line: &&str| line.contains("/reports") && line.contains("\"http.status\":204");
    assert_eq!(log.lines().find(told), None, "what is in order each second doesn't fill the log");
}
