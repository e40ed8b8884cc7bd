//! Who is signed in. A cookie holds a secret; here stands its hash, so that a thief of the database can't be them.

use crate::dialect::{At, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AccountId, AuthorityId, SessionId};
use jiff::Timestamp;
use uuid::Uuid;

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub session_id: SessionId,
    /// What requests that change something must repeat.
    pub csrf_token: String,
    /// Who.
    pub account_id: AccountId,
    /// User name.
    pub account: String,
    /// Whether the account may run the installation.
    pub operator: bool,
    /// Where they act.
    pub authority_id: AuthorityId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When the cookie last changed.
    pub rotated_at: Timestamp,
    /// When they last did something.
    pub seen_at: Timestamp,
    /// Whether the cookie is the one before the last rotation.
    pub by_previous: bool,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: Uuid,
    token_hash: String,
    csrf_token: String,
    account_id: Uuid,
    name: String,
    operator: i32,
    signed_in_to: i32,
    created_at: At,
    rotated_at: At,
    seen_at: At,
}

const INSERT: Statement = Statement::both(
    "-- sessions::insert
INSERT INTO session (session_id, token_hash, csrf_token, account_id, signed_in_to, created_at, rotated_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $6)",
);

const FIND: Statement = Statement::both(
    "-- sessions::find
SELECT session_id, token_hash, csrf_token, s.account_id, a.name, a.operator, signed_in_to, s.created_at, rotated_at, seen_at
  FROM session AS s JOIN account AS a ON a.account_id = s.account_id
 WHERE token_hash = $1 OR previous_hash = $1",
);

const TOUCH: Statement = Statement::both(
    "-- sessions::touch
UPDATE session SET seen_at = $2 WHERE session_id = $1 AND seen_at < $2",
);

const ROTATE: Statement = Statement::both(
    "-- sessions::rotate
UPDATE session SET previous_hash = token_hash, token_hash = $3, rotated_at = $4 WHERE session_id = $1 AND token_hash = $2",
);

const ACT_IN: Statement = Statement::both(
    "-- sessions::act_in
UPDATE session SET signed_in_to = $2, csrf_token = $3 WHERE session_id = $1",
);

const END: Statement = Statement::both(
    "-- sessions::end
DELETE FROM session WHERE session_id = $1",
);

const END_OF_ACCOUNT: Statement = Statement::both(
    "-- sessions::end_of_account
DELETE FROM session WHERE account_id = $1 AND session_id <> $2",
);

const END_IDLE: Statement = Statement::both(
    "-- sessions::end_idle
DELETE FROM session WHERE seen_at < $1 OR created_at < $2",
);

/// What a new session holds beside its account.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Its id.
    pub session_id: SessionId,
    /// Hash of the cookie's secret.
    pub token_hash: String,
    /// What requests that change something must repeat.
    pub csrf_token: String,
    /// Who.
    pub account_id: AccountId,
    /// Where they act.
    pub authority_id: AuthorityId,
}

/// Begins a session.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, new: &NewSession, now: Timestamp) -> Result<()> {
    let (session_id, account_id) = (new.session_id.0, new.account_id.0);
    run!(tx, INSERT, session_id, &new.token_hash, &new.csrf_token, account_id, new.authority_id.0, At(now))?;
    Ok(())
}

/// Finds the session of a cookie, by the hash of its secret: the present one, or the one before.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn find(tx: &mut Tx, token_hash: &str) -> Result<Option<Session>> {
    let row = optional!(tx, SessionRow, FIND, token_hash)?;
    Ok(row.map(|row| Session {
        session_id: SessionId(row.session_id),
        csrf_token: row.csrf_token,
        account_id: AccountId(row.account_id),
        account: row.name,
        operator: row.operator == 1,
        authority_id: AuthorityId(row.signed_in_to),
        created_at: row.created_at.0,
        rotated_at: row.rotated_at.0,
        seen_at: row.seen_at.0,
        by_previous: row.token_hash != token_hash,
    }))
}

/// Notes that they did something.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn touch(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<()> {
    run!(tx, TOUCH, session.0, At(now))?;
    Ok(())
}

/// Gives the cookie a new secret; `false` if another request came first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn rotate(tx: &mut Tx, session: SessionId, old: &str, new: &str, now: Timestamp) -> Result<bool> {
    Ok(run!(tx, ROTATE, session.0, old, new, At(now))? == 1)
}

/// Lets the session act in another authority, with a new token for requests that change something.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn act_in(tx: &mut Tx, session: SessionId, authority: AuthorityId, csrf_token: &str) -> Result<()> {
    run!(tx, ACT_IN, session.0, authority.0, csrf_token)?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end(tx: &mut Tx, session: SessionId) -> Result<()> {
    run!(tx, END, session.0)?;
    Ok(())
}

/// Ends all sessions of an account but one; all, where none is named.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_of_account(tx: &mut Tx, account: AccountId, but: Option<SessionId>) -> Result<u64> {
    run!(tx, END_OF_ACCOUNT, account.0, but.map_or(Uuid::nil(), |session| session.0))
}

/// Ends sessions that nobody used since `idle_since`, or that began before `begun_before`.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_idle(tx: &mut Tx, idle_since: Timestamp, begun_before: Timestamp) -> Result<u64> {
    run!(tx, END_IDLE, At(idle_since), At(begun_before))
}
