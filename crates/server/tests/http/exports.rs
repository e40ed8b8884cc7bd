//! Cases as files, over HTTP: streamed, recorded before they leave, harmless in a spreadsheet.

use crate::case_work::{id, new_case, open};
use crate::site::{Browser, Site};
use domain::authorities::Role;
use domain::time::{DayRange, Window};
use serde_json::{Value, json};
use testkit::contract;

/// Brings cases in: a reference, a last name, and the day of onset.
async fn bring(kim: &Browser<'_>, rows: &str) {
    let bytes = format!("id,last_name,onset,sex\n{rows}");
    let import = kim.upload("cases", "cases.csv", bytes.as_bytes()).await.ok(201);
    let column = |(column, field): (usize, &str)| json!({ "field": field, "column": column });
    let columns: Vec<Value> = ["id", "last_name", "onset", "sex"].into_iter().enumerate().map(column).collect();
    let settings = json!({ "columns": columns, "disease": null, "interval_s": null, "date_order": "iso", "update": false,
                           "strict": false });
    let job = kim.post(&format!("/imports/{}/run", import["import_id"].as_str().unwrap()), settings).await.ok(202);
    assert_eq!(kim.finished(&job).await["state"], "done");
}

/// A table without its mark: its header and its rows.
fn table(text: &str) -> Vec<Vec<String>> {
    let rows = text.trim_start_matches('\u{feff}').lines();
    rows.map(|row| row.split([',', ';']).map(str::to_owned).collect()).collect()
}

fn column(table: &[Vec<String>], name: &str) -> Vec<String> {
    let at = table[0].iter().position(|header| header == name).unwrap_or_else(|| panic!("{name}: {:?}", table[0]));
    table[1..].iter().map(|row| row[at].clone()).collect()
}

/// The numbers of cases that the log says to have left, one for each record of an operation.
async fn left(site: &Site, operation: &str) -> Vec<usize> {
    let mut tx = site.kit.read().await;
    let window = Window::of_days(
        DayRange { first: "2026-01-01".parse().unwrap(), last: "2026-12-31".parse().unwrap() },
        &jiff::tz::TimeZone::UTC,
    );
    let filter = storage::audit::AuditFilter { account_id: None, operation: Some(operation.to_owned()), window };
    let records = storage::audit::page(&mut tx, &filter, None, 999).await.unwrap();
    let mut counts = Vec::new();
    for record in records.into_iter().rev() {
        let block = storage::audit::block(&mut tx, record.record.audit_id).await.unwrap();
        counts.push(block.map_or(0, |block| block.unpack().unwrap().len()));
    }
    counts
}

contract! {
    async fn a_file_has_the_cases_of_the_lists_filter_and_no_cell_that_a_spreadsheet_would_run(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        bring(&kim, "A-1,O'Neill,2026-01-05,female\nA-2,Adler,2026-01-06,male\n").await;
        let id = kim.get("/cases?disease=covid-19&onset_last=2026-01-05").await.ok(200)["items"][0]["case_id"].clone();
        let phone = json!({ "changes": { "phone": "+49 621 12345" }, "seen": null });
        kim.patch(&format!("/cases/{}", id.as_str().unwrap()), phone).await.ok(200);
        let answer = kim.get("/exports/cases?onset_last=2026-01-05&language=en").await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(answer.header("content-disposition"), "attachment; filename=\"local_cases_2026-03-01.csv\"");
        let found = table(&answer.text);
        assert_eq!(column(&found, "Last name"), ["O'Neill"]);
        assert_eq!(column(&found, "Phone"), ["'+49 621 12345"]);
        let german = kim.get("/exports/cases").await.text;
        assert!(german.starts_with("\u{feff}Fall-ID;Aktenzeichen;"), "{german}");
        assert_eq!(column(&table(&german), "Nachname"), ["O'Neill", "Adler"]);
        let selected = kim.post("/exports/cases/selected", json!({ "case_ids": [id, id], "language": "en" })).await;
        assert_eq!(column(&table(&selected.text), "Last name"), ["O'Neill"], "once");
        assert_eq!(left(&site, "exports.cases").await, [1, 2, 1]);
        for (query, field) in [("sort=name", "sort"), ("language=fr", "language"), ("delimiter=tab", "delimiter")] {
            assert_eq!(kim.get(&format!("/exports/cases?{query}")).await.fields(), [field]);
        }
        assert_eq!(kim.get("/exports/line_list").await.status, 404, "it has an address of its own");
        assert_eq!(kim.post("/exports/cases/selected", json!({ "case_ids": [] })).await.fields(), ["case_ids"]);
    }

    async fn an_analyst_has_a_line_list_in_which_nobody_is_named(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ana, _) = site.person("ana", Role::Analyst).await;
        bring(&kim, "A-1,Zyxwquarrendell,2026-01-05,female\n").await;
        let answer = ana.get("/line-list?language=en").await;
        assert_eq!(answer.status, 200);
        assert!(!answer.text.contains("Zyxw") && !answer.text.contains("A-1"), "{}", answer.text);
        assert_eq!(column(&table(&answer.text), "Onset"), ["2026-01-05"]);
        assert_eq!(ana.get("/exports/cases").await.status, 403);
        assert_eq!(left(&site, "exports.line_list").await, [1]);
    }

    async fn every_kind_of_file_can_be_had_also_with_nothing_in_it(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        for kind in ["cases", "quarantines", "contacts_without_quarantine", "external", "sormas", "sormas_contacts"] {
            let answer = kim.get(&format!("/exports/{kind}?language=en")).await;
            let n_head = if kind.starts_with("sormas") { 2 } else { 1 };
            assert_eq!((answer.status, answer.text.lines().count()), (200, n_head), "{kind}");
        }
        let template = kim.get("/exports/template?language=en").await;
        assert_eq!(column(&table(&template.text), "Last name"), ["Mustermann"]);
        let fhir = kim.get("/exports/fhir").await;
        assert_eq!(fhir.header("content-type"), "application/fhir+json");
        assert_eq!(serde_json::from_str::<Value>(&fhir.text).unwrap()["entry"], json!([]));
    }

    async fn cases_are_given_to_sormas_and_as_fhir(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        bring(&kim, "A-1,O'Neill,2026-01-05,female\nA-2,Adler,2026-01-06,male\n").await;
        let sormas = kim.get("/exports/sormas?delimiter=comma").await.text;
        let rows: Vec<Vec<String>> = table(&sormas)[1..].to_vec();
        assert_eq!(column(&rows, "person.lastName"), ["O'Neill", "Adler"]);
        assert_eq!(column(&rows, "symptoms.onsetDate"), ["05/01/2026", "06/01/2026"]);
        let bundle: Value = serde_json::from_str(&kim.get("/exports/fhir").await.text).unwrap();
        let kinds: Vec<&str> = bundle["entry"].as_array().unwrap().iter().map(|entry| entry["resource"]["resourceType"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["Patient", "Condition", "Patient", "Condition"]);
        assert_eq!(bundle["entry"][0]["resource"]["name"][0]["family"], "O'Neill");
    }

    /// What is selected is the file: of each kind those of the selected that belong into it, and nobody else.
    async fn what_was_selected_leaves_as_a_file_of_any_kind_and_nobody_else_with_it(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let (ana, _) = site.person("ana", Role::Analyst).await;
        let index = open(&kim, new_case(1, json!({ "last_name": "Adler" }))).await;
        let met = |n: u8, name: &str| json!({
            "contact_id": id(5, n), "person_id": id(6, n), "case_id": id(7, n), "person_is_known": false, "kind": "household",
            "first_day": "2026-02-27", "last_day": "2026-02-28", "said": { "first_name": "Eda", "last_name": name } });
        for (n, name) in [(1, "Bauer"), (2, "Clemens"), (3, "Dorn")] {
            kim.post(&format!("{index}/contacts"), met(n, name)).await.ok(201);
        }
        let days = json!({ "first": "2026-03-01", "last": "2026-03-14", "why": null, "seen": null });
        for n in [1, 3] {
            kim.put(&format!("/cases/{}/quarantine", id(7, n)), days.clone()).await.ok(204);
        }
        let selected = json!({ "case_ids": [id(7, 2), id(1, 1), id(7, 1)], "language": "en", "delimiter": "comma" });
        let names = async |kind: &str, header: &str, n_head: usize| {
            let file = kim.post(&format!("/exports/{kind}/selected"), selected.clone()).await;
            assert_eq!(file.status, 200, "{kind}: {}", file.text);
            column(&table(&file.text)[n_head - 1..], header)
        };
        assert_eq!(names("cases", "Last name", 1).await, ["Clemens", "Adler", "Bauer"], "in the order of the selection");
        assert_eq!(names("quarantines", "Last name", 1).await, ["Bauer"]);
        assert_eq!(names("contacts_without_quarantine", "Last name", 1).await, ["Clemens"]);
        assert_eq!(names("external", "Last name", 1).await, [""; 0]);
        assert_eq!(names("sormas", "person.lastName", 2).await, ["Adler"]);
        assert_eq!(names("sormas_contacts", "person.lastName", 2).await, ["Clemens", "Bauer"]);
        assert_eq!(left(&site, "exports.sormas_contacts").await, [2]);
        assert_eq!(left(&site, "exports.quarantines").await, [1]);
        let contacts = table(&kim.get("/exports/sormas_contacts?delimiter=comma").await.text)[1..].to_vec();
        assert_eq!(column(&contacts, "caseIdExternalSystem"), [id(1, 1), id(1, 1), id(1, 1)]);
        assert_eq!(column(&contacts, "lastContactDate"), ["28/02/2026"; 3]);
        assert_eq!(column(&contacts, "relationToCase"), ["SAME_HOUSEHOLD"; 3]);
        assert_eq!(column(&contacts, "quarantineTo"), ["14/03/2026", "", "14/03/2026"]);
        let open_ones = kim.get("/exports/quarantines?language=en&case_type=contact&status=concluded").await.text;
        assert_eq!(table(&open_ones).len(), 1, "the list's conditions narrow these kinds down too");
        let lines = ana.post("/line-list/selected", selected.clone()).await;
        assert_eq!((lines.status, table(&lines.text).len()), (200, 4));
        assert!(!lines.text.contains("Bauer"), "{}", lines.text);
        assert_eq!(ana.post("/exports/cases/selected", selected).await.status, 403);
    }

    /// Whoever stops a download has had what the log says: pages that were not asked for any more did not leave.
    async fn what_was_not_sent_any_more_is_not_recorded_as_sent(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let rows: String = (0..2_500).map(|n| format!("C-{n},Name,2026-01-05,\n")).collect();
        bring(&kim, &rows).await;
        let worker = site.app.sign_in_as("kim", None).await.unwrap();
        let query = app::exports::ExportQuery::all(domain::exports::ExportKind::Cases, None);
        let mut stopped = site.app.begin_export(&worker, query).await.unwrap();
        assert_eq!(left(&site, "exports.cases").await, [0; 0], "nothing was read");
        stopped.next().await.unwrap().unwrap();
        drop(stopped);
        assert_eq!(left(&site, "exports.cases").await, [200]);
        let whole = kim.get("/exports/cases?language=en").await;
        assert_eq!(table(&whole.text).len(), 2_501);
        assert_eq!(left(&site, "exports.cases").await, [200, 200, 1_000, 1_000, 300]);
        let (ada, _) = site.person("ada", Role::Administrator).await;
        site.app.chain_new_audit(site.kit.authority_id).await.unwrap();
        assert_eq!(ada.get("/audit/verification").await.ok(200)["first_break"], Value::Null);
    }

    /// More downloads break off than the server has connections to its database; all of them come back.
    async fn downloads_that_break_off_in_the_middle_leave_the_server_as_it_was(kit) {
        const BROKEN: usize = 12;
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        let rows: String = (0..2_500).map(|n| format!("C-{n},Name,2026-01-05,\n")).collect();
        bring(&kim, &rows).await;
        for _ in 0..BROKEN {
            let begun = kim.begin_to_read("/exports/cases?language=en", 2_000).await;
            assert!(begun.starts_with("HTTP/1.1 200 OK\r\n") && begun.contains("C-0"), "{begun}");
        }
        bring(&kim, "D-1,Adler,2026-01-06,male\n").await;
        let whole = kim.get("/exports/cases?language=en").await;
        assert_eq!((whole.status, table(&whole.text).len()), (200, 2_502), "it writes, and gives the whole file");
        let recorded: usize = left(&site, "exports.cases").await.into_iter().sum();
        assert!(recorded >= BROKEN * 200 + 2_501, "what came through was recorded before: {recorded}");
        let (ada, _) = site.person("ada", Role::Administrator).await;
        site.app.chain_new_audit(site.kit.authority_id).await.unwrap();
        assert_eq!(ada.get("/audit/verification").await.ok(200)["first_break"], Value::Null);
    }

    async fn a_workbook_is_made_by_a_job_fetched_and_deleted(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        bring(&kim, "A-1,O'Neill,2026-01-05,female\n").await;
        let asked = kim.post("/workbooks", json!({ "kind": "cases", "selection": { "language": "en" } })).await.ok(202);
        assert_eq!(kim.finished(&asked).await["state"], "done");
        let listed = kim.get("/workbooks").await.ok(200)["items"][0].clone();
        assert_eq!((&listed["state"], &listed["n_rows"], &listed["account"]), (&json!("done"), &json!(1), &json!("kim")));
        assert_eq!(listed["ends_at"], "2026-03-04T12:00:00Z");
        let path = format!("/workbooks/{}", asked["export_id"].as_str().unwrap());
        let file = kim.get(&path).await;
        assert!(file.status == 200 && file.text.starts_with("PK"), "a workbook is a ZIP");
        assert_eq!(left(&site, "exports.cases").await, [1]);
        kim.delete(&path).await.ok(204);
        assert_eq!(kim.get(&path).await.status, 404);
        let refused = kim.post("/workbooks", json!({ "kind": "fhir" })).await;
        assert_eq!(refused.fields(), ["kind"]);
    }

    async fn a_program_reads_enrolled_cases_with_a_key_of_that_scope_alone(kit) {
        let site = Site::on(kit).await;
        let (kim, _) = site.person("kim", Role::CaseWorker).await;
        bring(&kim, "A-1,O'Neill,2026-01-05,female\nA-2,Adler,2026-01-06,male\nA-3,Bauer,2026-01-06,male\n").await;
        site.kit.database.tamper("UPDATE outbreak_case SET status = 'tracking' WHERE symptom_onset IS NOT NULL", site.kit.authority_id).await;
        let key = async |scope: &str| {
            kim.post("/tokens", json!({ "name": scope, "scopes": [scope], "days": 1 })).await.ok(201)["token"].as_str().unwrap().to_owned()
        };
        let mut program = site.stranger();
        program.token = Some(key("read_enrolled_cases").await);
        let first = program.get("/enrolled-cases?limit=2").await.ok(200);
        let names = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|case| case["last_name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&first), ["O'Neill", "Adler"]);
        let rest = program.get(&format!("/enrolled-cases?limit=2&cursor={}", first["next"].as_str().unwrap())).await.ok(200);
        assert_eq!((names(&rest), &rest["next"]), (vec!["Bauer".to_owned()], &Value::Null));
        for path in ["/cases", "/exports/cases", "/line-list"] {
            assert_eq!(program.get(path).await.status, 403, "{path}");
        }
        program.token = Some(key("see_cases").await);
        assert_eq!(program.get("/enrolled-cases").await.status, 403);
    }
}
