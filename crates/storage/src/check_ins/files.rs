//! Check-ins beside SQLite: two files a day. While a day is open, a row for each commit; when it is closed, a row for each venue
//! in a file of its own, which takes the place of the first. Ending a day is unlinking its file.
//!
//! They have pens of their own, so that guests never wait for case work, nor case work for guests.

use super::block::{Block, Head, Parts, heads, segments_of};
use super::settled::{blot_out, packed, settle};
use crate::error::{Result, StorageError};
use crate::store::Durability;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::VisitId;
use jiff::civil::Date;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, RwLock};

/// Bytes of blocks that are packed at once.
const MOST_AT_ONCE: u64 = 256 << 20;

/// Lists that are deleted in one transaction: some megabytes.
const LISTS_AT_ONCE: i64 = 64;
/// Bytes by which a file that goes is cut off at a time, and the time from one cut to the next.
const SHRINK_BYTES: u64 = 16 << 20;
const BETWEEN_CUTS: Duration = Duration::from_millis(20);

const MAKE_OPEN: &str = "-- check_ins::make_open
CREATE TABLE IF NOT EXISTS block (
  block_id INTEGER PRIMARY KEY,
  heads BLOB NOT NULL,
  ids BLOB NOT NULL,
  body BLOB NOT NULL
) STRICT";

const MAKE_PACKED: &str = "-- check_ins::make_packed
CREATE TABLE IF NOT EXISTS list (
  authority_id INTEGER NOT NULL,
  venue_id INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (authority_id, venue_id)
) STRICT";

/// How a file of an open day is made, and how many bytes of it are mapped.
const OPEN: (&str, u64) = (MAKE_OPEN, 1 << 30);
/// How a packed file is made. It isn't mapped: a list that nobody asked for lately is read from the disk, page by page behind
/// each other, and a fault of a mapped page reads eight times as much around it.
const PACKED: (&str, u64) = (MAKE_PACKED, 0);

const INSERT: &str = "-- check_ins::insert_block
INSERT INTO block (heads, ids, body) VALUES ($1, $2, $3)";

const IDS: &str = "-- check_ins::ids_of_blocks
SELECT ids FROM block ORDER BY block_id";

const HEADS: &str = "-- check_ins::heads_after
SELECT block_id, heads FROM block WHERE block_id > $1 ORDER BY block_id";

const BODY: &str = "-- check_ins::body_of_block
SELECT body FROM block WHERE block_id = $1";

const PART: &str = "-- check_ins::part_of_block
SELECT substr(body, $2, $3) FROM block WHERE block_id = $1";

const CHANGE: &str = "-- check_ins::change_block
UPDATE block SET body = $2 WHERE block_id = $1";

const LIST: &str = "-- check_ins::list_of_venue
SELECT body FROM list WHERE authority_id = $1 AND venue_id = $2";

const INSERT_LIST: &str = "-- check_ins::insert_list
INSERT INTO list (authority_id, venue_id, body) VALUES ($1, $2, $3)";

const CHANGE_LIST: &str = "-- check_ins::change_list_of_venue
UPDATE list SET body = $3 WHERE authority_id = $1 AND venue_id = $2";

const DELETE_LISTS: &str = "-- check_ins::delete_lists_of_authority
DELETE FROM list WHERE rowid IN (SELECT rowid FROM list WHERE authority_id = $1 LIMIT $2)";

const HEADS_OF_ALL: &str = "-- check_ins::heads_of_all
SELECT block_id, heads FROM block ORDER BY block_id";

const REPLACE_BLOCK: &str = "-- check_ins::replace_block
UPDATE block SET heads = $2, body = $3 WHERE block_id = $1";

const COPY: &str = "-- check_ins::copy_day
VACUUM INTO $1";

/// Returns where the days beside a database are.
#[must_use]
pub fn folder_beside(database: &Path) -> PathBuf {
    database.with_file_name("check-ins")
}

/// The files of all days.
#[derive(Clone, Debug)]
pub struct DayFiles {
    folder: Arc<PathBuf>,
    durability: Durability,
    days: Arc<Mutex<HashMap<Date, Arc<DayFile>>>>,
}

/// The file of a day.
#[derive(Debug)]
struct DayFile {
    /// Held by readers; alone by whoever swaps the file or takes it away.
    now: RwLock<Option<Form>>,
}

#[derive(Debug)]
enum Form {
    Open { pool: SqlitePool, directory: Mutex<Directory> },
    Packed(SqlitePool),
}

/// Which blocks have something of a venue; read as far as somebody needed it.
#[derive(Debug, Default)]
struct Directory {
    read_up_to: i64,
    places: HashMap<(i32, u64), Vec<(i64, Head)>>,
}

impl Directory {
    async fn catch_up(&mut self, pool: &SqlitePool) -> Result<()> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(HEADS).bind(self.read_up_to).fetch_all(pool).await?;
        for (block_id, bytes) in rows {
            for head in heads(&bytes) {
                self.places.entry((head.authority, head.venue)).or_default().push((block_id, head));
            }
            self.read_up_to = block_id;
        }
        Ok(())
    }
}

impl DayFiles {
    /// The files of days in a folder, which is made where there is none.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the folder can't be made.
    pub fn open(folder: &Path, durability: Durability) -> Result<Self> {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(StorageError::file("make the folder", folder))?;
        Ok(Self { folder: Arc::new(folder.to_owned()), durability, days: Arc::default() })
    }

    /// Clears away what an interrupted packing left. For the one server that takes check-ins, before it takes any.
    pub(super) fn clear_interrupted(&self) -> Result<()> {
        for (day, ending) in self.found()? {
            match ending.as_str() {
                "new" | "gone" => remove(&self.path(day, &ending))?,
                // The packed file is whole before it has this name.
                "open" if self.path(day, "packed").exists() => remove(&self.path(day, "open"))?,
                _ => {}
            }
        }
        Ok(())
    }

    fn path(&self, day: Date, ending: &str) -> PathBuf {
        self.folder.join(format!("{day}.{ending}"))
    }

    /// Lists days and endings of the files that are there.
    fn found(&self) -> Result<Vec<(Date, String)>> {
        let entries = std::fs::read_dir(&*self.folder).map_err(StorageError::file("read", &self.folder))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let split = |name: String| {
            let (day, ending) = name.split_once('.')?;
            Some((day.parse().ok()?, ending.to_owned()))
        };
        Ok(names.filter_map(split).collect())
    }

    /// Lists the days that have a file, and whether it is packed.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the folder can't be read.
    pub fn days(&self) -> Result<BTreeMap<Date, bool>> {
        let mut days = BTreeMap::new();
        for (day, ending) in self.found()? {
            match ending.as_str() {
                "open" => _ = days.entry(day).or_insert(false),
                "packed" => _ = days.insert(day, true),
                _ => {}
            }
        }
        Ok(days)
    }

    async fn pool(&self, path: &Path, (make, mapped): (&'static str, u64), n_connections: u32) -> Result<SqlitePool> {
        let synchronous = match self.durability {
            Durability::Synced => SqliteSynchronous::Full,
            Durability::Unsynced => SqliteSynchronous::Off,
        };
        let connect = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .page_size(16_384)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .busy_timeout(Duration::from_secs(30))
            .pragma("secure_delete", "on")
            .pragma("mmap_size", mapped.to_string())
            // Pages are moved behind whoever commits, see `move_behind`.
            .pragma("wal_autocheckpoint", "65536")
            .pragma("journal_size_limit", "67108864");
        let pool = SqlitePoolOptions::new()
            .max_connections(n_connections)
            .idle_timeout(Duration::from_secs(600))
            // A file doesn't go away: asking first costs as much as what is asked then.
            .test_before_acquire(false)
            .connect_with(connect)
            .await?;
        sqlx::query(make).execute(&pool).await?;
        Ok(pool)
    }

    async fn day(&self, day: Date) -> Arc<DayFile> {
        let mut days = self.days.lock().await;
        Arc::clone(days.entry(day).or_insert_with(|| Arc::new(DayFile { now: RwLock::new(None) })))
    }

    /// Opens the file of a day, if there is one, or if it shall be made.
    async fn opened(&self, day: Date, make: bool) -> Result<Arc<DayFile>> {
        let file = self.day(day).await;
        if file.now.read().await.is_some() {
            return Ok(file);
        }
        let mut now = file.now.write().await;
        if now.is_none() {
            let (open, packed) = (self.path(day, "open"), self.path(day, "packed"));
            if packed.exists() {
                *now = Some(Form::Packed(self.pool(&packed, PACKED, 4).await?));
            } else if make || open.exists() {
                let pool = self.pool(&open, OPEN, 4).await?;
                sync_folder(&self.folder)?;
                *now = Some(Form::Open { pool, directory: Mutex::default() });
            }
        }
        drop(now);
        Ok(file)
    }

    /// Appends a block. When this returns it is on the disk.
    pub(super) async fn append(&self, block: &Block) -> Result<()> {
        let file = self.opened(block.day, true).await?;
        match &*file.now.read().await {
            Some(Form::Open { pool, .. }) => {
                let insert = sqlx::query(INSERT).bind(&block.heads[..]).bind(&block.ids[..]).bind(&block.body[..]);
                insert.execute(pool).await?;
                Ok(())
            }
            _ => Err(StorageError::DayIsClosed),
        }
    }

    /// Moves pages of a day's log into its file, beside whoever writes.
    pub(super) async fn move_behind(&self, day: Date) {
        let Ok(file) = self.opened(day, false).await else { return };
        if let Some(Form::Open { pool, .. }) = &*file.now.read().await {
            // What isn't moved now is moved at the next turn.
            let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await;
        }
    }

    /// Lists what lies beside the blocks of a day.
    pub(super) async fn ids(&self, day: Date) -> Result<Vec<Vec<u8>>> {
        let file = self.opened(day, false).await?;
        match &*file.now.read().await {
            Some(Form::Open { pool, .. }) => Ok(sqlx::query_scalar(IDS).fetch_all(pool).await?),
            _ => Ok(Vec::new()),
        }
    }

    /// Reads what there is of a venue and day, oldest first.
    pub(super) async fn read(&self, list: ListOfDay) -> Result<Parts> {
        let file = self.opened(list.of.day, false).await?;
        let (authority, venue) = (list.of.authority_id.0, list.venue_id.bits());
        match &*file.now.read().await {
            Some(Form::Packed(pool)) => {
                Ok(sqlx::query_scalar(LIST).bind(authority).bind(venue.cast_signed()).fetch_all(pool).await?)
            }
            Some(Form::Open { pool, directory }) => {
                let mut parts = Parts::new();
                for (block_id, head) in places(pool, directory, authority, venue).await? {
                    parts.push(part(pool, block_id, head).await?);
                }
                Ok(parts)
            }
            None => Ok(Parts::new()),
        }
    }

    /// Writes over a visit wherever it lies. Says whether it lay anywhere.
    pub(super) async fn blot(&self, list: ListOfDay, visit_id: VisitId) -> Result<bool> {
        let file = self.opened(list.of.day, false).await?;
        let (authority, venue) = (list.of.authority_id.0, list.venue_id.bits());
        let now = file.now.read().await;
        let (pool, found) = match &*now {
            Some(Form::Packed(pool)) => (pool, blot_packed(pool, authority, venue, visit_id).await?),
            Some(Form::Open { pool, directory }) => {
                let mut found = false;
                for (block_id, head) in places(pool, directory, authority, venue).await? {
                    found |= blot_block(pool, block_id, head, visit_id).await?;
                }
                (pool, found)
            }
            None => return Ok(false),
        };
        if found {
            // Neither in the file nor in its log.
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await?;
        }
        Ok(found)
    }

    /// Packs a closed day, venue by venue, into a file that takes its place. Says whether there was anything to pack.
    pub(super) async fn pack(&self, day: Date) -> Result<bool> {
        let file = self.opened(day, false).await?;
        let mut now = file.now.write().await;
        let Some(Form::Open { pool: from, .. }) = &*now else { return Ok(false) };
        let new = self.path(day, "new");
        remove(&new)?;
        let into = self.pool(&new, PACKED, 1).await?;
        pack_into(from, &into).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&into).await?;
        into.close().await;
        from.close().await;
        *now = None;
        let swap = || {
            File::open(&new)?.sync_all()?;
            std::fs::rename(&new, self.path(day, "packed"))
        };
        swap().map_err(StorageError::file("rename", &new))?;
        sync_folder(&self.folder)?;
        remove(&self.path(day, "open"))?;
        Ok(true)
    }

    /// Deletes what an authority has of a day.
    pub(super) async fn drop_rows(&self, of: VenueDay) -> Result<()> {
        let file = self.opened(of.day, false).await?;
        // Alone: the directory of an open day says where things were before.
        let mut now = file.now.write().await;
        match &mut *now {
            Some(Form::Packed(pool)) => {
                // In small steps: guests who check in meanwhile wait for the same disk.
                let delete = || sqlx::query(DELETE_LISTS).bind(of.authority_id.0).bind(LISTS_AT_ONCE).execute(&*pool);
                while delete().await?.rows_affected() > 0 {
                    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&*pool).await?;
                }
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&*pool).await?;
            }
            Some(Form::Open { pool, directory }) => {
                drop_from_blocks(pool, of.authority_id.0).await?;
                *directory = Mutex::default();
                sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&*pool).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Takes the file of a day away, when no authority needs it any more.
    pub(super) async fn drop_day(&self, day: Date) -> Result<()> {
        let file = self.day(day).await;
        let mut now = file.now.write().await;
        match now.take() {
            Some(Form::Packed(pool) | Form::Open { pool, .. }) => pool.close().await,
            None => {}
        }
        // Under another name at once, and then bit by bit: a file system that gives back a gigabyte in one go keeps all who
        // sync waiting for half a second.
        let gone = self.path(day, "gone");
        for ending in ["open", "packed"] {
            let path = self.path(day, ending);
            match std::fs::rename(&path, &gone) {
                Ok(()) => shrink(&gone).await?,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(StorageError::file("rename", &path)(error)),
            }
            remove(&path)?;
        }
        remove(&gone)?;
        remove(&self.path(day, "new"))?;
        sync_folder(&self.folder)?;
        self.days.lock().await.remove(&day);
        Ok(())
    }

    /// Copies all days into an empty folder, each as of one moment.
    ///
    /// # Errors
    ///
    /// [`StorageError::File`] if the folder can't be written.
    pub async fn back_up(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder).map_err(StorageError::file("make the folder", folder))?;
        for day in self.days()?.into_keys() {
            let file = self.opened(day, false).await?;
            let now = file.now.read().await;
            let (pool, ending) = match &*now {
                Some(Form::Packed(pool)) => (pool, "packed"),
                Some(Form::Open { pool, .. }) => (pool, "open"),
                None => continue,
            };
            let path = folder.join(format!("{day}.{ending}"));
            let target = path.to_str().ok_or_else(|| StorageError::NotABackup("its path is not UTF-8".to_owned()))?;
            sqlx::query(COPY).bind(target).execute(pool).await?;
            File::open(&path).and_then(|file| file.sync_all()).map_err(StorageError::file("sync", &path))?;
        }
        sync_folder(folder)
    }

    /// Closes all files.
    pub async fn close(&self) {
        for file in self.days.lock().await.drain().map(|(_, file)| file) {
            if let Some(Form::Packed(pool) | Form::Open { pool, .. }) = file.now.write().await.take() {
                pool.close().await;
            }
        }
    }
}

async fn places(
    pool: &SqlitePool,
    directory: &Mutex<Directory>,
    authority: i32,
    venue: u64,
) -> Result<Vec<(i64, Head)>> {
    let mut directory = directory.lock().await;
    directory.catch_up(pool).await?;
    Ok(directory.places.get(&(authority, venue)).cloned().unwrap_or_default())
}

async fn part(pool: &SqlitePool, block_id: i64, head: Head) -> Result<Vec<u8>> {
    let part = sqlx::query_scalar(PART).bind(block_id).bind(i64::from(head.at) + 1).bind(i64::from(head.length));
    Ok(part.fetch_one(pool).await?)
}

async fn blot_packed(pool: &SqlitePool, authority: i32, venue: u64, visit_id: VisitId) -> Result<bool> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let body = sqlx::query_scalar(LIST).bind(authority).bind(venue.cast_signed());
    let body: Option<Vec<u8>> = body.fetch_optional(&mut *transaction).await?;
    let Some(mut body) = body else { return Ok(false) };
    if !blot_out(&mut body, visit_id)? {
        return Ok(false);
    }
    let change = sqlx::query(CHANGE_LIST).bind(authority).bind(venue.cast_signed()).bind(body);
    change.execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn blot_block(pool: &SqlitePool, block_id: i64, head: Head, visit_id: VisitId) -> Result<bool> {
    if !blot_out(&mut part(pool, block_id, head).await?, visit_id)? {
        return Ok(false);
    }
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let mut body: Vec<u8> = sqlx::query_scalar(BODY).bind(block_id).fetch_one(&mut *transaction).await?;
    let at = head.at as usize;
    blot_out(body.get_mut(at..at + head.length as usize).unwrap_or_default(), visit_id)?;
    sqlx::query(CHANGE).bind(block_id).bind(body).execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(true)
}

async fn drop_from_blocks(pool: &SqlitePool, authority: i32) -> Result<()> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(HEADS_OF_ALL).fetch_all(&mut *transaction).await?;
    for (block_id, bytes) in rows {
        if !heads(&bytes).any(|head| head.authority == authority) {
            continue;
        }
        let body: Vec<u8> = sqlx::query_scalar(BODY).bind(block_id).fetch_one(&mut *transaction).await?;
        let mut kept = Block::new(Date::constant(1970, 1, 1), domain::ids::AuthorityId(authority));
        heads(&bytes).filter(|head| head.authority != authority).for_each(|head| kept.keep(head, head.part(&body)));
        let replace = sqlx::query(REPLACE_BLOCK).bind(block_id).bind(kept.heads).bind(kept.body);
        replace.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Packs in rounds, each of as many venues as fit into memory: a venue's records lie in blocks of the whole day.
async fn pack_into(from: &SqlitePool, into: &SqlitePool) -> Result<()> {
    let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(HEADS_OF_ALL).fetch_all(from).await?;
    let mut sizes: BTreeMap<(i32, u64), u64> = BTreeMap::new();
    for head in rows.iter().flat_map(|(_, bytes)| heads(bytes)) {
        *sizes.entry((head.authority, head.venue)).or_default() += u64::from(head.length);
    }
    let mut rounds: Vec<Vec<(i32, u64)>> = Vec::new();
    let mut room = 0;
    for (venue, size) in sizes {
        match rounds.last_mut() {
            Some(round) if size <= room => round.push(venue),
            _ => {
                rounds.push(vec![venue]);
                room = MOST_AT_ONCE;
            }
        }
        room = room.saturating_sub(size);
    }
    for round in rounds {
        pack_round(from, into, &rows, &round).await?;
    }
    Ok(())
}

async fn pack_round(
    from: &SqlitePool,
    into: &SqlitePool,
    rows: &[(i64, Vec<u8>)],
    venues: &[(i32, u64)],
) -> Result<()> {
    let (Some(first), Some(last)) = (venues.first(), venues.last()) else { return Ok(()) };
    let mut parts: BTreeMap<(i32, u64), Parts> = BTreeMap::new();
    for (block_id, bytes) in rows {
        let within = |head: &Head| (*first..=*last).contains(&(head.authority, head.venue));
        let wanted: Vec<Head> = heads(bytes).filter(within).collect();
        if wanted.is_empty() {
            continue;
        }
        let body: Vec<u8> = sqlx::query_scalar(BODY).bind(block_id).fetch_one(from).await?;
        for head in wanted {
            parts.entry((head.authority, head.venue)).or_default().push(head.part(&body).to_vec());
        }
    }
    let mut transaction = into.begin_with("BEGIN IMMEDIATE").await?;
    for ((authority, venue), parts) in &parts {
        let body = packed(*venue, &settle(&segments_of(parts)?)?);
        if body.is_empty() {
            continue;
        }
        let insert = sqlx::query(INSERT_LIST).bind(authority).bind(venue.cast_signed()).bind(body);
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Cuts a file off at its end until nothing is left of it.
async fn shrink(path: &Path) -> Result<()> {
    let file = File::options().write(true).open(path).map_err(StorageError::file("open", path))?;
    let mut length = file.metadata().map_err(StorageError::file("read", path))?.len();
    while length > 0 {
        length = length.saturating_sub(SHRINK_BYTES);
        file.set_len(length).and_then(|()| file.sync_all()).map_err(StorageError::file("cut", path))?;
        tokio::time::sleep(BETWEEN_CUTS).await;
    }
    Ok(())
}

fn remove(path: &Path) -> Result<()> {
    for ending in ["", "-wal", "-shm"] {
        let mut path = path.as_os_str().to_owned();
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

fn sync_folder(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(StorageError::file("sync", folder))
}
