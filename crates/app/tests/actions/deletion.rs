use super::outbreak::query;
use super::*;
use jiff::SignedDuration;
use storage::ledger::Ledger;
use testkit::contract;

/// The platform two years later.
async fn later(bench: &Bench) -> App {
    at(bench, now().checked_add(SignedDuration::from_hours(24 * 731)).unwrap()).await
}

/// The platform at another time.
pub async fn at(bench: &Bench, at: Timestamp) -> App {
    let jobs = bench.kit.database.open_for_jobs().await;
    Bench::app(&bench.kit, bench.kit.store.clone(), jobs, at)
}

contract! {
    async fn two_years_later_nothing_of_a_case_is_left(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,last_name=name", "id,onset,name\nA,2026-01-05,Zyx\n").await;
        let ledger = Ledger::beside(&bench.kit.keyring());
        let app = later(&bench).await;
        let deleted = app.run_retention(&bench.worker, &ledger).await.unwrap();
        assert_eq!((deleted.n_cases, deleted.n_persons), (1, 1));
        let refused = app.exposures(&bench.worker, &forward("A")).await;
        assert!(matches!(refused, Err(AppError::NoPerson(_))));
        assert_eq!(app.outbreak_report(&bench.worker, &query()).await.unwrap().cases, 0);
    }

    async fn while_one_server_deletes_another_waits(kit) {
        let bench = Bench::on(kit).await;
        let mut tx = bench.kit.store.installation().await.unwrap();
        let until = now().checked_add(SignedDuration::from_mins(5)).unwrap();
        let name = format!("retention/{}", bench.kit.authority_id.0);
        let taken = storage::leases::take(&mut tx, &name, domain::ids::mint(now(), [1; 10]), now(), until).await;
        assert!(taken.unwrap());
        tx.commit().await.unwrap();
        let ledger = Ledger::beside(&bench.kit.keyring());
        let refused = bench.app.run_retention(&bench.worker, &ledger).await.unwrap_err();
        assert!(refused.may_pass());
    }
}
