//! Days in which cases double: a straight line through the logarithms of daily or cumulative counts.
//!
//! The growth rate is the slope of least squares, with its 95 % interval from Student's t. Cumulative counts are smoother,
//! but each contains those before it, so their interval is too narrow: daily counts are the ones to quote. Days of zero
//! cases have no logarithm and are left out; how many days remained is part of the result.

use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::epi_curve::DayCount;

/// Fewest days with cases through which a line is drawn.
pub const MIN_DAYS_WITH_CASES: usize = 3;

/// Which counts the line goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DoublingBasis {
    /// New cases by day.
    Daily,
    /// All cases up to each day, those before the window included.
    Cumulative,
}

/// Says why there is no doubling time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoDoublingTime {
    /// Fewer than [`MIN_DAYS_WITH_CASES`] days with cases in the window.
    #[error("fewer than three days with cases in the window")]
    TooFewDays,
    /// The slope is not above zero.
    #[error("cases do not grow in the window")]
    NotGrowing,
}

/// Growth over a window, and the doubling time if there is one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DoublingTime {
    /// Days with cases that the line goes through.
    pub n_days: usize,
    /// Growth rate: natural logarithm, per day; negative in a decline. `None` with too few days.
    pub growth_per_day: Option<f64>,
    /// 95 % interval of the growth rate.
    pub growth_interval: Option<(f64, f64)>,
    /// Doubling time in days, above 0, or why there is none.
    pub doubling_days: Result<f64, NoDoublingTime>,
}

/// Derives the doubling time over the last `window_days` days of a curve.
pub fn derive_doubling_time(curve: &[DayCount], window_days: usize, basis: DoublingBasis) -> DoublingTime {
    let skipped = curve.len().saturating_sub(window_days);
    let mut so_far: u64 = curve[..skipped].iter().map(|day| u64::from(day.count)).sum();
    let mut points = Vec::new();
    for (day_idx, day) in curve[skipped..].iter().enumerate() {
        so_far += u64::from(day.count);
        let count = match basis {
            DoublingBasis::Daily => u64::from(day.count),
            DoublingBasis::Cumulative => so_far,
        };
        if count > 0 {
            points.push((day_idx as f64, (count as f64).ln()));
        }
    }
    if points.len() < MIN_DAYS_WITH_CASES {
        let doubling_days = Err(NoDoublingTime::TooFewDays);
        return DoublingTime { n_days: points.len(), growth_per_day: None, growth_interval: None, doubling_days };
    }
    let (slope, error) = fit_slope(&points);
    let half = student_t_975(points.len() - 2).map(|t| t * error);
    let is_growing = slope > 1e-12;
    DoublingTime {
        n_days: points.len(),
        growth_per_day: Some(slope),
        growth_interval: half.map(|half| (slope - half, slope + half)),
        doubling_days: if is_growing { Ok(std::f64::consts::LN_2 / slope) } else { Err(NoDoublingTime::NotGrowing) },
    }
}

/// Returns the slope of least squares and its standard error, of at least three points with distinct x.
fn fit_slope(points: &[(f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread: f64 = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum();
    let slope = points.iter().map(|p| (p.0 - mean_x) * (p.1 - mean_y)).sum::<f64>() / spread;
    let residuals: f64 = points.iter().map(|p| (p.1 - mean_y - slope * (p.0 - mean_x)).powi(2)).sum();
    (slope, (residuals / (n - 2.0) / spread).sqrt())
}

fn student_t_975(degrees: usize) -> Option<f64> {
    Some(StudentsT::new(0.0, 1.0, degrees as f64).ok()?.inverse_cdf(0.975))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn curve(counts: &[u32]) -> Vec<DayCount> {
        let days = date(2020, 3, 1).series(jiff::Span::new().days(1));
        days.zip(counts).map(|(date, &count)| DayCount { date, count }).collect()
    }

    #[test]
    fn counts_that_double_every_second_day_double_in_two_days() {
        let found = derive_doubling_time(&curve(&[1, 0, 2, 0, 4, 0, 8]), 7, DoublingBasis::Daily);
        assert_eq!(found.n_days, 4, "zero days have no logarithm");
        assert!((found.doubling_days.unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn cumulative_counts_include_those_before_the_window() {
        let found = derive_doubling_time(&curve(&[8, 8, 16, 32, 64]), 4, DoublingBasis::Cumulative);
        assert!((found.doubling_days.unwrap() - 1.0).abs() < 1e-12, "16, 32, 64, 128");
    }

    #[test]
    fn a_decline_has_a_growth_rate_but_no_doubling_time() {
        let found = derive_doubling_time(&curve(&[8, 4, 2]), 7, DoublingBasis::Daily);
        assert!((found.growth_per_day.unwrap() + std::f64::consts::LN_2).abs() < 1e-12);
        assert_eq!(found.doubling_days, Err(NoDoublingTime::NotGrowing));
    }

    #[test]
    fn two_days_with_cases_are_too_few() {
        let found = derive_doubling_time(&curve(&[1, 0, 0, 5]), 7, DoublingBasis::Daily);
        assert_eq!((found.n_days, found.doubling_days), (2, Err(NoDoublingTime::TooFewDays)));
    }

    #[test]
    fn the_growth_rate_has_the_interval_of_students_t() {
        // scipy.stats.linregress([0, 1, 2, 3], log([1, 2, 3, 8])).stderr and scipy.stats.t.ppf(0.975, 2)
        let found = derive_doubling_time(&curve(&[1, 2, 3, 8]), 4, DoublingBasis::Daily);
        let (lower, upper) = found.growth_interval.unwrap();
        let (slope, t) = (found.growth_per_day.unwrap(), 4.302_652_729_749_462);
        assert!((slope - (3.0 * 8f64.ln() + 1.5f64.ln()) / 10.0).abs() < 1e-12);
        assert!(((upper - lower) / 2.0 / t - 0.076_113_522_035_907_86).abs() < 1e-9, "{lower} {upper}");
    }
}
