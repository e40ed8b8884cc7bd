//! Who opens guest lists in an authority: the venues, as the law has it by default, or the authority alone.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::guest_lists::Opens;
use storage::Freshness;

impl App {
    /// Returns who opens guest lists, with the version of that; version 0 where nobody ever set it.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn guest_list_setting(&self, worker: &Worker) -> Result<(i32, Opens)> {
        worker.require(Action::SeeVenues)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::guest_lists::setting(&mut tx).await?)
    }

    /// Sets who opens guest lists from now on. `version` is the one that was seen.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if somebody changed it since.
    pub async fn set_who_opens_lists(&self, worker: &Worker, version: i32, opens: Opens) -> Result<(i32, Opens)> {
        worker.require(Action::ManageRules)?;
        let changed = || AppError::Conflict("somebody changed this setting meanwhile; load it anew".to_owned());
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if storage::guest_lists::setting(&mut tx).await?.0 != version {
            return Err(changed());
        }
        let by = (worker.account_id, self.now());
        if !storage::guest_lists::insert_setting(&mut tx, version + 1, opens, by).await? {
            return Err(changed());
        }
        let audited = Audited { operation: "guest_lists.set_who_opens", subjects: String::new(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        Ok((version + 1, opens))
    }
}
