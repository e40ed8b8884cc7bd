//! Backup and restore, while others work.
//!
//! A backup is a folder: on SQLite a copy of the database made by `VACUUM INTO`, and one of the runs, on PostgreSQL one file a
//! table and authority, each as of one moment. It never holds a key. `manifest.json` is written last: a
//! folder without it is no backup. A restore goes into an empty database only, and replays the ledger of
//! erasures before anybody sees it.
//!
//! The event log is no part of it. What nodes reported and the consumer hasn't stored is not in a backup; how far the log was
//! read is. So a log that is still there is read on from where the backup was made, and one that is not begins anew.

use crate::catalogue::TENANT_TABLES;
use crate::error::{Result, StorageError};
use crate::store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, SqlitePool};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "epitrace.sqlite";
/// Bytes that are read at once.
const CHUNK: u64 = 1 << 20;

/// Tables of the installation, in the order in which they can be filled. Leases, sessions and
/// invitations end with their holders.
const INSTALLATION: &[&str] = &[
    "installation",
    "authority",
    "account",
    "credential",
    "recovery_code",
    "api_token",
    "territory_version",
    "territory_office",
    "territory_postcode",
];

/// Tables of runs on PostgreSQL. Reports that couldn't be stored are left out: a backup would keep them beyond their period.
const RUNS: &[&str] =
    &["run", "run_node", "run_frame", "run_encounter", "run_infection", "run_message", "run_view", "log_offset"];

/// What a backup is of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Format of the backup.
    pub format: u32,
    /// `sqlite` or `postgresql`.
    pub database: String,
    /// Newest step of the schema.
    pub schema: i64,
    /// As of when.
    pub made_at: Timestamp,
}

fn require_empty(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(StorageError::file("make the folder", folder))?;
    let mut entries = std::fs::read_dir(folder).map_err(StorageError::file("read", folder))?;
    if entries.next().is_some() { Err(StorageError::NotEmpty(folder.display().to_string())) } else { Ok(()) }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(StorageError::file("write", path))
}

/// Reads what a backup is of.
///
/// # Errors
///
/// [`StorageError::NotABackup`] if the folder holds none, or one that this program can't read.
pub fn read_manifest(folder: &Path) -> Result<Manifest> {
    let bytes = std::fs::read(folder.join(MANIFEST))
        .map_err(|_| StorageError::NotABackup(format!("{} has no {MANIFEST}", folder.display())))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|_| StorageError::NotABackup(format!("{MANIFEST} can't be read")))?;
    if manifest.format != 1 || manifest.schema > Store::newest_schema() {
        return Err(StorageError::NotABackup("it was made by a newer epitrace".to_owned()));
    }
    Ok(manifest)
}

/// Writes a backup into an empty folder.
///
/// # Errors
///
/// [`StorageError::NotEmpty`] if the folder holds something.
pub async fn back_up(store: &Store, folder: &Path, now: Timestamp) -> Result<Manifest> {
    require_empty(folder)?;
    match (store.sqlite(), store.postgres()) {
        (Some(pool), _) => back_up_sqlite(pool, folder).await?,
        (_, Some(pool)) => back_up_postgres(pool, folder).await?,
        _ => {}
    }
    let manifest =
        Manifest { format: 1, database: store.kind().to_owned(), schema: Store::newest_schema(), made_at: now };
    let text = serde_json::to_vec_pretty(&manifest).map_err(|_| StorageError::Unreadable("manifest"))?;
    write_synced(&folder.join(MANIFEST), &text)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StorageError::file("sync", folder))?;
    Ok(manifest)
}

async fn back_up_sqlite(pool: &SqlitePool, folder: &Path) -> Result<()> {
    // First: what check-ins and runs need of the database is there before them.
    let options = pool.connect_options();
    crate::check_ins::copies::back_up_files(options.get_filename(), folder).await?;
    crate::runs::copies::back_up_file(options.get_filename(), folder).await?;
    let path = folder.join(DATABASE);
    let target = path.to_str().ok_or_else(|| StorageError::NotABackup("its path is not UTF-8".to_owned()))?;
    sqlx::query("-- backup::vacuum_into\nVACUUM INTO $1").bind(target).execute(pool).await?;
    File::open(&path).and_then(|file| file.sync_all()).map_err(StorageError::file("sync", &path))
}

async fn back_up_postgres(pool: &PgPool, folder: &Path) -> Result<()> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    for table in INSTALLATION.iter().chain(RUNS) {
        copy_out(&mut transaction, table, &folder.join(format!("{table}.copy"))).await?;
    }
    let authorities: Vec<i32> =
        sqlx::query_scalar("-- backup::authorities\nSELECT authority_id FROM authority ORDER BY authority_id")
            .fetch_all(&mut *transaction)
            .await?;
    for authority_id in authorities {
        sqlx::query("-- backup::set_authority\nSELECT set_config('epitrace.authority', $1, true)")
            .bind(authority_id.to_string())
            .execute(&mut *transaction)
            .await?;
        for table in TENANT_TABLES {
            let path = folder.join(format!("{}.{authority_id}.copy", table.name));
            copy_out(&mut transaction, table.name, &path).await?;
        }
        crate::check_ins::copies::back_up_tables(&mut transaction, authority_id, folder).await?;
    }
    transaction.commit().await?;
    Ok(())
}

async fn copy_out(conn: &mut PgConnection, table: &str, path: &Path) -> Result<()> {
    let sql = format!("COPY (SELECT * FROM {table}) TO STDOUT");
    let mut file = File::create(path).map_err(StorageError::file("write", path))?;
    let mut stream = conn.copy_out_raw(&sql).await?;
    while let Some(bytes) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
        file.write_all(&bytes?).map_err(StorageError::file("write", path))?;
    }
    file.sync_all().map_err(StorageError::file("sync", path))
}

/// Refuses a SQLite database that is there already, or runs where it would lie.
///
/// # Errors
///
/// [`StorageError::NotEmpty`] if there is one.
pub fn require_no_database(database: &Path) -> Result<()> {
    let there =
        [database.to_owned(), crate::runs::copies::file_beside(database)].into_iter().find(|file| file.exists());
    there.map_or(Ok(()), |file| Err(StorageError::NotEmpty(file.display().to_string())))
}

/// Puts a backup of SQLite where a data folder has neither database nor runs yet.
///
/// # Errors
///
/// [`StorageError::NotEmpty`] if there is one, [`StorageError::NotABackup`] if it isn't one of SQLite.
pub fn restore_file(folder: &Path, database: &Path) -> Result<Manifest> {
    let manifest = read_manifest(folder)?;
    if manifest.database != "sqlite" {
        return Err(StorageError::NotABackup("it is one of PostgreSQL; name the database with --config".to_owned()));
    }
    require_no_database(database)?;
    crate::check_ins::copies::restore_files(folder, database)?;
    crate::runs::copies::restore_file(folder, database)?;
    let partial = database.with_extension("restoring");
    let copy = || {
        std::fs::copy(folder.join(DATABASE), &partial)?;
        File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, database)?;
        database.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
    };
    copy().map_err(StorageError::file("restore", database))?;
    Ok(manifest)
}

/// Removes what an interrupted restore left of a SQLite database and its runs.
///
/// # Errors
///
/// [`StorageError::File`] if it can't be removed.
pub fn remove_database(database: &Path) -> Result<()> {
    let days = crate::check_ins::folder_beside(database);
    if days.exists() {
        std::fs::remove_dir_all(&days).map_err(StorageError::file("remove", &days))?;
    }
    for file in [database, &crate::runs::copies::file_beside(database)] {
        for ending in ["", "-wal", "-shm"] {
            let mut path = file.as_os_str().to_owned();
            path.push(ending);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(StorageError::file("remove", Path::new(&path))(error));
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Puts a backup of PostgreSQL into a migrated, empty database; as the migrator role, in one transaction.
///
/// # Errors
///
/// [`StorageError::NotEmpty`] if it has an authority, [`StorageError::NotABackup`] if it isn't one of
/// PostgreSQL.
pub async fn restore_postgres(folder: &Path, store: &Store) -> Result<Manifest> {
    let manifest = read_manifest(folder)?;
    let (Some(pool), "postgresql") = (store.postgres(), manifest.database.as_str()) else {
        return Err(StorageError::NotABackup("it is one of SQLite; restore it into a data folder".to_owned()));
    };
    let mut transaction = pool.begin().await?;
    let taken: i64 = sqlx::query_scalar("-- backup::count_authorities\nSELECT count(*) FROM authority")
        .fetch_one(&mut *transaction)
        .await?;
    if taken > 0 {
        return Err(StorageError::NotEmpty("the database".to_owned()));
    }
    sqlx::raw_sql("DELETE FROM installation").execute(&mut *transaction).await?;
    // A backup from before a table came into being doesn't hold it.
    let is_older = manifest.schema < crate::schema::newest();
    let holds = |path: &Path| !is_older || path.exists();
    for table in INSTALLATION {
        let path = folder.join(format!("{table}.copy"));
        if holds(&path) {
            copy_in(&mut transaction, table, &path).await?;
        }
    }
    let authorities: Vec<i32> =
        sqlx::query_scalar("-- backup::restored_authorities\nSELECT authority_id FROM authority ORDER BY authority_id")
            .fetch_all(&mut *transaction)
            .await?;
    // A backup from before backups held runs has none of these files.
    if folder.join("run.copy").exists() {
        for table in RUNS {
            copy_in(&mut transaction, table, &folder.join(format!("{table}.copy"))).await?;
        }
    }
    // Triggers count the cases while these are put back.
    row_level_security(&mut transaction, "case_tally", "DISABLE").await?;
    for table in TENANT_TABLES.iter().map(|table| table.name).filter(|table| *table != "case_tally") {
        row_level_security(&mut transaction, table, "DISABLE").await?;
        for authority_id in &authorities {
            let path = folder.join(format!("{table}.{authority_id}.copy"));
            if holds(&path) {
                copy_in(&mut transaction, table, &path).await?;
            }
        }
        row_level_security(&mut transaction, table, "ENABLE").await?;
    }
    row_level_security(&mut transaction, "case_tally", "ENABLE").await?;
    crate::check_ins::copies::restore_tables(&mut transaction, folder).await?;
    transaction.commit().await?;
    Ok(manifest)
}

async fn row_level_security(conn: &mut PgConnection, table: &str, word: &str) -> Result<()> {
    let sql = format!("ALTER TABLE {table} {word} ROW LEVEL SECURITY");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await?;
    Ok(())
}

async fn copy_in(conn: &mut PgConnection, table: &str, path: &Path) -> Result<()> {
    let mut file = File::open(path).map(BufReader::new).map_err(StorageError::file("read", path))?;
    let mut chunk = Vec::new();
    file.read_until(b'\n', &mut chunk).map_err(StorageError::file("read", path))?;
    if chunk.is_empty() {
        return Ok(());
    }
    let n_values = chunk.iter().filter(|byte| **byte == b'\t').count() + 1;
    let columns = first_columns(conn, table, n_values).await?;
    let sql = format!("COPY {table} ({columns}) FROM STDIN");
    let mut copy = conn.copy_in_raw(&sql).await?;
    while !chunk.is_empty() {
        copy.send(&chunk[..]).await?;
        chunk.clear();
        // Frames of runs may be many gigabytes.
        file.by_ref().take(CHUNK).read_to_end(&mut chunk).map_err(StorageError::file("read", path))?;
    }
    copy.finish().await?;
    Ok(())
}

/// Names the first columns of a table. A backup from before a column came into being has fewer values in a line: columns
/// are only ever added behind the others, and have a default.
async fn first_columns(conn: &mut PgConnection, table: &str, n: usize) -> Result<String> {
    let columns: Vec<String> = sqlx::query_scalar(
        "-- backup::columns_of_table
SELECT attname::text FROM pg_attribute
 WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    )
    .bind(table)
    .fetch_all(conn)
    .await?;
    if n > columns.len() {
        return Err(StorageError::NotABackup(format!("its table {table} has columns that this program doesn't know")));
    }
    Ok(columns[..n].join(", "))
}
