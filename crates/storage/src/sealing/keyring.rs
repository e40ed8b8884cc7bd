//! The keyring: a folder of its own that holds the data keys, never in a database, log or backup.
//!
//! `keyring.json` holds each data key, wrapped by a root key. In `auto` mode the root key lies in a file
//! (`root.key`, or a credential of the system): that protects disks, dumps and backups. In `unlock` mode
//! it is derived from an operator's secret with Argon2id and is nowhere on disk. Every change writes a
//! new file, syncs it, and renames it into place.

use super::SealingError;
use super::at_rest::{
    Stamp, file_error, hex, lock_file, random_key, root_from, stamp_of, unhex, unwrap, wrap, write_synced,
};
use domain::ids::AuthorityId;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const KEYS_FILE: &str = "keyring.json";
const LOCK_FILE: &str = "keyring.lock";
const ROOT_FILE: &str = "root.key";
const CANARY: &[u8] = b"epitrace keyring";

/// What opens a keyring.
pub enum Opener {
    /// The root key file beside the keys.
    Auto,
    /// A root key from elsewhere, such as a credential of the system: 32 bytes.
    RootKey(Zeroizing<Vec<u8>>),
    /// An operator's secret.
    Secret(Zeroizing<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeysFile {
    format: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<SecretParameters>,
    canary: String,
    keys: Vec<WrappedKey>,
}

/// How the root key is derived from a secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretParameters {
    salt: String,
    memory_kib: u32,
    passes: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrappedKey {
    authority_id: i32,
    key: u32,
    created_at: jiff::Timestamp,
    wrapped: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    only_here: bool,
}

/// What may be shown of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// Whose it is.
    pub authority_id: AuthorityId,
    /// Its number; sealed cells name it.
    pub key: u32,
    /// When it was made.
    pub created_at: jiff::Timestamp,
}

/// A data key as it is held.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct DataKey {
    pub(super) info: KeyInfo,
    pub(super) bytes: Zeroizing<[u8; 32]>,
    /// Whether, as far as is known, the mirror lacks it.
    pub(super) only_here: bool,
}

/// Which numbers first keys get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbering {
    /// One, three, and so on.
    Odd,
    /// Two, four, and so on: a mirror that goes on alone never gives a number that the other gave.
    Even,
}

/// An opened keyring.
pub struct Keyring {
    folder: PathBuf,
    root: Zeroizing<[u8; 32]>,
    secret: Option<SecretParameters>,
    keys: Vec<DataKey>,
    stamp: Option<Stamp>,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys)", self.keys.len())
    }
}

impl Keyring {
    /// Says whether a folder holds a keyring.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        folder.join(KEYS_FILE).exists()
    }

    /// Says whether the keyring of a folder wants an operator's secret.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if there is none, or it can't be read.
    pub fn wants_secret(folder: &Path) -> Result<bool, SealingError> {
        Ok(read_keys_file(folder)?.secret.is_some())
    }

    /// Makes an empty keyring in a folder that has none.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the folder can't be written.
    pub fn create(folder: &Path, opener: Opener) -> Result<Self, SealingError> {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .and_then(|()| std::fs::set_permissions(folder, Permissions::from_mode(0o700)))
            .map_err(file_error("make the folder", folder))?;
        let (root, secret) = match opener {
            Opener::Auto => {
                let root = random_key()?;
                write_synced(&folder.join(ROOT_FILE), &root[..])?;
                (root, None)
            }
            Opener::RootKey(bytes) => (root_from(&bytes)?, None),
            Opener::Secret(secret) => {
                let parameters = SecretParameters { salt: hex(&random_key()?[..16]), memory_kib: 65_536, passes: 3 };
                (derive(&secret, &parameters)?, Some(parameters))
            }
        };
        let mut keyring = Self { folder: folder.to_owned(), root, secret, keys: Vec::new(), stamp: None };
        keyring.write()?;
        Ok(keyring)
    }

    /// Opens the keyring of a folder.
    ///
    /// # Errors
    ///
    /// [`SealingError::Locked`] if it wants a secret and none is given, [`SealingError::WrongSecret`] if
    /// what is given doesn't open it.
    pub fn open(folder: &Path, opener: Opener) -> Result<Self, SealingError> {
        // Before it is read: what changes meanwhile is seen as a change.
        let stamp = stamp_of(&folder.join(KEYS_FILE))?;
        let file = read_keys_file(folder)?;
        let root = match (opener, &file.secret) {
            (Opener::Secret(secret), Some(parameters)) => derive(&secret, parameters)?,
            (_, Some(_)) => return Err(SealingError::Locked),
            (Opener::RootKey(bytes), None) => root_from(&bytes)?,
            (_, None) => {
                let path = folder.join(ROOT_FILE);
                root_from(&std::fs::read(&path).map_err(file_error("read", &path))?)?
            }
        };
        let keys = open_keys(&root, &file)?;
        Ok(Self { folder: folder.to_owned(), root, secret: file.secret, keys, stamp })
    }

    /// Returns the folder it lies in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Lists the keys, without their bytes.
    pub fn list(&self) -> impl Iterator<Item = &KeyInfo> {
        self.keys.iter().map(|key| &key.info)
    }

    /// Makes the first key of a new authority. Never call it for one that has sealed cells.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the keyring can't be written; then it has no new key.
    pub fn add_authority(&mut self, authority_id: AuthorityId, now: jiff::Timestamp) -> Result<(), SealingError> {
        let _lock = self.lock()?;
        self.reread()?;
        if self.list().any(|info| info.authority_id == authority_id) {
            return Ok(());
        }
        self.add(KeyInfo { authority_id, key: 1, created_at: now }, false)
    }

    /// The same with a number of one kind, of which it isn't known yet whether the mirror has it.
    pub(super) fn add_authority_here(
        &mut self,
        authority_id: AuthorityId,
        numbering: Numbering,
        now: jiff::Timestamp,
    ) -> Result<(), SealingError> {
        let _lock = self.lock()?;
        self.reread()?;
        if self.list().any(|info| info.authority_id == authority_id) {
            return Ok(());
        }
        let key = if numbering == Numbering::Odd { 1 } else { 2 };
        self.add(KeyInfo { authority_id, key, created_at: now }, true)
    }

    fn add(&mut self, info: KeyInfo, only_here: bool) -> Result<(), SealingError> {
        self.keys.push(DataKey { info, bytes: random_key()?, only_here });
        let written = self.write();
        if written.is_err() {
            self.keys.pop();
        }
        written
    }

    /// Reads what another process of this folder added meanwhile.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if it can't be read, or isn't the one that was opened.
    pub(super) fn reread(&mut self) -> Result<(), SealingError> {
        let stamp = stamp_of(&self.folder.join(KEYS_FILE))?;
        if stamp == self.stamp {
            return Ok(());
        }
        self.keys = open_keys(&self.root, &read_keys_file(&self.folder)?)?;
        self.stamp = stamp;
        Ok(())
    }

    /// Takes what the mirror holds: keys that lack here come, those that are here are on both then.
    ///
    /// # Errors
    ///
    /// [`SealingError::OtherKeyring`] if a key of the same number differs: then nothing is taken.
    pub(super) fn take(&mut self, theirs: &[DataKey]) -> Result<(), SealingError> {
        let _lock = self.lock()?;
        self.reread()?;
        let mut all = self.keys.clone();
        for key in theirs {
            let same =
                |own: &&mut DataKey| own.info.authority_id == key.info.authority_id && own.info.key == key.info.key;
            match all.iter_mut().find(same) {
                Some(own) if own.bytes != key.bytes => return Err(SealingError::OtherKeyring),
                Some(own) => own.only_here = false,
                None => all.push(DataKey { only_here: false, ..key.clone() }),
            }
        }
        all.sort_by_key(|key| (key.info.authority_id, key.info.key));
        if all == self.keys {
            return Ok(());
        }
        let before = std::mem::replace(&mut self.keys, all);
        let written = self.write();
        if written.is_err() {
            self.keys = before;
        }
        written
    }

    pub(super) fn keys(&self) -> &[DataKey] {
        &self.keys
    }

    fn lock(&self) -> Result<File, SealingError> {
        lock_file(&self.folder.join(LOCK_FILE))
    }

    /// Writes a copy that an operator's secret opens: the keyring's own backup. The folder can be used as
    /// a keyring as it is.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the folder can't be written or already holds a keyring.
    pub fn export(&self, folder: &Path, secret: Zeroizing<String>) -> Result<(), SealingError> {
        Self::export_keys(&self.keys, folder, secret)
    }

    pub(super) fn export_keys(keys: &[DataKey], folder: &Path, secret: Zeroizing<String>) -> Result<(), SealingError> {
        if Self::exists(folder) {
            let taken = std::io::Error::from(std::io::ErrorKind::AlreadyExists);
            return Err(file_error("write", &folder.join(KEYS_FILE))(taken));
        }
        let mut copy = Self::create(folder, Opener::Secret(secret))?;
        copy.keys = keys.iter().map(|key| DataKey { only_here: false, ..key.clone() }).collect();
        copy.write()
    }

    pub(super) fn root(&self) -> Zeroizing<[u8; 32]> {
        self.root.clone()
    }

    pub(super) fn data_keys(&self, authority_id: AuthorityId) -> HashMap<u32, Zeroizing<[u8; 32]>> {
        keys_of(&self.keys, authority_id)
    }

    fn write(&mut self) -> Result<(), SealingError> {
        let wrap_key = |key: &DataKey| {
            let place = key_place(key.info.authority_id.0, key.info.key);
            Ok(WrappedKey {
                authority_id: key.info.authority_id.0,
                key: key.info.key,
                created_at: key.info.created_at,
                wrapped: wrap(&self.root, &place, &key.bytes[..])?,
                only_here: key.only_here,
            })
        };
        let file = KeysFile {
            format: 1,
            secret: self.secret.clone(),
            canary: wrap(&self.root, "canary", CANARY)?,
            keys: self.keys.iter().map(wrap_key).collect::<Result<_, SealingError>>()?,
        };
        let path = self.folder.join(KEYS_FILE);
        let text =
            serde_json::to_vec_pretty(&file).map_err(|_| SealingError::NotAKeyring(path.display().to_string()))?;
        write_synced(&path, &text)?;
        self.stamp = stamp_of(&path)?;
        Ok(())
    }
}

pub(super) fn keys_of(keys: &[DataKey], authority_id: AuthorityId) -> HashMap<u32, Zeroizing<[u8; 32]>> {
    let own = keys.iter().filter(|key| key.info.authority_id == authority_id);
    own.map(|key| (key.info.key, key.bytes.clone())).collect()
}

fn open_keys(root: &[u8; 32], file: &KeysFile) -> Result<Vec<DataKey>, SealingError> {
    let canary = unwrap(root, "canary", &file.canary).map_err(|_| SealingError::WrongSecret)?;
    if canary[..] != *CANARY {
        return Err(SealingError::WrongSecret);
    }
    let open_key = |wrapped: &WrappedKey| {
        let place = key_place(wrapped.authority_id, wrapped.key);
        let bytes = root_from(&unwrap(root, &place, &wrapped.wrapped)?).map_err(|_| SealingError::DoesNotOpen)?;
        let authority_id = AuthorityId(wrapped.authority_id);
        let info = KeyInfo { authority_id, key: wrapped.key, created_at: wrapped.created_at };
        Ok(DataKey { info, bytes, only_here: wrapped.only_here })
    };
    file.keys.iter().map(open_key).collect()
}

fn key_place(authority_id: i32, key: u32) -> String {
    format!("key {authority_id}/{key}")
}

fn read_keys_file(folder: &Path) -> Result<KeysFile, SealingError> {
    let path = folder.join(KEYS_FILE);
    let bytes = std::fs::read(&path).map_err(file_error("read", &path))?;
    let file: KeysFile =
        serde_json::from_slice(&bytes).map_err(|_| SealingError::NotAKeyring(path.display().to_string()))?;
    if file.format == 1 { Ok(file) } else { Err(SealingError::NotAKeyring(path.display().to_string())) }
}

fn derive(secret: &str, parameters: &SecretParameters) -> Result<Zeroizing<[u8; 32]>, SealingError> {
    let salt = unhex(&parameters.salt).ok_or(SealingError::WrongSecret)?;
    let cost = argon2::Params::new(parameters.memory_kib, parameters.passes, 1, Some(32))
        .map_err(|_| SealingError::WrongSecret)?;
    let mut root = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cost)
        .hash_password_into(secret.as_bytes(), &salt, &mut root[..])
        .map_err(|_| SealingError::WrongSecret)?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sealing::{CellPlace, Sealer};

    const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

    fn place() -> CellPlace {
        CellPlace { table: "person", column: "city", row: uuid::Uuid::nil() }
    }

    #[test]
    fn an_exported_keyring_opens_with_its_secret_alone() {
        let folder = tempfile::tempdir().unwrap();
        let (own, copy) = (folder.path().join("keyring"), folder.path().join("export"));
        let mut keyring = Keyring::create(&own, Opener::Auto).unwrap();
        keyring.add_authority(AuthorityId(7), NOW).unwrap();
        let cell = Sealer::of(&keyring, AuthorityId(7)).unwrap().seal(place(), "Mannheim").unwrap();
        keyring.export(&copy, Zeroizing::new("correct horse".to_owned())).unwrap();

        assert!(matches!(Keyring::open(&copy, Opener::Auto), Err(SealingError::Locked)));
        let wrong = Opener::Secret(Zeroizing::new("wrong".to_owned()));
        assert!(matches!(Keyring::open(&copy, wrong), Err(SealingError::WrongSecret)));
        let right = Opener::Secret(Zeroizing::new("correct horse".to_owned()));
        let opened = Keyring::open(&copy, right).unwrap();
        let text = Sealer::of(&opened, AuthorityId(7)).unwrap().open(place(), &cell.0).unwrap();
        assert_eq!(text, "Mannheim");
    }

    #[test]
    fn only_the_owner_may_read_the_folder_and_no_key_lies_in_clear() {
        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("keyring");
        let mut keyring = Keyring::create(&own, Opener::Auto).unwrap();
        keyring.add_authority(AuthorityId(1), NOW).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&own), mode(&own.join(KEYS_FILE)), mode(&own.join(ROOT_FILE))), (0o700, 0o600, 0o600));
        let data_key = keyring.keys[0].bytes.clone();
        assert!(!std::fs::read_to_string(own.join(KEYS_FILE)).unwrap().contains(&hex(&data_key[..])));
    }

    #[test]
    fn another_root_key_does_not_open_it() {
        let folder = tempfile::tempdir().unwrap();
        Keyring::create(folder.path(), Opener::Auto).unwrap();
        let other = Opener::RootKey(Zeroizing::new(vec![1; 32]));
        assert!(matches!(Keyring::open(folder.path(), other), Err(SealingError::WrongSecret)));
    }
}
