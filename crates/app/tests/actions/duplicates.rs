//! Who may be stored twice is proposed, by whatever they share, and nothing else happens.

use super::cases::case_of;
use super::*;
use app::doctor::{MailSetting, Surroundings};
use app::duplicates::{Duplicates, PersonDraft};
use domain::authorities::Role;
use domain::duplicates::score::Reason;
use domain::ids::PersonId;
use domain::persons::Personal;
use jiff::SignedDuration;
use jiff::civil::date;
use storage::StorageError;
use storage::ledger::Ledger;
use storage::sealing::SealingError;
use testkit::contract;

const WHO: &str =
    "id=id,onset=onset,first_name=first,last_name=last,born=born,phone=phone,email=email,postcode=postcode";
const HEADER: &str = "id,onset,first,last,born,phone,email,postcode\n";

/// Anna twice, her daughter and her twin with her telephone, and a stranger.
const FAMILY: &str = "A1,2026-01-05,Anna,Müller,1985-03-12,0621 12345,anna@example.org,68159\n\
    A2,2026-01-06,Ana,Mueller,1985-12-03,,,\n\
    D,2026-01-06,Lea,Müller,2015-07-01,0621/12345,,68159\n\
    T,2026-01-06,Petra,Müller,1985-03-12,+49 621 12345,,68159\n\
    X,2026-01-07,Xaver,Huber,1950-05-05,0172 7654321,,80331\n";

async fn fill(bench: &Bench, rows: &str) {
    let done = bench.import(Kind::Cases, WHO, &format!("{HEADER}{rows}")).await;
    assert_eq!(done.refused, 0, "{done:?}");
}

fn text(text: &str) -> Personal<String> {
    Personal::new(text.to_owned())
}

fn anna() -> PersonDraft {
    PersonDraft {
        first_name: Some(text("Anna")),
        last_name: Some(text("Müller")),
        born: Some(Personal::new(date(1985, 3, 12))),
        ..PersonDraft::default()
    }
}

fn references(found: &Duplicates) -> Vec<&str> {
    found.found.iter().map(|one| one.reference.as_deref().unwrap_or("–")).collect()
}

async fn of(bench: &Bench, draft: &PersonDraft) -> Duplicates {
    bench.app.duplicates_of(&bench.worker, draft).await.unwrap()
}

async fn n_persons(bench: &Bench) -> usize {
    bench.app.prepare_names(&bench.worker).await.unwrap().n_persons
}

/// Takes the tokens away, as if all had been stored by a version that wrote none.
async fn forget_tokens(bench: &Bench) {
    bench.kit.database.tamper("DELETE FROM person_token", bench.kit.authority_id).await;
    bench.kit.database.tamper("DELETE FROM counter WHERE name LIKE 'person_token/%'", bench.kit.authority_id).await;
}

contract! {
    async fn who_is_typed_is_found_with_reasons_and_the_family_is_not(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let found = of(&bench, &anna()).await;
        assert_eq!(references(&found), ["A1", "A2"]);
        assert_eq!(found.found[0].score, 1.0);
        assert!(found.found[1].score < 1.0);
        use Reason::*;
        assert_eq!(found.found[1].reasons, [SimilarFirstName, SameLastName, BirthDayAndMonthSwapped]);
        assert!(found.found[0].case.is_some() && !found.is_capped);
        let by_phone = PersonDraft { phones: vec![text("0049 (0)621 12345")], ..anna() };
        assert_eq!(references(&of(&bench, &by_phone).await), ["A1", "A2"], "a telephone makes no twin and no daughter of her");
        let by_email = PersonDraft { emails: vec![text(" ANNA@example.org")], ..PersonDraft::default() };
        assert_eq!(references(&of(&bench, &by_email).await), ["A1"]);
        assert_eq!(of(&bench, &PersonDraft::default()).await, Duplicates::default());
        assert_eq!(n_persons(&bench).await, 5, "nothing merges");
    }

    async fn a_stored_person_is_not_their_own_duplicate(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let (_, person) = case_of(&bench, "A2").await;
        let found = bench.app.duplicates_of_person(&bench.worker, person).await.unwrap();
        assert_eq!(references(&found), ["A1"]);
        let (_, stranger) = case_of(&bench, "X").await;
        assert_eq!(bench.app.duplicates_of_person(&bench.worker, stranger).await.unwrap(), Duplicates::default());
        let nobody = PersonId::mint(now(), [7; 10]);
        let refused = bench.app.duplicates_of_person(&bench.worker, nobody).await;
        assert!(matches!(refused, Err(AppError::NotFound("person"))));
    }

    async fn many_are_answered_in_their_order(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let xaver = PersonDraft { phones: vec![text("0172 7654321")], ..PersonDraft::default() };
        let mut drafts = vec![PersonDraft::default(); 1_500];
        drafts[0] = anna();
        drafts[1_499] = xaver;
        let all = bench.app.duplicates_of_many(&bench.worker, &drafts).await.unwrap();
        assert_eq!((all.len(), references(&all[0]), references(&all[1_499])), (1_500, vec!["A1", "A2"], vec!["X"]));
        assert!(all[1..1_499].iter().all(|one| one.found.is_empty()));
    }

    async fn details_that_change_are_found_by_what_they_are_now(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let update = ImportOptions { update: true, ..options(Kind::Cases, WHO) };
        let row = format!("{HEADER}X,2026-01-07,Xaver,Huber,1950-05-05,0172 1111222,,\n");
        assert_eq!(bench.try_import(&update, &row).await.unwrap().updated, 1);
        let with = |phone| PersonDraft { phones: vec![text(phone)], ..PersonDraft::default() };
        assert_eq!(references(&of(&bench, &with("0172 7654321")).await), [""; 0]);
        assert_eq!(references(&of(&bench, &with("0172 1111222")).await), ["X"]);
    }

    async fn what_a_dry_run_would_store_finds_nobody(kit) {
        let bench = Bench::on(kit).await;
        let dry = ImportOptions { dry_run: true, ..options(Kind::Cases, WHO) };
        bench.try_import(&dry, &format!("{HEADER}{FAMILY}")).await.unwrap();
        assert_eq!(of(&bench, &anna()).await, Duplicates::default());
    }

    /// Fifty are looked at; whoever shares something rarer is found all the same.
    async fn a_telephone_that_many_share_is_said_to_be_capped(kit) {
        let bench = Bench::on(kit).await;
        let hostel: String = (0..60).map(|n| format!("H{n:02},2026-01-05,Guest{n},Nobody,,0621 999999,,\n")).collect();
        fill(&bench, &format!("{hostel}{FAMILY}")).await;
        let guest = PersonDraft { phones: vec![text("0621 999999")], ..anna() };
        let found = of(&bench, &guest).await;
        assert_eq!((references(&found), found.is_capped), (vec!["A1", "A2"], true));
    }

    async fn who_was_stored_before_there_were_tokens_is_found_once_they_are_written(kit) {
        let bench = Bench::on(kit).await;
        let many: String = (0..600).map(|n| format!("M{n},2026-01-05,First{n},Last,1990-01-01,01234{n:05},,\n")).collect();
        fill(&bench, &format!("{FAMILY}{many}")).await;
        assert_eq!(bench.app.write_missing_tokens().await.unwrap(), 0, "an import leaves nobody behind");
        forget_tokens(&bench).await;
        assert_eq!(of(&bench, &anna()).await, Duplicates::default());
        let new = "N,2026-01-08,Anna,Müller,1985-03-12,,,\n";
        fill(&bench, new).await;
        assert_eq!(references(&of(&bench, &anna()).await), ["N"], "the new ones have theirs at once");
        assert_eq!(bench.app.write_missing_tokens().await.unwrap(), 605);
        assert_eq!(references(&of(&bench, &anna()).await), ["A1", "N", "A2"]);
        assert_eq!(bench.app.write_missing_tokens().await.unwrap(), 0);
    }

    async fn while_one_server_writes_missing_tokens_another_leaves_it_to_it(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        forget_tokens(&bench).await;
        let mut tx = bench.kit.store.installation().await.unwrap();
        let until = now().checked_add(SignedDuration::from_mins(5)).unwrap();
        let name = format!("tokens/{}", bench.kit.authority_id.0);
        storage::leases::take(&mut tx, &name, domain::ids::mint(now(), [1; 10]), now(), until).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(bench.app.write_missing_tokens().await.unwrap(), 0);
        assert_eq!(of(&bench, &anna()).await, Duplicates::default());
    }

    async fn the_doctor_says_when_tokens_are_missing(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let folder = storage::folder::DataFolder::take(&bench.kit.database.folder.path().join("data"), storage::folder::Use::Shared).unwrap();
        let said = async || {
            let keyring = bench.kit.keyring();
            let around = Surroundings { folder: &folder, keyring: &keyring, mail: MailSetting::Missing, takes_check_ins: true };
            let findings = bench.app.doctor(&bench.worker, around).await.unwrap();
            findings.into_iter().find(|finding| finding.check == "duplicates").unwrap()
        };
        assert_eq!(said().await.verdict, app::doctor::Verdict::Fine);
        forget_tokens(&bench).await;
        let finding = said().await;
        assert_eq!(finding.verdict, app::doctor::Verdict::Warning);
        assert!(finding.found.contains("at most 5 persons"), "{}", finding.found);
        bench.app.write_missing_tokens().await.unwrap();
        assert_eq!(said().await.verdict, app::doctor::Verdict::Fine);
    }

    async fn tokens_are_deleted_with_the_person(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        let at = now().checked_add(SignedDuration::from_hours(24 * 731)).unwrap();
        let later = deletion::at(&bench, at).await;
        later.run_retention(&bench.worker, &Ledger::beside(&bench.kit.keyring())).await.unwrap();
        let mut tx = bench.kit.read().await;
        assert_eq!(storage::duplicates::changes_after(&mut tx, 0, 10).await.unwrap(), []);
        assert_eq!(of(&bench, &anna()).await, Duplicates::default());
        drop(tx);
        assert_eq!(later.write_missing_tokens().await.unwrap(), 0);
    }

    async fn answers_are_audited_and_only_for_those_who_may_see_cases(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        of(&bench, &anna()).await;
        assert_eq!(cases::last_audited(&bench).await, ("persons.duplicates".to_owned(), 2));
        let (_, person) = case_of(&bench, "X").await;
        bench.app.duplicates_of_person(&bench.worker, person).await.unwrap();
        assert_eq!(cases::last_audited(&bench).await, ("persons.duplicates".to_owned(), 1), "who was asked for");
        let analyst = Worker { role: Role::Analyst, operator: false, ..bench.worker.clone() };
        let refused = bench.app.duplicates_of(&analyst, &anna()).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })));
        let refused = bench.app.duplicates_of_person(&analyst, person).await;
        assert!(matches!(refused, Err(AppError::NotAllowed { .. })));
    }

    async fn too_long_a_draft_is_refused_by_its_field(kit) {
        let bench = Bench::on(kit).await;
        let long = PersonDraft { last_name: Some(text(&"x".repeat(201))), ..anna() };
        let many = PersonDraft { phones: vec![text("0621 12345"); 11], ..anna() };
        for (draft, expected) in [(long, "last_name"), (many, "phones")] {
            let refused = bench.app.duplicates_of(&bench.worker, &draft).await;
            assert!(matches!(refused, Err(AppError::Invalid { field, .. }) if field == expected), "{expected}");
        }
    }

    async fn without_the_key_nothing_is_proposed_and_nothing_is_written(kit) {
        let bench = Bench::on(kit).await;
        fill(&bench, FAMILY).await;
        forget_tokens(&bench).await;
        let jobs = bench.kit.database.open_for_jobs().await;
        let random = |bytes: &mut [u8]| bytes.fill(7);
        let locked = App::new(bench.kit.store.clone(), jobs, None, Arc::new(now), Arc::new(random));
        let refused = locked.duplicates_of(&bench.worker, &anna()).await;
        assert!(matches!(refused, Err(AppError::Storage(StorageError::Sealing(SealingError::NoKey)))));
        assert_eq!(locked.write_missing_tokens().await.unwrap(), 0);
    }
}
