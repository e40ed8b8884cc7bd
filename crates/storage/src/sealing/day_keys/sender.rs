//! Sealing to a day: whoever takes guests in makes data keys, and wraps them so that only the day's key opens them.

use super::{DataKey, PublicKey, SEALED_KEY, SealedKey, day_place};
use crate::sealing::at_rest::random_key;
use crate::sealing::{SealingError, SubkeyLength};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use domain::check_ins::VenueDay;
use domain::ids::VenueId;
use zeroize::Zeroizing;

pub(super) fn public_of(private: &[u8; 32]) -> Result<PublicKey, SealingError> {
    let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::NoRandomness)?;
    let public = key.compute_public_key().map_err(|_| SealingError::NoRandomness)?;
    PublicKey::try_from(public.as_ref()).map_err(|_| SealingError::NoRandomness)
}

/// The key that wraps a sender's data keys for a day: both halves can derive it.
pub(super) fn wrapping_key(
    private: &[u8; 32],
    other: &PublicKey,
    sender: &PublicKey,
    day: &PublicKey,
    of: VenueDay,
) -> Result<LessSafeKey, SealingError> {
    let private = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::DoesNotOpen)?;
    let place = day_place(of.authority_id.0, of.day);
    agree(&private, UnparsedPublicKey::new(&X25519, other), SealingError::DoesNotOpen, |shared| {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"epitrace day")
            .extract(shared)
            .expand(&[sender, day, place.as_bytes()], SubkeyLength)
            .and_then(|okm| okm.fill(&mut bytes[..]))
            .map_err(|_| SealingError::DoesNotOpen)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes[..]).map_err(|_| SealingError::DoesNotOpen)?;
        Ok(LessSafeKey::new(key))
    })
}

pub(super) fn key_place(venue_id: VenueId, sender: u64) -> [u8; 16] {
    let mut place = [0; 16];
    place[..8].copy_from_slice(&venue_id.bits().to_be_bytes());
    place[8..].copy_from_slice(&sender.to_be_bytes());
    place
}

/// One process, sealing to one day: it makes data keys and wraps them, and can open nothing that others sealed.
pub struct Sender {
    of: VenueDay,
    number: u64,
    public: PublicKey,
    key: LessSafeKey,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({:?})", self.of)
    }
}

impl Sender {
    /// Makes a sender to a day.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn to(of: VenueDay, day: &PublicKey) -> Result<Self, SealingError> {
        let private = random_key()?;
        let public = public_of(&private)?;
        let key = wrapping_key(&private, day, &public, day, of)?;
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(|_| SealingError::NoRandomness)?;
        Ok(Self { of, number: u64::from_be_bytes(number), public, key })
    }

    /// Returns its number; what it seals names it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Makes a data key for a venue, with itself sealed to the day.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn data_key(&self, venue_id: VenueId) -> Result<(DataKey, SealedKey), SealingError> {
        self.data_key_at(&key_place(venue_id, self.number))
    }

    pub(super) fn data_key_at(&self, place: &[u8]) -> Result<(DataKey, SealedKey), SealingError> {
        let data_key = random_key()?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
        let mut text = Zeroizing::new(data_key.to_vec());
        let unique = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(unique, Aad::from(place), &mut text);
        let tag = tag.map_err(|_| SealingError::NoRandomness)?;
        let mut sealed = [0; SEALED_KEY];
        let parts = [&self.public[..], &nonce, &text, tag.as_ref()];
        let mut at = 0;
        for part in parts {
            sealed[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        Ok((data_key, sealed))
    }
}
