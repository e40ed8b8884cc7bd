//! Rows of the first visible sheet of an XLSX workbook.
//!
//! Only cells that exist are kept: a sheet with one cell in its last corner must not cost
//! seventeen billion empty ones. What a cell is, is what Excel shows: a number in a cell that is
//! formatted as a date is a date, and a whole number that was typed as text is a number, because
//! nobody sees the difference and nothing is lost by it (`007` stays text).

use std::io::{Cursor, Read};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::error::TableError;
use crate::cell::{Cells, SheetValue};
use crate::values::excel_day_and_time;

/// Days between the two systems by which Excel counts days.
const DAYS_FROM_1900_TO_1904: f64 = 1462.0;
/// Whole numbers of that many digits are exact in a workbook.
const MOST_EXACT_DIGITS: usize = 15;
/// A workbook is held in memory; a small packed file can become a huge one. Excel itself has 1,048,576 rows.
const MOST_BYTES: u64 = 256 << 20;
const MOST_CELLS: usize = 10_000_000;

pub(super) struct SheetReader {
    name: String,
    rows: Vec<SheetRow>,
    /// The words of all cells, one after the other.
    text: String,
    n_cells: usize,
    /// How many rows were gone to; the current one is the last of them.
    n_passed: usize,
}

struct SheetRow {
    number: u64,
    cells: Vec<(usize, SheetValue)>,
}

impl SheetReader {
    pub(super) fn open(mut source: Box<dyn Read + Send>) -> Result<SheetReader, TableError> {
        let mut bytes = Vec::new();
        let read = source.by_ref().take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|source| TableError::Read { row: 1, source })?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(TableError::TooLarge);
        }
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
        let name = first_sheet(&workbook).ok_or(TableError::NoSheet)?;
        let mut reader = SheetReader { name, rows: Vec::new(), text: String::new(), n_cells: 0, n_passed: 0 };
        reader.load(&mut workbook).map_err(unreadable)?;
        if reader.n_cells > MOST_CELLS || reader.text.len() as u64 > MOST_BYTES {
            return Err(TableError::TooLarge);
        }
        Ok(reader)
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Goes to the next row that isn't blank; false after the last.
    pub(super) fn advance(&mut self) -> bool {
        while self.n_passed < self.rows.len() {
            self.n_passed += 1;
            if !self.current().1.is_blank() {
                return true;
            }
        }
        false
    }

    pub(super) fn current(&self) -> (u64, Cells<'_>) {
        match self.n_passed.checked_sub(1).and_then(|at| self.rows.get(at)) {
            Some(row) => (row.number, Cells::Sheet { text: &self.text, cells: &row.cells }),
            None => (0, Cells::Sheet { text: "", cells: &[] }),
        }
    }

    fn load(&mut self, workbook: &mut Xlsx<Cursor<Vec<u8>>>) -> Result<(), XlsxError> {
        let counts_from_1904 = workbook.has_1904_epoch();
        let name = self.name.clone();
        let mut cells = workbook.worksheet_cells_reader(&name)?;
        while self.n_cells <= MOST_CELLS
            && self.text.len() as u64 <= MOST_BYTES
            && let Some(cell) = cells.next_cell()?
        {
            self.n_cells += 1;
            let (row, column) = cell.get_position();
            let epoch = if counts_from_1904 { DAYS_FROM_1900_TO_1904 } else { 0.0 };
            if let Some(value) = self.value(cell.get_value(), epoch) {
                self.push(u64::from(row) + 1, column as usize, value);
            }
        }
        // Cells are searched for by column, and a damaged file may give them in any order.
        self.rows.iter_mut().for_each(|row| row.cells.sort_by_key(|(column, _)| *column));
        Ok(())
    }

    fn push(&mut self, number: u64, column: usize, value: SheetValue) {
        match self.rows.last_mut() {
            Some(row) if row.number == number => row.cells.push((column, value)),
            _ => self.rows.push(SheetRow { number, cells: vec![(column, value)] }),
        }
    }

    fn value(&mut self, value: &DataRef<'_>, epoch: f64) -> Option<SheetValue> {
        match value {
            DataRef::Empty => None,
            DataRef::Int(number) => Some(SheetValue::Number(*number as f64)),
            DataRef::Float(number) => Some(SheetValue::Number(*number)),
            DataRef::String(words) => Some(self.words_or_number(words)),
            DataRef::SharedString(words) => Some(self.words_or_number(words)),
            DataRef::Bool(true) => Some(self.words("true")),
            DataRef::Bool(false) => Some(self.words("false")),
            DataRef::DateTime(at) => Some(self.date_time(*at, epoch)),
            DataRef::DateTimeIso(at) => Some(match at.trim_end_matches('Z').parse() {
                Ok(at) => SheetValue::DateTime(at),
                Err(_) => self.words(at),
            }),
            DataRef::DurationIso(duration) => Some(self.words(duration)),
            DataRef::Error(error) => Some(self.words(&error.to_string())),
        }
    }

    fn words_or_number(&mut self, words: &str) -> SheetValue {
        let digits = words.trim();
        let is_exact = digits.len() <= MOST_EXACT_DIGITS
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'));
        match digits.parse() {
            Ok(number) if is_exact => SheetValue::Number(number),
            _ => self.words(words),
        }
    }

    fn words(&mut self, words: &str) -> SheetValue {
        let from = self.text.len();
        self.text.push_str(words);
        SheetValue::Text(from..self.text.len())
    }

    /// A time without a day stays what Excel shows; a duration and an impossible day stay numbers.
    fn date_time(&mut self, at: ExcelDateTime, epoch: f64) -> SheetValue {
        let serial = at.as_f64();
        if at.is_duration() {
            return SheetValue::Number(serial);
        }
        match excel_day_and_time(serial + epoch) {
            Some(at) if serial >= 1.0 || epoch > 0.0 => SheetValue::DateTime(at),
            Some(at) => self.words(&at.time().to_string()),
            None => SheetValue::Number(serial),
        }
    }
}

fn first_sheet(workbook: &Xlsx<Cursor<Vec<u8>>>) -> Option<String> {
    let sheets = workbook.sheets_metadata();
    let has_cells = |typ: SheetType| typ == SheetType::WorkSheet;
    let visible = |sheet: &&calamine::Sheet| has_cells(sheet.typ) && sheet.visible == SheetVisible::Visible;
    let first = sheets.iter().find(visible);
    first.or_else(|| sheets.iter().find(|sheet| has_cells(sheet.typ))).map(|s| s.name.clone())
}

fn unreadable(source: XlsxError) -> TableError {
    TableError::Workbook { source: Box::new(source) }
}
