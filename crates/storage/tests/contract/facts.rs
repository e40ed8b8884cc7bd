use domain::contacts::{Contact, ContactKind};
use domain::diseases::Disease;
use domain::ids::{ContactId, LinkId};
use domain::infections::InfectionLink;
use domain::time::DayRange;
use jiff::civil::date;
use storage::contacts;
use storage::infections::{self, RefusedLink};
use testkit::contract;
use testkit::kit::now;

contract! {
    async fn a_link_is_found_from_both_ends_and_stored_once(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let link = InfectionLink {
            link_id: LinkId::mint(now(), [1; 10]),
            infector: a,
            infected: b,
            setting: Some("Emergency room".to_owned()),
            infected_on: None,
        };
        let again = InfectionLink { link_id: LinkId::mint(now(), [2; 10]), ..link.clone() };
        let mut tx = kit.write().await;
        assert_eq!(infections::insert(&mut tx, &[link.clone(), again], now()).await.unwrap(), 1);
        assert_eq!(infections::of_infectors(&mut tx, &[a, b]).await.unwrap(), [link.clone()]);
        assert_eq!(infections::of_infected(&mut tx, &[b]).await.unwrap(), [link.clone()]);
        assert_eq!(infections::of_infected(&mut tx, &[a]).await.unwrap(), []);
        let dated = InfectionLink { infected_on: Some(date(2015, 6, 1)), ..link };
        infections::replace(&mut tx, &dated).await.unwrap();
        assert_eq!(infections::all(&mut tx).await.unwrap(), [dated]);
    }

    async fn a_refused_link_is_remembered_once_and_forgotten_when_stored(kit) {
        let refused = [RefusedLink { infector: "1".to_owned(), infected: "99".to_owned(), reason: "nobody".to_owned() }];
        let mut tx = kit.write().await;
        for _ in 0..2 {
            infections::remember_refused(&mut tx, Disease::Mers, &refused, now()).await.unwrap();
        }
        assert_eq!(infections::count_refused(&mut tx, Disease::Mers).await.unwrap(), 1);
        assert_eq!(infections::count_refused(&mut tx, Disease::Mpox).await.unwrap(), 0);
        infections::forget_refused(&mut tx, Disease::Mers, "1", "99").await.unwrap();
        assert_eq!(infections::count_refused(&mut tx, Disease::Mers).await.unwrap(), 0);
    }

    async fn a_declared_contact_is_found_from_both_sides(kit) {
        let (a, b, c) = (kit.person("A").await, kit.person("B").await, kit.person("C").await);
        let contact = Contact {
            contact_id: ContactId::mint(now(), [1; 10]),
            declared_by: a,
            met: b,
            kind: ContactKind::Household,
            days: DayRange { first: date(2026, 1, 1), last: date(2026, 1, 5) },
        };
        let mut tx = kit.write().await;
        assert_eq!(contacts::insert(&mut tx, std::slice::from_ref(&contact), now()).await.unwrap(), 1);
        assert_eq!(contacts::insert(&mut tx, std::slice::from_ref(&contact), now()).await.unwrap(), 0, "a retry");
        for person in [a, b] {
            assert_eq!(contacts::of_persons(&mut tx, &[person]).await.unwrap(), [contact.clone()]);
        }
        assert_eq!(contacts::of_persons(&mut tx, &[a, b]).await.unwrap().len(), 1, "named twice, listed once");
        assert_eq!(contacts::of_persons(&mut tx, &[c]).await.unwrap(), []);
        assert_eq!(contacts::all(&mut tx).await.unwrap(), [contact]);
    }
}
