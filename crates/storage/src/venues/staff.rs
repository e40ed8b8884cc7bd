//! Who works in a venue: accounts that sign in by e-mail address, and what they are where.

use super::venue_id as parse_venue_id;
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, VenueId};
use domain::languages::Language;
use domain::persons::Personal;
use domain::venues::VenueRole;
use jiff::Timestamp;
use uuid::Uuid;

/// The kind of token that stands for an e-mail address.
const EMAIL: &str = "venue_account.email";

/// Somebody who works in venues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffAccount {
    /// The account that signs in.
    pub account_id: AccountId,
    /// E-mail address, as it was typed.
    pub email: Personal<String>,
    /// What they are called.
    pub name: Personal<String>,
    /// Telephone number.
    pub phone: Option<Personal<String>>,
    /// Their language.
    pub language: Language,
}

/// Somebody who works in one venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub staff: StaffAccount,
    /// What they are there.
    pub role: VenueRole,
    /// Since when.
    pub joined_at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct AccountRow {
    account_id: Uuid,
    email: Vec<u8>,
    name: Vec<u8>,
    phone: Option<Vec<u8>>,
    language: String,
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    account_id: Uuid,
    email: Vec<u8>,
    name: Vec<u8>,
    phone: Option<Vec<u8>>,
    language: String,
    role: String,
    joined_at: At,
}

#[derive(sqlx::FromRow)]
struct RoleRow {
    role: String,
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    venue_id: String,
    role: String,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n: i64,
}

const INSERT: Statement = Statement::both(
    "-- venues::insert_account
INSERT INTO venue_account (authority_id, account_id, email, email_token, name, phone, language, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
);

const BY_EMAIL: Statement = Statement::both(
    "-- venues::account_by_email
SELECT account_id, email, name, phone, language FROM venue_account WHERE authority_id = $1 AND email_token = $2",
);

const BY_ID: Statement = Statement::both(
    "-- venues::account_of
SELECT account_id, email, name, phone, language FROM venue_account WHERE authority_id = $1 AND account_id = $2",
);

const SET_LANGUAGE: Statement = Statement::both(
    "-- venues::set_staff_language
UPDATE venue_account SET language = $3 WHERE authority_id = $1 AND account_id = $2",
);

const JOIN: Statement = Statement::both(
    "-- venues::join
INSERT INTO venue_member (authority_id, venue_id, account_id, role, joined_at) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING",
);

const ROLE: Statement = Statement::both(
    "-- venues::member_role
SELECT role FROM venue_member WHERE authority_id = $1 AND venue_id = $2 AND account_id = $3",
);

const SET_ROLE: Statement = Statement::both(
    "-- venues::set_member_role
UPDATE venue_member SET role = $4 WHERE authority_id = $1 AND venue_id = $2 AND account_id = $3",
);

const LEAVE: Statement = Statement::both(
    "-- venues::leave
DELETE FROM venue_member WHERE authority_id = $1 AND venue_id = $2 AND account_id = $3",
);

const N_OWNERS: Statement = Statement::both(
    "-- venues::n_owners
SELECT count(*) AS n FROM venue_member WHERE authority_id = $1 AND venue_id = $2 AND role = 'owner'",
);

const MEMBERS: Statement = Statement::both(
    "-- venues::members
SELECT m.account_id, a.email, a.name, a.phone, a.language, m.role, m.joined_at
  FROM venue_member AS m
  JOIN venue_account AS a ON a.authority_id = m.authority_id AND a.account_id = m.account_id
 WHERE m.authority_id = $1 AND m.venue_id = $2 ORDER BY m.joined_at, m.account_id",
);

const OF_ACCOUNT: Statement = Statement::both(
    "-- venues::memberships
SELECT venue_id, role FROM venue_member WHERE authority_id = $1 AND account_id = $2 ORDER BY joined_at, venue_id",
);

const DELETE_ACCOUNT: Statement = Statement::both(
    "-- venues::delete_account
DELETE FROM venue_account WHERE authority_id = $1 AND account_id = $2",
);

const END_MEMBERSHIP: Statement = Statement::both(
    "-- venues::end_membership
DELETE FROM membership WHERE authority_id = $1 AND account_id = $2 AND role = 'venue'",
);

fn place(column: &'static str, account_id: AccountId) -> CellPlace {
    CellPlace { table: "venue_account", column, row: account_id.0 }
}

fn open(sealer: &Sealer, row: AccountRow) -> Result<StaffAccount> {
    let account_id = AccountId(row.account_id);
    let read = |column, cell: &[u8]| sealer.open(place(column, account_id), cell).map(Personal::new);
    Ok(StaffAccount {
        account_id,
        email: read("email", &row.email)?,
        name: read("name", &row.name)?,
        phone: row.phone.as_deref().map(|cell| read("phone", cell)).transpose()?,
        language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
    })
}

/// E-mail addresses are compared without regard to capitals.
fn key(email: &str) -> String {
    email.trim().to_lowercase()
}

fn role_of(word: &str) -> Result<VenueRole> {
    VenueRole::find(word).ok_or(StorageError::Unreadable("role in a venue"))
}

/// Stores who works in venues; `false` if somebody has the e-mail address.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_account(tx: &mut Tx, sealer: &Sealer, staff: &StaffAccount, now: Timestamp) -> Result<bool> {
    // While keys change, the same address has an old token.
    if account_by_email(tx, sealer, staff.email.expose()).await?.is_some() {
        return Ok(false);
    }
    let seal = |column, text: &str| sealer.seal(place(column, staff.account_id), text).map(|cell| cell.0);
    let phone = staff.phone.as_ref().map(|phone| seal("phone", phone.expose())).transpose()?;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        staff.account_id.0,
        seal("email", staff.email.expose())?,
        sealer.token(EMAIL, &key(staff.email.expose()))?,
        seal("name", staff.name.expose())?,
        phone,
        staff.language.as_str(),
        At(now),
    )?;
    Ok(inserted == 1)
}

/// Finds who has an e-mail address.
///
/// # Errors
///
/// [`StorageError::Sealing`] if their cells don't open.
pub async fn account_by_email(tx: &mut Tx, sealer: &Sealer, email: &str) -> Result<Option<StaffAccount>> {
    for token in sealer.tokens(EMAIL, &key(email))? {
        if let Some(row) = optional!(tx, AccountRow, BY_EMAIL, mine, token)? {
            return open(sealer, row).map(Some);
        }
    }
    Ok(None)
}

/// Finds who signs in with an account.
///
/// # Errors
///
/// [`StorageError::Sealing`] if their cells don't open.
pub async fn account_of(tx: &mut Tx, sealer: &Sealer, account_id: AccountId) -> Result<Option<StaffAccount>> {
    let row = optional!(tx, AccountRow, BY_ID, mine, account_id.0)?;
    row.map(|row| open(sealer, row)).transpose()
}

/// Notes in which language they read.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_staff_language(tx: &mut Tx, account_id: AccountId, language: Language) -> Result<()> {
    run!(tx, SET_LANGUAGE, mine, account_id.0, language.as_str())?;
    Ok(())
}

/// Lets somebody work in a venue; `false` if they do already, in whichever role.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn join(
    tx: &mut Tx,
    venue_id: VenueId,
    account_id: AccountId,
    role: VenueRole,
    now: Timestamp,
) -> Result<bool> {
    Ok(run!(tx, JOIN, mine, venue_id.to_string(), account_id.0, role.as_str(), At(now))? == 1)
}

/// Returns what somebody is in a venue; `None` if they don't work there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn member_role(tx: &mut Tx, venue_id: VenueId, account_id: AccountId) -> Result<Option<VenueRole>> {
    let row = optional!(tx, RoleRow, ROLE, mine, venue_id.to_string(), account_id.0)?;
    row.map(|row| role_of(&row.role)).transpose()
}

/// Changes what somebody is in a venue; `false` if they don't work there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_member_role(tx: &mut Tx, venue_id: VenueId, account_id: AccountId, role: VenueRole) -> Result<bool> {
    Ok(run!(tx, SET_ROLE, mine, venue_id.to_string(), account_id.0, role.as_str())? == 1)
}

/// Removes somebody from a venue; `false` if they didn't work there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn leave(tx: &mut Tx, venue_id: VenueId, account_id: AccountId) -> Result<bool> {
    Ok(run!(tx, LEAVE, mine, venue_id.to_string(), account_id.0)? == 1)
}

/// Counts the owners of a venue.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn n_owners(tx: &mut Tx, venue_id: VenueId) -> Result<i64> {
    Ok(optional!(tx, CountRow, N_OWNERS, mine, venue_id.to_string())?.map_or(0, |row| row.n))
}

/// Lists who works in a venue, longest first.
///
/// # Errors
///
/// [`StorageError::Sealing`] if their cells don't open.
pub async fn members(tx: &mut Tx, sealer: &Sealer, venue_id: VenueId) -> Result<Vec<Member>> {
    let read = |row: MemberRow| {
        let MemberRow { account_id, email, name, phone, language, role, joined_at } = row;
        let staff = open(sealer, AccountRow { account_id, email, name, phone, language })?;
        Ok(Member { staff, role: role_of(&role)?, joined_at: joined_at.0 })
    };
    all!(tx, MemberRow, MEMBERS, mine, venue_id.to_string())?.into_iter().map(read).collect()
}

/// Lists the venues in which somebody works, longest first, with what they are there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn memberships(tx: &mut Tx, account_id: AccountId) -> Result<Vec<(VenueId, VenueRole)>> {
    let read = |row: OwnRow| Ok((parse_venue_id(&row.venue_id)?, role_of(&row.role)?));
    all!(tx, OwnRow, OF_ACCOUNT, mine, account_id.0)?.into_iter().map(read).collect()
}

/// Deletes who somebody is, and that they may sign in to this authority: they work in no venue any more.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_account(tx: &mut Tx, account_id: AccountId) -> Result<()> {
    run!(tx, DELETE_ACCOUNT, mine, account_id.0)?;
    run!(tx, END_MEMBERSHIP, mine, account_id.0)?;
    Ok(())
}
