//! The journal of the side that asks.

use super::{cell, open, seal, venue, window};
use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::Sealer;
use crate::store::Tx;
use domain::ids::{AccountId, AreaId, AuthorityId, CaseId, PersonId, RequestId, StayId, VenueId};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause};
use domain::time::Window;
use jiff::Timestamp;
use uuid::Uuid;

/// A request that goes through another authority, because of a stay of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestElsewhere {
    /// Its id, the same on both sides.
    pub request_id: RequestId,
    /// The case.
    pub case_id: CaseId,
    /// Whose it is.
    pub person_id: PersonId,
    /// The stay: one of the case as soon as the venue is known.
    pub stay_id: StayId,
    /// Through whom.
    pub other: AuthorityId,
    /// What is known of the venue; `None` where words are locked.
    pub place: Option<Personal<String>>,
    /// The venue, as far as it is known.
    pub venue_id: Option<VenueId>,
    /// The area, as far as it is known.
    pub area_id: Option<AreaId>,
    /// When the case was there.
    pub stay: Window,
    /// For which time the list is asked.
    pub asked: Window,
    /// Where it stands.
    pub state: BetweenState,
    /// Why there is no list.
    pub because: Option<DeclinedBecause>,
    /// What whoever declined wrote.
    pub note: Option<Personal<String>>,
    /// Who asked.
    pub account_id: AccountId,
    /// When.
    pub asked_at: Timestamp,
    /// When it was released, declined or withdrawn.
    pub ended_at: Option<Timestamp>,
}

const TABLE: &str = "request_elsewhere";

#[derive(sqlx::FromRow)]
struct Row {
    request_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    stay_id: Uuid,
    other_authority_id: i32,
    place: Vec<u8>,
    venue_id: Option<String>,
    area_id: Option<String>,
    arrived_at: At,
    leaves_at: At,
    asked_from: At,
    asked_until: At,
    state: String,
    declined_because: Option<String>,
    note: Option<Vec<u8>>,
    account_id: Uuid,
    asked_at: At,
    ended_at: Option<At>,
}

fn read(sealer: Option<&Sealer>, row: Row) -> Result<RequestElsewhere> {
    let unreadable = || StorageError::Unreadable("request through another authority");
    let at = |column| cell(TABLE, column, row.request_id);
    let because = row.declined_because.map(|word| DeclinedBecause::find(&word).ok_or_else(unreadable)).transpose()?;
    Ok(RequestElsewhere {
        request_id: RequestId(row.request_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        stay_id: StayId(row.stay_id),
        other: AuthorityId(row.other_authority_id),
        place: open(sealer, at("place"), Some(&row.place))?,
        venue_id: venue(row.venue_id.as_ref())?,
        area_id: row.area_id.map(|area| area.parse()).transpose().map_err(|_| unreadable())?,
        stay: window(row.arrived_at, row.leaves_at)?,
        asked: window(row.asked_from, row.asked_until)?,
        state: BetweenState::find(&row.state).ok_or_else(unreadable)?,
        because,
        note: open(sealer, at("note"), row.note.as_ref())?,
        account_id: AccountId(row.account_id),
        asked_at: row.asked_at.0,
        ended_at: row.ended_at.map(|at| at.0),
    })
}

macro_rules! columns {
    () => {
        "request_id, case_id, person_id, stay_id, other_authority_id, place, venue_id, area_id, arrived_at, leaves_at, \
         asked_from, asked_until, state, declined_because, note, account_id, asked_at, ended_at"
    };
}

const INSERT: Statement = Statement::both(concat!(
    "-- requests_between::insert_elsewhere\nINSERT INTO request_elsewhere (authority_id, ",
    columns!(),
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
));

const FIND: Statement = Statement::both(concat!(
    "-- requests_between::find_elsewhere\nSELECT ",
    columns!(),
    " FROM request_elsewhere WHERE authority_id = $1 AND request_id = $2"
));

const OF_CASE: Statement = Statement::both(concat!(
    "-- requests_between::of_case\nSELECT ",
    columns!(),
    " FROM request_elsewhere WHERE authority_id = $1 AND case_id = $2 ORDER BY request_id DESC"
));

const MOVE: Statement = Statement::both(
    "-- requests_between::move_elsewhere
UPDATE request_elsewhere SET state = $4, venue_id = $5, declined_because = $6, note = $7, ended_at = $8
 WHERE authority_id = $1 AND request_id = $2 AND state = $3",
);

/// Stores a request that was just asked.
///
/// # Errors
///
/// [`StorageError`] if it is there already, its words are locked, or the database can't be written.
pub async fn insert_elsewhere(tx: &mut Tx, sealer: &Sealer, new: &RequestElsewhere) -> Result<()> {
    let at = |column| cell(TABLE, column, new.request_id.0);
    let place = seal(sealer, at("place"), new.place.as_ref())?.ok_or(StorageError::Unreadable("place"))?;
    run!(
        tx,
        INSERT,
        mine,
        new.request_id.0,
        new.case_id.0,
        new.person_id.0,
        new.stay_id.0,
        new.other.0,
        place,
        new.venue_id.map(|id| id.to_string()),
        new.area_id.map(|id| id.to_string()),
        At(new.stay.from()),
        At(new.stay.until()),
        At(new.asked.from()),
        At(new.asked.until()),
        new.state.as_str(),
        new.because.map(DeclinedBecause::as_str),
        seal(sealer, at("note"), new.note.as_ref())?,
        new.account_id.0,
        At(new.asked_at),
        new.ended_at.map(At),
    )?;
    Ok(())
}

/// Returns a request of this authority. Without a sealer its words stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if its words don't open.
pub async fn find_elsewhere(tx: &mut Tx, sealer: Option<&Sealer>, id: RequestId) -> Result<Option<RequestElsewhere>> {
    optional!(tx, Row, FIND, mine, id.0)?.map(|row| read(sealer, row)).transpose()
}

/// Lists the requests of a case, newest first. Without a sealer their words stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if words don't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<RequestElsewhere>> {
    all!(tx, Row, OF_CASE, mine, case_id.0)?.into_iter().map(|row| read(sealer, row)).collect()
}

/// Writes a request down that stood in `before`. Returns whether it still did.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn move_elsewhere(
    tx: &mut Tx,
    sealer: &Sealer,
    before: BetweenState,
    now: &RequestElsewhere,
) -> Result<bool> {
    let note = seal(sealer, cell(TABLE, "note", now.request_id.0), now.note.as_ref())?;
    let because = now.because.map(DeclinedBecause::as_str);
    let (venue, ended) = (now.venue_id.map(|id| id.to_string()), now.ended_at.map(At));
    let (id, state) = (now.request_id.0, now.state.as_str());
    Ok(run!(tx, MOVE, mine, id, before.as_str(), state, venue, because, note, ended)? == 1)
}
