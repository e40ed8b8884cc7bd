//! Who may be stored twice: what is compared of two persons, by what they are found, and how alike they are.
//!
//! Details are sealed, so no database can compare them. Instead each person leaves a few *tokens*: texts that two
//! records of one person probably share, such as a telephone, or the birth date with the sound of the last name. Storage
//! keeps a keyed hash of each. Who shares a token is a *candidate*: only candidates are opened, and scored
//! ([`score`]). What scores at least [`PROPOSED_FROM`](score::PROPOSED_FROM) is *proposed* to a person. Nothing
//! merges by itself.
//!
//! There is no token of a single name or date: half a town would share it, and a thief of the database would learn which.
//!
//! What isn't found: somebody of whom two records share neither telephone nor e-mail and whose year of birth differs;
//! names in two scripts (`Иванова`, `Ivanova`); pet names (`Bob` for `Robert`), unless something else is shared.

pub mod email;
pub mod name;
pub mod phone;
pub mod phonetics;
pub mod score;

use crate::authorities::words;
use crate::persons::Personal;
use jiff::civil::Date;
use name::Name;
use phone::CountryCode;
use phonetics::Phonetics;
use std::collections::BTreeSet;

/// Grows whenever the same details would give other tokens: then the tokens of all persons are written anew.
const VERSION: i64 = 1;

/// Tokens of one kind that one person leaves, at most: whoever has six names shall not fill the table.
const MOST_OF_A_KIND: usize = 8;

/// By which rules an authority compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// How names sound.
    pub phonetics: Phonetics,
    /// What stands before a telephone number that names no country.
    pub country_code: Option<CountryCode>,
}

impl Rules {
    /// Returns the rules of an authority with these languages (tags, separated by commas) and this time zone (IANA).
    #[must_use]
    pub fn of(languages: &str, zone: Option<&str>) -> Self {
        Self { phonetics: Phonetics::of(languages), country_code: zone.and_then(CountryCode::of_zone) }
    }

    /// Returns the number under which it is remembered whose tokens were written by these rules.
    #[must_use]
    pub fn number(self) -> i64 {
        let sound = match self.phonetics {
            Phonetics::Cologne => 1,
            Phonetics::DoubleMetaphone => 2,
        };
        (VERSION * 10 + sound) * 10_000 + self.country_code.map_or(0, |code| i64::from(code.0))
    }
}

/// What two records of one person probably share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenKind {
    /// A telephone, mobile or not.
    Phone,
    /// An e-mail address.
    Email,
    /// Birth date and the sound of the last name.
    BornName,
    /// The sounds of first and last name, in either order, and the year of birth.
    NameYear,
}
words!(TokenKind { Phone = "phone", Email = "email", BornName = "born_name", NameYear = "name_year" });

impl TokenKind {
    /// Returns its number in tables.
    #[must_use]
    pub fn number(self) -> i32 {
        match self {
            Self::Phone => 1,
            Self::Email => 2,
            Self::BornName => 3,
            Self::NameYear => 4,
        }
    }
}

/// A text that two records of one person probably share.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The text; only its keyed hash is ever stored.
    pub text: Personal<String>,
}

/// What is known of a person, as it was written.
#[derive(Clone, Default)]
pub struct Details<'d> {
    /// Given names.
    pub first_name: Option<&'d str>,
    /// Family names.
    pub last_name: Option<&'d str>,
    /// Date of birth, `YYYY-MM-DD`; anything else is as good as unknown.
    pub born: Option<&'d str>,
    /// Telephones; one text may hold several.
    pub phones: Vec<&'d str>,
    /// E-mail addresses; one text may hold several.
    pub emails: Vec<&'d str>,
    /// Postcode.
    pub postcode: Option<&'d str>,
}

/// The same, ready to be compared.
#[derive(Clone)]
pub struct Traits {
    first_name: Option<Name>,
    last_name: Option<Name>,
    born: Option<Date>,
    phones: BTreeSet<String>,
    emails: BTreeSet<String>,
    postcode: Option<String>,
}

impl std::fmt::Debug for Traits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Traits(…)")
    }
}

impl Traits {
    /// Makes details ready to be compared.
    #[must_use]
    pub fn of(details: &Details<'_>, rules: Rules) -> Self {
        let name = |text: Option<&str>| text.and_then(|text| Name::of(text, rules.phonetics));
        let postcode = details.postcode.map(|text| {
            let signs = text.chars().filter(|sign| sign.is_alphanumeric());
            signs.flat_map(char::to_uppercase).collect::<String>()
        });
        Self {
            first_name: name(details.first_name),
            last_name: name(details.last_name),
            born: details.born.and_then(|text| text.trim().parse().ok()),
            phones: details.phones.iter().flat_map(|text| phone::all_in(text, rules.country_code)).collect(),
            emails: details.emails.iter().flat_map(|text| email::all_in(text)).collect(),
            postcode: postcode.filter(|text| !text.is_empty()),
        }
    }

    /// Returns the tokens by which this person is found, each once.
    #[must_use]
    pub fn tokens(&self, rules: Rules) -> Vec<Token> {
        let mut tokens = Vec::new();
        let mut add = |kind, texts: BTreeSet<String>| {
            let all = texts.into_iter().take(MOST_OF_A_KIND);
            tokens.extend(all.map(|text| Token { kind, text: Personal::new(text) }));
        };
        add(TokenKind::Phone, self.phones.clone());
        add(TokenKind::Email, self.emails.clone());
        let (Some(born), Some(last)) = (self.born, &self.last_name) else { return tokens };
        let last = last.sounds_of_each_word(rules.phonetics);
        add(TokenKind::BornName, last.iter().map(|sound| format!("{born}|{sound}")).collect());
        let Some(first) = &self.first_name else { return tokens };
        let first = first.sounds_of_the_first_word(rules.phonetics);
        let both = |first: &String, last: &String| {
            let (one, other) = if first <= last { (first, last) } else { (last, first) };
            format!("{one}|{other}|{}", born.year())
        };
        add(TokenKind::NameYear, first.iter().flat_map(|first| last.iter().map(|last| both(first, last))).collect());
        tokens
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn german() -> Rules {
        Rules::of("de,en", Some("Europe/Berlin"))
    }

    fn texts(details: &Details<'_>, rules: Rules) -> Vec<(TokenKind, String)> {
        let tokens = Traits::of(details, rules).tokens(rules);
        tokens.into_iter().map(|token| (token.kind, token.text.expose().clone())).collect()
    }

    fn named<'d>(first: &'d str, last: &'d str, born: &'d str) -> Details<'d> {
        Details { first_name: Some(first), last_name: Some(last), born: Some(born), ..Details::default() }
    }

    fn share(a: &Details<'_>, b: &Details<'_>) -> bool {
        let theirs = texts(b, german());
        texts(a, german()).iter().any(|token| theirs.contains(token))
    }

    #[test]
    fn a_person_leaves_one_token_of_each_kind() {
        let details = Details {
            phones: vec!["0621 12345"],
            emails: vec![" Anna@Example.ORG"],
            ..named("Anna", "Müller", "1985-03-12")
        };
        assert_eq!(
            texts(&details, german()),
            [
                (TokenKind::Phone, "+4962112345".to_owned()),
                (TokenKind::Email, "anna@example.org".to_owned()),
                (TokenKind::BornName, "1985-03-12|657".to_owned()),
                (TokenKind::NameYear, "06|657|1985".to_owned()),
            ]
        );
    }

    #[test]
    fn nothing_is_found_by_a_single_name_or_date() {
        let only = |details: Details<'_>| assert_eq!(texts(&details, german()), []);
        only(Details { first_name: Some("Anna"), last_name: Some("Müller"), ..Details::default() });
        only(Details { born: Some("1985-03-12"), ..Details::default() });
        only(Details { first_name: Some("Anna"), born: Some("1985-03-12"), ..Details::default() });
        only(Details { postcode: Some("68159"), last_name: Some("Müller"), ..Details::default() });
    }

    #[test]
    fn spellings_swaps_and_parts_of_names_share_a_token() {
        let anna = named("Anna", "Müller", "1985-03-12");
        for other in [
            named("ANNA", "Mueller", "1985-03-12"),
            named("Anna", "Möller", "1985-12-03"),
            named("Müller", "Anna", "1985-03-12"),
            named("Anna Maria", "Müller-Schmidt", "1985-03-12"),
            named("Hanne", "Dr. von Müller", "1985-03-12"),
        ] {
            assert!(share(&anna, &other));
        }
        assert!(!share(&anna, &named("Anna", "Müller", "1986-04-13")), "another year, and nothing else is shared");
        assert!(!share(&anna, &named("Anna", "Schulz", "1985-03-12")));
        assert!(share(&named("Anna", "Иванова", "1985-03-12"), &named("Anna", "ИВАНОВА", "1985-03-12")));
    }

    #[test]
    fn rules_have_numbers_of_their_own() {
        let numbers: BTreeSet<i64> = [
            german(),
            Rules::of("de", Some("Europe/Vienna")),
            Rules::of("en", Some("Europe/Berlin")),
            Rules::of("fr", None),
        ]
        .map(Rules::number)
        .into();
        assert_eq!(numbers.len(), 4);
    }

    #[test]
    fn neither_traits_nor_tokens_print() {
        let traits = Traits::of(&named("Anna", "Zyx", "1985-03-12"), german());
        let printed = format!("{traits:?} {:?}", traits.tokens(german()));
        assert!(!printed.contains("nna") && !printed.contains("1985"), "{printed}");
    }

    proptest! {
        #[test]
        fn any_text_gives_the_same_few_tokens_again(
            first in "\\PC{0,30}", last in "\\PC{0,60}", phone in "\\PC{0,60}", email in "\\PC{0,30}",
        ) {
            for rules in [german(), Rules::of("en", None)] {
                let details = Details { phones: vec![&phone], emails: vec![&email], ..named(&first, &last, "1985-03-12") };
                let once = texts(&details, rules);
                prop_assert_eq!(&once, &texts(&details, rules));
                prop_assert!(once.len() <= 4 * MOST_OF_A_KIND);
            }
        }
    }
}
