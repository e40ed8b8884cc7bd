//! Every operation of the API's document is tried: by a stranger, by each role, by a neighbour authority, with a malformed
//! and with a too large body. An operation that can't be tried so fails the suite.

use crate::site::{Answer, Browser, Site};
use domain::authorities::{Action, Role};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use testkit::contract;

/// One operation.
struct Operation {
    method: Method,
    /// As in the document, with `{case_id}`.
    path: String,
    is_public: bool,
    /// What the caller must be allowed; `None` for one's own account.
    action: Option<Action>,
    /// Media type of its body.
    body: Option<String>,
    has_query: bool,
}

fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(server::api::document()).unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut found = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Ok(method) = method.to_uppercase().parse::<Method>() else { continue };
            let action = operation["x-action"].as_str();
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            found.push(Operation {
                method,
                path: path.clone(),
                is_public: operation["security"] == json!([{}]) || operation["security"] == json!([]),
                action: action.map(|word| Action::find(word).unwrap_or_else(|| panic!("{path}: no action {word}"))),
                body: operation["requestBody"]["content"].as_object().and_then(|kinds| kinds.keys().next().cloned()),
                has_query: parameters.iter().any(|parameter| parameter["in"] == "query"),
            });
        }
    }
    found
}

/// What anybody may do without signing in. A longer list is seen in review.
const PUBLIC: &[&str] = &[
    "GET /api/v1/authorities/{short_code}/texts",
    "GET /api/v1/authorities/{short_code}/texts/{text_kind}",
    "GET /api/v1/guest/{short_code}/{venue_id}",
    "GET /api/v1/runs",
    "GET /api/v1/runs/{run_id}",
    "GET /api/v1/runs/{run_id}/curve",
    "GET /api/v1/runs/{run_id}/frames",
    "GET /api/v1/runs/{run_id}/live",
    "GET /api/v1/runs/{run_id}/nodes/{no}",
    "GET /api/v1/runs/{run_id}/statistics",
    "GET /api/v1/sign-in",
    "GET /data",
    "GET /health/live",
    "GET /health/ready",
    "POST /api/v1/activation/open",
    "POST /api/v1/activation/redeem",
    "POST /api/v1/check-ins",
    "POST /api/v1/check-ins/deletions",
    "POST /api/v1/check-outs",
    "POST /api/v1/handed-visitors",
    "POST /api/v1/invitations/accept",
    "POST /api/v1/invitations/open",
    "POST /api/v1/occasion-codes",
    "POST /api/v1/patient/reset",
    "POST /api/v1/patient/reset/redeem",
    "POST /api/v1/patient/session",
    "POST /api/v1/session",
    "POST /api/v1/shared-visits",
    "POST /api/v1/venue-links",
    "POST /api/v1/venue-registrations",
];

/// What everybody who signed in may do, because it is about their own account. Keys of programs may not.
const OWN: &[&str] = &[
    "DELETE /api/v1/session",
    "DELETE /api/v1/tokens/{token_id}",
    "GET /api/v1/session",
    "GET /api/v1/tokens",
    "POST /api/v1/account/recovery-codes",
    "POST /api/v1/tokens",
    "PUT /api/v1/account/password",
    "PUT /api/v1/session/authority",
];

/// What nodes of a run do, by the key of their run. Nobody of the staff has it.
const OF_NODES: &[&str] = &[
    "GET /api/v1/runs/{run_id}/control",
    "POST /api/v1/runs/{run_id}/control/take",
    "POST /api/v1/runs/{run_id}/reports",
];

impl Operation {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The path with ids in it, without the version, as browsers take it.
    fn at(&self, ids: &HashMap<&'static str, String>) -> String {
        let mut path = self.path.trim_start_matches("/api/v1").to_owned();
        while let (Some(open), Some(close)) = (path.find('{'), path.find('}')) {
            let name = &path[open + 1..close];
            let id = ids.get(name).unwrap_or_else(|| panic!("{}: say which {name} the tests take", self.name()));
            path.replace_range(open..=close, &id.clone());
        }
        path
    }

    /// Names one thing of an authority; kinds and languages are everybody's.
    fn has_id(&self) -> bool {
        self.path.contains("_id}")
    }

    /// Ends the caller's session, so it is tried alone.
    fn ends_session(&self) -> bool {
        ["DELETE /api/v1/session", "DELETE /api/v1/patient/session"].contains(&self.name().as_str())
    }

    /// Is for patients, and for nobody of the staff.
    fn is_patients(&self) -> bool {
        self.action == Some(Action::ActForOneself)
    }

    /// Is for nodes of a run, and for nobody who signs in.
    fn is_of_nodes(&self) -> bool {
        OF_NODES.contains(&self.name().as_str())
    }

    /// Is for people who signed in, who still are afterwards.
    fn is_of_people(&self) -> bool {
        !self.is_public && !self.ends_session() && !self.is_of_nodes()
    }

    /// Is for who works in venues, and for nobody of the staff.
    fn is_venues(&self) -> bool {
        self.action == Some(Action::ActForVenue)
    }

    /// A request that is empty where it can be.
    async fn call(&self, browser: &Browser<'_>, ids: &HashMap<&'static str, String>) -> Answer {
        let path = self.at(ids);
        match self.body.as_deref() {
            Some("application/json") => browser.call(self.method.clone(), &path, json!({})).await,
            Some(kind) => browser.raw(self.method.clone(), &path, Some((kind, Vec::new()))).await,
            None => browser.raw(self.method.clone(), &path, None).await,
        }
    }
}

/// One of each thing that paths name, made by us: a case worker of `local`. Their reference is on every answer about them.
const MARK: &str = "OURS-7391";

async fn our_things(site: &Site, kim: &Browser<'_>) -> HashMap<&'static str, String> {
    let bytes = format!("id,onset,last_name,place\n{MARK},2026-01-05,Zyxwquarrendell,OURS-7391-ward\n");
    let import = kim.upload("cases", "OURS-7391.csv", bytes.as_bytes()).await.ok(201);
    let import_id = import["import_id"].as_str().unwrap().to_owned();
    let columns = ["id", "onset", "last_name", "place"];
    let columns: Vec<Value> =
        columns.iter().enumerate().map(|(column, field)| json!({ "field": field, "column": column })).collect();
    let settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso", "update": false,
                           "strict": false });
    let job = kim.post(&format!("/imports/{import_id}/run"), settings).await.ok(202);
    assert_eq!(kim.finished(&job).await["state"], "done");
    let token = kim.post("/tokens", json!({ "name": MARK, "scopes": ["see_cases"], "days": 1 })).await.ok(201);
    let cases = kim.get("/cases?disease=covid-19").await.ok(200);
    let session = kim.get("/session").await.ok(200);
    assert_eq!(cases["items"][0]["reference"], MARK);
    assert_eq!(site.kit.authority_id.0, 1);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let work = kim.get(&format!("/cases/{}/work", text(&cases["items"][0]["case_id"]))).await.ok(200);
    let contact_id = "019cab00-0000-7000-8000-0000000000c1".to_owned();
    let met = json!({ "contact_id": contact_id, "person_id": "019cab00-0000-7000-8000-0000000000c2",
                      "case_id": "019cab00-0000-7000-8000-0000000000c3", "person_is_known": false, "kind": "other",
                      "first_day": "2026-01-05", "last_day": "2026-01-05", "said": { "hint": MARK } });
    let contacts = format!("/cases/{}/contacts", text(&cases["items"][0]["case_id"]));
    kim.post(&contacts, met.clone()).await.ok(201);
    let merge_id = merge_of_two(kim, &contacts, met).await;
    let letter_id = our_letter(site, kim, &text(&cases["items"][0]["case_id"])).await;
    let entry_id = "019cab00-0000-7000-8000-0000000000c4".to_owned();
    let entry = json!({ "entry_id": entry_id, "day": "2026-01-05", "part": "morning", "temperature_c": 36.8,
                        "symptoms": [], "contacts": [], "note": MARK });
    kim.post(&format!("/cases/{}/diary", text(&cases["items"][0]["case_id"])), entry).await.ok(201);
    // Asked of a third authority: the neighbour sees nothing of it.
    site.authority("third").await;
    let hand_over_id = "019cab00-0000-7000-8000-0000000000e5".to_owned();
    let asked = json!({ "hand_over_id": hand_over_id, "to": "third", "because": "moved" });
    kim.post(&format!("/cases/{}/hand-overs", text(&cases["items"][0]["case_id"])), asked).await.ok(201);
    let bulk_id = "019cab00-0000-7000-8000-0000000000e1".to_owned();
    let nobodys = json!({ "bulk_id": bulk_id, "action": { "kind": "assign", "account_id": null },
                          "cases": [cases["items"][0]["case_id"]], "matching": null, "text": MARK });
    kim.post("/bulk-actions", nobodys).await.ok(202);
    let view_id = "019cab00-0000-7000-8000-0000000000e2".to_owned();
    let view = json!({ "view_id": view_id, "name": MARK, "query": "status=open", "is_shared": false });
    kim.post("/saved-views", view).await.ok(201);
    let (rosa, _, venue_id) = crate::venues::owner(site, "ours@example.org", MARK).await;
    let (stay_id, request_id) = crate::list_requests::asked(kim, &text(&cases["items"][0]["case_id"]), &venue_id).await;
    let waiting = json!({ "email": "waits@example.org", "name": MARK, "role": "door", "language": "de" });
    rosa.post(&format!("/own-venues/{venue_id}/staff"), waiting).await.ok(204);
    let staff = rosa.get(&format!("/own-venues/{venue_id}/staff")).await.ok(200);
    let window = json!({ "from": "2026-03-01T11:00:00Z", "until": "2026-03-01T12:00:00Z", "area_id": null, "note": MARK,
                         "reason": "other" });
    let list = rosa.post(&format!("/own-venues/{venue_id}/guest-lists"), window).await.ok(201);
    let (occasion_id, list_id, step_id) = crate::occasions::ours(kim, &text(&cases["items"][0]["case_id"]), MARK).await;
    HashMap::from([
        ("run_id", crate::runs::own_run(kim, MARK).await),
        ("no", "0".to_owned()),
        ("occasion_id", occasion_id),
        ("list_id", list_id),
        ("step_id", step_id),
        ("venue_id", venue_id),
        ("opening_id", text(&list["opening_id"])),
        ("stay_id", stay_id),
        ("request_id", request_id),
        ("link_id", text(&staff["invitations"][0]["link_id"])),
        ("view_id", view_id),
        ("bulk_id", bulk_id),
        ("hand_over_id", hand_over_id),
        ("contact_id", contact_id),
        ("letter_id", letter_id),
        ("merge_id", merge_id),
        ("other_id", "019cab00-0000-7000-8000-0000000000c2".to_owned()),
        ("entry_id", entry_id),
        ("disease", "covid-19".to_owned()),
        ("import_id", import_id),
        ("job_id", text(&job["job_id"])),
        ("token_id", text(&token["token_id"])),
        ("account_id", text(&session["account_id"])),
        ("case_id", text(&cases["items"][0]["case_id"])),
        ("person_id", text(&cases["items"][0]["person_id"])),
        ("item_id", text(&work["items"][0]["item_id"])),
        ("message_id", site.mail_about(MARK).await.to_string()),
        ("kind", "invitation".to_owned()),
        ("text_kind", "welcome".to_owned()),
        ("short_code", "local".to_owned()),
        ("export_kind", "cases".to_owned()),
        ("export_id", our_workbook(kim).await),
        ("language", "de".to_owned()),
    ])
}

/// A workbook of all cases, as soon as it is made.
async fn our_workbook(kim: &Browser<'_>) -> String {
    let asked =
        kim.post("/workbooks", json!({ "kind": "cases", "selection": { "disease": "covid-19" } })).await.ok(202);
    let export_id = asked["export_id"].as_str().unwrap().to_owned();
    assert_eq!(kim.finished(&asked).await["state"], "done");
    export_id
}

/// A letter of a case, with all that it needs.
async fn our_letter(site: &Site, kim: &Browser<'_>, case_id: &str) -> String {
    let (head, _) = site.person("head", Role::Administrator).await;
    let letterhead = json!({ "version": 0, "street": MARK, "postcode": "1", "city": "C", "phone_index": "1",
                             "phone_contacts": "", "email": "", "legal_note": "" });
    head.put("/letterhead", letterhead).await.ok(200);
    let address = json!({ "street": "Road", "house_number": "1", "postcode": "68161", "city": "Mannheim" });
    kim.patch(&format!("/cases/{case_id}"), json!({ "changes": address, "seen": null })).await.ok(200);
    let days = json!({ "first": "2026-03-01", "last": "2026-03-02", "why": MARK, "seen": null });
    kim.put(&format!("/cases/{case_id}/quarantine"), days).await.ok(204);
    let letter_id = "019cab00-0000-7000-8000-0000000000c4".to_owned();
    let letter = json!({ "letter_id": letter_id, "kind": "order", "language": null });
    kim.post(&format!("/cases/{case_id}/letters"), letter).await.ok(201);
    letter_id
}

/// A contact whom somebody names twice.
async fn merge_of_two(kim: &Browser<'_>, contacts: &str, mut met: Value) -> String {
    let first = met["person_id"].clone();
    for (field, last) in [("contact_id", "d1"), ("person_id", "d2"), ("case_id", "d3")] {
        met[field] = json!(format!("019cab00-0000-7000-8000-0000000000{last}"));
    }
    kim.post(contacts, met.clone()).await.ok(201);
    let merge_id = "019cab00-0000-7000-8000-0000000000d4".to_owned();
    let person = format!("/persons/{}/merge", first.as_str().unwrap());
    let preview = kim.post(&format!("{person}/preview"), json!({ "other_id": met["person_id"] })).await.ok(200);
    let merge = json!({ "merge_id": merge_id, "other_id": met["person_id"], "values": {}, "cases": [], "seen": preview["seen"] });
    kim.post(&person, merge).await.ok(201);
    merge_id
}

/// Who may do an operation: a patient, who works in a venue, or an administrator.
fn caller_of<'b, 's>(operation: &Operation, [patient, venue, staff]: [&'b Browser<'s>; 3]) -> &'b Browser<'s> {
    match (operation.is_patients(), operation.is_venues()) {
        (true, _) => patient,
        (_, true) => venue,
        _ => staff,
    }
}

fn nothing() -> HashMap<&'static str, String> {
    let id = "00000000-0000-7000-8000-000000000000".to_owned();
    let names = [
        "bulk_id",
        "hand_over_id",
        "import_id",
        "job_id",
        "token_id",
        "account_id",
        "case_id",
        "person_id",
        "item_id",
        "contact_id",
        "letter_id",
        "entry_id",
        "message_id",
        "merge_id",
        "other_id",
        "export_id",
        "view_id",
        "link_id",
        "opening_id",
        "stay_id",
        "request_id",
        "occasion_id",
        "run_id",
        "list_id",
        "step_id",
    ];
    let mut things = HashMap::from(names.map(|name| (name, id.clone())));
    things.extend([
        ("export_kind", "cases".to_owned()),
        ("venue_id", "0000000000".to_owned()),
        ("text_kind", "welcome".to_owned()),
        ("short_code", "none".to_owned()),
        ("no", "0".to_owned()),
    ]);
    things.extend([("kind", "invitation".to_owned()), ("language", "de".to_owned()), ("disease", "mers".to_owned())]);
    things
}

#[test]
fn what_is_open_to_all_and_what_is_ones_own_are_known_lists() {
    let all = operations();
    let names = |keep: &dyn Fn(&&Operation) -> bool| {
        let mut names: Vec<String> = all.iter().filter(keep).map(Operation::name).collect();
        names.sort();
        names
    };
    assert_eq!(names(&|operation| operation.is_public), PUBLIC);
    assert_eq!(names(&|operation| !operation.is_public && operation.action.is_none() && !operation.is_of_nodes()), OWN);
    assert_eq!(names(&|operation| operation.is_of_nodes()), OF_NODES);
    assert!(all.len() >= 40, "{}", all.len());
}

contract! {
    /// Also with a body that can't be read: nobody's request is looked at.
    async fn a_stranger_gets_401_before_anything_is_read(kit) {
        let site = Site::on(kit).await;
        let mut program = site.stranger();
        program.token = Some("epi_nobody".to_owned());
        for operation in operations().iter().filter(|operation| !operation.is_public) {
            for caller in [&site.stranger(), &program] {
                let path = operation.at(&nothing());
                let garbage = Some(("application/json", b"{".to_vec()));
                for answer in [operation.call(caller, &nothing()).await, caller.raw(operation.method.clone(), &path, garbage).await] {
                    assert_eq!(answer.status, 401, "{}", operation.name());
                    assert_eq!(answer.header("content-type"), "application/problem+json", "{}", operation.name());
                    assert_eq!(answer.kind(), "not-signed-in");
                }
            }
        }
    }

    async fn each_role_may_what_the_table_of_rights_says_and_nothing_else(kit) {
        let site = Site::on(kit).await;
        for role in Role::ALL.iter().filter(|role| role.is_of_staff()) {
            let (browser, _) = site.person(role.as_str(), *role).await;
            for operation in operations().iter().filter(|operation| operation.is_of_people()) {
                let answer = operation.call(&browser, &nothing()).await;
                let may = operation.action.is_none_or(|action| role.may(action));
                if may {
                    assert!(!matches!(answer.status, 401 | 403 | 500..), "{role}, {}: {}", operation.name(), answer.text);
                } else {
                    assert_eq!((answer.status, answer.kind().as_str()), (403, "not-allowed"), "{role}, {}", operation.name());
                    assert!(answer.json()["detail"].as_str().unwrap().contains(role.in_words()), "{}", answer.text);
                }
            }
        }
    }

    /// A patient may what is theirs, and nothing that is the staff's: not even see that a case is there.
    async fn a_patient_may_what_is_the_patients_and_nothing_else(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let ids = our_things(&site, &kim).await;
        crate::enrolment::write_texts(&site).await;
        let (mia, ..) = crate::enrolment::enrolled(&site, &kim, 1, "mia").await;
        for operation in operations().iter().filter(|operation| operation.is_of_people()) {
            let answer = operation.call(&mia, &ids).await;
            assert!(!answer.text.contains(MARK) && !answer.text.contains("Zyxwquarrendell"), "{}: {}", operation.name(), answer.text);
            if operation.is_patients() {
                assert!(!matches!(answer.status, 401 | 403 | 500..), "{}: {}", operation.name(), answer.text);
                let unread = answer.status == 422 && operation.body.is_some();
                assert!(!operation.has_id() || answer.status == 404 || unread, "{}: {}", operation.name(), answer.text);
            } else if operation.action.is_some() {
                assert_eq!((answer.status, answer.kind().as_str()), (403, "not-allowed"), "{}", operation.name());
                assert!(answer.json()["detail"].as_str().unwrap().contains("patient"), "{}", answer.text);
            } else {
                assert_eq!(answer.status, 401, "{}: a patient has no account of the staff", operation.name());
            }
        }
    }

    /// A neighbour with every right at home, who knows our ids, finds nothing and changes nothing.
    async fn a_neighbour_authority_finds_nothing_of_ours(kit) {
        let site = Site::on(kit).await.with_door().await;
        site.neighbour().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let ids = our_things(&site, &kim).await;
        let (neighbour, _) = site.person_in("next", "nora", Role::Administrator).await;
        let before = kim.get(&format!("/cases/{}", ids["case_id"])).await.ok(200);
        for operation in operations().iter().filter(|operation| operation.is_of_people()) {
            let answer = operation.call(&neighbour, &ids).await;
            assert!(!answer.text.contains(MARK) && !answer.text.contains("Zyxwquarrendell"), "{}: {}", operation.name(), answer.text);
            if operation.is_patients() || operation.is_venues() {
                assert_eq!(answer.status, 403, "{}: {}", operation.name(), answer.text);
            } else if operation.has_id() {
                // A body that lacks fields may be refused before the thing is looked for.
                let unread = answer.status == 422 && operation.body.is_some();
                assert!(answer.status == 404 || unread, "{}: {} {}", operation.name(), answer.status, answer.text);
            }
        }
        for (path, text) in [("/cases/search", MARK), ("/cases/search", "Zyxw"), ("/persons/search", "Zyxw")] {
            let found = neighbour.post(path, json!({ "text": text })).await;
            assert!(!found.text.contains(&ids["case_id"]) && !found.text.contains(MARK), "{path}: {}", found.text);
        }
        assert_eq!(kim.get(&format!("/cases/{}", ids["case_id"])).await.ok(200), before, "nothing was changed");
    }

    /// Who works in a venue may what is theirs, nothing that is the staff's, and sees no person of the authority.
    async fn who_works_in_a_venue_may_what_is_the_venues_and_nothing_else(kit) {
        let site = Site::on(kit).await.with_door().await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let ids = our_things(&site, &kim).await;
        let (nora, ..) = crate::venues::owner(&site, "nora@example.org", "Nora").await;
        for operation in operations().iter().filter(|operation| operation.is_of_people()) {
            let answer = operation.call(&nora, &ids).await;
            assert!(!answer.text.contains(MARK) && !answer.text.contains("Zyxwquarrendell"), "{}: {}", operation.name(), answer.text);
            if operation.is_venues() {
                assert!(!matches!(answer.status, 401 | 403 | 500..), "{}: {}", operation.name(), answer.text);
                let unread = answer.status == 422 && (operation.body.is_some() || operation.has_query);
                assert!(!operation.has_id() || answer.status == 404 || unread, "{}: {}", operation.name(), answer.text);
            } else if operation.action.is_some() {
                assert_eq!((answer.status, answer.kind().as_str()), (403, "not-allowed"), "{}", operation.name());
                assert!(answer.json()["detail"].as_str().unwrap().contains("venue"), "{}", answer.text);
            } else {
                assert!(!matches!(answer.status, 401 | 403 | 500..), "{}: {}", operation.name(), answer.text);
            }
        }
    }

    async fn a_malformed_body_is_told_as_such_and_does_nothing(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        crate::enrolment::write_texts(&site).await;
        let (mia, ..) = crate::enrolment::enrolled(&site, &ada, 1, "mia").await;
        let (rosa, ..) = crate::venues::owner(&site, "rosa@example.org", "Rosa").await;
        for operation in operations().iter().filter(|operation| operation.body.as_deref() == Some("application/json")) {
            if operation.is_public || operation.is_of_nodes() {
                continue;
            }
            let path = operation.at(&nothing());
            let caller = caller_of(operation, [&mia, &rosa, &ada]);
            let send = |kind: &'static str, bytes: &str| {
                let bytes = bytes.as_bytes().to_vec();
                let (browser, path, method) = (caller, path.clone(), operation.method.clone());
                async move { browser.raw(method, &path, Some((kind, bytes))).await }
            };
            assert_eq!(send("application/json", "{").await.status, 400, "{}", operation.name());
            assert_eq!(send("application/json", "[]").await.status, 422, "{}", operation.name());
            let unknown = send("application/json", "{\"no_such_field\": 1}").await;
            assert_eq!(unknown.status, 422, "{}", operation.name());
            assert!(!unknown.fields().is_empty(), "{}", operation.name());
            assert_eq!(send("text/plain", "{}").await.status, 415, "{}", operation.name());
        }
    }

    async fn public_operations_refuse_malformed_bodies_too(kit) {
        let site = Site::on(kit).await;
        let browser = site.stranger();
        for operation in operations().iter().filter(|operation| operation.is_public && operation.body.is_some()) {
            let path = operation.at(&nothing());
            let json = |bytes: &str| Some(("application/json", bytes.as_bytes().to_vec()));
            assert_eq!(browser.raw(operation.method.clone(), &path, json("{")).await.status, 400, "{}", operation.name());
            assert_eq!(browser.raw(operation.method.clone(), &path, json("{}")).await.status, 422, "{}", operation.name());
            let large = Some(("application/json", vec![b' '; 2 << 20]));
            assert_eq!(browser.raw(operation.method.clone(), &path, large).await.status, 413, "{}", operation.name());
        }
    }

    async fn a_too_large_body_is_refused(kit) {
        let site = Site::on(kit).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        crate::enrolment::write_texts(&site).await;
        let (mia, ..) = crate::enrolment::enrolled(&site, &ada, 1, "mia").await;
        let (rosa, ..) = crate::venues::owner(&site, "rosa@example.org", "Rosa").await;
        for operation in operations().iter().filter(|operation| operation.is_of_people() || operation.ends_session()) {
            let Some(kind) = &operation.body else { continue };
            let browser = caller_of(operation, [&mia, &rosa, &ada]);
            let path = if operation.path == "/api/v1/imports" { "/imports?kind=cases".to_owned() } else { operation.at(&nothing()) };
            let large = Some((kind.as_str(), vec![b' '; 2 << 20]));
            let answer = browser.raw(operation.method.clone(), &path, large).await;
            assert_eq!((answer.status, answer.kind().as_str()), (413, "too-large"), "{}", operation.name());
        }
    }

    async fn an_unknown_parameter_is_refused_not_ignored(kit) {
        let site = Site::on(kit).await;
        crate::enrolment::write_texts(&site).await;
        let (ada, _) = site.person("ada", Role::Administrator).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (mia, ..) = crate::enrolment::enrolled(&site, &kim, 1, "mia").await;
        let (rosa, ..) = crate::venues::owner(&site, "rosa@example.org", "Rosa").await;
        for operation in operations().iter().filter(|operation| operation.has_query) {
            let browser = caller_of(operation, [&mia, &rosa, &ada]);
            let path = format!("{}?no_such_parameter=1", operation.at(&nothing()));
            let answer = browser.raw(operation.method.clone(), &path, None).await;
            assert_eq!(answer.status, 422, "{}: {}", operation.name(), answer.text);
        }
    }
}

/// The description of the API is kept, so that a change of it is seen in review and the page's types follow it.
#[test]
fn the_kept_document_is_the_one_that_the_server_has() {
    let document = serde_json::to_string_pretty(&server::api::document()).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    if std::fs::read_to_string(path).unwrap_or_default() != document {
        let new = concat!(env!("CARGO_TARGET_TMPDIR"), "/openapi.json");
        std::fs::write(new, &document).unwrap();
        panic!("docs/openapi.json is old: look at the difference, then take the new one, {new}");
    }
}
