//! The store: a database of one of two kinds, and the one place where transactions begin.
//!
//! Every transaction belongs to one authority. On PostgreSQL it says so to the database
//! (`epitrace.authority`, for row-level security) in its first statement. A write transaction then takes
//! the shared lock of the authority and, in a statement of its own, reads state and epoch: in one
//! statement, or at a higher isolation, a waiter could read the state from before the lock.

mod runs;

pub use runs::{RunStore, RunTx};

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::schema;
use domain::authorities::AuthorityState;
use domain::ids::AuthorityId;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{PgPool, Postgres, Sqlite, SqlitePool, Transaction};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Where the database is.
#[derive(Clone, Debug)]
pub enum Place {
    /// A SQLite file; made where there is none.
    File(PathBuf),
    /// A PostgreSQL database, by URL.
    Postgres(String),
}

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Acknowledged means synced. The only one that the product uses.
    Synced,
    /// Commits don't wait: only to show that the check of the system calls can fail.
    Unsynced,
}

/// How to open a store.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where.
    pub place: Place,
    /// Whether commits wait for the disk.
    pub durability: Durability,
    /// Most connections at once.
    pub n_connections: u32,
}

/// How fresh a read must be. One database answers all three alike; replicas will not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Everything committed before now.
    Fresh,
    /// At least what was committed up to this position (one's own writes).
    AtLeast(u64),
    /// May be this many seconds old.
    Stale(u32),
}

/// A database with facts in it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
}

#[derive(Clone, Debug)]
enum Pool {
    /// SQLite has one pen. Whoever waits for it waits here, without a connection that readers need. One at a time moves
    /// pages from the log into the database.
    Sqlite(SqlitePool, Arc<Semaphore>, Arc<Semaphore>),
    Postgres(PgPool),
}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A transaction of one authority. Dropped without [`commit`](Tx::commit), it never happened.
pub struct Tx {
    pub(crate) inner: Inner,
    authority_id: AuthorityId,
    _pen: Option<OwnedSemaphorePermit>,
}

/// How long a writer waits for the one before it.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[derive(sqlx::FromRow)]
struct StateRow {
    state: String,
}

const SET_AUTHORITY: &str = "-- store::set_authority
SELECT set_config('epitrace.authority', $1, true)";

const LOCK_AUTHORITY: &str = "-- store::lock_authority
SELECT pg_advisory_xact_lock_shared($1, 0)";

const STATE: Statement = Statement::both(
    "-- store::state
SELECT state FROM authority WHERE authority_id = $1",
);

impl Store {
    /// Opens a database. SQLite files are made and brought up to date here; PostgreSQL is expected to be
    /// up to date, see [`migrate`](Store::migrate).
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if it can't be reached, [`StorageError::OldSchema`] if it needs a migration.
    pub async fn open(options: &StoreOptions) -> Result<Self> {
        match &options.place {
            Place::File(path) => Self::open_file(path, options).await,
            Place::Postgres(url) => {
                let store = Self::connect(url, options).await?;
                store.require_newest_schema().await?;
                Ok(store)
            }
        }
    }

    async fn open_file(path: &Path, options: &StoreOptions) -> Result<Self> {
        let pool = Self::file_pool(path, options).await?;
        schema::migrate_sqlite(&pool).await?;
        Ok(Self { pool: Pool::Sqlite(pool, Arc::new(Semaphore::new(1)), Arc::new(Semaphore::new(1))) })
    }

    async fn file_pool(path: &Path, options: &StoreOptions) -> Result<SqlitePool> {
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
            .busy_timeout(Duration::from_secs(30))
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
        let pool = SqlitePoolOptions::new()
            .max_connections(options.n_connections)
            // A file doesn't go away: asking first costs as much as what is asked then.
            .test_before_acquire(false)
            .connect_with(connect)
            .await?;
        Ok(pool)
    }

    async fn connect(url: &str, options: &StoreOptions) -> Result<Self> {
        // Plans reckon with disks that seek for next to nothing; else searches for a few keys scan whole tables.
        let mut connect =
            PgConnectOptions::from_str(url)?.application_name("epitrace").options([("random_page_cost", "1.1")]);
        if options.durability == Durability::Unsynced {
            connect = connect.options([("synchronous_commit", "off")]);
        }
        let pool = PgPoolOptions::new()
            .max_connections(options.n_connections)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(connect)
            .await?;
        Ok(Self { pool: Pool::Postgres(pool) })
    }

    /// Brings the schema up to date; on PostgreSQL as the migrator role. Running it again changes nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError::Schema`] if a step fails; it is rolled back whole.
    pub async fn migrate(options: &StoreOptions) -> Result<()> {
        match &options.place {
            Place::File(path) => Self::open_file(path, options).await.map(|_| ()),
            Place::Postgres(url) => match Self::connect(url, options).await?.pool {
                Pool::Postgres(pool) => schema::migrate_postgres(&pool).await,
                Pool::Sqlite(..) => Ok(()),
            },
        }
    }

    async fn require_newest_schema(&self) -> Result<()> {
        let Pool::Postgres(pool) = &self.pool else { return Ok(()) };
        let newest: std::result::Result<Option<i64>, _> =
            sqlx::query_scalar("-- store::schema_version\nSELECT max(version) FROM _sqlx_migrations WHERE success")
                .fetch_one(pool)
                .await;
        match newest {
            Ok(Some(version)) if version >= schema::newest() => Ok(()),
            Ok(_) => Err(StorageError::OldSchema),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("42P01") => {
                Err(StorageError::OldSchema)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Returns the number of the newest schema step of this program.
    #[must_use]
    pub fn newest_schema() -> i64 {
        schema::newest()
    }

    /// Returns `sqlite` or `postgresql`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.pool {
            Pool::Sqlite(..) => "sqlite",
            Pool::Postgres(_) => "postgresql",
        }
    }

    pub(crate) fn postgres(&self) -> Option<&PgPool> {
        match &self.pool {
            Pool::Postgres(pool) => Some(pool),
            Pool::Sqlite(..) => None,
        }
    }

    pub(crate) fn sqlite(&self) -> Option<&SqlitePool> {
        match &self.pool {
            Pool::Sqlite(pool, ..) => Some(pool),
            Pool::Postgres(_) => None,
        }
    }

    /// Begins a transaction that only reads. It sees one state of the database throughout.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn read(&self, authority_id: AuthorityId, _freshness: Freshness) -> Result<Tx> {
        let inner = match &self.pool {
            Pool::Sqlite(pool, ..) => Inner::Sqlite(pool.begin().await?),
            Pool::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let mut transaction = pool.begin_with(begin).await?;
                set_authority(&mut transaction, authority_id).await?;
                Inner::Postgres(transaction)
            }
        };
        Ok(Tx { inner, authority_id, _pen: None })
    }

    /// Takes SQLite's pen; nothing on PostgreSQL.
    async fn pen(&self) -> Result<Option<OwnedSemaphorePermit>> {
        let Pool::Sqlite(_, pen, _) = &self.pool else { return Ok(None) };
        let waited = tokio::time::timeout(LONGEST_WAIT, Arc::clone(pen).acquire_owned()).await;
        let pen = waited.ok().and_then(std::result::Result::ok);
        pen.map(Some).ok_or(StorageError::Away(sqlx::Error::PoolTimedOut))
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotActive`] while the authority moves, [`StorageError::NoAuthority`] if there is
    /// none, [`StorageError::Away`] if the database can't be reached.
    pub async fn write(&self, authority_id: AuthorityId) -> Result<Tx> {
        let pen = self.pen().await?;
        let inner = match &self.pool {
            Pool::Sqlite(pool, ..) => Inner::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => {
                let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                set_authority(&mut transaction, authority_id).await?;
                sqlx::query(LOCK_AUTHORITY).bind(authority_id.0).execute(&mut *transaction).await?;
                Inner::Postgres(transaction)
            }
        };
        let mut tx = Tx { inner, authority_id, _pen: pen };
        let state = optional!(tx, StateRow, STATE, authority_id.0)?.ok_or(StorageError::NoAuthority)?.state;
        match AuthorityState::find(&state) {
            Some(AuthorityState::Active) => Ok(tx),
            _ => Err(StorageError::NotActive(state)),
        }
    }

    /// Begins a transaction on the tables of the installation, which hold no person.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn installation(&self) -> Result<Tx> {
        let pen = self.pen().await?;
        self.begin_installation(pen).await
    }

    /// The same, unless somebody else writes just now: for notes that can wait.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn installation_if_free(&self) -> Result<Option<Tx>> {
        let pen = match &self.pool {
            Pool::Sqlite(_, pen, _) => match Arc::clone(pen).try_acquire_owned() {
                Ok(pen) => Some(pen),
                Err(_) => return Ok(None),
            },
            Pool::Postgres(_) => None,
        };
        self.begin_installation(pen).await.map(Some)
    }

    async fn begin_installation(&self, pen: Option<OwnedSemaphorePermit>) -> Result<Tx> {
        let inner = match &self.pool {
            Pool::Sqlite(pool, ..) => Inner::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
            Pool::Postgres(pool) => Inner::Postgres(pool.begin().await?),
        };
        Ok(Tx { inner, authority_id: AuthorityId(0), _pen: pen })
    }

    /// Begins a transaction that only reads the tables of the installation, and so waits for no writer.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn read_installation(&self) -> Result<Tx> {
        let inner = match &self.pool {
            Pool::Sqlite(pool, ..) => Inner::Sqlite(pool.begin().await?),
            Pool::Postgres(pool) => Inner::Postgres(pool.begin_with("BEGIN READ ONLY").await?),
        };
        Ok(Tx { inner, authority_id: AuthorityId(0), _pen: None })
    }

    /// Empties the write-ahead log of SQLite into the database, so that deleted rows are in neither.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if readers hold it for too long.
    pub async fn checkpoint(&self) -> Result<()> {
        if let Pool::Sqlite(pool, ..) = &self.pool {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
        }
        Ok(())
    }

    /// Begins to move pages from SQLite's write-ahead log into the database, beside readers and writers: whoever commits
    /// next doesn't have to. Nothing where somebody does already. If it fails the pages stay where they are, and go later.
    pub fn checkpoint_behind(&self) {
        let Pool::Sqlite(pool, _, mover) = &self.pool else { return };
        let Ok(moving) = Arc::clone(mover).try_acquire_owned() else { return };
        let pool = pool.clone();
        tokio::spawn(async move {
            let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&pool).await;
            drop(moving);
        });
    }

    /// Closes all connections.
    pub async fn close(&self) {
        match &self.pool {
            Pool::Sqlite(pool, ..) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn set_authority(transaction: &mut Transaction<'static, Postgres>, authority_id: AuthorityId) -> Result<()> {
    sqlx::query(SET_AUTHORITY).bind(authority_id.0.to_string()).execute(&mut **transaction).await?;
    Ok(())
}

impl Tx {
    /// Returns whose rows it reads and writes.
    #[must_use]
    pub fn authority(&self) -> AuthorityId {
        self.authority_id
    }

    /// Makes it last. When this returns, it is on the disk.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if another came first; then nothing of it lasts.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(transaction) => transaction.commit().await?,
            Inner::Postgres(transaction) => transaction.commit().await?,
        }
        Ok(())
    }
}

const LOCK_IMPORTS: &str = "-- store::lock_imports
SELECT pg_advisory_xact_lock($1, 1)";

const LOCK_ADMINISTRATORS: &str = "-- store::lock_administrators
SELECT pg_advisory_xact_lock($1, 2)";

impl Tx {
    /// Waits until nobody else changes who administers this authority, and keeps others waiting until the commit.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database can't be reached. SQLite has one writer at a time anyway.
    pub async fn one_administrator_at_a_time(&mut self) -> Result<()> {
        if let Inner::Postgres(conn) = &mut self.inner {
            sqlx::query(LOCK_ADMINISTRATORS).bind(self.authority_id.0).execute(&mut **conn).await?;
        }
        Ok(())
    }

    /// Waits until no other import of this authority is storing, and keeps others waiting until the commit.
    /// Imports read what is there and write what is new; two at once would both find nothing.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the database can't be reached. SQLite has one writer at a time anyway.
    pub async fn one_import_at_a_time(&mut self) -> Result<()> {
        if let Inner::Postgres(conn) = &mut self.inner {
            sqlx::query(LOCK_IMPORTS).bind(self.authority_id.0).execute(&mut **conn).await?;
        }
        Ok(())
    }
}
