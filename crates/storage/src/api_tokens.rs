//! Keys of programs: each acts for an account, in one authority, and may do no more than its scopes.

use crate::dialect::{At, Day, Statement};
use crate::error::Result;
use crate::store::Tx;
use domain::ids::{AccountId, AuthorityId, TokenId};
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A key, as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id.
    pub token_id: TokenId,
    /// For whom it acts.
    pub account_id: AccountId,
    /// User name of the account.
    pub account: String,
    /// Whether the account may run the installation.
    pub operator: bool,
    /// In which authority.
    pub authority_id: AuthorityId,
    /// What it is for.
    pub name: String,
    /// What it may do, separated by spaces.
    pub scopes: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it works.
    pub expires_at: Timestamp,
    /// Last day on which it was used.
    pub last_used_on: Option<Date>,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    token_id: Uuid,
    account_id: Uuid,
    account: String,
    operator: i32,
    acts_in: i32,
    name: String,
    scopes: String,
    created_at: At,
    expires_at: At,
    last_used_on: Option<Day>,
}

impl From<TokenRow> for ApiToken {
    fn from(row: TokenRow) -> Self {
        Self {
            token_id: TokenId(row.token_id),
            account_id: AccountId(row.account_id),
            account: row.account,
            operator: row.operator == 1,
            authority_id: AuthorityId(row.acts_in),
            name: row.name,
            scopes: row.scopes,
            created_at: row.created_at.0,
            expires_at: row.expires_at.0,
            last_used_on: row.last_used_on.map(|day| day.0),
        }
    }
}

const INSERT: Statement = Statement::both(
    "-- api_tokens::insert
INSERT INTO api_token (token_id, token_hash, account_id, acts_in, name, scopes, created_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const FIND: Statement = Statement::both(
    "-- api_tokens::find
SELECT token_id, t.account_id, a.name AS account, a.operator, acts_in, t.name, scopes, t.created_at, expires_at, last_used_on
  FROM api_token AS t JOIN account AS a ON a.account_id = t.account_id
 WHERE token_hash = $1 AND expires_at > $2",
);

const OF_ACCOUNT: Statement = Statement::both(
    "-- api_tokens::of_account
SELECT token_id, t.account_id, a.name AS account, a.operator, acts_in, t.name, scopes, t.created_at, expires_at, last_used_on
  FROM api_token AS t JOIN account AS a ON a.account_id = t.account_id
 WHERE t.account_id = $1 AND acts_in = $2 ORDER BY token_id",
);

const TOUCH: Statement = Statement::both(
    "-- api_tokens::touch
UPDATE api_token SET last_used_on = $2 WHERE token_id = $1",
);

const DELETE: Statement = Statement::both(
    "-- api_tokens::delete
DELETE FROM api_token WHERE token_id = $1 AND account_id = $2 AND acts_in = $3",
);

const DELETE_OF_ACCOUNT: Statement = Statement::both(
    "-- api_tokens::delete_of_account
DELETE FROM api_token WHERE account_id = $1",
);

const END_EXPIRED: Statement = Statement::both(
    "-- api_tokens::end_expired
DELETE FROM api_token WHERE expires_at <= $1",
);

/// Stores a key, by the hash of its secret.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn insert(tx: &mut Tx, token: &ApiToken, token_hash: &str) -> Result<()> {
    run!(
        tx,
        INSERT,
        token.token_id.0,
        token_hash,
        token.account_id.0,
        token.authority_id.0,
        &token.name,
        &token.scopes,
        At(token.created_at),
        At(token.expires_at),
    )?;
    Ok(())
}

/// Finds a key that still works, by the hash of its secret.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn find(tx: &mut Tx, token_hash: &str, now: Timestamp) -> Result<Option<ApiToken>> {
    Ok(optional!(tx, TokenRow, FIND, token_hash, At(now))?.map(ApiToken::from))
}

/// Lists the keys of an account in an authority, oldest first.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be read.
pub async fn of_account(tx: &mut Tx, account: AccountId, authority: AuthorityId) -> Result<Vec<ApiToken>> {
    let rows = all!(tx, TokenRow, OF_ACCOUNT, account.0, authority.0)?;
    Ok(rows.into_iter().map(ApiToken::from).collect())
}

/// Notes the day on which a key was used.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn touch(tx: &mut Tx, token: TokenId, today: Date) -> Result<()> {
    run!(tx, TOUCH, token.0, Day(today))?;
    Ok(())
}

/// Deletes a key of an account in an authority; `false` if there is none.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete(tx: &mut Tx, token: TokenId, account: AccountId, authority: AuthorityId) -> Result<bool> {
    Ok(run!(tx, DELETE, token.0, account.0, authority.0)? == 1)
}

/// Deletes all keys of an account.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn delete_of_account(tx: &mut Tx, account: AccountId) -> Result<u64> {
    run!(tx, DELETE_OF_ACCOUNT, account.0)
}

/// Ends keys whose time is over.
///
/// # Errors
///
/// [`StorageError`](crate::StorageError) if the database can't be written.
pub async fn end_expired(tx: &mut Tx, now: Timestamp) -> Result<u64> {
    run!(tx, END_EXPIRED, At(now))
}
