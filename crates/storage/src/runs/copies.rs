//! Backups of runs, on SQLite: their file is copied beside the database's.
//!
//! Reports that couldn't be stored are left out. They are kept for fourteen days so that somebody can look into them, and a
//! backup would keep them longer.

use crate::error::{Result, StorageError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Name of SQLite's file of runs.
const RUNS_FILE: &str = "runs.db";

/// Returns where the runs beside a SQLite database lie.
pub(crate) fn file_beside(database: &Path) -> PathBuf {
    database.with_file_name(RUNS_FILE)
}

/// Copies the runs beside a database into a backup, as of one moment.
pub(crate) async fn back_up_file(database: &Path, backup: &Path) -> Result<()> {
    let (file, copy) = (file_beside(database), backup.join(RUNS_FILE));
    if !file.exists() {
        return Ok(());
    }
    let target = copy.to_str().ok_or_else(|| StorageError::NotABackup("its path is not UTF-8".to_owned()))?;
    let mut from = open(&file).await?;
    sqlx::query("-- runs::vacuum_into\nVACUUM INTO $1").bind(target).execute(&mut from).await?;
    from.close().await?;
    let mut to = open(&copy).await?;
    sqlx::query("-- runs::leave_out_dead_letters\nDELETE FROM dead_letter").execute(&mut to).await?;
    to.close().await?;
    File::open(&copy).and_then(|file| file.sync_all()).map_err(StorageError::file("sync", &copy))
}

/// Puts the runs of a backup beside a database that is being restored.
pub(crate) fn restore_file(backup: &Path, database: &Path) -> Result<()> {
    let (from, to) = (backup.join(RUNS_FILE), file_beside(database));
    if !from.exists() {
        return Ok(());
    }
    let partial = to.with_extension("restoring");
    let copy = || {
        std::fs::copy(&from, &partial)?;
        File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, &to)
    };
    copy().map_err(StorageError::file("restore", &to))
}

/// What is deleted here is overwritten too.
async fn open(path: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new().filename(path).pragma("secure_delete", "on");
    Ok(options.busy_timeout(std::time::Duration::from_secs(30)).connect().await?)
}
