//! Merging two persons and parting them again, as the page does it.

use super::case_work::{id, new_case, open, reachable, work};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

/// Two cases of one Anna, and whom to merge: the paths of both persons.
async fn two(kim: &Browser<'_>) -> (String, String) {
    open(kim, new_case(1, reachable())).await;
    let other =
        json!({ "first_name": "Ana", "mobile": "0171 7654321", "email": "ana@example.org", "reported": "2026-02-27" });
    open(kim, new_case(2, other)).await;
    (format!("/persons/{}", id(2, 1)), format!("/persons/{}", id(2, 2)))
}

async fn preview(kim: &Browser<'_>, person: &str) -> Value {
    kim.post(&format!("{person}/merge/preview"), json!({ "other_id": id(2, 2) })).await.ok(200)
}

fn merge(preview: &Value, values: Value) -> Value {
    json!({ "merge_id": id(8, 1), "other_id": id(2, 2), "values": values, "cases": [], "seen": preview["seen"] })
}

contract! {
    async fn a_preview_says_what_differs_and_what_moves(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (person, _) = two(&kim).await;
        let preview = preview(&kim, &person).await;
        let field = |name: &str| {
            let fields = preview["fields"].as_array().unwrap();
            fields.iter().find(|field| field["field"] == name).unwrap().clone()
        };
        assert_eq!(field("first_name"), json!({ "field": "first_name", "kept": "Anna", "other": "Ana", "takes": "kept" }));
        assert_eq!(field("email")["takes"], "other", "only she has one");
        let case = &preview["cases"][0];
        assert_eq!((&case["kept_case_id"], &case["folded_case_id"]), (&json!(id(1, 2)), &json!(id(1, 1))), "reported earlier");
        assert_eq!((&case["case_type"], &case["proposed_quarantine"]), (&json!("index"), &Value::Null));
        assert_eq!(preview["moves"]["outbreak_case"], 1);
    }

    async fn merged_and_parted_again(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (person, other) = two(&kim).await;
        let before = kim.get(&other).await.ok(200);
        let seen = preview(&kim, &person).await;
        let done = kim.post(&format!("{person}/merge"), merge(&seen, json!({ "mobile": "other" }))).await.ok(201);
        assert_eq!((&done["account"], &done["undo_until"]), (&json!("kim"), &json!("2026-03-31T12:00:00Z")));
        assert_eq!(done["cases"][0], json!({ "kept_case_id": id(1, 2), "folded_case_id": id(1, 1) }));
        let now = kim.get(&other).await.ok(200);
        assert_eq!((&now["person_id"], &now["email"]), (&json!(id(2, 1)), &json!("ana@example.org")));
        let sheet = kim.get(&format!("/cases/{}", id(1, 1))).await.ok(200);
        assert_eq!(sheet["case_id"], id(1, 2), "an old address leads on");
        let late = kim.post(&format!("/cases/{}/comments", id(1, 1)), json!({ "comment_id": id(4, 1), "text": "deaf" })).await;
        assert_eq!(late.status, 409, "and takes no more");
        let history = kim.get(&format!("/cases/{}/history", id(1, 2))).await.ok(200);
        let lines: Vec<&Value> = history["items"].as_array().unwrap().iter().filter(|line| line["why"] == "merge").collect();
        assert!(lines.iter().any(|line| line["field"] == "merged" && line["after"] == id(2, 2)), "{lines:?}");
        assert!(lines.iter().any(|line| line["field"] == "first_name" && line["before"] == "Ana"), "both names stay in it");
        let listed = kim.get(&format!("{person}/merges")).await.ok(200);
        assert_eq!(listed["items"][0]["undo_until"], done["undo_until"]);

        let undone = kim.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await.ok(200);
        assert_eq!((&undone["stays"], &undone["changed_since"]), (&json!({}), &json!([])));
        assert_eq!(kim.get(&other).await.ok(200), before);
        assert_eq!(work(&kim, &format!("/cases/{}", id(1, 1))).await["standing"]["status"], "open");
        let again = kim.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await;
        assert_eq!((again.status, again.kind().as_str()), (409, "conflict"));
        let listed = kim.get(&format!("{person}/merges")).await.ok(200);
        assert_eq!((&listed["items"][0]["undo_until"], listed["items"][0]["undone_at"].is_string()), (&Value::Null, true));
    }

    async fn after_thirty_days_a_merge_is_final(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (person, _) = two(&kim).await;
        let seen = preview(&kim, &person).await;
        kim.post(&format!("{person}/merge"), merge(&seen, json!({}))).await.ok(201);
        site.wait_min(60 * 24 * 30);
        let (lea, _) = site.person("lea", Role::CaseWorker).await;
        assert_eq!(lea.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await.status, 409);
    }

    async fn what_cannot_be_chosen_is_refused_and_nothing_is_merged(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (person, other) = two(&kim).await;
        let seen = preview(&kim, &person).await;
        let path = format!("{person}/merge");
        let post = |body: Value| kim.post(&path, body);
        assert_eq!(post(merge(&seen, json!({ "first_name": "both" }))).await.fields(), ["values"]);
        assert_eq!(post(merge(&seen, json!({ "shoe_size": "kept" }))).await.fields(), ["values"]);
        let mut strange = merge(&seen, json!({}));
        strange["cases"] = json!([{ "folded_case_id": id(1, 7), "values": {} }]);
        assert_eq!(post(strange).await.fields(), ["cases"]);
        let mut wrong = merge(&seen, json!({}));
        wrong["cases"] = json!([{ "folded_case_id": id(1, 1), "values": { "status": "other" } }]);
        assert_eq!(post(wrong).await.fields(), ["values"], "a rule says it");
        let mut oneself = merge(&seen, json!({}));
        oneself["other_id"] = json!(id(2, 1));
        assert_eq!(post(oneself).await.fields(), ["other_id"]);
        let mut nobody = merge(&seen, json!({}));
        nobody["other_id"] = json!(id(2, 9));
        assert_eq!(post(nobody).await.status, 404);
        let mut old = merge(&seen, json!({}));
        old["seen"]["other"] = json!(id(2, 9));
        assert_eq!(post(old).await.status, 409);
        assert_eq!(kim.get(&other).await.ok(200)["person_id"], id(2, 2));
    }

    async fn who_is_not_the_same_is_not_proposed_again(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let same = json!({ "born": "1980-05-17", "mobile": "+49 170 1234567" });
        open(&kim, new_case(1, same.clone())).await;
        open(&kim, new_case(2, same)).await;
        let duplicates = format!("/persons/{}/duplicates", id(2, 1));
        let count = |answer: Value| answer["items"].as_array().unwrap().len();
        assert_eq!(count(kim.get(&duplicates).await.ok(200)), 1);
        // The ids of these tests were made on that day.
        let newcomers = "/possible-duplicates?from=2026-01-27T15:00:00Z&until=2026-01-27T16:00:00Z";
        let found = kim.get(newcomers).await.ok(200);
        assert_eq!((&found["items"][0]["person_id"], &found["n_compared"]), (&json!(id(2, 2)), &json!(2)), "the later one");
        assert_eq!(found["items"][0]["duplicates"][0]["person_id"], id(2, 1));
        let distinct = format!("/persons/{}/distinct/{}", id(2, 2), id(2, 1));
        kim.put(&distinct, json!({})).await.ok(204);
        assert_eq!(count(kim.get(&duplicates).await.ok(200)), 0);
        assert_eq!(count(kim.get(newcomers).await.ok(200)), 0);
        kim.delete(&distinct).await.ok(204);
        assert_eq!(count(kim.get(&duplicates).await.ok(200)), 1, "a slip can be taken back");
        let oneself = format!("/persons/{0}/distinct/{0}", id(2, 1));
        assert_eq!(kim.put(&oneself, json!({})).await.fields(), ["other_id"]);
        assert_eq!(kim.put(&format!("/persons/{}/distinct/{}", id(2, 1), id(2, 9)), json!({})).await.status, 404);
    }

    async fn a_neighbour_neither_merges_nor_parts(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        let (person, _) = two(&kim).await;
        let seen = preview(&kim, &person).await;
        assert_eq!(nora.post(&format!("{person}/merge"), merge(&seen, json!({}))).await.status, 404);
        kim.post(&format!("{person}/merge"), merge(&seen, json!({}))).await.ok(201);
        let tries = [
            nora.post(&format!("{person}/merge/preview"), json!({ "other_id": id(2, 2) })).await,
            nora.get(&format!("{person}/merges")).await,
            nora.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await,
        ];
        for answer in tries {
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
    }
}
