//! Secrets that we give out: 256 random bits, of which only the hash stays here.

use crate::error::Result;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use storage::sealing::{SealingError, fingerprint};
use zeroize::Zeroizing;

/// What a cookie, a link or a key holds. Prints as `…`.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Makes a new one.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives no random numbers. They never come from the clock and the
    /// generator that ids are made with: who guesses an id learns nothing, who guesses a secret is somebody else.
    pub fn new() -> Result<Self> {
        let bytes: Zeroizing<[u8; 32]> = Zeroizing::new(random()?);
        Ok(Self(Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(&bytes[..]))))
    }

    /// Takes one that somebody brought.
    #[must_use]
    pub fn brought(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// Gives it to whom it belongs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what is stored of it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.0)
    }
}

/// Returns random bytes from the system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealingError::NoRandomness)?;
    Ok(bytes)
}
