//! Rows of a text file, as a stream: a block is held in memory, never the file.
//!
//! A row that is longer than a block is refused. Without that limit one quote that is never closed
//! would swallow gigabytes before anyone learned of it.

use std::io::{self, Read};
use std::ops::Range;

use super::encoding::{Decoding, Encoding, HalfCharacter, UTF8_MARK, Utf16Reader, utf16_of};
use super::error::TableError;
use super::records::{Extent, Found, Rest, find_row, split_plain, split_quoted};
use super::{delimiter, peek};
use crate::cell::Cells;

/// What is read at once; also the longest row.
const BLOCK_LEN: usize = 1 << 20;

pub(super) struct TextReader {
    source: Box<dyn Read + Send>,
    /// Bytes that were read; those before `taken` are done with.
    block: Vec<u8>,
    taken: usize,
    source_is_over: bool,
    /// An error of the source waits until the whole rows before it were given.
    failure: Option<io::Error>,
    delimiter: u8,
    decoding: Decoding,
    next_line: u64,
    row: CurrentRow,
}

/// The row that is given out; its memory is used again for each row.
#[derive(Default)]
struct CurrentRow {
    line: u64,
    text: String,
    spans: Vec<Range<usize>>,
}

impl TextReader {
    pub(super) fn open(source: Box<dyn Read + Send>, delimiter: Option<u8>) -> Result<TextReader, TableError> {
        if delimiter.is_some_and(|delimiter| !delimiter::is_usable(delimiter)) {
            return Err(TableError::Delimiter);
        }
        let (mark, source) = peek(source)?;
        let utf16 = utf16_of(&mark);
        let source: Box<dyn Read + Send> = match utf16 {
            Some(encoding) => Box::new(Utf16Reader::new(source, encoding)),
            None => source,
        };
        let mut reader = TextReader {
            source,
            block: Vec::new(),
            taken: 0,
            source_is_over: false,
            failure: None,
            delimiter: delimiter.unwrap_or(b','),
            decoding: Decoding::of(&[], utf16),
            next_line: 1,
            row: CurrentRow::default(),
        };
        reader.fill();
        reader.decoding = Decoding::of(&reader.block, utf16);
        reader.recognise(delimiter)?;
        Ok(reader)
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    pub(super) fn encoding(&self) -> Encoding {
        self.decoding.encoding
    }

    pub(super) fn current(&self) -> (u64, Cells<'_>) {
        let row = &self.row;
        (row.line, Cells::Text { text: &row.text, spans: &row.spans })
    }

    /// Goes to the next row that isn't blank; false after the last.
    pub(super) fn advance(&mut self) -> Result<bool, TableError> {
        while let Some(extent) = self.find_next()? {
            self.take(extent)?;
            if !self.current().1.is_blank() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn recognise(&mut self, given: Option<u8>) -> Result<(), TableError> {
        if self.block.contains(&0) {
            return Err(TableError::NotText);
        }
        if self.block.starts_with(UTF8_MARK) {
            self.taken = UTF8_MARK.len();
        }
        if let Some((announced, len)) = delimiter::announced(&self.block[self.taken..]) {
            self.delimiter = given.unwrap_or(announced);
            self.taken += len;
            self.next_line += 1;
        } else if given.is_none() {
            self.delimiter = delimiter::recognise(&self.block[self.taken..], self.rest());
        }
        Ok(())
    }

    fn rest(&self) -> Rest {
        if self.source_is_over { Rest::None } else { Rest::MayFollow }
    }

    fn find_next(&mut self) -> Result<Option<Extent>, TableError> {
        loop {
            let bytes = &self.block[self.taken..];
            if bytes.is_empty() && self.source_is_over {
                return Ok(None);
            }
            match find_row(bytes, self.delimiter, self.rest()) {
                Found::Row(extent) => return Ok(Some(extent)),
                Found::OpenQuote => return Err(TableError::OpenQuote { row: self.next_line }),
                Found::NeedsMore => {}
            }
            if let Some(error) = self.failure.take() {
                return Err(failure_at(self.next_line, error));
            }
            if self.block.len() - self.taken >= BLOCK_LEN {
                return Err(TableError::RowTooLong { row: self.next_line, limit: BLOCK_LEN });
            }
            self.fill();
        }
    }

    /// Reads a block behind the bytes that are left.
    fn fill(&mut self) {
        self.block.drain(..self.taken);
        self.taken = 0;
        let wanted = BLOCK_LEN as u64;
        match self.source.by_ref().take(wanted).read_to_end(&mut self.block) {
            Ok(n_read) => self.source_is_over = (n_read as u64) < wanted,
            Err(error) => self.failure = Some(error),
        }
    }

    /// Makes the next row the current one: letters from bytes, cells from letters.
    fn take(&mut self, extent: Extent) -> Result<(), TableError> {
        let bytes = &self.block[self.taken..self.taken + extent.len];
        let letters = self.decoding.letters(bytes, self.next_line)?;
        self.row.line = self.next_line;
        self.row.set(&letters, self.delimiter, extent);
        self.taken += extent.len_with_break;
        self.next_line += extent.n_lines;
        Ok(())
    }
}

impl CurrentRow {
    fn set(&mut self, letters: &str, delimiter: u8, extent: Extent) {
        self.text.clear();
        self.spans.clear();
        if extent.is_quoted {
            split_quoted(letters, delimiter, &mut self.text, &mut self.spans);
        } else {
            self.text.push_str(letters);
            split_plain(&self.text, delimiter, &mut self.spans);
        }
    }
}

fn failure_at(row: u64, source: io::Error) -> TableError {
    match source.get_ref() {
        Some(inner) if inner.is::<HalfCharacter>() => TableError::DamagedUtf16 { row },
        _ => TableError::Read { row, source },
    }
}
