//! Contacts that an index case names by telephone, and the cases that are opened of them.

use super::case_work::{id, new_case, open, reachable, work};
use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

/// A contact of days in February, with other things said of them.
fn contact(n: u8, (first, last): (&str, &str), said: Value) -> Value {
    json!({ "contact_id": id(5, n), "person_id": id(6, n), "case_id": id(7, n), "person_is_known": false,
            "kind": "face_to_face", "first_day": first, "last_day": last, "said": said })
}

fn till() -> Value {
    json!({ "first_name": "Cem", "hint": "the man at the till", "is_health_staff": true })
}

contract! {
    /// Tested on 28 February: infectious from the 26th on.
    async fn a_contact_within_the_infectious_days_has_a_case_of_its_own(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        let inside = kim.post(&path, contact(1, ("2026-02-20", "2026-02-26"), till())).await.ok(201);
        assert_eq!((&inside["inside"], &inside["contact_case_id"]), (&json!(true), &json!(id(7, 1))));
        let outside = kim.post(&path, contact(2, ("2026-02-20", "2026-02-25"), till())).await.ok(201);
        assert_eq!((&outside["inside"], &outside["contact_case_id"]), (&json!(false), &Value::Null));
        let standing = work(&kim, &format!("/cases/{}", id(7, 1))).await["standing"].clone();
        assert_eq!((&standing["case_type"], &standing["status"]), (&json!("contact_medical"), &json!("open")));
        let origins = kim.get(&format!("/cases/{}/origins", id(7, 1))).await.ok(200);
        assert_eq!((&origins["items"][0]["case_id"], &origins["items"][0]["said"]["hint"]),
                   (&json!(id(1, 1)), &json!("the man at the till")));
        assert!(work(&kim, &case).await["milestones"][2]["at"].is_string(), "contacts are named");
        let exposures = kim.get(&format!("{case}/exposures")).await.ok(200);
        assert_eq!(exposures["items"][0]["person_id"], id(6, 1), "and they feed the graph");
    }

    async fn when_the_onset_moves_contacts_move_in_and_those_left_outside_keep_their_case(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        kim.post(&path, contact(1, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        kim.post(&path, contact(2, ("2026-02-10", "2026-02-10"), till())).await.ok(201);
        let change = |changes: Value| json!({ "changes": changes, "seen": null });
        kim.patch(&case, change(json!({ "onset": "2026-02-11" }))).await.ok(200);
        let items = kim.get(&path).await.ok(200)["items"].clone();
        assert_eq!((&items[0]["inside"], &items[0]["contact_case_id"]), (&json!(false), &json!(id(7, 1))), "kept, marked");
        assert_eq!(items[1]["inside"], true);
        assert!(items[1]["contact_case_id"].is_string(), "opened");
    }

    async fn a_contact_opens_no_case_until_it_is_an_index_case_itself(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut by = new_case(1, json!({ "tested": null, "mobile": "0170 1234567" }));
        by["case_type"] = json!("contact");
        let case = open(&kim, by).await;
        let path = format!("{case}/contacts");
        let named = kim.post(&path, contact(1, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        assert_eq!((&named["inside"], &named["contact_case_id"]), (&Value::Null, &Value::Null));
        let test = json!({ "tested_on": "2026-03-01", "new_case_id": id(1, 9) });
        kim.post(&format!("{case}/positive-test"), test).await.ok(200);
        let items = kim.get(&path).await.ok(200)["items"].clone();
        assert_eq!(items[0]["inside"], true);
        assert!(items[0]["contact_case_id"].is_string(), "a case of the contact named already");
    }

    async fn somebody_who_is_known_has_one_case_and_several_origins(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let one = open(&kim, new_case(1, reachable())).await;
        let mut second = new_case(2, reachable());
        second["details"]["mobile"] = json!("0171 7654321");
        let other = open(&kim, second).await;
        kim.post(&format!("{one}/contacts"), contact(1, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        let mut again = contact(2, ("2026-02-27", "2026-02-27"), json!({ "hint": "Cem from work" }));
        again["person_id"] = json!(id(6, 1));
        again["person_is_known"] = json!(true);
        let declared = kim.post(&format!("{other}/contacts"), again).await.ok(201);
        assert_eq!(declared["contact_case_id"], id(7, 1));
        let origins = kim.get(&format!("/cases/{}/origins", id(7, 1))).await.ok(200);
        let hints: Vec<&str> = origins["items"].as_array().unwrap().iter().map(|one| one["said"]["hint"].as_str().unwrap()).collect();
        assert_eq!(hints, ["the man at the till", "Cem from work"], "each keeps what was said");
    }

    async fn contacts_are_told_once_every_one_of_them_was_reached(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        for n in [1, 2] {
            kim.post(&path, contact(n, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        }
        let reach = async |n: u8| {
            let call = json!({ "call_id": id(8, n), "called_at": null, "outcome": "reached", "call_back_at": null, "note": null });
            kim.post(&format!("/cases/{}/calls", id(7, n)), call).await.ok(200);
        };
        let told = async || work(&kim, &case).await["milestones"][3]["at"].is_string();
        reach(1).await;
        assert!(!told().await, "one is left");
        reach(2).await;
        assert!(told().await);
    }

    async fn deleting_a_meeting_deletes_no_case(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        kim.post(&path, contact(1, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        kim.delete(&format!("{path}/{}", id(5, 1))).await.ok(204);
        assert_eq!(kim.delete(&format!("{path}/{}", id(5, 1))).await.status, 404);
        assert!(kim.get(&path).await.ok(200)["items"].as_array().unwrap().is_empty());
        assert_eq!(work(&kim, &format!("/cases/{}", id(7, 1))).await["standing"]["status"], "open");
    }

    async fn what_leads_to_nobody_or_cannot_be_is_refused_at_its_field(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        let day = ("2026-02-28", "2026-02-28");
        let post = |body: Value| kim.post(&path, body);
        assert_eq!(post(contact(1, day, json!({ "first_name": "Peter" }))).await.fields(), ["hint"]);
        assert_eq!(post(contact(1, day, json!({ "last_name": "M3ier", "phone": "1" }))).await.fields(), ["last_name", "phone"]);
        assert_eq!(post(contact(1, ("2026-02-28", "2026-03-02"), till())).await.fields(), ["last_day"]);
        assert_eq!(post(contact(1, ("2026-02-28", "2026-02-27"), till())).await.fields(), ["last_day"]);
        let mut oneself = contact(1, day, till());
        oneself["person_id"] = json!(id(2, 1));
        oneself["person_is_known"] = json!(true);
        assert_eq!(post(oneself).await.status, 409);
        post(contact(1, day, till())).await.ok(201);
        post(contact(1, day, till())).await.ok(201);
        let mut same = contact(2, day, till());
        same["person_id"] = json!(id(6, 1));
        same["person_is_known"] = json!(true);
        assert_eq!(post(same).await.status, 409, "the same contact on the same day is one meeting");
        assert_eq!(kim.get(&path).await.ok(200)["items"].as_array().unwrap().len(), 1);
    }

    async fn a_neighbour_neither_sees_nor_changes_contacts(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/contacts");
        kim.post(&path, contact(1, ("2026-02-28", "2026-02-28"), till())).await.ok(201);
        let tries = [
            nora.get(&path).await,
            nora.get(&format!("/cases/{}/origins", id(7, 1))).await,
            nora.post(&path, contact(2, ("2026-02-28", "2026-02-28"), till())).await,
            nora.delete(&format!("{path}/{}", id(5, 1))).await,
        ];
        for answer in tries {
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
        assert_eq!(kim.get(&path).await.ok(200)["items"].as_array().unwrap().len(), 1);
    }
}
