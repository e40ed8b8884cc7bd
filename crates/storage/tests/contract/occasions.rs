//! Occasions, visitors that only the key of their day opens, and who was chosen from them.

use super::cases::case;
use super::jobs::job as any_job;
use domain::check_ins::VenueDay;
use domain::diseases::Disease;
use domain::guest_lists::Reason;
use domain::ids::{CaseId, OccasionId, OpeningId, PersonId, StepId, VisitorId};
use domain::occasions::{ChosenOutcome, OccasionCode, OccasionDetails, Qualifier, Visitor};
use domain::persons::Personal;
use domain::time::Window;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use storage::occasions::{self, Chosen, Handed, Occasion, OccasionListOpening};
use storage::sealing::{DayKeys, Keyring, OccasionOpening, Opener, PublicKey, fingerprint};
use storage::{Tx, cases};
use testkit::kit::now;
use testkit::{Kit, contract};

const TODAY: Date = date(2026, 3, 1);

/// An occasion that begins with the tests and ends at noon of a day, with its code.
pub fn occasion(kit: &Kit, ends: Date) -> (Occasion, OccasionCode) {
    let until = domain::time::start_of_day(ends, &TimeZone::UTC) + SignedDuration::from_hours(13);
    let from = domain::time::start_of_day(TODAY, &TimeZone::UTC);
    let during = Window::new(from, until).unwrap();
    let code = OccasionCode::draw(kit.random());
    let details = OccasionDetails {
        title: Personal::new("Geburtstag Ayşe".to_owned()),
        place: Personal::new("Jugendhaus".to_owned()),
        contact: Some(Personal::new("0621 1".to_owned())),
        during,
    };
    let occasion = Occasion {
        occasion_id: OccasionId::mint(now(), kit.random()),
        details: Some(details),
        during,
        code: Some(code.clone()),
        origin_case: None,
        account_id: kit.account_id,
        created_at: now(),
        closed_at: None,
        n_visitors: 0,
    };
    (occasion, code)
}

/// Somebody who was there.
pub fn visitor(kit: &Kit, name: &str) -> Visitor {
    Visitor {
        last_name: Some(name.to_owned()),
        phone: Some("0621 12345".to_owned()),
        seat: Some("12-3".to_owned()),
        from: Some(now()),
        qualifiers: vec![Qualifier { label: "voice".to_owned(), value: "alto".to_owned() }],
        ..Visitor::nobody(VisitorId::mint(now(), kit.random()))
    }
}

fn keys(kit: &Kit) -> DayKeys {
    DayKeys::of_uploads(&Keyring::open(&kit.keyring(), Opener::Auto).unwrap())
}

fn of(kit: &Kit, day: Date) -> VenueDay {
    VenueDay { authority_id: kit.authority_id, day }
}

fn key_of(kit: &Kit, day: Date) -> PublicKey {
    keys(kit).make(&[(of(kit, day), Timestamp::MAX)]).unwrap()[0]
}

/// Hands visitors in on a day.
pub async fn hand_in(kit: &Kit, tx: &mut Tx, occasion_id: OccasionId, day: Date, visitors: &[Visitor]) -> Handed {
    let public = key_of(kit, day);
    let mut keys = keys(kit);
    let prints: HashMap<_, _> =
        keys.list().unwrap().into_iter().map(|(of, _)| (of.day, keys.print_key(of).unwrap())).collect();
    occasions::insert_day(tx, day, &public, now()).await.unwrap();
    occasions::hand_in(tx, occasion_id, (of(kit, day), &public), &prints, visitors, now()).await.unwrap()
}

/// That a list was opened.
pub fn opening(kit: &Kit, occasion_id: OccasionId) -> OccasionListOpening {
    OccasionListOpening {
        opening_id: OpeningId::mint(now(), kit.random()),
        occasion_id,
        account_id: kit.account_id,
        opened_at: now(),
        reason: Reason::Other,
        note: Some(Personal::new("Ayşe is ill".to_owned())),
        n_visitors: 3,
    }
}

/// A step because of a case.
pub fn step(kit: &Kit, case_id: CaseId, occasion_id: OccasionId) -> Chosen {
    let step_id = StepId::mint(now(), kit.random());
    Chosen { step_id, case_id, occasion_id, account_id: kit.account_id, at: now() }
}

async fn opened(kit: &Kit, tx: &mut Tx, occasion_id: OccasionId) -> Vec<Visitor> {
    let sealed = occasions::sealed_of(tx, occasion_id).await.unwrap();
    let mut all = Vec::new();
    for (day, n, sealed_keys) in sealed.days() {
        let request =
            OccasionOpening { of: of(kit, day), occasion_id, account_id: kit.account_id, why: "test", at: now() };
        let opened = sealed.open(occasion_id, day, &keys(kit).open_occasion(&request, sealed_keys).unwrap()).unwrap();
        assert_eq!(opened.len(), n);
        all.extend(opened);
    }
    all
}

contract! {
    async fn an_occasion_is_found_by_id_and_by_code_and_listed_newest_first(kit) {
        let (one, code) = occasion(&kit, TODAY);
        let mut tx = kit.write().await;
        assert!(occasions::insert(&mut tx, &kit.sealer, &one, &fingerprint(code.expose())).await.unwrap());
        let (other, other_code) = occasion(&kit, TODAY);
        let same_code = occasions::insert(&mut tx, &kit.sealer, &other, &fingerprint(code.expose())).await.unwrap();
        assert!(!same_code, "a code is one occasion's");
        assert!(occasions::insert(&mut tx, &kit.sealer, &other, &fingerprint(other_code.expose())).await.unwrap());
        assert_eq!(occasions::find(&mut tx, Some(&kit.sealer), one.occasion_id).await.unwrap().unwrap(), one);
        let sealed = occasions::by_code(&mut tx, &fingerprint(code.expose())).await.unwrap().unwrap();
        assert_eq!((sealed.occasion_id, sealed.details, sealed.code), (one.occasion_id, None, None), "nothing is opened");
        let mut expected = vec![one.occasion_id, other.occasion_id];
        expected.sort();
        expected.reverse();
        let listed = occasions::list(&mut tx, Some(&kit.sealer), None, 9).await.unwrap();
        assert_eq!(listed.iter().map(|one| one.occasion_id).collect::<Vec<_>>(), expected);
        let rest = occasions::list(&mut tx, None, Some(expected[0]), 9).await.unwrap();
        assert_eq!(rest.len(), 1);
        assert!(occasions::close(&mut tx, one.occasion_id, now()).await.unwrap());
        assert!(!occasions::close(&mut tx, one.occasion_id, now()).await.unwrap(), "once");
    }

    async fn visitors_come_back_as_they_were_handed_in_and_a_retry_is_the_same(kit) {
        let (one, code) = occasion(&kit, TODAY);
        let mut tx = kit.write().await;
        occasions::insert(&mut tx, &kit.sealer, &one, &fingerprint(code.expose())).await.unwrap();
        let (ada, ben, cem) = (visitor(&kit, "Ada"), visitor(&kit, "Ben"), visitor(&kit, "Cem"));
        let id = one.occasion_id;
        let first = hand_in(&kit, &mut tx, id, TODAY, &[ada.clone(), ben.clone()]).await;
        assert_eq!(first, Handed::Taken { n_new: 2, n_again: 0 });
        let tomorrow = TODAY.tomorrow().unwrap();
        let again = hand_in(&kit, &mut tx, id, tomorrow, &[ada.clone(), cem.clone()]).await;
        assert_eq!(again, Handed::Taken { n_new: 1, n_again: 1 });
        let other = Visitor { phone: None, ..ben.clone() };
        let dora = visitor(&kit, "Dora");
        assert_eq!(hand_in(&kit, &mut tx, id, tomorrow, &[dora, other]).await, Handed::Other(vec![ben.visitor_id]));
        let mut all = opened(&kit, &mut tx, id).await;
        all.sort_by_key(|one| one.last_name.clone());
        assert_eq!(all, [ada, ben, cem]);
        assert_eq!(occasions::n_kept(&mut tx, id).await.unwrap(), 3);
        assert_eq!(occasions::find(&mut tx, None, id).await.unwrap().unwrap().n_visitors, 3);

        assert_eq!(occasions::drop_day(&mut tx, TODAY).await.unwrap(), 2);
        let left = opened(&kit, &mut tx, id).await;
        assert_eq!(left.len(), 1, "those of the other day");
        assert_eq!(occasions::find(&mut tx, None, id).await.unwrap().unwrap().n_visitors, 3, "what came in is still counted");
    }

    async fn a_day_of_uploads_keeps_its_key_and_says_how_far_it_has_come(kit) {
        let mut tx = kit.write().await;
        occasions::insert_day(&mut tx, TODAY, &[7; 32], now()).await.unwrap();
        occasions::insert_day(&mut tx, TODAY, &[8; 32], Timestamp::MAX).await.unwrap();
        let day = occasions::find_day(&mut tx, TODAY).await.unwrap().unwrap();
        assert_eq!((day.public_key, day.ends_at, day.destroyed_at), ([7; 32], now(), None), "the first stays");
        let later = now() + SignedDuration::from_mins(1);
        occasions::note_destroyed(&mut tx, TODAY, now()).await.unwrap();
        occasions::note_destroyed(&mut tx, TODAY, later).await.unwrap();
        occasions::note_dropped(&mut tx, TODAY, later).await.unwrap();
        let days = occasions::list_days(&mut tx, TODAY).await.unwrap();
        assert_eq!((days[0].destroyed_at, days[0].dropped_at), (Some(now()), Some(later)));
        assert!(occasions::list_days(&mut tx, TODAY.tomorrow().unwrap()).await.unwrap().is_empty());
    }

    async fn an_opening_is_found_without_its_note_and_listed_with_it(kit) {
        let mut tx = kit.write().await;
        let id = OccasionId::mint(now(), kit.random());
        let one = opening(&kit, id);
        occasions::insert_opening(&mut tx, &kit.sealer, &one).await.unwrap();
        let found = occasions::find_opening(&mut tx, one.opening_id).await.unwrap().unwrap();
        assert_eq!(found, OccasionListOpening { note: None, ..one.clone() });
        assert_eq!(occasions::openings_of(&mut tx, Some(&kit.sealer), id).await.unwrap(), [one]);
    }

    async fn a_step_goes_on_where_it_stopped(kit) {
        let mut tx = kit.write().await;
        let person = PersonId::mint(now(), kit.random());
        storage::persons::insert(&mut tx, &kit.sealer, &[testkit::kit::nobody(person)], now()).await.unwrap();
        let case = case(1, person, Disease::Covid19);
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
        let id = OccasionId::mint(now(), kit.random());
        let one = step(&kit, case.case_id, id);
        let visitors: Vec<VisitorId> = (0..4).map(|_| VisitorId::mint(now(), kit.random())).collect();
        occasions::choose(&mut tx, &one, &visitors).await.unwrap();
        let of = (case.case_id, one.step_id);
        let first = occasions::next_waiting(&mut tx, of.0, of.1, 2).await.unwrap();
        let made = [(first[0], person, case.case_id)];
        let others = [(ChosenOutcome::Oneself, vec![first[1]]), (ChosenOutcome::Gone, vec![])];
        occasions::decide(&mut tx, of, &made, &others).await.unwrap();
        let next = occasions::next_waiting(&mut tx, of.0, of.1, 9).await.unwrap();
        assert_eq!(next.len(), 2);
        assert!(!next.contains(&first[0]) && !next.contains(&first[1]));
        let counts = occasions::counts_of(&mut tx, of.0, of.1).await.unwrap();
        let expected = [(ChosenOutcome::Waiting, 2), (ChosenOutcome::Done, 1), (ChosenOutcome::Oneself, 1)];
        assert_eq!(counts, BTreeMap::from(expected));
        assert_eq!(occasions::made_of(&mut tx, of.0).await.unwrap(), [first[0]].into());
        let other = StepId::mint(now(), kit.random());
        assert!(!occasions::is_at_work(&mut tx, of.0, other).await.unwrap(), "no job works on it");
        let job = storage::jobs::Job { job_id: domain::ids::JobId(one.step_id.0), ..any_job(&kit) };
        storage::jobs::insert(&mut tx, &job).await.unwrap();
        assert!(occasions::is_at_work(&mut tx, of.0, other).await.unwrap());
        assert!(!occasions::is_at_work(&mut tx, of.0, one.step_id).await.unwrap());
    }
}
