//! When a venue is open, by the weekday: the end of a stay of which nobody said when it ends.
//!
//! Hours are times on the wall of the venue's local day. One that closes at or before it opens closes on the next day.
//! Where the clocks change, what is doubtful counts as open: a guest too many on a list does less harm than one too few.

use crate::time::first_instant_at;
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The most stretches of opening in a week: four a day.
pub const MOST_SPANS: usize = 28;

const DAY_MIN: u16 = 24 * 60;
const WEEK_MIN: u16 = 7 * DAY_MIN;

/// A stretch of time on a weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    /// On which day it opens: 1 is Monday, 7 Sunday.
    pub weekday: u8,
    /// When it opens, in minutes after midnight; 0 to 1439.
    pub opens_min: u16,
    /// When it closes, in minutes after midnight; 0 to 1439. On the next day unless later than it opens, so that equal
    /// times are 24 hours.
    pub closes_min: u16,
}

impl OpenSpan {
    /// Minutes from opening to closing; 1 to 1440.
    fn length_min(self) -> u16 {
        match self.closes_min > self.opens_min {
            true => self.closes_min - self.opens_min,
            false => DAY_MIN + self.closes_min - self.opens_min,
        }
    }

    /// Minutes from Monday's midnight to opening.
    fn start_min(self) -> u16 {
        u16::from(self.weekday - 1) * DAY_MIN + self.opens_min
    }

    /// When it opens and closes if it begins on this day; `None` where a change of the clocks leaves nothing of it.
    fn on(self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let closing_day = if self.closes_min > self.opens_min { day } else { day.tomorrow().ok()? };
        let opens = first_instant_at(day.to_datetime(wall(self.opens_min)), zone);
        let closes = last_instant_at(closing_day.to_datetime(wall(self.closes_min)), zone);
        (opens < closes).then_some((opens, closes))
    }
}

/// Hours that can't be meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotHours {
    /// No such weekday or time.
    #[error("a weekday is 1 to 7, a time 00:00 to 23:59")]
    NoSuchTime,
    /// More stretches than anybody has.
    #[error("more than {MOST_SPANS} opening times in a week")]
    TooMany,
    /// Two stretches overlap; the later one opens on this weekday (1 is Monday).
    #[error("opening times overlap")]
    Overlap(u8),
}

/// The opening hours of a week, by day and time. Empty where nobody said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<OpenSpan>", into = "Vec<OpenSpan>")]
pub struct OpeningHours(Vec<OpenSpan>);

impl TryFrom<Vec<OpenSpan>> for OpeningHours {
    type Error = NotHours;
    fn try_from(spans: Vec<OpenSpan>) -> Result<Self, NotHours> {
        Self::new(spans)
    }
}

impl From<OpeningHours> for Vec<OpenSpan> {
    fn from(hours: OpeningHours) -> Self {
        hours.0
    }
}

impl OpeningHours {
    /// Returns the hours of these stretches, in any order. They may touch, but not overlap, also not around the week's end.
    ///
    /// # Errors
    ///
    /// [`NotHours`] says what is wrong.
    pub fn new(mut spans: Vec<OpenSpan>) -> Result<Self, NotHours> {
        if spans.len() > MOST_SPANS {
            return Err(NotHours::TooMany);
        }
        let is_time = |min: u16| min < DAY_MIN;
        if !spans.iter().all(|s| (1..=7).contains(&s.weekday) && is_time(s.opens_min) && is_time(s.closes_min)) {
            return Err(NotHours::NoSuchTime);
        }
        spans.sort_unstable();
        for (at, span) in spans.iter().enumerate() {
            let next = spans[(at + 1) % spans.len()];
            let gap = match at + 1 < spans.len() {
                true => next.start_min() - span.start_min(),
                false => WEEK_MIN + next.start_min() - span.start_min(),
            };
            if span.length_min() > gap {
                return Err(NotHours::Overlap(next.weekday));
            }
        }
        Ok(Self(spans))
    }

    /// The stretches, by day and time.
    #[must_use]
    pub fn spans(&self) -> &[OpenSpan] {
        &self.0
    }

    /// Says whether somebody said when it is open.
    #[must_use]
    pub fn are_known(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns when the venue closes for whoever arrived then; `None` outside its hours, or where these aren't known.
    ///
    /// Stretches that touch are one: whoever comes before midnight stays until the morning. What doesn't close within 24
    /// hours of the arrival counts as closing then. Of a time that comes twice when the clocks go back, a venue opens at
    /// the first and closes at the second.
    #[must_use]
    pub fn closes_after(&self, arrived: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let latest = arrived.checked_add(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MAX);
        let today = zone.to_datetime(arrived).date();
        let mut closes = None;
        // A stretch of yesterday may go on into today, and one that touches today's into tomorrow and the day after.
        let mut day = today.yesterday().unwrap_or(today);
        for _ in 0..4 {
            for (opens, until) in self.opening_on(day.weekday()).filter_map(|span| span.on(day, zone)) {
                match closes {
                    None if opens <= arrived && arrived < until => closes = Some(until),
                    Some(end) if opens <= end => closes = Some(until.max(end)),
                    None | Some(_) => {}
                }
            }
            if closes.is_some_and(|end| end >= latest) {
                return Some(latest);
            }
            day = day.tomorrow().unwrap_or(day);
        }
        closes
    }

    fn opening_on(&self, weekday: Weekday) -> impl Iterator<Item = OpenSpan> {
        let number = weekday.to_monday_one_offset().unsigned_abs();
        self.0.iter().copied().filter(move |span| span.weekday == number)
    }
}

fn wall(min: u16) -> Time {
    let part = |number: u16| i8::try_from(number).unwrap_or(0);
    Time::midnight().with().hour(part(min / 60)).minute(part(min % 60)).build().unwrap_or(Time::midnight())
}

/// Returns the last instant at which the clock on the wall shows this time; of one that a change of the clocks leaves
/// out it is the change.
fn last_instant_at(wall: jiff::civil::DateTime, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Fold { .. } => ambiguous.later().unwrap_or_else(|_| first_instant_at(wall, zone)),
        _ => first_instant_at(wall, zone),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn span(weekday: u8, opens: &str, closes: &str) -> OpenSpan {
        let min = |text: &str| {
            let (hour, minute) = text.split_once(':').unwrap();
            hour.parse::<u16>().unwrap() * 60 + minute.parse::<u16>().unwrap()
        };
        OpenSpan { weekday, opens_min: min(opens), closes_min: min(closes) }
    }

    fn hours(spans: &[(u8, &str, &str)]) -> OpeningHours {
        OpeningHours::new(spans.iter().map(|&(day, opens, closes)| span(day, opens, closes)).collect()).unwrap()
    }

    /// Checks when a venue closes in Berlin; instants in UTC, 2026.
    fn check(spans: &[(u8, &str, &str)], arrived: &str, closes: Option<&str>) {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let at = |text: &str| format!("2026-{text}:00Z").parse::<Timestamp>().unwrap();
        assert_eq!(hours(spans).closes_after(at(arrived), &berlin), closes.map(at), "{spans:?} at {arrived}");
    }

    #[test]
    fn it_closes_on_the_same_day_and_is_shut_outside_its_hours() {
        // 2026-07-01 is a Wednesday; Berlin is two hours ahead.
        let lunch = [(3, "11:00", "14:00"), (3, "18:00", "22:30")];
        check(&lunch, "07-01T09:00", Some("07-01T12:00"));
        check(&lunch, "07-01T08:59", None);
        check(&lunch, "07-01T12:00", None);
        check(&lunch, "07-01T20:29", Some("07-01T20:30"));
        check(&lunch, "07-02T09:00", None);
        check(&[], "07-01T09:00", None);
    }

    #[test]
    fn past_midnight_it_is_still_the_evening_before() {
        let bar = [(6, "20:00", "04:00")];
        check(&bar, "07-04T18:00", Some("07-05T02:00"));
        check(&bar, "07-05T01:59", Some("07-05T02:00"));
        check(&bar, "07-05T02:00", None);
        // Sunday into Monday, around the end of the week.
        check(&[(7, "20:00", "02:00")], "07-05T23:00", Some("07-06T00:00"));
        // Until midnight sharp.
        check(&[(3, "20:00", "00:00")], "07-01T21:59", Some("07-01T22:00"));
    }

    #[test]
    fn stretches_that_touch_are_one() {
        check(&[(6, "18:00", "00:00"), (7, "00:00", "05:00")], "07-04T20:00", Some("07-05T03:00"));
        check(&[(6, "18:00", "00:00"), (7, "00:01", "05:00")], "07-04T20:00", Some("07-04T22:00"));
    }

    #[test]
    fn what_never_closes_counts_as_closing_a_day_later() {
        let always: Vec<_> = (1..=7).map(|day| (day, "00:00", "00:00")).collect();
        check(&always, "07-01T09:17", Some("07-02T09:17"));
        check(&[(3, "09:00", "09:00")], "07-01T07:00", Some("07-02T07:00"));
    }

    #[test]
    fn in_the_night_in_which_the_clocks_go_back_it_closes_at_the_second_two_thirty() {
        // 2026-10-25: 03:00 summer time becomes 02:00; 00:30Z and 01:30Z are both half past two.
        let bar = [(6, "20:00", "02:30")];
        check(&bar, "10-24T20:00", Some("10-25T01:30"));
        check(&bar, "10-25T01:15", Some("10-25T01:30"));
        check(&[(6, "20:00", "04:00")], "10-24T20:00", Some("10-25T03:00"));
        // It opens at the first.
        check(&[(7, "02:30", "06:00")], "10-25T00:30", Some("10-25T05:00"));
    }

    #[test]
    fn in_the_night_in_which_the_clocks_go_forward_it_closes_when_they_do() {
        // 2026-03-29: 02:00 becomes 03:00 at 01:00Z.
        check(&[(6, "20:00", "02:30")], "03-28T20:00", Some("03-29T01:00"));
        check(&[(6, "20:00", "04:00")], "03-28T20:00", Some("03-29T02:00"));
        check(&[(7, "02:10", "02:50")], "03-29T01:00", None);
    }

    #[test]
    fn hours_that_overlap_are_refused_also_around_the_end_of_the_week() {
        let refused = |spans: &[(u8, &str, &str)]| {
            OpeningHours::new(spans.iter().map(|&(day, opens, closes)| span(day, opens, closes)).collect()).unwrap_err()
        };
        assert_eq!(refused(&[(1, "09:00", "12:00"), (1, "11:59", "13:00")]), NotHours::Overlap(1));
        assert_eq!(refused(&[(7, "20:00", "02:00"), (1, "01:00", "03:00")]), NotHours::Overlap(1));
        assert_eq!(refused(&[(2, "20:00", "03:00"), (3, "02:00", "03:00")]), NotHours::Overlap(3));
        assert_eq!(refused(&[(2, "09:00", "10:00"), (2, "09:00", "10:00")]), NotHours::Overlap(2));
        assert_eq!(refused(&[(0, "09:00", "10:00")]), NotHours::NoSuchTime);
        assert_eq!(refused(&[(8, "09:00", "10:00")]), NotHours::NoSuchTime);
        assert_eq!(refused(&[(1, "24:00", "10:00")]), NotHours::NoSuchTime);
        assert_eq!(refused(&[(1, "09:00", "10:00"); MOST_SPANS + 1]), NotHours::TooMany);
        assert!(OpeningHours::new(vec![span(1, "09:00", "12:00"), span(1, "12:00", "13:00")]).is_ok());
    }

    #[test]
    fn what_is_kept_reads_back_and_is_checked_again() {
        let bar = hours(&[(6, "20:00", "04:00"), (1, "09:00", "12:00")]);
        let json = serde_json::to_string(&bar).unwrap();
        assert_eq!(serde_json::from_str::<OpeningHours>(&json).unwrap(), bar);
        assert!(serde_json::from_str::<OpeningHours>(&json.replace("\"weekday\":6", "\"weekday\":9")).is_err());
    }

    fn any_hours() -> impl Strategy<Value = OpeningHours> {
        let span = (1u8..=7, 0u16..1440, 0u16..1440).prop_map(|(weekday, opens_min, closes_min)| OpenSpan {
            weekday,
            opens_min,
            closes_min,
        });
        prop::collection::vec(span, 0..6).prop_filter_map("overlap", |spans| OpeningHours::new(spans).ok())
    }

    proptest! {
        /// Around both nights in which the clocks change, and on any other day.
        #[test]
        fn closing_lies_after_the_arrival_and_within_a_day(
            hours in any_hours(), base in prop::sample::select(vec![1_774_656_000i64, 1_792_800_000, 1_782_900_000]),
            minutes in 0i64..7 * 24 * 60,
        ) {
            let berlin = TimeZone::get("Europe/Berlin").unwrap();
            let arrived = Timestamp::from_second(base + minutes * 60).unwrap();
            if let Some(closes) = hours.closes_after(arrived, &berlin) {
                prop_assert!(arrived < closes);
                prop_assert!(closes.duration_since(arrived) <= SignedDuration::from_hours(24));
            }
        }

        /// Whoever comes a minute later isn't sent away earlier.
        #[test]
        fn a_later_guest_never_leaves_earlier(
            hours in any_hours(), base in prop::sample::select(vec![1_774_656_000i64, 1_792_800_000]),
            minutes in 0i64..2 * 24 * 60,
        ) {
            let berlin = TimeZone::get("Europe/Berlin").unwrap();
            let at = |minutes: i64| Timestamp::from_second(base + minutes * 60).unwrap();
            let closings = [minutes, minutes + 1].map(|minutes| hours.closes_after(at(minutes), &berlin));
            if let [Some(first), Some(second)] = closings {
                prop_assert!(first <= second);
            }
        }

        /// Inside and outside agree with the clock on the wall, away from changes of the clock.
        #[test]
        fn it_is_open_exactly_within_its_hours(hours in any_hours(), minutes in 0i64..7 * 24 * 60) {
            // Monday 2026-07-06, 00:00 UTC.
            let arrived = Timestamp::from_second(1_783_296_000 + minutes * 60).unwrap();
            let within = hours.spans().iter().any(|span| {
                let since = (minutes - i64::from(span.start_min())).rem_euclid(i64::from(WEEK_MIN));
                since < i64::from(span.length_min())
            });
            prop_assert_eq!(hours.closes_after(arrived, &TimeZone::UTC).is_some(), within);
        }
    }
}
