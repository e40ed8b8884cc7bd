//! How a name sounds, so that "Meyer" and "Maier" are looked for at the same place.
//!
//! Kölner Phonetik for German (Postel 1969, *IBM-Nachrichten* 19, 925–931), Double Metaphone for all others (Philips
//! 2000, *C/C++ Users Journal* 18 (6), 38–43). Both know Latin letters only. A name in another script stands for itself,
//! so that it can still be found by whoever writes it the same.

use rphonetic::{Cologne, DoubleMetaphone, Encoder};
use std::collections::BTreeSet;

/// Length of a code, at most; beyond that names don't get more distinct.
const LONGEST: usize = 8;

/// How names sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phonetics {
    /// As in German.
    Cologne,
    /// As in English, with a second way for names from elsewhere.
    DoubleMetaphone,
}

impl Phonetics {
    /// Returns how names sound where people speak these languages: tags, separated by commas.
    #[must_use]
    pub fn of(languages: &str) -> Self {
        let primary = |tag: &str| tag.trim().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        if languages.split(',').any(|tag| primary(tag) == "de") { Self::Cologne } else { Self::DoubleMetaphone }
    }

    /// Returns the codes of a folded word: one, or two where it can be read in two ways.
    pub(super) fn of_word(self, word: &str) -> BTreeSet<String> {
        let mut codes = BTreeSet::new();
        if word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            match self {
                Self::Cologne => _ = codes.insert(Cologne.encode(word)),
                Self::DoubleMetaphone => {
                    let both = DoubleMetaphone::new(Some(LONGEST)).double_metaphone(word);
                    codes.extend([both.primary(), both.alternate()]);
                }
            }
        }
        // A single sound says too little, none says nothing: then the letters do.
        let codes: BTreeSet<String> =
            codes.into_iter().filter(|code| code.len() > 1).map(|code| code.chars().take(LONGEST).collect()).collect();
        if codes.is_empty() { BTreeSet::from([word.to_owned()]) } else { codes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn codes(phonetics: Phonetics, word: &str) -> String {
        phonetics.of_word(word).into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Stored tokens hang on these. If a newer library gives others, `VERSION` must grow.
    #[test]
    fn the_codes_of_known_names_stay_what_they_are() {
        let check = |word, expected: &str| assert_eq!(codes(Phonetics::Cologne, word), expected, "{word}");
        check("muller", "657");
        check("breschnew", "17863");
        check("wikipedia", "3412");
        check("schmidt", "862");
        check("maier", "67");
        check("mayer", "67");
        check("ng", "64");
        check("xaver", "4837");
        let check = |word, expected: &str| assert_eq!(codes(Phonetics::DoubleMetaphone, word), expected, "{word}");
        check("smith", "SM0 XMT");
        check("schmidt", "SMT XMT");
        check("catherine", "K0RN KTRN");
        check("nguyen", "NKN");
        check("thumb", "0M TM");
    }

    #[test]
    fn what_has_no_code_stands_for_itself() {
        assert_eq!(codes(Phonetics::Cologne, "ha"), "ha");
        assert_eq!(codes(Phonetics::Cologne, "иванова"), "иванова");
        assert_eq!(codes(Phonetics::DoubleMetaphone, "阮"), "阮");
    }

    #[test]
    fn german_is_one_of_the_languages_or_it_is_not() {
        assert_eq!(Phonetics::of("en, de-AT"), Phonetics::Cologne);
        assert_eq!(Phonetics::of("den,en"), Phonetics::DoubleMetaphone);
        assert_eq!(Phonetics::of(""), Phonetics::DoubleMetaphone);
    }

    proptest! {
        #[test]
        fn any_word_has_a_code(word in "[a-z]{1,40}|\\PC{1,20}") {
            for phonetics in [Phonetics::Cologne, Phonetics::DoubleMetaphone] {
                let codes = phonetics.of_word(&word);
                prop_assert!((1..=2).contains(&codes.len()) && codes.iter().all(|code| !code.is_empty()));
            }
        }
    }
}
