//! Requests that take longer than they may.

use crate::site::{Answer, Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn assert_refused(answer: &Answer) {
    assert_eq!((answer.status, answer.kind().as_str()), (503, "unavailable"), "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["detail"], "this took too long; see whether it was done before you try again");
    assert_ne!(answer.header("retry-after"), "");
}

/// What the audit log says was done to imports and tokens.
async fn done(browser: &Browser<'_>) -> Vec<String> {
    let log = browser.get("/audit").await.ok(200);
    let done = log["items"].as_array().unwrap().iter().map(|entry| entry["operation"].as_str().unwrap().to_owned());
    done.filter(|operation| operation.starts_with("imports.") || operation.starts_with("tokens.")).collect()
}

fn settings() -> Value {
    let columns = json!([{ "field": "id", "column": 0 }, { "field": "onset", "column": 1 }]);
    json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso", "update": false,
            "strict": false })
}

contract! {
    async fn a_file_that_never_ends_is_refused_and_nothing_of_it_is_kept(kit) {
        let site = Site::on(kit).await;
        let (mut ada, _) = site.person("ada", Role::Administrator).await;
        let (hurried, _stop) = site.hurried();
        let usual = std::mem::replace(&mut ada.base, hurried);
        let path = "/imports?kind=cases";
        assert_refused(&ada.begin_to_send(path, "application/octet-stream", "id,onset\nA,2026-01-05\n").await);
        ada.base = usual;
        assert_eq!(ada.get("/imports").await.ok(200)["items"], json!([]));
        assert_eq!(done(&ada).await, [""; 0]);
    }

    async fn a_body_that_never_ends_is_refused_and_nothing_of_it_is_done(kit) {
        let site = Site::on(kit).await;
        let (mut ada, _) = site.person("ada", Role::Administrator).await;
        let (hurried, _stop) = site.hurried();
        let usual = std::mem::replace(&mut ada.base, hurried);
        // All that the token needs is there, but for the end.
        let whole = r#"{ "name": "x", "scopes": ["see_cases"], "days": 1 }"#;
        assert_refused(&ada.begin_to_send("/tokens", "application/json", whole).await);
        ada.base = usual;
        assert_eq!(ada.get("/tokens").await.ok(200)["items"], json!([]));
        assert_eq!(done(&ada).await, [""; 0]);
    }

    /// Who was told that it took too long must not find it done later, when the database has time again.
    async fn what_waits_for_the_database_too_long_is_refused_and_is_not_done_afterwards(kit) {
        let site = Site::on(kit).await;
        let (mut ada, _) = site.person("ada", Role::Administrator).await;
        let import = ada.upload("cases", "list.csv", b"id,onset\nA,2026-01-05\n").await.ok(201);
        let path = format!("/imports/{}", import["import_id"].as_str().unwrap());
        let (hurried, _stop) = site.hurried();

        // Somebody else, with connections of their own, keeps all imports waiting.
        let other = site.kit.database.open().await;
        let mut holds = other.write(site.kit.authority_id).await.unwrap();
        holds.one_import_at_a_time().await.unwrap();
        let usual = std::mem::replace(&mut ada.base, hurried);
        assert_refused(&ada.post(&format!("{path}/run"), settings()).await);
        drop(holds);

        ada.base = usual;
        assert_eq!(ada.get(&path).await.ok(200), import, "the file stands where it stood");
        assert_eq!(ada.get("/jobs").await.ok(200)["items"], json!([]));
        assert_eq!(done(&ada).await, ["imports.keep"]);

        let job = ada.post(&format!("{path}/run"), settings()).await.ok(202);
        assert_eq!(ada.finished(&job).await["state"], "done", "whoever tries again gets it done, once");
        assert_eq!(ada.get("/cases/count").await.ok(200)["count"], 1);
    }
}
