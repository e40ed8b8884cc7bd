//! The ledger of erasures: an append-only file beside the keyring, replayed by every restore.
//!
//! A copy in the database would be as old as the backup. Each line holds time, authority, table and id,
//! nothing else. A line is synced before its row is deleted: if the machine stops in between, the row is
//! deleted again later; never is a row gone that the ledger doesn't know.

use crate::error::{Result, StorageError};
use domain::ids::AuthorityId;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// The file.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
}

impl Ledger {
    /// The ledger beside a keyring.
    #[must_use]
    pub fn beside(keyring_folder: &Path) -> Self {
        Self { path: keyring_folder.join("erasures.ledger") }
    }

    /// Appends erasures and syncs them.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if they can't be written; then nothing may be deleted.
    pub fn append(&self, erasures: &[Erasure]) -> Result<()> {
        if erasures.is_empty() {
            return Ok(());
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
            if !self.ends_a_line()? {
                file.write_all(b"\n")?;
            }
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(StorageError::file("append to", &self.path))
    }

    /// Copies it beside another keyring, so that a restore with that one deletes again what was deleted so far.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the copy can't be written.
    pub fn copy_beside(&self, keyring_folder: &Path) -> Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        let copy = Self::beside(keyring_folder);
        let write = || {
            std::fs::copy(&self.path, &copy.path)?;
            File::open(&copy.path)?.sync_all()
        };
        write().map_err(StorageError::file("write", &copy.path))
    }

    /// Says whether the last line is whole. One that a stop of the machine cut short is ended before the next
    /// begins, so that it swallows nothing.
    fn ends_a_line(&self) -> std::io::Result<bool> {
        let mut file = File::open(&self.path)?;
        if file.metadata()?.len() == 0 {
            return Ok(true);
        }
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        Ok(last == *b"\n")
    }

    /// Lists all erasures, oldest first; none if there is no file. A line that a stop of the machine cut short is
    /// passed over: it was not synced, so its row was not deleted, and the next run has written it anew.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotABackup`] if a line is not one that can have been cut short.
    pub fn list(&self) -> Result<Vec<Erasure>> {
        let file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(StorageError::file("read", &self.path)(error)),
        };
        let lines: Vec<String> = BufReader::new(file)
            .lines()
            .collect::<std::io::Result<_>>()
            .map_err(StorageError::file("read", &self.path))?;
        let mut erasures = Vec::with_capacity(lines.len());
        for (i, line) in lines.iter().enumerate() {
            match read_line(line) {
                Some(erasure) => erasures.push(erasure),
                None if is_cut_short(line) => {}
                None => return Err(StorageError::NotABackup(format!("line {} of the ledger of erasures", i + 1))),
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
        let ledger = Ledger::beside(folder.path());
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
