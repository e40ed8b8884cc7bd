//! Cases as files, from the command line.

use super::*;
use domain::ids::AuthorityId;
use domain::time::Window;
use jiff::Timestamp;
use std::os::unix::fs::PermissionsExt;
use storage::audit::AuditFilter;
use storage::store::Place;
use testkit::database::options;

/// A desk with two cases.
fn desk() -> Desk {
    let desk = Desk::new();
    let file = desk.write("cases.csv", "nr,name,onset\nA-1,O'Neill,2026-01-05\nA-2,Adler,2026-01-06\n");
    desk.ok(&["import", "cases", &file, "--columns", "id=nr,last_name=name,onset=onset"]);
    desk
}

/// How many cases each record of an operation in the audit log says to have left.
fn left(desk: &Desk, operation: &str) -> Vec<i64> {
    let place = Place::File(desk.data().join("epitrace.sqlite"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = storage::Store::open(&options(&place)).await.unwrap();
        let mut tx = store.read(AuthorityId(1), storage::Freshness::Fresh).await.unwrap();
        let all = Window::new(Timestamp::UNIX_EPOCH, Timestamp::MAX).unwrap();
        let filter = AuditFilter { account_id: None, operation: Some(operation.to_owned()), window: all };
        let records = storage::audit::page(&mut tx, &filter, None, 99).await.unwrap();
        drop(tx);
        store.close().await;
        records.into_iter().map(|record| record.record.n_subjects).collect()
    })
}

#[test]
fn each_kind_goes_to_the_screen_and_the_log_says_whose_data_left() {
    let desk = desk();
    let cases = desk.ok(&["export", "cases", "--language", "en", "--delimiter", "comma"]);
    let mut lines = cases.lines();
    assert!(lines.next().unwrap().starts_with("Case id,File number,"), "{cases}");
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 2);
    assert!(["O'Neill", "Adler"].iter().all(|name| rows.iter().any(|row| row.contains(name))), "{cases}");
    assert_eq!(left(&desk, "exports.cases"), [2]);
    let list = desk.ok(&["export", "line_list"]);
    assert!(list.contains("2026-01-05") && !list.contains("Adler"), "{list}");
    let bundle: Value = serde_json::from_str(&desk.ok(&["export", "fhir"])).unwrap();
    assert_eq!(bundle["entry"].as_array().unwrap().len(), 4);
    for (kind, n_lines) in [
        ("quarantines", 1),
        ("contacts_without_quarantine", 1),
        ("external", 1),
        ("sormas", 4),
        ("sormas_contacts", 2),
        ("template", 2),
    ] {
        assert_eq!(desk.ok(&["export", kind]).lines().count(), n_lines, "{kind}");
    }
}

#[test]
fn a_file_takes_its_name_when_it_is_whole_and_only_its_owner_reads_it() {
    let desk = desk();
    let path = desk.path("out.csv");
    let out = path.display().to_string();
    let said = desk.json(&["export", "cases", "--out", &out]);
    assert_eq!((&said["kind"], &said["cases"]), (&"cases".into(), &2.into()));
    assert!(std::fs::read_to_string(&path).unwrap().contains("O'Neill"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!desk.path("out.csv.part").exists());
    let again = desk.run(&["export", "cases", "--out", &out]);
    assert_eq!(again.code, 2);
    assert!(again.err.contains("is there already") && again.err.contains("hint: "), "{}", again.err);
    assert_eq!(left(&desk, "exports.cases"), [2], "what was refused did not leave");
}

#[test]
fn what_is_typed_wrongly_is_told_with_what_to_type_instead() {
    let desk = desk();
    let nowhere = desk.path("no/such/out.csv").display().to_string();
    let wrong: [(&[&str], &str); 7] = [
        (&["export", "everything"], "sormas_contacts"),
        (&["export", "cases", "--json"], "add --out FILE"),
        (&["export", "cases", "--decided-first", "2026-01-01"], "belong to quarantines"),
        (&["export", "quarantines", "--decided-first", "yesterday"], "write a day as 2026-03-01"),
        (&["export", "quarantines", "--decided-first", "2026-02-01", "--decided-last", "2026-01-01"], "both days"),
        (&["export", "fhir", "--delimiter", "comma"], "leave --delimiter out"),
        (&["export", "cases", "--out", &nowhere], "make the folder first"),
    ];
    for (args, says) in wrong {
        let said = desk.run(args);
        assert_eq!(said.code, 2, "{args:?}: {}", said.err);
        assert!(said.err.contains(says), "{args:?}: {}", said.err);
    }
    assert_eq!(left(&desk, "exports.cases"), [0i64; 0]);
}

#[test]
fn an_operator_who_sees_no_person_gets_no_file_of_them() {
    let desk = desk();
    desk.ok(&["admin", "create-account", "olga", "--role", "operator"]);
    desk.ok(&["admin", "create-account", "ana", "--role", "analyst"]);
    assert_eq!(desk.run(&["export", "cases", "--account", "olga"]).code, 1);
    assert_eq!(desk.run(&["export", "cases", "--account", "ana"]).code, 1);
    assert_eq!(desk.ok(&["export", "line_list", "--account", "ana"]).lines().count(), 3);
}
