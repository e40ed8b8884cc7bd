//! A diary as its patient sees it: what is asked of them now, what they may still write, and of what they are reminded.

use super::days::SlotState;
use super::entries::writable_until;
use super::slots::Slot;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Minutes after the official end of a slot at which those are reminded who have no entry in the one before. Quarano, cron
/// `0 10 12,23 * * *`.
const REMINDED_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// For which half days a patient is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Since when they are enrolled: half days that had begun before don't count.
    pub since: Timestamp,
    /// Last day; `None` while nobody knows it.
    pub last: Option<Date>,
}

/// A half day as its patient sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnSlot {
    /// Which.
    pub slot: Slot,
    /// How it stands.
    pub state: SlotState,
    /// Whether they may write into it now.
    pub may_write: bool,
    /// By when it is asked for.
    pub due_at: Timestamp,
    /// Until when they may write into it, not included.
    pub until: Timestamp,
}

impl Asked {
    /// Says whether a half day counts: it began since enrolment, and isn't after the last day.
    #[must_use]
    pub fn counts(&self, slot: Slot, zone: &TimeZone) -> bool {
        slot.begins_at(zone) >= self.since && self.last.is_none_or(|last| slot.day <= last)
    }

    /// Returns how a half day stands for its patient; `created_at` where it has an entry.
    #[must_use]
    pub fn slot(&self, slot: Slot, created_at: Option<Timestamp>, now: Timestamp, zone: &TimeZone) -> OwnSlot {
        let (due_at, until) = (slot.official_end(zone), writable_until(slot, created_at, zone));
        let has_begun = now >= slot.begins_at(zone);
        let state = match () {
            () if created_at.is_some() => SlotState::Entered,
            () if !self.counts(slot, zone) => SlotState::NotExpected,
            () if !has_begun => SlotState::ToCome,
            () if now < due_at => SlotState::Open,
            () => SlotState::Missing,
        };
        OwnSlot { slot, state, may_write: has_begun && now < until, due_at, until }
    }
}

/// Returns the half day of which those are reminded now who didn't write into it: the one before the one that ended ten
/// minutes ago or longer. `None` when they can't write into it any more.
#[must_use]
pub fn reminded_of(now: Timestamp, zone: &TimeZone) -> Option<Slot> {
    let slot = Slot::last_ended(now.saturating_sub(REMINDED_AFTER).unwrap_or(now), zone).previous();
    (now < slot.deadline(zone)).then_some(slot)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::entries::{Writer, check_change, check_new};
    use super::super::slots::DayPart;
    use super::*;
    use crate::time::plus_days;
    use jiff::civil::{DateTime, date};
    use proptest::prelude::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn wall(at: DateTime) -> Timestamp {
        berlin().to_ambiguous_timestamp(at).compatible().unwrap()
    }

    fn slot(day: Date, part: DayPart) -> Slot {
        Slot { day, part }
    }

    use DayPart::{Evening, Morning};

    #[test]
    fn half_days_that_had_begun_before_enrolment_or_lie_after_the_last_day_are_not_asked_for() {
        let (today, zone) = (date(2026, 7, 10), berlin());
        let asked = Asked { since: wall(today.at(10, 0, 0, 0)), last: Some(plus_days(today, 1)) };
        let states = |hour| {
            let now = wall(today.at(hour, 0, 0, 0));
            [(0, Morning), (0, Evening), (1, Evening), (2, Morning)].map(|(days, part)| {
                let one = asked.slot(slot(plus_days(today, days), part), None, now, &zone);
                (one.state, one.may_write)
            })
        };
        use SlotState::{NotExpected, Open, ToCome};
        let (later, never) = ((ToCome, false), (NotExpected, false));
        assert_eq!(states(11), [(NotExpected, true), later, later, never], "who likes may write of this morning");
        assert_eq!(states(18), [(NotExpected, true), (Open, true), later, never]);
    }

    #[test]
    fn a_half_day_is_missing_from_its_official_end_and_may_be_written_for_a_day_on_the_wall() {
        let zone = berlin();
        let asked = Asked { since: Timestamp::UNIX_EPOCH, last: None };
        // The nights on which the clocks go forward and back.
        for day in [date(2026, 3, 28), date(2026, 10, 24)] {
            let seen = |days, hour, minute| {
                let now = wall(plus_days(day, days).at(hour, minute, 0, 0));
                let one = asked.slot(slot(day, Evening), None, now, &zone);
                (one.state, one.may_write)
            };
            assert_eq!(seen(0, 22, 59), (SlotState::Open, true));
            assert_eq!(seen(0, 23, 0), (SlotState::Missing, true));
            assert_eq!(seen(1, 22, 59), (SlotState::Missing, true));
            assert_eq!(seen(1, 23, 0), (SlotState::Missing, false));
        }
    }

    #[test]
    fn a_reminder_names_the_half_day_before_the_one_that_ended_ten_minutes_ago() {
        for day in [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 10)] {
            let yesterday = plus_days(day, -1);
            let of = |hour, minute| reminded_of(wall(day.at(hour, minute, 0, 0)), &berlin());
            assert_eq!(of(12, 0), None, "nobody can write into that one any more");
            assert_eq!(of(11, 59), Some(slot(yesterday, Morning)));
            assert_eq!(of(12, 10), Some(slot(yesterday, Evening)));
            assert_eq!(of(22, 59), Some(slot(yesterday, Evening)));
            assert_eq!((of(23, 0), of(23, 9)), (None, None));
            assert_eq!(of(23, 10), Some(slot(day, Morning)));
        }
    }

    proptest! {
        /// What a page offers is what the rules of writing allow, in any zone, to the microsecond.
        #[test]
        fn what_is_offered_is_what_is_allowed(
            second in 1_500_000_000i64..1_900_000_000,
            back in -2i64..6,
            written_s in prop::option::of(0i64..2_000),
            name in prop::sample::select(vec!["Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"]),
        ) {
            let zone = TimeZone::get(name).unwrap();
            let now = Timestamp::from_second(second).unwrap();
            let mut slot = Slot::at(now, &zone);
            for _ in 0..back.abs() {
                slot = if back > 0 { slot.previous() } else { slot.next() };
            }
            let created_at = written_s.map(|ago| Timestamp::from_second(second - ago).unwrap());
            let asked = Asked { since: Timestamp::UNIX_EPOCH, last: None };
            let one = asked.slot(slot, created_at, now, &zone);
            let has_begun = now >= slot.begins_at(&zone);
            let allowed = match created_at {
                Some(at) => has_begun && check_change(slot, Writer::Patient, at, now, &zone).is_ok(),
                None => check_new(slot, Writer::Patient, plus_days(slot.day, -9), now, &zone).is_ok(),
            };
            prop_assert_eq!(one.may_write, allowed);
        }

        /// Whoever is reminded can still write, and the half day has ended.
        #[test]
        fn a_reminder_comes_after_the_end_and_before_it_is_too_late(second in 1_500_000_000i64..1_900_000_000) {
            let (zone, now) = (berlin(), Timestamp::from_second(second).unwrap());
            if let Some(slot) = reminded_of(now, &zone) {
                prop_assert!(slot.next().official_end(&zone) <= now);
                prop_assert!(now < slot.deadline(&zone));
            }
        }
    }
}
