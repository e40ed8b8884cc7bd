//! Telephones as they are compared: in E.164 (`+4962112345`) where possible.
//!
//! Possible, not valid: whether a number has been given to anybody changes every week, and a list that calls
//! `0123456789` invalid must not keep it from being stored or compared. So this knows how people write numbers, and
//! nothing of numbering plans. What can't be E.164 is compared by its digits.

/// Digits of a number as people write it: shorter ones are for emergencies, longer ones are two numbers.
const DIGITS: std::ops::RangeInclusive<usize> = 5..=17;
/// Digits of a number in E.164, at most (ITU-T E.164 (11/2010), 6).
const MOST_IN_E164: usize = 15;
/// A number that begins with the country's code, but has neither `+` nor `0` before it (spreadsheets drop both), has at
/// least as many digits: shorter ones may be of an area whose code begins with the same digits.
const LEAST_WITHOUT_PLUS: usize = 12;
/// Digits of each of two numbers that a slash separates, at least; else it separates area code and number.
const LEAST_BEFORE_SLASH: usize = 7;

/// What stands before a number of a country, without `+`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountryCode(pub u16);

/// Time zones and the country codes there (IANA `zone1970.tab`; ITU-T, *List of E.164 assigned country codes*): where
/// an authority works, until it has a setting for it.
const ZONES: &[(&str, u16)] = &[
    ("Africa/Conakry", 224),
    ("Africa/Freetown", 232),
    ("Africa/Kinshasa", 243),
    ("Africa/Lagos", 234),
    ("Africa/Lubumbashi", 243),
    ("Africa/Monrovia", 231),
    ("America/Chicago", 1),
    ("America/Denver", 1),
    ("America/Los_Angeles", 1),
    ("America/New_York", 1),
    ("America/Toronto", 1),
    ("Asia/Kolkata", 91),
    ("Asia/Nicosia", 357),
    ("Asia/Seoul", 82),
    ("Asia/Tokyo", 81),
    ("Atlantic/Reykjavik", 354),
    ("Australia/Sydney", 61),
    ("Europe/Amsterdam", 31),
    ("Europe/Athens", 30),
    ("Europe/Belgrade", 381),
    ("Europe/Berlin", 49),
    ("Europe/Bratislava", 421),
    ("Europe/Brussels", 32),
    ("Europe/Bucharest", 40),
    ("Europe/Budapest", 36),
    ("Europe/Busingen", 49),
    ("Europe/Copenhagen", 45),
    ("Europe/Dublin", 353),
    ("Europe/Helsinki", 358),
    ("Europe/Istanbul", 90),
    ("Europe/Kyiv", 380),
    ("Europe/Lisbon", 351),
    ("Europe/Ljubljana", 386),
    ("Europe/London", 44),
    ("Europe/Luxembourg", 352),
    ("Europe/Madrid", 34),
    ("Europe/Malta", 356),
    ("Europe/Oslo", 47),
    ("Europe/Paris", 33),
    ("Europe/Prague", 420),
    ("Europe/Riga", 371),
    ("Europe/Rome", 39),
    ("Europe/Sofia", 359),
    ("Europe/Stockholm", 46),
    ("Europe/Tallinn", 372),
    ("Europe/Vaduz", 423),
    ("Europe/Vienna", 43),
    ("Europe/Vilnius", 370),
    ("Europe/Warsaw", 48),
    ("Europe/Zagreb", 385),
    ("Europe/Zurich", 41),
];

impl CountryCode {
    /// Returns the code of the country with this time zone, if it is known here.
    #[must_use]
    pub fn of_zone(zone: &str) -> Option<Self> {
        ZONES.iter().find(|(name, _)| *name == zone).map(|(_, code)| Self(*code))
    }

    /// What people dial before a number of their own country, and leave out behind the code (ITU Operational Bulletin,
    /// national prefixes).
    fn national_prefix(self) -> &'static str {
        match self.0 {
            1 => "1",
            36 => "06",
            // In Italy the zero belongs to the number.
            39 => "",
            _ => "0",
        }
    }
}

/// Returns the numbers in a text, ready to be compared.
pub fn all_in(text: &str, country: Option<CountryCode>) -> impl Iterator<Item = String> + '_ {
    text.split([',', ';', '|', '\n']).flat_map(at_slashes).filter_map(move |text| normal(text, country))
}

/// Several numbers with slashes between them; one, if a slash stands behind the area code.
fn at_slashes(text: &str) -> Vec<&str> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_number = |part: &&str| {
        let starts = part.trim_start().starts_with(['0', '+', '(']);
        starts && part.chars().filter_map(digit).count() >= LEAST_BEFORE_SLASH
    };
    if parts.iter().all(is_number) { parts } else { vec![text] }
}

/// Returns a number, ready to be compared: `+4962112345`, or its digits; `None` if it has too few or too many.
#[must_use]
pub fn normal(text: &str, country: Option<CountryCode>) -> Option<String> {
    let text = without_extension(text.trim());
    let mut digits = String::new();
    let mut rest = text.chars().peekable();
    let mut is_international = false;
    while let Some(sign) = rest.next() {
        match digit(sign) {
            Some(digit) => digits.push(digit),
            None if matches!(sign, '+' | '＋') && digits.is_empty() => is_international = true,
            None if sign == '(' && (is_international || digits.starts_with("00")) => skip_zero(&mut rest),
            None => {}
        }
    }
    if !is_possible(&digits) {
        return None;
    }
    let international = if is_international {
        Some(digits.clone())
    } else {
        digits.strip_prefix("00").map(str::to_owned).or_else(|| national(&digits, country?))
    };
    match international.map(|digits| without_prefix(&digits)) {
        Some(digits) if digits.len() <= MOST_IN_E164 && !digits.starts_with('0') && is_possible(&digits) => {
            Some(format!("+{digits}"))
        }
        _ => Some(digits),
    }
}

/// Says whether so many digits can be a number. One digit again and again fills a field that must not be empty.
fn is_possible(digits: &str) -> bool {
    let is_one_digit = digits.bytes().all(|byte| Some(&byte) == digits.as_bytes().first());
    DIGITS.contains(&digits.len()) && !is_one_digit
}

/// Puts the country's code before a number that has none.
fn national(digits: &str, country: CountryCode) -> Option<String> {
    let code = country.0.to_string();
    let prefix = country.national_prefix();
    if digits.len() >= LEAST_WITHOUT_PLUS && digits.starts_with(&code) {
        return Some(digits.to_owned());
    }
    let number = digits.strip_prefix(prefix).filter(|number| number.len() >= *DIGITS.start() - 1).unwrap_or(digits);
    Some(code + number)
}

/// Drops what belongs only before numbers of one's own country, where it stands behind the country's code.
fn without_prefix(digits: &str) -> String {
    for (_, code) in ZONES {
        let country = CountryCode(*code);
        let prefix = country.national_prefix();
        if let Some(number) = digits.strip_prefix(&code.to_string()).filter(|_| prefix.starts_with('0')) {
            return format!("{code}{}", number.trim_start_matches(prefix));
        }
    }
    digits.to_owned()
}

/// Takes `0)` off what follows a parenthesis, if that is what follows.
fn skip_zero(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let is_zero = rest.clone().filter(|sign| !sign.is_whitespace()).take(2).eq(['0', ')']);
    while is_zero && rest.next_if(|sign| *sign != ')').is_some() {}
}

/// Cuts at the extension: "0621 1234 ext. 5".
fn without_extension(text: &str) -> &str {
    let n_before = |at: usize| text[..at].chars().filter_map(digit).count();
    let found =
        text.char_indices().find(|(at, sign)| matches!(sign, 'x' | 'X' | '#') && n_before(*at) >= *DIGITS.start());
    found.map_or(text, |(at, _)| text[..at].trim_end_matches(['e', 'E']))
}

/// Returns a digit of any of the scripts in which people write numbers as the usual one.
fn digit(sign: char) -> Option<char> {
    let zero = match sign {
        '0'..='9' => return Some(sign),
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '０'..='９' => '０',
        _ => return None,
    };
    char::from_digit(u32::from(sign) - u32::from(zero), 10)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const GERMANY: Option<CountryCode> = Some(CountryCode(49));

    #[test]
    fn however_it_is_written_it_is_one_number() {
        for text in [
            "0621/12345",
            "(0621) 12345",
            "+49 621 12345",
            "+49 (0) 621 12345",
            "+49 ( 0 )621-12345",
            "0049 (0)621 12345",
            "+49 0621 12345",
            "٠٦٢١ 12345",
            "0621 12345 ext. 7",
            "Tel.: 0621.12345",
        ] {
            assert_eq!(normal(text, GERMANY).as_deref(), Some("+4962112345"), "{text}");
        }
    }

    #[test]
    fn each_country_has_its_way() {
        let check = |code, text, expected| {
            assert_eq!(normal(text, code).as_deref(), Some(expected), "{text}");
        };
        check(GERMANY, "0123456789", "+49123456789");
        check(GERMANY, "491721234567", "+491721234567");
        check(GERMANY, "04921 12345", "+49492112345");
        check(GERMANY, "4921 12345", "+49492112345");
        check(GERMANY, "+43 (0)1 23456", "+43123456");
        check(Some(CountryCode(1)), "1 (212) 555-0123", "+12125550123");
        check(Some(CountryCode(1)), "212 555 0123", "+12125550123");
        check(Some(CountryCode(39)), "06 1234567", "+39061234567");
        check(Some(CountryCode(36)), "06 1 234 5678", "+3612345678");
        check(None, "0621 12345", "062112345");
        check(None, "+49 621 12345", "+4962112345");
        check(GERMANY, "+49 1234567890 12345", "49123456789012345");
    }

    #[test]
    fn too_few_or_too_many_digits_or_one_digit_only_is_no_number() {
        for text in ["110", "", "unbekannt", "000000", "123456789012345678", "11111"] {
            assert_eq!(normal(text, GERMANY), None, "{text}");
        }
    }

    #[test]
    fn several_numbers_in_one_field_are_several() {
        let check = |text, expected: &[&str]| assert_eq!(all_in(text, GERMANY).collect::<Vec<_>>(), expected, "{text}");
        check("0621 12345, 0172 1234567", &["+4962112345", "+491721234567"]);
        check("0621 12345 / 0172 1234567", &["+4962112345", "+491721234567"]);
        check("0621/123456789", &["+49621123456789"]);
        check("-", &[]);
    }

    #[test]
    fn countries_are_known_by_their_time_zone() {
        assert_eq!(CountryCode::of_zone("Europe/Berlin"), GERMANY);
        assert_eq!(CountryCode::of_zone("UTC"), None);
        assert!(ZONES.is_sorted());
        for (zone, _) in ZONES {
            assert!(jiff::tz::TimeZone::get(zone).is_ok(), "{zone}");
        }
    }

    proptest! {
        #[test]
        fn what_is_normal_stays_as_it_is(text in "[0-9+() /-]{0,25}|\\PC{0,25}") {
            for country in [GERMANY, Some(CountryCode(1)), Some(CountryCode(39)), None] {
                if let Some(once) = normal(&text, country).filter(|number| number.starts_with('+')) {
                    prop_assert_eq!(normal(&once, country), Some(once.clone()));
                    prop_assert!(once.len() <= 1 + MOST_IN_E164);
                }
            }
        }

        #[test]
        fn spaces_and_signs_between_digits_never_matter(digits in "0[1-9][0-9]{6,9}") {
            let spaced: String = digits.chars().flat_map(|digit| [digit, ' ']).collect();
            prop_assert_eq!(normal(&spaced, GERMANY), normal(&digits, GERMANY));
            let abroad = format!("+49 (0){}", &digits[1..]);
            prop_assert_eq!(normal(&abroad, GERMANY), normal(&digits, GERMANY));
        }
    }
}
