//! Checking the audit chain, and chaining what is new.

use crate::context::{App, Worker};
use crate::error::Result;
use domain::authorities::Action;
use storage::Freshness;
use storage::audit::Verification;

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
