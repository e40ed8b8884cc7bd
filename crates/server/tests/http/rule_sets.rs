//! The rules of an authority.

use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn new(first: Option<&str>, settings: Value) -> Value {
    json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": first, "last": null,
            "settings": settings, "past_decisions_stay": first.is_none() })
}

async fn before_onset(browser: &Browser<'_>, day: &str) -> Value {
    let on = browser.get(&format!("/rule-sets/on?disease=covid-19&day={day}")).await.ok(200);
    json!([on["version"]["version"], on["version"]["settings"]["days_before_onset"]])
}

async fn first_infectious_day(browser: &Browser<'_>) -> Value {
    let bytes = b"id,onset\nA,2026-02-20\n";
    let import = browser.upload("cases", "cases.csv", bytes).await.ok(201);
    let columns = json!([{ "field": "id", "column": 0 }, { "field": "onset", "column": 1 }]);
    let settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso", "update": false,
                           "strict": false });
    let path = format!("/imports/{}/run", import["import_id"].as_str().unwrap());
    let job = browser.post(&path, settings).await.ok(202);
    assert_eq!(browser.finished(&job).await["state"], "done");
    let cases = browser.get("/cases?disease=covid-19").await.ok(200);
    let sheet = browser.get(&format!("/cases/{}", cases["items"][0]["case_id"].as_str().unwrap())).await.ok(200);
    sheet["infectious"]["first"].clone()
}

contract! {
    async fn an_administrator_sees_previews_makes_and_ends_rules(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let all = ada.get("/rule-sets").await.ok(200);
        assert_eq!((&all["disease"], &all["holds_today"], &all["versions"][0]["version"]), (&json!("covid-19"), &json!(0), &json!(0)));
        for setting in all["settings"].as_array().unwrap() {
            assert!(setting["source"].as_str().unwrap().len() > 10, "{setting}");
            assert!(all["versions"][0]["settings"][setting["key"].as_str().unwrap()].is_string(), "{setting}");
        }
        let body = new(Some("2026-03-01"), json!({ "days_before_onset": "3" }));
        let preview = ada.post("/rule-sets/preview", body.clone()).await.ok(200);
        assert_eq!((&preview["version"], &preview["n_changed"]), (&json!(1), &json!(0)));
        assert_eq!(preview["changes"], json!([{ "key": "days_before_onset", "before": "2", "after": "3" }]));
        let made = ada.post("/rule-sets", body.clone()).await.ok(201);
        assert_eq!((&made["version"], &made["made_by"], &made["first"]), (&json!(1), &json!("ada"), &json!("2026-03-01")));
        assert_eq!(ada.post("/rule-sets", body).await.status, 409, "sent twice, it is made once");
        assert_eq!(before_onset(&ada, "2026-02-28").await, json!([0, "2"]));
        assert_eq!(before_onset(&ada, "2026-03-01").await, json!([1, "3"]));
        let end = json!({ "disease": "covid-19", "version": 1, "newest_seen": 1, "last": "2026-03-31", "past_decisions_stay": false });
        let after = ada.post("/rule-sets/end", end.clone()).await.ok(200);
        assert_eq!((&after["newest"], &after["holds_today"]), (&json!(2), &json!(1)));
        assert_eq!(before_onset(&ada, "2026-04-01").await, json!([2, "2"]));
        assert_eq!(ada.post("/rule-sets/end", end).await.status, 409);
        let log = ada.get("/audit?operation=rule_sets.create").await.ok(200);
        assert_eq!(log["items"].as_array().unwrap().len(), 1);
    }

    async fn what_is_wrong_is_named_field_by_field(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let wrong = new(Some("2026-02-28"), json!({ "days_before_onset": "15", "reminders": "perhaps" }));
        for path in ["/rule-sets", "/rule-sets/preview"] {
            let refused = ada.post(path, wrong.clone()).await;
            assert_eq!(refused.fields(), ["first", "days_before_onset", "reminders"]);
            assert!(refused.text.contains("two weeks") && !refused.text.contains("perhaps"), "{}", refused.text);
        }
        assert_eq!(ada.post("/rule-sets", new(None, json!({ "no_such": "1" }))).await.fields(), ["settings"]);
        assert_eq!(ada.post("/rule-sets", new(Some("soon"), json!({}))).await.fields(), ["first"]);
        assert_eq!(ada.get("/rule-sets?disease=plague").await.fields(), ["disease"]);
        assert_eq!(ada.get("/rule-sets/on?day=yesterday").await.fields(), ["day"]);
        let mut based = new(Some("2026-03-01"), json!({}));
        based["based_on"] = json!(9);
        assert_eq!(ada.post("/rule-sets", based).await.status, 404);
    }

    async fn who_works_by_the_rules_sees_them_and_only_administrators_make_them(kit) {
        let site = Site::on(kit).await;
        let body = new(Some("2026-03-01"), json!({ "days_before_onset": "3" }));
        for role in [Role::CaseWorker, Role::Analyst, Role::Operator] {
            let (browser, _) = site.person(role.as_str(), role).await;
            let sees = if role == Role::Operator { 403 } else { 200 };
            assert_eq!(browser.get("/rule-sets").await.status, sees, "{role}");
            for path in ["/rule-sets", "/rule-sets/preview"] {
                assert_eq!(browser.post(path, body.clone()).await.status, 403, "{role}");
            }
            let end = json!({ "disease": "covid-19", "version": 1, "newest_seen": 0, "last": "2026-03-31", "past_decisions_stay": false });
            assert_eq!(browser.post("/rule-sets/end", end).await.status, 403, "{role}");
        }
    }

    /// The same case on the same day, in two authorities that look back for longer and for less long.
    async fn a_neighbour_has_rules_of_its_own(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        nora.post("/rule-sets", new(None, json!({ "days_before_onset": "4" }))).await.ok(201);
        assert_eq!(ada.get("/rule-sets").await.ok(200)["newest"], 0);
        assert_eq!(first_infectious_day(&ada).await, "2026-02-18");
        assert_eq!(first_infectious_day(&nora).await, "2026-02-16");
        let end = json!({ "disease": "covid-19", "version": 1, "newest_seen": 0, "last": "2026-03-31", "past_decisions_stay": false });
        assert_eq!(ada.post("/rule-sets/end", end).await.status, 404, "it is nora's");
    }
}
