//! The diary of a case, kept by staff on the telephone: reading it, writing an entry, changing one.
//!
//! What an entry makes of the case (somebody must look at a temperature, at a first symptom) follows when the case is
//! settled, so that a changed entry takes back what it made.

use super::diary_items::seen;
use super::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::rule_sets::rules_on;
use domain::authorities::{Action, Role};
use domain::diary::{
    DayPart, DiaryDays, DiaryFacts, SaidBy, Slot, SlotRefused, SlotState, Temperature, Writer, check_change, check_new,
    follow_up_begins,
};
use domain::diseases::Disease;
use domain::ids::{AccountId, CaseId, ContactId, EntryId};
use domain::persons::{LONGEST_TEXT, Personal};
use domain::symptoms::Symptom;
use domain::time::{local_day, plus_days};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap, HashSet};
use storage::cases::{Case, CaseWork};
use storage::diary::DiaryEntry;
use storage::{Freshness, Tx};

/// What somebody tells of half a day.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What the thermometer shows, in degrees Celsius.
    pub temperature_c: Option<f64>,
    /// Whether a rare temperature is meant.
    pub temperature_confirmed: bool,
    /// Words of the symptoms; none says that they feel well.
    pub symptoms: Vec<String>,
    /// Declared contacts whom they met.
    pub contacts: Vec<ContactId>,
    /// What else they say.
    pub note: Option<Personal<String>>,
}

/// An entry that is to be written.
#[derive(Clone, Debug)]
pub struct NewEntry {
    /// Its id, made by whoever writes it: the same entry twice is one.
    pub entry_id: EntryId,
    /// The half day.
    pub slot: Slot,
    /// What is told of it.
    pub told: Told,
}

/// An entry as it is to be now.
#[derive(Clone, Debug)]
pub struct ChangedEntry {
    /// Which.
    pub entry_id: EntryId,
    /// When it had been changed last as whoever changes it saw it; `None` never.
    pub seen: Option<Timestamp>,
    /// What it says now.
    pub told: Told,
}

/// What became of an entry that was sent.
pub(super) enum Written {
    /// It stands there now.
    New(DiaryEntry),
    /// It stood there already, as it was sent.
    Known(DiaryEntry),
}

impl Written {
    pub(super) fn into_entry(self) -> DiaryEntry {
        match self {
            Self::New(entry) | Self::Known(entry) => entry,
        }
    }
}

/// A half day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiarySlot {
    /// Which.
    pub slot: Slot,
    /// How it stands.
    pub state: SlotState,
    /// Its entry.
    pub entry: Option<DiaryEntry>,
    /// Whether the temperature of its entry is above the threshold for the type of the case.
    pub is_increased: bool,
}

/// Days of a diary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiaryPage {
    /// Whose case it is of which disease.
    pub disease: Disease,
    /// Half days, the newest first; both of each day.
    pub slots: Vec<DiarySlot>,
    /// Where the page after it begins: with the days before this one.
    pub next: Option<Date>,
    /// First day and last day on which entries are expected.
    pub days: DiaryDays,
    /// User names of those of the staff who wrote.
    pub accounts: HashMap<AccountId, String>,
}

fn slot_refused(refused: SlotRefused) -> AppError {
    AppError::InvalidFields(vec![("day", refused.to_string())])
}

/// Returns the days from which follow-up is reckoned.
pub(super) fn facts_of(case: &Case, work: &CaseWork, worker: &Worker) -> DiaryFacts {
    let taken_up_at = work.clock.reported_at.unwrap_or(work.status_since);
    DiaryFacts {
        dates: case.dates,
        exposed_first: case.exposed_first,
        exposed_last: case.exposed_last,
        quarantine: work.quarantine,
        opened_on: local_day(taken_up_at, &worker.authority.time_zone),
    }
}

impl App {
    /// Shows days of a diary, at most so many: those before a day, the newest without one.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn diary(
        &self,
        worker: &Worker,
        case_id: CaseId,
        before: Option<Date>,
        n_days: usize,
    ) -> Result<DiaryPage> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let mut entries = storage::diary::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let declared = declared_of(&mut tx, case_id).await?;
        for entry in &mut entries {
            entry.contacts.retain(|contact| declared.contains(contact));
        }
        let who = entries.iter().flat_map(|entry| [Some(entry.account_id), entry.changed.map(|(who, _)| who)]);
        let who: BTreeSet<AccountId> = who.flatten().collect();
        let accounts = storage::history::names_of_accounts(&mut tx, &who.into_iter().collect::<Vec<_>>()).await?;
        let seen = seen(&mut tx, &work, &entries).await?;
        let increased: HashSet<Slot> = seen.iter().filter(|entry| entry.is_increased).map(|entry| entry.slot).collect();
        drop(tx);
        self.record_alone(worker, shown("diary.show", [work.person_id])).await?;
        let (now, zone) = (self.now(), &worker.authority.time_zone);
        let entered: Vec<Slot> = entries.iter().map(|entry| entry.slot).collect();
        let days = DiaryDays::of(&facts_of(&case, &work, worker), work.concluded_on, &entered, local_day(now, zone));
        let mut by_slot: HashMap<Slot, DiaryEntry> = entries.into_iter().map(|entry| (entry.slot, entry)).collect();
        let newest = before.map_or(days.shown.last, |before| plus_days(before, -1).min(days.shown.last));
        let shown = std::iter::successors(Some(newest), |day| Some(plus_days(*day, -1)));
        let shown: Vec<Date> = shown.take_while(|day| *day >= days.shown.first).take(n_days).collect();
        let slots =
            shown.iter().flat_map(|day| [DayPart::Evening, DayPart::Morning].map(|part| Slot { day: *day, part }));
        let slots = slots.map(|slot| {
            let entry = by_slot.remove(&slot);
            DiarySlot {
                slot,
                state: days.state(slot, entry.is_some(), now, zone),
                entry,
                is_increased: increased.contains(&slot),
            }
        });
        let slots = slots.collect();
        let next = shown.last().copied().filter(|oldest| *oldest > days.shown.first);
        Ok(DiaryPage { disease: work.disease, slots, next, days, accounts })
    }

    /// Writes an entry that was told on the telephone.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if the half day has an
    /// entry already, another entry has the id, or the case is over.
    #[tracing::instrument(target = "epitrace::traces", name = "app::write_diary", skip_all)]
    pub async fn write_diary(&self, worker: &Worker, case_id: CaseId, new: NewEntry) -> Result<DiaryEntry> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        require_at_work(&taken)?;
        let written = self.write_entry_taken(&mut tx, worker, &mut taken, (Writer::Staff, new)).await?;
        if let Written::New(_) = &written {
            self.settle(tx, worker, taken, "diary.write").await?;
        }
        Ok(written.into_entry())
    }

    /// Writes an entry into the diary of a case that was taken; whoever settles it lets its items follow.
    pub(super) async fn write_entry_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (writer, new): (Writer, NewEntry),
    ) -> Result<Written> {
        let case_id = taken.work.case_id;
        let case = storage::cases::by_id(tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let known = storage::diary::of_case(tx, Some(&taken.sealer), case_id).await?;
        let empty = DiaryEntry {
            entry_id: new.entry_id,
            case_id,
            person_id: taken.work.person_id,
            slot: new.slot,
            temperature: None,
            symptoms: Vec::new(),
            contacts: Vec::new(),
            note: None,
            said_by: SaidBy::of(writer),
            account_id: worker.account_id,
            created_at: taken.now,
            changed: None,
            rule_version: rules_on(tx, taken.work.disease, new.slot.day).await?.version,
        };
        if let Some(same) = known.iter().find(|known| known.entry_id == new.entry_id && known.slot == new.slot) {
            // What was kept without network may arrive twice, and the second time late.
            let again = put(&empty, &new.told, taken.work.disease, &declared_of(tx, case_id).await?)?;
            if says_the_same(same, &again) {
                return Ok(Written::Known(same.clone()));
            }
        }
        let begun_on = follow_up_begins(&facts_of(&case, &taken.work, worker));
        check_new(new.slot, writer, begun_on, taken.now, &worker.authority.time_zone).map_err(slot_refused)?;
        let entry = put(&empty, &new.told, taken.work.disease, &declared_of(tx, case_id).await?)?;
        if known.iter().any(|known| known.entry_id == entry.entry_id) {
            return Err(AppError::Conflict("another entry has this id".to_owned()));
        }
        if !storage::diary::insert(tx, &taken.sealer, &entry).await? {
            let reason = "this half day has an entry already; change that one".to_owned();
            return Err(AppError::Conflict(reason));
        }
        self.note_entry(worker, taken, None, &entry);
        Ok(Written::New(entry))
    }

    /// Changes what an entry says, as it was told on the telephone.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if somebody else changed
    /// it since it was seen, or the case is over; [`AppError::NotFound`] if there is no such entry.
    pub async fn change_diary(&self, worker: &Worker, case_id: CaseId, wanted: ChangedEntry) -> Result<DiaryEntry> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let changed = self.change_entry_taken(&mut tx, worker, &mut taken, (Writer::Staff, wanted)).await?;
        if let Written::New(_) = &changed {
            self.settle(tx, worker, taken, "diary.change").await?;
        }
        Ok(changed.into_entry())
    }

    /// Changes an entry in the diary of a case that was taken; whoever settles it lets its items follow.
    pub(super) async fn change_entry_taken(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (writer, wanted): (Writer, ChangedEntry),
    ) -> Result<Written> {
        let case_id = taken.work.case_id;
        let known = storage::diary::of_case(tx, Some(&taken.sealer), case_id).await?;
        let known = known.into_iter().find(|known| known.entry_id == wanted.entry_id);
        let before = known.ok_or(AppError::NotFound("entry"))?;
        require_at_work(taken)?;
        let told = put(&before, &wanted.told, taken.work.disease, &declared_of(tx, case_id).await?)?;
        if says_the_same(&before, &told) {
            return Ok(Written::Known(before));
        }
        let zone = &worker.authority.time_zone;
        check_change(before.slot, writer, before.created_at, taken.now, zone).map_err(slot_refused)?;
        if before.changed.map(|(_, at)| at) != wanted.seen {
            return Err(AppError::Conflict("somebody else changed this entry meanwhile; look at it first".to_owned()));
        }
        let rule_version = rules_on(tx, taken.work.disease, before.slot.day).await?.version;
        // Databases keep instants to the microsecond: what is answered now must be what is read later.
        let changed_at = Timestamp::from_microsecond(taken.now.as_microsecond()).unwrap_or(taken.now);
        let changed = Some((worker.account_id, changed_at));
        let entry = DiaryEntry { changed, rule_version, ..told };
        storage::diary::replace(tx, &taken.sealer, &entry).await?;
        self.note_entry(worker, taken, Some(&before), &entry);
        Ok(Written::New(entry))
    }

    /// Returns the user names of accounts that wrote into a diary.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn names_of_accounts(
        &self,
        worker: &Worker,
        accounts: &[AccountId],
    ) -> Result<HashMap<AccountId, String>> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::history::names_of_accounts(&mut tx, accounts).await?)
    }

    fn note_entry(&self, worker: &Worker, taken: &mut Taken, before: Option<&DiaryEntry>, after: &DiaryEntry) {
        let why = if worker.role == Role::Patient { "by the patient" } else { "by phone" };
        let note = |entry: &DiaryEntry| entry.note.as_ref().map(|note| note.expose().clone());
        self.note_change(worker, taken, ("diary", why), before.map(described), Some(described(after)));
        self.note_change(worker, taken, ("diary_note", why), before.and_then(note), note(after));
    }
}

fn require_at_work(taken: &Taken) -> Result<()> {
    match taken.work.status.is_ended() {
        true => Err(AppError::Conflict("the case is over; open it again to write into its diary".to_owned())),
        false => Ok(()),
    }
}

pub(super) async fn declared_of(tx: &mut Tx, case_id: CaseId) -> Result<HashSet<ContactId>> {
    let declared = storage::declared_contacts::of_case(tx, None, case_id).await?;
    Ok(declared.into_iter().map(|contact| contact.contact_id).collect())
}

/// Puts what is told into an entry.
fn put(entry: &DiaryEntry, told: &Told, disease: Disease, declared: &HashSet<ContactId>) -> Result<DiaryEntry> {
    let mut wrong: Vec<(&'static str, String)> = Vec::new();
    let temperature = told.temperature_c.map(|celsius| Temperature::new(celsius, told.temperature_confirmed));
    let temperature = temperature.transpose().unwrap_or_else(|refused| {
        wrong.push(("temperature_c", refused.to_string()));
        None
    });
    let profile = disease.profile();
    let known = |word: &String| Symptom::find(word).filter(|symptom| profile.symptom(*symptom).is_some());
    // What an entry says already may be said again, though the list were another one by now.
    let symptom = |word: &String| known(word).or(Symptom::find(word).filter(|one| entry.symptoms.contains(one)));
    let symptoms: Option<BTreeSet<Symptom>> = told.symptoms.iter().map(symptom).collect();
    if symptoms.is_none() {
        wrong.push(("symptoms", format!("the diary for {} has no such symptom", profile.name)));
    }
    let contacts: BTreeSet<ContactId> = told.contacts.iter().copied().collect();
    if contacts.iter().any(|contact| !declared.contains(contact)) {
        wrong.push(("contacts", "this case declared no such contact".to_owned()));
    }
    let note = told.note.clone().filter(|note| !note.expose().trim().is_empty());
    if note.as_ref().is_some_and(|note| note.expose().chars().count() > LONGEST_TEXT) {
        wrong.push(("note", format!("at most {LONGEST_TEXT} characters")));
    }
    if !wrong.is_empty() {
        return Err(AppError::InvalidFields(wrong));
    }
    Ok(DiaryEntry {
        temperature,
        symptoms: symptoms.unwrap_or_default().into_iter().collect(),
        contacts: contacts.into_iter().collect(),
        note,
        ..entry.clone()
    })
}

fn says_the_same(one: &DiaryEntry, other: &DiaryEntry) -> bool {
    (one.temperature, &one.symptoms, &one.contacts, &one.note)
        == (other.temperature, &other.symptoms, &other.contacts, &other.note)
}

/// Writes an entry for the history, in words and ids that name nobody: `2026-03-01 morning; 36.8; cough; `.
fn described(entry: &DiaryEntry) -> String {
    fn words<T: std::fmt::Display>(all: &[T]) -> String {
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
    let temperature = entry.temperature.map_or_else(String::new, |temperature| temperature.to_string());
    format!("{}; {temperature}; {}; {}", entry.slot, words(&entry.symptoms), words(&entry.contacts))
}
