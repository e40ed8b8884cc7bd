//! `worklist`: those who wait, among 1,000,000 cases.
//!
//! Each answer is timed whole: rights, the page, its cases, items, last calls, persons opened, and the record in the audit
//! log, which waits for the disk. The peer reads the rows of the same cases, persons and items by their ids.

use crate::Scale;
use crate::duplicates::tidy;
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::lists::fill;
use crate::network::generator;
use crate::place::{Database, Plain, Server, Stand};
use app::case_work::{WorkPage, WorkQuery};
use domain::action_items::ItemKind;
use domain::diseases::Disease;
use domain::ids::{CaseId, ItemId, PersonId};
use jiff::Timestamp;
use serde_json::json;
use sqlx::QueryBuilder;
use std::collections::BTreeMap;
use std::time::Instant;
use storage::Freshness;
use storage::action_items::Item;
use storage::cases::{Begun, Whose, WorkFilter};

/// Answers of each kind.
const N_ASKED: usize = 300;

/// Of so many cases one waits.
const WAITS: usize = 5;

/// Cases of one transaction.
const FILL: usize = 20_000;

const METHOD: &str = "whole answers of 50 people, each with its audit record and synced commit; one case in five waits. \
    The peer reads cases, persons and items of the same people by their ids, one statement, and opens nothing; ratio: \
    its median divided by ours";

/// Measures.
pub async fn run(server: &Server, scale: Scale) {
    let mut figures = Figures::begin("worklist", scale);
    let n_cases = scale.of(1_000_000);
    for database in Database::BOTH {
        let stand = server.stand(database, "worklist").await;
        fill(server, &stand, n_cases).await;
        let n_waiting = make_wait(&stand).await;
        tidy(server, &stand).await;
        pages(&stand, database, (n_cases, n_waiting), &mut figures).await;
        stand.remove().await;
    }
    figures.write();
}

/// Gives one case in five its items; returns how many those are.
pub(crate) async fn make_wait(stand: &Stand) -> usize {
    let authority_id = stand.worker.authority.authority_id;
    let mut draw = generator(83);
    let mut tx = stand.app.store.read(authority_id, Freshness::Fresh).await.unwrap();
    let all = storage::cases::outlines(&mut tx, Disease::Covid19).await.unwrap();
    drop(tx);
    let waiting: Vec<(CaseId, PersonId)> =
        all.iter().step_by(WAITS).map(|outline| (outline.case_id, outline.person_id)).collect();
    for part in waiting.chunks(FILL) {
        let mut items = Vec::new();
        let mut begun: BTreeMap<Begun, Vec<CaseId>> = BTreeMap::new();
        for (case_id, person_id) in part {
            // A few are ill, most are to be called or lack details.
            let kinds: &[ItemKind] = match draw(20) {
                0 => &[ItemKind::SuspiciousSymptom, ItemKind::IncreasedTemperature],
                1 => &[ItemKind::FirstCharacteristicSymptom],
                2..=9 => &[ItemKind::InitialCall, ItemKind::DetailsMissing],
                _ => &[ItemKind::DetailsMissing],
            };
            let arose_at = Timestamp::from_second(1_800_000_000 + i64::from(draw(2_000)) * 60).unwrap();
            items.extend(kinds.iter().map(|kind| Item {
                item_id: ItemId::mint(arose_at, std::array::from_fn(|_| draw(256) as u8)),
                case_id: *case_id,
                person_id: *person_id,
                kind: *kind,
                cause: "phone,born".to_owned(),
                arose_at,
                hidden_until: None,
                resolution: None,
                resolved_at: None,
                resolved_by: None,
            }));
            let priority_tenths = domain::action_items::priority_tenths(kinds);
            let key = Begun { over: None, priority_tenths, waiting_since: Some(arose_at), reported_at: Some(arose_at) };
            begun.entry(key).or_default().push(*case_id);
        }
        let mut tx = stand.unsynced.store.write(authority_id).await.unwrap();
        for (begun, cases) in &begun {
            storage::cases::begin(&mut tx, begun, cases).await.unwrap();
        }
        storage::action_items::insert(&mut tx, &items).await.unwrap();
        tx.commit().await.unwrap();
    }
    println!("  {} cases wait", waiting.len());
    waiting.len()
}

async fn pages(stand: &Stand, database: Database, (n_cases, n_waiting): (usize, usize), figures: &mut Figures) {
    let everybody = WorkFilter { whose: Whose::Anybodys, kind: None };
    let ill = WorkFilter { kind: Some(ItemKind::FirstCharacteristicSymptom), ..everybody };
    let nobodys = WorkFilter { whose: Whose::Nobodys, ..everybody };
    let kinds = [
        ("first page", everybody, false, Goal::Below(50.0)),
        ("next page", everybody, true, Goal::Below(50.0)),
        ("first page of nobody's", nobodys, false, Goal::Below(50.0)),
        ("first page of one kind", ill, false, Goal::None),
    ];
    for (kind, filter, goes_on, goal) in kinds {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let mut after = None;
        for _ in 0..N_ASKED {
            let query = WorkQuery { filter, after, limit: 50 };
            let started = Instant::now();
            let page: WorkPage = stand.app.worklist(&stand.worker, &query).await.unwrap();
            ours.push(started.elapsed().as_secs_f64() * 1e3);
            let ids: Vec<CaseId> = page.items.iter().map(|line| line.key.case_id).collect();
            let n_items: usize = page.items.iter().map(|line| line.items.len()).sum();
            let started = Instant::now();
            let n_read = read(&stand.plain, &ids).await;
            theirs.push(started.elapsed().as_secs_f64() * 1e3);
            assert_eq!(n_read, n_items, "not the same work, so not comparable");
            after = page.next.filter(|_| goes_on);
        }
        let n = json!({"cases": n_cases, "waiting": n_waiting, "answers": ours.len()});
        let base = Figure {
            figure: format!("{kind}, {}: p50", database.name()),
            value: median(&ours),
            unit: "ms",
            peer: "plain read of the same rows by their ids",
            ratio: Some(median(&theirs) / median(&ours)),
            goal: Goal::None,
            n,
            method: METHOD,
        };
        figures.add(base.clone());
        let figure = format!("{kind}, {}: p99", database.name());
        figures.add(Figure { figure, value: quantile(&ours, 0.99), peer: "", ratio: None, goal, ..base });
    }
}

/// Reads the same rows; returns how many items there are.
async fn read(plain: &Plain, ids: &[CaseId]) -> usize {
    const TEXT: &str = "SELECT c.case_id, c.status, c.priority, c.waiting_since, p.first_name, p.last_name, p.phone, i.kind, \
        i.cause, i.arose_at FROM outbreak_case AS c JOIN person AS p ON p.authority_id = c.authority_id AND \
        p.person_id = c.person_id JOIN action_item AS i ON i.authority_id = c.authority_id AND i.case_id = c.case_id \
        WHERE c.authority_id = 1 AND c.case_id IN (";
    if ids.is_empty() {
        return 0;
    }
    match plain {
        Plain::Sqlite(pool) => {
            let mut query = QueryBuilder::<sqlx::Sqlite>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().fetch_all(pool).await.unwrap().len()
        }
        Plain::Postgres(pool) => {
            let mut query = QueryBuilder::<sqlx::Postgres>::new(TEXT);
            let mut list = query.separated(", ");
            ids.iter().for_each(|id| _ = list.push_bind(id.0));
            query.push(")").build().fetch_all(pool).await.unwrap().len()
        }
    }
}
