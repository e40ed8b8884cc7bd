//! The patient's own diary, what they ask of the authority, and reminders.

use crate::case_work::work;
use crate::enrolment::{PASSWORD, clerk, code_of, enrolled, id, items, letterhead, patient, site, tell_all};
use crate::site::{Browser, Site};
use app::messages::MessageQuery;
use domain::authorities::Role;
use domain::messages::MessageKind;
use serde_json::{Value, json};
use storage::messages::MessageFilter;
use testkit::contract;

pub fn entry(n: u8, part: &str, celsius: f64) -> Value {
    json!({ "entry_id": id(8, n), "day": "2026-03-01", "part": part, "temperature_c": celsius, "symptoms": [],
            "contacts": [], "note": null })
}

pub fn change(celsius: f64, seen: &Value) -> Value {
    json!({ "seen": seen, "temperature_c": celsius, "symptoms": [], "contacts": [], "note": null })
}

pub fn wish(n: u8, wish: &str, text: Option<&str>) -> Value {
    json!({ "message_id": id(9, n), "wish": wish, "text": text })
}

/// Somebody in tracking, since 13:00 in Berlin.
async fn tracked<'s>(site: &'s Site, kim: &Browser<'_>, n: u8, name: &str) -> (Browser<'s>, String, String) {
    let (browser, case, own) = enrolled(site, kim, n, name).await;
    tell_all(&browser, &own).await;
    browser.post(&format!("{own}/completion"), json!({})).await.ok(204);
    (browser, case, own)
}

/// Signs in again: nobody stays signed in while a test moves the clock.
async fn again<'s>(site: &'s Site, name: &str) -> Browser<'s> {
    let browser = site.stranger();
    let session = json!({ "authority": "local", "user_name": name, "password": PASSWORD });
    browser.remember(&browser.post("/patient/session", session).await.ok(200));
    browser
}

/// Day, half, state and whether it can be written, of each half day.
fn slots(diary: &Value) -> Vec<(String, bool)> {
    let all = diary["items"].as_array().unwrap();
    let word = |slot: &Value, field: &str| slot[field].as_str().unwrap().to_owned();
    let said = |slot: &Value| format!("{} {} {}", word(slot, "day"), word(slot, "part"), word(slot, "state"));
    all.iter().map(|slot| (said(slot), slot["may_write"].as_bool().unwrap())).collect()
}

/// The texts of all reminders, the newest first.
async fn reminders(site: &Site) -> Vec<String> {
    let worker = clerk(site).await;
    let filter = MessageFilter { kind: Some(MessageKind::Reminder), ..MessageFilter::default() };
    let query = MessageQuery { filter, before: None, limit: 50 };
    let mut texts = Vec::new();
    for message in site.app.list_messages(&worker, &query).await.unwrap() {
        let full = site.app.message(&worker, message.message_id).await.unwrap();
        texts.push(full.content.unwrap().text.expose().clone());
    }
    texts
}

contract! {
    async fn a_patient_writes_today_and_staff_see_it_at_once(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = tracked(&site, &kim, 1, "mia").await;
        let path = format!("{own}/diary");
        let diary = mia.get(&path).await.ok(200);
        assert_eq!(slots(&diary), [("2026-03-01 evening to_come".to_owned(), false),
                                   ("2026-03-01 morning not_expected".to_owned(), true)]);
        assert_eq!((&diary["today"], &diary["part"], &diary["time_zone"]), (&json!("2026-03-01"), &json!("morning"), &json!("Europe/Berlin")));
        assert_eq!((&diary["items"][1]["due_at"], &diary["items"][1]["until"]), (&json!("2026-03-01T11:00:00Z"), &json!("2026-03-02T11:00:00Z")));
        let before = items(&site, &case).await;

        let mut new = entry(1, "morning", 39.8);
        new["contacts"] = json!([id(5, 1)]);
        new["symptoms"] = json!(["shortness_of_breath"]);
        let written = mia.post(&path, new.clone()).await.ok(201);
        assert_eq!((&written["state"], &written["entry"]["said_by"], &written["may_write"]), (&json!("entered"), &json!("own"), &json!(true)));
        assert_eq!(mia.post(&path, new.clone()).await.ok(201)["entry"], written["entry"], "sent again it is one");
        let of_staff = kim.get(&format!("{case}/diary")).await.ok(200);
        let seen = of_staff["items"].as_array().unwrap().iter().find(|slot| !slot["entry"].is_null()).unwrap().clone();
        assert_eq!((&seen["entry"]["said_by"], &seen["entry"]["account"]), (&json!("own"), &json!("")));
        assert_eq!((&seen["entry"]["contacts"], &seen["is_increased"]), (&json!([id(5, 1)]), &json!(true)));
        let raised: Vec<String> = items(&site, &case).await.into_iter().filter(|kind| !before.contains(kind)).collect();
        assert_eq!(raised, ["increased_temperature", "suspicious_symptom"]);

        let changed = mia.put(&format!("{path}/{}", id(8, 1)), change(36.8, &Value::Null)).await.ok(200);
        assert_eq!(changed["entry"]["temperature_c"], 36.8);
        assert_eq!(items(&site, &case).await, before, "what a changed entry had raised is taken back");
        let history = kim.get(&format!("{case}/diary")).await.ok(200);
        let entry = history["items"].as_array().unwrap().iter().find(|slot| !slot["entry"].is_null()).unwrap()["entry"].clone();
        assert_eq!((&entry["changed_by"], entry["changed_at"].is_null()), (&json!(""), false));
    }

    async fn what_breaks_a_rule_is_refused_as_it_is_for_staff(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = tracked(&site, &kim, 1, "mia").await;
        let path = format!("{own}/diary");
        assert_eq!(mia.post(&path, entry(1, "evening", 36.8)).await.fields(), ["day"], "it is 13:00");
        assert_eq!(mia.post(&path, entry(1, "morning", 34.8)).await.fields(), ["temperature_c"]);
        assert_eq!(mia.post(&path, entry(1, "morning", 46.0)).await.fields(), ["temperature_c"]);
        let mut strange = entry(1, "morning", 36.8);
        strange["contacts"] = json!([id(5, 9)]);
        assert_eq!(mia.post(&path, strange).await.fields(), ["contacts"]);
        let mut meant = entry(1, "morning", 34.8);
        meant["temperature_confirmed"] = json!(true);
        mia.post(&path, meant).await.ok(201);
        assert_eq!(mia.post(&path, entry(2, "morning", 36.8)).await.status, 409);
        let yesterday = json!({ "day": "2026-02-28", "part": "morning" });
        let mut late = entry(3, "morning", 36.8);
        late["day"] = yesterday["day"].clone();
        assert_eq!(mia.post(&path, late.clone()).await.fields(), ["day"], "until noon of the day after");
        kim.post(&format!("{case}/diary"), late).await.ok(201);
        let by_staff = format!("{path}/{}", id(8, 3));
        mia.put(&by_staff, change(37.0, &Value::Null)).await.ok(200);
        site.wait_min(15);
        let too_late = change(37.1, &mia.get(&path).await.ok(200)["items"][3]["entry"]["changed_at"]);
        assert_eq!(mia.put(&by_staff, too_late).await.fields(), ["day"], "15 minutes in any case, and no longer");
        assert_eq!(mia.put(&format!("{path}/{}", id(8, 9)), change(37.1, &Value::Null)).await.status, 404);
    }

    async fn an_entry_that_was_kept_without_network_is_taken_twice_and_late(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, own) = tracked(&site, &kim, 1, "mia").await;
        let path = format!("{own}/diary");
        let first = mia.post(&path, entry(1, "morning", 36.8)).await.ok(201);
        site.wait_min(3 * 24 * 60);
        let mia = again(&site, "mia").await;
        let second = mia.post(&path, entry(1, "morning", 36.8)).await.ok(201);
        assert_eq!((&second["entry"], &second["may_write"]), (&first["entry"], &json!(false)));
        assert_eq!(mia.post(&path, entry(1, "morning", 37.8)).await.fields(), ["day"]);
        let page = mia.get(&format!("{path}?limit=2")).await.ok(200);
        assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (4, &json!("2026-03-03")));
        let rest = mia.get(&format!("{path}?before=2026-03-03")).await.ok(200);
        assert_eq!((rest["items"].as_array().unwrap().len(), &rest["next"]), (4, &Value::Null));
    }

    async fn asked_twice_it_is_one_item_until_it_is_done_and_staff_read_the_words(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = tracked(&site, &kim, 1, "mia").await;
        let path = format!("{own}/messages");
        let before = items(&site, &case).await.len();
        assert_eq!(mia.post(&path, wish(1, "be_read", Some("  "))).await.fields(), ["text"]);
        assert_eq!(mia.post(&path, wish(1, "be_read", Some(&"x".repeat(1_001)))).await.fields(), ["text"]);
        mia.post(&path, wish(2, "call_back", None)).await.ok(204);
        mia.post(&path, wish(2, "call_back", None)).await.ok(204);
        mia.post(&path, wish(3, "call_back", Some("after four, please"))).await.ok(204);
        assert_eq!(mia.post(&path, wish(4, "call_back", None)).await.status, 429, "five, then one every ten minutes");
        let waiting = items(&site, &case).await;
        assert_eq!(waiting.len(), before + 1);
        assert_eq!(mia.get("/patient/cases").await.ok(200)["items"][0]["is_to_be_called"], true);
        let sheet = work(&kim, &case).await;
        let said = &sheet["comments"][0];
        assert_eq!((&said["text"], &said["is_patients"], &said["account"]), (&json!("after four, please"), &json!(true), &json!("")));
        let call = json!({ "call_id": id(7, 1), "called_at": null, "outcome": "reached", "call_back_at": null, "note": null });
        kim.post(&format!("{case}/calls"), call).await.ok(200);
        assert_eq!(items(&site, &case).await.len(), before, "a call is what was asked for");
        assert_eq!(mia.get("/patient/cases").await.ok(200)["items"][0]["is_to_be_called"], false);
    }

    async fn a_message_waits_until_somebody_has_read_it_then_the_next_is_another_item(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = tracked(&site, &kim, 1, "mia").await;
        let path = format!("{own}/messages");
        let n_messages = async || items(&site, &case).await.iter().filter(|kind| *kind == "message_from_patient").count();
        mia.post(&path, wish(1, "be_read", Some("may I walk the dog?"))).await.ok(204);
        mia.post(&path, wish(2, "be_read", Some("it barks"))).await.ok(204);
        assert_eq!((n_messages().await, work(&kim, &case).await["comments"].as_array().unwrap().len()), (1, 2));
        assert_eq!(mia.post(&path, wish(2, "be_read", Some("something else"))).await.status, 409);
        let sheet = work(&kim, &case).await;
        let item = sheet["items"].as_array().unwrap().iter().find(|item| item["kind"] == "message_from_patient").unwrap().clone();
        kim.post(&format!("{case}/items/resolve"), json!({ "items": [item["item_id"]], "text": null })).await.ok(200);
        assert_eq!(n_messages().await, 0);
        mia.post(&path, wish(1, "be_read", Some("may I walk the dog?"))).await.ok(204);
        assert_eq!(n_messages().await, 0, "what was read isn't asked again by a telephone that tries again");
        mia.post(&path, wish(3, "be_read", Some("thank you"))).await.ok(204);
        assert_eq!(n_messages().await, 1);
    }

    /// Ten minutes after the official end, of the half day before; also on the nights on which the clocks change.
    async fn who_wrote_nothing_is_reminded_once_of_each_half_day(kit) {
        let site = site(kit).await;
        letterhead(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (_, case, _) = tracked(&site, &kim, 1, "mia").await;
        let remind = async || {
            site.app.wake_all_items().await.unwrap();
            reminders(&site).await
        };
        site.wait_min(10 * 60 + 10);
        assert!(remind().await.is_empty(), "23:10: the morning had begun before enrolment");
        site.wait_min(12 * 60 + 59);
        assert!(remind().await.is_empty(), "12:09");
        site.wait_min(1);
        let texts = remind().await;
        assert!(texts.len() == 1 && texts[0].contains("01.03.2026, akşam"), "{texts:?}");
        assert!(texts[0].contains("https://epitrace.test/LOCAL/patient") && texts[0].contains("0621 1"), "{texts:?}");
        assert_eq!(remind().await.len(), 1, "once");
        let written = json!({ "entry_id": id(8, 1), "day": "2026-03-02", "part": "morning", "temperature_c": 36.8,
                              "symptoms": [], "contacts": [], "note": null });
        again(&site, "mia").await.post(&format!("/patient{case}/diary"), written).await.ok(201);
        site.wait_min(11 * 60);
        assert_eq!(remind().await.len(), 1, "23:10 with an entry for the morning");
        // To 23:10 of 28 March; the night after has one hour less.
        site.wait_min(26 * 24 * 60);
        assert!(remind().await[0].contains("28.03.2026, sabah"));
        site.wait_min(11 * 60 + 59);
        assert_eq!(remind().await.len(), 2, "12:09");
        site.wait_min(1);
        let texts = remind().await;
        assert!(texts.len() == 3 && texts[0].contains("28.03.2026, akşam"), "{texts:?}");
        // To 23:10 of 24 October; the night after has one hour more.
        site.wait_min(209 * 24 * 60 + 11 * 60);
        let texts = remind().await;
        assert!(texts.len() == 4 && texts[0].contains("24.10.2026, sabah"), "what was missed since isn't made up for");
        site.wait_min(13 * 60 + 59);
        assert_eq!(remind().await.len(), 4);
        site.wait_min(1);
        let texts = remind().await;
        assert!(texts.len() == 5 && texts[0].contains("24.10.2026, akşam"), "{texts:?}");
    }

    async fn history_says_what_the_patient_changed_and_what_staff_did(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = tracked(&site, &kim, 1, "mia").await;
        mia.post(&format!("{own}/diary"), entry(1, "morning", 36.8)).await.ok(201);
        mia.patch(&format!("{own}/details"), json!({ "changes": { "city": "Heidelberg" } })).await.ok(200);
        kim.patch(&case, json!({ "changes": { "street": "Ring" }, "seen": null })).await.ok(200);
        let history = kim.get(&format!("{case}/history")).await.ok(200);
        let line = |field: &str| {
            let all = history["items"].as_array().unwrap();
            let found = all.iter().find(|line| line["field"] == field).unwrap();
            json!([found["account"], found["by_patient"], found["why"]])
        };
        assert_eq!(line("diary"), json!(["", true, "by the patient"]));
        assert_eq!(line("city"), json!(["", true, "by the patient"]), "a field of the person");
        assert_eq!(line("street"), json!(["kim", false, "by hand"]));
    }

    /// Where the authority's rules say so, nobody is reminded; what is missing stays something for staff.
    async fn nobody_is_reminded_where_the_rules_say_no(kit) {
        let site = site(kit).await;
        letterhead(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (_, case, _) = tracked(&site, &kim, 1, "mia").await;
        let rules = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": "2026-03-02",
                            "last": "2026-03-02", "settings": { "reminders": "no" }, "past_decisions_stay": false });
        ada.post("/rule-sets", rules).await.ok(201);
        site.wait_min(23 * 60 + 10);
        site.app.wake_all_items().await.unwrap();
        assert!(reminders(&site).await.is_empty(), "12:10 on 2 March");
        site.wait_min(11 * 60);
        site.app.wake_all_items().await.unwrap();
        assert!(reminders(&site).await.is_empty(), "23:10");
        assert!(items(&site, &case).await.contains(&"diary_entry_missing".to_owned()));
        site.wait_min(13 * 60);
        site.app.wake_all_items().await.unwrap();
        let texts = reminders(&site).await;
        assert!(texts.len() == 1 && texts[0].contains("02.03.2026, akşam"), "the day after, by the rules of that day");
    }

    async fn nobody_is_reminded_who_wants_none_or_is_at_the_end_or_has_no_mail(kit) {
        let site = site(kit).await;
        letterhead(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = tracked(&site, &kim, 1, "mia").await;
        let (_, of_ali, _) = tracked(&site, &kim, 2, "ali").await;
        tracked(&site, &kim, 3, "eve").await;
        enrolled(&site, &kim, 4, "kai").await;
        assert_eq!(mia.get("/patient/session").await.ok(200)["wants_reminders"], true);
        mia.put("/patient/reminders", json!({ "wants": false })).await.ok(204);
        assert_eq!(mia.get("/patient/session").await.ok(200)["wants_reminders"], false);
        let days = json!({ "first": "2026-02-28", "last": "2026-03-01", "why": "ends", "seen": null });
        kim.put(&format!("{of_ali}/quarantine"), days).await.ok(204);
        let silent = open_without_mail(&site, &kim).await;
        site.wait_min(23 * 60 + 10);
        site.app.wake_all_items().await.unwrap();
        assert_eq!(reminders(&site).await.len(), 2, "ali and eve: the evening of 1 March was ali's last");
        site.wait_min(24 * 60);
        site.app.wake_all_items().await.unwrap();
        assert_eq!(reminders(&site).await.len(), 3, "eve alone");
        assert!(items(&site, &silent).await.contains(&"diary_entry_missing".to_owned()), "staff call who has no mail");
    }
}

/// Somebody in tracking who has no mail address.
async fn open_without_mail(site: &Site, kim: &Browser<'_>) -> String {
    let mut details = patient(5, "gone@example.org", "index");
    details["details"]["email"] = Value::Null;
    details["details"]["says_no_email"] = json!("yes");
    let case = crate::case_work::open(kim, details).await;
    kim.post(&format!("{case}/activation"), json!({ "channel": "letter" })).await.ok(200);
    let code = code_of(site, &case).await;
    let browser = site.stranger();
    let redemption = json!({ "authority": "local", "code": code, "born": "1982-05-17", "user_name": "uwe",
                             "password": PASSWORD, "accepts": { "language": "de", "version": 1 }, "language": "de" });
    browser.remember(&browser.post("/activation/redeem", redemption).await.ok(200));
    let own = format!("/patient{case}");
    tell_all(&browser, &own).await;
    browser.post(&format!("{own}/completion"), json!({})).await.ok(204);
    case
}
