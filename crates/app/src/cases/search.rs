//! Cases and persons by what somebody types: a name, the beginning of one, or a reference.

use super::list::by_person;
use super::{CaseConditions, CaseLine, Counted, lines, shown};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use crate::names::{Matched, work};
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use domain::references::Reference;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use storage::Tx;

/// Persons that a search by text alone looks at, at most: nobody reads on after a thousand, and each costs a lookup.
const MOST_FOUND: usize = 1_000;

/// Persons that a search with filters looks at, at most: those who match may be few among them.
const MOST_FOUND_WITH_FILTERS: usize = 10_000;

/// References that a search finds, at most.
const MOST_REFERENCES: i64 = 1_000;

/// What is asked.
#[derive(Clone, Debug)]
pub struct SearchQuery {
    /// What was typed, two characters at least.
    pub text: String,
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<Disease>,
    /// Which of its cases.
    pub conditions: CaseConditions,
    /// Where the page before ended.
    pub after: Option<SearchPosition>,
    /// Cases of a page, at most.
    pub limit: u32,
}

/// Where a page of a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchPosition {
    /// Cases shown so far.
    pub n_shown: u32,
}

/// What of a case matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseMatch {
    /// The name.
    Name(Matched),
    /// The reference.
    Reference,
}

/// A case that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCase {
    /// The case.
    pub line: CaseLine,
    /// What matched.
    pub matched: CaseMatch,
}

/// A page of what was found, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundCases {
    /// Its cases.
    pub items: Vec<FoundCase>,
    /// Where the next one begins; `None` at the end.
    pub next: Option<SearchPosition>,
    /// How many cases were found in all; capped where more persons match than are looked at.
    pub counted: Counted,
}

impl App {
    /// Finds cases by name or reference, the best matches first.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a key, [`AppError::Invalid`] for fewer than two or more than a hundred
    /// characters.
    #[tracing::instrument(target = "epitrace::traces", name = "app::search_cases", skip_all)]
    pub async fn search_cases(&self, worker: &Worker, query: &SearchQuery) -> Result<FoundCases> {
        worker.require(domain::authorities::Action::SeeCases)?;
        let is_filtered = query.conditions != CaseConditions::default();
        let most = if is_filtered { MOST_FOUND_WITH_FILTERS } else { MOST_FOUND };
        let (persons, capped) = self.find_persons(worker, &query.text, most).await?;
        let (mut tx, disease) = self.begin_to_list(worker, query.disease).await?;
        let sealer = self.sealer(worker)?;
        let filter = query.conditions.of(disease);
        let n_before = query.after.map_or(0, |after| after.n_shown);
        let ids: Vec<PersonId> = persons.iter().map(|(person, _)| *person).collect();
        let cases = storage::cases::matching_of(&mut tx, &filter, &ids).await?;
        let count = cases.len() as u64;
        let of_person = by_person(cases);
        let cases_of = |(person, matched): &(PersonId, CaseMatch)| {
            let matched = *matched;
            of_person.get(person).into_iter().flatten().map(move |case| (*case, matched)).collect::<Vec<_>>()
        };
        let page: Vec<(CaseId, CaseMatch)> =
            persons.iter().flat_map(cases_of).skip(n_before as usize).take(query.limit as usize).collect();
        let n_shown = n_before.saturating_add(u32::try_from(page.len()).unwrap_or(u32::MAX));
        let next = (u64::from(n_shown) < count && !page.is_empty()).then_some(SearchPosition { n_shown });
        let ids: Vec<CaseId> = page.iter().map(|(case, _)| *case).collect();
        let lines = lines(&mut tx, Some(&sealer), disease, &ids).await?;
        drop(tx);
        let matches: std::collections::HashMap<CaseId, CaseMatch> = page.into_iter().collect();
        let item = |line: CaseLine| FoundCase { matched: matches[&line.case.case_id], line };
        let items: Vec<FoundCase> = lines.into_iter().map(item).collect();
        self.record_alone(worker, shown("cases.search", items.iter().map(|item| item.line.case.person_id))).await?;
        Ok(FoundCases { items, next, counted: Counted { count, capped } })
    }

    /// Finds persons by name or reference, the best first, at most so many by name; says whether there are more.
    pub(crate) async fn find_persons(
        &self,
        worker: &Worker,
        text: &str,
        most: usize,
    ) -> Result<(Vec<(PersonId, CaseMatch)>, bool)> {
        let text = text.trim().to_owned();
        if !(2..=100).contains(&text.chars().count()) {
            return Err(AppError::Invalid { field: "text", reason: "type 2 to 100 characters".to_owned() });
        }
        let index = self.names_of(worker).await?;
        let mut tx = self.look(worker).await?;
        let references = references(&mut tx, &text).await?;
        drop(tx);
        let searched = Arc::clone(&index);
        let wanted = text.clone();
        let found = work(move || Ok(searched.search(&wanted, most))).await?;
        let named = found.hits.iter().map(|hit| (index.person(hit.rank), CaseMatch::Name(hit.matched)));
        // A digit or a stroke stands in no name: then whoever types means a reference.
        let means_reference = text.contains(|sign: char| sign.is_ascii_digit() || "_/".contains(sign));
        let (exact, begun): (Vec<_>, Vec<_>) =
            references.into_iter().partition(|(reference, _)| means_reference || reference.eq_ignore_ascii_case(&text));
        let by_reference = |(_, person): (String, PersonId)| (person, CaseMatch::Reference);
        let mut known = HashSet::new();
        let all = exact.into_iter().map(by_reference).chain(named).chain(begun.into_iter().map(by_reference));
        Ok((all.filter(|(person, _)| known.insert(*person)).collect(), found.capped))
    }
}

/// References that begin with a text, as it was typed, in capitals or in small letters.
async fn references(tx: &mut Tx, text: &str) -> Result<Vec<(String, PersonId)>> {
    if Reference::new(text).is_err() {
        return Ok(Vec::new());
    }
    let typed = BTreeSet::from([text.to_owned(), text.to_ascii_uppercase(), text.to_ascii_lowercase()]);
    let mut found = Vec::new();
    for prefix in typed {
        found.extend(storage::persons::by_prefix(tx, &prefix, MOST_REFERENCES).await?);
    }
    Ok(found)
}
