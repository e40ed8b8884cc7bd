use domain::encounters::Spell;
use domain::ids::PersonId;
use domain::time::Window;
use jiff::civil::date;
use storage::encounters::{self, Encounter};
use testkit::contract;

pub fn window(from: &str, until: &str) -> Window {
    let at = |clock: &str| format!("2026-01-0{clock}Z").parse().unwrap();
    Window::new(at(from), at(until)).unwrap()
}

pub fn met(person: PersonId, other: PersonId, from: &str, until: &str) -> Encounter {
    Encounter { person, other, spell: Spell { window: window(from, until), distance_m: Some(1.5) } }
}

contract! {
    /// Windows are half-open: who leaves at ten is not there at ten.
    async fn an_encounter_that_ends_as_the_window_opens_is_not_listed(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let touching = met(a, b, "2T09:00:00", "2T10:00:00");
        let inside = met(a, b, "2T10:30:00", "2T10:40:00");
        let after = met(a, b, "2T11:00:00", "2T12:00:00");
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[touching, inside, after], date(2026, 1, 3)).await.unwrap();
        let asked = window("2T10:00:00", "2T11:00:00");
        assert_eq!(encounters::of_persons(&mut tx, &[(a, asked)]).await.unwrap(), [inside]);
    }

    async fn an_encounter_is_seen_from_both_sides(kit) {
        let (a, b, c) = (kit.person("A").await, kit.person("B").await, kit.person("C").await);
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[met(a, b, "2T09:00:00", "2T10:00:00")], date(2026, 1, 3)).await.unwrap();
        let found = encounters::of_persons(&mut tx, &[(b, Window::ALWAYS), (c, Window::ALWAYS)]).await.unwrap();
        assert_eq!(found, [met(b, a, "2T09:00:00", "2T10:00:00")]);
    }

    async fn one_that_began_before_the_window_on_the_same_day_is_listed(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let long = met(a, b, "2T00:00:00", "2T23:59:59");
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[long], date(2026, 1, 3)).await.unwrap();
        let asked = window("2T20:00:00", "2T21:00:00");
        assert_eq!(encounters::of_persons(&mut tx, &[(a, asked)]).await.unwrap(), [long]);
    }

    async fn each_seeker_is_asked_for_in_their_own_window(kit) {
        let (a, b, c) = (kit.person("A").await, kit.person("B").await, kit.person("C").await);
        let morning = met(a, c, "2T09:00:00", "2T10:00:00");
        let evening = met(b, c, "2T19:00:00", "2T20:00:00");
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[morning, evening], date(2026, 1, 3)).await.unwrap();
        let (early, late) = (window("2T08:00:00", "2T12:00:00"), window("2T18:00:00", "2T22:00:00"));
        assert_eq!(encounters::of_persons(&mut tx, &[(a, late), (b, early)]).await.unwrap(), []);
        assert_eq!(encounters::of_persons(&mut tx, &[(a, early), (b, late)]).await.unwrap().len(), 2);
    }

    async fn deleting_an_encounter_deletes_both_sides_or_fails(kit) {
        let (a, b) = (kit.person("A").await, kit.person("B").await);
        let stored = met(a, b, "2T09:00:00", "2T10:00:00");
        let mut tx = kit.write().await;
        encounters::insert(&mut tx, &[stored], date(2026, 1, 3)).await.unwrap();
        encounters::delete(&mut tx, &[met(b, a, "2T09:00:00", "2T10:00:00")]).await.unwrap();
        assert_eq!(encounters::of_persons(&mut tx, &[(a, Window::ALWAYS), (b, Window::ALWAYS)]).await.unwrap(), []);
        assert!(encounters::delete(&mut tx, &[stored]).await.is_err(), "it isn't there any more");
    }
}
