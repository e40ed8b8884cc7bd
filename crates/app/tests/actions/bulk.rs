//! One thing done to many cases: done, seen, interrupted, undone.

use super::*;
use app::case_work::{BulkNow, Chosen, NewBulk, StatusChange, WorkQuery};
use domain::authorities::Role;
use domain::bulk::{BATCH, BulkAction, RowOutcome};
use domain::cases::{CaseStatus, Conclusion};
use domain::ids::{BulkId, CaseId};
use domain::persons::Personal;
use storage::Freshness;
use storage::cases::{CaseWork, Whose, WorkFilter};
use testkit::contract;

/// More than two batches.
const N: usize = 1_100;
const CONCLUDE: BulkAction = BulkAction::Conclude { conclusion: Conclusion::Recovered };

/// Many cases of laboratories, all of which wait for their first call.
async fn many(bench: &Bench) -> Vec<CaseId> {
    let rows: Vec<String> = (0..N).map(|n| format!("L{n},pos,2026-02-27,P,{},0621 {:05}\n", letters(n), n)).collect();
    let columns = "sample=sample,result=result,specimen=taken,first_name=first,last_name=last,phone=phone";
    let text = format!("sample,result,taken,first,last,phone\n{}", rows.concat());
    assert_eq!(bench.import(Kind::Laboratory, columns, &text).await.stored, N as u64);
    works(bench).await.into_iter().map(|work| work.case_id).collect()
}

fn letters(n: usize) -> String {
    format!("{:04}", n).bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

async fn works(bench: &Bench) -> Vec<CaseWork> {
    let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    let outlines = storage::cases::outlines(&mut tx, domain::diseases::Disease::Covid19).await.unwrap();
    let ids: Vec<CaseId> = outlines.iter().map(|outline| outline.case_id).collect();
    let mut works = storage::cases::work_of(&mut tx, &ids).await.unwrap();
    works.sort_by_key(|work| work.case_id);
    works
}

async fn waiting(bench: &Bench) -> u64 {
    let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    storage::cases::count_waiting(&mut tx, &WorkFilter { whose: Whose::Anybodys, kind: None }, 100_000).await.unwrap()
}

fn id(bench: &Bench) -> BulkId {
    BulkId::mint(bench.app.now(), bench.app.random())
}

async fn ask(bench: &Bench, action: BulkAction, cases: Chosen, note: Option<&str>) -> BulkNow {
    let note = note.map(|text| Personal::new(text.to_owned()));
    bench.app.start_bulk(&bench.worker, NewBulk { bulk_id: id(bench), action, cases, note }).await.unwrap()
}

async fn work(bench: &Bench) {
    while bench.app.work_on_next_job(bench.worker.authority.authority_id, uuid::Uuid::from_u128(7)).await.unwrap() {}
}

async fn counts(bench: &Bench, bulk_id: BulkId) -> Vec<(RowOutcome, u64)> {
    bench.app.bulk(&bench.worker, bulk_id).await.unwrap().counts.into_iter().collect()
}

contract! {
    async fn all_that_match_are_concluded_and_undone_to_the_last_field(kit) {
        let bench = Bench::on(kit).await;
        let cases = many(&bench).await;
        let before = works(&bench).await;
        assert_eq!(waiting(&bench).await, N as u64);
        let all = Chosen::Matching(Some(domain::diseases::Disease::Covid19), Box::default());
        let bulk = ask(&bench, CONCLUDE, all, Some("season is over")).await;
        assert_eq!((bulk.bulk.n_rows, bulk.counts[&RowOutcome::Waiting]), (N as u64, N as u64));
        work(&bench).await;
        assert_eq!(counts(&bench, bulk.bulk.bulk_id).await, [(RowOutcome::Done, N as u64)]);
        assert!(works(&bench).await.iter().all(|work| work.status == CaseStatus::Concluded && work.priority_tenths == 0));
        assert_eq!(waiting(&bench).await, 0);
        let sheet = bench.app.case_work(&bench.worker, cases[700]).await.unwrap();
        assert_eq!(sheet.comments[0].text.as_ref().unwrap().expose(), "season is over");
        // Somebody opens one again, so it is no longer as it was left.
        let change = StatusChange {
            to: CaseStatus::Open,
            conclusion: None,
            text: Some(Personal::new("called again".to_owned())),
        };
        bench.app.change_status(&bench.worker, cases[3], change).await.unwrap();
        let reopened = works(&bench).await.into_iter().find(|work| work.case_id == cases[3]).unwrap();
        bench.app.undo_bulk(&bench.worker, bulk.bulk.bulk_id).await.unwrap();
        work(&bench).await;
        let undone = counts(&bench, bulk.bulk.bulk_id).await;
        assert_eq!(undone, [(RowOutcome::Undone, N as u64 - 1), (RowOutcome::Kept, 1)]);
        for (now, then) in works(&bench).await.iter().zip(&before) {
            let then = if now.case_id == cases[3] { &reopened } else { then };
            assert_eq!(now, then);
        }
        assert_eq!(waiting(&bench).await, N as u64);
        let again = bench.app.undo_bulk(&bench.worker, bulk.bulk.bulk_id).await.unwrap();
        assert_eq!(again.counts[&RowOutcome::Kept], 1, "asked again, nothing more happens");
    }

    async fn each_case_says_what_became_of_it_and_none_is_half_done(kit) {
        let bench = Bench::on(kit).await;
        let cases = many(&bench).await;
        let mira = bench.app.create_account(&bench.worker, "mira", Role::CaseWorker).await.unwrap();
        bench.app.assign_case(&bench.worker, cases[0], Some(mira)).await.unwrap();
        let gone = CaseId(uuid::Uuid::from_u128(5));
        let chosen = Chosen::Cases(vec![cases[0], cases[1], gone, cases[1]]);
        let bulk = ask(&bench, BulkAction::Assign { to: Some(mira) }, chosen, None).await;
        assert_eq!(bulk.assignee.as_deref(), Some("mira"));
        work(&bench).await;
        let rows = bench.app.bulk_rows(&bench.worker, bulk.bulk.bulk_id, None, (None, 50)).await.unwrap();
        let became: Vec<_> = rows.iter().map(|line| (line.row.case_id, line.row.outcome)).collect();
        let expected =
            [(cases[0], RowOutcome::Unchanged), (cases[1], RowOutcome::Done), (gone, RowOutcome::Refused)];
        assert_eq!(became, expected, "each once, in the order of the choice");
        assert_eq!(rows[2].row.reason.as_deref(), Some("there is no such case any more"));
        assert_eq!(rows[1].name.as_ref().unwrap().expose(), "P aaab");
        let refused = bench.app.bulk_rows(&bench.worker, bulk.bulk.bulk_id, Some(RowOutcome::Refused), (None, 50)).await;
        assert_eq!(refused.unwrap().len(), 1);
        let query = WorkQuery { filter: WorkFilter { whose: Whose::Of(mira), kind: None }, after: None, limit: 50 };
        assert_eq!(bench.app.worklist(&bench.worker, &query).await.unwrap().items.len(), 2);
        let history = bench.app.case_history(&bench.worker, cases[1], None, 10).await.unwrap();
        assert_eq!((history.items[0].change.field.as_str(), history.items[0].change.why.as_str()), ("assigned_to", "bulk"));
    }

    async fn whoever_dies_in_between_leaves_whole_batches_and_another_goes_on(kit) {
        let bench = Bench::on(kit).await;
        let cases = many(&bench).await;
        let bulk = ask(&bench, CONCLUDE, Chosen::Cases(cases), None).await;
        let authority = bench.worker.authority.authority_id;
        let app = bench.app.clone();
        let dying = tokio::spawn(async move { app.work_on_next_job(authority, uuid::Uuid::from_u128(8)).await });
        while counts(&bench, bulk.bulk.bulk_id).await.iter().all(|(outcome, _)| *outcome == RowOutcome::Waiting) {
            tokio::task::yield_now().await;
        }
        let too_early = bench.app.undo_bulk(&bench.worker, bulk.bulk.bulk_id).await;
        assert!(dying.is_finished() || matches!(too_early, Err(AppError::Conflict(_))));
        dying.abort();
        let _ = dying.await;
        let halfway = counts(&bench, bulk.bulk.bulk_id).await;
        let n_done = halfway.iter().find(|(outcome, _)| *outcome == RowOutcome::Done).unwrap().1;
        let concluded = works(&bench).await.iter().filter(|work| work.status == CaseStatus::Concluded).count();
        assert_eq!(concluded as u64, n_done, "a case and its row say the same");
        assert!(n_done == N as u64 || n_done.is_multiple_of(BATCH as u64));
        // The same server takes up what it held.
        while bench.app.work_on_next_job(authority, uuid::Uuid::from_u128(8)).await.unwrap() {}
        assert_eq!(counts(&bench, bulk.bulk.bulk_id).await, [(RowOutcome::Done, N as u64)]);
        let of_one = bench.app.case_history(&bench.worker, works(&bench).await[0].case_id, None, 50).await.unwrap();
        assert_eq!(of_one.items.iter().filter(|line| line.change.field == "status").count(), 1, "done once");
    }

    async fn what_is_cancelled_before_its_turn_stays_as_it_was(kit) {
        let bench = Bench::on(kit).await;
        let cases = many(&bench).await;
        let bulk = ask(&bench, CONCLUDE, Chosen::Cases(cases), None).await;
        bench.app.cancel_job(&bench.worker, bulk.job.unwrap().job_id).await.unwrap();
        work(&bench).await;
        assert_eq!(counts(&bench, bulk.bulk.bulk_id).await, [(RowOutcome::Waiting, N as u64)]);
        bench.app.undo_bulk(&bench.worker, bulk.bulk.bulk_id).await.unwrap();
        work(&bench).await;
        assert_eq!(waiting(&bench).await, N as u64);
    }

    async fn what_can_not_be_asked_for_leaves_nothing(kit) {
        let bench = Bench::on(kit).await;
        let cases = many(&bench).await;
        let start = |bulk_id, action, cases| {
            let new = NewBulk { bulk_id, action, cases, note: None };
            bench.app.start_bulk(&bench.worker, new)
        };
        let nobody = BulkAction::Assign { to: Some(domain::ids::AccountId(uuid::Uuid::from_u128(9))) };
        let some = || Chosen::Cases(cases[..2].to_vec());
        assert!(matches!(start(id(&bench), nobody, some()).await, Err(AppError::Invalid { field: "account_id", .. })));
        let none = Chosen::Cases(Vec::new());
        assert!(matches!(start(id(&bench), CONCLUDE, none).await, Err(AppError::Invalid { field: "cases", .. })));
        assert!(bench.app.list_bulk(&bench.worker, None, 10).await.unwrap().is_empty());
        let first = id(&bench);
        start(first, CONCLUDE, some()).await.unwrap();
        start(first, CONCLUDE, some()).await.unwrap();
        assert_eq!(bench.app.list_bulk(&bench.worker, None, 10).await.unwrap().len(), 1, "asked again, it is the same");
        let other = start(first, BulkAction::Assign { to: None }, some()).await;
        assert!(matches!(other, Err(AppError::Conflict(_))));
        let analyst = Worker { role: Role::Analyst, ..bench.worker.clone() };
        assert!(matches!(bench.app.bulk(&analyst, first).await, Err(AppError::NotAllowed { .. })));
    }
}
