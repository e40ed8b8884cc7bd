//! Runs from the command line: started, listed, changed, ended; the menu; and processes that are nodes.

use super::serve::{Client, Server};
use super::*;
use std::io::Write;
use std::process::Stdio;

/// More than enough looks at a run; each is a process of its own.
pub const MOST_LOOKS: usize = 600;

pub fn json(said: &Said) -> Value {
    assert_eq!(said.code, 0, "{}", said.err);
    serde_json::from_str(&said.out).unwrap()
}

/// The parent of processes that are nodes. They end with it, also when a test fails.
pub struct Parent(pub std::process::Child);

impl Parent {
    /// The processes that any of its threads started.
    pub fn children(&self) -> Vec<rustix::process::Pid> {
        let tasks = std::fs::read_dir(format!("/proc/{}/task", self.0.id())).into_iter().flatten().flatten();
        let listed = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok());
        let listed: Vec<String> = listed.collect();
        let pids = listed.iter().flat_map(|children| children.split_whitespace());
        pids.filter_map(|pid| rustix::process::Pid::from_raw(pid.parse().ok()?)).collect()
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        for child in self.children() {
            let _ = rustix::process::kill_process(child, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks at a run until it is so.
pub fn until(desk: &Desk, run: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..MOST_LOOKS {
        let shown = json(&desk.run(&["runs", "show", run, "--json"]));
        if is_so(&shown) {
            return shown;
        }
    }
    panic!("it never came to that: {}", desk.run(&["runs", "show", run]).out);
}

#[test]
fn a_run_is_started_changed_and_deleted() {
    let desk = Desk::new();
    assert!(desk.run(&["runs", "list"]).out.contains("no run yet"));
    assert_eq!(desk.run(&["runs", "show"]).code, 1, "there is none to show");
    let made = json(&desk.run(&["runs", "new", "--safe", "3", "--infected", "1", "--name", "Yard", "--json"]));
    let run = made["run_id"].as_str().unwrap();
    assert_eq!((&made["state"], &made["nodes"]["safe"]), (&"running".into(), &3.into()));
    assert!(desk.run(&["runs", "list"]).out.contains("Yard"));
    // Where none is named, the newest is meant.
    assert_eq!(json(&desk.run(&["runs", "pause", "--json"]))["state"], "paused");
    assert_eq!(json(&desk.run(&["runs", "resume", run, "--json"]))["state"], "running");
    assert_eq!(json(&desk.run(&["runs", "add", run, "--infected", "2", "--json"]))["nodes"]["infected"], 3);
    assert_eq!(desk.run(&["runs", "key", run]).out.trim().len(), 43);
    let refused = desk.run(&["runs", "delete", run]);
    assert!(refused.code == 1 && refused.err.contains("stop it first"), "{}", refused.err);
    assert_eq!(json(&desk.run(&["runs", "stop", run, "--json"]))["state"], "stopped");
    assert!(desk.run(&["runs", "add", run, "--safe", "1"]).err.contains("make a new one"));
    assert_eq!(desk.run(&["runs", "delete", run]).code, 0);
    assert!(desk.run(&["runs", "list"]).out.contains("no run yet"));
}

#[test]
fn what_is_typed_wrongly_makes_no_run() {
    let desk = Desk::new();
    let wrong: [&[&str]; 6] = [
        &["--second", "9ms"],
        &["--safe", "10001"],
        &["--radius", "64"],
        &["--visibility", "all"],
        &["--server", "http://127.0.0.1:1"],
        &["--name", " "],
    ];
    for args in wrong {
        let said = desk.run(&[&["runs", "new"], args].concat());
        assert!(said.code == 2 || said.code == 1, "{args:?}: {}", said.code);
        assert!(!said.err.is_empty());
    }
    assert!(desk.run(&["runs", "list"]).out.contains("no run yet"));
}

#[test]
fn the_menu_edits_parameters_adds_nodes_and_stops() {
    let desk = Desk::new();
    let mut menu = desk.command(&["runs", "new", "--menu", "--safe", "0", "--infected", "0"]);
    let mut menu = menu.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let typed = "Y\n80\n\nold\n0\n90\n3\n\n1\n2\n3\nmany\n2\n1\n\n9\n0\n";
    menu.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    let output = menu.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{out}");
    for said in [
        "Edit run parameters? [Y/n]",
        "field_width [100]:",
        "write a number",
        "zombie_lifetime is 1 to 1,000,000 seconds",
        "infection_cooldown [15]:",
        "1 safe and 0 infected asked for",
        "1 safe and 1 infected asked for",
        "write a whole number",
        "3 safe and 2 infected asked for",
        "0 nodes seen",
        "type 1, 2, 3 or 0",
        "stopped",
    ] {
        assert!(out.contains(said), "{said:?} is missing in:\n{out}");
    }
    let shown = json(&desk.run(&["runs", "list", "--json"]));
    assert_eq!(shown[0]["state"], "stopped");
}

#[test]
fn a_server_on_the_same_data_keeps_the_nodes_of_a_run() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let args = ["runs", "new", "--safe", "5", "--infected", "1", "--second", "50ms", "--lifetime", "20", "--json"];
    let run = json(&desk.run(&args))["run_id"].as_str().unwrap().to_owned();
    let shown = until(&desk, &run, |shown| shown["statistics"]["deaths"] == 6);
    assert_eq!(shown["statistics"]["total"], 6);
    assert_eq!(json(&desk.run(&["runs", "show", &run, "--at", "5", "--json"]))["statistics"]["deaths"], 0);
    server.stop();
}

/// Two who stand close from the beginning: one of them is asked about.
#[tokio::test]
async fn encounters_of_a_rehearsal_show_up_among_exposures_and_those_of_other_runs_never_do() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let close =
        ["--width", "1", "--height", "1", "--safe", "2", "--infected", "0", "--second", "50ms", "--lifetime", "20"];
    let start = |more: &[&str]| {
        let made = json(&desk.run(&[&["runs", "new", "--json"], &close[..], more].concat()));
        let run = made["run_id"].as_str().unwrap().to_owned();
        until(&desk, &run, |shown| shown["statistics"]["deaths"] == 2);
        run
    };
    let (plain, rehearsal) = (start(&[]), start(&["--rehearsal", "--visibility", "anybody"]));
    let refused = desk.run(&["runs", "evidence", &plain]);
    assert!(refused.code == 1 && refused.err.contains("stand for nobody"), "{}", refused.err);
    let brought = json(&desk.run(&["runs", "evidence", &rehearsal, "--json"]));
    assert_eq!(brought["stored"], 1, "{brought}");
    assert_eq!(json(&desk.run(&["runs", "evidence", &rehearsal, "--json"]))["stored"], 0, "once more changes nothing");
    let (_, data) = Client::new(&server.base).get(&format!("/data?run={rehearsal}")).await;
    let second = data["result"][10].as_object().unwrap();
    let nodes: Vec<&String> = second.keys().filter(|key| *key != "_id").collect();
    let at = second[nodes[0]]["timestamp"].as_str().unwrap();
    let exposed = json(&desk.run(&["exposed", nodes[0], "--from", &at[..10], "--until", "2100-01-01", "--json"]));
    assert_eq!(exposed.as_array().map(Vec::len), Some(1), "{exposed}");
    assert_eq!(exposed[0]["id"], **nodes[1]);
    // Each lives twenty seconds of a twentieth of a second.
    assert!((exposed[0]["minutes"].as_f64().unwrap() - 20.0 / 20.0 / 60.0).abs() < 0.002, "{exposed}");
    server.stop();
}

#[test]
fn processes_are_nodes_of_a_run_until_it_is_over() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let args =
        ["runs", "new", "--processes", "--server", &server.base, "--port", "47321", "--safe", "2", "--infected", "1"];
    let mut parent = desk.command(&[&args[..], &["--second", "100ms", "--lifetime", "1000000"]].concat());
    let mut parent = Parent(parent.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap());
    let run = loop {
        let listed = json(&desk.run(&["runs", "list", "--json"]));
        if let Some(run) = listed[0]["run_id"].as_str() {
            break run.to_owned();
        }
    };
    until(&desk, &run, |shown| shown["statistics"]["total"] == 3);
    desk.run(&["runs", "add", &run, "--safe", "1"]);
    until(&desk, &run, |shown| shown["statistics"]["total"] == 4);
    // One that is killed turns silent, and the others go on.
    let killed = parent.children()[0];
    rustix::process::kill_process(killed, rustix::process::Signal::KILL).unwrap();
    until(&desk, &run, |shown| shown["statistics"]["silent"] == 1);
    desk.run(&["runs", "stop", &run]);
    assert!(parent.0.wait().unwrap().success());
    server.stop();
}

#[test]
fn processes_that_reach_no_server_are_told_of() {
    let desk = Desk::new();
    let args = ["runs", "new", "--processes", "--server", "not an address", "--safe", "1", "--infected", "0"];
    let said = desk.run(&args);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("could not take part") && said.err.contains("--server"), "{}", said.err);
}
