//! What came in from other authorities: each once, in the transaction of what follows from it.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AuthorityId, OutboxId};
use jiff::Timestamp;

const TAKE: Statement = Statement::both(
    "-- inbox::take
INSERT INTO inbox (authority_id, sender_id, outbox_id, kind, received_at) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT DO NOTHING",
);

const EXPIRED: Statement = Statement::both(
    "-- inbox::expired
DELETE FROM inbox WHERE authority_id = $1 AND received_at < $2",
);

/// Notes that something came in; `false` if it had come before, and nothing is to follow from it.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn take(tx: &mut Tx, sender: AuthorityId, id: OutboxId, kind: &str, now: Timestamp) -> Result<bool> {
    Ok(run!(tx, TAKE, mine, sender.0, id.0, kind, At(now))? == 1)
}

/// Forgets what came before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
