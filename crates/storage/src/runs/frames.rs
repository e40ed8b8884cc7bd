//! Frames of runs, compressed.

use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::store::RunTx;
use domain::ids::RunId;
use std::collections::BTreeMap;

/// How hard frames are compressed: 3 is Zstandard's own choice.
const LEVEL: i32 = 3;
/// A frame isn't longer than this, unpacked: a key frame of as many nodes as there can be numbers.
const LONGEST: usize = 256 << 20;

/// Where a frame stands among those of its run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameAt {
    /// Which second it tells of.
    pub second: u32,
    /// 1 key, 2 amendment, 3 part.
    pub kind: u8,
    /// Partition of the log from which it was made.
    pub chain: i32,
    /// Number in the chain.
    pub part: i64,
}

impl FrameAt {
    /// Returns the place before all frames of a second.
    #[must_use]
    pub fn before(second: u32) -> Self {
        Self { second, kind: 0, chain: 0, part: 0 }
    }
}

/// A frame, compressed as it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptFrame {
    /// Where.
    pub at: FrameAt,
    /// Its bytes, by Zstandard.
    pub packed: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct FrameRow {
    second: i64,
    kind: i32,
    chain: i32,
    part: i64,
    bytes: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    number: Option<i64>,
}

const INSERT: &str = "-- runs::put_frames
INSERT INTO run_frame (run_id, second, kind, chain, part, bytes) ";

const FROM: Statement = Statement::both(
    "-- runs::frames_after
SELECT second, kind, chain, part, bytes FROM run_frame
 WHERE run_id = $1 AND (second, kind, chain, part) > ($2, $3, $4, $5) AND second <= $6
 ORDER BY second, kind, chain, part LIMIT $7",
);

const OF_CHAIN: Statement = Statement::both(
    "-- runs::frames_of_chain
SELECT second, kind, chain, part, bytes FROM run_frame
 WHERE run_id = $1 AND second >= $2 AND chain = $3 ORDER BY second, kind, part",
);

const SINCE: Statement = Statement::both(
    "-- runs::frames_since
SELECT second, kind, chain, part, bytes FROM run_frame
 WHERE run_id = $1 AND chain = $2 AND part >= $3 ORDER BY part LIMIT $4",
);

const LAST_KEY: Statement = Statement::both(
    "-- runs::last_key_before
SELECT max(second) AS number FROM run_frame WHERE run_id = $1 AND second <= $2 AND kind = 1 AND chain = $3",
);

const KEYS: Statement = Statement::both(
    "-- runs::key_seconds
SELECT second AS number FROM run_frame WHERE run_id = $1 AND kind = 1 AND chain = $2 ORDER BY second",
);

const CHAINS: Statement = Statement::both(
    "-- runs::chains
SELECT DISTINCT CAST(chain AS BIGINT) AS number FROM run_frame WHERE run_id = $1 AND kind = 1 ORDER BY 1",
);

const NEWEST: Statement = Statement::both(
    "-- runs::newest_second
SELECT max(second) AS number FROM run_frame WHERE run_id = $1",
);

const COUNT_SECONDS: Statement = Statement::both(
    "-- runs::count_seconds
SELECT count(DISTINCT second) AS number FROM run_frame WHERE run_id = $1 AND kind = 3",
);

const NEXT_PART: Statement = Statement::both(
    "-- runs::next_part
SELECT max(part) + 1 AS number FROM run_frame WHERE run_id = $1 AND chain = $2",
);

impl From<FrameRow> for KeptFrame {
    fn from(row: FrameRow) -> Self {
        let second = u32::try_from(row.second).unwrap_or(u32::MAX);
        let kind = u8::try_from(row.kind).unwrap_or(0);
        Self { at: FrameAt { second, kind, chain: row.chain, part: row.part }, packed: row.bytes }
    }
}

fn number(row: Option<NumberRow>) -> Option<u32> {
    row.and_then(|row| row.number).and_then(|number| u32::try_from(number).ok())
}

/// Compresses and stores frames.
///
/// # Errors
///
/// [`StorageError`] if they can't be written.
pub async fn put_frames(tx: &mut RunTx, run_id: RunId, frames: &[(FrameAt, Vec<u8>)]) -> Result<()> {
    let pack = |(at, bytes): &(FrameAt, Vec<u8>)| Ok((*at, zstd::bulk::compress(bytes, LEVEL).map_err(unpackable)?));
    let packed = frames.iter().map(pack).collect::<Result<Vec<_>>>()?;
    insert_all!(
        tx,
        INSERT,
        "",
        packed,
        |row| run_id.0,
        i64::from(row.0.second),
        i32::from(row.0.kind),
        row.0.chain,
        row.0.part,
        &row.1[..]
    )?;
    Ok(())
}

fn unpackable(_: std::io::Error) -> StorageError {
    StorageError::Unreadable("frame of a run")
}

/// Opens the bytes of a frame.
///
/// # Errors
///
/// [`StorageError::Unreadable`] if they are broken.
pub fn unpacked(packed: &[u8]) -> Result<Vec<u8>> {
    let length = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().unwrap_or(0);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if length > LONGEST {
        return Err(StorageError::Unreadable("frame of a run"));
    }
    zstd::bulk::decompress(packed, length).map_err(unpackable)
}

/// Reads frames after a place, up to a second, in order, at most `limit`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn frames_after(
    tx: &mut RunTx,
    run_id: RunId,
    after: FrameAt,
    until: u32,
    limit: i64,
) -> Result<Vec<KeptFrame>> {
    let FrameAt { second, kind, chain, part } = after;
    let (second, until) = (i64::from(second), i64::from(until));
    let rows = all!(tx, FrameRow, FROM, run_id.0, second, i32::from(kind), chain, part, until, limit)?;
    Ok(rows.into_iter().map(KeptFrame::from).collect())
}

/// Reads frames of one chain from a second on, in order.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn frames_of_chain(tx: &mut RunTx, run_id: RunId, chain: i32, from: u32) -> Result<Vec<KeptFrame>> {
    let rows = all!(tx, FrameRow, OF_CHAIN, run_id.0, i64::from(from), chain)?;
    Ok(rows.into_iter().map(KeptFrame::from).collect())
}

/// Finds the last key frame of each chain at or before a second; chains without one are missing.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn last_keys_before(tx: &mut RunTx, run_id: RunId, second: u32) -> Result<BTreeMap<i32, u32>> {
    let mut keys = BTreeMap::new();
    for chain in chains(tx, run_id).await? {
        let found = number(optional!(tx, NumberRow, LAST_KEY, run_id.0, i64::from(second), chain)?);
        keys.extend(found.map(|key| (chain, key)));
    }
    Ok(keys)
}

/// Finds from where frames must be read to know a second: the smallest of the chains' last key frames at or before it.
/// `None` where there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn last_key_before(tx: &mut RunTx, run_id: RunId, second: u32) -> Result<Option<u32>> {
    Ok(last_keys_before(tx, run_id, second).await?.into_values().min())
}

/// Reads frames of one chain by their numbers, from one on, at most `limit`: in the order in which they were stored.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn frames_since(tx: &mut RunTx, run_id: RunId, chain: i32, part: i64, limit: i64) -> Result<Vec<KeptFrame>> {
    let rows = all!(tx, FrameRow, SINCE, run_id.0, chain, part, limit)?;
    Ok(rows.into_iter().map(KeptFrame::from).collect())
}

/// Lists the chains of a run.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn chains(tx: &mut RunTx, run_id: RunId) -> Result<Vec<i32>> {
    let rows = all!(tx, NumberRow, CHAINS, run_id.0)?;
    Ok(rows.into_iter().filter_map(|row| i32::try_from(row.number?).ok()).collect())
}

/// Lists the seconds of which a chain has key frames.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn key_seconds(tx: &mut RunTx, run_id: RunId, chain: i32) -> Result<Vec<u32>> {
    let rows = all!(tx, NumberRow, KEYS, run_id.0, chain)?;
    Ok(rows.into_iter().filter_map(|row| number(Some(row))).collect())
}

/// Finds the newest second of which there is a frame.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn newest_second(tx: &mut RunTx, run_id: RunId) -> Result<Option<u32>> {
    Ok(number(optional!(tx, NumberRow, NEWEST, run_id.0)?))
}

/// Counts the seconds in which something was heard.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn count_seconds(tx: &mut RunTx, run_id: RunId) -> Result<u32> {
    Ok(number(optional!(tx, NumberRow, COUNT_SECONDS, run_id.0)?).unwrap_or(0))
}

/// Finds the number of a chain's next frame.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn next_part(tx: &mut RunTx, run_id: RunId, chain: i32) -> Result<i64> {
    Ok(optional!(tx, NumberRow, NEXT_PART, run_id.0, chain)?.and_then(|row| row.number).unwrap_or(0))
}
