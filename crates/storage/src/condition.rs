//! How an installation stands: its servers, its database, the work that waits. Counts and times; nothing of a person.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::{Inner, Tx};
use jiff::Timestamp;
use uuid::Uuid;

/// What a server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServerState {
    /// It serves whoever comes.
    Serving,
    /// It ends, and takes no new callers any more.
    Draining,
    /// It serves nobody while its clock is wrong.
    Aside,
}

impl ServerState {
    /// As it is stored and shown: `serving`, `draining`, `aside`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Serving => "serving",
            Self::Draining => "draining",
            Self::Aside => "aside",
        }
    }

    fn from_stored(state: &str) -> Self {
        [Self::Draining, Self::Aside].into_iter().find(|one| one.as_str() == state).unwrap_or(Self::Serving)
    }
}

/// What a server says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Drawn when it starts.
    pub server_id: Uuid,
    /// Name of its host.
    pub name: String,
    /// Version of the program.
    pub version: String,
    /// Newest step of the schema that it knows.
    pub schema_version: i64,
    /// When it started.
    pub started_at: Timestamp,
    /// When it last said so, by the database's clock.
    pub seen_at: Timestamp,
    /// What it does.
    pub state: ServerState,
    /// Until when its certificate holds; `None` where it has none.
    pub certificate_until: Option<Timestamp>,
    /// Milliseconds that its clock is before the database's; `None` on SQLite.
    pub clock_ahead_ms: Option<i64>,
    /// Bytes that are free on the disk of its data folder.
    pub disk_free_bytes: Option<i64>,
    /// Whether it can open names.
    pub has_keys: bool,
}

#[derive(sqlx::FromRow)]
struct BeatRow {
    server_id: Uuid,
    name: String,
    version: String,
    schema_version: i64,
    started_at: At,
    seen_at: At,
    state: String,
    certificate_until: Option<At>,
    clock_ahead_ms: Option<i64>,
    disk_free_bytes: Option<i64>,
    keys: String,
}

impl From<BeatRow> for Beat {
    fn from(row: BeatRow) -> Self {
        Self {
            server_id: row.server_id,
            name: row.name,
            version: row.version,
            schema_version: row.schema_version,
            started_at: row.started_at.0,
            seen_at: row.seen_at.0,
            state: ServerState::from_stored(&row.state),
            certificate_until: row.certificate_until.map(|at| at.0),
            clock_ahead_ms: row.clock_ahead_ms,
            disk_free_bytes: row.disk_free_bytes,
            has_keys: row.keys == OPEN,
        }
    }
}

const OPEN: &str = "open";

const BEAT: Statement = Statement::both(
    "-- condition::beat
INSERT INTO server_beat (server_id, name, version, schema_version, started_at, seen_at, state, certificate_until,
                         clock_ahead_ms, disk_free_bytes, keys)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (server_id) DO UPDATE SET seen_at = excluded.seen_at, state = excluded.state,
       certificate_until = excluded.certificate_until, clock_ahead_ms = excluded.clock_ahead_ms,
       disk_free_bytes = excluded.disk_free_bytes, keys = excluded.keys",
);

const BEATS: Statement = Statement::both(
    "-- condition::beats
SELECT server_id, name, version, schema_version, started_at, seen_at, state, certificate_until, clock_ahead_ms,
       disk_free_bytes, keys
  FROM server_beat ORDER BY name, started_at, server_id",
);

const FORGET: Statement = Statement::both(
    "-- condition::forget_server
DELETE FROM server_beat WHERE server_id = $1",
);

const FORGET_OLD: Statement = Statement::both(
    "-- condition::forget_old_servers
DELETE FROM server_beat WHERE seen_at < $1",
);

/// Notes what a server says of itself.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn beat(tx: &mut Tx, beat: &Beat) -> Result<()> {
    let keys = if beat.has_keys { OPEN } else { "locked" };
    run!(
        tx,
        BEAT,
        beat.server_id,
        &beat.name,
        &beat.version,
        beat.schema_version,
        At(beat.started_at),
        At(beat.seen_at),
        beat.state.as_str(),
        beat.certificate_until.map(At),
        beat.clock_ahead_ms,
        beat.disk_free_bytes,
        keys
    )?;
    Ok(())
}

/// Lists what servers said of themselves, by name.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn beats(tx: &mut Tx) -> Result<Vec<Beat>> {
    Ok(all!(tx, BeatRow, BEATS)?.into_iter().map(Beat::from).collect())
}

/// Forgets a server that ends.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn forget(tx: &mut Tx, server_id: Uuid) -> Result<()> {
    run!(tx, FORGET, server_id)?;
    Ok(())
}

/// Forgets servers that have said nothing since then.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn forget_silent(tx: &mut Tx, since: Timestamp) -> Result<()> {
    run!(tx, FORGET_OLD, At(since))?;
    Ok(())
}

/// What an installation does now and then, and whose last time is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A backup was written.
    Backup,
    /// What had reached the end of its period was deleted.
    Retention,
}

impl Done {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Retention => "retention",
        }
    }
}

#[derive(sqlx::FromRow)]
struct DoneRow {
    done_at: At,
}

const NOTE_DONE: Statement = Statement::both(
    "-- condition::note_done
INSERT INTO last_done (what, done_at) VALUES ($1, $2)
    ON CONFLICT (what) DO UPDATE SET done_at = excluded.done_at WHERE last_done.done_at < excluded.done_at",
);

const LAST_DONE: Statement = Statement::both(
    "-- condition::last_done
SELECT done_at FROM last_done WHERE what = $1",
);

/// Notes that something ended well; a later time that is noted already stays.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_done(tx: &mut Tx, what: Done, at: Timestamp) -> Result<()> {
    run!(tx, NOTE_DONE, what.as_str(), At(at))?;
    Ok(())
}

/// Says when something last ended well; `None` if it never did, or not since this is noted.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn last_done(tx: &mut Tx, what: Done) -> Result<Option<Timestamp>> {
    Ok(optional!(tx, DoneRow, LAST_DONE, what.as_str())?.map(|row| row.done_at.0))
}

/// Work of an authority that waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Jobs that nobody has begun.
    pub n_jobs_waiting: i64,
    /// Jobs at which somebody is.
    pub n_jobs_running: i64,
    /// Jobs that failed since a time.
    pub n_jobs_failed: i64,
    /// When the oldest that waits was asked for.
    pub oldest_job_at: Option<Timestamp>,
    /// Mails that wait or are under way.
    pub n_mails_waiting: i64,
    /// Mails that didn't go.
    pub n_mails_failed: i64,
    /// Mails that are kept back since a restore.
    pub n_mails_held: i64,
    /// When the oldest that waits was due.
    pub oldest_mail_at: Option<Timestamp>,
    /// Days of check-ins that aren't packed.
    pub n_days_open: i64,
}

#[derive(sqlx::FromRow)]
struct WorkRow {
    n_jobs_waiting: i64,
    n_jobs_running: i64,
    n_jobs_failed: i64,
    oldest_job_at: Option<At>,
    n_mails_waiting: i64,
    n_mails_failed: i64,
    n_mails_held: i64,
    oldest_mail_at: Option<At>,
    n_days_open: i64,
}

const WORK: Statement = Statement::both(
    "-- condition::work
SELECT (SELECT count(*) FROM job WHERE authority_id = $1 AND finished_at IS NULL AND state = 'waiting') AS n_jobs_waiting,
       (SELECT count(*) FROM job WHERE authority_id = $1 AND finished_at IS NULL AND state = 'running') AS n_jobs_running,
       (SELECT count(*) FROM job WHERE authority_id = $1 AND finished_at >= $2 AND state = 'failed') AS n_jobs_failed,
       (SELECT min(created_at) FROM job WHERE authority_id = $1 AND finished_at IS NULL AND state = 'waiting')
         AS oldest_job_at,
       (SELECT count(*) FROM message WHERE authority_id = $1 AND channel = 'mail' AND status IN ('waiting', 'sending'))
         AS n_mails_waiting,
       (SELECT count(*) FROM message WHERE authority_id = $1 AND channel = 'mail' AND status = 'failed') AS n_mails_failed,
       (SELECT count(*) FROM message WHERE authority_id = $1 AND channel = 'mail' AND status = 'held') AS n_mails_held,
       (SELECT min(not_before) FROM message WHERE authority_id = $1 AND channel = 'mail' AND status = 'waiting')
         AS oldest_mail_at,
       (SELECT count(*) FROM check_in_day WHERE authority_id = $1 AND packed_at IS NULL AND destroyed_at IS NULL)
         AS n_days_open",
);

/// Says what work of the authority waits; failures are counted from a time on.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn work(tx: &mut Tx, failed_since: Timestamp) -> Result<Work> {
    let row = optional!(tx, WorkRow, WORK, mine, At(failed_since))?.ok_or(StorageError::Unreadable("work"))?;
    Ok(Work {
        n_jobs_waiting: row.n_jobs_waiting,
        n_jobs_running: row.n_jobs_running,
        n_jobs_failed: row.n_jobs_failed,
        oldest_job_at: row.oldest_job_at.map(|at| at.0),
        n_mails_waiting: row.n_mails_waiting,
        n_mails_failed: row.n_mails_failed,
        n_mails_held: row.n_mails_held,
        oldest_mail_at: row.oldest_mail_at.map(|at| at.0),
        n_days_open: row.n_days_open,
    })
}

#[derive(sqlx::FromRow)]
struct SchemaRow {
    version: Option<i64>,
}

const SCHEMA: Statement = Statement::both(
    "-- condition::schema
SELECT max(version) AS version FROM _sqlx_migrations",
);

/// Returns the newest step that the schema of the database has taken.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn schema(tx: &mut Tx) -> Result<i64> {
    Ok(optional!(tx, SchemaRow, SCHEMA)?.and_then(|row| row.version).unwrap_or(0))
}

/// A standby of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standby {
    /// As it calls itself.
    pub name: String,
    /// `streaming` where all is well; else `startup`, `catchup`, `backup`, `stopping`.
    pub state: String,
    /// `sync` or `quorum` if commits wait for it; else `potential`, `async`.
    pub sync_state: String,
    /// Bytes that the primary has written and it doesn't show yet.
    pub lag_bytes: Option<i64>,
    /// Milliseconds that it was behind when it last said so; `None` while nothing is written.
    pub lag_ms: Option<i64>,
}

/// PostgreSQL and those who copy it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replication {
    /// Such as `15.18`.
    pub version: String,
    /// Whether this is a standby itself, which takes no writes.
    pub is_standby: bool,
    /// The time there.
    pub clock: Timestamp,
    /// `synchronous_standby_names`: whose copy a commit waits for; empty if for nobody's.
    pub waits_for: String,
    /// Whether a commit waits at all: `off` and `local` don't.
    pub synchronous_commit: String,
    /// Its standbys, by name; `None` if this role may not see them.
    pub standbys: Option<Vec<Standby>>,
    /// When a segment of the log was last put into the archive; `None` without an archive, or if none was since this is the primary.
    pub archived_at: Option<Timestamp>,
    /// When that last failed.
    pub archive_failed_at: Option<Timestamp>,
    /// Seconds after which a segment goes to the archive at the latest; `None` without an archive, or if only full ones do.
    pub archives_every_s: Option<i64>,
    /// Bytes of the database.
    pub n_bytes: i64,
}

#[derive(sqlx::FromRow)]
struct ReplicationRow {
    version: String,
    is_standby: bool,
    clock: At,
    waits_for: String,
    synchronous_commit: String,
    may_see: bool,
    archived_at: Option<At>,
    archive_failed_at: Option<At>,
    archives_every_s: Option<i64>,
    n_bytes: i64,
}

const REPLICATION: &str = "-- condition::replication
SELECT split_part(current_setting('server_version'), ' ', 1) AS version, pg_is_in_recovery() AS is_standby,
       clock_timestamp() AS clock, current_setting('synchronous_standby_names') AS waits_for,
       current_setting('synchronous_commit') AS synchronous_commit,
       pg_has_role('pg_read_all_stats', 'USAGE') AS may_see,
       (SELECT last_archived_time FROM pg_stat_archiver) AS archived_at,
       (SELECT last_failed_time FROM pg_stat_archiver) AS archive_failed_at,
       (SELECT setting::bigint FROM pg_settings
         WHERE name = 'archive_timeout' AND setting <> '0' AND current_setting('archive_mode') <> 'off') AS archives_every_s,
       pg_database_size(current_database()) AS n_bytes";

#[derive(sqlx::FromRow)]
struct StandbyRow {
    name: String,
    state: String,
    sync_state: String,
    lag_bytes: Option<i64>,
    lag_ms: Option<i64>,
}

const STANDBYS: &str = "-- condition::standbys
SELECT application_name::text AS name, state, sync_state,
       (pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint AS lag_bytes,
       (extract(epoch FROM replay_lag) * 1000)::bigint AS lag_ms
  FROM pg_stat_replication WHERE state IS NOT NULL AND sync_state IS NOT NULL ORDER BY application_name, pid";

/// Says how PostgreSQL and its standbys stand; `None` on SQLite. As the role for jobs, which may be allowed to see standbys.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn replication(tx: &mut Tx) -> Result<Option<Replication>> {
    let Inner::Postgres(conn) = &mut tx.inner else { return Ok(None) };
    let row: ReplicationRow = sqlx::query_as(REPLICATION).fetch_one(&mut **conn).await?;
    let standbys = if row.may_see && !row.is_standby {
        let rows: Vec<StandbyRow> = sqlx::query_as(STANDBYS).fetch_all(&mut **conn).await?;
        Some(rows.into_iter().map(Standby::from).collect())
    } else {
        None
    };
    Ok(Some(Replication {
        version: row.version,
        is_standby: row.is_standby,
        clock: row.clock.0,
        waits_for: row.waits_for,
        synchronous_commit: row.synchronous_commit,
        standbys,
        archived_at: row.archived_at.map(|at| at.0),
        archive_failed_at: row.archive_failed_at.map(|at| at.0),
        archives_every_s: row.archives_every_s,
        n_bytes: row.n_bytes,
    }))
}

#[derive(sqlx::FromRow)]
struct ClockRow {
    clock: At,
}

const CLOCK: &str = "-- condition::clock
SELECT clock_timestamp() AS clock";

/// Says what time it is where PostgreSQL runs; `None` on SQLite.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn clock(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let Inner::Postgres(conn) = &mut tx.inner else { return Ok(None) };
    let ClockRow { clock } = sqlx::query_as(CLOCK).fetch_one(&mut **conn).await?;
    Ok(Some(clock.0))
}

#[derive(sqlx::FromRow)]
struct MaySeeRow {
    may_see: bool,
}

const MAY_SEE_LOG: &str = "-- condition::may_see_log
SELECT has_function_privilege('pg_ls_waldir()', 'EXECUTE') AS may_see";

#[derive(sqlx::FromRow)]
struct BaseBackupRow {
    made_at: Option<At>,
}

// Who takes a base backup leaves a file of this name in the primary's log, and the last of them stays there.
const BASE_BACKUP: &str = "-- condition::base_backup
SELECT max(modification) AS made_at FROM pg_ls_waldir() WHERE name LIKE '%.backup'";

/// Says when the last base backup of PostgreSQL ended, whoever made it, as far as this primary knows: one that was promoted since then
/// doesn't. `None` on SQLite, and if this role may not see the log.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn base_backup(tx: &mut Tx) -> Result<Option<Timestamp>> {
    let Inner::Postgres(conn) = &mut tx.inner else { return Ok(None) };
    let MaySeeRow { may_see } = sqlx::query_as(MAY_SEE_LOG).fetch_one(&mut **conn).await?;
    if !may_see {
        return Ok(None);
    }
    let BaseBackupRow { made_at } = sqlx::query_as(BASE_BACKUP).fetch_one(&mut **conn).await?;
    Ok(made_at.map(|at| at.0))
}

impl From<StandbyRow> for Standby {
    fn from(row: StandbyRow) -> Self {
        let StandbyRow { name, state, sync_state, lag_bytes, lag_ms } = row;
        Self { name, state, sync_state, lag_bytes, lag_ms }
    }
}
