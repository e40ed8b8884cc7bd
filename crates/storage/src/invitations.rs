//! Links by which somebody sets password and second factor: a first administrator, a new account, a lost telephone.

use crate::credentials::totp_place;
use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::sealing::Sealer;
use crate::store::Tx;
use domain::ids::{AccountId, AuthorityId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A link that was made and not used yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// SHA-256 of the link's secret.
    pub token_hash: String,
    /// Who is invited.
    pub account_id: AccountId,
    /// Where they will act.
    pub authority_id: AuthorityId,
    /// Secret of the second factor that is shown to them.
    pub totp: Personal<String>,
    /// Until when it works.
    pub expires_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct InvitationRow {
    account_id: Uuid,
    invited_to: i32,
    totp: Vec<u8>,
    expires_at: At,
}

const DELETE_OF_ACCOUNT: Statement = Statement::both(
    "-- invitations::delete_of_account
DELETE FROM invitation WHERE account_id = $1",
);

const INSERT: Statement = Statement::both(
    "-- invitations::insert
INSERT INTO invitation (token_hash, account_id, invited_to, totp, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
);

const FIND: Statement = Statement::both(
    "-- invitations::find
SELECT account_id, invited_to, totp, expires_at FROM invitation WHERE token_hash = $1 AND expires_at > $2",
);

const USE: Statement = Statement::both(
    "-- invitations::use
DELETE FROM invitation WHERE token_hash = $1",
);

const END_EXPIRED: Statement = Statement::both(
    "-- invitations::end_expired
DELETE FROM invitation WHERE expires_at <= $1",
);

/// Stores an invitation in place of those that the account had before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn replace(tx: &mut Tx, sealer: &Sealer, new: &Invitation, now: Timestamp) -> Result<()> {
    let totp = sealer.seal(totp_place("invitation", new.account_id), new.totp.expose())?;
    let (account_id, authority_id) = (new.account_id.0, new.authority_id.0);
    run!(tx, DELETE_OF_ACCOUNT, account_id)?;
    run!(tx, INSERT, &new.token_hash, account_id, authority_id, &totp.0, At(now), At(new.expires_at))?;
    Ok(())
}

/// Deletes the invitations of an account.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete_of_account(tx: &mut Tx, account_id: AccountId) -> Result<()> {
    run!(tx, DELETE_OF_ACCOUNT, account_id.0)?;
    Ok(())
}

/// Finds an invitation that still works.
///
/// # Errors
///
/// [`StorageError::Sealing`](crate::StorageError::Sealing) if its secret doesn't open.
pub async fn find(tx: &mut Tx, sealer: &Sealer, token_hash: &str, now: Timestamp) -> Result<Option<Invitation>> {
    let Some(row) = optional!(tx, InvitationRow, FIND, token_hash, At(now))? else { return Ok(None) };
    let account_id = AccountId(row.account_id);
    Ok(Some(Invitation {
        token_hash: token_hash.to_owned(),
        account_id,
        authority_id: AuthorityId(row.invited_to),
        totp: Personal::new(sealer.open(totp_place("invitation", account_id), &row.totp)?),
        expires_at: row.expires_at.0,
    }))
}

/// Uses an invitation up; `false` if it was used before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn use_up(tx: &mut Tx, token_hash: &str) -> Result<bool> {
    Ok(run!(tx, USE, token_hash)? == 1)
}

/// Ends invitations that nobody used in time.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    run!(tx, END_EXPIRED, At(now))
}
