//! The data folder: who uses it, and whether alone.
//!
//! The command line may run beside the server on one folder, so both hold a shared lock. Restore,
//! migration and a change of keys need it alone. The lock is the operating system's: it ends with the
//! process, however that ends.

use crate::error::{Result, StorageError};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// How a folder is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Beside others.
    Shared,
    /// Alone.
    Alone,
}

/// A data folder in use. Dropping it gives it back.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

/// A turn at opening what lies in a folder. Dropping it lets the next one.
#[derive(Debug)]
pub struct Turn {
    _lock: File,
}

impl DataFolder {
    /// Takes a folder into use; makes it where there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError::InUse`] if others use it in a way that doesn't allow this.
    pub fn take(path: &Path, how: Use) -> Result<Self> {
        if !path.exists() {
            // Only its owner: sealed or not, it is nobody else's.
            let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
            made.map_err(StorageError::file("make the folder", path))?;
        }
        let file = path.join("epitrace.lock");
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&file)
            .map_err(StorageError::file("open", &file))?;
        let taken = match how {
            Use::Shared => lock.try_lock_shared(),
            Use::Alone => lock.try_lock(),
        };
        taken.map_err(|_| StorageError::InUse)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// Waits until nobody else opens what lies here, and is the only one that does until the turn is dropped: of two processes that
    /// find a fresh folder, or one of an older release, the second finds what the first made.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the folder can't be written.
    pub fn turn(&self) -> Result<Turn> {
        let path = self.path.join("epitrace.opening");
        let wait = || {
            let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(Turn { _lock: file })
        };
        wait().map_err(StorageError::file("lock", &path))
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how many bytes are free on its disk.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the disk doesn't say.
    pub fn free_bytes(&self) -> Result<u64> {
        let disk = rustix::fs::statvfs(&self.path)
            .map_err(|error| StorageError::file("ask the disk of", &self.path)(error.into()))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Where a restore notes that it has begun and not ended.
    fn mark(&self) -> PathBuf {
        self.path.join("restore.unfinished")
    }

    /// Notes that a restore has begun: until it has ended nobody may read what it brings back, since it may hold
    /// what was deleted since.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the note can't be written.
    pub fn begin_restore(&self) -> Result<()> {
        let mark = self.mark();
        let write = || {
            File::create(&mark)?.sync_all()?;
            File::open(&self.path)?.sync_all()
        };
        write().map_err(StorageError::file("write", &mark))
    }

    /// Notes that a restore has ended, its ledger replayed.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the note can't be taken away.
    pub fn end_restore(&self) -> Result<()> {
        let mark = self.mark();
        std::fs::remove_file(&mark).map_err(StorageError::file("remove", &mark))
    }

    /// Says whether a restore began here and didn't end.
    #[must_use]
    pub fn is_restoring(&self) -> bool {
        self.mark().exists()
    }

    /// Returns where its SQLite database is.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join("epitrace.sqlite")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_new_folder_is_its_owners_alone_and_remembers_an_unfinished_restore() {
        use std::os::unix::fs::PermissionsExt;
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("data");
        let folder = DataFolder::take(&path, Use::Alone).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        folder.begin_restore().unwrap();
        drop(folder);
        let folder = DataFolder::take(&path, Use::Alone).unwrap();
        assert!(folder.is_restoring());
        folder.end_restore().unwrap();
        assert!(!folder.is_restoring());
    }

    #[test]
    fn two_may_share_a_folder_but_who_needs_it_alone_gets_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataFolder::take(folder.path(), Use::Shared).unwrap();
        let second = DataFolder::take(folder.path(), Use::Shared).unwrap();
        assert!(matches!(DataFolder::take(folder.path(), Use::Alone), Err(StorageError::InUse)));
        drop((first, second));
        let alone = DataFolder::take(folder.path(), Use::Alone).unwrap();
        assert!(matches!(DataFolder::take(folder.path(), Use::Shared), Err(StorageError::InUse)));
        drop(alone);
    }
}
