//! Keys: which there are, and their own backup.

use crate::context::{App, Audited, Worker};
use crate::error::Result;
use domain::authorities::Action;
use std::path::Path;
use storage::ledger::Ledger;
use storage::sealing::{KeyInfo, SealingError};

impl App {
    /// Lists the keys of the keyring, never their bytes.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) unless an operator asks.
    pub fn list_keys(&self, worker: &Worker) -> Result<Vec<KeyInfo>> {
        worker.require(Action::ManageKeys)?;
        Ok(self.with_keyring(|keyring| keyring.map(|keyring| keyring.list().cloned().collect()).unwrap_or_default()))
    }

    /// Writes a copy of the keyring that a secret opens, with the ledger of erasures so far.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if there is no keyring or the folder holds one already.
    pub async fn export_keys(&self, worker: &Worker, folder: &Path, secret: &str) -> Result<usize> {
        worker.require(Action::ManageKeys)?;
        let n_keys = self.with_keyring(|keyring| -> Result<usize> {
            let keyring = keyring.ok_or(SealingError::NoKey)?;
            keyring.export(folder, secret.to_owned().into())?;
            Ledger::beside(keyring.folder()).copy_beside(folder)?;
            Ok(keyring.list().count())
        })?;
        self.record_alone(worker, Audited { operation: "keys.export", subjects: String::new(), n_subjects: n_keys })
            .await?;
        Ok(n_keys)
    }
}
