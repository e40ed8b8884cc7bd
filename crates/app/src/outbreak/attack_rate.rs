//! Who was exposed and at risk, for the secondary attack rate: those with a declared contact to a case on
//! its infectious days. Links alone say nothing of those who stayed well, so they are no denominator.

use contact_graph::attack_rate::{ExposedOutcome, ExposedRecord};
use domain::cases::{day_zero, infectious_period};
use domain::contacts::Contact;
use domain::diseases::Disease;
use domain::ids::PersonId;
use domain::rules::{RuleSet, rule_set_on};
use domain::time::{days_between, plus_days};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use storage::cases::CaseOutline;

/// Lists those exposed to `cases` with what became of them, each once, in the group of the contact that came first.
/// Whether they fell ill, `all` cases of the disease tell.
pub(super) fn exposed(
    contacts: &[Contact],
    cases: &[CaseOutline],
    all: &[CaseOutline],
    disease: Disease,
    own_rules: &[RuleSet],
) -> Vec<ExposedRecord> {
    let (infecting, case_of) = (first_cases(cases), first_cases(all));
    let mut first_contact: BTreeMap<PersonId, (Date, &Contact)> = BTreeMap::new();
    for contact in contacts {
        for (case, other) in [(contact.declared_by, contact.met), (contact.met, contact.declared_by)] {
            let Some(case) = infecting.get(&case) else { continue };
            let Ok(zero) = day_zero(&case.dates) else { continue };
            let rules = rule_set_on(own_rules, disease, zero);
            let infectious = infectious_period(&case.dates, &rules.settings.infectious);
            if !infectious.is_ok_and(|days| days.overlaps(&contact.days)) {
                continue;
            }
            let day = contact.days.first;
            let earlier = first_contact.get(&other).is_none_or(|(known, _)| day < *known);
            if earlier {
                first_contact.insert(other, (day, contact));
            }
        }
    }
    let record = |(person, (day, contact)): (PersonId, (Date, &Contact))| {
        let outcome = outcome(case_of.get(&person).copied(), day, disease, own_rules)?;
        Some(ExposedRecord { outcome, group: Some(contact.kind.to_string()) })
    };
    first_contact.into_iter().filter_map(record).collect()
}

fn first_cases(cases: &[CaseOutline]) -> HashMap<PersonId, &CaseOutline> {
    let mut first = HashMap::with_capacity(cases.len());
    for case in cases {
        first.entry(case.person_id).or_insert(case);
    }
    first
}

/// `None` for somebody who was ill by that day and so not at risk: nobody falls ill on the day of infection.
fn outcome(case: Option<&CaseOutline>, exposed: Date, disease: Disease, rules: &[RuleSet]) -> Option<ExposedOutcome> {
    let Some(case) = case else { return Some(ExposedOutcome::StayedWell) };
    let Ok(zero) = day_zero(&case.dates) else { return Some(ExposedOutcome::NotKnown) };
    if zero <= exposed {
        return None;
    }
    let longest = i32::from(rule_set_on(rules, disease, exposed).settings.incubation_max_days);
    let in_time = days_between(plus_days(exposed, longest), zero) <= longest;
    Some(if in_time { ExposedOutcome::BecameCase } else { ExposedOutcome::StayedWell })
}
