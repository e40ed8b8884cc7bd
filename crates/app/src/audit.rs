//! Checking the audit chain, and chaining what is new.

use crate::context::{App, Audited, Worker};
use crate::error::Result;
use domain::authorities::Action;
use domain::ids::{AccountId, AuditId, AuthorityId, PersonId};
use domain::time::{DayRange, Window};
use jiff::civil::Date;
use std::collections::HashMap;
use storage::Freshness;
use storage::audit::{AuditFilter, Numbered, Verification};
use uuid::Uuid;

/// Which records are asked for.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Only of this account.
    pub account_id: Option<AccountId>,
    /// Only this operation.
    pub operation: Option<String>,
    /// From this day on.
    pub first: Option<Date>,
    /// Until this day, included.
    pub last: Option<Date>,
    /// Older than this record.
    pub before: Option<AuditId>,
    /// Most records.
    pub limit: usize,
}

/// Records of the audit log, with what names them.
#[derive(Clone, Debug, Default)]
pub struct AuditPage {
    /// The records, newest first.
    pub records: Vec<Numbered>,
    /// User names of who did it.
    pub accounts: HashMap<AccountId, String>,
    /// References of the persons among the first subjects of each record.
    pub references: HashMap<PersonId, String>,
    /// Where to go on; `None` on the last page.
    pub next: Option<AuditId>,
}

/// Subjects of a record that are looked up.
pub const N_SUBJECTS: usize = 20;

impl App {
    /// Chains the audit records of an authority that aren't yet. The command line does so before it exits.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn chain_audit(&self, worker: &Worker) -> Result<usize> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let n_chained = storage::audit::chain(&mut tx).await?;
        tx.commit().await?;
        Ok(n_chained)
    }

    /// Checks the audit chain of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn verify_audit(&self, worker: &Worker) -> Result<Verification> {
        worker.require(Action::VerifyAudit)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::audit::verify(&mut tx).await?)
    }
}

impl App {
    /// Chains the records of an authority, if there are any that aren't yet: what servers do within a second.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    #[tracing::instrument(target = "epitrace::traces", name = "app::chain_new_audit", skip_all)]
    pub async fn chain_new_audit(&self, authority_id: AuthorityId) -> Result<usize> {
        let mut tx = self.store.read(authority_id, Freshness::Fresh).await?;
        if !storage::audit::has_unchained(&mut tx).await? {
            return Ok(0);
        }
        drop(tx);
        let mut tx = self.store.write(authority_id).await?;
        let n_chained = storage::audit::chain(&mut tx).await?;
        tx.commit().await?;
        Ok(n_chained)
    }

    /// Lists records of the audit log of the worker's authority, newest first. That somebody read it is recorded too.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn list_audit(&self, worker: &Worker, query: &AuditQuery) -> Result<AuditPage> {
        worker.require(Action::SeeAudit)?;
        let zone = &worker.authority.time_zone;
        let first =
            query.first.map_or(Window::ALWAYS, |day| Window::of_days(DayRange { first: day, last: Date::MAX }, zone));
        let last =
            query.last.map_or(Window::ALWAYS, |day| Window::of_days(DayRange { first: Date::MIN, last: day }, zone));
        let Some(window) = first.overlap(&last) else { return Ok(AuditPage::default()) };
        let filter = AuditFilter { account_id: query.account_id, operation: query.operation.clone(), window };
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
        let records = storage::audit::page(&mut tx, &filter, query.before, limit).await?;
        let mut accounts = HashMap::new();
        for record in &records {
            let account_id = record.record.account_id;
            if let std::collections::hash_map::Entry::Vacant(place) = accounts.entry(account_id) {
                let account = storage::accounts::by_id(&mut tx, account_id).await?;
                place.insert(account.map_or_else(|| account_id.to_string(), |account| account.name));
            }
        }
        let subjects = records.iter().flat_map(|record| record.record.subjects.split(' ').take(N_SUBJECTS));
        let persons: Vec<PersonId> = subjects.filter_map(|id| Uuid::try_parse(id).ok()).map(PersonId).collect();
        let references = storage::persons::references_of(&mut tx, &persons).await?;
        drop(tx);
        let n_subjects = records.len();
        self.record_alone(worker, Audited { operation: "audit.list", subjects: String::new(), n_subjects }).await?;
        let is_full = records.len() == query.limit;
        let next = records.last().filter(|_| is_full).map(|record| record.record.audit_id);
        Ok(AuditPage { records, accounts, references, next })
    }

    /// Lists the operations that the audit log holds.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn list_audited_operations(&self, worker: &Worker) -> Result<Vec<String>> {
        worker.require(Action::SeeAudit)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::audit::operations(&mut tx).await?)
    }
}
