//! Who opened lists of visitors, and why.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::guest_lists::Reason;
use domain::ids::{AccountId, OccasionId, OpeningId};
use domain::persons::Personal;
use jiff::Timestamp;
use uuid::Uuid;

/// A list of visitors that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccasionListOpening {
    /// Its id.
    pub opening_id: OpeningId,
    /// Of which occasion.
    pub occasion_id: OccasionId,
    /// By whom.
    pub account_id: AccountId,
    /// When.
    pub opened_at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// What else was said.
    pub note: Option<Personal<String>>,
    /// How many visitors were on it.
    pub n_visitors: usize,
}

#[derive(sqlx::FromRow)]
struct OpeningRow {
    opening_id: Uuid,
    occasion_id: Uuid,
    account_id: Uuid,
    opened_at: At,
    reason: String,
    note: Option<Vec<u8>>,
    n_visitors: i32,
}

const INSERT: Statement = Statement::both(
    "-- occasions::insert_opening
INSERT INTO occasion_opening (authority_id, opening_id, occasion_id, account_id, opened_at, reason, note, n_visitors)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

const FIND: Statement = Statement::both(
    "-- occasions::find_opening
SELECT opening_id, occasion_id, account_id, opened_at, reason, note, n_visitors
  FROM occasion_opening WHERE authority_id = $1 AND opening_id = $2",
);

const OF_OCCASION: Statement = Statement::both(
    "-- occasions::openings_of
SELECT opening_id, occasion_id, account_id, opened_at, reason, note, n_visitors
  FROM occasion_opening WHERE authority_id = $1 AND occasion_id = $2 ORDER BY opening_id DESC LIMIT 50",
);

fn place(opening_id: OpeningId) -> CellPlace {
    CellPlace { table: "occasion_opening", column: "note", row: opening_id.0 }
}

fn read(sealer: Option<&Sealer>, row: OpeningRow) -> Result<OccasionListOpening> {
    let opening_id = OpeningId(row.opening_id);
    let note = sealer.zip(row.note).map(|(sealer, note)| sealer.open(place(opening_id), &note)).transpose()?;
    Ok(OccasionListOpening {
        opening_id,
        occasion_id: OccasionId(row.occasion_id),
        account_id: AccountId(row.account_id),
        opened_at: row.opened_at.0,
        reason: Reason::find(&row.reason).ok_or(StorageError::Unreadable("reason"))?,
        note: note.map(Personal::new),
        n_visitors: usize::try_from(row.n_visitors).unwrap_or(0),
    })
}

/// Writes down that a list is opened.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert_opening(tx: &mut Tx, sealer: &Sealer, opening: &OccasionListOpening) -> Result<()> {
    let note = opening.note.as_ref().map(|note| sealer.seal(place(opening.opening_id), note.expose())).transpose()?;
    run!(
        tx,
        INSERT,
        mine,
        opening.opening_id.0,
        opening.occasion_id.0,
        opening.account_id.0,
        At(opening.opened_at),
        opening.reason.as_str(),
        note.map(|note| note.0),
        i32::try_from(opening.n_visitors).unwrap_or(i32::MAX),
    )?;
    Ok(())
}

/// Finds an opening. Its note stays sealed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn find_opening(tx: &mut Tx, opening_id: OpeningId) -> Result<Option<OccasionListOpening>> {
    optional!(tx, OpeningRow, FIND, mine, opening_id.0)?.map(|row| read(None, row)).transpose()
}

/// Lists the openings of an occasion, newest first: fifty at most. Without a sealer their notes stay sealed.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn openings_of(
    tx: &mut Tx,
    sealer: Option<&Sealer>,
    occasion_id: OccasionId,
) -> Result<Vec<OccasionListOpening>> {
    let rows = all!(tx, OpeningRow, OF_OCCASION, mine, occasion_id.0)?;
    rows.into_iter().map(|row| read(sealer, row)).collect()
}
