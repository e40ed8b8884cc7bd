//! Carrying what one side wrote down to the other: openings and erasures.
//!
//! Each side appends to its own files and keeps a copy of the other's, named by the other's folder and byte for byte the same. So
//! what is still to be carried is whatever lies behind the length of the copy, and nothing is ever merged.

use crate::wire::{Carry, Copied, Log};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use storage::sealing::{KeyFolder, SealingError, append_synced, fingerprint_of};

/// Bytes that are carried at once.
const AT_ONCE: u64 = 1 << 20;

/// All logs there are.
pub(crate) const ALL: [Log; 2] = [Log::Openings, Log::Erasures];

/// Where a log of this side lies.
fn own(folder: &KeyFolder, log: Log) -> PathBuf {
    match log {
        Log::Openings => folder.openings(),
        Log::Erasures => folder.ledger().path().to_owned(),
    }
}

/// Where the copy of another folder's log lies. A folder's id comes from the wire and becomes part of a name.
fn copy(folder: &KeyFolder, of: &str, log: Log) -> Result<PathBuf, SealingError> {
    if of.len() != 32 || !of.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(SealingError::OtherKeyring);
    }
    Ok(folder.path().join(match log {
        Log::Openings => format!("openings-{of}.log"),
        Log::Erasures => format!("erasures-{of}.ledger"),
    }))
}

/// What is here of the logs of another folder.
pub(crate) fn copied(folder: &KeyFolder, of: &str) -> Result<Vec<Copied>, SealingError> {
    let of_log = |log| {
        let bytes = read(&copy(folder, of, log)?, 0, u64::MAX)?;
        Ok(Copied { log, length: bytes.len() as u64, digest: fingerprint_of(&bytes) })
    };
    ALL.into_iter().map(of_log).collect()
}

/// Says whether a copy is the beginning of this side's log. If not, this folder is an old state of the one that was copied.
pub(crate) fn is_beginning(folder: &KeyFolder, copied: &Copied) -> Result<bool, SealingError> {
    let bytes = read(&own(folder, copied.log), 0, copied.length)?;
    Ok(bytes.len() as u64 == copied.length && fingerprint_of(&bytes) == copied.digest)
}

/// Returns what lies in this side's log from a byte on, whole lines, some of it if it is much; nothing at the end.
pub(crate) fn outstanding(folder: &KeyFolder, log: Log, from: u64) -> Result<String, SealingError> {
    let mut bytes = read(&own(folder, log), from, AT_ONCE)?;
    // A line that is being written now is carried by whoever writes it.
    bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    String::from_utf8(bytes).map_err(|_| SealingError::NotAKeyring(own(folder, log).display().to_string()))
}

/// Keeps part of another folder's log; what is there already is passed over.
pub(crate) fn keep(folder: &KeyFolder, carry: &Carry) -> Result<(), SealingError> {
    let path = copy(folder, &carry.folder, carry.log)?;
    let length = length(&path)?;
    let known = length.checked_sub(carry.from).and_then(|known| usize::try_from(known).ok());
    let new = known.and_then(|known| carry.text.as_bytes().get(known.min(carry.text.len())..));
    match new {
        None => Err(SealingError::Away("there is a gap in what it wrote down".to_owned())),
        Some([]) => Ok(()),
        Some(new) => append_synced(&path, new),
    }
}

fn length(path: &Path) -> Result<u64, SealingError> {
    match std::fs::metadata(path) {
        Ok(file) => Ok(file.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
        Err(source) => Err(SealingError::File { doing: "read", path: path.display().to_string(), source }),
    }
}

fn read(path: &Path, from: u64, most: u64) -> Result<Vec<u8>, SealingError> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read.map_err(|source| SealingError::File { doing: "read", path: path.display().to_string(), source }),
    }
}
