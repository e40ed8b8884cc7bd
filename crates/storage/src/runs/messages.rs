//! What published nodes said, by their own clocks: so that nothing counts twice, and the last message of a second stands.

use crate::dialect::Statement;
use crate::error::Result;
use crate::store::RunTx;
use domain::ids::RunId;
use jiff::SignedDuration;
use jiff::civil::DateTime;
use std::collections::HashMap;

/// Messages of one statement.
const AT_ONCE: usize = 10_000;

/// A message of a published node. The same node and clock is the same message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// Number of the node.
    pub no: u32,
    /// What its clock showed: microseconds since 1970, in a zone that isn't known.
    pub told_at: i64,
    /// When the log took it: milliseconds since 1970, in UTC.
    pub recorded_at: i64,
    /// Which second of the run that was.
    pub second: u32,
}

/// Which message of a node stands for a second: the one that the log took last; of those of one instant, the latest by the node's
/// clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Number of the node.
    pub no: u32,
    /// The second.
    pub second: u32,
    /// What the node's clock showed in that message.
    pub told_at: i64,
    /// The next second of which something is known of this node.
    pub next: Option<u32>,
}

#[derive(sqlx::FromRow)]
struct NewRow {
    no: i64,
    told_at: i64,
}

#[derive(sqlx::FromRow)]
struct StandingRow {
    no: i64,
    second: i64,
    told_at: i64,
    next_second: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct ClockRow {
    no: i64,
    second: i64,
    told_at: i64,
}

// SQLite takes ON for a join's unless a condition stands before it.
const PUT: Statement = Statement::each(
    "-- runs::put_messages
INSERT INTO run_message (run_id, no, told_at, recorded_at, second)
SELECT $1, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]')
  FROM json_each($2) WHERE true
    ON CONFLICT DO NOTHING RETURNING no, told_at",
    "-- runs::put_messages
INSERT INTO run_message (run_id, no, told_at, recorded_at, second)
SELECT $1, (value ->> 0)::bigint, (value ->> 1)::bigint, (value ->> 2)::bigint, (value ->> 3)::bigint
  FROM jsonb_array_elements($2::jsonb) AS told (value)
    ON CONFLICT DO NOTHING RETURNING no, told_at",
);

const STANDING: Statement = Statement::each(
    "-- runs::standing
SELECT asked.no, asked.second,
       (SELECT m.told_at FROM run_message AS m WHERE m.run_id = $1 AND m.no = asked.no AND m.second = asked.second
         ORDER BY m.recorded_at DESC, m.told_at DESC LIMIT 1) AS told_at,
       (SELECT min(m.second) FROM run_message AS m WHERE m.run_id = $1 AND m.no = asked.no AND m.second > asked.second)
         AS next_second
  FROM (SELECT json_extract(value, '$[0]') AS no, json_extract(value, '$[1]') AS second FROM json_each($2)) AS asked",
    "-- runs::standing
SELECT asked.no, asked.second,
       (SELECT m.told_at FROM run_message AS m WHERE m.run_id = $1 AND m.no = asked.no AND m.second = asked.second
         ORDER BY m.recorded_at DESC, m.told_at DESC LIMIT 1) AS told_at,
       (SELECT min(m.second) FROM run_message AS m WHERE m.run_id = $1 AND m.no = asked.no AND m.second > asked.second)
         AS next_second
  FROM (SELECT (value ->> 0)::bigint AS no, (value ->> 1)::bigint AS second
          FROM jsonb_array_elements($2::jsonb) AS told (value)) AS asked",
);

const CLOCKS: Statement = Statement::both(
    "-- runs::clocks_of
SELECT no, second, told_at FROM run_message WHERE run_id = $1 ORDER BY no, second, recorded_at, told_at",
);

/// Notes messages; returns the number and the clock of those that weren't known. Each is to be there once.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if they can't be written.
pub async fn put_messages(tx: &mut RunTx, run_id: RunId, messages: &[Message]) -> Result<Vec<(u32, i64)>> {
    let mut new = Vec::with_capacity(messages.len());
    for messages in messages.chunks(AT_ONCE) {
        let rows = messages.iter().map(|message| {
            let Message { no, told_at, recorded_at, second } = message;
            format!("[{no},{told_at},{recorded_at},{second}]")
        });
        let rows = all!(tx, NewRow, PUT, run_id.0, &list(rows))?;
        new.extend(rows.into_iter().map(|row| (n(row.no), row.told_at)));
    }
    Ok(new)
}

/// Says for numbers of nodes and seconds which message stands for each; there must be one.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn standing(tx: &mut RunTx, run_id: RunId, asked: &[(u32, u32)]) -> Result<Vec<Standing>> {
    let mut standing = Vec::with_capacity(asked.len());
    for asked in asked.chunks(AT_ONCE) {
        let pairs = asked.iter().map(|(no, second)| format!("[{no},{second}]"));
        let rows = all!(tx, StandingRow, STANDING, run_id.0, &list(pairs))?;
        standing.extend(rows.into_iter().map(|row| Standing {
            no: n(row.no),
            second: n(row.second),
            told_at: row.told_at,
            next: row.next_second.map(n),
        }));
    }
    Ok(standing)
}

/// Returns what the clocks of published nodes showed, by number of the node and second: in the message that stands for it.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn clocks_of(tx: &mut RunTx, run_id: RunId) -> Result<HashMap<(u32, u32), DateTime>> {
    let clock = |row: ClockRow| {
        let shown =
            DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(SignedDuration::from_micros(row.told_at)).ok()?;
        Some(((n(row.no), n(row.second)), shown))
    };
    // Of one second the last stands.
    Ok(all!(tx, ClockRow, CLOCKS, run_id.0)?.into_iter().filter_map(clock).collect())
}

fn n(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Rows as a JSON list.
fn list(rows: impl Iterator<Item = String>) -> String {
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}
