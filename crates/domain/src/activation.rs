//! Codes by which somebody who was invited opens an account: how they look, how long they hold, what ends them.
//!
//! A code is sixteen characters that nobody confuses, drawn at random: who doesn't have the mail or the letter can't
//! guess one. It works once, together with the date of birth; ten wrong dates lock it. A new one cancels the old.

use crate::authorities::words;
use jiff::{SignedDuration, Timestamp};

/// How long a code from a mail works, from the moment at which the mail server took the mail. Quarano,
/// `quarano.registration.expiration`: 24 h, but from the moment at which the mail was queued.
pub const VALID_BY_MAIL: SignedDuration = SignedDuration::from_hours(24);

/// How long a code on a letter works, from the day on which it was made: time for the post, and to sit down.
pub const VALID_BY_LETTER: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Wrong dates of birth after which a code is locked: enough for every typing error, too few to guess.
pub const MOST_WRONG_DATES: u32 = 10;

/// Digits and capital letters without those that look like others: no 0 and O, no 1, I and L.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Random bytes from here on are drawn again, so that no character is likelier than another.
const FAIR_BYTES: u8 = 248;
const N_CHARACTERS: usize = 16;
const GROUP: usize = 4;

/// A code. Prints as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationCode(String);

impl std::fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// A text that is no code.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a code has 16 letters and digits, in groups of four")]
pub struct NotACode;

impl ActivationCode {
    /// Makes a code of random bytes; `None` if they don't suffice: 32 nearly always do.
    #[must_use]
    pub fn draw(random: &[u8]) -> Option<Self> {
        let fair = random.iter().filter(|byte| **byte < FAIR_BYTES);
        let drawn: String =
            fair.take(N_CHARACTERS).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect();
        (drawn.len() == N_CHARACTERS).then_some(Self(drawn))
    }

    /// Reads what somebody typed: spaces, strokes and small letters don't matter.
    ///
    /// # Errors
    ///
    /// [`NotACode`] if it can't be one.
    pub fn read(typed: &str) -> Result<Self, NotACode> {
        let is_part = |c: &char| !c.is_whitespace() && !matches!(c, '-' | '‐' | '–' | '—');
        let code: String = typed.chars().filter(is_part).take(N_CHARACTERS + 1).collect::<String>().to_uppercase();
        let fits = code.len() == N_CHARACTERS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        if fits { Ok(Self(code)) } else { Err(NotACode) }
    }

    /// Returns it without strokes, for those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns it as it stands on letters: `ABCD-EFGH-JKMN-PQRS`.
    #[must_use]
    pub fn grouped(&self) -> String {
        let characters: Vec<char> = self.0.chars().collect();
        characters.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }
}

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeState {
    /// It can be redeemed, or is on its way.
    Open,
    /// Somebody redeemed it.
    Redeemed,
    /// Somebody took it back, or a newer one took its place.
    Cancelled,
    /// Nobody redeemed it in time.
    Expired,
    /// Too many wrong dates of birth.
    Locked,
}
words!(CodeState {
    Open = "open",
    Redeemed = "redeemed",
    Cancelled = "cancelled",
    Expired = "expired",
    Locked = "locked",
});

/// Why a code doesn't work.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CodeOver {
    /// Its time is over.
    #[error("the time of this code is over")]
    Expired,
    /// It was redeemed.
    #[error("this code was used")]
    Used,
    /// It was taken back, or there is a newer one.
    #[error("this code was taken back, or there is a newer one")]
    Cancelled,
    /// Too many wrong dates of birth.
    #[error("this code is locked after too many wrong dates of birth")]
    Locked,
}

/// Says whether a code can be redeemed now. One of which nobody knows yet that the mail server took it can: whoever
/// has it has the mail.
///
/// # Errors
///
/// [`CodeOver`] says why not.
pub fn check_code(state: CodeState, valid_until: Option<Timestamp>, now: Timestamp) -> Result<(), CodeOver> {
    match state {
        CodeState::Open if valid_until.is_some_and(|until| now >= until) => Err(CodeOver::Expired),
        CodeState::Open => Ok(()),
        CodeState::Redeemed => Err(CodeOver::Used),
        CodeState::Cancelled => Err(CodeOver::Cancelled),
        CodeState::Expired => Err(CodeOver::Expired),
        CodeState::Locked => Err(CodeOver::Locked),
    }
}

/// Returns the state of an open code after so many wrong dates of birth.
#[must_use]
pub fn after_wrong_dates(n_wrong: u32) -> CodeState {
    if n_wrong >= MOST_WRONG_DATES { CodeState::Locked } else { CodeState::Open }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = ActivationCode::draw(&[0; 16]).unwrap();
        assert_eq!(code.grouped(), "2222-2222-2222-2222");
        let letters = ActivationCode::read("abcd efgh–JKMN-pqrs").unwrap();
        assert_eq!(letters.grouped(), "ABCD-EFGH-JKMN-PQRS");
        for wrong in ["", "ABCD-EFGH-JKMN", "ABCD-EFGH-JKMN-PQR0", "ABCD-EFGH-JKMN-PQRSX", "ÄBCD-EFGH-JKMN-PQR"] {
            assert_eq!(ActivationCode::read(wrong), Err(NotACode), "{wrong}");
        }
        assert_eq!(format!("{letters:?}"), "…");
    }

    #[test]
    fn a_code_ends_with_its_time_to_the_second() {
        let until: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        let before = until.saturating_sub(SignedDuration::from_secs(1)).unwrap();
        assert_eq!(check_code(CodeState::Open, Some(until), before), Ok(()));
        assert_eq!(check_code(CodeState::Open, Some(until), until), Err(CodeOver::Expired));
        assert_eq!(check_code(CodeState::Open, None, until), Ok(()), "its mail is on the way");
        assert_eq!(check_code(CodeState::Redeemed, Some(until), before), Err(CodeOver::Used));
        assert_eq!(check_code(CodeState::Cancelled, None, before), Err(CodeOver::Cancelled));
        assert_eq!(check_code(CodeState::Locked, Some(until), before), Err(CodeOver::Locked));
    }

    #[test]
    fn the_tenth_wrong_date_locks() {
        assert_eq!(after_wrong_dates(9), CodeState::Open);
        assert_eq!(after_wrong_dates(10), CodeState::Locked);
    }

    proptest! {
        #[test]
        fn what_was_drawn_is_read_again_with_or_without_strokes(random in prop::collection::vec(any::<u8>(), 32..64)) {
            if let Some(code) = ActivationCode::draw(&random) {
                prop_assert_eq!(ActivationCode::read(code.expose()), Ok(code.clone()));
                prop_assert_eq!(ActivationCode::read(&code.grouped().to_lowercase()), Ok(code));
            }
        }

        #[test]
        fn what_is_read_is_a_code_or_refused_and_never_else(typed in "\\PC{0,40}") {
            if let Ok(code) = ActivationCode::read(&typed) {
                prop_assert_eq!(code.expose().len(), N_CHARACTERS);
                prop_assert_eq!(code.grouped().len(), N_CHARACTERS + 3);
            }
        }
    }
}
