//! Throw-away databases.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use storage::store::{Durability, Place};
use storage::{Store, StoreOptions};
use tempfile::TempDir;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A copy of the template on the test server.
    Postgres,
}

/// A migrated database that nobody else uses, and where it is.
#[derive(Debug)]
pub struct Database {
    /// Which.
    pub kind: Kind,
    /// As the app role.
    pub app: Place,
    /// As the role for jobs.
    pub jobs: Place,
    /// As the role that owns the schema.
    pub migrator: Place,
    /// A folder that goes when the test ends.
    pub folder: TempDir,
}

const TEMPLATE: &str = "epitrace_template";

fn server() -> String {
    std::env::var("EPITRACE_TEST_POSTGRES").expect(
        "no PostgreSQL to test on: run the tests with `make test` or `cargo xtask test`, which start one and name it in \
         EPITRACE_TEST_POSTGRES",
    )
}

fn url(role: &str, database: &str) -> String {
    address(&server(), role, database)
}

fn address(server: &str, role: &str, database: &str) -> String {
    server.replacen("postgres@", &format!("{role}@"), 1) + "/" + database
}

/// Options to open a place with.
#[must_use]
pub fn options(place: &Place) -> StoreOptions {
    StoreOptions { place: place.clone(), durability: Durability::Synced, n_connections: 4 }
}

impl Database {
    /// Makes a migrated database.
    pub async fn migrated(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::empty(kind).await,
            Kind::Postgres => {
                make_template().await;
                Self::on_server(&format!("TEMPLATE {TEMPLATE} OWNER epitrace_migrator")).await
            }
        }
    }

    /// Makes a migrated database on a server of one's own.
    pub async fn migrated_on(server: &str) -> Self {
        let database = Self::made(server, "OWNER epitrace_migrator").await;
        Store::migrate(&options(&database.migrator)).await.unwrap();
        database
    }

    /// Returns its address as the app role on another server, such as a standby.
    #[must_use]
    pub fn url_on(&self, server: &str) -> String {
        let url = self.url();
        let (_, name) = url.rsplit_once('/').unwrap();
        address(server, "epitrace_app", name)
    }

    /// Makes a database without a schema.
    pub async fn empty(kind: Kind) -> Self {
        let folder = TempDir::new().unwrap();
        if kind == Kind::Postgres {
            return Self::on_server("OWNER epitrace_migrator").await;
        }
        let place = Place::File(folder.path().join("epitrace.sqlite"));
        Self { kind, app: place.clone(), jobs: place.clone(), migrator: place, folder }
    }

    /// Makes another one of what PostgreSQL holds now, as a restore of a base backup would. Whoever was connected is thrown out.
    pub async fn copy(&self) -> Self {
        let name = self.url().rsplit('/').next().unwrap().to_owned();
        self.go_away().await;
        let copy = Self::on_server(&format!("TEMPLATE {name} OWNER epitrace_migrator")).await;
        self.come_back().await;
        copy
    }

    async fn on_server(how: &str) -> Self {
        Self::made(&server(), how).await
    }

    async fn made(server: &str, how: &str) -> Self {
        let url = |role: &str, database: &str| address(server, role, database);
        let name = format!("t_{}", uuid::Uuid::new_v4().simple());
        let mut admin = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
        let sql = format!("CREATE DATABASE {name} {how}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        let place = |role| Place::Postgres(url(role, &name));
        Self {
            kind: Kind::Postgres,
            app: place("epitrace_app"),
            jobs: place("epitrace_jobs"),
            migrator: place("epitrace_migrator"),
            folder: TempDir::new().unwrap(),
        }
    }

    /// Opens it as the app role.
    pub async fn open(&self) -> Store {
        Store::open(&options(&self.app)).await.unwrap()
    }

    /// Opens it as the role for jobs.
    pub async fn open_for_jobs(&self) -> Store {
        Store::open(&options(&self.jobs)).await.unwrap()
    }

    /// Opens it as the role that owns the schema.
    pub async fn open_as_migrator(&self) -> Store {
        Store::open(&options(&self.migrator)).await.unwrap()
    }

    /// Holds a table as its owner, until what it returns is dropped: whoever reads it meanwhile waits. PostgreSQL only.
    pub async fn hold_table(&self, table: &str) -> PgConnection {
        let Place::Postgres(url) = &self.migrator else { panic!("a file has no tables that can be held") };
        let mut holds = PgConnection::connect(url).await.unwrap();
        let sql = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut holds).await.unwrap();
        holds
    }

    /// Returns the URL as the app role; empty for a file.
    #[must_use]
    pub fn url(&self) -> String {
        match &self.app {
            Place::Postgres(url) => url.clone(),
            Place::File(_) => String::new(),
        }
    }
}

/// Connects as the superuser to another database of the server.
async fn beside(url: &str) -> PgConnection {
    let server = url.rsplit_once('/').unwrap().0.replacen("epitrace_app@", "postgres@", 1);
    PgConnection::connect(&format!("{server}/postgres")).await.unwrap()
}

/// Migrates the template once, whichever test comes first.
async fn make_template() {
    let mut admin = PgConnection::connect(&url("postgres", "postgres")).await.unwrap();
    sqlx::query("SELECT pg_advisory_lock(1)").execute(&mut admin).await.unwrap();
    let found: Option<String> =
        sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname = $1 AND datconnlimit = 7")
            .bind(TEMPLATE)
            .fetch_optional(&mut admin)
            .await
            .unwrap();
    if found.is_none() {
        sqlx::raw_sql(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {TEMPLATE}"))).execute(&mut admin).await.unwrap();
        let create = format!("CREATE DATABASE {TEMPLATE} OWNER epitrace_migrator");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
        let place = Place::Postgres(url("epitrace_migrator", TEMPLATE));
        Store::migrate(&options(&place)).await.unwrap();
        // The limit marks a template that was migrated to its end; other tests may be waiting for it.
        let done = format!("ALTER DATABASE {TEMPLATE} CONNECTION LIMIT 7");
        sqlx::raw_sql(AssertSqlSafe(done)).execute(&mut admin).await.unwrap();
        wait_until_nobody_uses_it(&mut admin).await;
    }
    sqlx::query("SELECT pg_advisory_unlock(1)").execute(&mut admin).await.unwrap();
}

/// A template can be copied only while nobody is connected to it; the migrating pool closes on its own.
async fn wait_until_nobody_uses_it(admin: &mut PgConnection) {
    for _ in 0..10_000 {
        let users: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_stat_activity WHERE datname = $1")
            .bind(TEMPLATE)
            .fetch_one(&mut *admin)
            .await
            .unwrap();
        if users == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the template database stays in use");
}

impl Database {
    /// Returns the URL as the role that takes check-ins; empty for a file.
    #[must_use]
    pub fn intake_url(&self) -> String {
        self.url().replacen("epitrace_app@", "epitrace_intake@", 1)
    }

    /// Lists the tables that have a column `authority_id`.
    pub async fn tables_with_authority(&self) -> std::collections::BTreeSet<String> {
        self.tables_with_column("authority_id").await
    }

    /// Lists the tables that have a column with this name.
    pub async fn tables_with_column(&self, column: &str) -> std::collections::BTreeSet<String> {
        match &self.app {
            Place::File(path) => {
                let mut conn = sqlite(path).await;
                sqlx::query_scalar(
                    "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                      WHERE m.type = 'table' AND c.name = $1",
                )
                .bind(column)
                .fetch_all(&mut conn)
                .await
                .unwrap()
                .into_iter()
                .collect()
            }
            Place::Postgres(_) => {
                use sqlx::Row;
                let sql = format!(
                    "SELECT table_name::text FROM information_schema.columns
                       WHERE column_name = '{column}' AND table_schema = 'public'"
                );
                self.ask(&sql).await.iter().map(|row| row.get(0)).collect()
            }
        }
    }

    /// Lists all tables of the schema, in order of their names; not those of the migrations.
    pub async fn tables(&self) -> std::collections::BTreeSet<String> {
        let names: Vec<String> = match &self.app {
            Place::File(path) => {
                let sql =
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
                sqlx::query_scalar(sql).fetch_all(&mut sqlite(path).await).await.unwrap()
            }
            Place::Postgres(_) => {
                use sqlx::Row;
                let rows = self.ask("SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await;
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        names.into_iter().filter(|name| name != "_sqlx_migrations").collect()
    }

    /// Counts the rows of a table, whoever's they are; a condition may follow its name.
    pub async fn count_rows(&self, table: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        match &self.app {
            Place::File(path) => {
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut sqlite(path).await).await.unwrap()
            }
            Place::Postgres(_) => {
                use sqlx::Row;
                self.ask(&sql).await[0].get(0)
            }
        }
    }

    /// Returns the rows of a table as texts, in order: two that are alike are alike to the byte.
    pub async fn dump(&self, table: &str) -> Vec<String> {
        let mut rows: Vec<String> = match &self.app {
            Place::File(path) => {
                let mut conn = sqlite(path).await;
                let columns = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(columns)).fetch_all(&mut conn).await.unwrap();
                let values: Vec<String> = columns.iter().map(|name| format!("'{name}=' || quote({name})")).collect();
                let sql = format!("SELECT {} FROM {table}", values.join(" || ' ' || "));
                sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut conn).await.unwrap()
            }
            Place::Postgres(_) => {
                use sqlx::Row;
                let rows = self.ask(&format!("SELECT to_jsonb(t)::text FROM {table} AS t")).await;
                rows.iter().map(|row| row.get(0)).collect()
            }
        };
        rows.sort();
        rows
    }

    /// Changes rows behind everybody's back, as somebody with the disk, or the superuser, could.
    pub async fn tamper(&self, sql: &'static str, authority_id: domain::ids::AuthorityId) {
        match &self.app {
            Place::File(path) => {
                let mut conn = sqlite(path).await;
                let triggers: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                    .fetch_all(&mut conn)
                    .await
                    .unwrap();
                for trigger in triggers {
                    let drop = format!("DROP TRIGGER {trigger}");
                    sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut conn).await.unwrap();
                }
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
            Place::Postgres(_) => {
                let mut conn = self.superuser().await;
                let set = format!("SET epitrace.authority = '{}'", authority_id.0);
                sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut conn).await.unwrap();
                sqlx::raw_sql(sql).execute(&mut conn).await.unwrap();
            }
        }
    }

    /// Connects to PostgreSQL as the superuser.
    pub async fn superuser(&self) -> PgConnection {
        PgConnection::connect(&self.url().replacen("epitrace_app@", "postgres@", 1)).await.unwrap()
    }

    /// Is away until it comes back: PostgreSQL lets nobody in, and throws out who is.
    pub async fn go_away(&self) {
        let name = self.lets_in(false).await;
        let throw_out = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        sqlx::raw_sql(AssertSqlSafe(throw_out)).execute(&mut beside(&self.url()).await).await.unwrap();
    }

    /// Is there again.
    pub async fn come_back(&self) {
        self.lets_in(true).await;
    }

    async fn lets_in(&self, lets: bool) -> String {
        let url = self.url();
        let name = url.rsplit('/').next().unwrap().to_owned();
        let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {lets}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut beside(&url).await).await.unwrap();
        name
    }

    /// Asks PostgreSQL as the superuser.
    pub async fn ask(&self, sql: &str) -> Vec<sqlx::postgres::PgRow> {
        let mut conn = self.superuser().await;
        sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut conn).await.unwrap()
    }

    /// Asks PostgreSQL for a number.
    pub async fn count(&self, sql: &str) -> i64 {
        self.ask(sql).await[0].get(0)
    }

    /// Says which standbys must have a commit, and waits until all who come from now on go by it. Of the whole server.
    pub async fn require_standbys(&self, names: &str) {
        self.ask(&format!("ALTER SYSTEM SET synchronous_standby_names = '{names}'")).await;
        self.ask("SELECT pg_reload_conf()").await;
        while self.ask("SHOW synchronous_standby_names").await[0].get::<String, _>(0) != names {}
    }

    /// Cancels the commit that waits for a standby, as an administrator could; returns once there was one.
    pub async fn cancel_the_wait(&self) {
        let waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
        while self.ask(waiting).await.is_empty() {}
    }

    /// Asks PostgreSQL something at an address that must not be answered there; returns why it wasn't.
    pub async fn refused(&self, url: &str, sql: &str) -> String {
        let mut conn = PgConnection::connect(url).await.unwrap();
        sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut conn).await.unwrap_err().to_string()
    }

    /// Asks PostgreSQL as the app role, as an authority or as none.
    pub async fn ask_as_app(
        &self,
        sql: &str,
        authority_id: Option<domain::ids::AuthorityId>,
    ) -> Vec<sqlx::postgres::PgRow> {
        let mut conn = PgConnection::connect(&self.url()).await.unwrap();
        if let Some(id) = authority_id {
            let set = format!("SET epitrace.authority = '{}'", id.0);
            sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut conn).await.unwrap();
        }
        sqlx::query(AssertSqlSafe(sql.to_owned())).fetch_all(&mut conn).await.unwrap()
    }
}

async fn sqlite(path: &std::path::Path) -> sqlx::SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    sqlx::SqliteConnection::connect_with(&options).await.unwrap()
}

impl Database {
    /// Asks for the plan of a statement with parameters, as the app role, on fresh statistics. PostgreSQL is told to
    /// scan only where no key serves, so that the plan doesn't hang on how few rows a test has.
    pub async fn plan(&self, statement: &str, authority_id: domain::ids::AuthorityId) -> String {
        use sqlx::Row;
        match &self.app {
            Place::File(path) => {
                let mut conn = sqlite(path).await;
                sqlx::raw_sql("ANALYZE").execute(&mut conn).await.unwrap();
                let explain = format!("EXPLAIN QUERY PLAN {statement}");
                let rows = sqlx::query(AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>("detail") + "\n").collect()
            }
            Place::Postgres(url) => {
                self.ask("ANALYZE").await;
                let mut conn = PgConnection::connect(url).await.unwrap();
                let n_parameters = (1..10).filter(|n| statement.contains(&format!("${n}"))).count();
                let nulls = ", NULL".repeat(n_parameters - 1);
                let prepare = format!(
                    "SET epitrace.authority = '{0}'; SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan; PREPARE watched AS {statement}",
                    authority_id.0
                );
                sqlx::raw_sql(AssertSqlSafe(prepare)).execute(&mut conn).await.unwrap();
                let explain = format!("EXPLAIN (COSTS OFF) EXECUTE watched({}{nulls})", authority_id.0);
                let rows = sqlx::raw_sql(AssertSqlSafe(explain)).fetch_all(&mut conn).await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0) + "\n").collect()
            }
        }
    }
}
