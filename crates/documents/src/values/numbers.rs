//! Numbers, ages in years, distances in metres.
//!
//! A decimal comma is read, thousands are not: `1,5` is one and a half. `1,500` could be both, and
//! a distance of 1.5 m where 1500 m were meant is an exposure that never was, so it is refused.

use super::error::ValueError;
use super::words::{is_absent, written};
use crate::cell::Cell;

/// Nobody is known to have lived longer than 122 years; beyond this it is a slip of the pen.
const OLDEST_AGE_YEARS: f64 = 130.0;

/// Returns a cell as a finite number.
///
/// # Errors
///
/// [`ValueError::NotANumber`], and [`ValueError::AmbiguousNumber`] for a comma before three digits.
pub fn number(cell: Cell<'_>) -> Result<Option<f64>, ValueError> {
    match cell {
        Cell::Empty => Ok(None),
        Cell::Number(number) => finite(number, || number.to_string()).map(Some),
        Cell::Text(text) if text.is_empty() || is_absent(text) => Ok(None),
        Cell::Text(text) => number_of(text).map(Some),
        Cell::DateTime(_) => Err(ValueError::NotANumber(shown(cell))),
    }
}

/// Returns a cell as completed years; `7.0` and `7.5` are 7, `0.5` is 0.
///
/// # Errors
///
/// As [`number`], and [`ValueError::NotAnAge`] outside of 0 to 130.
pub fn age(cell: Cell<'_>) -> Result<Option<u16>, ValueError> {
    match number(cell)? {
        None => Ok(None),
        Some(years) if (0.0..=OLDEST_AGE_YEARS).contains(&years) => Ok(Some(years as u16)),
        Some(_) => Err(ValueError::NotAnAge(shown(cell))),
    }
}

/// Returns a cell as metres, zero or more.
///
/// # Errors
///
/// As [`number`], and [`ValueError::NegativeDistance`].
pub fn distance(cell: Cell<'_>) -> Result<Option<f64>, ValueError> {
    match number(cell)? {
        Some(metres) if metres < 0.0 => Err(ValueError::NegativeDistance(shown(cell))),
        // Adding zero turns -0 into 0.
        metres => Ok(metres.map(|metres| metres + 0.0)),
    }
}

fn number_of(text: &str) -> Result<f64, ValueError> {
    let refused = || ValueError::NotANumber(text.into());
    // Rust also reads words such as "infinity" as numbers.
    let is_plain = |byte: u8| byte.is_ascii_digit() || b"+-.,eE".contains(&byte);
    if !text.bytes().all(is_plain) {
        return Err(refused());
    }
    let number = match text.split_once(',') {
        None => text.parse(),
        Some((whole, fraction)) if may_be_thousands(whole, fraction) => {
            return Err(ValueError::AmbiguousNumber(text.into()));
        }
        Some((whole, _)) if whole.contains('.') => return Err(refused()),
        Some((whole, fraction)) if !fraction.contains('.') => format!("{whole}.{fraction}").parse(),
        Some(_) => return Err(refused()),
    };
    finite(number.map_err(|_| refused())?, || text.into())
}

fn may_be_thousands(whole: &str, fraction: &str) -> bool {
    let whole = whole.trim_start_matches(['+', '-']);
    let is_group = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && fraction.len() == 3
        && is_group(whole)
        && is_group(fraction)
}

fn finite(number: f64, text: impl FnOnce() -> String) -> Result<f64, ValueError> {
    if number.is_finite() { Ok(number) } else { Err(ValueError::NotANumber(text())) }
}

fn shown(cell: Cell<'_>) -> String {
    written(cell).unwrap_or_default().into_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn refusal<T: std::fmt::Debug>(result: Result<T, ValueError>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn numbers_have_a_decimal_point_or_comma() {
        for (text, expected) in [("1", 1.0), ("-1.5", -1.5), ("1,5", 1.5), ("0,500", 0.5), ("1.500", 1.5), ("2e3", 2e3)]
        {
            assert_eq!(number(Cell::Text(text)), Ok(Some(expected)), "{text}");
        }
        assert_eq!(number(Cell::Number(7.0)), Ok(Some(7.0)));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["one", "1,2,3", "1.234,5", "1,234.5", "inf", "infinity", "1e999", "1 m", "."] {
            let expected = format!("\"{text}\" is not a number");
            assert_eq!(refusal(number(Cell::Text(text))), expected);
        }
        assert!(number(Cell::Number(f64::INFINITY)).is_err());
    }

    #[test]
    fn a_comma_before_three_digits_is_refused() {
        assert_eq!(
            refusal(distance(Cell::Text("1,500"))),
            "\"1,500\" may be a fraction or thousands; write a decimal point or no comma"
        );
    }

    #[test]
    fn absent_numbers_are_none() {
        for text in ["", "NA", "n/a", "null", "none", "-", "unknown", "Unbekannt", "NaN", "#N/A"] {
            assert_eq!(number(Cell::Text(text)), Ok(None), "{text}");
        }
    }

    #[test]
    fn ages_are_completed_years() {
        for (cell, expected) in [
            (Cell::Number(7.0), 7),
            (Cell::Text("7.0"), 7),
            (Cell::Text("7,5"), 7),
            (Cell::Text("0.5"), 0),
            (Cell::Text("130"), 130),
        ] {
            assert_eq!(age(cell), Ok(Some(expected)), "{cell:?}");
        }
    }

    #[test]
    fn impossible_ages_are_refused() {
        for text in ["-3", "131", "130.5", "-0.5"] {
            let expected = format!("\"{text}\" is not an age between 0 and 130 years");
            assert_eq!(refusal(age(Cell::Text(text))), expected);
        }
        assert_eq!(refusal(age(Cell::Text("old"))), "\"old\" is not a number");
    }

    #[test]
    fn distances_are_metres_from_zero() {
        assert_eq!(distance(Cell::Text("1,5")), Ok(Some(1.5)));
        assert_eq!(distance(Cell::Text("0")), Ok(Some(0.0)));
        assert_eq!(refusal(distance(Cell::Text("-0.1"))), "\"-0.1\" is not a distance: it is negative");
    }
}
