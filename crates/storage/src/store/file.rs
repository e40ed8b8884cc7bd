//! A database in a SQLite file: one connection that writes, and some that read.

use super::measured::{FILE, PoolState, waited};
use super::{Durability, StoreOptions};
use crate::error::{Result, StorageError};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Sqlite, SqlitePool, Transaction};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How long a writer waits for the one before it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// An open file.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Connections that read, and do the rarest of work.
    pub(super) readers: SqlitePool,
    /// The one connection that writes: what it has read stays right as long as nobody else writes, so it reads no page twice.
    writer: SqlitePool,
    /// SQLite has one pen. Whoever waits for it waits here.
    pen: Arc<Semaphore>,
    /// One at a time moves pages from the log into the database.
    mover: Arc<Semaphore>,
}

/// The right to write.
pub(super) type Pen = OwnedSemaphorePermit;

impl File {
    /// Opens a file; makes it where there is none.
    pub(super) async fn open(path: &Path, options: &StoreOptions) -> Result<Self> {
        let synchronous = match options.durability {
            Durability::Synced => SqliteSynchronous::Full,
            Durability::Unsynced => SqliteSynchronous::Off,
        };
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(LONGEST_WAIT)
            .pragma("secure_delete", "on")
            .pragma("cache_size", "-65536")
            .pragma("mmap_size", "1073741824")
            // Whoever commits moves pages only if nobody did behind them for 1 GiB, not 4 MiB: with them go the pages that
            // were moved before and not synced, half a second for all who wait.
            .pragma("wal_autocheckpoint", "262144")
            .pragma("journal_size_limit", "67108864")
            // Rows cross from the file's thread in one go: with the usual 50, a thousand ids cost a third more.
            .row_buffer_size(1_000)
            .statement_cache_capacity(200);
        let pool = async |n_connections| {
            SqlitePoolOptions::new()
                .max_connections(n_connections)
                // A file doesn't go away: asking first costs as much as what is asked then.
                .test_before_acquire(false)
                .connect_with(connect.clone())
                .await
        };
        let one = || Arc::new(Semaphore::new(1));
        Ok(Self { readers: pool(options.n_connections).await?, writer: pool(1).await?, pen: one(), mover: one() })
    }

    /// Waits for the pen.
    pub(super) async fn pen(&self) -> Result<Pen> {
        let since = tokio::time::Instant::now();
        let taken = tokio::time::timeout(LONGEST_WAIT, Arc::clone(&self.pen).acquire_owned()).await;
        let pen = taken.ok().and_then(std::result::Result::ok);
        waited(FILE[0], since.elapsed(), pen.is_some());
        pen.ok_or(StorageError::Away(sqlx::Error::PoolTimedOut))
    }

    /// Takes the pen if nobody has it.
    pub(super) fn pen_if_free(&self) -> Option<Pen> {
        Arc::clone(&self.pen).try_acquire_owned().ok()
    }

    /// Begins a transaction that writes; whoever does has the pen.
    pub(super) async fn write(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Begins a transaction that reads.
    pub(super) async fn read(&self) -> Result<Transaction<'static, Sqlite>> {
        Ok(self.readers.begin().await?)
    }

    /// Empties the write-ahead log into the database.
    pub(super) async fn checkpoint(&self) -> Result<()> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&self.readers).await?;
        Ok(())
    }

    /// Begins to move pages from the write-ahead log into the database.
    pub(super) fn checkpoint_behind(&self) {
        let Ok(moving) = Arc::clone(&self.mover).try_acquire_owned() else { return };
        let readers = self.readers.clone();
        tokio::spawn(async move {
            let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&readers).await;
            drop(moving);
        });
    }

    /// Says how its two pools stand.
    pub(super) fn pools(&self) -> [PoolState; 2] {
        let [writer, readers] = FILE;
        [PoolState::of(writer, &self.writer), PoolState::of(readers, &self.readers)]
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}
