//! Median, quantiles and spread of a small sample, and days between two dates.
//!
//! Quantiles interpolate between neighbours (type 7 of Hyndman & Fan 1996, the default of R and NumPy), so that a figure
//! here equals the one that an epidemiologist gets from the exported line list.

use jiff::civil::Date;

/// Returns the days from `first` to `last`; negative if `last` is earlier.
pub(crate) fn days_between(first: Date, last: Date) -> i32 {
    // Never cut off: the calendar of `jiff` has 7.3 million days.
    (last.duration_since(first).as_hours() / 24) as i32
}

/// Returns the mean, `None` without values.
pub(crate) fn mean(values: &[i32]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64)
}

/// Returns the sample standard deviation (n - 1), `None` with fewer than two values.
pub(crate) fn standard_deviation(values: &[i32]) -> Option<f64> {
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|&v| (f64::from(v) - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (values.len() - 1) as f64).sqrt())
}

/// Returns the quantile `p` (0 to 1) of values in ascending order, `None` without values.
pub(crate) fn quantile(ascending: &[i32], p: f64) -> Option<f64> {
    let position = p.clamp(0.0, 1.0) * ascending.len().checked_sub(1)? as f64;
    let below = *ascending.get(position.floor() as usize)?;
    let above = *ascending.get(position.ceil() as usize)?;
    Some(f64::from(below) + position.fract() * f64::from(above - below))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn days_are_counted_across_a_leap_day() {
        assert_eq!(days_between(date(2020, 2, 28), date(2020, 3, 1)), 2);
        assert_eq!(days_between(date(2020, 3, 1), date(2020, 2, 28)), -2);
    }

    #[test]
    fn a_quantile_between_two_values_is_interpolated() {
        assert_eq!(quantile(&[1, 2, 3, 10], 0.5), Some(2.5));
        assert!((quantile(&[1, 2, 3, 10], 0.9).unwrap() - 7.9).abs() < 1e-12);
        assert_eq!(quantile(&[], 0.5), None);
    }
}
