use super::audit::record;
use super::cases::case;
use super::encounters::met;
use domain::diseases::Disease;
use domain::ids::PersonId;
use domain::time::Window;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use storage::ledger::{Erasure, Ledger};
use storage::retention::{CASE_ANONYMISED, Deleted, PERSON_ANONYMISED, Position, replay, run_batch, run_rest};
use storage::{audit, cases, encounters, persons};
use testkit::kit::now;
use testkit::{Kit, contract};

pub fn after_days(days: i64) -> Timestamp {
    now().checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

pub async fn run_at(kit: &Kit, at: Timestamp) -> Deleted {
    let jobs = kit.database.open_for_jobs().await;
    let ledger = Ledger::beside(&kit.keyring());
    let mut deleted = Deleted::default();
    let mut position = Some(Position::START);
    while let Some(after) = position {
        let mut tx = jobs.write(kit.authority_id).await.unwrap();
        position = run_batch(&mut tx, &ledger, after, at, &mut deleted).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = jobs.write(kit.authority_id).await.unwrap();
    run_rest(&mut tx, at, &mut deleted).await.unwrap();
    tx.commit().await.unwrap();
    jobs.close().await;
    deleted
}

pub async fn store_case(kit: &Kit, person: PersonId) {
    let mut tx = kit.write().await;
    cases::insert(&mut tx, &kit.sealer, &[case(1, person, Disease::Mers)], now()).await.unwrap();
    tx.commit().await.unwrap();
}

contract! {
    async fn a_case_that_nobody_concludes_ends_at_the_cap_and_the_details_of_its_person_with_it(kit) {
        let person = kit.person("A").await;
        store_case(&kit, person).await;
        assert_eq!(run_at(&kit, after_days(729)).await, Deleted::default(), "the last day");
        let deleted = run_at(&kit, after_days(731)).await;
        assert_eq!((deleted.n_cases, deleted.n_anonymised, deleted.n_persons), (1, 1, 0));
        assert_eq!(run_at(&kit, after_days(900)).await, Deleted::default(), "once is enough");
        let mut tx = kit.read().await;
        assert!(persons::by_reference(&mut tx, &["A"]).await.unwrap().is_empty());
        assert_eq!(cases::outlines(&mut tx, Disease::Mers).await.unwrap().len(), 1, "it still counts");
    }

    async fn encounters_end_180_days_after_their_import_on_both_sides(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[met(a, b, "2T09:00:00", "2T10:00:00")], date(2026, 3, 1)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(run_at(&kit, after_days(180)).await.n_facts, 0);
        let deleted = run_at(&kit, after_days(181)).await;
        assert_eq!((deleted.n_facts, deleted.n_persons), (2, 2), "both sides, and nobody is left to name them");
        let mut tx = kit.read().await;
        assert_eq!(encounters::of_persons(&mut tx, &[(a, Window::ALWAYS)]).await.unwrap(), []);
    }

    async fn the_ledger_knows_every_erasure_and_a_replay_anonymises_again(kit) {
        let person = kit.person("A").await;
        store_case(&kit, person).await;
        run_at(&kit, after_days(731)).await;
        let erasures = Ledger::beside(&kit.keyring()).list().await.unwrap();
        let tables: Vec<&str> = erasures.iter().map(|erasure| erasure.table.as_str()).collect();
        assert_eq!(tables, [CASE_ANONYMISED, PERSON_ANONYMISED]);
        assert_eq!(erasures[1].id, person.0);
        // As an old backup would bring them back.
        let back = "UPDATE person SET anonymised_on = NULL";
        kit.database.tamper(back, kit.authority_id).await;
        kit.database.tamper("UPDATE outbreak_case SET status = 'open', file_number = '7'", kit.authority_id).await;
        let mut tx = kit.write().await;
        assert_eq!(replay(&mut tx, &erasures).await.unwrap(), 2);
        tx.commit().await.unwrap();
        let left = "outbreak_case WHERE status = 'anonymised' AND file_number IS NULL";
        assert_eq!(kit.database.count_rows(left).await, 1);
        assert_eq!(kit.database.count_rows("person WHERE anonymised_on IS NOT NULL").await, 1);
    }

    async fn a_ledger_of_an_older_version_deletes_as_it_did(kit) {
        let person = kit.person("A").await;
        store_case(&kit, person).await;
        let line = |table: &str, id| {
            Erasure { erased_at: now(), authority_id: kit.authority_id, table: table.to_owned(), id }
        };
        let case_id = case(1, person, Disease::Mers).case_id;
        let mut tx = kit.write().await;
        let erasures = [line("outbreak_case", case_id.0), line("person", person.0)];
        assert_eq!(replay(&mut tx, &erasures).await.unwrap(), 2);
        assert!(!persons::exists(&mut tx, person).await.unwrap());
        assert_eq!(cases::outlines(&mut tx, Disease::Mers).await.unwrap(), []);
    }

    async fn deleting_old_audit_records_leaves_an_anchor_and_the_chain_holds(kit) {
        record(&kit, 1, now()).await;
        record(&kit, 2, after_days(100)).await;
        let mut tx = kit.write().await;
        audit::chain(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(run_at(&kit, after_days(732)).await.n_audit_records, 1);
        let mut tx = kit.read().await;
        let found = audit::verify(&mut tx).await.unwrap();
        assert_eq!((found.n_checked, found.first_break), (1, None));
    }
}
