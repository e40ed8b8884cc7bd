//! Reads on standbys: only when what is needed is there already, and always knowing how old the picture is.
//!
//! Once a second a server notes how far the primary has written. A standby that has replayed as far as a note is not older than
//! the note, whatever the clocks of the hosts say. Whoever asks for their own writes brings the position of these.

use super::postgres::PgTx;
use super::{Freshness, PoolState, Store, set_authority};
use crate::error::{Result, StorageError};
use domain::ids::AuthorityId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection, PgPool};
use std::collections::VecDeque;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How often it is looked again whether a standby has caught up, and how often that is tried: 50 ms in all. Then the primary is
/// asked, which costs less than to wait on.
const AGAIN_AFTER: Duration = Duration::from_millis(10);
const TRIES: usize = 6;
/// How long a connection to a standby may take. Without one the primary is asked.
const LONGEST_CONNECT: Duration = Duration::from_millis(500);
/// What the pool is called in figures.
const POOL: &str = "standby";
/// Notes that are kept: ten minutes of them, one a second.
const MOST_NOTES: usize = 600;

/// How far a cluster of databases has written. Positions of different clusters, or of one before and after another primary, can't
/// be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Which cluster.
    cluster: i64,
    /// Counts its primaries.
    timeline: i64,
    /// Bytes of its write-ahead log.
    lsn: i64,
}

impl Position {
    fn is_like(self, other: Self) -> bool {
        self.cluster == other.cluster && self.timeline == other.timeline
    }
}

/// The standbys of a store.
#[derive(Debug)]
pub(super) struct Standbys {
    pool: PgPool,
    /// What the primary had written when, oldest first.
    notes: Mutex<VecDeque<(Timestamp, Position)>>,
    /// Whether one answered when it was last tried: nobody waits for connections that don't come.
    is_there: AtomicBool,
}

const POSITION: &str = "-- store::position
SELECT (SELECT system_identifier FROM pg_control_system()) AS cluster,
       ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::bigint AS timeline,
       (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS lsn";

const REPLAYED: &str = "-- store::replayed
SELECT CASE WHEN pg_is_in_recovery() THEN (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint END AS lsn";

impl Store {
    /// Has reads that may be old go to the standbys behind a URL. Nothing on SQLite. They are connected to when they are needed.
    ///
    /// # Errors
    ///
    /// [`StorageError::Refused`] if the URL can't be read.
    pub fn with_standbys(mut self, url: &str, n_connections: u32) -> Result<Self> {
        if self.postgres().is_some() {
            let connect = PgConnectOptions::from_str(url)?.application_name("epitrace standby");
            let pool = PgPoolOptions::new()
                .max_connections(n_connections)
                .acquire_timeout(LONGEST_CONNECT)
                .connect_lazy_with(connect.options([("random_page_cost", "1.1")]));
            let standbys = Standbys { pool, notes: Mutex::default(), is_there: AtomicBool::new(true) };
            self.standbys = Some(std::sync::Arc::new(standbys));
        }
        Ok(self)
    }

    /// Says whether it knows standbys.
    #[must_use]
    pub fn has_standbys(&self) -> bool {
        self.standbys.is_some()
    }

    /// Says whether standbys can be asked for a position: it is of this cluster and of its present primary.
    #[must_use]
    pub fn can_compare(&self, position: Position) -> bool {
        self.standbys.as_ref().and_then(|standbys| standbys.newest()).is_some_and(|newest| newest.is_like(position))
    }

    /// Returns how far the primary has written: all that was acknowledged before. `None` without standbys, where nobody needs it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the primary can't be reached.
    pub async fn position(&self) -> Result<Option<Position>> {
        let (Some(_), Some(pool)) = (&self.standbys, self.postgres()) else { return Ok(None) };
        let (cluster, timeline, lsn) = sqlx::query_as(POSITION).fetch_one(pool).await.map_err(primary_error)?;
        Ok(Some(Position { cluster, timeline, lsn }))
    }

    /// Notes how far the primary has written, and tries standbys again that didn't answer. Belongs into each second of a server:
    /// without notes nobody knows how old a standby's picture is, and the primary is asked.
    ///
    /// # Errors
    ///
    /// [`StorageError::Away`] if the primary can't be reached.
    pub async fn note_position(&self, now: Timestamp) -> Result<()> {
        let Some(standbys) = &self.standbys else { return Ok(()) };
        standbys.is_there.store(true, Ordering::Relaxed);
        if let Some(position) = self.position().await? {
            let mut notes = standbys.notes.lock().unwrap_or_else(PoisonError::into_inner);
            if notes.len() == MOST_NOTES {
                notes.pop_front();
            }
            notes.push_back((now, position));
        }
        Ok(())
    }
}

/// Behind a balancer that hasn't noticed yet, the primary of a moment ago may be a standby.
fn primary_error(error: sqlx::Error) -> StorageError {
    match &error {
        sqlx::Error::Database(said) if said.code().as_deref() == Some("55000") => StorageError::Away(error),
        _ => error.into(),
    }
}

impl Standbys {
    /// Begins a transaction on a standby that has what is needed, and says as of when its picture is. `None` if none has it.
    pub(super) async fn begin(
        &self,
        authority_id: Option<AuthorityId>,
        freshness: Freshness,
    ) -> Option<(PgTx, Timestamp)> {
        if !self.is_there.load(Ordering::Relaxed) {
            return None;
        }
        let needed = self.needed(freshness)?;
        let begun = self.begin_at(authority_id, needed).await;
        if begun.is_err() {
            self.is_there.store(false, Ordering::Relaxed);
        }
        let (tx, replayed) = begun.ok()??;
        Some((tx, self.as_of(replayed)?))
    }

    fn newest(&self) -> Option<Position> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).back().map(|(_, position)| *position)
    }

    /// How far a standby must be; `None` where that can't be said.
    fn needed(&self, freshness: Freshness) -> Option<i64> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, newest) = notes.back()?;
        match freshness {
            Freshness::Fresh => None,
            Freshness::AtLeast(seen) => {
                // Before the first note no age could be said.
                newest.is_like(seen).then_some(seen.lsn.max(notes.front()?.1.lsn))
            }
            Freshness::Stale(since) => notes.iter().find(|(at, _)| *at >= since).map(|(_, position)| position.lsn),
        }
    }

    /// Begins on whichever standby answers, if it has replayed so far within 50 ms. Asked before it begins: the picture is not
    /// older than that.
    async fn begin_at(&self, authority_id: Option<AuthorityId>, needed: i64) -> Result<Option<(PgTx, i64)>> {
        let mut connection = self.pool.acquire().await?;
        for _ in 0..TRIES {
            let Some(replayed) = replayed(&mut connection).await? else { return Ok(None) };
            if replayed >= needed {
                let mut tx = PgTx::on(connection, POOL);
                tx.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
                if let Some(authority_id) = authority_id {
                    set_authority(&mut tx, authority_id).await?;
                }
                return Ok(Some((tx, replayed)));
            }
            tokio::time::sleep(AGAIN_AFTER).await;
        }
        Ok(None)
    }

    /// When all was written that has been replayed.
    fn as_of(&self, replayed: i64) -> Option<Timestamp> {
        let notes = self.notes.lock().unwrap_or_else(PoisonError::into_inner);
        notes.iter().rev().find(|(_, position)| position.lsn <= replayed).map(|(at, _)| *at)
    }

    pub(super) fn pool_state(&self) -> PoolState {
        PoolState::of(POOL, &self.pool)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

/// How far a standby has replayed; `None` if it isn't one any more.
async fn replayed(connection: &mut PgConnection) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar(REPLAYED).fetch_one(connection).await?)
}
