//! The life of a case: where it stands, what may come next, and who may say so.
//!
//! One table holds every step. What isn't in it is refused, on the page, by the API and by jobs alike; the book prints
//! it from here. Everything a patient does online has its way here without the patient: `tracked_manually` is a full
//! life, from the first call to the conclusion.

use crate::authorities::{Role, words};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaseStatus {
    /// Known, and nobody has taken it up.
    Open,
    /// Followed up by staff, on the telephone.
    TrackedManually,
    /// Invited, not yet signed up.
    InRegistration,
    /// Signed up, details not yet complete.
    Registered,
    /// Enrolled: the patient keeps a diary online.
    Tracking,
    /// Another authority is responsible.
    External,
    /// Over.
    Concluded,
    /// Given to another authority of this installation; a copy to look at, for a while.
    HandedOver,
    /// Nothing that names a person is left.
    Anonymised,
}
words!(CaseStatus {
    Open = "open",
    TrackedManually = "tracked_manually",
    InRegistration = "in_registration",
    Registered = "registered",
    Tracking = "tracking",
    External = "external",
    Concluded = "concluded",
    HandedOver = "handed_over",
    Anonymised = "anonymised",
});

impl CaseStatus {
    /// Returns it as a sentence says it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::TrackedManually => "followed up by telephone",
            Self::InRegistration => "invited",
            Self::Tracking => "in tracking",
            Self::HandedOver => "handed over",
            Self::Open | Self::Registered | Self::External | Self::Concluded | Self::Anonymised => self.as_str(),
        }
    }

    /// Says whether nobody works on it any more.
    #[must_use]
    pub fn is_ended(self) -> bool {
        matches!(self, Self::Concluded | Self::HandedOver | Self::Anonymised)
    }

    /// Says whether its days of quarantine and its diary are looked after.
    #[must_use]
    pub fn is_followed_up(self) -> bool {
        matches!(self, Self::Tracking | Self::TrackedManually)
    }
}

/// Who takes a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepBy {
    /// A case worker, by a button.
    CaseWorker,
    /// An administrator, who says why.
    Administrator,
    /// The patient, by signing up or completing a page.
    Patient,
    /// The platform itself: a mail came back, a period ended, a hand-over was accepted.
    Platform,
}

impl StepBy {
    /// Returns it as a sentence says it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::CaseWorker => "case worker",
            Self::Administrator => "administrator",
            Self::Patient => "patient",
            Self::Platform => "Epitrace",
        }
    }
}

/// One step of a case's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From where.
    pub from: CaseStatus,
    /// To where.
    pub to: CaseStatus,
    /// Who takes it.
    pub by: StepBy,
    /// When, in words.
    pub when: &'static str,
}

const fn step(from: CaseStatus, to: CaseStatus, by: StepBy, when: &'static str) -> Step {
    Step { from, to, by, when }
}

/// Every step there is. A concluded case that is reopened returns to the status before it, which is why it has several.
pub const STEPS: &[Step] = {
    use CaseStatus::{
        Anonymised, Concluded, External, HandedOver, InRegistration, Open, Registered, TrackedManually, Tracking,
    };
    use StepBy::{Administrator, CaseWorker, Patient, Platform};
    &[
        step(Open, TrackedManually, CaseWorker, "the first call was made, and staff will do the rest by telephone"),
        step(Open, InRegistration, CaseWorker, "an invitation was sent or printed"),
        step(Open, External, CaseWorker, "another authority is responsible"),
        step(Open, Concluded, CaseWorker, "with a reason"),
        step(TrackedManually, InRegistration, CaseWorker, "an invitation was sent or printed"),
        step(TrackedManually, External, CaseWorker, "another authority is responsible"),
        step(TrackedManually, Concluded, CaseWorker, "with a reason"),
        step(InRegistration, Open, Platform, "the invitation was cancelled, or can't be delivered for good"),
        step(InRegistration, Registered, Patient, "the code was redeemed"),
        step(InRegistration, TrackedManually, CaseWorker, "staff will do the rest by telephone"),
        step(InRegistration, External, CaseWorker, "another authority is responsible"),
        step(InRegistration, Concluded, CaseWorker, "with a reason"),
        step(Registered, Tracking, Patient, "enrolment is complete"),
        step(Registered, TrackedManually, CaseWorker, "staff will do the rest by telephone"),
        step(Registered, External, CaseWorker, "another authority is responsible"),
        step(Registered, Concluded, CaseWorker, "with a reason"),
        step(Tracking, Registered, Platform, "contacts are asked for again"),
        step(Tracking, TrackedManually, CaseWorker, "staff will do the rest by telephone"),
        step(Tracking, External, CaseWorker, "another authority is responsible"),
        step(Tracking, Concluded, CaseWorker, "with a reason"),
        step(External, Open, CaseWorker, "this authority is responsible after all"),
        step(Concluded, Open, Administrator, "where it was open before, with a reason"),
        step(Concluded, TrackedManually, Administrator, "where it was followed up by telephone before, with a reason"),
        step(Concluded, InRegistration, Administrator, "where it was invited before, with a reason"),
        step(Concluded, Registered, Administrator, "where it was registered before, with a reason"),
        step(Concluded, Tracking, Administrator, "where it was in tracking before, with a reason"),
        step(Concluded, Anonymised, Platform, "its period is over"),
        step(HandedOver, Anonymised, Platform, "its period is over"),
        step(Open, HandedOver, Platform, "another authority accepted it"),
        step(TrackedManually, HandedOver, Platform, "another authority accepted it"),
        step(InRegistration, HandedOver, Platform, "another authority accepted it"),
        step(Registered, HandedOver, Platform, "another authority accepted it"),
        step(Tracking, HandedOver, Platform, "another authority accepted it"),
        step(External, HandedOver, Platform, "another authority accepted it"),
    ]
};

/// A step that isn't in the table, or not for this role.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StepRefused {
    /// There is no such step.
    #[error("a case that is {} can't become {}", from.in_words(), to.in_words())]
    NoSuchStep {
        /// From where.
        from: CaseStatus,
        /// To where.
        to: CaseStatus,
    },
    /// Somebody else takes it.
    #[error("that a case becomes {} is for: {}", to.in_words(), by.in_words())]
    SomebodyElses {
        /// To where.
        to: CaseStatus,
        /// Whose step it is.
        by: StepBy,
    },
    /// It was elsewhere before it was concluded.
    #[error("reopened, the case returns to the status before: {}", before.in_words())]
    NotTheOneBefore {
        /// Where it was.
        before: CaseStatus,
    },
}

/// Finds a step.
///
/// # Errors
///
/// [`StepRefused::NoSuchStep`].
pub fn step_between(from: CaseStatus, to: CaseStatus) -> Result<&'static Step, StepRefused> {
    STEPS.iter().find(|step| step.from == from && step.to == to).ok_or(StepRefused::NoSuchStep { from, to })
}

/// Checks a step that somebody of the staff takes. `before` is the status before the conclusion.
///
/// # Errors
///
/// [`StepRefused`] says why not.
pub fn check_step_of_staff(
    from: CaseStatus,
    to: CaseStatus,
    before: Option<CaseStatus>,
    role: Role,
) -> Result<&'static Step, StepRefused> {
    let step = step_between(from, to)?;
    let is_theirs = match step.by {
        StepBy::CaseWorker => matches!(role, Role::CaseWorker | Role::Administrator),
        StepBy::Administrator => role == Role::Administrator,
        StepBy::Patient | StepBy::Platform => false,
    };
    if !is_theirs {
        return Err(StepRefused::SomebodyElses { to, by: step.by });
    }
    match (from, before) {
        (CaseStatus::Concluded, Some(before)) if before != to => Err(StepRefused::NotTheOneBefore { before }),
        _ => Ok(step),
    }
}

/// Lists what somebody of the staff can make of a case now, in the order of the table.
#[must_use]
pub fn next_steps(from: CaseStatus, before: Option<CaseStatus>, role: Role) -> Vec<CaseStatus> {
    let possible = STEPS.iter().filter(|step| step.from == from);
    possible.map(|step| step.to).filter(|to| check_step_of_staff(from, *to, before, role).is_ok()).collect()
}

/// Why a case is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Conclusion {
    /// Follow-up or isolation came to its end.
    Completed,
    /// Fell ill and recovered.
    Recovered,
    /// Died.
    Died,
    /// Could not be reached any more.
    LostToFollowUp,
    /// Turned out to be no case.
    NotACase,
    /// Lives elsewhere now.
    Moved,
}
words!(Conclusion {
    Completed = "completed",
    Recovered = "recovered",
    Died = "died",
    LostToFollowUp = "lost_to_follow_up",
    NotACase = "not_a_case",
    Moved = "moved",
});

/// Prints the table of steps for the book, as Markdown.
#[must_use]
pub fn table_of_steps() -> String {
    let mut table = String::from("| from | to | by | when |\n| --- | --- | --- | --- |\n");
    for step in STEPS {
        let line = format!("| `{}` | `{}` | {} | {} |\n", step.from, step.to, step.by.in_words(), step.when);
        table.push_str(&line);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use CaseStatus::{
        Anonymised, Concluded, External, HandedOver, InRegistration, Open, Registered, TrackedManually, Tracking,
    };

    /// The specification, line by line.
    const ALLOWED: &[(CaseStatus, &[CaseStatus])] = &[
        (Open, &[TrackedManually, InRegistration, External, Concluded, HandedOver]),
        (TrackedManually, &[InRegistration, External, Concluded, HandedOver]),
        (InRegistration, &[Open, Registered, TrackedManually, External, Concluded, HandedOver]),
        (Registered, &[Tracking, TrackedManually, External, Concluded, HandedOver]),
        (Tracking, &[Registered, TrackedManually, External, Concluded, HandedOver]),
        (External, &[Open, HandedOver]),
        (Concluded, &[Open, TrackedManually, InRegistration, Registered, Tracking, Anonymised]),
        (HandedOver, &[Anonymised]),
        (Anonymised, &[]),
    ];

    #[test]
    fn every_pair_of_statuses_is_allowed_or_refused_as_specified() {
        for from in CaseStatus::ALL {
            let allowed = ALLOWED.iter().find(|(status, _)| status == from).map_or(&[][..], |(_, allowed)| allowed);
            for to in CaseStatus::ALL {
                assert_eq!(step_between(*from, *to).is_ok(), allowed.contains(to), "{from} to {to}");
            }
        }
    }

    #[test]
    fn no_step_stands_twice() {
        for (n, step) in STEPS.iter().enumerate() {
            assert!(STEPS[..n].iter().all(|other| (other.from, other.to) != (step.from, step.to)), "{step:?}");
        }
    }

    #[test]
    fn only_an_administrator_reopens_and_only_to_the_status_before() {
        let reopen = |to, role| check_step_of_staff(Concluded, to, Some(TrackedManually), role);
        assert!(reopen(TrackedManually, Role::Administrator).is_ok());
        assert_eq!(
            reopen(TrackedManually, Role::CaseWorker),
            Err(StepRefused::SomebodyElses { to: TrackedManually, by: StepBy::Administrator })
        );
        assert_eq!(reopen(Open, Role::Administrator), Err(StepRefused::NotTheOneBefore { before: TrackedManually }));
    }

    #[test]
    fn staff_never_take_a_patients_step_and_an_analyst_takes_none() {
        assert!(check_step_of_staff(Registered, Tracking, None, Role::Administrator).is_err());
        for from in CaseStatus::ALL {
            assert!(next_steps(*from, None, Role::Analyst).is_empty());
        }
    }

    #[test]
    fn what_a_case_worker_can_do_with_an_open_case() {
        assert_eq!(next_steps(Open, None, Role::CaseWorker), [TrackedManually, InRegistration, External, Concluded]);
    }
}
