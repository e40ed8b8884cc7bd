//! Messages to other authorities on their way: signed, their bodies sealed to whom they go, so that nobody opens them here.
//! They are gone as soon as they were taken in.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AuthorityId, OutboxId, RequestId};
use jiff::Timestamp;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedMessage {
    /// Its id, the same as of the event that tells of it.
    pub message_id: OutboxId,
    /// To whom it goes.
    pub receiver: AuthorityId,
    /// About which request.
    pub request_id: RequestId,
    /// What was signed, and the signature behind it.
    pub signed: Vec<u8>,
    /// When it was written.
    pub sent_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct MessageRow {
    receiver_id: i32,
    request_id: uuid::Uuid,
    signed: Vec<u8>,
    sent_at: At,
}

const INSERT: Statement = Statement::both(
    "-- authority_messages::insert
INSERT INTO authority_message (authority_id, message_id, receiver_id, request_id, signed, sent_at)
VALUES ($1, $2, $3, $4, $5, $6)",
);

const FIND: Statement = Statement::both(
    "-- authority_messages::find
SELECT receiver_id, request_id, signed, sent_at FROM authority_message WHERE authority_id = $1 AND message_id = $2",
);

const DELETE: Statement = Statement::both(
    "-- authority_messages::delete
DELETE FROM authority_message WHERE authority_id = $1 AND message_id = $2",
);

const OF_REQUEST: Statement = Statement::both(
    "-- authority_messages::delete_of_request
DELETE FROM authority_message WHERE authority_id = $1 AND request_id = $2",
);

const EXPIRED: Statement = Statement::both(
    "-- authority_messages::expired
DELETE FROM authority_message WHERE authority_id = $1 AND sent_at < $2",
);

/// Stores a message, in the transaction of the step that it tells of.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, message: &SignedMessage) -> Result<()> {
    let (id, request) = (message.message_id.0, message.request_id.0);
    run!(tx, INSERT, mine, id, message.receiver.0, request, &message.signed, At(message.sent_at))?;
    Ok(())
}

/// Finds a message that is still on its way.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn find(tx: &mut Tx, message_id: OutboxId) -> Result<Option<SignedMessage>> {
    let row = optional!(tx, MessageRow, FIND, mine, message_id.0)?;
    Ok(row.map(|row| SignedMessage {
        message_id,
        receiver: AuthorityId(row.receiver_id),
        request_id: RequestId(row.request_id),
        signed: row.signed,
        sent_at: row.sent_at.0,
    }))
}

/// Deletes a message that was taken in.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete(tx: &mut Tx, message_id: OutboxId) -> Result<()> {
    run!(tx, DELETE, mine, message_id.0)?;
    Ok(())
}

/// Deletes the messages about a request that are still on their way. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete_of_request(tx: &mut Tx, request_id: RequestId) -> Result<u64> {
    run!(tx, OF_REQUEST, mine, request_id.0)
}

/// Deletes messages that were written before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
