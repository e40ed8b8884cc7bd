//! Points in time: with an offset, by the local clock, or in Unix seconds.
//!
//! A time without an offset is what the clock on the wall showed in the given zone. In the night
//! when clocks are put forward an hour is missing from the wall, and a time in it is refused. In
//! the night when they are put back an hour is shown twice, and the first is taken: nothing in the
//! file tells which was meant, and the earlier one doesn't shorten a stay. A day without a time
//! isn't turned into midnight: what it means is for the caller to decide.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::days::{DateOrder, written_day};
use super::error::ValueError;
use super::times::{parse_time, split_time};
use super::words::{is_absent, number_as_text};
use crate::cell::Cell;

/// A point in time, or a day of which no more is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A point in time.
    Instant(Timestamp),
    /// The whole local day.
    Day(Date),
}

/// From here on a number of seconds would lie beyond the year 5138.
const FIRST_MILLISECONDS: f64 = 1e11;
const MICROSECONDS: f64 = 1e6;

/// Returns a cell as a point in time.
///
/// A plain number is always Unix seconds, also `20200301`. A date of a workbook that is midnight
/// is a day, because a sheet doesn't tell the two apart.
///
/// # Errors
///
/// [`ValueError`] with the reason for the row's author.
pub fn instant(cell: Cell<'_>, zone: &TimeZone, order: DateOrder) -> Result<Option<Moment>, ValueError> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(seconds) => unix_of_number(seconds).map(Some),
        Cell::DateTime(at) if at.time() == Time::midnight() => Ok(Some(Moment::Day(at.date()))),
        Cell::DateTime(at) => local(at, zone, || at.to_string()).map(Some),
        Cell::Text(text) if text.is_empty() || is_absent(text) => Ok(None),
        Cell::Text(text) => written_instant(text, zone, order).map(Some),
    }
}

fn written_instant(text: &str, zone: &TimeZone, order: DateOrder) -> Result<Moment, ValueError> {
    if let Some(moment) = unix_of_text(text) {
        return moment;
    }
    let not_a_moment = |error| match error {
        ValueError::NotADay(text) => ValueError::NotAnInstant(text),
        other => other,
    };
    let (day, time) = split_time(text);
    let date = written_day(day, order, text).map_err(not_a_moment)?;
    let Some(time) = time else { return Ok(Moment::Day(date)) };
    let refused = || ValueError::NotAnInstant(text.into());
    let (time, offset) = parse_time(time).ok_or_else(refused)?;
    let at = date.to_datetime(time);
    match offset {
        None => local(at, zone, || text.into()),
        Some(offset) => offset.to_timestamp(at).map(Moment::Instant).map_err(|_| refused()),
    }
}

fn local(at: DateTime, zone: &TimeZone, text: impl Fn() -> String) -> Result<Moment, ValueError> {
    let candidates = zone.to_ambiguous_timestamp(at);
    if let AmbiguousOffset::Gap { .. } = candidates.offset() {
        let zone = zone.iana_name().unwrap_or("this time zone").to_owned();
        return Err(ValueError::SkippedTime { text: text(), zone });
    }
    candidates.earlier().map(Moment::Instant).map_err(|_| ValueError::NotAnInstant(text()))
}

fn unix_of_number(seconds: f64) -> Result<Moment, ValueError> {
    if !(0.0..FIRST_MILLISECONDS).contains(&seconds) {
        return Err(beyond(seconds, number_as_text(seconds)));
    }
    let microseconds = (seconds * MICROSECONDS).round() as i64;
    at_microsecond(microseconds).ok_or_else(|| ValueError::NotAnInstant(number_as_text(seconds)))
}

/// Reads digits with or without a fraction exactly, to the microsecond; `None` for other text.
fn unix_of_text(text: &str) -> Option<Result<Moment, ValueError>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let moment = whole.parse::<i64>().ok().filter(|whole| (*whole as f64) < FIRST_MILLISECONDS);
    let Some(whole) = moment else { return Some(Err(beyond(f64::INFINITY, text.into()))) };
    let fraction = format!("{fraction:0<6}");
    let microseconds = fraction.get(..6).and_then(|digits| digits.parse::<i64>().ok());
    let at = at_microsecond(whole * 1_000_000 + microseconds.unwrap_or(0));
    Some(at.ok_or_else(|| ValueError::NotAnInstant(text.into())))
}

fn beyond(seconds: f64, text: String) -> ValueError {
    if seconds >= FIRST_MILLISECONDS { ValueError::Milliseconds(text) } else { ValueError::NotAnInstant(text) }
}

fn at_microsecond(microseconds: i64) -> Option<Moment> {
    Timestamp::from_microsecond(microseconds).ok().map(Moment::Instant)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    fn read(cell: Cell<'_>) -> String {
        match instant(cell, &berlin(), DateOrder::Iso) {
            Ok(Some(Moment::Instant(at))) => at.to_string(),
            Ok(Some(Moment::Day(day))) => day.to_string(),
            Ok(None) => "none".into(),
            Err(error) => error.to_string(),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(read(Cell::Text(text)), expected, "{text:?}");
    }

    #[test]
    fn a_time_with_an_offset_needs_no_zone() {
        check("2020-03-01T14:00:00Z", "2020-03-01T14:00:00Z");
        check("2020-03-01T14:00:00.25+02:00", "2020-03-01T12:00:00.25Z");
        check("2020-03-01 00:30 +02:00", "2020-02-29T22:30:00Z");
    }

    #[test]
    fn a_time_without_an_offset_is_on_the_local_clock() {
        check("2020-03-01 14:00", "2020-03-01T13:00:00Z");
        check("2020-07-01T14:00:00", "2020-07-01T12:00:00Z");
        check("1.7.2020 14:00", "2020-07-01T12:00:00Z");
        check("1 July 2020 2:00 pm", "2020-07-01T12:00:00Z");
    }

    #[test]
    fn a_time_that_is_skipped_in_spring_is_refused() {
        check("2020-03-29 02:30", "\"2020-03-29 02:30\" does not exist in Europe/Berlin: the clocks were put forward");
        check("2020-03-29 03:00", "2020-03-29T01:00:00Z");
        check("2020-03-29 02:30+01:00", "2020-03-29T01:30:00Z");
    }

    #[test]
    fn a_time_that_comes_twice_in_autumn_is_the_first() {
        check("2020-10-25 02:30", "2020-10-25T00:30:00Z");
        check("2020-10-25 03:00", "2020-10-25T02:00:00Z");
    }

    #[test]
    fn a_day_alone_stays_a_day() {
        check("2020-03-01", "2020-03-01");
        check("01.03.2020", "2020-03-01");
        let midnight = jiff::civil::date(2020, 3, 1).at(0, 0, 0, 0);
        assert_eq!(read(Cell::DateTime(midnight)), "2020-03-01");
    }

    #[test]
    fn a_date_of_a_workbook_is_on_the_local_clock() {
        let at = jiff::civil::date(2020, 3, 1).at(14, 0, 0, 0);
        assert_eq!(read(Cell::DateTime(at)), "2020-03-01T13:00:00Z");
    }

    #[test]
    fn plain_numbers_are_unix_seconds() {
        check("0", "1970-01-01T00:00:00Z");
        check("1583071200", "2020-03-01T14:00:00Z");
        check("1583071200.123456", "2020-03-01T14:00:00.123456Z");
        check("1583071200.1234569", "2020-03-01T14:00:00.123456Z");
        check("20200301", "1970-08-22T19:11:41Z");
        assert_eq!(read(Cell::Number(1583071200.5)), "2020-03-01T14:00:00.5Z");
    }

    #[test]
    fn milliseconds_are_refused_with_a_hint() {
        let hint = "looks like milliseconds; Unix time is read in seconds";
        check("1583071200000", &format!("\"1583071200000\" {hint}"));
        check("100000000000", &format!("\"100000000000\" {hint}"));
        check("99999999999999999999999", &format!("\"99999999999999999999999\" {hint}"));
        assert_eq!(read(Cell::Number(1583071200000.0)), format!("\"1583071200000\" {hint}"));
    }

    #[test]
    fn what_is_no_point_in_time_is_refused() {
        for text in ["soon", "2020-02-30 10:00", "2020-03-01 25:00", "10:00", "-5", "2020-02-30"] {
            check(text, &format!("\"{text}\" is not a point in time"));
        }
        check(
            "01/03/2020 10:00",
            "\"01/03/2020 10:00\" may be day-month or month-day; say which with --date-format dmy or mdy",
        );
        check("NA", "none");
    }
}
