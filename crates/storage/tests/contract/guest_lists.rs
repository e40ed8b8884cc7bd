//! Openings of guest lists: numbered by venue and day, and who may make them.

use domain::guest_lists::{ListSetting, OpenedBy, Opens, Reason};
use domain::ids::{OpeningId, VenueId};
use domain::persons::Personal;
use domain::time::Window;
use jiff::SignedDuration;
use jiff::civil::date;
use storage::guest_lists::{self, ListOpening};
use testkit::kit::now;
use testkit::{Kit, contract};

/// An opening of a list of today by a venue's staff.
pub fn opening(kit: &Kit, venue: u64, number: Option<i32>) -> ListOpening {
    let from = now().checked_sub(SignedDuration::from_hours(6)).unwrap();
    ListOpening {
        opening_id: OpeningId::mint(now(), kit.random()),
        venue_id: VenueId::of_bits(venue),
        account_id: kit.account_id,
        opened_by: number.map_or(OpenedBy::Authority, |_| OpenedBy::Venue),
        opened_at: now(),
        opened_on: date(2026, 3, 1),
        number,
        window: Window::new(from, now()).unwrap(),
        area_id: None,
        reason: Reason::Other,
        note: Some(Personal::new("Aunt Ida".to_owned())),
        n_visits: 7,
    }
}

contract! {
    async fn openings_are_numbered_by_venue_and_day_and_no_number_is_taken_twice(kit) {
        let mut tx = kit.write().await;
        let (first, twin) = (opening(&kit, 1, Some(1)), opening(&kit, 1, Some(1)));
        assert!(guest_lists::insert(&mut tx, &kit.sealer, &first).await.unwrap());
        assert!(!guest_lists::insert(&mut tx, &kit.sealer, &twin).await.unwrap(), "two at once aren't both the first");
        let second = ListOpening { note: None, reason: Reason::OwnOutbreak, ..opening(&kit, 1, Some(2)) };
        let (other, ours) = (opening(&kit, 2, Some(1)), opening(&kit, 1, None));
        for opening in [&second, &other, &ours, &opening(&kit, 2, None)] {
            assert!(guest_lists::insert(&mut tx, &kit.sealer, opening).await.unwrap());
        }
        let venue = VenueId::of_bits(1);
        assert_eq!(guest_lists::n_on(&mut tx, venue, date(2026, 3, 1)).await.unwrap(), 2, "the authority's don't count");
        assert_eq!(guest_lists::n_on(&mut tx, venue, date(2026, 3, 2)).await.unwrap(), 0);
        assert_eq!(guest_lists::find(&mut tx, &kit.sealer, first.opening_id).await.unwrap(), Some(first.clone()));
        assert_eq!(guest_lists::find(&mut tx, &kit.sealer, twin.opening_id).await.unwrap(), None);
        let all = guest_lists::of_venue(&mut tx, &kit.sealer, venue, None, 9).await.unwrap();
        assert_eq!(all, [ours, second.clone(), first.clone()], "newest first");
        let older = guest_lists::of_venue(&mut tx, &kit.sealer, venue, Some(second.opening_id), 9).await.unwrap();
        assert_eq!(older, [first]);
    }

    async fn nobody_sees_a_neighbours_openings(kit) {
        let mut tx = kit.write().await;
        let own = opening(&kit, 1, Some(1));
        guest_lists::insert(&mut tx, &kit.sealer, &own).await.unwrap();
        tx.commit().await.unwrap();
        let neighbour = kit.neighbour().await;
        let mut tx = kit.store.write(neighbour).await.unwrap();
        assert_eq!(guest_lists::find(&mut tx, &kit.sealer, own.opening_id).await.unwrap(), None);
        assert_eq!(guest_lists::n_on(&mut tx, own.venue_id, own.opened_on).await.unwrap(), 0);
        assert_eq!(guest_lists::setting(&mut tx).await.unwrap(), (0, ListSetting::default()));
    }

    async fn the_newest_setting_is_in_force_and_each_version_is_made_once(kit) {
        let mut tx = kit.write().await;
        let by = (kit.account_id, now());
        let own = ListSetting { opens: Opens::Authority, kept_days: 10 };
        assert_eq!(guest_lists::setting(&mut tx).await.unwrap(), (0, ListSetting::default()));
        assert!(guest_lists::insert_setting(&mut tx, 1, own, by).await.unwrap());
        assert!(!guest_lists::insert_setting(&mut tx, 1, ListSetting::default(), by).await.unwrap());
        assert_eq!(guest_lists::setting(&mut tx).await.unwrap(), (1, own));
    }
}
