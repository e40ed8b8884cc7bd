//! Leases: of several servers, one does a job.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use jiff::Timestamp;
use uuid::Uuid;

const TAKE: Statement = Statement::both(
    "-- leases::take
INSERT INTO lease (name, holder, held_until) VALUES ($1, $2, $3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
 WHERE lease.holder = excluded.holder OR lease.held_until <= $4",
);

const GIVE_BACK: Statement = Statement::both(
    "-- leases::give_back
DELETE FROM lease WHERE name = $1 AND holder = $2",
);

const END_ALL: Statement = Statement::both(
    "-- leases::end_all
DELETE FROM lease",
);

/// Takes, or prolongs, the lease of a job; `false` while somebody else holds it.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn take(tx: &mut Tx, name: &str, holder: Uuid, now: Timestamp, held_until: Timestamp) -> Result<bool> {
    Ok(run!(tx, TAKE, name, holder, At(held_until), At(now))? == 1)
}

/// Gives a lease back, if it is still held.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn give_back(tx: &mut Tx, name: &str, holder: Uuid) -> Result<()> {
    run!(tx, GIVE_BACK, name, holder)?;
    Ok(())
}

/// Ends all leases, after a restore: who held them then is gone.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_all(tx: &mut Tx) -> Result<u64> {
    run!(tx, END_ALL)
}
