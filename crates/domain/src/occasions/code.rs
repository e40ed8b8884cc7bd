//! The code of an occasion: eight characters that nobody confuses, which work only together with the authority's short code.

use crate::list_requests::ShareCode;

/// A code. Prints as `…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccasionCode(ShareCode);

/// A text that is no code.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("a code has 8 letters and digits")]
pub struct NotAnOccasionCode;

impl OccasionCode {
    /// Makes a code of random bytes.
    #[must_use]
    pub fn draw(random: [u8; 10]) -> Self {
        Self(ShareCode::draw(random))
    }

    /// Reads what somebody typed: spaces, strokes and small letters don't matter, nor O for 0 and I or L for 1.
    ///
    /// # Errors
    ///
    /// [`NotAnOccasionCode`] if it can't be one.
    pub fn read(typed: &str) -> Result<Self, NotAnOccasionCode> {
        ShareCode::read(typed).map(Self).map_err(|_| NotAnOccasionCode)
    }

    /// Returns it without strokes, for those who may see it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}
