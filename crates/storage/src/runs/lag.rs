//! What operators and servers ask of a whole topic: how far it is stored, by whomever, and how much was put aside.

use super::offsets::Progress;
use crate::dialect::Statement;
use crate::error::Result;
use crate::store::RunTx;
use std::collections::BTreeMap;

#[derive(sqlx::FromRow)]
struct ProgressRow {
    partition_no: i32,
    next_offset: i64,
    n_gaps: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n: i64,
}

const PROGRESS_OF_TOPIC: Statement = Statement::both(
    "-- runs::progress_of_topic
SELECT partition_no, next_offset, n_gaps FROM log_offset WHERE log_id = $1 AND topic = $2",
);

const COUNT_DEAD_LETTERS: Statement = Statement::both(
    "-- runs::count_dead_letters
SELECT count(*) AS n FROM dead_letter",
);

/// Says how far each partition of a topic was read; those of which nothing is stored are missing.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn progress_of_topic(tx: &mut RunTx, log_id: &str, topic: &str) -> Result<BTreeMap<i32, Progress>> {
    let of = |row: ProgressRow| {
        let (next, n_gaps) = (row.next_offset.unsigned_abs(), row.n_gaps.unsigned_abs());
        (row.partition_no, Progress { next, n_gaps })
    };
    Ok(all!(tx, ProgressRow, PROGRESS_OF_TOPIC, log_id, topic)?.into_iter().map(of).collect())
}

/// Counts the records that were put aside and aren't deleted yet, of all logs.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn count_dead_letters(tx: &mut RunTx) -> Result<u64> {
    Ok(optional!(tx, CountRow, COUNT_DEAD_LETTERS)?.map_or(0, |row| row.n.unsigned_abs()))
}
