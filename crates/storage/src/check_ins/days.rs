//! The days to which check-ins are sealed: their public keys, and how far each has come on the way to its end.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::PublicKey;
use crate::store::Tx;
use domain::check_ins::VenueDay;
use domain::ids::AuthorityId;
use jiff::Timestamp;
use jiff::civil::Date;

/// A day of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckInDay {
    /// Which.
    pub of: VenueDay,
    /// What guests are sealed to.
    pub public_key: PublicKey,
    /// From when its key must be destroyed.
    pub ends_at: Timestamp,
    /// When it was closed and packed.
    pub packed_at: Option<Timestamp>,
    /// When its key was destroyed.
    pub destroyed_at: Option<Timestamp>,
    /// When its rows were gone too.
    pub dropped_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    authority_id: i32,
    day: Day,
    public_key: Vec<u8>,
    ends_at: At,
    packed_at: Option<At>,
    destroyed_at: Option<At>,
    dropped_at: Option<At>,
}

impl TryFrom<DayRow> for CheckInDay {
    type Error = StorageError;
    fn try_from(row: DayRow) -> Result<Self> {
        Ok(Self {
            of: VenueDay { authority_id: AuthorityId(row.authority_id), day: row.day.0 },
            public_key: PublicKey::try_from(row.public_key).map_err(|_| StorageError::Unreadable("public key"))?,
            ends_at: row.ends_at.0,
            packed_at: row.packed_at.map(|at| at.0),
            destroyed_at: row.destroyed_at.map(|at| at.0),
            dropped_at: row.dropped_at.map(|at| at.0),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- check_ins::insert_day
INSERT INTO check_in_day (authority_id, day, public_key, ends_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(
    "-- check_ins::find_day
SELECT authority_id, day, public_key, ends_at, packed_at, destroyed_at, dropped_at
  FROM check_in_day WHERE authority_id = $1 AND day = $2",
);

const LIST: Statement = Statement::both(
    "-- check_ins::list_days
SELECT authority_id, day, public_key, ends_at, packed_at, destroyed_at, dropped_at
  FROM check_in_day WHERE authority_id = $1 AND day >= $2 ORDER BY day",
);

const SHORTEN: Statement = Statement::both(
    "-- check_ins::shorten_day
UPDATE check_in_day SET ends_at = $3 WHERE authority_id = $1 AND day = $2 AND ends_at > $3",
);

const RENEW: Statement = Statement::both(
    "-- check_ins::renew_day
UPDATE check_in_day SET public_key = $3 WHERE authority_id = $1 AND day = $2 AND destroyed_at IS NULL",
);

const PACKED: Statement = Statement::both(
    "-- check_ins::day_is_packed
UPDATE check_in_day SET packed_at = $3 WHERE authority_id = $1 AND day = $2",
);

const DESTROYED: Statement = Statement::both(
    "-- check_ins::day_is_destroyed
UPDATE check_in_day SET destroyed_at = coalesce(destroyed_at, $3) WHERE authority_id = $1 AND day = $2",
);

const DROPPED: Statement = Statement::both(
    "-- check_ins::day_is_dropped
UPDATE check_in_day SET dropped_at = $3 WHERE authority_id = $1 AND day = $2",
);

/// Notes a day and the public half of its key; nothing if it is there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, day: Date, public_key: &PublicKey, ends_at: Timestamp) -> Result<()> {
    run!(tx, INSERT, mine, Day(day), &public_key[..], At(ends_at))?;
    Ok(())
}

/// Finds a day.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, day: Date) -> Result<Option<CheckInDay>> {
    optional!(tx, DayRow, FIND, mine, Day(day))?.map(CheckInDay::try_from).transpose()
}

/// Lists the days from one on.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx, from: Date) -> Result<Vec<CheckInDay>> {
    all!(tx, DayRow, LIST, mine, Day(from))?.into_iter().map(CheckInDay::try_from).collect()
}

/// Lets a day end earlier. Never later.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn shorten(tx: &mut Tx, day: Date, ends_at: Timestamp) -> Result<()> {
    run!(tx, SHORTEN, mine, Day(day), At(ends_at))?;
    Ok(())
}

/// Gives a day whose key was lost another one. What was sealed to the first stays unreadable.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn renew(tx: &mut Tx, day: Date, public_key: &PublicKey) -> Result<()> {
    run!(tx, RENEW, mine, Day(day), &public_key[..])?;
    Ok(())
}

/// Notes that a day is packed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_packed(tx: &mut Tx, day: Date, at: Timestamp) -> Result<()> {
    run!(tx, PACKED, mine, Day(day), At(at))?;
    Ok(())
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

/// Notes that the rows of a day are gone.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn note_dropped(tx: &mut Tx, day: Date, at: Timestamp) -> Result<()> {
    run!(tx, DROPPED, mine, Day(day), At(at))?;
    Ok(())
}
