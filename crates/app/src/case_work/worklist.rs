//! The worklist: people who wait for a call, a look, a decision, the most urgent first.

use super::taken::details_of;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::days::infectious_days;
use crate::error::Result;
use domain::action_items::ItemKind;
use domain::authorities::Action;
use domain::ids::{AccountId, CaseId, PersonId};
use domain::persons::{Personal, PersonalField};
use domain::time::DayRange;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use storage::Freshness;
use storage::action_items::Item;
use storage::calls::Call;
use storage::cases::{CaseWork, ListedCase, Whose, WorkFilter, WorkKey};

/// What is asked.
#[derive(Clone, Debug)]
pub struct WorkQuery {
    /// Which cases.
    pub filter: WorkFilter,
    /// Where the page before ended.
    pub after: Option<WorkKey>,
    /// Cases of a page, at most.
    pub limit: u32,
}

/// Somebody who waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkLine {
    /// Where it stands in the list.
    pub key: WorkKey,
    /// Status, type, quarantine.
    pub work: CaseWork,
    /// What lists show of the case.
    pub case: ListedCase,
    /// What imported files call the person.
    pub reference: Option<String>,
    /// The number to dial: the mobile one first. `None` where none is known, or names are locked.
    pub phone: Option<Personal<String>>,
    /// Details that are missing, in words of causes.
    pub missing: Vec<&'static str>,
    /// Days on which it infects others.
    pub infectious: Option<DayRange>,
    /// Why.
    pub items: Vec<Item>,
    /// The last call.
    pub last_call: Option<Call>,
    /// Whose it is.
    pub assignee: Option<String>,
}

/// A page of the worklist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkPage {
    /// Its people.
    pub items: Vec<WorkLine>,
    /// Where the next one begins; `None` at the end.
    pub next: Option<WorkKey>,
}

/// How many wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkCount {
    /// How many.
    pub count: u64,
    /// Whether there are more.
    pub capped: bool,
}

/// Counted no further.
const MOST_COUNTED: u64 = 10_000;

impl App {
    /// Lists those who wait.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    #[tracing::instrument(target = "epitrace::traces", name = "app::worklist", skip_all)]
    pub async fn worklist(&self, worker: &Worker, query: &WorkQuery) -> Result<WorkPage> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let limit = u64::from(query.limit);
        let mut waiting = storage::cases::worklist(&mut tx, &query.filter, query.after.as_ref(), limit + 1).await?;
        let has_more = waiting.len() as u64 > limit;
        waiting.truncate(query.limit as usize);
        let cases: Vec<CaseId> = waiting.iter().map(|waiting| waiting.key.case_id).collect();
        let persons: Vec<PersonId> = waiting.iter().map(|waiting| waiting.person_id).collect();
        let mut listed: HashMap<CaseId, ListedCase> = storage::cases::listed(&mut tx, sealer.as_ref(), &cases)
            .await?
            .into_iter()
            .map(|case| (case.case_id, case))
            .collect();
        let mut work: HashMap<CaseId, CaseWork> =
            storage::cases::work_of(&mut tx, &cases).await?.into_iter().map(|work| (work.case_id, work)).collect();
        let mut items: HashMap<CaseId, Vec<Item>> = HashMap::new();
        for item in storage::action_items::waiting_of(&mut tx, &cases).await? {
            items.entry(item.case_id).or_default().push(item);
        }
        let mut calls = storage::calls::last_of(&mut tx, &cases).await?;
        let references = storage::persons::references_of(&mut tx, &persons).await?;
        let details = match &sealer {
            Some(sealer) => storage::persons::by_id(&mut tx, sealer, &persons).await?,
            None => HashMap::new(),
        };
        let own: Vec<AccountId> = work.values().filter_map(|work| work.assigned_to).collect();
        let accounts = storage::history::names_of_accounts(&mut tx, &own).await?;
        let mut rules = HashMap::new();
        for case in listed.values() {
            if let Entry::Vacant(of_disease) = rules.entry(case.disease) {
                of_disease.insert(storage::rule_sets::list(&mut tx, case.disease).await?);
            }
        }
        drop(tx);
        let line = |waiting: &storage::cases::Waiting| {
            let key = waiting.key;
            let case = listed.remove(&key.case_id)?;
            let work = work.remove(&key.case_id)?;
            let person = details.get(&waiting.person_id);
            let number = |field| person.and_then(|person| person.personal.get(&field)).cloned();
            Some(WorkLine {
                key,
                reference: references.get(&waiting.person_id).cloned(),
                phone: number(PersonalField::Mobile).or_else(|| number(PersonalField::Phone)),
                missing: person.map(|person| details_of(person).missing()).unwrap_or_default(),
                infectious: rules.get(&case.disease).and_then(|own| infectious_days(own, case.disease, &case.dates)),
                items: items.remove(&key.case_id).unwrap_or_default(),
                last_call: calls.remove(&key.case_id),
                assignee: work.assigned_to.and_then(|account| accounts.get(&account).cloned()),
                work,
                case,
            })
        };
        let lines: Vec<WorkLine> = waiting.iter().filter_map(line).collect();
        self.record_alone(worker, shown("worklist.list", lines.iter().map(|line| line.work.person_id))).await?;
        let next = waiting.last().map(|waiting| waiting.key).filter(|_| has_more);
        Ok(WorkPage { items: lines, next })
    }

    /// Counts those who wait.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn count_worklist(&self, worker: &Worker, whose: Whose, kind: Option<ItemKind>) -> Result<WorkCount> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let count = storage::cases::count_waiting(&mut tx, &WorkFilter { whose, kind }, MOST_COUNTED).await?;
        Ok(WorkCount { count: count.min(MOST_COUNTED), capped: count > MOST_COUNTED })
    }
}
