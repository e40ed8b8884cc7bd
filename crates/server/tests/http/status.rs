//! How the installation stands, as operators and balancers are told.

use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use storage::condition::{Beat, ServerState};
use testkit::{Kind, contract};

pub fn kinds(status: &Value) -> Vec<(&str, &str)> {
    let signs = status["signs"].as_array().unwrap().iter();
    signs.map(|sign| (sign["kind"].as_str().unwrap(), sign["about"].as_str().unwrap())).collect()
}

/// Asks until this server has said how it is, which it does when it starts.
async fn status(browser: &Browser<'_>) -> Value {
    let has_spoken =
        |status: &Value| status["servers"].as_array().unwrap().iter().any(|server| server["answers"] == true);
    status_with(browser, has_spoken).await
}

/// Asks until it is as is waited for: a look may be some seconds old.
pub async fn status_with(browser: &Browser<'_>, is_so: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..100_000 {
        let status = browser.get("/status").await.ok(200);
        if is_so(&status) {
            return status;
        }
        tokio::task::yield_now().await;
    }
    panic!("it doesn't come to be so");
}

/// Asks as balancers do until the answer has that status.
async fn ready_until(site: &Site, status: u16) -> Value {
    for _ in 0..100_000 {
        let answer = site.stranger().get("/health/ready").await;
        if answer.status == status {
            return answer.json();
        }
        tokio::task::yield_now().await;
    }
    panic!("it isn't {status}");
}

/// Another server of the cell, which has just spoken.
pub async fn other(site: &Site, name: &str) -> Beat {
    Beat {
        server_id: domain::ids::mint(site.now(), site.kit.random()),
        name: name.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: storage::Store::newest_schema(),
        started_at: site.now(),
        seen_at: site.app.condition().await.unwrap().time_there(),
        state: ServerState::Serving,
        certificate_until: None,
        clock_ahead_ms: None,
        disk_free_bytes: Some(1 << 40),
        has_keys: true,
    }
}

contract! {
    async fn an_operator_sees_servers_database_and_what_waits(kit) {
        let site = Site::on(kit).await.with_network().await;
        let is_postgres = site.kit.database.kind == Kind::Postgres;
        let (olga, _) = site.person("olga", Role::Administrator).await;
        let status = status(&olga).await;
        let server = &status["servers"][0];
        assert_eq!((&server["state"], &server["has_keys"]), (&json!("serving"), &json!(true)));
        assert_eq!(status["database"]["kind"], if is_postgres { "postgresql" } else { "sqlite" });
        assert_eq!(status["database"]["schema_version"], storage::Store::newest_schema());
        assert_eq!(status["database"]["standbys"].is_array(), is_postgres, "the role for jobs may see them");
        assert_eq!(status["event_log"]["kind"], "folder");
        assert_eq!(status["work"]["n_jobs_waiting"], 0);
        assert!(kinds(&status).contains(&("backup_late", "")), "{status}");
        assert!(!status.to_string().contains("olga"), "{status}");
    }

    async fn whoever_works_on_cases_sees_nothing_of_it(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        assert_eq!(kim.get("/status").await.status, 403);
        assert_eq!(site.stranger().get("/status").await.status, 401);
    }

    async fn a_server_that_drains_is_shown_so_and_one_that_says_nothing_is_a_sign(kit) {
        let site = Site::on(kit).await;
        let (olga, _) = site.person("olga", Role::Administrator).await;
        status(&olga).await;
        let draining = Beat { state: ServerState::Draining, ..other(&site, "app-7").await };
        site.app.note_server(&draining).await.unwrap();
        let ago = |hours| draining.seen_at.checked_sub(jiff::SignedDuration::from_hours(hours)).unwrap();
        site.app.note_server(&Beat { seen_at: ago(1), ..other(&site, "app-8").await }).await.unwrap();
        site.app.note_server(&Beat { seen_at: ago(25), ..other(&site, "app-9").await }).await.unwrap();
        // Whoever speaks next forgets those of yesterday.
        site.app.note_server(&draining).await.unwrap();
        let seen = site.app.condition().await.unwrap();
        let states: Vec<(&str, &str)> = seen
            .servers
            .iter()
            .filter(|server| server.name.starts_with("app-"))
            .map(|server| (server.name.as_str(), app::condition::state_of(server, seen.time_there())))
            .collect();
        assert_eq!(states, [("app-7", "draining"), ("app-8", "silent")]);
        site.app.forget_server(draining.server_id).await.unwrap();
        assert!(!site.app.condition().await.unwrap().servers.iter().any(|server| server.name == "app-7"));
    }

    /// The clock of these tests is far from PostgreSQL's.
    async fn a_server_with_a_wrong_clock_serves_nobody_while_another_serves_and_nobody_is_signed_out(kit) {
        if kit.database.kind == Kind::Sqlite {
            return;
        }
        let site = Site::on(kit).await.with_door().await;
        let (olga, _) = site.person("olga", Role::Administrator).await;
        let made = olga.post("/tokens", json!({ "name": "prometheus", "scopes": ["see_doctor"], "days": 30 })).await.ok(201);
        let mut prometheus = site.stranger();
        prometheus.token = Some(made["token"].as_str().unwrap().to_owned());
        let right = Beat { clock_ahead_ms: Some(5), ..other(&site, "app-7").await };
        site.wait_min(24 * 60);
        site.app.note_server(&right).await.unwrap();
        assert_eq!(olga.get("/session").await.status, 503, "by this clock it is over");
        site.wait_min(-24 * 60);
        let ready = ready_until(&site, 503).await;
        assert!(ready["detail"].as_str().unwrap().contains("clock of this server is wrong"), "{ready}");
        assert_eq!(site.stranger().get("/health/live").await.ok(200)["status"], "aside");
        for refused in [olga.get("/persons").await, site.stranger().get("/guest/local/unknown").await] {
            assert_eq!((refused.status, refused.kind().as_str()), (503, "unavailable"), "{}", refused.text);
        }
        assert_eq!(prometheus.get("/metrics").await.status, 200, "who watches sees it");
        site.app.forget_server(right.server_id).await.unwrap();
        ready_until(&site, 200).await;
        let signed_in = olga.get("/session").await.ok(200);
        assert!(signed_in.to_string().contains("olga"), "{signed_in}");
    }

    /// Several servers on a database without standbys is a cell whose acknowledged writes one loss takes away.
    async fn a_cell_without_standbys_is_told_so(kit) {
        if kit.database.kind == Kind::Sqlite {
            return;
        }
        let site = Site::on(kit).await;
        site.app.note_server(&other(&site, "app-7").await).await.unwrap();
        let (olga, _) = site.person("olga", Role::Administrator).await;
        let status = status(&olga).await;
        let signs = kinds(&status);
        assert!(signs.contains(&("no_standby_waited_for", "")), "{signs:?}");
    }

    async fn what_was_backed_up_is_noted(kit) {
        let site = Site::on(kit).await;
        let worker = site.app.sign_in_as("test", None).await.unwrap();
        let operator = app::Worker { operator: true, ..worker };
        assert_eq!(site.app.condition().await.unwrap().backup_at, None);
        site.app.back_up(&operator, &site.kit.database.folder.path().join("backup")).await.unwrap();
        assert_eq!(site.app.condition().await.unwrap().backup_at, Some(site.now()));
    }

    /// A balancer gives up after two seconds: by then it must have been told.
    async fn a_database_that_hangs_is_told_to_balancers(kit) {
        if kit.database.kind == Kind::Sqlite {
            return;
        }
        let site = Site::on(kit).await;
        assert_eq!(site.stranger().get("/health/ready").await.status, 200);
        let holds = site.kit.database.hold_table("authority").await;
        let answer = site.stranger().get("/health/ready").await;
        assert_eq!((answer.status, answer.json()["detail"].as_str()), (503, Some("the database takes too long")));
        assert_eq!(site.stranger().get("/health/live").await.status, 200);
        drop(holds);
    }
}
