//! Who is told by mail without anybody writing one: new contacts, and people whose days changed.

use crate::case_work::{id, new_case, open, reachable, work};
use crate::enrolment::{case_id, clerk, items, patient, site};
use crate::mail::{STARTTLS, deliver, options};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use domain::messages::{MessageKind, MessageStatus};
use serde_json::{Value, json};
use storage::messages::{Message, MessageFilter};
use testkit::contract;
use testkit::smtp::SmtpServer;

async fn mails(site: &Site, case: &str, kind: MessageKind) -> Vec<Message> {
    let mut tx = site.kit.read().await;
    let filter = MessageFilter { status: None, kind: Some(kind), case_id: Some(case_id(case)) };
    storage::messages::list(&mut tx, filter, None, 9).await.unwrap()
}

async fn statuses(site: &Site, case: &str, kind: MessageKind) -> Vec<MessageStatus> {
    mails(site, case, kind).await.into_iter().map(|mail| mail.status).collect()
}

/// What the newest mail of a kind says.
async fn says(site: &Site, case: &str, kind: MessageKind) -> String {
    let newest = mails(site, case, kind).await[0].message_id;
    let content = site.app.message(&clerk(site).await, newest).await.unwrap().content.unwrap();
    content.text.expose().clone()
}

fn met(n: u8, said: Value) -> Value {
    json!({ "contact_id": id(5, n), "person_id": id(6, n), "case_id": id(7, n), "person_is_known": false,
            "kind": "household", "first_day": "2026-02-28", "last_day": "2026-02-28", "said": said })
}

/// Sets the days of a case, after whatever was decided before.
async fn set(kim: &Browser<'_>, case: &str, days: Option<(&str, &str)>) {
    let sheet = kim.get(&format!("{case}/quarantine")).await.ok(200);
    let seen = sheet["decisions"][0]["decision_id"].clone();
    let (first, last) = days.unzip();
    let new = json!({ "first": first, "last": last, "why": null, "seen": seen });
    kim.put(&format!("{case}/quarantine"), new).await.ok(204);
}

async fn told(kim: &Browser<'_>, case: &str) {
    kim.put(&format!("{case}/quarantine/sent"), json!({ "on": "2026-03-01", "how": "phone" })).await.ok(204);
}

const CHANGED: MessageKind = MessageKind::QuarantineChanged;
const NAMED: MessageKind = MessageKind::NewContactCase;

contract! {
    async fn a_new_contact_with_an_address_is_told_that_somebody_calls(kit) {
        let site = site(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let head = json!({ "version": 0, "street": "R1", "postcode": "1", "city": "C", "phone_index": "0621 1",
                           "phone_contacts": "0621 2", "email": "index@example.org",
                           "email_contacts": "contacts@example.org", "legal_note": "" });
        ada.put("/letterhead", head).await.ok(200);
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let source = open(&kim, new_case(1, reachable())).await;
        let contacts = format!("{source}/contacts");
        let eda = json!({ "first_name": "Eda", "last_name": "Kaya", "email": "eda@example.org", "phone": "0621 9" });
        kim.post(&contacts, met(1, eda)).await.ok(201);
        kim.post(&contacts, met(2, json!({ "hint": "the woman at the till" }))).await.ok(201);
        let eda = format!("/cases/{}", id(7, 1));
        assert_eq!(statuses(&site, &eda, NAMED).await, [MessageStatus::Waiting]);
        assert!(mails(&site, &format!("/cases/{}", id(7, 2)), NAMED).await.is_empty(), "nowhere to write to");
        assert!(mails(&site, &source, NAMED).await.is_empty());
        let text = says(&site, &eda, NAMED).await;
        assert!(text.contains("Eda Kaya") && text.contains("0621 2"), "{text}");
        for secret in ["O'Neill", "1982", "2026-02-28", "28.02.", "eda@example.org"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        let post = SmtpServer::start(STARTTLS);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 0, "not while it can be undone");
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1);
        let mails = post.received();
        assert_eq!((&mails[0].to[..], mails[0].head("Reply-To")), (&["eda@example.org".to_owned()][..], "contacts@example.org"));
        site.app.act_on_all_events().await.unwrap();
        assert_eq!(crate::enrolment::status(&site, &eda).await, "open", "nobody was invited");
    }

    async fn a_meeting_that_was_deleted_takes_the_mail_back_unless_another_case_names_them_too(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let source = open(&kim, new_case(1, reachable())).await;
        let other = open(&kim, new_case(2, reachable())).await;
        let eda = json!({ "first_name": "Eda", "last_name": "Kaya", "email": "eda@example.org" });
        kim.post(&format!("{source}/contacts"), met(1, eda.clone())).await.ok(201);
        let mut again = met(2, eda);
        again["person_id"] = json!(id(6, 1));
        again["person_is_known"] = json!(true);
        kim.post(&format!("{other}/contacts"), again).await.ok(201);
        let eda = format!("/cases/{}", id(7, 1));
        assert_eq!(statuses(&site, &eda, NAMED).await, [MessageStatus::Waiting], "once");
        kim.delete(&format!("{source}/contacts/{}", id(5, 1))).await.ok(204);
        assert_eq!(statuses(&site, &eda, NAMED).await, [MessageStatus::Waiting], "the other case names them");
        kim.delete(&format!("{other}/contacts/{}", id(5, 2))).await.ok(204);
        assert_eq!(statuses(&site, &eda, NAMED).await, [MessageStatus::Cancelled]);
    }

    async fn an_address_that_is_refused_for_good_is_looked_at_and_the_case_stays_where_it_is(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let source = open(&kim, new_case(1, reachable())).await;
        let eda = json!({ "first_name": "Eda", "last_name": "Kaya", "email": "unknown@example.org", "phone": "0621 9" });
        kim.post(&format!("{source}/contacts"), met(1, eda)).await.ok(201);
        let eda = format!("/cases/{}", id(7, 1));
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_failed, 1);
        for _ in 0..2 {
            site.app.act_on_all_events().await.unwrap();
        }
        let waiting = items(&site, &eda).await;
        assert_eq!(waiting.iter().filter(|kind| *kind == "wrong_contact_details").count(), 1, "{waiting:?}");
        assert_eq!(crate::enrolment::status(&site, &eda).await, "open");
        let comment = work(&kim, &eda).await["comments"][0]["text"].as_str().unwrap().to_owned();
        assert!(comment.contains("recipient_refused 550") && !comment.contains("unknown@"), "{comment}");
    }

    async fn who_is_invited_by_the_rules_gets_no_other_mail(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let rules = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": "2026-03-01", "last": null,
                            "settings": { "invite_contacts": "yes" }, "past_decisions_stay": false });
        ada.post("/rule-sets", rules).await.ok(201);
        let source = open(&kim, new_case(1, reachable())).await;
        let eda = json!({ "first_name": "Eda", "last_name": "Kaya", "email": "eda@example.org" });
        kim.post(&format!("{source}/contacts"), met(1, eda)).await.ok(201);
        let eda = format!("/cases/{}", id(7, 1));
        assert_eq!(statuses(&site, &eda, MessageKind::Invitation).await, [MessageStatus::Waiting]);
        assert!(mails(&site, &eda, NAMED).await.is_empty());
    }

    async fn only_who_was_told_of_days_is_told_that_they_changed(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "contact")).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-10"))).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-11"))).await;
        assert!(mails(&site, &case, CHANGED).await.is_empty(), "nobody told them of any");
        told(&kim, &case).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-12"))).await;
        assert_eq!(statuses(&site, &case, CHANGED).await, [MessageStatus::Waiting]);
        let text = says(&site, &case, CHANGED).await;
        assert!(text.contains("Mia O'Neill") && text.contains("12.03.2026"), "{text}");
        assert!(!text.contains("1982") && !text.contains("mia@example.org"), "{text}");
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1);
        set(&kim, &case, Some(("2026-03-01", "2026-03-13"))).await;
        assert_eq!(statuses(&site, &case, CHANGED).await, [MessageStatus::Waiting, MessageStatus::Sent], "told by mail");
        set(&kim, &case, None).await;
        assert_eq!(statuses(&site, &case, CHANGED).await, [MessageStatus::Cancelled, MessageStatus::Sent], "a call is due");
    }

    async fn days_that_are_put_back_at_once_are_told_to_nobody(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "contact")).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-10"))).await;
        told(&kim, &case).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-12"))).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-10"))).await;
        assert_eq!(statuses(&site, &case, CHANGED).await, [MessageStatus::Cancelled]);
        set(&kim, &case, Some(("2026-03-01", "2026-03-14"))).await;
        set(&kim, &case, Some(("2026-03-01", "2026-03-15"))).await;
        let expected = [MessageStatus::Waiting, MessageStatus::Cancelled, MessageStatus::Cancelled];
        assert_eq!(statuses(&site, &case, CHANGED).await, expected, "one mail, with the last word");
        assert!(says(&site, &case, CHANGED).await.contains("15.03.2026"));
    }
}
