use super::outbreak::query;
use super::*;
use app::case_work::NewComment;
use domain::authorities::Role;
use domain::erasure::ErasureReason;
use domain::ids::CommentId;
use domain::persons::Personal;
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
    async fn two_years_later_nothing_that_names_anybody_is_left_and_the_case_still_counts(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,last_name=name", "id,onset,name\nA,2026-01-05,Zyx\n").await;
        let ledger = Ledger::beside(&bench.kit.keyring());
        let app = later(&bench).await;
        assert_eq!(app.search_persons(&bench.worker, "Zyx").await.unwrap().len(), 1);
        let deleted = app.run_retention(&bench.worker, &ledger).await.unwrap();
        assert_eq!((deleted.n_cases, deleted.n_anonymised, deleted.n_persons), (1, 1, 0));
        let refused = app.exposures(&bench.worker, &forward("A")).await;
        assert!(matches!(refused, Err(AppError::NoPerson(_))));
        assert_eq!(app.search_persons(&bench.worker, "Zyx").await.unwrap().len(), 0, "the index of names forgot them");
        assert_eq!(app.outbreak_report(&bench.worker, &query()).await.unwrap().cases, 1);
    }

    async fn nothing_of_an_anonymised_case_changes_any_more(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,last_name=name", "id,onset,name\nA,2026-01-05,Zyx\n").await;
        let found = bench.app.search_persons(&bench.worker, "Zyx").await.unwrap();
        let case_id = found[0].case.as_ref().unwrap().case_id;
        let app = later(&bench).await;
        app.run_retention(&bench.worker, &Ledger::beside(&bench.kit.keyring())).await.unwrap();
        let comment_id = CommentId::mint(now(), bench.kit.random());
        let comment = NewComment { comment_id, text: Personal::new("Zyx again".to_owned()) };
        let refused = app.write_comment(&bench.worker, case_id, comment).await.unwrap_err();
        assert!(refused.to_string().contains("anonymised"), "{refused}");
    }

    async fn an_erased_person_is_gone_with_a_certificate_that_names_nobody(kit) {
        let bench = Bench::on(kit).await;
        bench.import(Kind::Cases, "id=id,onset=onset,last_name=name", "id,onset,name\nA,2026-01-05,Zyx\n").await;
        let ledger = Ledger::beside(&bench.kit.keyring());
        let found = bench.app.search_persons(&bench.worker, "Zyx").await.unwrap();
        let person = found[0].name.person_id;
        let file = bench.app.person_file(&bench.worker, person).await.unwrap();
        assert!(file.tables.iter().any(|table| table.name == "outbreak_case"));
        let certificate =
            bench.app.erase_person(&bench.worker, &ledger, person, ErasureReason::Request).await.unwrap();
        assert!(certificate.rows.contains(&("outbreak_case", 1)) && certificate.rows.contains(&("person", 1)));
        assert!(!format!("{certificate:?}").contains("Zyx"));
        assert_eq!(ledger.list().await.unwrap().last().unwrap().id, person.0);
        assert!(bench.app.search_persons(&bench.worker, "Zyx").await.unwrap().is_empty());
        let again = bench.app.erase_person(&bench.worker, &ledger, person, ErasureReason::Request).await;
        assert!(matches!(again, Err(AppError::NotFound("person"))));
    }

    async fn a_case_worker_neither_erases_nor_has_files(kit) {
        let bench = Bench::on(kit).await;
        let person = bench.kit.person("A").await;
        let worker = Worker { role: Role::CaseWorker, ..bench.worker.clone() };
        let ledger = Ledger::beside(&bench.kit.keyring());
        let refused = bench.app.erase_person(&worker, &ledger, person, ErasureReason::Unlawful).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })), "{refused:?}");
        assert!(matches!(bench.app.person_file(&worker, person).await, Err(AppError::NotAllowed { .. })));
        assert!(ledger.list().await.unwrap().is_empty());
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
