//! The pulse: how a database is known that was put back to an earlier moment, also where nobody says so.
//!
//! Whoever restores a database by its own means, or promotes a standby that was behind, brings back what was deleted since, and
//! sessions and links that were ended. So the database counts beats, one each few seconds while a server runs, and a file
//! beside the keyring remembers the highest that was committed. A database falls back; the file doesn't, since it isn't restored
//! with it. A count below the remembered one is the mark of such a database, and whoever opens it refuses until the ledger
//! of erasures is replayed.
//!
//! What was erased since the last beat is known without it: with each erasure the database notes how long the ledger was.

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::sealing::{Ask, Elsewhere, SealingError, file_error};
use crate::store::Tx;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Digits of a count in the file: as many as the largest has, so that each is written over the one before.
const DIGITS: usize = 20;

/// Where the highest count is remembered: beside the keyring, wherever that is.
#[derive(Clone, Debug)]
pub enum Remembered {
    /// In a folder of this machine.
    Beside(RememberedFile),
    /// With the process that holds the keyring.
    Elsewhere(Arc<Elsewhere>),
}

impl Remembered {
    /// The one beside a keyring that is a folder.
    #[must_use]
    pub fn beside(keyring_folder: &Path) -> Self {
        Self::Beside(RememberedFile::beside(keyring_folder))
    }

    /// Returns the highest count that was committed; `None` where nothing is remembered.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if it can't be read.
    pub async fn beats(&self) -> Result<Option<u64>> {
        Ok(match self {
            Self::Beside(file) => file.beats()?,
            Self::Elsewhere(asked) => asked.beats().await?,
        })
    }

    /// Remembers a count, synced, unless a higher one is remembered already.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] if it can't be written.
    pub async fn raise(&self, beats: u64) -> Result<()> {
        match self {
            Self::Beside(file) => Ok(file.raise(beats)?),
            Self::Elsewhere(asked) => {
                asked.ask(Ask::RaiseBeats { beats }).await?;
                Ok(())
            }
        }
    }
}

/// The file.
#[derive(Clone, Debug)]
pub struct RememberedFile {
    path: PathBuf,
}

impl RememberedFile {
    /// The one beside a keyring.
    #[must_use]
    pub fn beside(keyring_folder: &Path) -> Self {
        Self { path: keyring_folder.join("database.pulse") }
    }

    /// Returns the highest count that was committed; `None` where nothing is remembered.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if it can't be read, [`SealingError::NotAPulse`] if it holds something else.
    pub fn beats(&self) -> Result<Option<u64>, SealingError> {
        match std::fs::read_to_string(&self.path) {
            Ok(text) => parse(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("read", &self.path)(error)),
        }
    }

    /// Remembers a count, synced, unless a higher one is remembered already.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if it can't be written.
    pub fn raise(&self, beats: u64) -> Result<(), SealingError> {
        let open = || {
            if let Some(folder) = self.path.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let file =
                OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&self.path)?;
            // Several servers may remember at once. The lock ends with the file.
            file.lock()?;
            Ok(file)
        };
        let file = open().map_err(file_error("open", &self.path))?;
        if self.beats()?.is_some_and(|remembered| remembered >= beats) {
            return Ok(());
        }
        let write = || {
            file.write_all_at(format!("{beats:0DIGITS$}\n").as_bytes(), 0)?;
            file.sync_all()?;
            self.path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(file_error("write", &self.path))
    }

    /// Copies it beside another keyring: a database that falls behind what it says now is known there too.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the copy can't be written.
    pub fn copy_beside(&self, keyring_folder: &Path) -> Result<(), SealingError> {
        self.beats()?.map_or(Ok(()), |beats| Self::beside(keyring_folder).raise(beats))
    }
}

/// A file that a stop of the machine left empty remembers nothing.
fn parse(text: &str) -> Result<Option<u64>, SealingError> {
    match text.trim_end() {
        "" => Ok(None),
        digits => digits.parse().map(Some).map_err(|_| SealingError::NotAPulse),
    }
}

#[derive(sqlx::FromRow)]
struct PulseRow {
    beats: i64,
    ledger_bytes: i64,
}

const READ: Statement = Statement::both(
    "-- pulse::read
SELECT beats, ledger_bytes FROM pulse WHERE only_row = 1",
);

/// Holds the row until the commit, so that of two servers each gets a count of its own.
const LOCK: Statement = Statement::each(
    "-- pulse::lock
SELECT beats, ledger_bytes FROM pulse WHERE only_row = 1",
    "-- pulse::lock
SELECT beats, ledger_bytes FROM pulse WHERE only_row = 1 FOR UPDATE",
);

const SET_BEATS: Statement = Statement::both(
    "-- pulse::set_beats
UPDATE pulse SET beats = $1 WHERE only_row = 1",
);

const NOTE_LEDGER: Statement = Statement::both(
    "-- pulse::note_ledger
UPDATE pulse SET ledger_bytes = CASE WHEN ledger_bytes < $1 THEN $1 ELSE ledger_bytes END WHERE only_row = 1",
);

const SET_LEDGER: Statement = Statement::both(
    "-- pulse::set_ledger
UPDATE pulse SET ledger_bytes = $1 WHERE only_row = 1",
);

fn row(found: Option<PulseRow>) -> Result<PulseRow> {
    found.ok_or(StorageError::Unreadable("pulse"))
}

fn whole(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(|_| StorageError::Unreadable("pulse"))
}

fn number(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(|_| StorageError::Unreadable("pulse"))
}

/// A database that never beat may have nothing beside it; one that did has, unless its keyring was changed for another.
fn compare(beats: u64, remembered: Option<u64>) -> Result<()> {
    match remembered {
        Some(remembered) if beats >= remembered => Ok(()),
        None if beats == 0 => Ok(()),
        _ => Err(StorageError::NotReplayed),
    }
}

/// Checks that the database is not older than what is remembered of it.
///
/// # Errors
///
/// [`StorageError::NotReplayed`] if it is.
pub async fn check(tx: &mut Tx, remembered: &Remembered) -> Result<()> {
    let before = remembered.beats().await?;
    let beats = whole(row(optional!(tx, PulseRow, READ)?)?.beats)?;
    compare(beats, known_by_now(before, remembered).await?)
}

/// What is remembered, once the database was read. What is remembered goes on meanwhile, so what it was before counts; but whoever
/// beats for the first time has it remembered before anybody sees the beat.
async fn known_by_now(before: Option<u64>, remembered: &Remembered) -> Result<Option<u64>> {
    if before.is_some() { Ok(before) } else { remembered.beats().await }
}

/// Checks it, and counts one more. Returns the count, to be remembered once it is committed.
///
/// # Errors
///
/// [`StorageError::NotReplayed`] if the database is older than what is remembered of it; then it counts nothing.
pub async fn beat(tx: &mut Tx, remembered: &Remembered) -> Result<u64> {
    // Before the row is held for which others wait.
    let before = remembered.beats().await?;
    let beats = whole(row(optional!(tx, PulseRow, LOCK)?)?.beats)?;
    let known = known_by_now(before, remembered).await?;
    compare(beats, known)?;
    if known.is_none() {
        // Whoever is stopped between the first commit and remembering it must not look like a restore.
        remembered.raise(0).await?;
    }
    run!(tx, SET_BEATS, number(beats + 1)?)?;
    Ok(beats + 1)
}

/// Counts beyond what is remembered: of a database that is new, or in which all is replayed. Returns the count, to be
/// remembered once it is committed.
///
/// # Errors
///
/// [`StorageError`] if file or database can't be read, or the database not be written.
pub async fn catch_up(tx: &mut Tx, remembered: &Remembered) -> Result<u64> {
    let known = remembered.beats().await?;
    let beats = whole(row(optional!(tx, PulseRow, LOCK)?)?.beats)?;
    let beats = beats.max(known.unwrap_or(0)) + 1;
    run!(tx, SET_BEATS, number(beats)?)?;
    Ok(beats)
}

/// Returns the length of the ledger up to which its erasures are done here, in bytes.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn ledger_bytes(tx: &mut Tx) -> Result<u64> {
    whole(row(optional!(tx, PulseRow, READ)?)?.ledger_bytes)
}

/// Notes, in the transaction of an erasure, how long the ledger was with its line. The last statement before the commit,
/// since others wait for it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_ledger(tx: &mut Tx, bytes: u64) -> Result<()> {
    run!(tx, NOTE_LEDGER, number(bytes)?)?;
    Ok(())
}

/// Notes up to where the ledger was replayed, also where it is shorter than it was.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_ledger(tx: &mut Tx, bytes: u64) -> Result<()> {
    run!(tx, SET_LEDGER, number(bytes)?)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_remembered_only_grows_and_goes_along_with_an_export() {
        let outer = tempfile::tempdir().unwrap();
        let remembered = RememberedFile::beside(&outer.path().join("keyring"));
        assert_eq!(remembered.beats().unwrap(), None);
        for (raised, then) in [(9, 9), (10, 10), (3, 10), (u64::MAX, u64::MAX)] {
            remembered.raise(raised).unwrap();
            assert_eq!(remembered.beats().unwrap(), Some(then), "{raised}");
        }
        let exported = outer.path().join("exported");
        remembered.copy_beside(&exported).unwrap();
        assert_eq!(RememberedFile::beside(&exported).beats().unwrap(), Some(u64::MAX));
    }

    #[test]
    fn a_file_that_a_power_cut_left_empty_remembers_nothing_and_any_other_text_is_told() {
        assert_eq!(parse("").unwrap(), None);
        assert_eq!(parse("00000000000000000012\n").unwrap(), Some(12));
        assert!(matches!(parse("twelve\n"), Err(SealingError::NotAPulse)));
    }
}
