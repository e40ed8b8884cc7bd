//! All that a letter's layout can see: one source, one file of data, the fonts that come with the program.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;

const LAYOUT: &str = include_str!("letter.typ");

/// What is the same for every letter.
struct Shared {
    library: LazyHash<Library>,
    fonts: FontStore,
    layout: Source,
    data: FileId,
}

static SHARED: LazyLock<Option<Shared>> = LazyLock::new(|| {
    let id = |path: &str| Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).ok()?).intern());
    let mut fonts = FontStore::new();
    fonts.extend(typst_kit::fonts::embedded());
    Some(Shared {
        library: LazyHash::new(Library::default()),
        fonts,
        layout: Source::new(id("/letter.typ")?, LAYOUT.to_owned()),
        data: id("/sheet.json")?,
    })
});

/// The world of one letter.
pub(super) struct LetterWorld {
    shared: &'static Shared,
    data: Bytes,
}

impl LetterWorld {
    /// Makes the world of a letter from its data; `None` if the program lacks its own layout.
    pub(super) fn new(data: String) -> Option<Self> {
        Some(Self { shared: SHARED.as_ref()?, data: Bytes::from_string(data) })
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
        self.shared.layout.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main() { Ok(self.shared.layout.clone()) } else { Err(unknown(id)) }
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
