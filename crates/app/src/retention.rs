//! The job that deletes what has reached the end of its period.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::AuthorityId;
use jiff::SignedDuration;
use storage::StorageError;
use storage::ledger::Ledger;
use storage::retention::{Deleted, Position, run_batch, run_rest};
use uuid::Uuid;

/// A holder that has stopped loses its lease after this long.
const LEASE: SignedDuration = SignedDuration::from_mins(10);

impl App {
    /// Deletes what is over in the worker's authority. Of several servers, one does it.
    ///
    /// # Errors
    ///
    /// [`StorageError::InUse`] while another holds the lease.
    pub async fn run_retention(&self, worker: &Worker, ledger: &Ledger) -> Result<Deleted> {
        worker.require(Action::RunRetention)?;
        let deleted = self.delete_expired(worker.authority.authority_id, ledger).await?;
        let n_subjects = usize::try_from(deleted.n_persons).unwrap_or(usize::MAX);
        self.record_alone(worker, Audited { operation: "retention.run", subjects: String::new(), n_subjects }).await?;
        self.jobs_store.checkpoint().await?;
        Ok(deleted)
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
        let now = self.now();
        let held_until = now.checked_add(LEASE).unwrap_or(now);
        let mut tx = self.jobs_store.installation().await?;
        let taken = storage::leases::take(&mut tx, name, holder, now, held_until).await?;
        tx.commit().await?;
        if taken { Ok(()) } else { Err(AppError::Storage(StorageError::InUse)) }
    }
}
