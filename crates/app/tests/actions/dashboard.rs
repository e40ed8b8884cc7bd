//! The authority in numbers: kept by the database with each change, compared with what is there, counted anew.

use super::*;
use app::case_work::StatusChange;
use domain::authorities::Role;
use domain::cases::{CaseStatus, CaseType, Conclusion};
use domain::diseases::Disease;
use storage::Freshness;
use storage::tallies::{self, Tally};
use testkit::contract;

const COLUMNS: &str = "sample=sample,result=result,specimen=taken,last_name=last,phone=phone";

async fn import(bench: &Bench, names: &[&str]) {
    let row = |name: &&str| format!("L-{name},pos,2026-02-27,{name},0621 12345\n");
    let rows: Vec<String> = names.iter().map(row).collect();
    let text = format!("sample,result,taken,last,phone\n{}", rows.concat());
    assert_eq!(bench.import(Kind::Laboratory, COLUMNS, &text).await.stored, names.len() as u64);
}

async fn both(bench: &Bench) -> (Vec<Tally>, Vec<Tally>) {
    let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
    (tallies::kept(&mut tx).await.unwrap(), tallies::counted(&mut tx).await.unwrap())
}

async fn verdict(bench: &Bench) -> String {
    let path = bench.kit.database.folder.path().join("data");
    let folder = storage::folder::DataFolder::take(&path, storage::folder::Use::Shared).unwrap();
    let keyring = bench.kit.keyring();
    let around = app::doctor::Surroundings {
        folder: &folder,
        keyring: &keyring,
        mail: app::doctor::MailSetting::Missing,
        takes_check_ins: true,
    };
    let findings = bench.app.doctor(&bench.worker, around).await.unwrap();
    findings.into_iter().find(|finding| finding.check == "counters").unwrap().found
}

contract! {
    async fn the_numbers_follow_every_change_and_are_folded(kit) {
        let bench = Bench::on(kit).await;
        assert!(bench.app.dashboard(&bench.worker).await.unwrap().tallies.is_empty());
        import(&bench, &["Adler", "Bauer", "Clemens"]).await;
        let mut tx = bench.app.store.read(bench.worker.authority.authority_id, Freshness::Fresh).await.unwrap();
        let case_id = storage::cases::outlines(&mut tx, Disease::Covid19).await.unwrap()[0].case_id;
        drop(tx);
        let change = StatusChange { to: CaseStatus::Concluded, conclusion: Some(Conclusion::Completed), text: None };
        bench.app.change_status(&bench.worker, case_id, change).await.unwrap();
        let tally = |status, n| Tally { disease: Disease::Covid19, case_type: CaseType::Index, status, n };
        let expected = vec![tally(CaseStatus::Concluded, 1), tally(CaseStatus::Open, 2)];
        assert_eq!(both(&bench).await, (expected.clone(), expected.clone()));
        bench.app.fold_tallies(bench.worker.authority.authority_id).await.unwrap();
        bench.app.fold_tallies(bench.worker.authority.authority_id).await.unwrap();
        assert_eq!(both(&bench).await.0, expected);
        let authority_id = bench.worker.authority.authority_id;
        let (erased_at, table, id) = (bench.app.now(), "outbreak_case".to_owned(), case_id.0);
        let erased = storage::ledger::Erasure { erased_at, authority_id, table, id };
        let mut tx = bench.app.store.write(authority_id).await.unwrap();
        storage::retention::replay(&mut tx, &[erased]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(both(&bench).await, (vec![tally(CaseStatus::Open, 2)], vec![tally(CaseStatus::Open, 2)]));
        let numbers = bench.app.dashboard(&bench.worker).await.unwrap();
        assert_eq!((numbers.waiting, numbers.quarantined.now, numbers.new.len()), (2, 0, 14));
        assert_eq!(numbers.new.last().unwrap().1.index, 2, "reported today");
    }

    async fn wrong_numbers_are_found_and_counted_anew(kit) {
        let bench = Bench::on(kit).await;
        import(&bench, &["Adler", "Bauer"]).await;
        assert_eq!(verdict(&bench).await, "the numbers of cases agree with the 2 that are there");
        bench.kit.database.tamper("UPDATE case_tally SET n = n + 5", bench.kit.authority_id).await;
        assert_eq!(verdict(&bench).await, "numbers of cases that don't agree with what is there: 1");
        let other = Worker { role: Role::CaseWorker, operator: false, ..bench.worker.clone() };
        assert!(matches!(bench.app.recount(&other).await, Err(AppError::NotAllowed { .. })));
        bench.app.recount(&bench.worker).await.unwrap();
        let (kept, counted) = both(&bench).await;
        assert_eq!(kept, counted);
    }
}
