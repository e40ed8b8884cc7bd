//! Keys of programs.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::json;
use testkit::contract;

contract! {
    async fn a_key_does_what_its_scopes_say_and_no_more(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let made = kim.post("/tokens", json!({ "name": "imports", "scopes": ["import_facts"], "days": 1 })).await.ok(201);
        let mut program = site.stranger();
        program.token = Some(made["token"].as_str().unwrap().to_owned());
        program.get("/imports").await.ok(200);
        program.upload("cases", "a.csv", b"id,onset\nA,2026-01-05\n").await.ok(201);
        assert_eq!(program.get("/cases").await.status, 403, "not in its scopes");
        assert_eq!(program.get("/tokens").await.status, 401, "a key makes no keys");
        assert_eq!(program.get("/session").await.status, 401, "a key is no session");
        let listed = kim.get("/tokens").await.ok(200);
        assert_eq!(listed["items"][0]["last_used_on"], "2026-03-01");
        assert!(!listed.to_string().contains(made["token"].as_str().unwrap()), "shown once");
        site.wait_min(24 * 60);
        assert_eq!(program.get("/imports").await.status, 401, "its day is over");
    }

    async fn a_key_never_exceeds_its_maker(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let wanted = |scopes: &[&str], days: i64| json!({ "name": "x", "scopes": scopes, "days": days });
        assert_eq!(kim.post("/tokens", wanted(&["manage_accounts"], 1)).await.fields(), ["scopes"]);
        assert_eq!(kim.post("/tokens", wanted(&["fly"], 1)).await.fields(), ["scopes"]);
        assert_eq!(kim.post("/tokens", wanted(&[], 1)).await.fields(), ["scopes"]);
        assert_eq!(kim.post("/tokens", wanted(&["see_cases"], 366)).await.fields(), ["days"]);
        assert_eq!(kim.post("/tokens", json!({ "name": " ", "scopes": ["see_cases"], "days": 1 })).await.fields(), ["name"]);
    }

    async fn a_deleted_key_and_that_of_somebody_disabled_work_no_more(kit) {
        let site = Site::on(kit).await;
        let (administrator, _) = site.person("ada", Role::Administrator).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let make = || kim.post("/tokens", json!({ "name": "x", "scopes": ["import_facts"], "days": 1 }));
        let (one, two) = (make().await.ok(201), make().await.ok(201));
        let program = |made: &serde_json::Value| {
            let mut program = site.stranger();
            program.token = Some(made["token"].as_str().unwrap().to_owned());
            program
        };
        let path = format!("/tokens/{}", one["token_id"].as_str().unwrap());
        assert_eq!(administrator.delete(&path).await.status, 404, "not theirs");
        kim.delete(&path).await.ok(204);
        assert_eq!(program(&one).get("/imports").await.status, 401);
        program(&two).get("/imports").await.ok(200);
        let id = kim.get("/session").await.ok(200)["account_id"].as_str().unwrap().to_owned();
        administrator.patch(&format!("/accounts/{id}"), json!({ "disabled": true })).await.ok(200);
        assert_eq!(program(&two).get("/imports").await.status, 401);
        assert_eq!(kim.get("/session").await.status, 401);
    }
}
