//! Which serial interval the reproduction number uses, and its probability by whole days.
//!
//! The observed mean and standard deviation are taken from 20 pairs on; with fewer, those of the disease's profile; what a
//! case worker gives goes before both. The result names the source. By day, the interval is a gamma distribution shifted
//! by one day and made discrete by the formula of Cori et al. 2013 (doi 10.1093/aje/kwt133, web appendix 11); it therefore
//! can't be made for a mean of one day or less.

use statrs::distribution::{ContinuousCDF, Gamma};

use crate::serial_interval::SerialIntervalSummary;

/// Fewest observed pairs whose mean and standard deviation are used.
pub const MIN_PAIRS: usize = 20;

/// Longest serial interval with a probability of its own, in days.
const MAX_DAYS: usize = 3_660;

/// Least probability of a day; less counts as impossible, for the formula's rounding errors come near.
const MIN_PROBABILITY: f64 = 1e-9;

/// Mean and standard deviation of a serial interval, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerialInterval {
    /// Mean, in days.
    pub mean_days: f64,
    /// Standard deviation, in days.
    pub sd_days: f64,
}

/// Where a serial interval comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SerialIntervalSource {
    /// From the pairs of this outbreak.
    Observed,
    /// From the profile of the disease.
    Profile,
    /// Given for this calculation.
    Given,
}

/// The serial interval that was used.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerialIntervalUsed {
    /// Its mean and standard deviation.
    pub interval: SerialInterval,
    /// Where they come from.
    pub source: SerialIntervalSource,
    /// Pairs with both onsets in this outbreak, whether used or not.
    pub n_pairs: usize,
}

/// Says why there is no usable serial interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSerialInterval {
    /// Fewer than [`MIN_PAIRS`] pairs, and neither profile nor given values.
    #[error("fewer than 20 pairs with both onsets, and no serial interval was given")]
    TooFewPairs,
    /// The mean is one day or less.
    #[error("the method needs a serial interval with a mean above one day")]
    MeanNotAboveOneDay,
    /// The standard deviation is zero, negative or no number.
    #[error("the method needs a serial interval with a standard deviation above zero")]
    NoSpread,
}

/// Chooses the serial interval: given, else observed from 20 pairs on, else the profile's.
///
/// # Errors
///
/// [`NoSerialInterval::TooFewPairs`] if none of the three is there. What was chosen may still be unusable: see
/// [`DiscretisedInterval::new`].
pub fn choose_serial_interval(
    observed: &SerialIntervalSummary,
    profile: Option<SerialInterval>,
    given: Option<SerialInterval>,
) -> Result<SerialIntervalUsed, NoSerialInterval> {
    let from_pairs = observed.mean_days.zip(observed.sd_days).filter(|_| observed.n >= MIN_PAIRS);
    let from_pairs = from_pairs.map(|(mean_days, sd_days)| SerialInterval { mean_days, sd_days });
    [
        (given, SerialIntervalSource::Given),
        (from_pairs, SerialIntervalSource::Observed),
        (profile, SerialIntervalSource::Profile),
    ]
    .into_iter()
    .find_map(|(interval, source)| Some(SerialIntervalUsed { interval: interval?, source, n_pairs: observed.n }))
    .ok_or(NoSerialInterval::TooFewPairs)
}

/// Probability of each serial interval in whole days.
#[derive(Debug, Clone, PartialEq)]
pub struct DiscretisedInterval {
    by_day: Vec<f64>,
}

impl DiscretisedInterval {
    /// Makes the interval discrete.
    ///
    /// # Errors
    ///
    /// [`NoSerialInterval::MeanNotAboveOneDay`] or [`NoSerialInterval::NoSpread`].
    pub fn new(interval: SerialInterval) -> Result<Self, NoSerialInterval> {
        let SerialInterval { mean_days, sd_days } = interval;
        if mean_days.is_nan() || mean_days <= 1.0 {
            return Err(NoSerialInterval::MeanNotAboveOneDay);
        }
        let (shape, scale) = (((mean_days - 1.0) / sd_days).powi(2), sd_days * sd_days / (mean_days - 1.0));
        let gamma = |shape: f64| Gamma::new(shape, 1.0 / scale).map_err(|_| NoSerialInterval::NoSpread);
        if sd_days.is_nan() || sd_days <= 0.0 || !shape.is_normal() || !scale.is_normal() {
            return Err(NoSerialInterval::NoSpread);
        }
        let (own, next) = (gamma(shape)?, gamma(shape + 1.0)?);
        let mut by_day = Vec::new();
        for day in 0..MAX_DAYS {
            let k = day as f64;
            let partial = k * own.cdf(k) + (k - 2.0) * own.cdf(k - 2.0) - 2.0 * (k - 1.0) * own.cdf(k - 1.0);
            let means = 2.0 * next.cdf(k - 1.0) - next.cdf(k - 2.0) - next.cdf(k);
            let probability = partial + shape * scale * means;
            if k > mean_days && probability < MIN_PROBABILITY {
                break;
            }
            by_day.push(if probability < MIN_PROBABILITY { 0.0 } else { probability });
        }
        Ok(Self { by_day })
    }

    /// Returns the probabilities from day 0 on, which is always 0; what is below 1e-9 is given as 0, or not at all.
    pub fn by_day(&self) -> &[f64] {
        &self.by_day
    }

    /// Returns the least number of days within which the share `p` of intervals lies.
    pub fn quantile_days(&self, p: f64) -> usize {
        let mut sum = 0.0;
        let reached = self.by_day.iter().position(|w| {
            sum += w;
            sum >= p
        });
        reached.unwrap_or(self.by_day.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn discretised(mean_days: f64, sd_days: f64) -> Result<DiscretisedInterval, NoSerialInterval> {
        DiscretisedInterval::new(SerialInterval { mean_days, sd_days })
    }

    #[test]
    fn probabilities_sum_to_one_and_keep_the_mean() {
        for (mean, sd) in [(2.6, 1.5), (5.2, 4.7), (14.5, 5.2), (1.5, 0.3), (8.0, 12.0)] {
            let interval = discretised(mean, sd).unwrap();
            let by_day = interval.by_day();
            let found: f64 = by_day.iter().enumerate().map(|(k, w)| k as f64 * w).sum();
            assert!((by_day.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{mean} {sd}");
            assert!((found - mean).abs() < 1e-4, "{mean} {sd}: {found}");
            assert_eq!(by_day[0], 0.0);
        }
    }

    #[test]
    fn a_mean_of_one_day_or_no_spread_is_refused() {
        assert_eq!(discretised(1.0, 0.5), Err(NoSerialInterval::MeanNotAboveOneDay));
        assert_eq!(discretised(f64::NAN, 0.5), Err(NoSerialInterval::MeanNotAboveOneDay));
        assert_eq!(discretised(3.0, 0.0), Err(NoSerialInterval::NoSpread));
        assert_eq!(discretised(3.0, f64::INFINITY), Err(NoSerialInterval::NoSpread));
    }

    #[test]
    fn observed_pairs_are_used_from_twenty_on_and_given_values_go_first() {
        let observed = |n| SerialIntervalSummary {
            n,
            n_without_onset: 0,
            n_negative: 0,
            mean_days: Some(4.0),
            sd_days: Some(2.0),
            median_days: Some(4.0),
        };
        let other = Some(SerialInterval { mean_days: 5.0, sd_days: 1.0 });
        let source = |n, profile, given| choose_serial_interval(&observed(n), profile, given).map(|used| used.source);
        assert_eq!(source(20, other, None), Ok(SerialIntervalSource::Observed));
        assert_eq!(source(19, other, None), Ok(SerialIntervalSource::Profile));
        assert_eq!(source(20, None, other), Ok(SerialIntervalSource::Given));
        assert_eq!(source(19, None, None), Err(NoSerialInterval::TooFewPairs));
    }
}
