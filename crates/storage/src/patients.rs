//! Patients' accounts, and who of them is signed in. User names are sealed and found by a keyed hash, passwords are hashed.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{PatientId, PersonId, SessionId};
use domain::languages::Language;
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// The kind of token that stands for a user name.
const NAME: &str = "patient_account.user_name";

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientAccount {
    /// Its id.
    pub patient_id: PatientId,
    /// Whose it is.
    pub person_id: PersonId,
    /// User name, as it was typed.
    pub user_name: Personal<String>,
    /// Argon2id.
    pub password_hash: String,
    /// Their language.
    pub language: Language,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When its password last changed.
    pub changed_at: Timestamp,
    /// When they said that they want no reminders; `None` while they want them.
    pub no_reminders_at: Option<Timestamp>,
}

/// A link that sets a new password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reset {
    /// SHA-256 of its secret.
    pub hash: String,
    /// Until when it works.
    pub until: Timestamp,
    /// Wrong dates of birth so far.
    pub n_wrong: u32,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatientSession {
    /// Its id.
    pub session_id: SessionId,
    /// What requests that change something must repeat.
    pub csrf_token: String,
    /// The account.
    pub patient_id: PatientId,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they last did something.
    pub seen_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    patient_id: Uuid,
    person_id: Uuid,
    user_name: Vec<u8>,
    password_hash: String,
    language: String,
    reset_hash: Option<String>,
    reset_until: Option<At>,
    reset_wrong: i32,
    created_at: At,
    changed_at: At,
    no_reminders_at: Option<At>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    session_id: Uuid,
    csrf_token: String,
    patient_id: Uuid,
    created_at: At,
    seen_at: At,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: Uuid,
}

const INSERT: Statement = Statement::both(
    "-- patients::insert
INSERT INTO patient_account (authority_id, patient_id, person_id, user_name, name_token, password_hash, language, reset_wrong,
                             created_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8) ON CONFLICT (authority_id, name_token) DO NOTHING",
);

const BY_NAME: Statement = Statement::both(
    "-- patients::by_name
SELECT patient_id, person_id, user_name, password_hash, language, reset_hash, reset_until, reset_wrong, created_at,
       changed_at, no_reminders_at
  FROM patient_account WHERE authority_id = $1 AND name_token = $2",
);

const BY_ID: Statement = Statement::both(
    "-- patients::by_id
SELECT patient_id, person_id, user_name, password_hash, language, reset_hash, reset_until, reset_wrong, created_at,
       changed_at, no_reminders_at
  FROM patient_account WHERE authority_id = $1 AND patient_id = $2",
);

const BY_RESET: Statement = Statement::both(
    "-- patients::by_reset
SELECT patient_id, person_id, user_name, password_hash, language, reset_hash, reset_until, reset_wrong, created_at,
       changed_at, no_reminders_at
  FROM patient_account WHERE authority_id = $1 AND reset_hash = $2",
);

const SET_PASSWORD: Statement = Statement::both(
    "-- patients::set_password
UPDATE patient_account SET password_hash = $3, changed_at = $4, reset_hash = NULL, reset_until = NULL, reset_wrong = 0
 WHERE authority_id = $1 AND patient_id = $2",
);

const SET_LANGUAGE: Statement = Statement::both(
    "-- patients::set_language
UPDATE patient_account SET language = $3 WHERE authority_id = $1 AND patient_id = $2",
);

const SET_NO_REMINDERS: Statement = Statement::both(
    "-- patients::set_no_reminders
UPDATE patient_account SET no_reminders_at = $3 WHERE authority_id = $1 AND patient_id = $2",
);

const SET_RESET: Statement = Statement::both(
    "-- patients::set_reset
UPDATE patient_account SET reset_hash = $3, reset_until = $4, reset_wrong = $5
 WHERE authority_id = $1 AND patient_id = $2",
);

const DELETE: Statement = Statement::both(
    "-- patients::delete
DELETE FROM patient_account WHERE authority_id = $1 AND patient_id = $2",
);

const OF_PERSON: Statement = Statement::both(
    "-- patients::of_person
SELECT patient_id AS id FROM patient_account WHERE authority_id = $1 AND person_id = $2",
);

const ANOTHER_PERSON: Statement = Statement::both(
    "-- patients::another_person
SELECT person_id AS id FROM enrolment WHERE authority_id = $1 AND patient_id = $2 AND person_id <> $3 LIMIT 1",
);

const PASS_ON: Statement = Statement::both(
    "-- patients::pass_on
UPDATE patient_account SET person_id = $3 WHERE authority_id = $1 AND patient_id = $2",
);

const END_RESETS: Statement = Statement::both(
    "-- patients::end_resets
UPDATE patient_account SET reset_hash = NULL, reset_until = NULL WHERE authority_id = $1 AND reset_hash IS NOT NULL",
);

const BEGIN: Statement = Statement::both(
    "-- patients::begin_session
INSERT INTO patient_session (authority_id, session_id, token_hash, csrf_token, patient_id, created_at, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $6)",
);

const SESSION: Statement = Statement::both(
    "-- patients::session
SELECT session_id, csrf_token, patient_id, created_at, seen_at FROM patient_session
 WHERE authority_id = $1 AND token_hash = $2",
);

const TOUCH: Statement = Statement::both(
    "-- patients::touch_session
UPDATE patient_session SET seen_at = $3 WHERE authority_id = $1 AND session_id = $2 AND seen_at < $3",
);

const END: Statement = Statement::both(
    "-- patients::end_session
DELETE FROM patient_session WHERE authority_id = $1 AND session_id = $2",
);

const END_OF_PATIENT: Statement = Statement::both(
    "-- patients::end_sessions_of
DELETE FROM patient_session WHERE authority_id = $1 AND patient_id = $2 AND session_id <> $3",
);

const END_IDLE: Statement = Statement::both(
    "-- patients::end_idle_sessions
DELETE FROM patient_session WHERE authority_id = $1 AND (seen_at < $2 OR created_at < $3)",
);

fn place(patient_id: PatientId) -> CellPlace {
    CellPlace { table: "patient_account", column: "user_name", row: patient_id.0 }
}

fn open(sealer: &Sealer, row: AccountRow) -> Result<(PatientAccount, Option<Reset>)> {
    let patient_id = PatientId(row.patient_id);
    let n_wrong = u32::try_from(row.reset_wrong).unwrap_or(0);
    let reset = row.reset_hash.zip(row.reset_until).map(|(hash, until)| Reset { hash, until: until.0, n_wrong });
    let account = PatientAccount {
        patient_id,
        person_id: PersonId(row.person_id),
        user_name: Personal::new(sealer.open(place(patient_id), &row.user_name)?),
        password_hash: row.password_hash,
        language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
        created_at: row.created_at.0,
        changed_at: row.changed_at.0,
        no_reminders_at: row.no_reminders_at.map(|at| at.0),
    };
    Ok((account, reset))
}

/// Opens an account in the database; `false` if another has the user name. `key` is the name as it is compared.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, account: &PatientAccount, key: &str) -> Result<bool> {
    let user_name = sealer.seal(place(account.patient_id), account.user_name.expose())?.0;
    // While keys change, the same name has an old token.
    if find(tx, sealer, key).await?.is_some() {
        return Ok(false);
    }
    let inserted = run!(
        tx,
        INSERT,
        mine,
        account.patient_id.0,
        account.person_id.0,
        user_name,
        sealer.token(NAME, key)?,
        &account.password_hash,
        account.language.as_str(),
        At(account.created_at),
    )?;
    Ok(inserted == 1)
}

/// Finds an account by its user name, as it is compared.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its cells don't open.
pub async fn find(tx: &mut Tx, sealer: &Sealer, key: &str) -> Result<Option<PatientAccount>> {
    for token in sealer.tokens(NAME, key)? {
        if let Some(row) = optional!(tx, AccountRow, BY_NAME, mine, token)? {
            return open(sealer, row).map(|(account, _)| Some(account));
        }
    }
    Ok(None)
}

/// Finds an account by its id.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its cells don't open.
pub async fn by_id(tx: &mut Tx, sealer: &Sealer, patient_id: PatientId) -> Result<Option<PatientAccount>> {
    let row = optional!(tx, AccountRow, BY_ID, mine, patient_id.0)?;
    row.map(|row| open(sealer, row).map(|(account, _)| account)).transpose()
}

/// Finds the account that a link sets a new password for, by the hash of its secret.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its cells don't open.
pub async fn by_reset(tx: &mut Tx, sealer: &Sealer, hash: &str) -> Result<Option<(PatientAccount, Reset)>> {
    let Some(row) = optional!(tx, AccountRow, BY_RESET, mine, hash)? else { return Ok(None) };
    let (account, reset) = open(sealer, row)?;
    Ok(reset.map(|reset| (account, reset)))
}

/// Sets a password; a link that would set another works no more.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_password(tx: &mut Tx, patient_id: PatientId, hash: &str, now: Timestamp) -> Result<()> {
    run!(tx, SET_PASSWORD, mine, patient_id.0, hash, At(now))?;
    Ok(())
}

/// Writes down since when somebody wants no reminders; `None`: they want them.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_no_reminders(tx: &mut Tx, patient_id: PatientId, since: Option<Timestamp>) -> Result<()> {
    run!(tx, SET_NO_REMINDERS, mine, patient_id.0, since.map(At))?;
    Ok(())
}

/// Notes in which language they read.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_language(tx: &mut Tx, patient_id: PatientId, language: Language) -> Result<()> {
    run!(tx, SET_LANGUAGE, mine, patient_id.0, language.as_str())?;
    Ok(())
}

/// Notes a link that sets a new password, in place of the one before; or that there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_reset(tx: &mut Tx, patient_id: PatientId, reset: Option<&Reset>) -> Result<()> {
    let n_wrong = reset.map_or(0, |reset| i32::try_from(reset.n_wrong).unwrap_or(i32::MAX));
    let (hash, until) = (reset.map(|reset| reset.hash.as_str()), reset.map(|reset| At(reset.until)));
    run!(tx, SET_RESET, mine, patient_id.0, hash, until, n_wrong)?;
    Ok(())
}

/// Deletes an account with its sessions: its user name is free again. What it enrolled stays.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, patient_id: PatientId) -> Result<()> {
    end_sessions(tx, patient_id, None).await?;
    run!(tx, DELETE, mine, patient_id.0)?;
    Ok(())
}

/// Before a person goes: an account of theirs that acts for somebody else too is that one's from now on. The sessions of
/// others end, before the accounts go with the person.
pub(crate) async fn pass_on(tx: &mut Tx, person: Uuid) -> Result<()> {
    for account in all!(tx, IdRow, OF_PERSON, mine, person)? {
        match optional!(tx, IdRow, ANOTHER_PERSON, mine, account.id, person)? {
            Some(other) => _ = run!(tx, PASS_ON, mine, account.id, other.id)?,
            None => _ = end_sessions(tx, PatientId(account.id), None).await?,
        }
    }
    Ok(())
}

/// Begins a session.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn begin_session(tx: &mut Tx, session: &PatientSession, token_hash: &str) -> Result<()> {
    let at = At(session.created_at);
    run!(tx, BEGIN, mine, session.session_id.0, token_hash, &session.csrf_token, session.patient_id.0, at)?;
    Ok(())
}

/// Finds the session of a cookie, by the hash of its secret.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn session(tx: &mut Tx, token_hash: &str) -> Result<Option<PatientSession>> {
    let row = optional!(tx, SessionRow, SESSION, mine, token_hash)?;
    Ok(row.map(|row| PatientSession {
        session_id: SessionId(row.session_id),
        csrf_token: row.csrf_token,
        patient_id: PatientId(row.patient_id),
        created_at: row.created_at.0,
        seen_at: row.seen_at.0,
    }))
}

/// Notes that they did something.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn touch_session(tx: &mut Tx, session: SessionId, now: Timestamp) -> Result<()> {
    run!(tx, TOUCH, mine, session.0, At(now))?;
    Ok(())
}

/// Ends a session.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_session(tx: &mut Tx, session: SessionId) -> Result<()> {
    run!(tx, END, mine, session.0)?;
    Ok(())
}

/// Ends all sessions of an account but one; all, where none is named.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_sessions(tx: &mut Tx, patient_id: PatientId, but: Option<SessionId>) -> Result<u64> {
    run!(tx, END_OF_PATIENT, mine, patient_id.0, but.map_or(Uuid::nil(), |session| session.0))
}

/// Ends sessions that nobody used since `idle_since`, or that began before `begun_before`.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_idle_sessions(tx: &mut Tx, idle_since: Timestamp, begun_before: Timestamp) -> Result<u64> {
    run!(tx, END_IDLE, mine, At(idle_since), At(begun_before))
}

/// Ends all sessions and all links that set a password, after a restore.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_all(tx: &mut Tx) -> Result<u64> {
    Ok(run!(tx, END_RESETS, mine)? + end_idle_sessions(tx, Timestamp::MAX, Timestamp::MAX).await?)
}
