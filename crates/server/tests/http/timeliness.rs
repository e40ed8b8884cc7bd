//! Time is the measure: shares of a period, where its index cases came from, and what each worker has.

use super::case_work::{id, new_case, open, reachable};
use crate::site::Site;
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn call(n: u8) -> Value {
    json!({ "call_id": id(3, n), "called_at": null, "outcome": "reached", "call_back_at": null, "note": null })
}

fn contact(n: u8) -> Value {
    json!({ "contact_id": id(5, n), "person_id": id(6, n), "case_id": id(7, n), "person_is_known": false,
            "kind": "household", "first_day": "2026-02-28", "last_day": "2026-02-28", "said": { "hint": "her son" } })
}

fn step<'v>(report: &'v Value, kind: &str, name: &str) -> &'v Value {
    let steps = report[kind]["steps"].as_array().unwrap();
    steps.iter().find(|step| step["name"] == name).unwrap()
}

/// Due, within 24 h, within 48 h, running, overdue.
fn counts(step: &Value) -> [u64; 5] {
    ["due", "within_24_h", "within_48_h", "running", "overdue"].map(|key| step[key].as_u64().unwrap())
}

contract! {
    /// Two cases of 1 March: one reached at once, the other a day and an hour later.
    async fn what_still_runs_is_in_no_share_and_what_is_late_is_late(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ana, _) = site.person("ana", Role::Analyst).await;
        let first = open(&kim, new_case(1, reachable())).await;
        let mut details = reachable();
        details["mobile"] = json!("0171 7654321");
        let second = open(&kim, new_case(2, details)).await;
        kim.post(&format!("{first}/calls"), call(1)).await.ok(200);
        let report = ana.get("/reports/timeliness").await.ok(200);
        assert_eq!((&report["first"], &report["last"]), (&json!("2026-02-02"), &json!("2026-03-01")), "28 days");
        assert_eq!(counts(step(&report, "index_cases", "first_call")), [1, 1, 1, 1, 0]);
        assert_eq!(step(&report, "index_cases", "first_call")["share_24_h"], 1.0);
        let named = step(&report, "index_cases", "contacts_named");
        assert_eq!((&named["share_24_h"], &named["reason"]), (&Value::Null, &json!("24 h are over in no case yet")));
        assert_eq!(report["contact_cases"]["reason"], "no case of this kind was reported on these days");

        site.wait_min(25 * 60);
        let (lea, _) = site.person("lea", Role::CaseWorker).await;
        lea.post(&format!("{second}/calls"), call(2)).await.ok(200);
        let report = lea.get("/reports/timeliness?disease=covid-19").await.ok(200);
        assert_eq!(counts(step(&report, "index_cases", "first_call")), [2, 1, 2, 0, 0]);
        assert_eq!(counts(step(&report, "index_cases", "contacts_named")), [2, 0, 0, 0, 2]);
        let march = lea.get("/reports/timeliness?first=2026-03-02").await.ok(200);
        assert_eq!((&march["index_cases"]["cases"], &march["origins"]["unlinked"]["share"]), (&json!(0), &Value::Null));
        assert_eq!(march["elsewhere"]["interviewed_in_24_h"]["value"], 0.57);
        let mers = lea.get("/reports/timeliness?disease=mers").await.ok(200);
        assert_eq!(mers["index_cases"]["cases"], 0);
    }

    /// Of two who name each other, only the one who was named first was a contact before.
    async fn who_is_named_back_was_no_known_contact(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        kim.post(&format!("{case}/contacts"), contact(1)).await.ok(201);
        site.wait_min(1);
        let test = json!({ "tested_on": "2026-03-01", "new_case_id": id(1, 9) });
        kim.post(&format!("/cases/{}/positive-test", id(7, 1)), test).await.ok(200);
        let mut back = contact(2);
        (back["person_id"], back["person_is_known"]) = (json!(id(2, 1)), json!(true));
        kim.post(&format!("/cases/{}/contacts", id(7, 1)), back).await.ok(201);
        let mut details = reachable();
        details["mobile"] = json!("0171 7654321");
        open(&kim, new_case(3, details)).await;
        let origins = kim.get("/reports/timeliness").await.ok(200)["origins"].clone();
        let cases = |part: &str| origins[part]["cases"].as_u64().unwrap();
        assert_eq!(origins["index_cases"], 3);
        assert_eq!((cases("unlinked"), cases("without_contacts"), cases("among_known_contacts")), (2, 1, 1));
        assert_eq!((&origins["contacts"], &origins["anonymised"], &origins["reason"]), (&json!(2), &json!(0), &Value::Null));
    }

    async fn what_each_has_stands_by_urgency_with_those_who_have_nothing(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        site.person("lea", Role::CaseWorker).await;
        let (ana, _) = site.person("ana", Role::Analyst).await;
        let case = open(&kim, new_case(1, json!({ "mobile": "0170 1234567", "born": null }))).await;
        kim.post(&format!("{case}/calls"), call(1)).await.ok(200);
        let mut details = reachable();
        details["mobile"] = json!("0171 7654321");
        open(&kim, new_case(2, details)).await;
        let load = kim.get("/reports/workload").await.ok(200);
        let lines: Vec<_> = load["items"].as_array().unwrap().iter().map(|line| (&line["user_name"], &line["open"], &line["waiting"])).collect();
        let (one, none) = (json!(1), json!(0));
        for expected in [(&json!("kim"), &one, &one), (&Value::Null, &one, &one), (&json!("lea"), &none, &none)] {
            assert!(lines.contains(&expected), "{lines:?}");
        }
        assert_eq!(load["items"][2]["user_name"], "lea", "those with nothing come last");
        assert!(lines.iter().all(|line| *line.0 != "ana"), "an analyst has no cases");
        assert_eq!(ana.get("/reports/workload").await.status, 403);
    }

    async fn a_period_that_cannot_be_is_said_at_its_field(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        assert_eq!(kim.get("/reports/timeliness?first=2026-03-02&last=2026-03-01").await.fields(), ["last"]);
        assert_eq!(kim.get("/reports/timeliness?first=2026-02-30").await.fields(), ["first"]);
        assert_eq!(kim.get("/reports/timeliness?disease=flux").await.fields(), ["disease"]);
        assert_eq!(kim.get("/reports/timeliness?first=0001-01-01").await.fields(), ["first"]);
        kim.get("/reports/timeliness?first=1800-01-01&last=2999-12-31").await.ok(200);
    }
}
