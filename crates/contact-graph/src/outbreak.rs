//! The report on an outbreak: all statistics of a line list and its links, in one pass.
//!
//! Cases are known by their position in the list that is passed in, links by two positions. Whoever calls knows names and
//! ids; nothing here does. All choices that change a figure are in [`OutbreakOptions`], which has no default, so that each
//! screen that shows a figure decided them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::attack_rate::{AttackRates, ExposedRecord, derive_attack_rates};
use crate::chains::{Chains, RejectedLink, accept_links, derive_chains};
use crate::delays::{Delays, derive_delays, list_delays};
use crate::doubling_time::{DoublingBasis, DoublingTime, derive_doubling_time};
use crate::epi_curve::{Completeness, EpiCurve, EpiCurveError, derive_completeness, derive_epi_curve};
use crate::offspring::{Offspring, derive_offspring};
use crate::reproduction_number::cori::{CoriDay, estimate_cori};
use crate::reproduction_number::discretised::{
    DiscretisedInterval, NoSerialInterval, SerialInterval, SerialIntervalUsed, choose_serial_interval,
};
use crate::reproduction_number::wallinga_teunis::{CohortNumbers, estimate_wallinga_teunis};
use crate::serial_interval::{SerialIntervalSummary, derive_serial_interval};

/// Dates of a case; days in the authority's time zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CaseRecord {
    /// Symptom onset.
    pub onset: Option<Date>,
    /// Specimen taken.
    pub tested: Option<Date>,
    /// Reported to the authority.
    pub reported: Option<Date>,
    /// Noticed by those who trace contacts.
    pub noticed: Option<Date>,
    /// Quarantined or isolated.
    pub quarantined: Option<Date>,
}

/// Who infected whom, by position in the list of cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkRecord {
    /// Position of the infector.
    pub infector: u32,
    /// Position of the infected.
    pub infected: u32,
    /// Number of the setting in the caller's own list of settings.
    pub setting: Option<u32>,
}

/// An outbreak as recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutbreakInput {
    /// The line list; fewer than 2^32 - 1 cases.
    pub cases: Vec<CaseRecord>,
    /// Who infected whom.
    pub links: Vec<LinkRecord>,
    /// Those exposed and at risk, for the secondary attack rate; may be empty.
    pub exposed: Vec<ExposedRecord>,
}

/// Choices that change figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OutbreakOptions {
    /// Last day up to which data are known; `None` is the last day of a report.
    pub as_of: Option<Date>,
    /// Window of the instantaneous reproduction number, in days; 7 is usual.
    pub window_days: usize,
    /// Serial interval of the disease's profile, used with fewer than 20 observed pairs.
    pub profile_interval: Option<SerialInterval>,
    /// Serial interval that goes before both the observed one and the profile's.
    pub given_interval: Option<SerialInterval>,
    /// Days at the end of the complete part of the curve by onset over which doubling time is taken.
    pub doubling_window_days: usize,
    /// Counts that doubling time is taken from.
    pub doubling_basis: DoublingBasis,
    /// How many of those who infected most are listed.
    pub n_top_spreaders: usize,
}

/// Links in one setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingCount {
    /// The caller's number of the setting; `None` is not known.
    pub setting: Option<u32>,
    /// Links that name it.
    pub n_links: usize,
}

/// Reproduction numbers, with the serial interval that they rest on.
#[derive(Debug, Clone, PartialEq)]
pub struct ReproductionNumbers {
    /// The serial interval.
    pub interval: SerialIntervalUsed,
    /// Instantaneous, by day of the curve by onset.
    pub cori: Vec<CoriDay>,
    /// By cohort of onset.
    pub cohort: CohortNumbers,
}

/// Everything that is reported on an outbreak.
#[derive(Debug, Clone, PartialEq)]
pub struct OutbreakReport {
    /// Cases in the list.
    pub cases: usize,
    /// Links that count.
    pub links: usize,
    /// Links that don't, in their order, with the reason.
    pub links_rejected: Vec<RejectedLink>,
    /// Links that count, by setting, unknown first.
    pub links_by_setting: Vec<SettingCount>,
    /// Chains, trees, generations.
    pub chains: Chains,
    /// Serial interval of the pairs.
    pub serial_interval: SerialIntervalSummary,
    /// Offspring, dispersion k, those who infected most.
    pub offspring: Offspring,
    /// Cases by day of onset.
    pub epi_curve_by_onset: EpiCurve,
    /// Cases by day of report.
    pub epi_curve_by_report: EpiCurve,
    /// From which day on the curve by onset is incomplete.
    pub completeness: Completeness,
    /// Reproduction numbers by day, or why there are none.
    pub reproduction_numbers: Result<ReproductionNumbers, NoSerialInterval>,
    /// Doubling time over the last complete days of the curve by onset.
    pub doubling_time: DoublingTime,
    /// Delays between the steps of a case.
    pub delays: Delays,
    /// Secondary attack rates.
    pub secondary_attack_rate: AttackRates,
}

/// Derives the whole report.
///
/// # Errors
///
/// [`EpiCurveError`] if dates lie so far apart that a year must be mistyped.
pub fn derive_outbreak_report(
    input: &OutbreakInput,
    options: &OutbreakOptions,
) -> Result<OutbreakReport, EpiCurveError> {
    let cases = input.cases.as_slice();
    let (links, links_rejected) = accept_links(cases.len(), &input.links);
    let serial_interval = derive_serial_interval(cases, &links);
    let offspring = derive_offspring(cases.len(), &links, options.n_top_spreaders);
    let epi_curve_by_onset = derive_epi_curve(cases.iter().map(|case| case.onset))?;
    let as_of = options.as_of.or_else(|| cases.iter().filter_map(|case| case.reported).max());
    let completeness = derive_completeness(&list_delays(cases, |c| c.onset, |c| c.reported), as_of);
    Ok(OutbreakReport {
        cases: cases.len(),
        links: links.len(),
        links_rejected,
        links_by_setting: count_settings(&links),
        chains: derive_chains(cases, &links),
        epi_curve_by_report: derive_epi_curve(cases.iter().map(|case| case.reported))?,
        reproduction_numbers: reproduction_numbers(
            cases,
            &epi_curve_by_onset,
            &serial_interval,
            &offspring,
            as_of,
            options,
        ),
        doubling_time: doubling_time(&epi_curve_by_onset, &completeness, options),
        delays: derive_delays(cases),
        secondary_attack_rate: derive_attack_rates(&input.exposed),
        serial_interval,
        offspring,
        epi_curve_by_onset,
        completeness,
    })
}

fn reproduction_numbers(
    cases: &[CaseRecord],
    curve: &EpiCurve,
    observed: &SerialIntervalSummary,
    offspring: &Offspring,
    as_of: Option<Date>,
    options: &OutbreakOptions,
) -> Result<ReproductionNumbers, NoSerialInterval> {
    let used = choose_serial_interval(observed, options.profile_interval, options.given_interval)?;
    let weights = DiscretisedInterval::new(used.interval)?;
    let last_onset = curve.days.last().map_or(Date::MIN, |day| day.date);
    let cohort = estimate_wallinga_teunis(&curve.days, &weights, as_of.unwrap_or(last_onset), cases, &offspring.counts);
    let cori = estimate_cori(&curve.days, used.interval, &weights, options.window_days);
    Ok(ReproductionNumbers { interval: used, cori, cohort })
}

/// Takes the doubling time from days that are complete: the others always look like a decline.
fn doubling_time(curve: &EpiCurve, completeness: &Completeness, options: &OutbreakOptions) -> DoublingTime {
    let n_complete = curve.days.partition_point(|day| !completeness.is_incomplete(day.date));
    derive_doubling_time(&curve.days[..n_complete], options.doubling_window_days, options.doubling_basis)
}

fn count_settings(links: &[LinkRecord]) -> Vec<SettingCount> {
    let mut counts = BTreeMap::new();
    for link in links {
        *counts.entry(link.setting).or_insert(0) += 1;
    }
    counts.into_iter().map(|(setting, n_links)| SettingCount { setting, n_links }).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use jiff::civil::date;

    use super::*;

    /// A link without a setting.
    pub(crate) fn link(infector: u32, infected: u32) -> LinkRecord {
        LinkRecord { infector, infected, setting: None }
    }

    /// A case of which nothing is known but the onset, in March 2020.
    pub(crate) fn case_with_onset(day: Option<i8>) -> CaseRecord {
        CaseRecord { onset: day.map(|day| date(2020, 3, day)), ..CaseRecord::default() }
    }

    pub(crate) fn cases_without_dates(n_cases: usize) -> Vec<CaseRecord> {
        vec![CaseRecord::default(); n_cases]
    }

    fn report(input: &OutbreakInput) -> OutbreakReport {
        let options = OutbreakOptions {
            as_of: None,
            window_days: 7,
            profile_interval: None,
            given_interval: None,
            doubling_window_days: 14,
            doubling_basis: DoublingBasis::Daily,
            n_top_spreaders: 10,
        };
        derive_outbreak_report(input, &options).unwrap()
    }

    #[test]
    fn an_empty_outbreak_is_a_report_that_says_why_it_is_empty() {
        let found = report(&OutbreakInput { cases: vec![], links: vec![], exposed: vec![] });
        assert_eq!((found.cases, found.links, found.chains.largest_chain), (0, 0, 0));
        assert_eq!(found.reproduction_numbers, Err(NoSerialInterval::TooFewPairs));
        assert_eq!(found.offspring.mean, None);
    }

    #[test]
    fn links_are_counted_by_setting_unknown_first() {
        let links = vec![link(0, 1), LinkRecord { setting: Some(4), ..link(0, 2) }, link(1, 1)];
        let found = report(&OutbreakInput { cases: cases_without_dates(3), links, exposed: vec![] });
        assert_eq!((found.links, found.links_rejected.len()), (2, 1));
        let counts: Vec<_> = found.links_by_setting.iter().map(|s| (s.setting, s.n_links)).collect();
        assert_eq!(counts, [(None, 1), (Some(4), 1)]);
    }
}
