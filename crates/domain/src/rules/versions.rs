//! Making a version: from when until when it may hold, and what ends one early.
//!
//! Nothing is ever changed: what was decided stays explained by the version that it used. So a rule that
//! begins in the past takes an explicit word, and a version ends early by newer ones that hold instead.

use super::{RuleSet, rule_set_on};
use crate::time::plus_days;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Whether somebody said that decisions of the past stay explained by the version that they used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Past {
    /// Nobody did: a version must not begin before today.
    NotNamed,
    /// They did.
    StaysExplained,
}

/// Checks the days of a new version.
///
/// # Errors
///
/// `last` if it ends before it begins, `first` if it begins in the past without the word for it.
pub fn check_days(
    first: Option<Date>,
    last: Option<Date>,
    today: Date,
    past: Past,
) -> Result<(), (&'static str, String)> {
    if first.zip(last).is_some_and(|(first, last)| last < first) {
        return Err(("last", "the last day lies before the first".to_owned()));
    }
    if first.is_none_or(|first| first < today) && past == Past::NotNamed {
        let reason = "it would begin in the past: confirm that decisions made before stay explained by the version that \
                      they used, or let it begin today";
        return Err(("first", reason.to_owned()));
    }
    Ok(())
}

/// Returns what must hold instead, from the day after `last` on, for a version to be over: for each span of days in which
/// it holds now, the settings that would hold without it, numbered from the newest version on. None where it doesn't hold
/// on any later day.
#[must_use]
pub fn ended_early(own: &[RuleSet], version: i32, last: Date) -> Vec<RuleSet> {
    let Some(ends) = own.iter().find(|set| set.version == version) else { return Vec::new() };
    let others: Vec<RuleSet> = own.iter().filter(|set| set.version != version).cloned().collect();
    let from = ends.first.map_or(plus_days(last, 1), |first| first.max(plus_days(last, 1)));
    let mut made: Vec<RuleSet> = Vec::new();
    let mut replaced = None;
    for (first, until) in spans(own, from, ends.last) {
        if rule_set_on(own, ends.disease, first).version != version {
            replaced = None;
            continue;
        }
        let instead = rule_set_on(&others, ends.disease, first);
        match made.last_mut() {
            Some(before) if replaced == Some(instead.version) => before.last = until,
            _ => {
                replaced = Some(instead.version);
                made.push(RuleSet { first: Some(first), last: until, ..instead });
            }
        }
    }
    let newest = own.iter().map(|set| set.version).max().unwrap_or(0);
    for (number, set) in (newest + 1..).zip(&mut made) {
        set.version = number;
    }
    made
}

/// Cuts the days from `from` on where any version begins or ends, so that in each span the same versions hold.
fn spans(own: &[RuleSet], from: Date, last: Option<Date>) -> Vec<(Date, Option<Date>)> {
    let begins = own.iter().filter_map(|set| set.first);
    let after = own.iter().filter_map(|set| set.last.map(|last| plus_days(last, 1)));
    let mut cuts: BTreeSet<Date> = begins.chain(after).filter(|day| *day > from).collect();
    cuts.insert(from);
    let cuts: Vec<Date> = cuts.into_iter().filter(|day| last.is_none_or(|last| *day <= last)).collect();
    let until = |i: usize| cuts.get(i + 1).map_or(last, |next| Some(plus_days(*next, -1)));
    cuts.iter().enumerate().map(|(i, first)| (*first, until(i))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diseases::Disease;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TODAY: Date = date(2026, 3, 1);

    fn set(version: i32, first: Option<Date>, last: Option<Date>, before_onset: u8) -> RuleSet {
        let mut set = RuleSet { version, first, last, ..RuleSet::built_in(Disease::Covid19) };
        set.settings.infectious.days_before_onset = before_onset;
        set
    }

    fn before_onset(own: &[RuleSet], day: Date) -> u8 {
        rule_set_on(own, Disease::Covid19, day).settings.infectious.days_before_onset
    }

    #[test]
    fn a_version_ends_on_or_after_its_first_day() {
        let check = |first, last| check_days(Some(first), last, TODAY, Past::NotNamed).map_err(|(field, _)| field);
        assert_eq!(check(TODAY, Some(TODAY)), Ok(()), "one day");
        assert_eq!(check(TODAY, None), Ok(()));
        assert_eq!(check(TODAY, Some(plus_days(TODAY, -1))), Err("last"));
    }

    #[test]
    fn a_version_of_the_past_takes_an_explicit_word() {
        for first in [None, Some(plus_days(TODAY, -1))] {
            let refused = check_days(first, None, TODAY, Past::NotNamed);
            assert_eq!(refused.map_err(|(field, _)| field), Err("first"));
            assert_eq!(check_days(first, None, TODAY, Past::StaysExplained), Ok(()));
        }
    }

    #[test]
    fn what_held_before_holds_again_when_a_version_ends() {
        let mut own = vec![set(1, Some(date(2026, 1, 1)), None, 3), set(2, Some(date(2026, 3, 1)), None, 4)];
        let made = ended_early(&own, 2, date(2026, 3, 31));
        assert_eq!(made, [set(3, Some(date(2026, 4, 1)), None, 3)]);
        own.extend(made);
        assert_eq!(before_onset(&own, date(2026, 3, 31)), 4);
        assert_eq!(before_onset(&own, date(2026, 4, 1)), 3);
    }

    #[test]
    fn a_version_that_has_not_begun_is_called_off() {
        let own = [set(1, Some(date(2026, 5, 1)), Some(date(2026, 5, 9)), 3)];
        let made = ended_early(&own, 1, TODAY);
        assert_eq!(made, [set(2, Some(date(2026, 5, 1)), Some(date(2026, 5, 9)), 2)], "the built-in rules hold");
    }

    #[test]
    fn what_is_over_or_covered_by_a_newer_version_needs_nothing() {
        let own = [set(1, None, Some(date(2026, 3, 9)), 3), set(2, None, None, 4)];
        assert_eq!(ended_early(&own, 1, TODAY), []);
        assert_eq!(ended_early(&own[..1], 1, date(2026, 3, 9)), []);
        assert_eq!(ended_early(&own, 7, TODAY), []);
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (0..40).prop_map(|days| plus_days(TODAY, days))
    }

    proptest! {
        #[test]
        fn after_its_end_each_day_has_the_rules_that_it_would_have_without_the_version(
            days in prop::collection::vec((prop::option::of(any_day()), prop::option::of(any_day())), 1..6),
            ended in 1..6i32,
            last in any_day(),
        ) {
            let numbered = (1..).zip(days).map(|(version, (first, last))| (version, first, last));
            let own: Vec<RuleSet> = numbered
                .filter(|(_, first, last)| first.zip(*last).is_none_or(|(first, last)| first <= last))
                .map(|(version, first, last)| set(version, first, last, u8::try_from(version).unwrap_or(0)))
                .collect();
            let others: Vec<RuleSet> = own.iter().filter(|set| set.version != ended).cloned().collect();
            let after: Vec<RuleSet> = own.iter().cloned().chain(ended_early(&own, ended, last)).collect();
            for n in -5..50 {
                let day = plus_days(TODAY, n);
                let expected = if day > last { before_onset(&others, day) } else { before_onset(&own, day) };
                prop_assert_eq!(before_onset(&after, day), expected, "{}", day);
            }
        }
    }
}
