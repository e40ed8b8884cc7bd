//! Runs that come back with a backup: they are there, without the log that they were reported to, and go on.

use super::runs::{json, until};
use super::serve::Server;
use super::*;

/// Where the log of nodes lies in a data folder.
const LOG: &str = "log/coronaz";

/// Starts a run on a field on which all meet, and waits until it has been reported a while.
fn run_a_while(desk: &Desk) -> String {
    let args = ["runs", "new", "--safe", "3", "--infected", "1", "--second", "50ms", "--lifetime", "1000000", "--json"];
    let run = json(&desk.run(&[&args[..], &["--width", "1", "--height", "1"]].concat()));
    let run = run["run_id"].as_str().unwrap().to_owned();
    until(desk, &run, |shown| shown["statistics"]["total"] == 4 && shown["second"].as_u64() > Some(5));
    run
}

fn n_alive_and_heard(shown: &Value) -> i64 {
    let n = |what: &str| shown["statistics"][what].as_i64().unwrap();
    n("total") - n("deaths") - n("silent")
}

#[test]
fn a_run_comes_back_without_its_log_and_takes_reports_again() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let run = run_a_while(&desk);
    desk.run(&["runs", "key", &run]);
    let backup = desk.path("backup").display().to_string();
    // While the server writes.
    desk.ok(&["backup", &backup]);
    server.kill();

    let other = Desk::new();
    let keyring = desk.data().join("keyring").display().to_string();
    let other = Desk { options: [&other.options[..], &["--keyring".to_owned(), keyring]].concat(), ..other };
    other.ok(&["restore", &backup]);
    assert!(!other.data().join(LOG).exists(), "the log is no part of a backup");
    let before = json(&other.run(&["runs", "show", &run, "--json"]));
    assert_eq!((&before["state"], &before["statistics"]["total"]), (&"running".into(), &4.into()));
    let server = Server::on(&other, &[]);
    other.ok(&["runs", "add", &run, "--safe", "2"]);
    let shown = until(&other, &run, |shown| shown["statistics"]["total"] == 6 && n_alive_and_heard(shown) == 2);
    assert!(shown["second"].as_u64() > before["second"].as_u64(), "it goes on after what was stored: {shown}");
    let at = before["second"].to_string();
    assert_eq!(json(&other.run(&["runs", "show", &run, "--at", &at, "--json"])), before, "and that stays as it was");
    server.stop();
}

#[test]
fn a_log_that_is_still_there_is_read_on_from_where_the_backup_was_made() {
    let desk = Desk::new();
    let server = Server::on(&desk, &[]);
    let run = run_a_while(&desk);
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    let at_backup = json(&desk.run(&["runs", "show", &run, "--json"]))["second"].as_u64().unwrap();
    let last = until(&desk, &run, |shown| shown["second"].as_u64() > Some(at_backup + 10));
    server.kill();

    // The disk of the database is lost, that of the log isn't.
    for file in ["epitrace.sqlite", "runs.db"] {
        for ending in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(desk.data().join(format!("{file}{ending}")));
        }
    }
    desk.ok(&["restore", &backup]);
    let server = Server::on(&desk, &[]);
    let lived = last["second"].as_u64().unwrap();
    let at = lived.to_string();
    // Nobody lives any more who could report these seconds: they come from the log.
    until(&desk, &run, |shown| shown["second"].as_u64() >= Some(lived));
    let then = json(&desk.run(&["runs", "show", &run, "--at", &at, "--json"]));
    assert_eq!((&then["statistics"]["total"], &then["statistics"]["silent"]), (&4.into(), &0.into()), "{then}");
    server.stop();
}

#[test]
fn a_restore_leaves_runs_alone_that_are_there() {
    let desk = Desk::new();
    json(&desk.run(&["runs", "new", "--safe", "1", "--json"]));
    let backup = desk.path("backup").display().to_string();
    desk.ok(&["backup", &backup]);
    std::fs::remove_file(desk.data().join("epitrace.sqlite")).unwrap();
    for _ in 0..2 {
        let said = desk.run(&["restore", &backup]);
        assert!(said.code == 1 && said.err.contains("runs.db is not empty"), "{}", said.err);
        assert!(said.err.contains("epitrace.sqlite and runs.db"), "{}", said.err);
        assert!(desk.data().join("runs.db").exists());
    }
}
