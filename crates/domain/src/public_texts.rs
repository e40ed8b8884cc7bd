//! What an authority tells everybody: welcome, terms, imprint, data protection, and what it offers.
//!
//! Whoever is invited reads the first four before they say anything of themselves, so none may be missing when the first
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
    /// What help there is: tests, shopping, advice.
    Offers,
}
words!(PublicTextKind {
    Welcome = "welcome",
    Terms = "terms",
    Imprint = "imprint",
    DataProtection = "data_protection",
    Offers = "offers",
});

impl PublicTextKind {
    /// Says whether nobody may be invited without it. An authority that offers nothing more need not say so.
    #[must_use]
    pub fn is_required(self) -> bool {
        self != Self::Offers
    }

    /// Returns what it is called where people read it.
    #[must_use]
    pub fn name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Welcome, Language::De) => "Willkommen",
            (Self::Welcome, Language::En) => "Welcome",
            (Self::Welcome, Language::Tr) => "Hoş geldiniz",
            (Self::Terms, Language::De) => "Nutzungsbedingungen",
            (Self::Terms, Language::En) => "Terms of use",
            (Self::Terms, Language::Tr) => "Kullanım koşulları",
            (Self::Imprint, Language::De) => "Impressum",
            (Self::Imprint, Language::En) => "Imprint",
            (Self::Imprint, Language::Tr) => "Künye",
            (Self::DataProtection, Language::De) => "Datenschutz",
            (Self::DataProtection, Language::En) => "Data protection",
            (Self::DataProtection, Language::Tr) => "Verilerin korunması",
            (Self::Offers, Language::De) => "Was wir für Sie tun",
            (Self::Offers, Language::En) => "What we do for you",
            (Self::Offers, Language::Tr) => "Sizin için ne yaparız",
        }
    }
}

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
