//! Lists of offices and postcodes at rest: a version for each import, the newest of a country in force.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::store::Tx;
use domain::ids::{AccountId, AuthorityId};
use domain::territory::{Country, ListFormat, Office, PhoneCountryCode, Postcode, Territory, TerritoryCode};
use jiff::Timestamp;
use uuid::Uuid;

/// A version of a country's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListVersion {
    /// Country.
    pub country: Country,
    /// Counts up from 1; the highest is in force.
    pub version: i32,
    /// How it was written.
    pub format: ListFormat,
    /// Offices in it.
    pub n_offices: i32,
    /// Postcodes that somebody serves.
    pub n_postcodes: i32,
    /// SHA-256 of the file, hexadecimal.
    pub digest: String,
    /// Who imported it.
    pub account_id: AccountId,
    /// When.
    pub imported_at: Timestamp,
}

/// Where an authority is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    /// Its code in the list of its country.
    pub territory_code: Option<TerritoryCode>,
    /// Its country.
    pub country: Country,
    /// What stands before telephone numbers of its country.
    pub phone_country_code: PhoneCountryCode,
}

#[derive(sqlx::FromRow)]
struct VersionRow {
    country: String,
    version: i32,
    format: String,
    n_offices: i32,
    n_postcodes: i32,
    digest: String,
    account_id: Uuid,
    imported_at: At,
}

#[derive(sqlx::FromRow)]
struct OfficeRow {
    code: String,
    name: String,
    address: String,
    phone: String,
    email: String,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    version: Option<i32>,
}

#[derive(sqlx::FromRow)]
struct OfficeOfAuthority {
    authority_id: i32,
    territory_code: String,
}

#[derive(sqlx::FromRow)]
struct WhereaboutsRow {
    territory_code: Option<String>,
    country: String,
    phone_country_code: String,
}

impl TryFrom<VersionRow> for ListVersion {
    type Error = StorageError;
    fn try_from(row: VersionRow) -> Result<Self> {
        Ok(Self {
            country: Country::new(&row.country).map_err(|_| StorageError::Unreadable("country"))?,
            version: row.version,
            format: ListFormat::find(&row.format).ok_or(StorageError::Unreadable("format of a list"))?,
            n_offices: row.n_offices,
            n_postcodes: row.n_postcodes,
            digest: row.digest,
            account_id: AccountId(row.account_id),
            imported_at: row.imported_at.0,
        })
    }
}

impl TryFrom<OfficeRow> for Office {
    type Error = StorageError;
    fn try_from(row: OfficeRow) -> Result<Self> {
        let code = TerritoryCode::new(&row.code).map_err(|_| StorageError::Unreadable("code of an office"))?;
        Ok(Self { code, name: row.name, address: row.address, phone: row.phone, email: row.email })
    }
}

const VERSIONS: Statement = Statement::both(
    "-- territory::versions
SELECT country, version, format, n_offices, n_postcodes, digest, account_id, imported_at
  FROM territory_version ORDER BY country, version DESC",
);

const NEWEST: Statement = Statement::both(
    "-- territory::newest
SELECT max(version) AS version FROM territory_version WHERE country = $1",
);

const INSERT_VERSION: Statement = Statement::both(
    "-- territory::insert_version
INSERT INTO territory_version (country, version, format, n_offices, n_postcodes, digest, account_id, imported_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const INSERT_OFFICES: &str = "-- territory::insert_offices
INSERT INTO territory_office (country, version, code, name, address, phone, email) ";

const INSERT_POSTCODES: &str = "-- territory::insert_postcodes
INSERT INTO territory_postcode (country, version, postcode, code) ";

const OFFICES: Statement = Statement::both(
    "-- territory::offices_of_postcode
SELECT o.code, o.name, o.address, o.phone, o.email
  FROM territory_postcode AS p
  JOIN territory_office AS o ON o.country = p.country AND o.version = p.version AND o.code = p.code
 WHERE p.country = $1 AND p.version = $2 AND p.postcode = $3 ORDER BY o.code",
);

const OFFICE: Statement = Statement::both(
    "-- territory::office
SELECT code, name, address, phone, email FROM territory_office WHERE country = $1 AND version = $2 AND code = $3",
);

const DELETE_POSTCODES: Statement = Statement::both(
    "-- territory::delete_old_postcodes
DELETE FROM territory_postcode WHERE country = $1 AND version <= $2",
);

const DELETE_OFFICES: Statement = Statement::both(
    "-- territory::delete_old_offices
DELETE FROM territory_office WHERE country = $1 AND version <= $2",
);

const DELETE_VERSIONS: Statement = Statement::both(
    "-- territory::delete_old_versions
DELETE FROM territory_version WHERE country = $1 AND version <= $2",
);

const WHEREABOUTS: Statement = Statement::both(
    "-- territory::whereabouts
SELECT territory_code, country, phone_country_code FROM authority WHERE authority_id = $1",
);

const AUTHORITIES_OF: Statement = Statement::both(
    "-- territory::authorities_of
SELECT authority_id, territory_code FROM authority WHERE country = $1 AND territory_code IS NOT NULL ORDER BY authority_id",
);

const SET_WHEREABOUTS: Statement = Statement::both(
    "-- territory::set_whereabouts
UPDATE authority SET territory_code = $2, country = $3, phone_country_code = $4 WHERE authority_id = $1",
);

/// Lists the versions that are kept: by country, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn versions(tx: &mut Tx) -> Result<Vec<ListVersion>> {
    all!(tx, VersionRow, VERSIONS)?.into_iter().map(ListVersion::try_from).collect()
}

/// Returns the number of the list that is in force in a country; `None` where none was imported.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn in_force(tx: &mut Tx, country: &Country) -> Result<Option<i32>> {
    Ok(optional!(tx, NumberRow, NEWEST, country.as_str())?.and_then(|row| row.version))
}

/// Stores a list as the next version of its country, and deletes those beyond the number that is kept. Returns its
/// number. Two imports at once: the second fails, and can be run again.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(
    tx: &mut Tx,
    list: &Territory,
    format: ListFormat,
    digest: &str,
    account_id: AccountId,
    now: Timestamp,
) -> Result<i32> {
    let country = list.country().as_str();
    let version = in_force(tx, list.country()).await?.unwrap_or(0) + 1;
    let n_offices = i32::try_from(list.offices().len()).unwrap_or(i32::MAX);
    let n_postcodes = i32::try_from(list.n_postcodes()).unwrap_or(i32::MAX);
    run!(tx, INSERT_VERSION, country, version, format.as_str(), n_offices, n_postcodes, digest, account_id.0, At(now))?;
    let offices: Vec<&Office> = list.offices().collect();
    insert_all!(
        tx,
        INSERT_OFFICES,
        "",
        offices,
        |office| country,
        version,
        office.code.as_str(),
        &office.name,
        &office.address,
        &office.phone,
        &office.email
    )?;
    let postcodes: Vec<&(Postcode, TerritoryCode)> = list.postcodes().collect();
    insert_all!(tx, INSERT_POSTCODES, "", postcodes, |served| country, version, served.0.as_str(), served.1.as_str())?;
    let kept = i32::try_from(domain::territory::VERSIONS_KEPT).unwrap_or(i32::MAX);
    for statement in [DELETE_POSTCODES, DELETE_OFFICES, DELETE_VERSIONS] {
        run!(tx, statement, country, version - kept)?;
    }
    Ok(version)
}

/// Lists the offices that serve a postcode by a version of a country's list, by code.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn offices_of_postcode(
    tx: &mut Tx,
    country: &Country,
    version: i32,
    postcode: &Postcode,
) -> Result<Vec<Office>> {
    let rows = all!(tx, OfficeRow, OFFICES, country.as_str(), version, postcode.as_str())?;
    rows.into_iter().map(Office::try_from).collect()
}

/// Finds an office by its code.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn office(tx: &mut Tx, country: &Country, version: i32, code: &TerritoryCode) -> Result<Option<Office>> {
    let row = optional!(tx, OfficeRow, OFFICE, country.as_str(), version, code.as_str())?;
    row.map(Office::try_from).transpose()
}

/// Returns where an authority is.
///
/// # Errors
///
/// [`StorageError::NoAuthority`] if there is none.
pub async fn whereabouts(tx: &mut Tx, authority_id: AuthorityId) -> Result<Whereabouts> {
    let row = optional!(tx, WhereaboutsRow, WHEREABOUTS, authority_id.0)?.ok_or(StorageError::NoAuthority)?;
    let code = row.territory_code.map(|code| TerritoryCode::new(&code)).transpose();
    Ok(Whereabouts {
        territory_code: code.map_err(|_| StorageError::Unreadable("code of an office"))?,
        country: Country::new(&row.country).map_err(|_| StorageError::Unreadable("country"))?,
        phone_country_code: PhoneCountryCode::new(&row.phone_country_code)
            .map_err(|_| StorageError::Unreadable("country code of telephones"))?,
    })
}

/// Lists the authorities of this installation that are offices of a country's list, each with its code there.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn authorities_of(tx: &mut Tx, country: &Country) -> Result<Vec<(AuthorityId, TerritoryCode)>> {
    let read = |row: OfficeOfAuthority| {
        let code = TerritoryCode::new(&row.territory_code);
        Ok((AuthorityId(row.authority_id), code.map_err(|_| StorageError::Unreadable("code of an office"))?))
    };
    all!(tx, OfficeOfAuthority, AUTHORITIES_OF, country.as_str())?.into_iter().map(read).collect()
}

/// Says where an authority is; as the role that owns the schema.
///
/// # Errors
///
/// [`StorageError::NoAuthority`] if there is none.
pub async fn set_whereabouts(tx: &mut Tx, authority_id: AuthorityId, is: &Whereabouts) -> Result<()> {
    let code = is.territory_code.as_ref().map(TerritoryCode::as_str);
    let phone = is.phone_country_code.as_str();
    match run!(tx, SET_WHEREABOUTS, authority_id.0, code, is.country.as_str(), phone)? {
        1 => Ok(()),
        _ => Err(StorageError::NoAuthority),
    }
}
