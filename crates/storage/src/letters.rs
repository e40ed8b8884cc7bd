//! Letters of cases: what stands on each, sealed, and when and how it left.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::ids::{AccountId, CaseId, MessageId, PersonId};
use domain::languages::Language;
use domain::letters::{LetterSheet, Letterhead};
use domain::messages::{MessageKind, MessageStatus};
use domain::quarantines::{Sent, SentHow};
use domain::time::DayRange;
use jiff::Timestamp;
use uuid::Uuid;

/// A letter, without what stands on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its id, the same as of the message in the queue.
    pub letter_id: MessageId,
    /// The case.
    pub case_id: CaseId,
    /// Whom it is written to.
    pub person_id: PersonId,
    /// Which letter.
    pub kind: MessageKind,
    /// Their language.
    pub language: Language,
    /// The days that it names.
    pub days: DayRange,
    /// Who made it.
    pub account_id: AccountId,
    /// When.
    pub made_at: Timestamp,
    /// When and how it left.
    pub sent: Option<Sent>,
    /// How far it is in the queue; `None` when the queue has forgotten it.
    pub status: Option<MessageStatus>,
}

#[derive(sqlx::FromRow)]
struct LetterRow {
    letter_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    kind: String,
    language: String,
    first_day: Day,
    last_day: Day,
    account_id: Uuid,
    made_at: At,
    sent_on: Option<Day>,
    sent_how: Option<String>,
    status: Option<String>,
}

#[derive(sqlx::FromRow)]
struct SheetRow {
    sheet: Vec<u8>,
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    version: i32,
    street: String,
    postcode: String,
    city: String,
    phone_index: String,
    phone_contacts: String,
    email: String,
    email_contacts: String,
    legal_note: String,
}

const INSERT: Statement = Statement::both(
    "-- letters::insert
INSERT INTO letter (authority_id, case_id, letter_id, person_id, kind, language, first_day, last_day, sheet, account_id,
                    made_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);

const OF_CASE: Statement = Statement::both(
    "-- letters::of_case
SELECT l.letter_id, l.case_id, l.person_id, l.kind, l.language, first_day, last_day, account_id, made_at, sent_on, sent_how,
       m.status
  FROM letter AS l LEFT JOIN message AS m ON m.authority_id = $1 AND m.message_id = l.letter_id
 WHERE l.authority_id = $1 AND l.case_id = $2 ORDER BY l.letter_id DESC",
);

const SHEET: Statement = Statement::both(
    "-- letters::sheet
SELECT sheet FROM letter WHERE authority_id = $1 AND case_id = $2 AND letter_id = $3",
);

const SET_SENT: Statement = Statement::both(
    "-- letters::set_sent
UPDATE letter SET sent_on = $4, sent_how = $5, sent_by = $6
 WHERE authority_id = $1 AND case_id = $2 AND letter_id = $3",
);

const DELETE: Statement = Statement::both(
    "-- letters::delete
DELETE FROM letter WHERE authority_id = $1 AND case_id = $2 AND letter_id = $3",
);

const LETTERHEAD: Statement = Statement::both(
    "-- letters::letterhead
SELECT version, street, postcode, city, phone_index, phone_contacts, email, email_contacts, legal_note
  FROM letterhead WHERE authority_id = $1 ORDER BY version DESC LIMIT 1",
);

const INSERT_LETTERHEAD: Statement = Statement::both(
    "-- letters::insert_letterhead
INSERT INTO letterhead (authority_id, version, street, postcode, city, phone_index, phone_contacts, email, email_contacts,
                        legal_note, account_id, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (authority_id, version) DO NOTHING",
);

fn place(letter_id: MessageId) -> CellPlace {
    CellPlace { table: "letter", column: "sheet", row: letter_id.0 }
}

impl TryFrom<LetterRow> for Letter {
    type Error = StorageError;
    fn try_from(row: LetterRow) -> Result<Self> {
        let how = |word: String| SentHow::find(&word).ok_or(StorageError::Unreadable("way of a letter"));
        let status = |word: String| MessageStatus::find(&word).ok_or(StorageError::Unreadable("status of a message"));
        let sent = row.sent_on.zip(row.sent_how.map(how).transpose()?);
        Ok(Self {
            letter_id: MessageId(row.letter_id),
            case_id: CaseId(row.case_id),
            person_id: PersonId(row.person_id),
            kind: MessageKind::find(&row.kind).ok_or(StorageError::Unreadable("kind of letter"))?,
            language: Language::find(&row.language).ok_or(StorageError::Unreadable("language"))?,
            days: DayRange::new(row.first_day.0, row.last_day.0)
                .map_err(|_| StorageError::Unreadable("days of a letter"))?,
            account_id: AccountId(row.account_id),
            made_at: row.made_at.0,
            sent: sent.map(|(on, how)| Sent { on: on.0, how }),
            status: row.status.map(status).transpose()?,
        })
    }
}

/// Stores a letter that wasn't sent yet.
///
/// # Errors
///
/// [`StorageError`] if it is there already, or the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, letter: &Letter, sheet: &LetterSheet) -> Result<()> {
    let json = serde_json::to_string(sheet).map_err(|_| StorageError::Unreadable("letter"))?;
    let cell = sealer.seal(place(letter.letter_id), &json)?.0;
    run!(
        tx,
        INSERT,
        mine,
        letter.case_id.0,
        letter.letter_id.0,
        letter.person_id.0,
        letter.kind.as_str(),
        letter.language.as_str(),
        Day(letter.days.first),
        Day(letter.days.last),
        cell,
        letter.account_id.0,
        At(letter.made_at),
    )?;
    Ok(())
}

/// Lists the letters of a case, newest first.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn of_case(tx: &mut Tx, case_id: CaseId) -> Result<Vec<Letter>> {
    all!(tx, LetterRow, OF_CASE, mine, case_id.0)?.into_iter().map(TryInto::try_into).collect()
}

/// Returns what stands on a letter.
///
/// # Errors
///
/// [`StorageError::Sealing`] if it doesn't open.
pub async fn sheet(tx: &mut Tx, sealer: &Sealer, case_id: CaseId, letter_id: MessageId) -> Result<Option<LetterSheet>> {
    let Some(row) = optional!(tx, SheetRow, SHEET, mine, case_id.0, letter_id.0)? else { return Ok(None) };
    let json = sealer.open(place(letter_id), &row.sheet)?;
    serde_json::from_str(&json).map(Some).map_err(|_| StorageError::Unreadable("letter"))
}

/// Notes when and how a letter left.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if there is no such letter.
pub async fn set_sent(tx: &mut Tx, case_id: CaseId, letter_id: MessageId, sent: Sent, by: AccountId) -> Result<()> {
    match run!(tx, SET_SENT, mine, case_id.0, letter_id.0, Day(sent.on), sent.how.as_str(), by.0)? {
        1 => Ok(()),
        touched => Err(StorageError::WrongCount { statement: "letters::set_sent", touched, expected: 1 }),
    }
}

/// Deletes a letter that was taken back. Does nothing where there is none.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn delete(tx: &mut Tx, case_id: CaseId, letter_id: MessageId) -> Result<()> {
    run!(tx, DELETE, mine, case_id.0, letter_id.0)?;
    Ok(())
}

/// Returns the letterhead that is in force, with its version.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn letterhead(tx: &mut Tx) -> Result<Option<(i32, Letterhead)>> {
    let row = optional!(tx, HeadRow, LETTERHEAD, mine)?;
    Ok(
        row.map(|row| {
            let HeadRow {
                version,
                street,
                postcode,
                city,
                phone_index,
                phone_contacts,
                email,
                email_contacts,
                legal_note,
            } = row;
            let of_head =
                Letterhead { street, postcode, city, phone_index, phone_contacts, email, email_contacts, legal_note };
            (version, of_head)
        }),
    )
}

/// Puts a letterhead in force; `false` if somebody else has taken its version.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert_letterhead(
    tx: &mut Tx,
    version: i32,
    head: &Letterhead,
    (account_id, now): (AccountId, Timestamp),
) -> Result<bool> {
    let inserted = run!(
        tx,
        INSERT_LETTERHEAD,
        mine,
        version,
        &head.street,
        &head.postcode,
        &head.city,
        &head.phone_index,
        &head.phone_contacts,
        &head.email,
        &head.email_contacts,
        &head.legal_note,
        account_id.0,
        At(now),
    )?;
    Ok(inserted == 1)
}
