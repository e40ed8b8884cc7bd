//! The outbreak report and its chains: stable keys, `null` with a reason beside it where the data can't carry a figure.
//!
//! The command line prints the same report. Nothing in it changes from call to call.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cases a report is about, and how it estimates.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OutbreakParams {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<String>,
    /// Only `suspected`, `probable` or `confirmed` cases.
    pub classification: Option<String>,
    /// Only cases at this place.
    pub place: Option<Uuid>,
    /// Only cases of this setting, as written.
    pub setting: Option<String>,
    /// Only those fallen ill on this day or later.
    #[param(format = Date)]
    pub onset_first: Option<String>,
    /// Only those fallen ill on this day or earlier.
    #[param(format = Date)]
    pub onset_last: Option<String>,
    /// Days of the window of the reproduction number; 7 if left out.
    #[param(minimum = 1, maximum = 60)]
    pub window_days: Option<u32>,
    /// Mean of the serial interval to use instead of the observed one, in days; together with `serial_sd`.
    pub serial_mean: Option<f64>,
    /// Its standard deviation, in days.
    pub serial_sd: Option<f64>,
}

/// The outbreak report.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OutbreakReport {
    /// Which disease.
    pub disease: String,
    /// Cases in the list.
    pub cases: usize,
    /// Infection links between them, counted as named.
    pub links: usize,
    /// Links that were refused or can't be: unknown persons, cycles of one.
    pub links_rejected: u64,
    /// Largest depth; a primary case is 0.
    pub generations: u32,
    /// Distinct cases in the largest chain.
    pub largest_chain: usize,
    /// Cases of whom no infector is known.
    pub primary_cases: usize,
    /// Links that lie on a cycle.
    pub links_on_cycles: usize,
    /// How many chains of each size.
    pub chain_sizes: Vec<ChainSize>,
    /// Links by setting, most first.
    pub links_by_setting: Vec<SettingLinks>,
    /// Onset to onset.
    pub serial_interval: SerialIntervalShape,
    /// Persons infected by one case.
    pub offspring: OffspringShape,
    /// Negative binomial k.
    pub dispersion_k: DispersionShape,
    /// Cases by day of onset.
    pub epi_curve_by_onset: Vec<CurveDay>,
    /// Cases without onset, not in that curve.
    pub cases_without_onset: usize,
    /// Cases by day of report.
    pub epi_curve_by_report: Vec<CurveDay>,
    /// Cases without day of report.
    pub cases_without_report: usize,
    /// From which day on the curve by onset is not complete.
    pub incomplete_from: Option<String>,
    /// Why that isn't known.
    pub incomplete_from_reason: Option<String>,
    /// Instantaneous reproduction number, Cori et al. 2013.
    pub reproduction_number_cori: CoriShape,
    /// Cohort reproduction number, Wallinga & Teunis 2004.
    pub reproduction_number_wallinga_teunis: CohortShape,
    /// Doubling time over the last complete days.
    pub doubling_time: DoublingShape,
    /// Delays between steps.
    pub delays: DelaysShape,
    /// New cases among the exposed at risk.
    pub secondary_attack_rate: AttackRatesShape,
}

/// Chains of one size.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChainSize {
    /// Cases in the chain.
    pub size: usize,
    /// How many there are.
    pub n_chains: usize,
}

/// Links of one setting.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SettingLinks {
    /// The setting as written; `null` where none was.
    pub setting: Option<String>,
    /// Links.
    pub links: usize,
}

/// The serial interval over links with both onsets, in days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SerialIntervalShape {
    /// Pairs.
    pub n: usize,
    /// Mean.
    pub mean: Option<f64>,
    /// Sample standard deviation.
    pub sd: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Pairs whose infected fell ill first.
    pub n_negative: usize,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Offspring.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OffspringShape {
    /// Mean over all cases.
    pub mean: Option<f64>,
    /// Cases that infected nobody.
    pub n_without: usize,
    /// Those who infected most.
    pub most: Vec<SpreaderShape>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Somebody who infected many.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SpreaderShape {
    /// Reference of the person.
    pub id: String,
    /// Persons infected.
    pub n: u32,
}

/// Dispersion k with its 95 % profile-likelihood interval.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DispersionShape {
    /// Maximum likelihood estimate.
    pub estimate: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end; `null` where it is without limit.
    pub upper: Option<f64>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// A day of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CurveDay {
    /// Day.
    pub date: String,
    /// Cases.
    pub count: u32,
    /// Whether nearly all cases of that day are expected to be known.
    pub complete: bool,
}

/// The serial interval that an estimate rests on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct IntervalShape {
    /// Mean, days.
    pub mean: f64,
    /// Standard deviation, days.
    pub sd: f64,
    /// `observed`, `profile` or `given`.
    pub source: &'static str,
    /// Pairs observed.
    pub n: usize,
}

/// Reproduction number by day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoriShape {
    /// What it rests on.
    pub serial_interval: Option<IntervalShape>,
    /// Days of the window.
    pub window: usize,
    /// One line a day; the day is the window's last.
    pub days: Vec<CoriDayShape>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Reproduction number of one day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CoriDayShape {
    /// Last day of the window.
    pub date: String,
    /// Posterior mean.
    pub mean: Option<f64>,
    /// 2.5 % quantile.
    pub lower: Option<f64>,
    /// 97.5 % quantile.
    pub upper: Option<f64>,
    /// Whether the data add little to the prior on that day.
    pub rests_on_prior: bool,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Cohort reproduction number by day of onset.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CohortShape {
    /// What it rests on.
    pub serial_interval: Option<IntervalShape>,
    /// One line a day with cases.
    pub days: Vec<CohortDayShape>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Cohort of one day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CohortDayShape {
    /// Day of onset.
    pub date: String,
    /// Cases of that day.
    pub cases: u32,
    /// Expected persons infected by each, from onsets alone.
    pub mean: f64,
    /// Mean of the links named.
    pub observed: Option<f64>,
    /// Whether all whom they infected can have fallen ill by now.
    pub complete: bool,
}

/// Doubling time.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DoublingShape {
    /// Days in which cases double.
    pub days: Option<f64>,
    /// Growth a day, as rate.
    pub growth_per_day: Option<f64>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Delays.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DelaysShape {
    /// Onset to test.
    pub onset_to_test: DelayShape,
    /// Test to report.
    pub test_to_report: DelayShape,
    /// Onset to report.
    pub onset_to_report: DelayShape,
    /// Report to quarantine.
    pub report_to_quarantine: DelayShape,
}

/// One delay, in days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DelayShape {
    /// Cases with both days, in this order.
    pub n: usize,
    /// Cases whose later step came first.
    pub n_negative: usize,
    /// Median.
    pub median: Option<f64>,
    /// Mean.
    pub mean: Option<f64>,
    /// 90 % quantile.
    pub p90: Option<f64>,
    /// Share within one day, 0 to 1.
    pub share_within_1_day: Option<f64>,
    /// Share within two days.
    pub share_within_2_days: Option<f64>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Secondary attack rates.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AttackRatesShape {
    /// Over all declared contacts on infectious days.
    #[serde(flatten)]
    pub overall: AttackRateShape,
    /// By kind of contact.
    pub by_kind: Vec<AttackRateOfKind>,
}

/// A secondary attack rate with its 95 % Wilson interval.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AttackRateShape {
    /// New cases among them.
    pub new_cases: u64,
    /// Exposed at risk.
    pub at_risk: u64,
    /// 0 to 1.
    pub estimate: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// That of one kind of contact.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct AttackRateOfKind {
    /// The kind.
    pub kind: String,
    /// The rate.
    #[serde(flatten)]
    pub rate: AttackRateShape,
}

/// Who infected whom: cases as nodes, infection links between them.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Chains {
    /// Which disease.
    pub disease: String,
    /// Cases that are meant.
    pub n_cases: usize,
    /// Links between them.
    pub n_links: usize,
    /// Cases that no link names; each is a chain of its own.
    pub n_without_link: usize,
    /// Chains of two cases and more.
    pub n_chains: usize,
    /// Whether there are more than 10,000 cases: then nodes and links are empty.
    pub too_many: bool,
    /// The cases, the largest chain first, in it by generation.
    pub nodes: Vec<ChainNode>,
    /// The links.
    pub links: Vec<ChainLink>,
}

/// A case in its chain.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChainNode {
    /// The case.
    pub case_id: Uuid,
    /// Whose.
    pub person_id: Uuid,
    /// What imported files call the person.
    pub reference: Option<String>,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub symptom_onset: Option<String>,
    /// Day on which the authority was told.
    #[schema(format = Date)]
    pub reported_on: Option<String>,
    /// `suspected`, `probable`, `confirmed`.
    pub classification: String,
    /// As imported.
    pub sex: Option<String>,
    /// As imported.
    pub outcome: Option<String>,
    /// Whether a day of death is known.
    pub died: bool,
    /// Name of the place.
    pub place: Option<String>,
    /// Kind of place of the link that infected them, as written.
    pub setting: Option<String>,
    /// Links from a primary case, at least; a primary case is 0.
    pub generation: Option<u32>,
    /// How many they are known to have infected.
    pub n_infected: u32,
    /// Number of the chain; 1 is the largest.
    pub chain: u32,
}

/// A link between two cases.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ChainLink {
    /// Case of who infected.
    pub infector: Uuid,
    /// Case of whom.
    pub infected: Uuid,
    /// Kind of place, as written.
    pub setting: Option<String>,
    /// Day of the infection.
    #[schema(format = Date)]
    pub infected_on: Option<String>,
    /// Whether it is the one that the tree draws: of several infectors, the one nearest to the chain's beginning.
    pub first: bool,
}
