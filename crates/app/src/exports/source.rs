//! Which cases a file holds, and what is known of them: one page in one transaction.

use super::ExportQuery;
use crate::cases::CaseConditions;
use crate::context::{App, Worker, disease_meant};
use crate::error::Result;
use domain::exports::ExportKind;
use domain::ids::{CaseId, PersonId};
use domain::territory::{Office, Postcode};
use domain::time::{DayRange, Window};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::{HashMap, HashSet};
use storage::cases::{CaseFilter, CaseKey, CaseSort, CaseWork, Days, ListedCase, Order};
use storage::declared_contacts::DeclaredContact;
use storage::diary::DiaryEntry;
use storage::persons::Person;
use storage::{Freshness, Tx};

/// A case as files show it.
#[derive(Clone, Debug)]
pub(super) struct ExportedCase {
    pub(super) listed: ListedCase,
    pub(super) work: CaseWork,
    /// `None` where the file names nobody.
    pub(super) person: Option<Person>,
    pub(super) reference: Option<String>,
    /// Who is responsible, if others are.
    pub(super) office: Option<Office>,
    /// Empty where the file holds no diary.
    pub(super) diary: Vec<DiaryEntry>,
    /// Who named them; empty where the file doesn't say.
    pub(super) origins: Vec<DeclaredContact>,
    /// When they were exposed; `None` where the file doesn't say, or has it from whoever named them.
    pub(super) exposed: Option<DayRange>,
}

/// Which cases a file will hold.
pub(super) enum Plan {
    /// Those of a list, read on from where a page ended. `None`: it is at its end.
    List { filter: Box<CaseFilter>, order: (CaseSort, Order), after: Option<CaseKey>, is_ended: bool },
    /// These; 16 bytes each are held.
    These { cases: Vec<CaseId>, next: usize, offices: HashMap<CaseId, Office> },
}

impl Plan {
    pub(super) fn these(cases: Vec<CaseId>) -> Self {
        Self::These { cases, next: 0, offices: HashMap::new() }
    }

    /// Leaves out what isn't wanted, where these are held.
    fn narrowed(mut self, wanted: Option<&HashSet<CaseId>>) -> Self {
        if let (Self::These { cases, .. }, Some(wanted)) = (&mut self, wanted) {
            cases.retain(|case| wanted.contains(case));
        }
        self
    }
}

impl App {
    /// Says which cases a file will hold.
    pub(super) async fn plan_export(&self, worker: &Worker, query: ExportQuery) -> Result<Plan> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        if query.kind == ExportKind::Template {
            return Ok(Plan::these(Vec::new()));
        }
        let has_own_order = matches!(
            query.kind,
            ExportKind::Quarantines | ExportKind::ContactsWithoutQuarantine | ExportKind::External
        );
        if !has_own_order {
            return match query.selected {
                Some(selected) => Ok(Plan::these(each_once(selected))),
                None => {
                    let disease = disease_meant(&mut tx, worker, query.disease, None).await?;
                    let filter = Box::new(query.conditions.of(disease));
                    Ok(Plan::List { filter, order: query.order, after: None, is_ended: false })
                }
            };
        }
        let wanted = wanted(&mut tx, worker, &query).await?;
        let plan = match query.kind {
            ExportKind::Quarantines => {
                let window = window_of(query.decided, &worker.authority.time_zone);
                Plan::these(storage::cases::decided_between(&mut tx, window).await?)
            }
            ExportKind::ContactsWithoutQuarantine => Plan::these(storage::cases::without_quarantine(&mut tx).await?),
            _ => self.plan_external(worker, &mut tx).await?,
        };
        Ok(plan.narrowed(wanted.as_ref()))
    }

    /// Sorts the cases of others by who is responsible; those of whom it can't be told come last.
    async fn plan_external(&self, worker: &Worker, tx: &mut Tx) -> Result<Plan> {
        let placed = storage::cases::external(tx).await?;
        let here = storage::territory::whereabouts(tx, worker.authority.authority_id).await?;
        let version = storage::territory::in_force(tx, &here.country).await?;
        let mut known: HashMap<String, Option<Office>> = HashMap::new();
        let mut rows: Vec<(Option<Office>, CaseId)> = Vec::with_capacity(placed.len());
        for (case_id, postcode) in placed {
            let Some((postcode, version)) = postcode.zip(version) else {
                rows.push((None, case_id));
                continue;
            };
            if !known.contains_key(&postcode) {
                let office = match Postcode::new(&postcode, &here.country) {
                    Ok(valid) => {
                        let all = storage::territory::offices_of_postcode(tx, &here.country, version, &valid).await?;
                        all.into_iter().find(|office| Some(&office.code) != here.territory_code.as_ref())
                    }
                    Err(_) => None,
                };
                known.insert(postcode.clone(), office);
            }
            rows.push((known.get(&postcode).cloned().flatten(), case_id));
        }
        rows.sort_by(|(a, x), (b, y)| {
            let key = |office: &Option<Office>| {
                (office.is_none(), office.as_ref().map(|office| office.code.as_str().to_owned()))
            };
            (key(a), x).cmp(&(key(b), y))
        });
        let cases = rows.iter().map(|(_, case_id)| *case_id).collect();
        let offices = rows.into_iter().filter_map(|(office, case_id)| Some((case_id, office?))).collect();
        Ok(Plan::These { cases, next: 0, offices })
    }

    /// Reads the next cases of a plan, at most `limit`; none at its end.
    pub(super) async fn next_cases(
        &self,
        worker: &Worker,
        plan: &mut Plan,
        kind: ExportKind,
        limit: u64,
    ) -> Result<Vec<ExportedCase>> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        loop {
            let Some(ids) = next_ids(&mut tx, plan, limit).await? else { return Ok(Vec::new()) };
            let mut cases = self.in_full(worker, &mut tx, &ids, kind).await?;
            if let Plan::These { offices, .. } = plan {
                for case in &mut cases {
                    case.office = offices.get(&case.work.case_id).cloned();
                }
            }
            // Ids of which nothing is left, or nothing is wanted, are no end of the file.
            if !cases.is_empty() {
                return Ok(cases);
            }
        }
    }

    async fn in_full(
        &self,
        worker: &Worker,
        tx: &mut Tx,
        ids: &[CaseId],
        kind: ExportKind,
    ) -> Result<Vec<ExportedCase>> {
        let sealer = self.sealer(worker)?;
        let mut listed = storage::cases::listed(tx, Some(&sealer), ids).await?;
        listed.retain(|case| kind.holds(case.case_type));
        let work = storage::cases::work_of(tx, ids).await?;
        let mut work: HashMap<CaseId, CaseWork> = work.into_iter().map(|work| (work.case_id, work)).collect();
        let persons: Vec<PersonId> = listed.iter().map(|case| case.person_id).collect();
        let (mut known, references) = if kind != ExportKind::LineList {
            let known = storage::persons::by_id(tx, &sealer, &persons).await?;
            (known, storage::persons::references_of(tx, &persons).await?)
        } else {
            (HashMap::new(), HashMap::new())
        };
        let mut cases = Vec::with_capacity(listed.len());
        for listed in listed {
            let Some(work) = work.remove(&listed.case_id) else { continue };
            let diary = match kind {
                ExportKind::Fhir => storage::diary::of_case(tx, None, work.case_id).await?,
                _ => Vec::new(),
            };
            let (origins, exposed) = match kind {
                ExportKind::SormasContacts => met(tx, work.case_id).await?,
                _ => (Vec::new(), None),
            };
            // Somebody may have two cases on one page.
            let person = known.get_mut(&listed.person_id).cloned();
            let reference = references.get(&listed.person_id).cloned();
            cases.push(ExportedCase { listed, work, person, reference, office: None, diary, origins, exposed });
        }
        Ok(cases)
    }
}

/// Returns who named somebody, and when they were exposed where nobody did.
async fn met(tx: &mut Tx, case_id: CaseId) -> Result<(Vec<DeclaredContact>, Option<DayRange>)> {
    let origins = storage::declared_contacts::origins(tx, None, case_id).await?;
    if !origins.is_empty() {
        return Ok((origins, None));
    }
    let case = storage::cases::by_id(tx, None, case_id).await?;
    let days = case.and_then(|case| {
        let last = case.exposed_last.or(case.exposed_first)?;
        DayRange::new(case.exposed_first.unwrap_or(last), last).ok()
    });
    Ok((origins, days))
}

fn each_once(cases: Vec<CaseId>) -> Vec<CaseId> {
    let mut seen = HashSet::with_capacity(cases.len());
    cases.into_iter().filter(|case| seen.insert(*case)).collect()
}

/// Returns the cases to which a file with an order of its own is narrowed down; `None`: to none. 16 bytes each are held.
async fn wanted(tx: &mut Tx, worker: &Worker, query: &ExportQuery) -> Result<Option<HashSet<CaseId>>> {
    if let Some(selected) = &query.selected {
        return Ok(Some(selected.iter().copied().collect()));
    }
    if query.disease.is_none() && query.conditions == CaseConditions::default() {
        return Ok(None);
    }
    let disease = disease_meant(tx, worker, query.disease, None).await?;
    let found = storage::cases::matching(tx, &query.conditions.of(disease), i64::MAX.unsigned_abs()).await?;
    Ok(Some(found.into_iter().map(|case| case.case_id).collect()))
}

async fn next_ids(tx: &mut Tx, plan: &mut Plan, limit: u64) -> Result<Option<Vec<CaseId>>> {
    match plan {
        Plan::List { is_ended: true, .. } => Ok(None),
        Plan::List { filter, order, after, is_ended, .. } => {
            let keys = storage::cases::page_after(tx, filter, *order, after.as_ref(), limit).await?;
            *is_ended = (keys.len() as u64) < limit;
            *after = keys.last().copied().or(*after);
            Ok((!keys.is_empty()).then(|| keys.into_iter().map(|key| key.case_id).collect()))
        }
        Plan::These { cases, next, .. } => {
            let end = cases.len().min(next.saturating_add(usize::try_from(limit).unwrap_or(usize::MAX)));
            let ids = cases[*next..end].to_vec();
            *next = end;
            Ok((!ids.is_empty()).then_some(ids))
        }
    }
}

/// The days as they are where the authority is; without an end it goes on for ever.
fn window_of(days: Days, zone: &TimeZone) -> Window {
    let first = days.first.unwrap_or(Date::constant(1970, 1, 1));
    let last = days.last.unwrap_or(Date::constant(9000, 1, 1));
    Window::of_days(DayRange { first: first.min(last), last }, zone)
}
