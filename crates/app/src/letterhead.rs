//! The letterhead of an authority: what stands at the head of its letters, and below them.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::letters::Letterhead;
use storage::Freshness;

impl App {
    /// Returns the letterhead with its version; version 0 and empty where the authority has none yet.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn letterhead(&self, worker: &Worker) -> Result<(i32, Letterhead)> {
        worker.require(Action::ManageTexts)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::letters::letterhead(&mut tx).await?.unwrap_or_default())
    }

    /// Puts a letterhead in force. `version` is the one that it was made from. Letters that were made keep theirs.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] names what lacks, [`AppError::Conflict`] if somebody changed it since.
    pub async fn change_letterhead(
        &self,
        worker: &Worker,
        version: i32,
        head: Letterhead,
    ) -> Result<(i32, Letterhead)> {
        worker.require(Action::ManageTexts)?;
        let faults = head.faults();
        if !faults.is_empty() {
            return Err(AppError::InvalidFields(faults));
        }
        let changed = || AppError::Conflict("somebody changed the letterhead meanwhile; load it anew".to_owned());
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let known = storage::letters::letterhead(&mut tx).await?.map_or(0, |(version, _)| version);
        if known != version {
            return Err(changed());
        }
        let by = (worker.account_id, self.now());
        if !storage::letters::insert_letterhead(&mut tx, version + 1, &head, by).await? {
            return Err(changed());
        }
        let audited = Audited { operation: "letterhead.change", subjects: String::new(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok((version + 1, head))
    }
}
