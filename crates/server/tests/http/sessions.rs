//! Signing in and staying signed in.

use crate::site::{PASSWORD, Site};
use domain::authorities::Role;
use serde_json::json;
use testkit::contract;

contract! {
    async fn somebody_signs_in_with_password_and_code_and_out_again(kit) {
        let site = Site::on(kit).await;
        let (_, secret) = site.person("kim", Role::CaseWorker).await;
        site.wait_min(1);
        let browser = site.stranger();
        let session = browser.sign_in("kim", PASSWORD, Some(&site.code(&secret))).await.ok(200);
        assert_eq!(session["role"], "case_worker");
        assert_eq!(session["authority"]["short_code"], "local");
        let may = ["import_facts", "see_cases", "work_on_cases", "see_exposures", "see_outbreak", "see_rules", "see_messages", "manage_messages",
            "export_cases", "export_line_list", "read_enrolled_cases", "see_venues", "hand_in_visitors", "make_runs"];
        assert_eq!(session["may"], json!(may));
        assert_eq!(browser.get("/session").await.ok(200)["user_name"], "kim");
        browser.delete("/session").await.ok(204);
        assert_eq!(browser.get("/session").await.status, 401);
    }

    /// Whoever fails learns nothing: not whether the account exists, nor what of it was wrong.
    async fn all_who_fail_are_told_the_same(kit) {
        let site = Site::on(kit).await;
        let (_, secret) = site.person("kim", Role::CaseWorker).await;
        site.wait_min(1);
        let code = site.code(&secret);
        let mut answers = Vec::new();
        for (name, password, code) in [
            ("nobody", PASSWORD, Some(code.as_str())),
            ("kim", "another password altogether", Some(code.as_str())),
            ("kim", PASSWORD, None),
            ("kim", PASSWORD, Some("000000")),
            ("kim", PASSWORD, Some("AAAAA-AAAAA")),
            ("test", PASSWORD, Some(code.as_str())),
        ] {
            let answer = site.stranger().sign_in(name, password, code).await;
            assert_eq!((answer.status, answer.kind().as_str()), (401, "wrong-credentials"), "{name}");
            let mut body = answer.json();
            body["request_id"] = json!("");
            answers.push(body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        let elsewhere = json!({ "authority": "nope", "user_name": "kim", "password": PASSWORD, "code": code });
        assert_eq!(site.stranger().post("/session", elsewhere).await.kind(), "wrong-credentials");
        site.stranger().sign_in("kim", PASSWORD, Some(&code)).await.ok(200);
    }

    async fn a_code_works_once(kit) {
        let site = Site::on(kit).await;
        let (_, secret) = site.person("kim", Role::CaseWorker).await;
        let code = site.code(&secret);
        assert_eq!(site.stranger().sign_in("kim", PASSWORD, Some(&code)).await.status, 401, "it accepted the invitation");
        site.wait_min(1);
        let code = site.code(&secret);
        site.stranger().sign_in("kim", PASSWORD, Some(&code)).await.ok(200);
        assert_eq!(site.stranger().sign_in("kim", PASSWORD, Some(&code)).await.status, 401);
    }

    async fn a_session_ends_after_half_an_hour_of_silence_and_after_twelve_hours(kit) {
        let site = Site::on(kit).await;
        let (browser, _) = site.person("kim", Role::CaseWorker).await;
        site.wait_min(29);
        browser.get("/session").await.ok(200);
        site.wait_min(29);
        browser.get("/session").await.ok(200);
        site.wait_min(30);
        assert_eq!(browser.get("/session").await.status, 401, "silent for half an hour");

        let (browser, _) = site.person("ada", Role::CaseWorker).await;
        for _ in 0..47 {
            site.wait_min(15);
            browser.get("/session").await.ok(200);
        }
        site.wait_min(15);
        assert_eq!(browser.get("/session").await.status, 401, "twelve hours are a day's work");
    }

    async fn the_cookie_gets_a_new_secret_and_the_old_one_works_for_a_minute_only(kit) {
        let site = Site::on(kit).await;
        let (browser, _) = site.person("kim", Role::CaseWorker).await;
        let old = browser.cookie.lock().unwrap().clone();
        site.wait_min(15);
        browser.get("/session").await.ok(200);
        let new = browser.cookie.lock().unwrap().clone();
        assert_ne!(old, new);
        let with = |cookie: &str| {
            let other = site.stranger();
            *other.cookie.lock().unwrap() = cookie.to_owned();
            other
        };
        with(&old).get("/session").await.ok(200);
        assert_eq!(browser.get("/session").await.status, 200, "the request on its way took nothing from the new one");
        site.wait_min(1);
        assert_eq!(with(&old).get("/session").await.status, 401);
        browser.get("/session").await.ok(200);
    }

    async fn another_password_ends_all_other_sessions_and_keys(kit) {
        let site = Site::on(kit).await;
        let (browser, secret) = site.person("kim", Role::CaseWorker).await;
        site.wait_min(1);
        let other = site.stranger();
        other.sign_in("kim", PASSWORD, Some(&site.code(&secret))).await.ok(200);
        let token = browser.post("/tokens", json!({ "name": "report", "scopes": ["see_outbreak"], "days": 7 })).await.ok(201);
        let mut program = site.stranger();
        program.token = Some(token["token"].as_str().unwrap().to_owned());
        program.get("/jobs").await.ok(403);

        site.wait_min(1);
        let new = "brisk uncle violet ladder";
        let change = |current: &str, new: &str| {
            json!({ "current": current, "new": new, "code": site.code(&secret) })
        };
        assert_eq!(browser.put("/account/password", change("wrong one here", new)).await.fields(), ["current"]);
        assert_eq!(browser.put("/account/password", change(PASSWORD, "short")).await.fields(), ["new"]);
        assert_eq!(browser.put("/account/password", change(PASSWORD, "password1234")).await.fields(), ["new"]);
        browser.put("/account/password", change(PASSWORD, new)).await.ok(204);
        browser.get("/session").await.ok(200);
        assert_eq!(other.get("/session").await.status, 401);
        assert_eq!(program.get("/jobs").await.status, 401);
        site.wait_min(1);
        assert_eq!(site.stranger().sign_in("kim", PASSWORD, Some(&site.code(&secret))).await.status, 401);
        site.stranger().sign_in("kim", new, Some(&site.code(&secret))).await.ok(200);
    }

    async fn recovery_codes_work_once_each_and_go_when_new_ones_come(kit) {
        let site = Site::on(kit).await;
        let founder = site.app.sign_in_as("test", None).await.unwrap();
        let (_, link) = site.app.create_invited_account(&founder, "kim", Role::CaseWorker).await.unwrap();
        let browser = site.stranger();
        let (secret, codes) = browser.accept(link.unwrap().secret.expose()).await;
        assert_eq!(codes.len(), 10);
        site.stranger().sign_in("kim", PASSWORD, Some(&codes[0].to_lowercase())).await.ok(200);
        assert_eq!(site.stranger().sign_in("kim", PASSWORD, Some(&codes[0])).await.status, 401);
        site.wait_min(1);
        let proof = json!({ "password": PASSWORD, "code": site.code(&secret) });
        let new = browser.post("/account/recovery-codes", proof).await.ok(200);
        assert_eq!(site.stranger().sign_in("kim", PASSWORD, Some(&codes[1])).await.status, 401);
        let first = new["recovery_codes"][0].as_str().unwrap();
        site.stranger().sign_in("kim", PASSWORD, Some(first)).await.ok(200);
    }

    async fn after_many_attempts_on_one_account_all_wait_and_are_told_how_long(kit) {
        let site = Site::on(kit).await;
        let mut statuses = Vec::new();
        for _ in 0..11 {
            statuses.push(site.stranger().sign_in("Nobody", "some password or other", None).await.status);
        }
        assert_eq!(statuses[..10], [401; 10]);
        let refused = site.stranger().sign_in("nobody", "some password or other", None).await;
        assert_eq!((refused.status, refused.kind().as_str()), (429, "too-many-attempts"), "capitals don't matter");
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=31).contains(&seconds), "{seconds}");
        let other = site.stranger().sign_in("somebody", "some password or other", None).await;
        assert_eq!(other.status, 401, "others are not kept waiting");
    }

    async fn after_many_attempts_from_one_address_all_of_them_wait(kit) {
        let site = Site::on(kit).await;
        for n in 0..30 {
            assert_eq!(site.stranger().post("/invitations/open", json!({ "token": n.to_string() })).await.status, 404);
        }
        let refused = site.stranger().sign_in("kim", PASSWORD, None).await;
        assert_eq!(refused.status, 429);
    }

    async fn who_works_for_two_authorities_changes_between_them(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (browser, _) = site.person("kim", Role::CaseWorker).await;
        assert_eq!(browser.put("/session/authority", json!({ "short_code": "next" })).await.status, 404, "no member");
        let (administrator, _) = site.person_in("next", "ada", Role::Administrator).await;
        let made = administrator.post("/accounts", json!({ "user_name": "kim", "role": "analyst" })).await.ok(201);
        assert_eq!(made["link"], json!(null), "who has a password gets no link to another");
        let before = browser.cookie.lock().unwrap().clone();
        let session = browser.put("/session/authority", json!({ "short_code": "next" })).await.ok(200);
        assert_eq!((session["role"].as_str(), session["authority"]["short_code"].as_str()), (Some("analyst"), Some("next")));
        assert_ne!(before, *browser.cookie.lock().unwrap());
        let wanted = json!({ "name": "x", "scopes": ["see_outbreak"], "days": 1 });
        assert_eq!(browser.post("/tokens", wanted).await.kind(), "forged", "a page that shows the other one must reload");
        assert_eq!(browser.get("/imports").await.status, 403, "an analyst here");
        let id = made["account"]["account_id"].as_str().unwrap();
        let refused = administrator.post(&format!("/accounts/{id}/invitation"), json!({})).await;
        assert_eq!(refused.status, 409, "the neighbour's administrator can't become kim");
        let refused = administrator.patch(&format!("/accounts/{id}"), json!({ "disabled": true })).await;
        assert_eq!(refused.status, 409);
    }
}
