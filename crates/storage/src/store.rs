//! The store: a database of one of two kinds, and the one place where transactions begin.
//!
//! Every transaction belongs to one authority. On PostgreSQL it says so to the database
//! (`epitrace.authority`, for row-level security) in its first statement. A write transaction then takes
//! the shared lock of the authority and, in a statement of its own, reads state and epoch: in one
//! statement, or at a higher isolation, a waiter could read the state from before the lock.

mod file;
mod measured;
mod notices;
mod postgres;
mod runs;
mod standby;
mod sure;

pub use measured::PoolState;
pub(crate) use measured::{failed, name_of};
pub use notices::CommitNotices;
pub(crate) use postgres::PgTx;
pub use runs::{RunStore, RunTx};
pub use standby::Position;
pub use sure::noting_commits;

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::schema;
use domain::authorities::AuthorityState;
use domain::ids::AuthorityId;
use file::{File, Pen};
use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Sqlite, SqlitePool, Transaction};
use standby::Standbys;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tracing::{Instrument, Span};

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

/// How fresh a read must be. Where there are no standbys, all three are answered alike: by what is committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Everything committed before now.
    Fresh,
    /// At least what was committed up to this position (one's own writes).
    AtLeast(Position),
    /// At least what was committed up to this instant, of the last ten minutes.
    Stale(Timestamp),
}

/// A database with facts in it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    standbys: Option<Arc<Standbys>>,
}

#[derive(Clone, Debug)]
enum Pool {
    Sqlite(File),
    Postgres(PgPool),
}

pub(crate) enum Inner {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(PgTx),
}

/// A transaction of one authority. Dropped without [`commit`](Tx::commit), it never happened.
pub struct Tx {
    pub(crate) inner: Inner,
    authority_id: AuthorityId,
    /// When a standby's picture was the newest; `None` for what is committed now.
    as_of: Option<Timestamp>,
    _pen: Option<Pen>,
    /// What it is in traces.
    pub(crate) span: Span,
}

#[derive(sqlx::FromRow)]
struct StateRow {
    state: String,
}

/// How often a database that doesn't answer is tried when it is opened.
const TRIES: usize = 4;

/// How long a connection may be waited for. Whoever asks is told within two seconds that the database is away.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_millis(1_800);

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
        let file = File::open(path, options).await?;
        schema::migrate_sqlite(&file.readers).await?;
        Ok(Self { pool: Pool::Sqlite(file), standbys: None })
    }

    async fn connect(url: &str, options: &StoreOptions) -> Result<Self> {
        // Plans reckon with disks that seek for next to nothing; else searches for a few keys scan whole tables.
        let mut connect =
            PgConnectOptions::from_str(url)?.application_name("epitrace").options([("random_page_cost", "1.1")]);
        if options.durability == Durability::Unsynced {
            connect = connect.options([("synchronous_commit", "off")]);
        }
        let pool = || {
            let options = PgPoolOptions::new().max_connections(options.n_connections).acquire_timeout(LONGEST_WAIT);
            options.connect_with(connect.clone())
        };
        // Whoever starts may wait longer than whoever asks.
        let mut opened = pool().await;
        for _ in 1..TRIES {
            if !matches!(opened, Err(sqlx::Error::PoolTimedOut)) {
                break;
            }
            opened = pool().await;
        }
        let pool = opened?;
        Ok(Self { pool: Pool::Postgres(pool), standbys: None })
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

    /// Says how its pools of connections stand.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolState> {
        match &self.pool {
            Pool::Sqlite(file) => file.pools().into(),
            Pool::Postgres(pool) => {
                let standbys = self.standbys.as_deref().map(Standbys::pool_state);
                [PoolState::of(name_of(pool), pool)].into_iter().chain(standbys).collect()
            }
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
            Pool::Sqlite(file) => Some(&file.readers),
            Pool::Postgres(_) => None,
        }
    }

    /// Begins a transaction that only reads. It sees one state of the database throughout: a standby's where that has what is
    /// needed, else the primary's.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn read(&self, authority_id: AuthorityId, freshness: Freshness) -> Result<Tx> {
        if let Some(tx) = self.read_standby(authority_id, freshness).await {
            return Ok(tx);
        }
        let span = measured::span("read");
        let inner = match &self.pool {
            Pool::Sqlite(file) => Inner::Sqlite(file.read().await?),
            Pool::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let mut transaction = PgTx::begin(pool, begin).await?;
                set_authority(&mut transaction, authority_id).await?;
                Inner::Postgres(transaction)
            }
        };
        Ok(Tx { inner, authority_id, as_of: None, _pen: None, span })
    }

    /// The same on a standby alone: `None` where none has what is needed.
    pub async fn read_standby(&self, authority_id: AuthorityId, freshness: Freshness) -> Option<Tx> {
        let span = measured::span("read");
        let (transaction, as_of) = self.standbys.as_ref()?.begin(Some(authority_id), freshness).await?;
        Some(Tx { inner: Inner::Postgres(transaction), authority_id, as_of: Some(as_of), _pen: None, span })
    }

    /// Begins to read the tables of the installation on a standby: `None` where none has what is needed.
    pub async fn read_installation_on_standby(&self, freshness: Freshness) -> Option<Tx> {
        let span = measured::span("read");
        let (transaction, as_of) = self.standbys.as_ref()?.begin(None, freshness).await?;
        Some(Tx {
            inner: Inner::Postgres(transaction),
            authority_id: AuthorityId(0),
            as_of: Some(as_of),
            _pen: None,
            span,
        })
    }

    /// Takes SQLite's pen; nothing on PostgreSQL.
    async fn pen(&self) -> Result<Option<Pen>> {
        match &self.pool {
            Pool::Sqlite(file) => file.pen().await.map(Some),
            Pool::Postgres(_) => Ok(None),
        }
    }

    /// Begins a transaction that writes.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotActive`] while the authority moves, [`StorageError::NoAuthority`] if there is
    /// none, [`StorageError::Away`] if the database can't be reached.
    pub async fn write(&self, authority_id: AuthorityId) -> Result<Tx> {
        let span = measured::span("write");
        let pen = self.pen().await?;
        sure::note(false);
        let inner = match &self.pool {
            Pool::Sqlite(file) => Inner::Sqlite(file.write().await?),
            Pool::Postgres(pool) => {
                let mut transaction = PgTx::begin(pool, "BEGIN ISOLATION LEVEL READ COMMITTED").await?;
                set_authority(&mut transaction, authority_id).await?;
                sqlx::query(LOCK_AUTHORITY).bind(authority_id.0).execute(&mut *transaction).await?;
                Inner::Postgres(transaction)
            }
        };
        let mut tx = Tx { inner, authority_id, as_of: None, _pen: pen, span };
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
            Pool::Sqlite(file) => match file.pen_if_free() {
                Some(pen) => Some(pen),
                None => return Ok(None),
            },
            Pool::Postgres(_) => None,
        };
        self.begin_installation(pen).await.map(Some)
    }

    async fn begin_installation(&self, pen: Option<Pen>) -> Result<Tx> {
        sure::note(false);
        let span = measured::span("installation");
        let inner = match &self.pool {
            Pool::Sqlite(file) => Inner::Sqlite(file.write().await?),
            Pool::Postgres(pool) => Inner::Postgres(PgTx::begin(pool, "BEGIN").await?),
        };
        Ok(Tx { inner, authority_id: AuthorityId(0), as_of: None, _pen: pen, span })
    }

    /// Begins a transaction that only reads the tables of the installation, and so waits for no writer.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the database can't be reached.
    pub async fn read_installation(&self) -> Result<Tx> {
        let span = measured::span("read_installation");
        let inner = match &self.pool {
            Pool::Sqlite(file) => Inner::Sqlite(file.read().await?),
            Pool::Postgres(pool) => Inner::Postgres(PgTx::begin(pool, "BEGIN READ ONLY").await?),
        };
        Ok(Tx { inner, authority_id: AuthorityId(0), as_of: None, _pen: None, span })
    }

    /// Empties the write-ahead log of SQLite into the database, so that deleted rows are in neither.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if readers hold it for too long.
    pub async fn checkpoint(&self) -> Result<()> {
        match &self.pool {
            Pool::Sqlite(file) => file.checkpoint().await,
            Pool::Postgres(_) => Ok(()),
        }
    }

    /// Begins to move pages from SQLite's write-ahead log into the database, beside readers and writers: whoever commits
    /// next doesn't have to. Nothing where somebody does already. If it fails the pages stay where they are, and go later.
    pub fn checkpoint_behind(&self) {
        if let Pool::Sqlite(file) = &self.pool {
            file.checkpoint_behind();
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        if let Some(standbys) = &self.standbys {
            standbys.close().await;
        }
        match &self.pool {
            Pool::Sqlite(file) => file.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }
}

async fn set_authority(connection: &mut PgConnection, authority_id: AuthorityId) -> Result<()> {
    sqlx::query(SET_AUTHORITY).bind(authority_id.0.to_string()).execute(connection).await?;
    Ok(())
}

impl Tx {
    /// Returns whose rows it reads and writes.
    #[must_use]
    pub fn authority(&self) -> AuthorityId {
        self.authority_id
    }

    /// Returns when the picture that it sees was the newest, within a second; `None` for what is committed now.
    #[must_use]
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of
    }

    /// Makes it last. When this returns, it is on the disk; in a cell on a standby's too.
    ///
    /// # Errors
    ///
    /// [`StorageError::Conflict`] if another came first; then nothing of it lasts. [`StorageError::Unsure`] if nobody knows
    /// whether it lasts.
    pub async fn commit(self) -> Result<()> {
        match self.inner {
            Inner::Sqlite(transaction) => measured::commit_file(transaction).instrument(self.span).await,
            Inner::Postgres(transaction) => transaction.commit().instrument(self.span).await,
        }
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
