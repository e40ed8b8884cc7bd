//! A PostgreSQL server and its standby, whose replay a test can hold up.

use crate::cluster::Cluster;
use crate::{Database, Kit};
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};
use std::fs;
use storage::Store;

/// How a look begins, as the standby logs it.
const LOOK: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Both servers.
pub struct Pair {
    /// There until it is taken away.
    primary: Option<Cluster>,
    standby: Cluster,
}

impl Pair {
    /// Starts both, and makes a database with what nearly every test needs.
    pub async fn start() -> (Self, Kit) {
        let primary = Cluster::start().unwrap();
        let kit = Kit::on(Database::migrated_on(&primary.url()).await).await;
        let standby = Cluster::standby_of(&primary).unwrap();
        (Self { primary: Some(primary), standby }, kit)
    }

    /// Opens a database so that its standby is known.
    pub async fn open(&self, database: &Database) -> Store {
        database.open().await.with_standbys(&self.url(database), 4).unwrap()
    }

    /// Returns the URL of a database on the standby, as the app role.
    #[must_use]
    pub fn url(&self, database: &Database) -> String {
        database.url_on(&self.standby.url())
    }

    /// Asks the standby as its superuser.
    pub async fn tell(&self, statement: &str) -> Vec<PgRow> {
        let mut standby = PgConnection::connect(&format!("{}/postgres", self.standby.url())).await.unwrap();
        sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_all(&mut standby).await.unwrap()
    }

    /// Returns once the standby has replayed what the primary has.
    pub async fn catch_up(&self, database: &Database) {
        let far: String = database.ask("SELECT pg_current_wal_flush_lsn()::text").await[0].get(0);
        let ask = format!("SELECT pg_last_wal_replay_lsn() >= '{far}'");
        while !self.tell(&ask).await[0].get::<bool, _>(0) {}
    }

    /// Has the standby stay where it is.
    pub async fn hold(&self) {
        self.tell("SELECT pg_wal_replay_pause()").await;
        while self.tell("SELECT pg_get_wal_replay_pause_state()").await[0].get::<String, _>(0) != "paused" {}
    }

    /// Has it go on.
    pub async fn go_on(&self) {
        self.tell("SELECT pg_wal_replay_resume()").await;
    }

    /// Takes the primary away, with all its connections.
    pub fn lose_primary(&mut self) {
        drop(self.primary.take());
    }

    /// Returns how many looks the standby was asked for.
    #[must_use]
    pub fn n_looks(&self) -> usize {
        let folder = tempfile::TempDir::new().unwrap();
        let log = folder.path().join("log");
        self.standby.keep_log(&log).unwrap();
        String::from_utf8_lossy(&fs::read(&log).unwrap()).matches(LOOK).count()
    }
}
