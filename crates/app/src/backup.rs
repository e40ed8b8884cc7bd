//! Backups, and what a restore must do before anybody sees it.

use crate::context::{App, Audited, Worker};
use crate::error::Result;
use domain::authorities::Action;
use jiff::Timestamp;
use std::path::Path;
use storage::backup::Manifest;
use storage::ledger::Ledger;

impl App {
    /// Writes a backup into an empty folder, while others work.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) unless an operator asks.
    pub async fn back_up(&self, worker: &Worker, folder: &Path) -> Result<Manifest> {
        worker.require(Action::BackUp)?;
        self.record_alone(worker, Audited { operation: "backup.write", ..Audited::default() }).await?;
        Ok(storage::backup::back_up(&self.store, folder, self.now()).await?)
    }

    /// Deletes again, in a restored database, what the ledger says was deleted, and what has since
    /// reached the end of its period. Keeps back mails that waited when the backup was made: they may have gone since.
    /// Returns how many erasures were replayed.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if database or ledger can't be read or written.
    pub async fn finish_restore(&self, ledger: &Ledger) -> Result<usize> {
        let erasures = ledger.list()?;
        let mut n_replayed = 0;
        for authority in self.authorities().await? {
            let mut tx = self.jobs_store.write(authority.authority_id).await?;
            n_replayed += storage::retention::replay(&mut tx, &erasures).await?;
            storage::messages::hold_all(&mut tx, self.now()).await?;
            storage::activation_codes::end_all(&mut tx, self.now()).await?;
            storage::patients::end_all(&mut tx).await?;
            tx.commit().await?;
            self.delete_expired(authority.authority_id, ledger).await?;
        }
        // Whoever was signed in or invited when the backup was made must prove anew who they are; a key that was deleted
        // since must not come back.
        let mut tx = self.jobs_store.installation().await?;
        storage::sessions::end_idle(&mut tx, Timestamp::MAX, Timestamp::MAX).await?;
        storage::invitations::end_expired(&mut tx, Timestamp::MAX).await?;
        storage::api_tokens::end_expired(&mut tx, Timestamp::MAX).await?;
        tx.commit().await?;
        if let Ok(runs) = self.run_store() {
            let mut tx = runs.write().await?;
            storage::runs::end_keys(&mut tx).await?;
            tx.commit().await?;
        }
        self.jobs_store.checkpoint().await?;
        Ok(n_replayed)
    }
}
