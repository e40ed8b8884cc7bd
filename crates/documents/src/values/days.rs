//! Days in the notations that people use; never guessed row by row.
//!
//! `03/04/2020` is two days, and `25/03/2020` is only by luck one: a reader that decides by the
//! row swaps day and month in half of a file and leaves the rest. So numbers with slashes or
//! dashes need a [`DateOrder`] from the caller. Dots always mean day first, a leading year always
//! means year, month, day, and a month by its name can't be mistaken.
//!
//! Where a time follows the day it is checked and dropped: the day is the one that was written,
//! in whatever zone, because that is the day the writer meant.

use jiff::civil::{Date, DateTime, Time};

use super::error::ValueError;
use super::times::{is_time, split_time};
use super::words::{is_absent, number_as_text};
use crate::cell::Cell;

/// Which comes first in a date of numbers with slashes or dashes that ends with its year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateOrder {
    /// Nobody said; such dates are refused as ambiguous.
    #[default]
    Iso,
    /// `25/03/2020`
    DayFirst,
    /// `03/25/2020`
    MonthFirst,
}

/// A date format that isn't one of the three.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown date format \"{0}\"; write ymd, dmy or mdy")]
pub struct UnknownDateFormat(pub String);

const YEARS: std::ops::RangeInclusive<i16> = 1800..=2200;

/// Returns the order that a person names: `dmy`, `mdy`, `ymd`, `iso`, or a pattern as `dd/mm/yyyy`.
///
/// # Errors
///
/// [`UnknownDateFormat`] for anything else.
pub fn parse_date_format(format: &str) -> Result<DateOrder, UnknownDateFormat> {
    let mut letters: Vec<char> = format.to_lowercase().chars().filter(char::is_ascii_alphabetic).collect();
    letters.dedup();
    match letters.iter().collect::<String>().as_str() {
        "ymd" | "iso" => Ok(DateOrder::Iso),
        "dmy" => Ok(DateOrder::DayFirst),
        "mdy" => Ok(DateOrder::MonthFirst),
        _ => Err(UnknownDateFormat(format.into())),
    }
}

/// Returns a cell as a calendar day.
///
/// A number of a workbook is a day in Excel's count from 1900, or `20200301` if it has eight digits.
///
/// # Errors
///
/// [`ValueError`] with the reason for the row's author.
pub fn day(cell: Cell<'_>, order: DateOrder) -> Result<Option<Date>, ValueError> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::DateTime(at) => within_years(at.date(), || at.date().to_string()).map(Some),
        Cell::Number(number) => day_of_number(number).map(Some),
        Cell::Text(text) if text.is_empty() || is_absent(text) => Ok(None),
        Cell::Text(text) => {
            let (day, time) = split_time(text);
            if time.is_some_and(|time| !is_time(time)) {
                return Err(ValueError::NotADay(text.into()));
            }
            written_day(day, order, text).map(Some)
        }
    }
}

/// Returns the day that stands in `day`; errors show `whole`, the cell it stands in.
pub(super) fn written_day(day: &str, order: DateOrder, whole: &str) -> Result<Date, ValueError> {
    let date = if day.bytes().all(|byte| byte.is_ascii_digit()) {
        digits_only(day, whole)?
    } else if day.chars().any(char::is_alphabetic) {
        with_month_name(day, whole)?
    } else {
        numbers(day, order, whole)?
    };
    within_years(date, || whole.into())
}

/// Returns the day and time that Excel shows for a number, to the millisecond.
///
/// Excel counts from 1 January 1900 and believes that there was a 29 February 1900, its day 60.
/// That day is no day, and those before it lie one nearer to the count's beginning.
pub(crate) fn excel_day_and_time(serial: f64) -> Option<DateTime> {
    const MS_PER_DAY: f64 = 86_400_000.0;
    const LAST_DAY: f64 = 2_958_465.0;
    if !(0.0..LAST_DAY + 1.0).contains(&serial) || serial.floor() == 60.0 {
        return None;
    }
    let before = if serial < 60.0 { Date::new(1899, 12, 31) } else { Date::new(1899, 12, 30) };
    let ms = (serial * MS_PER_DAY).round() as i64;
    let at = before.ok()?.to_datetime(Time::midnight());
    at.checked_add(jiff::SignedDuration::from_millis(ms)).ok()
}

fn day_of_number(number: f64) -> Result<Date, ValueError> {
    let text = number_as_text(number);
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return written_day(&text, DateOrder::Iso, &text);
    }
    if YEARS.contains(&(number as i16)) && number.fract() == 0.0 && text.len() == 4 {
        return Err(ValueError::OnlyAYear(text));
    }
    match excel_day_and_time(number) {
        Some(at) if number >= 1.0 => within_years(at.date(), || text),
        _ => Err(ValueError::NotADay(text)),
    }
}

fn digits_only(day: &str, whole: &str) -> Result<Date, ValueError> {
    match day.len() {
        8 => date(&day[..4], &day[4..6], &day[6..], whole),
        4 if day.parse().is_ok_and(|year| YEARS.contains(&year)) => Err(ValueError::OnlyAYear(whole.into())),
        _ => Err(ValueError::NotADay(whole.into())),
    }
}

fn numbers(day: &str, order: DateOrder, whole: &str) -> Result<Date, ValueError> {
    let refused = || ValueError::NotADay(whole.into());
    let separator = day.chars().find(|c| !c.is_ascii_digit() && *c != ' ').ok_or_else(refused)?;
    let parts: Vec<&str> = day.split(separator).map(str::trim).collect();
    let &[first, second, third] = parts.as_slice() else { return Err(refused()) };
    if !matches!(separator, '.' | '/' | '-') || !parts.iter().all(|part| is_number(part)) {
        return Err(refused());
    }
    if first.len() == 4 {
        return date(first, second, third, whole);
    }
    match third.len() {
        4 => {}
        1 | 2 => return Err(ValueError::TwoDigitYear(whole.into())),
        _ => return Err(refused()),
    }
    match (separator, order) {
        ('.', _) | (_, DateOrder::DayFirst) => date(third, second, first, whole),
        (_, DateOrder::MonthFirst) => date(third, first, second, whole),
        (_, DateOrder::Iso) => Err(ValueError::AmbiguousDay(whole.into())),
    }
}

/// Reads `1 March 2020`, `March 1, 2020`, `1. März 2020`, `01-Mar-2020`, `2020 March 1`.
fn with_month_name(day: &str, whole: &str) -> Result<Date, ValueError> {
    let refused = || ValueError::NotADay(whole.into());
    let between = |c: char| c.is_whitespace() || matches!(c, '.' | ',' | '-' | '/');
    let parts: Vec<&str> = day.split(between).filter(|part| !part.is_empty()).collect();
    let (month, day, year) = match parts.as_slice() {
        [first, month, third] if month_named(month).is_some() => {
            if first.len() == 4 {
                (month, third, first)
            } else {
                (month, first, third)
            }
        }
        [month, day, year] if month_named(month).is_some() => (month, day, year),
        _ => return Err(refused()),
    };
    let month = month_named(month).ok_or_else(refused)?;
    let day = ["st", "nd", "rd", "th"].iter().find_map(|th| day.strip_suffix(th)).unwrap_or(day);
    match year.len() {
        4 => date(year, &month.to_string(), day, whole),
        1 | 2 if is_number(year) => Err(ValueError::TwoDigitYear(whole.into())),
        _ => Err(refused()),
    }
}

/// English and German, with the Austrian January and February; how they are shortened varies.
const MONTH_NAMES: [(&str, i8); 25] = [
    ("january", 1),
    ("januar", 1),
    ("jänner", 1),
    ("february", 2),
    ("februar", 2),
    ("feber", 2),
    ("march", 3),
    ("märz", 3),
    ("maerz", 3),
    ("mrz", 3),
    ("april", 4),
    ("may", 5),
    ("mai", 5),
    ("june", 6),
    ("juni", 6),
    ("july", 7),
    ("juli", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("oktober", 10),
    ("november", 11),
    ("december", 12),
    ("dezember", 12),
    ("sept", 9),
];

/// Returns the month of a name or of its first three letters or more.
fn month_named(word: &str) -> Option<i8> {
    let word = word.to_lowercase();
    if word.chars().count() < 3 {
        return None;
    }
    MONTH_NAMES.iter().find(|(name, _)| name.starts_with(&word)).map(|(_, month)| *month)
}

fn date(year: &str, month: &str, day: &str, whole: &str) -> Result<Date, ValueError> {
    let refused = || ValueError::NotADay(whole.into());
    if !is_number(day) || !is_number(month) || day.len() > 2 || month.len() > 2 {
        return Err(refused());
    }
    let year = year.parse().map_err(|_| refused())?;
    let month = month.parse().map_err(|_| refused())?;
    let day = day.parse().map_err(|_| refused())?;
    Date::new(year, month, day).map_err(|_| refused())
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn within_years(date: Date, text: impl FnOnce() -> String) -> Result<Date, ValueError> {
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(ValueError::YearOutOfRange(text())) }
}

#[cfg(test)]
#[path = "days_tests.rs"]
mod tests;
