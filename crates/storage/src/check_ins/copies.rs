//! Backups of check-ins. They hold sealed rows and sealed keys only: when the key of a day is destroyed, its copies are closed
//! with it.

use super::files::{DayFiles, folder_beside};
use super::tables::{DayOnly, make_day_on};
use crate::error::{Result, StorageError};
use crate::store::Durability;
use jiff::civil::Date;
use sqlx::{AssertSqlSafe, PgConnection};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Folder of check-ins within a backup.
const FOLDER: &str = "check-ins";
/// Tables of check-ins on PostgreSQL.
const TABLES: [&str; 2] = ["block", "list"];
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// Copies the days beside a SQLite database into a backup.
pub(crate) async fn back_up_files(database: &Path, backup: &Path) -> Result<()> {
    let folder = folder_beside(database);
    if !folder.exists() {
        return Ok(());
    }
    let files = DayFiles::open(&folder, Durability::Synced)?;
    let copied = files.back_up(&backup.join(FOLDER)).await;
    files.close().await;
    copied
}

/// Puts the days of a backup beside a SQLite database that is being restored.
pub(crate) fn restore_files(backup: &Path, database: &Path) -> Result<()> {
    let (from, to) = (backup.join(FOLDER), folder_beside(database));
    if !from.exists() {
        return Ok(());
    }
    let copy = || {
        std::fs::create_dir_all(&to)?;
        for entry in std::fs::read_dir(&from)? {
            let entry = entry?;
            let target = to.join(entry.file_name());
            std::fs::copy(entry.path(), &target)?;
            File::open(&target)?.sync_all()?;
        }
        File::open(&to)?.sync_all()
    };
    copy().map_err(StorageError::file("restore", &to))
}

/// Copies what an authority has, in a transaction of a backup that says whose it is.
pub(crate) async fn back_up_tables(conn: &mut PgConnection, authority_id: i32, backup: &Path) -> Result<()> {
    for table in TABLES {
        let days: Vec<DayOnly> = sqlx::query_as(AssertSqlSafe(format!(
            "-- check_ins::days_of_table
SELECT DISTINCT day FROM check_ins.{table} ORDER BY day"
        )))
        .fetch_all(&mut *conn)
        .await?;
        for day in days.iter().map(|row| row.day.0) {
            std::fs::create_dir_all(backup.join(FOLDER)).map_err(StorageError::file("make the folder", backup))?;
            let path = backup.join(FOLDER).join(format!("{table}.{day}.{authority_id}.copy"));
            let sql = format!("COPY (SELECT * FROM check_ins.{table} WHERE day = '{day}') TO STDOUT");
            let mut file = File::create(&path).map_err(StorageError::file("write", &path))?;
            let mut stream = conn.copy_out_raw(&sql).await?;
            while let Some(bytes) = std::future::poll_fn(|context| stream.as_mut().poll_next(context)).await {
                file.write_all(&bytes?).map_err(StorageError::file("write", &path))?;
            }
            file.sync_all().map_err(StorageError::file("sync", &path))?;
        }
    }
    Ok(())
}

/// Puts back what a backup has, as the role that owns the schema.
pub(crate) async fn restore_tables(conn: &mut PgConnection, backup: &Path) -> Result<()> {
    let folder = backup.join(FOLDER);
    if !folder.exists() {
        return Ok(());
    }
    let entries = std::fs::read_dir(&folder).map_err(StorageError::file("read", &folder))?;
    let paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    for table in TABLES {
        row_level_security(conn, table, "DISABLE").await?;
        for path in &paths {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let day = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'));
            let day = day.and_then(|rest| rest.split('.').next()?.parse::<Date>().ok());
            if let Some(day) = day {
                make_day_on(conn, day).await?;
                copy_in(conn, table, path).await?;
            }
        }
        row_level_security(conn, table, "ENABLE").await?;
    }
    Ok(())
}

async fn row_level_security(conn: &mut PgConnection, table: &str, word: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(format!("ALTER TABLE check_ins.{table} {word} ROW LEVEL SECURITY")))
        .execute(conn)
        .await?;
    Ok(())
}

async fn copy_in(conn: &mut PgConnection, table: &str, path: &Path) -> Result<()> {
    let mut file = File::open(path).map_err(StorageError::file("read", path))?;
    let mut copy = conn.copy_in_raw(&format!("COPY check_ins.{table} FROM STDIN")).await?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk).map_err(StorageError::file("read", path))? {
            0 => break,
            length => _ = copy.send(&chunk[..length]).await?,
        }
    }
    copy.finish().await?;
    Ok(())
}
