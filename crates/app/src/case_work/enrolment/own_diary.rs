//! A patient's own diary: what is asked of them today, what they wrote, and an entry of their own.
//!
//! The rules are those by which staff write what they are told; how long a patient may write is what differs.

use crate::case_work::diary::{Written, declared_of, facts_of};
use crate::case_work::{ChangedEntry, NewEntry};
use crate::cases::shown;
use crate::context::App;
use crate::error::{AppError, Result};
use crate::patients::Patient;
use domain::authorities::Action;
use domain::cases::CaseStatus;
use domain::diary::{Asked, DayPart, OwnSlot, Slot, Writer, follow_up_begins};
use domain::ids::CaseId;
use domain::time::{local_day, plus_days};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use storage::diary::DiaryEntry;
use storage::{Freshness, Tx};

/// A half day of one's own diary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDiarySlot {
    /// How it stands.
    pub own: OwnSlot,
    /// Its entry.
    pub entry: Option<DiaryEntry>,
}

/// One's own diary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnDiary {
    /// The half day that it is now.
    pub current: Slot,
    /// Half days, the newest first; both of each day, from the day of the present one back.
    pub slots: Vec<OwnDiarySlot>,
    /// Last day on which entries are asked for; `None` while nobody knows it.
    pub last: Option<Date>,
    /// Where the page after it begins: with the days before this one.
    pub next: Option<Date>,
}

impl App {
    /// Shows a patient their own diary: days before `before`, the newest without it, at most so many.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the case isn't theirs.
    pub async fn own_diary(
        &self,
        patient: &Patient,
        case_id: CaseId,
        before: Option<Date>,
        n_days: usize,
    ) -> Result<OwnDiary> {
        let worker = patient.worker();
        worker.require(Action::ActForOneself)?;
        let sealer = self.sealer(&worker)?;
        let (now, zone) = (self.now(), &patient.authority.time_zone);
        let mut tx = self.store.read(patient.authority.authority_id, Freshness::Fresh).await?;
        let case_id = super::own::own_case(&mut tx, patient, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
        let begun_on = follow_up_begins(&facts_of(&case, &work, &worker));
        let entries = own_entries(&mut tx, &sealer, case_id).await?;
        let enrolled = storage::enrolments::of_case(&mut tx, case_id).await?;
        drop(tx);
        self.record_alone(&worker, shown("patients.diary", [work.person_id])).await?;
        let is_tracked = work.status == CaseStatus::Tracking;
        let is_at_work = is_tracked || work.status == CaseStatus::Registered;
        let last = [work.quarantine.map(|days| days.last), work.concluded_on].into_iter().flatten().min();
        // Whoever isn't in tracking is asked for nothing.
        let asked = Asked { since: if is_tracked { work.status_since } else { Timestamp::MAX }, last };
        let current = Slot::at(now, zone);
        let enrolled_on = enrolled.iter().map(|enrolment| local_day(enrolment.accepted_at, zone)).min();
        let written_on = entries.keys().map(|slot| slot.day).min();
        let first = [enrolled_on, written_on].into_iter().flatten().min().unwrap_or(current.day).min(current.day);
        let newest = before.map_or(current.day, |before| plus_days(before, -1).min(current.day));
        let days = std::iter::successors(Some(newest), |day| Some(plus_days(*day, -1)));
        let days: Vec<Date> = days.take_while(|day| *day >= first).take(n_days).collect();
        let slots =
            days.iter().flat_map(|day| [DayPart::Evening, DayPart::Morning].map(|part| Slot { day: *day, part }));
        let slots = slots.map(|slot| {
            let entry = entries.get(&slot).cloned();
            let mut own = asked.slot(slot, entry.as_ref().map(|entry| entry.created_at), now, zone);
            own.may_write &= is_at_work && slot.day >= begun_on;
            OwnDiarySlot { own, entry }
        });
        let slots = slots.collect();
        Ok(OwnDiary { current, slots, last, next: days.last().copied().filter(|oldest| *oldest > first) })
    }

    /// Writes an entry into a patient's own diary. The same entry twice is one.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule; [`AppError::Conflict`] if the half day has an
    /// entry already.
    pub async fn write_own_diary(&self, patient: &Patient, case_id: CaseId, new: NewEntry) -> Result<OwnDiarySlot> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let written = self.write_entry_taken(&mut tx, &worker, &mut taken, (Writer::Patient, new)).await?;
        if let Written::New(_) = &written {
            self.settle(tx, &worker, taken, "patients.write_diary").await?;
        }
        Ok(self.own_slot(patient, written))
    }

    /// Changes an entry of a patient's own diary.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names every field that breaks a rule, or says that it is too late;
    /// [`AppError::Conflict`] if somebody else changed it since it was seen.
    pub async fn change_own_diary(
        &self,
        patient: &Patient,
        case_id: CaseId,
        wanted: ChangedEntry,
    ) -> Result<OwnDiarySlot> {
        let (mut tx, worker, mut taken) = self.take_own(patient, case_id).await?;
        let changed = self.change_entry_taken(&mut tx, &worker, &mut taken, (Writer::Patient, wanted)).await?;
        if let Written::New(_) = &changed {
            self.settle(tx, &worker, taken, "patients.change_diary").await?;
        }
        Ok(self.own_slot(patient, changed))
    }

    fn own_slot(&self, patient: &Patient, written: Written) -> OwnDiarySlot {
        let entry = written.into_entry();
        let asked = Asked { since: Timestamp::MAX, last: None };
        let own = asked.slot(entry.slot, Some(entry.created_at), self.now(), &patient.authority.time_zone);
        OwnDiarySlot { own, entry: Some(entry) }
    }
}

/// Reads a diary by half day, without contacts that were taken back since.
async fn own_entries(
    tx: &mut Tx,
    sealer: &storage::sealing::Sealer,
    case_id: CaseId,
) -> Result<HashMap<Slot, DiaryEntry>> {
    let declared = declared_of(tx, case_id).await?;
    let mut entries = storage::diary::of_case(tx, Some(sealer), case_id).await?;
    for entry in &mut entries {
        entry.contacts.retain(|contact| declared.contains(contact));
    }
    Ok(entries.into_iter().map(|entry| (entry.slot, entry)).collect())
}
