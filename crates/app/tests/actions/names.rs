//! The index of names follows the database, whoever wrote to it.

use super::cases::{fill, found, query, search_for};
use super::*;
use app::cases::ListSort;
use jiff::{SignedDuration, Timestamp};
use storage::StorageError;
use storage::cases::Order;
use storage::ledger::Ledger;
use storage::sealing::SealingError;
use testkit::contract;

const NAMED: &str = "id=id,onset=onset,last_name=last";

/// Another server on the same database.
async fn second(bench: &Bench, at: Timestamp, salt: u8) -> App {
    let keyring = Keyring::open(&bench.kit.keyring(), Opener::Auto).unwrap();
    let jobs = bench.kit.database.open_for_jobs().await;
    let counter = std::sync::atomic::AtomicU64::new(1 << 50);
    let random = move |bytes: &mut [u8]| {
        let n = counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed).to_be_bytes();
        bytes[0] = salt;
        bytes[2..10].copy_from_slice(&n);
    };
    let store = bench.kit.database.open().await;
    App::new(store, jobs, Some(keyring.into()), Arc::new(move || at), Arc::new(random))
}

async fn names(app: &App, bench: &Bench, text: &str) -> Vec<String> {
    let page = app.search_cases(&bench.worker, &search_for(text)).await.unwrap();
    found(&page).into_iter().map(str::to_owned).collect()
}

contract! {
    async fn both_servers_see_a_new_and_a_changed_name_at_once(kit) {
        let bench = Bench::on(kit).await;
        let other = second(&bench, now(), 1).await;
        bench.import(Kind::Cases, NAMED, "id,onset,last\nA,2026-01-05,Zyx\n").await;
        for app in [&bench.app, &other] {
            assert_eq!(names(app, &bench, "zyx").await, ["A"]);
        }
        bench.import(Kind::Cases, NAMED, "id,onset,last\nB,2026-01-05,Zyxen\n").await;
        for app in [&bench.app, &other] {
            assert_eq!(names(app, &bench, "zyx").await, ["A", "B"]);
        }
        let update = ImportOptions { update: true, ..options(Kind::Cases, NAMED) };
        let source = Cursor::new(b"id,onset,last\nA,2026-01-05,Qvist\n".to_vec());
        other.import(&bench.worker, source, &update, None, &mut |_| ()).await.unwrap();
        for app in [&bench.app, &other] {
            assert_eq!(names(app, &bench, "zyx").await, ["B"]);
            assert_eq!(names(app, &bench, "qvi").await, ["A"]);
        }
        other.store.close().await;
    }

    async fn who_was_anonymised_is_forgotten_by_both(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, NAMED, "id,onset,last\nA,2026-01-05,Zyx\n").await;
        let later = second(&bench, now().checked_add(SignedDuration::from_hours(24 * 731)).unwrap(), 2).await;
        for app in [&bench.app, &later] {
            assert_eq!(app.prepare_names(&bench.worker).await.unwrap().n_persons, 1);
        }
        later.run_retention(&bench.worker, &Ledger::beside(&bench.kit.keyring())).await.unwrap();
        for app in [&bench.app, &later] {
            assert_eq!(names(app, &bench, "zyx").await, [""; 0]);
        }
        later.store.close().await;
    }

    async fn who_searches_while_the_index_is_built_waits_for_it(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let search = async || names(&bench.app, &bench, "muell").await;
        let (a, b, c) = tokio::join!(search(), search(), search());
        assert_eq!((a.len(), &a, &b), (2, &b, &c));
    }

    async fn an_index_that_nobody_uses_is_dropped_and_built_again_when_asked_for(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        bench.app.prepare_names(&bench.worker).await.unwrap();
        let after = |minutes| now().checked_add(SignedDuration::from_mins(minutes)).unwrap();
        assert_eq!(bench.app.drop_idle_names(after(14)), 0);
        assert_eq!(bench.app.drop_idle_names(after(16)), 1);
        assert_eq!(names(&bench.app, &bench, "muell").await.len(), 2);
    }

    async fn without_the_key_a_search_fails_clearly_and_lists_show_locked_names(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench).await;
        let jobs = bench.kit.database.open_for_jobs().await;
        let random = |bytes: &mut [u8]| bytes.fill(7);
        let locked = App::new(bench.kit.store.clone(), jobs, None, Arc::new(now), Arc::new(random));
        let refused = locked.search_cases(&bench.worker, &search_for("muell")).await;
        assert!(matches!(refused, Err(AppError::Storage(StorageError::Sealing(SealingError::NoKey)))));
        let refused = locked.list_cases(&bench.worker, &query(ListSort::Name, Order::Asc)).await;
        assert!(matches!(refused, Err(AppError::Storage(StorageError::Sealing(SealingError::NoKey)))));
        let page = locked.list_cases(&bench.worker, &query(ListSort::Reported, Order::Desc)).await.unwrap();
        assert!(page.names_locked && page.items.len() == 5);
        assert!(page.items.iter().all(|line| line.case.last_name.is_none() && line.reference.is_some()));
    }
}
