//! Backups, and what a restore must do before anybody sees it.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::{Action, AuthorityState, ShortCode};
use jiff::Timestamp;
use std::path::Path;
use storage::StorageError;
use storage::authorities::{Authority, set_state};
use storage::backup::Manifest;
use storage::condition::Done;
use storage::ledger::Ledger;
use storage::pulse::Remembered;

/// What becomes of the authorities of a database that was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Afterwards {
    /// They are as they were: whoever restores a whole installation by its own backup knows that it is the only one.
    AsBefore,
    /// They may be read and not written, until each is [activated](App::activate).
    Frozen,
}

impl App {
    /// Writes a backup into an empty folder, while others work.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) unless an operator asks.
    pub async fn back_up(&self, worker: &Worker, folder: &Path) -> Result<Manifest> {
        worker.require(Action::BackUp)?;
        self.record_alone(worker, Audited { operation: "backup.write", ..Audited::default() }).await?;
        let manifest = storage::backup::back_up(&self.store, folder, self.now()).await?;
        self.note_done(Done::Backup).await?;
        Ok(manifest)
    }

    /// Brings a restored database into a state that may be shown. Deletes again what the ledger says was deleted, and what has
    /// since reached the end of its period. Ends sessions, codes, links, keys of programs and of runs. Keeps back mails that waited
    /// when the backup was made: they may have gone since. Only then it counts as the database of now, so whoever is
    /// interrupted does it again. Nobody else may use the database meanwhile. Returns how many erasures were replayed.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if database or ledger can't be read or written.
    pub async fn finish_restore(
        &self,
        ledger: &Ledger,
        remembered: &Remembered,
        afterwards: Afterwards,
    ) -> Result<usize> {
        let erasures = ledger.list().await?;
        let mut authorities = self.authorities().await?;
        authorities.retain(|authority| authority.state != AuthorityState::Moved);
        let mut tx = self.store.installation().await?;
        for authority in authorities.iter().filter(|authority| authority.state == AuthorityState::Frozen) {
            set_state(&mut tx, authority.authority_id, AuthorityState::Active).await?;
        }
        storage::leases::end_all(&mut tx).await?;
        tx.commit().await?;
        let mut n_replayed = 0;
        for authority in &authorities {
            let mut tx = self.jobs_store.write(authority.authority_id).await?;
            n_replayed += storage::retention::replay(&mut tx, &erasures).await?;
            storage::messages::hold_all(&mut tx, self.now()).await?;
            storage::activation_codes::end_all(&mut tx, self.now()).await?;
            storage::stays::end_codes(&mut tx).await?;
            storage::venues::end_expired(&mut tx, Timestamp::MAX).await?;
            storage::patients::end_all(&mut tx).await?;
            tx.commit().await?;
            self.delete_expired(authority.authority_id, ledger).await?;
        }
        self.end_access().await?;
        let mut tx = self.store.installation().await?;
        let is_to_freeze =
            |authority: &&Authority| afterwards == Afterwards::Frozen || authority.state == AuthorityState::Frozen;
        for authority in authorities.iter().filter(is_to_freeze) {
            set_state(&mut tx, authority.authority_id, AuthorityState::Frozen).await?;
        }
        storage::pulse::set_ledger(&mut tx, ledger.bytes().await?).await?;
        tx.commit().await?;
        self.jobs_store.checkpoint().await?;
        self.catch_up(remembered).await?;
        Ok(n_replayed)
    }

    /// Whoever was signed in or invited when the backup was made must prove anew who they are; a key that was deleted
    /// since must not come back.
    async fn end_access(&self) -> Result<()> {
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
        Ok(())
    }

    /// Lets authorities be written again that a restore left frozen, as the user of this machine. Those that are at work stay so.
    /// Returns those that were not.
    ///
    /// # Errors
    ///
    /// [`AppError::NoAuthority`] for a code that isn't here, [`StorageError::NotActive`] for one that has moved away; then
    /// nothing changes.
    pub async fn activate(&self, user: &str, codes: &[ShortCode]) -> Result<Vec<Authority>> {
        let all = self.authorities().await?;
        let find = |code: &ShortCode| {
            let found = all.iter().find(|authority| authority.short_code == *code);
            found.cloned().ok_or_else(|| AppError::NoAuthority(code.to_string()))
        };
        let mut wanted = codes.iter().map(find).collect::<Result<Vec<_>>>()?;
        if let Some(moved) = wanted.iter().find(|authority| authority.state == AuthorityState::Moved) {
            return Err(StorageError::NotActive(moved.state.as_str().to_owned()).into());
        }
        wanted.retain(|authority| authority.state == AuthorityState::Frozen);
        let mut tx = self.store.installation().await?;
        for authority in &wanted {
            set_state(&mut tx, authority.authority_id, AuthorityState::Active).await?;
        }
        tx.commit().await?;
        // Afterwards, since a frozen authority takes no record either.
        for authority in &wanted {
            let worker = self.sign_in_locally(user, Some(&authority.short_code)).await?;
            worker.require(Action::ManageAuthorities)?;
            let subjects = authority.authority_id.0.to_string();
            self.record_alone(&worker, Audited { operation: "authorities.activate", subjects, n_subjects: 1 }).await?;
            self.chain_audit(&worker).await?;
        }
        Ok(wanted)
    }
}
