//! Rule sets: who may make them, what they change, and that nothing that was decided changes with them.

use super::cases::case_of;
use super::*;
use app::rule_sets::{EarlyEnd, NewVersion};
use domain::authorities::{Role, ShortCode};
use domain::cases::{AfterPositiveTest, CaseStatus, Conclusion};
use domain::diseases::Disease;
use domain::ids::CaseId;
use domain::rules::Past;
use domain::time::{DayRange, Window};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use storage::Freshness;
use storage::audit::AuditFilter;
use testkit::contract;

const TODAY: Date = date(2026, 3, 1);

pub fn new_version(first: Option<Date>, settings: &[(&str, &str)]) -> NewVersion {
    let settings = settings.iter().map(|(word, value)| ((*word).to_owned(), (*value).to_owned())).collect();
    NewVersion {
        disease: Disease::Covid19,
        based_on: 0,
        newest_seen: None,
        first,
        last: None,
        settings,
        past: Past::NotNamed,
    }
}

fn fields(refused: Result<app::rule_sets::Version, AppError>) -> Vec<&'static str> {
    let AppError::InvalidFields(fields) = refused.unwrap_err() else { return vec!["something else"] };
    fields.into_iter().map(|(field, _)| field).collect()
}

async fn before_onset(bench: &Bench, day: Date) -> (i32, u8) {
    let on = bench.app.rule_set_on(&bench.worker, None, Some(day)).await.unwrap();
    (on.rules.version, on.rules.settings.infectious.days_before_onset)
}

/// A neighbour authority with a key of its own, and its administrator.
pub async fn neighbour(bench: &Bench) -> Worker {
    let next = bench.kit.neighbour().await;
    let mut keyring = Keyring::open(&bench.kit.keyring(), Opener::Auto).unwrap();
    keyring.add_authority(next, now()).unwrap();
    bench.app.take_keys(keyring.into());
    let authority = bench.app.authorities().await.unwrap().into_iter().find(|a| a.authority_id == next).unwrap();
    Worker { authority, ..bench.worker.clone() }
}

/// Brings the same facts in, and gives the first infectious day of A, who was exposed, and by which version.
async fn traced(bench: &Bench, worker: &Worker) -> (String, Vec<String>, i32) {
    let met = "from,until,a,b\n2026-02-16T10:00:00Z,2026-02-16T10:30:00Z,A,B\n2026-02-19T10:00:00Z,2026-02-19T10:30:00Z,A,C\n";
    for (kind, columns, text) in [(Kind::Cases, CASES, "id,onset\nA,2026-02-20\n"), (Kind::Encounters, MET, met)] {
        let source = Cursor::new(text.as_bytes().to_vec());
        bench.app.import(worker, source, &options(kind, columns), None, &mut |_| ()).await.unwrap();
    }
    let found = bench.app.exposures(worker, &forward("A")).await.unwrap();
    let mut tx = bench.app.store.read(worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    let person = storage::persons::by_reference(&mut tx, &["A"]).await.unwrap()["A"];
    let case_id = storage::cases::briefly_of_persons(&mut tx, &[person]).await.unwrap()[0].case_id;
    let sheet = bench.app.case(worker, case_id).await.unwrap();
    let first = sheet.days.infectious.unwrap().first.to_string();
    (first, found.persons.iter().map(|person| person.id.clone()).collect(), found.rule_version)
}

contract! {
    async fn a_new_version_holds_from_its_first_day_on_and_the_days_before_keep_theirs(kit) {
        let bench = Bench::on(kit).await;
        let new = new_version(Some(TODAY), &[("days_before_onset", "3")]);
        let made = bench.app.create_rule_set(&bench.worker, &new).await.unwrap();
        assert_eq!((made.rules.version, made.made_by.as_deref()), (1, Some("test")));
        assert_eq!(before_onset(&bench, date(2026, 2, 28)).await, (0, 2));
        assert_eq!(before_onset(&bench, TODAY).await, (1, 3));
        let all = bench.app.rule_sets(&bench.worker, None).await.unwrap();
        let numbers: Vec<i32> = all.versions.iter().map(|version| version.rules.version).collect();
        assert_eq!((all.holds_today, numbers), (1, vec![1, 0]));
        let changes = bench.app.compare_rule_sets(&bench.worker, None, 0, 1).await.unwrap();
        assert_eq!(changes, all.versions[0].changes);
        assert_eq!((changes[0].before.as_str(), changes[0].after.as_str()), ("2", "3"));
        let mut tx = bench.kit.read().await;
        let window = Window::of_days(DayRange { first: TODAY, last: TODAY }, &TimeZone::UTC);
        let filter = AuditFilter { account_id: None, operation: Some("rule_sets.create".to_owned()), window };
        let audited = storage::audit::page(&mut tx, &filter, None, 9).await.unwrap();
        assert_eq!(audited.len(), 1);
        assert_eq!(audited[0].record.subjects, "covid-19/1");
    }

    async fn every_wrong_setting_and_day_is_named_at_once(kit) {
        let bench = Bench::on(kit).await;
        let mut wrong = new_version(Some(date(2026, 2, 28)), &[("days_before_onset", "99"), ("reminders", "maybe")]);
        let refused = bench.app.create_rule_set(&bench.worker, &wrong).await;
        assert_eq!(fields(refused), ["first", "days_before_onset", "reminders"]);
        wrong.settings.clear();
        wrong.past = Past::StaysExplained;
        wrong.last = Some(date(2026, 2, 1));
        assert_eq!(fields(bench.app.create_rule_set(&bench.worker, &wrong).await), ["last"]);
        wrong.last = None;
        assert_eq!(bench.app.create_rule_set(&bench.worker, &wrong).await.unwrap().rules.version, 1);
        wrong.based_on = 7;
        let refused = bench.app.create_rule_set(&bench.worker, &wrong).await;
        assert!(matches!(refused, Err(AppError::NotFound("version"))));
    }

    async fn of_two_who_saw_the_same_versions_the_second_is_told(kit) {
        let bench = Bench::on(kit).await;
        let mut new = new_version(Some(TODAY), &[("follow_up_days", "10")]);
        new.newest_seen = Some(0);
        bench.app.create_rule_set(&bench.worker, &new).await.unwrap();
        let second = bench.app.create_rule_set(&bench.worker, &new).await;
        assert!(matches!(second, Err(AppError::Conflict(_))));
        assert_eq!(bench.app.rule_sets(&bench.worker, None).await.unwrap().versions.len(), 2);
    }

    async fn a_version_ends_early_by_a_newer_one_and_nothing_is_updated(kit) {
        let bench = Bench::on(kit).await;
        for days in ["3", "4"] {
            let new = new_version(Some(TODAY), &[("days_before_onset", days)]);
            bench.app.create_rule_set(&bench.worker, &new).await.unwrap();
        }
        let before = bench.app.rule_sets(&bench.worker, None).await.unwrap().versions;
        let last = date(2026, 3, 31);
        let end = EarlyEnd {
            disease: Disease::Covid19, version: 2, newest_seen: Some(2), last, past: Past::NotNamed,
        };
        assert_eq!(bench.app.end_rule_set(&bench.worker, &end).await.unwrap(), [3]);
        assert_eq!(before_onset(&bench, last).await, (2, 4));
        assert_eq!(before_onset(&bench, date(2026, 4, 1)).await, (3, 3));
        let after = bench.app.rule_sets(&bench.worker, None).await.unwrap().versions;
        assert_eq!(after[1..], before[..]);
        let again = EarlyEnd { newest_seen: None, ..end };
        assert!(matches!(bench.app.end_rule_set(&bench.worker, &again).await, Err(AppError::Conflict(_))));
        let past = EarlyEnd { version: 3, last: date(2026, 1, 1), ..again };
        let refused = bench.app.end_rule_set(&bench.worker, &past).await;
        assert!(matches!(refused, Err(AppError::Invalid { field: "last", .. })));
    }

    async fn a_preview_counts_the_cases_at_work_whose_days_would_change_and_stores_nothing(kit) {
        let bench = Bench::on(kit).await;
        let file = "id,onset,tested\nA,2026-03-01,\nB,,2026-03-01\nC,2026-02-27,\nD,,\n";
        bench.import(Kind::Cases, "id=id,onset=onset,tested=tested", file).await;
        let new = new_version(Some(TODAY), &[("days_before_onset", "3")]);
        let preview = bench.app.preview_rule_set(&bench.worker, &new).await.unwrap();
        assert_eq!((preview.n_changed, preview.n_at_work, preview.is_complete), (2, 2, true), "C fell ill before");
        assert_eq!((preview.rules.version, preview.changes.len()), (1, 1));
        let same = new_version(Some(TODAY), &[("follow_up_days", "10")]);
        let preview = bench.app.preview_rule_set(&bench.worker, &same).await.unwrap();
        assert_eq!((preview.n_changed, preview.n_at_work), (0, 2));
        let mut since_ever = new_version(None, &[("days_after_onset", "9")]);
        since_ever.past = Past::StaysExplained;
        assert_eq!(bench.app.preview_rule_set(&bench.worker, &since_ever).await.unwrap().n_changed, 3);
        assert_eq!(bench.app.rule_sets(&bench.worker, None).await.unwrap().versions.len(), 1);
    }

    /// The same case and the same meetings in both; one of them looks back for longer.
    async fn two_authorities_may_differ_on_one_day(kit) {
        let bench = Bench::on(kit).await;
        let next = neighbour(&bench).await;
        let longer = NewVersion { past: Past::StaysExplained, ..new_version(None, &[("days_before_onset", "4")]) };
        bench.app.create_rule_set(&next, &longer).await.unwrap();
        assert_eq!(traced(&bench, &bench.worker).await, ("2026-02-18".to_owned(), vec!["C".to_owned()], 0));
        let (first, mut exposed, version) = traced(&bench, &next).await;
        exposed.sort();
        assert_eq!((first.as_str(), exposed, version), ("2026-02-16", vec!["B".to_owned(), "C".to_owned()], 1));
        assert_eq!(bench.app.rule_sets(&bench.worker, None).await.unwrap().versions.len(), 1, "its own business");
    }

    async fn how_long_a_test_is_the_same_infection_is_for_the_rules_to_say(kit) {
        let bench = Bench::on(kit).await;
        let columns = "id=id,onset=onset,last_name=last_name";
        bench.import(Kind::Cases, columns, "id,onset,last_name\nA,2026-01-05,Meier\n").await;
        let (case_id, _) = case_of(&bench, "A").await;
        let mut tx = bench.kit.write().await;
        let mut work = storage::cases::lock(&mut tx, case_id).await.unwrap().unwrap();
        (work.status, work.concluded_on) = (CaseStatus::Concluded, Some(date(2026, 1, 20)));
        (work.status_before, work.conclusion) = (Some(CaseStatus::Open), Some(Conclusion::Recovered));
        storage::cases::write_work(&mut tx, &work).await.unwrap();
        tx.commit().await.unwrap();
        let shorter = new_version(Some(TODAY), &[("same_infection_days", "39")]);
        bench.app.create_rule_set(&bench.worker, &shorter).await.unwrap();
        let new_case_id = CaseId::mint(now(), [77; 10]);
        let found = bench.app.note_positive_test(&bench.worker, case_id, TODAY, new_case_id).await.unwrap();
        assert_eq!((found.what, found.case_id), (AfterPositiveTest::NewCase, new_case_id), "40 days later");
    }

    async fn rules_are_seen_by_all_who_work_with_them_and_made_by_administrators(kit) {
        let bench = Bench::on(kit).await;
        let new = new_version(Some(TODAY), &[]);
        let end = EarlyEnd {
            disease: Disease::Covid19, version: 1, newest_seen: None, last: TODAY, past: Past::NotNamed,
        };
        for role in [Role::CaseWorker, Role::Analyst] {
            bench.app.create_account(&bench.worker, role.as_str(), role).await.unwrap();
            let worker = bench.app.sign_in_as(role.as_str(), Some(&ShortCode::local())).await.unwrap();
            assert!(bench.app.rule_sets(&worker, None).await.is_ok(), "{role}");
            assert!(matches!(bench.app.create_rule_set(&worker, &new).await, Err(AppError::NotAllowed { .. })));
            assert!(matches!(bench.app.preview_rule_set(&worker, &new).await, Err(AppError::NotAllowed { .. })));
            assert!(matches!(bench.app.end_rule_set(&worker, &end).await, Err(AppError::NotAllowed { .. })));
        }
        bench.app.create_account(&bench.worker, "olu", Role::Operator).await.unwrap();
        let operator = bench.app.sign_in_as("olu", Some(&ShortCode::local())).await.unwrap();
        assert!(matches!(bench.app.rule_sets(&operator, None).await, Err(AppError::NotAllowed { .. })));
    }
}
