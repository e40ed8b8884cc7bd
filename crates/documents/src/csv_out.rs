//! Tables for people to open in Excel: CSV in which no cell is run as a formula.
//!
//! A name such as `=HYPERLINK(…)` that came in through a form must not act when a case worker
//! opens an export. The cells that spreadsheets take for formulas get an apostrophe, which they
//! show as text (OWASP, "CSV Injection"). Negative numbers are left alone: they are no formulas,
//! and a serial interval of `'-2` would be no number for anyone's statistics.

use std::borrow::Cow;
use std::io::Write;

/// Writes a table as CSV with commas, in UTF-8.
pub struct CsvWriter<W: Write> {
    out: csv::Writer<W>,
}

/// A table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the table")]
pub struct CsvError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl<W: Write> std::fmt::Debug for CsvWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CsvWriter").finish_non_exhaustive()
    }
}

impl<W: Write> CsvWriter<W> {
    /// Starts a table.
    pub fn new(out: W) -> CsvWriter<W> {
        CsvWriter { out: csv::WriterBuilder::new().from_writer(out) }
    }

    /// Starts a table with another character between cells.
    pub fn with_delimiter(out: W, delimiter: u8) -> CsvWriter<W> {
        CsvWriter { out: csv::WriterBuilder::new().delimiter(delimiter).from_writer(out) }
    }

    /// Starts a table whose rows may differ in length, as those of a file that was refused do.
    pub fn ragged(out: W) -> CsvWriter<W> {
        CsvWriter { out: csv::WriterBuilder::new().flexible(true).from_writer(out) }
    }

    /// Writes a row, each cell made harmless; the header is a row too.
    ///
    /// # Errors
    ///
    /// [`CsvError`] if it can't be written, or has another number of cells than the first row.
    pub fn write_row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<(), CsvError> {
        for cell in cells {
            let written = self.out.write_field(harmless(cell.as_ref()).as_bytes());
            written.map_err(|error| CsvError(error.into()))?;
        }
        self.out.write_record(None::<&[u8]>).map_err(|error| CsvError(error.into()))
    }

    /// Writes a row as it is, for a file that only a program reads.
    ///
    /// # Errors
    ///
    /// [`CsvError`] if it can't be written.
    pub fn write_exactly<S: AsRef<[u8]>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<(), CsvError> {
        self.out.write_record(cells).map_err(|error| CsvError(error.into()))
    }

    /// Writes what is still held back and returns what was written to.
    ///
    /// # Errors
    ///
    /// [`CsvError`] if it can't be written.
    pub fn finish(self) -> Result<W, CsvError> {
        self.out.into_inner().map_err(|error| CsvError(error.into_error().into()))
    }
}

/// Returns a cell so that no spreadsheet takes it for a formula.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    // The wide forms are taken for their narrow ones where Japanese or Chinese is set.
    let starts_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    if starts_formula && !is_negative_number(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

fn is_negative_number(cell: &str) -> bool {
    let Some(number) = cell.strip_prefix('-') else { return false };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits(whole) && is_digits(fraction)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_would_be_formulas_get_an_apostrophe() {
        for cell in ["=1+1", "+49 30 1", "-1+1", "-", "@SUM(A1)", "\tx", "\rx", "＝1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
    }

    #[test]
    fn words_and_negative_numbers_stay_as_they_are() {
        for cell in ["", "Ann", "a=b", "-2", "-0.5", "2020-03-01", "1"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn a_table_is_quoted_where_it_must_be() {
        let mut writer = CsvWriter::new(Vec::new());
        writer.write_row(["id", "note"]).unwrap();
        writer.write_row(["=1", "a,\"b\""]).unwrap();
        let text = String::from_utf8(writer.finish().unwrap()).unwrap();
        assert_eq!(text, "id,note\n'=1,\"a,\"\"b\"\"\"\n");
    }

    #[test]
    fn a_table_has_the_delimiter_that_was_asked_for() {
        let mut writer = CsvWriter::with_delimiter(Vec::new(), b';');
        writer.write_row(["a;b", "c,d"]).unwrap();
        assert_eq!(writer.finish().unwrap(), b"\"a;b\";c,d\n");
    }

    #[test]
    fn a_row_of_another_length_is_an_error() {
        let mut writer = CsvWriter::new(Vec::new());
        writer.write_row(["id", "note"]).unwrap();
        assert!(writer.write_row(["1"]).is_err());
    }
}
