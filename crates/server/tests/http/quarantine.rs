//! Quarantine and isolation, what the rules propose, and the letters about them.

use super::case_work::{id, new_case, open, reachable, work};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

/// Everything that a letter needs.
fn with_address() -> Value {
    json!({ "mobile": "0170 1234567", "born": "1980-05-17", "says_no_email": "yes", "street": "Hauptstraße",
            "house_number": "3 a", "postcode": "68161", "city": "Mannheim", "language": "tr", "file_number": "A-17/2026" })
}

/// A contact who met a case on the last of February.
async fn contact_case(kim: &Browser<'_>, n: u8) -> String {
    let mut body = new_case(n, with_address());
    body["case_type"] = json!("contact");
    body["details"]["tested"] = Value::Null;
    body["details"]["exposed_last"] = json!("2026-02-28");
    if n != 1 {
        body["details"]["file_number"] = Value::Null;
    }
    open(kim, body).await
}

fn days(first: &str, last: &str, seen: &Value) -> Value {
    json!({ "first": first, "last": last, "why": null, "seen": seen })
}

async fn sheet(browser: &Browser<'_>, case: &str) -> Value {
    browser.get(&format!("{case}/quarantine")).await.ok(200)
}

async fn newest(browser: &Browser<'_>, case: &str) -> Value {
    sheet(browser, case).await["decisions"][0]["decision_id"].clone()
}

async fn kinds_waiting(browser: &Browser<'_>, case: &str) -> Vec<String> {
    let work = work(browser, case).await;
    let waiting = work["items"].as_array().unwrap().iter().filter(|item| item["resolution"].is_null());
    waiting.map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

fn letterhead(version: i32) -> Value {
    json!({ "version": version, "street": "R1, 12", "postcode": "68161", "city": "Mannheim", "phone_index": "0621 1",
            "phone_contacts": "0621 2", "email": "", "email_contacts": "", "legal_note": "§ 30 IfSG" })
}

fn new_letter(n: u8, kind: &str) -> Value {
    json!({ "letter_id": id(8, n), "kind": kind, "language": null })
}

/// Days later, when sessions have ended: another administrator.
async fn days_later<'s>(site: &'s Site, days: i64, name: &str) -> Browser<'s> {
    site.wait_min(60 * 24 * days);
    let browser = site.person(name, Role::Administrator).await.0;
    site.app.wake_all_items().await.unwrap();
    browser
}

contract! {
    async fn the_rules_days_are_offered_and_what_is_set_is_told_with_who_and_why(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = contact_case(&kim, 1).await;
        let before = sheet(&kim, &case).await;
        assert_eq!((&before["set"], &before["kind"]), (&Value::Null, &json!("quarantine")));
        assert_eq!(before["offered"], json!({ "first": "2026-03-01", "last": "2026-03-14" }), "from today on");
        assert_eq!(before["reckoning"], json!({ "kind": "quarantine", "basis": "last_contact", "basis_on": "2026-02-28",
                                                "n_days": 14, "last": "2026-03-14", "rule_version": 0 }));
        assert!(before["source"].as_str().unwrap().starts_with("RKI"));
        let mut set = days("2026-03-01", "2026-03-16", &Value::Null);
        set["why"] = json!("she asked for it");
        kim.put(&format!("{case}/quarantine"), set.clone()).await.ok(204);
        kim.put(&format!("{case}/quarantine"), set).await.ok(204);
        let after = sheet(&kim, &case).await;
        assert_eq!(after["set"], json!({ "kind": "quarantine", "days": { "first": "2026-03-01", "last": "2026-03-16" } }));
        assert_eq!((&after["offered"], &after["proposal"]), (&Value::Null, &Value::Null), "an end that a person set stays");
        assert_eq!(after["reckoning"]["last"], "2026-03-14", "and both are shown");
        let decisions = after["decisions"].as_array().unwrap();
        assert_eq!(decisions.len(), 1, "the same again changes nothing");
        assert_eq!((&decisions[0]["what"], &decisions[0]["account"], &decisions[0]["why"], &decisions[0]["reckoning"]["rule_version"]),
                   (&json!("ordered"), &json!("kim"), &json!("she asked for it"), &json!(0)));
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        let last = history["items"].as_array().unwrap().iter().find(|one| one["field"] == "quarantine_last").unwrap();
        assert_eq!((&last["after"], &last["why"], &last["account"]), (&json!("2026-03-16"), &json!("she asked for it"), &json!("kim")));
        let standing = work(&kim, &case).await;
        assert_eq!(standing["standing"]["quarantine_kind"], "quarantine");
        assert_eq!(standing["milestones"][4]["at"], "2026-03-01T12:00:00Z", "quarantined");
    }

    async fn a_later_contact_proposes_a_later_end_and_one_answer_is_enough(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let source = open(&kim, new_case(9, reachable())).await;
        let met = |n: u8, day: &str, known: bool| json!({
            "contact_id": id(5, n), "person_id": id(6, 1), "case_id": id(7, 1), "person_is_known": known,
            "kind": "household", "first_day": day, "last_day": day, "said": { "hint": "her brother" } });
        kim.post(&format!("{source}/contacts"), met(1, "2026-02-26", false)).await.ok(201);
        let case = format!("/cases/{}", id(7, 1));
        kim.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-12", &Value::Null)).await.ok(204);
        assert_eq!(sheet(&kim, &case).await["proposal"], Value::Null);
        kim.post(&format!("{source}/contacts"), met(2, "2026-02-28", true)).await.ok(201);
        let proposal = sheet(&kim, &case).await["proposal"].clone();
        assert_eq!((&proposal["reason"], &proposal["reckoning"]["basis_on"]), (&json!("later_contact"), &json!("2026-02-28")));
        assert_eq!(proposal["proposed"]["days"], json!({ "first": "2026-03-01", "last": "2026-03-14" }));
        let path = format!("{case}/quarantine/proposal");
        let answer = |answer: &str, last: &str| json!({ "answer": answer, "last": last, "why": null });
        assert_eq!(kim.post(&path, answer("accept", "2026-03-15")).await.status, 409, "another end than was seen");
        assert_eq!(kim.post(&path, answer("perhaps", "2026-03-14")).await.fields(), ["answer"]);
        kim.post(&path, answer("accept", "2026-03-14")).await.ok(204);
        assert_eq!(kim.post(&path, answer("accept", "2026-03-14")).await.status, 409, "once");
        let after = sheet(&kim, &case).await;
        assert_eq!((&after["set"]["days"]["last"], &after["proposal"]), (&json!("2026-03-14"), &Value::Null));
        assert_eq!((&after["decisions"][0]["what"], &after["decisions"][0]["reason"]), (&json!("accepted"), &json!("later_contact")));
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        let last = history["items"].as_array().unwrap().iter().find(|one| one["field"] == "quarantine_last").unwrap();
        assert_eq!((&last["before"], &last["after"], &last["why"]),
                   (&json!("2026-03-12"), &json!("2026-03-14"), &json!("later_contact 2026-02-28")));
        kim.delete(&format!("{source}/contacts/{}", id(5, 2))).await.ok(204);
        let earlier = sheet(&kim, &case).await["proposal"].clone();
        assert_eq!((&earlier["reason"], &earlier["proposed"]["days"]["last"]), (&json!("earlier_contact"), &json!("2026-03-12")));
        kim.post(&path, answer("dismiss", "2026-03-12")).await.ok(204);
        let kept = sheet(&kim, &case).await;
        assert_eq!((&kept["set"]["days"]["last"], &kept["proposal"]), (&json!("2026-03-14"), &Value::Null));
        assert_eq!(kept["decisions"].as_array().unwrap().len(), 3);
    }

    async fn a_positive_test_proposes_isolation_and_an_onset_another_end(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = contact_case(&kim, 1).await;
        kim.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-14", &Value::Null)).await.ok(204);
        let test = json!({ "tested_on": "2026-03-01", "new_case_id": id(1, 8) });
        kim.post(&format!("{case}/positive-test"), test).await.ok(200);
        let proposal = sheet(&kim, &case).await["proposal"].clone();
        assert_eq!((&proposal["reason"], &proposal["proposed"]["kind"]), (&json!("became_case"), &json!("isolation")));
        assert_eq!(proposal["proposed"]["days"]["last"], "2026-03-11");
        let answer = json!({ "answer": "accept", "last": "2026-03-11", "why": null });
        kim.post(&format!("{case}/quarantine/proposal"), answer).await.ok(204);
        assert_eq!(work(&kim, &case).await["standing"]["quarantine_kind"], "isolation");
        kim.patch(&case, json!({ "changes": { "onset": "2026-02-27" }, "seen": null })).await.ok(200);
        let proposal = sheet(&kim, &case).await["proposal"].clone();
        assert_eq!((&proposal["reason"], &proposal["proposed"]["days"]["last"]), (&json!("onset_changed"), &json!("2026-03-09")));
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        let kind = history["items"].as_array().unwrap().iter().find(|one| one["field"] == "quarantine_kind").unwrap();
        assert_eq!((&kind["before"], &kind["after"]), (&json!("quarantine"), &json!("isolation")));
    }

    async fn days_that_cannot_be_are_refused_and_nobody_writes_over_another(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = contact_case(&kim, 1).await;
        let path = format!("{case}/quarantine");
        let put = |body: Value| kim.put(&path, body);
        let none = Value::Null;
        assert_eq!(put(json!({ "first": "2026-03-01", "last": null, "why": null, "seen": null })).await.fields(), ["last"]);
        assert_eq!(put(json!({ "first": null, "last": "2026-03-01", "why": null, "seen": null })).await.fields(), ["first"]);
        assert_eq!(put(days("2026-03-02", "2026-03-01", &none)).await.fields(), ["last"]);
        assert_eq!(put(days("2026-03-02", "2027-12-01", &none)).await.fields(), ["last"]);
        assert_eq!(put(days("2.3.2026", "2026-03-01", &none)).await.fields(), ["first"]);
        put(days("2026-03-01", "2026-03-10", &none)).await.ok(204);
        assert_eq!(put(days("2026-03-01", "2026-03-12", &none)).await.status, 409, "it was decided meanwhile");
        put(days("2026-03-01", "2026-03-12", &newest(&kim, &case).await)).await.ok(204);
        put(json!({ "first": null, "last": null, "why": "not a contact", "seen": newest(&kim, &case).await })).await.ok(204);
        let after = sheet(&kim, &case).await;
        assert_eq!((&after["set"], &after["decisions"][0]["what"]), (&none, &json!("lifted")));
        let end = json!({ "status": "concluded", "conclusion": "not_a_case", "text": null });
        kim.post(&format!("{case}/status"), end).await.ok(200);
        assert_eq!(put(days("2026-03-01", "2026-03-10", &newest(&kim, &case).await)).await.status, 409, "the case is over");
        assert_eq!(sheet(&kim, &case).await["may_change"], false);
    }

    /// Of either type, in follow-up, from the day after the last; and again at a new end.
    async fn the_end_is_an_item_that_goes_with_an_extension_and_comes_back_at_the_new_end(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let cases = [contact_case(&kim, 1).await, open(&kim, new_case(2, reachable())).await, contact_case(&kim, 3).await];
        for (n, case) in (10..).zip(&cases[..2]) {
            let call = json!({ "call_id": id(3, n), "called_at": null, "outcome": "reached", "call_back_at": null, "note": null });
            kim.post(&format!("{case}/calls"), call).await.ok(200);
        }
        for case in &cases {
            kim.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-02", &Value::Null)).await.ok(204);
        }
        let ada = days_later(&site, 1, "ada").await;
        assert!(kinds_waiting(&ada, &cases[0]).await.is_empty(), "the last day belongs to it");
        let bob = days_later(&site, 1, "bob").await;
        for case in &cases[..2] {
            assert_eq!(kinds_waiting(&bob, case).await, ["quarantine_ending"]);
        }
        assert_eq!(kinds_waiting(&bob, &cases[2]).await, ["initial_call"], "not followed up yet");
        let seen = newest(&bob, &cases[0]).await;
        bob.put(&format!("{}/quarantine", cases[0]), days("2026-03-01", "2026-03-04", &seen)).await.ok(204);
        assert!(kinds_waiting(&bob, &cases[0]).await.is_empty(), "extended");
        let cleo = days_later(&site, 2, "cleo").await;
        let items = work(&cleo, &cases[0]).await["items"].clone();
        assert_eq!((&items[0]["kind"], &items[0]["cause"]), (&json!("quarantine_ending"), &json!("2026-03-04")));
        let end = json!({ "status": "concluded", "conclusion": "completed", "text": null });
        cleo.post(&format!("{}/status", cases[0]), end).await.ok(200);
        assert!(kinds_waiting(&cleo, &cases[0]).await.is_empty());
    }

    async fn two_authorities_order_by_rules_of_their_own_on_the_same_day(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (nora, _) = site.person_in("next", "nora", Role::Administrator).await;
        let rules = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": null, "last": null,
                            "settings": { "quarantine_days": "5" }, "past_decisions_stay": true });
        nora.post("/rule-sets", rules).await.ok(201);
        let ours = sheet(&ada, &contact_case(&ada, 1).await).await;
        let theirs = sheet(&nora, &contact_case(&nora, 1).await).await;
        assert_eq!((&ours["offered"]["last"], &ours["reckoning"]["rule_version"]), (&json!("2026-03-14"), &json!(0)));
        assert_eq!((&theirs["offered"]["last"], &theirs["reckoning"]["rule_version"]), (&json!("2026-03-05"), &json!(1)));
        assert_eq!(theirs["source"], Value::Null, "their own rule, not a guideline's");
    }

    async fn an_order_is_made_read_sent_and_noted(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let case = contact_case(&ada, 1).await;
        let path = format!("{case}/letters");
        assert_eq!(ada.post(&path, new_letter(1, "order")).await.status, 409, "nothing is ordered");
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-14", &Value::Null)).await.ok(204);
        assert_eq!(ada.post(&path, new_letter(1, "order")).await.fields(), ["letterhead"]);
        ada.put("/letterhead", letterhead(0)).await.ok(200);
        let made = ada.post(&path, new_letter(1, "order")).await.ok(201);
        assert_eq!((&made["kind"], &made["language"], &made["sent"]), (&json!("quarantine_order"), &json!("tr"), &Value::Null));
        assert_eq!(ada.post(&path, new_letter(1, "order")).await.ok(201), made, "sent twice, it is made once");
        let pdf = ada.get(&format!("{path}/{}/pdf", id(8, 1))).await;
        assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
        assert_eq!(pdf.header("content-disposition"), "inline; filename=\"letter.pdf\"");
        assert!(pdf.header("content-security-policy").contains("default-src 'none'"));
        let on_it: Value = serde_json::from_str(pdf.text.trim_start_matches("%PDF-")).unwrap();
        assert_eq!(on_it["recipient"], json!(["Anna O'Neill", "Hauptstraße 3 a", "68161 Mannheim"]));
        assert_eq!(on_it["facts"][0], json!({ "label": "Unser Zeichen", "value": "A-17/2026" }));
        assert_eq!(on_it["facts"][1]["value"], "0621 2", "the number for contacts");
        let languages: Vec<&Value> = on_it["parts"].as_array().unwrap().iter().map(|part| &part["language"]).collect();
        assert_eq!(languages, ["tr", "de"], "theirs, beside the one that binds");
        for (part, words) in [(0, "ilk gün 01.03.2026, son gün 14.03.2026"), (1, "vom 01.03.2026 bis zum 14.03.2026")] {
            assert!(on_it["parts"][part]["text"].as_str().unwrap().contains(words), "{on_it}");
        }
        let waiting = ada.get("/messages?status=waiting").await.ok(200);
        assert_eq!((&waiting["items"][0]["message_id"], &waiting["items"][0]["channel"]), (&json!(id(8, 1)), &json!("letter")));
        let sent_path = format!("{path}/{}/sent", id(8, 1));
        let sent = |on: &str, how: &str| json!({ "on": on, "how": how });
        assert_eq!(ada.put(&sent_path, sent("2026-03-02", "post")).await.fields(), ["on"], "tomorrow");
        assert_eq!(ada.put(&sent_path, sent("2026-02-28", "post")).await.fields(), ["on"], "before it was made");
        assert_eq!(ada.put(&sent_path, sent("2026-03-01", "pigeon")).await.fields(), ["how"]);
        ada.put(&sent_path, sent("2026-03-01", "handed_over")).await.ok(204);
        let after = sheet(&ada, &case).await;
        assert_eq!(after["order_sent"], sent("2026-03-01", "handed_over"));
        assert_eq!(after["letters"][0]["sent"], sent("2026-03-01", "handed_over"));
        assert_eq!(ada.get("/messages?status=sent").await.ok(200)["items"][0]["message_id"], id(8, 1));
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-15", &newest(&ada, &case).await)).await.ok(204);
        assert_eq!(sheet(&ada, &case).await["order_sent"], Value::Null, "of the new days nobody was told yet");
        ada.put(&format!("{case}/quarantine/sent"), sent("2026-03-01", "phone")).await.ok(204);
        assert_eq!(sheet(&ada, &case).await["order_sent"], sent("2026-03-01", "phone"));
        let shown = ada.get("/audit?operation=letters.show").await.ok(200);
        assert_eq!(shown["items"].as_array().unwrap().len(), 1);
    }

    async fn a_letter_keeps_what_it_said_and_one_that_is_taken_back_is_gone(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let case = contact_case(&ada, 1).await;
        ada.put("/letterhead", letterhead(0)).await.ok(200);
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-14", &Value::Null)).await.ok(204);
        ada.post(&format!("{case}/letters"), new_letter(1, "order")).await.ok(201);
        let pdf = format!("{case}/letters/{}/pdf", id(8, 1));
        let before = ada.get(&pdf).await.text;
        ada.put("/letterhead", { let mut other = letterhead(1); other["street"] = json!("Elsewhere 9"); other }).await.ok(200);
        ada.patch(&case, json!({ "changes": { "last_name": "Other" }, "seen": null })).await.ok(200);
        assert_eq!(ada.get(&pdf).await.text, before);
        let neighbours = format!("{}/letters/{}/pdf", contact_case(&ada, 2).await, id(8, 1));
        assert_eq!(ada.get(&neighbours).await.status, 404, "a letter of another case");
        ada.post(&format!("/messages/{}/cancel", id(8, 1)), json!({})).await.ok(204);
        assert_eq!(ada.get(&pdf).await.status, 404);
        assert!(sheet(&ada, &case).await["letters"].as_array().unwrap().is_empty());
    }

    async fn what_a_letter_lacks_is_named_and_what_cannot_be_printed_too(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        ada.put("/letterhead", letterhead(0)).await.ok(200);
        let case = open(&ada, new_case(1, json!({ "mobile": "0170 1234567", "city": "Mannheim" }))).await;
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-10", &Value::Null)).await.ok(204);
        let answer = ada.post(&format!("{case}/letters"), new_letter(1, "order")).await;
        assert_eq!(answer.fields(), ["street", "house_number", "postcode"]);
        assert!(answer.text.contains("add it to the details"), "{}", answer.text);
        let address = json!({ "street": "李路", "house_number": "1", "postcode": "68161" });
        ada.patch(&case, json!({ "changes": address, "seen": null })).await.ok(200);
        let answer = ada.post(&format!("{case}/letters"), new_letter(1, "order")).await;
        assert_eq!(answer.fields(), ["letter"]);
        assert!(answer.text.contains('李'), "{}", answer.text);
        ada.patch(&case, json!({ "changes": { "street": "Li-Weg" }, "seen": null })).await.ok(200);
        let made = ada.post(&format!("{case}/letters"), new_letter(1, "order")).await.ok(201);
        assert_eq!((&made["kind"], &made["language"]), (&json!("isolation_order"), &json!("de")));
        assert_eq!(ada.post(&format!("{case}/letters"), new_letter(2, "poem")).await.fields(), ["kind"]);
    }

    async fn a_release_is_due_when_it_is_over_until_the_letter_is_there(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        ada.put("/letterhead", letterhead(0)).await.ok(200);
        let case = contact_case(&ada, 1).await;
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-02", &Value::Null)).await.ok(204);
        assert_eq!(sheet(&ada, &case).await["release_is_due"], false);
        let bob = days_later(&site, 2, "bob").await;
        assert_eq!(sheet(&bob, &case).await["release_is_due"], true);
        let end = json!({ "status": "concluded", "conclusion": "completed", "text": null });
        bob.post(&format!("{case}/status"), end).await.ok(200);
        let made = bob.post(&format!("{case}/letters"), new_letter(1, "release")).await.ok(201);
        assert_eq!(made["kind"], "quarantine_release", "also of a case that is over");
        assert_eq!(sheet(&bob, &case).await["release_is_due"], false);
        bob.put(&format!("{case}/letters/{}/sent", id(8, 1)), json!({ "on": "2026-03-03", "how": "post" })).await.ok(204);
        assert_eq!(sheet(&bob, &case).await["order_sent"], Value::Null, "a release is no order");
    }

    async fn a_letterhead_is_checked_and_nobody_writes_over_another(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        assert_eq!(ada.get("/letterhead").await.ok(200)["version"], 0);
        let empty = json!({ "version": 0, "street": " ", "postcode": "", "city": "", "phone_index": "", "phone_contacts": "",
                            "email": "", "legal_note": "" });
        assert_eq!(ada.put("/letterhead", empty).await.fields(), ["street", "postcode", "city", "phone_index"]);
        assert_eq!(ada.put("/letterhead", letterhead(0)).await.ok(200)["version"], 1);
        assert_eq!(ada.put("/letterhead", letterhead(0)).await.status, 409);
        assert_eq!(ada.get("/letterhead").await.ok(200), letterhead(1));
    }

    /// An authority's own text is used in letters, and must name the days.
    async fn an_own_text_is_printed_and_must_name_the_days(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let texts = |text: &str| json!({ "version": 0, "texts": { "subject": "Bescheid", "text": text, "html": "" } });
        let path = "/message-templates/isolation_order/de";
        assert_eq!(ada.put(path, texts("Bleiben Sie zu Hause")).await.fields(), ["text"]);
        ada.put(path, texts("{{ name }}: {{ first_day }} bis {{ last_day }}, {{ disease }}")).await.ok(200);
        ada.put("/letterhead", letterhead(0)).await.ok(200);
        let mut with = new_case(1, with_address());
        with["details"]["language"] = json!("ar");
        let case = open(&ada, with).await;
        ada.put(&format!("{case}/quarantine"), days("2026-03-01", "2026-03-10", &Value::Null)).await.ok(204);
        ada.post(&format!("{case}/letters"), new_letter(1, "order")).await.ok(201);
        let pdf = ada.get(&format!("{case}/letters/{}/pdf", id(8, 1))).await;
        assert!(pdf.text.contains("Anna O'Neill: 01.03.2026 bis 10.03.2026, COVID-19"), "{}", pdf.text);
        let on_it: Value = serde_json::from_str(pdf.text.trim_start_matches("%PDF-")).unwrap();
        assert_eq!(on_it["parts"].as_array().unwrap().len(), 1, "no letter is written in their language");
    }
}
