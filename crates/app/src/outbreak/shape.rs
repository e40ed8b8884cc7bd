//! Puts what was derived into the shape in which others read it.

use contact_graph::attack_rate::AttackRate;
use contact_graph::delays::DelaySummary;
use contact_graph::epi_curve::{Completeness, EpiCurve};
use contact_graph::outbreak::OutbreakReport as Derived;
use contact_graph::reproduction_number::discretised::{SerialIntervalSource, SerialIntervalUsed};
use domain::diseases::Disease;
use protocol::http::outbreak::{
    AttackRateOfKind, AttackRateShape, AttackRatesShape, ChainSize, CohortDayShape, CohortShape, CoriDayShape,
    CoriShape, CurveDay, DelayShape, DelaysShape, DispersionShape, DoublingShape, IntervalShape, OffspringShape,
    OutbreakReport, SerialIntervalShape, SettingLinks, SpreaderShape,
};
use std::collections::HashMap;

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
