//! A cell's standby behind the pages: one's own writes are seen, numbers stay without a primary, persons don't.

use super::case_work::{new_case, open, reachable};
use crate::site::{Answer, Browser, Site};
use domain::authorities::Role;
use serde_json::json;
use testkit::pair::Pair;

async fn cell() -> (Pair, Site) {
    let (pair, mut kit) = Pair::start().await;
    kit.store = pair.open(&kit.database).await;
    (pair, Site::on(kit).await)
}

/// Notes how far the primary is, and returns once the standby has that.
async fn catch_up(pair: &Pair, site: &Site) {
    site.app.note_position().await.unwrap();
    pair.catch_up(&site.kit.database).await;
}

fn n_cases(answer: Answer) -> usize {
    answer.ok(200)["items"].as_array().unwrap().len()
}

fn assert_away(answer: &Answer) {
    assert_eq!((answer.status, answer.header("retry-after").is_empty()), (503, false), "{}", answer.text);
}

async fn list(browser: &Browser<'_>) -> Answer {
    browser.get("/cases").await
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_from_a_standby_that_has_one_s_own_writes() {
    let (pair, site) = cell().await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    let (ana, _) = site.person("ana", Role::Analyst).await;
    catch_up(&pair, &site).await;
    open(&kim, new_case(1, reachable())).await;
    catch_up(&pair, &site).await;
    let before = pair.n_looks();
    let shown = list(&kim).await;
    assert_eq!(shown.header("epitrace-as-of"), "", "what is a second old is called current");
    assert_eq!(n_cases(shown), 1);
    assert!(pair.n_looks() > before, "the standby was asked");

    // The standby stays behind. Who writes sees it; who didn't is shown what there was, and told so.
    ana.get("/reports/dashboard").await.ok(200);
    catch_up(&pair, &site).await;
    pair.hold().await;
    open(&kim, new_case(2, reachable())).await;
    site.app.note_position().await.unwrap();
    let shown = list(&kim).await;
    assert_eq!(n_cases(shown), 2);
    site.wait_s(6);
    let shown = ana.get("/reports/dashboard").await;
    assert_eq!(shown.header("epitrace-as-of"), "2026-03-01T12:00:00Z");
    assert_eq!(shown.ok(200)["cases"][0]["n"], 1);
    pair.go_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_primary_numbers_stay_and_persons_do_not() {
    let (mut pair, site) = cell().await;
    let (kim, secret) = site.person("kim", Role::CaseWorker).await;
    let (ana, _) = site.person("ana", Role::Analyst).await;
    let stranger = site.stranger();
    open(&kim, new_case(1, reachable())).await;
    let key = kim.post("/tokens", json!({ "name": "k", "scopes": ["see_outbreak"], "days": 1 })).await.ok(201);
    let key = Browser { token: key["token"].as_str().map(str::to_owned), ..site.stranger() };
    kim.get("/reports/timeliness").await.ok(200);
    ana.get("/reports/dashboard").await.ok(200);
    catch_up(&pair, &site).await;

    pair.lose_primary();
    site.wait_s(60);
    for browser in [&kim, &ana] {
        for path in ["/reports/dashboard", "/reports/timeliness"] {
            let shown = browser.get(path).await;
            assert_eq!(shown.header("epitrace-as-of"), "2026-03-01T12:00:00Z", "{path}");
            shown.ok(200);
        }
    }
    assert_eq!(ana.get("/reports/dashboard").await.ok(200)["cases"][0]["n"], 1);
    // Persons are shown to nobody of whom that can't be written down; whoever isn't signed in stays outside.
    assert_away(&list(&kim).await);
    assert_away(&ana.get("/reports/outbreak").await);
    assert_away(&kim.post("/cases", new_case(2, reachable())).await);
    assert_away(&kim.sign_in("kim", crate::site::PASSWORD, Some(&site.code(&secret))).await);
    assert_away(&key.get("/reports/dashboard").await);
    assert_eq!(stranger.get("/reports/dashboard").await.status, 401);

    // So old may nothing be.
    site.wait_min(10);
    assert_away(&ana.get("/reports/dashboard").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_browser_brings_is_its_account_s_and_nobody_else_s() {
    let (pair, site) = cell().await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    let (ana, _) = site.person("ana", Role::CaseWorker).await;
    catch_up(&pair, &site).await;
    open(&kim, new_case(1, reachable())).await;
    let cookie = |browser: &Browser<'_>| {
        let all = browser.cookie.lock().unwrap().clone();
        all.split("; ").find(|one| one.starts_with("epitrace_seen=")).unwrap_or_default().to_owned()
    };
    let first = cookie(&kim);
    assert!(!first.is_empty() && !first.contains("lsn"), "sealed: {first}");
    // Ana brings Kim's, and then nonsense: she sees what is committed, and gets one of her own.
    for brought in [first.as_str(), "epitrace_seen=nonsense"] {
        let own =
            ana.cookie.lock().unwrap().split("; ").find(|one| !one.starts_with("epitrace_seen")).unwrap().to_owned();
        *ana.cookie.lock().unwrap() = format!("{own}; {brought}");
        assert_eq!(n_cases(list(&ana).await), 1);
        assert!(!cookie(&ana).is_empty() && cookie(&ana) != brought);
    }
}

/// An administrator cancels the commit that waits: then it is seen by all, and no standby has it.
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_the_same_again_is_told_yes_only_once_a_standby_has_it() {
    let (_pair, site) = cell().await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    site.kit.database.require_standbys("nobody").await;
    assert_away(&kim.post("/cases", new_case(1, reachable())).await);
    site.kit.database.cancel_the_wait().await;
    let there = "SELECT count(*) FROM outbreak_case";
    while site.kit.database.count(there).await == 0 {}
    assert_away(&kim.post("/cases", new_case(1, reachable())).await);
    site.kit.database.require_standbys("").await;
    kim.post("/cases", new_case(1, reachable())).await.ok(201);
    assert_eq!(site.kit.database.count(there).await, 1);
}

/// The first attempt still waits for a standby when the second comes, which waits for the first.
#[tokio::test(flavor = "multi_thread")]
async fn who_sends_the_same_again_while_the_first_waits_gets_no_error_of_ours() {
    let (_pair, site) = cell().await;
    let (kim, _) = site.person("kim", Role::CaseWorker).await;
    site.kit.database.require_standbys("nobody").await;
    assert_away(&kim.post("/cases", new_case(1, reachable())).await);
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    let let_through = async {
        while site.kit.database.count(waits).await == 0 {}
        site.kit.database.cancel_the_wait().await;
    };
    let (second, ()) = tokio::join!(kim.post("/cases", new_case(1, reachable())), let_through);
    assert_away(&second);
    site.kit.database.require_standbys("").await;
    kim.post("/cases", new_case(1, reachable())).await.ok(201);
    assert_eq!(site.kit.database.count("SELECT count(*) FROM outbreak_case").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_backup_of_the_database_counts_as_a_backup() {
    let cluster = testkit::cluster::Cluster::start_with("archive_mode = on\narchive_command = 'true'").unwrap();
    let database = testkit::Database::migrated_on(&cluster.url()).await;
    let site = Site::on(testkit::Kit::on(database).await).await;
    let (olga, _) = site.person("olga", Role::Operator).await;
    assert!(olga.get("/status").await.ok(200)["backup_at"].is_null());
    // As pgBackRest takes one: it copies the files in between.
    site.kit
        .database
        .ask(
            "WITH begun AS MATERIALIZED (SELECT pg_backup_start('test', true)) SELECT pg_backup_stop(false) FROM begun",
        )
        .await;
    let other = super::status::other(&site, "app-7").await;
    site.app.note_server(&other).await.unwrap();
    let status = super::status::status_with(&olga, |status| status["backup_at"].is_string()).await;
    let noted: jiff::Timestamp = status["backup_at"].as_str().unwrap().parse().unwrap();
    let ended =
        "SELECT floor(extract(epoch FROM max(modification)))::bigint FROM pg_ls_waldir() WHERE name LIKE '%.backup'";
    assert_eq!(noted.as_second(), site.kit.database.count(ended).await);
    assert!(!super::status::kinds(&status).contains(&("backup_late", "")), "{status}");
}
