//! Accounts of an authority.

use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn named<'v>(list: &'v Value, name: &str) -> &'v Value {
    list["items"].as_array().unwrap().iter().find(|account| account["user_name"] == name).unwrap()
}

contract! {
    async fn an_administrator_makes_accounts_changes_roles_and_disables(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let made = ada.post("/accounts", json!({ "user_name": "kim", "role": "analyst" })).await.ok(201);
        assert_eq!(made["account"]["state"], "invited");
        let token = made["link"].as_str().unwrap().trim_start_matches("/invitation#").to_owned();
        let kim = site.stranger();
        kim.accept(&token).await;
        let list = ada.get("/accounts").await.ok(200);
        assert_eq!(named(&list, "kim")["state"], "active");
        assert_eq!(named(&list, "kim")["has_totp"], true);
        assert_eq!(named(&list, "kim")["last_seen_on"], "2026-03-01");
        let path = format!("/accounts/{}", made["account"]["account_id"].as_str().unwrap());
        assert_eq!(ada.patch(&path, json!({ "role": "case_worker" })).await.ok(200)["role"], "case_worker");
        assert_eq!(kim.get("/session").await.status, 401, "another role begins with another session");
        assert_eq!(ada.patch(&path, json!({ "disabled": true })).await.ok(200)["state"], "disabled");
        assert_eq!(ada.patch(&path, json!({ "role": "emperor" })).await.fields(), ["role"]);
        assert_eq!(ada.patch(&path, json!({ "role": "operator" })).await.fields(), ["role"]);
    }

    async fn names_are_taken_once_and_have_no_spaces(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let make = |name: &str| ada.post("/accounts", json!({ "user_name": name, "role": "analyst" }));
        make("kim").await.ok(201);
        assert_eq!(make("kim").await.status, 409);
        for wrong in ["", "a b", "cli:root"] {
            assert_eq!(make(wrong).await.fields(), ["name"], "{wrong}");
        }
    }

    async fn an_operator_gives_themselves_no_role_in_which_they_would_see_persons(kit) {
        let site = Site::on(kit).await;
        let (olu, _) = site.person("olu", Role::Operator).await;
        let refused = olu.post("/accounts", json!({ "user_name": "olu", "role": "administrator" })).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert_eq!(olu.get("/cases").await.status, 403);
    }

    async fn nobody_locks_everybody_out(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (bob, _) = site.person("bob", Role::Administrator).await;
        let id = |session: Value| session["account_id"].as_str().unwrap().to_owned();
        let ada_id = id(ada.get("/session").await.ok(200));
        let bob_id = id(bob.get("/session").await.ok(200));
        assert_eq!(ada.patch(&format!("/accounts/{ada_id}"), json!({ "role": "analyst" })).await.status, 409, "oneself");
        bob.patch(&format!("/accounts/{ada_id}"), json!({ "role": "case_worker" })).await.ok(200);
        let founder = site.app.sign_in_as("test", None).await.unwrap();
        let change = app::accounts::AccountChange { role: Some(Role::Analyst), disabled: None };
        let last = site.app.change_account(&founder, domain::ids::AccountId(bob_id.parse().unwrap()), change).await;
        assert!(matches!(last, Err(app::AppError::Conflict(_))), "the last one who can sign in");
    }
}
