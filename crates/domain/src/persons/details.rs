//! What may be typed into the details of a person. Real names and real numbers pass; what nobody could use is named,
//! with its reason, beside its field.

use crate::persons::PersonalField;

/// The longest name, in characters.
pub const LONGEST_NAME: usize = 100;

/// The longest free text, in characters.
pub const LONGEST_TEXT: usize = 10_000;

/// The longest line: a street, a city, an e-mail address.
pub const LONGEST_LINE: usize = 254;

/// Digits of a telephone number, fewest and most: emergency extensions of a clinic are short, and ITU-T E.164 ends at 15;
/// two more for those who dial out with a prefix.
pub const PHONE_DIGITS: (usize, usize) = (5, 17);

/// What is wrong with a text. The text isn't repeated: it is personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongDetail {
    /// Too long.
    #[error("at most {0} characters")]
    TooLong(usize),
    /// A digit in a name.
    #[error("a name has no digits")]
    DigitInName,
    /// A sign that no name has.
    #[error("a name has letters, spaces and - ' ’ . , but not {0:?}")]
    SignInName(char),
    /// A name without a letter.
    #[error("a name has at least one letter")]
    NoLetterInName,
    /// Too few or too many digits.
    #[error("a telephone number has 5 to 17 digits")]
    PhoneDigits,
    /// A sign that no number has.
    #[error("a telephone number has digits, spaces and + ( ) / - . but not {0:?}")]
    SignInPhone(char),
    /// No e-mail address.
    #[error("an e-mail address has a name, an @ and a domain, such as name@example.org")]
    NotAnEmail,
    /// A line break where there is one line.
    #[error("one line only")]
    LineBreak,
}

/// Checks and tidies what was typed into a field: outer spaces go, inner ones stay as typed. Nothing, or spaces alone, is
/// absent.
///
/// # Errors
///
/// [`WrongDetail`] says what is wrong.
pub fn tidy(field: PersonalField, typed: &str) -> Result<Option<String>, WrongDetail> {
    let text = typed.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match field {
        PersonalField::Note => most(text, LONGEST_TEXT)?,
        PersonalField::FirstName | PersonalField::LastName => check_name(text)?,
        PersonalField::Phone | PersonalField::Mobile => return tidy_phone(text).map(Some),
        PersonalField::Email => check_email(text)?,
        PersonalField::Born
        | PersonalField::Age
        | PersonalField::Street
        | PersonalField::HouseNumber
        | PersonalField::City => check_line(text, LONGEST_LINE)?,
    }
    Ok(Some(text.to_owned()))
}

fn most(text: &str, most: usize) -> Result<(), WrongDetail> {
    if text.chars().count() > most { Err(WrongDetail::TooLong(most)) } else { Ok(()) }
}

fn check_line(text: &str, longest: usize) -> Result<(), WrongDetail> {
    most(text, longest)?;
    if text.chars().any(char::is_control) { Err(WrongDetail::LineBreak) } else { Ok(()) }
}

/// Says whether a name may have a character: letters and marks of any script, spaces, `- ' ’ . ,`.
#[must_use]
pub fn is_of_a_name(c: char) -> bool {
    c.is_alphabetic() || is_mark(c) || " \u{a0}-'’.,".contains(c)
}

/// Marks are part of letters in many scripts, and `char::is_alphabetic` doesn't count them all.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{0900}'..='\u{0dff}' | '\u{0e31}'..='\u{0e4e}' | '\u{064b}'..='\u{065f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}' | '\u{200c}' | '\u{200d}')
}

fn check_name(text: &str) -> Result<(), WrongDetail> {
    check_line(text, LONGEST_NAME)?;
    if text.chars().any(char::is_numeric) {
        return Err(WrongDetail::DigitInName);
    }
    match text.chars().find(|c| !is_of_a_name(*c)) {
        Some(odd) => Err(WrongDetail::SignInName(odd)),
        None if !text.chars().any(char::is_alphabetic) => Err(WrongDetail::NoLetterInName),
        None => Ok(()),
    }
}

/// Checks a number, and drops a `(0)` behind a country code, which nobody dials.
fn tidy_phone(text: &str) -> Result<String, WrongDetail> {
    if let Some(odd) = text.chars().find(|c| !(c.is_ascii_digit() || " \u{a0}+()/-.".contains(*c))) {
        return Err(WrongDetail::SignInPhone(odd));
    }
    let has_country_code = text.starts_with('+') || text.starts_with("00");
    let number = if has_country_code { text.replacen("(0)", "", 1) } else { text.to_owned() };
    let n_digits = number.chars().filter(char::is_ascii_digit).count();
    if (PHONE_DIGITS.0..=PHONE_DIGITS.1).contains(&n_digits) { Ok(number) } else { Err(WrongDetail::PhoneDigits) }
}

/// Checks that mail could be sent there. Whether somebody reads it only a mail can tell.
fn check_email(text: &str) -> Result<(), WrongDetail> {
    check_line(text, LONGEST_LINE)?;
    let Some((name, domain)) = text.rsplit_once('@') else { return Err(WrongDetail::NotAnEmail) };
    let is_domain = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    let fits = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c));
    if name.is_empty() || !is_domain || !fits(name) || !fits(domain) { Err(WrongDetail::NotAnEmail) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(field: PersonalField, typed: &str, expected: Result<Option<&str>, WrongDetail>) {
        assert_eq!(tidy(field, typed), expected.map(|text| text.map(str::to_owned)), "{typed:?}");
    }

    #[test]
    fn real_names_pass() {
        for name in [
            "O'Neill",
            "Dr. von der Höh-Şahin",
            "D’Angelo",
            "Nguyễn",
            "Ng",
            "Иванова",
            "李",
            "José-María, Jr.",
            "أحمد",
            "श्रीनिवास",
            "e\u{301}",
        ] {
            check(PersonalField::LastName, name, Ok(Some(name)));
        }
    }

    #[test]
    fn what_is_no_name_is_said() {
        check(PersonalField::LastName, "Meier2", Err(WrongDetail::DigitInName));
        check(PersonalField::LastName, "Meier<script>", Err(WrongDetail::SignInName('<')));
        check(PersonalField::FirstName, "- .", Err(WrongDetail::NoLetterInName));
        check(PersonalField::FirstName, "   ", Ok(None));
        check(PersonalField::FirstName, &"a".repeat(101), Err(WrongDetail::TooLong(100)));
        check(PersonalField::FirstName, "A\nB", Err(WrongDetail::LineBreak));
    }

    #[test]
    fn possible_numbers_pass_and_a_zero_in_brackets_goes() {
        check(PersonalField::Phone, "0123456789", Ok(Some("0123456789")));
        check(PersonalField::Phone, "+49 (0)621 / 123-45", Ok(Some("+49 621 / 123-45")));
        check(PersonalField::Phone, "(0)621 12345", Ok(Some("(0)621 12345")));
        check(PersonalField::Mobile, " 0170.5550 ", Ok(Some("0170.5550")));
        check(PersonalField::Phone, "1234", Err(WrongDetail::PhoneDigits));
        check(PersonalField::Phone, "123456789012345678", Err(WrongDetail::PhoneDigits));
        check(PersonalField::Phone, "0621 abc", Err(WrongDetail::SignInPhone('a')));
    }

    #[test]
    fn mail_could_be_sent_there() {
        check(PersonalField::Email, "jörg.o'neill+epi@exämple.co.uk", Ok(Some("jörg.o'neill+epi@exämple.co.uk")));
        for wrong in ["meier", "meier@", "@example.org", "a@b", "a b@example.org", "a@exa..org", "a@b.c\r\nBcc: x@y.z"]
        {
            assert!(tidy(PersonalField::Email, wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_tidied_stays_as_it_is(typed in "\\PC{0,40}") {
            for field in PersonalField::ALL {
                if let Ok(Some(once)) = tidy(*field, &typed) {
                    // A second bracket behind a country code goes with a second pass, and is no number anybody types.
                    prop_assume!(!once.contains("(0)"));
                    prop_assert_eq!(tidy(*field, &once), Ok(Some(once.clone())));
                }
            }
        }
    }
}
