//! Diaries at rest: temperature and symptoms in clear, the note sealed.

use crate::dialect::{At, Day, Statement};
use crate::error::{Result, StorageError};
use crate::sealing::{CellPlace, Sealer};
use crate::store::Tx;
use domain::diary::{DayPart, SaidBy, Slot, Temperature};
use domain::ids::{AccountId, CaseId, ContactId, EntryId, PersonId};
use domain::persons::Personal;
use domain::symptoms::Symptom;
use domain::time::{days_between, plus_days};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::Uuid;

/// What stands in a diary for half a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiaryEntry {
    /// Its id.
    pub entry_id: EntryId,
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person_id: PersonId,
    /// The half day.
    pub slot: Slot,
    /// What the thermometer showed.
    pub temperature: Option<Temperature>,
    /// What they feel, in the order of the terms; none says that they feel well.
    pub symptoms: Vec<Symptom>,
    /// Declared contacts whom they met. One that was deleted since may still stand here.
    pub contacts: Vec<ContactId>,
    /// What else was said; `None` where personal fields are locked, too.
    pub note: Option<Personal<String>>,
    /// Whether the patient wrote it, or told it.
    pub said_by: SaidBy,
    /// Who wrote it.
    pub account_id: AccountId,
    /// When.
    pub created_at: Timestamp,
    /// Who changed it last, and when.
    pub changed: Option<(AccountId, Timestamp)>,
    /// Version of the rules by which its temperature is looked at.
    pub rule_version: i32,
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    entry_id: Uuid,
    case_id: Uuid,
    person_id: Uuid,
    slot_day: Day,
    slot_part: String,
    temperature: Option<i32>,
    symptoms: String,
    contacts: Option<String>,
    note: Option<Vec<u8>>,
    said_by: String,
    account_id: Uuid,
    created_at: At,
    changed_by: Option<Uuid>,
    changed_at: Option<At>,
    rule_version: i32,
}

#[derive(sqlx::FromRow)]
struct IdRow {
    case_id: Uuid,
}

#[derive(sqlx::FromRow)]
struct ValueRow {
    value: i64,
}

pub(crate) const OF_CASE: Statement = Statement::both(
    "-- diary::of_case
SELECT entry_id, case_id, person_id, slot_day, slot_part, temperature, symptoms, contacts, note, said_by, account_id,
       created_at, changed_by, changed_at, rule_version
  FROM diary_entry WHERE authority_id = $1 AND case_id = $2 AND superseded_by IS NULL",
);

const INSERT: &str = "-- diary::insert
INSERT INTO diary_entry (authority_id, case_id, entry_id, person_id, slot_day, slot_part, temperature, symptoms,
                         contacts, note, said_by, account_id, created_at, changed_by, changed_at, rule_version) ";

const REPLACE: Statement = Statement::both(
    "-- diary::replace
UPDATE diary_entry SET temperature = $4, symptoms = $5, contacts = $6, note = $7, changed_by = $8, changed_at = $9,
       rule_version = $10
 WHERE authority_id = $1 AND case_id = $2 AND entry_id = $3",
);

/// In tracking since before the half day, which isn't after their last day; no entry in it nor in the one before, and no
/// item for it yet, whatever became of it.
pub(crate) const WITHOUT_ENTRY: Statement = Statement::each(
    "-- diary::without_entry
SELECT c.case_id FROM outbreak_case AS c INDEXED BY case_in_tracking
 WHERE c.authority_id = $1 AND c.status = 'tracking' AND c.case_id > $2
   AND coalesce(c.status_since, c.created_at) <= $3 AND (c.quarantine_last IS NULL OR c.quarantine_last >= $4)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $4 AND e.slot_part = $5)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $6 AND e.slot_part = $7)
   AND NOT EXISTS (SELECT 1 FROM action_item AS i WHERE i.authority_id = $1 AND i.case_id = c.case_id
                      AND i.kind = 'diary_entry_missing' AND i.cause = $8)
 ORDER BY c.case_id LIMIT $9",
    "-- diary::without_entry
SELECT c.case_id FROM outbreak_case AS c
 WHERE c.authority_id = $1 AND c.status = 'tracking' AND c.case_id > $2
   AND coalesce(c.status_since, c.created_at) <= $3 AND (c.quarantine_last IS NULL OR c.quarantine_last >= $4)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $4 AND e.slot_part = $5)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $6 AND e.slot_part = $7)
   AND NOT EXISTS (SELECT 1 FROM action_item AS i WHERE i.authority_id = $1 AND i.case_id = c.case_id
                      AND i.kind = 'diary_entry_missing' AND i.cause = $8)
 ORDER BY c.case_id LIMIT $9",
);

/// In tracking since before the half day, which isn't after their last day; no entry in it, and somebody with an account who
/// wants reminders and wasn't reminded of it.
pub(crate) const TO_REMIND: Statement = Statement::each(
    "-- diary::to_remind
SELECT c.case_id FROM outbreak_case AS c INDEXED BY case_in_tracking
 WHERE c.authority_id = $1 AND c.status = 'tracking' AND c.case_id > $2
   AND coalesce(c.status_since, c.created_at) <= $3 AND (c.quarantine_last IS NULL OR c.quarantine_last >= $4)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $4 AND e.slot_part = $5)
   AND EXISTS (SELECT 1 FROM enrolment AS n JOIN patient_account AS a
                   ON a.authority_id = $1 AND a.patient_id = n.patient_id
                WHERE n.authority_id = $1 AND n.case_id = c.case_id AND n.superseded_by IS NULL AND a.no_reminders_at IS NULL
                  AND coalesce(n.reminded_slot, $6 - 1) < $6)
 ORDER BY c.case_id LIMIT $7",
    "-- diary::to_remind
SELECT c.case_id FROM outbreak_case AS c
 WHERE c.authority_id = $1 AND c.status = 'tracking' AND c.case_id > $2
   AND coalesce(c.status_since, c.created_at) <= $3 AND (c.quarantine_last IS NULL OR c.quarantine_last >= $4)
   AND NOT EXISTS (SELECT 1 FROM diary_entry AS e WHERE e.authority_id = $1 AND e.case_id = c.case_id
                      AND e.slot_day = $4 AND e.slot_part = $5)
   AND EXISTS (SELECT 1 FROM enrolment AS n JOIN patient_account AS a
                   ON a.authority_id = $1 AND a.patient_id = n.patient_id
                WHERE n.authority_id = $1 AND n.case_id = c.case_id AND n.superseded_by IS NULL AND a.no_reminders_at IS NULL
                  AND coalesce(n.reminded_slot, $6 - 1) < $6)
 ORDER BY c.case_id LIMIT $7",
);

const LOOKED_THROUGH: Statement = Statement::both(
    "-- diary::looked_through
SELECT value FROM counter WHERE authority_id = $1 AND name = $2",
);

const SET_LOOKED_THROUGH: Statement = Statement::both(
    "-- diary::set_looked_through
INSERT INTO counter (authority_id, name, value) VALUES ($1, $2, $3)
    ON CONFLICT (authority_id, name) DO UPDATE SET value = excluded.value WHERE counter.value < excluded.value",
);

fn place(entry_id: Uuid) -> CellPlace {
    CellPlace { table: "diary_entry", column: "note", row: entry_id }
}

fn open(sealer: Option<&Sealer>, row: EntryRow) -> Result<DiaryEntry> {
    let unreadable = StorageError::Unreadable;
    let note = match sealer.zip(row.note) {
        Some((sealer, cell)) => Some(Personal::new(sealer.open(place(row.entry_id), &cell)?)),
        None => None,
    };
    let symptom = |word: &str| Symptom::find(word).ok_or(unreadable("symptom"));
    let contact = |id: &str| id.parse().map(ContactId).map_err(|_| unreadable("contact of a diary"));
    let temperature = |tenths| Temperature::of_tenths(tenths).ok_or(unreadable("temperature"));
    let part = DayPart::find(&row.slot_part).ok_or(unreadable("half day"))?;
    Ok(DiaryEntry {
        entry_id: EntryId(row.entry_id),
        case_id: CaseId(row.case_id),
        person_id: PersonId(row.person_id),
        slot: Slot { day: row.slot_day.0, part },
        temperature: row.temperature.map(temperature).transpose()?,
        symptoms: row.symptoms.split_whitespace().map(symptom).collect::<Result<_>>()?,
        contacts: row.contacts.unwrap_or_default().split_whitespace().map(contact).collect::<Result<_>>()?,
        note,
        said_by: SaidBy::find(&row.said_by).ok_or(unreadable("who said it"))?,
        account_id: AccountId(row.account_id),
        created_at: row.created_at.0,
        changed: row.changed_by.zip(row.changed_at).map(|(who, at)| (AccountId(who), at.0)),
        rule_version: row.rule_version,
    })
}

fn sealed_note(sealer: &Sealer, entry: &DiaryEntry) -> Result<Option<Vec<u8>>> {
    let note = entry.note.as_ref().map(|note| sealer.seal(place(entry.entry_id.0), note.expose())).transpose()?;
    Ok(note.map(|cell| cell.0))
}

fn in_words<T: std::fmt::Display>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Lists the diary of a case, oldest first, without entries that another holds instead of. Without a sealer notes stay `None`.
///
/// # Errors
///
/// [`StorageError::Sealing`] if a note doesn't open.
pub async fn of_case(tx: &mut Tx, sealer: Option<&Sealer>, case_id: CaseId) -> Result<Vec<DiaryEntry>> {
    let rows = all!(tx, EntryRow, OF_CASE, mine, case_id.0)?;
    let mut entries: Vec<DiaryEntry> = rows.into_iter().map(|row| open(sealer, row)).collect::<Result<_>>()?;
    entries.sort_unstable_by_key(|entry| entry.slot);
    Ok(entries)
}

/// Stores an entry. Returns whether it is new: where its half day or its id is taken nothing changes.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn insert(tx: &mut Tx, sealer: &Sealer, entry: &DiaryEntry) -> Result<bool> {
    let note = sealed_note(sealer, entry)?;
    let authority_id = tx.authority().0;
    let inserted = insert_all!(
        tx,
        INSERT,
        " ON CONFLICT DO NOTHING",
        std::slice::from_ref(entry),
        |entry| authority_id,
        entry.case_id.0,
        entry.entry_id.0,
        entry.person_id.0,
        Day(entry.slot.day),
        entry.slot.part.as_str(),
        entry.temperature.map(Temperature::tenths),
        in_words(&entry.symptoms),
        (!entry.contacts.is_empty()).then(|| in_words(&entry.contacts)),
        note.clone(),
        entry.said_by.as_str(),
        entry.account_id.0,
        At(entry.created_at),
        entry.changed.map(|(who, _)| who.0),
        entry.changed.map(|(_, at)| At(at)),
        entry.rule_version
    )?;
    Ok(inserted == 1)
}

/// Writes what an entry says now. Its half day, and who wrote it, stay.
///
/// # Errors
///
/// [`StorageError::WrongCount`] if it isn't there.
pub async fn replace(tx: &mut Tx, sealer: &Sealer, entry: &DiaryEntry) -> Result<()> {
    let note = sealed_note(sealer, entry)?;
    let touched = run!(
        tx,
        REPLACE,
        mine,
        entry.case_id.0,
        entry.entry_id.0,
        entry.temperature.map(Temperature::tenths),
        in_words(&entry.symptoms),
        (!entry.contacts.is_empty()).then(|| in_words(&entry.contacts)),
        note,
        entry.changed.map(|(who, _)| who.0),
        entry.changed.map(|(_, at)| At(at)),
        entry.rule_version,
    )?;
    match touched {
        1 => Ok(()),
        _ => Err(StorageError::WrongCount { statement: "diary::replace", touched, expected: 1 }),
    }
}

/// Lists cases in tracking that lack an entry for a half day and for the one before, and have no item for it yet: those
/// behind `after`, by id, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn without_entry(
    tx: &mut Tx,
    slot: Slot,
    zone: &TimeZone,
    after: Option<CaseId>,
    most: i64,
) -> Result<Vec<CaseId>> {
    let (begins_at, before) = (slot.begins_at(zone), slot.previous());
    let rows = all!(
        tx,
        IdRow,
        WITHOUT_ENTRY,
        mine,
        after.map_or(Uuid::nil(), |case| case.0),
        At(begins_at),
        Day(slot.day),
        slot.part.as_str(),
        Day(before.day),
        before.part.as_str(),
        slot.to_string(),
        most,
    )?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// Lists cases in tracking that lack an entry for a half day, and whose patient wants to be reminded of it and wasn't yet:
/// those behind `after`, by id, at most so many.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn to_remind(
    tx: &mut Tx,
    slot: Slot,
    zone: &TimeZone,
    after: Option<CaseId>,
    most: i64,
) -> Result<Vec<CaseId>> {
    let rows = all!(
        tx,
        IdRow,
        TO_REMIND,
        mine,
        after.map_or(Uuid::nil(), |case| case.0),
        At(slot.begins_at(zone)),
        Day(slot.day),
        slot.part.as_str(),
        slot_number(slot),
        most,
    )?;
    Ok(rows.into_iter().map(|row| CaseId(row.case_id)).collect())
}

/// The day from which half days are numbered.
const DAY_ZERO: Date = Date::constant(1970, 1, 1);

/// Returns the number of a half day, in the order of time.
pub(crate) fn slot_number(slot: Slot) -> i64 {
    i64::from(days_between(DAY_ZERO, slot.day)) * 2 + i64::from(slot.part == DayPart::Evening)
}

/// For what half days are looked through, each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookedFor {
    /// Missing entries, which become items.
    Missing,
    /// Patients to be reminded.
    Reminders,
}

impl LookedFor {
    fn counter(self) -> &'static str {
        match self {
            Self::Missing => "diary_slot",
            Self::Reminders => "reminded_slot",
        }
    }
}

/// Returns the newest half day that was looked through.
///
/// # Errors
///
/// [`StorageError`] if the database can't be read.
pub async fn looked_through(tx: &mut Tx, looked_for: LookedFor) -> Result<Option<Slot>> {
    let row = optional!(tx, ValueRow, LOOKED_THROUGH, mine, looked_for.counter())?;
    let slot = |number: i64| {
        let days = i32::try_from(number.div_euclid(2)).map_err(|_| StorageError::Unreadable("number of a half day"))?;
        let part = if number.rem_euclid(2) == 0 { DayPart::Morning } else { DayPart::Evening };
        Ok(Slot { day: plus_days(DAY_ZERO, days), part })
    };
    row.map(|row| slot(row.value)).transpose()
}

/// Remembers that a half day, and all before it, were looked through.
///
/// # Errors
///
/// [`StorageError`] if the database can't be written.
pub async fn set_looked_through(tx: &mut Tx, looked_for: LookedFor, slot: Slot) -> Result<()> {
    run!(tx, SET_LOOKED_THROUGH, mine, looked_for.counter(), slot_number(slot))?;
    Ok(())
}
