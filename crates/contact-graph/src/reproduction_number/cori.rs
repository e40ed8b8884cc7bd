//! Instantaneous reproduction number of Cori et al. 2013 (doi 10.1093/aje/kwt133).
//!
//! Over a window of days R is taken as constant. New cases of a day are Poisson with mean R times the day's infection
//! pressure Λ, the earlier cases weighted by the serial interval; with a gamma prior (shape 1, scale 5: mean and standard
//! deviation 5) the posterior is a gamma distribution too: shape `1 + Σ cases`, scale `1 / (1/5 + Σ Λ)`.
//!
//! As in the authors' `EpiEstim`, a window starts on the second day of the curve at the earliest, and none is used that
//! ends within the first mean serial interval, when most infectors are not in the data. Where hardly any earlier case is
//! within reach of the serial interval, the method gives little more than its prior; such days say so of themselves.

use jiff::civil::Date;
use rustc_hash::FxHashMap;
use statrs::distribution::{ContinuousCDF, Gamma};

use super::discretised::{DiscretisedInterval, SerialInterval};
use crate::epi_curve::DayCount;

/// Shape of the prior.
pub const PRIOR_SHAPE: f64 = 1.0;

/// Scale of the prior.
pub const PRIOR_SCALE: f64 = 5.0;

/// Days of the window, if nothing else is asked for.
pub const DEFAULT_WINDOW_DAYS: usize = 7;

/// Posterior of the reproduction number over one window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReproductionNumber {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// 2.5 % quantile.
    pub lower: f64,
    /// Median.
    pub median: f64,
    /// 97.5 % quantile.
    pub upper: f64,
}

/// Says why a day has no estimate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoReproductionNumber {
    /// The window would start before the second day of the curve.
    #[error("the window would begin before the day after the first case")]
    WindowNotFull,
    /// The window ends within the first mean serial interval.
    #[error("less than one serial interval has passed since the first case")]
    WithinFirstSerialInterval,
}

/// Estimate for the window that ends on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CoriDay {
    /// Last day of the window.
    pub date: Date,
    /// The posterior, or why there is none.
    pub estimate: Result<ReproductionNumber, NoReproductionNumber>,
    /// Σ Λ over the window: cases that would be expected in it if R were 1; 0 without an estimate.
    pub infection_pressure: f64,
}

impl CoriDay {
    /// Says whether the prior weighs more than the data, so that the estimate is not to be read as a finding.
    pub fn rests_on_prior(&self) -> bool {
        self.estimate.is_ok() && self.infection_pressure < 1.0 / PRIOR_SCALE
    }
}

/// Estimates the instantaneous reproduction number for each day of a curve by onset, as end of a window of `window_days`.
///
/// `interval` must be the one that `weights` was made from. Zero days at the end of the curve change no earlier estimate.
pub fn estimate_cori(
    curve: &[DayCount],
    interval: SerialInterval,
    weights: &DiscretisedInterval,
    window_days: usize,
) -> Vec<CoriDay> {
    let window_days = window_days.max(1);
    let pressure = infection_pressure(curve, weights);
    let mut quantiles = FxHashMap::default();
    let day_at = |end: usize| {
        let date = curve[end].date;
        let nothing = |reason| CoriDay { date, estimate: Err(reason), infection_pressure: 0.0 };
        if end < window_days {
            return nothing(NoReproductionNumber::WindowNotFull);
        }
        if (end + 1) as f64 <= interval.mean_days {
            return nothing(NoReproductionNumber::WithinFirstSerialInterval);
        }
        let window = end + 1 - window_days..end + 1;
        let n_cases: u64 = curve[window.clone()].iter().map(|day| u64::from(day.count)).sum();
        let infection_pressure = pressure[window].iter().sum();
        // Equal counts are frequent, in quiet times above all, and quantiles are what takes time.
        let quantiles = quantiles.entry(n_cases).or_insert_with(|| unit_quantiles(n_cases));
        CoriDay { date, estimate: Ok(posterior(n_cases, infection_pressure, quantiles)), infection_pressure }
    };
    (0..curve.len()).map(day_at).collect()
}

/// Returns Λ of each day: earlier cases, weighted by the probability of the serial interval.
pub(super) fn infection_pressure(curve: &[DayCount], weights: &DiscretisedInterval) -> Vec<f64> {
    let mut pressure = vec![0.0; curve.len()];
    for (day, count) in curve.iter().map(|day| f64::from(day.count)).enumerate().filter(|&(_, count)| count > 0.0) {
        for (later, weight) in pressure[day..].iter_mut().zip(weights.by_day()) {
            *later += count * weight;
        }
    }
    pressure
}

/// Returns the three quantiles of the posterior for a rate of 1.
fn unit_quantiles(n_cases: u64) -> [f64; 3] {
    // Never fails: the shape is at least 1 and finite.
    let gamma = Gamma::new(PRIOR_SHAPE + n_cases as f64, 1.0).ok();
    [0.025, 0.5, 0.975].map(|p| gamma.map_or(f64::NAN, |gamma| gamma.inverse_cdf(p)))
}

fn posterior(n_cases: u64, pressure: f64, unit_quantiles: &[f64; 3]) -> ReproductionNumber {
    let shape = PRIOR_SHAPE + n_cases as f64;
    let rate = 1.0 / PRIOR_SCALE + pressure;
    let [lower, median, upper] = unit_quantiles.map(|quantile| quantile / rate);
    ReproductionNumber { mean: shape / rate, sd: shape.sqrt() / rate, lower, median, upper }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn estimates(counts: &[u32], interval: SerialInterval) -> Vec<CoriDay> {
        let days = date(2020, 3, 1).series(jiff::Span::new().days(1));
        let curve: Vec<_> = days.zip(counts).map(|(date, &count)| DayCount { date, count }).collect();
        estimate_cori(&curve, interval, &DiscretisedInterval::new(interval).unwrap(), DEFAULT_WINDOW_DAYS)
    }

    const SHORT: SerialInterval = SerialInterval { mean_days: 3.0, sd_days: 1.5 };

    #[test]
    fn the_first_window_begins_the_day_after_the_first_case() {
        let found = estimates(&[1, 2, 3, 4, 5, 6, 7, 8, 9], SHORT);
        assert!(found[..7].iter().all(|day| day.estimate == Err(NoReproductionNumber::WindowNotFull)));
        assert!(found[7].estimate.unwrap().mean > 1.0);
    }

    #[test]
    fn no_window_ends_within_the_first_serial_interval() {
        let found = estimates(&[5; 14], SerialInterval { mean_days: 10.0, sd_days: 3.0 });
        assert_eq!(found[9].estimate, Err(NoReproductionNumber::WithinFirstSerialInterval));
        assert!(found[10].estimate.is_ok());
    }

    #[test]
    fn after_a_long_silence_an_estimate_says_that_it_rests_on_the_prior() {
        let mut counts = [0; 300];
        (counts[0], counts[5]) = (3, 4);
        let found = estimates(&counts, SHORT);
        assert!(!found[7].rests_on_prior());
        assert!(found[299].rests_on_prior());
        assert_eq!(found[299].estimate.unwrap().mean, PRIOR_SHAPE * PRIOR_SCALE);
    }

    #[test]
    fn quantiles_hit_their_probability_for_few_and_for_many_cases() {
        for n_cases in [0, 1, 30, 5_000, 1_000_000] {
            let gamma = Gamma::new(1.0 + n_cases as f64, 1.0).unwrap();
            for (p, at) in [0.025, 0.5, 0.975].into_iter().zip(unit_quantiles(n_cases)) {
                assert!((gamma.cdf(at) - p).abs() < 1e-7, "{n_cases} {p}: {}", gamma.cdf(at));
            }
        }
    }

    proptest! {
        #[test]
        fn a_zero_day_at_the_end_changes_no_earlier_estimate(mut counts in prop::collection::vec(0u32..20, 1..60)) {
            counts[0] = 1;
            let before = estimates(&counts, SHORT);
            counts.push(0);
            let after = estimates(&counts, SHORT);
            prop_assert_eq!(&before[..], &after[..before.len()]);
        }
    }
}
