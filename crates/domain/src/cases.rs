//! Cases: the dates that matter, and the days on which a case can infect others.
//!
//! The infectious period decides who counts as exposed. It is counted in whole days in the authority's
//! time zone, from the rule of the disease profile that was valid on day zero.

mod beginning;
mod clock;
mod elsewhere;
mod kinds;
mod positive_test;
mod status;

pub use beginning::{AT_WORK_DAYS, Beginning, beginning};
pub use clock::{CaseClock, LATE_HOURS, Milestone, ON_TIME_HOURS, Standing};
pub use elsewhere::{CONTACTS_PER_CASE, INTERVIEWED_IN_24_H, NOTIFIED_IN_24_H, TARGET_HOURS};
pub use kinds::{CaseType, ContactTraits};
pub use positive_test::{AfterPositiveTest, after_positive_test};
pub use status::{
    CaseStatus, Conclusion, STEPS, Step, StepBy, StepRefused, check_step_of_staff, next_steps, step_between,
    table_of_steps,
};

use crate::authorities::words;
use crate::ids::{CaseId, PersonId};
use crate::rules::InfectiousRules;
use crate::time::{DayRange, plus_days};
use jiff::civil::Date;

/// How sure it is that somebody is a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseClassification {
    /// Symptoms fit.
    Suspected,
    /// Symptoms fit and there is a link to a case.
    Probable,
    /// A laboratory says so.
    Confirmed,
}
words!(CaseClassification { Suspected = "suspected", Probable = "probable", Confirmed = "confirmed" });

/// The dates of a case that rules look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseDates {
    /// First day with symptoms.
    pub symptom_onset: Option<Date>,
    /// Day on which the specimen was taken.
    pub tested_on: Option<Date>,
    /// Day on which the authority was told.
    pub reported_on: Option<Date>,
}

/// A case as tracing sees it: whose, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaseOfPerson {
    /// The case.
    pub case_id: CaseId,
    /// Whose case it is.
    pub person: PersonId,
    /// Its dates.
    pub dates: CaseDates,
}

/// Neither onset nor test is known, so nobody can say when the case was infectious.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("neither symptom onset nor test is known; ask for one")]
pub struct NoDayZero;

/// Returns day zero: symptom onset, or the day of the test where there are no symptoms.
///
/// # Errors
///
/// [`NoDayZero`] if neither is known.
pub fn day_zero(dates: &CaseDates) -> Result<Date, NoDayZero> {
    dates.symptom_onset.or(dates.tested_on).ok_or(NoDayZero)
}

/// Returns the days on which a case can infect others, first and last included.
///
/// Days are calendar days in the authority's time zone.
///
/// # Errors
///
/// [`NoDayZero`] if neither onset nor test is known; a case worker must ask for one.
pub fn infectious_period(dates: &CaseDates, rules: &InfectiousRules) -> Result<DayRange, NoDayZero> {
    let zero = day_zero(dates)?;
    Ok(DayRange {
        first: plus_days(zero, -i32::from(rules.days_before_onset)),
        last: plus_days(zero, i32::from(rules.days_after_onset)),
    })
}

/// What can't be true of the dates of one case.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WrongDates {
    /// Died before the first symptoms.
    #[error("died is before onset")]
    DiedBeforeOnset,
    /// The window of exposure ends before it begins.
    #[error("exposed_last is before exposed_first")]
    ExposureReversed,
    /// A day after today.
    #[error("{0} lies in the future")]
    Future(&'static str),
}

/// Checks the dates of a case against each other and against today.
///
/// # Errors
///
/// [`WrongDates`] names the first pair that can't both be true.
pub fn check_dates(
    named: &[(&'static str, Option<Date>)],
    onset: Option<Date>,
    died: Option<Date>,
    exposed: (Option<Date>, Option<Date>),
    today: Date,
) -> Result<(), WrongDates> {
    if let Some((name, _)) = named.iter().find(|(_, day)| day.is_some_and(|day| day > today)) {
        return Err(WrongDates::Future(name));
    }
    if let (Some(onset), Some(died)) = (onset, died)
        && died < onset
    {
        return Err(WrongDates::DiedBeforeOnset);
    }
    match exposed {
        (Some(first), Some(last)) if last < first => Err(WrongDates::ExposureReversed),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;

    const RULES: InfectiousRules = InfectiousRules { days_before_onset: 2, days_after_onset: 10 };

    #[test]
    fn without_symptoms_the_infectious_period_counts_from_the_test() {
        let dates = CaseDates { tested_on: Some(date(2020, 3, 1)), ..CaseDates::default() };
        let period = infectious_period(&dates, &RULES).unwrap();
        assert_eq!(period.first, date(2020, 2, 28), "two days earlier, across a leap day");
        assert_eq!(period.last, date(2020, 3, 11));
    }

    #[test]
    fn with_symptoms_the_test_does_not_matter() {
        let dates =
            CaseDates { symptom_onset: Some(date(2020, 3, 5)), tested_on: Some(date(2020, 3, 1)), reported_on: None };
        assert_eq!(infectious_period(&dates, &RULES).unwrap().first, date(2020, 3, 3));
    }

    #[test]
    fn without_onset_and_test_nobody_can_say() {
        let dates = CaseDates { reported_on: Some(date(2020, 3, 5)), ..CaseDates::default() };
        assert_eq!(infectious_period(&dates, &RULES), Err(NoDayZero));
    }

    #[test]
    fn nobody_dies_before_the_first_symptoms_or_falls_ill_tomorrow() {
        let today = date(2020, 4, 1);
        let check = |onset, died| check_dates(&[("onset", onset)], onset, died, (None, None), today);
        assert_eq!(check(Some(date(2020, 3, 9)), Some(date(2020, 3, 8))), Err(WrongDates::DiedBeforeOnset));
        assert_eq!(check(Some(date(2020, 4, 2)), None), Err(WrongDates::Future("onset")));
        assert_eq!(check(Some(date(2020, 4, 1)), None), Ok(()));
    }
}
