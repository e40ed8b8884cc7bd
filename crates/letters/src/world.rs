//! All that a layout can see: one source, one file of data, the fonts that come with the program.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;

/// What is set.
#[derive(Clone, Copy)]
pub(super) enum Layout {
    /// A letter.
    Letter,
    /// Posters and table cards.
    Poster,
    /// A guest list.
    GuestList,
}

/// What is the same for everything that is set.
struct Shared {
    library: LazyHash<Library>,
    fonts: FontStore,
    letter: Source,
    poster: Source,
    guest_list: Source,
    data: FileId,
}

static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    let id = |path: &str| Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern());
    let mut fonts = FontStore::new();
    fonts.extend(typst_kit::fonts::embedded());
    Some(Shared {
        library: LazyHash::new(Library::default()),
        fonts,
        letter: Source::new(id("/letter.typ")?, include_str!("letter.typ").to_owned()),
        poster: Source::new(id("/poster.typ")?, include_str!("poster.typ").to_owned()),
        guest_list: Source::new(id("/guest_list.typ")?, include_str!("guest_list.typ").to_owned()),
        data: id("/sheet.json")?,
    })
});

/// The world of one letter, or of one file of posters.
pub(super) struct LetterWorld {
    shared: &'static Shared,
    layout: Layout,
    data: Bytes,
}

impl LetterWorld {
    /// Makes the world of a layout from its data; `None` if the program lacks it.
    pub(super) fn new(layout: Layout, data: String) -> Option<Self> {
        Some(Self { shared: SHARED.as_ref()?, layout, data: Bytes::from_string(data) })
    }

    fn source_of(&self) -> &'static Source {
        match self.layout {
            Layout::Letter => &self.shared.letter,
            Layout::Poster => &self.shared.poster,
            Layout::GuestList => &self.shared.guest_list,
        }
    }
}

/// Lists the characters for which no font here has a shape, each once.
pub(super) fn lacking<'t>(texts: impl Iterator<Item = &'t str>) -> Vec<char> {
    let Some(shared) = SHARED.as_ref() else { return Vec::new() };
    let book = shared.fonts.book();
    let has = |character: char| {
        let code = u32::from(character);
        character == '\n'
            || character == '\r'
            || (0..).map_while(|i| book.info(i)).any(|info| info.coverage.contains(code))
    };
    let characters: BTreeSet<char> = texts.flat_map(str::chars).collect();
    characters.into_iter().filter(|character| !has(*character)).collect()
}

impl World for LetterWorld {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.shared.fonts.book()
    }

    fn main(&self) -> FileId {
        self.source_of().id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() { Ok(self.source_of().clone()) } else { Err(unknown(id)) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.shared.data { Ok(self.data.clone()) } else { Err(unknown(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn unknown(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}
