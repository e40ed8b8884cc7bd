//! Languages in which people are written to.

use crate::authorities::words;

/// A language of mails, letters and forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// German.
    De,
    /// English.
    En,
    /// Turkish.
    Tr,
}
words!(Language { De = "de", En = "en", Tr = "tr" });

impl Language {
    /// Returns the first of an authority's languages (tags, separated by commas) that mails are written in; English
    /// where there is none.
    #[must_use]
    pub fn of_authority(languages: &str) -> Self {
        let tags = languages.split(',').map(|tag| tag.trim().split('-').next().unwrap_or_default().to_lowercase());
        tags.filter_map(|tag| Self::find(&tag)).next().unwrap_or(Self::En)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_writes_in_the_first_of_its_languages_that_there_are() {
        for (languages, expected) in
            [("de,en", Language::De), ("fr, tr", Language::Tr), ("de-CH", Language::De), ("", Language::En)]
        {
            assert_eq!(Language::of_authority(languages), expected, "{languages}");
        }
    }
}
