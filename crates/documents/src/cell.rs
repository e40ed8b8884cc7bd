//! A row as its reader sees it: numbered as in the file, with cells that borrow from the table.
//!
//! Cells of a text file are words, cells of a workbook may already be numbers or dates. The rest
//! of the crate looks at [`Cell`] only, so that a rule holds for both kinds of file. Nothing is
//! copied for a cell: files of sensors have tens of millions of them.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::DateTime;

use crate::values::number_as_text;

/// One value of a row, spaces around it removed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'t> {
    /// Words, as written.
    Text(&'t str),
    /// A number of a workbook.
    Number(f64),
    /// A date of a workbook, by its local clock.
    DateTime(DateTime),
    /// Nothing but spaces, or beyond the end of a short row.
    Empty,
}

/// A value that a workbook keeps between being read and being asked for.
#[derive(Debug, Clone)]
pub(crate) enum SheetValue {
    /// Where the words stand in the text of all cells.
    Text(Range<usize>),
    Number(f64),
    DateTime(DateTime),
}

/// Why a row can't be used, although the file can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RowFault {
    /// There are values beyond the last column.
    #[error("has {found} cells, but the table has {expected} columns")]
    TooManyCells {
        /// Cells up to the last that isn't empty.
        found: usize,
        /// Columns of the table.
        expected: usize,
    },
}

/// One row of a table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'t> {
    /// The number that a person sees beside the row, counted from 1, header and blank rows included.
    ///
    /// In a text file it is the line on which the row begins, in a workbook the row of the sheet.
    pub number: u64,
    pub(crate) cells: Cells<'t>,
    pub(crate) fault: Option<RowFault>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Cells<'t> {
    Text { text: &'t str, spans: &'t [Range<usize>] },
    Sheet { text: &'t str, cells: &'t [(usize, SheetValue)] },
}

impl<'t> Row<'t> {
    /// Returns the cell of a column, counted from 0; empty if there is no such column or cell.
    ///
    /// Takes a position or an `Option` of one, so that `row.get(columns.position("onset"))` reads
    /// a field that may not be mapped.
    pub fn get(&self, column: impl Into<Option<usize>>) -> Cell<'t> {
        column.into().map_or(Cell::Empty, |column| self.cells.get(column))
    }

    /// Returns what stands in a column as it was written, with its spaces, for refused rows.
    pub fn raw(&self, column: usize) -> Cow<'t, str> {
        self.cells.raw(column)
    }

    /// Returns how many cells the row has; may be less or more than the table has columns.
    pub fn n_cells(&self) -> usize {
        self.cells.len()
    }

    /// Lists the cells that the row has, in the order of the columns.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'t>> + '_ {
        (0..self.n_cells()).map(|column| self.get(column))
    }

    /// Returns why the row must be refused as a whole; look here before its cells.
    pub fn fault(&self) -> Option<RowFault> {
        self.fault
    }
}

impl<'t> Cells<'t> {
    fn get(&self, column: usize) -> Cell<'t> {
        match *self {
            Cells::Text { text, spans } => spans.get(column).map_or(Cell::Empty, |span| trimmed(&text[span.clone()])),
            Cells::Sheet { text, cells } => match sheet_value(cells, column) {
                None => Cell::Empty,
                Some(SheetValue::Text(span)) => trimmed(&text[span.clone()]),
                Some(SheetValue::Number(number)) => Cell::Number(*number),
                Some(SheetValue::DateTime(at)) => Cell::DateTime(*at),
            },
        }
    }

    fn raw(&self, column: usize) -> Cow<'t, str> {
        match *self {
            Cells::Text { text, spans } => {
                spans.get(column).map_or(Cow::Borrowed(""), |span| text[span.clone()].into())
            }
            Cells::Sheet { text, cells } => match sheet_value(cells, column) {
                None => Cow::Borrowed(""),
                Some(SheetValue::Text(span)) => text[span.clone()].into(),
                Some(SheetValue::Number(number)) => number_as_text(*number).into(),
                Some(SheetValue::DateTime(at)) => date_time_as_text(*at).into(),
            },
        }
    }

    fn len(&self) -> usize {
        match self {
            Cells::Text { spans, .. } => spans.len(),
            Cells::Sheet { cells, .. } => cells.last().map_or(0, |(column, _)| column + 1),
        }
    }

    /// Returns how many cells there are up to the last that isn't empty; 0 for a blank row.
    pub(crate) fn n_used(&self) -> usize {
        let used = (0..self.len()).rev().find(|column| self.get(*column) != Cell::Empty);
        used.map_or(0, |column| column + 1)
    }

    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Cells::Text { text, spans } => spans.iter().all(|span| trimmed(&text[span.clone()]) == Cell::Empty),
            Cells::Sheet { .. } => self.n_used() == 0,
        }
    }
}

/// The cells of a sheet are sorted by column.
fn sheet_value(cells: &[(usize, SheetValue)], column: usize) -> Option<&SheetValue> {
    let at = cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
    Some(&cells[at].1)
}

fn trimmed(text: &str) -> Cell<'_> {
    match text.trim() {
        "" => Cell::Empty,
        words => Cell::Text(words),
    }
}

/// Returns a date of a workbook as ISO writes it, without a time that is midnight.
pub(crate) fn date_time_as_text(at: DateTime) -> String {
    if at.time() == jiff::civil::Time::midnight() { at.date().to_string() } else { at.to_string() }
}
