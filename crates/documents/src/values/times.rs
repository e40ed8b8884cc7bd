//! Times of day as they stand behind a day: `14:00`, `2:30 pm`, `14:00:00.5Z`, `14:00 +02:00`.

use jiff::civil::Time;
use jiff::tz::Offset;

/// Parts a cell at the space or `T` before its time of day; no time if there is no colon.
pub(super) fn split_time(text: &str) -> (&str, Option<&str>) {
    let Some(colon) = text.find(':') else { return (text, None) };
    let hour = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    let day = match hour.strip_suffix(['T', 't']) {
        Some(day) if day.ends_with(|c: char| c.is_ascii_digit()) => day,
        _ => hour,
    };
    (day.trim().trim_end_matches(',').trim_end(), Some(text[hour.len()..].trim()))
}

/// Returns whether the text is a time of day, with or without an offset.
pub(super) fn is_time(text: &str) -> bool {
    parse_time(text).is_some()
}

/// Returns a time of day and its offset from UTC, if one is written.
pub(super) fn parse_time(text: &str) -> Option<(Time, Option<Offset>)> {
    let (clock, offset) = split_offset(text)?;
    let (clock, half) = split_half(clock);
    let mut parts = clock.split(':');
    let hour = in_half(digits(parts.next()?, 2)?, half)?;
    let minute = two_digits(parts.next()?)?;
    let (second, nanosecond) = match parts.next() {
        None => (0, 0),
        Some(seconds) => parse_seconds(seconds)?,
    };
    if parts.next().is_some() {
        return None;
    }
    let time = Time::new(hour, minute, second, nanosecond).ok()?;
    Some((time, offset))
}

/// Returns the clock's part, and the offset; `None` if what stands behind the clock is neither.
fn split_offset(text: &str) -> Option<(&str, Option<Offset>)> {
    let upper = text.to_ascii_uppercase();
    for utc in ["Z", "UTC", "GMT"] {
        if upper.ends_with(utc) {
            return Some((text[..text.len() - utc.len()].trim_end(), Some(Offset::UTC)));
        }
    }
    match text.find(['+', '-', '\u{2212}']) {
        None => Some((text, None)),
        Some(at) => Some((text[..at].trim_end(), Some(parse_offset(&text[at..])?))),
    }
}

/// Reads `+02:00`, `+0200` and `+02`.
fn parse_offset(text: &str) -> Option<Offset> {
    let mut characters = text.chars();
    let sign = if characters.next()? == '+' { 1 } else { -1 };
    let (hours, minutes) = match characters.as_str().split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => match characters.as_str().split_at_checked(2)? {
            (hours, "") => (hours, "00"),
            both => both,
        },
    };
    let minutes_from_utc = i32::from(two_digits(hours)?) * 60 + i32::from(two_digits(minutes)?);
    Offset::from_seconds(sign * minutes_from_utc * 60).ok()
}

#[derive(Clone, Copy)]
enum Half {
    BeforeNoon,
    AfterNoon,
}

fn split_half(clock: &str) -> (&str, Option<Half>) {
    let lower = clock.to_ascii_lowercase();
    let half = match () {
        () if lower.ends_with("am") => Half::BeforeNoon,
        () if lower.ends_with("pm") => Half::AfterNoon,
        () => return (clock, None),
    };
    (clock[..clock.len() - 2].trim_end(), Some(half))
}

/// Twelve is the first hour of its half.
fn in_half(hour: i8, half: Option<Half>) -> Option<i8> {
    match half {
        None => Some(hour),
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(Half::BeforeNoon) => Some(hour % 12),
        Some(Half::AfterNoon) => Some(hour % 12 + 12),
    }
}

fn parse_seconds(seconds: &str) -> Option<(i8, i32)> {
    match seconds.split_once(['.', ',']) {
        None => Some((two_digits(seconds)?, 0)),
        Some((whole, fraction)) => Some((two_digits(whole)?, nanoseconds(fraction)?)),
    }
}

/// Returns the digits behind a decimal point as billionths; digits beyond the ninth are dropped.
fn nanoseconds(fraction: &str) -> Option<i32> {
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{fraction:0<9}").get(..9)?.parse().ok()
}

fn two_digits(text: &str) -> Option<i8> {
    if text.len() == 2 { digits(text, 2) } else { None }
}

fn digits(text: &str, most: usize) -> Option<i8> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() <= most;
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = parse_time(text).map(|(time, offset)| match offset {
            Some(offset) => format!("{time} {}", offset.seconds()),
            None => time.to_string(),
        });
        assert_eq!(found.as_deref().unwrap_or("refused"), expected, "{text:?}");
    }

    #[test]
    fn times_are_read_to_the_fraction_of_a_second() {
        check("14:00", "14:00:00");
        check("9:05:07", "09:05:07");
        check("14:00:00.5", "14:00:00.5");
        check("14:00:00,123456", "14:00:00.123456");
        check("14:00:00.1234567891", "14:00:00.123456789");
    }

    #[test]
    fn offsets_are_read_in_each_notation() {
        check("14:00Z", "14:00:00 0");
        check("14:00 UTC", "14:00:00 0");
        check("14:00+02:00", "14:00:00 7200");
        check("14:00 -0530", "14:00:00 -19800");
        check("14:00:00+02", "14:00:00 7200");
    }

    #[test]
    fn twelve_begins_its_half_of_the_day() {
        check("12:15 am", "00:15:00");
        check("12:15 PM", "12:15:00");
        check("2:30pm", "14:30:00");
        check("14:30 pm", "refused");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "24:00", "14:60", "14:5", "14:00:61", "14:00x", "14:00+2", "1:2:3:4", "é:00"] {
            check(text, "refused");
        }
    }

    #[test]
    fn a_time_is_parted_from_its_day() {
        assert_eq!(split_time("2020-03-01T14:00"), ("2020-03-01", Some("14:00")));
        assert_eq!(split_time("1 August 2020, 9:00 pm"), ("1 August 2020", Some("9:00 pm")));
        assert_eq!(split_time("2020-03-01"), ("2020-03-01", None));
    }
}
