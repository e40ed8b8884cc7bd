//! Who came lately and looks like somebody who was there: after a file was brought in, and whenever somebody looks.
//!
//! Persons are read in the order in which they were made, which their ids tell, so a page costs its length. Of whom
//! somebody said that they are not the same is not proposed again.

use super::{Asked, Duplicate, propose, rules_of, traits_of};
use crate::cases::shown;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::PersonId;
use jiff::Timestamp;
use storage::persons::Person;
use storage::{Freshness, Tx};

/// Newcomers that are looked at for one page.
const PAGE: i64 = 500;

/// A newcomer, and who they may be.
#[derive(Clone, Debug, PartialEq)]
pub struct Newcomer {
    /// Who came.
    pub person: Person,
    /// What imported files call them; the first reference.
    pub reference: Option<String>,
    /// Who they may be, the most alike first.
    pub duplicates: Vec<Duplicate>,
}

/// Newcomers who look like somebody.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Newcomers {
    /// Those of this page.
    pub items: Vec<Newcomer>,
    /// How many newcomers were looked at for it.
    pub n_compared: usize,
    /// The last one, if there are more.
    pub next: Option<PersonId>,
}

impl App {
    /// Lists who was stored from an instant until another and looks like somebody else, after one of them.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a key, [`AppError::Invalid`] if it ends before it
    /// begins.
    pub async fn possible_duplicates(
        &self,
        worker: &Worker,
        (from, until): (Timestamp, Timestamp),
        after: Option<PersonId>,
    ) -> Result<Newcomers> {
        worker.require(Action::SeeCases)?;
        if until < from {
            return Err(AppError::Invalid { field: "until", reason: "it lies before the beginning".to_owned() });
        }
        let (sealer, rules) = (self.sealer(worker)?, rules_of(&worker.authority));
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        // Ids of one instant differ by what is behind it.
        let ends = (PersonId::mint(from, [0; 10]), PersonId::mint(until, [255; 10]));
        let after = after.map_or(ends.0, |after| after.max(ends.0));
        let ids = storage::persons::made_between(&mut tx, after, ends.1, PAGE).await?;
        let mut persons = storage::persons::by_id(&mut tx, &sealer, &ids).await?;
        let newcomers: Vec<Person> = ids.iter().filter_map(|id| persons.remove(id)).collect();
        let asked =
            newcomers.iter().map(|person| Asked { traits: traits_of(person, rules), itself: Some(person.person_id) });
        let found = propose(&mut tx, &sealer, rules, asked.collect()).await?;
        let references = storage::persons::references_of(&mut tx, &ids).await?;
        let mut items = Vec::new();
        for (person, mut found) in newcomers.into_iter().zip(found) {
            leave_out_distinct(&mut tx, person.person_id, &mut found.found).await?;
            // Of two newcomers who look alike, the later one is proposed.
            found.found.retain(|one| one.person.person_id < person.person_id);
            if !found.found.is_empty() {
                let reference = references.get(&person.person_id).cloned();
                items.push(Newcomer { person, reference, duplicates: found.found });
            }
        }
        drop(tx);
        let persons = items.iter().flat_map(|item: &Newcomer| {
            item.duplicates.iter().map(|one| one.person.person_id).chain([item.person.person_id])
        });
        self.record_alone(worker, shown("persons.possible_duplicates", persons)).await?;
        let next = ids.last().copied().filter(|_| ids.len() as i64 == PAGE);
        Ok(Newcomers { items, n_compared: ids.len(), next })
    }

    /// Remembers that two persons are not the same, or forgets it.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if one of them isn't here, [`AppError::Invalid`] if both are one.
    pub async fn set_distinct(&self, worker: &Worker, (one, other): (PersonId, PersonId), are: Distinct) -> Result<()> {
        worker.require(Action::WorkOnCases)?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        let no_person = || AppError::NotFound("person");
        let one = storage::merges::hold(&mut tx, one).await?.ok_or_else(no_person)?;
        let other = storage::merges::hold(&mut tx, other).await?.ok_or_else(no_person)?;
        if one == other {
            return Err(AppError::Invalid { field: "other_id", reason: "this is the same person".to_owned() });
        }
        match are {
            Distinct::Yes => {
                storage::merges::mark_distinct(&mut tx, (one, other), worker.account_id, self.now()).await?;
            }
            Distinct::Unknown => _ = storage::merges::unmark_distinct(&mut tx, (one, other)).await?,
        }
        let operation = match are {
            Distinct::Yes => "persons.distinct",
            Distinct::Unknown => "persons.not_distinct",
        };
        let subjects = format!("{} {}", one.0.simple(), other.0.simple());
        self.record(&mut tx, worker, Audited { operation, subjects, n_subjects: 2 }).await?;
        Ok(tx.commit().await?)
    }
}

/// Whether two who look alike are known not to be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// Somebody said that they aren't.
    Yes,
    /// Nobody knows.
    Unknown,
}

pub(super) async fn leave_out_distinct(tx: &mut Tx, person: PersonId, found: &mut Vec<Duplicate>) -> Result<()> {
    if !found.is_empty() {
        let others = storage::merges::distinct_from(tx, person).await?;
        found.retain(|one| !others.contains(&one.person.person_id));
    }
    Ok(())
}
