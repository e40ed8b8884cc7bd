//! Hand-overs at rest: each side its own journal, and rows that go from one authority to the other.

use super::cases::case;
use domain::cases::{CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::hand_overs::{AskedBecause, HandOverState, RefusedBecause, Side};
use domain::ids::{AuthorityId, CaseId, HandOverId, OutboxId, PersonId};
use domain::persons::{Personal, PersonalField};
use jiff::civil::date;
use storage::cases::{self, CaseWork};
use storage::hand_overs::{self, HandOver, Preview, TakenIn};
use storage::persons::{self, Person};
use storage::sealing::{Keyring, Opener, Sealer};
use storage::{Freshness, inbox};
use testkit::kit::{nobody, now};
use testkit::{Kit, contract};

/// A hand-over of a case that authority 2 is asked to take.
pub fn asked(kit: &Kit, (case_id, person_id): (CaseId, PersonId)) -> HandOver {
    HandOver {
        hand_over_id: HandOverId::mint(now(), kit.random()),
        side: Side::From,
        other: AuthorityId(2),
        case_id,
        person_id,
        state: HandOverState::Asked,
        because: AskedBecause::Moved,
        refused_because: None,
        note: None,
        preview: Preview {
            disease: Disease::Covid19,
            case_type: CaseType::Index,
            age_band: Some("40-49".to_owned()),
            postcode: Some("68159".to_owned()),
            symptom_onset: Some(date(2026, 2, 26)),
            tested_on: None,
            reported_on: Some(date(2026, 2, 27)),
            quarantine_last: None,
        },
        n_alike: None,
        asked_by: Some(kit.account_id),
        asked_at: now(),
        decided_by: None,
        decided_at: None,
        copied_at: None,
        closed_at: None,
    }
}

/// A person with a name, and a case of theirs that was handed over.
async fn gone(kit: &Kit) -> (CaseId, PersonId) {
    let person_id = kit.person("A").await;
    let name = Personal::new("Zyxalot".to_owned());
    let person = Person { personal: [(PersonalField::LastName, name)].into(), ..nobody(person_id) };
    let case = case(1, person_id, Disease::Covid19);
    let mut tx = kit.write().await;
    persons::replace(&mut tx, &kit.sealer, &person).await.unwrap();
    cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    let work = cases::lock(&mut tx, case.case_id).await.unwrap().unwrap();
    let before = Some(CaseStatus::TrackedManually);
    let work = CaseWork { status: CaseStatus::HandedOver, status_before: before, ..work };
    cases::write_work(&mut tx, &work).await.unwrap();
    hand_overs::set_whither(&mut tx, case.case_id, Some((AuthorityId(2), None))).await.unwrap();
    tx.commit().await.unwrap();
    (case.case_id, person_id)
}

async fn neighbour(kit: &Kit) -> (AuthorityId, Sealer) {
    let next = kit.neighbour().await;
    let mut keyring = Keyring::open(&kit.keyring(), Opener::Auto).unwrap();
    keyring.add_authority(next, now()).unwrap();
    (next, Sealer::of(&keyring, next).unwrap())
}

contract! {
    async fn a_journal_comes_back_as_it_was_written(kit) {
        let case_id = CaseId::mint(now(), kit.random());
        let person_id = PersonId::mint(now(), kit.random());
        let new = asked(&kit, (case_id, person_id));
        let mut tx = kit.write().await;
        hand_overs::insert(&mut tx, &new).await.unwrap();
        assert_eq!(hand_overs::find(&mut tx, Some(&kit.sealer), new.hand_over_id).await.unwrap(), Some(new.clone()));
        assert_eq!(hand_overs::of_case(&mut tx, None, case_id).await.unwrap().len(), 1);
        assert_eq!(hand_overs::open(&mut tx, Side::From, 9).await.unwrap().len(), 1);
        assert_eq!(hand_overs::open(&mut tx, Side::To, 9).await.unwrap(), []);
        let refused = HandOver {
            state: HandOverState::Refused,
            refused_because: Some(RefusedBecause::Other),
            note: Some(Personal::new("not ours".to_owned())),
            decided_at: Some(now()),
            ..new
        };
        hand_overs::write(&mut tx, &kit.sealer, &refused).await.unwrap();
        let held = hand_overs::hold(&mut tx, Some(&kit.sealer), refused.hand_over_id).await.unwrap();
        assert_eq!(held, Some(refused.clone()));
        let locked = hand_overs::find(&mut tx, None, refused.hand_over_id).await.unwrap().unwrap();
        assert_eq!(locked.note, None, "sealed");
        assert_eq!(hand_overs::open(&mut tx, Side::From, 9).await.unwrap(), []);
        assert_eq!(hand_overs::list(&mut tx, None, None, 9).await.unwrap().len(), 1);
        assert_eq!(hand_overs::list(&mut tx, None, Some(refused.hand_over_id), 9).await.unwrap(), []);
    }

    async fn what_comes_in_twice_is_taken_once(kit) {
        let id = OutboxId::mint(now(), kit.random());
        let mut tx = kit.write().await;
        assert!(inbox::take(&mut tx, AuthorityId(2), id, "hand_over.asked", now()).await.unwrap());
        assert!(!inbox::take(&mut tx, AuthorityId(2), id, "hand_over.asked", now()).await.unwrap());
        assert!(inbox::take(&mut tx, AuthorityId(3), id, "hand_over.asked", now()).await.unwrap(), "another sender's");
    }

    async fn a_case_is_taken_in_once_and_opens_with_the_key_of_its_new_authority_alone(kit) {
        let (case_id, person_id) = gone(&kit).await;
        let (next, theirs) = neighbour(&kit).await;
        let mut tx = kit.store.read(kit.authority_id, Freshness::Fresh).await.unwrap();
        let package = hand_overs::read(&mut tx, &kit.sealer, case_id).await.unwrap();
        drop(tx);
        assert_eq!((package.person_id, package.status), (person_id, CaseStatus::TrackedManually));
        let mut tx = kit.store.write(next).await.unwrap();
        assert_eq!(hand_overs::take_in(&mut tx, &theirs, &package).await.unwrap(), TakenIn::Stored);
        let work = cases::lock(&mut tx, case_id).await.unwrap().unwrap();
        cases::write_work(&mut tx, &CaseWork { status: CaseStatus::Open, ..work }).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = kit.store.write(next).await.unwrap();
        assert_eq!(hand_overs::take_in(&mut tx, &theirs, &package).await.unwrap(), TakenIn::Known);
        let person = persons::by_id(&mut tx, &theirs, &[person_id]).await.unwrap().remove(&person_id).unwrap();
        assert_eq!(person.personal[&PersonalField::LastName].expose(), "Zyxalot");
        assert!(persons::by_id(&mut tx, &kit.sealer, &[person_id]).await.is_err(), "not with the old key");
        let case = cases::by_id(&mut tx, Some(&theirs), case_id).await.unwrap().unwrap();
        assert!(case.note.is_some() && case.facility_id.is_none());
        drop(tx);
        assert_eq!(kit.database.count_rows("outbreak_case WHERE handed_over_to = 2").await, 1, "only where it was");
    }

    async fn what_ended_here_is_not_taken_in_again(kit) {
        let (case_id, person_id) = gone(&kit).await;
        let (next, theirs) = neighbour(&kit).await;
        let mut tx = kit.store.read(kit.authority_id, Freshness::Fresh).await.unwrap();
        let package = hand_overs::read(&mut tx, &kit.sealer, case_id).await.unwrap();
        drop(tx);
        let mut tx = kit.store.write(next).await.unwrap();
        hand_overs::take_in(&mut tx, &theirs, &package).await.unwrap();
        storage::anonymising::anonymise_case(&mut tx, case_id, now()).await.unwrap();
        storage::anonymising::anonymise_person(&mut tx, person_id, now()).await.unwrap();
        assert_eq!(hand_overs::take_in(&mut tx, &theirs, &package).await.unwrap(), TakenIn::Ended);
    }
}
