//! Names as they are compared: without case, accents and marks, so that whoever types finds.
//!
//! Two foldings. The first takes a letter for its base (`ü` is `u`, `ß` is `ss`, `ø` is `o`, the Turkish `ı` is `i`).
//! The second, on top of it, also takes `ae oe ue` for `a o u`: then "Mueller" and "Müller" are one. It is kept apart,
//! because in "Samuel" the `e` is a letter of its own, and whoever types "el" must find him.

use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Letters and what they are variants of.
const VARIANTS: &[(char, &str)] = &[
    ('a', "àáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ('b', "ḃḅḇƀ"),
    ('c', "çćĉċčḉ"),
    ('d', "ďḋḍḏḑḓđð"),
    ('e', "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ('f', "ḟ"),
    ('g', "ĝğġģǧǵḡǥ"),
    ('h', "ĥȟḣḥḧḩḫẖħ"),
    ('i', "ìíîïĩīĭįǐȉȋḭḯỉịı"),
    ('j', "ĵǰ"),
    ('k', "ķǩḱḳḵĸ"),
    ('l', "ĺļľḷḹḻḽłŀƚ"),
    ('m', "ḿṁṃ"),
    ('n', "ñńņňǹṅṇṉṋŋŉ"),
    ('o', "òóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợø"),
    ('p', "ṕṗ"),
    ('r', "ŕŗřȑȓṙṛṝṟ"),
    ('s', "śŝşšșṡṣṥṧṩ"),
    ('t', "ţťțṫṭṯṱẗŧ"),
    ('u', "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự"),
    ('v', "ṽṿ"),
    ('w', "ŵẁẃẅẇẉẘ"),
    ('x', "ẋẍ"),
    ('y', "ýÿŷȳẏẙỳỵỷỹ"),
    ('z', "źżžẑẓẕƶ"),
];

static BASES: LazyLock<FxHashMap<char, u8>> = LazyLock::new(|| {
    let pairs = VARIANTS.iter().flat_map(|(base, variants)| variants.chars().map(|variant| (variant, *base as u8)));
    pairs.collect()
});

/// Appends a name, folded. Words are separated by one space; nothing below a space is ever written.
pub fn fold(name: &str, into: &mut Vec<u8>) {
    let start = into.len();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            into.push(letter.to_ascii_lowercase() as u8);
        } else if letter.is_ascii() {
            fold_sign(letter, start, into);
        } else {
            letter.to_lowercase().for_each(|letter| fold_letter(letter, start, into));
        }
    }
    if into.len() > start && into.last() == Some(&b' ') {
        into.pop();
    }
}

/// An apostrophe and a full stop join; every other sign separates.
fn fold_sign(sign: char, start: usize, into: &mut Vec<u8>) {
    let is_first = into.len() == start || into.last() == Some(&b' ');
    if !matches!(sign, '\'' | '`' | '.') && !is_first {
        into.push(b' ');
    }
}

fn fold_letter(letter: char, start: usize, into: &mut Vec<u8>) {
    match letter {
        'a'..='z' => into.push(letter as u8),
        'ß' => into.extend(b"ss"),
        'æ' => into.extend(b"ae"),
        'œ' => into.extend(b"oe"),
        'þ' => into.extend(b"th"),
        'ĳ' => into.extend(b"ij"),
        // Marks that stand on the letter before them.
        '\u{300}'..='\u{36f}' | '’' | '‘' | 'ʼ' => {}
        _ => match BASES.get(&letter) {
            Some(base) => into.push(*base),
            None if letter.is_alphanumeric() => into.extend(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            None => fold_sign(' ', start, into),
        },
    }
}

/// Returns a folded name with `ae oe ue` taken for `a o u`; `None` where that changes nothing.
#[must_use]
pub fn without_umlauts(folded: &[u8]) -> Option<Vec<u8>> {
    let is_pair = |pair: &[u8]| matches!(pair, [b'a' | b'o' | b'u', b'e']);
    if !folded.windows(2).any(is_pair) {
        return None;
    }
    let mut short = Vec::with_capacity(folded.len());
    let mut at = 0;
    while at < folded.len() {
        short.push(folded[at]);
        at += if folded.get(at..at + 2).is_some_and(is_pair) { 2 } else { 1 };
    }
    Some(short)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn folded(name: &str) -> String {
        let mut bytes = Vec::new();
        fold(name, &mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    /// How a name is compared in the end.
    fn compared(name: &str) -> String {
        let folded = folded(name).into_bytes();
        String::from_utf8(without_umlauts(&folded).unwrap_or(folded)).unwrap()
    }

    #[test]
    fn names_are_folded_as_people_type_them() {
        let check = |name, expected: &str| assert_eq!(folded(name), expected, "{name}");
        check("Müller", "muller");
        check("Strauß", "strauss");
        check("STRAUẞ", "strauss");
        check("Şükrü Yıldız", "sukru yildiz");
        check("İpek", "ipek");
        check("Søren Kjær-Łukasz", "soren kjaer lukasz");
        check("O'Brien", "obrien");
        check("D’Angelo", "dangelo");
        check("Nguyễn Thị Ánh", "nguyen thi anh");
        check("  von   der Leyen ", "von der leyen");
        check("Zoe\u{308}", "zoe");
        check("Иванова", "иванова");
        check("\n\t", "");
    }

    #[test]
    fn umlauts_written_out_are_the_same_and_letters_of_their_own_stay_in_the_first_folding() {
        for (one, other) in [("Mueller", "Müller"), ("Goethe", "Göthe"), ("Kaese", "Käse"), ("Sørensen", "Soerensen")]
        {
            assert_eq!(compared(one), compared(other), "{one}, {other}");
        }
        assert_eq!(folded("Samuel"), "samuel");
        assert_eq!(without_umlauts(b"anna"), None);
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing_more_and_writes_no_control_character(name in "\\PC{0,20}|[ -~äöüßÄÖÜéèłøıİ\u{300}]{0,20}") {
            let once = folded(&name);
            prop_assert_eq!(folded(&once), once.clone());
            prop_assert!(once.bytes().all(|byte| byte >= b' '));
            prop_assert!(!once.starts_with(' ') && !once.ends_with(' ') && !once.contains("  "));
        }

        #[test]
        fn case_never_matters(name in "[a-zA-ZäöüÄÖÜéÉçÇğĞ -]{0,20}") {
            prop_assert_eq!(folded(&name.to_uppercase()), folded(&name));
        }
    }
}
