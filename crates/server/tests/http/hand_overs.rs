//! A patient who lives elsewhere: their wish goes to the authority that is responsible, and their account follows.

use super::enrolment::{clerk, enrolled, tell_all, write_texts};
use crate::site::{Answer, Browser, Site};
use app::Worker;
use domain::authorities::{Role, ShortCode};
use domain::ids::MessageId;
use domain::languages::Language;
use domain::public_texts::PublicTextKind;
use domain::territory::{Country, ListFormat, TerritoryCode};
use serde_json::{Value, json};
use testkit::contract;

const PASSWORD: &str = "wheel cloud spoon";

/// Ours, who serves 68161, and the neighbour, who serves 69115 and has its texts.
async fn two_authorities(site: &Site) -> Worker {
    write_texts(site).await;
    site.neighbour().await;
    let ours = clerk(site).await;
    let all = site.app.authorities().await.unwrap();
    let next = all.into_iter().find(|one| one.short_code == ShortCode::new("next").unwrap()).unwrap();
    let theirs = Worker { authority: next, ..ours.clone() };
    let owner = site.as_owner().await;
    let list = "postcode,code,name,address,phone,email\n68161,1,Amt Eins,,,\n69115,2,Amt Zwei,Am Ring 1,06221 1,\n";
    owner.import_territory(&ours, Country::germany(), ListFormat::Csv, list.into()).await.unwrap();
    for (worker, code) in [(&ours, "1"), (&theirs, "2")] {
        let mut here = site.app.whereabouts(worker).await.unwrap();
        here.territory_code = Some(TerritoryCode::new(code).unwrap());
        owner.set_whereabouts(worker, &here).await.unwrap();
    }
    for kind in PublicTextKind::ALL {
        let text = Some(format!("# {kind} of the neighbour"));
        site.app.change_public_text(&theirs, (*kind, Language::De), 0, text).await.unwrap();
    }
    theirs
}

async fn deliver(site: &Site) {
    while site.app.act_on_all_events().await.unwrap() > 0 {}
}

async fn code_there(site: &Site, theirs: &Worker, case: &str) -> String {
    let case_id = super::enrolment::case_id(case);
    let message: MessageId = site.app.activation(theirs, case_id).await.unwrap().code.unwrap().message_id;
    let text = site.app.message(theirs, message).await.unwrap().content.unwrap().text.expose().clone();
    assert!(!text.contains("1982") && !text.contains("mia"), "{text}");
    let (_, code) = text.split_once("https://epitrace.test/NEXT/enrol#").unwrap();
    code.chars().take(19).collect()
}

fn redemption(code: &str, user_name: &str) -> Value {
    json!({ "authority": "next", "code": code, "born": "1982-05-17", "user_name": user_name, "password": PASSWORD,
            "accepts": { "language": "de", "version": 1 }, "language": "de" })
}

async fn sign_in(site: &Site, authority: &str, password: &str) -> Answer {
    let attempt = json!({ "authority": authority, "user_name": "mia", "password": password });
    site.stranger().post("/patient/session", attempt).await
}

/// Mia has told everything, keeps her diary, and lives in 69115.
async fn mia<'s>(site: &'s Site, kim: &Browser<'_>) -> (Browser<'s>, String, String) {
    let (mia, case, own) = enrolled(site, kim, 1, "mia").await;
    tell_all(&mia, &own).await;
    mia.post(&format!("{own}/completion"), json!({})).await.ok(204);
    let moved = json!({ "changes": { "postcode": "69115" } });
    mia.patch(&format!("{own}/details"), moved).await.ok(200);
    (mia, case, own)
}

contract! {
    async fn a_patient_asks_and_the_account_follows(kit) {
        let site = Site::on(kit).await;
        let theirs = two_authorities(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::CaseWorker).await;
        let (mia, case, own) = mia(&site, &kim).await;
        for _ in 0..2 {
            mia.post(&format!("{own}/elsewhere"), json!({})).await.ok(204);
        }
        let asked = kim.get(&format!("{case}/hand-overs")).await.ok(200);
        assert_eq!(asked["items"].as_array().unwrap().len(), 1, "asked twice it is once");
        assert_eq!((&asked["items"][0]["asked_by"], &asked["items"][0]["because"]), (&json!(null), &json!("lives_there")));
        assert_eq!(asked["candidates"][0], json!({ "short_code": "next", "name": "Authority next", "is_responsible": true }));
        deliver(&site).await;
        let open = nora.get("/hand-overs/open").await;
        assert!(!open.text.contains("Neill") && !open.text.contains("example.org"), "{}", open.text);
        let open = open.ok(200);
        assert_eq!((&open["to"][0]["preview"]["postcode"], &open["to"][0]["state"]), (&json!("69115"), &json!("asked")));
        let id = open["to"][0]["hand_over_id"].as_str().unwrap().to_owned();
        nora.post(&format!("/hand-overs/{id}/accept"), json!({})).await.ok(200);
        deliver(&site).await;
        assert_eq!(nora.get(&format!("/hand-overs/{id}")).await.ok(200)["state"], "closed");

        let told = mia.patch(&format!("{own}/details"), json!({ "changes": { "city": "Bonn" } })).await;
        assert_eq!((told.status, told.kind().as_str()), (403, "case-elsewhere"));
        assert_eq!(sign_in(&site, "local", "wrong password here").await.status, 401);
        let work = nora.get(&format!("{case}/work")).await.ok(200);
        assert_eq!(work["standing"]["status"], "in_registration", "invited by mail");
        let code = code_there(&site, &theirs, &case).await;
        let here = site.stranger();
        let session = here.post("/activation/redeem", redemption(&code, "mia")).await.ok(200);
        here.remember(&session);
        assert_eq!(site.kit.database.count_rows("patient_account").await, 2, "the same account, once on each side");
        sign_in(&site, "next", PASSWORD).await.ok(200);
        let contacts = here.get(&format!("{own}/contacts")).await.ok(200);
        assert_eq!(contacts["items"][0]["said"]["last_name"], "Yılmaz", "what was told is there");
        here.post(&format!("{own}/completion"), json!({})).await.ok(204);
        assert_eq!(nora.get(&format!("{case}/work")).await.ok(200)["standing"]["status"], "tracking");
        assert_eq!(nora.get(&format!("{case}/activation")).await.ok(200)["enrolment"]["privacy_version"], 1);
    }

    async fn before_the_new_code_is_redeemed_the_account_opens_nothing(kit) {
        let site = Site::on(kit).await;
        let theirs = two_authorities(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::CaseWorker).await;
        let (_, case, _) = mia(&site, &kim).await;
        let id = "019cab00-0000-7000-8000-0000000000f1";
        let wish = json!({ "hand_over_id": id, "to": "next", "because": "moved" });
        kim.post(&format!("{case}/hand-overs"), wish).await.ok(201);
        deliver(&site).await;
        nora.post(&format!("/hand-overs/{id}/accept"), json!({})).await.ok(200);
        deliver(&site).await;
        let early = sign_in(&site, "next", crate::enrolment::PASSWORD).await;
        assert_eq!((early.status, early.kind().as_str()), (403, "case-not-yet"));
        assert_eq!(sign_in(&site, "next", "wrong wrong wrong").await.status, 401);
        assert_eq!(sign_in(&site, "local", crate::enrolment::PASSWORD).await.kind(), "case-elsewhere");
        let code = code_there(&site, &theirs, &case).await;
        site.stranger().post("/activation/redeem", redemption(&code, "somebody-else")).await.ok(200);
        assert_eq!(site.kit.database.count_rows("patient_account").await, 3, "another user name is another account");
    }

    async fn what_is_wrong_with_a_wish_stands_at_its_field(kit) {
        let site = Site::on(kit).await;
        two_authorities(&site).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (_, case, _) = mia(&site, &kim).await;
        let path = format!("{case}/hand-overs");
        let wish = |to: &str, because: &str| json!({ "hand_over_id": "019cab00-0000-7000-8000-0000000000f1", "to": to, "because": because });
        assert_eq!(kim.post(&path, wish("nowhere", "moved")).await.fields(), ["to"]);
        assert_eq!(kim.post(&path, wish("local", "moved")).await.fields(), ["to"]);
        assert_eq!(kim.post(&path, wish("next", "because")).await.fields(), ["because"]);
        assert_eq!(kim.post("/hand-overs/019cab00-0000-7000-8000-0000000000f2/accept", json!({})).await.status, 404);
        assert_eq!(kim.get(&path).await.ok(200)["items"].as_array().unwrap().len(), 0);
    }
}
