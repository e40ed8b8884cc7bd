//! Persons, with or without a case: one with all that is known of them, some by what somebody types.

use crate::cases::{CaseMatch, shown};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::PersonId;
use std::collections::HashMap;
use storage::Freshness;
use storage::cases::CaseInBrief;
use storage::persons::{Name, Person};

/// A person with all that is known of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSheet {
    /// Who.
    pub person_id: PersonId,
    /// What is stored; `None` where personal fields are locked.
    pub person: Option<Person>,
    /// All that imported files call them.
    pub references: Vec<String>,
    /// Their cases, of all diseases, in the order in which they were made.
    pub cases: Vec<CaseInBrief>,
}

/// A person who was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPerson {
    /// Name and birth.
    pub name: Name,
    /// What imported files call them; the first reference.
    pub reference: Option<String>,
    /// Their newest case, if they have one.
    pub case: Option<CaseInBrief>,
    /// What matched.
    pub matched: CaseMatch,
}

/// Persons that are found at once, the best.
const MOST_FOUND: usize = 20;

impl App {
    /// Shows a person.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such person here.
    #[tracing::instrument(target = "epitrace::traces", name = "app::person", skip_all)]
    pub async fn person(&self, worker: &Worker, person_id: PersonId) -> Result<PersonSheet> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let person_id = storage::merges::person_now(&mut tx, person_id).await?;
        if !storage::persons::exists(&mut tx, person_id).await? {
            return Err(AppError::NotFound("person"));
        }
        let person = match &sealer {
            Some(sealer) => storage::persons::by_id(&mut tx, sealer, &[person_id]).await?.remove(&person_id),
            None => None,
        };
        let references = storage::persons::all_references(&mut tx, person_id).await?;
        let cases = storage::cases::briefly_of_persons(&mut tx, &[person_id]).await?;
        drop(tx);
        self.record_alone(worker, shown("persons.show", [person_id])).await?;
        Ok(PersonSheet { person_id, person, references, cases })
    }

    /// Finds persons by name or reference, the best twenty, whether they have a case or not.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a key, [`AppError::Invalid`] for fewer than two or more than a hundred
    /// characters.
    #[tracing::instrument(target = "epitrace::traces", name = "app::search_persons", skip_all)]
    pub async fn search_persons(&self, worker: &Worker, text: &str) -> Result<Vec<FoundPerson>> {
        worker.require(Action::SeeCases)?;
        let (mut found, _) = self.find_persons(worker, text, MOST_FOUND).await?;
        found.truncate(MOST_FOUND);
        let ids: Vec<PersonId> = found.iter().map(|(person, _)| *person).collect();
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut names: HashMap<PersonId, Name> = HashMap::new();
        for name in storage::persons::names_of(&mut tx, &ids).await? {
            names.insert(name.person_id, name.open(&sealer)?);
        }
        let references = storage::persons::references_of(&mut tx, &ids).await?;
        let cases = storage::cases::briefly_of_persons(&mut tx, &ids).await?;
        drop(tx);
        let newest: HashMap<PersonId, CaseInBrief> = cases.into_iter().map(|case| (case.person_id, case)).collect();
        let person = |(person, matched): (PersonId, CaseMatch)| {
            let (reference, case) = (references.get(&person).cloned(), newest.get(&person).cloned());
            Some(FoundPerson { name: names.remove(&person)?, reference, case, matched })
        };
        let persons: Vec<FoundPerson> = found.into_iter().filter_map(person).collect();
        self.record_alone(worker, shown("persons.search", persons.iter().map(|found| found.name.person_id))).await?;
        Ok(persons)
    }
}
