//! How alike two persons are, 0 to 1, and what speaks for and against it.
//!
//! Each detail that both records have says something: how much is its weight, in bits, as Fellegi and Sunter have it
//! (1969, *J. Am. Stat. Assoc.* 64, 1183–1210): roughly the logarithm of how rare it is that two people share it by
//! chance. The weights are our own round figures for a European population, not measured: two people share a birth date
//! once in 80 × 365, a last name once in 500, a first name once in 90, a telephone hardly ever, unless they live together.
//! What differs but often changes (telephone, e-mail, postcode) says little; what only one record has says nothing.
//!
//! The score is the share of bits gained among those that could be, less where few could be. Two contradictions outweigh
//! everything: clearly another first name, and clearly another birth date. Families share telephone, name and address;
//! twins share the birth date too.

use super::Traits;
use crate::authorities::words;
use jiff::civil::Date;

/// What scores less is not proposed. It lies where a telephone alone, with nothing to contradict it, is still shown.
pub const PROPOSED_FROM: f64 = 0.5;

/// The highest score in spite of another first name or birth date: below what is proposed.
const CONTRADICTED: f64 = 0.4;

/// Bits from which on a score can be 1: fewer say too little. Both names and a birth date have more.
const ENOUGH_BITS: f64 = 25.0;

const LAST_NAME_BITS: f64 = 9.0;
const FIRST_NAME_BITS: f64 = 6.5;
const BORN_BITS: f64 = 14.0;
const REACHED_BITS: f64 = 13.0;
const POSTCODE_BITS: f64 = 3.0;
/// What another telephone, e-mail or postcode takes away: people have several, and move.
const CHANGED_BITS: f64 = 2.0;
/// What another last name takes away: people marry.
const OTHER_LAST_NAME_BITS: f64 = 3.0;

/// Of the bits of a birth date, the share that a slip leaves.
const SWAPPED_DAY_SHARE: f64 = 0.7;
const ONE_DIGIT_SHARE: f64 = 0.5;
/// Of the bits of both names, the share that is left where they are swapped.
const SWAPPED_NAMES_SHARE: f64 = 0.9;

/// Names that are at least so alike (Jaro and Winkler: Winkler 1990, *Proc. Sect. Survey Res. Methods*, ASA, 354–359) are
/// similar. The limits are our own: `Anna` and `Ana`, `Peter` and `Petra` are above, `Hans` and `Johanna` below both.
const SIMILAR_FROM: f64 = 0.85;
/// Names that are less alike are other names. Between the two, nothing is said.
const OTHER_BELOW: f64 = 0.75;
/// The likeness of last names that sound the same, at least: Meier, Maier, Mayr.
const SAME_SOUND: f64 = 0.93;
/// Of the bits of a name, the share that the least similar one has.
const LEAST_SIMILAR_SHARE: f64 = 0.6;

/// What speaks for or against two records being one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// The same first name.
    SameFirstName,
    /// A similar first name.
    SimilarFirstName,
    /// Another first name.
    OtherFirstName,
    /// The same last name.
    SameLastName,
    /// A similar last name, or one that sounds the same.
    SimilarLastName,
    /// Another last name.
    OtherLastName,
    /// First and last name are swapped.
    NamesSwapped,
    /// The same birth date.
    SameBirthDate,
    /// The same birth date, with day and month swapped.
    BirthDayAndMonthSwapped,
    /// A birth date of which one digit differs.
    BirthDateOneDigitOff,
    /// Another birth date.
    OtherBirthDate,
    /// The same telephone.
    SamePhone,
    /// The same e-mail.
    SameEmail,
    /// The same postcode.
    SamePostcode,
}
words!(Reason {
    SameFirstName = "same_first_name",
    SimilarFirstName = "similar_first_name",
    OtherFirstName = "other_first_name",
    SameLastName = "same_last_name",
    SimilarLastName = "similar_last_name",
    OtherLastName = "other_last_name",
    NamesSwapped = "names_swapped",
    SameBirthDate = "same_birth_date",
    BirthDayAndMonthSwapped = "birth_day_and_month_swapped",
    BirthDateOneDigitOff = "birth_date_one_digit_off",
    OtherBirthDate = "other_birth_date",
    SamePhone = "same_phone",
    SameEmail = "same_email",
    SamePostcode = "same_postcode",
});

impl Reason {
    /// Returns it as a sentence says it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::SameFirstName => "same first name",
            Self::SimilarFirstName => "similar first name",
            Self::OtherFirstName => "other first name",
            Self::SameLastName => "same last name",
            Self::SimilarLastName => "similar last name",
            Self::OtherLastName => "other last name",
            Self::NamesSwapped => "first and last name swapped",
            Self::SameBirthDate => "same birth date",
            Self::BirthDayAndMonthSwapped => "birth date with day and month swapped",
            Self::BirthDateOneDigitOff => "birth date with one digit off",
            Self::OtherBirthDate => "other birth date",
            Self::SamePhone => "same telephone",
            Self::SameEmail => "same e-mail",
            Self::SamePostcode => "same postcode",
        }
    }
}

/// How alike two persons are.
#[derive(Clone, Debug, PartialEq)]
pub struct Likeness {
    /// 0 to 1, to three digits.
    pub score: f64,
    /// What speaks for it and against it.
    pub reasons: Vec<Reason>,
}

impl Likeness {
    /// Says whether a person should look at the two.
    #[must_use]
    pub fn is_proposed(&self) -> bool {
        self.score >= PROPOSED_FROM
    }
}

/// Bits gained so far, and how many could have been.
#[derive(Default)]
struct Bits {
    gained: f64,
    possible: f64,
    is_contradicted: bool,
    reasons: Vec<Reason>,
}

/// Says how alike two persons are; the same from both sides.
#[must_use]
pub fn likeness(one: &Traits, other: &Traits) -> Likeness {
    let mut bits = Bits::default();
    compare_names(one, other, &mut bits);
    if let (Some(one), Some(other)) = (one.born, other.born) {
        compare_births(one, other, &mut bits);
    }
    let shared = |one: &std::collections::BTreeSet<String>, other: &std::collections::BTreeSet<String>| {
        (!one.is_empty() && !other.is_empty()).then(|| !one.is_disjoint(other))
    };
    bits.changing(shared(&one.phones, &other.phones), REACHED_BITS, Reason::SamePhone);
    bits.changing(shared(&one.emails, &other.emails), REACHED_BITS, Reason::SameEmail);
    let postcodes = one.postcode.as_ref().zip(other.postcode.as_ref());
    bits.changing(postcodes.map(|(one, other)| one == other), POSTCODE_BITS, Reason::SamePostcode);
    bits.sum()
}

impl Bits {
    fn add(&mut self, gained: f64, possible: f64, reason: Reason) {
        self.gained += gained;
        self.possible += possible;
        self.reasons.push(reason);
    }

    fn changing(&mut self, is_shared: Option<bool>, weight: f64, reason: Reason) {
        match is_shared {
            Some(true) => self.add(weight, weight, reason),
            Some(false) => self.possible += CHANGED_BITS.min(weight),
            None => {}
        }
    }

    fn sum(self) -> Likeness {
        if self.possible == 0.0 {
            return Likeness { score: 0.0, reasons: self.reasons };
        }
        let share = (self.gained / self.possible).clamp(0.0, 1.0) * (self.possible / ENOUGH_BITS).min(1.0);
        let score = if self.is_contradicted { share.min(CONTRADICTED) } else { share };
        Likeness { score: (score * 1_000.0).round() / 1_000.0, reasons: self.reasons }
    }
}

/// The share of a name's bits that its likeness is worth; `None` where nothing is said.
fn share_of(likeness: f64) -> Option<f64> {
    if likeness < SIMILAR_FROM {
        return (likeness < OTHER_BELOW).then_some(0.0);
    }
    Some(LEAST_SIMILAR_SHARE + (1.0 - LEAST_SIMILAR_SHARE) * (likeness - SIMILAR_FROM) / (1.0 - SIMILAR_FROM))
}

fn compare_names(one: &Traits, other: &Traits, bits: &mut Bits) {
    let first = one.first_name.as_ref().zip(other.first_name.as_ref()).map(|(one, other)| one.likeness(other));
    let last = one.last_name.as_ref().zip(other.last_name.as_ref()).map(|(one, other)| {
        let likeness = one.likeness(other);
        if likeness >= OTHER_BELOW && one.sounds_like(other) { likeness.max(SAME_SOUND) } else { likeness }
    });
    if are_swapped(one, other) && first.unwrap_or(0.0).min(last.unwrap_or(0.0)) < SIMILAR_FROM {
        let both = FIRST_NAME_BITS + LAST_NAME_BITS;
        return bits.add(both * SWAPPED_NAMES_SHARE, both, Reason::NamesSwapped);
    }
    if let Some(likeness) = first {
        match share_of(likeness) {
            None => bits.possible += FIRST_NAME_BITS,
            Some(0.0) => {
                bits.is_contradicted = true;
                bits.add(0.0, FIRST_NAME_BITS, Reason::OtherFirstName);
            }
            Some(share) => {
                let reason = if likeness < 1.0 { Reason::SimilarFirstName } else { Reason::SameFirstName };
                bits.add(FIRST_NAME_BITS * share, FIRST_NAME_BITS, reason);
            }
        }
    }
    if let Some(likeness) = last {
        match share_of(likeness) {
            None => bits.possible += LAST_NAME_BITS,
            Some(0.0) => bits.add(-OTHER_LAST_NAME_BITS, LAST_NAME_BITS, Reason::OtherLastName),
            Some(share) => {
                let reason = if likeness < 1.0 { Reason::SimilarLastName } else { Reason::SameLastName };
                bits.add(LAST_NAME_BITS * share, LAST_NAME_BITS, reason);
            }
        }
    }
}

/// Says whether each one's first name is the other's last name.
fn are_swapped(one: &Traits, other: &Traits) -> bool {
    let alike = |first: &Traits, last: &Traits| {
        let names = first.first_name.as_ref().zip(last.last_name.as_ref());
        names.is_some_and(|(first, last)| first.likeness(last) >= SIMILAR_FROM)
    };
    alike(one, other) && alike(other, one)
}

fn compare_births(one: Date, other: Date, bits: &mut Bits) {
    if one == other {
        return bits.add(BORN_BITS, BORN_BITS, Reason::SameBirthDate);
    }
    if one.year() == other.year() && (i16::from(one.month()), i16::from(one.day())) == swapped(other) {
        return bits.add(BORN_BITS * SWAPPED_DAY_SHARE, BORN_BITS, Reason::BirthDayAndMonthSwapped);
    }
    if n_digits_off(one, other) == 1 {
        return bits.add(BORN_BITS * ONE_DIGIT_SHARE, BORN_BITS, Reason::BirthDateOneDigitOff);
    }
    bits.is_contradicted = true;
    bits.add(0.0, BORN_BITS, Reason::OtherBirthDate);
}

fn swapped(day: Date) -> (i16, i16) {
    (i16::from(day.day()), i16::from(day.month()))
}

fn n_digits_off(one: Date, other: Date) -> usize {
    let (one, other) = (one.to_string(), other.to_string());
    if one.len() != other.len() {
        return usize::MAX;
    }
    one.bytes().zip(other.bytes()).filter(|(one, other)| one != other).count()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::duplicates::{Details, Rules};
    use proptest::prelude::*;

    fn traits(details: &Details<'_>) -> Traits {
        Traits::of(details, Rules::of("de", Some("Europe/Berlin")))
    }

    /// First name, last name, birth, telephone, postcode; an empty one is unknown.
    fn person(fields: [&'static str; 5]) -> Details<'static> {
        let [first_name, last_name, born, phone, postcode] =
            fields.map(|text| Some(text).filter(|text| !text.is_empty()));
        Details { first_name, last_name, born, postcode, phones: phone.into_iter().collect(), emails: Vec::new() }
    }

    fn of(one: [&'static str; 5], other: [&'static str; 5]) -> Likeness {
        likeness(&traits(&person(one)), &traits(&person(other)))
    }

    const ANNA: [&str; 5] = ["Anna", "Müller", "1985-03-12", "0621 12345", "68159"];

    #[track_caller]
    fn is_proposed(one: [&'static str; 5], other: [&'static str; 5], reasons: &[Reason]) {
        let found = of(one, other);
        assert!(found.is_proposed(), "{found:?}");
        assert_eq!(found.reasons, reasons);
    }

    #[track_caller]
    fn is_not(one: [&'static str; 5], other: [&'static str; 5], reason: Reason) {
        let found = of(one, other);
        assert!(!found.is_proposed(), "{found:?}");
        assert!(found.reasons.contains(&reason), "{found:?}");
    }

    #[test]
    fn the_same_person_again_is_certain() {
        assert_eq!(of(ANNA, ANNA).score, 1.0);
        assert_eq!(of(ANNA, ["Anna", "MUELLER", "1985-03-12", "+49 (0)621 12345", "68159"]).score, 1.0);
        assert_eq!(of(["Anna", "Müller", "1985-03-12", "", ""], ANNA).score, 1.0);
        assert_eq!(of(["Thi", "Ng", "1985-03-12", "", ""], ["Thi", "NG", "1985-03-12", "", ""]).score, 1.0);
        let hoh = ["Zoë", "Dr. von der Höh-Şahin", "1985-03-12", "", ""];
        assert_eq!(of(hoh, ["Zoe", "Hoeh Sahin", "1985-03-12", "", ""]).score, 1.0);
        assert_eq!(of(["Liam", "O'Neill", "1985-03-12", "", ""], ["Liam", "O Neill", "1985-03-12", "", ""]).score, 1.0);
    }

    #[test]
    fn slips_of_the_pen_are_proposed_with_their_reason() {
        use Reason::*;
        is_proposed(
            ["Anna", "Möller", "1985-12-03", "", ""],
            ANNA,
            &[SameFirstName, SimilarLastName, BirthDayAndMonthSwapped],
        );
        is_proposed(["Müller", "Anna", "1985-03-12", "", ""], ANNA, &[NamesSwapped, SameBirthDate]);
        is_proposed(
            ["Ana", "Müller", "1985-03-13", "", ""],
            ANNA,
            &[SimilarFirstName, SameLastName, BirthDateOneDigitOff],
        );
        is_proposed(
            ["Anna", "Müller-Schulz", "1985-03-12", "0172 7654321", "10115"],
            ANNA,
            &[SameFirstName, SimilarLastName, SameBirthDate],
        );
        is_proposed(
            ["Anna", "Schulz", "1985-03-12", "0621 12345", ""],
            ANNA,
            &[SameFirstName, OtherLastName, SameBirthDate, SamePhone],
        );
        is_proposed(
            ["Mohamed", "Ali", "1985-03-12", "", ""],
            ["Muhammad", "Ali", "1985-03-12", "", ""],
            &[SameLastName, SameBirthDate],
        );
    }

    #[test]
    fn a_contact_of_whom_little_is_known_is_proposed_by_telephone() {
        use Reason::*;
        is_proposed(["", "", "", "0621 12345", ""], ANNA, &[SamePhone]);
        is_proposed(["Anna", "", "", "0621 12345", ""], ANNA, &[SameFirstName, SamePhone]);
        assert!(of(["", "", "", "0621 12345", ""], ANNA).score < of(["Anna", "", "", "0621 12345", ""], ANNA).score);
    }

    #[test]
    fn a_family_shares_telephone_name_and_address_but_is_not_one_person() {
        is_not(["Anna", "Müller", "2015-07-01", "0621 12345", "68159"], ANNA, Reason::OtherBirthDate);
        is_not(["Peter", "Müller", "1983-11-30", "0621 12345", "68159"], ANNA, Reason::OtherFirstName);
        is_not(["Peter", "Müller", "", "0621 12345", "68159"], ANNA, Reason::OtherFirstName);
        is_not(["", "", "2015-07-01", "0621 12345", "68159"], ANNA, Reason::OtherBirthDate);
        is_not(["", "Yıldız", "", "0621 12345", ""], ANNA, Reason::OtherLastName);
    }

    #[test]
    fn twins_are_two() {
        is_not(["Petra", "Müller", "1985-03-12", "0621 12345", "68159"], ANNA, Reason::OtherFirstName);
        is_not(
            ["Ali", "Ng", "2015-07-01", "0621 12345", ""],
            ["Mia", "Ng", "2015-07-01", "0621 12345", ""],
            Reason::OtherFirstName,
        );
    }

    #[test]
    fn with_nothing_to_compare_nothing_is_said() {
        let found = of(["Anna", "", "", "", ""], ["", "Müller", "1985-03-12", "", ""]);
        assert_eq!(found, Likeness { score: 0.0, reasons: Vec::new() });
    }

    #[test]
    fn reasons_are_said_in_words() {
        for reason in Reason::ALL {
            assert!(!reason.in_words().contains('_'), "{reason}");
        }
    }

    fn anybody() -> impl Strategy<Value = [Option<String>; 5]> {
        let name = proptest::option::of("[A-Za-zäöüßŞé' -]{1,12}|Anna|Hanna|Müller|Mueller|Ng");
        let born = proptest::option::of("19[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-2])");
        let phone = proptest::option::of("0621[0-9]{5}|0621 12345");
        let postcode = proptest::option::of("6815[0-9]");
        (name.clone(), name, born, phone, postcode).prop_map(|(a, b, c, d, e)| [a, b, c, d, e])
    }

    fn ready(fields: &[Option<String>; 5]) -> Traits {
        let [first_name, last_name, born, phone, postcode] = fields.each_ref().map(Option::as_deref);
        traits(&Details {
            first_name,
            last_name,
            born,
            postcode,
            phones: phone.into_iter().collect(),
            emails: Vec::new(),
        })
    }

    proptest! {
        #[test]
        fn it_is_the_same_from_both_sides_and_between_0_and_1(one in anybody(), other in anybody()) {
            let (one, other) = (ready(&one), ready(&other));
            let found = likeness(&one, &other);
            prop_assert_eq!(&found, &likeness(&other, &one));
            prop_assert!((0.0..=1.0).contains(&found.score));
        }

        #[test]
        fn whoever_has_names_and_a_birth_date_is_like_themselves(mut one in anybody()) {
            one[0] = Some("Anna".to_owned());
            one[1].get_or_insert("Müller".to_owned());
            one[2].get_or_insert("1985-03-12".to_owned());
            let one = ready(&one);
            prop_assume!(one.last_name.is_some());
            prop_assert_eq!(likeness(&one, &one).score, 1.0);
        }

        #[test]
        fn another_birth_date_is_never_proposed(one in anybody(), other in anybody()) {
            let found = likeness(&ready(&one), &ready(&other));
            prop_assert!(!found.is_proposed() || !found.reasons.contains(&Reason::OtherBirthDate));
        }
    }
}
