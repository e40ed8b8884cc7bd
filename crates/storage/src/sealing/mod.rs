//! Sealing: personal fields are encrypted with the authority's key, each cell bound to its place.
//!
//! AES-256-GCM with a key for each table, derived from the authority's data key, and a random nonce. The
//! associated data is table, column and row id, so that a sealed cell moved elsewhere doesn't open. The
//! first byte of a cell is its format, then comes the number of its key, so that keys can change.
//!
//! Tokens are the other way round: the same text always has the same one, so that it can be looked up, and none can be
//! opened. They have keys of their own, one for each kind.

mod asked;
mod at_rest;
mod day_keys;
mod elsewhere;
mod folder;
mod held;
mod keyring;
mod keys;
mod pairs;

pub use asked::{Answer, Ask, AskedDay, AskedKey, AskedOpening, DayKind, LastingDay, Mirror, Standing};
pub use at_rest::{append_synced, write_synced};
pub(crate) use at_rest::{ends_a_line, file_error, hex, unhex};
pub use day_keys::{
    DataKey, DayKeys, OccasionOpening, Opening, PUBLIC_KEY, PrintKey, PublicKey, SEALED_KEY, SealedKey, Sender,
};
pub use elsewhere::{Asks, Elsewhere, Later};
pub use folder::{KeyFolder, halves, lasting};
pub use held::{Held, HeldDay, HeldDays, HeldEnd, HeldKey, Secret};
pub use keyring::{KeyInfo, Keyring, Numbering, Opener};
pub use keys::Keys;
pub use pairs::PublicHalves;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use domain::ids::AuthorityId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Returns SHA-256 of a secret with much randomness, hexadecimal: what is stored of links, cookies and keys.
#[must_use]
pub fn fingerprint(secret: &str) -> String {
    fingerprint_of(secret.as_bytes())
}

/// Returns SHA-256 of some bytes, hexadecimal.
#[must_use]
pub fn fingerprint_of(bytes: &[u8]) -> String {
    hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

/// Why something can't be sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The keyring doesn't hold the key of this authority.
    #[error("the keyring has no key for this authority; bring it back from its own backup (--keyring)")]
    NoKey,
    /// The cell was changed, moved, or sealed with another key.
    #[error("a sealed cell does not open")]
    DoesNotOpen,
    /// The generator of random numbers failed.
    #[error("no random numbers can be had")]
    NoRandomness,
    /// The keyring can't be opened with what was given.
    #[error("the secret does not open the keyring")]
    WrongSecret,
    /// The keyring needs an operator's secret and none was given.
    #[error("the keyring is locked; give its secret with --unlock-file or at the prompt")]
    Locked,
    /// The mirror of a keyring holds other keys under the same numbers, or is of another installation.
    #[error("the two sides of the keyring hold keys of different installations")]
    OtherKeyring,
    /// The process that holds the keyring can't be reached, or does nothing just now that its mirror can't know.
    #[error("the keyring is away: {0}")]
    Away(String),
    /// A keyring file isn't one.
    #[error("{0} is not a keyring file")]
    NotAKeyring(String),
    /// What is remembered of the database is no count.
    #[error("what is remembered beside the keyring of the database can't be read")]
    NotAPulse,
    /// The ledger of erasures was damaged.
    #[error("this is not a usable ledger of erasures: line {0}")]
    NotALedger(usize),
    /// A keyring file can't be read or written.
    #[error("cannot {doing} {path}")]
    File {
        /// What was tried.
        doing: &'static str,
        /// Which file.
        path: String,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}

/// A sealed cell as it stands in a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedCell(pub Vec<u8>);

/// Where a cell stands. Opening it elsewhere fails.
#[derive(Clone, Copy, Debug)]
pub struct CellPlace {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// Id of the row.
    pub row: Uuid,
}

const FORMAT: u8 = 1;
const HEADER: usize = 5;

/// The key of each table, by the number of the data key it comes from.
type Subkeys = HashMap<(u32, &'static str), Arc<LessSafeKey>>;

/// The key of each kind of token, by the number of the data key it comes from.
type TokenKeys = HashMap<(u32, &'static str), Arc<hmac::Key>>;

/// Seals and opens the cells of one authority.
#[derive(Clone)]
pub struct Sealer {
    newest: u32,
    keys: Arc<HashMap<u32, Zeroizing<[u8; 32]>>>,
    subkeys: Arc<Mutex<Subkeys>>,
    token_keys: Arc<Mutex<TokenKeys>>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

struct SubkeyLength;

impl KeyType for SubkeyLength {
    fn len(&self) -> usize {
        32
    }
}

impl Sealer {
    /// Returns the sealer of an authority.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the keyring has no key for it.
    pub fn of(keyring: &Keyring, authority_id: AuthorityId) -> Result<Self, SealingError> {
        Self::with(keyring.data_keys(authority_id))
    }

    fn with(keys: HashMap<u32, Zeroizing<[u8; 32]>>) -> Result<Self, SealingError> {
        let newest = *keys.keys().max().ok_or(SealingError::NoKey)?;
        Ok(Self { newest, keys: Arc::new(keys), subkeys: Arc::default(), token_keys: Arc::default() })
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn seal(&self, place: CellPlace, value: &str) -> Result<SealedCell, SealingError> {
        self.seal_bytes(place, value.as_bytes())
    }

    /// Seals bytes for their place: a piece of a file.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn seal_bytes(&self, place: CellPlace, value: &[u8]) -> Result<SealedCell, SealingError> {
        let key = self.subkey(self.newest, place.table)?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
        let mut text = value.to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(associated(place)), &mut text)
            .map_err(|_| SealingError::NoRandomness)?;
        let mut cell = Vec::with_capacity(HEADER + NONCE_LEN + text.len());
        cell.push(FORMAT);
        cell.extend_from_slice(&self.newest.to_be_bytes());
        cell.extend_from_slice(&nonce);
        cell.append(&mut text);
        Ok(SealedCell(cell))
    }

    /// Opens a cell at its place.
    ///
    /// # Errors
    ///
    /// [`SealingError::DoesNotOpen`] if it was changed or moved, [`SealingError::NoKey`] if its key is gone.
    pub fn open(&self, place: CellPlace, cell: &[u8]) -> Result<String, SealingError> {
        String::from_utf8(self.open_bytes(place, cell)?).map_err(|_| SealingError::DoesNotOpen)
    }

    /// Opens bytes at their place.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_bytes(&self, place: CellPlace, cell: &[u8]) -> Result<Vec<u8>, SealingError> {
        let (header, rest) = cell.split_at_checked(HEADER).ok_or(SealingError::DoesNotOpen)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or(SealingError::DoesNotOpen)?;
        let [FORMAT, a, b, c, d] = *header else { return Err(SealingError::DoesNotOpen) };
        let key = self.subkey(u32::from_be_bytes([a, b, c, d]), place.table)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::DoesNotOpen)?;
        let mut text = sealed.to_vec();
        let opened =
            key.open_in_place(nonce, Aad::from(associated(place)), &mut text).map_err(|_| SealingError::DoesNotOpen)?;
        Ok(opened.to_vec())
    }

    fn subkey(&self, number: u32, table: &'static str) -> Result<Arc<LessSafeKey>, SealingError> {
        let mut subkeys = self.subkeys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = subkeys.get(&(number, table)) {
            return Ok(Arc::clone(key));
        }
        let bytes = self.derive(number, b"epitrace sealing", table)?;
        let unbound = UnboundKey::new(&AES_256_GCM, &bytes[..]).map_err(|_| SealingError::NoKey)?;
        let key = Arc::new(LessSafeKey::new(unbound));
        subkeys.insert((number, table), Arc::clone(&key));
        Ok(key)
    }

    /// Returns the token of a text under the newest key: the first 64 bits of HMAC-SHA-256. The same text has other
    /// tokens as another kind, and at another authority.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the key is gone.
    pub fn token(&self, kind: &'static str, text: &str) -> Result<i64, SealingError> {
        self.token_under(self.newest, kind, text)
    }

    /// Returns the tokens of a text under every key that is held: while keys change, some persons have old ones.
    ///
    /// # Errors
    ///
    /// As [`token`](Self::token).
    pub fn tokens(&self, kind: &'static str, text: &str) -> Result<Vec<i64>, SealingError> {
        self.keys.keys().map(|number| self.token_under(*number, kind, text)).collect()
    }

    fn token_under(&self, number: u32, kind: &'static str, text: &str) -> Result<i64, SealingError> {
        let tag = hmac::sign(&*self.token_key(number, kind)?, text.as_bytes());
        let first = tag.as_ref().first_chunk().ok_or(SealingError::NoKey)?;
        Ok(i64::from_be_bytes(*first))
    }

    fn token_key(&self, number: u32, kind: &'static str) -> Result<Arc<hmac::Key>, SealingError> {
        let mut keys = self.token_keys.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(key) = keys.get(&(number, kind)) {
            return Ok(Arc::clone(key));
        }
        let bytes = self.derive(number, b"epitrace tokens", kind)?;
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &bytes[..]));
        keys.insert((number, kind), Arc::clone(&key));
        Ok(key)
    }

    /// Derives a key from a data key, for one purpose and one table or kind.
    fn derive(&self, number: u32, purpose: &[u8], of: &str) -> Result<Zeroizing<[u8; 32]>, SealingError> {
        let data_key = self.keys.get(&number).ok_or(SealingError::NoKey)?;
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, purpose)
            .extract(&data_key[..])
            .expand(&[of.as_bytes()], SubkeyLength)
            .and_then(|okm| okm.fill(&mut bytes[..]))
            .map_err(|_| SealingError::NoKey)?;
        Ok(bytes)
    }
}

fn associated(place: CellPlace) -> Vec<u8> {
    [place.table.as_bytes(), b"\0", place.column.as_bytes(), b"\0", place.row.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sealer() -> Sealer {
        let keys = HashMap::from([(1, Zeroizing::new([7; 32]))]);
        Sealer { newest: 1, keys: Arc::new(keys), subkeys: Arc::default(), token_keys: Arc::default() }
    }

    fn place(column: &'static str, row: u128) -> CellPlace {
        CellPlace { table: "person", column, row: Uuid::from_u128(row) }
    }

    #[test]
    fn a_cell_opens_only_where_it_was_sealed() {
        let sealer = sealer();
        let cell = sealer.seal(place("last_name", 1), "Zyx").unwrap();
        assert_eq!(sealer.open(place("last_name", 1), &cell.0).unwrap(), "Zyx");
        for elsewhere in [place("first_name", 1), place("last_name", 2)] {
            assert!(matches!(sealer.open(elsewhere, &cell.0), Err(SealingError::DoesNotOpen)));
        }
        let table = CellPlace { table: "history", ..place("last_name", 1) };
        assert!(sealer.open(table, &cell.0).is_err());
    }

    #[test]
    fn a_changed_or_cut_cell_does_not_open() {
        let sealer = sealer();
        let cell = sealer.seal(place("city", 1), "Mannheim").unwrap().0;
        for at in 0..cell.len() {
            let mut changed = cell.clone();
            changed[at] ^= 1;
            assert!(sealer.open(place("city", 1), &changed).is_err(), "byte {at}");
            assert!(sealer.open(place("city", 1), &cell[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_text_has_one_token_of_a_kind_and_another_of_another_kind_or_key() {
        let (sealer, text) = (sealer(), "+4962112345");
        assert_eq!(sealer.token("phone", text).unwrap(), sealer.token("phone", text).unwrap());
        assert_ne!(sealer.token("phone", text).unwrap(), sealer.token("email", text).unwrap());
        let keys = HashMap::from([(1, Zeroizing::new([7; 32])), (2, Zeroizing::new([8; 32]))]);
        let changing = Sealer { newest: 2, keys: Arc::new(keys), ..self::sealer() };
        let new = changing.token("phone", text).unwrap();
        assert_ne!(new, sealer.token("phone", text).unwrap());
        let all = changing.tokens("phone", text).unwrap();
        assert!(all.len() == 2 && all.contains(&new) && all.contains(&sealer.token("phone", text).unwrap()));
    }

    #[test]
    fn the_same_value_never_seals_to_the_same_cell() {
        let sealer = sealer();
        assert_ne!(sealer.seal(place("city", 1), "X").unwrap(), sealer.seal(place("city", 1), "X").unwrap());
    }
}
