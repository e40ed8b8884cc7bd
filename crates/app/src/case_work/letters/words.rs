//! The words that stand on every letter beside its text.

use domain::languages::Language;

/// The words of a language.
pub(super) struct LetterWords {
    /// Before the authority's own number of the case.
    pub(super) reference: &'static str,
    /// Before the date.
    pub(super) date: &'static str,
    /// Before the telephone.
    pub(super) phone: &'static str,
    /// Before the e-mail.
    pub(super) email: &'static str,
    /// Below the line for the signature.
    pub(super) signature: &'static str,
    /// Above the text that binds, where there are two.
    pub(super) binds: &'static str,
    /// Above the other.
    pub(super) translates: &'static str,
    /// Before the number of a page, and between it and their count.
    pub(super) page: [&'static str; 2],
}

/// Returns the words of a language.
pub(super) fn words(language: Language) -> LetterWords {
    match language {
        Language::De => LetterWords {
            reference: "Unser Zeichen",
            date: "Datum",
            phone: "Telefon",
            email: "E-Mail",
            signature: "Unterschrift",
            binds: "Verbindlicher Text",
            translates: "Übersetzung; es gilt der Text daneben",
            page: ["Seite", "von"],
        },
        Language::En => LetterWords {
            reference: "Our reference",
            date: "Date",
            phone: "Telephone",
            email: "E-mail",
            signature: "Signature",
            binds: "Binding text",
            translates: "Translation; the text beside it is binding",
            page: ["Page", "of"],
        },
        Language::Tr => LetterWords {
            reference: "Sayı",
            date: "Tarih",
            phone: "Telefon",
            email: "E-posta",
            signature: "İmza",
            binds: "Bağlayıcı metin",
            translates: "Çeviri; yandaki metin bağlayıcıdır",
            page: ["Sayfa", "/"],
        },
    }
}
