//! Many people invited at once, and what a conclusion of many takes with it.

use crate::case_work::{open, work};
use crate::enrolment::{case_id, clerk, code_of, id, items, patient, redeem, redemption, site, status};
use crate::mail::{STARTTLS, deliver, options};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use domain::messages::{MessageKind, MessageStatus};
use serde_json::{Value, json};
use std::collections::HashMap;
use storage::messages::MessageFilter;
use testkit::contract;
use testkit::smtp::SmtpServer;

fn bulk_id(n: u8) -> String {
    id(0xb, n)
}

fn ids(cases: &[&str]) -> Value {
    json!(cases.iter().map(|case| case.trim_start_matches("/cases/")).collect::<Vec<_>>())
}

/// Asks for something to be done to cases, and waits until it is.
async fn done(kim: &Browser<'_>, n: u8, action: Value, cases: &[&str]) -> Value {
    let new = json!({ "bulk_id": bulk_id(n), "action": action, "cases": ids(cases), "text": "by bulk" });
    let bulk = kim.post("/bulk-actions", new).await.ok(202);
    assert_eq!(kim.finished(&bulk["job"]).await["state"], "done");
    kim.get(&format!("/bulk-actions/{}", bulk_id(n))).await.ok(200)
}

async fn undone(kim: &Browser<'_>, n: u8) -> Value {
    let bulk = kim.post(&format!("/bulk-actions/{}/undo", bulk_id(n)), json!({})).await.ok(202);
    assert_eq!(kim.finished(&bulk["job"]).await["state"], "done");
    kim.get(&format!("/bulk-actions/{}", bulk_id(n))).await.ok(200)
}

/// What became of each case, and why.
async fn rows(kim: &Browser<'_>, n: u8) -> HashMap<String, (String, String)> {
    let rows = kim.get(&format!("/bulk-actions/{}/rows", bulk_id(n))).await.ok(200);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let of = |row: &Value| (format!("/cases/{}", text(&row["case_id"])), (text(&row["outcome"]), text(&row["reason"])));
    rows["items"].as_array().unwrap().iter().map(of).collect()
}

/// How far the mails and letters of a kind about a case are, newest first.
async fn mails(site: &Site, case: &str, kind: MessageKind) -> Vec<MessageStatus> {
    let mut tx = site.kit.read().await;
    let filter = MessageFilter { status: None, kind: Some(kind), case_id: Some(case_id(case)) };
    let found = storage::messages::list(&mut tx, filter, None, 9).await.unwrap();
    found.into_iter().map(|message| message.status).collect()
}

fn invite(again: bool) -> Value {
    json!({ "kind": "invite", "again": again })
}

/// Five people: one who can be invited, one without an address, one whose case is over, one elsewhere, one enrolled.
async fn five(site: &Site, kim: &Browser<'_>) -> [String; 5] {
    let able = open(kim, patient(1, "mia@example.org", "index")).await;
    let mut without = patient(2, "", "index");
    without["details"]["email"] = Value::Null;
    let without = open(kim, without).await;
    let over = open(kim, patient(3, "over@example.org", "index")).await;
    let conclude = json!({ "status": "concluded", "conclusion": "recovered", "text": null });
    kim.post(&format!("{over}/status"), conclude).await.ok(200);
    let elsewhere = open(kim, patient(4, "ali@example.org", "index")).await;
    let external = json!({ "status": "external", "conclusion": null, "text": null });
    kim.post(&format!("{elsewhere}/status"), external).await.ok(200);
    let enrolled = open(kim, patient(5, "eda@example.org", "index")).await;
    kim.post(&format!("{enrolled}/activation"), json!({ "channel": "mail" })).await.ok(200);
    redeem(site, &code_of(site, &enrolled).await, "eda").await;
    [able, without, over, elsewhere, enrolled]
}

contract! {
    async fn who_can_be_is_invited_and_each_other_says_why_not(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let five = five(&site, &kim).await;
        let all: Vec<&str> = five.iter().map(String::as_str).collect();
        let asked = json!({ "cases": ids(&all) });
        let preview = kim.post("/invitation-previews", asked).await.ok(200);
        assert_eq!(preview, json!({
            "n_cases": 5, "n_with_email": 4, "n_invited": 1, "hindrance": null,
            "left_out": { "over": 1, "external": 1, "has_account": 1, "code_sent": 0, "code_under_way": 0, "no_email": 1 },
        }));
        assert_eq!(status(&site, &five[0]).await, "open", "nobody was invited by being counted");
        let bulk = done(&kim, 1, invite(false), &all).await;
        assert_eq!((&bulk["counts"]["done"], &bulk["counts"]["unchanged"], &bulk["counts"]["refused"]),
                   (&json!(1), &json!(1), &json!(3)));
        let rows = rows(&kim, 1).await;
        let row = |n: usize| { let (outcome, reason) = &rows[&five[n]]; (outcome.as_str(), reason.as_str()) };
        assert_eq!(row(0), ("done", ""));
        assert_eq!(row(1), ("refused", "there is no e-mail address; add one, or invite by letter"));
        assert_eq!(row(2), ("refused", "the case is over"));
        assert_eq!(row(3), ("refused", "another authority is responsible"));
        assert_eq!(row(4), ("unchanged", "there is an account already"));
        assert_eq!(status(&site, &five[0]).await, "in_registration");
        let sheet = work(&kim, &five[0]).await;
        assert_eq!(sheet["comments"][0]["text"], "by bulk");
        let history = kim.get(&format!("{}/history", five[0])).await.ok(200);
        let told: Vec<&str> = history["items"].as_array().unwrap().iter()
            .filter(|line| ["status", "invitation"].contains(&line["field"].as_str().unwrap()))
            .map(|line| line["why"].as_str().unwrap()).collect();
        assert_eq!(told, ["bulk", "bulk"]);
        let mia = redeem(&site, &code_of(&site, &five[0]).await, "mia").await;
        mia.get("/patient/cases").await.ok(200);
    }

    async fn without_the_texts_that_everybody_may_read_nothing_begins(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let preview = kim.post("/invitation-previews", json!({ "matching": {} })).await.ok(200);
        assert!(preview["hindrance"].as_str().unwrap().starts_with("texts that everybody may read are missing"));
        let new = json!({ "bulk_id": bulk_id(1), "action": invite(false), "cases": ids(&[&case]) });
        assert_eq!(kim.post("/bulk-actions", new).await.fields(), ["public_texts"]);
        assert_eq!(kim.get("/bulk-actions").await.ok(200)["items"], json!([]));
        assert_eq!(status(&site, &case).await, "open");
    }

    async fn who_has_a_code_gets_another_one_only_if_that_is_asked_for(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        done(&kim, 1, invite(false), &[&case]).await;
        done(&kim, 2, invite(false), &[&case]).await;
        assert_eq!(rows(&kim, 2).await[&case], ("unchanged".to_owned(), "a code is on its way already".to_owned()));
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1);
        site.app.act_on_all_events().await.unwrap();
        let first = code_of(&site, &case).await;
        done(&kim, 3, invite(false), &[&case]).await;
        assert!(rows(&kim, 3).await[&case].1.starts_with("a code was sent already"));
        done(&kim, 4, invite(true), &[&case]).await;
        assert_eq!(rows(&kim, 4).await[&case].0, "done");
        let answer = site.stranger().post("/activation/redeem", redemption(&first, "mia")).await;
        assert_eq!(answer.kind(), "code-cancelled");
        undone(&kim, 4).await;
        let row = rows(&kim, 4).await[&case].clone();
        assert_eq!(row, ("undone".to_owned(), "the code that was out before stays cancelled; invite again".to_owned()));
        undone(&kim, 1).await;
        assert_eq!(rows(&kim, 1).await[&case], ("kept".to_owned(), "somebody invited anew since".to_owned()));
    }

    async fn an_undo_ends_codes_that_nobody_redeemed_and_mails_that_have_not_gone(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let waits = open(&kim, patient(1, "mia@example.org", "index")).await;
        let redeemed = open(&kim, patient(2, "ali@example.org", "index")).await;
        let by_phone = json!({ "status": "tracked_manually", "conclusion": null, "text": null });
        kim.post(&format!("{waits}/status"), by_phone).await.ok(200);
        done(&kim, 1, invite(false), &[&waits, &redeemed]).await;
        assert_eq!(mails(&site, &waits, MessageKind::Invitation).await, [MessageStatus::Waiting]);
        let code = code_of(&site, &waits).await;
        redeem(&site, &code_of(&site, &redeemed).await, "ali").await;
        let bulk = undone(&kim, 1).await;
        assert_eq!((&bulk["counts"]["undone"], &bulk["counts"]["kept"]), (&json!(1), &json!(1)));
        let rows = rows(&kim, 1).await;
        assert_eq!(rows[&waits], ("undone".to_owned(), String::new()));
        let kept = "the code was redeemed meanwhile; the account stays as it is";
        assert_eq!(rows[&redeemed], ("kept".to_owned(), kept.to_owned()));
        assert_eq!(status(&site, &waits).await, "tracked_manually", "where it stood");
        assert_eq!(status(&site, &redeemed).await, "registered");
        assert_eq!(mails(&site, &waits, MessageKind::Invitation).await, [MessageStatus::Cancelled]);
        let answer = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!(answer.kind(), "code-cancelled");
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1, "only the other's");
    }

    async fn a_link_whose_mail_had_gone_stops_working_and_the_row_says_so(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        done(&kim, 1, invite(false), &[&case]).await;
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        deliver(&site, &options(&post)).await;
        site.app.act_on_all_events().await.unwrap();
        undone(&kim, 1).await;
        let told = ("undone".to_owned(), "the mail had gone; its link no longer works".to_owned());
        assert_eq!(rows(&kim, 1).await[&case], told);
        assert_eq!(status(&site, &case).await, "open");
        assert_eq!(items(&site, &case).await, ["initial_call"], "somebody calls, as before");
    }

    async fn more_than_a_batch_is_invited_each_once_and_all_of_it_is_undone(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let rows: String = (0..120).map(|n| format!("C-{n},Name,p{n}@example.org\n")).collect();
        let import = kim.upload("cases", "cases.csv", format!("id,last_name,email\n{rows}").as_bytes()).await.ok(201);
        let column = |(column, field): (usize, &str)| json!({ "field": field, "column": column });
        let columns: Vec<Value> = ["id", "last_name", "email"].into_iter().enumerate().map(column).collect();
        let settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso",
                               "update": false, "strict": false });
        let job = kim.post(&format!("/imports/{}/run", import["import_id"].as_str().unwrap()), settings).await.ok(202);
        kim.finished(&job).await;
        let new = json!({ "bulk_id": bulk_id(1), "action": invite(false), "matching": { "status": "open" } });
        let bulk = kim.post("/bulk-actions", new).await.ok(202);
        kim.finished(&bulk["job"]).await;
        let path = format!("/bulk-actions/{}", bulk_id(1));
        assert_eq!(kim.get(&path).await.ok(200)["counts"]["done"], 120);
        let worker = clerk(&site).await;
        assert_eq!(site.app.count_messages(&worker).await.unwrap().waiting, 120);
        let bulk = undone(&kim, 1).await;
        assert_eq!(bulk["counts"]["undone"], 120);
        assert_eq!(site.app.count_messages(&worker).await.unwrap().waiting, 0);
        let open = kim.get("/cases/count?status=open").await.ok(200);
        assert_eq!(open["count"], 120);
    }

    async fn a_conclusion_of_many_cancels_codes_and_its_undo_says_that_they_stay_cancelled(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let invited = open(&kim, patient(1, "mia@example.org", "index")).await;
        let other = open(&kim, patient(2, "ali@example.org", "index")).await;
        kim.post(&format!("{invited}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &invited).await;
        let conclude = json!({ "kind": "conclude", "conclusion": "completed" });
        done(&kim, 1, conclude, &[&invited, &other]).await;
        assert_eq!(mails(&site, &invited, MessageKind::Invitation).await, [MessageStatus::Cancelled]);
        let answer = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!(answer.kind(), "code-cancelled");
        let history = kim.get(&format!("{invited}/history")).await.ok(200);
        let told = history["items"].as_array().unwrap().iter().find(|line| line["field"] == "invitation").unwrap();
        assert_eq!((&told["after"], &told["why"]), (&json!("cancelled"), &json!("bulk")));
        undone(&kim, 1).await;
        let rows = rows(&kim, 1).await;
        assert_eq!(rows[&invited].1, "the code that was out before stays cancelled; invite again");
        assert_eq!(rows[&other], ("undone".to_owned(), String::new()));
        assert_eq!(status(&site, &invited).await, "in_registration");
        assert_eq!(items(&site, &invited).await, ["registration_unfinished"], "somebody looks at it");
        done(&kim, 2, invite(false), &[&invited]).await;
        assert!(items(&site, &invited).await.is_empty());
    }
}
