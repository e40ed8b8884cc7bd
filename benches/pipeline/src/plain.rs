//! The peer: a row a report in plain SQLite, and a row a contact, in the same batches, synced as often. It reads nothing, knows
//! no node by a number, and keeps no index.

use crate::cost::{Cost, Start};
use crate::flow::{fresh_folder, n_bytes};
use crate::world::{Batch, World};
use domain::runs::Health;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Executor, QueryBuilder, Sqlite, SqliteConnection};
use std::path::Path;

const TABLES: &str =
    "CREATE TABLE report (node BLOB, second INTEGER, x INTEGER, y INTEGER, health INTEGER, alive INTEGER);
CREATE TABLE contact (node BLOB, second INTEGER, peer BLOB, distance INTEGER)";

/// Rows of one statement.
const ROWS: usize = 1_000;

/// Stores all batches; returns the cost, and the bytes on the disk.
pub async fn run(world: &World) -> (Cost, u64) {
    let folder = fresh_folder("plain");
    let mut connection = SqliteConnectOptions::new()
        .filename(folder.join("plain.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("cache_size", "-65536")
        .pragma("wal_autocheckpoint", "262144")
        .connect()
        .await
        .unwrap();
    connection.execute(TABLES).await.unwrap();
    let (first, measured) = world.parts();
    for batch in first {
        store(&mut connection, batch, world).await;
    }
    let start = Start::now();
    for batch in measured {
        store(&mut connection, batch, world).await;
    }
    let cost = start.cost();
    let counted: i64 = sqlx::query_scalar("SELECT count(*) FROM report").fetch_one(&mut connection).await.unwrap();
    assert_eq!(counted as usize, world.n_reports());
    let counted: i64 = sqlx::query_scalar("SELECT count(*) FROM contact").fetch_one(&mut connection).await.unwrap();
    assert_eq!(counted as usize, world.met.len());
    connection.close().await.unwrap();
    checkpoint(&folder.join("plain.db")).await;
    let n_bytes = n_bytes(&folder, "plain.db");
    std::fs::remove_dir_all(&folder).unwrap();
    (cost, n_bytes)
}

/// Moves all pages from the write-ahead log into the file.
pub async fn checkpoint(file: &Path) {
    let mut connection = SqliteConnectOptions::new().filename(file).connect().await.unwrap();
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    connection.close().await.unwrap();
}

async fn store(connection: &mut SqliteConnection, batch: &Batch, world: &World) {
    let mut tx = connection.begin().await.unwrap();
    for rows in batch.rows.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO report ");
        query.push_values(rows, |mut values, row| {
            let health = match row.state.health {
                Health::Susceptible => 0,
                Health::Infected => 1,
                Health::Immune => 2,
            };
            values.push_bind(row.node).push_bind(i64::from(row.second));
            values.push_bind(i64::from(row.state.position.x)).push_bind(i64::from(row.state.position.y));
            values.push_bind(health).push_bind(row.state.alive);
        });
        query.build().execute(&mut *tx).await.unwrap();
    }
    let met = batch.rows.iter().flat_map(|row| world.met[row.met.0..row.met.1].iter().map(move |met| (row, met)));
    let met: Vec<_> = met.collect();
    for rows in met.chunks(ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO contact ");
        query.push_values(rows, |mut values, (row, (peer, distance))| {
            values.push_bind(row.node).push_bind(i64::from(row.second));
            values.push_bind(peer.0.to_vec()).push_bind(i64::from(distance.0));
        });
        query.build().execute(&mut *tx).await.unwrap();
    }
    tx.commit().await.unwrap();
}
