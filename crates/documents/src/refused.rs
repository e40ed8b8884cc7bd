//! Rows that were refused go back to their author in the layout in which they came.
//!
//! The file can be corrected and imported again as it is: same delimiter, same header, same
//! values with their spaces. Only a first column `reason` is added; where a file came back with
//! one, it is replaced. Values are not made harmless for Excel here, as [`crate::csv_out`] does,
//! because then the corrected file would not be what was sent. Without a header, the first column
//! moves all others by one: columns by number count from 2 when the file comes again.

use std::io::Write;

use crate::cell::Row;
use crate::table::Table;

/// The name of the first column.
pub const REASON: &str = "reason";

/// Writes refused rows with their reasons, as UTF-8.
pub struct RefusedWriter<W: Write> {
    out: csv::Writer<W>,
    /// The rows came with reasons in their first column.
    has_old_reasons: bool,
}

/// Refused rows could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the refused rows")]
pub struct WriteError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl<W: Write> std::fmt::Debug for RefusedWriter<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefusedWriter").finish_non_exhaustive()
    }
}

impl<W: Write> RefusedWriter<W> {
    /// Starts a file and writes its header, if there is one.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if `out` fails.
    pub fn new(out: W, header: Option<&[String]>, delimiter: u8) -> Result<RefusedWriter<W>, WriteError> {
        let out = csv::WriterBuilder::new().delimiter(delimiter).flexible(true).from_writer(out);
        let has_old_reasons = header.and_then(|names| names.first()).is_some_and(|n| n == REASON);
        let mut writer = RefusedWriter { out, has_old_reasons };
        if let Some(names) = header {
            writer.write_cells(REASON, names)?;
        }
        Ok(writer)
    }

    /// Starts a file in the layout of a table; with commas, if the table is a workbook.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if `out` fails.
    pub fn like(out: W, table: &Table) -> Result<RefusedWriter<W>, WriteError> {
        RefusedWriter::new(out, table.header(), table.delimiter().unwrap_or(b','))
    }

    /// Writes one row with the reason why it was refused.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the file can't be written.
    pub fn write(&mut self, row: &Row<'_>, reason: &str) -> Result<(), WriteError> {
        let cells: Vec<_> = (0..row.n_cells()).map(|column| row.raw(column)).collect();
        self.write_cells(reason, &cells)
    }

    /// Writes one row from its cells as they were written, with the reason why it was refused.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the file can't be written.
    pub fn write_raw(&mut self, cells: &[String], reason: &str) -> Result<(), WriteError> {
        self.write_cells(reason, cells)
    }

    /// Writes what is still held back and returns what was written to.
    ///
    /// # Errors
    ///
    /// [`WriteError`] if the file can't be written.
    pub fn finish(self) -> Result<W, WriteError> {
        self.out.into_inner().map_err(|error| WriteError(error.into_error().into()))
    }

    fn write_cells<S: AsRef<str>>(&mut self, first: &str, cells: &[S]) -> Result<(), WriteError> {
        let n_dropped = usize::from(self.has_old_reasons);
        let kept = cells.iter().skip(n_dropped).map(AsRef::as_ref);
        let record = std::iter::once(first).chain(kept);
        self.out.write_record(record).map_err(|error| WriteError(error.into()))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::table::{Header, TableOptions};

    fn refused(text: &str, header: Header) -> String {
        let options = TableOptions { delimiter: None, header };
        let mut table = Table::from_bytes(text.as_bytes().to_vec(), options).unwrap();
        let mut writer = RefusedWriter::like(Vec::new(), &table).unwrap();
        while let Some(row) = table.next_row().unwrap() {
            writer.write(&row, "\"x\" is not a day, sorry").unwrap();
        }
        String::from_utf8(writer.finish().unwrap()).unwrap()
    }

    #[test]
    fn refused_rows_keep_header_delimiter_spaces_and_quotes() {
        assert_eq!(
            refused("id;note\n 1 ;\"a;b\"\n2;\"say \"\"x\"\"\"\n", Header::FirstRow),
            "reason;id;note\n\
             \"\"\"x\"\" is not a day, sorry\"; 1 ;\"a;b\"\n\
             \"\"\"x\"\" is not a day, sorry\";2;\"say \"\"x\"\"\"\n"
        );
    }

    #[test]
    fn values_are_not_made_harmless_because_they_come_back() {
        assert!(refused("id,note\n1,=1+1\n", Header::FirstRow).ends_with(",1,=1+1\n"));
    }

    #[test]
    fn without_a_header_none_is_written() {
        assert_eq!(refused("1\t2\n", Header::None), "\"\"\"x\"\" is not a day, sorry\"\t1\t2\n");
    }

    #[test]
    fn old_reasons_are_replaced() {
        assert_eq!(refused("reason,id\nold,1\n", Header::FirstRow), "reason,id\n\"\"\"x\"\" is not a day, sorry\",1\n");
    }

    #[test]
    fn short_rows_and_rows_with_too_many_cells_come_back_as_they_were() {
        let text = refused("a,b,c\n1\n1,2,3,4\n", Header::FirstRow);
        let ends: Vec<&str> = text.lines().map(|line| line.rsplit('"').next().unwrap()).collect();
        assert_eq!(ends, ["reason,a,b,c", ",1", ",1,2,3,4"]);
    }
}
