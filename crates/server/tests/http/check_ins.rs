//! The door of a venue, over HTTP: who comes is on the list once, with a receipt, and nobody is turned away without a reason.

use crate::site::Site;
use crate::venues::owner;
use serde_json::{Value, json};
use testkit::contract;

/// A guest of a number, at an instant.
pub fn guest(number: u32, arrived_at: &str) -> Value {
    json!({ "visit_id": format!("01980000-0000-7000-8000-{number:012}"), "secret": secret(number), "arrived_at": arrived_at,
            "leaves_at": null, "name": format!("Guest {number}"), "phone": "+49 621 12345", "email": null, "address": null,
            "household": 0 })
}

pub fn secret(number: u32) -> String {
    format!("{number:A>21}A")
}

pub fn body(venue_id: &str, visits: &[Value]) -> Value {
    json!({ "authority": "LOCAL", "venue_id": venue_id, "area_id": null, "visits": visits })
}

fn with(mut value: Value, changes: Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    value
}

fn proof(number: u32, arrived_at: &str) -> Value {
    json!({ "visit_id": format!("01980000-0000-7000-8000-{number:012}"), "secret": secret(number), "arrived_at": arrived_at })
}

/// The time of the tests is noon in UTC, one in Berlin.
const NOW: &str = "2026-03-01T12:00:00Z";

contract! {
    async fn a_guest_is_checked_in_once_however_often_it_is_sent(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        let sent = body(&venue_id, &[guest(1, "2026-03-01T11:59:00Z")]);
        let first = phone.post("/check-ins", sent.clone()).await.ok(201);
        assert_eq!(first["venue"], json!({ "name": "Café Rosa", "area": null }));
        let visit = &first["visits"][0];
        assert_eq!(visit["deleted_on"], "2026-03-16", "kept for fourteen days, gone on the fifteenth");
        assert_eq!(visit["leaves_at"], "2026-03-02T11:59:00Z", "a day later where no hours are known");
        assert_eq!(visit["marks"], json!([]));
        assert_eq!(phone.post("/check-ins", sent).await.ok(201), first);
        let other = body(&venue_id, &[with(guest(1, "2026-03-01T11:59:00Z"), json!({ "name": "Eve" }))]);
        let refused = phone.post("/check-ins", other).await;
        assert_eq!((refused.status, refused.kind().as_str()), (409, "conflict"));
        assert!(!refused.text.contains("Eve"), "{}", refused.text);
    }

    async fn what_is_wrong_is_said_beside_the_field_and_nobody_of_the_body_is_taken(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        let good = guest(1, NOW);
        for (change, field) in [
            (json!({ "arrived_at": "2026-03-01T12:05:01Z" }), "arrived_at"),
            (json!({ "arrived_at": "2026-02-28T11:59:59Z" }), "arrived_at"),
            (json!({ "arrived_at": "yesterday" }), "arrived_at"),
            (json!({ "leaves_at": NOW }), "leaves_at"),
            (json!({ "leaves_at": "2026-03-02T12:00:01Z" }), "leaves_at"),
            (json!({ "name": "  " }), "name"),
            (json!({ "name": "n".repeat(121) }), "name"),
            (json!({ "phone": null }), "phone"),
            (json!({ "phone": "call me" }), "phone"),
            (json!({ "phone": null, "email": "rosa" }), "email"),
            (json!({ "household": 21 }), "household"),
            (json!({ "secret": "short" }), "secret"),
            (json!({ "visit_id": "00000000-0000-4000-8000-000000000001" }), "visit_id"),
        ] {
            let wrong = with(guest(2, NOW), change.clone());
            let refused = phone.post("/check-ins", body(&venue_id, &[good.clone(), wrong])).await;
            assert_eq!((refused.status, refused.fields()), (422, vec![format!("visits.1.{field}")]), "{change}");
        }
        let refused = phone.post("/check-ins", body(&venue_id, &[])).await;
        assert_eq!((refused.status, refused.fields()), (422, vec!["visits".to_owned()]));
        let many: Vec<Value> = (0..101).map(|n| guest(n, NOW)).collect();
        assert_eq!(phone.post("/check-ins", body(&venue_id, &many)).await.status, 422);
        assert_eq!(phone.post("/check-ins", json!({ "venue_id": 7 })).await.status, 422);
        for unknown in [
            body("0000000000", &[guest(1, NOW)]),
            body("no venue", &[guest(1, NOW)]),
            with(body(&venue_id, &[guest(1, NOW)]), json!({ "authority": "nobody" })),
            with(body(&venue_id, &[guest(1, NOW)]), json!({ "area_id": "0000000000" })),
        ] {
            assert_eq!(phone.post("/check-ins", unknown).await.status, 404);
        }
        let changed = body(&venue_id, &[with(good, json!({ "name": "Somebody else" }))]);
        phone.post("/check-ins", changed).await.ok(201);
    }

    async fn whoever_comes_late_or_outside_the_hours_or_beyond_the_capacity_is_marked_and_let_in(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (rosa, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let own = rosa.get(&format!("/own-venues/{venue_id}")).await.ok(200);
        let venue = &own["venue"];
        let phone = site.stranger();
        // Sundays from two in the afternoon, in Berlin, to two in the morning.
        let change = json!({ "version": venue["version"], "venue_name": "Café Rosa", "kind": "cafe", "areas": [],
            "address": venue["address"], "hours": [{ "weekday": 7, "opens": "14:00", "closes": "02:00" }],
            "capacity": 1, "usual_stay_min": 120, "confirms_by_staff": true, "asks_address": false });
        rosa.put(&format!("/own-venues/{venue_id}"), change).await.ok(200);
        let marks = |answer: &Value| answer["visits"][0]["marks"].clone();
        let first = phone.post("/check-ins", body(&venue_id, &[guest(1, "2026-03-01T11:30:00Z")])).await.ok(201);
        assert_eq!(marks(&first), json!(["late", "outside_hours", "unconfirmed"]));
        site.wait_min(70);
        let second = phone.post("/check-ins", body(&venue_id, &[guest(2, "2026-03-01T13:10:00Z")])).await.ok(201);
        assert_eq!(marks(&second), json!(["over_capacity", "unconfirmed"]));
        assert_eq!(second["visits"][0]["leaves_at"], "2026-03-02T01:00:00Z", "when it closes, past midnight");
    }

    async fn a_stay_is_ended_and_deleted_by_its_receipt_alone(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        phone.post("/check-ins", body(&venue_id, &[guest(1, NOW)])).await.ok(201);
        let changes = |visit: Value| json!({ "authority": "local", "venue_id": venue_id, "visits": [visit] });
        let leaving = |number, at: &str| changes(with(proof(number, NOW), json!({ "left_at": at })));
        let left = phone.post("/check-outs", leaving(1, "2026-03-01T12:20:00Z")).await.ok(200);
        assert_eq!(left["visits"][0]["leaves_at"], "2026-03-01T12:20:00Z");
        let before = phone.post("/check-outs", leaving(1, NOW)).await;
        assert_eq!((before.status, before.fields()), (422, vec!["visits.0.left_at".to_owned()]));
        let foreign = with(proof(1, NOW), json!({ "secret": secret(9), "left_at": "2026-03-01T12:20:00Z" }));
        let wrong = phone.post("/check-outs", changes(foreign)).await;
        let unknown = phone.post("/check-outs", leaving(7, "2026-03-01T12:20:00Z")).await;
        assert_eq!((wrong.status, unknown.status), (404, 404));
        let plain = |text: &str| text.split("request_id").next().unwrap().to_owned();
        assert_eq!(plain(&wrong.text), plain(&unknown.text), "nobody learns which visits there are");
        let foreign = changes(with(proof(1, NOW), json!({ "secret": secret(9) })));
        assert_eq!(phone.post("/check-ins/deletions", foreign).await.status, 404);
        for _ in 0..2 {
            assert_eq!(phone.post("/check-ins/deletions", changes(proof(1, NOW))).await.status, 204);
        }
        let again = phone.post("/check-ins", body(&venue_id, &[guest(1, NOW)])).await;
        assert_eq!((again.status, again.kind().as_str()), (409, "conflict"));
    }

    async fn a_guest_sees_the_venue_and_nothing_else(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        let path = format!("/guest/LOCAL/{}", venue_id.to_lowercase());
        let answer = phone.get(&path).await;
        assert_eq!(answer.header("cache-control"), "public, no-cache");
        assert!(!answer.header("date").is_empty(), "phones set their clocks by it");
        let known = answer.header("etag").to_owned();
        let door = answer.ok(200);
        assert_eq!((&door["venue"]["name"], &door["venue"]["open"]), (&json!("Café Rosa"), &json!(true)));
        assert_eq!(door["authority"]["short_code"], "LOCAL");
        site.wait_min(1);
        let again = phone.get_unless(&path, &known).await;
        assert_eq!((again.status, again.header("cache-control")), (304, "public, no-cache"));
        assert_eq!(phone.get_unless(&path, "W/\"another\"").await.status, 200);
        assert!(!door.to_string().contains("rosa@"), "{door}");
        assert_eq!(phone.get("/guest/LOCAL/0000000000").await.status, 404);
        assert_eq!(phone.get(&format!("/guest/nobody/{venue_id}")).await.status, 404);
    }

    async fn a_server_without_a_door_says_so(kit) {
        let site = Site::on(kit).await;
        let refused = site.stranger().post("/check-ins", body("0000000000", &[guest(1, NOW)])).await;
        assert_eq!((refused.status, refused.header("retry-after")), (503, "5"));
    }

    async fn forty_guests_behind_one_address_come_in_and_a_flood_is_told_to_wait(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (_, _, venue_id) = owner(&site, "rosa@example.org", "Café Rosa").await;
        let phone = site.stranger();
        for number in 0..40 {
            phone.post("/check-ins", body(&venue_id, &[guest(number, NOW)])).await.ok(201);
        }
        let mut refused = None;
        for bunch in 1..6 {
            let visits: Vec<Value> = (0..100).map(|n| guest(bunch * 1000 + n, NOW)).collect();
            let answer = phone.post("/check-ins", body(&venue_id, &visits)).await;
            if answer.status != 201 {
                refused = Some(answer);
                break;
            }
        }
        let refused = refused.unwrap();
        assert_eq!((refused.status, refused.kind().as_str()), (429, "too-many-attempts"));
        assert!(refused.header("retry-after").parse::<u64>().is_ok());
    }
}
