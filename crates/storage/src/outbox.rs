//! Events that leave in the transaction of the change that they tell of: if it never happened, neither did they; if it
//! did, they are delivered at least once, however often a server dies. They hold ids only.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{CaseId, OutboxId, PersonId};
use jiff::Timestamp;
use uuid::Uuid;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its id: who gets it twice knows it by that.
    pub outbox_id: OutboxId,
    /// What happened, such as `case.opened`.
    pub kind: String,
    /// The case that it is about.
    pub case_id: Option<CaseId>,
    /// The person that it is about.
    pub person_id: Option<PersonId>,
    /// Anything else that it is about.
    pub subject_id: Option<Uuid>,
    /// How often it was taken.
    pub attempts: i32,
    /// When it happened.
    pub created_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct EventRow {
    outbox_id: Uuid,
    kind: String,
    case_id: Option<Uuid>,
    person_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    attempts: i32,
    created_at: At,
}

impl From<EventRow> for Event {
    fn from(row: EventRow) -> Self {
        Self {
            outbox_id: OutboxId(row.outbox_id),
            kind: row.kind,
            case_id: row.case_id.map(CaseId),
            person_id: row.person_id.map(PersonId),
            subject_id: row.subject_id,
            attempts: row.attempts,
            created_at: row.created_at.0,
        }
    }
}

const INSERT: Statement = Statement::both(
    "-- outbox::insert
INSERT INTO outbox (authority_id, outbox_id, kind, case_id, person_id, subject_id, due_at, attempts, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
);

pub(crate) const NEXT_DUE: Statement = Statement::both(
    "-- outbox::next_due
SELECT outbox_id, kind, case_id, person_id, subject_id, attempts, created_at FROM outbox
 WHERE authority_id = $1 AND due_at <= $2 ORDER BY due_at, outbox_id LIMIT 1",
);

const TAKE: Statement = Statement::both(
    "-- outbox::take
UPDATE outbox SET due_at = $3, attempts = attempts + 1 WHERE authority_id = $1 AND outbox_id = $2 AND due_at <= $4",
);

const DONE: Statement = Statement::both(
    "-- outbox::done
UPDATE outbox SET due_at = NULL, done_at = $3 WHERE authority_id = $1 AND outbox_id = $2 AND done_at IS NULL",
);

const EXPIRED: Statement = Statement::both(
    "-- outbox::expired
DELETE FROM outbox WHERE authority_id = $1 AND created_at < $2",
);

const OF_CASE: Statement = Statement::both(
    "-- outbox::delete_of_case
DELETE FROM outbox WHERE authority_id = $1 AND case_id = $2",
);

/// Stores an event, in the transaction of the change that it tells of.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, event: &Event) -> Result<()> {
    let (case_id, person_id) = (event.case_id.map(|id| id.0), event.person_id.map(|id| id.0));
    let at = At(event.created_at);
    run!(tx, INSERT, mine, event.outbox_id.0, &event.kind, case_id, person_id, event.subject_id, at, at)?;
    Ok(())
}

/// Takes the event that has been due for longest, until another may take it; `None` if there is none. In a transaction of
/// its own, committed before the event is acted on.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn take_next(tx: &mut Tx, now: Timestamp, held_until: Timestamp) -> Result<Option<Event>> {
    while let Some(row) = optional!(tx, EventRow, NEXT_DUE, mine, At(now))? {
        if run!(tx, TAKE, mine, row.outbox_id, At(held_until), At(now))? == 1 {
            return Ok(Some(Event { attempts: row.attempts + 1, ..row.into() }));
        }
    }
    Ok(None)
}

/// Notes that an event has been acted on; `false` if it had been before. Best in the transaction of the action itself.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn done(tx: &mut Tx, outbox_id: OutboxId, now: Timestamp) -> Result<bool> {
    Ok(run!(tx, DONE, mine, outbox_id.0, At(now))? == 1)
}

/// Deletes events that happened before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}

/// Deletes the events about a case.
pub(crate) async fn delete_of_case(tx: &mut Tx, case_id: CaseId) -> Result<()> {
    run!(tx, OF_CASE, mine, case_id.0)?;
    Ok(())
}
