//! Days from the onset of an infector to the onset of whom they infected.
//!
//! Every link with both onsets counts, negative ones too: infection before symptoms is real, and dropping those pairs
//! would make the interval longer than it is. They are counted apart, since a wrong direction of a link looks the same.

use jiff::civil::Date;

use crate::outbreak::{CaseRecord, LinkRecord};
use crate::sample;

/// Observed serial intervals, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SerialIntervalSummary {
    /// Links whose two cases both have an onset.
    pub n: usize,
    /// Links that lack an onset.
    pub n_without_onset: usize,
    /// Of `n`, those in which the infected fell ill before the infector.
    pub n_negative: usize,
    /// Mean, `None` without pairs.
    pub mean_days: Option<f64>,
    /// Sample standard deviation (n - 1), `None` with fewer than two pairs.
    pub sd_days: Option<f64>,
    /// Median, `None` without pairs.
    pub median_days: Option<f64>,
}

/// Summarises the serial intervals of links that were accepted.
pub fn derive_serial_interval(cases: &[CaseRecord], links: &[LinkRecord]) -> SerialIntervalSummary {
    let onset = |case: u32| -> Option<Date> { cases[case as usize].onset };
    let mut days: Vec<i32> = links
        .iter()
        .filter_map(|link| Some(sample::days_between(onset(link.infector)?, onset(link.infected)?)))
        .collect();
    days.sort_unstable();
    SerialIntervalSummary {
        n: days.len(),
        n_without_onset: links.len() - days.len(),
        n_negative: days.partition_point(|&d| d < 0),
        mean_days: sample::mean(&days),
        sd_days: sample::standard_deviation(&days),
        median_days: sample::quantile(&days, 0.5),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbreak::tests::{case_with_onset, link};

    #[test]
    fn a_negative_interval_counts_and_is_counted_apart() {
        let cases =
            [case_with_onset(Some(10)), case_with_onset(Some(8)), case_with_onset(Some(16)), case_with_onset(None)];
        let found = derive_serial_interval(&cases, &[link(0, 1), link(0, 2), link(0, 3)]);
        assert_eq!((found.n, found.n_without_onset, found.n_negative), (2, 1, 1));
        assert_eq!((found.mean_days, found.median_days), (Some(2.0), Some(2.0)));
        assert!((found.sd_days.unwrap() - 32f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn without_links_there_is_no_mean() {
        let found = derive_serial_interval(&[], &[]);
        assert_eq!((found.n, found.mean_days, found.sd_days, found.median_days), (0, None, None, None));
    }
}
