//! Figures for Prometheus: which there are, that the book has them all, and that they name nobody.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::json;
use server::figures::{FIGURES, Kind, as_table};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use testkit::contract;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All source files of the crates, without their tests.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Names in the calls of a macro of the crate `metrics`.
fn names_in<'s>(source: &'s str, called: &str) -> Vec<&'s str> {
    let call = format!("{called}!(");
    let after = source.split(call.as_str()).skip(1);
    after.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next()).collect()
}

#[test]
fn what_the_code_counts_stands_in_the_table_and_nothing_else() {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(repository().join("crates")).unwrap() {
        sources(&entry.unwrap().path().join("src"), &mut all);
    }
    let kinds = [("counter", Kind::Counter), ("gauge", Kind::Gauge), ("histogram", Kind::Histogram)];
    let mut counted = BTreeMap::new();
    for source in &all {
        for (called, kind) in kinds {
            counted.extend(names_in(source, called).into_iter().map(|name| (name, format!("{kind:?}"))));
        }
    }
    let listed: BTreeMap<_, _> = FIGURES.iter().map(|figure| (figure.name, format!("{:?}", figure.kind))).collect();
    assert_eq!(counted, listed);
    assert_eq!(listed.len(), FIGURES.len(), "one stands there twice");
}

#[test]
fn names_end_in_their_unit() {
    for figure in FIGURES {
        let ends = |endings: &[&str]| endings.iter().any(|ending| figure.name.ends_with(ending));
        assert_eq!(figure.kind == Kind::Counter, ends(&["_total"]), "{}", figure.name);
        assert!(figure.kind != Kind::Histogram || ends(&["_seconds"]), "{}", figure.name);
    }
}

#[test]
fn the_book_prints_every_figure() {
    let book = std::fs::read_to_string(repository().join("docs/book/watching.md")).unwrap();
    assert!(book.contains(&as_table()), "docs/book/watching.md: put this in place of its table:\n{}", as_table());
}

/// Words of a text that can only be figures of ours.
fn named_in(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !c.is_ascii_lowercase() && c != '_');
    let ours = words.filter(|word| word.starts_with("epitrace_") || word.starts_with("process_"));
    ours.map(|word| whole(word).to_owned()).collect()
}

/// Of a series of a histogram the figure.
fn whole(series: &str) -> &str {
    let is_histogram = |name: &str| FIGURES.iter().any(|one| one.kind == Kind::Histogram && one.name == name);
    let of = |ending: &str| series.strip_suffix(ending).filter(|name| is_histogram(name));
    of("_bucket").or_else(|| of("_sum")).or_else(|| of("_count")).unwrap_or(series)
}

#[test]
fn board_and_alerts_ask_for_figures_that_there_are_and_the_board_shows_them_all() {
    let listed: BTreeSet<String> = FIGURES.iter().map(|figure| figure.name.to_owned()).collect();
    let read = |path: &str| std::fs::read_to_string(repository().join(path)).unwrap();
    let board: serde_json::Value = serde_json::from_str(&read("deploy/grafana/epitrace.json")).unwrap();
    let asked = |panel: &serde_json::Value| {
        let targets = panel["targets"].as_array().cloned().unwrap_or_default();
        targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    let on_board = named_in(&board["panels"].as_array().unwrap().iter().map(asked).collect::<Vec<_>>().join(" "));
    assert_eq!(on_board, listed);
    let alerts = read("deploy/prometheus/alerts.yml");
    let exprs: Vec<&str> = alerts.lines().filter_map(|line| line.trim().strip_prefix("expr: ")).collect();
    let in_alerts = named_in(&exprs.join(" "));
    assert_eq!(in_alerts.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new());
    assert!(exprs.len() > 20 && in_alerts.len() > 15, "{exprs:?}");
    let n_told = alerts.lines().filter(|line| line.trim().starts_with("todo: ")).count();
    assert_eq!(n_told, exprs.len(), "each says what to do");
}

/// Figures of a text that is given to Prometheus.
fn given(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| whole(line.split(['{', ' ']).next().unwrap())).collect()
}

contract! {
    async fn figures_are_given_to_a_key_and_name_nobody(kit) {
        let site = Site::on(kit).await.with_network().await;
        let (ada, _) = site.person("ada-quarrendell", Role::Administrator).await;
        let import = ada.upload("cases", "quarrendell.csv", b"id,onset\nA,2026-01-05\n").await.ok(201);
        ada.get(&format!("/imports/{}", import["import_id"].as_str().unwrap())).await.ok(200);
        let made = ada.post("/tokens", json!({ "name": "prometheus", "scopes": ["see_doctor"], "days": 90 })).await.ok(201);
        let mut prometheus = site.stranger();
        prometheus.token = Some(made["token"].as_str().unwrap().to_owned());
        let figures = prometheus.get("/metrics").await;
        assert_eq!(figures.status, 200);
        let listed: BTreeSet<&str> = FIGURES.iter().map(|figure| figure.name).collect();
        let given = given(&figures.text);
        assert_eq!(given.difference(&listed).collect::<Vec<_>>(), Vec::<&&str>::new());
        for name in [
            "epitrace_http_requests_total", "epitrace_http_request_duration_seconds", "epitrace_database_up",
            "epitrace_database_connections", "epitrace_commits_total", "epitrace_commit_duration_seconds",
            "epitrace_database_wait_seconds", "epitrace_jobs", "epitrace_mails", "epitrace_keyring_up",
            "epitrace_event_log_up", "epitrace_dead_letters", "epitrace_servers", "epitrace_build_info",
            "process_resident_memory_bytes", "process_open_fds", "process_start_time_seconds",
        ] {
            assert!(given.contains(name), "{name} is missing");
        }
        assert!(figures.text.contains("route=\"/api/v1/imports/{import_id}\""), "the pattern, not the address");
        for word in ["quarrendell", import["import_id"].as_str().unwrap(), "127.0.0.1", "prometheus\""] {
            assert!(!figures.text.contains(word), "{word}");
        }
    }

    /// While the database is away figures are needed most, and nobody can look up whose key it is.
    async fn a_key_that_read_figures_still_does_while_the_database_is_away_and_another_does_not(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let make = || ada.post("/tokens", json!({ "name": "x", "scopes": ["see_doctor"], "days": 1 }));
        let (one, two) = (make().await.ok(201), make().await.ok(201));
        let program = |made: &serde_json::Value| {
            let mut program = site.stranger();
            program.token = Some(made["token"].as_str().unwrap().to_owned());
            program
        };
        let (known, unknown) = (program(&one), program(&two));
        assert_eq!(known.get("/metrics").await.status, 200);
        site.app.store.close().await;
        assert_eq!(known.get("/metrics").await.status, 200);
        assert_eq!(unknown.get("/metrics").await.status, 503);
        assert_eq!(known.get("/doctor").await.status, 503, "for figures only");
    }

    async fn a_key_that_was_deleted_reads_no_figures(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let made = ada.post("/tokens", json!({ "name": "x", "scopes": ["see_doctor"], "days": 1 })).await.ok(201);
        let mut program = site.stranger();
        program.token = Some(made["token"].as_str().unwrap().to_owned());
        assert_eq!(program.get("/metrics").await.status, 200);
        ada.delete(&format!("/tokens/{}", made["token_id"].as_str().unwrap())).await.ok(204);
        assert_eq!(program.get("/metrics").await.status, 401);
    }
}
