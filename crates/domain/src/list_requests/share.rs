//! Codes by which a guest shows their stays: read out on the telephone, typed once, good for a day and one case.

use crate::ids::VenueId;
use jiff::SignedDuration;

/// How long a code works: the call in which it is read out, and the evening on which the guest looks for their telephone.
pub const SHARE_CODE_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// Characters of a code: 40 random bits, of which somebody who guesses tries thirty at once and then one every five seconds.
const N_CHARACTERS: usize = 8;

/// Characters that a short id has before those of a code.
const MORE: usize = 2;

/// A code. Prints as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct ShareCode(String);

impl std::fmt::Debug for ShareCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A text that is no code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a code has 8 letters and digits")]
pub struct NotAShareCode;

impl ShareCode {
    /// Makes a code of random bytes.
    #[must_use]
    pub fn draw(random: [u8; 10]) -> Self {
        // The characters of short ids, of which no two look alike.
        Self(VenueId::mint(random).to_string().chars().skip(MORE).collect())
    }

    /// Reads what somebody typed: spaces, strokes and small letters don't matter, nor O for 0 and I or L for 1.
    ///
    /// # Errors
    ///
    /// [`NotAShareCode`] if it can't be one.
    pub fn read(typed: &str) -> Result<Self, NotAShareCode> {
        let is_part = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '—');
        let code: String = typed.chars().filter(is_part).take(N_CHARACTERS + 1).collect();
        if code.chars().count() != N_CHARACTERS {
            return Err(NotAShareCode);
        }
        let id: VenueId = format!("00{code}").parse().map_err(|_| NotAShareCode)?;
        Ok(Self(id.to_string().chars().skip(MORE).collect()))
    }

    /// Returns it without strokes, for those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_however_it_is_said() {
        let code = ShareCode::read("7k3m-9qx2").unwrap();
        assert_eq!(code.expose(), "7K3M9QX2");
        assert_eq!(ShareCode::read("o il0 0000").unwrap().expose(), "01100000");
        for wrong in ["", "7K3M9QX", "7K3M9QX22", "7K3M9QXU", "7K3M9QÄ2"] {
            assert_eq!(ShareCode::read(wrong), Err(NotAShareCode), "{wrong}");
        }
        assert_eq!(format!("{code:?}"), "…");
    }

    proptest! {
        #[test]
        fn every_code_is_read_as_it_was_drawn(random: [u8; 10]) {
            let code = ShareCode::draw(random);
            prop_assert_eq!(ShareCode::read(code.expose()).unwrap(), code);
        }
    }
}
