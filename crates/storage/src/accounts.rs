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

const BY_ID: Statement = Statement::both(
    "-- accounts::by_id
SELECT account_id, name, operator FROM account WHERE account_id = $1",
);

const SET_ROLE: Statement = Statement::both(
    "-- accounts::set_role
UPDATE membership SET role = $3 WHERE authority_id = $1 AND account_id = $2",
);

const MEMBERS: Statement = Statement::both(
    "-- accounts::members
SELECT a.account_id, a.name, a.operator, m.role, m.created_at,
       CASE WHEN c.password_hash IS NULL THEN 0 ELSE 1 END AS has_password,
       CASE WHEN c.totp IS NULL THEN 0 ELSE 1 END AS has_totp,
       COALESCE(c.disabled, 0) AS disabled,
       (SELECT max(seen_at) FROM session AS s WHERE s.account_id = a.account_id) AS seen_at
  FROM membership AS m
  JOIN account AS a ON a.account_id = m.account_id
  LEFT JOIN credential AS c ON c.account_id = a.account_id
 WHERE m.authority_id = $1 ORDER BY a.name",
);

/// A member of an authority, with how they sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub account: Account,
    /// What they may do here.
    pub role: Role,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether a password is set.
    pub has_password: bool,
    /// Whether a second factor is asked for.
    pub has_totp: bool,
    /// Whether they are kept from signing in.
    pub disabled: bool,
    /// When they were last seen by a session that still lives.
    pub seen_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    account_id: Uuid,
    name: String,
    operator: i32,
    role: String,
    created_at: At,
    has_password: i32,
    has_totp: i32,
    disabled: i32,
    seen_at: Option<At>,
}

/// Finds an account by its id.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_id(tx: &mut Tx, account_id: AccountId) -> Result<Option<Account>> {
    let row = optional!(tx, AccountRow, BY_ID, account_id.0)?;
    Ok(row.map(|row| Account { account_id: AccountId(row.account_id), name: row.name, operator: row.operator == 1 }))
}

/// Gives a member of the transaction's authority another role; `false` if it is no member.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_role(tx: &mut Tx, account_id: AccountId, role: Role) -> Result<bool> {
    Ok(run!(tx, SET_ROLE, mine, account_id.0, role.as_str())? == 1)
}

/// Lists the members of the transaction's authority, by name.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn members(tx: &mut Tx) -> Result<Vec<Member>> {
    let read = |row: MemberRow| {
        Ok(Member {
            account: Account { account_id: AccountId(row.account_id), name: row.name, operator: row.operator == 1 },
            role: Role::find(&row.role).ok_or(StorageError::Unreadable("role"))?,
            created_at: row.created_at.0,
            has_password: row.has_password == 1,
            has_totp: row.has_totp == 1,
            disabled: row.disabled == 1,
            seen_at: row.seen_at.map(|at| at.0),
        })
    };
    all!(tx, MemberRow, MEMBERS, mine)?.into_iter().map(read).collect()
}
