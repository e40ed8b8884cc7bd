//! Bytes become letters: UTF-8, UTF-16 with its mark, or else Windows-1252.
//!
//! UTF-8 checks itself: text with accents that is valid UTF-8 practically never is anything else.
//! Windows-1252 gives a letter to nearly every byte, so it is believed only if all that came
//! before was plain ASCII; a file in which both occur was pasted together, and only its author can
//! say which letters were meant. Five bytes mean nothing in Windows-1252, although browsers map
//! them to control characters: they are refused, because they are a sign of yet another encoding.

use std::borrow::Cow;
use std::io::{self, Read};
use std::{fmt, str};

use encoding_rs::{Decoder, DecoderResult, WINDOWS_1252};

use super::error::TableError;

/// How the letters of a text file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without its mark; plain ASCII too.
    Utf8,
    /// UTF-16, low byte first, with its mark.
    Utf16Le,
    /// UTF-16, high byte first, with its mark.
    Utf16Be,
    /// Windows-1252, the "ANSI" of Western Europe.
    Windows1252,
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encoding::Utf8 => "UTF-8",
            Encoding::Utf16Le | Encoding::Utf16Be => "UTF-16",
            Encoding::Windows1252 => "Windows-1252",
        })
    }
}

pub(super) const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
const UTF16_LE_MARK: &[u8] = &[0xff, 0xfe];
const UTF16_BE_MARK: &[u8] = &[0xfe, 0xff];

/// Returns which UTF-16 the first bytes of a file announce, if any.
pub(super) fn utf16_of(first_bytes: &[u8]) -> Option<Encoding> {
    match first_bytes {
        bytes if bytes.starts_with(UTF16_LE_MARK) => Some(Encoding::Utf16Le),
        bytes if bytes.starts_with(UTF16_BE_MARK) => Some(Encoding::Utf16Be),
        _ => None,
    }
}

/// What is known of the encoding so far; becomes certain with the first letter beyond ASCII.
pub(super) struct Decoding {
    pub encoding: Encoding,
    is_certain: bool,
}

impl Decoding {
    /// Starts with what the first block of a file shows; `utf16` if that was already turned into UTF-8.
    pub(super) fn of(first_block: &[u8], utf16: Option<Encoding>) -> Decoding {
        if let Some(encoding) = utf16 {
            return Decoding { encoding, is_certain: true };
        }
        if first_block.starts_with(UTF8_MARK) {
            return Decoding { encoding: Encoding::Utf8, is_certain: true };
        }
        if begins_as_windows_1252(first_block) {
            return Decoding { encoding: Encoding::Windows1252, is_certain: true };
        }
        Decoding { encoding: Encoding::Utf8, is_certain: false }
    }

    /// Returns the letters of a row.
    ///
    /// # Errors
    ///
    /// The row has a byte that the encoding doesn't have, and no other encoding explains.
    pub(super) fn letters<'b>(&mut self, bytes: &'b [u8], row: u64) -> Result<Cow<'b, str>, TableError> {
        if self.encoding == Encoding::Windows1252 {
            return windows_1252(bytes, row);
        }
        match str::from_utf8(bytes) {
            Ok(letters) => {
                self.is_certain = self.is_certain || !letters.is_ascii();
                Ok(Cow::Borrowed(letters))
            }
            Err(error) => {
                let at = error.valid_up_to();
                if self.is_certain || !bytes[..at].is_ascii() {
                    return Err(TableError::MixedEncodings { row, byte: at + 1, value: bytes[at] });
                }
                self.encoding = Encoding::Windows1252;
                windows_1252(bytes, row)
            }
        }
    }
}

/// Returns whether the first letter beyond ASCII can't be UTF-8; a letter cut off by the end can.
fn begins_as_windows_1252(block: &[u8]) -> bool {
    match str::from_utf8(block) {
        Ok(_) => false,
        Err(error) => error.error_len().is_some() && block[..error.valid_up_to()].is_ascii(),
    }
}

fn windows_1252(bytes: &[u8], row: u64) -> Result<Cow<'_, str>, TableError> {
    let undefined = |byte: &u8| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d);
    if let Some(at) = bytes.iter().position(undefined) {
        return Err(TableError::UnknownEncoding { row, byte: at + 1, value: bytes[at] });
    }
    let (letters, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
    Ok(letters)
}

/// What the reader of UTF-16 reports when half a character stands alone.
#[derive(Debug, thiserror::Error)]
#[error("half a character of UTF-16")]
pub(super) struct HalfCharacter;

/// Reads UTF-16 and gives UTF-8, its mark removed.
pub(super) struct Utf16Reader {
    source: Box<dyn Read + Send>,
    decoder: Decoder,
    letters: String,
    /// Bytes of `letters` that were given out.
    n_given: usize,
    is_over: bool,
    is_damaged: bool,
}

const BLOCK_LEN: usize = 64 << 10;

impl Utf16Reader {
    pub(super) fn new(source: Box<dyn Read + Send>, encoding: Encoding) -> Utf16Reader {
        let decoder = match encoding {
            Encoding::Utf16Be => encoding_rs::UTF_16BE.new_decoder_with_bom_removal(),
            _ => encoding_rs::UTF_16LE.new_decoder_with_bom_removal(),
        };
        Utf16Reader { source, decoder, letters: String::new(), n_given: 0, is_over: false, is_damaged: false }
    }

    /// Decodes the next block; what stands before half a character is still given.
    fn refill(&mut self) -> io::Result<()> {
        let mut block = Vec::with_capacity(BLOCK_LEN);
        let n_read = self.source.by_ref().take(BLOCK_LEN as u64).read_to_end(&mut block)?;
        self.is_over = n_read < BLOCK_LEN;
        self.letters.clear();
        self.n_given = 0;
        // UTF-16 grows to at most three bytes for each two; the rest is what the decoder held back.
        self.letters.reserve(n_read * 2 + 16);
        let (result, _) = self.decoder.decode_to_string_without_replacement(&block, &mut self.letters, self.is_over);
        self.is_damaged = result != DecoderResult::InputEmpty;
        Ok(())
    }
}

impl Read for Utf16Reader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.n_given == self.letters.len() {
            if self.is_damaged {
                return Err(io::Error::new(io::ErrorKind::InvalidData, HalfCharacter));
            }
            if self.is_over {
                return Ok(0);
            }
            self.refill()?;
        }
        let mut letters = &self.letters.as_bytes()[self.n_given..];
        let n_read = letters.read(out)?;
        self.n_given += n_read;
        Ok(n_read)
    }
}
