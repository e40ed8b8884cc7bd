//! A file becomes rows: what kind of file it is, is recognised from its bytes, and can be shown.
//!
//! Health authorities send what they have: Excel workbooks, semicolons in Windows-1252 from a
//! German Excel, gigabytes of packed sensor readings. Asking for the format would only move the
//! guessing to a person who knows less than the bytes do. What was recognised is reported
//! ([`Table::delimiter`], [`Table::encoding`], [`Table::sheet`]), so that a wrong guess is seen.
//! What can't be recognised with certainty is an error that says what to do.
//!
//! Text is read as a stream and in constant memory; a workbook is read whole.

mod delimiter;
mod encoding;
mod error;
mod records;
mod sheet;
mod text;

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;

use crate::cell::{Cells, Row, RowFault};
use crate::values;

pub use delimiter::delimiter_name;
pub use encoding::Encoding;
pub use error::TableError;

use sheet::SheetReader;
use text::TextReader;

/// Whether the first row names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// The first row that isn't blank names the columns.
    FirstRow,
    /// All rows are data; columns are known by their number.
    None,
}

/// What the caller knows about a file.
#[derive(Debug, Clone, Copy)]
pub struct TableOptions {
    /// The character between cells; recognised from the first rows if not given.
    pub delimiter: Option<u8>,
    /// Whether the first row names the columns.
    pub header: Header,
}

/// A table that is being read, row by row.
pub struct Table {
    body: Body,
    header: Option<Vec<String>>,
    n_columns: usize,
    /// The first row of data was read to count the columns, and not given out yet.
    first_is_waiting: bool,
    is_over: bool,
}

enum Body {
    Text(TextReader),
    Sheet(SheetReader),
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table").field("n_columns", &self.n_columns).finish_non_exhaustive()
    }
}

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZIP_MAGIC: &[u8] = b"PK\x03\x04";
/// Old Excel files and workbooks with a password begin like this (Compound File Binary).
const COMPOUND_FILE_MAGIC: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
const MAGIC_LEN: u64 = 4;

impl Table {
    /// Opens a table: recognises gzip, XLSX or text, then encoding, delimiter and header.
    ///
    /// # Errors
    ///
    /// [`TableError`] if it is no table, has no row, or can't be read.
    pub fn open(source: impl Read + Send + 'static, options: TableOptions) -> Result<Table, TableError> {
        let (magic, source) = peek(Box::new(source))?;
        if !magic.starts_with(GZIP_MAGIC) {
            return Table::open_unpacked(&magic, source, options);
        }
        let unpacked: Box<dyn Read + Send> = Box::new(MultiGzDecoder::new(source));
        let (magic, unpacked) = peek(unpacked)?;
        Table::open_unpacked(&magic, unpacked, options)
    }

    /// Opens a table that is wholly in memory; see [`Table::open`].
    ///
    /// # Errors
    ///
    /// As [`Table::open`].
    pub fn from_bytes(bytes: Vec<u8>, options: TableOptions) -> Result<Table, TableError> {
        Table::open(Cursor::new(bytes), options)
    }

    fn open_unpacked(magic: &[u8], source: Box<dyn Read + Send>, options: TableOptions) -> Result<Table, TableError> {
        let body = if magic.starts_with(ZIP_MAGIC) {
            Body::Sheet(SheetReader::open(source)?)
        } else if magic.starts_with(COMPOUND_FILE_MAGIC) {
            return Err(TableError::OldWorkbook);
        } else {
            Body::Text(TextReader::open(source, options.delimiter)?)
        };
        Table::with_header(body, options.header)
    }

    fn with_header(body: Body, header: Header) -> Result<Table, TableError> {
        let mut table = Table { body, header: None, n_columns: usize::MAX, first_is_waiting: false, is_over: false };
        if !table.body.advance()? {
            return Err(TableError::Empty);
        }
        let (_, first) = table.body.current();
        table.n_columns = match header {
            Header::FirstRow => Row { number: 0, cells: first, fault: None }.n_cells(),
            Header::None => first.n_used(),
        };
        match header {
            Header::FirstRow => table.header = Some(names(first)),
            Header::None => table.first_is_waiting = true,
        }
        Ok(table)
    }

    /// Returns the names of the columns, spaces around them removed; `None` without a header.
    pub fn header(&self) -> Option<&[String]> {
        self.header.as_deref()
    }

    /// Returns how many columns the header, or without one the first row, has.
    pub fn n_columns(&self) -> usize {
        self.n_columns
    }

    /// Returns the character between cells, given or recognised; `None` for a workbook.
    pub fn delimiter(&self) -> Option<u8> {
        match &self.body {
            Body::Text(text) => Some(text.delimiter()),
            Body::Sheet(_) => None,
        }
    }

    /// Returns the encoding as far as the file has been read; `None` for a workbook.
    ///
    /// UTF-8 can still turn into Windows-1252, if the first letter with an accent comes late.
    pub fn encoding(&self) -> Option<Encoding> {
        match &self.body {
            Body::Text(text) => Some(text.encoding()),
            Body::Sheet(_) => None,
        }
    }

    /// Returns the name of the sheet that is read; `None` for text.
    pub fn sheet(&self) -> Option<&str> {
        match &self.body {
            Body::Text(_) => None,
            Body::Sheet(sheet) => Some(sheet.name()),
        }
    }

    /// Returns the next row that isn't blank, or `None` after the last.
    ///
    /// A row with too many cells is given, with its [`Row::fault`]: it is refused, the file isn't.
    ///
    /// # Errors
    ///
    /// [`TableError`] if the file can't be read further; after that there are no more rows.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, TableError> {
        if self.is_over {
            return Ok(None);
        }
        if self.first_is_waiting {
            self.first_is_waiting = false;
        } else {
            match self.body.advance() {
                Ok(true) => {}
                Ok(false) => {
                    self.is_over = true;
                    return Ok(None);
                }
                Err(error) => {
                    self.is_over = true;
                    return Err(error);
                }
            }
        }
        let (number, cells) = self.body.current();
        let mut row = Row { number, cells, fault: None };
        row.fault = too_many_cells(&row, self.n_columns);
        Ok(Some(row))
    }
}

impl Body {
    fn advance(&mut self) -> Result<bool, TableError> {
        match self {
            Body::Text(text) => text.advance(),
            Body::Sheet(sheet) => Ok(sheet.advance()),
        }
    }

    fn current(&self) -> (u64, Cells<'_>) {
        match self {
            Body::Text(text) => text.current(),
            Body::Sheet(sheet) => sheet.current(),
        }
    }
}

fn too_many_cells(row: &Row<'_>, n_columns: usize) -> Option<RowFault> {
    if row.n_cells() <= n_columns {
        return None;
    }
    let found = row.cells.n_used();
    (found > n_columns).then_some(RowFault::TooManyCells { found, expected: n_columns })
}

fn names(first: Cells<'_>) -> Vec<String> {
    let row = Row { number: 0, cells: first, fault: None };
    row.cells().map(|cell| values::name(cell).into_owned()).collect()
}

/// Reads the first bytes and gives them together with a reader that still begins with them.
fn peek(mut source: Box<dyn Read + Send>) -> Result<(Vec<u8>, Box<dyn Read + Send>), TableError> {
    let mut magic = Vec::new();
    let read = source.by_ref().take(MAGIC_LEN).read_to_end(&mut magic);
    read.map_err(|source| TableError::Read { row: 1, source })?;
    let whole = Box::new(Cursor::new(magic.clone()).chain(source));
    Ok((magic, whole))
}

#[cfg(test)]
mod tests;
