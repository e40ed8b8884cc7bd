//! What stands on a poster: a code, a name, what to do with them.

use crate::authorities::words;
use crate::letters::CannotSet;

/// How large.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PosterFormat {
    /// For a door: one on a page.
    A4,
    /// For tables: four on a page, to be cut.
    A6,
}
words!(PosterFormat { A4 = "a4", A6 = "a6" });

/// What guests are to do, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Its tag, for whoever has the poster read aloud.
    pub language: String,
    /// A few words, large.
    pub head: String,
    /// A sentence.
    pub text: String,
}

/// One code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The area or table; `None`: the whole venue.
    pub area: Option<String>,
    /// The code as a picture, SVG.
    pub picture: String,
    /// What the picture says, for whoever has the poster read aloud.
    pub address: String,
    /// What guests type who can't scan: the address without names.
    pub typed: String,
    /// The id of the area, else of the venue, in groups.
    pub short_id: String,
}

/// What is to be printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterSheet {
    /// How large.
    pub format: PosterFormat,
    /// Name of the venue.
    pub name: String,
    /// What guests are to do, one for each language.
    pub instructions: Vec<Instruction>,
    /// What the authority is called.
    pub authority: String,
    /// The codes, in order.
    pub posters: Vec<Poster>,
}

/// Sets posters: what stands on them in, the bytes of a PDF out.
pub type PosterPress = fn(&PosterSheet) -> Result<Vec<u8>, CannotSet>;
