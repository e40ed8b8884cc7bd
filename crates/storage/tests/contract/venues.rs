//! Venues: what the door knows of them, who works there, links that are valid once.

use domain::ids::{AccountId, AreaId, VenueId, VenueLinkId};
use domain::languages::Language;
use domain::persons::Personal;
use domain::venues::{
    AsksAddress, Confirms, Door, OpenSpan, OpeningHours, VenueAddress, VenueDetails, VenueKind, VenueRole,
};
use jiff::{SignedDuration, Timestamp};
use storage::accounts::{self, Account};
use storage::venues::{self, Area, Link, Purpose, StaffAccount};
use testkit::kit::now;
use testkit::{Kit, contract};

fn details(name: &str) -> VenueDetails {
    let bar = OpenSpan { weekday: 6, opens_min: 1_200, closes_min: 240 };
    VenueDetails {
        name: name.to_owned(),
        kind: VenueKind::Bar,
        address: VenueAddress {
            street: "Übergasse".to_owned(),
            house_number: "3a".to_owned(),
            postcode: "68159".to_owned(),
            city: "Mannheim".to_owned(),
        },
        hours: OpeningHours::new(vec![bar]).unwrap(),
        capacity: Some(80),
        usual_stay_min: 90,
        confirms: Confirms::Staff,
        asks_address: AsksAddress::Yes,
    }
}

/// A venue.
pub async fn venue(kit: &Kit, name: &str) -> VenueId {
    let venue_id = VenueId::of_bits(bits(kit));
    let mut tx = kit.write().await;
    assert!(venues::insert(&mut tx, venue_id, &details(name), now()).await.unwrap());
    tx.commit().await.unwrap();
    venue_id
}

fn area(kit: &Kit, name: &str) -> Area {
    Area { area_id: AreaId::of_bits(bits(kit)), name: name.to_owned() }
}

/// Bits that were not given out before.
fn bits(kit: &Kit) -> u64 {
    let [_, _, rest @ ..] = kit.random();
    u64::from_be_bytes(rest)
}

fn staff(kit: &Kit, email: &str) -> StaffAccount {
    StaffAccount {
        account_id: AccountId::mint(now(), kit.random()),
        email: Personal::new(email.to_owned()),
        name: Personal::new("Rosa".to_owned()),
        phone: Some(Personal::new("+49621123".to_owned())),
        language: Language::Tr,
    }
}

/// A link that works for two days.
pub fn link(kit: &Kit, purpose: Purpose) -> Link {
    Link {
        link_id: VenueLinkId::mint(now(), kit.random()),
        purpose,
        told: Personal::new("{\"email\":\"rosa@example.org\"}".to_owned()),
        language: Language::De,
        expires_at: later(48),
    }
}

fn later(hours: i64) -> Timestamp {
    now() + SignedDuration::from_hours(hours)
}

async fn found(kit: &Kit, word: &str, after: Option<(&str, VenueId)>) -> Vec<String> {
    let found = venues::search(&mut kit.read().await, word, after, 10).await.unwrap();
    found.into_iter().map(|venue| venue.details.name).collect()
}

contract! {
    async fn the_door_knows_the_venue_with_its_areas_in_their_order(kit) {
        let id = venue(&kit, "Café Rosa & Söhne").await;
        assert_eq!(venues::door(&mut kit.read().await, VenueId::mint([7; 10])).await.unwrap(), None);
        let (terrace, bar, hall) = (area(&kit, "Terrasse"), area(&kit, "Bar"), area(&kit, "Saal"));
        let mut tx = kit.write().await;
        venues::set_areas(&mut tx, id, &[terrace.clone(), bar.clone()], now()).await.unwrap();
        venues::set_areas(&mut tx, id, &[hall.clone(), terrace.clone()], now()).await.unwrap();
        tx.commit().await.unwrap();
        let told = details("Café Rosa & Söhne");
        let door = Door {
            venue_id: id,
            name: told.name,
            areas: vec![(hall.area_id, hall.name), (terrace.area_id, terrace.name.clone())],
            hours: told.hours,
            capacity: Some(80),
            usual_stay_min: 90,
            confirms: Confirms::Staff,
            asks_address: AsksAddress::Yes,
            open: true,
        };
        assert_eq!(venues::door(&mut kit.read().await, id).await.unwrap(), Some(door.clone()));
        let mut tx = kit.write().await;
        venues::set_areas(&mut tx, id, std::slice::from_ref(&bar), now()).await.unwrap();
        assert_eq!(venues::areas(&mut tx, id).await.unwrap(), [bar], "one that was taken away comes back");
        let every: Vec<String> = venues::every_area(&mut tx, id).await.unwrap().into_iter().map(|area| area.name).collect();
        assert_eq!(every.len(), 3, "visits to those that were taken away can still be explained: {every:?}");
        assert!(venues::close(&mut tx, id, later(1)).await.unwrap());
        assert!(!venues::close(&mut tx, id, later(2)).await.unwrap());
        let closed = venues::door(&mut tx, id).await.unwrap().unwrap();
        assert!(!closed.open);
        assert_eq!(venues::find(&mut tx, id).await.unwrap().unwrap().closed_at, Some(later(1)));
    }

    async fn nobody_writes_over_anothers_change_of_a_venue(kit) {
        let id = venue(&kit, "Rosa").await;
        let mut tx = kit.write().await;
        let other = VenueDetails { capacity: None, confirms: Confirms::Nobody, ..details("Rosa") };
        assert!(venues::change(&mut tx, id, 1, &other, later(1)).await.unwrap());
        assert!(!venues::change(&mut tx, id, 1, &details("Late"), later(2)).await.unwrap());
        let kept = venues::find(&mut tx, id).await.unwrap().unwrap();
        assert_eq!((kept.details, kept.version, kept.created_at, kept.changed_at), (other, 2, now(), later(1)));
        assert!(!venues::insert(&mut tx, id, &details("Twice"), now()).await.unwrap());
    }

    async fn venues_are_found_by_name_and_place_in_pages_and_never_a_neighbours(kit) {
        let (b, _) = (venue(&kit, "Bar 100%").await, venue(&kit, "Äpfel & Birnen").await);
        venue(&kit, "Cinema").await;
        let neighbour = kit.neighbour().await;
        let mut theirs = kit.store.write(neighbour).await.unwrap();
        venues::insert(&mut theirs, VenueId::of_bits(bits(&kit)), &details("Bar of next"), now()).await.unwrap();
        theirs.commit().await.unwrap();
        assert_eq!(found(&kit, "bar", None).await, ["Bar 100%"]);
        assert_eq!(found(&kit, " ÄPFEL", None).await, ["Äpfel & Birnen"]);
        assert_eq!(found(&kit, "übergasse 3A", None).await.len(), 3);
        assert_eq!(found(&kit, "0%", None).await, ["Bar 100%"], "no wildcard");
        assert_eq!(found(&kit, "_", None).await, [""; 0]);
        let rest = found(&kit, "", Some(("Bar 100%", b))).await;
        assert!(rest.contains(&"Cinema".to_owned()) && !rest.contains(&"Bar 100%".to_owned()), "{rest:?}");
    }

    async fn staff_are_found_by_their_address_and_are_something_in_each_venue(kit) {
        let (rosa, bar) = (venue(&kit, "Rosa").await, venue(&kit, "Bar").await);
        let someone = staff(&kit, "Rosa@Example.org");
        let account = Account { account_id: someone.account_id, name: "venue:1".to_owned(), operator: false };
        let mut tx = kit.write().await;
        assert!(accounts::insert(&mut tx, &account, now()).await.unwrap());
        assert!(venues::insert_account(&mut tx, &kit.sealer, &someone, now()).await.unwrap());
        let twin = staff(&kit, " rosa@example.ORG");
        assert!(!venues::insert_account(&mut tx, &kit.sealer, &twin, now()).await.unwrap());
        let found = venues::account_by_email(&mut tx, &kit.sealer, "rosa@example.org").await.unwrap();
        assert_eq!(found, Some(someone.clone()));
        assert_eq!(venues::account_by_email(&mut tx, &kit.sealer, "other@example.org").await.unwrap(), None);
        venues::set_staff_language(&mut tx, someone.account_id, Language::En).await.unwrap();
        let someone = StaffAccount { language: Language::En, ..someone };
        let id = someone.account_id;
        assert_eq!(venues::account_of(&mut tx, &kit.sealer, id).await.unwrap(), Some(someone.clone()));

        assert!(venues::join(&mut tx, rosa, id, VenueRole::Owner, now()).await.unwrap());
        assert!(!venues::join(&mut tx, rosa, id, VenueRole::Door, now()).await.unwrap());
        assert!(venues::join(&mut tx, bar, id, VenueRole::Door, later(1)).await.unwrap());
        let both = [(rosa, VenueRole::Owner), (bar, VenueRole::Door)];
        assert_eq!(venues::memberships(&mut tx, id).await.unwrap(), both);
        assert_eq!(venues::n_owners(&mut tx, rosa).await.unwrap(), 1);
        assert_eq!(venues::n_owners(&mut tx, bar).await.unwrap(), 0);
        assert!(venues::set_member_role(&mut tx, bar, id, VenueRole::ListMaker).await.unwrap());
        assert_eq!(venues::member_role(&mut tx, bar, id).await.unwrap(), Some(VenueRole::ListMaker));
        let members = venues::members(&mut tx, &kit.sealer, rosa).await.unwrap();
        assert_eq!(members.len(), 1);
        assert_eq!((&members[0].staff, members[0].role, members[0].joined_at), (&someone, VenueRole::Owner, now()));
        assert!(venues::leave(&mut tx, rosa, id).await.unwrap());
        assert!(!venues::leave(&mut tx, rosa, id).await.unwrap());
        assert_eq!(venues::member_role(&mut tx, rosa, id).await.unwrap(), None);
        venues::end_account(&mut tx, id).await.unwrap();
        assert_eq!(venues::account_of(&mut tx, &kit.sealer, id).await.unwrap(), None);
    }

    async fn a_mailed_link_works_once_and_until_its_end(kit) {
        let id = venue(&kit, "Rosa").await;
        let invite = Purpose::Invite { venue_id: id, role: VenueRole::Door, by: kit.account_id };
        let (registration, invitation) = (link(&kit, Purpose::Register), link(&kit, invite));
        let mut tx = kit.write().await;
        venues::insert_link(&mut tx, &kit.sealer, &registration, "one", now()).await.unwrap();
        venues::insert_link(&mut tx, &kit.sealer, &invitation, "two", now()).await.unwrap();
        let found = async |tx: &mut storage::Tx, hash, at| venues::find_link(tx, &kit.sealer, hash, at).await.unwrap();
        assert_eq!(found(&mut tx, "one", later(47)).await, Some(registration.clone()));
        assert_eq!(found(&mut tx, "one", later(48)).await, None);
        assert_eq!(found(&mut tx, "three", now()).await, None);
        let open = venues::invitations(&mut tx, &kit.sealer, id, now()).await.unwrap();
        assert_eq!(open, [invitation.clone()], "registrations are nobody's");
        assert!(venues::take_link(&mut tx, registration.link_id).await.unwrap());
        assert!(!venues::take_link(&mut tx, registration.link_id).await.unwrap());
        assert_eq!(found(&mut tx, "one", now()).await, None);
        assert!(!venues::delete_link(&mut tx, VenueId::mint([9; 10]), invitation.link_id).await.unwrap(), "another's");
        assert!(venues::delete_link(&mut tx, id, invitation.link_id).await.unwrap());
    }
}
