//! Guest lists through other authorities: keys that are known, messages on their way, both journals, venues elsewhere.

use crate::list_requests::released;
use domain::diseases::Disease;
use domain::ids::{AreaId, AuthorityId, CaseId, FacilityId, OutboxId, PersonId, RequestId, StayId, VenueId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause};
use domain::time::Window;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use storage::authority_messages::SignedMessage;
use storage::requests_between::{self, RequestElsewhere, RequestFromOther, VenueElsewhere};
use storage::sealing::PublicHalves;
use storage::{StorageError, authority_keys, authority_messages, facilities, stays};
use testkit::kit::now;
use testkit::{Kit, contract};

const OTHER: AuthorityId = AuthorityId(2);

fn window() -> Window {
    Window::new(now(), now() + SignedDuration::from_hours(1)).unwrap()
}

fn text(text: &str) -> Option<Personal<String>> {
    Some(Personal::new(text.to_owned()))
}

/// A request through another authority that was just asked.
pub fn elsewhere(kit: &Kit, (case_id, person_id): (CaseId, PersonId)) -> RequestElsewhere {
    RequestElsewhere {
        request_id: RequestId::mint(now(), kit.random()),
        case_id,
        person_id,
        stay_id: StayId::mint(now(), kit.random()),
        other: OTHER,
        place: text("the café beside the church"),
        venue_id: None,
        area_id: Some(AreaId::of_bits(3)),
        stay: window(),
        asked: window(),
        state: BetweenState::Asked,
        because: None,
        note: None,
        account_id: kit.account_id,
        asked_at: now(),
        ended_at: None,
    }
}

/// What another authority just asked.
pub fn from_other(kit: &Kit) -> RequestFromOther {
    RequestFromOther {
        request_id: RequestId::mint(now(), kit.random()),
        other: OTHER,
        disease: Disease::Covid19,
        place: text("the café beside the church"),
        venue_id: None,
        asked: window(),
        state: BetweenState::Asked,
        because: None,
        note: None,
        asked_at: now(),
        passed: None,
        ended_by: None,
        ended_at: None,
    }
}

/// A message on its way.
pub fn message(kit: &Kit) -> SignedMessage {
    SignedMessage {
        message_id: OutboxId::mint(now(), kit.random()),
        receiver: OTHER,
        request_id: RequestId::mint(now(), kit.random()),
        signed: vec![0, 1, 255],
        sent_at: now(),
    }
}

fn venue(facility: FacilityId) -> VenueElsewhere {
    VenueElsewhere {
        venue_id: VenueId::of_bits(77),
        other: OTHER,
        name: "Café Rosa".to_owned(),
        city: "Nextbury".to_owned(),
        areas: BTreeMap::from([(AreaId::of_bits(3), "Terrace".to_owned())]),
        facility,
    }
}

contract! {
    async fn a_journal_of_who_asks_moves_from_where_it_stood_and_only_once(kit) {
        let person = kit.person("A").await;
        let mut tx = kit.write().await;
        let new = elsewhere(&kit, (CaseId(person.0), person));
        requests_between::insert_elsewhere(&mut tx, &kit.sealer, &new).await.unwrap();
        let find = requests_between::find_elsewhere(&mut tx, Some(&kit.sealer), new.request_id).await.unwrap();
        assert_eq!(find, Some(new.clone()));
        let locked = requests_between::of_case(&mut tx, None, new.case_id).await.unwrap();
        assert_eq!((locked.len(), &locked[0].place), (1, &None));
        let declined = RequestElsewhere {
            state: BetweenState::Declined,
            because: Some(DeclinedBecause::Other),
            note: text("we keep no lists here"),
            ended_at: Some(now()),
            ..new.clone()
        };
        let moved = requests_between::move_elsewhere(&mut tx, &kit.sealer, BetweenState::Asked, &declined).await;
        assert!(moved.unwrap());
        let again = requests_between::move_elsewhere(&mut tx, &kit.sealer, BetweenState::Asked, &new).await;
        assert!(!again.unwrap(), "no longer asked");
        let found = requests_between::of_case(&mut tx, Some(&kit.sealer), new.case_id).await.unwrap();
        assert_eq!(found, [declined]);
    }

    async fn a_journal_of_who_is_asked_shows_the_venue_what_was_passed_on_and_nothing_before(kit) {
        let mut tx = kit.write().await;
        let new = from_other(&kit);
        assert!(requests_between::insert_from_other(&mut tx, &kit.sealer, &new).await.unwrap());
        assert!(!requests_between::insert_from_other(&mut tx, &kit.sealer, &new).await.unwrap(), "there already");
        let find = requests_between::find_from_other(&mut tx, Some(&kit.sealer), new.request_id).await.unwrap();
        assert_eq!(find, Some(new.clone()));
        assert_eq!(requests_between::open_from_others(&mut tx, Some(&kit.sealer)).await.unwrap(), [new.clone()]);
        let venue_id = VenueId::of_bits(5);
        assert_eq!(requests_between::to_venue(&mut tx, venue_id).await.unwrap(), []);
        let passed = RequestFromOther {
            state: BetweenState::Passed,
            venue_id: Some(venue_id),
            passed: Some((kit.account_id, now())),
            ..new.clone()
        };
        assert!(requests_between::move_from_other(&mut tx, &kit.sealer, new.state, &passed).await.unwrap());
        assert!(!requests_between::move_from_other(&mut tx, &kit.sealer, new.state, &passed).await.unwrap());
        assert_eq!(requests_between::to_venue(&mut tx, venue_id).await.unwrap().len(), 1);
        let released = RequestFromOther { state: BetweenState::Released, ended_at: Some(now()), ..passed.clone() };
        assert!(requests_between::move_from_other(&mut tx, &kit.sealer, passed.state, &released).await.unwrap());
        assert_eq!(requests_between::open_from_others(&mut tx, None).await.unwrap(), []);
        assert_eq!(requests_between::newest_from_others(&mut tx, Some(&kit.sealer)).await.unwrap(), [released]);
        assert_eq!(requests_between::end_expired(&mut tx, now()).await.unwrap(), 0);
        assert_eq!(requests_between::end_expired(&mut tx, now() + SignedDuration::from_secs(1)).await.unwrap(), 1);
    }

    async fn a_message_is_on_its_way_until_it_was_taken_in_taken_back_or_its_period_is_over(kit) {
        let mut tx = kit.write().await;
        let (one, two, three) = (message(&kit), message(&kit), message(&kit));
        for message in [&one, &two, &three] {
            authority_messages::insert(&mut tx, message).await.unwrap();
        }
        assert_eq!(authority_messages::find(&mut tx, one.message_id).await.unwrap(), Some(one.clone()));
        authority_messages::delete(&mut tx, one.message_id).await.unwrap();
        assert_eq!(authority_messages::find(&mut tx, one.message_id).await.unwrap(), None);
        assert_eq!(authority_messages::delete_of_request(&mut tx, two.request_id).await.unwrap(), 1);
        assert_eq!(authority_messages::end_expired(&mut tx, now()).await.unwrap(), 0);
        assert_eq!(authority_messages::end_expired(&mut tx, now() + SignedDuration::from_secs(1)).await.unwrap(), 1);
    }

    async fn newer_halves_take_the_place_of_older_ones_which_still_verify(kit) {
        let mut tx = kit.store.installation().await.unwrap();
        let first = PublicHalves { number: 1, signing: [1; 32], sealing: [2; 32] };
        let second = PublicHalves { number: 2, signing: [3; 32], sealing: [4; 32] };
        let later = now() + SignedDuration::from_hours(1);
        for _ in 0..2 {
            authority_keys::make_known(&mut tx, AuthorityId(9), &first, now()).await.unwrap();
        }
        authority_keys::make_known(&mut tx, AuthorityId(9), &second, later).await.unwrap();
        let known = authority_keys::list(&mut tx, AuthorityId(9)).await.unwrap();
        assert_eq!(known.iter().map(|known| known.halves).collect::<Vec<_>>(), [first, second]);
        assert_eq!((known[0].valid_from, known[0].valid_until, known[1].valid_until), (now(), Some(later), None));
        tx.commit().await.unwrap();
        let mut own = kit.write().await;
        assert_eq!(authority_keys::list(&mut own, AuthorityId(9)).await.unwrap().len(), 2, "any authority reads them");
    }

    async fn a_venue_elsewhere_has_a_facility_and_its_areas_have_names(kit) {
        let mut tx = kit.write().await;
        let taken = FacilityId::mint(now(), kit.random());
        facilities::insert(&mut tx, &[(taken, "Café Rosa".to_owned())], now()).await.unwrap();
        let facility = FacilityId::mint(now(), kit.random());
        requests_between::put_venue(&mut tx, &venue(facility), now()).await.unwrap();
        let renamed = VenueElsewhere { name: "Rosa".to_owned(), ..venue(FacilityId::mint(now(), kit.random())) };
        requests_between::put_venue(&mut tx, &renamed, now()).await.unwrap();
        let known = requests_between::find_venue(&mut tx, VenueId::of_bits(77)).await.unwrap().unwrap();
        assert_eq!((known.name.as_str(), known.facility), ("Rosa", facility), "the facility stays");
        assert_eq!(stays::facility_of(&mut tx, VenueId::of_bits(77)).await.unwrap(), Some(facility));
        let areas = stays::areas_of_facilities(&mut tx, [facility].into_iter()).await.unwrap();
        assert_eq!(areas[&facility][&AreaId::of_bits(3).to_string()], "Terrace");
        let another = VenueElsewhere { other: AuthorityId(3), ..renamed };
        let refused = requests_between::put_venue(&mut tx, &another, now()).await;
        assert!(matches!(refused, Err(StorageError::WrongCount { .. })), "no authority tells of another's venue");
    }

    /// Guests of a list from elsewhere stand where those of any list do.
    async fn guests_of_a_list_from_elsewhere_go_with_their_request(kit) {
        let person = kit.person("A").await;
        let mut tx = kit.write().await;
        let request = elsewhere(&kit, (CaseId(person.0), person));
        let own = crate::list_requests::stay(&kit, (request.case_id, person), VenueId::of_bits(77));
        let own = crate::list_requests::request(&kit, &own);
        let guest = storage::list_requests::ReleasedVisit { request_id: request.request_id, ..released(&kit, &own) };
        storage::list_requests::insert_visits(&mut tx, &kit.sealer, std::slice::from_ref(&guest)).await.unwrap();
        let gone = storage::list_requests::delete_undecided(&mut tx, request.case_id, request.request_id).await.unwrap();
        assert_eq!(gone, 1);
    }
}
