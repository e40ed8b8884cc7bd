//! Everything about one person as a file (General Data Protection Regulation, Article 15).

use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::PersonId;
use jiff::Timestamp;
use storage::Freshness;
use storage::person_file::FileTable;

/// Everything that is stored about a person.
#[derive(Clone, Debug)]
pub struct PersonFile {
    /// Who.
    pub person_id: PersonId,
    /// Who stores it.
    pub authority: String,
    /// As of when.
    pub made_at: Timestamp,
    /// What is stored, by table.
    pub tables: Vec<FileTable>,
}

impl App {
    /// Reads everything that is stored about a person.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such person here;
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without the authority's key.
    pub async fn person_file(&self, worker: &Worker, person_id: PersonId) -> Result<PersonFile> {
        worker.require(Action::SeePersonFiles)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let person_id = storage::merges::person_now(&mut tx, person_id).await?;
        if !storage::persons::exists(&mut tx, person_id).await? {
            return Err(AppError::NotFound("person"));
        }
        let tables = storage::person_file::read(&mut tx, &sealer, person_id).await?;
        drop(tx);
        self.record_alone(worker, shown("persons.file", [person_id])).await?;
        Ok(PersonFile { person_id, authority: worker.authority.name.clone(), made_at: self.now(), tables })
    }
}
