//! The shape of the outbreak report as others read it: stable keys, `null` with a reason.

use contact_graph::attack_rate::AttackRate;
use contact_graph::delays::DelaySummary;
use contact_graph::epi_curve::{Completeness, EpiCurve};
use contact_graph::outbreak::OutbreakReport as Derived;
use contact_graph::reproduction_number::discretised::{SerialIntervalSource, SerialIntervalUsed};
use domain::diseases::Disease;
use serde::Serialize;
use std::collections::HashMap;

/// The outbreak report.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChainSize {
    /// Cases in the chain.
    pub size: usize,
    /// How many there are.
    pub n_chains: usize,
}

/// Links of one setting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SettingLinks {
    /// The setting as written; `null` where none was.
    pub setting: Option<String>,
    /// Links.
    pub links: usize,
}

/// The serial interval over links with both onsets, in days.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpreaderShape {
    /// Reference of the person.
    pub id: String,
    /// Persons infected.
    pub n: u32,
}

/// Dispersion k with its 95 % profile-likelihood interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CurveDay {
    /// Day.
    pub date: String,
    /// Cases.
    pub count: u32,
    /// Whether nearly all cases of that day are expected to be known.
    pub complete: bool,
}

/// The serial interval that an estimate rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CohortShape {
    /// What it rests on.
    pub serial_interval: Option<IntervalShape>,
    /// One line a day with cases.
    pub days: Vec<CohortDayShape>,
    /// Why there is none.
    pub reason: Option<String>,
}

/// Cohort of one day.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DoublingShape {
    /// Days in which cases double.
    pub days: Option<f64>,
    /// Growth a day, as rate.
    pub growth_per_day: Option<f64>,
    /// Why there is no figure.
    pub reason: Option<String>,
}

/// Delays.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttackRatesShape {
    /// Over all declared contacts on infectious days.
    #[serde(flatten)]
    pub overall: AttackRateShape,
    /// By kind of contact.
    pub by_kind: Vec<AttackRateOfKind>,
}

/// A secondary attack rate with its 95 % Wilson interval.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AttackRateOfKind {
    /// The kind.
    pub kind: String,
    /// The rate.
    #[serde(flatten)]
    pub rate: AttackRateShape,
}

/// Shapes what was derived. `most` names those who infected most.
pub(super) fn shape(
    disease: Disease,
    window: usize,
    n_refused: u64,
    found: &Derived,
    most: Vec<(String, u32)>,
    settings: &HashMap<u32, String>,
) -> OutbreakReport {
    let (incomplete_from, incomplete_from_reason) = match &found.completeness.first_incomplete {
        Ok(day) => (Some(day.to_string()), None),
        Err(reason) => (None, Some(reason.to_string())),
    };
    let mut links_by_setting: Vec<SettingLinks> = found
        .links_by_setting
        .iter()
        .map(|count| SettingLinks {
            setting: count.setting.and_then(|number| settings.get(&number).cloned()),
            links: count.n_links,
        })
        .collect();
    links_by_setting.sort_by(|a, b| b.links.cmp(&a.links).then(a.setting.cmp(&b.setting)));
    OutbreakReport {
        disease: disease.to_string(),
        cases: found.cases,
        links: found.links,
        links_rejected: n_refused + found.links_rejected.len() as u64,
        generations: found.chains.generations,
        largest_chain: found.chains.largest_chain,
        primary_cases: found.chains.primary_cases.len(),
        links_on_cycles: found.chains.links_on_cycles,
        chain_sizes: found
            .chains
            .size_distribution
            .iter()
            .map(|size| ChainSize { size: size.size, n_chains: size.n_chains })
            .collect(),
        links_by_setting,
        serial_interval: serial_interval(found),
        offspring: offspring(found, most),
        dispersion_k: dispersion(found),
        epi_curve_by_onset: curve(&found.epi_curve_by_onset, Some(&found.completeness)),
        cases_without_onset: found.epi_curve_by_onset.n_without_date,
        epi_curve_by_report: curve(&found.epi_curve_by_report, None),
        cases_without_report: found.epi_curve_by_report.n_without_date,
        incomplete_from,
        incomplete_from_reason,
        reproduction_number_cori: cori(found, window),
        reproduction_number_wallinga_teunis: cohort(found),
        doubling_time: DoublingShape {
            days: found.doubling_time.doubling_days.as_ref().ok().copied(),
            growth_per_day: found.doubling_time.growth_per_day,
            reason: found.doubling_time.doubling_days.as_ref().err().map(ToString::to_string),
        },
        delays: DelaysShape {
            onset_to_test: delay(&found.delays.onset_to_test),
            test_to_report: delay(&found.delays.test_to_report),
            onset_to_report: delay(&found.delays.onset_to_report),
            report_to_quarantine: delay(&found.delays.report_to_quarantine),
        },
        secondary_attack_rate: AttackRatesShape {
            overall: rate(&found.secondary_attack_rate.overall),
            by_kind: found
                .secondary_attack_rate
                .by_group
                .iter()
                .map(|(kind, of_kind)| AttackRateOfKind { kind: kind.clone(), rate: rate(of_kind) })
                .collect(),
        },
    }
}

fn serial_interval(found: &Derived) -> SerialIntervalShape {
    let pairs = &found.serial_interval;
    SerialIntervalShape {
        n: pairs.n,
        mean: pairs.mean_days,
        sd: pairs.sd_days,
        median: pairs.median_days,
        n_negative: pairs.n_negative,
        reason: match pairs.n {
            0 => Some("no link has both onsets".to_owned()),
            1 => Some("one pair has no standard deviation".to_owned()),
            _ => None,
        },
    }
}

fn offspring(found: &Derived, most: Vec<(String, u32)>) -> OffspringShape {
    OffspringShape {
        mean: found.offspring.mean,
        n_without: found.offspring.n_without,
        most: most.into_iter().map(|(id, n)| SpreaderShape { id, n }).collect(),
        reason: found.offspring.mean.is_none().then(|| "there are no cases".to_owned()),
    }
}

fn dispersion(found: &Derived) -> DispersionShape {
    let k = &found.offspring.dispersion_k;
    let unlimited = k.estimate.is_ok() && k.upper.is_none();
    DispersionShape {
        estimate: k.estimate.as_ref().ok().copied(),
        lower: k.lower,
        upper: k.upper,
        reason: match &k.estimate {
            Err(reason) => Some(reason.to_string()),
            Ok(_) => unlimited.then(|| "the upper end is without limit".to_owned()),
        },
    }
}

fn curve(curve: &EpiCurve, completeness: Option<&Completeness>) -> Vec<CurveDay> {
    curve
        .days
        .iter()
        .map(|day| CurveDay {
            date: day.date.to_string(),
            count: day.count,
            complete: !completeness.is_some_and(|known| known.is_incomplete(day.date)),
        })
        .collect()
}

fn interval(used: &SerialIntervalUsed) -> IntervalShape {
    IntervalShape {
        mean: used.interval.mean_days,
        sd: used.interval.sd_days,
        source: match used.source {
            SerialIntervalSource::Observed => "observed",
            SerialIntervalSource::Profile => "profile",
            SerialIntervalSource::Given => "given",
        },
        n: used.n_pairs,
    }
}

fn cori(found: &Derived, window: usize) -> CoriShape {
    match &found.reproduction_numbers {
        Err(reason) => CoriShape { serial_interval: None, window, days: Vec::new(), reason: Some(reason.to_string()) },
        Ok(numbers) => CoriShape {
            serial_interval: Some(interval(&numbers.interval)),
            window,
            reason: numbers.cori.is_empty().then(|| "no case has an onset".to_owned()),
            days: numbers
                .cori
                .iter()
                .map(|day| CoriDayShape {
                    date: day.date.to_string(),
                    mean: day.estimate.as_ref().ok().map(|estimate| estimate.mean),
                    lower: day.estimate.as_ref().ok().map(|estimate| estimate.lower),
                    upper: day.estimate.as_ref().ok().map(|estimate| estimate.upper),
                    rests_on_prior: day.rests_on_prior(),
                    reason: day.estimate.as_ref().err().map(ToString::to_string),
                })
                .collect(),
        },
    }
}

fn cohort(found: &Derived) -> CohortShape {
    match &found.reproduction_numbers {
        Err(reason) => CohortShape { serial_interval: None, days: Vec::new(), reason: Some(reason.to_string()) },
        Ok(numbers) => CohortShape {
            serial_interval: Some(interval(&numbers.interval)),
            reason: numbers.cohort.days.is_empty().then(|| "no case has an onset".to_owned()),
            days: numbers
                .cohort
                .days
                .iter()
                .map(|day| CohortDayShape {
                    date: day.date.to_string(),
                    cases: day.n_cases,
                    mean: day.mean,
                    observed: day.observed_mean,
                    complete: !day.is_incomplete,
                })
                .collect(),
        },
    }
}

fn delay(summary: &DelaySummary) -> DelayShape {
    DelayShape {
        n: summary.n,
        n_negative: summary.n_negative,
        median: summary.median_days,
        mean: summary.mean_days,
        p90: summary.p90_days,
        share_within_1_day: summary.share_within_1_day,
        share_within_2_days: summary.share_within_2_days,
        reason: (summary.n == 0).then(|| "no case has both days".to_owned()),
    }
}

fn rate(rate: &AttackRate) -> AttackRateShape {
    let share = rate.rate.as_ref().ok();
    AttackRateShape {
        new_cases: rate.n_new_cases,
        at_risk: rate.n_at_risk,
        estimate: share.map(|share| share.estimate),
        lower: share.map(|share| share.lower),
        upper: share.map(|share| share.upper),
        reason: rate.rate.as_ref().err().map(ToString::to_string),
    }
}
