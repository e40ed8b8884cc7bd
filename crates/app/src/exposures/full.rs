//! The same search as a page shows it: around a case or a person, with names and with the cases of those who were reached.

use super::{ExposureQuery, Exposures, audited, derive};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use contact_graph::search::Direction;
use domain::authorities::Action;
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use std::collections::HashMap;
use storage::cases::CaseInBrief;
use storage::persons::Name;
use storage::{Freshness, Tx};

/// Around whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    /// Whose case this is, by the rules of its disease.
    Case(CaseId),
    /// This person.
    Person(PersonId),
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct FullQuery {
    /// Around whom.
    pub around: Around,
    /// Whom they exposed, or who exposed them.
    pub direction: Direction,
    /// How many generations, 1 to 10.
    pub generations: u32,
    /// By which disease's rules; else the case's, or the one that is meant.
    pub disease: Option<Disease>,
}

/// The answer, with what a page shows beside it.
#[derive(Clone, Debug)]
pub struct FullExposures {
    /// Who was reached, how, and in which windows; at most 10,000 persons.
    pub exposures: Exposures,
    /// How many were reached in all.
    pub n_total: usize,
    /// What imported files call the person around whom was searched.
    pub reference: Option<String>,
    /// References of those who were reached; who has none isn't in it.
    pub references: HashMap<PersonId, String>,
    /// Their names; empty where names are locked.
    pub names: HashMap<PersonId, Name>,
    /// Their newest case of the disease.
    pub cases: HashMap<PersonId, CaseInBrief>,
    /// Whether names are missing because the key is not here.
    pub names_locked: bool,
}

/// Persons of an answer, at most.
const MOST_SHOWN: usize = 10_000;

/// Generations of a search, at most.
const MOST_GENERATIONS: u32 = 10;

impl App {
    /// Finds who was exposed to somebody, or may have infected them, with names and cases.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case or person here, [`AppError::Invalid`] for 0 or more than 10
    /// generations.
    pub async fn exposures_in_full(&self, worker: &Worker, query: &FullQuery) -> Result<FullExposures> {
        worker.require(Action::SeeExposures)?;
        if !(1..=MOST_GENERATIONS).contains(&query.generations) {
            let reason = format!("must be 1 to {MOST_GENERATIONS}");
            return Err(AppError::Invalid { field: "generations", reason });
        }
        let sealer = self.sealer_if_any(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let (root, disease) = root(&mut tx, query).await?;
        let asked = ExposureQuery {
            person: root.to_string(),
            direction: query.direction,
            window: None,
            generations: query.generations,
            disease,
        };
        let mut exposures = derive(&mut tx, worker, root, &asked).await?;
        let n_total = exposures.persons.len();
        exposures.persons.truncate(MOST_SHOWN);
        let ids: Vec<PersonId> = exposures.persons.iter().map(|exposed| exposed.person).chain([root]).collect();
        let mut names = HashMap::new();
        if let Some(sealer) = &sealer {
            for name in storage::persons::names_of(&mut tx, &ids).await? {
                names.insert(name.person_id, name.open(sealer)?);
            }
        }
        let references = storage::persons::references_of(&mut tx, &ids).await?;
        let cases = storage::cases::briefly_of_persons(&mut tx, &ids).await?;
        drop(tx);
        self.record_alone(worker, audited(query.direction, &exposures)).await?;
        let of_disease = cases.into_iter().filter(|case| case.disease == exposures.disease);
        Ok(FullExposures {
            reference: references.get(&root).cloned(),
            cases: of_disease.map(|case| (case.person_id, case)).collect(),
            names_locked: sealer.is_none(),
            exposures,
            n_total,
            references,
            names,
        })
    }
}

async fn root(tx: &mut Tx, query: &FullQuery) -> Result<(PersonId, Option<Disease>)> {
    match query.around {
        Around::Case(case_id) => {
            let case_id = storage::merges::case_now(tx, case_id).await?;
            let case = storage::cases::by_id(tx, None, case_id).await?.ok_or(AppError::NotFound("case"))?;
            Ok((case.person_id, query.disease.or(Some(case.disease))))
        }
        Around::Person(person) => {
            let person = storage::merges::person_now(tx, person).await?;
            let is_there = storage::persons::exists(tx, person).await?;
            is_there.then_some((person, query.disease)).ok_or(AppError::NotFound("person"))
        }
    }
}
