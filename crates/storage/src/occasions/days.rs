//! The days to which visitors are sealed, and how far each has come on the way to its end.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::PublicKey;
use crate::store::Tx;
use jiff::Timestamp;
use jiff::civil::Date;

/// A day of the authority on which visitors were handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadDay {
    /// Which.
    pub day: Date,
    /// What visitors are sealed to.
    pub public_key: PublicKey,
    /// From when its key must be destroyed.
    pub ends_at: Timestamp,
    /// When its key was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// When its rows were gone too.
    pub dropped_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    day: Day,
    public_key: Vec<u8>,
    ends_at: At,
    destroyed_at: Option<At>,
    dropped_at: Option<At>,
}

impl TryFrom<DayRow> for UploadDay {
    type Error = StorageError;
    fn try_from(row: DayRow) -> Result<Self> {
        Ok(Self {
            day: row.day.0,
            public_key: PublicKey::try_from(row.public_key).map_err(|_| StorageError::Unreadable("public key"))?,
            ends_at: row.ends_at.0,
            destroyed_at: row.destroyed_at.map(|at| at.0),
            dropped_at: row.dropped_at.map(|at| at.0),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- occasions::insert_day
INSERT INTO upload_day (authority_id, day, public_key, ends_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(
    "-- occasions::find_day
SELECT day, public_key, ends_at, destroyed_at, dropped_at FROM upload_day WHERE authority_id = $1 AND day = $2",
);

const LIST: Statement = Statement::both(
    "-- occasions::list_days
SELECT day, public_key, ends_at, destroyed_at, dropped_at
  FROM upload_day WHERE authority_id = $1 AND day >= $2 ORDER BY day",
);

const DESTROYED: Statement = Statement::both(
    "-- occasions::day_is_destroyed
UPDATE upload_day SET destroyed_at = coalesce(destroyed_at, $3) WHERE authority_id = $1 AND day = $2",
);

const DROPPED: Statement = Statement::both(
    "-- occasions::day_is_dropped
UPDATE upload_day SET dropped_at = $3 WHERE authority_id = $1 AND day = $2",
);

const DROP_VISITORS: Statement = Statement::both(
    "-- occasions::drop_visitors
DELETE FROM occasion_visitor WHERE authority_id = $1 AND day = $2",
);

const DROP_BLOCKS: Statement = Statement::both(
    "-- occasions::drop_blocks
DELETE FROM occasion_block WHERE authority_id = $1 AND day = $2",
);

/// Notes a day and the public half of its key; nothing if it is there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_day(tx: &mut Tx, day: Date, public_key: &PublicKey, ends_at: Timestamp) -> Result<()> {
    run!(tx, INSERT, mine, Day(day), &public_key[..], At(ends_at))?;
    Ok(())
}

/// Finds a day.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find_day(tx: &mut Tx, day: Date) -> Result<Option<UploadDay>> {
    optional!(tx, DayRow, FIND, mine, Day(day))?.map(UploadDay::try_from).transpose()
}

/// Lists the days from one on.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list_days(tx: &mut Tx, from: Date) -> Result<Vec<UploadDay>> {
    all!(tx, DayRow, LIST, mine, Day(from))?.into_iter().map(UploadDay::try_from).collect()
}

/// Notes that the key of a day is destroyed; the first time counts.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_destroyed(tx: &mut Tx, day: Date, at: Timestamp) -> Result<()> {
    run!(tx, DESTROYED, mine, Day(day), At(at))?;
    Ok(())
}

/// Deletes the visitors of a day. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn drop_day(tx: &mut Tx, day: Date) -> Result<u64> {
    run!(tx, DROP_BLOCKS, mine, Day(day))?;
    run!(tx, DROP_VISITORS, mine, Day(day))
}

/// Notes that the rows of a day are gone.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_dropped(tx: &mut Tx, day: Date, at: Timestamp) -> Result<()> {
    run!(tx, DROPPED, mine, Day(day), At(at))?;
    Ok(())
}
