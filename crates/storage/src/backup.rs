//! Backup and restore, while others work.
//!
//! A backup is a folder: on SQLite a copy of the database made by `VACUUM INTO`, on PostgreSQL one file a
//! table and authority, both as of one moment. It never holds a key. `manifest.json` is written last: a
//! folder without it is no backup. A restore goes into an empty database only, and replays the ledger of
//! erasures before anybody sees it.

use crate::catalogue::TENANT_TABLES;
use crate::error::{Result, StorageError};
use crate::store::Store;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::{AssertSqlSafe, PgConnection, PgPool, SqlitePool};
use std::fs::File;
use std::io::Write;
use std::path::Path;

const MANIFEST: &str = "manifest.json";
const DATABASE: &str = "epitrace.sqlite";

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
    // First: what a check-in needs of the database is there before it.
    crate::check_ins::copies::back_up_files(pool.connect_options().get_filename(), folder).await?;
    let path = folder.join(DATABASE);
    let target = path.to_str().ok_or_else(|| StorageError::NotABackup("its path is not UTF-8".to_owned()))?;
    sqlx::query("-- backup::vacuum_into\nVACUUM INTO $1").bind(target).execute(pool).await?;
    File::open(&path).and_then(|file| file.sync_all()).map_err(StorageError::file("sync", &path))
}

async fn back_up_postgres(pool: &PgPool, folder: &Path) -> Result<()> {
    let mut transaction = pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    for table in INSTALLATION {
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

/// Puts a backup of SQLite where a data folder has no database yet.
///
/// # Errors
///
/// [`StorageError::NotEmpty`] if there is one, [`StorageError::NotABackup`] if it isn't one of SQLite.
pub fn restore_file(folder: &Path, database: &Path) -> Result<Manifest> {
    let manifest = read_manifest(folder)?;
    if manifest.database != "sqlite" {
        return Err(StorageError::NotABackup("it is one of PostgreSQL; name the database with --config".to_owned()));
    }
    if database.exists() {
        return Err(StorageError::NotEmpty(database.display().to_string()));
    }
    crate::check_ins::copies::restore_files(folder, database)?;
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

/// Removes a SQLite database that an interrupted restore left.
///
/// # Errors
///
/// [`StorageError::File`] if it can't be removed.
pub fn remove_database(database: &Path) -> Result<()> {
    let days = crate::check_ins::folder_beside(database);
    if days.exists() {
        std::fs::remove_dir_all(&days).map_err(StorageError::file("remove", &days))?;
    }
    for ending in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(ending);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(StorageError::file("remove", Path::new(&path))(error));
            }
            _ => {}
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
    let bytes = std::fs::read(path).map_err(StorageError::file("read", path))?;
    let Some(first) = bytes.split(|byte| *byte == b'\n').next().filter(|line| !line.is_empty()) else { return Ok(()) };
    let n_values = first.iter().filter(|byte| **byte == b'\t').count() + 1;
    let columns = first_columns(conn, table, n_values).await?;
    let sql = format!("COPY {table} ({columns}) FROM STDIN");
    let mut copy = conn.copy_in_raw(&sql).await?;
    for chunk in bytes.chunks(1 << 20) {
        copy.send(chunk).await?;
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
