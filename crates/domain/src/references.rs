//! What a person is called in an imported file: `SK_14`, `130`.
//!
//! A reference is never a name: only letters without accents, digits and a few signs are allowed, and
//! no spaces, so that it may stand in clear in tables, logs and on screens.

use serde::{Deserialize, Serialize};

/// The longest reference, in characters.
pub const LONGEST_REFERENCE: usize = 40;

/// A reference: 1 to 40 of `A–Z a–z 0–9 . _ / -`, unique within an authority.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(Box<str>);

/// Why a text is no reference.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NotAReference {
    /// Nothing is there.
    #[error("a reference is missing")]
    Empty,
    /// More than 40 characters.
    #[error("a reference has at most {LONGEST_REFERENCE} characters, not {0}")]
    TooLong(usize),
    /// A character that a reference can't have. The text itself is not repeated: it may be a name.
    #[error("a reference has only letters A to Z, digits and . _ / -, not {0:?}")]
    Character(char),
}

impl Reference {
    /// Returns the reference that `text` is.
    ///
    /// # Errors
    ///
    /// [`NotAReference`] says which rule it breaks.
    pub fn new(text: &str) -> Result<Self, NotAReference> {
        if text.is_empty() {
            return Err(NotAReference::Empty);
        }
        if let Some(odd) = text.chars().find(|c| !(c.is_ascii_alphanumeric() || "._/-".contains(*c))) {
            return Err(NotAReference::Character(odd));
        }
        if text.len() > LONGEST_REFERENCE {
            return Err(NotAReference::TooLong(text.len()));
        }
        Ok(Self(text.into()))
    }

    /// Returns it as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;
    fn try_from(text: String) -> Result<Self, NotAReference> {
        Self::new(&text)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        reference.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_long_texts_are_no_references() {
        let check = |text: &str, expected: Result<(), NotAReference>| {
            assert_eq!(Reference::new(text).map(|_| ()), expected, "{text:?}");
        };
        check("SK_14", Ok(()));
        check("2020/03-a.1", Ok(()));
        check(&"x".repeat(40), Ok(()));
        check("", Err(NotAReference::Empty));
        check(&"x".repeat(41), Err(NotAReference::TooLong(41)));
        check("Anna Meier", Err(NotAReference::Character(' ')));
        check("Müller", Err(NotAReference::Character('ü')));
    }
}
