//! The key pairs of an authority: with one it signs what it tells other authorities, to the other they seal what they tell it.
//!
//! The private halves are derived from the data key of the authority, each for its purpose alone, so they are nowhere but in
//! the keyring, go with every copy of it, and change when that key does. The public halves stand in the database under the
//! number of that key.

use super::at_rest::random_key;
use super::day_keys::{PUBLIC_KEY, PublicKey};
use super::{Sealer, SealingError, SubkeyLength};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey as Other, X25519, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use domain::requests_between::SIGNATURE;
use zeroize::Zeroizing;

const FORMAT: u8 = 1;
const SIGNING: &[u8] = b"epitrace signing";
const SEALING: &[u8] = b"epitrace sealing to an authority";
const PAIR: &str = "pair";

/// The public halves of an authority's pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicHalves {
    /// Their number: that of the key from which the private halves come.
    pub number: u32,
    /// Verifies what it signs: Ed25519.
    pub signing: PublicKey,
    /// Seals to it: X25519.
    pub sealing: PublicKey,
}

impl PublicHalves {
    /// Says whether a signature over some bytes is by the other half.
    #[must_use]
    pub fn verify(&self, bytes: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.signing).verify(bytes, signature).is_ok()
    }

    /// Seals a text so that only the authority whose half this is opens it, bound to what goes along with it.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none, [`SealingError::DoesNotOpen`] if the half is none.
    pub fn seal(&self, along: &[u8], text: &[u8]) -> Result<Vec<u8>, SealingError> {
        let once = random_key()?;
        let public = public_of(&once)?;
        let key = wrapping_key(&once, &self.sealing, [&public, &self.sealing])?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
        let mut text = text.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(along), &mut text)
            .map_err(|_| SealingError::NoRandomness)?;
        Ok([&[FORMAT][..], &public, &nonce, &text].concat())
    }
}

impl Sealer {
    /// Returns the public halves of the newest pairs.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the key is gone.
    pub fn public_halves(&self) -> Result<PublicHalves, SealingError> {
        self.public_halves_of(self.newest)
    }

    /// Returns the public halves of the pairs with a number.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if there is no such key.
    pub fn public_halves_of(&self, number: u32) -> Result<PublicHalves, SealingError> {
        let signing = self.signing(number)?;
        let signing = PublicKey::try_from(signing.public_key().as_ref()).map_err(|_| SealingError::NoKey)?;
        Ok(PublicHalves { number, signing, sealing: public_of(&*self.derive(number, SEALING, PAIR)?)? })
    }

    /// Signs some bytes with the pair that has a number.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if there is no such key.
    pub fn sign(&self, number: u32, bytes: &[u8]) -> Result<[u8; SIGNATURE], SealingError> {
        self.signing(number)?.sign(bytes).as_ref().try_into().map_err(|_| SealingError::NoKey)
    }

    /// Opens what was sealed to this authority.
    ///
    /// # Errors
    ///
    /// [`SealingError::DoesNotOpen`] if it was changed, goes along with something else, or is sealed to another key;
    /// [`SealingError::NoKey`] if that key is gone.
    pub fn open_sealed_to(&self, number: u32, along: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealingError> {
        let private = self.derive(number, SEALING, PAIR)?;
        let (format, rest) = sealed.split_first().ok_or(SealingError::DoesNotOpen)?;
        let (once, rest) = rest.split_first_chunk::<PUBLIC_KEY>().ok_or(SealingError::DoesNotOpen)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(SealingError::DoesNotOpen)?;
        if *format != FORMAT {
            return Err(SealingError::DoesNotOpen);
        }
        let key = wrapping_key(&private, once, [once, &public_of(&private)?])?;
        let mut text = Zeroizing::new(text.to_vec());
        let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(along), &mut text);
        let length = opened.map_err(|_| SealingError::DoesNotOpen)?.len();
        text.truncate(length);
        Ok(text)
    }

    fn signing(&self, number: u32) -> Result<Ed25519KeyPair, SealingError> {
        let seed = self.derive(number, SIGNING, PAIR)?;
        Ed25519KeyPair::from_seed_unchecked(&seed[..]).map_err(|_| SealingError::NoKey)
    }
}

fn public_of(private: &[u8; 32]) -> Result<PublicKey, SealingError> {
    let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::NoKey)?;
    let public = key.compute_public_key().map_err(|_| SealingError::NoKey)?;
    PublicKey::try_from(public.as_ref()).map_err(|_| SealingError::NoKey)
}

/// The key of one sealed text: whoever has either private half can derive it. Both public halves are bound in.
fn wrapping_key(private: &[u8; 32], other: &PublicKey, halves: [&PublicKey; 2]) -> Result<LessSafeKey, SealingError> {
    let private = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::DoesNotOpen)?;
    agree(&private, Other::new(&X25519, other), SealingError::DoesNotOpen, |shared| {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"epitrace between authorities")
            .extract(shared)
            .expand(&halves.map(|half| &half[..]), SubkeyLength)
            .and_then(|okm| okm.fill(&mut bytes[..]))
            .map_err(|_| SealingError::DoesNotOpen)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes[..]).map_err(|_| SealingError::DoesNotOpen)?;
        Ok(LessSafeKey::new(key))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::HashMap;
    use std::sync::Arc;

    fn sealer(seeds: &[(u32, u8)]) -> Sealer {
        let keys: HashMap<_, _> = seeds.iter().map(|(number, seed)| (*number, Zeroizing::new([*seed; 32]))).collect();
        let newest = *keys.keys().max().unwrap();
        Sealer { newest, keys: Arc::new(keys), subkeys: Arc::default(), token_keys: Arc::default() }
    }

    #[test]
    fn what_is_sealed_to_an_authority_opens_there_alone_and_with_what_goes_along() {
        let (theirs, ours) = (sealer(&[(1, 7)]), sealer(&[(1, 8)]));
        let sealed = theirs.public_halves().unwrap().seal(b"header", b"guests").unwrap();
        assert_eq!(theirs.open_sealed_to(1, b"header", &sealed).unwrap()[..], *b"guests");
        assert!(matches!(ours.open_sealed_to(1, b"header", &sealed), Err(SealingError::DoesNotOpen)));
        assert!(matches!(theirs.open_sealed_to(1, b"other", &sealed), Err(SealingError::DoesNotOpen)));
        assert!(matches!(theirs.open_sealed_to(2, b"header", &sealed), Err(SealingError::NoKey)));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(theirs.open_sealed_to(1, b"header", &changed).is_err(), "byte {at}");
            assert!(theirs.open_sealed_to(1, b"header", &sealed[..at]).is_err(), "cut at {at}");
        }
        let again = theirs.public_halves().unwrap().seal(b"header", b"guests").unwrap();
        assert_ne!(again, sealed, "never the same twice");
    }

    #[test]
    fn a_signature_holds_for_its_bytes_and_its_key() {
        let (one, other) = (sealer(&[(1, 7)]), sealer(&[(1, 8)]));
        let signature = one.sign(1, b"asked").unwrap();
        assert!(one.public_halves().unwrap().verify(b"asked", &signature));
        assert!(!one.public_halves().unwrap().verify(b"Asked", &signature));
        assert!(!other.public_halves().unwrap().verify(b"asked", &signature));
        for at in 0..signature.len() {
            let mut changed = signature;
            changed[at] ^= 1;
            assert!(!one.public_halves().unwrap().verify(b"asked", &changed), "byte {at}");
        }
    }

    #[test]
    fn pairs_change_with_the_key_and_what_an_old_one_signed_still_verifies() {
        let (before, after) = (sealer(&[(1, 7)]), sealer(&[(1, 7), (2, 9)]));
        let old = before.public_halves().unwrap();
        assert_eq!(after.public_halves_of(1).unwrap(), old);
        let new = after.public_halves().unwrap();
        assert!(new.number == 2 && new.signing != old.signing && new.sealing != old.sealing);
        assert_ne!(old.signing, old.sealing, "each pair for its purpose");
        let sealed = old.seal(b"", b"x").unwrap();
        assert_eq!(after.open_sealed_to(1, b"", &sealed).unwrap()[..], *b"x");
    }
}
