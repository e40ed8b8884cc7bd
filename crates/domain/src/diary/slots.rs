//! Half days of a diary: the morning from 06:00, the evening from 17:00 until 06:00 of the next day.
//!
//! Quarano, the system of the German health offices that did this before (2020), had the same hours, and official ends
//! at 12:00 and 23:00. All of them are times on the wall of the authority: a night has 12 hours when the clocks go
//! forward and 14 when they go back, and no deadline is reckoned in hours.

use crate::authorities::words;
use crate::time::{Window, first_instant_at, local_day, plus_days};
use jiff::Timestamp;
use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;

/// Which half of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayPart {
    /// From 06:00 to 17:00.
    Morning,
    /// From 17:00 to 06:00 of the next day, which belongs to the day on which it began.
    Evening,
}
words!(DayPart { Morning = "morning", Evening = "evening" });

impl DayPart {
    fn begins(self) -> Time {
        match self {
            Self::Morning => time(6, 0, 0, 0),
            Self::Evening => time(17, 0, 0, 0),
        }
    }

    fn official_end(self) -> Time {
        match self {
            Self::Morning => time(12, 0, 0, 0),
            Self::Evening => time(23, 0, 0, 0),
        }
    }
}

/// One half of a day, in the order of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The day on which it begins, in the authority's time zone.
    pub day: Date,
    /// Which half.
    pub part: DayPart,
}

impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.day, self.part)
    }
}

impl Slot {
    /// Returns the slot in which an instant lies: there is always exactly one.
    #[must_use]
    pub fn at(instant: Timestamp, zone: &TimeZone) -> Self {
        let today = Self { day: local_day(instant, zone), part: DayPart::Evening };
        let mut slot = today;
        // Two steps back are the evening before; the third is for a change of the clock at the very edge of a slot.
        for _ in 0..3 {
            if slot.begins_at(zone) <= instant {
                break;
            }
            slot = slot.previous();
        }
        slot
    }

    /// Returns the slot after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self.part {
            DayPart::Morning => Self { part: DayPart::Evening, ..self },
            DayPart::Evening => Self { day: plus_days(self.day, 1), part: DayPart::Morning },
        }
    }

    /// Returns the slot before it.
    #[must_use]
    pub fn previous(self) -> Self {
        match self.part {
            DayPart::Morning => Self { day: plus_days(self.day, -1), part: DayPart::Evening },
            DayPart::Evening => Self { part: DayPart::Morning, ..self },
        }
    }

    /// Returns its first instant.
    #[must_use]
    pub fn begins_at(self, zone: &TimeZone) -> Timestamp {
        first_instant_at(self.day.to_datetime(self.part.begins()), zone)
    }

    /// Returns all of it; `None` for a slot that a change of the calendar left out.
    #[must_use]
    pub fn window(self, zone: &TimeZone) -> Option<Window> {
        Window::new(self.begins_at(zone), self.next().begins_at(zone)).ok()
    }

    /// Returns by when its entry should be there: 12:00 and 23:00.
    #[must_use]
    pub fn official_end(self, zone: &TimeZone) -> Timestamp {
        first_instant_at(self.day.to_datetime(self.part.official_end()), zone)
    }

    /// Returns until when a patient may write into it, not included: the same time on the wall on the day after the
    /// official end.
    #[must_use]
    pub fn deadline(self, zone: &TimeZone) -> Timestamp {
        first_instant_at(plus_days(self.day, 1).to_datetime(self.part.official_end()), zone)
    }

    /// Returns the newest slot whose official end was before an instant, or at it.
    #[must_use]
    pub fn last_ended(instant: Timestamp, zone: &TimeZone) -> Self {
        let current = Self::at(instant, zone);
        if current.official_end(zone) <= instant { current } else { current.previous() }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    fn slot(day: Date, part: DayPart) -> Slot {
        Slot { day, part }
    }

    fn on_wall(at: DateTime, zone: &TimeZone) -> Timestamp {
        zone.to_ambiguous_timestamp(at).compatible().unwrap()
    }

    #[test]
    fn the_edges_of_slots_are_where_they_are_said_to_be() {
        let berlin = zone("Europe/Berlin");
        let (today, yesterday) = (date(2026, 7, 10), date(2026, 7, 9));
        for (hour, minute, expected) in [
            (0, 0, slot(yesterday, DayPart::Evening)),
            (3, 33, slot(yesterday, DayPart::Evening)),
            (5, 59, slot(yesterday, DayPart::Evening)),
            (6, 0, slot(today, DayPart::Morning)),
            (15, 45, slot(today, DayPart::Morning)),
            (16, 59, slot(today, DayPart::Morning)),
            (17, 0, slot(today, DayPart::Evening)),
            (23, 59, slot(today, DayPart::Evening)),
        ] {
            let at = on_wall(today.at(hour, minute, 0, 0), &berlin);
            assert_eq!(Slot::at(at, &berlin), expected, "{hour}:{minute}");
        }
    }

    #[test]
    fn both_nights_on_which_the_clocks_change_are_one_evening_each() {
        for (name, day, hours) in [
            ("Europe/Berlin", date(2026, 3, 28), 12.0),
            ("Europe/Berlin", date(2026, 10, 24), 14.0),
            ("Europe/Berlin", date(2026, 7, 1), 13.0),
            ("America/New_York", date(2026, 3, 7), 12.0),
            ("Australia/Lord_Howe", date(2026, 4, 4), 13.5),
            // Midnight itself was left out.
            ("America/Sao_Paulo", date(2018, 11, 3), 12.0),
        ] {
            let zone = zone(name);
            let evening = slot(day, DayPart::Evening);
            let window = evening.window(&zone).unwrap();
            assert_eq!(window.minutes() / 60.0, hours, "{name}");
            let last = Timestamp::from_microsecond(window.until().as_microsecond() - 1).unwrap();
            assert_eq!((Slot::at(window.from(), &zone), Slot::at(last, &zone)), (evening, evening), "{name}");
            assert_eq!(Slot::at(window.until(), &zone), evening.next(), "{name}");
        }
    }

    #[test]
    fn a_deadline_is_a_time_on_the_wall_not_24_hours() {
        let berlin = zone("Europe/Berlin");
        let hours = |day, part| {
            let slot = slot(day, part);
            slot.deadline(&berlin).duration_since(slot.official_end(&berlin)).as_secs_f64() / 3600.0
        };
        assert_eq!(hours(date(2026, 3, 28), DayPart::Morning), 23.0);
        assert_eq!(hours(date(2026, 3, 28), DayPart::Evening), 23.0);
        assert_eq!(hours(date(2026, 10, 24), DayPart::Evening), 25.0);
        assert_eq!(hours(date(2026, 10, 26), DayPart::Morning), 24.0);
        let evening = slot(date(2026, 3, 28), DayPart::Evening).deadline(&berlin);
        assert_eq!(berlin.to_datetime(evening), date(2026, 3, 29).at(23, 0, 0, 0));
    }

    #[test]
    fn the_last_slot_that_ended_is_known_also_after_midnight() {
        let berlin = zone("Europe/Berlin");
        let (today, yesterday) = (date(2026, 7, 10), date(2026, 7, 9));
        let ended = |hour, minute| Slot::last_ended(on_wall(today.at(hour, minute, 0, 0), &berlin), &berlin);
        assert_eq!(ended(0, 30), slot(yesterday, DayPart::Evening));
        assert_eq!(ended(11, 59), slot(yesterday, DayPart::Evening));
        assert_eq!(ended(12, 0), slot(today, DayPart::Morning));
        assert_eq!(ended(22, 59), slot(today, DayPart::Morning));
        assert_eq!(ended(23, 0), slot(today, DayPart::Evening));
    }

    #[test]
    fn a_day_that_the_calendar_left_out_has_no_slot_of_its_own() {
        // Samoa went from 29 to 31 December 2011.
        let apia = zone("Pacific/Apia");
        let lost = date(2011, 12, 30);
        assert_eq!(slot(lost, DayPart::Morning).window(&apia), None);
        let midnight = on_wall(date(2011, 12, 31).at(0, 0, 0, 0), &apia);
        assert_eq!(Slot::at(midnight, &apia), slot(lost, DayPart::Evening));
        assert_eq!(slot(date(2011, 12, 29), DayPart::Evening).window(&apia).unwrap().until(), midnight);
    }

    fn zones() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "Europe/Berlin",
            "America/Sao_Paulo",
            "Australia/Lord_Howe",
            "Pacific/Apia",
            "Asia/Kathmandu",
            "UTC",
        ])
    }

    proptest! {
        #[test]
        fn every_instant_is_in_exactly_one_slot(second in 946_684_800i64..2_208_988_800, name in zones()) {
            let zone = zone(name);
            let at = Timestamp::from_second(second).unwrap();
            let slot = Slot::at(at, &zone);
            let holds = |slot: Slot| slot.window(&zone).is_some_and(|window| window.from() <= at && at < window.until());
            prop_assert!(holds(slot));
            let near = std::iter::successors(Some(slot.previous().previous().previous()), |slot| Some(slot.next()));
            prop_assert_eq!(near.take(7).filter(|slot| holds(*slot)).count(), 1);
        }

        #[test]
        fn slots_follow_each_other_without_a_hole(day in -11_000i32..22_000, evening: bool, name in zones()) {
            let zone = zone(name);
            let part = if evening { DayPart::Evening } else { DayPart::Morning };
            let slot = slot(plus_days(date(2000, 1, 1), day), part);
            prop_assert_eq!(slot.next().previous(), slot);
            prop_assert!(slot < slot.next());
            prop_assert!(slot.begins_at(&zone) <= slot.next().begins_at(&zone));
            if let (Some(this), Some(next)) = (slot.window(&zone), slot.next().window(&zone)) {
                prop_assert_eq!(this.until(), next.from());
            }
        }

        #[test]
        fn the_last_slot_that_ended_is_the_newest_of_those(second in 946_684_800i64..2_208_988_800, name in zones()) {
            let zone = zone(name);
            let at = Timestamp::from_second(second).unwrap();
            let ended = Slot::last_ended(at, &zone);
            prop_assert!(ended.official_end(&zone) <= at);
            prop_assert!(ended.next().official_end(&zone) > at);
        }
    }
}
