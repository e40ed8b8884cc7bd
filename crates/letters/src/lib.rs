//! Letters, posters, guest lists: a sheet in, a PDF out. Pure: no clock, no files, no network, no fonts of the machine.
//!
//! The layout is a typst file of ours. What stands on a letter reaches it as data and is never read as markup, so a
//! street called `#1 * Main $` is printed as it is. Pages are A4 after DIN 5008, form B: the address lies behind the
//! window of an envelope. The PDF is tagged after PDF/UA-1, so that it can be read aloud, and carries its fonts.
//!
//! This crate is a leaf: typst is large, and only the program links it.

mod data;
mod world;

use domain::guest_lists::ListSheet;
use domain::letters::{CannotSet, LetterSheet};
use domain::venues::PosterSheet;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use world::{Layout, LetterWorld, lacking};

/// Sets a letter. Takes about 10 ms, the first one longer.
///
/// # Errors
///
/// [`CannotSet::NoGlyph`] names the characters that no font here has; [`CannotSet::Defect`] if the layout fails.
pub fn set(sheet: &LetterSheet) -> Result<Vec<u8>, CannotSet> {
    let text = data::as_json(sheet).map_err(|_| CannotSet::Defect)?;
    set_with(Layout::Letter, text, data::words_of(sheet))
}

/// Sets posters: one on a page of A4, or four table cards with marks for cutting.
///
/// # Errors
///
/// As [`set`].
pub fn set_posters(sheet: &PosterSheet) -> Result<Vec<u8>, CannotSet> {
    let text = data::posters_as_json(sheet).map_err(|_| CannotSet::Defect)?;
    set_with(Layout::Poster, text, data::words_of_posters(sheet))
}

/// Sets a guest list: a table on as many pages as it needs. A guest is on it whatever they are called: what no font here has
/// stands as `?`, and a line says so.
///
/// # Errors
///
/// [`CannotSet::Defect`] if the layout fails.
pub fn set_guest_list(sheet: &ListSheet) -> Result<Vec<u8>, CannotSet> {
    let lacking = lacking(data::words_of_list(sheet));
    let text = data::list_as_json(sheet, &lacking).map_err(|_| CannotSet::Defect)?;
    set_with(Layout::GuestList, text, std::iter::empty())
}

fn set_with<'w>(layout: Layout, data: String, words: impl Iterator<Item = &'w str>) -> Result<Vec<u8>, CannotSet> {
    let lacking = lacking(words);
    if !lacking.is_empty() {
        return Err(CannotSet::NoGlyph(lacking));
    }
    let world = LetterWorld::new(layout, data).ok_or(CannotSet::Defect)?;
    let set = typst::compile::<PagedDocument>(&world).output.map_err(|_| CannotSet::Defect).and_then(|document| {
        let standards = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|_| CannotSet::Defect)?;
        let options = PdfOptions { standards, ..PdfOptions::default() };
        typst_pdf::pdf(&document, &options).map_err(|_| CannotSet::Defect)
    });
    // Typst remembers what it has set, to be faster with the next version of it: here that is names and addresses.
    typst::comemo::evict(0);
    set
}
