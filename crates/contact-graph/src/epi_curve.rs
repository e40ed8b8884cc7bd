//! Cases by day, of onset or of report, and from which day on the curve of onset is not yet complete.
//!
//! Days without cases are days of zero cases, so that a curve has no gaps. Its last days always look like a decline,
//! because some who fell ill then are not reported yet: a day counts as incomplete while fewer than 95 % of its cases are
//! expected to be known, judged by the delays from onset to report seen so far. Those delays are themselves cut off in a
//! growing outbreak (long ones are still to come), so that the first incomplete day is, if anything, too late.

use jiff::civil::Date;

use crate::sample;

/// Longest curve, in days: a hundred years. A longer one is a mistyped year.
pub const MAX_CURVE_DAYS: usize = 36_600;

/// Share of a day's cases that must be expected as reported for the day to be complete.
pub const COMPLETE_SHARE: f64 = 0.95;

/// Fewest delays from which completeness is judged.
pub const MIN_DELAYS: usize = 10;

/// Says why there is no curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EpiCurveError {
    /// First and last date lie more than [`MAX_CURVE_DAYS`] apart.
    #[error("dates from {first} to {last} are too far apart for one curve")]
    TooLong {
        /// Earliest date.
        first: Date,
        /// Latest date.
        last: Date,
    },
}

/// Cases of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The day.
    pub date: Date,
    /// Cases on it.
    pub count: u32,
}

/// Cases by day, without gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EpiCurve {
    /// From the first day with a case to the last, both included; empty without dated cases.
    pub days: Vec<DayCount>,
    /// Cases that lack the date and are not in the curve.
    pub n_without_date: usize,
}

/// Says why no day could be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotJudged {
    /// Fewer than [`MIN_DELAYS`] delays.
    #[error("only {n} delays from onset to report are known, 10 are needed")]
    TooFewDelays {
        /// Delays that are known.
        n: usize,
    },
    /// No case was ever reported, and no day was given.
    #[error("there is no day up to which cases were reported")]
    NoReportDay,
}

/// Which days of a curve by onset are incomplete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completeness {
    /// Day up to which reports are known, included.
    pub as_of: Option<Date>,
    /// First day that is incomplete, and with it all that follow, whether in the curve or not; or why none is named.
    pub first_incomplete: Result<Date, NotJudged>,
}

impl Completeness {
    /// Says whether fewer than 95 % of the cases with onset on `day` are expected to be reported.
    pub fn is_incomplete(&self, day: Date) -> bool {
        self.first_incomplete.is_ok_and(|first| day >= first)
    }
}

/// Derives the curve of a list of dates, one for each case.
///
/// # Errors
///
/// [`EpiCurveError::TooLong`] if a year was mistyped.
pub fn derive_epi_curve(dates: impl IntoIterator<Item = Option<Date>>) -> Result<EpiCurve, EpiCurveError> {
    let (mut dated, mut n_without_date) = (Vec::new(), 0);
    for date in dates {
        match date {
            Some(date) => dated.push(date),
            None => n_without_date += 1,
        }
    }
    dated.sort_unstable();
    let (Some(&first), Some(&last)) = (dated.first(), dated.last()) else {
        return Ok(EpiCurve { days: Vec::new(), n_without_date });
    };
    if sample::days_between(first, last) as usize >= MAX_CURVE_DAYS {
        return Err(EpiCurveError::TooLong { first, last });
    }
    let mut days: Vec<DayCount> = first
        .series(jiff::Span::new().days(1))
        .take_while(|&date| date <= last)
        .map(|date| DayCount { date, count: 0 })
        .collect();
    for date in dated {
        days[sample::days_between(first, date) as usize].count += 1;
    }
    Ok(EpiCurve { days, n_without_date })
}

/// Judges from which day of onset on fewer than 95 % of the cases are expected to be reported by `as_of`.
///
/// `onset_to_report` holds the known delays in days, in any order; negative ones (reported before onset) count.
pub fn derive_completeness(onset_to_report: &[i32], as_of: Option<Date>) -> Completeness {
    let judged = as_of.ok_or(NotJudged::NoReportDay).and_then(|day| {
        let n = onset_to_report.len();
        if n < MIN_DELAYS {
            return Err(NotJudged::TooFewDelays { n });
        }
        let mut ascending = onset_to_report.to_vec();
        ascending.sort_unstable();
        // The day is complete once this many days have passed: the least delay within which 95 % were reported.
        let needed = (COMPLETE_SHARE * n as f64).ceil() as usize;
        let days = ascending[needed - 1];
        Ok(day.saturating_sub(jiff::Span::new().days(days)).saturating_add(jiff::Span::new().days(1)))
    });
    Completeness { as_of, first_incomplete: judged }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_without_cases_are_days_of_zero() {
        let curve = derive_epi_curve([Some(date(2020, 2, 28)), None, Some(date(2020, 3, 1))]).unwrap();
        let counts: Vec<_> = curve.days.iter().map(|d| (d.date.day(), d.count)).collect();
        assert_eq!(counts, [(28, 1), (29, 0), (1, 1)], "across a leap day");
        assert_eq!(curve.n_without_date, 1);
    }

    #[test]
    fn a_mistyped_year_is_named_and_not_drawn() {
        let (first, last) = (date(202, 3, 1), date(2020, 3, 1));
        assert_eq!(derive_epi_curve([Some(last), Some(first)]), Err(EpiCurveError::TooLong { first, last }));
    }

    #[test]
    fn a_day_is_complete_once_95_in_100_delays_fit() {
        let delays: Vec<i32> = (1..=100).map(|i| if i <= 95 { 3 } else { 9 }).collect();
        let found = derive_completeness(&delays, Some(date(2020, 3, 10)));
        assert_eq!(found.first_incomplete, Ok(date(2020, 3, 8)), "on the 7th, three days have passed");
        assert!(!found.is_incomplete(date(2020, 3, 7)) && found.is_incomplete(date(2020, 3, 9)));
    }

    #[test]
    fn with_nine_delays_no_day_is_flagged() {
        let found = derive_completeness(&[1; 9], Some(date(2020, 3, 10)));
        assert_eq!(found.first_incomplete, Err(NotJudged::TooFewDelays { n: 9 }));
        assert!(!found.is_incomplete(date(2020, 3, 10)));
    }

    proptest! {
        #[test]
        fn counts_sum_to_the_dated_cases(offsets in prop::collection::vec(prop::option::of(0i32..400), 0..200)) {
            let dates = offsets.iter().map(|o| o.map(|days| date(2019, 12, 1).saturating_add(jiff::Span::new().days(days))));
            let curve = derive_epi_curve(dates).unwrap();
            let total: u32 = curve.days.iter().map(|d| d.count).sum();
            prop_assert_eq!(total as usize + curve.n_without_date, offsets.len());
            prop_assert_eq!(total as usize, offsets.iter().flatten().count());
        }
    }
}
