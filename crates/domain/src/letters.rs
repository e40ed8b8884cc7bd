//! Letters on paper: what stands on the sheet, as it was when the letter was made.
//!
//! A letter is kept as the words on it and set again for each print, so it says the same whatever has been changed
//! since: the address, the texts, the days. No word of it is ever read as anything but a word.

use crate::languages::Language;
use serde::{Deserialize, Serialize};

/// Everything that stands on a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterSheet {
    /// Language of the authority: of the head, the facts and the foot.
    pub language: String,
    /// Name of the authority.
    pub sender: String,
    /// Its address and numbers, below the name.
    pub sender_lines: Vec<String>,
    /// The address in one line, small above the recipient's, for the window of the envelope.
    pub return_line: String,
    /// The recipient's address, a line each.
    pub recipient: Vec<String>,
    /// Reference, date and telephone, with what they are.
    pub facts: Vec<LetterFact>,
    /// The text, in each language beside the other: the reader's first, the one that binds last.
    pub parts: Vec<LetterPart>,
    /// Place and day above the signature.
    pub place_and_day: String,
    /// What is written below the line for the signature.
    pub signature: String,
    /// Legal basis and remedies, in the authority's language; empty where it wrote none, and on what orders nothing.
    pub legal_note: String,
    /// What stands before the number of a page, and between it and their count.
    pub page_words: [String; 2],
    /// A code by which the reader opens an account; letters about anything else have none.
    #[serde(default)]
    pub code: Option<LetterCode>,
}

/// A code on a letter, to be typed, with a picture of its address for telephones.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterCode {
    /// The code in groups.
    pub code: String,
    /// The address at which it is typed, without the code.
    pub address: String,
    /// The address with the code, as a picture: SVG.
    pub picture: String,
    /// What to do with it, in a line for each language.
    pub lines: Vec<String>,
}

/// A line of the block beside the address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterFact {
    /// What it is.
    pub label: String,
    /// What it says.
    pub value: String,
}

/// The text in one language.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPart {
    /// Which.
    pub language: String,
    /// Whether it binds or translates; empty where there is one language.
    pub caption: String,
    /// Subject.
    pub subject: String,
    /// The text: paragraphs, a blank line between them.
    pub text: String,
    /// What of it is printed bold, wherever it stands: the days.
    pub strong: Vec<String>,
}

macro_rules! prints_nothing {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("…")
            }
        }
    )*};
}
prints_nothing!(LetterSheet, LetterFact, LetterPart, LetterCode);

/// Why a letter can't be set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CannotSet {
    /// It holds characters that the typeface lacks.
    #[error("the typeface of letters lacks: {}", .0.iter().map(char::to_string).collect::<Vec<_>>().join(" "))]
    NoGlyph(Vec<char>),
    /// Nothing here sets letters.
    #[error("nothing here sets letters")]
    NoPress,
    /// The press refused it: a defect of ours.
    #[error("cannot set the letter")]
    Defect,
}

/// Sets letters: a sheet in, the bytes of a PDF out.
pub type Press = fn(&LetterSheet) -> Result<Vec<u8>, CannotSet>;

/// What an authority puts at the head of its letters. Its name is that of the authority.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letterhead {
    /// Street and number.
    pub street: String,
    /// Postcode.
    pub postcode: String,
    /// City; also the place above the signature.
    pub city: String,
    /// Telephone for cases.
    pub phone_index: String,
    /// Telephone for contacts; empty where it is the same.
    pub phone_contacts: String,
    /// E-mail, also where answers to mails go; may be empty.
    pub email: String,
    /// E-mail for contacts; empty where it is the same.
    pub email_contacts: String,
    /// Legal basis and remedies, printed below orders; may be empty.
    pub legal_note: String,
}

/// Longest line of a letterhead, in characters: two of them fit beside each other on paper.
const LONGEST_LINE: usize = 60;

/// Longest legal note, in characters: half a page.
const LONGEST_NOTE: usize = 3_000;

impl Letterhead {
    /// Returns the telephone for a case: that for contacts where there is one and it is one.
    #[must_use]
    pub fn phone(&self, is_contact: bool) -> &str {
        if is_contact && !self.phone_contacts.is_empty() { &self.phone_contacts } else { &self.phone_index }
    }

    /// Returns the mail address for a case: that for contacts where there is one and it is one.
    #[must_use]
    pub fn mail_address(&self, is_contact: bool) -> &str {
        if is_contact && !self.email_contacts.is_empty() { &self.email_contacts } else { &self.email }
    }

    /// Lists what breaks a rule: an address is needed, lines are short, and are lines.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        let lines = [
            ("street", &self.street, true),
            ("postcode", &self.postcode, true),
            ("city", &self.city, true),
            ("phone_index", &self.phone_index, true),
            ("phone_contacts", &self.phone_contacts, false),
            ("email", &self.email, false),
            ("email_contacts", &self.email_contacts, false),
        ];
        let mut faults = Vec::new();
        for (field, text, is_needed) in lines {
            if is_needed && text.is_empty() {
                faults.push((field, "letters need it".to_owned()));
            } else if text.chars().count() > LONGEST_LINE {
                faults.push((field, format!("at most {LONGEST_LINE} characters")));
            } else if text.chars().any(char::is_control) {
                faults.push((field, "one line only".to_owned()));
            }
        }
        if self.legal_note.chars().count() > LONGEST_NOTE {
            faults.push(("legal_note", format!("at most {LONGEST_NOTE} characters")));
        }
        faults
    }
}

/// Returns the language of a tag such as `tr` or `de-CH`; `None` where letters aren't written in it.
#[must_use]
pub fn language_of(tag: &str) -> Option<Language> {
    Language::find(tag.split('-').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complete() -> Letterhead {
        let of = |text: &str| text.to_owned();
        Letterhead {
            street: of("R1, 12"),
            postcode: of("68161"),
            city: of("Mannheim"),
            phone_index: of("0621 1"),
            ..Letterhead::default()
        }
    }

    #[test]
    fn a_letterhead_has_an_address_and_a_telephone() {
        assert!(complete().faults().is_empty());
        let fields: Vec<&str> = Letterhead::default().faults().into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["street", "postcode", "city", "phone_index"]);
        let wrong = Letterhead { street: "a\nb".to_owned(), city: "x".repeat(61), ..complete() };
        assert_eq!(wrong.faults().into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["street", "city"]);
    }

    #[test]
    fn contacts_have_a_number_and_an_address_of_their_own_where_there_is_one() {
        assert_eq!(complete().phone(true), "0621 1");
        let two = Letterhead { phone_contacts: "0621 2".to_owned(), ..complete() };
        assert_eq!((two.phone(true), two.phone(false)), ("0621 2", "0621 1"));
        let one = Letterhead { email: "a@example.org".to_owned(), ..complete() };
        assert_eq!(one.mail_address(true), "a@example.org");
        let two = Letterhead { email_contacts: "b@example.org".to_owned(), ..one };
        assert_eq!((two.mail_address(true), two.mail_address(false)), ("b@example.org", "a@example.org"));
    }

    #[test]
    fn a_sheet_prints_nothing_of_itself() {
        let fact = LetterFact { label: "Name".to_owned(), value: "Kim".to_owned() };
        assert_eq!(format!("{fact:?}"), "…");
    }
}
