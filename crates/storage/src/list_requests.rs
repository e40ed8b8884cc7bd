//! Requests for guest lists, and the guests that were released, sealed anew under the authority's key.

use crate::dialect::{At, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::stays::place;
use crate::store::Tx;
use domain::check_ins::{Guest, GuestAddress, Marks};
use domain::ids::{AccountId, CaseId, PersonId, RequestId, StayId, VenueId, VisitId};
use domain::list_requests::{PlaceStay, RequestState};
use domain::persons::Personal;
use domain::time::Window;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A request for the guest list of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListRequest {
    /// Its id.
    pub request_id: RequestId,
    /// The case because of which it is asked.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// The stay.
    pub stay_id: StayId,
    /// Which venue.
    pub venue_id: VenueId,
    /// For which time.
    pub asked: Window,
    /// Where it stands.
    pub state: RequestState,
    /// Who asked.
    pub account_id: AccountId,
    /// When.
    pub asked_at: Timestamp,
    /// Who released or withdrew it.
    pub ended_by: Option<AccountId>,
    /// When.
    pub ended_at: Option<Timestamp>,
}

/// A guest of a released list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleasedVisit {
    /// The case because of which it was asked.
    pub case_id: CaseId,
    /// The request.
    pub request_id: RequestId,
    /// The check-in.
    pub visit_id: VisitId,
    /// Where.
    pub venue_id: VenueId,
    /// In which area, and when.
    pub place: PlaceStay,
    /// People of the same household beside the guest.
    pub household: u8,
    /// What stood out.
    pub marks: Marks,
    /// Who; `None` where personal fields are locked.
    pub guest: Option<Guest>,
    /// What was decided.
    pub decision: Option<Decision>,
}

/// That a guest became a contact case, with what it was decided on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The person.
    pub person_id: PersonId,
    /// The case.
    pub case_id: CaseId,
    /// Minutes together.
    pub together_min: i32,
    /// Minutes before the room was aired.
    pub aired_min: i32,
    /// Who decided.
    pub by: AccountId,
    /// When.
    pub at: Timestamp,
}

#[derive(sqlx::FromRow)]
struct RequestRow {
    request_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    stay_id: Uuid,
    venue_id: String,
    asked_from: At,
    asked_until: At,
    state: String,
    account_id: Uuid,
    asked_at: At,
    ended_by: Option<Uuid>,
    ended_at: Option<At>,
}

impl TryFrom<RequestRow> for ListRequest {
    type Error = StorageError;
    fn try_from(row: RequestRow) -> Result<Self> {
        let asked = Window::new(row.asked_from.0, row.asked_until.0);
        Ok(Self {
            request_id: RequestId(row.request_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            stay_id: StayId(row.stay_id),
            venue_id: crate::venues::venue_id(&row.venue_id)?,
            asked: asked.map_err(|_| StorageError::Unreadable("asked time"))?,
            state: RequestState::find(&row.state).ok_or(StorageError::Unreadable("state of a request"))?,
            account_id: AccountId(row.account_id),
            asked_at: row.asked_at.0,
            ended_by: row.ended_by.map(AccountId),
            ended_at: row.ended_at.map(|at| at.0),
        })
    }
}

#[derive(sqlx::FromRow)]
struct VisitRow {
    case_id: Uuid,
    request_id: Uuid,
    visit_id: Uuid,
    venue_id: String,
    area_id: Option<String>,
    arrived_at: At,
    leaves_at: At,
    household: i32,
    marks: i32,
    guest: Vec<u8>,
    guest_person_id: Option<Uuid>,
    contact_case_id: Option<Uuid>,
    together_min: Option<i32>,
    aired_min: Option<i32>,
    decided_by: Option<Uuid>,
    decided_at: Option<At>,
}

/// How a guest is written down before it is sealed.
#[derive(Serialize, Deserialize)]
struct GuestText {
    name: String,
    phone: Option<String>,
    email: Option<String>,
    address: Option<[String; 4]>,
}

fn text_of(guest: &Guest) -> Result<String> {
    let own = |text: &Personal<String>| text.expose().clone();
    let address = guest.address.as_ref();
    let text = GuestText {
        name: own(&guest.name),
        phone: guest.phone.as_ref().map(own),
        email: guest.email.as_ref().map(own),
        address: address.map(|one| [own(&one.street), own(&one.house_number), own(&one.postcode), own(&one.city)]),
    };
    serde_json::to_string(&text).map_err(|_| StorageError::Unreadable("guest"))
}

fn guest_of(text: &str) -> Result<Guest> {
    let text: GuestText = serde_json::from_str(text).map_err(|_| StorageError::Unreadable("guest"))?;
    let address = text.address.map(|[street, house_number, postcode, city]| GuestAddress {
        street: Personal::new(street),
        house_number: Personal::new(house_number),
        postcode: Personal::new(postcode),
        city: Personal::new(city),
    });
    let (phone, email) = (text.phone.map(Personal::new), text.email.map(Personal::new));
    Ok(Guest { name: Personal::new(text.name), phone, email, address })
}

fn cell(visit_id: Uuid) -> CellPlace {
    CellPlace { table: "released_visit", column: "guest", row: visit_id }
}

impl VisitRow {
    fn read(self, sealer: Option<&Sealer>) -> Result<ReleasedVisit> {
        let guest = sealer.map(|sealer| guest_of(&sealer.open(cell(self.visit_id), &self.guest)?)).transpose()?;
        let who = self.guest_person_id.zip(self.contact_case_id).zip(self.decided_by.zip(self.decided_at));
        Ok(ReleasedVisit {
            case_id: CaseId(self.case_id),
            request_id: RequestId(self.request_id),
            visit_id: VisitId(self.visit_id),
            venue_id: crate::venues::venue_id(&self.venue_id)?,
            place: place(self.area_id.as_deref(), self.arrived_at.0, self.leaves_at.0)?,
            household: u8::try_from(self.household).unwrap_or(u8::MAX),
            marks: Marks::of_bits(u8::try_from(self.marks).unwrap_or(0)),
            guest,
            decision: who.map(|((person, case), (by, at))| Decision {
                person_id: PersonId(person),
                case_id: CaseId(case),
                together_min: self.together_min.unwrap_or(0),
                aired_min: self.aired_min.unwrap_or(0),
                by: AccountId(by),
                at: at.0,
            }),
        })
    }
}

const INSERT: Statement = Statement::both(
    "-- list_requests::insert
INSERT INTO list_request (authority_id, case_id, request_id, person_id, stay_id, venue_id, asked_from, asked_until, state,
                          account_id, asked_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'asked', $9, $10)",
);

const OF_CASE: Statement = Statement::both(
    "-- list_requests::of_case
SELECT request_id, case_id, person_id, stay_id, venue_id, asked_from, asked_until, state, account_id, asked_at, ended_by,
       ended_at
  FROM list_request WHERE authority_id = $1 AND case_id = $2 ORDER BY request_id DESC",
);

const OF_VENUE: Statement = Statement::both(
    "-- list_requests::of_venue
SELECT request_id, case_id, person_id, stay_id, venue_id, asked_from, asked_until, state, account_id, asked_at, ended_by,
       ended_at
  FROM list_request WHERE authority_id = $1 AND venue_id = $2 ORDER BY request_id DESC LIMIT 100",
);

const AT_VENUE: Statement = Statement::both(
    "-- list_requests::at_venue
SELECT request_id, case_id, person_id, stay_id, venue_id, asked_from, asked_until, state, account_id, asked_at, ended_by,
       ended_at
  FROM list_request WHERE authority_id = $1 AND venue_id = $2 AND request_id = $3",
);

const END: Statement = Statement::both(
    "-- list_requests::end
UPDATE list_request SET state = $5, ended_by = $6, ended_at = $7
 WHERE authority_id = $1 AND case_id = $2 AND request_id = $3 AND state = $4",
);

const INSERT_VISIT: &str = "-- list_requests::insert_visit
INSERT INTO released_visit (authority_id, case_id, request_id, visit_id, venue_id, area_id, arrived_at, leaves_at, household,
                            marks, guest) ";

const VISITS: Statement = Statement::both(
    "-- list_requests::visits
SELECT case_id, request_id, visit_id, venue_id, area_id, arrived_at, leaves_at, household, marks, guest, guest_person_id,
       contact_case_id, together_min, aired_min, decided_by, decided_at
  FROM released_visit WHERE authority_id = $1 AND case_id = $2 ORDER BY arrived_at, visit_id, request_id",
);

const DECIDE: Statement = Statement::both(
    "-- list_requests::decide
UPDATE released_visit SET guest_person_id = $4, contact_case_id = $5, together_min = $6, aired_min = $7, decided_by = $8,
       decided_at = $9
 WHERE authority_id = $1 AND case_id = $2 AND visit_id = $3 AND contact_case_id IS NULL",
);

const DELETE_UNDECIDED: Statement = Statement::both(
    "-- list_requests::delete_undecided
DELETE FROM released_visit WHERE authority_id = $1 AND case_id = $2 AND request_id = $3 AND contact_case_id IS NULL",
);

/// Stores a request that was just asked.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, request: &ListRequest) -> Result<()> {
    run!(
        tx,
        INSERT,
        mine,
        request.case_id.0,
        request.request_id.0,
        request.person_id.0,
        request.stay_id.0,
        request.venue_id.to_string(),
        At(request.asked.from()),
        At(request.asked.until()),
        request.account_id.0,
        At(request.asked_at),
    )?;
    Ok(())
}

/// Lists the requests of a case, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<ListRequest>> {
    all!(tx, RequestRow, OF_CASE, mine, case_id.0)?.into_iter().map(ListRequest::try_from).collect()
}

/// Lists what a venue is and was asked, newest first: at most a hundred.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_venue(tx: &mut Tx, venue_id: VenueId) -> Result<Vec<ListRequest>> {
    all!(tx, RequestRow, OF_VENUE, mine, venue_id.to_string())?.into_iter().map(ListRequest::try_from).collect()
}

/// Finds a request to a venue.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn at_venue(tx: &mut Tx, venue_id: VenueId, request_id: RequestId) -> Result<Option<ListRequest>> {
    let row = optional!(tx, RequestRow, AT_VENUE, mine, venue_id.to_string(), request_id.0)?;
    row.map(ListRequest::try_from).transpose()
}

/// Moves a request from the state in which it was read to another. Returns whether it still was in it.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end(
    tx: &mut Tx,
    request: &ListRequest,
    state: RequestState,
    (by, at): (Option<AccountId>, Timestamp),
) -> Result<bool> {
    let (case, id) = (request.case_id.0, request.request_id.0);
    let by = by.map(|by| by.0);
    Ok(run!(tx, END, mine, case, id, request.state.as_str(), state.as_str(), by, At(at))? == 1)
}

/// Stores the guests of a list, each sealed anew.
///
/// # Errors
///
/// [`StorageError`] if one is there already, or can't be sealed.
pub async fn insert_visits(tx: &mut Tx, sealer: &Sealer, visits: &[ReleasedVisit]) -> Result<()> {
    let authority_id = tx.authority().0;
    let seal = |visit: &ReleasedVisit| {
        let guest = visit.guest.as_ref().ok_or(StorageError::Unreadable("guest"))?;
        Ok((visit.clone(), sealer.seal(cell(visit.visit_id.0), &text_of(guest)?)?.0))
    };
    let rows: Vec<(ReleasedVisit, Vec<u8>)> = visits.iter().map(seal).collect::<Result<_>>()?;
    insert_all!(
        tx,
        INSERT_VISIT,
        "",
        rows,
        |row| authority_id,
        row.0.case_id.0,
        row.0.request_id.0,
        row.0.visit_id.0,
        row.0.venue_id.to_string(),
        row.0.place.area.map(|area| area.to_string()),
        At(row.0.place.stay.from()),
        At(row.0.place.stay.until()),
        i32::from(row.0.household),
        i32::from(row.0.marks.bits()),
        &row.1
    )?;
    Ok(())
}

/// Lists the guests that were released because of a case, in order of arrival; whoever stands on two lists, twice. Without a
/// sealer they stay unnamed.
///
/// # Errors
///
/// [`StorageError::Sealing`] if one doesn't open.
pub async fn visits(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<ReleasedVisit>> {
    all!(tx, VisitRow, VISITS, mine, case_id.0)?.into_iter().map(|row| row.read(sealer)).collect()
}

/// Writes down that a guest became a contact case. Returns whether nobody had decided before.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn decide(tx: &mut Tx, case_id: CaseId, visit_id: VisitId, decision: &Decision) -> Result<bool> {
    let touched = run!(
        tx,
        DECIDE,
        mine,
        case_id.0,
        visit_id.0,
        decision.person_id.0,
        decision.case_id.0,
        decision.together_min,
        decision.aired_min,
        decision.by.0,
        At(decision.at),
    )?;
    Ok(touched > 0)
}

/// Deletes the guests of a request on whom no contact case rests. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete_undecided(tx: &mut Tx, case_id: CaseId, request_id: RequestId) -> Result<u64> {
    run!(tx, DELETE_UNDECIDED, mine, case_id.0, request_id.0)
}
