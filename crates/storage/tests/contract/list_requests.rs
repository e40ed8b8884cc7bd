//! Stays of cases and the visits that follow from them, codes, requests, and guests that were released.

use super::cases::case;
use super::venues::venue;
use domain::check_ins::{Guest, GuestAddress, Marks};
use domain::diseases::Disease;
use domain::ids::{AreaId, CaseId, FacilityId, PersonId, RequestId, ShareId, StayId, VenueId, VisitId};
use domain::list_requests::{PlaceStay, RequestState, StaySource};
use domain::persons::Personal;
use domain::time::{Window, local_day};
use jiff::SignedDuration;
use jiff::tz::TimeZone;
use storage::list_requests::{self, Decision, ListRequest, ReleasedVisit};
use storage::stays::{self, CaseStay, Share};
use storage::{Tx, anonymising, cases, visits};
use testkit::kit::now;
use testkit::{Kit, contract};

fn minutes(from: i64, until: i64) -> Window {
    Window::new(now() + SignedDuration::from_mins(from), now() + SignedDuration::from_mins(until)).unwrap()
}

/// A stay of an hour in an area.
pub fn stay(kit: &Kit, (case_id, person_id): (CaseId, PersonId), venue_id: VenueId) -> CaseStay {
    CaseStay {
        stay_id: StayId::mint(now(), kit.random()),
        case_id,
        person_id,
        venue_id,
        place: PlaceStay { area: Some(AreaId::of_bits(7)), stay: minutes(0, 60) },
        source: StaySource::Worker,
        visit_id: None,
        origin_case: None,
        account_id: Some(kit.account_id),
        noted_at: now(),
    }
}

/// A code for a case.
pub fn share(kit: &Kit, (case_id, person_id): (CaseId, PersonId)) -> Share {
    let share_id = ShareId::mint(now(), kit.random());
    let expires_at = now() + SignedDuration::from_hours(24);
    Share { share_id, case_id, person_id, account_id: kit.account_id, created_at: now(), expires_at }
}

/// A request because of a stay.
pub fn request(kit: &Kit, stay: &CaseStay) -> ListRequest {
    ListRequest {
        request_id: RequestId::mint(now(), kit.random()),
        case_id: stay.case_id,
        person_id: stay.person_id,
        stay_id: stay.stay_id,
        venue_id: stay.venue_id,
        asked: stay.place.stay,
        state: RequestState::Asked,
        account_id: kit.account_id,
        asked_at: now(),
        ended_by: None,
        ended_at: None,
    }
}

/// A guest of a request.
pub fn released(kit: &Kit, request: &ListRequest) -> ReleasedVisit {
    let text = |text: &str| Personal::new(text.to_owned());
    let address = GuestAddress {
        street: text("Übergasse"),
        house_number: text("3a"),
        postcode: text("68159"),
        city: text("Mannheim"),
    };
    ReleasedVisit {
        case_id: request.case_id,
        request_id: request.request_id,
        visit_id: VisitId::mint(now(), kit.random()),
        venue_id: request.venue_id,
        place: PlaceStay { area: None, stay: minutes(10, 30) },
        household: 2,
        marks: Marks::LATE,
        guest: Some(Guest {
            name: text("Ayşe Yılmaz"),
            phone: Some(text("0621 1")),
            email: None,
            address: Some(address),
        }),
        decision: None,
    }
}

async fn person_with_case(kit: &Kit, tx: &mut Tx, n: u8) -> (CaseId, PersonId) {
    let person = PersonId::mint(now(), kit.random());
    storage::persons::insert(tx, &kit.sealer, &[testkit::kit::nobody(person)], now()).await.unwrap();
    let case = case(n, person, Disease::Covid19);
    cases::insert(tx, &kit.sealer, std::slice::from_ref(&case), now()).await.unwrap();
    (case.case_id, person)
}

async fn follow(tx: &mut Tx, person: PersonId, gone: &[StayId]) {
    stays::follow(tx, person, gone, local_day(now(), &TimeZone::UTC)).await.unwrap();
}

contract! {
    /// A search finds what a stay says, under one facility for the venue.
    async fn a_stay_is_a_visit_among_the_facts_as_long_as_it_stands(kit) {
        let venue_id = venue(&kit, "Café Rosa").await;
        let mut tx = kit.write().await;
        let whose = person_with_case(&kit, &mut tx, 1).await;
        let new = FacilityId::mint(now(), kit.random());
        let facility = stays::make_facility(&mut tx, (venue_id, "Café Rosa"), new, now()).await.unwrap();
        let other = FacilityId::mint(now(), kit.random());
        assert_eq!(stays::make_facility(&mut tx, (venue_id, "Café Rosa"), other, now()).await.unwrap(), facility);
        let one = stay(&kit, whose, venue_id);
        stays::insert(&mut tx, &one).await.unwrap();
        follow(&mut tx, whose.1, &[]).await;
        assert_eq!(stays::of_case(&mut tx, whose.0).await.unwrap(), [one.clone()]);
        let seen = visits::in_area(&mut tx, facility, &AreaId::of_bits(7).to_string(), &minutes(59, 70)).await.unwrap();
        assert_eq!((seen.len(), seen[0].person, seen[0].visit_id.0), (1, whose.1, one.stay_id.0));

        let moved = CaseStay { place: PlaceStay { area: None, stay: minutes(100, 160) }, ..one.clone() };
        stays::change(&mut tx, &moved).await.unwrap();
        follow(&mut tx, whose.1, &[]).await;
        let all = visits::of_persons(&mut tx, &[whose.1]).await.unwrap();
        assert_eq!((all.len(), all[0].area.as_str(), all[0].stay), (1, "", minutes(100, 160)));

        let nowhere = CaseStay { stay_id: StayId::mint(now(), kit.random()), ..one.clone() };
        assert!(stays::change(&mut tx, &nowhere).await.is_err());
        assert!(stays::delete(&mut tx, whose.0, one.stay_id).await.unwrap());
        assert!(!stays::delete(&mut tx, whose.0, one.stay_id).await.unwrap());
        follow(&mut tx, whose.1, &[one.stay_id]).await;
        assert_eq!(visits::of_persons(&mut tx, &[whose.1]).await.unwrap(), []);
        assert!(stays::areas_of_facilities(&mut tx, [facility].into_iter()).await.unwrap().contains_key(&facility));
        assert!(stays::areas_of_facilities(&mut tx, [other].into_iter()).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert_eq!(kit.database.count_rows("visit_day").await, 0);
    }

    /// Two cases of one person may have the same stay; it is one visit, and stays while either has it.
    async fn the_same_stay_of_two_cases_is_one_visit(kit) {
        let venue_id = venue(&kit, "Café Rosa").await;
        let mut tx = kit.write().await;
        let whose = person_with_case(&kit, &mut tx, 1).await;
        let second = case(2, whose.1, Disease::Mers);
        cases::insert(&mut tx, &kit.sealer, std::slice::from_ref(&second), now()).await.unwrap();
        stays::make_facility(&mut tx, (venue_id, "Rosa"), FacilityId::mint(now(), kit.random()), now()).await.unwrap();
        let (one, other) = (stay(&kit, whose, venue_id), stay(&kit, (second.case_id, whose.1), venue_id));
        for stay in [&one, &other] {
            stays::insert(&mut tx, stay).await.unwrap();
            follow(&mut tx, whose.1, &[]).await;
        }
        assert_eq!(visits::of_persons(&mut tx, &[whose.1]).await.unwrap().len(), 1);
        stays::delete(&mut tx, one.case_id, one.stay_id).await.unwrap();
        follow(&mut tx, whose.1, &[one.stay_id]).await;
        assert_eq!(visits::of_persons(&mut tx, &[whose.1]).await.unwrap().len(), 1);
    }

    async fn what_was_released_lives_and_dies_with_its_case(kit) {
        let venue_id = venue(&kit, "Café Rosa").await;
        let mut tx = kit.write().await;
        let whose = person_with_case(&kit, &mut tx, 1).await;
        stays::make_facility(&mut tx, (venue_id, "Rosa"), FacilityId::mint(now(), kit.random()), now()).await.unwrap();
        let stay = stay(&kit, whose, venue_id);
        stays::insert(&mut tx, &stay).await.unwrap();
        follow(&mut tx, whose.1, &[]).await;
        stays::put_code(&mut tx, &share(&kit, whose), "hash").await.unwrap();
        let request = request(&kit, &stay);
        list_requests::insert(&mut tx, &request).await.unwrap();
        let guest = released(&kit, &request);
        list_requests::insert_visits(&mut tx, &kit.sealer, std::slice::from_ref(&guest)).await.unwrap();
        assert_eq!(list_requests::visits(&mut tx, Some(&kit.sealer), whose.0).await.unwrap(), [guest]);
        assert_eq!(list_requests::visits(&mut tx, None, whose.0).await.unwrap()[0].guest, None);
        anonymising::anonymise_case(&mut tx, whose.0, now()).await.unwrap();
        tx.commit().await.unwrap();
        for table in ["case_stay", "share_code", "list_request", "released_visit", "visit", "visit_day"] {
            assert_eq!(kit.database.count_rows(table).await, 0, "{table}");
        }
    }

    async fn a_request_ends_once_and_guests_without_a_contact_case_go_with_it(kit) {
        let venue_id = venue(&kit, "Café Rosa").await;
        let mut tx = kit.write().await;
        let (whose, other) = (person_with_case(&kit, &mut tx, 1).await, person_with_case(&kit, &mut tx, 2).await);
        let request = request(&kit, &stay(&kit, whose, venue_id));
        list_requests::insert(&mut tx, &request).await.unwrap();
        let by = (Some(kit.account_id), now());
        assert!(list_requests::end(&mut tx, &request, RequestState::Released, by).await.unwrap());
        assert!(!list_requests::end(&mut tx, &request, RequestState::Withdrawn, by).await.unwrap(), "no longer asked");
        let now_it_is = list_requests::at_venue(&mut tx, venue_id, request.request_id).await.unwrap().unwrap();
        assert_eq!((now_it_is.state, now_it_is.ended_by), (RequestState::Released, Some(kit.account_id)));
        assert_eq!(list_requests::of_case(&mut tx, whose.0).await.unwrap(), [now_it_is.clone()]);
        assert_eq!(list_requests::of_venue(&mut tx, venue_id).await.unwrap(), [now_it_is]);
        assert_eq!(list_requests::at_venue(&mut tx, VenueId::of_bits(99_999), request.request_id).await.unwrap(), None);
        let (one, two) = (released(&kit, &request), released(&kit, &request));
        list_requests::insert_visits(&mut tx, &kit.sealer, &[one.clone(), two]).await.unwrap();
        let decision = Decision { person_id: other.1, case_id: other.0, together_min: 20, aired_min: 0, by: kit.account_id, at: now() };
        assert!(list_requests::decide(&mut tx, whose.0, one.visit_id, &decision).await.unwrap());
        assert!(!list_requests::decide(&mut tx, whose.0, one.visit_id, &decision).await.unwrap(), "decided once");
        assert_eq!(list_requests::delete_undecided(&mut tx, whose.0, request.request_id).await.unwrap(), 1);
        let left = list_requests::visits(&mut tx, Some(&kit.sealer), whose.0).await.unwrap();
        assert_eq!(left, [ReleasedVisit { decision: Some(decision), ..one }]);
    }

    async fn a_code_is_one_for_each_case_and_works_until_its_end(kit) {
        let mut tx = kit.write().await;
        let whose = person_with_case(&kit, &mut tx, 1).await;
        stays::put_code(&mut tx, &share(&kit, whose), "old").await.unwrap();
        stays::put_code(&mut tx, &share(&kit, whose), "new").await.unwrap();
        let end = now() + SignedDuration::from_hours(24);
        let just_before = end - SignedDuration::from_secs(1);
        assert_eq!(stays::case_of_code(&mut tx, "old", now()).await.unwrap(), None);
        assert_eq!(stays::case_of_code(&mut tx, "new", just_before).await.unwrap(), Some(whose.0));
        assert_eq!(stays::case_of_code(&mut tx, "new", end).await.unwrap(), None);
        assert_eq!(stays::code_of_case(&mut tx, whose.0, just_before).await.unwrap(), Some(end));
        assert_eq!(stays::code_of_case(&mut tx, whose.0, end).await.unwrap(), None);
    }
}
