//! Erasing a person for good, with a certificate (General Data Protection Regulation, Article 17).

use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::erasure::ErasureReason;
use domain::ids::PersonId;
use jiff::Timestamp;
use storage::ledger::{Erasure, Ledger};

/// What was erased. It names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureCertificate {
    /// The id that the person had.
    pub person_id: PersonId,
    /// Who erased it.
    pub authority: String,
    /// The account that did.
    pub account: String,
    /// Why.
    pub reason: ErasureReason,
    /// When.
    pub erased_at: Timestamp,
    /// How many rows of which table, without those that had none.
    pub rows: Vec<(&'static str, u64)>,
}

impl App {
    /// Erases a person with all cases and every fact that names them. It can't be undone.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such person here; [`AppError::Storage`] if the ledger can't be written, and
    /// then nothing is erased.
    #[tracing::instrument(target = "epitrace::traces", name = "app::erase_person", skip_all)]
    pub async fn erase_person(
        &self,
        worker: &Worker,
        ledger: &Ledger,
        person_id: PersonId,
        reason: ErasureReason,
    ) -> Result<ErasureCertificate> {
        worker.require(Action::ErasePersons)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        storage::merges::one_at_a_time(&mut tx).await?;
        let person_id = storage::merges::person_now(&mut tx, person_id).await?;
        if !storage::persons::exists(&mut tx, person_id).await? {
            return Err(AppError::NotFound("person"));
        }
        // A backup from before a merge has rows under the ids that went, too.
        let ids = storage::merges::with_gone(&mut tx, person_id).await?;
        let account = storage::history::names_of_accounts(&mut tx, &[worker.account_id]).await?;
        let account = account.into_values().next().unwrap_or_default();
        let now = self.now();
        let line = |id| Erasure {
            erased_at: now,
            authority_id: worker.authority.authority_id,
            table: "person".to_owned(),
            id,
        };
        let lines: Vec<Erasure> = ids.into_iter().map(line).collect();
        // Should the transaction fail after this line, a restore erases somebody who was to be erased.
        let noted = ledger.append(&lines).await?;
        let rows = storage::retention::erase_person(&mut tx, person_id).await?;
        let operation = match reason {
            ErasureReason::Request => "persons.erase.request",
            ErasureReason::Unlawful => "persons.erase.unlawful",
            ErasureReason::Obligation => "persons.erase.obligation",
        };
        self.record(&mut tx, worker, shown(operation, [person_id])).await?;
        if let Some(bytes) = noted {
            storage::pulse::note_ledger(&mut tx, bytes).await?;
        }
        tx.commit().await?;
        self.store.checkpoint().await?;
        let authority = worker.authority.name.clone();
        Ok(ErasureCertificate { person_id, authority, account, reason, erased_at: now, rows })
    }
}
