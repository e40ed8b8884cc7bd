//! The report on an outbreak: one disease, all cases, in figures that others can compute again.
//!
//! The shape of the answer is stable: every key is always there, and what the data can't carry is `null`
//! with a reason beside it. Nothing in it changes from call to call.

mod attack_rate;
mod chains;
mod shape;

use crate::cases::CaseConditions;
use crate::context::{App, Audited, Worker, disease_meant};
use crate::error::{AppError, Result};
use contact_graph::doubling_time::DoublingBasis;
use contact_graph::offspring::Spreader;
use contact_graph::outbreak::{CaseRecord, LinkRecord, OutbreakInput, OutbreakOptions, derive_outbreak_report};
use contact_graph::reproduction_number::discretised::SerialInterval;
use domain::authorities::Action;
use domain::diseases::{Disease, SerialIntervalDays};
use domain::ids::{CaseId, PersonId};
use domain::infections::InfectionLink;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use storage::Tx;
use storage::cases::CaseOutline;

pub use protocol::http::outbreak::{Chains, OutbreakReport};

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub struct OutbreakQuery {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<Disease>,
    /// Mean and sd to use for the serial interval, instead of what was observed.
    pub serial_interval: Option<SerialIntervalDays>,
    /// Days of the window of the reproduction number.
    pub window_days: usize,
}

/// Days over which the doubling time is taken.
const DOUBLING_WINDOW_DAYS: usize = 14;

/// How many of those who infected most are named.
const N_TOP_SPREADERS: usize = 10;

impl App {
    /// Derives the outbreak report over all cases of a disease.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if dates lie so far apart that a year must be mistyped.
    #[tracing::instrument(target = "epitrace::traces", name = "app::outbreak_report", skip_all)]
    pub async fn outbreak_report(&self, worker: &Worker, query: &OutbreakQuery) -> Result<OutbreakReport> {
        self.outbreak_report_on(worker, query, &CaseConditions::default()).await
    }

    /// Derives the outbreak report over some cases of a disease, and the links between them.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if dates lie so far apart that a year must be mistyped.
    pub async fn outbreak_report_on(
        &self,
        worker: &Worker,
        query: &OutbreakQuery,
        conditions: &CaseConditions,
    ) -> Result<OutbreakReport> {
        worker.require(Action::SeeOutbreak)?;
        let mut tx = self.look(worker).await?;
        let disease = disease_meant(&mut tx, worker, query.disease, None).await?;
        let all = storage::cases::outlines(&mut tx, disease).await?;
        let cases = meant(&mut tx, disease, conditions, &all).await?;
        let links = storage::infections::all(&mut tx).await?;
        let n_refused = storage::infections::count_refused(&mut tx, disease).await?;
        let contacts = storage::contacts::all(&mut tx).await?;
        let own_rules = storage::rule_sets::list(&mut tx, disease).await?;
        let (records, settings) = between(&cases, &links);
        let input = OutbreakInput {
            cases: cases.iter().map(record).collect(),
            links: records.into_iter().map(|(_, record)| record).collect(),
            exposed: attack_rate::exposed(&contacts, &cases, &all, disease, &own_rules),
        };
        let profile = disease.profile().serial_interval.value;
        let options = OutbreakOptions {
            as_of: None,
            window_days: query.window_days,
            profile_interval: Some(interval(profile)),
            given_interval: query.serial_interval.map(interval),
            doubling_window_days: DOUBLING_WINDOW_DAYS,
            doubling_basis: DoublingBasis::Daily,
            n_top_spreaders: cases.len(),
        };
        let found = derive_outbreak_report(&input, &options)
            .map_err(|error| AppError::Invalid { field: "dates", reason: error.to_string() })?;
        let most = most_infectious(&found.offspring.top_spreaders);
        let person = |idx: u32| cases.get(idx as usize).map(|case| case.person_id);
        let top: Vec<PersonId> = most.iter().filter_map(|spreader| person(spreader.case_idx)).collect();
        let names = storage::persons::references_of(&mut tx, &top).await?;
        drop(tx);
        let setting_names: HashMap<u32, String> = settings.into_iter().map(|(name, number)| (number, name)).collect();
        let audited = Audited { operation: "reports.outbreak", subjects: disease.to_string(), n_subjects: cases.len() };
        self.record_alone(worker, audited).await?;
        let name = |person: &PersonId| names.get(person).cloned().unwrap_or_else(|| person.to_string());
        let mut named: Vec<(String, u32)> = most
            .iter()
            .filter_map(|spreader| Some((name(&person(spreader.case_idx)?), spreader.n_offspring)))
            .collect();
        named.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        named.truncate(N_TOP_SPREADERS);
        Ok(shape::shape(disease, query.window_days, n_refused, &found, named, &setting_names))
    }
}

/// Returns the cases that are meant, in their order.
async fn meant<'c>(
    tx: &mut Tx,
    disease: Disease,
    conditions: &CaseConditions,
    all: &'c [CaseOutline],
) -> Result<Cow<'c, [CaseOutline]>> {
    let filter = conditions.of(disease);
    if filter.is_all() {
        return Ok(Cow::Borrowed(all));
    }
    let matching = storage::cases::matching(tx, &filter, all.len() as u64).await?;
    let ids: HashSet<CaseId> = matching.into_iter().map(|case| case.case_id).collect();
    Ok(Cow::Owned(all.iter().filter(|case| ids.contains(&case.case_id)).cloned().collect()))
}

/// Returns the links between cases, each with its position, and the settings by number.
fn between(cases: &[CaseOutline], links: &[InfectionLink]) -> (Vec<(usize, LinkRecord)>, BTreeMap<String, u32>) {
    let by_person = first_case_of_each(cases);
    let mut settings: BTreeMap<String, u32> = BTreeMap::new();
    let mut records = Vec::with_capacity(links.len());
    for (position, link) in links.iter().enumerate() {
        let ends = (by_person.get(&link.infector), by_person.get(&link.infected));
        let (Some(&infector), Some(&infected)) = ends else { continue };
        let next = u32::try_from(settings.len()).unwrap_or(u32::MAX);
        let setting = link.setting.as_ref().map(|name| *settings.entry(name.clone()).or_insert(next));
        records.push((position, LinkRecord { infector, infected, setting }));
    }
    (records, settings)
}

/// Returns those who infected most and at least two, with all who infected as many as the last of them: which of
/// equals are named is decided by reference, not by chance.
fn most_infectious(all: &[Spreader]) -> &[Spreader] {
    let least = all.get(N_TOP_SPREADERS - 1).map_or(0, |last| last.n_offspring).max(2);
    &all[..all.partition_point(|spreader| spreader.n_offspring >= least)]
}

/// A person with several cases of a disease stands in chains with the first one.
fn first_case_of_each(cases: &[CaseOutline]) -> HashMap<PersonId, u32> {
    let mut by_person = HashMap::with_capacity(cases.len());
    for (position, case) in cases.iter().enumerate() {
        // Never cut off: reports refuse more cases than a u32 counts long before.
        by_person.entry(case.person_id).or_insert(u32::try_from(position).unwrap_or(u32::MAX));
    }
    by_person
}

fn record(case: &CaseOutline) -> CaseRecord {
    CaseRecord {
        onset: case.dates.symptom_onset,
        tested: case.dates.tested_on,
        reported: case.dates.reported_on,
        noticed: None,
        quarantined: None,
    }
}

fn interval(days: SerialIntervalDays) -> SerialInterval {
    SerialInterval { mean_days: days.mean, sd_days: days.sd }
}
