#![allow(clippy::unwrap_used)]
use super::*;
use crate::rules::RuleSet;
use crate::time::Window;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

fn window(from: i64, until: i64) -> Window {
    let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
    Window::new(at(from), at(until)).unwrap()
}

fn stay(area: u64, from: i64, until: i64) -> PlaceStay {
    PlaceStay { area: (area > 0).then(|| AreaId::of_bits(area)), stay: window(from, until) }
}

const HALF_AN_HOUR: SignedDuration = SignedDuration::from_mins(30);

fn minutes(case: &[PlaceStay], guest: PlaceStay) -> (f64, f64, f64, Nearness) {
    let exposure = exposure_of(case, &guest, &[], HALF_AN_HOUR);
    (exposure.together_min(), exposure.aired_min(), exposure.elsewhere_min(), exposure.nearness)
}

#[test]
fn who_was_in_the_area_of_the_case_is_exposed_while_both_were_there_and_until_it_was_aired() {
    let case = [stay(1, 0, 60)];
    assert_eq!(minutes(&case, stay(1, 30, 75)), (30.0, 15.0, 0.0, Nearness::SameArea));
    assert_eq!(minutes(&case, stay(1, 80, 200)), (0.0, 10.0, 0.0, Nearness::SameArea), "the next at the table");
    assert_eq!(minutes(&case, stay(1, 90, 200)), (0.0, 0.0, 0.0, Nearness::OtherArea), "aired by then");
    assert_eq!(minutes(&case, stay(1, -60, 0)), (0.0, 0.0, 0.0, Nearness::OtherArea), "gone before the case came");
}

#[test]
fn another_area_of_the_venue_is_counted_apart_and_an_unknown_one_counts_as_the_same() {
    assert_eq!(minutes(&[stay(1, 0, 60)], stay(2, 30, 75)), (0.0, 0.0, 30.0, Nearness::OtherArea));
    assert_eq!(minutes(&[stay(0, 0, 60)], stay(2, 30, 75)), (30.0, 15.0, 0.0, Nearness::SameVenue), "whole venue");
    assert_eq!(minutes(&[stay(1, 0, 60)], stay(0, 30, 75)), (30.0, 15.0, 0.0, Nearness::SameVenue));
}

#[test]
fn who_moved_from_one_area_to_the_next_exposed_in_both() {
    let case = [stay(1, 0, 30), stay(2, 30, 60)];
    assert_eq!(minutes(&case, stay(2, 0, 60)), (30.0, 0.0, 30.0, Nearness::SameArea));
}

#[test]
fn only_the_infectious_days_of_a_case_count() {
    let (case, guest) = ([stay(1, 0, 60)], stay(1, 0, 60));
    let exposure = exposure_of(&case, &guest, &[window(40, 1_000)], HALF_AN_HOUR);
    assert_eq!((exposure.together_min(), exposure.outside), (20.0, true));
    let before = exposure_of(&case, &stay(1, 0, 80), &[window(-500, 20)], HALF_AN_HOUR);
    assert_eq!((before.together_min(), before.aired_min()), (20.0, 0.0), "no longer infectious when it left");
    let none = exposure_of(&case, &guest, &[window(100, 1_000)], HALF_AN_HOUR);
    assert_eq!((none.together_min(), none.outside), (0.0, true));
    assert!(!exposure_of(&case, &guest, &[], HALF_AN_HOUR).outside, "nobody knows them: all counts");
}

#[test]
fn at_risk_is_who_was_there_as_long_as_the_rule_says() {
    let rules = RuleSet::built_in(crate::diseases::Disease::Covid19);
    let rule = rules.close_contact_on(date(2026, 3, 1));
    let least = rule.room_minutes.unwrap_or(rule.min_minutes) as i64;
    let at_risk = |until| exposure_of(&[stay(1, 0, 600)], &stay(1, 0, until), &[], HALF_AN_HOUR).is_at_risk(rule);
    assert!(at_risk(least) && !at_risk(least - 1));
    assert!(!exposure_of(&[stay(1, 0, 600)], &stay(2, 0, 600), &[], HALF_AN_HOUR).is_at_risk(rule));
}

#[test]
fn a_list_is_asked_for_the_stay_and_until_the_room_is_safe() {
    assert_eq!(asked_for(&window(0, 60), HALF_AN_HOUR), window(0, 90));
    assert_eq!(asked_for(&window(0, 60), SignedDuration::ZERO), window(0, 60));
}

proptest! {
    /// Whoever is exposed was there within the time for which the list is asked, so the list has them.
    #[test]
    fn nobody_outside_the_asked_time_is_exposed(
        from in 0i64..500, length in 1i64..500, came in -500i64..1_500, stayed in 1i64..800, airing in 0i64..300,
        areas in (0u64..3, 0u64..3),
    ) {
        let (case, guest) = (stay(areas.0, from, from + length), stay(areas.1, came, came + stayed));
        let safe_after = SignedDuration::from_mins(airing);
        let exposure = exposure_of(&[case], &guest, &[], safe_after);
        let is_asked = asked_for(&case.stay, safe_after).overlap(&guest.stay).is_some();
        let minutes = exposure.together_min() + exposure.aired_min() + exposure.elsewhere_min();
        prop_assert!(is_asked || minutes == 0.0);
        prop_assert!(exposure.together_min() <= length.min(stayed) as f64);
        prop_assert!(exposure.aired_min() <= airing as f64);
        // Together and after it never overlap, so their minutes add up to time in the room.
        prop_assert!(exposure.together_min() + exposure.aired_min() <= stayed as f64);
        // Who knows less excludes nobody.
        let whole = exposure_of(&[PlaceStay { area: None, ..case }], &guest, &[], safe_after);
        prop_assert!(whole.together_min() >= exposure.together_min());
    }
}
