//! From a case's stay to the guests who were there: noted or shown, asked, released, measured, made contact cases.

use super::case_work::{id, new_case, open, reachable, work};
use crate::check_ins::{body, guest, secret};
use crate::site::{Browser, Site};
use crate::venues::{invited, owner};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

/// A stay of the morning, from ten to eleven in UTC, and a request because of it. Returns their ids.
pub async fn asked(kim: &Browser<'_>, case_id: &str, venue_id: &str) -> (String, String) {
    let (stay_id, request_id) = (id(8, 1), id(9, 1));
    kim.post(&format!("/cases/{case_id}/stays"), stay(1, venue_id)).await.ok(201);
    kim.post(&format!("/cases/{case_id}/list-requests"), request(1)).await.ok(201);
    (stay_id, request_id)
}

fn stay(n: u8, venue_id: &str) -> Value {
    json!({ "stay_id": id(8, n), "venue_id": venue_id, "area_id": null, "from": "2026-03-01T10:00:00Z",
            "until": "2026-03-01T11:00:00Z" })
}

fn request(n: u8) -> Value {
    json!({ "request_id": id(9, n), "stay_id": id(8, 1), "from": null, "until": null })
}

fn with(mut value: Value, changes: Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    value
}

fn visit(number: u32, name: &str, (from, until): (&str, &str)) -> Value {
    let at = |time: &str| format!("2026-03-01T{time}:00Z");
    with(
        guest(number, &at(from)),
        json!({ "leaves_at": at(until), "name": name, "phone": format!("+49 621 12345{number}") }),
    )
}

fn visit_id(number: u32) -> String {
    format!("01980000-0000-7000-8000-{number:012}")
}

/// Guests of the morning: one for half an hour of the stay, one just after it, one long gone.
async fn guests(site: &Site, venue_id: &str) {
    let visits = [
        visit(1, "Ayşe Yılmaz", ("10:30", "12:00")),
        visit(2, "Cem Kaya", ("11:05", "12:00")),
        visit(3, "Early Bird", ("08:00", "09:00")),
    ];
    site.stranger().post("/check-ins", body(venue_id, &visits)).await.ok(201);
}

fn chosen(number: u32) -> Value {
    let n = u8::try_from(number).unwrap();
    json!({ "visit_id": visit_id(number), "person_id": id(6, n), "person_is_known": false, "case_id": id(7, n) })
}

fn state(requests: &Value) -> &Value {
    &requests["items"][0]["state"]
}

contract! {
    async fn from_a_stay_to_contact_cases_by_the_release_of_the_venue(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        guests(&site, &venue_id).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        asked(&kim, &id(1, 1), &venue_id).await;
        let waits = kim.get(&format!("{case}/list-requests")).await.ok(200);
        assert_eq!((state(&waits), &waits["items"][0]["n_guests"]), (&json!("asked"), &json!(0)));
        assert_eq!(waits["items"][0]["from"], "2026-03-01T10:00:00Z");
        let safe_after = kim.get(&format!("{case}/guests")).await.ok(200)["room_safe_after_min"].as_i64().unwrap();
        let until: jiff::Timestamp = waits["items"][0]["until"].as_str().unwrap().parse().unwrap();
        let left: jiff::Timestamp = "2026-03-01T11:00:00Z".parse().unwrap();
        assert_eq!(until.duration_since(left).as_mins(), safe_after, "the stay, and until the room is safe");

        let to_rosa = rosa.get(&format!("/own-venues/{venue_id}/requests")).await;
        assert!(!to_rosa.text.contains(&id(1, 1)), "the venue doesn't learn because of whom");
        let release = format!("/own-venues/{venue_id}/requests/{}/release", id(9, 1));
        assert_eq!(state(&rosa.post(&release, json!({})).await.ok(200)), "released");
        assert_eq!(state(&rosa.post(&release, json!({})).await.ok(200)), "released", "twice is once");

        let found = kim.get(&format!("{case}/guests")).await.ok(200);
        let items = found["items"].as_array().unwrap();
        let names: Vec<&str> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Ayşe Yılmaz", "Cem Kaya"], "who had gone isn't on it, and nobody twice");
        assert_eq!((&items[0]["together_min"], &items[0]["nearness"]), (&json!(30.0), &json!("same_venue")));
        assert_eq!(items[1]["together_min"], 0.0);
        assert!(items[1]["aired_min"].as_f64().unwrap() > 0.0);
        assert!(items[0]["score"].as_f64() > items[1]["score"].as_f64());
        assert_eq!(items[0]["at_risk"], true);
        let waiting = work(&kim, &case).await["items"].clone();
        assert!(waiting.as_array().unwrap().iter().any(|item| item["kind"] == "guest_list_released"), "{waiting}");

        let step = json!({ "guests": [chosen(1)] });
        let made = kim.post(&format!("{case}/guests/contact-cases"), step.clone()).await.ok(201);
        assert_eq!(made["items"][0]["case_id"], id(7, 1));
        assert_eq!(kim.post(&format!("{case}/guests/contact-cases"), step).await.ok(201), made, "twice is once");
        let contact = kim.get(&format!("/cases/{}", id(7, 1))).await.ok(200);
        assert!(contact.to_string().contains("Yılmaz"), "{contact}");
        let origin = kim.get(&format!("/cases/{}/stays", id(7, 1))).await.ok(200)["items"][0].clone();
        assert_eq!((&origin["source"], &origin["origin_case_id"]), (&json!("list"), &json!(id(1, 1))));
        let exposures = kim.get(&format!("{case}/exposures")).await.ok(200);
        assert_eq!(exposures["items"][0]["person_id"], id(6, 1), "and they are among the exposures");
        assert!(exposures.to_string().contains("\"visit\""), "{exposures}");

        // What no contact case rests on is gone with the request.
        let withdraw = format!("{case}/list-requests/{}/withdraw", id(9, 1));
        assert_eq!(state(&kim.post(&withdraw, json!({})).await.ok(200)), "withdrawn");
        let left = kim.get(&format!("{case}/guests")).await.ok(200)["items"].clone();
        assert_eq!(left.as_array().unwrap().len(), 1);
        assert_eq!(left[0]["contact_case_id"], id(7, 1));
    }

    async fn what_is_withdrawn_or_deleted_before_the_release_is_never_opened(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, secret, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        guests(&site, &venue_id).await;
        let (kim, kims) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        asked(&kim, &id(1, 1), &venue_id).await;
        let again = kim.post(&format!("{case}/list-requests"), request(2)).await;
        assert_eq!((again.status, again.kind().as_str()), (409, "conflict"), "asked already");
        kim.post(&format!("{case}/list-requests/{}/withdraw", id(9, 1)), json!({})).await.ok(200);
        let refused = rosa.post(&format!("/own-venues/{venue_id}/requests/{}/release", id(9, 1)), json!({})).await;
        assert_eq!((refused.status, refused.kind().as_str()), (409, "conflict"));
        assert_eq!(kim.get(&format!("{case}/guests")).await.ok(200)["items"], json!([]));

        kim.post(&format!("{case}/list-requests"), request(2)).await.ok(201);
        site.wait_min(15 * 24 * 60);
        rosa.sign_in("rosa@example.org", crate::site::PASSWORD, Some(&site.code(&secret))).await.ok(200);
        kim.sign_in("kim", crate::site::PASSWORD, Some(&site.code(&kims))).await.ok(200);
        assert_eq!(state(&kim.get(&format!("{case}/list-requests")).await.ok(200)), "expired");
        let refused = rosa.post(&format!("/own-venues/{venue_id}/requests/{}/release", id(9, 2)), json!({})).await;
        assert_eq!((refused.status, refused.kind().as_str()), (409, "conflict"));
        let refused = kim.post(&format!("{case}/list-requests"), request(3)).await;
        assert_eq!((refused.status, refused.kind().as_str()), (409, "conflict"), "the days are deleted");
    }

    async fn only_who_answers_for_a_venue_sees_and_releases_what_it_is_asked(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let (otto, _, other_venue) = owner(&site, "otto@example.org", "Otto").await;
        let ali = invited(&site, &rosa, &venue_id, "ali@example.org", "door").await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        asked(&kim, &id(1, 1), &venue_id).await;
        let (list, release) = (format!("/own-venues/{venue_id}/requests"), format!("/requests/{}/release", id(9, 1)));
        for (who, status) in [(&otto, 404), (&ali, 403), (&kim, 403)] {
            assert_eq!(who.get(&list).await.status, status);
            assert_eq!(who.post(&format!("/own-venues/{venue_id}{release}"), json!({})).await.status, status);
        }
        assert_eq!(otto.post(&format!("/own-venues/{other_venue}{release}"), json!({})).await.status, 404, "not to this one");
        assert_eq!(rosa.get(&format!("{case}/guests")).await.status, 403);
        assert_eq!(rosa.get(&format!("{case}/stays")).await.status, 403);
    }

    async fn a_guest_shows_stays_by_a_code_that_works_for_a_day_and_a_case(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        guests(&site, &venue_id).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let old = kim.post(&format!("{case}/share-code"), json!({})).await.ok(201)["code"].as_str().unwrap().to_owned();
        let code = kim.post(&format!("{case}/share-code"), json!({})).await.ok(201)["code"].as_str().unwrap().to_owned();
        assert_eq!(code.len(), 8);
        let shown = |number: u32, by: u32, at: &str| json!({ "venue_id": venue_id, "visit_id": visit_id(number),
            "arrived_at": format!("2026-03-01T{at}:00Z"), "secret": secret(by) });
        let sharing = |code: &str| json!({ "authority": "LOCAL", "code": code.to_lowercase(),
            "visits": [shown(1, 1, "10:30"), shown(2, 1, "11:05"), shown(9, 9, "10:30")] });
        let phone = site.stranger();
        for wrong in [old.as_str(), "00000000", "nothing", ""] {
            assert_eq!(phone.post("/shared-visits", sharing(wrong)).await.status, 404, "{wrong}");
        }
        for _ in 0..2 {
            let answer = phone.post("/shared-visits", sharing(&code)).await.ok(200);
            let outcomes: Vec<&Value> = answer["visits"].as_array().unwrap().iter().map(|one| &one["outcome"]).collect();
            assert_eq!(outcomes, ["shared", "unknown", "unknown"], "another's secret proves nothing");
        }
        let stays = kim.get(&format!("{case}/stays")).await.ok(200);
        assert_eq!(stays["items"].as_array().unwrap().len(), 1, "twice is once");
        assert_eq!((&stays["items"][0]["source"], &stays["items"][0]["until"]), (&json!("shared"), &json!("2026-03-01T12:00:00Z")));
        assert!(stays["code_until"].is_string());
        let items = work(&kim, &case).await["items"].clone();
        assert!(items.as_array().unwrap().iter().any(|item| item["kind"] == "stays_shared"), "{items}");
        site.wait_min(24 * 60);
        assert_eq!(phone.post("/shared-visits", sharing(&code)).await.status, 404, "a day later");
    }

    async fn a_stay_is_checked_changed_and_deleted(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        let path = format!("{case}/stays");
        for (change, field) in [
            (json!({ "venue_id": "0000000000" }), "venue_id"),
            (json!({ "venue_id": "no venue" }), "venue_id"),
            (json!({ "area_id": "0000000000" }), "area_id"),
            (json!({ "from": "2026-03-01T12:00:01Z", "until": "2026-03-01T13:00:00Z" }), "from"),
            (json!({ "from": "yesterday" }), "from"),
            (json!({ "until": "2026-03-01T10:00:00Z" }), "until"),
            (json!({ "from": "2026-02-27T10:00:00Z" }), "until"),
        ] {
            let refused = kim.post(&path, with(stay(1, &venue_id), change.clone())).await;
            assert_eq!((refused.status, refused.fields()), (422, vec![field.to_owned()]), "{change}");
        }
        kim.post(&path, stay(1, &venue_id)).await.ok(201);
        kim.post(&path, stay(1, &venue_id)).await.ok(201);
        assert_eq!(kim.post(&path, stay(2, &venue_id)).await.status, 409, "there already");
        let changed = json!({ "venue_id": venue_id, "area_id": null, "from": "2026-03-01T09:00:00Z", "until": "2026-03-01T09:30:00Z" });
        let stays = kim.put(&format!("{path}/{}", id(8, 1)), changed).await.ok(200);
        assert_eq!((&stays["items"][0]["from"], &stays["venues"][0]["name"]), (&json!("2026-03-01T09:00:00Z"), &json!("Café Rosa")));
        assert_eq!(kim.delete(&format!("{path}/{}", id(8, 1))).await.status, 204);
        assert_eq!(kim.delete(&format!("{path}/{}", id(8, 1))).await.status, 404);
        assert_eq!(kim.get(&path).await.ok(200)["items"], json!([]));
    }

    /// The rules of an authority may say that a list comes at once.
    async fn where_the_rules_say_so_a_list_is_here_at_once(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        guests(&site, &venue_id).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let at_once = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": "2026-03-01", "last": null,
                              "settings": { "lists_at_once": "yes" }, "past_decisions_stay": false });
        ada.post("/rule-sets", at_once).await.ok(201);
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, reachable())).await;
        asked(&kim, &id(1, 1), &venue_id).await;
        let found = kim.get(&format!("{case}/list-requests")).await.ok(200);
        assert_eq!((state(&found), &found["items"][0]["n_guests"]), (&json!("released"), &json!(2)));
    }
}
