//! How long it took from one step to the next: onset, test, report, notice to the contact tracers, quarantine.
//!
//! A negative delay is as a rule a typing mistake (a report before onset happens, when somebody is found before they fall
//! ill); it would pull the mean down and hide a late authority, so negative ones are counted apart and not averaged.
//! Targets "within one day" and "within two days" follow the 24-hour and 48-hour steps of Resolve to Save Lives' playbook;
//! dates are whole days, so they are calendar days, not hours.

use jiff::civil::Date;

use crate::outbreak::CaseRecord;
use crate::sample;

/// One kind of delay, in days, over the cases that have both dates in order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DelaySummary {
    /// Cases with both dates, the second not before the first.
    pub n: usize,
    /// Cases whose second date lies before the first; not in `n`.
    pub n_negative: usize,
    /// Median, `None` without cases.
    pub median_days: Option<f64>,
    /// Mean, `None` without cases.
    pub mean_days: Option<f64>,
    /// Nine of ten cases took no longer; `None` without cases.
    pub p90_days: Option<f64>,
    /// Share of `n` that took at most one day, 0 to 1.
    pub share_within_1_day: Option<f64>,
    /// Share of `n` that took at most two days, 0 to 1.
    pub share_within_2_days: Option<f64>,
}

/// All delays that are reported.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Delays {
    /// From symptom onset to the test.
    pub onset_to_test: DelaySummary,
    /// From the test to the report.
    pub test_to_report: DelaySummary,
    /// From symptom onset to the report.
    pub onset_to_report: DelaySummary,
    /// From the report until the case was noticed by those who trace.
    pub report_to_notice: DelaySummary,
    /// From the report to quarantine or isolation.
    pub report_to_quarantine: DelaySummary,
}

/// Summarises all delays of the cases.
pub fn derive_delays(cases: &[CaseRecord]) -> Delays {
    let between = |first: fn(&CaseRecord) -> Option<Date>, last: fn(&CaseRecord) -> Option<Date>| {
        summarise(list_delays(cases, first, last))
    };
    Delays {
        onset_to_test: between(|c| c.onset, |c| c.tested),
        test_to_report: between(|c| c.tested, |c| c.reported),
        onset_to_report: between(|c| c.onset, |c| c.reported),
        report_to_notice: between(|c| c.reported, |c| c.noticed),
        report_to_quarantine: between(|c| c.reported, |c| c.quarantined),
    }
}

/// Lists the days between two dates, negative ones too, of the cases that have both.
pub fn list_delays(
    cases: &[CaseRecord],
    first: impl Fn(&CaseRecord) -> Option<Date>,
    last: impl Fn(&CaseRecord) -> Option<Date>,
) -> Vec<i32> {
    cases.iter().filter_map(|case| Some(sample::days_between(first(case)?, last(case)?))).collect()
}

/// Summarises delays in days, in any order.
pub fn summarise(mut days: Vec<i32>) -> DelaySummary {
    days.sort_unstable();
    let n_negative = days.partition_point(|&d| d < 0);
    let days = &days[n_negative..];
    let share_within =
        |limit: i32| (!days.is_empty()).then(|| days.partition_point(|&d| d <= limit) as f64 / days.len() as f64);
    DelaySummary {
        n: days.len(),
        n_negative,
        median_days: sample::quantile(days, 0.5),
        mean_days: sample::mean(days),
        p90_days: sample::quantile(days, 0.9),
        share_within_1_day: share_within(1),
        share_within_2_days: share_within(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_delays_are_counted_apart_and_not_averaged() {
        let found = summarise(vec![4, -3, 0, 1, 2]);
        assert_eq!((found.n, found.n_negative), (4, 1));
        assert_eq!((found.mean_days, found.median_days), (Some(1.75), Some(1.5)));
        assert_eq!((found.share_within_1_day, found.share_within_2_days), (Some(0.5), Some(0.75)));
    }

    #[test]
    fn without_dates_nothing_is_said() {
        let found = derive_delays(&[]).onset_to_test;
        assert_eq!((found.n, found.median_days, found.share_within_1_day), (0, None, None));
    }
}
