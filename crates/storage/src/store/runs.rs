//! Where runs of the proximity network lie: on SQLite in a file of their own, so that nodes that report keep no case work
//! waiting; on PostgreSQL in tables beside the others. They belong to no authority.

use super::{Inner, Place, Pool, Store, StoreOptions, Tx};
use crate::error::Result;
use crate::schema;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A database with runs in it.
#[derive(Clone, Debug)]
pub struct RunStore {
    store: Store,
}

/// A transaction on runs. Dropped without [`commit`](RunTx::commit), it never happened.
pub struct RunTx {
    pub(crate) inner: Inner,
    _pen: Option<OwnedSemaphorePermit>,
}

impl RunStore {
    /// Opens the runs that lie beside a store.
    ///
    /// # Errors
    ///
    /// [`StorageError`](crate::StorageError) if the file can't be opened or brought up to date.
    pub async fn beside(store: &Store, options: &StoreOptions) -> Result<Self> {
        let Place::File(path) = &options.place else { return Ok(Self { store: store.clone() }) };
        let pool = Store::file_pool(&crate::runs::copies::file_beside(path), options).await?;
        schema::migrate_sqlite_runs(&pool).await?;
        let pool = Pool::Sqlite(pool, Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1)));
        Ok(Self { store: Store { pool } })
    }

    /// Begins a transaction that only reads.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`](crate::StorageError::Away) if the database can't be reached.
    pub async fn read(&self) -> Result<RunTx> {
        Ok(self.store.read_installation().await?.into())
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
        Self { inner: tx.inner, _pen: tx._pen }
    }
}

impl RunTx {
    /// Makes it last. When this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`](crate::StorageError::Conflict) if another came first; then nothing of it lasts.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await?,
            Inner::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}
