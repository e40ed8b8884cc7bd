//! The audit log.

use crate::site::Site;
use domain::authorities::Role;
use testkit::contract;

contract! {
    async fn what_was_done_stands_in_the_log_newest_first_and_by_page(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        for n in 0..3 {
            site.wait_min(1);
            ada.upload("cases", &format!("{n}.csv"), b"id\nA\n").await.ok(201);
        }
        let whole = ada.get("/audit?operation=imports.keep").await.ok(200);
        assert_eq!(whole["items"].as_array().unwrap().len(), 3);
        let first = ada.get("/audit?operation=imports.keep&limit=2").await.ok(200);
        let cursor = first["next"].as_str().unwrap();
        let second = ada.get(&format!("/audit?operation=imports.keep&limit=2&cursor={cursor}")).await.ok(200);
        assert_eq!(second["items"][0], whole["items"][2]);
        assert_eq!(second["next"], serde_json::Value::Null);
        assert_eq!(whole["items"][0]["account"], "ada");
        assert!(whole["items"][0]["recorded_at"].as_str() > whole["items"][1]["recorded_at"].as_str());
        let other_day = ada.get("/audit?first=2026-03-02").await.ok(200);
        assert_eq!(other_day["items"].as_array().unwrap().len(), 0);
        assert_eq!(ada.get("/audit?first=yesterday").await.fields(), ["first"]);
        let operations = ada.get("/audit/operations").await.ok(200);
        assert!(operations["items"].as_array().unwrap().contains(&"audit.list".into()), "reading it is recorded too");
    }

    async fn a_cursor_is_of_use_only_to_who_got_it_and_for_its_list(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (bob, _) = site.person("bob", Role::Administrator).await;
        let first = ada.get("/audit?limit=1").await.ok(200);
        let cursor = first["next"].as_str().unwrap();
        ada.get(&format!("/audit?limit=1&cursor={cursor}")).await.ok(200);
        assert_eq!(bob.get(&format!("/audit?limit=1&cursor={cursor}")).await.fields(), ["cursor"]);
        assert_eq!(ada.get(&format!("/jobs?cursor={cursor}")).await.fields(), ["cursor"]);
    }

    async fn the_chain_is_made_by_the_server_and_holds(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let found = ada.get("/audit/verification").await.ok(200);
        assert_eq!(found["first_break"], serde_json::Value::Null);
        // What others write at the same time on this server is chained later: it is asked until all is.
        loop {
            site.app.chain_new_audit(site.kit.authority_id).await.unwrap();
            let chained = ada.get("/audit?operation=session.begin").await.ok(200);
            if chained["items"][0]["seq"].as_i64().is_some_and(|seq| seq > 0) {
                break;
            }
        }
        let found = ada.get("/audit/verification").await.ok(200);
        assert_eq!(found["first_break"], serde_json::Value::Null);
    }
}
