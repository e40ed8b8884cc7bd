//! Where runs of the proximity network lie: on SQLite in a file of their own, so that nodes that report keep no case work
//! waiting; on PostgreSQL in tables beside the others. They belong to no authority.

use super::file::{File, Pen};
use super::{Inner, PgTx, Place, Pool, Store, StoreOptions, Tx, measured};
use crate::error::Result;
use crate::schema;
use tracing::{Instrument, Span};

/// A database with runs in it.
#[derive(Clone, Debug)]
pub struct RunStore {
    store: Store,
}

/// A transaction on runs. Dropped without [`commit`](RunTx::commit), it never happened.
pub struct RunTx {
    pub(crate) inner: Inner,
    _pen: Option<Pen>,
    /// What it is in traces.
    pub(crate) span: Span,
}

impl RunStore {
    /// Opens the runs that lie beside a store.
    ///
    /// # Errors
    ///
    /// [`StorageError`](crate::StorageError) if the file can't be opened or brought up to date.
    pub async fn beside(store: &Store, options: &StoreOptions) -> Result<Self> {
        let Place::File(path) = &options.place else { return Ok(Self { store: store.clone() }) };
        let file = File::open(&crate::runs::copies::file_beside(path), options).await?;
        schema::migrate_sqlite_runs(&file.readers).await?;
        Ok(Self { store: Store { pool: Pool::Sqlite(file), standbys: None } })
    }

    /// Begins a transaction that only reads, and all of it as it is at its first statement: chains of frames are stored by several
    /// consumers meanwhile, and a frame can't be read without the key frame before it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`](crate::StorageError::Away) if the database can't be reached.
    pub async fn read(&self) -> Result<RunTx> {
        let Pool::Postgres(pool) = &self.store.pool else { return Ok(self.store.read_installation().await?.into()) };
        let span = measured::span("read_runs");
        let begun = PgTx::begin(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?;
        Ok(RunTx { inner: Inner::Postgres(begun), _pen: None, span })
    }

    /// As [`Store::checkpoint_behind`].
    pub fn checkpoint_behind(&self) {
        self.store.checkpoint_behind();
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`](crate::StorageError::Away) if the database can't be reached.
    pub async fn write(&self) -> Result<RunTx> {
        Ok(self.store.installation().await?.into())
    }
}

impl From<Tx> for RunTx {
    fn from(tx: Tx) -> Self {
        Self { inner: tx.inner, _pen: tx._pen, span: tx.span }
    }
}

impl RunTx {
    /// Makes it last, as [`Tx::commit`].
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(transaction) => measured::commit_file(transaction).instrument(self.span).await,
            Inner::Postgres(transaction) => transaction.commit().instrument(self.span).await,
        }
    }
}
