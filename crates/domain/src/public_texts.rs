//! What an authority tells everybody: welcome, terms, imprint, data protection.
//!
//! Whoever is invited reads these before they say anything of themselves, so none may be missing when the first
//! invitation goes. Every version is kept: which one somebody agreed to can be shown later.

use crate::authorities::words;
use crate::languages::Language;

/// Which of the texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PublicTextKind {
    /// What this is, and what is asked of whom.
    Welcome,
    /// On which terms it is used.
    Terms,
    /// Who answers for it.
    Imprint,
    /// What becomes of what somebody says.
    DataProtection,
}
words!(PublicTextKind {
    Welcome = "welcome",
    Terms = "terms",
    Imprint = "imprint",
    DataProtection = "data_protection",
});

/// Longest text, in characters: some thirty pages.
pub const LONGEST_TEXT: usize = 60_000;

/// Says what is wrong with a text; `None` if nothing.
#[must_use]
pub fn fault(markup: &str) -> Option<String> {
    if markup.trim().is_empty() {
        return Some("it says nothing".to_owned());
    }
    if markup.chars().count() > LONGEST_TEXT {
        return Some(format!("at most {LONGEST_TEXT} characters"));
    }
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    markup.chars().any(is_odd).then(|| "it has a character that nobody can type".to_owned())
}

/// Lists the languages in which a text is shown, first the one that was wanted, then the authority's.
#[must_use]
pub fn shown_in(wanted: Option<Language>, own: Language) -> Vec<Language> {
    let mut languages: Vec<Language> = wanted.into_iter().collect();
    if !languages.contains(&own) {
        languages.push(own);
    }
    languages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_something_and_ends() {
        assert_eq!(fault("# Welcome\n\n\tHello."), None);
        assert!(fault(" \n ").is_some());
        assert!(fault("a\u{0}b").is_some());
        assert_eq!(fault(&"x".repeat(LONGEST_TEXT)), None);
        assert!(fault(&"x".repeat(LONGEST_TEXT + 1)).is_some());
    }

    #[test]
    fn the_wanted_language_comes_before_the_authoritys_and_no_language_twice() {
        assert_eq!(shown_in(Some(Language::Tr), Language::De), [Language::Tr, Language::De]);
        assert_eq!(shown_in(Some(Language::De), Language::De), [Language::De]);
        assert_eq!(shown_in(None, Language::De), [Language::De]);
    }
}
