//! The days that rules give a case: on which it infects others, and on which it can have been infected.
//!
//! The rule set is the one that held on day zero: the authority's own, else the built-in one of the disease.

use domain::cases::{CaseDates, day_zero, infectious_period};
use domain::diseases::Disease;
use domain::rules::{RuleSet, rule_set_on};
use domain::time::{DayRange, plus_days};

/// Returns the rules that hold for a case; `None` where no day zero is known.
pub(crate) fn rules_of(own: &[RuleSet], disease: Disease, dates: &CaseDates) -> Option<RuleSet> {
    Some(rule_set_on(own, disease, day_zero(dates).ok()?))
}

/// Returns the days on which a case infects others; `None` where no day zero is known.
pub(crate) fn infectious_days(own: &[RuleSet], disease: Disease, dates: &CaseDates) -> Option<DayRange> {
    let rules = rules_of(own, disease, dates)?;
    infectious_period(dates, &rules.settings.infectious).ok()
}

/// Returns the days on which the infection may have happened: the longest incubation before day zero.
pub(crate) fn incubation_days(own: &[RuleSet], disease: Disease, dates: &CaseDates) -> Option<DayRange> {
    let rules = rules_of(own, disease, dates)?;
    let zero = day_zero(dates).ok()?;
    Some(DayRange { first: plus_days(zero, -i32::from(rules.settings.incubation_max_days)), last: zero })
}

/// The days of a case, each with its rule in words and where that comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedDays {
    /// Days on which it infects others.
    pub infectious: Option<DayRange>,
    /// By which rule, such as `2 days before to 10 days after onset (COVID-19, built-in rules)`.
    pub infectious_rule: Option<String>,
    /// Where the rule comes from.
    pub infectious_source: Option<String>,
    /// Why there are no such days.
    pub infectious_reason: Option<String>,
    /// Days on which the infection may have happened.
    pub incubation: Option<DayRange>,
    /// By which rule.
    pub incubation_rule: Option<String>,
    /// Where the rule comes from.
    pub incubation_source: Option<String>,
    /// Version of the rule set; 0 is the built-in one.
    pub rule_version: i32,
}

/// Explains the days of a case.
pub(crate) fn explained(own: &[RuleSet], disease: Disease, dates: &CaseDates) -> ExplainedDays {
    let Some(rules) = rules_of(own, disease, dates) else {
        let reason = day_zero(dates).err().map(|reason| reason.to_string());
        return ExplainedDays {
            infectious: None,
            infectious_rule: None,
            infectious_source: None,
            infectious_reason: reason,
            incubation: None,
            incubation_rule: None,
            incubation_source: None,
            rule_version: own.iter().map(|rules| rules.version).max().unwrap_or(0),
        };
    };
    let profile = disease.profile();
    let is_own = rules.version != 0;
    let whose = if is_own { format!("rule set {}", rules.version) } else { "built-in rules".to_owned() };
    let zero = if dates.symptom_onset.is_some() { "onset" } else { "the test" };
    let days = |n: u8| if n == 1 { "1 day".to_owned() } else { format!("{n} days") };
    let source = |built_in: String| if is_own { format!("{whose} of this authority") } else { built_in };
    let infectious = rules.settings.infectious;
    let longest = rules.settings.incubation_max_days;
    ExplainedDays {
        infectious: infectious_days(own, disease, dates),
        infectious_rule: Some(format!(
            "{} before to {} after {zero} ({}, {whose})",
            days(infectious.days_before_onset),
            days(infectious.days_after_onset),
            profile.name
        )),
        infectious_source: Some(source(format!(
            "{}; {}",
            profile.days_before_onset.source, profile.days_after_onset.source
        ))),
        infectious_reason: None,
        incubation: incubation_days(own, disease, dates),
        incubation_rule: Some(format!("up to {} before {zero} ({}, {whose})", days(longest), profile.name)),
        incubation_source: Some(source(profile.incubation_max_days.source.to_owned())),
        rule_version: rules.version,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;

    fn dates(symptom_onset: Option<jiff::civil::Date>, tested_on: Option<jiff::civil::Date>) -> CaseDates {
        CaseDates { symptom_onset, tested_on, reported_on: None }
    }

    #[test]
    fn the_rule_stands_in_words_beside_its_days() {
        let days = explained(&[], Disease::Covid19, &dates(Some(date(2020, 3, 1)), None));
        assert_eq!(days.infectious, Some(DayRange { first: date(2020, 2, 28), last: date(2020, 3, 11) }));
        let rule = "2 days before to 10 days after onset (COVID-19, built-in rules)";
        assert_eq!(days.infectious_rule.as_deref(), Some(rule));
        assert!(days.infectious_source.unwrap().starts_with("CDC 2020"));
        assert_eq!(days.incubation, Some(DayRange { first: date(2020, 2, 16), last: date(2020, 3, 1) }));
        assert_eq!(days.incubation_rule.unwrap(), "up to 14 days before onset (COVID-19, built-in rules)");
    }

    #[test]
    fn an_own_rule_set_is_named_as_the_source() {
        let mut own = RuleSet::built_in(Disease::Covid19);
        own.version = 3;
        own.settings.infectious.days_before_onset = 1;
        let days = explained(&[own], Disease::Covid19, &dates(None, Some(date(2020, 3, 1))));
        let rule = "1 day before to 10 days after the test (COVID-19, rule set 3)";
        assert_eq!(days.infectious_rule.as_deref(), Some(rule));
        assert_eq!(days.infectious_source.as_deref(), Some("rule set 3 of this authority"));
        assert_eq!(days.rule_version, 3);
    }

    #[test]
    fn without_onset_and_test_there_are_no_days_and_it_is_said_why() {
        let days = explained(&[], Disease::Measles, &dates(None, None));
        assert_eq!((days.infectious, days.incubation), (None, None));
        assert!(days.infectious_reason.unwrap().contains("ask for one"));
    }
}
