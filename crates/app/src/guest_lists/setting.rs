//! What an authority decides about its guest lists: who opens them, and how long guests' data is kept.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::guest_lists::ListSetting;
use storage::Freshness;

impl App {
    /// Returns what is set, with the version of that; version 0 where nobody ever set it.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn guest_list_setting(&self, worker: &Worker) -> Result<(i32, ListSetting)> {
        worker.require(Action::SeeVenues)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::guest_lists::setting(&mut tx).await?)
    }

    /// Sets it from now on; days that would be kept longer end earlier. `version` is the one that was seen.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if somebody changed it since.
    pub async fn set_guest_lists(
        &self,
        worker: &Worker,
        version: i32,
        setting: ListSetting,
    ) -> Result<(i32, ListSetting)> {
        worker.require(Action::ManageRules)?;
        let changed = || AppError::Conflict("somebody changed this setting meanwhile; load it anew".to_owned());
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        if storage::guest_lists::setting(&mut tx).await?.0 != version {
            return Err(changed());
        }
        let by = (worker.account_id, self.now());
        if !storage::guest_lists::insert_setting(&mut tx, version + 1, setting, by).await? {
            return Err(changed());
        }
        self.shorten_days(&mut tx, worker, setting.kept_days).await?;
        let audited = Audited { operation: "guest_lists.set", subjects: String::new(), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        if let Some(door) = self.door() {
            door.forget_authority(worker.authority.authority_id);
        }
        Ok((version + 1, setting))
    }
}
