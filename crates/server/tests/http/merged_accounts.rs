//! Two persons who are one and both have an account: one acts from then on, the other is kept for when they are parted.

use crate::case_work::open;
use crate::enrolment::{PASSWORD, code_of, enrolled, id, patient, site};
use crate::site::{Answer, Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

async fn preview(kim: &Browser<'_>) -> Value {
    kim.post(&format!("/persons/{}/merge/preview", id(2, 1)), json!({ "other_id": id(2, 2) })).await.ok(200)
}

/// The account of this name among those between which somebody chooses.
fn account<'p>(preview: &'p Value, name: &str) -> &'p Value {
    preview["accounts"].as_array().unwrap().iter().find(|one| one["user_name"] == name).unwrap()
}

async fn merge(kim: &Browser<'_>, account: &Value) -> Answer {
    let seen = preview(kim).await["seen"].clone();
    let wish = json!({ "merge_id": id(8, 1), "other_id": id(2, 2), "values": {}, "cases": [], "account": account,
                       "seen": seen });
    kim.post(&format!("/persons/{}/merge", id(2, 1)), wish).await
}

async fn sign_in<'s>(site: &'s Site, name: &str, password: &str) -> (Browser<'s>, Answer) {
    let browser = site.stranger();
    let body = json!({ "authority": "local", "user_name": name, "password": password });
    let answer = browser.post("/patient/session", body).await;
    (browser, answer)
}

/// The cases for which a patient acts, by their ids.
async fn cases(patient: &Browser<'_>) -> Vec<Value> {
    let cases = patient.get("/patient/cases").await.ok(200);
    cases["items"].as_array().unwrap().iter().map(|own| own["case_id"].clone()).collect()
}

contract! {
    async fn the_chosen_account_acts_the_other_is_told_why_not_and_comes_back_when_they_are_parted(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let (ana, _, own) = enrolled(&site, &kim, 2, "ana").await;
        let seen = preview(&kim).await;
        let names: Vec<&Value> = seen["accounts"].as_array().unwrap().iter().map(|one| &one["user_name"]).collect();
        assert_eq!(names, ["mia", "ana"], "that of the person who stays first");
        let theirs = account(&seen, "ana");
        assert_eq!((&theirs["acts_for_kept"], &theirs["acts_for_other"]), (&json!(false), &json!(true)));
        assert_eq!(merge(&kim, &json!(id(7, 7))).await.fields(), ["account"]);

        merge(&kim, &theirs["patient_id"]).await.ok(201);
        assert_eq!(mia.get("/patient/session").await.status, 401, "signed out");
        let (_, refused) = sign_in(&site, "mia", PASSWORD).await;
        assert_eq!((refused.status, refused.kind().as_str()), (403, "account-superseded"));
        let (_, wrong) = sign_in(&site, "mia", "wrong").await;
        assert_eq!(wrong.kind(), "wrong-credentials", "nobody else learns of it");
        assert_eq!(cases(&ana).await, [json!(id(1, 1))], "the case that goes on");
        ana.get(&format!("{own}/details")).await.ok(200);
        let activation = kim.get(&format!("/cases/{}/activation", id(1, 1))).await.ok(200);
        assert_eq!(activation["has_account"], true);
        let history = kim.get(&format!("/cases/{}/history", id(1, 1))).await.ok(200);
        let lines = history["items"].as_array().unwrap();
        assert!(lines.iter().any(|line| line["field"] == "acting_account" && line["why"] == "merge"), "{lines:?}");

        kim.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await.ok(200);
        let (mia, back) = sign_in(&site, "mia", PASSWORD).await;
        mia.remember(&back.ok(200));
        assert_eq!((cases(&mia).await, cases(&ana).await), (vec![json!(id(1, 1))], vec![json!(id(1, 2))]));
    }

    async fn the_account_of_who_stays_acts_for_all_their_cases_where_nobody_chose(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let (ana, over, _) = enrolled(&site, &kim, 2, "ana").await;
        // She acts for a child too, and her own case is over, so it stays a case of its own.
        let child = open(&kim, patient(3, "ana@example.org", "index")).await;
        kim.post(&format!("{child}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &child).await;
        let accepts = json!({ "language": "de", "version": 1 });
        ana.post("/patient/cases", json!({ "code": code, "born": "1982-05-17", "accepts": accepts })).await.ok(204);
        let end = json!({ "status": "concluded", "conclusion": "recovered", "text": null });
        kim.post(&format!("{over}/status"), end).await.ok(200);
        assert_eq!(account(&preview(&kim).await, "ana")["acts_for_others"], true);

        merge(&kim, &Value::Null).await.ok(201);
        assert_eq!(cases(&mia).await, [json!(id(1, 1)), json!(id(1, 2))]);
        assert_eq!(cases(&ana).await, [json!(id(1, 3))], "still signed in, for the child alone");
        assert_eq!(ana.get(&format!("/patient/cases/{}/details", id(1, 2))).await.status, 404);
        sign_in(&site, "ana", PASSWORD).await.1.ok(200);

        kim.post(&format!("/merges/{}/undo", id(8, 1)), json!({})).await.ok(200);
        assert_eq!(cases(&mia).await, [json!(id(1, 1))]);
        assert_eq!(cases(&ana).await, [json!(id(1, 2)), json!(id(1, 3))]);
    }

    async fn there_is_nothing_to_choose_where_one_has_no_account_or_both_have_the_same(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let second = open(&kim, patient(2, "mia@example.org", "index")).await;
        assert_eq!(preview(&kim).await["accounts"], json!([]));
        kim.post(&format!("{second}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &second).await;
        let accepts = json!({ "language": "de", "version": 1 });
        mia.post("/patient/cases", json!({ "code": code, "born": "1982-05-17", "accepts": accepts })).await.ok(204);
        assert_eq!(preview(&kim).await["accounts"], json!([]));
        merge(&kim, &Value::Null).await.ok(201);
        assert_eq!(cases(&mia).await, [json!(id(1, 1))], "one case, once");
    }
}
