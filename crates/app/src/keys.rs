//! Keys: which there are, and their own backup.

use crate::context::{App, Audited, Worker};
use crate::error::Result;
use domain::authorities::Action;
use std::path::Path;
use storage::ledger::Ledger;
use storage::pulse::Remembered;
use storage::sealing::KeyInfo;

impl App {
    /// Returns where erasures are written down: beside the keys, or, where there are none, in the folder of a keyring.
    #[must_use]
    pub fn ledger(&self, folder: &Path) -> Ledger {
        self.keys_if_any().map_or_else(|| Ledger::beside(folder), |keys| keys.ledger())
    }

    /// Returns what is remembered of the database, in the same place.
    #[must_use]
    pub fn remembered(&self, folder: &Path) -> Remembered {
        self.keys_if_any().map_or_else(|| Remembered::beside(folder), |keys| keys.remembered())
    }

    /// Lists the keys of the keyring, never their bytes.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) unless an operator asks.
    pub fn list_keys(&self, worker: &Worker) -> Result<Vec<KeyInfo>> {
        worker.require(Action::ManageKeys)?;
        Ok(self.keys_if_any().map(|keys| keys.list()).unwrap_or_default())
    }

    /// Writes a copy of the keyring that a secret opens, with the ledger of erasures so far.
    ///
    /// # Errors
    ///
    /// [`SealingError`](storage::sealing::SealingError) if there is no keyring or the folder holds one already.
    pub async fn export_keys(&self, worker: &Worker, folder: &Path, secret: &str) -> Result<usize> {
        worker.require(Action::ManageKeys)?;
        let n_keys = self.keys()?.export(folder, secret.to_owned().into()).await?;
        self.record_alone(worker, Audited { operation: "keys.export", subjects: String::new(), n_subjects: n_keys })
            .await?;
        Ok(n_keys)
    }
}
