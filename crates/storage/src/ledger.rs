//! The ledger of erasures: an append-only file beside the keyring, replayed by every restore.
//!
//! A copy in the database would be as old as the backup. Each line holds time, authority, table and id,
//! nothing else. A line is synced before its row is deleted: if the machine stops in between, the row is
//! deleted again later; never is a row gone that the ledger doesn't know.

use crate::error::{Result, StorageError};
use crate::sealing::{Answer, Ask, Elsewhere, SealingError, ends_a_line, file_error};
use domain::ids::AuthorityId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

const LEDGER_FILE: &str = "erasures.ledger";

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// When.
    pub erased_at: Timestamp,
    /// Whose row it was.
    pub authority_id: AuthorityId,
    /// Table.
    pub table: String,
    /// Id of the row.
    pub id: Uuid,
}

/// Where erasures are written down: beside the keyring, wherever that is.
#[derive(Clone, Debug)]
pub enum Ledger {
    /// In a folder of this machine.
    Beside(LedgerFile),
    /// With the process that holds the keyring.
    Elsewhere(Arc<Elsewhere>),
}

impl Ledger {
    /// The ledger beside a keyring that is a folder.
    #[must_use]
    pub fn beside(keyring_folder: &Path) -> Self {
        Self::Beside(LedgerFile::beside(keyring_folder))
    }

    /// Appends erasures and syncs them. Returns how long the ledger is with them, in bytes; `None` where there were none.
    /// Whoever deletes then notes that in the same transaction: [`note_ledger`](crate::pulse::note_ledger).
    ///
    /// # Errors
    ///
    /// [`StorageError`] if they can't be written; then nothing may be deleted.
    pub async fn append(&self, erasures: &[Erasure]) -> Result<Option<u64>> {
        match self {
            Self::Beside(file) => Ok(file.append(erasures)?),
            Self::Elsewhere(_) if erasures.is_empty() => Ok(None),
            Self::Elsewhere(asked) => {
                let ask = Ask::NoteErasures { erasures: erasures.to_vec() };
                Ok(Some(asked.ledger_bytes(ask).await?))
            }
        }
    }

    /// Returns how long it is, in bytes; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if it can't be asked.
    pub async fn bytes(&self) -> Result<u64> {
        match self {
            Self::Beside(file) => Ok(file.bytes()?),
            Self::Elsewhere(asked) => Ok(asked.ledger_bytes(Ask::LedgerBytes).await?),
        }
    }

    /// Lists what stands behind so many bytes, which end a line. With a process it is all: what both sides wrote down has no
    /// one order.
    ///
    /// # Errors
    ///
    /// As [`list`](Ledger::list).
    pub async fn list_from(&self, bytes: u64) -> Result<Vec<Erasure>> {
        match self {
            Self::Beside(file) => Ok(file.list_from(bytes)?),
            Self::Elsewhere(_) => self.list().await,
        }
    }

    /// Lists all erasures, oldest first.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if they can't be read.
    pub async fn list(&self) -> Result<Vec<Erasure>> {
        match self {
            Self::Beside(file) => Ok(file.list()?),
            Self::Elsewhere(asked) => match asked.ask(Ask::Erasures).await? {
                Answer::Erasures(all) => Ok(all),
                _ => Err(StorageError::Unreadable("answer of the keyring")),
            },
        }
    }
}

/// The file.
#[derive(Clone, Debug)]
pub struct LedgerFile {
    path: PathBuf,
}

impl LedgerFile {
    /// The ledger beside a keyring.
    #[must_use]
    pub fn beside(keyring_folder: &Path) -> Self {
        Self { path: keyring_folder.join(LEDGER_FILE) }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The copies, in a folder, of ledgers of other sides of the same keyring: `erasures-….ledger`.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the folder can't be read.
    pub fn copies_in(folder: &Path) -> Result<Vec<Self>, SealingError> {
        let entries = std::fs::read_dir(folder).map_err(file_error("read", folder))?;
        let is_copy = |path: &PathBuf| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            name.starts_with("erasures-") && name.ends_with(".ledger")
        };
        let paths = entries.flatten().map(|entry| entry.path()).filter(is_copy);
        Ok(paths.map(|path| Self { path }).collect())
    }

    /// Appends erasures and syncs them. Returns how long it is with them, in bytes; `None` where there were none.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if they can't be written; then nothing may be deleted.
    pub fn append(&self, erasures: &[Erasure]) -> Result<Option<u64>, SealingError> {
        if erasures.is_empty() {
            return Ok(None);
        }
        let line = |e: &Erasure| {
            format!("1 {} {} {} {}\n", e.erased_at.as_microsecond(), e.authority_id.0, e.table, e.id.simple())
        };
        let text: String = erasures.iter().map(line).collect();
        let write = || {
            if let Some(folder) = self.path.parent() {
                std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
            if !ends_a_line(&mut File::open(&self.path)?)? {
                file.write_all(b"\n")?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?;
            // Where what was appended ends, wherever others append meanwhile.
            file.stream_position().map(Some)
        };
        write().map_err(file_error("append to", &self.path))
    }

    /// Returns how long it is, in bytes; 0 if there is none.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if it can't be asked.
    pub fn bytes(&self) -> Result<u64, SealingError> {
        match std::fs::metadata(&self.path) {
            Ok(metadata) => Ok(metadata.len()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(file_error("read", &self.path)(error)),
        }
    }

    /// Copies it beside another keyring, so that a restore with that one deletes again what was deleted so far.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the copy can't be written.
    pub fn copy_beside(&self, keyring_folder: &Path) -> Result<(), SealingError> {
        if !self.path.exists() {
            return Ok(());
        }
        let copy = Self::beside(keyring_folder);
        let write = || {
            std::fs::copy(&self.path, &copy.path)?;
            File::open(&copy.path)?.sync_all()
        };
        write().map_err(file_error("write", &copy.path))
    }

    /// Lists all erasures, oldest first; none if there is no file. A line that a stop of the machine cut short is
    /// passed over: it was not synced, so its row was not deleted, and the next run has written it anew.
    ///
    /// # Errors
    ///
    /// [`SealingError::NotALedger`] if a line is not one that can have been cut short.
    pub fn list(&self) -> Result<Vec<Erasure>, SealingError> {
        self.list_from(0)
    }

    /// Lists what stands behind so many bytes, which end a line.
    ///
    /// # Errors
    ///
    /// As [`list`](LedgerFile::list).
    pub fn list_from(&self, bytes: u64) -> Result<Vec<Erasure>, SealingError> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file_error("read", &self.path)(error)),
        };
        file.seek(SeekFrom::Start(bytes)).map_err(file_error("read", &self.path))?;
        let lines: Vec<String> =
            BufReader::new(file).lines().collect::<std::io::Result<_>>().map_err(file_error("read", &self.path))?;
        let mut erasures = Vec::with_capacity(lines.len());
        for (i, line) in lines.iter().enumerate() {
            match read_line(line) {
                Some(erasure) => erasures.push(erasure),
                None if is_cut_short(line) => {}
                None => return Err(SealingError::NotALedger(i + 1)),
            }
        }
        Ok(erasures)
    }
}

/// The beginning of a line, which ends before the id is whole.
fn is_cut_short(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let is_beginning = "1".starts_with(words[0]) || words[0] == "1";
    is_beginning && (words.len() < 5 || (words.len() == 5 && words[4].len() < 32))
}

fn read_line(line: &str) -> Option<Erasure> {
    let mut words = line.split(' ');
    (words.next()? == "1").then_some(())?;
    Some(Erasure {
        erased_at: Timestamp::from_microsecond(words.next()?.parse().ok()?).ok()?,
        authority_id: AuthorityId(words.next()?.parse().ok()?),
        table: words.next()?.to_owned(),
        id: Uuid::try_parse(words.next().filter(|id| id.len() == 32)?).ok()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_appended_is_listed_and_a_torn_last_line_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = LedgerFile::beside(folder.path());
        assert_eq!(ledger.list().unwrap(), []);
        let erasure = |id| Erasure {
            erased_at: Timestamp::UNIX_EPOCH,
            authority_id: AuthorityId(3),
            table: "person".to_owned(),
            id: Uuid::from_u128(id),
        };
        ledger.append(&[erasure(1)]).unwrap();
        ledger.append(&[erasure(2)]).unwrap();
        assert_eq!(ledger.list().unwrap(), [erasure(1), erasure(2)]);
        let mut file = OpenOptions::new().append(true).open(&ledger.path).unwrap();
        file.write_all(b"1 12 3 per").unwrap();
        assert_eq!(ledger.list().unwrap().len(), 2);
        ledger.append(&[erasure(3)]).unwrap();
        assert_eq!(ledger.list().unwrap(), [erasure(1), erasure(2), erasure(3)], "it swallows nothing that follows");
        file.write_all(b"9 nonsense\n").unwrap();
        assert!(ledger.list().is_err());
    }
}
