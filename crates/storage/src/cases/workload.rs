//! What each worker has: cases at work, those of them that wait, and how urgent they are together.

use crate::dialect::Statement;
use crate::error::Result;
use crate::store::Tx;
use domain::ids::AccountId;
use uuid::Uuid;

/// What one worker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who; `None` for the cases that are nobody's.
    pub account_id: Option<AccountId>,
    /// Cases that are not over.
    pub n_open: u64,
    /// Those of them that wait for something.
    pub n_waiting: u64,
    /// Weights of what they wait for, in tenths.
    pub priority_tenths: u64,
}

#[derive(sqlx::FromRow)]
struct LoadRow {
    assigned_to: Option<Uuid>,
    n_open: i64,
    n_waiting: i64,
    priority: i64,
}

/// The index holds these cases alone: its condition and this one are the same words.
pub(crate) const WORKLOAD: Statement = Statement::each(
    "-- cases::workload
SELECT assigned_to, count(*) AS n_open, count(CASE WHEN priority > 0 THEN 1 END) AS n_waiting, sum(priority) AS priority
  FROM outbreak_case INDEXED BY case_at_work
 WHERE authority_id = $1 AND status NOT IN ('concluded', 'handed_over', 'anonymised')
 GROUP BY assigned_to",
    "-- cases::workload
SELECT assigned_to, count(*) AS n_open, count(CASE WHEN priority > 0 THEN 1 END) AS n_waiting, sum(priority) AS priority
  FROM outbreak_case
 WHERE authority_id = $1 AND status NOT IN ('concluded', 'handed_over', 'anonymised')
 GROUP BY assigned_to",
);

/// Lists what each worker has who has any, of all diseases.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn workload(tx: &mut Tx) -> Result<Vec<Load>> {
    let number = |n: i64| u64::try_from(n).unwrap_or(0);
    let load = |row: LoadRow| Load {
        account_id: row.assigned_to.map(AccountId),
        n_open: number(row.n_open),
        n_waiting: number(row.n_waiting),
        priority_tenths: number(row.priority),
    };
    Ok(all!(tx, LoadRow, WORKLOAD, mine)?.into_iter().map(load).collect())
}
