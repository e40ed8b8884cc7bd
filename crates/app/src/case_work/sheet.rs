//! How work on a case stands: its status and what may come next, items, calls, comments, the clock.

use super::details::{Changes, Subject, read_details};
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::cases::{CaseStatus, next_steps};
use domain::ids::{AccountId, CaseId, HistoryId};
use std::collections::{BTreeSet, HashMap, HashSet};
use storage::action_items::Item;
use storage::calls::Call;
use storage::cases::CaseWork;
use storage::comments::Comment;
use storage::laboratory::LaboratoryResult;
use storage::{Freshness, Tx};

/// How work on a case stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseWorkSheet {
    /// Status, type, priority, clock.
    pub work: CaseWork,
    /// What the reader can make of it now.
    pub next: Vec<CaseStatus>,
    /// Values of the details that can be changed; a field without a value isn't in it. Empty where names are locked.
    pub details: Changes,
    /// Items that wait or are hidden, then those that are over, each in the order in which they arose.
    pub items: Vec<Item>,
    /// Calls, newest first.
    pub calls: Vec<PhoneCallLine>,
    /// Comments, newest first.
    pub comments: Vec<CommentLine>,
    /// What laboratories found, newest first.
    pub results: Vec<LaboratoryResult>,
    /// Accounts of the patient, and of whoever acts for them.
    pub patients: HashSet<AccountId>,
    /// User names of those who occur in it.
    pub accounts: HashMap<AccountId, String>,
    /// Whether another authority was asked to take it over, or asked this one.
    pub has_hand_overs: bool,
    /// The last change that was seen.
    pub seen: Option<HistoryId>,
}

/// A call.
pub type PhoneCallLine = Call;

/// A comment.
pub type CommentLine = Comment;

impl App {
    /// Shows how work on a case stands.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    #[tracing::instrument(target = "epitrace::traces", name = "app::case_work", skip_all)]
    pub async fn case_work(&self, worker: &Worker, case_id: CaseId) -> Result<CaseWorkSheet> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let mut work = storage::cases::work_of(&mut tx, &[case_id]).await?;
        let mut work = work.pop().ok_or(AppError::NotFound("case"))?;
        let person_id = work.person_id;
        let details = match &sealer {
            Some(sealer) => {
                let person = storage::persons::by_id(&mut tx, sealer, &[person_id]).await?.remove(&person_id);
                let case = storage::cases::by_id(&mut tx, Some(sealer), case_id).await?;
                let (mut person, mut case) = person.zip(case).ok_or(AppError::NotFound("case"))?;
                let facility_id = None;
                let subject = Subject { person: &mut person, case: &mut case, work: &mut work, facility_id };
                let mut details = read_details(&subject);
                if let Some(id) = subject.case.facility_id {
                    details.insert("place".to_owned(), storage::facilities::names(&mut tx).await?.remove(&id));
                }
                details
            }
            None => Changes::new(),
        };
        let mut items = storage::action_items::of_case(&mut tx, case_id).await?;
        items.sort_by_key(|item| (item.resolution.is_some(), item.item_id));
        let calls = storage::calls::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let comments = storage::comments::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let results = storage::laboratory::of_cases(&mut tx, &[case_id]).await?;
        let last = storage::history::page(&mut tx, None, (person_id, Some(case_id)), None, 1).await?;
        let mut who: BTreeSet<AccountId> = calls.iter().map(|call| call.account_id).collect();
        who.extend(comments.iter().map(|comment| comment.account_id));
        who.extend(items.iter().filter_map(|item| item.resolved_by));
        who.extend(work.assigned_to);
        let accounts = storage::history::names_of_accounts(&mut tx, &who.into_iter().collect::<Vec<_>>()).await?;
        let patients = accounts_of_patients(&mut tx, case_id).await?;
        let has_hand_overs = !storage::hand_overs::of_case(&mut tx, None, case_id).await?.is_empty();
        drop(tx);
        self.record_alone(worker, shown("cases.work", [person_id])).await?;
        Ok(CaseWorkSheet {
            next: next_steps(work.status, work.status_before, worker.role),
            work,
            details,
            items,
            calls,
            comments,
            results,
            patients,
            accounts,
            has_hand_overs,
            seen: last.first().map(|change| change.history_id),
        })
    }
}

/// Lists the accounts of patients that a case was enrolled by, as those who act.
async fn accounts_of_patients(tx: &mut Tx, case_id: CaseId) -> Result<HashSet<AccountId>> {
    let enrolled = storage::enrolments::of_case(tx, case_id).await?;
    Ok(enrolled.into_iter().map(|enrolment| AccountId(enrolment.patient_id.0)).collect())
}
