//! Runs to which messages of published nodes may belong.

use super::{RunRow, insert_of};
use crate::dialect::{At, Day, Statement};
use crate::error::Result;
use crate::store::RunTx;
use domain::runs::Run;
use jiff::Timestamp;
use jiff::civil::Date;

/// Which run of a day one is that nobody made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoricDay {
    /// The day, in UTC.
    pub day: Date,
    /// From 1.
    pub no: i32,
}

#[derive(sqlx::FromRow)]
struct HistoricRow {
    #[sqlx(flatten)]
    run: RunRow,
    historic_day: Option<Day>,
    historic_no: Option<i32>,
}

const BETWEEN: Statement = Statement::both(
    "-- runs::historic_between
SELECT run_id, name, owner_id, visibility, rehearsal, parameters, second_us, created_at, state, seconds_before, running_since,
       ended_at, n_safe, n_infected, hosting, historic_day, historic_no
  FROM run WHERE wire = 'json' AND (historic_day BETWEEN $3 AND $4
                                    OR historic_day IS NULL AND created_at <= $2 AND (ended_at IS NULL OR ended_at >= $1))
 ORDER BY created_at, run_id",
);

/// Lists the runs that published nodes may have meant between two instants, both included: those that speak their JSON and were
/// not over, and of the days in between all that nobody made. The earliest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn historic_between(
    tx: &mut RunTx,
    (first, last): (Timestamp, Timestamp),
    (from, until): (Date, Date),
) -> Result<Vec<(Run, Option<HistoricDay>)>> {
    let rows = all!(tx, HistoricRow, BETWEEN, At(first), At(last), Day(from), Day(until))?;
    let run = |row: HistoricRow| {
        let of = row.historic_day.zip(row.historic_no).map(|(day, no)| HistoricDay { day: day.0, no });
        Ok((Run::try_from(row.run)?, of))
    };
    rows.into_iter().map(run).collect()
}

/// Stores a run that nobody made. Returns whether it is new: another consumer may have made it.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if it can't be written.
pub async fn insert_historic(tx: &mut RunTx, run: &Run, of: HistoricDay) -> Result<bool> {
    insert_of(tx, run, Some(of)).await
}
