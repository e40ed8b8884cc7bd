//! Each step in the life of a message: when, what, why, by whom.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AccountId, MessageId};
use domain::messages::{Failure, MessageStep};
use jiff::Timestamp;
use uuid::Uuid;

/// One step, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// What happened.
    pub step: MessageStep,
    /// Why it didn't go: a word and a reply code.
    pub failure: Option<String>,
    /// User name of who did it; `None` if the server did.
    pub account: Option<String>,
    /// When.
    pub happened_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    step: String,
    failure: Option<String>,
    account: Option<String>,
    happened_at: At,
}

/// A step to be noted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) step: MessageStep,
    pub(super) failure: Option<Failure>,
    pub(super) by: Option<AccountId>,
}

impl Step {
    /// A step of the server's own.
    pub(super) fn of_server(step: MessageStep, failure: Option<Failure>) -> Self {
        Self { step, failure, by: None }
    }
}

const ADD: Statement = Statement::both(
    "-- messages::add_step
INSERT INTO message_log (authority_id, message_id, step_no, person_id, step, failure, account_id, happened_at)
SELECT m.authority_id, m.message_id,
       (SELECT coalesce(max(l.step_no), 0) + 1 FROM message_log AS l
         WHERE l.authority_id = m.authority_id AND l.message_id = m.message_id),
       m.person_id, $3, $4, $5, $6
  FROM message AS m WHERE m.authority_id = $1 AND m.message_id = $2",
);

const LOG: Statement = Statement::both(
    "-- messages::log
SELECT step, failure, a.name AS account, happened_at
  FROM message_log AS l LEFT JOIN account AS a ON a.account_id = l.account_id
 WHERE l.authority_id = $1 AND l.message_id = $2 ORDER BY step_no",
);

/// Notes a step of a message, in the transaction that takes it.
pub(super) async fn add_step(tx: &mut Tx, message_id: MessageId, step: Step, now: Timestamp) -> Result<()> {
    let failure = step.failure.map(|failure| failure.to_string());
    let by: Option<Uuid> = step.by.map(|by| by.0);
    match run!(tx, ADD, mine, message_id.0, step.step.as_str(), failure, by, At(now))? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "messages::add_step", touched, expected: 1 }),
    }
}

/// Lists the steps of a message, oldest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn log(tx: &mut Tx, message_id: MessageId) -> Result<Vec<LogEntry>> {
    let entry = |row: EntryRow| {
        let step = MessageStep::find(&row.step).ok_or(StorageError::Unreadable("step of a message"))?;
        Ok(LogEntry { step, failure: row.failure, account: row.account, happened_at: row.happened_at.0 })
    };
    all!(tx, EntryRow, LOG, mine, message_id.0)?.into_iter().map(entry).collect()
}
