//! One thing done to many cases: asked for, seen, undone. A job does it, five hundred cases in a transaction, each with its
//! row in a journal: killed in between, it goes on where it stopped.

mod invitations;
mod work;

pub use invitations::InvitationPreview;

use crate::cases::CaseConditions;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::bulk::{BulkAction, MOST, MOST_NAMED, RowOutcome};
use domain::diseases::Disease;
use domain::ids::{BulkId, CaseId, JobId};
use domain::persons::Personal;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use storage::bulk::{Bulk, BulkRow};
use storage::jobs::Job;
use storage::{Freshness, Tx};

/// Which cases are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// These, in this order.
    Cases(Vec<CaseId>),
    /// All of a disease that a list with these conditions has now.
    Matching(Option<Disease>, Box<CaseConditions>),
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct NewBulk {
    /// Its id, made by whoever asks: asked again, it is the same.
    pub bulk_id: BulkId,
    /// What is done.
    pub action: BulkAction,
    /// To which cases.
    pub cases: Chosen,
    /// A comment for each case that changes.
    pub note: Option<Personal<String>>,
}

/// A bulk action with how far it is.
#[derive(Clone, Debug)]
pub struct BulkNow {
    /// The action.
    pub bulk: Bulk,
    /// User name of who asked.
    pub account: String,
    /// To whom cases are given, by user name.
    pub assignee: Option<String>,
    /// How many cases by what became of them.
    pub counts: BTreeMap<RowOutcome, u64>,
    /// The job that works on it, or worked last: doing, or undoing.
    pub job: Option<Job>,
}

/// A case of a bulk action, as a page shows it.
#[derive(Clone, Debug)]
pub struct BulkLine {
    /// Its row.
    pub row: BulkRow,
    /// Reference of the person; `None` without one, or where the case is gone.
    pub reference: Option<String>,
    /// First and last name; `None` where names are locked or there is none.
    pub name: Option<Personal<String>>,
}

pub(crate) const DO: &str = "bulk.do";
pub(crate) const UNDO: &str = "bulk.undo";

impl App {
    /// Asks for one thing to be done to many cases.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if no case is meant, too many are, the account works on no cases here, or nobody can be invited;
    /// [`AppError::Conflict`] if something else was asked for under this id.
    pub async fn start_bulk(&self, worker: &Worker, new: NewBulk) -> Result<BulkNow> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker)?;
        super::status::check_text("text", new.note.as_ref().map_or("", |note| note.expose().as_str()))?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if let Some(known) = storage::bulk::find(&mut tx, Some(&sealer), new.bulk_id).await? {
            let same = (known.action, known.account_id, &known.note) == (new.action, worker.account_id, &new.note);
            drop(tx);
            return match same {
                true => self.bulk(worker, new.bulk_id).await,
                false => Err(AppError::Conflict("another bulk action has this id".to_owned())),
            };
        }
        self.check_action(&mut tx, worker, new.action).await?;
        let cases = chosen(&mut tx, worker, new.cases).await?;
        let job = self.bulk_job(worker, DO, new.bulk_id, cases.len());
        let bulk = Bulk {
            bulk_id: new.bulk_id,
            account_id: worker.account_id,
            action: new.action,
            note: new.note,
            n_rows: cases.len() as u64,
            job_id: job.job_id,
            undo_job_id: None,
            created_at: self.now(),
        };
        storage::jobs::insert(&mut tx, &job).await?;
        storage::bulk::insert(&mut tx, &sealer, &bulk, &cases).await?;
        let subjects = bulk.bulk_id.to_string();
        self.record(&mut tx, worker, Audited { operation: "bulk.start", subjects, n_subjects: cases.len() }).await?;
        tx.commit().await?;
        self.bulk(worker, bulk.bulk_id).await
    }

    /// Asks for a bulk action to be undone. Cases on which somebody has worked since stay as they are.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it is still being done, or was undone before.
    pub async fn undo_bulk(&self, worker: &Worker, bulk_id: BulkId) -> Result<BulkNow> {
        worker.require(Action::WorkOnCases)?;
        let conflict = |why: &str| Err(AppError::Conflict(why.to_owned()));
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let bulk = storage::bulk::find(&mut tx, None, bulk_id).await?.ok_or(AppError::NotFound("bulk action"))?;
        if bulk.undo_job_id.is_some() {
            drop(tx);
            return self.bulk(worker, bulk_id).await;
        }
        let doing = storage::jobs::find(&mut tx, bulk.job_id).await?;
        if doing.is_some_and(|job| job.finished_at.is_none()) {
            return conflict("it is still being done; cancel it first, or wait");
        }
        let n_done = storage::bulk::counts(&mut tx, bulk_id).await?.get(&RowOutcome::Done).copied().unwrap_or(0);
        let job = self.bulk_job(worker, UNDO, bulk_id, usize::try_from(n_done).unwrap_or(usize::MAX));
        if !storage::bulk::begin_undo(&mut tx, bulk_id, job.job_id).await? {
            return conflict("somebody undoes it already");
        }
        storage::jobs::insert(&mut tx, &job).await?;
        let audited = Audited {
            operation: "bulk.undo",
            subjects: bulk_id.to_string(),
            n_subjects: usize::try_from(n_done).unwrap_or(usize::MAX),
        };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        self.bulk(worker, bulk_id).await
    }

    /// Shows how far a bulk action is.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn bulk(&self, worker: &Worker, bulk_id: BulkId) -> Result<BulkNow> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker).ok();
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::bulk::find(&mut tx, sealer.as_ref(), bulk_id).await?;
        let mut now = self.as_they_are(&mut tx, vec![found.ok_or(AppError::NotFound("bulk action"))?]).await?;
        now.pop().ok_or(AppError::NotFound("bulk action"))
    }

    /// Lists bulk actions, newest first, older than `before`.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_bulk(&self, worker: &Worker, before: Option<BulkId>, limit: usize) -> Result<Vec<BulkNow>> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker).ok();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let found = storage::bulk::list(&mut tx, sealer.as_ref(), before, limit).await?;
        self.as_they_are(&mut tx, found).await
    }

    async fn as_they_are(&self, tx: &mut Tx, found: Vec<Bulk>) -> Result<Vec<BulkNow>> {
        let members = storage::accounts::members(tx).await?;
        let name = |id| members.iter().find(|one| one.account.account_id == id).map(|one| one.account.name.clone());
        let mut all = Vec::with_capacity(found.len());
        for bulk in found {
            let counts = storage::bulk::counts(tx, bulk.bulk_id).await?;
            let job = storage::jobs::find(tx, bulk.undo_job_id.unwrap_or(bulk.job_id)).await?;
            let assignee = match bulk.action {
                BulkAction::Assign { to: Some(to) } => name(to),
                _ => None,
            };
            let account = name(bulk.account_id).unwrap_or_default();
            all.push(BulkNow { account, assignee, counts, job: job.map(|job| self.as_of_now(job)), bulk });
        }
        Ok(all)
    }

    /// Lists what became of the cases of a bulk action.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn bulk_rows(
        &self,
        worker: &Worker,
        bulk_id: BulkId,
        outcome: Option<RowOutcome>,
        (after, limit): (Option<u32>, usize),
    ) -> Result<Vec<BulkLine>> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer(worker).ok();
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        storage::bulk::find(&mut tx, None, bulk_id).await?.ok_or(AppError::NotFound("bulk action"))?;
        let rows = storage::bulk::rows(&mut tx, bulk_id, outcome, after, limit).await?;
        let case_ids: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
        let listed = storage::cases::listed(&mut tx, sealer.as_ref(), &case_ids).await?;
        let persons: BTreeSet<_> = listed.iter().map(|case| case.person_id).collect();
        let ids: Vec<_> = persons.iter().copied().collect();
        let references = storage::persons::references_of(&mut tx, &ids).await?;
        drop(tx);
        self.record_alone(worker, crate::cases::shown("bulk.rows", persons)).await?;
        let of_case: HashMap<CaseId, _> = listed.into_iter().map(|case| (case.case_id, case)).collect();
        let line = |row: BulkRow| {
            let case = of_case.get(&row.case_id);
            let reference = case.and_then(|case| references.get(&case.person_id).cloned());
            BulkLine { reference, name: case.and_then(name_of), row }
        };
        Ok(rows.into_iter().map(line).collect())
    }

    /// Nobody gets cases who doesn't work on cases here, and nobody is invited while something lacks that all of them need.
    async fn check_action(&self, tx: &mut Tx, worker: &Worker, action: BulkAction) -> Result<()> {
        match action {
            BulkAction::Assign { to: Some(to) } => super::assignment::check_assignee(tx, to).await,
            BulkAction::Invite { .. } => self.require_invitations(tx, worker).await,
            BulkAction::Assign { to: None } | BulkAction::Conclude { .. } => Ok(()),
        }
    }

    fn bulk_job(&self, worker: &Worker, kind: &str, bulk_id: BulkId, n_rows: usize) -> Job {
        let now: Timestamp = self.now();
        Job {
            job_id: JobId::mint(now, self.random()),
            kind: kind.to_owned(),
            subject_id: bulk_id.0,
            account_id: worker.account_id,
            account: String::new(),
            role: worker.role,
            state: "waiting".to_owned(),
            settings: "{}".to_owned(),
            done: 0,
            total: Some(i64::try_from(n_rows).unwrap_or(i64::MAX)),
            problem: None,
            created_at: now,
            finished_at: None,
        }
    }
}

/// The name of a case's person in one line.
fn name_of(case: &storage::cases::ListedCase) -> Option<Personal<String>> {
    let parts: Vec<&str> =
        [&case.first_name, &case.last_name].into_iter().flatten().map(|name| name.expose().as_str()).collect();
    (!parts.is_empty()).then(|| Personal::new(parts.join(" ")))
}

/// Returns the cases that are meant, each once.
async fn chosen(tx: &mut Tx, worker: &Worker, chosen: Chosen) -> Result<Vec<CaseId>> {
    let invalid = |reason: String| Err(AppError::Invalid { field: "cases", reason });
    let cases = match chosen {
        Chosen::Cases(cases) if cases.len() > MOST_NAMED => {
            return invalid(format!("name at most {MOST_NAMED} cases; for more give the conditions of a list"));
        }
        Chosen::Cases(cases) => {
            let mut seen = BTreeSet::new();
            cases.into_iter().filter(|case| seen.insert(*case)).collect()
        }
        Chosen::Matching(disease, conditions) => {
            let disease = crate::context::disease_meant(tx, worker, disease, None).await?;
            let filter = conditions.of(disease);
            let found = storage::cases::matching(tx, &filter, MOST as u64 + 1).await?;
            found.into_iter().map(|case| case.case_id).collect::<Vec<_>>()
        }
    };
    match cases.len() {
        0 => invalid("choose at least one case".to_owned()),
        n if n > MOST => invalid(format!("choose at most {MOST} cases at once: narrow the list down")),
        _ => Ok(cases),
    }
}
