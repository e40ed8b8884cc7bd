//! How keys lie on a disk: wrapped under another key, in files that are changed whole, synced, and seen to have changed.

use super::SealingError;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use zeroize::Zeroizing;

pub(super) fn root_from(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, SealingError> {
    <[u8; 32]>::try_from(bytes).map(Zeroizing::new).map_err(|_| SealingError::WrongSecret)
}

pub(super) fn wrap(root: &[u8; 32], place: &str, value: &[u8]) -> Result<String, SealingError> {
    let key = UnboundKey::new(&AES_256_GCM, root).map(LessSafeKey::new).map_err(|_| SealingError::NoRandomness)?;
    let mut nonce = [0; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
    let mut text = value.to_vec();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place.as_bytes()), &mut text)
        .map_err(|_| SealingError::NoRandomness)?;
    Ok(hex(&nonce) + &hex(&text))
}

pub(super) fn unwrap(root: &[u8; 32], place: &str, wrapped: &str) -> Result<Zeroizing<Vec<u8>>, SealingError> {
    let bytes = unhex(wrapped).ok_or(SealingError::DoesNotOpen)?;
    let (nonce, sealed) = bytes.split_at_checked(NONCE_LEN).ok_or(SealingError::DoesNotOpen)?;
    let key = UnboundKey::new(&AES_256_GCM, root).map(LessSafeKey::new).map_err(|_| SealingError::DoesNotOpen)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::DoesNotOpen)?;
    let mut text = Zeroizing::new(sealed.to_vec());
    let length =
        key.open_in_place(nonce, Aad::from(place.as_bytes()), &mut text).map_err(|_| SealingError::DoesNotOpen)?.len();
    text.truncate(length);
    Ok(text)
}

pub(super) fn random_key() -> Result<Zeroizing<[u8; 32]>, SealingError> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(&mut key[..]).map_err(|_| SealingError::NoRandomness)?;
    Ok(key)
}

/// Which file lies at a place: another one after each change, since changes rename a new one into place.
pub(super) type Stamp = (u64, i64, i64);

pub(super) fn stamp_of(path: &Path) -> Result<Option<Stamp>, SealingError> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(Some((file.ino(), file.mtime(), file.mtime_nsec()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error("read", path)(error)),
    }
}

/// Takes the lock of a file, which is given back when it is dropped.
pub(super) fn lock_file(path: &Path) -> Result<File, SealingError> {
    let open = || {
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(file_error("lock", path))
}

/// Writes a file anew: another one, synced and renamed into place, which only its owner may read.
///
/// # Errors
///
/// [`SealingError::File`] if it can't be written; then the one before is still there.
pub fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), SealingError> {
    let new = path.with_extension("new");
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&new, path)?;
        path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
    };
    write().map_err(file_error("write", path))
}

/// Appends lines to a file and syncs them. A line that a stop of the machine cut short is ended before the next begins.
///
/// # Errors
///
/// [`SealingError::File`] if it can't be written.
pub(super) fn append_lines(path: &Path, lines: &str) -> Result<(), SealingError> {
    let is_cut_short = || match File::open(path) {
        Ok(mut file) => ends_a_line(&mut file).map(|ends| !ends),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    };
    if is_cut_short().map_err(file_error("read", path))? {
        return append_synced(path, format!("\n{lines}").as_bytes());
    }
    append_synced(path, lines.as_bytes())
}

/// Appends bytes to a file, which only its owner may read, and syncs it.
///
/// # Errors
///
/// [`SealingError::File`] if it can't be written.
pub fn append_synced(path: &Path, bytes: &[u8]) -> Result<(), SealingError> {
    let append = || {
        let is_new = !path.exists();
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        if is_new && let Some(folder) = path.parent() {
            File::open(folder)?.sync_all()?;
        }
        Ok(())
    };
    append().map_err(file_error("append to", path))
}

/// Says whether the last line is whole. One that a stop of the machine cut short is ended before the next begins, so that it
/// swallows nothing.
pub(crate) fn ends_a_line(file: &mut File) -> std::io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(true);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last == *b"\n")
}

pub(crate) fn file_error(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> SealingError {
    let path = path.display().to_string();
    move |source| SealingError::File { doing, path, source }
}

/// Returns bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect()
}
