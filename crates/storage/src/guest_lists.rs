//! Openings of guest lists, and who may open them. The guests themselves are in `check_ins`.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::guest_lists::{ListSetting, OpenedBy, Opens, Reason};
use domain::ids::{AccountId, AreaId, OpeningId, VenueId};
use domain::persons::Personal;
use domain::time::Window;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// A list that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListOpening {
    /// Its id.
    pub opening_id: OpeningId,
    /// Of which venue.
    pub venue_id: VenueId,
    /// By whom.
    pub account_id: AccountId,
    /// For whom.
    pub opened_by: OpenedBy,
    /// When.
    pub opened_at: Timestamp,
    /// The authority's local day of that.
    pub opened_on: Date,
    /// Which one of the venue's own on that day, from 1; `None` for the authority's.
    pub number: Option<i32>,
    /// Of which time.
    pub window: Window,
    /// Of which area; `None`: the whole venue.
    pub area_id: Option<AreaId>,
    /// Why.
    pub reason: Reason,
    /// What else was said.
    pub note: Option<Personal<String>>,
    /// How many visits were on it.
    pub n_visits: usize,
}

#[derive(sqlx::FromRow)]
struct OpeningRow {
    opening_id: Uuid,
    venue_id: String,
    account_id: Uuid,
    opened_by: String,
    opened_at: At,
    opened_on: Day,
    number: Option<i32>,
    from_at: At,
    until_at: At,
    area_id: Option<String>,
    reason: String,
    note: Option<Vec<u8>>,
    n_visits: i32,
}

#[derive(sqlx::FromRow)]
struct SettingRow {
    version: i32,
    opens: String,
    kept_days: i32,
}

#[derive(sqlx::FromRow)]
struct NumberRow {
    number: Option<i32>,
}

const INSERT: Statement = Statement::both(
    "-- guest_lists::insert
INSERT INTO guest_list_opening (authority_id, opening_id, venue_id, account_id, opened_by, opened_at, opened_on, number,
                                from_at, until_at, area_id, reason, note, n_visits)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(
    "-- guest_lists::find
SELECT opening_id, venue_id, account_id, opened_by, opened_at, opened_on, number, from_at, until_at, area_id, reason, note,
       n_visits
  FROM guest_list_opening WHERE authority_id = $1 AND opening_id = $2",
);

const OF_VENUE: Statement = Statement::both(
    "-- guest_lists::of_venue
SELECT opening_id, venue_id, account_id, opened_by, opened_at, opened_on, number, from_at, until_at, area_id, reason, note,
       n_visits
  FROM guest_list_opening WHERE authority_id = $1 AND venue_id = $2 AND opening_id < $3
 ORDER BY opening_id DESC LIMIT $4",
);

const LAST_NUMBER: Statement = Statement::both(
    "-- guest_lists::last_number
SELECT MAX(number) AS number FROM guest_list_opening WHERE authority_id = $1 AND venue_id = $2 AND opened_on = $3",
);

const END_EXPIRED: Statement = Statement::both(
    "-- guest_lists::end_expired
DELETE FROM guest_list_opening WHERE authority_id = $1 AND opened_at < $2",
);

const SETTING: Statement = Statement::both(
    "-- guest_lists::setting
SELECT version, opens, kept_days FROM guest_list_setting WHERE authority_id = $1 ORDER BY version DESC LIMIT 1",
);

const INSERT_SETTING: Statement = Statement::both(
    "-- guest_lists::insert_setting
INSERT INTO guest_list_setting (authority_id, version, opens, kept_days, account_id, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT DO NOTHING",
);

fn place(opening_id: OpeningId) -> CellPlace {
    CellPlace { table: "guest_list_opening", column: "note", row: opening_id.0 }
}

fn open(sealer: &Sealer, row: OpeningRow) -> Result<ListOpening> {
    let opening_id = OpeningId(row.opening_id);
    let note = row.note.map(|note| sealer.open(place(opening_id), &note)).transpose()?;
    let area_id = row.area_id.map(|id| id.parse().map_err(|_| StorageError::Unreadable("area"))).transpose()?;
    Ok(ListOpening {
        opening_id,
        venue_id: row.venue_id.parse().map_err(|_| StorageError::Unreadable("venue"))?,
        account_id: AccountId(row.account_id),
        opened_by: OpenedBy::find(&row.opened_by).ok_or(StorageError::Unreadable("who opened a list"))?,
        opened_at: row.opened_at.0,
        opened_on: row.opened_on.0,
        number: row.number,
        window: Window::new(row.from_at.0, row.until_at.0).map_err(|_| StorageError::Unreadable("window of a list"))?,
        area_id,
        reason: Reason::find(&row.reason).ok_or(StorageError::Unreadable("reason"))?,
        note: note.map(Personal::new),
        n_visits: usize::try_from(row.n_visits).unwrap_or(0),
    })
}

/// Writes down that a list is opened; `false` if another one of the venue took its number meanwhile.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, opening: &ListOpening) -> Result<bool> {
    let note = opening.note.as_ref().map(|note| sealer.seal(place(opening.opening_id), note.expose())).transpose()?;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        opening.opening_id.0,
        opening.venue_id.to_string(),
        opening.account_id.0,
        opening.opened_by.as_str(),
        At(opening.opened_at),
        Day(opening.opened_on),
        opening.number,
        At(opening.window.from()),
        At(opening.window.until()),
        opening.area_id.map(|id| id.to_string()),
        opening.reason.as_str(),
        note.map(|note| note.0),
        i32::try_from(opening.n_visits).unwrap_or(i32::MAX),
    )?;
    Ok(inserted == 1)
}

/// Finds an opening.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its note doesn't open.
pub async fn find(tx: &mut Tx, sealer: &Sealer, opening_id: OpeningId) -> Result<Option<ListOpening>> {
    let row = optional!(tx, OpeningRow, FIND, mine, opening_id.0)?;
    row.map(|row| open(sealer, row)).transpose()
}

/// Lists openings of a venue before one of them, newest first.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn of_venue(
    tx: &mut Tx,
    sealer: &Sealer,
    venue_id: VenueId,
    before: Option<OpeningId>,
    limit: i64,
) -> Result<Vec<ListOpening>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let rows = all!(tx, OpeningRow, OF_VENUE, mine, venue_id.to_string(), before, limit)?;
    rows.into_iter().map(|row| open(sealer, row)).collect()
}

/// Returns how many lists a venue's staff opened on a day.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn n_on(tx: &mut Tx, venue_id: VenueId, day: Date) -> Result<i32> {
    let row = optional!(tx, NumberRow, LAST_NUMBER, mine, venue_id.to_string(), Day(day))?;
    Ok(row.and_then(|row| row.number).unwrap_or(0))
}

/// Deletes openings that are older than their period. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, END_EXPIRED, mine, At(before))
}

/// Returns what is set, with the version of that; version 0 where nobody ever set it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn setting(tx: &mut Tx) -> Result<(i32, ListSetting)> {
    let Some(row) = optional!(tx, SettingRow, SETTING, mine)? else { return Ok((0, ListSetting::default())) };
    let opens = Opens::find(&row.opens);
    let setting = opens.zip(u8::try_from(row.kept_days).ok()).and_then(|(opens, days)| ListSetting::new(opens, days));
    Ok((row.version, setting.ok_or(StorageError::Unreadable("setting of guest lists"))?))
}

/// Sets it; `false` if somebody else has taken this version.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_setting(
    tx: &mut Tx,
    version: i32,
    setting: ListSetting,
    (account_id, now): (AccountId, Timestamp),
) -> Result<bool> {
    let ListSetting { opens, kept_days } = setting;
    Ok(run!(tx, INSERT_SETTING, mine, version, opens.as_str(), i32::from(kept_days), account_id.0, At(now))? == 1)
}
