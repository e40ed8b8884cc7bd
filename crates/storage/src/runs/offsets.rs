//! How far a log was read, and records that can't be stored.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::RunTx;
use jiff::Timestamp;

/// A partition of a log.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LogPlace {
    /// Which log: of the embedded one its UUID, of a Kafka cluster its id with the topic's.
    pub log_id: String,
    /// Which topic.
    pub topic: String,
    /// Which partition.
    pub partition: i32,
}

/// How far it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The first record that is not stored yet.
    pub next: u64,
    /// How many records were gone before they were read.
    pub n_gaps: u64,
}

/// A record that can't be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Where it lies.
    pub place: LogPlace,
    /// Its offset.
    pub offset: u64,
    /// Why.
    pub reason: String,
    /// When it was put aside.
    pub noted_at: Timestamp,
    /// The record.
    pub bytes: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    next_offset: i64,
    n_gaps: i64,
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    log_id: String,
    topic: String,
    partition_no: i32,
    record_offset: i64,
    reason: String,
    noted_at: At,
    bytes: Vec<u8>,
}

const PROGRESS: Statement = Statement::both(
    "-- runs::progress
SELECT next_offset, n_gaps FROM log_offset WHERE log_id = $1 AND topic = $2 AND partition_no = $3",
);

const BEGIN: Statement = Statement::both(
    "-- runs::begin_log
INSERT INTO log_offset (log_id, topic, partition_no, next_offset, n_gaps) VALUES ($1, $2, $3, 0, 0) ON CONFLICT DO NOTHING",
);

const ADVANCE: Statement = Statement::both(
    "-- runs::advance
UPDATE log_offset SET next_offset = $5, n_gaps = n_gaps + $6
 WHERE log_id = $1 AND topic = $2 AND partition_no = $3 AND next_offset = $4",
);

const PUT_ASIDE: Statement = Statement::both(
    "-- runs::put_aside
INSERT INTO dead_letter (log_id, topic, partition_no, record_offset, reason, noted_at, bytes)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
);

const LETTERS: Statement = Statement::both(
    "-- runs::dead_letters
SELECT log_id, topic, partition_no, record_offset, reason, noted_at, bytes FROM dead_letter
 ORDER BY noted_at DESC, log_id, topic, partition_no, record_offset DESC LIMIT $1",
);

const FORGET: Statement = Statement::both(
    "-- runs::forget_dead_letters
DELETE FROM dead_letter WHERE noted_at < $1",
);

/// Says how far a partition was read; from 0 where nobody has.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn progress(tx: &mut RunTx, place: &LogPlace) -> Result<Progress> {
    let row = optional!(tx, ProgressRow, PROGRESS, &place.log_id, &place.topic, place.partition)?;
    Ok(row.map_or(Progress::default(), |row| Progress {
        next: row.next_offset.unsigned_abs(),
        n_gaps: row.n_gaps.unsigned_abs(),
    }))
}

/// Moves on from `first`, where the batch began, to `next`; `n_gaps` records were gone in between. Returns whether it did:
/// another consumer may have stored the same batch, and then nothing of this one may last.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn advance(tx: &mut RunTx, place: &LogPlace, first: u64, next: u64, n_gaps: u64) -> Result<bool> {
    if first == 0 {
        run!(tx, BEGIN, &place.log_id, &place.topic, place.partition)?;
    }
    let n = run!(
        tx,
        ADVANCE,
        &place.log_id,
        &place.topic,
        place.partition,
        first.cast_signed(),
        next.cast_signed(),
        n_gaps.cast_signed(),
    )?;
    Ok(n == 1)
}

/// Puts a record aside.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn put_aside(tx: &mut RunTx, letter: &DeadLetter) -> Result<()> {
    run!(
        tx,
        PUT_ASIDE,
        &letter.place.log_id,
        &letter.place.topic,
        letter.place.partition,
        letter.offset.cast_signed(),
        &letter.reason,
        At(letter.noted_at),
        &letter.bytes[..],
    )?;
    Ok(())
}

/// Lists records that were put aside, newest first, at most `limit`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn dead_letters(tx: &mut RunTx, limit: i64) -> Result<Vec<DeadLetter>> {
    let letter = |row: LetterRow| DeadLetter {
        place: LogPlace { log_id: row.log_id, topic: row.topic, partition: row.partition_no },
        offset: row.record_offset.unsigned_abs(),
        reason: row.reason,
        noted_at: row.noted_at.0,
        bytes: row.bytes,
    };
    Ok(all!(tx, LetterRow, LETTERS, limit)?.into_iter().map(letter).collect())
}

/// Deletes records that were put aside before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn forget_dead_letters(tx: &mut RunTx, before: Timestamp) -> Result<u64> {
    run!(tx, FORGET, At(before))
}
