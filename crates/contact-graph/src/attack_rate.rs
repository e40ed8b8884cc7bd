//! Secondary attack rate: of those exposed and at risk, the share who became cases.
//!
//! It is never shown without its denominator, and its interval is Wilson's (1927, doi 10.1080/01621459.1927.10502953), which
//! holds for few people and for shares of 0 and 1, where the textbook interval collapses to a point.

use std::collections::BTreeMap;

/// 97.5 % quantile of the normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// Somebody exposed and at risk: not immune, not a case already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposedRecord {
    /// Whether they became a case.
    pub outcome: ExposedOutcome,
    /// What they are grouped by, such as the setting; `None` is in no group but counts overall.
    pub group: Option<String>,
}

/// What became of an exposed person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExposedOutcome {
    /// Became a case.
    BecameCase,
    /// Was followed up and did not.
    StayedWell,
    /// Not known: lost to follow-up, or still followed up. Not in the denominator.
    NotKnown,
}

/// Says why there is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoAttackRate {
    /// The denominator is 0.
    #[error("nobody is known to have been exposed and at risk")]
    NobodyAtRisk,
    /// The numerator is larger than the denominator.
    #[error("more new cases than people at risk")]
    MoreCasesThanAtRisk,
}

/// A share with its 95 % interval; all three 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Numerator divided by denominator.
    pub estimate: f64,
    /// Lower end of Wilson's interval.
    pub lower: f64,
    /// Upper end of Wilson's interval.
    pub upper: f64,
}

/// Secondary attack rate with what it was computed from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AttackRate {
    /// Numerator: new cases among those at risk.
    pub n_new_cases: u64,
    /// Denominator: exposed, at risk, with a known outcome.
    pub n_at_risk: u64,
    /// The rate, or why there is none.
    pub rate: Result<Share, NoAttackRate>,
}

/// Secondary attack rates, overall and by group.
#[derive(Debug, Clone, PartialEq)]
pub struct AttackRates {
    /// Over all exposed.
    pub overall: AttackRate,
    /// By group label, in the order of the labels.
    pub by_group: Vec<(String, AttackRate)>,
    /// Exposed whose outcome is not known; in no denominator.
    pub n_outcome_not_known: u64,
}

/// Returns the secondary attack rate for a numerator and a denominator.
pub fn secondary_attack_rate(n_new_cases: u64, n_at_risk: u64) -> AttackRate {
    let rate = if n_at_risk == 0 {
        Err(NoAttackRate::NobodyAtRisk)
    } else if n_new_cases > n_at_risk {
        Err(NoAttackRate::MoreCasesThanAtRisk)
    } else {
        Ok(wilson(n_new_cases as f64, n_at_risk as f64))
    };
    AttackRate { n_new_cases, n_at_risk, rate }
}

/// Returns the secondary attack rates of a list of exposed people.
pub fn derive_attack_rates(exposed: &[ExposedRecord]) -> AttackRates {
    let mut overall = (0, 0);
    let mut groups: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    let mut n_outcome_not_known = 0;
    for person in exposed {
        let group = person.group.as_deref().map(|label| groups.entry(label).or_default());
        let n_new_cases = match person.outcome {
            ExposedOutcome::BecameCase => 1,
            ExposedOutcome::StayedWell => 0,
            ExposedOutcome::NotKnown => {
                n_outcome_not_known += 1;
                continue;
            }
        };
        for counts in [Some(&mut overall), group].into_iter().flatten() {
            *counts = (counts.0 + n_new_cases, counts.1 + 1);
        }
    }
    let by_group =
        groups.into_iter().map(|(label, (n, of))| (label.to_owned(), secondary_attack_rate(n, of))).collect();
    AttackRates { overall: secondary_attack_rate(overall.0, overall.1), by_group, n_outcome_not_known }
}

fn wilson(n_new_cases: f64, n_at_risk: f64) -> Share {
    let estimate = n_new_cases / n_at_risk;
    let z2_n = Z_95 * Z_95 / n_at_risk;
    let centre = estimate + z2_n / 2.0;
    let half = (z2_n * (estimate * (1.0 - estimate) + z2_n / 4.0)).sqrt();
    let lower = ((centre - half) / (1.0 + z2_n)).clamp(0.0, estimate);
    let upper = ((centre + half) / (1.0 + z2_n)).clamp(estimate, 1.0);
    Share { estimate, lower, upper }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn eight_of_ten_have_the_published_wilson_interval() {
        let share = secondary_attack_rate(8, 10).rate.unwrap();
        assert!((share.lower - 0.490_162).abs() < 1e-6, "{share:?}");
        assert!((share.upper - 0.943_318).abs() < 1e-6, "{share:?}");
    }

    #[test]
    fn nobody_at_risk_is_no_rate() {
        assert_eq!(secondary_attack_rate(0, 0).rate, Err(NoAttackRate::NobodyAtRisk));
        assert_eq!(secondary_attack_rate(2, 1).rate, Err(NoAttackRate::MoreCasesThanAtRisk));
    }

    #[test]
    fn who_was_lost_to_follow_up_is_in_no_denominator_but_in_its_group() {
        let person = |outcome, group: Option<&str>| ExposedRecord { outcome, group: group.map(str::to_owned) };
        let found = derive_attack_rates(&[
            person(ExposedOutcome::BecameCase, Some("school")),
            person(ExposedOutcome::StayedWell, Some("household")),
            person(ExposedOutcome::BecameCase, Some("household")),
            person(ExposedOutcome::StayedWell, None),
            person(ExposedOutcome::NotKnown, Some("work")),
        ]);
        assert_eq!((found.overall.n_new_cases, found.overall.n_at_risk, found.n_outcome_not_known), (2, 4, 1));
        let groups: Vec<_> = found.by_group.iter().map(|(l, r)| (l.as_str(), r.n_new_cases, r.n_at_risk)).collect();
        assert_eq!(groups, [("household", 1, 2), ("school", 1, 1), ("work", 0, 0)]);
    }

    proptest! {
        #[test]
        fn the_interval_contains_the_rate_and_stays_between_0_and_1(n_at_risk in 1u64..1_000_000, share in 0.0..=1.0) {
            let rate = secondary_attack_rate((n_at_risk as f64 * share) as u64, n_at_risk).rate.unwrap();
            prop_assert!(0.0 <= rate.lower && rate.lower <= rate.estimate);
            prop_assert!(rate.estimate <= rate.upper && rate.upper <= 1.0);
        }
    }
}
