//! Tables as workbooks: every cell is text, so none is run as a formula, and no number loses its leading zeros.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Rows of a sheet, its header included: what spreadsheets take.
pub const MOST_ROWS: u32 = 1_048_576;

/// Writes a table as a workbook of one sheet. It is held in memory until it is finished.
pub struct SheetWriter {
    workbook: Workbook,
    next_row: u32,
}

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the workbook")]
pub struct SheetError(#[from] XlsxError);

impl std::fmt::Debug for SheetWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SheetWriter").finish_non_exhaustive()
    }
}

impl SheetWriter {
    /// Starts a workbook with a header that stays in sight.
    ///
    /// # Errors
    ///
    /// [`SheetError`] if the name fits no sheet.
    pub fn new<S: AsRef<str>>(name: &str, header: impl IntoIterator<Item = S>) -> Result<Self, SheetError> {
        let mut workbook = Workbook::new();
        let bold = Format::new().set_bold();
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        sheet.set_freeze_panes(1, 0)?;
        for (column, cell) in (0u16..).zip(header) {
            sheet.write_string_with_format(0, column, cell.as_ref(), &bold)?;
        }
        Ok(Self { workbook, next_row: 1 })
    }

    /// Writes a row.
    ///
    /// # Errors
    ///
    /// [`SheetError`] past [`MOST_ROWS`] rows, or if a cell is longer than 32,767 characters.
    pub fn write_row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) -> Result<(), SheetError> {
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (column, cell) in (0u16..).zip(cells) {
            if !cell.as_ref().is_empty() {
                sheet.write_string(self.next_row, column, cell.as_ref())?;
            }
        }
        self.next_row += 1;
        Ok(())
    }

    /// Returns the file.
    ///
    /// # Errors
    ///
    /// [`SheetError`] if it can't be put together.
    pub fn finish(mut self) -> Result<Vec<u8>, SheetError> {
        Ok(self.workbook.save_to_buffer()?)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn cells_are_text_whatever_they_look_like() {
        let mut writer = SheetWriter::new("Cases", ["name", "postcode"]).unwrap();
        writer.write_row(["=1+1", "01067"]).unwrap();
        let bytes = writer.finish().unwrap();
        let mut book: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).unwrap();
        let range = book.worksheet_range("Cases").unwrap();
        let cells: Vec<_> = range.rows().map(<[Data]>::to_vec).collect();
        let text = |text: &str| Data::String(text.to_owned());
        assert_eq!(cells, [vec![text("name"), text("postcode")], vec![text("=1+1"), text("01067")]]);
        let formulas = book.worksheet_formula("Cases").unwrap();
        assert!(formulas.used_cells().next().is_none());
    }
}
