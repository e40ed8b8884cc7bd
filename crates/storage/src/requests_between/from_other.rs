//! The journal of the side that is asked. No case and no person stands in it: nobody told.

use super::{cell, open, seal, venue, window};
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::Sealer;
use crate::store::Tx;
use domain::diseases::Disease;
use domain::ids::{AccountId, AuthorityId, RequestId, VenueId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause};
use domain::time::Window;
use jiff::Timestamp;
use uuid::Uuid;

/// What another authority asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFromOther {
    /// Its id, the same on both sides.
    pub request_id: RequestId,
    /// Who asks.
    pub other: AuthorityId,
    /// Because of which disease.
    pub disease: Disease,
    /// What they know of the venue; `None` where words are locked.
    pub place: Option<Personal<String>>,
    /// The venue, as far as it is known.
    pub venue_id: Option<VenueId>,
    /// For which time.
    pub asked: Window,
    /// Where it stands.
    pub state: BetweenState,
    /// Why it was declined.
    pub because: Option<DeclinedBecause>,
    /// What whoever declined wrote.
    pub note: Option<Personal<String>>,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// Who found the venue, and when.
    pub passed: Option<(AccountId, Timestamp)>,
    /// Who released or declined it.
    pub ended_by: Option<AccountId>,
    /// When it was released, declined or withdrawn.
    pub ended_at: Option<Timestamp>,
}

const TABLE: &str = "request_from_other";

#[derive(sqlx::FromRow)]
struct Row {
    request_id: Uuid,
    other_authority_id: i32,
    disease: String,
    place: Vec<u8>,
    venue_id: Option<String>,
    asked_from: At,
    asked_until: At,
    state: String,
    declined_because: Option<String>,
    note: Option<Vec<u8>>,
    asked_at: At,
    passed_by: Option<Uuid>,
    passed_at: Option<At>,
    ended_by: Option<Uuid>,
    ended_at: Option<At>,
}

fn read(sealer: Option<&Sealer>, row: Row) -> Result<RequestFromOther> {
    let unreadable = || StorageError::Unreadable("request of another authority");
    let at = |column| cell(TABLE, column, row.request_id);
    let because = row.declined_because.map(|word| DeclinedBecause::find(&word).ok_or_else(unreadable)).transpose()?;
    Ok(RequestFromOther {
        request_id: RequestId(row.request_id),
        other: AuthorityId(row.other_authority_id),
        disease: Disease::find(&row.disease).ok_or_else(unreadable)?,
        place: open(sealer, at("place"), Some(&row.place))?,
        venue_id: venue(row.venue_id.as_ref())?,
        asked: window(row.asked_from, row.asked_until)?,
        state: BetweenState::find(&row.state).ok_or_else(unreadable)?,
        because,
        note: open(sealer, at("note"), row.note.as_ref())?,
        asked_at: row.asked_at.0,
        passed: row.passed_by.zip(row.passed_at).map(|(by, at)| (AccountId(by), at.0)),
        ended_by: row.ended_by.map(AccountId),
        ended_at: row.ended_at.map(|at| at.0),
    })
}

macro_rules! columns {
    () => {
        "request_id, other_authority_id, disease, place, venue_id, asked_from, asked_until, state, declined_because, note, \
         asked_at, passed_by, passed_at, ended_by, ended_at"
    };
}

const INSERT: Statement = Statement::both(
    "-- requests_between::insert_from_other
INSERT INTO request_from_other (authority_id, request_id, other_authority_id, disease, place, venue_id, asked_from,
                                asked_until, state, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
);

const FIND: Statement = Statement::both(concat!(
    "-- requests_between::find_from_other\nSELECT ",
    columns!(),
    " FROM request_from_other WHERE authority_id = $1 AND request_id = $2"
));

const OPEN: Statement = Statement::both(concat!(
    "-- requests_between::open_from_others\nSELECT ",
    columns!(),
    " FROM request_from_other WHERE authority_id = $1 AND state IN ('asked', 'passed') ORDER BY request_id LIMIT 100"
));

const NEWEST: Statement = Statement::both(concat!(
    "-- requests_between::newest_from_others\nSELECT ",
    columns!(),
    " FROM request_from_other WHERE authority_id = $1 ORDER BY request_id DESC LIMIT 100"
));

const TO_VENUE: Statement = Statement::both(concat!(
    "-- requests_between::to_venue\nSELECT ",
    columns!(),
    " FROM request_from_other WHERE authority_id = $1 AND venue_id = $2 AND passed_at IS NOT NULL
 ORDER BY request_id DESC LIMIT 100"
));

const MOVE: Statement = Statement::both(
    "-- requests_between::move_from_other
UPDATE request_from_other SET state = $4, venue_id = $5, declined_because = $6, note = $7, passed_by = $8, passed_at = $9,
       ended_by = $10, ended_at = $11
 WHERE authority_id = $1 AND request_id = $2 AND state = $3",
);

const EXPIRED: Statement = Statement::both(
    "-- requests_between::expired
DELETE FROM request_from_other WHERE authority_id = $1 AND asked_at < $2",
);

/// Stores what another authority asks. Returns whether it is new.
///
/// # Errors
///
/// [`StorageError`] if its words are locked, or the database can't be written.
pub async fn insert_from_other(tx: &mut Tx, sealer: &Sealer, new: &RequestFromOther) -> Result<bool> {
    let place = seal(sealer, cell(TABLE, "place", new.request_id.0), new.place.as_ref())?;
    let touched = run!(
        tx,
        INSERT,
        mine,
        new.request_id.0,
        new.other.0,
        new.disease.as_str(),
        place.ok_or(StorageError::Unreadable("place"))?,
        new.venue_id.map(|id| id.to_string()),
        At(new.asked.from()),
        At(new.asked.until()),
        new.state.as_str(),
        At(new.asked_at),
    )?;
    Ok(touched == 1)
}

/// Returns what another authority asks. Without a sealer its words stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its words don't open.
pub async fn find_from_other(tx: &mut Tx, sealer: Option<&Sealer>, id: RequestId) -> Result<Option<RequestFromOther>> {
    optional!(tx, Row, FIND, mine, id.0)?.map(|row| read(sealer, row)).transpose()
}

/// Lists what others ask and nobody has answered yet, oldest first: at most a hundred.
///
/// # Errors
///
/// [`StorageError::Sealing`] if words don't open.
pub async fn open_from_others(tx: &mut Tx, sealer: Option<&Sealer>) -> Result<Vec<RequestFromOther>> {
    all!(tx, Row, OPEN, mine)?.into_iter().map(|row| read(sealer, row)).collect()
}

/// Lists what others ask and asked, newest first: at most a hundred.
///
/// # Errors
///
/// [`StorageError::Sealing`] if words don't open.
pub async fn newest_from_others(tx: &mut Tx, sealer: Option<&Sealer>) -> Result<Vec<RequestFromOther>> {
    all!(tx, Row, NEWEST, mine)?.into_iter().map(|row| read(sealer, row)).collect()
}

/// Lists what a venue is and was asked for because another authority asks, newest first: at most a hundred.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn to_venue(tx: &mut Tx, venue_id: VenueId) -> Result<Vec<RequestFromOther>> {
    all!(tx, Row, TO_VENUE, mine, venue_id.to_string())?.into_iter().map(|row| read(None, row)).collect()
}

/// Writes a request down that stood in `before`. Returns whether it still did.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn move_from_other(
    tx: &mut Tx,
    sealer: &Sealer,
    before: BetweenState,
    now: &RequestFromOther,
) -> Result<bool> {
    let note = seal(sealer, cell(TABLE, "note", now.request_id.0), now.note.as_ref())?;
    let touched = run!(
        tx,
        MOVE,
        mine,
        now.request_id.0,
        before.as_str(),
        now.state.as_str(),
        now.venue_id.map(|id| id.to_string()),
        now.because.map(DeclinedBecause::as_str),
        note,
        now.passed.map(|(by, _)| by.0),
        now.passed.map(|(_, at)| At(at)),
        now.ended_by.map(|by| by.0),
        now.ended_at.map(At),
    )?;
    Ok(touched == 1)
}

/// Deletes what others asked before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
