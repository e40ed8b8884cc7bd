//! Many cases at once: taken, and written where they stand now, in a statement for all of them.

use crate::cases::CaseWork;
use crate::dialect::{At, Day, Statement, ids_as_json};
use crate::error::{Result, StorageError};
use crate::store::{Inner, Tx};
use domain::cases::{CaseStatus, Conclusion};
use domain::ids::{AccountId, CaseId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use uuid::Uuid;

/// In the order of their ids, so that two who take many never wait for each other.
const LOCK: Statement = Statement::each(
    "-- bulk::lock_cases
SELECT c.case_id FROM json_each($2) AS id CROSS JOIN outbreak_case AS c
    ON c.authority_id = $1 AND c.case_id = unhex(id.value)",
    "-- bulk::lock_cases
SELECT c.case_id FROM outbreak_case AS c
 WHERE c.authority_id = $1 AND c.case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))
 ORDER BY c.case_id FOR UPDATE",
);

/// Row by row on SQLite, which is in this process and would read all of the table to join it with a list.
const WRITE: Statement = Statement::each(
    "-- bulk::write_standing
UPDATE outbreak_case SET status = $3, status_since = $4, status_before = $5, conclusion = $6, concluded_on = $7,
       assigned_to = $8, assigned_at = $9, priority = $10, waiting_since = $11
 WHERE authority_id = $1 AND case_id = $2",
    "-- bulk::write_standing
UPDATE outbreak_case SET status = n.status, status_since = n.status_since, status_before = n.status_before,
       conclusion = n.conclusion, concluded_on = n.concluded_on, assigned_to = n.assigned_to,
       assigned_at = n.assigned_at, priority = n.priority, waiting_since = n.waiting_since
  FROM jsonb_to_recordset($2::jsonb)
    AS n (case_id uuid, status text, status_since timestamptz, status_before text, conclusion text, concluded_on date,
          assigned_to uuid, assigned_at timestamptz, priority integer, waiting_since timestamptz)
 WHERE outbreak_case.authority_id = $1 AND outbreak_case.case_id = n.case_id",
);

const CONCLUDE_ITEMS: Statement = Statement::each(
    "-- bulk::conclude_items
UPDATE action_item SET resolution = 'concluded', resolved_at = $3, resolved_by = $4, hidden_until = NULL
 WHERE authority_id = $1 AND case_id IN (SELECT unhex(value) FROM json_each($2)) AND resolution IS NULL",
    "-- bulk::conclude_items
UPDATE action_item SET resolution = 'concluded', resolved_at = $3, resolved_by = $4, hidden_until = NULL
 WHERE authority_id = $1 AND case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))
   AND resolution IS NULL",
);

const OPEN_ITEMS_AGAIN: Statement = Statement::each(
    "-- bulk::open_items_again
UPDATE action_item SET resolution = NULL, resolved_at = NULL, resolved_by = NULL
 WHERE authority_id = $1 AND case_id IN (SELECT unhex(value) FROM json_each($2))
   AND resolution = 'concluded' AND resolved_at = $3",
    "-- bulk::open_items_again
UPDATE action_item SET resolution = NULL, resolved_at = NULL, resolved_by = NULL
 WHERE authority_id = $1 AND case_id = ANY (ARRAY(SELECT jsonb_array_elements_text($2::jsonb)::uuid))
   AND resolution = 'concluded' AND resolved_at = $3",
);

#[derive(sqlx::FromRow)]
struct IdRow {
    #[expect(dead_code, reason = "the rows are locked by being read; what is wanted is read afterwards")]
    case_id: Uuid,
}

/// Reads how work on cases stands, and keeps others from changing them until the transaction ends. Those that aren't there
/// are left out.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn lock_cases(tx: &mut Tx, cases: &[CaseId]) -> Result<Vec<CaseWork>> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    all!(tx, IdRow, LOCK, mine, &json)?;
    crate::cases::work_of(tx, cases).await
}

#[derive(Serialize)]
struct Written {
    case_id: Uuid,
    status: &'static str,
    status_since: Timestamp,
    status_before: Option<&'static str>,
    conclusion: Option<&'static str>,
    concluded_on: Option<Date>,
    assigned_to: Option<Uuid>,
    assigned_at: Option<Timestamp>,
    priority: u32,
    waiting_since: Option<Timestamp>,
}

impl From<&CaseWork> for Written {
    fn from(work: &CaseWork) -> Self {
        Self {
            case_id: work.case_id.0,
            status: work.status.as_str(),
            status_since: work.status_since,
            status_before: work.status_before.map(CaseStatus::as_str),
            conclusion: work.conclusion.map(Conclusion::as_str),
            concluded_on: work.concluded_on,
            assigned_to: work.assigned_to.map(|account| account.0),
            assigned_at: work.clock.assigned_at,
            priority: work.priority_tenths,
            waiting_since: work.waiting_since,
        }
    }
}

/// Writes where cases stand, whose they are and how urgent; nothing else of them.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if one isn't there.
pub async fn write_standing(tx: &mut Tx, works: &[CaseWork]) -> Result<()> {
    if works.is_empty() {
        return Ok(());
    }
    let written = works.iter().map(Written::from);
    let authority_id = tx.authority().0;
    let mut touched = 0;
    match &mut tx.inner {
        Inner::Sqlite(conn) => {
            for row in written {
                let query = sqlx::query(WRITE.sqlite).bind(authority_id).bind(row.case_id).bind(row.status);
                let query = query.bind(At(row.status_since)).bind(row.status_before).bind(row.conclusion);
                let query = query.bind(row.concluded_on.map(Day)).bind(row.assigned_to).bind(row.assigned_at.map(At));
                let query = query.bind(row.priority).bind(row.waiting_since.map(At));
                touched += query.execute(&mut **conn).await?.rows_affected();
            }
        }
        Inner::Postgres(conn) => {
            let written: Vec<Written> = written.collect();
            let json = serde_json::to_string(&written).map_err(|_| StorageError::Unreadable("standing of a case"))?;
            let query = sqlx::query(WRITE.postgres).bind(authority_id).bind(json);
            touched += query.execute(&mut **conn).await?.rows_affected();
        }
    }
    let expected = works.len() as u64;
    if touched == expected {
        Ok(())
    } else {
        Err(StorageError::WrongCount { statement: "bulk::write_standing", touched, expected })
    }
}

/// Resolves all items of cases that are over now.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn conclude_items(tx: &mut Tx, cases: &[CaseId], at: Timestamp, by: AccountId) -> Result<u64> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    run!(tx, CONCLUDE_ITEMS, mine, json, At(at), by.0)
}

/// Opens again what was resolved by a conclusion at that instant.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn open_items_again(tx: &mut Tx, cases: &[CaseId], at: Timestamp) -> Result<u64> {
    let json = ids_as_json(cases.iter().map(|id| &id.0));
    run!(tx, OPEN_ITEMS_AGAIN, mine, json, At(at))
}
