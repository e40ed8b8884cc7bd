//! Why a file can't be read, in a sentence that tells its sender what to do.

use std::io;

/// Why a file can't be read, or not to its end.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// There is no row that isn't blank.
    #[error("the file is empty")]
    Empty,
    /// Zero bytes: a picture, a database, or UTF-16 without its mark.
    #[error("the file is not a table of text; save it as CSV in UTF-8, or as XLSX")]
    NotText,
    /// An old Excel file, or a workbook with a password.
    #[error("the file is an old Excel workbook or has a password; save it as XLSX without a password")]
    OldWorkbook,
    /// A zip, but not one that Excel would open.
    #[error("the file is not a readable XLSX workbook; open it in Excel and save it again")]
    Workbook {
        /// What the workbook reader said.
        #[source]
        source: Box<calamine::XlsxError>,
    },
    /// A workbook that would take all memory.
    #[error("the workbook is too large to be read; save its sheet as CSV")]
    TooLarge,
    /// The workbook has charts or macros only.
    #[error("the workbook has no sheet with cells")]
    NoSheet,
    /// A byte that no supported encoding has.
    #[error(
        "row {row}, byte {byte}: 0x{value:02x} is neither UTF-8 nor Windows-1252; \
         save the file as UTF-8"
    )]
    UnknownEncoding {
        /// Row as a person sees it.
        row: u64,
        /// Byte of that row, counted from 1.
        byte: usize,
        /// The byte.
        value: u8,
    },
    /// A byte that isn't UTF-8, after letters that only UTF-8 explains.
    #[error(
        "row {row}, byte {byte}: 0x{value:02x} is not UTF-8, but what stands before it is; \
         save the file as UTF-8"
    )]
    MixedEncodings {
        /// Row as a person sees it.
        row: u64,
        /// Byte of that row, counted from 1.
        byte: usize,
        /// The byte.
        value: u8,
    },
    /// Half a character in a file that is marked as UTF-16.
    #[error("row {row} is damaged UTF-16; save the file as UTF-8")]
    DamagedUtf16 {
        /// Row as a person sees it.
        row: u64,
    },
    /// A quote is opened and the file ends.
    #[error("row {row}: a quote is opened and never closed")]
    OpenQuote {
        /// Row on which the quoted value's row begins.
        row: u64,
    },
    /// No row of a real table is that long.
    #[error("row {row} is longer than {} MiB; perhaps a quote is not closed", limit >> 20)]
    RowTooLong {
        /// Row as a person sees it.
        row: u64,
        /// Longest row in bytes.
        limit: usize,
    },
    /// The caller asked for a delimiter that would cut letters, quotes or line breaks.
    #[error("a table can't be divided by this character; use comma, semicolon, tab or pipe")]
    Delimiter,
    /// The source failed, or the packed file is damaged or cut short.
    #[error("cannot read the file beyond row {row}")]
    Read {
        /// The row that is incomplete.
        row: u64,
        /// What the source or the unpacking said.
        #[source]
        source: io::Error,
    },
}
