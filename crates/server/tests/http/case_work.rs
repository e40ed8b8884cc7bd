//! Work on cases, from the positive result to the conclusion, by staff on the telephone.

use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;
use uuid::Uuid;

/// A case that is taken down by hand: an index case tested on the last of February.
pub fn new_case(n: u8, details: Value) -> Value {
    let mut all = json!({ "first_name": "Anna", "last_name": "O'Neill", "tested": "2026-02-28" });
    for (field, value) in details.as_object().unwrap() {
        all[field] = value.clone();
    }
    json!({ "case_id": id(1, n), "person_id": id(2, n), "person_is_known": false, "disease": null, "case_type": "index",
            "details": all })
}

pub fn id(kind: u8, n: u8) -> String {
    Uuid::from_bytes([1, 0x9c, 0, 0, 0, 0, 0x70, kind, 0x80, 0, 0, 0, 0, 0, 0, n]).to_string()
}

pub async fn open(browser: &Browser<'_>, body: Value) -> String {
    let opened = browser.post("/cases", body).await.ok(201);
    format!("/cases/{}", opened["case_id"].as_str().unwrap())
}

pub async fn work(browser: &Browser<'_>, case: &str) -> Value {
    browser.get(&format!("{case}/work")).await.ok(200)
}

async fn waiting_kinds(browser: &Browser<'_>, case: &str) -> Vec<String> {
    let work = work(browser, case).await;
    let items = work["items"].as_array().unwrap().clone();
    let waits = |item: &&Value| item["resolution"].is_null() && item["hidden_until"].is_null();
    items.iter().filter(waits).map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

async fn worklist(browser: &Browser<'_>, query: &str) -> Vec<String> {
    let page = browser.get(&format!("/worklist{query}")).await.ok(200);
    let count = browser.get(&format!("/worklist/count{query}")).await.ok(200);
    let rows = page["items"].as_array().unwrap();
    assert_eq!(count["count"], rows.len());
    rows.iter().map(|row| row["case"]["last_name"].as_str().unwrap().to_owned()).collect()
}

fn call(n: u8, outcome: &str) -> Value {
    json!({ "call_id": id(3, n), "called_at": null, "outcome": outcome, "call_back_at": null, "note": "spoke to her" })
}

/// Lets time pass, in which sessions end; gives another case worker.
async fn hours_later<'s>(site: &'s Site, hours: i64, name: &str) -> Browser<'s> {
    site.wait_min(60 * hours);
    site.person(name, Role::CaseWorker).await.0
}

/// All that makes a case complete.
pub fn reachable() -> Value {
    json!({ "mobile": "+49 (0)170 1234567", "born": "1980-05-17", "says_no_email": "yes" })
}

contract! {
    async fn from_the_positive_result_by_telephone_to_the_conclusion(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call"]);
        let page = kim.get("/worklist").await.ok(200);
        let row = &page["items"][0];
        assert_eq!((&row["phone"], &row["case"]["last_name"]), (&json!("+49 170 1234567"), &json!("O'Neill")));
        assert_eq!((&row["standing"]["priority"], &row["last_call"]), (&json!(0.3), &Value::Null));

        kim.post(&format!("{case}/calls"), call(1, "not_reached")).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call"], "nobody was reached");
        let after = kim.post(&format!("{case}/calls"), call(2, "reached")).await.ok(200);
        assert_eq!((&after["standing"]["status"], &after["assignee"]), (&json!("tracked_manually"), &json!("kim")));
        assert_eq!(after["calls"][0]["note"], "spoke to her");
        assert_eq!(after["milestones"][1], json!({ "name": "first_call", "at": "2026-03-01T12:00:00Z", "standing": "on_time" }));
        assert!(worklist(&kim, "").await.is_empty());

        let end = json!({ "status": "concluded", "conclusion": "recovered", "text": null });
        let over = kim.post(&format!("{case}/status"), end).await.ok(200);
        assert_eq!((&over["conclusion"], &over["status_before"]), (&json!("recovered"), &json!("tracked_manually")));
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        let fields: Vec<&str> = history["items"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["conclusion", "status", "status", "assigned_to", "created"]);
    }

    async fn the_same_case_call_and_comment_twice_are_one(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        assert_eq!(open(&kim, new_case(1, reachable())).await, case);
        let mut other = new_case(1, reachable());
        other["person_id"] = json!(id(2, 9));
        assert_eq!(kim.post("/cases", other).await.status, 409);
        for _ in 0..2 {
            kim.post(&format!("{case}/calls"), call(1, "reached")).await.ok(200);
            kim.post(&format!("{case}/comments"), json!({ "comment_id": id(4, 1), "text": "deaf" })).await.ok(204);
        }
        let work = work(&kim, &case).await;
        assert_eq!((work["calls"].as_array().unwrap().len(), work["comments"].as_array().unwrap().len()), (1, 1));
        assert_eq!(kim.post(&format!("{case}/calls"), call(1, "not_reached")).await.status, 409);
    }

    async fn what_is_wrong_is_said_at_its_field_and_nothing_is_stored(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let wrong = json!({ "last_name": "Meier2", "phone": "12", "born": "17.5.1980", "email": "a@b", "tested": null });
        assert_eq!(kim.post("/cases", new_case(1, wrong)).await.fields(), ["born", "email", "last_name", "phone"]);
        let no_test = json!({ "tested": null });
        assert_eq!(kim.post("/cases", new_case(1, no_test)).await.fields(), ["tested"]);
        let future = json!({ "onset": "2026-03-02", "born": "2027-01-01" });
        assert_eq!(kim.post("/cases", new_case(1, future)).await.fields(), ["born", "onset", "onset", "tested"]);
        let nameless = json!({ "first_name": null, "last_name": "  " });
        assert_eq!(kim.post("/cases", new_case(1, nameless)).await.fields(), ["last_name"]);
        assert_eq!(kim.post("/cases", new_case(1, json!({ "shoe_size": "42" }))).await.fields(), ["changes"]);
        let mut contact = new_case(1, json!({ "classification": "confirmed" }));
        contact["case_type"] = json!("contact");
        assert_eq!(kim.post("/cases", contact).await.fields(), ["classification"]);
        assert_eq!(kim.get(&format!("/cases/{}/work", id(1, 1))).await.status, 404);
        assert_eq!(kim.get(&format!("/persons/{}", id(2, 1))).await.status, 404);
    }

    async fn a_person_has_one_case_of_a_disease_at_work_and_files_have_one_number(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        open(&kim, new_case(1, json!({ "file_number": "A-1/2026" }))).await;
        let mut again = new_case(2, json!({}));
        again["person_id"] = json!(id(2, 1));
        again["person_is_known"] = json!(true);
        assert_eq!(kim.post("/cases", again).await.status, 409);
        let taken = kim.post("/cases", new_case(3, json!({ "file_number": "A-1/2026" }))).await;
        assert_eq!(taken.fields(), ["file_number"]);
        let mut nobody = new_case(4, json!({}));
        nobody["person_is_known"] = json!(true);
        assert_eq!(kim.post("/cases", nobody).await.status, 404);
    }

    async fn missing_details_wait_until_they_are_there(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, json!({}))).await;
        let before = work(&kim, &case).await;
        assert_eq!(before["items"][0]["cause"], "phone,born,email_or_address");
        let item = json!({ "items": [before["items"][0]["item_id"]], "text": null });
        assert_eq!(kim.post(&format!("{case}/items/resolve"), item).await.status, 409, "not by hand");
        let change = |changes: Value| json!({ "changes": changes, "seen": null });
        kim.patch(&case, change(json!({ "phone": "0621 12345" }))).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["details_missing", "initial_call"]);
        assert_eq!(work(&kim, &case).await["items"][0]["cause"], "born,email_or_address", "the same item, moved");
        kim.patch(&case, change(json!({ "born": "1980-05-17", "says_no_email": "yes" }))).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call"]);
        kim.patch(&case, change(json!({ "phone": null }))).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["details_missing"], "again, and nobody to call");
    }

    async fn nobody_writes_over_what_somebody_else_changed_meanwhile(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (lee, _) = site.person("lee", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let seen = work(&lee, &case).await["seen"].clone();
        kim.patch(&case, json!({ "changes": { "city": "Mannheim" }, "seen": seen })).await.ok(200);
        let same = lee.patch(&case, json!({ "changes": { "city": "Ludwigshafen" }, "seen": seen })).await;
        assert_eq!(same.status, 409);
        lee.patch(&case, json!({ "changes": { "street": "Ring" }, "seen": seen })).await.ok(200);
        let details = work(&lee, &case).await["details"].clone();
        assert_eq!((&details["city"], &details["street"]), (&json!("Mannheim"), &json!("Ring")));
    }

    async fn an_item_is_resolved_taken_back_and_hidden_until_later(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let resolved = kim.post(&format!("{case}/items/resolve"), json!({ "items": [], "text": null })).await.ok(200);
        assert!(worklist(&kim, "").await.is_empty());
        kim.patch(&case, json!({ "changes": { "city": "Mannheim" }, "seen": null })).await.ok(200);
        assert!(worklist(&kim, "").await.is_empty(), "the cause is silent");
        kim.post(&format!("{case}/items/reopen"), resolved.clone()).await.ok(204);
        assert_eq!(worklist(&kim, "").await, ["O'Neill"]);
        assert_eq!(kim.post(&format!("{case}/items/reopen"), resolved.clone()).await.status, 409, "it waits already");
        let snooze = format!("{case}/items/{}/snooze", resolved["items"][0].as_str().unwrap());
        assert_eq!(kim.put(&snooze, json!({ "until": "2026-03-01T11:00:00Z" })).await.fields(), ["until"]);
        assert_eq!(kim.put(&snooze, json!({ "until": "2026-05-01T11:00:00Z" })).await.fields(), ["until"]);
        kim.put(&snooze, json!({ "until": "2026-03-01T14:00:00Z" })).await.ok(204);
        assert!(worklist(&kim, "").await.is_empty());
        let kim = hours_later(&site, 2, "kim2").await;
        let worker = site.app.sign_in_as("test", None).await.unwrap();
        assert_eq!(site.app.wake_items(&worker).await.unwrap(), 1);
        assert_eq!(worklist(&kim, "").await, ["O'Neill"]);
        assert_eq!(site.app.wake_items(&worker).await.unwrap(), 0, "once");
    }

    async fn a_call_back_waits_until_its_time_and_ends_with_the_next_call(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let mut back = call(1, "call_back");
        assert_eq!(kim.post(&format!("{case}/calls"), back.clone()).await.fields(), ["call_back_at"]);
        back["call_back_at"] = json!("2026-03-01T13:00:00Z");
        kim.post(&format!("{case}/calls"), back).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call"]);
        let kim = hours_later(&site, 1, "kim2").await;
        let worker = site.app.sign_in_as("test", None).await.unwrap();
        site.app.wake_items(&worker).await.unwrap();
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call", "call_back"]);
        kim.post(&format!("{case}/calls"), call(2, "wrong_number")).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call", "wrong_contact_details"]);
        kim.patch(&case, json!({ "changes": { "mobile": "0170 7654321" }, "seen": null })).await.ok(200);
        assert_eq!(waiting_kinds(&kim, &case).await, ["initial_call"]);
        let mut tomorrow = call(3, "reached");
        tomorrow["called_at"] = json!("2026-03-02T13:00:00Z");
        assert_eq!(kim.post(&format!("{case}/calls"), tomorrow).await.fields(), ["called_at"]);
    }

    async fn a_worklist_is_mine_nobodys_or_everybodys(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (lee, _) = site.person("lee", Role::CaseWorker).await;
        let (ann, _) = site.person("ann", Role::Analyst).await;
        let case = open(&kim, new_case(1, json!({ "last_name": "Adler" }))).await;
        open(&kim, new_case(2, json!({ "last_name": "Bauer" }))).await;
        let assignees = kim.get("/assignees").await.ok(200);
        let account = |name: &str| {
            let items = assignees["items"].as_array().unwrap();
            items.iter().find(|one| one["name"] == name).map(|one| one["account_id"].clone())
        };
        assert_eq!(account("ann"), None, "an analyst works on no case");
        kim.put(&format!("{case}/assignment"), json!({ "account_id": account("lee") })).await.ok(200);
        assert_eq!(worklist(&lee, "?whose=me").await, ["Adler"]);
        assert_eq!(worklist(&kim, "?whose=nobody").await, ["Bauer"]);
        assert_eq!(worklist(&kim, "?kind=initial_call").await, [""; 0]);
        assert_eq!(worklist(&kim, "?kind=details_missing").await, ["Adler", "Bauer"]);
        let first = kim.get("/worklist?limit=1").await.ok(200);
        let next = kim.get(&format!("/worklist?limit=1&cursor={}", first["next"].as_str().unwrap())).await.ok(200);
        assert_eq!((&next["items"][0]["case"]["last_name"], &next["next"]), (&json!("Bauer"), &Value::Null));
        let ann_id = ann.get("/session").await.ok(200)["account_id"].clone();
        let refused = kim.put(&format!("{case}/assignment"), json!({ "account_id": ann_id })).await;
        assert_eq!(refused.fields(), ["account_id"]);
    }

    async fn only_an_administrator_reopens_and_says_why(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let status = |to: &str, conclusion: Option<&str>, text: Option<&str>| {
            json!({ "status": to, "conclusion": conclusion, "text": text })
        };
        let path = format!("{case}/status");
        assert_eq!(kim.post(&path, status("concluded", None, None)).await.fields(), ["conclusion"]);
        assert_eq!(kim.post(&path, status("registered", None, None)).await.status, 409, "the patient's step");
        assert_eq!(kim.post(&path, status("anonymised", None, None)).await.status, 409);
        kim.post(&path, status("concluded", Some("not_a_case"), None)).await.ok(200);
        assert!(worklist(&kim, "").await.is_empty(), "with the case its items end");
        assert_eq!(kim.post(&path, status("open", None, Some("was one"))).await.status, 409);
        assert_eq!(ada.post(&path, status("open", None, None)).await.fields(), ["text"]);
        assert_eq!(ada.post(&path, status("tracked_manually", None, Some("x"))).await.status, 409, "it was open before");
        ada.post(&path, status("open", None, Some("was one"))).await.ok(200);
        assert_eq!(work(&kim, &case).await["comments"][0]["text"], "was one");
        assert_eq!(worklist(&kim, "").await, ["O'Neill"], "its items arise again");
        assert_eq!(kim.post(&format!("{case}/calls"), call(1, "reached")).await.status, 200);
    }

    async fn a_positive_test_makes_an_index_case_reopens_one_or_is_a_new_infection(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut contact = new_case(1, json!({ "tested": null, "mobile": "0170 1234567" }));
        contact["case_type"] = json!("contact_medical");
        let case = open(&kim, contact).await;
        let test = |day: &str, n: u8| json!({ "tested_on": day, "new_case_id": id(1, n) });
        let path = format!("{case}/positive-test");
        assert_eq!(kim.post(&path, test("2026-03-02", 7)).await.fields(), ["tested_on"]);
        let turned = kim.post(&path, test("2026-03-01", 7)).await.ok(200);
        assert_eq!(turned["what"], "became_index");
        let standing = work(&kim, &case).await["standing"].clone();
        assert_eq!((&standing["case_type"], &standing["status"]), (&json!("index"), &json!("open")));
        let back = kim.patch(&case, json!({ "changes": { "case_type": "contact" }, "seen": null })).await;
        assert_eq!(back.fields(), ["case_type"], "once index, always index");
        let end = json!({ "status": "concluded", "conclusion": "completed", "text": null });
        kim.post(&format!("{case}/status"), end.clone()).await.ok(200);
        let kim = hours_later(&site, 24 * 90, "kim2").await;
        assert_eq!(kim.post(&path, test("2026-05-30", 7)).await.ok(200)["what"], "reopened");
        kim.post(&format!("{case}/status"), end).await.ok(200);
        let kim = hours_later(&site, 24 * 91, "kim3").await;
        let other = kim.post(&path, test("2026-08-29", 8)).await.ok(200);
        assert_eq!((&other["what"], &other["case_id"]), (&json!("new_case"), &json!(id(1, 8))));
        assert_eq!(work(&kim, &format!("/cases/{}", id(1, 8))).await["standing"]["case_type"], "index");
    }

    /// With bodies that are right, so that nothing but the authority stands in the way.
    async fn a_neighbour_changes_none_of_our_cases(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let before = work(&kim, &case).await;
        let item = before["items"][0]["item_id"].as_str().unwrap();
        let tries = [
            nora.post(&format!("{case}/calls"), call(1, "reached")).await,
            nora.post(&format!("{case}/comments"), json!({ "comment_id": id(4, 1), "text": "x" })).await,
            nora.post(&format!("{case}/status"), json!({ "status": "external", "conclusion": null, "text": null })).await,
            nora.post(&format!("{case}/items/resolve"), json!({ "items": [item], "text": null })).await,
            nora.post(&format!("{case}/items/reopen"), json!({ "items": [item] })).await,
            nora.put(&format!("{case}/items/{item}/snooze"), json!({ "until": null })).await,
            nora.put(&format!("{case}/assignment"), json!({ "account_id": null })).await,
            nora.patch(&case, json!({ "changes": { "city": "x" }, "seen": null })).await,
            nora.post(&format!("{case}/positive-test"), json!({ "tested_on": "2026-02-28", "new_case_id": id(1, 9) })).await,
        ];
        for answer in tries {
            assert_eq!(answer.status, 404, "{}", answer.text);
        }
        assert!(worklist(&nora, "").await.is_empty());
        assert_eq!(work(&kim, &case).await, before);
    }
}
