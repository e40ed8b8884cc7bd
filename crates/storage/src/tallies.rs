//! How many cases there are of each kind: counted by the database in the transaction of each change, so that nobody has to
//! count a million of them to see a number.

use crate::dialect::Day;
use crate::dialect::Statement;
use crate::error::{Result, StorageError};
use crate::store::{Inner, Tx};
use domain::cases::{CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::time::DayRange;
use jiff::civil::Date;

/// Cases of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tally {
    /// Which disease.
    pub disease: Disease,
    /// Index or contact.
    pub case_type: CaseType,
    /// Where they stand.
    pub status: CaseStatus,
    /// How many. Below zero only where the tally is wrong.
    pub n: i64,
}

/// Quarantine and isolation on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quarantined {
    /// Cases at work whose days hold that day.
    pub now: u64,
    /// Those of them whose last day it is.
    pub ends_today: u64,
}

#[derive(sqlx::FromRow)]
struct TallyRow {
    disease: String,
    case_type: String,
    status: String,
    n: i64,
}

#[derive(sqlx::FromRow)]
struct QuarantinedRow {
    now: i64,
    ends_today: i64,
}

#[derive(sqlx::FromRow)]
struct DayRow {
    reported_on: Day,
    is_index: bool,
    n: i64,
}

pub(crate) const KEPT: Statement = Statement::each(
    "-- tallies::kept
SELECT disease, case_type, status, sum(n) AS n FROM case_tally WHERE authority_id = $1
 GROUP BY disease, case_type, status HAVING sum(n) <> 0 ORDER BY disease, case_type, status",
    "-- tallies::kept
SELECT disease, case_type, status, sum(n)::bigint AS n FROM case_tally WHERE authority_id = $1
 GROUP BY disease, case_type, status HAVING sum(n) <> 0 ORDER BY disease, case_type, status",
);

const COUNTED: Statement = Statement::both(
    "-- tallies::counted
SELECT disease, case_type, status, count(*) AS n FROM outbreak_case WHERE authority_id = $1
 GROUP BY disease, case_type, status ORDER BY disease, case_type, status",
);

const FOLD: &str = "-- tallies::fold
WITH gone AS (DELETE FROM case_tally WHERE authority_id = $1 RETURNING disease, case_type, status, n)
INSERT INTO case_tally (authority_id, disease, case_type, status, tally_id, n)
SELECT $1, disease, case_type, status, gen_random_uuid(), sum(n) FROM gone
 GROUP BY disease, case_type, status HAVING sum(n) <> 0";

const FORGET: Statement = Statement::both(
    "-- tallies::forget
DELETE FROM case_tally WHERE authority_id = $1",
);

const COUNT_ANEW: Statement = Statement::each(
    "-- tallies::count_anew
INSERT INTO case_tally (authority_id, disease, case_type, status, tally_id, n)
SELECT authority_id, disease, case_type, status, zeroblob(16), count(*) FROM outbreak_case WHERE authority_id = $1
 GROUP BY authority_id, disease, case_type, status",
    "-- tallies::count_anew
INSERT INTO case_tally (authority_id, disease, case_type, status, tally_id, n)
SELECT authority_id, disease, case_type, status, gen_random_uuid(), count(*) FROM outbreak_case WHERE authority_id = $1
 GROUP BY authority_id, disease, case_type, status",
);

/// Nobody changes cases while they are counted.
const HOLD_STILL: &str = "-- tallies::hold_still
LOCK TABLE outbreak_case, case_tally IN SHARE ROW EXCLUSIVE MODE";

pub(crate) const QUARANTINED: Statement = Statement::each(
    "-- tallies::quarantined
SELECT count(*) AS now, count(CASE WHEN quarantine_last = $2 THEN 1 END) AS ends_today
  FROM outbreak_case INDEXED BY case_in_quarantine
 WHERE authority_id = $1 AND quarantine_last >= $2 AND quarantine_first <= $2
   AND status NOT IN ('concluded', 'handed_over', 'anonymised')",
    "-- tallies::quarantined
SELECT count(*) AS now, count(CASE WHEN quarantine_last = $2 THEN 1 END) AS ends_today
  FROM outbreak_case
 WHERE authority_id = $1 AND quarantine_last >= $2 AND quarantine_first <= $2
   AND status NOT IN ('concluded', 'handed_over', 'anonymised')",
);

pub(crate) const NEW_BY_DAY: Statement = Statement::each(
    "-- tallies::new_by_day
SELECT reported_on, case_type = 'index' AS is_index, count(*) AS n FROM outbreak_case INDEXED BY case_by_day_of_report
 WHERE authority_id = $1 AND reported_on BETWEEN $2 AND $3 GROUP BY reported_on, case_type = 'index'",
    "-- tallies::new_by_day
SELECT reported_on, case_type = 'index' AS is_index, count(*) AS n FROM outbreak_case
 WHERE authority_id = $1 AND reported_on BETWEEN $2 AND $3 GROUP BY reported_on, case_type = 'index'",
);

/// Those of them that another authority counts now.
pub(crate) const GONE_BY_DAY: Statement = Statement::each(
    "-- tallies::gone_by_day
SELECT reported_on, case_type = 'index' AS is_index, count(*) AS n FROM outbreak_case INDEXED BY case_handed_over
 WHERE authority_id = $1 AND reported_on BETWEEN $2 AND $3 AND handed_over_to IS NOT NULL
 GROUP BY reported_on, case_type = 'index'",
    "-- tallies::gone_by_day
SELECT reported_on, case_type = 'index' AS is_index, count(*) AS n FROM outbreak_case
 WHERE authority_id = $1 AND reported_on BETWEEN $2 AND $3 AND handed_over_to IS NOT NULL
 GROUP BY reported_on, case_type = 'index'",
);

impl TryFrom<TallyRow> for Tally {
    type Error = StorageError;
    fn try_from(row: TallyRow) -> Result<Self> {
        Ok(Self {
            disease: Disease::find(&row.disease).ok_or(StorageError::Unreadable("disease"))?,
            case_type: CaseType::find(&row.case_type).ok_or(StorageError::Unreadable("case type"))?,
            status: CaseStatus::find(&row.status).ok_or(StorageError::Unreadable("case status"))?,
            n: row.n,
        })
    }
}

/// Lists how many cases there are of each kind, as they are kept; kinds without cases are left out.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn kept(tx: &mut Tx) -> Result<Vec<Tally>> {
    all!(tx, TallyRow, KEPT, mine)?.into_iter().map(TryInto::try_into).collect()
}

/// Counts all cases by kind. Reads every one of them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn counted(tx: &mut Tx) -> Result<Vec<Tally>> {
    all!(tx, TallyRow, COUNTED, mine)?.into_iter().map(TryInto::try_into).collect()
}

/// Folds the differences of each kind into one. On SQLite there are none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn fold(tx: &mut Tx) -> Result<()> {
    let authority_id = tx.authority().0;
    if let Inner::Postgres(conn) = &mut tx.inner {
        sqlx::query(FOLD).bind(authority_id).execute(&mut **conn).await?;
    }
    Ok(())
}

/// Counts all cases anew, and keeps that.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn recount(tx: &mut Tx) -> Result<()> {
    if let Inner::Postgres(conn) = &mut tx.inner {
        sqlx::query(HOLD_STILL).execute(&mut **conn).await?;
    }
    run!(tx, FORGET, mine)?;
    run!(tx, COUNT_ANEW, mine)?;
    Ok(())
}

/// Counts the cases in quarantine or isolation on a day.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn quarantined(tx: &mut Tx, today: Date) -> Result<Quarantined> {
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let row = optional!(tx, QuarantinedRow, QUARANTINED, mine, Day(today))?;
    Ok(row.map_or_else(Quarantined::default, |row| Quarantined {
        now: number(row.now),
        ends_today: number(row.ends_today),
    }))
}

/// Counts the cases that were reported on each of some days: the day, whether index cases, how many. Days without any
/// are left out, and so are cases that another authority took over.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn new_by_day(tx: &mut Tx, days: DayRange) -> Result<Vec<(Date, bool, u64)>> {
    let rows = all!(tx, DayRow, NEW_BY_DAY, mine, Day(days.first), Day(days.last))?;
    let gone = all!(tx, DayRow, GONE_BY_DAY, mine, Day(days.first), Day(days.last))?;
    let here = |row: DayRow| {
        let same = gone.iter().find(|other| other.reported_on.0 == row.reported_on.0 && other.is_index == row.is_index);
        let n = row.n - same.map_or(0, |same| same.n);
        (row.reported_on.0, row.is_index, u64::try_from(n).unwrap_or(0))
    };
    Ok(rows.into_iter().map(here).filter(|(_, _, n)| *n > 0).collect())
}
