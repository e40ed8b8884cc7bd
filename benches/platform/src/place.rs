//! Where it is measured: a fresh database of either kind, a platform on it, and a plain connection beside it.

use app::{App, Worker};
use jiff::{SignedDuration, Timestamp};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, Executor};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use storage::check_ins::DayFiles;
use storage::check_ins::shelf::{Shelf, Tables};
use storage::sealing::{Keyring, Opener};
use storage::store::{Durability, Place};
use storage::{Store, StoreOptions};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Database {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Sqlite, Self::Postgres];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// The platform's clock stands here when a benchmark begins, so that each run imports the same days.
const NOW: &str = "2027-06-01T08:00:00Z";

/// The PostgreSQL server, as its superuser.
pub struct Server {
    address: String,
    pool: PgPool,
}

/// A plain connection to a database, opened as the platform opens its own.
#[derive(Clone)]
pub enum Plain {
    /// The same pragmas.
    Sqlite(SqlitePool),
    /// The same role, with the authority set.
    Postgres(PgPool),
}

/// A platform on a database of its own.
pub struct Stand {
    /// The platform.
    pub app: App,
    /// The same on the same database, but its commits don't wait for the disk.
    pub unsynced: App,
    /// Who uses it.
    pub worker: Worker,
    /// The database without the platform.
    pub plain: Plain,
    name: String,
    folder: PathBuf,
    server: PgPool,
    /// Which it is.
    pub database: Database,
}

impl Server {
    /// Connects to the server.
    pub async fn connect(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).expect("EPITRACE_BENCH_POSTGRES is no address of a PostgreSQL");
        let address = format!("{}:{}", options.get_host(), options.get_port());
        let pool = PgPoolOptions::new().max_connections(2).connect_with(options.database("postgres")).await;
        Self { address, pool: pool.expect("the PostgreSQL of EPITRACE_BENCH_POSTGRES doesn't answer") }
    }

    fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@{}/{database}", self.address)
    }

    /// Makes a database, and a platform with one authority on it.
    pub async fn stand(&self, database: Database, name: &str) -> Stand {
        let name = format!("bench_{name}");
        let folder = PathBuf::from("target/bench-data").join(&name);
        // Left over where an earlier run was killed.
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let keyring = Keyring::create(&folder.join("keyring"), Opener::Auto).unwrap();
        if database == Database::Postgres {
            self.execute(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
            self.execute(format!("CREATE DATABASE {name} OWNER epitrace_migrator")).await;
        }
        let options = |role: &str, durability| {
            let place = match database {
                Database::Sqlite => Place::File(folder.join("epitrace.sqlite")),
                Database::Postgres => Place::Postgres(self.url(role, &name)),
            };
            StoreOptions { place, durability, n_connections: 4 }
        };
        let owner = options("epitrace_migrator", Durability::Synced);
        Store::migrate(&owner).await.unwrap();
        let store = Store::open(&owner).await.unwrap();
        let app = platform(store.clone(), keyring);
        app.prepare_fresh("Europe/Berlin", domain::diseases::Disease::Covid19).await.unwrap();
        let worker = app.sign_in_locally("bench", None).await.unwrap();
        store.close().await;

        let open = async |durability| {
            let store = Store::open(&options("epitrace_app", durability)).await.unwrap();
            platform(store, Keyring::open(&folder.join("keyring"), Opener::Auto).unwrap())
        };
        let (app, unsynced) = (open(Durability::Synced).await, open(Durability::Unsynced).await);
        let plain = match database {
            Database::Sqlite => Plain::sqlite(&folder.join("epitrace.sqlite")).await,
            Database::Postgres => Plain::postgres(&self.url("epitrace_app", &name)).await,
        };
        let server = self.pool.clone();
        Stand { app, unsynced, worker, plain, name, folder, server, database }
    }

    async fn execute(&self, sql: String) {
        self.pool.execute(AssertSqlSafe(sql)).await.unwrap();
    }

    /// Opens where check-ins lie.
    pub async fn shelf(&self, stand: &Stand) -> Shelf {
        let store = stand.app.store.clone();
        match stand.database {
            Database::Sqlite => {
                let folder = storage::check_ins::folder_beside(&stand.folder.join("epitrace.sqlite"));
                Shelf::Files(DayFiles::open(&folder, Durability::Synced).unwrap(), store)
            }
            Database::Postgres => {
                let place = Place::Postgres(self.url("epitrace_jobs", &stand.name));
                let options = StoreOptions { place, durability: Durability::Synced, n_connections: 2 };
                let jobs = Store::open(&options).await.unwrap();
                let url = self.url("epitrace_intake", &stand.name);
                Shelf::Tables(Tables::connect(store, jobs, &url).await.unwrap())
            }
        }
    }

    /// Connects to one database as the superuser, who may fill it in ways that the platform may not.
    pub async fn superuser(&self, stand: &Stand) -> PgPool {
        PgPoolOptions::new().max_connections(1).connect(&self.url("postgres", &stand.name)).await.unwrap()
    }
}

fn platform(store: Store, keyring: Keyring) -> App {
    let (began, start): (Timestamp, _) = (NOW.parse().unwrap(), Instant::now());
    let clock = move || {
        let elapsed = SignedDuration::try_from(start.elapsed()).unwrap();
        began.checked_add(elapsed).unwrap()
    };
    let random = |bytes: &mut [u8]| getrandom::fill(bytes).unwrap();
    App::new(store.clone(), store, Some(keyring.into()), Arc::new(clock), Arc::new(random))
}

impl Plain {
    async fn sqlite(path: &std::path::Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .pragma("secure_delete", "on")
            .pragma("cache_size", "-65536")
            .pragma("mmap_size", "1073741824")
            .row_buffer_size(1_000)
            .statement_cache_capacity(200);
        Self::Sqlite(SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap())
    }

    async fn postgres(url: &str) -> Self {
        let options = PgConnectOptions::from_str(url).unwrap().options([("epitrace.authority", "1")]);
        Self::Postgres(PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap())
    }
}

impl Stand {
    /// Returns its data folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Opens its keyring.
    pub fn keyring(&self) -> Keyring {
        Keyring::open(&self.folder.join("keyring"), Opener::Auto).unwrap()
    }

    /// Returns the server's processes that work for this database; none for a file.
    pub async fn server_processes(&self) -> Vec<i32> {
        match self.database {
            Database::Sqlite => Vec::new(),
            Database::Postgres => sqlx::query_scalar("SELECT pid FROM pg_stat_activity WHERE datname = $1")
                .bind(&self.name)
                .fetch_all(&self.server)
                .await
                .unwrap(),
        }
    }

    /// Writes out what the database still owes the disk, so that nobody pays for another's rows.
    pub async fn settle(&self) {
        match &self.plain {
            Plain::Sqlite(pool) => pool.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.map(|_| ()).unwrap(),
            Plain::Postgres(_) => self.server.execute("CHECKPOINT").await.map(|_| ()).unwrap(),
        }
    }

    /// Deletes the database.
    pub async fn remove(self) {
        self.app.store.close().await;
        self.unsynced.store.close().await;
        match self.plain {
            Plain::Sqlite(pool) => pool.close().await,
            Plain::Postgres(pool) => {
                pool.close().await;
                let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
                self.server.execute(AssertSqlSafe(drop)).await.unwrap();
            }
        }
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}
