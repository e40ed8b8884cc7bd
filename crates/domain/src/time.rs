//! Instants and days: windows are half-open in UTC, days are whole and in the authority's time zone.
//!
//! Two kinds of time meet in tracing. What devices and doors record are instants; what people remember
//! and rules count are days. A day becomes a window only through a time zone, because the day on which
//! the clocks change has 23 or 25 hours.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Span, Timestamp};

/// An end that lies before its beginning.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the end is before the beginning")]
pub struct EndBeforeStart;

/// A stretch of time `[from, until)`: who leaves at ten is not there at ten. Never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    from: Timestamp,
    until: Timestamp,
}

impl Window {
    /// All of time.
    pub const ALWAYS: Self = Self { from: Timestamp::MIN, until: Timestamp::MAX };

    /// Returns `[from, until)`.
    ///
    /// # Errors
    ///
    /// [`EndBeforeStart`] unless `from` lies before `until`.
    pub fn new(from: Timestamp, until: Timestamp) -> Result<Self, EndBeforeStart> {
        if from < until { Ok(Self { from, until }) } else { Err(EndBeforeStart) }
    }

    /// Returns the window of whole days in a time zone, first and last included.
    #[must_use]
    pub fn of_days(days: DayRange, zone: &TimeZone) -> Self {
        let from = start_of_day(days.first, zone);
        let until = days.last.tomorrow().map_or(Timestamp::MAX, |day| start_of_day(day, zone));
        // Never empty: a local day lasts at least 23 hours.
        Self { from, until: until.max(from) }
    }

    /// First instant, included.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// First instant after it, not included.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.until
    }

    /// Returns the time that both have in common, or `None` where they don't overlap.
    #[must_use]
    pub fn overlap(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.until.min(other.until)).ok()
    }

    /// Length in minutes.
    #[must_use]
    pub fn minutes(&self) -> f64 {
        self.until.duration_since(self.from).as_secs_f64() / 60.0
    }

    /// Returns the local days that the window touches.
    #[must_use]
    pub fn days(&self, zone: &TimeZone) -> DayRange {
        let last = Timestamp::from_microsecond(self.until.as_microsecond() - 1).unwrap_or(self.until);
        DayRange { first: local_day(self.from, zone), last: local_day(last, zone) }
    }
}

/// Returns the local day of an instant.
#[must_use]
pub fn local_day(at: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(at).date()
}

/// Returns the first instant of a local day; where midnight is skipped, the first that exists.
#[must_use]
pub fn start_of_day(day: Date, zone: &TimeZone) -> Timestamp {
    let midnight = day.to_datetime(jiff::civil::Time::midnight());
    let fallback = if day.year() < 1970 { Timestamp::MIN } else { Timestamp::MAX };
    zone.to_ambiguous_timestamp(midnight).compatible().unwrap_or(fallback)
}

/// Returns the first instant at which the clock on the wall shows this time or a later one.
///
/// Of a time that comes twice it is the first; of one that a change of the clock leaves out it is the change. So a
/// later time on the wall never gives an earlier instant, not even where a whole day was left out.
#[must_use]
pub fn first_instant_at(wall: DateTime, zone: &TimeZone) -> Timestamp {
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    let found = match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => {
            let before = ambiguous.earlier().ok();
            before.and_then(|before| zone.following(before).next()).map(|change| change.timestamp())
        }
        _ => ambiguous.compatible().ok(),
    };
    found.unwrap_or(if wall.year() < 1970 { Timestamp::MIN } else { Timestamp::MAX })
}

/// Days, first and last included, in the authority's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayRange {
    /// First day.
    pub first: Date,
    /// Last day, included.
    pub last: Date,
}

impl DayRange {
    /// Returns the days from `first` to `last`.
    ///
    /// # Errors
    ///
    /// [`EndBeforeStart`] if `last` is before `first`.
    pub fn new(first: Date, last: Date) -> Result<Self, EndBeforeStart> {
        if first <= last { Ok(Self { first, last }) } else { Err(EndBeforeStart) }
    }

    /// Says whether a day lies within.
    #[must_use]
    pub fn contains(&self, day: Date) -> bool {
        self.first <= day && day <= self.last
    }

    /// Says whether the two have a day in common.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

/// Returns the day `days` later (earlier where negative), held within the calendar.
#[must_use]
pub fn plus_days(day: Date, days: i32) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// Returns how many days `later` is after `earlier`; negative where it is before.
#[must_use]
pub fn days_between(earlier: Date, later: Date) -> i32 {
    earlier.until(later).map_or(0, |span| span.get_days())
}

/// Unites windows that overlap or touch; earliest first.
#[must_use]
pub fn unite(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_unstable();
    let mut united: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        match united.last_mut() {
            Some(last) if window.from <= last.until => last.until = last.until.max(window.until),
            _ => united.push(window),
        }
    }
    united
}

/// Returns the minutes that the windows cover together: one hour in three windows is one hour.
#[must_use]
pub fn minutes_together(windows: &[Window]) -> f64 {
    unite(windows.to_vec()).iter().map(Window::minutes).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn window(from: i64, until: i64) -> Window {
        let at = |m: i64| Timestamp::from_second(m * 60).unwrap();
        Window::new(at(from), at(until)).unwrap()
    }

    #[test]
    fn a_local_day_has_23_or_25_hours_when_the_clocks_change() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let hours = |day| Window::of_days(DayRange { first: day, last: day }, &berlin).minutes() / 60.0;
        assert_eq!(hours(date(2026, 3, 29)), 23.0);
        assert_eq!(hours(date(2026, 10, 25)), 25.0);
        assert_eq!(hours(date(2026, 7, 1)), 24.0);
    }

    #[test]
    fn who_leaves_at_ten_is_not_there_at_ten() {
        assert_eq!(window(0, 10).overlap(&window(10, 20)), None);
        assert_eq!(window(0, 11).overlap(&window(10, 20)), Some(window(10, 11)));
    }

    #[test]
    fn a_window_that_ends_at_midnight_does_not_touch_the_next_day() {
        let days = Window::of_days(DayRange { first: date(2020, 2, 28), last: date(2020, 2, 29) }, &TimeZone::UTC)
            .days(&TimeZone::UTC);
        assert_eq!((days.first, days.last), (date(2020, 2, 28), date(2020, 2, 29)));
    }

    proptest! {
        #[test]
        fn overlap_is_symmetric(a in 0i64..50, b in 1i64..50, c in 0i64..50, d in 1i64..50) {
            let (x, y) = (window(a, a + b), window(c, c + d));
            prop_assert_eq!(x.overlap(&y), y.overlap(&x));
        }

        #[test]
        fn united_windows_cover_the_same_minutes_once(parts in prop::collection::vec((0i64..200, 1i64..30), 0..30)) {
            let windows: Vec<_> = parts.iter().map(|&(from, length)| window(from, from + length)).collect();
            let covered = (0..300).filter(|m| windows.iter().any(|w| w.overlap(&window(*m, m + 1)).is_some())).count();
            prop_assert!((minutes_together(&windows) - covered as f64).abs() < 1e-9);
            let united = unite(windows);
            prop_assert!(united.windows(2).all(|pair| pair[0].until < pair[1].from));
        }
    }
}
