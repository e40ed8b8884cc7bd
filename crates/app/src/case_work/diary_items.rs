//! What a diary makes somebody look at, and what time does to it: a half day ends, and nobody wrote.

use super::taken::Taken;
use crate::context::{App, Worker};
use crate::error::Result;
use domain::action_items::{DiarySituation, MOST_SLOTS_BACK, Need, SeenEntry, diary_needs, last_noticed};
use domain::diary::Slot;
use domain::ids::CaseId;
use domain::rules::RuleSettings;
use std::collections::HashMap;
use storage::cases::CaseWork;
use storage::diary::{DiaryEntry, LookedFor};
use storage::{Freshness, Tx};

/// Cases that are looked for in one go.
const AT_ONCE: i64 = 200;

/// Looks at each entry by the rules that it was written under: a later version changes nothing about it.
pub(super) async fn seen(tx: &mut Tx, work: &CaseWork, entries: &[DiaryEntry]) -> Result<Vec<SeenEntry>> {
    let own = match entries.iter().any(|entry| entry.temperature.is_some()) {
        true => storage::rule_sets::list(tx, work.disease).await?,
        false => Vec::new(),
    };
    let of = |version: i32| own.iter().find(|rules| rules.version == version).map(|rules| rules.settings.clone());
    let mut rules: HashMap<i32, RuleSettings> = HashMap::new();
    let profile = work.disease.profile();
    let mut see = |entry: &DiaryEntry| {
        let version = entry.rule_version;
        let settings =
            rules.entry(version).or_insert_with(|| of(version).unwrap_or_else(|| RuleSettings::built_in(work.disease)));
        SeenEntry {
            entry_id: entry.entry_id,
            slot: entry.slot,
            is_increased: entry.temperature.is_some_and(|one| settings.is_increased(one.celsius(), work.case_type)),
            symptoms: entry.symptoms.iter().filter_map(|symptom| profile.symptom(*symptom)).collect(),
        }
    };
    Ok(entries.iter().map(&mut see).collect())
}

/// Lists the items that the diary of a case makes.
pub(super) async fn needs_of_diary(tx: &mut Tx, worker: &Worker, taken: &Taken) -> Result<Vec<Need>> {
    let work = &taken.work;
    let entries = storage::diary::of_case(tx, None, work.case_id).await?;
    let entries = seen(tx, work, &entries).await?;
    Ok(diary_needs(&DiarySituation {
        status: work.status,
        status_since: work.status_since,
        case_type: work.case_type,
        quarantine_last: work.quarantine.map(|days| days.last),
        entries: &entries,
        now: taken.now,
        zone: &worker.authority.time_zone,
    }))
}

impl App {
    /// Looks through those in tracking for half days that ended without an entry, once for each half day. Returns how many
    /// cases changed. What is broken off is done again.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub(super) async fn miss_entries(&self, worker: &Worker) -> Result<usize> {
        let authority_id = worker.authority.authority_id;
        let newest = last_noticed(self.now(), &worker.authority.time_zone);
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        let done = storage::diary::looked_through(&mut tx, LookedFor::Missing).await?;
        drop(tx);
        if done.is_some_and(|done| done >= newest) {
            return Ok(0);
        }
        let back = std::iter::successors(Some(newest), |slot| Some(slot.previous())).take(MOST_SLOTS_BACK);
        let mut slots: Vec<Slot> = back.take_while(|slot| done.is_none_or(|done| *slot > done)).collect();
        slots.reverse();
        let mut n_cases = 0;
        for slot in slots {
            n_cases += self.miss_entries_of(worker, slot).await?;
        }
        let mut tx = self.store.write(authority_id).await?;
        storage::diary::set_looked_through(&mut tx, LookedFor::Missing, newest).await?;
        tx.commit().await?;
        Ok(n_cases)
    }

    async fn miss_entries_of(&self, worker: &Worker, slot: Slot) -> Result<usize> {
        let (mut n_cases, mut after): (usize, Option<CaseId>) = (0, None);
        loop {
            let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
            let zone = &worker.authority.time_zone;
            let cases = storage::diary::without_entry(&mut tx, slot, zone, after, AT_ONCE).await?;
            drop(tx);
            let Some(last) = cases.last() else { return Ok(n_cases) };
            after = Some(*last);
            for case_id in &cases {
                let (tx, taken) = self.take_case(worker, *case_id).await?;
                self.settle(tx, worker, taken, "diary.miss").await?;
            }
            n_cases += cases.len();
        }
    }
}
