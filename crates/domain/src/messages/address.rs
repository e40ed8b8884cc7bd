//! What may stand in the head of a mail. A line break there would begin a head of somebody else's making, so these types
//! hold none: what was made from a text that has one can't exist.

/// A mail address. It prints as `…`, in `Debug` too.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MailAddress {
    text: String,
    at: usize,
}

/// A text that is no mail address that mail can be sent to. The text isn't repeated: it may be somebody's.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this is no mail address such as kim@example.org; letters with accents, spaces and quotes can't be in it")]
pub struct NotAMailAddress;

/// Longest address that SMTP takes, and longest part before its `@`.
const MOST_BYTES: usize = 254;
const MOST_LOCAL_BYTES: usize = 64;

impl MailAddress {
    /// Returns the address that `text` is, spaces around it dropped.
    ///
    /// What is before the `@` is a series of words with dots between them (RFC 5322, dot-atom), what is behind it a
    /// name of a machine. Quoted words, comments and letters beyond ASCII are not taken.
    ///
    /// # Errors
    ///
    /// [`NotAMailAddress`] otherwise.
    pub fn new(text: &str) -> Result<Self, NotAMailAddress> {
        // Not `trim`: it would also drop line breaks, and a text that has one is no address.
        let text = text.trim_matches(' ');
        let at = text.rfind('@').ok_or(NotAMailAddress)?;
        let (local, domain) = (&text[..at], &text[at + 1..]);
        let in_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        let is_atom = |word: &str| !word.is_empty() && word.chars().all(in_atom);
        let is_label = |word: &str| {
            (1..=63).contains(&word.len())
                && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !word.starts_with('-')
                && !word.ends_with('-')
        };
        let fits = text.len() <= MOST_BYTES
            && local.len() <= MOST_LOCAL_BYTES
            && !local.starts_with('-')
            && local.split('.').all(is_atom)
            && domain.split('.').all(is_label);
        if fits { Ok(Self { text: text.to_owned(), at }) } else { Err(NotAMailAddress) }
    }

    /// Returns the address, for those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// Returns what is before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// Returns what is behind the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }
}

impl std::fmt::Debug for MailAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A text that doesn't fit on one line of a mail's head.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("this must be one line of 1 to {MOST_CHARS} characters, without line breaks or other control characters")]
pub struct NotOneLine;

/// Longest text in a mail's head, in characters.
const MOST_CHARS: usize = 200;

fn one_line(text: &str) -> Result<String, NotOneLine> {
    let is_break = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
    if text.chars().any(is_break) {
        return Err(NotOneLine);
    }
    let text = text.trim();
    if (1..=MOST_CHARS).contains(&text.chars().count()) { Ok(text.to_owned()) } else { Err(NotOneLine) }
}

/// What a mail is about, in one line. It prints as `…`: it may name somebody.
#[derive(Clone, PartialEq, Eq)]
pub struct SubjectLine(String);

impl SubjectLine {
    /// Returns the subject that `text` is.
    ///
    /// # Errors
    ///
    /// [`NotOneLine`] if it has a line break or another control character, is empty or too long.
    pub fn new(text: &str) -> Result<Self, NotOneLine> {
        one_line(text).map(Self)
    }

    /// Returns it, for those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SubjectLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A name beside an address: that of an authority, as sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayName(String);

impl DisplayName {
    /// Returns the name that `text` is.
    ///
    /// # Errors
    ///
    /// [`NotOneLine`] if it has a line break or another control character, is empty or too long.
    pub fn new(text: &str) -> Result<Self, NotOneLine> {
        one_line(text).map(Self)
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn usual_addresses_are_taken_and_print_as_nothing() {
        for text in
            ["kim@example.org", "o'neill+x@mail.example.co.uk", " a.b-c@xn--mller-kva.example ", "root@localhost"]
        {
            let address = MailAddress::new(text).unwrap();
            assert_eq!(address.expose(), text.trim());
            assert_eq!(format!("{address:?}"), "…");
        }
        let address = MailAddress::new("kim@example.org").unwrap();
        assert_eq!((address.local_part(), address.domain()), ("kim", "example.org"));
    }

    #[test]
    fn what_would_begin_another_line_or_another_recipient_is_no_address() {
        let wrong = [
            "kim@example.org\r\nBcc: all@example.org",
            "kim@example.org\n",
            "\rkim@example.org",
            "kim@example.org,mia@example.org",
            "kim <kim@example.org>",
            "kim@exa mple.org",
            "\"kim\"@example.org",
            "kim@@example.org",
            "kim@mia@example.org",
            "-f@example.org",
            "kim.@example.org",
            "kim@-example.org",
            "kim@example..org",
            "kim",
            "@example.org",
            "kim@",
            "mïa@example.org",
            "kim@example.org\0",
            "",
        ];
        for text in wrong {
            assert_eq!(MailAddress::new(text), Err(NotAMailAddress), "{text:?}");
        }
        assert!(MailAddress::new(&format!("{}@example.org", "a".repeat(65))).is_err());
    }

    #[test]
    fn a_subject_is_one_line() {
        assert_eq!(SubjectLine::new(" Ihr Zugang: Höh-Şahin ").unwrap().expose(), "Ihr Zugang: Höh-Şahin");
        for text in ["", "  ", "a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\0", "a\u{85}b", "a\u{2028}b", "tab\there"]
        {
            assert_eq!(SubjectLine::new(text), Err(NotOneLine), "{text:?}");
            assert_eq!(DisplayName::new(text), Err(NotOneLine), "{text:?}");
        }
        assert!(SubjectLine::new(&"ä".repeat(200)).is_ok());
        assert!(SubjectLine::new(&"ä".repeat(201)).is_err());
    }

    proptest! {
        #[test]
        fn nothing_that_is_taken_holds_a_control_character(text in any::<String>()) {
            let taken = [
                MailAddress::new(&text).map(|address| address.expose().to_owned()).ok(),
                SubjectLine::new(&text).map(|subject| subject.expose().to_owned()).ok(),
                DisplayName::new(&text).map(|name| name.as_str().to_owned()).ok(),
            ];
            for text in taken.into_iter().flatten() {
                prop_assert!(!text.chars().any(char::is_control));
            }
        }
    }
}
