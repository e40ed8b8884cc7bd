//! Guest lists over HTTP: opened for a reason by who may, five a day, across midnight, until the day is gone. And the door.

use crate::check_ins::{body, guest, secret};
use crate::site::{Browser, PASSWORD, Site};
use crate::venues::{invited, owner};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;

fn with(mut value: Value, changes: Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    value
}

fn wanted(from: &str, until: &str) -> Value {
    json!({ "from": from, "until": until, "area_id": null, "reason": "infection_reported", "note": null })
}

fn names(list: &Value) -> Vec<&str> {
    list["entries"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect()
}

fn lists(venue_id: &str) -> String {
    format!("/own-venues/{venue_id}/guest-lists")
}

/// Changes a venue to one with areas, whose staff confirms.
async fn with_areas(rosa: &Browser<'_>, venue_id: &str, areas: &[&str]) -> Vec<String> {
    let own = rosa.get(&format!("/own-venues/{venue_id}")).await.ok(200);
    let areas: Vec<Value> = areas.iter().map(|name| json!({ "area_id": null, "name": name })).collect();
    let change = json!({ "version": own["venue"]["version"], "venue_name": "Café Rosa", "kind": "cafe", "areas": areas,
        "address": own["venue"]["address"], "hours": [], "capacity": 3, "usual_stay_min": 60, "confirms_by_staff": true,
        "asks_address": false });
    let changed = rosa.put(&format!("/own-venues/{venue_id}"), change).await.ok(200);
    let ids = changed["venue"]["areas"].as_array().unwrap().iter();
    ids.map(|area| area["area_id"].as_str().unwrap().to_owned()).collect()
}

/// Moves the clock, by which everybody is signed out, and signs in again.
async fn wait(site: &Site, minutes: i64, who: (&Browser<'_>, &str)) {
    site.wait_min(minutes);
    who.0.sign_in("rosa@example.org", PASSWORD, Some(&site.code(who.1))).await.ok(200);
}

/// The time of the tests is noon in UTC, one in Berlin.
const NOON: &str = "2026-03-01T12:00:00Z";

contract! {
    async fn whoever_was_there_is_on_the_list_across_midnight_and_whoever_is_inside_too(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        // Half past eleven at night in Berlin.
        wait(&site, 10 * 60 + 30, (&rosa, &totp)).await;
        let night = |number, at: &str, leaves: Value| with(guest(number, at), json!({ "leaves_at": leaves }));
        phone.post("/check-ins", body(&venue_id, &[
            night(1, "2026-03-01T22:30:00Z", json!("2026-03-02T00:30:00Z")),
            night(2, "2026-03-01T20:00:00Z", json!("2026-03-01T23:00:00Z")),
            night(3, "2026-03-01T22:00:00Z", json!(null)),
        ])).await.ok(201);
        wait(&site, 120, (&rosa, &totp)).await;
        phone.post("/check-ins", body(&venue_id, &[night(4, "2026-03-02T00:30:00Z", json!(null))])).await.ok(201);
        let asked = wanted("2026-03-01T23:00:00Z", "2026-03-02T01:00:00Z");
        let list = rosa.post(&lists(&venue_id), asked).await.ok(201);
        assert_eq!(names(&list), ["Guest 3", "Guest 1", "Guest 4"], "who left at midnight is not there after it");
        assert_eq!((&list["venue_name"], &list["gone_days"]), (&json!("Café Rosa"), &json!([])));
        let last = &list["entries"][2];
        assert_eq!((&last["checked_out"], &last["leaves_at"]), (&json!(false), &json!("2026-03-03T00:30:00Z")), "still inside");
        assert_eq!(last["phone"], "+49 621 12345");
    }

    /// The usual stay takes nobody off a list: it says from when they may have left. A check-out says when they did.
    async fn whoever_did_not_check_out_may_have_left_and_stays_on_the_list(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let areas = with_areas(&rosa, &venue_id, &["Terrace", "=Hall"]).await;
        let phone = site.stranger();
        let into = |area: &str, guests: &[Value]| with(body(&venue_id, guests), json!({ "area_id": area }));
        phone.post("/check-ins", into(&areas[0], &[guest(1, NOON), guest(2, NOON)])).await.ok(201);
        let twin = with(guest(3, NOON), json!({ "name": "GUEST  1", "phone": null, "email": "g@example.org", "household": 2 }));
        phone.post("/check-ins", into(&areas[1], &[twin])).await.ok(201);
        let left = json!({ "authority": "local", "venue_id": venue_id, "visits": [{ "visit_id": guest(2, NOON)["visit_id"],
            "secret": secret(2), "arrived_at": NOON, "left_at": "2026-03-01T12:40:00Z" }] });
        phone.post("/check-outs", left).await.ok(200);
        wait(&site, 90, (&rosa, &totp)).await;
        let asked = wanted("2026-03-01T11:00:00Z", "2026-03-01T23:00:00Z");
        let list = rosa.post(&lists(&venue_id), asked.clone()).await.ok(201);
        let seen = |key: &str| list["entries"].as_array().unwrap().iter().map(|one| one[key].clone()).collect::<Vec<_>>();
        assert_eq!(seen("checked_out"), [false, true, false]);
        let from = json!("2026-03-01T13:00:00Z");
        assert_eq!(seen("may_have_left_from"), [from.clone(), json!(null), from]);
        assert_eq!(seen("area"), ["Terrace", "Terrace", "=Hall"]);
        assert_eq!(seen("double"), [1, 1, 1], "by the name and by the telephone; nothing is merged");
        assert_eq!(seen("marks")[0], json!(["unconfirmed"]));
        let hall = with(asked, json!({ "area_id": areas[1] }));
        let list = rosa.post(&lists(&venue_id), hall).await.ok(201);
        assert_eq!((names(&list), &list["area"]), (vec!["GUEST  1"], &json!("=Hall")));
        let of = format!("{}/{}", lists(&venue_id), list["opening_id"].as_str().unwrap());
        let csv = rosa.get(&format!("{of}/csv")).await;
        assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
        let row = "2026-03-01 13:00,2026-03-02 13:00,no,2026-03-01 14:00,'=Hall,GUEST  1,,g@example.org,,,,,2,unconfirmed";
        assert_eq!(csv.text.lines().nth(1).unwrap(), row, "times of the authority; no cell is a formula");
        let pdf = rosa.get(&format!("{of}/pdf")).await;
        assert_eq!((pdf.status, pdf.header("cache-control")), (200, "no-store"));
        assert!(pdf.text.contains("GUEST  1") && pdf.text.contains("Misafir listesi"), "{}", pdf.text);
    }

    async fn a_list_is_written_down_before_anybody_is_named_and_read_again_for_an_hour(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        site.stranger().post("/check-ins", body(&venue_id, &[guest(1, NOON)])).await.ok(201);
        let asked = with(wanted(NOON, "2026-03-01T13:00:00Z"), json!({ "reason": "other", "note": "Aunt Ida called" }));
        let list = rosa.post(&lists(&venue_id), asked).await.ok(201);
        let opening = list["opening_id"].as_str().unwrap();
        let of = format!("{}/{opening}", lists(&venue_id));
        assert_eq!(names(&rosa.get(&of).await.ok(200)), ["Guest 1"]);
        let own = rosa.get(&lists(&venue_id)).await.ok(200);
        assert_eq!((&own["openings_left"], own["items"].as_array().unwrap().len()), (&json!(4), 1), "read twice, opened once");
        assert_eq!(own["items"][0]["readable_until"], "2026-03-01T13:00:00Z");

        let log = std::fs::read_to_string(site.kit.keyring().join("openings.log")).unwrap();
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(&venue_id)).collect();
        assert_eq!(lines.len(), 2, "the keyring wrote down each time that it gave a key");
        assert!(lines[0].ends_with("day 2026-03-01 why other"), "{log}");
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let audit = ada.get("/audit").await.ok(200).to_string();
        assert!(audit.contains("guest_lists.open") && audit.contains("guest_lists.read"), "{audit}");
        assert!(audit.contains(opening) && !audit.contains("Aunt Ida") && !audit.contains("Guest 1"));
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let seen = kim.get(&format!("/venues/{venue_id}/guest-lists")).await.ok(200);
        let item = &seen["items"][0];
        assert_eq!((&item["name"], &item["opened_by"], &item["n_visits"]), (&json!("Rosa Höh"), &json!("venue"), &json!(1)));
        assert_eq!(item["readable_until"], json!(null));
        assert_eq!((&item["reason"], &item["note"]), (&json!("other"), &json!("Aunt Ida called")));
        assert!(!seen.to_string().contains("Guest 1"), "the authority sees that it was opened, not who was on it");

        wait(&site, 60, (&rosa, &totp)).await;
        let late = rosa.get(&of).await;
        assert_eq!((late.status, late.kind().as_str()), (409, "conflict"));
        assert_eq!(rosa.get(&format!("{of}/csv")).await.status, 409);
        assert_eq!(rosa.get(&lists(&venue_id)).await.ok(200)["items"][0]["readable_until"], json!(null));
    }

    async fn the_sixth_list_of_a_day_is_refused_with_what_to_do_and_the_next_day_begins_anew(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let asked = wanted("2026-03-01T10:00:00Z", NOON);
        for left in [4, 3, 2, 1, 0] {
            let list = rosa.post(&lists(&venue_id), asked.clone()).await.ok(201);
            assert_eq!(list["entries"], json!([]), "nobody checked in then");
            assert_eq!(rosa.get(&lists(&venue_id)).await.ok(200)["openings_left"], left);
        }
        let refused = rosa.post(&lists(&venue_id), asked.clone()).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("tomorrow") && refused.text.contains("health authority"), "{}", refused.text);
        // Eleven hours later it is midnight in Berlin.
        wait(&site, 11 * 60, (&rosa, &totp)).await;
        rosa.post(&lists(&venue_id), asked).await.ok(201);
    }

    async fn of_a_day_that_is_gone_the_answer_says_so_and_spends_no_opening(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, totp, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        site.stranger().post("/check-ins", body(&venue_id, &[guest(1, NOON)])).await.ok(201);
        let asked = wanted(NOON, "2026-03-01T13:00:00Z");
        wait(&site, 14 * 24 * 60, (&rosa, &totp)).await;
        assert_eq!(names(&rosa.post(&lists(&venue_id), asked.clone()).await.ok(201)), ["Guest 1"], "on the fourteenth day");
        // Eleven hours later it is the fifteenth day in Berlin; nobody has tidied up yet.
        wait(&site, 11 * 60, (&rosa, &totp)).await;
        for _ in 0..2 {
            let gone = rosa.post(&lists(&venue_id), asked.clone()).await;
            assert_eq!((gone.status, gone.kind().as_str()), (410, "day-gone"));
            assert!(gone.text.contains("2026-03-01 is deleted for good"), "{}", gone.text);
            site.app.keep_days().await.unwrap();
        }
        assert_eq!(rosa.get(&lists(&venue_id)).await.ok(200)["openings_left"], 5);
        let next_day = rosa.post(&lists(&venue_id), wanted("2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z")).await.ok(201);
        assert_eq!(next_day["gone_days"], json!(["2026-03-01"]), "who came before midnight can't be named any more");
    }

    async fn what_lacks_is_said_beside_the_field(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let good = wanted("2026-03-01T10:00:00Z", NOON);
        for (change, field) in [
            (json!({ "reason": null }), "reason"),
            (json!({ "reason": "curious" }), "reason"),
            (json!({ "reason": "other" }), "note"),
            (json!({ "note": "n".repeat(501) }), "note"),
            (json!({ "from": null }), "from"),
            (json!({ "until": "noon" }), "until"),
            (json!({ "until": "2026-03-01T10:00:00Z" }), "until"),
            (json!({ "until": "2026-03-02T12:00:00Z" }), "until"),
            (json!({ "from": "2026-03-01T12:00:01Z", "until": "2026-03-01T13:00:00Z" }), "until"),
            (json!({ "area_id": "0000000000" }), "area_id"),
            (json!({ "area_id": "terrace" }), "area_id"),
        ] {
            let refused = rosa.post(&lists(&venue_id), with(good.clone(), change.clone())).await;
            assert_eq!((refused.status, refused.fields()), (422, vec![field.to_owned()]), "{change}");
        }
        assert_eq!(rosa.get(&lists(&venue_id)).await.ok(200)["items"], json!([]), "nothing was opened");
    }

    async fn the_door_opens_no_list_and_nobody_opens_a_neighbours_or_reads_anothers(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let door = invited(&site, &rosa, &venue_id, "door@example.org", "door").await;
        let maker = invited(&site, &rosa, &venue_id, "maker@example.org", "list_maker").await;
        let (nora, _, other_id) = owner(&site, "nora@example.org", "Nora").await;
        let asked = wanted("2026-03-01T10:00:00Z", NOON);
        let list = maker.post(&lists(&venue_id), asked.clone()).await.ok(201);
        let of = format!("{}/{}", lists(&venue_id), list["opening_id"].as_str().unwrap());
        assert_eq!(rosa.get(&of).await.status, 404, "who wants to see it opens it, and says why");
        for path in [lists(&venue_id), of.clone(), format!("{of}/csv"), format!("{of}/pdf")] {
            assert_eq!(door.get(&path).await.status, 403, "{path}");
            assert_eq!(nora.get(&path).await.status, 404, "{path}");
        }
        assert_eq!(door.post(&lists(&venue_id), asked.clone()).await.status, 403);
        assert_eq!(nora.post(&lists(&venue_id), asked).await.status, 404);
        let moved = of.replace(&venue_id, &other_id);
        assert_eq!(nora.get(&moved).await.status, 404, "under one's own venue neither");
        door.get(&format!("/own-venues/{venue_id}/occupancy")).await.ok(200);
        assert_eq!(nora.get(&format!("/own-venues/{venue_id}/occupancy")).await.status, 404);
    }

    async fn an_authority_can_keep_opening_lists_to_itself(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let setting = |version: i32, opens: &str| json!({ "version": version, "opens": opens, "kept_days": 14 });
        let asked = wanted("2026-03-01T10:00:00Z", NOON);
        let list = rosa.post(&lists(&venue_id), asked.clone()).await.ok(201);
        assert_eq!(kim.get("/guest-list-setting").await.ok(200), setting(0, "venues"), "as the law has it");
        assert_eq!(kim.put("/guest-list-setting", setting(0, "authority")).await.status, 403);
        assert_eq!(ada.put("/guest-list-setting", setting(0, "nobody")).await.fields(), ["opens"]);
        assert_eq!(ada.put("/guest-list-setting", setting(0, "authority")).await.ok(200), setting(1, "authority"));
        assert_eq!(ada.put("/guest-list-setting", setting(0, "venues")).await.status, 409);
        let refused = rosa.post(&lists(&venue_id), asked.clone()).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text.contains("only the health authority"), "{}", refused.text);
        let of = format!("{}/{}", lists(&venue_id), list["opening_id"].as_str().unwrap());
        assert_eq!(rosa.get(&of).await.status, 409, "nor one that was opened before");
        assert_eq!(rosa.get(&lists(&venue_id)).await.ok(200)["opens"], "authority");
        ada.put("/guest-list-setting", setting(1, "venues")).await.ok(200);
        let days = |version: i32, days: u8| json!({ "version": version, "opens": "venues", "kept_days": days });
        for wrong in [0, 15] {
            assert_eq!(ada.put("/guest-list-setting", days(2, wrong)).await.fields(), ["kept_days"]);
        }
        let visits = [guest(77, "2026-03-01T10:30:00Z")];
        let first = site.stranger().post("/check-ins", body(&venue_id, &visits)).await.ok(201);
        assert_eq!(first["visits"][0]["deleted_on"], "2026-03-16");
        ada.put("/guest-list-setting", days(2, 10)).await.ok(200);
        let visits = [guest(78, "2026-03-01T10:30:00Z")];
        let later = site.stranger().post("/check-ins", body(&venue_id, &visits)).await.ok(201);
        assert_eq!(later["visits"][0]["deleted_on"], "2026-03-12", "also of a day that was begun");
        ada.put("/guest-list-setting", days(3, 14)).await.ok(200);
        let visits = [guest(79, "2026-03-01T10:30:00Z")];
        let last = site.stranger().post("/check-ins", body(&venue_id, &visits)).await.ok(201);
        assert_eq!(last["visits"][0]["deleted_on"], "2026-03-12", "never longer again");
        rosa.post(&lists(&venue_id), asked).await.ok(201);
    }

    async fn the_door_says_how_many_are_inside_and_confirms_who_came_without_a_name(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let areas = with_areas(&rosa, &venue_id, &["Terrace", "Hall"]).await;
        let door = invited(&site, &rosa, &venue_id, "door@example.org", "door").await;
        let inside = format!("/own-venues/{venue_id}/occupancy");
        let empty = door.get(&inside).await.ok(200);
        assert_eq!((&empty["n_inside"], &empty["capacity"]), (&json!(0), &json!(3)));
        let phone = site.stranger();
        let into = |area: Value, guests: &[Value]| with(body(&venue_id, guests), json!({ "area_id": area }));
        let early = "2026-03-01T11:00:00Z";
        phone.post("/check-ins", into(json!(areas[0]), &[guest(1, "2026-03-01T11:30:00Z"), guest(2, early)])).await.ok(201);
        let family = with(guest(3, NOON), json!({ "household": 2 }));
        phone.post("/check-ins", into(json!(null), &[family])).await.ok(201);
        let seen = door.get(&inside).await.ok(200);
        assert_eq!(seen["n_inside"], 4, "whose usual hour is over counts no more, a household does");
        assert_eq!(seen["areas"], json!([{ "area": "Terrace", "n_inside": 1 }, { "area": "Hall", "n_inside": 0 },
                                          { "area": null, "n_inside": 3 }]));
        let waiting = seen["unconfirmed"].as_array().unwrap();
        assert_eq!((waiting.len(), &waiting[1]["area"], &waiting[1]["arrived_at"]), (2, &json!("Terrace"), &json!("2026-03-01T11:30:00Z")));
        assert_eq!(waiting[0]["code"].as_str().unwrap().len(), 4);
        assert!(!seen.to_string().contains("Guest") && !seen.to_string().contains("621"), "{seen}");

        let confirm = format!("/own-venues/{venue_id}/confirmations");
        let ids = |ids: &[&Value]| json!({ "visit_ids": ids });
        let (first, second) = (waiting[0]["visit_id"].clone(), waiting[1]["visit_id"].clone());
        let unknown = json!("01980000-0000-7000-8000-000000000099");
        assert_eq!(door.post(&confirm, ids(&[&first, &unknown])).await.status, 404);
        assert_eq!(door.get(&inside).await.ok(200)["unconfirmed"].as_array().unwrap().len(), 2, "none of them");
        assert_eq!(door.post(&confirm, ids(&[])).await.fields(), ["visit_ids"]);
        assert_eq!(door.post(&confirm, ids(&[&first, &second])).await.ok(200)["n_confirmed"], 2);
        assert_eq!(door.post(&confirm, ids(&[&first])).await.ok(200)["n_confirmed"], 0, "once");
        assert_eq!(door.get(&inside).await.ok(200)["unconfirmed"], json!([]));
        let list = rosa.post(&lists(&venue_id), wanted("2026-03-01T10:00:00Z", NOON)).await.ok(201);
        let marks: Vec<&Value> = list["entries"].as_array().unwrap().iter().map(|one| &one["marks"]).collect();
        assert_eq!(marks, [&json!(["late", "unconfirmed"]), &json!(["late"])]);
    }
}
