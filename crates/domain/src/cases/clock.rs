//! Time is the measure: how long each step of a case took, against 24 and 48 hours.
//!
//! The steps are those of the 7-1-7 and contact-tracing targets of Resolve to Save Lives (*Contact tracing playbook*,
//! 2020): result to report, report to interview, interview to the notification of contacts, each within 24 h.

use crate::authorities::words;
use jiff::{SignedDuration, Timestamp};

/// Hours within which a step is on time.
pub const ON_TIME_HOURS: i64 = 24;

/// Hours within which it is at least not lost.
pub const LATE_HOURS: i64 = 48;

/// An instant of a case that the clock knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Milestone {
    /// The authority was told.
    Reported,
    /// Somebody took it on.
    Assigned,
    /// The person was reached for the first time.
    FirstCall,
    /// The contacts were named.
    ContactsNamed,
    /// The contacts were told.
    ContactsNotified,
    /// Quarantine or isolation was ordered.
    Quarantined,
}
words!(Milestone {
    Reported = "reported",
    Assigned = "assigned",
    FirstCall = "first_call",
    ContactsNamed = "contacts_named",
    ContactsNotified = "contacts_notified",
    Quarantined = "quarantined",
});

/// When a case reached its milestones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CaseClock {
    /// The authority was told.
    pub reported_at: Option<Timestamp>,
    /// Somebody took it on.
    pub assigned_at: Option<Timestamp>,
    /// The person was reached for the first time.
    pub first_call_at: Option<Timestamp>,
    /// The contacts were named.
    pub contacts_named_at: Option<Timestamp>,
    /// The contacts were told.
    pub contacts_notified_at: Option<Timestamp>,
    /// Quarantine or isolation was ordered.
    pub quarantined_at: Option<Timestamp>,
}

impl Milestone {
    /// The steps that are measured from the report on, in the order in which they come.
    pub const STEPS: [Self; 5] =
        [Self::Assigned, Self::FirstCall, Self::ContactsNamed, Self::ContactsNotified, Self::Quarantined];
}

impl CaseClock {
    /// Returns when a milestone was reached.
    #[must_use]
    pub fn at(&self, milestone: Milestone) -> Option<Timestamp> {
        match milestone {
            Milestone::Reported => self.reported_at,
            Milestone::Assigned => self.assigned_at,
            Milestone::FirstCall => self.first_call_at,
            Milestone::ContactsNamed => self.contacts_named_at,
            Milestone::ContactsNotified => self.contacts_notified_at,
            Milestone::Quarantined => self.quarantined_at,
        }
    }

    /// Returns how long after the report a milestone was reached; zero where it came before it. `None` where either is
    /// not known.
    #[must_use]
    pub fn since_report(&self, milestone: Milestone) -> Option<SignedDuration> {
        let took = self.at(milestone)?.duration_since(self.reported_at?);
        Some(took.max(SignedDuration::ZERO))
    }

    /// Says how a milestone stands now.
    #[must_use]
    pub fn standing(&self, milestone: Milestone, now: Timestamp) -> Standing {
        let Some(reported_at) = self.reported_at else { return Standing::Unknown };
        let took = self.since_report(milestone).unwrap_or_else(|| now.duration_since(reported_at));
        let is_reached = self.at(milestone).is_some();
        match took {
            took if took <= SignedDuration::from_hours(ON_TIME_HOURS) && is_reached => Standing::OnTime,
            took if took <= SignedDuration::from_hours(LATE_HOURS) && is_reached => Standing::Late,
            _ if is_reached => Standing::TooLate,
            took if took <= SignedDuration::from_hours(ON_TIME_HOURS) => Standing::Running,
            _ => Standing::Overdue,
        }
    }
}

/// How a milestone stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Reached within 24 h of the report.
    OnTime,
    /// Within 48 h.
    Late,
    /// Later.
    TooLate,
    /// Not reached, and 24 h are not over.
    Running,
    /// Not reached, and they are.
    Overdue,
    /// Nobody noted when the authority was told.
    Unknown,
}
words!(Standing {
    OnTime = "on_time",
    Late = "late",
    TooLate = "too_late",
    Running = "running",
    Overdue = "overdue",
    Unknown = "unknown",
});

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3600).unwrap()
    }

    #[test]
    fn a_day_is_on_time_two_are_late_and_more_is_too_late() {
        let called =
            |hours| CaseClock { reported_at: Some(at(0)), first_call_at: Some(at(hours)), ..CaseClock::default() };
        let standing = |hours| called(hours).standing(Milestone::FirstCall, at(1_000));
        assert_eq!(standing(24), Standing::OnTime);
        assert_eq!(standing(25), Standing::Late);
        assert_eq!(standing(48), Standing::Late);
        assert_eq!(standing(49), Standing::TooLate);
        assert_eq!(standing(-5), Standing::OnTime, "called before the laboratory wrote");
    }

    #[test]
    fn what_is_not_reached_runs_for_a_day_and_is_overdue_then() {
        let clock = CaseClock { reported_at: Some(at(0)), ..CaseClock::default() };
        assert_eq!(clock.standing(Milestone::FirstCall, at(24)), Standing::Running);
        assert_eq!(clock.standing(Milestone::FirstCall, at(25)), Standing::Overdue);
        assert_eq!(CaseClock::default().standing(Milestone::FirstCall, at(25)), Standing::Unknown);
    }
}
