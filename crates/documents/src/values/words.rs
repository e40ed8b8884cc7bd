//! Cells as words, and which words say that there is no value.
//!
//! `NA` is how R writes a missing value into every column, so it never is a name or an id. `unknown`
//! and `none` are different: no id, no day and no number, but an outcome may be unknown, and there
//! are people called None and Null. Hence three kinds: [`text`], [`word`], [`identifier`].

use std::borrow::Cow;

use crate::cell::{Cell, date_time_as_text};

/// What programs write for a missing value, in exactly these letters.
const ABSENT_AS_WRITTEN: [&str; 6] = ["NA", "N/A", "#N/A", "NaN", "-", "--"];
/// What programs and people write for a missing value that isn't a free word, in any letters.
const ABSENT: [&str; 11] = ["na", "n/a", "#n/a", "nan", "-", "--", "null", "none", "unknown", "unbekannt", "nil"];
/// Those of them that say something where an outcome or a setting is asked for.
const TELLING: [&str; 2] = ["unknown", "unbekannt"];

/// Returns a cell as free text such as a name; `None` if it is blank or a program's `NA`.
///
/// Whole numbers of a workbook have no `.0`: the postcode 49621 is `49621`.
pub fn text(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    written(cell).filter(|text| !ABSENT_AS_WRITTEN.contains(&&**text))
}

/// Returns a cell as a word from a short list such as an outcome; `unknown` is such a word.
pub fn word(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    written(cell).filter(|text| is_one_of(text, &TELLING) || !is_absent(text))
}

/// Returns a cell as an id, as written; `None` for all that [`day`](super::day) takes for absent.
pub fn identifier(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    written(cell).filter(|text| !is_absent(text))
}

/// Returns what a cell shows, an empty string if nothing.
pub(crate) fn name(cell: Cell<'_>) -> Cow<'_, str> {
    written(cell).unwrap_or(Cow::Borrowed(""))
}

/// Returns a number as Excel shows it in a cell without a format.
pub(crate) fn number_as_text(number: f64) -> String {
    // Adding zero turns -0 into 0. Rust prints no exponent and the fewest digits that are exact.
    (number + 0.0).to_string()
}

pub(super) fn is_absent(text: &str) -> bool {
    is_one_of(text, &ABSENT)
}

pub(super) fn written(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Empty => None,
        Cell::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()).map(Cow::Borrowed),
        Cell::Number(number) => Some(number_as_text(number).into()),
        Cell::DateTime(at) => Some(date_time_as_text(at).into()),
    }
}

fn is_one_of(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_of_a_workbook_has_no_fraction() {
        assert_eq!(text(Cell::Number(49621.0)).as_deref(), Some("49621"));
        assert_eq!(text(Cell::Number(-0.0)).as_deref(), Some("0"));
        assert_eq!(text(Cell::Number(1.25)).as_deref(), Some("1.25"));
        assert_eq!(identifier(Cell::Number(1e15)).as_deref(), Some("1000000000000000"));
    }

    #[test]
    fn a_date_as_text_is_iso() {
        let midnight = Cell::DateTime(jiff::civil::date(2020, 3, 1).at(0, 0, 0, 0));
        assert_eq!(text(midnight).as_deref(), Some("2020-03-01"));
    }

    #[test]
    fn nothing_is_nothing() {
        for cell in [Cell::Empty, Cell::Text(" "), Cell::Text("NA"), Cell::Text("-")] {
            assert_eq!((text(cell), word(cell), identifier(cell)), (None, None, None), "{cell:?}");
        }
    }

    #[test]
    fn an_outcome_may_be_unknown_but_an_id_may_not() {
        for unknown in ["unknown", "Unknown", "unbekannt"] {
            assert_eq!(word(Cell::Text(unknown)).as_deref(), Some(unknown));
            assert_eq!(identifier(Cell::Text(unknown)), None);
        }
    }

    #[test]
    fn a_person_may_be_called_null_or_na() {
        for name in ["Null", "None", "Na"] {
            assert_eq!(text(Cell::Text(name)).as_deref(), Some(name));
            assert_eq!(word(Cell::Text(name)), None);
        }
    }
}
