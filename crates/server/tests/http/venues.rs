//! Venues: registered by a mailed link that works once, run by their staff, seen by the authority.

use crate::site::{Browser, PASSWORD, Site};
use app::messages::MessageQuery;
use domain::authorities::{Role, ShortCode};
use domain::messages::MessageKind;
use serde_json::{Value, json};
use testkit::contract;

fn address() -> Value {
    json!({ "street": "Übergasse", "house_number": "3a", "postcode": "68159", "city": "Mannheim" })
}

fn new_venue(name: &str) -> Value {
    json!({ "venue_name": name, "kind": "cafe", "address": address() })
}

fn registration(email: &str, venue: &str) -> Value {
    json!({ "authority": "LOCAL", "language": "tr", "email": email, "name": "Rosa Höh", "phone": null,
            "venue": new_venue(venue) })
}

/// The secret of the link in the newest mail to a venue.
async fn mailed_secret(site: &Site) -> String {
    let worker = site.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
    let query = MessageQuery { filter: Default::default(), before: None, limit: 99 };
    let mut all = site.app.list_messages(&worker, &query).await.unwrap();
    all.retain(|one| [MessageKind::VenueRegistration, MessageKind::VenueInvitation].contains(&one.kind));
    let newest = all.remove(0);
    let text = site.app.message(&worker, newest.message_id).await.unwrap().content.unwrap().text.expose().clone();
    let link = text.split_whitespace().find(|word| word.starts_with("https://")).unwrap();
    let (page, secret) = link.split_once('#').unwrap();
    assert_eq!(page, "https://epitrace.test/LOCAL/venues/confirm");
    secret.to_owned()
}

async fn n_mails(site: &Site) -> usize {
    let worker = site.app.sign_in_as("test", Some(&ShortCode::local())).await.unwrap();
    let query = MessageQuery { filter: Default::default(), before: None, limit: 99 };
    site.app.list_messages(&worker, &query).await.unwrap().len()
}

fn held(secret: &str) -> Value {
    json!({ "authority": "LOCAL", "secret": secret })
}

/// Somebody who registered a venue and signed in. Returns the browser, the secret of their app and the venue's id.
pub async fn owner<'s>(site: &'s Site, email: &str, venue: &str) -> (Browser<'s>, String, String) {
    let browser = site.stranger();
    browser.post("/venue-registrations", registration(email, venue)).await.ok(202);
    let taken = browser.post("/venue-links", held(&mailed_secret(site).await)).await.ok(200);
    let (secret, _) = browser.accept(taken["invitation"].as_str().unwrap()).await;
    let own = browser.get("/own-venues").await.ok(200);
    let venue_id = own["venues"][0]["venue"]["venue_id"].as_str().unwrap().to_owned();
    (browser, secret, venue_id)
}

/// Somebody who was invited to a venue and signed in.
pub async fn invited<'s>(site: &'s Site, owner: &Browser<'_>, venue: &str, email: &str, role: &str) -> Browser<'s> {
    let body = json!({ "email": email, "name": "Ali", "role": role, "language": "de" });
    owner.post(&format!("/own-venues/{venue}/staff"), body).await.ok(204);
    let browser = site.stranger();
    let taken = browser.post("/venue-links", held(&mailed_secret(site).await)).await.ok(200);
    browser.accept(taken["invitation"].as_str().unwrap()).await;
    browser
}

fn changed(version: i64, areas: Value) -> Value {
    json!({ "version": version, "venue_name": "Café Rosa & Söhne", "kind": "bar", "address": address(), "areas": areas,
            "hours": [{ "weekday": 6, "opens": "20:00", "closes": "04:00" }], "capacity": 80, "usual_stay_min": 120,
            "confirms_by_staff": true, "asks_address": true })
}

contract! {
    async fn a_venue_is_there_once_its_mailed_link_is_taken_up_and_the_link_works_once(kit) {
        let site = Site::on(kit).await;
        let browser = site.stranger();
        browser.post("/venue-registrations", registration("rosa@example.org", "Café Rosa")).await.ok(202);
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let all = json!({ "text": "", "cursor": null });
        assert_eq!(kim.post("/venues/search", all.clone()).await.ok(200)["items"], json!([]), "not before the link");
        let secret = mailed_secret(&site).await;
        let taken = browser.post("/venue-links", held(&secret)).await.ok(200);
        assert_eq!(browser.post("/venue-links", held(&secret)).await.status, 404);
        let token = taken["invitation"].as_str().unwrap();
        let open = browser.post("/invitations/open", json!({ "token": token })).await.ok(200);
        assert_eq!(open["user_name"], "rosa@example.org", "nobody is shown a made-up name");
        let (totp, _) = browser.accept(token).await;
        let own = browser.get("/own-venues").await.ok(200);
        assert_eq!((&own["email"], &own["name"], &own["language"]), (&json!("rosa@example.org"), &json!("Rosa Höh"), &json!("tr")));
        assert_eq!((&own["venues"][0]["role"], &own["venues"][0]["venue"]["name"]), (&json!("owner"), &json!("Café Rosa")));
        let found = kim.post("/venues/search", json!({ "text": "rosa", "cursor": null })).await.ok(200);
        assert_eq!(found["items"][0]["address"]["city"], "Mannheim");

        // By e-mail address, in any capitals, and with the second factor only.
        site.wait_min(2);
        let again = site.stranger();
        assert_eq!(again.sign_in("Rosa@Example.org", PASSWORD, None).await.status, 401);
        assert_eq!(again.sign_in("Rosa@Example.org", PASSWORD, Some(&site.code(&totp))).await.status, 200);
        assert_eq!(again.get("/session").await.ok(200)["role"], "venue");
        again.get("/own-venues").await.ok(200);
    }

    async fn a_link_that_is_two_days_old_works_no_more(kit) {
        let site = Site::on(kit).await;
        let browser = site.stranger();
        browser.post("/venue-registrations", registration("rosa@example.org", "Rosa")).await.ok(202);
        let secret = mailed_secret(&site).await;
        site.wait_min(48 * 60);
        assert_eq!(browser.post("/venue-links", held(&secret)).await.status, 404);
        assert_eq!(browser.post("/venue-links", json!({ "authority": "xy", "secret": secret })).await.status, 404);
    }

    /// Neither the answer nor whether a mail goes says who is known; a second venue needs no second account.
    async fn registering_says_the_same_whether_the_address_is_known(kit) {
        let site = Site::on(kit).await;
        let (rosa, ..) = owner(&site, "rosa@example.org", "Rosa").await;
        let stranger = site.stranger();
        let known = stranger.post("/venue-registrations", registration("rosa@example.org", "Rosa two")).await;
        let secret = mailed_secret(&site).await;
        let unknown = stranger.post("/venue-registrations", registration("nobody@example.org", "Other")).await;
        assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
        assert_eq!(n_mails(&site).await, 3);
        let taken = stranger.post("/venue-links", held(&secret)).await.ok(200);
        assert_eq!(taken["invitation"], Value::Null, "they have a password");
        assert_eq!(rosa.get("/own-venues").await.ok(200)["venues"].as_array().unwrap().len(), 2);
        rosa.post("/own-venues", new_venue("Rosa three")).await.ok(201);
        assert_eq!(rosa.get("/own-venues").await.ok(200)["venues"].as_array().unwrap().len(), 3);
    }

    async fn what_is_wrong_is_said_at_each_field_and_no_mail_goes(kit) {
        let site = Site::on(kit).await;
        let mut wrong = registration("no address", " ");
        wrong["venue"]["address"]["city"] = json!("");
        let answer = site.stranger().post("/venue-registrations", wrong).await;
        assert_eq!(answer.status, 422);
        assert_eq!(answer.fields(), ["email", "venue_name", "city"]);
        let mut kind = registration("rosa@example.org", "Rosa");
        kind["venue"]["kind"] = json!("castle");
        assert_eq!(site.stranger().post("/venue-registrations", kind).await.fields(), ["kind"]);
        assert_eq!(n_mails(&site).await, 0);
    }

    async fn nobodys_mailbox_is_filled_through_us(kit) {
        let site = Site::on(kit).await;
        let browser = site.stranger();
        for _ in 0..3 {
            browser.post("/venue-registrations", registration("rosa@example.org", "Rosa")).await.ok(202);
        }
        let refused = browser.post("/venue-registrations", registration(" ROSA@example.org", "Rosa")).await;
        assert_eq!((refused.status, refused.kind().as_str()), (429, "too-many-attempts"));
        assert!(!refused.header("retry-after").is_empty());
        browser.post("/venue-registrations", registration("other@example.org", "Rosa")).await.ok(202);
    }

    async fn an_owner_changes_details_areas_and_hours_and_nobody_writes_over_them(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        let path = format!("/own-venues/{venue}");
        let areas = json!([{ "area_id": null, "name": "Terrasse" }, { "area_id": null, "name": "Bar" }]);
        let first = rosa.put(&path, changed(1, areas.clone())).await.ok(200);
        assert_eq!(first["venue"]["version"], 2);
        assert_eq!(first["venue"]["hours"], json!([{ "weekday": 6, "opens": "20:00", "closes": "04:00" }]));
        assert_eq!(rosa.put(&path, changed(1, areas)).await.status, 409, "an old version");
        let bar = first["venue"]["areas"][1].clone();
        let second = rosa.put(&path, changed(2, json!([bar]))).await.ok(200);
        assert_eq!(second["venue"]["areas"], json!([bar]));
        let gone = first["venue"]["areas"][0].clone();
        assert_eq!(rosa.put(&path, changed(3, json!([gone]))).await.status, 409, "an area that was taken away");
        let mut wrong = changed(3, json!([{ "area_id": null, "name": "A" }, { "area_id": null, "name": "a" }]));
        wrong["capacity"] = json!(0);
        wrong["usual_stay_min"] = json!(2);
        assert_eq!(rosa.put(&path, wrong).await.fields(), ["capacity", "usual_stay_min", "areas"]);
        let mut overlap = changed(3, json!([]));
        overlap["hours"] = json!([{ "weekday": 1, "opens": "10:00", "closes": "12:00" }, { "weekday": 1, "opens": "11:00", "closes": "13:00" }]);
        assert_eq!(rosa.put(&path, overlap.clone()).await.fields(), ["hours.1"]);
        overlap["hours"] = json!([{ "weekday": 1, "opens": "10", "closes": "12:00" }]);
        assert_eq!(rosa.put(&path, overlap).await.fields(), ["hours"]);
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let audit = ada.get("/audit?operation=venues.change").await.ok(200);
        assert_eq!(audit["items"].as_array().unwrap().len(), 2, "each change, and nothing that was refused");
        rosa.post(&format!("{path}/close"), json!({})).await.ok(204);
        assert_eq!(rosa.put(&path, changed(4, json!([]))).await.status, 409);
    }

    /// One's own authority, another venue: as if it weren't there.
    async fn a_neighbour_venue_of_the_same_authority_is_not_here(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "OURS-7391").await;
        let (nora, _, hers) = owner(&site, "nora@example.org", "Nora").await;
        let account = rosa.get(&format!("/own-venues/{venue}/staff")).await.ok(200)["members"][0]["account_id"].clone();
        let account = account.as_str().unwrap();
        let nobody = "00000000-0000-7000-8000-000000000000";
        let role = json!({ "role": "door" });
        let whom = json!({ "email": "n@example.org", "name": "N", "role": "owner", "language": "en" });
        for answer in [
            nora.get(&format!("/own-venues/{venue}")).await,
            nora.put(&format!("/own-venues/{venue}"), changed(1, json!([]))).await,
            nora.post(&format!("/own-venues/{venue}/close"), json!({})).await,
            nora.get(&format!("/own-venues/{venue}/staff")).await,
            nora.post(&format!("/own-venues/{venue}/staff"), whom).await,
            nora.put(&format!("/own-venues/{venue}/staff/{account}"), role.clone()).await,
            nora.delete(&format!("/own-venues/{venue}/staff/{account}")).await,
            nora.delete(&format!("/own-venues/{venue}/invitations/{nobody}")).await,
            nora.get(&format!("/venues/{venue}/posters?format=a4")).await,
            nora.delete(&format!("/own-venues/{hers}/staff/{account}")).await,
        ] {
            assert_eq!((answer.status, answer.kind().as_str()), (404, "not-found"), "{}", answer.text);
            assert!(!answer.text.contains("OURS-7391"));
        }
        assert_eq!(rosa.get(&format!("/own-venues/{venue}")).await.ok(200)["venue"]["version"], 1);
        assert_eq!(nora.get("/own-venues").await.ok(200)["venues"].as_array().unwrap().len(), 1);
    }

    async fn what_somebody_may_in_a_venue_says_what_they_are_there(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        let list_maker = ["see", "print_posters", "open_lists", "watch_door", "answer_requests"];
        for (role, may) in [("list_maker", json!(list_maker)), ("door", json!(["see", "watch_door"]))] {
            let ali = invited(&site, &rosa, &venue, &format!("{role}@example.org"), role).await;
            let shown = ali.get(&format!("/own-venues/{venue}")).await.ok(200);
            assert_eq!((&shown["role"], &shown["may"]), (&json!(role), &may));
            let posters = ali.get(&format!("/venues/{venue}/posters?format=a4")).await.status;
            assert_eq!(posters, if role == "door" { 403 } else { 200 });
            for refused in [
                ali.put(&format!("/own-venues/{venue}"), changed(1, json!([]))).await,
                ali.post(&format!("/own-venues/{venue}/close"), json!({})).await,
                ali.get(&format!("/own-venues/{venue}/staff")).await,
            ] {
                assert_eq!((refused.status, refused.kind().as_str()), (403, "not-allowed"), "{role}: {}", refused.text);
            }
        }
    }

    async fn a_removed_staff_member_is_out_at_once_and_their_address_is_forgotten(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        let ali = invited(&site, &rosa, &venue, "ali@example.org", "owner").await;
        let staff = rosa.get(&format!("/own-venues/{venue}/staff")).await.ok(200);
        let id = |at: usize| staff["members"][at]["account_id"].as_str().unwrap().to_owned();
        assert_eq!(staff["members"][1]["email"], "ali@example.org");
        let of_ali = format!("/own-venues/{venue}/staff/{}", id(1));
        rosa.put(&of_ali, json!({ "role": "door" })).await.ok(204);
        let of_rosa = format!("/own-venues/{venue}/staff/{}", id(0));
        assert_eq!(rosa.delete(&of_rosa).await.status, 409, "the last owner");
        assert_eq!(rosa.put(&of_rosa, json!({ "role": "door" })).await.status, 409, "the last owner");
        rosa.delete(&of_ali).await.ok(204);
        assert_eq!(ali.get("/own-venues").await.status, 401);
        assert_eq!(rosa.delete(&of_ali).await.status, 404);
        // The address is free again, also for an invitation.
        let ali = invited(&site, &rosa, &venue, "ali@example.org", "door").await;
        let left = rosa.get(&format!("/own-venues/{venue}/staff")).await.ok(200);
        let of_ali = format!("/own-venues/{venue}/staff/{}", left["members"][1]["account_id"].as_str().unwrap());
        ali.delete(&of_ali).await.ok(204);
        assert_eq!(ali.get("/own-venues").await.status, 401, "who goes by themselves");
    }

    async fn an_invitation_can_be_taken_back(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        let path = format!("/own-venues/{venue}/staff");
        let body = json!({ "email": "ali@example.org", "name": "Ali", "role": "door", "language": "de" });
        rosa.post(&path, body.clone()).await.ok(204);
        assert_eq!(rosa.post(&path, body).await.status, 409, "invited already");
        let secret = mailed_secret(&site).await;
        let waiting = rosa.get(&path).await.ok(200)["invitations"][0].clone();
        assert_eq!((&waiting["email"], &waiting["role"]), (&json!("ali@example.org"), &json!("door")));
        let link = format!("/own-venues/{venue}/invitations/{}", waiting["link_id"].as_str().unwrap());
        rosa.delete(&link).await.ok(204);
        assert_eq!(rosa.delete(&link).await.status, 404);
        assert_eq!(site.stranger().post("/venue-links", held(&secret)).await.status, 404);
        let wrong = json!({ "email": "x", "name": "", "role": "door", "language": "de" });
        assert_eq!(rosa.post(&path, wrong).await.fields(), ["email", "name"]);
    }

    async fn posters_name_the_areas_that_are_asked_for(kit) {
        let site = Site::on(kit).await;
        let (rosa, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        let path = format!("/venues/{venue}/posters");
        let whole = rosa.get(&format!("{path}?format=a4")).await;
        assert_eq!((whole.status, whole.header("content-type")), (200, "application/pdf"));
        assert!(whole.text.contains(&format!("https://epitrace.test/g/LOCAL/{venue}#name=Rosa")), "{}", whole.text);
        let areas = json!([{ "area_id": null, "name": "Terrasse & Süd" }, { "area_id": null, "name": "Bar" }]);
        let with = rosa.put(&format!("/own-venues/{venue}"), changed(1, areas)).await.ok(200);
        let area = with["venue"]["areas"][0]["area_id"].as_str().unwrap();
        let one = rosa.get(&format!("{path}?format=a6&area={area}")).await;
        let address = format!(
            "https://epitrace.test/g/LOCAL/{venue}/{area}#name=Caf%C3%A9%20Rosa%20%26%20S%C3%B6hne&area=Terrasse%20%26%20S%C3%BCd"
        );
        assert_eq!(one.text, format!("a6 {address}"));
        let both = rosa.get(&format!("{path}?format=a4")).await;
        assert_eq!(both.text.matches("/g/LOCAL/").count(), 2, "{}", both.text);
        assert_eq!(rosa.get(&format!("{path}?format=a5")).await.fields(), ["format"]);
        assert_eq!(rosa.get(&format!("{path}?format=a4&area=x")).await.fields(), ["area"]);
        assert_eq!(rosa.get(&format!("{path}?format=a4&area=0000000000")).await.status, 404);
    }

    async fn the_staff_of_an_authority_is_listed_without_its_venues(kit) {
        let site = Site::on(kit).await;
        owner(&site, "rosa@example.org", "Rosa").await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let accounts = ada.get("/accounts").await.ok(200);
        assert!(!accounts.to_string().contains("venue"), "{accounts}");
        let made = ada.post("/accounts", json!({ "user_name": "venue:x", "role": "case_worker" })).await;
        assert_eq!(made.status, 422);
        let role = ada.post("/accounts", json!({ "user_name": "vera", "role": "venue" })).await;
        assert_eq!(role.status, 422);
    }

    async fn a_venue_is_found_by_place_and_shown_to_the_staff(kit) {
        let site = Site::on(kit).await;
        let (_, _, venue) = owner(&site, "rosa@example.org", "Rosa").await;
        for role in [Role::CaseWorker, Role::Administrator] {
            let (browser, _) = site.person(role.as_str(), role).await;
            let found = browser.post("/venues/search", json!({ "text": "übergasse", "cursor": null })).await.ok(200);
            assert_eq!(found["items"][0]["venue_id"], json!(venue));
            assert_eq!(browser.get(&format!("/venues/{venue}")).await.ok(200)["usual_stay_min"], 90);
            assert_eq!(browser.get("/venues/nothing").await.status, 404);
        }
    }
}
