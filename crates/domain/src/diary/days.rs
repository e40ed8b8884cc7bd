//! The days that a diary spans, and how each of its half days stands.

use super::entries::{DiaryFacts, follow_up_begins};
use super::slots::Slot;
use crate::authorities::words;
use crate::time::DayRange;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How a half day stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotState {
    /// It has an entry.
    Entered,
    /// Its official end is over, and it has none.
    Missing,
    /// It has begun, and its official end is to come.
    Open,
    /// It hasn't begun.
    ToCome,
    /// Outside the days of follow-up.
    NotExpected,
}
words!(SlotState {
    Entered = "entered",
    Missing = "missing",
    Open = "open",
    ToCome = "to_come",
    NotExpected = "not_expected",
});

/// The days of a diary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiaryDays {
    /// First day into which can be written.
    pub begun_on: Date,
    /// Last day on which entries are expected; `None` while nobody knows it.
    pub expected_last: Option<Date>,
    /// The days to show: to today, or to the day on which the case ended, and every day with an entry.
    pub shown: DayRange,
}

impl DiaryDays {
    /// Returns the days of a diary whose entries lie in these slots. `ended_on` is the day on which the case was
    /// concluded.
    #[must_use]
    pub fn of(facts: &DiaryFacts, ended_on: Option<Date>, entered: &[Slot], today: Date) -> Self {
        let begun_on = follow_up_begins(facts);
        let days = || entered.iter().map(|slot| slot.day);
        let first = days().min().map_or(begun_on, |day| day.min(begun_on));
        let last = ended_on.map_or(today, |day| day.min(today));
        let last = days().max().map_or(last, |day| day.max(last)).max(first);
        let quarantine_last = facts.quarantine.map(|days| days.last);
        let expected_last = [quarantine_last, ended_on].into_iter().flatten().min();
        Self { begun_on, expected_last, shown: DayRange { first, last } }
    }

    /// Says how a half day stands now.
    #[must_use]
    pub fn state(&self, slot: Slot, has_entry: bool, now: Timestamp, zone: &TimeZone) -> SlotState {
        let is_outside = slot.day < self.begun_on || self.expected_last.is_some_and(|last| slot.day > last);
        match () {
            () if has_entry => SlotState::Entered,
            () if is_outside => SlotState::NotExpected,
            () if now < slot.begins_at(zone) => SlotState::ToCome,
            () if now < slot.official_end(zone) => SlotState::Open,
            () => SlotState::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::slots::DayPart;
    use super::*;
    use crate::cases::CaseDates;
    use jiff::civil::date;

    const FACTS: DiaryFacts = DiaryFacts {
        dates: CaseDates { symptom_onset: None, tested_on: Some(date(2026, 3, 2)), reported_on: None },
        exposed_first: None,
        exposed_last: None,
        quarantine: Some(DayRange { first: date(2026, 3, 3), last: date(2026, 3, 12) }),
        opened_on: date(2026, 3, 4),
    };

    fn shown(ended_on: Option<Date>, entered: &[Slot]) -> (Date, Date) {
        let days = DiaryDays::of(&FACTS, ended_on, entered, date(2026, 3, 20));
        (days.shown.first, days.shown.last)
    }

    #[test]
    fn a_diary_spans_follow_up_and_whatever_was_written() {
        assert_eq!(
            shown(None, &[]),
            (date(2026, 3, 2), date(2026, 3, 20)),
            "to today, while nobody concluded the case"
        );
        assert_eq!(shown(Some(date(2026, 3, 13)), &[]), (date(2026, 3, 2), date(2026, 3, 13)));
        let slot = |day| Slot { day, part: DayPart::Morning };
        let entered = [slot(date(2026, 2, 27)), slot(date(2026, 3, 15))];
        assert_eq!(shown(Some(date(2026, 3, 13)), &entered), (date(2026, 2, 27), date(2026, 3, 15)));
    }

    #[test]
    fn a_half_day_is_to_come_then_open_then_missing() {
        let days = DiaryDays::of(&FACTS, None, &[], date(2026, 3, 5));
        let slot = Slot { day: date(2026, 3, 5), part: DayPart::Evening };
        let at = |hour: i8, minute: i8| {
            TimeZone::UTC.to_timestamp(date(2026, 3, 5).at(hour, minute, 0, 0)).unwrap_or(Timestamp::MAX)
        };
        let state = |hour, minute| days.state(slot, false, at(hour, minute), &TimeZone::UTC);
        assert_eq!(state(16, 59), SlotState::ToCome);
        assert_eq!(state(17, 0), SlotState::Open);
        assert_eq!(state(23, 0), SlotState::Missing);
        assert_eq!(days.state(slot, true, at(23, 0), &TimeZone::UTC), SlotState::Entered);
        let outside = Slot { day: date(2026, 3, 13), ..slot };
        assert_eq!(days.state(outside, false, at(23, 0), &TimeZone::UTC), SlotState::NotExpected);
    }
}
