//! Occasions, the visitors that are handed in for them, who opened their lists, and who was chosen from these.

mod chosen;
mod days;
mod openings;
mod visitors;

pub use chosen::{Chosen, ChosenCounts, choose, counts_of, decide, is_at_work, made_of, next_waiting};
pub use days::{UploadDay, drop_day, find_day, insert_day, list_days, note_destroyed, note_dropped};
pub use openings::{OccasionListOpening, find_opening, insert_opening, openings_of};
pub use visitors::{Handed, SealedVisitors, hand_in, n_kept, sealed_of};

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, OccasionId};
use domain::occasions::{OccasionCode, OccasionDetails};
use domain::persons::Personal;
use domain::time::Window;
use jiff::Timestamp;
use uuid::Uuid;

/// An occasion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Its id.
    pub occasion_id: OccasionId,
    /// What it is; `None` where personal fields are locked.
    pub details: Option<OccasionDetails>,
    /// From when until when.
    pub during: Window,
    /// By which visitors are handed in; `None` where personal fields are locked.
    pub code: Option<OccasionCode>,
    /// The case because of which it was made.
    pub origin_case: Option<CaseId>,
    /// Who made it.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Since when nobody hands in any more.
    pub closed_at: Option<Timestamp>,
    /// How many visitors were handed in, also those who are gone.
    pub n_visitors: u64,
}

#[derive(sqlx::FromRow)]
struct OccasionRow {
    occasion_id: Uuid,
    title: Vec<u8>,
    place: Vec<u8>,
    contact: Option<Vec<u8>>,
    from_at: At,
    until_at: At,
    code: Vec<u8>,
    origin_case_id: Option<Uuid>,
    account_id: Uuid,
    created_at: At,
    closed_at: Option<At>,
    n_visitors: i64,
}

const INSERT: Statement = Statement::both(
    "-- occasions::insert
INSERT INTO occasion (authority_id, occasion_id, title, place, contact, from_at, until_at, code_hash, code, origin_case_id,
                      account_id, created_at, n_visitors)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(
    "-- occasions::find
SELECT occasion_id, title, place, contact, from_at, until_at, code, origin_case_id, account_id, created_at, closed_at,
       n_visitors
  FROM occasion WHERE authority_id = $1 AND occasion_id = $2",
);

const BY_CODE: Statement = Statement::both(
    "-- occasions::by_code
SELECT occasion_id, title, place, contact, from_at, until_at, code, origin_case_id, account_id, created_at, closed_at,
       n_visitors
  FROM occasion WHERE authority_id = $1 AND code_hash = $2",
);

const LIST: Statement = Statement::both(
    "-- occasions::list
SELECT occasion_id, title, place, contact, from_at, until_at, code, origin_case_id, account_id, created_at, closed_at,
       n_visitors
  FROM occasion WHERE authority_id = $1 AND occasion_id < $2 ORDER BY occasion_id DESC LIMIT $3",
);

const CLOSE: Statement = Statement::both(
    "-- occasions::close
UPDATE occasion SET closed_at = $3 WHERE authority_id = $1 AND occasion_id = $2 AND closed_at IS NULL",
);

const COUNT: Statement = Statement::both(
    "-- occasions::count_visitors
UPDATE occasion SET n_visitors = n_visitors + $3 WHERE authority_id = $1 AND occasion_id = $2",
);

const END_VISITORS: Statement = Statement::both(
    "-- occasions::end_visitors
DELETE FROM occasion_visitor WHERE authority_id = $1 AND uploaded_at < $2",
);

const END_BLOCKS: Statement = Statement::both(
    "-- occasions::end_blocks
DELETE FROM occasion_block WHERE authority_id = $1 AND uploaded_at < $2",
);

const END_OCCASIONS: Statement = Statement::both(
    "-- occasions::end_occasions
DELETE FROM occasion WHERE authority_id = $1 AND (until_at < $2 OR created_at < $3)",
);

const END_OPENINGS: Statement = Statement::both(
    "-- occasions::end_openings
DELETE FROM occasion_opening WHERE authority_id = $1 AND opened_at < $2",
);

fn cell(column: &'static str, occasion_id: OccasionId) -> CellPlace {
    CellPlace { table: "occasion", column, row: occasion_id.0 }
}

impl OccasionRow {
    fn read(self, sealer: Option<&Sealer>) -> Result<Occasion> {
        let occasion_id = OccasionId(self.occasion_id);
        let during = Window::new(self.from_at.0, self.until_at.0);
        let during = during.map_err(|_| StorageError::Unreadable("time of an occasion"))?;
        let opened = sealer.map(|sealer| {
            let text = |column, sealed: &[u8]| sealer.open(cell(column, occasion_id), sealed).map(Personal::new);
            let details = OccasionDetails {
                title: text("title", &self.title)?,
                place: text("place", &self.place)?,
                contact: self.contact.as_deref().map(|sealed| text("contact", sealed)).transpose()?,
                during,
            };
            let code = sealer.open(cell("code", occasion_id), &self.code)?;
            let code = OccasionCode::read(&code).map_err(|_| StorageError::Unreadable("code of an occasion"))?;
            Ok::<_, StorageError>((details, code))
        });
        let (details, code) = opened.transpose()?.unzip();
        Ok(Occasion {
            occasion_id,
            details,
            during,
            code,
            origin_case: self.origin_case_id.map(CaseId),
            account_id: AccountId(self.account_id),
            created_at: self.created_at.0,
            closed_at: self.closed_at.map(|at| at.0),
            n_visitors: u64::try_from(self.n_visitors).unwrap_or(0),
        })
    }
}

/// Stores an occasion; `false` if its id or its code is another's.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written, or something lacks.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, occasion: &Occasion, code_hash: &str) -> Result<bool> {
    let lacks = || StorageError::Unreadable("details of an occasion");
    let details = occasion.details.as_ref().ok_or_else(lacks)?;
    let code = occasion.code.as_ref().ok_or_else(lacks)?;
    let seal = |column, text: &str| sealer.seal(cell(column, occasion.occasion_id), text).map(|cell| cell.0);
    let contact = details.contact.as_ref().map(|text| seal("contact", text.expose())).transpose()?;
    let inserted = run!(
        tx,
        INSERT,
        mine,
        occasion.occasion_id.0,
        seal("title", details.title.expose())?,
        seal("place", details.place.expose())?,
        contact,
        At(occasion.during.from()),
        At(occasion.during.until()),
        code_hash,
        seal("code", code.expose())?,
        occasion.origin_case.map(|id| id.0),
        occasion.account_id.0,
        At(occasion.created_at),
    )?;
    Ok(inserted == 1)
}

/// Finds an occasion.
///
/// # Errors
///
/// [`StorageError::Sealing`] if it doesn't open.
pub async fn find(tx: &mut Tx, sealer: Option<&Sealer>, occasion_id: OccasionId) -> Result<Option<Occasion>> {
    optional!(tx, OccasionRow, FIND, mine, occasion_id.0)?.map(|row| row.read(sealer)).transpose()
}

/// Finds an occasion by the hash of its code. What it is called stays sealed.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn by_code(tx: &mut Tx, code_hash: &str) -> Result<Option<Occasion>> {
    optional!(tx, OccasionRow, BY_CODE, mine, code_hash)?.map(|row| row.read(None)).transpose()
}

/// Lists occasions made before one of them, newest first.
///
/// # Errors
///
/// [`StorageError::Sealing`] if one doesn't open.
pub async fn list(
    tx: &mut Tx,
    sealer: Option<&Sealer>,
    before: Option<OccasionId>,
    limit: i64,
) -> Result<Vec<Occasion>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    all!(tx, OccasionRow, LIST, mine, before, limit)?.into_iter().map(|row| row.read(sealer)).collect()
}

/// Ends that visitors are handed in. Returns whether they still could be.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn close(tx: &mut Tx, occasion_id: OccasionId, at: Timestamp) -> Result<bool> {
    Ok(run!(tx, CLOSE, mine, occasion_id.0, At(at))? == 1)
}

async fn count(tx: &mut Tx, occasion_id: OccasionId, n_new: i64) -> Result<()> {
    run!(tx, COUNT, mine, occasion_id.0, n_new)?;
    Ok(())
}

/// Deletes visitors handed in before the first instant, occasions that ended before the second or were made before the
/// third, and openings from before the fourth. Returns how many rows.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub(crate) async fn end_expired(
    tx: &mut Tx,
    (visitors, ended, made): (Timestamp, Timestamp, Timestamp),
    opened: Timestamp,
) -> Result<u64> {
    let mut n_rows = run!(tx, END_VISITORS, mine, At(visitors))?;
    run!(tx, END_BLOCKS, mine, At(visitors))?;
    n_rows += run!(tx, END_OCCASIONS, mine, At(ended), At(made))?;
    Ok(n_rows + run!(tx, END_OPENINGS, mine, At(opened))?)
}
