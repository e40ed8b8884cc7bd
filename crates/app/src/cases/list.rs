//! Pages of cases, in the order of a day or of names.

use super::{CaseLine, lines, shown};
use crate::context::{App, Worker, disease_meant};
use crate::error::{AppError, Result};
use crate::names::NameIndex;
use domain::authorities::Action;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::{CaseId, FacilityId, PersonId};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use storage::Tx;
use storage::cases::{AssignedTo, CaseFilter, CaseKey, CaseRef, CaseSort, Days, Order, Postcodes};

/// What cases of a disease must have to be meant; what is `None` may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaseConditions {
    /// How sure.
    pub classification: Option<CaseClassification>,
    /// At which place.
    pub place: Option<FacilityId>,
    /// Kind of place of the infection, as written.
    pub setting: Option<String>,
    /// Outcome, as written.
    pub outcome: Option<String>,
    /// Sex of the person, as written.
    pub sex: Option<String>,
    /// Fallen ill on these days.
    pub onset: Days,
    /// Reported on these days.
    pub reported: Days,
    /// Index case, or which kind of contact.
    pub case_type: Option<CaseType>,
    /// Where they stand: at one of these; anywhere without any.
    pub statuses: Vec<CaseStatus>,
    /// Who works on them.
    pub assigned: Option<AssignedTo>,
    /// In quarantine or isolation on this day.
    pub quarantined_on: Option<Date>,
    /// Quarantine or isolation ends on these days.
    pub quarantine_ends: Days,
    /// Where the person lives.
    pub postcodes: Option<Postcodes>,
    /// The specimen was taken on these days.
    pub tested: Days,
}

impl CaseConditions {
    /// Returns the filter on cases of a disease.
    #[must_use]
    pub fn of(&self, disease: Disease) -> CaseFilter {
        let one = self.clone();
        CaseFilter {
            disease,
            classification: one.classification,
            place: one.place,
            setting: one.setting,
            outcome: one.outcome,
            sex: one.sex,
            onset: one.onset,
            reported: one.reported,
            case_type: one.case_type,
            statuses: one.statuses,
            assigned: one.assigned,
            quarantined_on: one.quarantined_on,
            quarantine_ends: one.quarantine_ends,
            postcodes: one.postcodes,
            tested: one.tested,
        }
    }
}

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListSort {
    /// Day of report.
    Reported,
    /// First day with symptoms.
    Onset,
    /// When they were stored here.
    Created,
    /// Last name, then first name; who has none comes last, or first in the descending order.
    Name,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// With the list.
    First,
    /// After the page that ended here.
    After(CasePosition),
    /// After so many cases.
    At(u64),
}

/// Where a page ended. It holds no personal value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CasePosition {
    /// In the order of a day.
    Key(CaseKey),
    /// In the order of names.
    Name(NamePosition),
}

/// A place in the order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamePosition {
    /// Whose name.
    pub person_id: PersonId,
    /// Which of their cases.
    pub case_id: CaseId,
    /// Where the name stood, in case the person is gone.
    pub rank: u32,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct CaseQuery {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<Disease>,
    /// Which of its cases.
    pub conditions: CaseConditions,
    /// By what they are sorted.
    pub sort: ListSort,
    /// Which end comes first.
    pub order: Order,
    /// Where to begin.
    pub start: Start,
    /// Cases of a page, at most.
    pub limit: u32,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePage {
    /// Its cases.
    pub items: Vec<CaseLine>,
    /// Where the next one begins; `None` at the end.
    pub next: Option<CasePosition>,
    /// Whether names stay `None` because the key is not here.
    pub names_locked: bool,
}

/// A count that goes no further than a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// How many; the limit, if there are more.
    pub count: u64,
    /// Whether there are more.
    pub capped: bool,
}

impl Counted {
    pub(super) fn up_to(count: u64, most: u64) -> Self {
        Self { count: count.min(most), capped: count > most }
    }
}

/// Lists are counted no further.
const MOST_COUNTED: u64 = 1_000_000;

/// So few matching cases are sorted by name at once; with more of them, walking along the names soon fills a page.
const FEW: u64 = 4_000;

/// Persons looked at in the first step of a walk along the names, and in each of the last.
const STEPS: (u32, u32) = (300, 5_000);

impl App {
    /// Lists a page of cases.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) if the order is that of names, and the key is not here; [`AppError::Invalid`] for a
    /// position in another order.
    #[tracing::instrument(target = "epitrace::traces", name = "app::list_cases", skip_all)]
    pub async fn list_cases(&self, worker: &Worker, query: &CaseQuery) -> Result<CasePage> {
        let (mut tx, disease) = self.begin_to_list(worker, query.disease).await?;
        let sealer = self.sealer_if_any(worker)?;
        let filter = query.conditions.of(disease);
        let wrong = AppError::Invalid { field: "cursor", reason: "belongs to a list in another order".to_owned() };
        let n_wanted = u64::from(query.limit) + 1;
        let (mut cases, next): (Vec<CaseId>, Option<CasePosition>) = match day_sort(query.sort) {
            Some(sort) => {
                let after = match &query.start {
                    Start::After(CasePosition::Name(_)) => return Err(wrong),
                    Start::After(CasePosition::Key(key)) => Some(key),
                    Start::First | Start::At(_) => None,
                };
                let keys = match query.start {
                    Start::At(position) => {
                        storage::cases::page_at(&mut tx, &filter, (sort, query.order), position, n_wanted, None).await?
                    }
                    _ => storage::cases::page_after(&mut tx, &filter, (sort, query.order), after, n_wanted).await?,
                };
                let next = last_shown(&keys, query.limit).map(|key| CasePosition::Key(*key));
                (keys.into_iter().map(|key| key.case_id).collect(), next)
            }
            None => {
                let start = match &query.start {
                    Start::After(CasePosition::Key(_)) => return Err(wrong),
                    Start::After(CasePosition::Name(position)) => NameStart::After(*position),
                    Start::First => NameStart::Skip(0),
                    Start::At(position) => NameStart::Skip(*position),
                };
                drop(tx);
                let index = self.names_of(worker).await?;
                tx = self.look(worker).await?;
                let found = by_name(&mut tx, &index, &filter, query.order, start, n_wanted).await?;
                let next = last_shown(&found, query.limit).map(|position| CasePosition::Name(*position));
                (found.into_iter().map(|position| position.case_id).collect(), next)
            }
        };
        cases.truncate(query.limit as usize);
        let items = lines(&mut tx, sealer.as_ref(), disease, &cases).await?;
        drop(tx);
        self.record_alone(worker, shown("cases.list", items.iter().map(|line| line.case.person_id))).await?;
        Ok(CasePage { items, next, names_locked: sealer.is_none() })
    }

    /// Counts cases, up to a million.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn count_cases(
        &self,
        worker: &Worker,
        disease: Option<Disease>,
        conditions: &CaseConditions,
    ) -> Result<Counted> {
        let (mut tx, disease) = self.begin_to_list(worker, disease).await?;
        let count = storage::cases::count(&mut tx, &conditions.of(disease), MOST_COUNTED).await?;
        Ok(Counted::up_to(count, MOST_COUNTED))
    }

    /// Checks the right to see cases, begins to read, and says which disease is meant.
    pub(super) async fn begin_to_list(&self, worker: &Worker, asked: Option<Disease>) -> Result<(Tx, Disease)> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.look(worker).await?;
        let disease = disease_meant(&mut tx, worker, asked, None).await?;
        Ok((tx, disease))
    }
}

fn day_sort(sort: ListSort) -> Option<CaseSort> {
    match sort {
        ListSort::Reported => Some(CaseSort::Reported),
        ListSort::Onset => Some(CaseSort::Onset),
        ListSort::Created => Some(CaseSort::Created),
        ListSort::Name => None,
    }
}

/// The last one of a page, if another follows it.
fn last_shown<T>(found: &[T], limit: u32) -> Option<&T> {
    let limit = limit as usize;
    (found.len() > limit && limit > 0).then(|| &found[limit - 1])
}

#[derive(Clone, Copy)]
enum NameStart {
    Skip(u64),
    After(NamePosition),
}

/// Lists cases in the order of names: few are sorted at once, many are met by walking along the names.
async fn by_name(
    tx: &mut Tx,
    index: &NameIndex,
    filter: &CaseFilter,
    order: Order,
    start: NameStart,
    n_wanted: u64,
) -> Result<Vec<NamePosition>> {
    let n_wanted = usize::try_from(n_wanted).unwrap_or(usize::MAX);
    if !filter.is_all() {
        let few = storage::cases::matching(tx, filter, FEW + 1).await?;
        if few.len() as u64 <= FEW {
            let sorted = sorted(index, few, order);
            let begin = match start {
                NameStart::Skip(n) => usize::try_from(n).unwrap_or(usize::MAX).min(sorted.len()),
                NameStart::After(last) => {
                    sorted.partition_point(|position| !comes_after(index, position, &last, order))
                }
            };
            return Ok(sorted.into_iter().skip(begin).take(n_wanted).collect());
        }
    }
    walk(tx, index, filter, order, start, n_wanted).await
}

/// Sorts cases by name. Who isn't in the index came after it was read, and is left to the next page.
fn sorted(index: &NameIndex, cases: Vec<CaseRef>, order: Order) -> Vec<NamePosition> {
    let position = |case: CaseRef| {
        let CaseRef { case_id, person_id } = case;
        Some(NamePosition { person_id, case_id, rank: index.rank(person_id)? })
    };
    let mut positions: Vec<NamePosition> = cases.into_iter().filter_map(position).collect();
    positions.sort_unstable_by_key(|position| (position.rank, position.case_id));
    if order == Order::Desc {
        positions.reverse();
    }
    positions
}

fn comes_after(index: &NameIndex, position: &NamePosition, last: &NamePosition, order: Order) -> bool {
    let last = (rank_of(index, last), last.case_id);
    let own = (position.rank, position.case_id);
    match order {
        Order::Asc => own > last,
        Order::Desc => own < last,
    }
}

/// Where the name of a position stands now: names that came since move it.
fn rank_of(index: &NameIndex, position: &NamePosition) -> u32 {
    index.rank(position.person_id).unwrap_or(position.rank)
}

async fn walk(
    tx: &mut Tx,
    index: &NameIndex,
    filter: &CaseFilter,
    order: Order,
    start: NameStart,
    n_wanted: usize,
) -> Result<Vec<NamePosition>> {
    let n_names = u32::try_from(index.len()).unwrap_or(u32::MAX);
    // Ranks are walked as steps from the end at which the order begins.
    let rank = |step: u32| match order {
        Order::Asc => step,
        Order::Desc => n_names - 1 - step,
    };
    let (mut step, mut skip, after) = match start {
        NameStart::Skip(n) => (0, n, None),
        NameStart::After(last) if n_names == 0 => (0, 0, Some(last)),
        NameStart::After(last) => (rank(rank_of(index, &last).min(n_names - 1)), 0, Some(last)),
    };
    let mut found = Vec::new();
    let mut stride = STEPS.0;
    while step < n_names && found.len() < n_wanted {
        let end = step.saturating_add(stride).min(n_names);
        let persons: Vec<PersonId> = (step..end).map(|step| index.person(rank(step))).collect();
        let cases = storage::cases::matching_of(tx, filter, &persons).await?;
        let met = sorted(index, cases, order);
        let is_new = |position: &NamePosition| after.is_none_or(|last| comes_after(index, position, &last, order));
        let mut met: Vec<NamePosition> = met.into_iter().filter(is_new).collect();
        let skipped = met.len().min(usize::try_from(skip).unwrap_or(usize::MAX));
        skip -= skipped as u64;
        found.extend(met.drain(skipped..));
        (step, stride) = (end, (stride * 4).min(STEPS.1));
    }
    found.truncate(n_wanted);
    Ok(found)
}

/// Groups cases by whose they are, each person's in the order in which they were made.
pub(super) fn by_person(cases: Vec<CaseRef>) -> HashMap<PersonId, Vec<CaseId>> {
    let mut grouped: HashMap<PersonId, Vec<CaseId>> = HashMap::new();
    for case in cases {
        grouped.entry(case.person_id).or_default().push(case.case_id);
    }
    for cases in grouped.values_mut() {
        cases.sort_unstable();
    }
    grouped
}
