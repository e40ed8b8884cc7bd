//! Views of the list that staff keep under a name, and share.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

const ONE: &str = "019cab00-0000-7000-8000-000000000001";
const OTHER: &str = "019cab00-0000-7000-8000-000000000002";

fn view(id: &str, query: &str, is_shared: bool) -> Value {
    json!({ "view_id": id, "name": " Open, around Mannheim ", "query": query, "is_shared": is_shared })
}

fn ids(views: &Value) -> Vec<&str> {
    views["items"].as_array().unwrap().iter().map(|view| view["view_id"].as_str().unwrap()).collect()
}

contract! {
    async fn a_view_is_ones_own_until_an_administrator_shares_one(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (lee, _) = site.person("lee", Role::CaseWorker).await;
        let (head, _) = site.person("head", Role::Administrator).await;
        let query = "status=open,tracking&assigned=me&postcode=68*&sort=onset&order=asc";
        assert_eq!(kim.get("/saved-views").await.ok(200)["items"], json!([]));
        let saved = kim.post("/saved-views", view(ONE, query, false)).await.ok(201);
        assert_eq!((&saved["name"], &saved["query"]), (&json!("Open, around Mannheim"), &json!(query)));
        assert_eq!((&saved["is_own"], &saved["account"]), (&json!(true), &json!("kim")));
        assert_eq!(kim.post("/saved-views", view(ONE, query, false)).await.ok(201), saved, "the same one again");
        assert_eq!(lee.post("/saved-views", view(ONE, query, false)).await.status, 409);
        assert_eq!(ids(&lee.get("/saved-views").await.ok(200)), [""; 0]);
        assert_eq!(lee.delete(&format!("/saved-views/{ONE}")).await.status, 404);
        assert_eq!(head.delete(&format!("/saved-views/{ONE}")).await.status, 404);

        assert_eq!(kim.post("/saved-views", view(OTHER, query, true)).await.status, 403);
        head.post("/saved-views", view(OTHER, "", true)).await.ok(201);
        let seen = kim.get("/saved-views").await.ok(200);
        assert_eq!(ids(&seen), [ONE, OTHER]);
        assert_eq!((&seen["items"][1]["is_own"], &seen["items"][1]["is_shared"]), (&json!(false), &json!(true)));
        assert_eq!(kim.delete(&format!("/saved-views/{OTHER}")).await.status, 403);
        assert_eq!(head.delete(&format!("/saved-views/{OTHER}")).await.status, 204);
        assert_eq!(kim.delete(&format!("/saved-views/{ONE}")).await.status, 204);
        assert_eq!(ids(&kim.get("/saved-views").await.ok(200)), [""; 0]);
        // What was saved is what the list takes.
        kim.get(&format!("/cases?{query}")).await.ok(200);
    }

    async fn a_view_holds_filters_that_the_list_takes_and_nothing_else(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let wrong = [
            "name=M%C3%BCller",
            "text=meier",
            "status=asleep",
            "onset_first=2026-02-30",
            "postcode=M%C3%BCller",
            "sort=telephone",
            "limit=5",
            "position=3",
            "cursor=abc",
            "status=open#Meier",
            "status=open Meier",
            "sex=%00",
        ];
        for query in wrong {
            assert_eq!(kim.post("/saved-views", view(ONE, query, false)).await.fields(), ["query"], "{query}");
        }
        let long = format!("setting={}", "x".repeat(2_000));
        assert_eq!(kim.post("/saved-views", view(ONE, &long, false)).await.fields(), ["query"]);
        for name in ["", "  ", &"n".repeat(81)] {
            let view = json!({ "view_id": ONE, "name": name, "query": "", "is_shared": false });
            assert_eq!(kim.post("/saved-views", view).await.fields(), ["name"]);
        }
        assert_eq!(kim.get("/saved-views").await.ok(200)["items"], json!([]));
    }
}
