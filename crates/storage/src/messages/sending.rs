//! The way of a message: taken, sent, put off, given up, taken back, kept back, erased.

use super::log::{Step, add_step};
use super::rows::Message;
use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, MessageId};
use domain::messages::{Failure, MessageStep, Obstacle};
use jiff::Timestamp;
use uuid::Uuid;

#[derive(sqlx::FromRow)]
struct IdRow {
    message_id: Uuid,
}

pub(crate) const NEXT_DUE: Statement = Statement::both(
    "-- messages::next_due
SELECT message_id FROM message WHERE authority_id = $1 AND due_at <= $2 ORDER BY due_at, message_id LIMIT 1",
);

const TAKE: Statement = Statement::both(
    "-- messages::take
UPDATE message SET status = 'sending', holder = $3, due_at = $4, n_tries = n_tries + 1,
       first_tried_at = coalesce(first_tried_at, $5)
 WHERE authority_id = $1 AND message_id = $2 AND status IN ('waiting', 'sending') AND due_at <= $5",
);

const SENT: Statement = Statement::both(
    "-- messages::sent
UPDATE message SET status = 'sent', sent_at = $3, due_at = NULL, holder = NULL, failure = NULL
 WHERE authority_id = $1 AND message_id = $2 AND status IN ('waiting', 'sending')",
);

const PUT_OFF: Statement = Statement::both(
    "-- messages::put_off
UPDATE message SET status = 'waiting', due_at = $4, failure = $5, holder = NULL
 WHERE authority_id = $1 AND message_id = $2 AND status = 'sending' AND holder = $3",
);

const LATE: Statement = Statement::both(
    "-- messages::late
UPDATE message SET late_at = $3 WHERE authority_id = $1 AND message_id = $2 AND late_at IS NULL",
);

const FAIL: Statement = Statement::both(
    "-- messages::fail
UPDATE message SET status = 'failed', due_at = NULL, failure = $4, holder = NULL
 WHERE authority_id = $1 AND message_id = $2 AND status = 'sending' AND holder = $3",
);

const CANCEL: Statement = Statement::both(
    "-- messages::cancel
UPDATE message SET status = 'cancelled', due_at = NULL, holder = NULL, recipient = NULL, subject = NULL, body_text = NULL,
       body_html = NULL
 WHERE authority_id = $1 AND message_id = $2 AND status IN ('waiting', 'held', 'failed')",
);

const RETRY: Statement = Statement::both(
    "-- messages::retry
UPDATE message SET status = 'waiting', due_at = CASE WHEN not_before > $3 THEN not_before ELSE $3 END, n_tries = 0,
       first_tried_at = NULL, late_at = NULL
 WHERE authority_id = $1 AND message_id = $2 AND channel = 'mail' AND status IN ('waiting', 'failed')
   AND recipient IS NOT NULL",
);

const TAKE_OVER: Statement = Statement::both(
    "-- messages::take_over
UPDATE message SET due_at = $2 WHERE authority_id = $1 AND status = 'sending' AND due_at > $2",
);

const TO_HOLD: Statement = Statement::both(
    "-- messages::to_hold
SELECT message_id FROM message WHERE authority_id = $1 AND due_at IS NOT NULL ORDER BY message_id",
);

const HOLD: Statement = Statement::both(
    "-- messages::hold
UPDATE message SET status = 'held', due_at = NULL, holder = NULL WHERE authority_id = $1 AND message_id = $2",
);

const HELD: Statement = Statement::both(
    "-- messages::held
SELECT message_id FROM message WHERE authority_id = $1 AND status = 'held' ORDER BY message_id",
);

const RELEASE: Statement = Statement::both(
    "-- messages::release
UPDATE message SET status = 'waiting', due_at = CASE WHEN not_before > $3 THEN not_before ELSE $3 END, n_tries = 0,
       first_tried_at = NULL, late_at = NULL
 WHERE authority_id = $1 AND message_id = $2 AND status = 'held'",
);

const TOO_OLD: Statement = Statement::both(
    "-- messages::too_old
SELECT message_id FROM message
 WHERE authority_id = $1 AND created_at < $2 AND status IN ('waiting', 'held', 'sending', 'failed')",
);

const GIVE_UP: Statement = Statement::both(
    "-- messages::give_up
UPDATE message SET status = 'cancelled', due_at = NULL, holder = NULL, failure = $3
 WHERE authority_id = $1 AND message_id = $2",
);

const ERASE: Statement = Statement::both(
    "-- messages::erase_content
UPDATE message SET recipient = NULL, subject = NULL, body_text = NULL, body_html = NULL
 WHERE authority_id = $1 AND recipient IS NOT NULL AND (sent_at < $2 OR created_at < $3)",
);

const EXPIRED_LOG: Statement = Statement::both(
    "-- messages::expired_log
DELETE FROM message_log WHERE authority_id = $1
   AND message_id IN (SELECT message_id FROM message WHERE authority_id = $1 AND created_at < $2)",
);

const EXPIRED: Statement = Statement::both(
    "-- messages::expired
DELETE FROM message WHERE authority_id = $1 AND created_at < $2",
);

const LOG_OF_CASE: Statement = Statement::both(
    "-- messages::delete_log_of_case
DELETE FROM message_log WHERE authority_id = $1
   AND message_id IN (SELECT message_id FROM message WHERE authority_id = $1 AND case_id = $2)",
);

const OF_CASE: Statement = Statement::both(
    "-- messages::delete_of_case
DELETE FROM message WHERE authority_id = $1 AND case_id = $2",
);

/// Finds the mail that has been due for longest.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn next_due(tx: &mut Tx, now: Timestamp) -> Result<Option<MessageId>> {
    Ok(optional!(tx, IdRow, NEXT_DUE, mine, At(now))?.map(|row| MessageId(row.message_id)))
}

/// Takes a mail to send it, until another may take it; `None` if somebody was faster, or it is no longer due.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn take(
    tx: &mut Tx,
    message_id: MessageId,
    holder: Uuid,
    now: Timestamp,
    held_until: Timestamp,
) -> Result<Option<Message>> {
    if run!(tx, TAKE, mine, message_id.0, holder, At(held_until), At(now))? == 0 {
        return Ok(None);
    }
    add_step(tx, message_id, Step::of_server(MessageStep::Sending, None), now).await?;
    super::find(tx, message_id).await
}

/// Notes that the mail server took a mail, or that a letter was printed: also if it is no longer held, so that nobody
/// sends it once more. `false` if it isn't waiting or being sent.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn sent(tx: &mut Tx, message_id: MessageId, by: Option<AccountId>, now: Timestamp) -> Result<bool> {
    if run!(tx, SENT, mine, message_id.0, At(now))? == 0 {
        return Ok(false);
    }
    add_step(tx, message_id, Step { step: MessageStep::Sent, failure: None, by }, now).await?;
    Ok(true)
}

/// Notes that a mail didn't go, and when it is tried again; `false` if it is no longer held.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn put_off(
    tx: &mut Tx,
    message_id: MessageId,
    holder: Uuid,
    failure: Failure,
    until: Timestamp,
    now: Timestamp,
) -> Result<bool> {
    if run!(tx, PUT_OFF, mine, message_id.0, holder, At(until), failure.to_string())? == 0 {
        return Ok(false);
    }
    add_step(tx, message_id, Step::of_server(MessageStep::PutOff, Some(failure)), now).await?;
    Ok(true)
}

/// Notes that a mail is late; `false` if that was noted before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn late(tx: &mut Tx, message_id: MessageId, now: Timestamp) -> Result<bool> {
    Ok(run!(tx, LATE, mine, message_id.0, At(now))? == 1)
}

/// Notes that nobody tries a mail any more; `false` if it is no longer held.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn fail(tx: &mut Tx, message_id: MessageId, holder: Uuid, failure: Failure, now: Timestamp) -> Result<bool> {
    if run!(tx, FAIL, mine, message_id.0, holder, failure.to_string())? == 0 {
        return Ok(false);
    }
    add_step(tx, message_id, Step::of_server(MessageStep::Failed, Some(failure)), now).await?;
    Ok(true)
}

/// Takes a message back and erases what it says; `false` if it is being sent, was sent, or is no longer there.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn cancel(tx: &mut Tx, message_id: MessageId, by: Option<AccountId>, now: Timestamp) -> Result<bool> {
    if run!(tx, CANCEL, mine, message_id.0)? == 0 {
        return Ok(false);
    }
    add_step(tx, message_id, Step { step: MessageStep::Cancelled, failure: None, by }, now).await?;
    Ok(true)
}

/// Makes a mail that waits or failed due now, as if it had never been tried; `false` if it can't be.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn retry(tx: &mut Tx, message_id: MessageId, by: AccountId, now: Timestamp) -> Result<bool> {
    if run!(tx, RETRY, mine, message_id.0, At(now))? == 0 {
        return Ok(false);
    }
    add_step(tx, message_id, Step { step: MessageStep::Retried, failure: None, by: Some(by) }, now).await?;
    Ok(true)
}

/// Makes due what a server was sending that is gone. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn take_over(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    run!(tx, TAKE_OVER, mine, At(now))
}

/// Keeps back all mail that would go by itself: after a restore nobody knows whether it went before. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn hold_all(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    let rows = all!(tx, IdRow, TO_HOLD, mine)?;
    for row in &rows {
        run!(tx, HOLD, mine, row.message_id)?;
        add_step(tx, MessageId(row.message_id), Step::of_server(MessageStep::Held, None), now).await?;
    }
    Ok(rows.len() as u64)
}

/// Lets go of all mail that was kept back. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn release_all(tx: &mut Tx, by: AccountId, now: Timestamp) -> Result<u64> {
    let rows = all!(tx, IdRow, HELD, mine)?;
    for row in &rows {
        run!(tx, RELEASE, mine, row.message_id, At(now))?;
        let step = Step { step: MessageStep::Released, failure: None, by: Some(by) };
        add_step(tx, MessageId(row.message_id), step, now).await?;
    }
    Ok(rows.len() as u64)
}

/// Erases what messages say that were sent before an instant, or made before another; what was made before that and has
/// not gone is cancelled. Deletes messages and their log that were made before a third. Returns how many rows changed.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(
    tx: &mut Tx,
    sent_before: Timestamp,
    content_before: Timestamp,
    made_before: Timestamp,
    now: Timestamp,
) -> Result<u64> {
    let mut n_ended = 0;
    let failure = Failure { obstacle: Obstacle::TooOld, reply: None };
    for row in all!(tx, IdRow, TOO_OLD, mine, At(content_before))? {
        run!(tx, GIVE_UP, mine, row.message_id, failure.to_string())?;
        let step = Step::of_server(MessageStep::Cancelled, Some(failure));
        add_step(tx, MessageId(row.message_id), step, now).await?;
    }
    n_ended += run!(tx, ERASE, mine, At(sent_before), At(content_before))?;
    run!(tx, EXPIRED_LOG, mine, At(made_before))?;
    Ok(n_ended + run!(tx, EXPIRED, mine, At(made_before))?)
}

/// Deletes the messages about a case, with their log.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub(crate) async fn delete_of_case(tx: &mut Tx, case_id: CaseId) -> Result<()> {
    run!(tx, LOG_OF_CASE, mine, case_id.0)?;
    run!(tx, OF_CASE, mine, case_id.0)?;
    Ok(())
}
