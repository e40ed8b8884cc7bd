//! Hand-overs at rest: the journal of each side, and the rows that go from one authority to the other.

mod copied;
mod package;

pub use copied::{COPIED, Copied};
pub use package::{Package, TakenIn, read, take_in};

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::cases::CaseType;
use domain::diseases::Disease;
use domain::hand_overs::{AskedBecause, HandOverState, RefusedBecause, Side};
use domain::ids::{AccountId, AuthorityId, CaseId, HandOverId, PersonId};
use domain::persons::Personal;
use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

/// What the authority that is asked sees before it accepts: nothing that names anybody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Which disease.
    pub disease: Disease,
    /// Index or contact.
    pub case_type: CaseType,
    /// Ten years.
    pub age_band: Option<String>,
    /// Where the person lives.
    pub postcode: Option<String>,
    /// First day with symptoms.
    pub symptom_onset: Option<Date>,
    /// Day of the specimen.
    pub tested_on: Option<Date>,
    /// Day on which the authority that asks was told.
    pub reported_on: Option<Date>,
    /// Last day of quarantine or isolation.
    pub quarantine_last: Option<Date>,
}

/// A hand-over, as one side knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Its id, the same on both sides.
    pub hand_over_id: HandOverId,
    /// On which side we are.
    pub side: Side,
    /// The other one.
    pub other: AuthorityId,
    /// The case.
    pub case_id: CaseId,
    /// Whose it is.
    pub person_id: PersonId,
    /// How far it is.
    pub state: HandOverState,
    /// Why it is asked.
    pub because: AskedBecause,
    /// Why it was refused.
    pub refused_because: Option<RefusedBecause>,
    /// What whoever refused wrote; `None` too where personal fields are locked.
    pub note: Option<Personal<String>>,
    /// What is seen before it is accepted.
    pub preview: Preview,
    /// Persons there who may be the same, when it was asked; `None` on the side that asks.
    pub n_alike: Option<u32>,
    /// Who asked; `None` on the side that is asked.
    pub asked_by: Option<AccountId>,
    /// When.
    pub asked_at: Timestamp,
    /// Who accepted or refused; `None` on the side that asks.
    pub decided_by: Option<AccountId>,
    /// When the decision was known here.
    pub decided_at: Option<Timestamp>,
    /// When everything was there.
    pub copied_at: Option<Timestamp>,
    /// When the side that asked knew so.
    pub closed_at: Option<Timestamp>,
}

#[derive(sqlx::FromRow)]
struct HandOverRow {
    hand_over_id: Uuid,
    side: String,
    other_authority_id: i32,
    case_id: Uuid,
    person_id: Uuid,
    state: String,
    because: String,
    refused_because: Option<String>,
    note: Option<Vec<u8>>,
    disease: String,
    case_type: String,
    age_band: Option<String>,
    postcode: Option<String>,
    symptom_onset: Option<Day>,
    tested_on: Option<Day>,
    reported_on: Option<Day>,
    quarantine_last: Option<Day>,
    n_alike: Option<i32>,
    asked_by: Option<Uuid>,
    asked_at: At,
    decided_by: Option<Uuid>,
    decided_at: Option<At>,
    copied_at: Option<At>,
    closed_at: Option<At>,
}

/// The columns that are read, in every statement the same.
macro_rules! columns {
    () => {
        "hand_over_id, side, other_authority_id, case_id, person_id, state, because, refused_because, note, disease,
       case_type, age_band, postcode, symptom_onset, tested_on, reported_on, quarantine_last, n_alike, asked_by, asked_at,
       decided_by, decided_at, copied_at, closed_at"
    };
}

const INSERT: Statement = Statement::both(concat!(
    "-- hand_overs::insert
INSERT INTO hand_over (authority_id, ",
    columns!(),
    ")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL, NULL, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, NULL, NULL, NULL,
        NULL)"
));

const FIND: Statement = Statement::both(concat!(
    "-- hand_overs::find\nSELECT ",
    columns!(),
    " FROM hand_over WHERE authority_id = $1 AND hand_over_id = $2"
));

/// Whoever else wants to take a step of it waits.
const HOLD: Statement = Statement::each(
    FIND.sqlite,
    concat!(
        "-- hand_overs::hold\nSELECT ",
        columns!(),
        " FROM hand_over WHERE authority_id = $1 AND hand_over_id = $2 FOR UPDATE"
    ),
);

const OF_CASE: Statement = Statement::both(concat!(
    "-- hand_overs::of_case\nSELECT ",
    columns!(),
    " FROM hand_over WHERE authority_id = $1 AND case_id = $2 ORDER BY hand_over_id DESC"
));

const LIST: Statement = Statement::both(concat!(
    "-- hand_overs::list\nSELECT ",
    columns!(),
    " FROM hand_over WHERE authority_id = $1 AND hand_over_id < $2 ORDER BY hand_over_id DESC LIMIT $3"
));

const OPEN: Statement = Statement::both(concat!(
    "-- hand_overs::open\nSELECT ",
    columns!(),
    " FROM hand_over WHERE authority_id = $1 AND side = $2 AND state IN ('asked', 'accepted')
 ORDER BY hand_over_id LIMIT $3"
));

const WRITE: Statement = Statement::both(
    "-- hand_overs::write
UPDATE hand_over SET case_id = $3, person_id = $4, state = $5, refused_because = $6, note = $7, decided_by = $8,
       decided_at = $9, copied_at = $10, closed_at = $11
 WHERE authority_id = $1 AND hand_over_id = $2",
);

const EXPIRED: Statement = Statement::both(
    "-- hand_overs::expired
DELETE FROM hand_over WHERE authority_id = $1 AND asked_at < $2",
);

const GO: Statement = Statement::both(
    "-- hand_overs::set_whither
UPDATE outbreak_case SET handed_over_to = $3, handed_over_on = $4 WHERE authority_id = $1 AND case_id = $2",
);

fn place(id: HandOverId) -> CellPlace {
    CellPlace { table: "hand_over", column: "note", row: id.0 }
}

fn read_row(sealer: Option<&Sealer>, row: HandOverRow) -> Result<HandOver> {
    let hand_over_id = HandOverId(row.hand_over_id);
    let unreadable = || StorageError::Unreadable("hand-over");
    let note = match (sealer, row.note) {
        (Some(sealer), Some(cell)) => Some(Personal::new(sealer.open(place(hand_over_id), &cell)?)),
        _ => None,
    };
    let refused = row.refused_because.map(|word| RefusedBecause::find(&word).ok_or_else(unreadable));
    let day = |day: Option<Day>| day.map(|day| day.0);
    Ok(HandOver {
        hand_over_id,
        side: Side::find(&row.side).ok_or_else(unreadable)?,
        other: AuthorityId(row.other_authority_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        state: HandOverState::find(&row.state).ok_or_else(unreadable)?,
        because: AskedBecause::find(&row.because).ok_or_else(unreadable)?,
        refused_because: refused.transpose()?,
        note,
        preview: Preview {
            disease: Disease::find(&row.disease).ok_or_else(unreadable)?,
            case_type: CaseType::find(&row.case_type).ok_or_else(unreadable)?,
            age_band: row.age_band,
            postcode: row.postcode,
            symptom_onset: day(row.symptom_onset),
            tested_on: day(row.tested_on),
            reported_on: day(row.reported_on),
            quarantine_last: day(row.quarantine_last),
        },
        n_alike: row.n_alike.and_then(|n| u32::try_from(n).ok()),
        asked_by: row.asked_by.map(AccountId),
        asked_at: row.asked_at.0,
        decided_by: row.decided_by.map(AccountId),
        decided_at: row.decided_at.map(|at| at.0),
        copied_at: row.copied_at.map(|at| at.0),
        closed_at: row.closed_at.map(|at| at.0),
    })
}

/// Stores a hand-over that begins.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, new: &HandOver) -> Result<()> {
    let preview = &new.preview;
    run!(
        tx,
        INSERT,
        mine,
        new.hand_over_id.0,
        new.side.as_str(),
        new.other.0,
        new.case_id.0,
        new.person_id.0,
        new.state.as_str(),
        new.because.as_str(),
        preview.disease.as_str(),
        preview.case_type.as_str(),
        &preview.age_band,
        &preview.postcode,
        preview.symptom_onset.map(Day),
        preview.tested_on.map(Day),
        preview.reported_on.map(Day),
        preview.quarantine_last.map(Day),
        new.n_alike.map(|n| i32::try_from(n).unwrap_or(i32::MAX)),
        new.asked_by.map(|account| account.0),
        At(new.asked_at),
    )?;
    Ok(())
}

/// Returns a hand-over. Without a sealer its note stays `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if the note doesn't open.
pub async fn find(tx: &mut Tx, sealer: Option<&Sealer>, id: HandOverId) -> Result<Option<HandOver>> {
    optional!(tx, HandOverRow, FIND, mine, id.0)?.map(|row| read_row(sealer, row)).transpose()
}

/// The same, and nobody else takes a step of it until the transaction ends.
///
/// # Errors
///
/// [`StorageError::Sealing`] if the note doesn't open.
pub async fn hold(tx: &mut Tx, sealer: Option<&Sealer>, id: HandOverId) -> Result<Option<HandOver>> {
    optional!(tx, HandOverRow, HOLD, mine, id.0)?.map(|row| read_row(sealer, row)).transpose()
}

/// Lists the hand-overs of a case, newest first.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<HandOver>> {
    all!(tx, HandOverRow, OF_CASE, mine, case_id.0)?.into_iter().map(|row| read_row(sealer, row)).collect()
}

/// Lists hand-overs of either side, newest first, older than `before`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn list(
    tx: &mut Tx,
    sealer: Option<&Sealer>,
    before: Option<HandOverId>,
    limit: i64,
) -> Result<Vec<HandOver>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    all!(tx, HandOverRow, LIST, mine, before, limit)?.into_iter().map(|row| read_row(sealer, row)).collect()
}

/// Lists the hand-overs of one side of which something is still to happen, oldest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn open(tx: &mut Tx, side: Side, limit: i64) -> Result<Vec<HandOver>> {
    all!(tx, HandOverRow, OPEN, mine, side.as_str(), limit)?.into_iter().map(|row| read_row(None, row)).collect()
}

/// Writes how far a hand-over is.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it isn't there.
pub async fn write(tx: &mut Tx, sealer: &Sealer, it: &HandOver) -> Result<()> {
    let note = it.note.as_ref().map(|note| sealer.seal(place(it.hand_over_id), note.expose())).transpose()?;
    let at = |at: Option<Timestamp>| at.map(At);
    let touched = run!(
        tx,
        WRITE,
        mine,
        it.hand_over_id.0,
        it.case_id.0,
        it.person_id.0,
        it.state.as_str(),
        it.refused_because.map(RefusedBecause::as_str),
        note.map(|cell| cell.0),
        it.decided_by.map(|account| account.0),
        at(it.decided_at),
        at(it.copied_at),
        at(it.closed_at),
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "hand_overs::write", touched, expected: 1 }),
    }
}

/// Writes to which authority a case has gone, and on which day everything was there.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such case.
pub async fn set_whither(tx: &mut Tx, case_id: CaseId, to: Option<(AuthorityId, Option<Date>)>) -> Result<()> {
    let (to, on) = (to.map(|(to, _)| to.0), to.and_then(|(_, on)| on).map(Day));
    match run!(tx, GO, mine, case_id.0, to, on)? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "hand_overs::set_whither", touched, expected: 1 }),
    }
}

/// Deletes hand-overs that were asked before an instant. Returns how many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn end_expired(tx: &mut Tx, before: Timestamp) -> Result<u64> {
    run!(tx, EXPIRED, mine, At(before))
}
