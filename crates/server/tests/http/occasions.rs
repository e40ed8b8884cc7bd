//! Occasions: handed in by programs and by anybody who has the code, read for a reason, made into contact cases.

use super::case_work::{id, new_case, open, reachable};
use crate::site::{Answer, Browser, PASSWORD, Site};
use domain::authorities::Role;
use serde_json::{Value, json};
use testkit::contract;
use uuid::Uuid;

/// An occasion of the evening before.
pub fn occasion(n: u8, title: &str) -> Value {
    json!({ "occasion_id": id(10, n), "title": title, "place": "Rosengarten", "contact": null,
            "from": "2026-02-28T18:00:00Z", "until": "2026-02-28T23:00:00Z", "case_id": null })
}

fn with(mut value: Value, changes: Value) -> Value {
    for (key, change) in changes.as_object().unwrap() {
        value[key] = change.clone();
    }
    value
}

/// A visitor of this number.
pub fn visitor(n: u32) -> Value {
    json!({ "visitor_id": Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + u128::from(n)), "group": null,
            "first_name": "Ayşe", "last_name": format!("Visitor{n}"), "phone": format!("+49 621 {:07}", n), "email": null,
            "street": null, "house_number": null, "postcode": null, "city": null,
            "area": if n.is_multiple_of(2) { "Parkett" } else { "Balkon" }, "seat": format!("{}-{}", n / 100, n % 100),
            "from": null, "until": null, "qualifiers": [{ "label": "ticket", "value": format!("T{n}") }] })
}

fn named(n: u32, last_name: &str, changes: Value) -> Value {
    with(with(visitor(n), json!({ "first_name": null, "last_name": last_name })), changes)
}

fn block(code: &str, visitors: &[Value]) -> Value {
    json!({ "code": code, "group": null, "visitors": visitors })
}

fn form(code: &str, visitors: &[Value]) -> Value {
    json!({ "authority": "LOCAL", "code": code, "group": null, "visitors": visitors })
}

fn everybody() -> Value {
    json!({ "area": null, "seat": null, "text": null, "near_from": null, "near_until": null, "near_min": null })
}

fn asked(filter: Value, offset: usize) -> Value {
    json!({ "filter": with(everybody(), filter), "offset": offset, "limit": 200 })
}

fn why() -> Value {
    json!({ "reason": "infection_reported", "note": null })
}

/// Makes an occasion; returns its path and its code.
pub async fn made(kim: &Browser<'_>, n: u8) -> (String, String) {
    let sheet = kim.post("/occasions", occasion(n, "Abiball")).await.ok(201);
    (format!("/occasions/{}", id(10, n)), sheet["occasion"]["code"].as_str().unwrap().to_owned())
}

async fn opened(kim: &Browser<'_>, path: &str) -> (String, Value) {
    let page = kim.post(&format!("{path}/lists"), why()).await.ok(201);
    (format!("{path}/lists/{}", page["list_id"].as_str().unwrap()), page)
}

async fn program<'s>(site: &'s Site, kim: &Browser<'_>, scope: &str) -> Browser<'s> {
    let key = kim.post("/tokens", json!({ "name": "tickets", "scopes": [scope], "days": 1 })).await.ok(201);
    let mut program = site.stranger();
    program.token = Some(key["token"].as_str().unwrap().to_owned());
    program
}

fn last_names(page: &Value) -> Vec<String> {
    page["items"].as_array().unwrap().iter().map(|one| one["last_name"].as_str().unwrap().to_owned()).collect()
}

async fn step_done(kim: &Browser<'_>, step: &Value) -> Value {
    let step_id = step["step_id"].as_str().unwrap();
    assert_eq!(kim.finished(&json!({ "job_id": step_id })).await["state"], "done");
    kim.get(&format!("/occasion-steps/{step_id}")).await.ok(200)
}

contract! {
    async fn twenty_thousand_visitors_go_in_by_a_program_and_are_found_again(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let program = program(&site, &kim, "hand_in_visitors").await;
        for n in 0..20u32 {
            let visitors: Vec<Value> = (n * 1_000..(n + 1) * 1_000).map(visitor).collect();
            let taken = program.post("/visitors", block(&code, &visitors)).await.ok(200);
            let expected = json!({ "n_taken": 1_000, "n_again": 0, "refused": [], "deleted_on": "2026-03-18" });
            assert_eq!(taken, expected);
        }
        let sheet = kim.get(&path).await.ok(200);
        assert_eq!((&sheet["n_kept"], &sheet["occasion"]["n_visitors"]), (&json!(20_000), &json!(20_000)));
        let (list, first) = opened(&kim, &path).await;
        assert_eq!((&first["n_found"], first["items"].as_array().unwrap().len()), (&json!(20_000), 50));
        assert_eq!(first["areas"], json!(["Balkon", "Parkett"]));
        let visitors = format!("{list}/visitors");
        let last = kim.post(&visitors, asked(json!({}), 19_900)).await.ok(200);
        assert_eq!(last["items"].as_array().unwrap().len(), 100);
        let row = kim.post(&visitors, asked(json!({ "area": "PARKETT", "seat": "123-" }), 0)).await.ok(200);
        assert_eq!((&row["n_found"], last_names(&row).len()), (&json!(50), 50));
        let one = kim.post(&visitors, asked(json!({ "text": "T19999" }), 0)).await.ok(200);
        assert_eq!(last_names(&one), ["Visitor19999"]);
        let csv = kim.post(&format!("{list}/csv"), with(everybody(), json!({ "seat": "7-" }))).await;
        assert_eq!((csv.status, csv.header("content-type"), csv.header("cache-control")), (200, "text/csv; charset=utf-8", "no-store"));
        assert_eq!(csv.text.lines().count(), 101);
    }

    async fn a_retry_is_the_same_and_other_values_are_a_conflict_in_which_nobody_is_taken(kit) {
        let site = Site::on(kit).await;
        let (kim, secret) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let program = program(&site, &kim, "hand_in_visitors").await;
        program.post("/visitors", block(&code, &[visitor(1)])).await.ok(200);
        // Also after midnight, when another day's key seals.
        site.wait_min(13 * 60);
        let again = program.post("/visitors", block(&code, &[visitor(1), visitor(2)])).await.ok(200);
        assert_eq!((&again["n_taken"], &again["n_again"], &again["deleted_on"]), (&json!(2), &json!(1), &json!("2026-03-19")));
        let other = with(visitor(2), json!({ "phone": "0621 999999" }));
        let refused = program.post("/visitors", block(&code, &[visitor(3), other])).await;
        assert_eq!((refused.status, refused.kind().as_str()), (409, "conflict"));
        assert!(refused.text.contains(visitor(2)["visitor_id"].as_str().unwrap()), "{}", refused.text);
        assert!(!refused.text.contains("999999") && !refused.text.contains("Visitor2"));
        kim.sign_in("kim", PASSWORD, Some(&site.code(&secret))).await.ok(200);
        assert_eq!(kim.get(&path).await.ok(200)["n_kept"], 2);
    }

    async fn who_cannot_be_taken_is_named_row_by_row_and_the_others_are_taken(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let rows = [
            visitor(1),
            named(2, " ", json!({})),
            with(visitor(3), json!({ "phone": null })),
            with(visitor(4), json!({ "from": "2026-02-20T18:00:00Z" })),
            visitor(1),
            visitor(5),
        ];
        let taken = site.stranger().post("/handed-visitors", form(&code, &rows)).await.ok(200);
        assert_eq!((&taken["n_taken"], &taken["n_again"]), (&json!(2), &json!(0)));
        let refused = taken["refused"].as_array().unwrap();
        let said: Vec<_> = refused.iter().map(|one| (one["at"].as_u64().unwrap(), one["field"].as_str().unwrap())).collect();
        assert_eq!(said, [(1, "last_name"), (2, "phone"), (3, "from"), (4, "visitor_id")]);
        assert!(!taken.to_string().contains("Visitor"), "nothing that was handed in is given back: {taken}");
        assert_eq!(kim.get(&path).await.ok(200)["n_kept"], 2);
        let unreadable = with(visitor(6), json!({ "from": "noon" }));
        let wrong = site.stranger().post("/handed-visitors", form(&code, &[visitor(7), unreadable])).await;
        assert_eq!(wrong.fields(), ["visitors.1.from"]);
        assert_eq!(site.stranger().post("/handed-visitors", form(&code, &[])).await.fields(), ["visitors"]);
        let many: Vec<Value> = (0..1_001).map(visitor).collect();
        assert_eq!(site.stranger().post("/handed-visitors", form(&code, &many)).await.fields(), ["visitors"]);
    }

    async fn wrong_ended_closed_and_foreign_codes_are_one_answer(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let stranger = site.stranger();
        let typed = |authority: &str, code: &str| json!({ "authority": authority, "code": code });
        let works = stranger.post("/occasion-codes", typed("Local", &code.to_lowercase())).await.ok(200);
        assert_eq!(works["deleted_on"], "2026-03-18");
        assert!(!works.to_string().contains("Abiball"), "of the occasion it says nothing");
        let said = |answer: &Answer| (answer.status, answer.json()["detail"].clone());
        let wrong = stranger.post("/occasion-codes", typed("local", "00000000")).await;
        assert_eq!(wrong.status, 404);
        let foreign = stranger.post("/occasion-codes", typed("next", &code)).await;
        let nobody = stranger.post("/occasion-codes", typed("nobody", &code)).await;
        let no_code = stranger.post("/occasion-codes", typed("local", "?")).await;
        let handed = stranger.post("/handed-visitors", with(form(&code, &[visitor(1)]), json!({ "code": "00000000" }))).await;
        for answer in [&foreign, &nobody, &no_code, &handed] {
            assert_eq!(said(answer), said(&wrong));
        }
        kim.post(&format!("{path}/close"), json!({})).await.ok(200);
        assert_eq!(said(&stranger.post("/occasion-codes", typed("local", &code)).await), said(&wrong), "closed");
        let (_, later) = made(&kim, 2).await;
        site.wait_min(16 * 24 * 60);
        assert_eq!(said(&stranger.post("/occasion-codes", typed("local", &later)).await), said(&wrong), "ended");
    }

    async fn whoever_guesses_is_told_to_wait(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (_, code) = made(&kim, 1).await;
        let stranger = site.stranger();
        for _ in 0..100 {
            assert_eq!(stranger.post("/occasion-codes", json!({ "authority": "local", "code": "00000000" })).await.status, 404);
        }
        let slow = stranger.post("/handed-visitors", form(&code, &[visitor(1)])).await;
        assert_eq!((slow.status, slow.header("retry-after").is_empty()), (429, false));
    }

    async fn a_key_of_another_scope_another_role_and_a_neighbour_are_refused(kit) {
        let site = Site::on(kit).await;
        site.neighbour().await;
        let (kim, secret) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let reader = program(&site, &kim, "see_cases").await;
        assert_eq!(reader.post("/visitors", block(&code, &[visitor(1)])).await.status, 403);
        let bringer = program(&site, &kim, "hand_in_visitors").await;
        bringer.post("/visitors", block(&code, &[visitor(1)])).await.ok(200);
        for read in [bringer.get(&path).await, bringer.get("/occasions").await, bringer.post(&format!("{path}/lists"), why()).await] {
            assert_eq!(read.status, 403, "who hands in reads nothing");
        }
        let worker = program(&site, &kim, "work_on_cases").await;
        assert_eq!(worker.post(&format!("{path}/lists"), why()).await.status, 409, "no program opens a list");
        let (nina, _) = site.person_in("next", "nina", Role::CaseWorker).await;
        assert_eq!(nina.get(&path).await.status, 404);
        assert_eq!(nina.post(&format!("{path}/lists"), why()).await.status, 404);
        let theirs = program(&site, &nina, "hand_in_visitors").await;
        assert_eq!(theirs.post("/visitors", block(&code, &[visitor(2)])).await.status, 404, "the key says which authority");
        let (analyst, _) = site.person("ana", Role::Analyst).await;
        assert_eq!(analyst.get("/occasions").await.status, 403);
        let (list, _) = opened(&kim, &path).await;
        let (lea, _) = site.person("lea", Role::CaseWorker).await;
        assert_eq!(lea.post(&format!("{list}/visitors"), asked(json!({}), 0)).await.status, 404, "whoever opened it reads it");
        let sheet = lea.get(&path).await.ok(200);
        assert_eq!((&sheet["openings"][0]["by"], &sheet["openings"][0]["n_visitors"]), (&json!("kim"), &json!(1)));
        site.wait_min(61);
        kim.sign_in("kim", PASSWORD, Some(&site.code(&secret))).await.ok(200);
        assert_eq!(kim.post(&format!("{list}/visitors"), asked(json!({}), 0)).await.status, 409, "for an hour");
    }

    async fn staff_narrow_a_list_by_place_word_and_distance_in_time(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (path, code) = made(&kim, 1).await;
        let choir = json!({ "name": "Chor", "area": "Bühne", "from": "2026-02-28T20:00:00Z", "until": "2026-02-28T21:00:00Z" });
        let rows = [
            named(1, "Öztürk", json!({ "area": null })),
            named(2, "O'Neill", json!({ "area": "Foyer", "from": "2026-02-28T21:20:00Z", "until": null })),
        ];
        site.stranger().post("/handed-visitors", with(form(&code, &rows), json!({ "group": choir }))).await.ok(200);
        let (list, first) = opened(&kim, &path).await;
        assert_eq!(first["n_found"], 1, "Öztürk; of the other the group ends before they came");
        let rest = named(2, "O'Neill", json!({ "area": "Foyer", "from": "2026-02-28T21:20:00Z", "until": "2026-02-28T22:00:00Z" }));
        site.stranger().post("/handed-visitors", form(&code, &[rest])).await.ok(200);
        let read = async |filter: Value| last_names(&kim.post(&format!("{list}/visitors"), asked(filter, 0)).await.ok(200));
        assert_eq!(read(json!({})).await.len(), 2, "what came in since is on it too");
        assert_eq!(read(json!({ "area": "bühne" })).await, ["Öztürk"]);
        assert_eq!(read(json!({ "text": "chor" })).await, ["Öztürk"]);
        assert_eq!(read(json!({ "text": "ozturk" })).await, ["Öztürk"]);
        let near = |min: u32| json!({ "near_from": "2026-02-28T20:30:00Z", "near_until": "2026-02-28T21:00:00Z", "near_min": min });
        assert_eq!(read(near(0)).await, ["Öztürk"]);
        assert_eq!(read(near(20)).await, ["Öztürk", "O'Neill"]);
        let half = kim.post(&format!("{list}/visitors"), asked(json!({ "near_from": "2026-02-28T20:30:00Z" }), 0)).await;
        assert_eq!(half.fields(), ["near_until"]);
    }

    async fn contact_cases_are_made_in_one_step_and_nobody_twice(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let case = open(&kim, new_case(1, with(reachable(), json!({ "mobile": "0170 1234567" })))).await;
        let (path, code) = made(&kim, 1).await;
        let mut rows: Vec<Value> = (0..120).map(visitor).collect();
        let oneself = json!({ "first_name": "ANNA", "last_name": "O’Neill", "phone": "+49 170 1234567", "area": "Parkett" });
        rows.push(with(visitor(500), oneself));
        site.stranger().post("/handed-visitors", form(&code, &rows)).await.ok(200);
        let (list, _) = opened(&kim, &path).await;
        let contacts = format!("{list}/contact-cases");
        let some = [visitor(1)["visitor_id"].clone(), visitor(3)["visitor_id"].clone()];
        let named = json!({ "step_id": id(11, 1), "case_id": id(1, 1), "visitor_ids": some, "matching": null });
        let first = kim.post(&contacts, named.clone()).await.ok(202);
        assert_eq!(step_done(&kim, &first).await["n_done"], 2);
        assert_eq!(kim.post(&contacts, named).await.ok(202)["n_done"], 2, "asked again, it is the same");
        let parkett = with(everybody(), json!({ "area": "Parkett" }));
        let matching = json!({ "step_id": id(11, 2), "case_id": id(1, 1), "visitor_ids": null, "matching": parkett });
        let second = step_done(&kim, &kim.post(&contacts, matching).await.ok(202)).await;
        assert_eq!((&second["n_done"], &second["n_oneself"], &second["n_waiting"]), (&json!(60), &json!(1), &json!(0)));
        let all = json!({ "step_id": id(11, 3), "case_id": id(1, 1), "visitor_ids": null, "matching": everybody() });
        let rest = step_done(&kim, &kim.post(&contacts, all.clone()).await.ok(202)).await;
        assert_eq!((&rest["n_done"], &rest["n_oneself"]), (&json!(58), &json!(1)), "who is one already is left out");
        let cases = kim.get("/cases?disease=covid-19&case_type=contact&limit=200").await.ok(200);
        assert_eq!(cases["items"].as_array().unwrap().len(), 120);
        let of_case = kim.get(&format!("{case}/history")).await.ok(200);
        assert!(of_case.to_string().contains("list of an occasion"), "{of_case}");
    }

    async fn only_an_index_case_that_is_open_and_a_list_of_ones_own_make_contact_cases(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        open(&kim, with(new_case(1, json!({ "tested": null })), json!({ "case_type": "contact" }))).await;
        let (path, code) = made(&kim, 1).await;
        site.stranger().post("/handed-visitors", form(&code, &[visitor(1)])).await.ok(200);
        let (list, _) = opened(&kim, &path).await;
        let contacts = format!("{list}/contact-cases");
        let step = json!({ "step_id": id(11, 1), "case_id": id(1, 1), "visitor_ids": null, "matching": everybody() });
        assert_eq!(kim.post(&contacts, step.clone()).await.status, 409, "a contact case");
        assert_eq!(kim.post(&contacts, with(step.clone(), json!({ "case_id": id(1, 9) }))).await.status, 404);
        assert_eq!(kim.post(&contacts, with(step.clone(), json!({ "matching": null }))).await.fields(), ["visitor_ids"]);
        let nobody = with(step.clone(), json!({ "matching": with(everybody(), json!({ "area": "Bar" })) }));
        assert_eq!(kim.post(&contacts, nobody).await.fields(), ["visitors"]);
        let unknown = with(step, json!({ "matching": null, "visitor_ids": [visitor(9)["visitor_id"]] }));
        assert_eq!(kim.post(&contacts, unknown).await.status, 404);
    }

    async fn what_lacks_in_an_occasion_is_said_beside_the_field_and_twice_is_once(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let good = occasion(1, "Abiball");
        for (change, fields) in [
            (json!({ "title": " " }), vec!["title"]),
            (json!({ "place": "", "title": "" }), vec!["title", "place"]),
            (json!({ "from": null, "until": "noon" }), vec!["from", "until"]),
            (json!({ "until": "2026-02-28T18:00:00Z" }), vec!["until"]),
            (json!({ "from": "2026-01-28T18:00:00Z", "until": "2026-01-28T23:00:00Z" }), vec!["until"]),
        ] {
            assert_eq!(kim.post("/occasions", with(good.clone(), change.clone())).await.fields(), fields, "{change}");
        }
        let first = kim.post("/occasions", good.clone()).await.ok(201);
        assert_eq!(first["occasion"]["code"].as_str().unwrap().len(), 8);
        assert_eq!(kim.post("/occasions", good.clone()).await.ok(201), first);
        assert_eq!(kim.post("/occasions", with(good, json!({ "title": "Other" }))).await.status, 409);
        let listed = kim.get("/occasions").await.ok(200);
        assert_eq!((&listed["items"][0]["title"], &listed["items"][0]["takes_visitors"]), (&json!("Abiball"), &json!(true)));
        let (path, _) = made(&kim, 1).await;
        for (change, field) in [(json!({ "reason": null }), "reason"), (json!({ "reason": "other" }), "note")] {
            assert_eq!(kim.post(&format!("{path}/lists"), with(why(), change)).await.fields(), [field]);
        }
    }
}

/// An occasion with a visitor whom it names, an opened list, and a step. Returns their ids.
pub async fn ours(kim: &Browser<'_>, case_id: &str, mark: &str) -> (String, String, String) {
    let sheet = kim.post("/occasions", occasion(9, mark)).await.ok(201);
    let code = sheet["occasion"]["code"].as_str().unwrap().to_owned();
    let step_id = id(11, 9);
    kim.post("/visitors", block(&code, &[named(1, "Ours", json!({ "group": mark }))])).await.ok(200);
    let page = kim.post(&format!("/occasions/{}/lists", id(10, 9)), why()).await.ok(201);
    let list_id = page["list_id"].as_str().unwrap().to_owned();
    let step = json!({ "step_id": step_id, "case_id": case_id, "visitor_ids": null, "matching": everybody() });
    let path = format!("/occasions/{}/lists/{list_id}/contact-cases", id(10, 9));
    kim.post(&path, step).await.ok(202);
    assert_eq!(kim.finished(&json!({ "job_id": step_id })).await["state"], "done");
    (id(10, 9), list_id, step_id)
}
