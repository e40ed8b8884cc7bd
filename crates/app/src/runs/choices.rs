//! How somebody of the staff looks at runs, and with what they start them: kept for their next visit.

use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use storage::runs::Choice;

/// The longest choice, in bytes of JSON.
const LONGEST: usize = 4_096;

/// What somebody chose, as JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// How they look at the map.
    pub map: Option<String>,
    /// Parameters with which they start runs.
    pub parameters: Option<String>,
}

impl App {
    /// Returns what somebody chose.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`].
    pub async fn run_choices(&self, worker: &Worker) -> Result<Choices> {
        worker.require(Action::MakeRuns)?;
        let mut tx = self.run_store()?.read().await?;
        let map = storage::runs::chosen(&mut tx, worker.account_id, Choice::Map).await?;
        let parameters = storage::runs::chosen(&mut tx, worker.account_id, Choice::Parameters).await?;
        Ok(Choices { map, parameters })
    }

    /// Keeps what somebody chose.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`]; [`AppError::Invalid`] beyond 4,096 bytes.
    pub async fn choose_for_runs(&self, worker: &Worker, choice: Choice, chosen: &str) -> Result<()> {
        worker.require(Action::MakeRuns)?;
        if chosen.len() > LONGEST {
            return Err(AppError::Invalid { field: "chosen", reason: format!("at most {LONGEST} bytes of JSON") });
        }
        let mut tx = self.run_store()?.write().await?;
        storage::runs::choose(&mut tx, worker.account_id, choice, chosen).await?;
        tx.commit().await?;
        Ok(())
    }
}
