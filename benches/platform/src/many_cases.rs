//! `bulk`: 20,000 of 1,000,000 cases concluded and undone, and others' pages meanwhile.
//!
//! Timed from the request to the end of its job: journal, locks, decisions, history, items, audit, synced commits. The peer
//! updates the rows of the same cases by their ids, in as many transactions, and decides and remembers nothing.

use crate::Scale;
use crate::duplicates::tidy;
use crate::figures::{Figure, Figures, Goal, quantile};
use crate::lists::fill;
use crate::place::{Database, Plain, Server, Stand};
use crate::worklist::make_wait;
use app::case_work::{Chosen, NewBulk, WorkQuery};
use domain::bulk::{BATCH, BulkAction, RowOutcome};
use domain::cases::Conclusion;
use domain::diseases::Disease;
use domain::ids::{BulkId, CaseId};
use jiff::Timestamp;
use serde_json::json;
use sqlx::QueryBuilder;
use std::time::{Duration, Instant};
use storage::Freshness;
use storage::cases::{Whose, WorkFilter};
use uuid::Uuid;

const METHOD: &str = "from the request to the end of the job: 400 cases in a synced transaction, each with its row of the \
    journal, history, items and audit record. The peer updates the same rows by their ids in as many synced transactions; \
    ratio: its time divided by ours";
const PAGES: &str = "whole answers of the worklist's first page while the jobs ran, one after the other, 20 a second at most: \
    20 people who turn a page each second";

const PAGE_EVERY: Duration = Duration::from_millis(50);

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("bulk", scale);
    let (n_cases, n_chosen) = (scale.of(1_000_000), scale.of(20_000));
    for database in Database::BOTH {
        let stand = server.stand(database, "bulk").await;
        fill(server, &stand, n_cases).await;
        make_wait(&stand).await;
        tidy(server, &stand).await;
        // As a server leaves it, which does so every two seconds: the log of what was stored is in the database.
        stand.app.store.checkpoint().await.unwrap();
        let cases = spread(&stand, n_chosen).await;
        let mut pages = Vec::new();
        let started = Instant::now();
        let bulk_id = BulkId::mint(Timestamp::from_second(1_800_500_000).unwrap(), [7; 10]);
        let action = BulkAction::Conclude { conclusion: Conclusion::Completed };
        let new = NewBulk { bulk_id, action, cases: Chosen::Cases(cases.clone()), note: None };
        stand.app.start_bulk(&stand.worker, new).await.unwrap();
        work(&stand, &mut pages).await;
        let done_s = started.elapsed().as_secs_f64();
        assert_eq!(count(&stand, bulk_id, RowOutcome::Done).await, n_chosen as u64);
        let started = Instant::now();
        stand.app.undo_bulk(&stand.worker, bulk_id).await.unwrap();
        work(&stand, &mut pages).await;
        let undone_s = started.elapsed().as_secs_f64();
        assert_eq!(count(&stand, bulk_id, RowOutcome::Undone).await, n_chosen as u64);
        let started = Instant::now();
        for part in cases.chunks(BATCH) {
            assert_eq!(conclude(&stand.plain, part).await, part.len() as u64, "not the same work, so not comparable");
        }
        let theirs_s = started.elapsed().as_secs_f64();
        let n = json!({"cases": n_cases, "chosen": n_chosen, "pages": pages.len()});
        let base = Figure {
            figure: format!("concluded, {}", database.name()),
            value: done_s,
            unit: "s",
            peer: "plain updates of the same rows",
            ratio: Some(theirs_s / done_s),
            goal: Goal::Below(5.0),
            n,
            method: METHOD,
        };
        figures.add(base.clone());
        let figure = format!("undone, {}", database.name());
        figures.add(Figure {
            figure,
            value: undone_s,
            ratio: Some(theirs_s / undone_s),
            goal: Goal::None,
            ..base.clone()
        });
        let page = Figure { unit: "ms", peer: "", ratio: None, method: PAGES, ..base };
        let p50 = format!("a page meanwhile, {}: p50", database.name());
        figures.add(Figure { figure: p50, value: quantile(&pages, 0.5), goal: Goal::None, ..page.clone() });
        let p99 = format!("a page meanwhile, {}: p99", database.name());
        figures.add(Figure { figure: p99, value: quantile(&pages, 0.99), goal: Goal::Below(200.0), ..page });
        stand.remove().await;
    }
    figures.write();
}

/// Cases from everywhere in the table, those that wait and those that don't.
async fn spread(stand: &Stand, n: usize) -> Vec<CaseId> {
    let mut tx = stand.app.store.read(stand.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    let all = storage::cases::outlines(&mut tx, Disease::Covid19).await.unwrap();
    all.iter().step_by((all.len() / n).max(1)).take(n).map(|outline| outline.case_id).collect()
}

async fn count(stand: &Stand, bulk_id: BulkId, outcome: RowOutcome) -> u64 {
    stand.app.bulk(&stand.worker, bulk_id).await.unwrap().counts.get(&outcome).copied().unwrap_or(0)
}

/// Works until no job is left, and reads pages meanwhile as somebody else would; notes how long each took, in ms.
async fn work(stand: &Stand, pages: &mut Vec<f64>) {
    let (app, authority_id) = (stand.app.clone(), stand.worker.authority.authority_id);
    let job =
        tokio::spawn(async move { while app.work_on_next_job(authority_id, Uuid::from_u128(1)).await.unwrap() {} });
    let filter = WorkFilter { whose: Whose::Anybodys, kind: None };
    let mut turns = tokio::time::interval(PAGE_EVERY);
    turns.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    while !job.is_finished() {
        turns.tick().await;
        let started = Instant::now();
        stand.app.worklist(&stand.worker, &WorkQuery { filter, after: None, limit: 50 }).await.unwrap();
        pages.push(started.elapsed().as_secs_f64() * 1e3);
    }
    job.await.unwrap();
}

async fn conclude(plain: &Plain, ids: &[CaseId]) -> u64 {
    const TEXT: &str = "UPDATE outbreak_case SET status = 'concluded', conclusion = 'completed', priority = 0, \
        waiting_since = NULL WHERE authority_id = 1 AND case_id IN (";
    match plain {
        Plain::Sqlite(pool) => {
            let mut query = QueryBuilder::<sqlx::Sqlite>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().execute(pool).await.unwrap().rows_affected()
        }
        Plain::Postgres(pool) => {
            let mut query = QueryBuilder::<sqlx::Postgres>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().execute(pool).await.unwrap().rows_affected()
        }
    }
}
