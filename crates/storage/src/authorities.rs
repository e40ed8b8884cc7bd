//! Authorities at rest.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Keys, Sealer};
use crate::store::Tx;
use domain::authorities::{AuthorityState, ShortCode};
use domain::diseases::Disease;
use domain::ids::AuthorityId;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// An authority, as stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Authority {
    /// Its number.
    pub authority_id: AuthorityId,
    /// Two to eight letters.
    pub short_code: ShortCode,
    /// As people call it.
    pub name: String,
    /// Where its rows must stay.
    pub region: String,
    /// Its days are counted here.
    pub time_zone: TimeZone,
    /// Language tags, separated by commas.
    pub languages: String,
    /// Disease of imports that name none.
    pub default_disease: Disease,
    /// Grows with each move to another cell.
    pub epoch: i64,
    /// Whether it may be written here.
    pub state: AuthorityState,
}

/// What is needed to make an authority.
#[derive(Clone, Debug)]
pub struct NewAuthority {
    /// Two to eight letters.
    pub short_code: ShortCode,
    /// As people call it.
    pub name: String,
    /// Where its rows must stay.
    pub region: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Language tags, separated by commas.
    pub languages: String,
    /// Disease of imports that name none.
    pub default_disease: Disease,
}

#[derive(sqlx::FromRow)]
struct AuthorityRow {
    authority_id: i32,
    short_code: String,
    name: String,
    region: String,
    time_zone: String,
    languages: String,
    default_disease: String,
    epoch: i64,
    state: String,
}

impl TryFrom<AuthorityRow> for Authority {
    type Error = StorageError;
    fn try_from(row: AuthorityRow) -> Result<Self> {
        Ok(Self {
            authority_id: AuthorityId(row.authority_id),
            short_code: ShortCode::new(&row.short_code).map_err(|_| StorageError::Unreadable("short code"))?,
            name: row.name,
            region: row.region,
            time_zone: TimeZone::get(&row.time_zone).map_err(|_| StorageError::Unreadable("time zone"))?,
            languages: row.languages,
            default_disease: Disease::find(&row.default_disease).ok_or(StorageError::Unreadable("disease"))?,
            epoch: row.epoch,
            state: AuthorityState::find(&row.state).ok_or(StorageError::Unreadable("state of an authority"))?,
        })
    }
}

const LIST: Statement = Statement::both(
    "-- authorities::list
SELECT authority_id, short_code, name, region, time_zone, languages, default_disease, epoch, state
  FROM authority ORDER BY authority_id",
);

const TAKE_NUMBER: Statement = Statement::both(
    "-- authorities::take_number
UPDATE installation SET next_authority_id = next_authority_id + 1 WHERE only_row = 1
 RETURNING next_authority_id - 1 AS authority_id",
);

const INSERT: Statement = Statement::both(
    "-- authorities::insert
INSERT INTO authority (authority_id, short_code, name, region, time_zone, languages, default_disease, state, epoch,
                       created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', 1, $8) ON CONFLICT (short_code) DO NOTHING",
);

const SET_STATE: Statement = Statement::both(
    "-- authorities::set_state
UPDATE authority SET state = $2 WHERE authority_id = $1",
);

#[derive(sqlx::FromRow)]
struct Number {
    authority_id: i32,
}

/// Lists all authorities of the installation.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn list(tx: &mut Tx) -> Result<Vec<Authority>> {
    let rows = all!(tx, AuthorityRow, LIST)?;
    rows.into_iter().map(Authority::try_from).collect()
}

/// Makes an authority with a number that was never used. `None` if the short code is taken.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, new: &NewAuthority, now: Timestamp) -> Result<Option<AuthorityId>> {
    let number = optional!(tx, Number, TAKE_NUMBER)?.ok_or(StorageError::Unreadable("installation"))?;
    let inserted = run!(
        tx,
        INSERT,
        number.authority_id,
        new.short_code.as_str(),
        &new.name,
        &new.region,
        &new.time_zone,
        &new.languages,
        new.default_disease.as_str(),
        At(now),
    )?;
    Ok((inserted == 1).then_some(AuthorityId(number.authority_id)))
}

/// Says whether an authority may be written here: `active`, `frozen`, `moved`.
///
/// # Errors
///
/// [`StorageError::NoAuthority`] if there is none.
pub async fn set_state(tx: &mut Tx, authority_id: AuthorityId, state: AuthorityState) -> Result<()> {
    match run!(tx, SET_STATE, authority_id.0, state.as_str())? {
        1 => Ok(()),
        _ => Err(StorageError::NoAuthority),
    }
}

#[derive(sqlx::FromRow)]
struct CanaryRow {
    authority_id: i32,
    canary: Option<Vec<u8>>,
}

const SET_CANARY: Statement = Statement::both(
    "-- authorities::set_canary
UPDATE authority SET canary = $2 WHERE authority_id = $1",
);

const CANARIES: Statement = Statement::both(
    "-- authorities::canaries
SELECT authority_id, canary FROM authority ORDER BY authority_id",
);

const CANARY: &str = "epitrace";

fn canary_place(authority_id: AuthorityId) -> CellPlace {
    let row = uuid::Uuid::from_u128(u128::from(authority_id.0.unsigned_abs()));
    CellPlace { table: "authority", column: "canary", row }
}

/// Leaves a text under the authority's key, by which its keyring is known again.
///
/// # Errors
///
/// [`StorageError::NoAuthority`] if there is none.
pub async fn set_canary(tx: &mut Tx, authority_id: AuthorityId, sealer: &Sealer) -> Result<()> {
    let cell = sealer.seal(canary_place(authority_id), CANARY)?;
    match run!(tx, SET_CANARY, authority_id.0, cell.0)? {
        1 => Ok(()),
        _ => Err(StorageError::NoAuthority),
    }
}

/// Checks that a keyring is the one with which this database was sealed. Keys that it lacks are no mismatch.
///
/// # Errors
///
/// [`StorageError::ForeignKeyring`] if a key of it doesn't open what its authority sealed.
pub async fn check_keyring(tx: &mut Tx, keys: &Keys) -> Result<()> {
    for row in all!(tx, CanaryRow, CANARIES)? {
        let authority_id = AuthorityId(row.authority_id);
        let (Some(cell), Ok(sealer)) = (row.canary, keys.sealer(authority_id)) else { continue };
        if !sealer.open(canary_place(authority_id), &cell).is_ok_and(|text| text == CANARY) {
            return Err(StorageError::ForeignKeyring);
        }
    }
    Ok(())
}
