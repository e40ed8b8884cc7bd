//! The diary of a case over HTTP, written by staff on the telephone.

use super::case_work::{id, new_case, open, reachable, work};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn entry(n: u8, (day, part): (&str, &str), temperature: Value, symptoms: &[&str]) -> Value {
    json!({ "entry_id": id(8, n), "day": day, "part": part, "temperature_c": temperature, "symptoms": symptoms,
            "contacts": [], "note": null })
}

async fn kinds(browser: &Browser<'_>, case: &str) -> Vec<String> {
    let items = work(browser, case).await["items"].as_array().unwrap().clone();
    let waits = |item: &&Value| item["resolution"].is_null();
    items.iter().filter(waits).map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

contract! {
    /// Tested on 28 February; it is 1 March, 13:00 in Berlin.
    async fn an_entry_on_the_telephone_is_written_shown_and_changed(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/diary");
        let said = json!({ "hint": "the woman at the till" });
        let met = json!({ "contact_id": id(5, 1), "person_id": id(6, 1), "case_id": id(7, 1), "person_is_known": false,
                          "kind": "face_to_face", "first_day": "2026-02-28", "last_day": "2026-02-28", "said": said });
        kim.post(&format!("{case}/contacts"), met).await.ok(201);
        let mut new = entry(1, ("2026-03-01", "morning"), json!(36.8), &[]);
        new["contacts"] = json!([id(5, 1)]);
        new["note"] = json!("lost her keys");
        let written = kim.post(&path, new.clone()).await.ok(201);
        assert_eq!((&written["said_by"], &written["account"], &written["temperature_c"]),
                   (&json!("phone"), &json!("kim"), &json!(36.8)));
        assert_eq!(kim.post(&path, new).await.ok(201)["entry_id"], written["entry_id"], "sent again it is one");
        let page = kim.get(&path).await.ok(200);
        let states: Vec<&str> = page["items"].as_array().unwrap().iter().map(|slot| slot["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["to_come", "entered", "missing", "missing"]);
        assert_eq!(page["items"][1]["entry"], written);
        assert_eq!((&page["begun_on"], &page["next"], &page["disease"]), (&json!("2026-02-28"), &Value::Null, &json!("covid-19")));

        let at = format!("{path}/{}", id(8, 1));
        let change = |seen: Value| json!({ "seen": seen, "temperature_c": 39.5, "symptoms": ["shortness_of_breath", "cough"],
                                           "contacts": [], "note": null });
        let changed = kim.put(&at, change(Value::Null)).await.ok(200);
        assert_eq!((&changed["symptoms"], &changed["changed_by"]), (&json!(["cough", "shortness_of_breath"]), &json!("kim")));
        assert_eq!(kim.put(&at, change(Value::Null)).await.ok(200), changed, "sent again it is the same");
        let mut unseen = change(Value::Null);
        unseen["temperature_c"] = json!(36.0);
        assert_eq!(kim.put(&at, unseen.clone()).await.status, 409);
        assert_eq!(kinds(&kim, &case).await, ["initial_call", "increased_temperature", "suspicious_symptom"]);
        let page = kim.get(&path).await.ok(200);
        let increased: Vec<&Value> = page["items"].as_array().unwrap().iter().map(|slot| &slot["is_increased"]).collect();
        assert_eq!(increased, [false, true, false, false]);
        unseen["seen"] = changed["changed_at"].clone();
        unseen["symptoms"] = json!([]);
        kim.put(&at, unseen).await.ok(200);
        assert_eq!(kinds(&kim, &case).await, ["initial_call"]);
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        assert_eq!(history["items"].as_array().unwrap().iter().filter(|one| one["field"] == "diary").count(), 3);
        kim.delete(&format!("{case}/contacts/{}", id(5, 1))).await.ok(204);
        assert_eq!(kim.get(&path).await.ok(200)["items"][1]["entry"]["contacts"], json!([]));
    }

    async fn what_is_wrong_is_named_by_its_field(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/diary");
        let morning = ("2026-03-01", "morning");
        for (body, field) in [
            (entry(1, morning, json!(34.8), &[]), "temperature_c"),
            (entry(1, morning, json!(45.1), &[]), "temperature_c"),
            (entry(1, morning, json!(36.85), &[]), "temperature_c"),
            (entry(1, morning, json!(36.8), &["no_such"]), "symptoms"),
            (entry(1, ("2026-03-01", "evening"), json!(36.8), &[]), "day"),
            (entry(1, ("2026-02-27", "evening"), json!(36.8), &[]), "day"),
            (entry(1, ("2026-03-01", "noon"), json!(36.8), &[]), "part"),
            (entry(1, ("yesterday", "morning"), json!(36.8), &[]), "day"),
        ] {
            let refused = kim.post(&path, body.clone()).await;
            assert_eq!((refused.status, refused.fields()), (422, vec![field.to_owned()]), "{body}: {}", refused.text);
        }
        let mut meant = entry(1, morning, json!(34.8), &[]);
        meant["temperature_confirmed"] = json!(true);
        kim.post(&path, meant).await.ok(201);
        let again = kim.post(&path, entry(2, morning, json!(36.8), &[])).await;
        assert_eq!((again.status, again.kind().as_str()), (409, "conflict"), "{}", again.text);
    }

    async fn a_long_diary_comes_page_by_page(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, json!({ "onset": "2026-02-10" }))).await;
        let (mut days, mut before) = (0, String::new());
        loop {
            let page = kim.get(&format!("{case}/diary?limit=7{before}")).await.ok(200);
            days += page["items"].as_array().unwrap().len() / 2;
            let Some(next) = page["next"].as_str() else { break };
            before = format!("&before={next}");
        }
        assert_eq!(days, 20);
        assert_eq!(kim.get(&format!("{case}/diary?limit=201")).await.fields(), ["limit"]);
        assert_eq!(kim.get(&format!("{case}/diary?before=x")).await.fields(), ["before"]);
    }

    async fn every_disease_has_its_symptoms_in_three_languages(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let covid = kim.get("/diseases/covid-19/symptoms").await.ok(200);
        let smell = covid["items"].as_array().unwrap().iter().find(|one| one["symptom"] == "loss_of_smell").unwrap();
        assert_eq!(smell["names"], json!({ "de": "Verlust des Geruchssinns", "en": "Loss of smell", "tr": "Koku alma kaybı" }));
        assert_eq!((&smell["characteristic"], &smell["suspicious_for_index"], &smell["suspicious_for_contacts"]),
                   (&json!(true), &json!(false), &json!(true)));
        assert!(covid["source"].as_str().unwrap().contains("WHO"));
        let measles = kim.get("/diseases/measles/symptoms").await.ok(200);
        assert!(measles["items"].as_array().unwrap().iter().any(|one| one["symptom"] == "koplik_spots"));
        assert_eq!(kim.get("/diseases/no-such/symptoms").await.status, 404);
    }
}
