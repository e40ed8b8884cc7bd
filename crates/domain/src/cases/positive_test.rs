//! What a positive test makes of a case.

use super::{CaseStatus, CaseType};
use crate::rules::RuleSettings;
use crate::time::days_between;
use jiff::civil::Date;

/// What a positive test makes of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterPositiveTest {
    /// An index case is confirmed.
    Confirmed,
    /// A contact is an index case from now on.
    BecomesIndex,
    /// A case that was over is the same infection still.
    Reopened,
    /// The same person is infected again.
    NewCase,
}

/// Decides what a positive test makes of a case. For so many days after the conclusion it is the same infection, by the
/// rules that hold on the day of the test; later it is another one.
#[must_use]
pub fn after_positive_test(
    status: CaseStatus,
    case_type: CaseType,
    concluded_on: Option<Date>,
    tested_on: Date,
    rules: &RuleSettings,
) -> AfterPositiveTest {
    match (status, concluded_on) {
        (CaseStatus::Concluded, Some(day)) if days_between(day, tested_on) <= i32::from(rules.same_infection_days) => {
            AfterPositiveTest::Reopened
        }
        (status, _) if status.is_ended() => AfterPositiveTest::NewCase,
        _ if case_type.is_contact() => AfterPositiveTest::BecomesIndex,
        _ => AfterPositiveTest::Confirmed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diseases::Disease;
    use crate::time::plus_days;
    use jiff::civil::date;

    fn rules() -> RuleSettings {
        RuleSettings::built_in(Disease::Covid19)
    }

    #[test]
    fn a_contact_becomes_an_index_case_and_an_index_case_is_confirmed() {
        let status = CaseStatus::TrackedManually;
        let after = |case_type| after_positive_test(status, case_type, None, date(2026, 3, 1), &rules());
        assert_eq!(after(CaseType::ContactMedical), AfterPositiveTest::BecomesIndex);
        assert_eq!(after(CaseType::Index), AfterPositiveTest::Confirmed);
    }

    #[test]
    fn within_the_days_of_the_rules_it_is_the_same_infection() {
        let ended = date(2026, 1, 1);
        let within = |rules: &RuleSettings, days| {
            let tested_on = plus_days(ended, days);
            after_positive_test(CaseStatus::Concluded, CaseType::Index, Some(ended), tested_on, rules)
        };
        let after = |days| within(&rules(), days);
        assert_eq!(after(90), AfterPositiveTest::Reopened);
        assert_eq!(after(91), AfterPositiveTest::NewCase);
        assert_eq!(after(-3), AfterPositiveTest::Reopened, "a sample from before the conclusion");
        let anonymised = after_positive_test(CaseStatus::Anonymised, CaseType::Index, Some(ended), ended, &rules());
        assert_eq!(anonymised, AfterPositiveTest::NewCase, "nobody knows whose it was");
        let shorter = RuleSettings { same_infection_days: 30, ..rules() };
        assert_eq!(within(&shorter, 31), AfterPositiveTest::NewCase);
    }
}
