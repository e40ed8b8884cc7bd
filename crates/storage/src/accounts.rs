//! Accounts and their membership in authorities.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::authorities::Role;
use domain::ids::AccountId;
use jiff::Timestamp;
use uuid::Uuid;

/// Somebody, or something, that may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub account_id: AccountId,
    /// User name.
    pub name: String,
    /// Whether it may run the installation.
    pub operator: bool,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_id: Uuid,
    name: String,
    operator: i32,
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    role: String,
}

const FIND: Statement = Statement::both(
    "-- accounts::find
SELECT account_id, name, operator FROM account WHERE name = $1",
);

const INSERT: Statement = Statement::both(
    "-- accounts::insert
INSERT INTO account (account_id, name, operator, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
);

const JOIN: Statement = Statement::both(
    "-- accounts::join
INSERT INTO membership (authority_id, account_id, role, created_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
);

const ROLE: Statement = Statement::both(
    "-- accounts::role
SELECT role FROM membership WHERE authority_id = $1 AND account_id = $2",
);

/// Finds an account by its name.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<Account>> {
    let row = optional!(tx, AccountRow, FIND, name)?;
    Ok(row.map(|row| Account { account_id: AccountId(row.account_id), name: row.name, operator: row.operator == 1 }))
}

/// Makes an account; `false` if the name is taken.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, account: &Account, now: Timestamp) -> Result<bool> {
    let operator = i32::from(account.operator);
    Ok(run!(tx, INSERT, account.account_id.0, &account.name, operator, At(now))? == 1)
}

/// Makes an account a member of the transaction's authority; `false` if it is one already.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn join(tx: &mut Tx, account_id: AccountId, role: Role, now: Timestamp) -> Result<bool> {
    let authority_id = tx.authority().0;
    Ok(run!(tx, JOIN, authority_id, account_id.0, role.as_str(), At(now))? == 1)
}

/// Returns the role of an account in the transaction's authority.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn role(tx: &mut Tx, account_id: AccountId) -> Result<Option<Role>> {
    let authority_id = tx.authority().0;
    let row = optional!(tx, RoleRow, ROLE, authority_id, account_id.0)?;
    row.map(|row| Role::find(&row.role).ok_or(StorageError::Unreadable("role"))).transpose()
}
