//! A case was in a café in another authority's area: asked through that authority, released by the venue, sealed to who asked,
//! taken in; or declined with a reason. Replays, forgeries and withdrawals at each moment are tested where nothing delivers by
//! itself, in `app`.

use super::case_work::{id, new_case, open, reachable, work};
use crate::check_ins::{body, guest};
use crate::site::{Answer, Browser, Site};
use crate::venues::owner;
use domain::authorities::Role;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use testkit::{Kit, contract};

/// Turns after which what hasn't come doesn't come.
const MOST_TURNS: usize = 1_000;

/// `local` has the café and is asked; `next` has the case and asks.
struct World<'s> {
    site: &'s Site,
    rosa: Browser<'s>,
    venue_id: String,
    kim: Browser<'s>,
    nora: Browser<'s>,
    case: String,
}

async fn site(kit: Kit) -> Site {
    let site = Site::on(kit).await.with_door().await;
    site.neighbour().await;
    site
}

impl<'s> World<'s> {
    async fn on(site: &'s Site) -> Self {
        let (rosa, _, venue_id) = owner(site, "rosa@example.org", "Café Rosa").await;
        let visits = [visit(1, "Ayşe Yılmaz", "10:30"), visit(2, "Cem Kaya", "10:59"), visit(3, "Early Bird", "07:00")];
        site.stranger().post("/check-ins", body(&venue_id, &visits)).await.ok(201);
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (nora, _) = site.person_in("next", "nora", Role::CaseWorker).await;
        let case = open(&nora, new_case(1, reachable())).await;
        Self { site, rosa, venue_id, kim, nora, case }
    }

    fn link(&self) -> String {
        format!("https://epitrace.test/g/LOCAL/{}#name=Caf%C3%A9%20Rosa", self.venue_id)
    }

    fn wish(&self, n: u8, place: &str) -> Value {
        json!({ "request_id": id(9, n), "stay_id": id(8, n), "to": null, "place": place,
                "from": "2026-03-01T10:00:00Z", "until": "2026-03-01T11:00:00Z" })
    }

    fn requests(&self) -> String {
        format!("{}/requests-elsewhere", self.case)
    }

    async fn ask(&self, n: u8) {
        self.nora.post(&self.requests(), self.wish(n, &self.link())).await.ok(201);
    }

    async fn withdraw(&self, n: u8) -> Value {
        self.nora.post(&format!("{}/{}/withdraw", self.requests(), id(9, n)), json!({})).await.ok(200)
    }

    async fn pass_on(&self, n: u8) -> Answer {
        let path = format!("/requests-from-others/{}/pass-on", id(9, n));
        self.kim.post(&path, json!({ "venue_id": self.venue_id })).await
    }

    async fn decline(&self, n: u8, because: &str, text: Option<&str>) -> Answer {
        let path = format!("/requests-from-others/{}/decline", id(9, n));
        self.kim.post(&path, json!({ "because": because, "text": text })).await
    }

    async fn release(&self, n: u8) -> Answer {
        let path = format!("/own-venues/{}/requests/{}/release", self.venue_id, id(9, n));
        self.rosa.post(&path, json!({})).await
    }

    /// Delivers until the newest request stands so on both sides; the server's own chore may be at it just now.
    async fn delivered_until(&self, expected: (&str, &str)) {
        for _ in 0..MOST_TURNS {
            self.site.app.act_on_all_events().await.unwrap();
            let (asks, asked, _) = self.states().await;
            if (asks.as_str(), asked.as_str()) == expected {
                return;
            }
        }
        panic!("{expected:?} is not what came: {:?}", self.states().await);
    }

    /// Where the newest request stands: for who asks, for who is asked, for the venue.
    async fn states(&self) -> (String, String, String) {
        let first = |value: Value| value["items"][0]["state"].as_str().unwrap_or("-").to_owned();
        let asks = first(self.nora.get(&self.requests()).await.ok(200));
        let asked = first(self.kim.get("/requests-from-others").await.ok(200));
        (asks, asked, first(self.rosa.get(&format!("/own-venues/{}/requests", self.venue_id)).await.ok(200)))
    }

    async fn guests(&self) -> Vec<Value> {
        self.nora.get(&format!("{}/guests", self.case)).await.ok(200)["items"].as_array().unwrap().clone()
    }
}

fn visit(number: u32, name: &str, from: &str) -> Value {
    let mut visit = guest(number, &format!("2026-03-01T{from}:00Z"));
    visit["leaves_at"] = json!(if from < "10:00" { "2026-03-01T08:00:00Z" } else { "2026-03-01T12:00:00Z" });
    visit["name"] = json!(name);
    visit
}

fn states(asks: &str, asked: &str, venue: &str) -> (String, String, String) {
    (asks.to_owned(), asked.to_owned(), venue.to_owned())
}

fn kinds(work: &Value) -> Vec<String> {
    let waits = work["items"].as_array().unwrap().iter().filter(|item| item["resolution"].is_null());
    waits.map(|item| item["kind"].as_str().unwrap().to_owned()).collect()
}

contract! {
    async fn from_a_poster_elsewhere_to_contact_cases_and_the_case_is_never_named(kit) {
        let site = site(kit).await;
        let world = World::on(&site).await;
        let World { rosa, venue_id, kim, nora, case, .. } = &world;
        world.ask(1).await;
        world.ask(1).await;
        let waits = nora.get(&world.requests()).await.ok(200);
        assert_eq!((waits["items"].as_array().unwrap().len(), &waits["items"][0]["state"]), (1, &json!("asked")));
        assert_eq!(waits["items"][0]["other"]["short_code"], "local");
        assert_eq!(waits["items"][0]["venue"], Value::Null, "which venue it was says the other authority");
        world.delivered_until(("asked", "asked")).await;
        let asked = kim.get("/requests-from-others").await;
        assert!(!asked.text.contains(&id(1, 1)) && !asked.text.contains("Neill"), "{}", asked.text);
        let asked = asked.ok(200)["items"][0].clone();
        assert_eq!((&asked["other"]["short_code"], &asked["disease"]), (&json!("next"), &json!("covid-19")));
        assert_eq!(asked["venue"]["name"], "Café Rosa", "the poster says which");
        assert_eq!(asked["from"], "2026-03-01T10:00:00Z");
        let nothing = rosa.get(&format!("/own-venues/{venue_id}/requests")).await.ok(200);
        assert_eq!(nothing["items"], json!([]), "nobody has asked the venue yet");

        for _ in 0..2 {
            assert_eq!(world.pass_on(1).await.ok(200)["items"][0]["state"], "passed", "twice is once");
        }
        assert_eq!(world.states().await, states("asked", "passed", "asked"));
        assert!(world.guests().await.is_empty());
        for _ in 0..2 {
            world.release(1).await.ok(200);
        }
        world.delivered_until(("released", "released")).await;
        assert_eq!(world.states().await, states("released", "released", "released"));

        let items = world.guests().await;
        let names: Vec<&str> = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Ayşe Yılmaz", "Cem Kaya"], "who had gone isn't on it");
        assert_eq!((&items[0]["together_min"], &items[0]["at_risk"]), (&json!(30.0), &json!(true)));
        let stays = nora.get(&format!("{case}/stays")).await.ok(200);
        assert_eq!((&stays["items"][0]["stay_id"], &stays["venues"][0]["name"]), (&json!(id(8, 1)), &json!("Café Rosa")));
        let seen = nora.get(&world.requests()).await.ok(200)["items"][0].clone();
        assert_eq!((&seen["venue"]["city"], &seen["n_guests"]), (&json!("Mannheim"), &json!(2)));
        assert!(kinds(&work(nora, case).await).contains(&"guest_list_released".to_owned()));
        let own = json!({ "request_id": id(9, 5), "stay_id": id(8, 1), "from": null, "until": null });
        assert_eq!(nora.post(&format!("{case}/list-requests"), own).await.status, 409, "no venue of theirs");

        let chosen = json!({ "visit_id": "01980000-0000-7000-8000-000000000001", "person_id": id(6, 1),
                             "person_is_known": false, "case_id": id(7, 1) });
        nora.post(&format!("{case}/guests/contact-cases"), json!({ "guests": [chosen] })).await.ok(201);
        let exposures = nora.get(&format!("{case}/exposures")).await.ok(200);
        assert_eq!(exposures["items"][0]["person_id"], id(6, 1), "found as anybody who was there");
        assert_eq!(kim.get(&format!("/cases/{}", id(7, 1))).await.status, 404, "not there");

        assert_eq!(world.withdraw(1).await["items"][0]["state"], "withdrawn");
        world.delivered_until(("withdrawn", "withdrawn")).await;
        assert_eq!(world.states().await, states("withdrawn", "withdrawn", "withdrawn"));
        let left = world.guests().await;
        assert_eq!((left.len(), &left[0]["contact_case_id"]), (1, &json!(id(7, 1))), "on whom a contact case rests");
        assert!(!kinds(&work(nora, case).await).contains(&"guest_list_released".to_owned()));

        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (bea, _) = site.person_in("next", "bea", Role::Administrator).await;
        let ours = ["asked", "pass_on", "release", "withdrawn"];
        let theirs = ["ask", "arrive", "withdraw"];
        for (who, operations) in [(&ada, &ours[..]), (&bea, &theirs[..])] {
            for operation in operations {
                let found = who.get(&format!("/audit?operation=requests_between.{operation}")).await.ok(200);
                assert_eq!(found["items"].as_array().unwrap().len(), 1, "{operation}: {found}");
            }
        }
    }

    async fn what_is_told_in_words_is_found_by_somebody_or_declined_with_a_reason(kit) {
        let site = site(kit).await;
        let world = World::on(&site).await;
        let World { kim, nora, case, .. } = &world;
        let mut wish = world.wish(1, "  the café in Übergasse  ");
        assert_eq!(nora.post(&world.requests(), wish.clone()).await.fields(), ["to"], "nobody knows whom to ask");
        wish["to"] = json!("LOCAL");
        nora.post(&world.requests(), wish.clone()).await.ok(201);
        let again = nora.post(&world.requests(), world.wish(2, "the café in Übergasse")).await;
        assert_eq!(again.status, 422);
        wish["request_id"] = json!(id(9, 2));
        assert_eq!(nora.post(&world.requests(), wish).await.status, 409, "asked already");
        world.delivered_until(("asked", "asked")).await;
        let asked = kim.get("/requests-from-others").await.ok(200)["items"][0].clone();
        assert_eq!((&asked["place"], &asked["venue"]), (&json!("the café in Übergasse"), &Value::Null));
        let path = format!("/requests-from-others/{}/pass-on", id(9, 1));
        for unknown in ["0000000000", "no venue"] {
            assert_eq!(kim.post(&path, json!({ "venue_id": unknown })).await.fields(), ["venue_id"]);
        }
        assert_eq!(world.decline(1, "because", None).await.fields(), ["because"]);
        assert_eq!(world.decline(1, "other", Some("  ")).await.fields(), ["text"]);
        for _ in 0..2 {
            world.decline(1, "other", Some("closed for years")).await.ok(200);
        }
        assert_eq!(world.pass_on(1).await.status, 409);
        world.delivered_until(("declined", "declined")).await;
        let seen = nora.get(&world.requests()).await.ok(200)["items"][0].clone();
        assert_eq!((&seen["state"], &seen["because"]), (&json!("declined"), &json!("other")));
        assert_eq!(seen["text"], "closed for years");
        assert!(kinds(&work(nora, case).await).contains(&"guest_list_declined".to_owned()));
        assert!(nora.get(&format!("{case}/stays")).await.ok(200)["items"].as_array().unwrap().is_empty());
    }

    /// Before it left, on its way, seen, passed on, released and on its way back, arrived.
    /// Each step is done by a server that dies before it notes so, and by the next one again.
    /// Whoever has the database but not the keyring signs nothing, and lets nothing be sealed to themselves.
    async fn where_the_rules_of_who_is_asked_say_so_the_list_goes_at_once(kit) {
        let site = site(kit).await;
        let world = World::on(&site).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let at_once = json!({ "disease": "covid-19", "based_on": 0, "newest_seen": 0, "first": "2026-03-01", "last": null,
                              "settings": { "lists_at_once": "yes" }, "past_decisions_stay": false });
        ada.post("/rule-sets", at_once).await.ok(201);
        world.ask(1).await;
        world.delivered_until(("asked", "asked")).await;
        world.pass_on(1).await.ok(200);
        world.delivered_until(("released", "released")).await;
        assert_eq!(world.states().await, states("released", "released", "released"));
        assert_eq!(world.guests().await.len(), 2);
    }

    async fn only_who_is_asked_answers_and_only_who_asks_withdraws(kit) {
        let site = site(kit).await;
        let world = World::on(&site).await;
        site.authority("third").await;
        let (third, _) = site.person_in("third", "theo", Role::CaseWorker).await;
        let (ann, _) = site.person("ann", Role::Analyst).await;
        world.ask(1).await;
        world.delivered_until(("asked", "asked")).await;
        let one = format!("/requests-from-others/{}", id(9, 1));
        let pass_on = json!({ "venue_id": world.venue_id });
        let decline = json!({ "because": "no_list", "text": null });
        for (who, status) in [(&third, 404), (&world.nora, 404), (&ann, 403), (&world.rosa, 403), (&site.stranger(), 401)] {
            assert_eq!(who.post(&format!("{one}/pass-on"), pass_on.clone()).await.status, status);
            assert_eq!(who.post(&format!("{one}/decline"), decline.clone()).await.status, status);
        }
        assert_eq!(third.get("/requests-from-others").await.ok(200)["items"], json!([]));
        assert_eq!(ann.get("/requests-from-others").await.status, 403);
        let withdraw = format!("{}/{}/withdraw", world.requests(), id(9, 1));
        for who in [&world.kim, &third] {
            assert_eq!(who.post(&withdraw, json!({})).await.status, 404);
            assert_eq!(who.get(&world.requests()).await.status, 404);
        }
        assert_eq!(world.release(1).await.status, 404, "the venue isn't asked yet");
        for (change, field) in [
            (json!({ "to": "nowhere" }), "to"),
            (json!({ "to": "next" }), "to"),
            (json!({ "to": "123" }), "to"),
            (json!({ "place": " " }), "place"),
            (json!({ "place": "x".repeat(501), "to": "local" }), "place"),
            (json!({ "from": "2026-03-01T12:00:01Z", "until": "2026-03-01T13:00:00Z" }), "from"),
            (json!({ "until": "2026-03-01T10:00:00Z" }), "until"),
            (json!({ "from": "2026-02-27T10:00:00Z" }), "until"),
        ] {
            let mut wish = world.wish(2, &world.link());
            for (key, value) in change.as_object().unwrap() {
                wish[key] = value.clone();
            }
            let refused = world.nora.post(&world.requests(), wish).await;
            assert_eq!((refused.status, refused.fields()), (422, vec![field.to_owned()]), "{change}");
        }
        let old = Timestamp::constant(1_770_000_000, 0);
        let mut wish = world.wish(2, &world.link());
        (wish["from"], wish["until"]) = (json!(old.to_string()), json!((old + SignedDuration::from_hours(1)).to_string()));
        assert_eq!(world.nora.post(&world.requests(), wish).await.status, 409, "deleted everywhere");
    }
}
