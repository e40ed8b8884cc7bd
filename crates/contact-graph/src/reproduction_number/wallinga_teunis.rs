//! Cohort reproduction number of Wallinga & Teunis 2004 (doi 10.1093/aje/kwh255), and the one seen in named links.
//!
//! The likelihood that case i was infected by case j is the probability of their serial interval, relative to that of all
//! other cases that could have infected i; what falls to j over all i is j's number. Cases of one onset day share it. Where
//! links are known, the mean number of offspring of the day's cases stands beside it: observed, not inferred.
//!
//! Those infected by recent cases have not all fallen ill yet: a day is marked incomplete as long as fewer than 95 % of
//! the serial intervals that began on it have ended by the last day on which data were complete.

use jiff::civil::Date;

use super::cori::infection_pressure;
use super::discretised::DiscretisedInterval;
use crate::epi_curve::DayCount;
use crate::outbreak::CaseRecord;
use crate::sample;

/// Share of serial intervals that must have ended for a cohort to be complete.
pub const COMPLETE_SHARE: f64 = 0.95;

/// Reproduction number of those who fell ill on one day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CohortDay {
    /// Day of onset; it has at least one case.
    pub date: Date,
    /// Cases with that onset.
    pub n_cases: u32,
    /// Mean number of people infected by each, by the serial interval alone.
    pub mean: f64,
    /// Standard deviation of that mean: who infected whom is uncertain, the serial interval taken as known.
    pub sd: f64,
    /// Mean number of offspring in named links; `None` if there are no links at all.
    pub observed_mean: Option<f64>,
    /// Whether the number will still grow.
    pub is_incomplete: bool,
}

/// Cohort reproduction numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct CohortNumbers {
    /// Days with cases, earliest first.
    pub days: Vec<CohortDay>,
    /// Cases that no earlier case could have infected: the first one, and those after a long silence.
    pub n_without_infector: u32,
}

/// Estimates the cohort reproduction number from a curve by onset.
///
/// `as_of` is the last day on which onsets are known. `offspring` is by case, as [`crate::offspring::Offspring::counts`].
pub fn estimate_wallinga_teunis(
    curve: &[DayCount],
    weights: &DiscretisedInterval,
    as_of: Date,
    cases: &[CaseRecord],
    offspring: &[u32],
) -> CohortNumbers {
    let pressure = infection_pressure(curve, weights);
    let observed = observed_by_day(curve, cases, offspring);
    let reach = weights.quantile_days(COMPLETE_SHARE) as i32;
    let cohort = |(day_idx, day): (usize, &DayCount)| {
        let (mut total, mut variance) = (0.0, 0.0);
        // Each later case fell to this cohort with probability `share`.
        for ((later, pressure), weight) in curve[day_idx..].iter().zip(&pressure[day_idx..]).zip(weights.by_day()) {
            if later.count > 0 && *weight > 0.0 {
                let share = (f64::from(day.count) * weight / pressure).min(1.0);
                total += f64::from(later.count) * share;
                variance += f64::from(later.count) * share * (1.0 - share);
            }
        }
        let n_cases = f64::from(day.count);
        CohortDay {
            date: day.date,
            n_cases: day.count,
            mean: total / n_cases,
            sd: variance.sqrt() / n_cases,
            observed_mean: observed.as_ref().map(|by_day| by_day[day_idx] as f64 / n_cases),
            is_incomplete: sample::days_between(day.date, as_of) < reach,
        }
    };
    let without = curve.iter().zip(&pressure).filter(|(_, pressure)| **pressure <= 0.0);
    CohortNumbers {
        n_without_infector: without.map(|(day, _)| day.count).sum(),
        days: curve.iter().enumerate().filter(|(_, day)| day.count > 0).map(cohort).collect(),
    }
}

/// Returns the offspring of the cases of each day of the curve, `None` without any offspring.
fn observed_by_day(curve: &[DayCount], cases: &[CaseRecord], offspring: &[u32]) -> Option<Vec<u64>> {
    let first = curve.first()?.date;
    let mut by_day = vec![0u64; curve.len()];
    for (case, &count) in cases.iter().zip(offspring) {
        let day_idx = case.onset.and_then(|onset| usize::try_from(sample::days_between(first, onset)).ok());
        if let Some(on_day) = day_idx.and_then(|day_idx| by_day.get_mut(day_idx)) {
            *on_day += u64::from(count);
        }
    }
    offspring.iter().any(|&count| count > 0).then_some(by_day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epi_curve::derive_epi_curve;
    use crate::outbreak::tests::case_with_onset;
    use crate::reproduction_number::discretised::SerialInterval;

    #[test]
    fn all_cases_with_an_infector_are_shared_out_and_recent_days_are_marked() {
        let cases: Vec<_> = [1, 4, 4, 5, 7, 8, 8, 20].map(|day| case_with_onset(Some(day))).to_vec();
        let curve = derive_epi_curve(cases.iter().map(|c| c.onset)).unwrap();
        let weights = DiscretisedInterval::new(SerialInterval { mean_days: 3.5, sd_days: 1.5 }).unwrap();
        let as_of = curve.days[19].date;
        let found = estimate_wallinga_teunis(&curve.days, &weights, as_of, &cases, &[2, 1, 0, 0, 0, 0, 0, 0]);
        let total: f64 = found.days.iter().map(|d| d.mean * f64::from(d.n_cases)).sum();
        assert!((total - 7.0).abs() < 1e-9, "{total}");
        assert_eq!(found.n_without_infector, 1, "the first case");
        let marked: Vec<_> = found.days.iter().map(|d| d.is_incomplete).collect();
        assert_eq!(marked, [false, false, false, false, false, true], "only the last day");
        let observed: Vec<_> = found.days.iter().map(|d| d.observed_mean).collect();
        assert_eq!(observed[..3], [Some(2.0), Some(0.5), Some(0.0)]);
    }
}
