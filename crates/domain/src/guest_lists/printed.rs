//! A guest list on paper.

use crate::letters::CannotSet;

/// A guest list as it is printed: words only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListSheet {
    /// Its language, by tag.
    pub language: String,
    /// What it is.
    pub title: String,
    /// Venue, time, reason, each with its label.
    pub lines: Vec<(String, String)>,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// A row for each guest, as many cells as there are columns.
    pub rows: Vec<Vec<String>>,
    /// What stands there where nobody was.
    pub empty: String,
    /// What is to be done with this sheet.
    pub foot: String,
    /// What stands below where characters could not be printed.
    pub unprintable: String,
}

/// Sets a guest list: words in, the bytes of a PDF out. What no font has is printed as a sign in its place.
pub type ListPress = fn(&ListSheet) -> Result<Vec<u8>, CannotSet>;
