//! Quarantine of contacts and isolation of cases: one thing with a kind, from a first day to a last one, both included.
//!
//! Rules reckon an end: the last contact, or the onset (else the test) of a case, plus the days of the rules that held
//! on that day. A person decides, and an end that a person set stays. What the rules had reckoned when somebody decided
//! is kept with the decision, so only what has changed since then is proposed, and whoever said no once isn't asked again.

mod telling;

pub use telling::{Order, Telling, ToldBefore, telling};

use crate::authorities::words;
use crate::cases::{CaseDates, CaseType};
use crate::diseases::Disease;
use crate::rules::{RuleSet, rule_set_on};
use crate::time::{DayRange, days_between, plus_days};
use jiff::civil::Date;

/// Whom it keeps at home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuarantineKind {
    /// The exposed.
    Quarantine,
    /// Cases.
    Isolation,
}
words!(QuarantineKind { Quarantine = "quarantine", Isolation = "isolation" });

impl QuarantineKind {
    /// Returns which of the two a case of this type is given.
    #[must_use]
    pub fn of(case_type: CaseType) -> Self {
        if case_type.is_contact() { Self::Quarantine } else { Self::Isolation }
    }
}

/// What somebody is under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// Which of the two.
    pub kind: QuarantineKind,
    /// From when until when.
    pub days: DayRange,
}

/// What the days are counted from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Basis {
    /// The last contact to a case.
    LastContact,
    /// The onset of symptoms.
    Onset,
    /// The test, where no onset is known.
    Test,
}
words!(Basis { LastContact = "last_contact", Onset = "onset", Test = "test" });

/// What the rules reckon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reckoning {
    /// Quarantine or isolation.
    pub kind: QuarantineKind,
    /// What is counted from.
    pub basis: Basis,
    /// Its day.
    pub basis_on: Date,
    /// Days added to it.
    pub n_days: u8,
    /// The last day that comes out, included.
    pub last: Date,
    /// Version of the rules that say so; 0 is the built-in one.
    pub rule_version: i32,
}

impl Reckoning {
    /// Returns the days to order today: an order binds nobody backward. `None` where the last day is over.
    #[must_use]
    pub fn offered(&self, today: Date) -> Option<DayRange> {
        DayRange::new(self.basis_on.max(today), self.last).ok()
    }
}

/// What the rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Index or contact.
    pub case_type: CaseType,
    /// Which disease.
    pub disease: Disease,
    /// Onset and test.
    pub dates: CaseDates,
    /// Last day on which a contact met a case.
    pub last_contact: Option<Date>,
}

/// Reckons the last day by the rules that held on the day counted from: the authority's own, else the built-in ones.
/// `None` where that day isn't known.
#[must_use]
pub fn reckon(followed: &Followed, own: &[RuleSet]) -> Option<Reckoning> {
    let kind = QuarantineKind::of(followed.case_type);
    let dates = &followed.dates;
    let (basis, basis_on) = match kind {
        QuarantineKind::Quarantine => (Basis::LastContact, followed.last_contact?),
        QuarantineKind::Isolation => match (dates.symptom_onset, dates.tested_on) {
            (Some(onset), _) => (Basis::Onset, onset),
            (None, Some(test)) => (Basis::Test, test),
            (None, None) => return None,
        },
    };
    let rules = rule_set_on(own, followed.disease, basis_on);
    let n_days = match kind {
        QuarantineKind::Quarantine => rules.settings.quarantine_days,
        QuarantineKind::Isolation => rules.settings.isolation_days,
    };
    let last = plus_days(basis_on, i32::from(n_days));
    Some(Reckoning { kind, basis, basis_on, n_days, last, rule_version: rules.version })
}

/// Why the rules reckon other days than when somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalReason {
    /// A contact has become a case.
    BecameCase,
    /// There was a later contact.
    LaterContact,
    /// The last contact is not the last, or was none.
    EarlierContact,
    /// The onset is another day, or known now.
    OnsetChanged,
    /// The test is another day, or the onset is not known any more.
    TestChanged,
    /// Other rules hold for that day.
    RulesChanged,
}
words!(ProposalReason {
    BecameCase = "became_case",
    LaterContact = "later_contact",
    EarlierContact = "earlier_contact",
    OnsetChanged = "onset_changed",
    TestChanged = "test_changed",
    RulesChanged = "rules_changed",
});

/// Other days that the rules propose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What they propose.
    pub quarantine: Quarantine,
    /// Why.
    pub reason: ProposalReason,
    /// By which reckoning.
    pub reckoning: Reckoning,
}

/// Returns what the rules propose: other days than those that are set, because something has changed since somebody
/// decided. `seen` is what the rules had reckoned then; `None` where they could reckon nothing.
///
/// A later end is proposed if it lies after the one that is set. An earlier end is proposed only to whoever had followed
/// the rules: who had set another end knew better.
#[must_use]
pub fn propose(set: Option<Quarantine>, seen: Option<Reckoning>, now: Option<Reckoning>) -> Option<Proposal> {
    let (set, now) = (set?, now?);
    let reason = match seen {
        _ if now.kind != set.kind => ProposalReason::BecameCase,
        Some(seen) => reason_of(&seen, &now),
        None => match now.basis {
            Basis::LastContact => ProposalReason::LaterContact,
            Basis::Onset => ProposalReason::OnsetChanged,
            Basis::Test => ProposalReason::TestChanged,
        },
    };
    let is_known = seen.is_some_and(|seen| (seen.kind, seen.last) == (now.kind, now.last));
    let followed_rules = seen.is_some_and(|seen| seen.last == set.days.last);
    let is_wanted = match seen {
        _ if now.kind != set.kind => true,
        _ if now.last > set.days.last => seen.is_none_or(|seen| now.last > seen.last),
        _ => now.last < set.days.last && followed_rules,
    };
    let days = DayRange { first: set.days.first.min(now.last), last: now.last };
    let quarantine = Quarantine { kind: now.kind, days };
    (is_wanted && !is_known).then_some(Proposal { quarantine, reason, reckoning: now })
}

fn reason_of(seen: &Reckoning, now: &Reckoning) -> ProposalReason {
    match now.basis {
        _ if (seen.basis, seen.basis_on) == (now.basis, now.basis_on) => ProposalReason::RulesChanged,
        Basis::LastContact if now.basis_on > seen.basis_on => ProposalReason::LaterContact,
        Basis::LastContact => ProposalReason::EarlierContact,
        Basis::Onset => ProposalReason::OnsetChanged,
        Basis::Test => ProposalReason::TestChanged,
    }
}

/// The longest that somebody can be kept at home by one order, in days. Epitrace's own choice: rules give two months at
/// most, and whoever types a wrong year should notice.
pub const MOST_DAYS: i32 = 365;

/// Days that can't be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongDays {
    /// One day without the other.
    #[error("say the first and the last day, or neither")]
    OneWithoutTheOther,
    /// The end lies before the beginning.
    #[error("the last day lies before the first")]
    EndBeforeStart,
    /// Longer than anybody orders.
    #[error("at most {MOST_DAYS} days; look at the year")]
    TooLong,
}

/// Checks days that were typed: both or none, the end not before the start.
///
/// # Errors
///
/// [`WrongDays`] says which rule they break.
pub fn check_days(first: Option<Date>, last: Option<Date>) -> Result<Option<DayRange>, WrongDays> {
    let (first, last) = match (first, last) {
        (None, None) => return Ok(None),
        (Some(first), Some(last)) => (first, last),
        _ => return Err(WrongDays::OneWithoutTheOther),
    };
    let days = DayRange::new(first, last).map_err(|_| WrongDays::EndBeforeStart)?;
    if days_between(first, last) >= MOST_DAYS { Err(WrongDays::TooLong) } else { Ok(Some(days)) }
}

/// What somebody decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionKind {
    /// Ordered it.
    Ordered,
    /// Set other days.
    Changed,
    /// Took it back.
    Lifted,
    /// Accepted what the rules proposed.
    Accepted,
    /// Dismissed it: what is set stays.
    Dismissed,
}
words!(DecisionKind {
    Ordered = "ordered",
    Changed = "changed",
    Lifted = "lifted",
    Accepted = "accepted",
    Dismissed = "dismissed",
});

impl DecisionKind {
    /// Returns what it is to put one in the place of another; `None` where nothing changes.
    #[must_use]
    pub fn between(before: Option<Quarantine>, after: Option<Quarantine>) -> Option<Self> {
        match (before, after) {
            (before, after) if before == after => None,
            (None, _) => Some(Self::Ordered),
            (_, None) => Some(Self::Lifted),
            _ => Some(Self::Changed),
        }
    }
}

/// How somebody was told of an order or a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentHow {
    /// By post.
    Post,
    /// By mail.
    Mail,
    /// Handed over.
    HandedOver,
    /// By telephone; the paper follows or isn't needed.
    Phone,
}
words!(SentHow { Post = "post", Mail = "mail", HandedOver = "handed_over", Phone = "phone" });

/// On which day and how somebody was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// On which day.
    pub on: Date,
    /// How.
    pub how: SentHow,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn contact(last_contact: Date) -> Followed {
        Followed {
            case_type: CaseType::Contact,
            disease: Disease::Covid19,
            dates: CaseDates::default(),
            last_contact: Some(last_contact),
        }
    }

    fn index(symptom_onset: Option<Date>, tested_on: Option<Date>) -> Followed {
        let dates = CaseDates { symptom_onset, tested_on, reported_on: None };
        Followed { case_type: CaseType::Index, dates, ..contact(date(2020, 1, 1)) }
    }

    fn own(version: i32, first: Date, quarantine_days: u8) -> RuleSet {
        let mut rules = RuleSet::built_in(Disease::Covid19);
        rules.version = version;
        rules.first = Some(first);
        rules.settings.quarantine_days = quarantine_days;
        rules
    }

    fn set(first: Date, last: Date) -> Option<Quarantine> {
        Some(Quarantine { kind: QuarantineKind::Quarantine, days: DayRange { first, last } })
    }

    #[test]
    fn a_contact_stays_for_the_days_of_the_rule_after_the_last_contact() {
        let by = reckon(&contact(date(2020, 2, 20)), &[own(3, date(2020, 1, 1), 10)]).unwrap();
        assert_eq!((by.last, by.rule_version, by.basis), (date(2020, 3, 1), 3, Basis::LastContact), "a leap year");
        assert_eq!(reckon(&Followed { last_contact: None, ..contact(date(2020, 2, 20)) }, &[]), None);
    }

    #[test]
    fn a_case_stays_from_the_onset_else_from_the_test() {
        let days = i32::from(RuleSet::built_in(Disease::Covid19).settings.isolation_days);
        let (onset, test) = (date(2026, 3, 1), date(2026, 3, 4));
        let both = reckon(&index(Some(onset), Some(test)), &[]).unwrap();
        assert_eq!((both.basis, both.last), (Basis::Onset, plus_days(onset, days)));
        let without = reckon(&index(None, Some(test)), &[]).unwrap();
        assert_eq!((without.basis, without.last), (Basis::Test, plus_days(test, days)));
        assert_eq!(reckon(&index(None, None), &[]), None);
        assert_eq!(both.kind, QuarantineKind::Isolation);
    }

    #[test]
    fn two_authorities_with_other_rules_differ_on_one_day() {
        let on = date(2026, 3, 1);
        let last = |own: &[RuleSet]| reckon(&contact(on), own).unwrap().last;
        assert_eq!(last(&[own(1, date(2026, 1, 1), 5)]), date(2026, 3, 6));
        assert_eq!(last(&[own(1, date(2026, 1, 1), 14)]), date(2026, 3, 15));
        assert_eq!(last(&[own(1, date(2026, 3, 2), 5)]), last(&[]), "rules of tomorrow don't hold yet");
    }

    #[test]
    fn an_order_binds_nobody_backward_and_none_is_offered_when_the_days_are_over() {
        let by = reckon(&contact(date(2026, 3, 1)), &[own(1, date(2026, 1, 1), 5)]).unwrap();
        let offered = |today| by.offered(today).map(|days| (days.first, days.last));
        assert_eq!(offered(date(2026, 3, 3)), Some((date(2026, 3, 3), date(2026, 3, 6))));
        assert_eq!(offered(date(2026, 3, 6)), Some((date(2026, 3, 6), date(2026, 3, 6))));
        assert_eq!(offered(date(2026, 3, 7)), None);
    }

    #[test]
    fn a_later_contact_proposes_a_later_end_with_its_reason() {
        let seen = reckon(&contact(date(2026, 3, 1)), &[]);
        let now = reckon(&contact(date(2026, 3, 4)), &[]);
        let ordered = set(date(2026, 3, 2), seen.unwrap().last);
        let proposal = propose(ordered, seen, now).unwrap();
        assert_eq!(proposal.reason, ProposalReason::LaterContact);
        assert_eq!(proposal.quarantine.days, DayRange { first: date(2026, 3, 2), last: now.unwrap().last });
        assert_eq!(propose(ordered, now, now), None, "dismissed, or accepted");
        assert_eq!(propose(None, seen, now), None, "nothing is set, so nothing is changed");
    }

    #[test]
    fn an_end_that_a_person_set_stays_unless_a_later_one_is_needed() {
        let seen = reckon(&contact(date(2026, 3, 1)), &[]);
        let longer = set(date(2026, 3, 2), plus_days(seen.unwrap().last, 7));
        assert_eq!(propose(longer, seen, seen), None, "they knew better");
        assert_eq!(propose(longer, seen, reckon(&contact(date(2026, 3, 4)), &[])), None, "still within");
        assert_eq!(propose(longer, seen, reckon(&contact(date(2026, 2, 20)), &[])), None, "earlier");
        assert!(propose(longer, seen, reckon(&contact(date(2026, 3, 12)), &[])).is_some());
    }

    #[test]
    fn an_earlier_end_is_proposed_to_whoever_followed_the_rules() {
        let seen = reckon(&contact(date(2026, 3, 9)), &[]);
        let ordered = set(date(2026, 3, 10), seen.unwrap().last);
        let proposal = propose(ordered, seen, reckon(&contact(date(2026, 3, 1)), &[])).unwrap();
        assert_eq!(proposal.reason, ProposalReason::EarlierContact);
        let long_ago = propose(ordered, seen, reckon(&contact(date(2026, 1, 1)), &[])).unwrap();
        assert_eq!(long_ago.quarantine.days.first, long_ago.quarantine.days.last, "over before it began");
    }

    #[test]
    fn a_positive_test_turns_quarantine_into_isolation_and_new_rules_are_named() {
        let seen = reckon(&contact(date(2026, 3, 1)), &[]);
        let ordered = set(date(2026, 3, 2), seen.unwrap().last);
        let proposal = propose(ordered, seen, reckon(&index(None, Some(date(2026, 3, 8))), &[])).unwrap();
        assert_eq!(
            (proposal.reason, proposal.quarantine.kind),
            (ProposalReason::BecameCase, QuarantineKind::Isolation)
        );
        let stricter = reckon(&contact(date(2026, 3, 1)), &[own(2, date(2026, 1, 1), 60)]);
        let proposal = propose(ordered, seen, stricter).unwrap();
        assert_eq!((proposal.reason, proposal.reckoning.rule_version), (ProposalReason::RulesChanged, 2));
    }

    #[test]
    fn both_days_or_none_and_the_end_not_before_the_start() {
        let (one, two) = (date(2026, 3, 1), date(2026, 3, 2));
        assert_eq!(check_days(None, None), Ok(None));
        assert_eq!(check_days(Some(one), Some(one)).unwrap(), Some(DayRange { first: one, last: one }));
        assert_eq!(check_days(Some(one), None), Err(WrongDays::OneWithoutTheOther));
        assert_eq!(check_days(None, Some(one)), Err(WrongDays::OneWithoutTheOther));
        assert_eq!(check_days(Some(two), Some(one)), Err(WrongDays::EndBeforeStart));
        assert_eq!(check_days(Some(one), Some(date(2027, 2, 28))).map(|days| days.is_some()), Ok(true));
        assert_eq!(check_days(Some(one), Some(date(2027, 3, 1))), Err(WrongDays::TooLong));
    }

    fn day() -> impl Strategy<Value = Date> {
        (0..200i32).prop_map(|n| plus_days(date(2026, 1, 1), n))
    }

    fn followed() -> impl Strategy<Value = Followed> {
        let dates = (prop::option::of(day()), prop::option::of(day()));
        (prop::sample::select(CaseType::ALL.to_vec()), dates, prop::option::of(day())).prop_map(
            |(case_type, (symptom_onset, tested_on), last_contact)| Followed {
                case_type,
                disease: Disease::Covid19,
                dates: CaseDates { symptom_onset, tested_on, reported_on: None },
                last_contact,
            },
        )
    }

    proptest! {
        /// Whatever changes: one answer ends a proposal, and no proposal ends before it begins.
        #[test]
        fn one_answer_is_enough(before in followed(), after in followed(), first in day(), length in 0..60i32) {
            let (seen, now) = (reckon(&before, &[]), reckon(&after, &[]));
            let kind = QuarantineKind::of(before.case_type);
            let days = DayRange { first, last: plus_days(first, length) };
            let set = Some(Quarantine { kind, days });
            if let Some(proposal) = propose(set, seen, now) {
                prop_assert!(proposal.quarantine.days.first <= proposal.quarantine.days.last);
                prop_assert_ne!(Some(proposal.quarantine), set);
                prop_assert_eq!(propose(set, Some(proposal.reckoning), now), None);
                prop_assert_eq!(propose(Some(proposal.quarantine), Some(proposal.reckoning), now), None);
            }
        }

        /// Nothing is asked while nothing has changed, whatever a person had set.
        #[test]
        fn what_was_decided_knowing_the_rules_is_left_alone(of in followed(), first in day(), length in 0..60i32) {
            let seen = reckon(&of, &[]);
            let days = DayRange { first, last: plus_days(first, length) };
            prop_assert_eq!(propose(Some(Quarantine { kind: QuarantineKind::of(of.case_type), days }), seen, seen), None);
        }
    }
}
