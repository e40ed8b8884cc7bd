//! What an account proves itself with: a password's hash, the second factor's secret, recovery codes.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::AccountId;
use domain::persons::Personal;
use jiff::Timestamp;

/// The credential of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Whose.
    pub account_id: AccountId,
    /// Argon2id in PHC form; `None` until the invitation is accepted.
    pub password_hash: Option<String>,
    /// Secret of the second factor, base32; `None` where none is asked for.
    pub totp: Option<Personal<String>>,
    /// Last time step that was used.
    pub totp_step: i64,
    /// Whether it is kept from signing in.
    pub disabled: bool,
}

#[derive(sqlx::FromRow)]
struct CredentialRow {
    password_hash: Option<String>,
    totp: Option<Vec<u8>>,
    totp_step: i64,
    disabled: i32,
}

#[derive(sqlx::FromRow)]
struct DisabledRow {
    disabled: i32,
}

const FIND: Statement = Statement::both(
    "-- credentials::find
SELECT password_hash, totp, totp_step, disabled FROM credential WHERE account_id = $1",
);

const SET: Statement = Statement::both(
    "-- credentials::set
INSERT INTO credential (account_id, password_hash, totp, totp_step, disabled, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id) DO UPDATE SET password_hash = excluded.password_hash, totp = excluded.totp,
       totp_step = excluded.totp_step, disabled = excluded.disabled, changed_at = excluded.changed_at",
);

const ANY_SEALED: Statement = Statement::both(
    "-- credentials::any_sealed
SELECT 1 AS disabled FROM credential WHERE totp IS NOT NULL
UNION ALL SELECT 1 AS disabled FROM invitation LIMIT 1",
);

const SET_PASSWORD: Statement = Statement::both(
    "-- credentials::set_password
UPDATE credential SET password_hash = $2, changed_at = $3 WHERE account_id = $1",
);

const SET_DISABLED: Statement = Statement::both(
    "-- credentials::set_disabled
INSERT INTO credential (account_id, totp_step, disabled, changed_at) VALUES ($1, 0, $2, $3)
    ON CONFLICT (account_id) DO UPDATE SET disabled = excluded.disabled",
);

const DISABLED: Statement = Statement::both(
    "-- credentials::disabled
SELECT disabled FROM credential WHERE account_id = $1",
);

const USE_STEP: Statement = Statement::both(
    "-- credentials::use_step
UPDATE credential SET totp_step = $2 WHERE account_id = $1 AND totp_step < $2",
);

const INSERT_CODE: &str = "-- credentials::insert_code
INSERT INTO recovery_code (account_id, code_hash) ";

const DELETE_CODES: Statement = Statement::both(
    "-- credentials::delete_codes
DELETE FROM recovery_code WHERE account_id = $1",
);

const USE_CODE: Statement = Statement::both(
    "-- credentials::use_code
DELETE FROM recovery_code WHERE account_id = $1 AND code_hash = $2",
);

/// Where the secret of an account's second factor stands.
pub(crate) fn totp_place(table: &'static str, account_id: AccountId) -> CellPlace {
    CellPlace { table, column: "totp", row: account_id.0 }
}

/// Finds the credential of an account.
///
/// # Errors
///
/// [`StorageError::Sealing`] if the secret doesn't open.
pub async fn find(tx: &mut Tx, sealer: &Sealer, account_id: AccountId) -> Result<Option<Credential>> {
    let Some(row) = optional!(tx, CredentialRow, FIND, account_id.0)? else { return Ok(None) };
    let place = totp_place("credential", account_id);
    Ok(Some(Credential {
        account_id,
        password_hash: row.password_hash,
        totp: row.totp.map(|cell| sealer.open(place, &cell)).transpose()?.map(Personal::new),
        totp_step: row.totp_step,
        disabled: row.disabled == 1,
    }))
}

/// Stores a credential, in place of the one before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set(tx: &mut Tx, sealer: &Sealer, credential: &Credential, now: Timestamp) -> Result<()> {
    let place = totp_place("credential", credential.account_id);
    let totp = credential.totp.as_ref().map(|secret| sealer.seal(place, secret.expose())).transpose()?;
    run!(
        tx,
        SET,
        credential.account_id.0,
        &credential.password_hash,
        totp.as_ref().map(|cell| &cell.0),
        credential.totp_step,
        i32::from(credential.disabled),
        At(now),
    )?;
    Ok(())
}

/// Stores another password, and leaves the second factor as it is.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if the account has no credential.
pub async fn set_password(tx: &mut Tx, account_id: AccountId, hash: &str, now: Timestamp) -> Result<()> {
    match run!(tx, SET_PASSWORD, account_id.0, hash, At(now))? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "credentials::set_password", touched, expected: 1 }),
    }
}

/// Keeps an account from signing in, or lets it in again; leaves password and second factor as they are.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_disabled(tx: &mut Tx, account_id: AccountId, disabled: bool, now: Timestamp) -> Result<()> {
    run!(tx, SET_DISABLED, account_id.0, i32::from(disabled), At(now))?;
    Ok(())
}

/// Says whether any second factor is sealed here.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn any_sealed(tx: &mut Tx) -> Result<bool> {
    Ok(optional!(tx, DisabledRow, ANY_SEALED)?.is_some())
}

/// Says whether an account is kept from signing in.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn is_disabled(tx: &mut Tx, account_id: AccountId) -> Result<bool> {
    Ok(optional!(tx, DisabledRow, DISABLED, account_id.0)?.is_some_and(|row| row.disabled == 1))
}

/// Uses up a time step of the second factor; `false` if it, or a later one, was used before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn use_step(tx: &mut Tx, account_id: AccountId, step: i64) -> Result<bool> {
    Ok(run!(tx, USE_STEP, account_id.0, step)? == 1)
}

/// Stores the hashes of new recovery codes in place of all before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn replace_codes(tx: &mut Tx, account_id: AccountId, hashes: &[String]) -> Result<()> {
    run!(tx, DELETE_CODES, account_id.0)?;
    insert_all!(tx, INSERT_CODE, "", hashes, |hash| account_id.0, hash)?;
    Ok(())
}

/// Uses up a recovery code; `false` if there is none with this hash.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn use_code(tx: &mut Tx, account_id: AccountId, hash: &str) -> Result<bool> {
    match run!(tx, USE_CODE, account_id.0, hash)? {
        0 => Ok(false),
        1 => Ok(true),
        touched => Err(StorageError::WrongCount { statement: "credentials::use_code", touched, expected: 1 }),
    }
}
