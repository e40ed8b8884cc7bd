//! The patient's way in: invited by mail or letter, a code, an account, what they tell, and who may see it.

use crate::case_work::{open, work};
use crate::mail::{STARTTLS, deliver, options};
use crate::site::{Answer, Browser, Site};
use app::Worker;
use app::backup::Afterwards;
use app::case_work::Activation;
use domain::authorities::Role;
use domain::ids::CaseId;
use domain::languages::Language;
use domain::messages::Channel;
use domain::public_texts::PublicTextKind;
use serde_json::{Value, json};
use storage::ledger::Ledger;
use storage::pulse::Remembered;
use testkit::smtp::SmtpServer;
use testkit::{Kit, contract};

pub const PASSWORD: &str = "blauer Hund";

pub fn id(n: u8, last: u8) -> String {
    format!("019cab00-0000-7000-8000-00000000{n:02x}{last:02x}")
}

/// Somebody who can be written to by mail and letter.
pub fn patient(n: u8, email: &str, case_type: &str) -> Value {
    json!({ "case_id": id(1, n), "person_id": id(2, n), "person_is_known": false, "disease": null, "case_type": case_type,
            "details": { "first_name": "Mia", "last_name": "O'Neill", "born": "1982-05-17", "email": email,
                         "mobile": "0170 1234567", "street": "Road", "house_number": "1", "postcode": "68161",
                         "city": "Mannheim", "tested": if case_type == "index" { json!("2026-02-28") } else { Value::Null } } })
}

pub async fn letterhead(site: &Site) {
    let (head, _) = site.person("head", Role::Administrator).await;
    let body = json!({ "version": 0, "street": "R1", "postcode": "1", "city": "C", "phone_index": "0621 1",
                       "phone_contacts": "", "email": "", "legal_note": "" });
    head.put("/letterhead", body).await.ok(200);
}

/// A site whose authority has written what everybody may read: without it nobody is invited.
pub async fn site(kit: Kit) -> Site {
    let site = Site::on(kit).await;
    write_texts(&site).await;
    site
}

pub async fn write_texts(site: &Site) {
    let worker = clerk(site).await;
    for kind in PublicTextKind::ALL {
        let text = Some(format!("# {kind}"));
        site.app.change_public_text(&worker, (*kind, Language::De), 0, text).await.unwrap();
    }
}

/// Whoever acts while the clock runs: no session lasts so long.
pub async fn clerk(site: &Site) -> Worker {
    site.app.sign_in_as("test", Some(&domain::authorities::ShortCode::local())).await.unwrap()
}

pub fn case_id(case: &str) -> CaseId {
    CaseId(case.trim_start_matches("/cases/").parse().unwrap())
}

/// The code that the newest mail or letter of a case brings.
pub async fn code_of(site: &Site, case: &str) -> String {
    let worker = clerk(site).await;
    let message = site.app.activation(&worker, case_id(case)).await.unwrap().code.unwrap().message_id;
    let text = site.app.message(&worker, message).await.unwrap().content.unwrap().text.expose().clone();
    let (_, code) = text.split_once("https://epitrace.test/LOCAL/enrol#").unwrap();
    code.chars().take(19).collect()
}

async fn state(site: &Site, case: &str) -> Activation {
    site.app.activation(&clerk(site).await, case_id(case)).await.unwrap()
}

pub async fn status(site: &Site, case: &str) -> String {
    state(site, case).await.work.status.to_string()
}

pub async fn items(site: &Site, case: &str) -> Vec<String> {
    let sheet = site.app.case_work(&clerk(site).await, case_id(case)).await.unwrap();
    sheet.items.iter().filter(|item| item.resolution.is_none()).map(|item| item.kind.to_string()).collect()
}

pub fn redemption(code: &str, user_name: &str) -> Value {
    json!({ "authority": "local", "code": code, "born": "1982-05-17", "user_name": user_name, "password": PASSWORD,
            "accepts": { "language": "de", "version": 1 }, "language": "tr" })
}

/// Redeems a code in a browser of its own.
pub async fn redeem<'s>(site: &'s Site, code: &str, user_name: &str) -> Browser<'s> {
    let browser = site.stranger();
    let session = browser.post("/activation/redeem", redemption(code, user_name)).await.ok(200);
    browser.remember(&session);
    browser
}

/// A case with a patient who has redeemed a code. Returns the case as staff and as patients call it.
pub async fn enrolled<'s>(site: &'s Site, kim: &Browser<'_>, n: u8, user_name: &str) -> (Browser<'s>, String, String) {
    let case = open(kim, patient(n, &format!("{user_name}@example.org"), "index")).await;
    kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
    let browser = redeem(site, &code_of(site, &case).await, user_name).await;
    let own = format!("/patient{case}");
    (browser, case, own)
}

fn answers() -> Value {
    let no = json!({ "is_so": false, "text": null });
    json!({ "has_symptoms": true, "onset": "2026-02-27", "symptoms": ["cough"], "infected_on": null, "infected_at": "work",
            "family_doctor": null, "condition": no, "medical_staff": no, "vulnerable_contact": no })
}

pub fn contact(n: u8) -> Value {
    json!({ "contact_id": id(5, n), "kind": "household", "first_day": "2026-02-28", "last_day": "2026-02-28",
            "said": { "first_name": "Ali", "last_name": "Yılmaz", "phone": "0621 999999" } })
}

pub async fn tell_all(mia: &Browser<'_>, own: &str) {
    let changes = json!({ "sex": "female", "house_number": "1 a" });
    mia.patch(&format!("{own}/details"), json!({ "changes": changes })).await.ok(200);
    mia.put(&format!("{own}/questionnaire"), answers()).await.ok(200);
    mia.post(&format!("{own}/contacts"), contact(1)).await.ok(201);
}

fn fields(answer: &Answer) -> Vec<String> {
    answer.fields()
}

contract! {
    async fn from_the_mail_to_tracking(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let post = SmtpServer::start(STARTTLS);
        let invited = kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        assert_eq!((&invited["status"], &invited["code"]["is_not_sent_yet"]), (&json!("in_registration"), &json!(true)));
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_sent, 1);
        site.app.act_on_all_events().await.unwrap();
        let sent = kim.get(&format!("{case}/activation")).await.ok(200);
        assert_eq!(sent["code"]["is_not_sent_yet"], false);
        assert_eq!(sent["code"]["valid_until"], "2026-03-02T12:01:00Z", "24 h after the mail server took it");
        let mail = post.received().remove(0);
        let (_, code) = mail.text.split_once("/LOCAL/enrol#").unwrap();
        let code: String = code.chars().take(19).collect();

        let stranger = site.stranger();
        let opened = stranger.post("/activation/open", json!({ "authority": "LOCAL", "code": code.to_lowercase() })).await;
        assert!(!opened.text.contains("Neill") && !opened.text.contains("mia"), "{}", opened.text);
        assert_eq!(opened.ok(200)["authority_name"], "Authority local");
        let mut wrong = redemption(&code, "mia");
        wrong["born"] = json!("1982-05-18");
        assert_eq!(fields(&stranger.post("/activation/redeem", wrong).await), ["born"]);
        let mut weak = redemption(&code, "mia");
        weak["password"] = json!("xx-mia-xx");
        assert_eq!(fields(&stranger.post("/activation/redeem", weak).await), ["password"]);
        let mia = redeem(&site, &code, "mia").await;
        let used = stranger.post("/activation/redeem", redemption(&code, "eve")).await;
        assert_eq!((used.status, used.kind().as_str()), (410, "code-used"));
        assert_eq!(status(&site, &case).await, "registered");

        let own = format!("/patient{case}");
        let cases = mia.get("/patient/cases").await.ok(200);
        assert_eq!(cases["items"][0]["asks_contacts"], true);
        let refused = mia.post(&format!("{own}/completion"), json!({})).await;
        assert_eq!(fields(&refused), ["sex", "has_symptoms", "condition", "medical_staff", "vulnerable_contact", "contacts"]);
        tell_all(&mia, &own).await;
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
        assert_eq!(status(&site, &case).await, "tracking");
        let sheet = work(&kim, &case).await;
        assert_eq!((&sheet["details"]["house_number"], &sheet["details"]["onset"]), (&json!("1 a"), &json!("2026-02-27")));
        assert_eq!(sheet["details"]["language"], "tr", "the language in which they enrolled");
        let state = kim.get(&format!("{case}/activation")).await.ok(200);
        assert_eq!((&state["enrolment"]["privacy_version"], &state["has_account"]), (&json!(1), &json!(true)));
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let audit = ada.get("/audit?operation=patients.complete").await.ok(200);
        assert_eq!(audit["items"][0]["role"], "patient");
    }

    async fn patients_see_what_they_said_and_nothing_that_staff_learnt(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = enrolled(&site, &kim, 1, "mia").await;
        tell_all(&mia, &own).await;
        let named = kim.get(&format!("{case}/contacts")).await.ok(200);
        let of_contact = named["items"][0]["contact_case_id"].as_str().unwrap().to_owned();
        let learnt = json!({ "changes": { "last_name": "Zyxwquarrendell" }, "seen": null });
        kim.patch(&format!("/cases/{of_contact}"), learnt).await.ok(200);
        kim.patch(&case, json!({ "changes": { "note": "Zyxwquarrendell" }, "seen": null })).await.ok(200);
        for path in ["details", "questionnaire", "contacts"] {
            let answer = mia.get(&format!("{own}/{path}")).await;
            assert!(!answer.text.contains("Zyxw") && !answer.text.contains(&of_contact), "{path}: {}", answer.text);
        }
        assert!(mia.get(&format!("{own}/contacts")).await.text.contains("Yılmaz"));
        let note = mia.patch(&format!("{own}/details"), json!({ "changes": { "note": "x" } })).await;
        assert_eq!(fields(&note), ["changes"], "staff wrote that");
        mia.delete(&format!("{own}/contacts/{}", id(5, 1))).await.ok(204);
        mia.put(&format!("{own}/no-contacts"), json!({ "says_so": true })).await.ok(204);
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
    }

    async fn another_patients_case_is_not_there(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let (ali, _, of_ali) = enrolled(&site, &kim, 2, "ali").await;
        tell_all(&ali, &of_ali).await;
        let tries = [
            mia.get(&format!("{of_ali}/details")).await,
            mia.patch(&format!("{of_ali}/details"), json!({ "changes": {} })).await,
            mia.get(&format!("{of_ali}/questionnaire")).await,
            mia.put(&format!("{of_ali}/questionnaire"), answers()).await,
            mia.get(&format!("{of_ali}/contacts")).await,
            mia.post(&format!("{of_ali}/contacts"), contact(2)).await,
            mia.delete(&format!("{of_ali}/contacts/{}", id(5, 1))).await,
            mia.put(&format!("{of_ali}/no-contacts"), json!({ "says_so": true })).await,
            mia.post(&format!("{of_ali}/completion"), json!({})).await,
            mia.post(&format!("{of_ali}/elsewhere"), json!({})).await,
            mia.get(&format!("{of_ali}/diary")).await,
            mia.post(&format!("{of_ali}/diary"), crate::own_diary::entry(1, "morning", 36.8)).await,
            mia.put(&format!("{of_ali}/diary/{}", id(8, 1)), crate::own_diary::change(36.8, &Value::Null)).await,
            mia.post(&format!("{of_ali}/messages"), crate::own_diary::wish(1, "call_back", None)).await,
        ];
        for answer in tries {
            assert_eq!((answer.status, answer.kind().as_str()), (404, "not-found"), "{}", answer.text);
        }
    }

    async fn nobody_is_invited_before_the_texts_are_there_and_who_accepts_has_read_the_newest(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let refused = kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await;
        assert_eq!(fields(&refused), ["public_texts"]);
        assert_eq!(status(&site, &case).await, "open", "nothing happened");
        write_texts(&site).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &case).await;
        let opened = site.stranger().post("/activation/open", json!({ "authority": "local", "code": code })).await.ok(200);
        assert_eq!(opened["privacy"], json!({ "language": "de", "version": 1 }));
        let worker = clerk(&site).await;
        let text = Some("# Data protection, other words".to_owned());
        let privacy = (PublicTextKind::DataProtection, Language::De);
        site.app.change_public_text(&worker, privacy, 1, text).await.unwrap();
        let old = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!(fields(&old), ["accepts"]);
        let mut newest = redemption(&code, "mia");
        newest["accepts"]["version"] = json!(2);
        site.stranger().post("/activation/redeem", newest).await.ok(200);
        let seen = state(&site, &case).await.enrolment.unwrap();
        assert_eq!(seen.privacy, (Language::De, 2), "which text was accepted is kept");
    }

    async fn ten_wrong_dates_lock_and_somebody_looks(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &case).await;
        let mut wrong = redemption(&code, "mia");
        wrong["born"] = json!("1982-05-18");
        for n in 1..=10 {
            let answer = site.stranger().post("/activation/redeem", wrong.clone()).await;
            assert_eq!(answer.status, if n < 10 { 422 } else { 410 }, "{n}: {}", answer.text);
        }
        let right = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!((right.status, right.kind().as_str()), (410, "code-locked"));
        assert_eq!(items(&site, &case).await, ["registration_unfinished"]);
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        assert!(items(&site, &case).await.is_empty(), "a new code is progress");
    }

    async fn a_date_of_birth_that_nobody_knew_is_kept(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let mut new = patient(1, "mia@example.org", "index");
        new["details"]["born"] = Value::Null;
        let case = open(&kim, new).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        redeem(&site, &code_of(&site, &case).await, "mia").await;
        assert_eq!(work(&kim, &case).await["details"]["born"], "1982-05-17");
    }

    async fn a_letter_holds_for_two_weeks_and_can_be_printed_again_until_it_is_used(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let letter = json!({ "channel": "letter" });
        assert_eq!(fields(&kim.post(&format!("{case}/activation"), letter.clone()).await), ["letterhead"]);
        letterhead(&site).await;
        let invited = kim.post(&format!("{case}/activation"), letter).await.ok(200);
        assert_eq!(invited["code"]["valid_until"], "2026-03-15T12:00:00Z");
        let code = code_of(&site, &case).await;
        for _ in 0..2 {
            let pdf = kim.get(&format!("{case}/activation/letter")).await;
            assert_eq!((pdf.status, pdf.header("content-type")), (200, "application/pdf"));
            assert!(pdf.text.contains(&code) && pdf.text.contains("<svg"), "the code, and its picture");
        }
        assert_eq!(kim.get(&format!("{case}/activation")).await.ok(200)["code"]["message_status"], "sent");
        redeem(&site, &code, "mia").await;
        assert_eq!(kim.get(&format!("{case}/activation/letter")).await.status, 410);
        let mut nowhere = patient(2, "ali@example.org", "index");
        nowhere["details"]["city"] = Value::Null;
        let other = open(&kim, nowhere).await;
        let refused = kim.post(&format!("{other}/activation"), json!({ "channel": "letter" })).await;
        assert_eq!(fields(&refused), ["city"]);
    }

    async fn a_second_invitation_ends_the_first_and_one_that_is_taken_back_opens_the_case(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let activation = format!("{case}/activation");
        kim.post(&activation, json!({ "channel": "mail" })).await.ok(200);
        let first = code_of(&site, &case).await;
        kim.post(&activation, json!({ "channel": "mail" })).await.ok(200);
        let answer = site.stranger().post("/activation/redeem", redemption(&first, "mia")).await;
        assert_eq!(answer.kind(), "code-cancelled");
        let second = code_of(&site, &case).await;
        assert_eq!(kim.delete(&activation).await.ok(200)["status"], "open");
        let answer = site.stranger().post("/activation/open", json!({ "authority": "local", "code": second })).await;
        assert_eq!((answer.status, answer.kind().as_str()), (410, "code-cancelled"));
        assert_eq!(kim.delete(&activation).await.status, 404);
    }

    async fn a_refused_mail_opens_the_case_with_an_item_and_a_comment(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "unknown@example.org", "index")).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let post = SmtpServer::start(STARTTLS);
        site.wait_min(1);
        assert_eq!(deliver(&site, &options(&post)).await.n_failed, 1);
        site.app.act_on_all_events().await.unwrap();
        assert_eq!(status(&site, &case).await, "open");
        assert_eq!(items(&site, &case).await, ["wrong_contact_details", "initial_call"]);
        let sheet = work(&kim, &case).await;
        let comment = sheet["comments"][0]["text"].as_str().unwrap();
        assert!(comment.contains("recipient_refused 550"), "{comment}");
    }

    /// The mail server is away for 30 hours. The code works from the moment at which it takes the mail, and a second
    /// invitation kills it all the same.
    async fn a_mail_server_that_is_back_after_30_hours_still_invites(kit) {
        let site = site(kit).await;
        let worker = clerk(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let other = open(&kim, patient(2, "ali@example.org", "index")).await;
        for case in [&case, &other] {
            site.app.invite_patient(&worker, case_id(case), Channel::Mail, false).await.unwrap();
        }
        let mut post = SmtpServer::start(STARTTLS);
        let options = options(&post);
        post.go_away();
        for hour in 0..30 {
            site.wait_min(if hour < 7 { 30 } else { 60 });
            deliver(&site, &options).await;
            site.wait_min(if hour < 7 { 30 } else { 0 });
            deliver(&site, &options).await;
            site.app.act_on_all_events().await.unwrap();
            if hour == 4 {
                assert_eq!(status(&site, &case).await, "in_registration");
                assert!(state(&site, &case).await.is_not_sent_yet());
            }
        }
        assert_eq!(status(&site, &case).await, "open");
        assert_eq!(items(&site, &case).await, ["wrong_contact_details", "initial_call"]);
        post.come_back();
        site.wait_min(60);
        assert_eq!(deliver(&site, &options).await.n_sent, 2);
        site.app.act_on_all_events().await.unwrap();
        assert_eq!(status(&site, &case).await, "in_registration");
        assert!(items(&site, &case).await.is_empty());
        let late = code_of(&site, &case).await;
        let of_other = code_of(&site, &other).await;
        site.app.invite_patient(&worker, case_id(&other), Channel::Mail, false).await.unwrap();
        let answer = site.stranger().post("/activation/redeem", redemption(&of_other, "ali")).await;
        assert_eq!(answer.kind(), "code-cancelled");
        site.wait_min(23 * 60);
        redeem(&site, &late, "mia").await;
        assert_eq!(status(&site, &case).await, "registered");
    }

    async fn a_code_that_runs_out_and_an_enrolment_that_stops_are_looked_at(kit) {
        let site = site(kit).await;
        let worker = clerk(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        let post = SmtpServer::start(STARTTLS);
        site.app.invite_patient(&worker, case_id(&case), Channel::Mail, false).await.unwrap();
        site.wait_min(1);
        deliver(&site, &options(&post)).await;
        site.app.act_on_all_events().await.unwrap();
        site.wait_min(24 * 60 - 1);
        site.app.wake_all_items().await.unwrap();
        assert!(items(&site, &case).await.is_empty());
        site.wait_min(1);
        site.app.wake_all_items().await.unwrap();
        assert_eq!(items(&site, &case).await, ["registration_unfinished"]);
        let code = code_of(&site, &case).await;
        let answer = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!(answer.kind(), "code-expired");
        site.app.invite_patient(&worker, case_id(&case), Channel::Mail, false).await.unwrap();
        redeem(&site, &code_of(&site, &case).await, "mia").await;
        assert!(items(&site, &case).await.is_empty());
        site.wait_min(24 * 60);
        site.app.wake_all_items().await.unwrap();
        assert_eq!(items(&site, &case).await, ["registration_unfinished"]);
        let mia = site.stranger();
        let session = json!({ "authority": "local", "user_name": "MIA", "password": PASSWORD });
        mia.remember(&mia.post("/patient/session", session).await.ok(200));
        let own = format!("/patient{case}");
        tell_all(&mia, &own).await;
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
        assert!(items(&site, &case).await.is_empty());
    }

    async fn signing_in_says_the_same_whatever_is_wrong_and_403_when_there_is_nothing_to_do(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (_, case, _) = enrolled(&site, &kim, 1, "mia").await;
        let (_, elsewhere, _) = enrolled(&site, &kim, 2, "ali").await;
        let sign_in = |name: &str, password: &str| {
            let body = json!({ "authority": "local", "user_name": name, "password": password });
            let browser = site.stranger();
            async move { browser.post("/patient/session", body).await }
        };
        let said = |answer: &Answer| (answer.status, answer.kind(), answer.json()["detail"].clone());
        let (unknown, wrong) = (sign_in("nobody", PASSWORD).await, sign_in("mia", "wrong").await);
        assert_eq!(said(&unknown), said(&wrong));
        assert_eq!(unknown.status, 401);
        sign_in("mia", PASSWORD).await.ok(200);
        let end = json!({ "status": "concluded", "conclusion": "recovered", "text": null });
        kim.post(&format!("{case}/status"), end).await.ok(200);
        let over = sign_in("mia", PASSWORD).await;
        assert_eq!((over.status, over.kind().as_str()), (403, "case-over"));
        kim.post(&format!("{elsewhere}/status"), json!({ "status": "external", "conclusion": null, "text": null })).await.ok(200);
        assert_eq!(sign_in("ali", PASSWORD).await.kind(), "case-elsewhere");
    }

    async fn a_new_password_ends_other_sessions_and_an_idle_one_ends_by_itself(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let other = site.stranger();
        let session = json!({ "authority": "local", "user_name": "mia", "password": PASSWORD });
        other.remember(&other.post("/patient/session", session).await.ok(200));
        let change = |current: &str| json!({ "current": current, "new": "grüner Fisch" });
        assert_eq!(fields(&mia.put("/patient/password", change("wrong")).await), ["current"]);
        mia.put("/patient/password", change(PASSWORD)).await.ok(204);
        assert_eq!(other.get("/patient/session").await.status, 401);
        mia.get("/patient/session").await.ok(200);
        site.wait_min(29);
        mia.get("/patient/session").await.ok(200);
        site.wait_min(30);
        assert_eq!(mia.get("/patient/session").await.status, 401);
    }

    async fn a_forgotten_password_is_set_anew_by_a_link_and_the_date_of_birth_once(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        enrolled(&site, &kim, 1, "mia").await;
        let local = domain::authorities::ShortCode::local();
        let name = |name: &str| domain::persons::Personal::new(name.to_owned());
        site.app.send_patients_reset(&local, &name("nobody")).await.unwrap();
        site.app.send_patients_reset(&local, &name("Mia")).await.unwrap();
        let worker = clerk(&site).await;
        let query = app::messages::MessageQuery { filter: Default::default(), before: None, limit: 9 };
        let newest = site.app.list_messages(&worker, &query).await.unwrap().remove(0);
        assert_eq!(newest.kind.as_str(), "reset");
        let text = site.app.message(&worker, newest.message_id).await.unwrap().content.unwrap().text.expose().clone();
        let (_, token) = text.split_once("/LOCAL/patient/reset#").unwrap();
        let token = token.split_whitespace().next().unwrap().to_owned();
        let set = |born: &str| json!({ "authority": "local", "token": token, "born": born, "password": "grüner Fisch" });
        let stranger = site.stranger();
        assert_eq!(fields(&stranger.post("/patient/reset/redeem", set("1982-05-18")).await), ["born"]);
        stranger.post("/patient/reset/redeem", set("1982-05-17")).await.ok(204);
        assert_eq!(stranger.post("/patient/reset/redeem", set("1982-05-17")).await.status, 404);
        let session = json!({ "authority": "local", "user_name": "mia", "password": "grüner Fisch" });
        stranger.post("/patient/session", session).await.ok(200);
        let asked = site.stranger().post("/patient/reset", json!({ "authority": "local", "user_name": "nobody" })).await;
        assert_eq!(asked.status, 202);
    }

    async fn a_lost_user_name_is_replaced_and_the_case_goes_on_where_it_was(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = enrolled(&site, &kim, 1, "mia").await;
        tell_all(&mia, &own).await;
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
        let activation = format!("{case}/activation");
        assert_eq!(kim.post(&activation, json!({ "channel": "mail" })).await.status, 409);
        kim.post(&activation, json!({ "channel": "mail", "forgets_account": true })).await.ok(200);
        assert_eq!(mia.get("/patient/session").await.status, 401);
        assert_eq!(status(&site, &case).await, "tracking");
        let again = redeem(&site, &code_of(&site, &case).await, "mia").await;
        assert_eq!(status(&site, &case).await, "tracking");
        assert!(again.get(&format!("{own}/contacts")).await.text.contains("Yılmaz"));
        let gone = again.post("/patient/account/deletion", json!({ "password": PASSWORD })).await;
        gone.ok(204);
        assert_eq!(status(&site, &case).await, "tracking");
        assert_eq!(items(&site, &case).await, ["message_from_patient"]);
    }

    async fn a_second_code_adds_a_child_to_the_account(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let mut child = patient(2, "mia@example.org", "contact");
        child["details"]["born"] = json!("2018-01-02");
        let of_child = open(&kim, child).await;
        kim.post(&format!("{of_child}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &of_child).await;
        let wrong = json!({ "code": code, "born": "1982-05-17", "accepts": { "language": "de", "version": 1 } });
        assert_eq!(fields(&mia.post("/patient/cases", wrong).await), ["born"]);
        mia.post("/patient/cases", json!({ "code": code, "born": "2018-01-02", "accepts": { "language": "de", "version": 1 } })).await.ok(204);
        let cases = mia.get("/patient/cases").await.ok(200);
        assert_eq!(cases["items"].as_array().unwrap().len(), 2);
        assert_eq!((&cases["items"][1]["is_contact"], &cases["items"][1]["asks_contacts"]), (&json!(true), &json!(false)));
        mia.get(&format!("/patient{of_child}/details")).await.ok(200);
    }

    async fn staff_that_go_on_by_telephone_take_the_invitation_back(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "index")).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &case).await;
        kim.post(&format!("{case}/status"), json!({ "status": "tracked_manually", "conclusion": null, "text": null })).await.ok(200);
        let answer = site.stranger().post("/activation/redeem", redemption(&code, "mia")).await;
        assert_eq!(answer.kind(), "code-cancelled");
    }

    async fn new_contacts_are_invited_by_themselves_where_the_rules_say_so(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (mia, _, own) = enrolled(&site, &kim, 1, "mia").await;
        tell_all(&mia, &own).await;
        let rules = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": "2026-03-01", "last": null,
                            "settings": { "invite_contacts": "yes" }, "past_decisions_stay": false });
        ada.post("/rule-sets", rules).await.ok(201);
        let mut reachable = contact(2);
        reachable["said"] = json!({ "first_name": "Eda", "last_name": "Kaya", "email": "eda@example.org" });
        mia.post(&format!("{own}/contacts"), reachable).await.ok(201);
        let named = kim.get(&format!("/cases/{}/contacts", id(1, 1))).await.ok(200);
        let mut found: Vec<Value> = named["items"].as_array().unwrap().iter().map(|one| one["contact_status"].clone()).collect();
        found.sort_by_key(ToString::to_string);
        assert_eq!(found, ["in_registration", "open"], "by mail, to who has an address");
    }

    async fn a_contact_in_tracking_who_is_tested_positive_is_asked_for_contacts(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, patient(1, "mia@example.org", "contact")).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let mia = redeem(&site, &code_of(&site, &case).await, "mia").await;
        let own = format!("/patient{case}");
        mia.patch(&format!("{own}/details"), json!({ "changes": { "sex": "female" } })).await.ok(200);
        mia.put(&format!("{own}/questionnaire"), answers()).await.ok(200);
        mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
        assert_eq!(status(&site, &case).await, "tracking");
        let test = json!({ "tested_on": "2026-03-01", "new_case_id": id(1, 9) });
        kim.post(&format!("{case}/positive-test"), test).await.ok(200);
        assert_eq!(status(&site, &case).await, "registered");
        assert_eq!(fields(&mia.post(&format!("{own}/completion"), json!({})).await), ["contacts"]);
    }

    /// A postcode elsewhere is kept and told; only who says so asks to be handed over, and staff decide.
    async fn who_lives_elsewhere_is_told_and_may_ask_to_be_handed_over(kit) {
        let site = site(kit).await;
        let worker = clerk(&site).await;
        let owner = site.as_owner().await;
        let list = "postcode,code,name,address,phone,email\n68161,1,Amt Eins,,,\n69115,2,Amt Zwei,Am Ring 1,06221 1,\n";
        let germany = domain::territory::Country::germany;
        owner.import_territory(&worker, germany(), domain::territory::ListFormat::Csv, list.into()).await.unwrap();
        let mut here = site.app.whereabouts(&worker).await.unwrap();
        here.territory_code = Some(domain::territory::TerritoryCode::new("1").unwrap());
        owner.set_whereabouts(&worker, &here).await.unwrap();
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, case, own) = enrolled(&site, &kim, 1, "mia").await;
        let check = |postcode: &str| {
            let changes = json!({ "changes": { "postcode": postcode } });
            let (mia, path) = (&mia, format!("{own}/details"));
            async move { mia.patch(&path, changes).await.ok(200) }
        };
        assert_eq!(check("68161").await["postcode"], "ours");
        let asked = |postcode: &str| kim.post("/postcodes/check", json!({ "postcode": postcode }));
        let by_staff = asked(" 69115 ").await.ok(200);
        assert_eq!((&by_staff["postcode"], &by_staff["offices"][0]["phone"]), (&json!("others"), &json!("06221 1")));
        for (postcode, whose) in [("68161", "ours"), ("99999", "unknown"), ("6816", "unknown"), ("", "unchecked")] {
            assert_eq!(asked(postcode).await.ok(200)["postcode"], whose, "{postcode}");
        }
        assert_eq!(asked(&"1".repeat(21)).await.fields(), ["postcode"]);
        assert_eq!(mia.post(&format!("{own}/elsewhere"), json!({})).await.status, 409);
        assert_eq!(check("99999").await["postcode"], "unknown");
        let elsewhere = check("69115").await;
        assert_eq!((&elsewhere["postcode"], &elsewhere["offices"][0]["name"]), (&json!("others"), &json!("Amt Zwei")));
        assert!(items(&site, &case).await.is_empty(), "nobody has asked yet");
        for _ in 0..2 {
            mia.post(&format!("{own}/elsewhere"), json!({})).await.ok(204);
        }
        assert_eq!(items(&site, &case).await, ["message_from_patient"]);
        assert_eq!(status(&site, &case).await, "registered", "it stays at work here");
        let sheet = work(&kim, &case).await;
        let comment = sheet["comments"][0]["text"].as_str().unwrap();
        assert!(comment.contains("69115") && comment.contains("Amt Zwei\nAm Ring 1\n06221 1"), "{comment}");
    }

    async fn after_a_restore_no_code_works_and_the_case_is_looked_at(kit) {
        let site = site(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, _, _) = enrolled(&site, &kim, 1, "mia").await;
        let case = open(&kim, patient(2, "ali@example.org", "index")).await;
        kim.post(&format!("{case}/activation"), json!({ "channel": "mail" })).await.ok(200);
        let code = code_of(&site, &case).await;
        let keyring = site.kit.keyring();
        let (ledger, remembered) = (Ledger::beside(&keyring), Remembered::beside(&keyring));
        site.app.finish_restore(&ledger, &remembered, Afterwards::AsBefore).await.unwrap();
        let answer = site.stranger().post("/activation/redeem", redemption(&code, "ali")).await;
        assert_eq!(answer.kind(), "code-expired");
        assert_eq!(mia.get("/patient/session").await.status, 401);
        site.app.wake_all_items().await.unwrap();
        assert_eq!(items(&site, &case).await, ["registration_unfinished"]);
    }
}
