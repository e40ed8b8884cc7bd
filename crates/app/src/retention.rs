//! The job that ends what has reached the end of its period.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, Role};
use domain::ids::AuthorityId;
use jiff::SignedDuration;
use storage::StorageError;
use storage::condition::Done;
use storage::ledger::Ledger;
use storage::retention::{Deleted, Position, run_batch, run_rest};
use uuid::Uuid;

/// A holder that has stopped loses its lease after this long.
const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// Nearly a day: what is over ends at most 24 h late.
const DAY: SignedDuration = SignedDuration::from_hours(23);

impl App {
    /// Deletes what is over in the worker's authority. Of several servers, one does it.
    ///
    /// # Errors
    ///
    /// [`StorageError::InUse`] while another holds the lease.
    pub async fn run_retention(&self, worker: &Worker, ledger: &Ledger) -> Result<Deleted> {
        worker.require(Action::RunRetention)?;
        let deleted = self.delete_expired(worker.authority.authority_id, ledger).await?;
        let n_subjects = usize::try_from(deleted.n_persons + deleted.n_anonymised).unwrap_or(usize::MAX);
        self.record_alone(worker, Audited { operation: "retention.run", subjects: String::new(), n_subjects }).await?;
        self.note_done(Done::Retention).await?;
        self.jobs_store.checkpoint().await?;
        Ok(deleted)
    }

    /// Deletes what is over in every authority where it wasn't done in the last day. Returns how many persons and facts.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if ledger or database can't be written; then the next turn tries again.
    #[tracing::instrument(target = "epitrace::traces", name = "app::run_due_retention", skip_all)]
    pub async fn run_due_retention(&self, ledger: &Ledger) -> Result<u64> {
        let (mut n_ended, mut has_run) = (0, false);
        for authority in self.authorities_at_work().await? {
            let name = format!("retention-of-the-day/{}", authority.authority_id.0);
            let holder = domain::ids::mint(self.now(), self.random());
            if !self.take_lease(&name, holder, DAY).await? {
                continue;
            }
            match self.delete_expired(authority.authority_id, ledger).await {
                Ok(deleted) => {
                    n_ended += deleted.n_persons + deleted.n_anonymised + deleted.n_cases + deleted.n_facts;
                    let worker = self.own_worker(authority, "system:retention", Role::Operator).await?;
                    let n_subjects = usize::try_from(deleted.n_persons + deleted.n_anonymised).unwrap_or(usize::MAX);
                    let audited = Audited { operation: "retention.run", subjects: String::new(), n_subjects };
                    self.record_alone(&worker, audited).await?;
                    has_run = true;
                }
                Err(error) => {
                    let mut tx = self.jobs_store.installation().await?;
                    storage::leases::give_back(&mut tx, &name, holder).await?;
                    tx.commit().await?;
                    return Err(error);
                }
            }
        }
        if has_run {
            self.note_done(Done::Retention).await?;
        }
        if n_ended > 0 {
            self.jobs_store.checkpoint().await?;
        }
        Ok(n_ended)
    }

    pub(crate) async fn delete_expired(&self, authority_id: AuthorityId, ledger: &Ledger) -> Result<Deleted> {
        let name = format!("retention/{}", authority_id.0);
        let holder = domain::ids::mint(self.now(), self.random());
        self.hold_lease(&name, holder).await?;
        let mut deleted = Deleted::default();
        let mut position = Some(Position::START);
        while let Some(after) = position {
            let mut tx = self.jobs_store.write(authority_id).await?;
            position = run_batch(&mut tx, ledger, after, self.now(), &mut deleted).await?;
            tx.commit().await?;
            self.hold_lease(&name, holder).await?;
        }
        let mut tx = self.jobs_store.write(authority_id).await?;
        run_rest(&mut tx, self.now(), &mut deleted).await?;
        tx.commit().await?;
        let mut tx = self.jobs_store.installation().await?;
        storage::leases::give_back(&mut tx, &name, holder).await?;
        tx.commit().await?;
        Ok(deleted)
    }

    async fn hold_lease(&self, name: &str, holder: Uuid) -> Result<()> {
        if self.take_lease(name, holder, LEASE).await? { Ok(()) } else { Err(AppError::Storage(StorageError::InUse)) }
    }

    pub(crate) async fn take_lease(&self, name: &str, holder: Uuid, lasts: SignedDuration) -> Result<bool> {
        let now = self.now();
        let held_until = now.checked_add(lasts).unwrap_or(now);
        let mut tx = self.jobs_store.installation().await?;
        let taken = storage::leases::take(&mut tx, name, holder, now, held_until).await?;
        tx.commit().await?;
        Ok(taken)
    }
}
