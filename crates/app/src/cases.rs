//! Cases: lists by filter and order, searches by name, one case with all that is known of it, its history.
//!
//! Whatever shows persons is written to the audit log, with their ids, before the answer leaves; counts are not.

mod list;
mod search;
mod sheet;

pub use list::{CaseConditions, CasePage, CasePosition, CaseQuery, Counted, ListSort, NamePosition, Start};
pub use search::{CaseMatch, FoundCase, FoundCases, SearchPosition, SearchQuery};
pub use sheet::{CaseSheet, HistoryLine, HistoryPage};

use crate::context::{App, Audited, Worker};
use crate::days::infectious_days;
use crate::error::Result;
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use domain::time::DayRange;
use std::collections::{BTreeSet, HashMap};
use storage::Tx;
use storage::cases::{CaseValues, ListedCase};
use storage::sealing::Sealer;

/// A case as lists show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseLine {
    /// What is stored.
    pub case: ListedCase,
    /// What imported files call the person; the first reference.
    pub reference: Option<String>,
    /// Days on which it infects others, by the rule of its day zero.
    pub infectious: Option<DayRange>,
}

/// What filters can ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFilters {
    /// The disease whose values these are.
    pub disease: Disease,
    /// Diseases that have cases, with how many.
    pub diseases: Vec<(Disease, Counted)>,
    /// Places, settings, outcomes, sexes that occur.
    pub values: CaseValues,
}

/// Counts in the list of diseases go no further.
const MOST_OF_A_DISEASE: u64 = 10_000;

impl App {
    /// Returns what filters can ask for.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn case_filters(&self, worker: &Worker, disease: Option<Disease>) -> Result<CaseFilters> {
        let (mut tx, disease) = self.begin_to_list(worker, disease).await?;
        let mut diseases = Vec::new();
        for known in storage::cases::diseases(&mut tx, None).await? {
            let all = CaseConditions::default().of(known);
            let n_cases = storage::cases::count(&mut tx, &all, MOST_OF_A_DISEASE).await?;
            diseases.push((known, Counted::up_to(n_cases, MOST_OF_A_DISEASE)));
        }
        let values = storage::cases::values(&mut tx, disease).await?;
        Ok(CaseFilters { disease, diseases, values })
    }
}

/// Reads cases as lists show them, in the order asked for.
async fn lines(tx: &mut Tx, sealer: Option<&Sealer>, disease: Disease, cases: &[CaseId]) -> Result<Vec<CaseLine>> {
    let listed = storage::cases::listed(tx, sealer, cases).await?;
    let persons: BTreeSet<PersonId> = listed.iter().map(|case| case.person_id).collect();
    let references: HashMap<PersonId, String> =
        storage::persons::references_of(tx, &persons.into_iter().collect::<Vec<_>>()).await?;
    let own_rules = storage::rule_sets::list(tx, disease).await?;
    let line = |case: ListedCase| CaseLine {
        reference: references.get(&case.person_id).cloned(),
        infectious: infectious_days(&own_rules, disease, &case.dates),
        case,
    };
    Ok(listed.into_iter().map(line).collect())
}

/// Says whom an answer shows, for the audit log.
pub(crate) fn shown(operation: &'static str, persons: impl IntoIterator<Item = PersonId>) -> Audited {
    let persons: BTreeSet<PersonId> = persons.into_iter().collect();
    let subjects: Vec<String> = persons.iter().map(|id| id.0.simple().to_string()).collect();
    Audited { operation, n_subjects: subjects.len(), subjects: subjects.join(" ") }
}
