//! One case with all that is known of it, and what became of it over time.

use super::{CaseLine, lines, shown};
use crate::context::{App, Worker};
use crate::days::{ExplainedDays, explained};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{AccountId, CaseId, HistoryId};
use std::collections::HashSet;
use std::slice;
use storage::Freshness;
use storage::cases::{Case, CaseInBrief};
use storage::history::Change;
use storage::persons::Person;

/// A case with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct CaseSheet {
    /// What lists show of it.
    pub line: CaseLine,
    /// All of the case.
    pub case: Case,
    /// Whose it is; `None` where personal fields are locked.
    pub person: Option<Person>,
    /// All that imported files call the person.
    pub references: Vec<String>,
    /// The person's other cases, of whatever disease.
    pub other_cases: Vec<CaseInBrief>,
    /// Its days, with their rules.
    pub days: ExplainedDays,
    /// How many it is known to have infected.
    pub n_infected: u64,
}

/// A change, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// The change.
    pub change: Change,
    /// User name of who made it; empty where the patient did.
    pub account: String,
    /// Whether the patient made it themselves.
    pub by_patient: bool,
}

/// A page of changes, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryPage {
    /// Its changes.
    pub items: Vec<HistoryLine>,
    /// The last of them, if older ones follow.
    pub next: Option<HistoryId>,
}

const NO_CASE: AppError = AppError::NotFound("case");

impl App {
    /// Shows a case.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    #[tracing::instrument(target = "epitrace::traces", name = "app::case", skip_all)]
    pub async fn case(&self, worker: &Worker, case_id: CaseId) -> Result<CaseSheet> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let case = storage::cases::by_id(&mut tx, sealer.as_ref(), case_id).await?.ok_or(NO_CASE)?;
        let owner = case.person_id;
        let line = lines(&mut tx, sealer.as_ref(), case.disease, slice::from_ref(&case_id)).await?;
        let line = line.into_iter().next().ok_or(NO_CASE)?;
        let person = match &sealer {
            Some(sealer) => storage::persons::by_id(&mut tx, sealer, &[owner]).await?.remove(&owner),
            None => None,
        };
        let own_rules = storage::rule_sets::list(&mut tx, case.disease).await?;
        let mut other_cases = storage::cases::briefly_of_persons(&mut tx, &[owner]).await?;
        other_cases.retain(|other| other.case_id != case_id);
        let sheet = CaseSheet {
            days: explained(&own_rules, case.disease, &case.dates),
            references: storage::persons::all_references(&mut tx, owner).await?,
            n_infected: storage::infections::count_from(&mut tx, owner).await?,
            line,
            case,
            person,
            other_cases,
        };
        drop(tx);
        self.record_alone(worker, shown("cases.show", [owner])).await?;
        Ok(sheet)
    }

    /// Lists the changes of a case and its person, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn case_history(
        &self,
        worker: &Worker,
        case_id: CaseId,
        before: Option<HistoryId>,
        limit: u32,
    ) -> Result<HistoryPage> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let case = storage::cases::by_id(&mut tx, None, case_id).await?.ok_or(NO_CASE)?;
        let of_case = (case.person_id, Some(case_id));
        let wanted = i64::from(limit) + 1;
        let mut changes = storage::history::page(&mut tx, sealer.as_ref(), of_case, before, wanted).await?;
        let has_more = changes.len() > limit as usize;
        changes.truncate(limit as usize);
        let names = storage::history::account_names(&mut tx, &changes).await?;
        let mut enrolled = storage::enrolments::of_case(&mut tx, case_id).await?;
        enrolled.extend(storage::enrolments::of_person(&mut tx, case.person_id).await?);
        let patients: HashSet<AccountId> =
            enrolled.into_iter().map(|enrolment| AccountId(enrolment.patient_id.0)).collect();
        drop(tx);
        let next = changes.last().filter(|_| has_more).map(|last| last.history_id);
        let line = |change: Change| {
            let by_patient = patients.contains(&change.account_id);
            let name = names.get(&change.account_id).cloned();
            let unknown = || if by_patient { String::new() } else { change.account_id.to_string() };
            HistoryLine { account: name.unwrap_or_else(unknown), by_patient, change }
        };
        let items = changes.into_iter().map(line).collect();
        self.record_alone(worker, shown("cases.history", [case.person_id])).await?;
        Ok(HistoryPage { items, next })
    }
}
