//! Who may write into which slot, and until when.
//!
//! Patients have until the same time on the wall on the day after the slot's official end, and 15 minutes after they
//! wrote in any case, so that a slip of the finger can be put right. Staff write what they are told on the telephone
//! into any slot since follow-up began. Nobody writes into a slot that hasn't begun.

use super::slots::Slot;
use crate::authorities::words;
use crate::cases::CaseDates;
use crate::time::DayRange;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long after writing somebody may change it in any case. Quarano, `quarano.diary.edit-tolerance`.
const CHANGE_IN_ANY_CASE: SignedDuration = SignedDuration::from_mins(15);

/// How an entry came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidBy {
    /// Told on the telephone; somebody of the staff wrote it down.
    Phone,
    /// Written by the patient.
    Own,
}
words!(SaidBy { Phone = "phone", Own = "own" });

impl SaidBy {
    /// Returns how what somebody writes comes in.
    #[must_use]
    pub fn of(writer: Writer) -> Self {
        match writer {
            Writer::Patient => Self::Own,
            Writer::Staff => Self::Phone,
        }
    }
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writer {
    /// The patient.
    Patient,
    /// Somebody of the staff, for a patient on the telephone.
    Staff,
}

/// Why a slot takes no entry, or no other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlotRefused {
    /// It hasn't begun.
    #[error("this half day has not begun yet")]
    NotBegun,
    /// Follow-up hadn't begun.
    #[error("follow-up began on {0}")]
    BeforeFollowUp(Date),
    /// It is too late for the patient.
    #[error("it could be written until the day after; the health authority can still do it")]
    TooLate,
}

/// The days from which follow-up can be reckoned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiaryFacts {
    /// Onset, test, report.
    pub dates: CaseDates,
    /// First day of exposure.
    pub exposed_first: Option<Date>,
    /// Last day of exposure.
    pub exposed_last: Option<Date>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<DayRange>,
    /// The day on which the authority took it up.
    pub opened_on: Date,
}

/// Returns the first day that a diary can tell of: the earliest on which the person was exposed, ill, tested or in
/// quarantine; where none of these is known, that of the report, else that on which the authority took the case up.
#[must_use]
pub fn follow_up_begins(facts: &DiaryFacts) -> Date {
    let known = [
        facts.dates.symptom_onset,
        facts.dates.tested_on,
        facts.exposed_first,
        facts.exposed_last,
        facts.quarantine.map(|days| days.first),
    ];
    let reported_on = facts.dates.reported_on.filter(|day| *day < facts.opened_on);
    known.into_iter().flatten().min().or(reported_on).unwrap_or(facts.opened_on)
}

/// Checks whether an entry may be written into a slot now.
///
/// # Errors
///
/// [`SlotRefused`] says why not.
pub fn check_new(slot: Slot, by: Writer, begun_on: Date, now: Timestamp, zone: &TimeZone) -> Result<(), SlotRefused> {
    if now < slot.begins_at(zone) {
        return Err(SlotRefused::NotBegun);
    }
    if slot.day < begun_on {
        return Err(SlotRefused::BeforeFollowUp(begun_on));
    }
    if by == Writer::Patient && now >= slot.deadline(zone) {
        return Err(SlotRefused::TooLate);
    }
    Ok(())
}

/// Returns until when a patient may write into a slot, not included; `created_at` where it has an entry.
#[must_use]
pub fn writable_until(slot: Slot, created_at: Option<Timestamp>, zone: &TimeZone) -> Timestamp {
    let deadline = slot.deadline(zone);
    let in_any_case = created_at.map(|at| at.saturating_add(CHANGE_IN_ANY_CASE).unwrap_or(at));
    in_any_case.map_or(deadline, |at| deadline.max(at))
}

/// Checks whether the entry of a slot, written at `created_at`, may be changed now.
///
/// # Errors
///
/// [`SlotRefused::TooLate`] if not.
pub fn check_change(
    slot: Slot,
    by: Writer,
    created_at: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<(), SlotRefused> {
    let is_late = now >= writable_until(slot, Some(created_at), zone);
    if by == Writer::Patient && is_late { Err(SlotRefused::TooLate) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::slots::DayPart;
    use super::*;
    use crate::time::plus_days;
    use jiff::civil::{DateTime, date};

    const DAY: Date = date(2026, 3, 28);

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn wall(at: DateTime) -> Timestamp {
        berlin().to_ambiguous_timestamp(at).compatible().unwrap()
    }

    fn new(slot: Slot, by: Writer, at: DateTime) -> Result<(), SlotRefused> {
        check_new(slot, by, plus_days(DAY, -5), wall(at), &berlin())
    }

    #[test]
    fn a_patient_writes_until_the_same_time_on_the_next_day_also_when_the_clocks_change() {
        let evening = Slot { day: DAY, part: DayPart::Evening };
        let next = plus_days(DAY, 1);
        assert_eq!(new(evening, Writer::Patient, DAY.at(16, 59, 59, 0)), Err(SlotRefused::NotBegun));
        assert_eq!(new(evening, Writer::Patient, DAY.at(17, 0, 0, 0)), Ok(()));
        assert_eq!(new(evening, Writer::Patient, next.at(0, 0, 0, 0)), Ok(()), "midnight changes nothing");
        assert_eq!(new(evening, Writer::Patient, next.at(22, 59, 59, 0)), Ok(()), "23 hours after the official end");
        assert_eq!(new(evening, Writer::Patient, next.at(23, 0, 0, 0)), Err(SlotRefused::TooLate));
    }

    #[test]
    fn staff_write_into_every_slot_since_follow_up_began_and_into_none_to_come() {
        let begun = plus_days(DAY, -5);
        let slot = |day, part| Slot { day, part };
        let noon = DAY.at(12, 0, 0, 0);
        assert_eq!(new(slot(begun, DayPart::Morning), Writer::Staff, noon), Ok(()));
        assert_eq!(new(slot(DAY, DayPart::Evening), Writer::Staff, noon), Err(SlotRefused::NotBegun));
        let before = slot(plus_days(begun, -1), DayPart::Evening);
        assert_eq!(new(before, Writer::Staff, noon), Err(SlotRefused::BeforeFollowUp(begun)));
    }

    #[test]
    fn what_was_written_in_the_last_minute_can_be_put_right_for_15_more() {
        let slot = Slot { day: DAY, part: DayPart::Morning };
        let next = plus_days(DAY, 1);
        let change = |written, now| check_change(slot, Writer::Patient, wall(written), wall(now), &berlin());
        let early = DAY.at(7, 0, 0, 0);
        assert_eq!(change(early, next.at(11, 59, 59, 0)), Ok(()));
        assert_eq!(change(early, next.at(12, 0, 0, 0)), Err(SlotRefused::TooLate));
        let late = next.at(11, 59, 0, 0);
        assert_eq!(change(late, next.at(12, 13, 59, 0)), Ok(()));
        assert_eq!(change(late, next.at(12, 14, 0, 0)), Err(SlotRefused::TooLate));
        let staff = check_change(slot, Writer::Staff, wall(early), wall(plus_days(DAY, 9).at(12, 0, 0, 0)), &berlin());
        assert_eq!(staff, Ok(()));
    }

    #[test]
    fn the_15_minutes_are_elapsed_time_also_in_the_hour_that_comes_twice() {
        let berlin = berlin();
        let evening = Slot { day: date(2026, 10, 23), part: DayPart::Evening };
        // 02:50 summer time, ten minutes before the clocks go back; 15 minutes later they show 02:05 again.
        let written: Timestamp = "2026-10-25T00:50:00Z".parse().unwrap();
        let after = |minutes| written.saturating_add(SignedDuration::from_mins(minutes)).unwrap();
        let change = |now| check_change(evening, Writer::Patient, written, now, &berlin);
        assert_eq!(change(after(14)), Ok(()));
        assert_eq!(change(after(15)), Err(SlotRefused::TooLate));
    }

    #[test]
    fn follow_up_begins_on_the_earliest_day_that_is_known_of_it() {
        let none = DiaryFacts {
            dates: CaseDates::default(),
            exposed_first: None,
            exposed_last: None,
            quarantine: None,
            opened_on: date(2026, 3, 20),
        };
        assert_eq!(follow_up_begins(&none), date(2026, 3, 20));
        let reported = CaseDates { reported_on: Some(date(2026, 3, 18)), ..CaseDates::default() };
        assert_eq!(follow_up_begins(&DiaryFacts { dates: reported, ..none }), date(2026, 3, 18));
        let met = DiaryFacts { exposed_first: Some(date(2026, 3, 10)), exposed_last: Some(date(2026, 3, 12)), ..none };
        assert_eq!(follow_up_begins(&met), date(2026, 3, 10));
        let days = DayRange { first: date(2026, 3, 8), last: date(2026, 3, 26) };
        assert_eq!(follow_up_begins(&DiaryFacts { quarantine: Some(days), ..met }), date(2026, 3, 8));
        let tested = CaseDates { tested_on: Some(date(2026, 3, 7)), ..reported };
        assert_eq!(follow_up_begins(&DiaryFacts { dates: tested, ..met }), date(2026, 3, 7));
    }
}
