//! The questions that everybody is asked once, and what follows from the answers.

use super::case_work::{id, new_case, open, reachable, work};
use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn answers() -> Value {
    let answer = |is_so: Value, text: Value| json!({ "is_so": is_so, "text": text });
    json!({
        "has_symptoms": true, "onset": "2026-02-20", "symptoms": ["cough", "fever"], "infected_on": "2026-02-16",
        "infected_at": "choir", "family_doctor": "Dr. Ruhig", "condition": answer(json!(false), json!("asthma")),
        "medical_staff": answer(json!(true), json!("ward 3")), "vulnerable_contact": answer(Value::Null, Value::Null),
    })
}

contract! {
    async fn answers_are_kept_a_no_clears_and_the_onset_is_that_of_the_case(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/questionnaire");
        assert_eq!(kim.get(&path).await.ok(200)["is_answered"], false);
        kim.put(&path, answers()).await.ok(200);
        let seen = kim.get(&path).await.ok(200);
        assert_eq!((&seen["answers"]["symptoms"], &seen["answers"]["infected_at"]), (&json!(["fever", "cough"]), &json!("choir")));
        assert_eq!((&seen["answers"]["condition"]["text"], &seen["is_answered"]), (&Value::Null, &json!(true)));
        assert_eq!(kim.get(&case).await.ok(200)["symptom_onset"], "2026-02-20");
        let mut none = answers();
        none["has_symptoms"] = json!(false);
        none["infected_on"] = Value::Null;
        let seen = kim.put(&path, none).await.ok(200);
        assert_eq!((&seen["answers"]["symptoms"], &seen["answers"]["onset"]), (&json!([]), &Value::Null));
        assert_eq!(kim.get(&case).await.ok(200)["symptom_onset"], Value::Null);
    }

    async fn what_is_wrong_is_named_and_nothing_is_kept(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/questionnaire");
        let wrong = async |field: &str, value: Value| {
            let mut body = answers();
            body[field] = value;
            kim.put(&path, body).await.ok(422)["errors"][0]["field"].clone()
        };
        assert_eq!(wrong("infected_on", json!("2026-02-21")).await, "infected_on", "after the onset");
        assert_eq!(wrong("onset", json!("2036-02-21")).await, "onset", "in the future");
        assert_eq!(wrong("symptoms", json!(["green_hair"])).await, "symptoms");
        assert_eq!(wrong("family_doctor", json!("x".repeat(10_001))).await, "family_doctor");
        assert_eq!(kim.get(&path).await.ok(200)["is_answered"], false);
        assert_eq!(kim.get(&case).await.ok(200)["symptom_onset"], Value::Null);
    }

    async fn a_contact_who_works_in_health_care_is_one_from_then_on(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut contact = new_case(1, json!({ "tested": null, "mobile": "0170 1234567" }));
        contact["case_type"] = json!("contact");
        let case = open(&kim, contact).await;
        kim.put(&format!("{case}/questionnaire"), answers()).await.ok(200);
        assert_eq!(work(&kim, &case).await["standing"]["case_type"], "contact_medical");
        let changes = kim.get(&format!("{case}/history")).await.ok(200)["items"].to_string();
        assert!(changes.contains("contact_medical") && !changes.contains("ward 3"), "{changes}");
    }

    async fn that_they_met_nobody_is_said_taken_back_and_ended_by_a_contact(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let (path, contacts) = (format!("{case}/no-contacts"), format!("{case}/contacts"));
        let named = async || work(&kim, &case).await["milestones"][2]["at"].is_string();
        kim.put(&path, json!({ "says_so": true })).await.ok(204);
        assert!(named().await, "nobody is an answer");
        assert_eq!(kim.get(&contacts).await.ok(200)["says_no_contacts"], true);
        kim.put(&path, json!({ "says_so": false })).await.ok(204);
        assert!(!named().await);
        kim.put(&path, json!({ "says_so": true })).await.ok(204);
        let contact = json!({ "contact_id": id(5, 1), "person_id": id(6, 1), "case_id": id(7, 1), "person_is_known": false,
            "kind": "care", "first_day": "2026-02-27", "last_day": "2026-02-27", "said": { "hint": "the nurse" } });
        kim.post(&contacts, contact).await.ok(201);
        assert_eq!(kim.get(&contacts).await.ok(200)["says_no_contacts"], false);
        kim.put(&path, json!({ "says_so": true })).await.ok(409);
    }
}
