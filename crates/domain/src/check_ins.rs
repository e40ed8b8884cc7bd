//! Check-ins: what a guest leaves at the door of a venue, when it counts, and when it is gone.
//!
//! A stay belongs to the venue's local day of arrival. That day takes late check-ins for 24 hours after its end, is closed
//! 48 hours after it, and its key is destroyed when the period is over: everything that lies in between follows from here.

use crate::ids::{AreaId, AuthorityId, VenueId, VisitId};
use crate::persons::Personal;
use crate::time::{Window, local_day, plus_days, start_of_day};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How far ahead of the server's clock an arrival may be.
pub const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(5);

/// How far back an arrival may be when it comes in: a telephone that was without signal.
pub const MOST_BACK: SignedDuration = SignedDuration::from_hours(24);

/// An arrival that comes in later than this is marked as late.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_mins(15);

/// The longest stay.
pub const LONGEST_STAY: SignedDuration = SignedDuration::from_hours(24);

/// How long after its local end a day is still open: stays that began in it have ended, and their check-outs are here.
pub const OPEN_AFTER_END: SignedDuration = SignedDuration::from_hours(48);

/// Days that guests' data is kept, unless an authority set fewer: an incubation period of COVID-19 hardly ever lasts longer
/// (Lauer et al. 2020, doi 10.7326/M20-0504: 101 of 10,000 develop symptoms after 14 days).
pub const RETENTION_DAYS: u8 = 14;

/// The least that an authority may set.
pub const LEAST_RETENTION_DAYS: u8 = 1;

/// Most visits of one body: a turnstile, a table.
pub const MOST_AT_ONCE: usize = 100;

/// Longest name, phone, e-mail address and line of an address, in bytes of UTF-8.
pub const LONGEST_TEXT: usize = 120;

/// The most people of one household that one contact stands for, beside the guest.
pub const MOST_HOUSEHOLD: u8 = 20;

/// What is asked of a guest, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// First and last name.
    pub name: Personal<String>,
    /// Telephone.
    pub phone: Option<Personal<String>>,
    /// E-mail address.
    pub email: Option<Personal<String>>,
    /// Where they live, if the authority asks for it.
    pub address: Option<GuestAddress>,
}

/// Where a guest lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestAddress {
    /// Street.
    pub street: Personal<String>,
    /// House number, with letters.
    pub house_number: Personal<String>,
    /// Postcode.
    pub postcode: Personal<String>,
    /// City.
    pub city: Personal<String>,
}

/// What stands out about a check-in. Nothing of it refuses anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// Nothing stands out.
    pub const NONE: Self = Self(0);
    /// It came in long after the arrival.
    pub const LATE: Self = Self(1);
    /// The venue was not open.
    pub const OUTSIDE_HOURS: Self = Self(2);
    /// There were more guests than the venue takes.
    pub const OVER_CAPACITY: Self = Self(4);
    /// The staff hasn't confirmed it yet.
    pub const UNCONFIRMED: Self = Self(8);

    /// The guest said when they left. No word: nothing about it stands out.
    pub const CHECKED_OUT: Self = Self(16);

    /// All that stand out, with their words.
    pub const WORDS: [(Self, &'static str); 4] = [
        (Self::LATE, "late"),
        (Self::OUTSIDE_HOURS, "outside_hours"),
        (Self::OVER_CAPACITY, "over_capacity"),
        (Self::UNCONFIRMED, "unconfirmed"),
    ];

    /// Returns these and those.
    #[must_use]
    pub fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Returns these without those.
    #[must_use]
    pub fn without(self, fewer: Self) -> Self {
        Self(self.0 & !fewer.0)
    }

    /// Says whether these hold all of those.
    #[must_use]
    pub fn has(self, some: Self) -> bool {
        self.0 & some.0 == some.0
    }

    /// Returns them as bits, for the record.
    #[must_use]
    pub fn bits(self) -> u8 {
        self.0
    }

    /// Returns the marks of bits; unknown ones are passed over.
    #[must_use]
    pub fn of_bits(bits: u8) -> Self {
        Self(bits & 31)
    }

    /// Lists their words.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        Self::WORDS.iter().filter(|(mark, _)| self.has(*mark)).map(|(_, word)| *word).collect()
    }
}

/// A stay, as the record has it; nothing of it names the guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The visit; the telephone made its id.
    pub visit_id: VisitId,
    /// When the guest came.
    pub arrived_at: Timestamp,
    /// When they left, or will have left at the latest.
    pub leaves_at: Timestamp,
    /// Where in the venue; the whole of it where there are no areas.
    pub area_id: Option<AreaId>,
    /// People of the same household beside the guest.
    pub household: u8,
    /// What stands out.
    pub marks: Marks,
}

impl Stay {
    /// Says whether somebody was there in a window: who leaves at ten is not there at ten.
    #[must_use]
    pub fn overlaps(&self, window: &Window) -> bool {
        self.arrived_at < window.until() && self.leaves_at > window.from()
    }
}

/// A day of an authority: what one key pair seals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VenueDay {
    /// Whose venues.
    pub authority_id: AuthorityId,
    /// The local day of arrival.
    pub day: Date,
}

/// Why an arrival can't be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAdmissible {
    /// It is ahead of the server's clock.
    #[error("this arrival is more than 5 minutes ahead; set the clock of the telephone")]
    Ahead,
    /// It is too long ago.
    #[error("this arrival is more than 24 hours ago; it can't be entered any more")]
    TooLate,
    /// The stated end doesn't lie within a day after the arrival.
    #[error("a stay ends after it began, and within 24 hours")]
    End,
}

/// Returns whether an arrival that comes in now is late.
///
/// # Errors
///
/// [`NotAdmissible`] if it lies more than 5 minutes ahead or 24 hours back.
pub fn admit(arrived_at: Timestamp, now: Timestamp) -> Result<Marks, NotAdmissible> {
    let ago = now.duration_since(arrived_at);
    if ago < -MOST_AHEAD {
        Err(NotAdmissible::Ahead)
    } else if ago > MOST_BACK {
        Err(NotAdmissible::TooLate)
    } else if ago > LATE_AFTER {
        Ok(Marks::LATE)
    } else {
        Ok(Marks::NONE)
    }
}

/// Returns when a stay ends: at the stated end, else when the venue closes, never later than 24 hours after the arrival.
///
/// # Errors
///
/// [`NotAdmissible::End`] if the stated end isn't after the arrival, or lies more than 24 hours after it.
pub fn end_of_stay(
    arrived_at: Timestamp,
    stated: Option<Timestamp>,
    closes_at: Option<Timestamp>,
) -> Result<Timestamp, NotAdmissible> {
    let latest = arrived_at.saturating_add(LONGEST_STAY).unwrap_or(arrived_at);
    match stated {
        Some(end) if end <= arrived_at || end > latest => Err(NotAdmissible::End),
        Some(end) => Ok(end),
        None => Ok(closes_at.filter(|closes| *closes > arrived_at).map_or(latest, |closes| closes.min(latest))),
    }
}

/// Returns the day to which an arrival belongs.
#[must_use]
pub fn day_of(arrived_at: Timestamp, zone: &TimeZone) -> Date {
    local_day(arrived_at, zone)
}

/// Returns when a day is closed: nothing of it changes any more, but for what is deleted.
#[must_use]
pub fn closes_at(day: Date, zone: &TimeZone) -> Timestamp {
    let end = start_of_day(plus_days(day, 1), zone);
    end.saturating_add(OPEN_AFTER_END).unwrap_or(Timestamp::MAX)
}

/// Returns the local day from whose beginning nothing of a day can be opened any more.
#[must_use]
pub fn gone_on(day: Date, retention_days: u8) -> Date {
    plus_days(day, i32::from(retention_days) + 1)
}

/// Returns the instant from which the key of a day must be destroyed.
#[must_use]
pub fn ends_at(day: Date, retention_days: u8, zone: &TimeZone) -> Timestamp {
    start_of_day(gone_on(day, retention_days), zone)
}

/// What is asked of the venue, by the id and the day: never more of a list than its venue and day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListOfDay {
    /// Whose, and which day.
    pub of: VenueDay,
    /// Which venue.
    pub venue_id: VenueId,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_arrival_may_be_five_minutes_ahead_and_a_day_back_and_no_further() {
        let now = at("2026-11-26T12:00:00Z");
        let taken = |arrived| admit(at(arrived), now);
        assert_eq!(taken("2026-11-26T12:05:00Z"), Ok(Marks::NONE));
        assert_eq!(taken("2026-11-26T12:05:01Z"), Err(NotAdmissible::Ahead));
        assert_eq!(taken("2026-11-26T11:45:00Z"), Ok(Marks::NONE));
        assert_eq!(taken("2026-11-26T11:44:59Z"), Ok(Marks::LATE));
        assert_eq!(taken("2026-11-25T12:00:00Z"), Ok(Marks::LATE));
        assert_eq!(taken("2026-11-25T11:59:59Z"), Err(NotAdmissible::TooLate));
    }

    #[test]
    fn a_stay_ends_as_stated_else_at_closing_time_never_later_than_a_day_after() {
        let arrived = at("2026-11-26T22:30:00Z");
        let (one, closing) = (at("2026-11-27T00:00:00Z"), Some(at("2026-11-27T03:00:00Z")));
        assert_eq!(end_of_stay(arrived, Some(one), closing), Ok(one));
        assert_eq!(end_of_stay(arrived, None, closing), Ok(closing.unwrap()));
        assert_eq!(end_of_stay(arrived, None, None), Ok(at("2026-11-27T22:30:00Z")));
        assert_eq!(end_of_stay(arrived, None, Some(at("2026-11-29T00:00:00Z"))), Ok(at("2026-11-27T22:30:00Z")));
        assert_eq!(end_of_stay(arrived, Some(arrived), closing), Err(NotAdmissible::End));
        assert_eq!(end_of_stay(arrived, Some(at("2026-11-27T22:30:01Z")), closing), Err(NotAdmissible::End));
    }

    #[test]
    fn a_day_of_arrival_is_kept_for_fourteen_days_and_gone_on_the_fifteenth() {
        assert_eq!(gone_on(date(2026, 11, 24), RETENTION_DAYS), date(2026, 12, 9));
        assert_eq!(ends_at(date(2026, 11, 24), RETENTION_DAYS, &berlin()), at("2026-12-08T23:00:00Z"));
        // Across the night in which clocks go back, the period is still counted in days.
        assert_eq!(ends_at(date(2026, 10, 20), RETENTION_DAYS, &berlin()), at("2026-11-03T23:00:00Z"));
        assert_eq!(closes_at(date(2026, 10, 24), &berlin()), at("2026-10-26T22:00:00Z"));
    }

    #[test]
    fn marks_are_kept_as_bits_and_read_as_words() {
        let marks = Marks::LATE.and(Marks::OVER_CAPACITY);
        assert_eq!(marks.words(), ["late", "over_capacity"]);
        assert_eq!(Marks::of_bits(marks.bits()), marks);
        assert_eq!(marks.without(Marks::LATE), Marks::OVER_CAPACITY);
    }

    proptest! {
        #[test]
        fn every_admitted_stay_is_over_before_its_day_closes(second in 0i64..86_400 * 366, back in 0i64..86_400) {
            let now = at("2026-01-01T00:00:00Z").checked_add(SignedDuration::from_secs(second)).unwrap();
            let arrived = now.checked_sub(SignedDuration::from_secs(back)).unwrap();
            prop_assert!(admit(arrived, now).is_ok());
            let leaves = end_of_stay(arrived, None, None).unwrap();
            let closes = closes_at(day_of(arrived, &berlin()), &berlin());
            prop_assert!(leaves <= closes && now <= closes);
        }
    }
}
