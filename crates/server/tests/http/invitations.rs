//! Links by which somebody sets password and second factor.

use crate::site::{PASSWORD, Site};
use domain::authorities::Role;
use serde_json::json;
use testkit::contract;

contract! {
    async fn the_first_administrator_comes_by_a_link_that_works_once(kit) {
        let site = Site::on(kit).await;
        let authority = site.app.authorities().await.unwrap().remove(0);
        let first = site.app.first_administrator(&authority).await.unwrap().unwrap();
        let link = site.app.first_administrator(&authority).await.unwrap().unwrap();
        assert_eq!(link.account, "test", "the administrator who never signed in");
        assert_eq!(link.path(), format!("/invitation#{}", link.secret.expose()), "behind the #, so it reaches no log");
        let browser = site.stranger();
        let old = browser.post("/invitations/open", json!({ "token": first.secret.expose() })).await;
        assert_eq!(old.status, 404, "a new link replaces the one before");
        browser.accept(link.secret.expose()).await;
        assert_eq!(browser.get("/session").await.ok(200)["role"], "administrator");
        let again = site.stranger().post("/invitations/open", json!({ "token": link.secret.expose() })).await;
        assert_eq!((again.status, again.kind().as_str()), (404, "not-found"));
        assert!(site.app.first_administrator(&authority).await.unwrap().is_none(), "somebody can sign in now");
    }

    async fn a_link_ends_with_its_hour(kit) {
        let site = Site::on(kit).await;
        let authority = site.app.authorities().await.unwrap().remove(0);
        let link = site.app.first_administrator(&authority).await.unwrap().unwrap();
        let token = json!({ "token": link.secret.expose() });
        site.wait_min(59);
        site.stranger().post("/invitations/open", token.clone()).await.ok(200);
        site.wait_min(1);
        assert_eq!(site.stranger().post("/invitations/open", token).await.status, 404);
    }

    async fn weak_passwords_and_wrong_codes_are_told_at_the_field_and_use_nothing_up(kit) {
        let site = Site::on(kit).await;
        let founder = site.app.sign_in_as("test", None).await.unwrap();
        let (_, link) = site.app.create_invited_account(&founder, "kim", Role::CaseWorker).await.unwrap();
        let token = link.unwrap().secret.expose().to_owned();
        let browser = site.stranger();
        let try_with = |password: &str, code: &str| json!({ "token": token, "password": password, "code": code });
        assert_eq!(browser.post("/invitations/accept", try_with("short", "000000")).await.fields(), ["password"]);
        assert_eq!(browser.post("/invitations/accept", try_with(PASSWORD, "000000")).await.fields(), ["code"]);
        browser.accept(&token).await;
    }

    async fn who_is_disabled_is_not_let_in_by_an_old_link(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let id = kim.get("/session").await.ok(200)["account_id"].as_str().unwrap().to_owned();
        let link = ada.post(&format!("/accounts/{id}/invitation"), json!({})).await.ok(200);
        let token = json!({ "token": link["link"].as_str().unwrap().trim_start_matches("/invitation#") });
        ada.patch(&format!("/accounts/{id}"), json!({ "disabled": true })).await.ok(200);
        assert_eq!(site.stranger().post("/invitations/open", token).await.status, 404);
    }

    /// Else its maker could become somebody who works for a neighbour by now.
    async fn a_link_ends_when_its_account_begins_to_work_for_another_authority(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let made = ada.post("/accounts", json!({ "user_name": "kim", "role": "analyst" })).await.ok(201);
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        nora.post("/accounts", json!({ "user_name": "kim", "role": "analyst" })).await.ok(201);
        let token = json!({ "token": made["link"].as_str().unwrap().trim_start_matches("/invitation#") });
        assert_eq!(site.stranger().post("/invitations/open", token).await.status, 404);
    }

    async fn a_new_link_for_somebody_ends_their_sessions_when_it_is_taken_up(kit) {
        let site = Site::on(kit).await;
        let (administrator, _) = site.person("ada", Role::Administrator).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let id = kim.get("/session").await.ok(200)["account_id"].as_str().unwrap().to_owned();
        let link = administrator.post(&format!("/accounts/{id}/invitation"), json!({})).await.ok(200);
        let token = link["link"].as_str().unwrap().trim_start_matches("/invitation#").to_owned();
        kim.get("/session").await.ok(200);
        site.wait_min(1);
        site.stranger().accept(&token).await;
        assert_eq!(kim.get("/session").await.status, 401);
    }
}
