//! Names as they are compared: folded, without titles and without the small words of nobility and descent.
//!
//! "Dr. von der Höh-Şahin", "Höh Sahin" and "VON DER HOEH-SAHIN" are one. Nothing is dropped if nothing would be left:
//! `Le`, `Do` and `Sen` are family names too.

use super::phonetics::Phonetics;
use crate::names::{fold, without_umlauts};
use std::collections::BTreeSet;

/// Titles before a name.
const TITLES: &[&str] = &["dr", "prof", "professor", "doktor", "dipl", "mag", "herr", "frau"];

/// Words that belong to a title before them, and are names without one.
const AFTER_TITLES: &[&str] =
    &["ing", "med", "rer", "nat", "phil", "jur", "iur", "habil", "hc", "h", "c", "dent", "vet"];

/// Words of nobility, where a small word follows them: "Graf von Spee", but "Steffi Graf".
const NOBILITY: &[&str] =
    &["graf", "grafin", "freiherr", "freifrau", "baron", "baronin", "furst", "furstin", "prinz", "prinzessin"];

/// Small words within names: German, Dutch, Romance, Arabic, Scandinavian; and "born as".
const SMALL_WORDS: &[&str] = &[
    "von", "vom", "zu", "zum", "zur", "van", "ten", "ter", "op", "de", "der", "den", "dem", "del", "della", "di", "da",
    "do", "dos", "das", "du", "la", "le", "el", "al", "y", "e", "bin", "bint", "ben", "ibn", "af", "av", "und", "geb",
    "geborene", "nee",
];

/// Words of one name that are looked at, at most.
const MOST_WORDS: usize = 4;

/// How alike a name is that has all words of the other, and more.
const PART: f64 = 0.95;
/// How alike the same words in another order are.
const OTHER_ORDER: f64 = 0.98;

/// A name, ready to be compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Name {
    words: Vec<String>,
    /// All words as one, so that "Mc Donald" is "McDonald".
    joined: String,
    sounds: BTreeSet<String>,
}

impl Name {
    /// Makes a name ready to be compared; `None` if it has no letter.
    #[must_use]
    pub fn of(text: &str, phonetics: Phonetics) -> Option<Self> {
        let mut folded = Vec::new();
        fold(text, &mut folded);
        let folded = String::from_utf8(folded).ok()?;
        let words: Vec<String> = names_only(folded.split(' ').collect()).into_iter().map(compared).collect();
        let joined: String = words.concat();
        if joined.is_empty() {
            return None;
        }
        Some(Self { sounds: phonetics.of_word(&joined), words, joined })
    }

    /// Returns the sounds of the whole, and of each word of several: whoever marries keeps one of them.
    pub(super) fn sounds_of_each_word(&self, phonetics: Phonetics) -> BTreeSet<String> {
        self.sounds_with(phonetics, MOST_WORDS)
    }

    /// Returns the sounds of the whole, and of the first word of several: others are often left out.
    pub(super) fn sounds_of_the_first_word(&self, phonetics: Phonetics) -> BTreeSet<String> {
        self.sounds_with(phonetics, 1)
    }

    fn sounds_with(&self, phonetics: Phonetics, n_words: usize) -> BTreeSet<String> {
        let mut sounds = self.sounds.clone();
        if self.words.len() > 1 {
            let words = self.words.iter().take(n_words).filter(|word| word.chars().count() > 1);
            sounds.extend(words.flat_map(|word| phonetics.of_word(word)));
        }
        sounds
    }

    /// Says how alike two names are, 0 to 1, whichever comes first: by Jaro and Winkler, unless one has all words of the
    /// other.
    #[must_use]
    pub fn likeness(&self, other: &Self) -> f64 {
        if self.joined == other.joined {
            return 1.0;
        }
        let (short, long) = if self.words.len() <= other.words.len() { (self, other) } else { (other, self) };
        if short.words.iter().all(|word| word.chars().count() > 1 && long.words.contains(word)) {
            return if short.words.len() == long.words.len() { OTHER_ORDER } else { PART };
        }
        // Jaro's matches hang on who comes first, so the smaller one always does.
        let (one, two) = if self.joined <= other.joined { (self, other) } else { (other, self) };
        strsim::jaro_winkler(&one.joined, &two.joined)
    }

    /// Says whether two names sound the same, and not only by a vowel.
    #[must_use]
    pub fn sounds_like(&self, other: &Self) -> bool {
        self.sounds.iter().any(|sound| sound.len() > 1 && other.sounds.contains(sound))
    }
}

fn compared(word: &str) -> String {
    let short = without_umlauts(word.as_bytes()).and_then(|short| String::from_utf8(short).ok());
    short.unwrap_or_else(|| word.to_owned())
}

/// Drops titles and small words, unless nothing would be left.
fn names_only(words: Vec<&str>) -> Vec<&str> {
    let mut rest = words.as_slice();
    let mut is_after_title = false;
    while let [first, more @ ..] = rest
        && !more.is_empty()
        && (TITLES.contains(first) || (is_after_title && AFTER_TITLES.contains(first)))
    {
        is_after_title = true;
        rest = more;
    }
    let is_small = |word: &str| SMALL_WORDS.contains(&word);
    let is_dropped = |at: usize, word: &str| {
        is_small(word) || (NOBILITY.contains(&word) && rest.get(at + 1).is_some_and(|next| is_small(next)))
    };
    let kept: Vec<&str> =
        rest.iter().enumerate().filter(|(at, word)| !is_dropped(*at, word)).map(|(_, word)| *word).collect();
    if kept.is_empty() { rest.to_vec() } else { kept }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Name::of(text, Phonetics::Cologne).unwrap()
    }

    fn words(text: &str) -> String {
        name(text).words.join(" ")
    }

    #[test]
    fn titles_and_small_words_are_dropped_unless_nothing_is_left() {
        let check = |text, expected: &str| assert_eq!(words(text), expected, "{text}");
        check("Dr. von der Höh-Şahin", "hoh sahin");
        check("Prof. Dr. med. Meier", "meier");
        check("Graf von Spee", "spee");
        check("Graf", "graf");
        check("O'Neill", "oneill");
        check("Ng", "ng");
        check("Le", "le");
        check("von der", "von der");
        check("Dr.", "dr");
        check("Müller geb. Öztürk", "muller ozturk");
        check("al-Hassan", "hassan");
        assert!(Name::of(" - ", Phonetics::Cologne).is_none());
    }

    #[test]
    fn spellings_of_one_name_are_the_same_and_parts_nearly() {
        for (one, other, least) in [
            ("O'Neill", "O NEILL", 1.0),
            ("Müller", "Mueller", 1.0),
            ("McDonald", "Mc Donald", 1.0),
            ("von der Höh-Şahin", "Hoeh Sahin", 1.0),
            ("Meier-Schulze", "Schulze Meier", OTHER_ORDER),
            ("Meier-Schulze", "Meier", PART),
            ("Maier", "Meier", 0.8),
        ] {
            let likeness = name(one).likeness(&name(other));
            assert!(likeness >= least, "{one}, {other}: {likeness}");
        }
        for (one, other) in [("Anna", "Petra"), ("Ng", "Li"), ("Hans", "Johanna"), ("Ali", "Mehmet")] {
            assert!(name(one).likeness(&name(other)) < 0.75, "{one}, {other}");
        }
    }

    proptest! {
        #[test]
        fn likeness_is_the_same_from_both_sides(one in "[a-zA-ZäöüßéşŞ' -]{1,20}", other in "[a-zA-ZäöüßéşŞ' -]{1,20}") {
            let both = Name::of(&one, Phonetics::Cologne).zip(Name::of(&other, Phonetics::Cologne));
            if let Some((one, other)) = both {
                let likeness = one.likeness(&other);
                prop_assert_eq!(likeness, other.likeness(&one));
                prop_assert!((0.0..=1.0).contains(&likeness));
                prop_assert_eq!(one.likeness(&one), 1.0);
            }
        }
    }
}
