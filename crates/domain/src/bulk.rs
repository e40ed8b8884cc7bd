//! One thing done to many cases: which things, how many at once, and what became of each.
//!
//! A case is never half done: what can't be done to it is refused with a reason, and the others go on. Everything that was
//! done can be undone as a whole, except where somebody has worked on a case since.

mod invite;

pub use invite::{
    Account, Again, CodeLeft, Email, Invitee, NotInvited, TakenBack, check_invitee, status_when_invited, take_back,
};

use crate::authorities::{Role, words};
use crate::cases::{CaseStatus, Conclusion, check_step_of_staff};
use crate::ids::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;

/// Cases of one transaction: so few that whoever else writes waits for a fraction of a second.
pub const BATCH: usize = 400;

/// Invitations of one transaction: each is a text that is filled in and sealed, so it takes longer than a change of status.
pub const INVITATIONS: usize = 50;

/// Cases of one bulk action, at most: those of a large city in a bad week.
pub const MOST: usize = 100_000;

/// Cases that can be named one by one, at most; more are named by the conditions of a list.
pub const MOST_NAMED: usize = 20_000;

/// What is done to each case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkAction {
    /// It is given to somebody, or to nobody.
    Assign {
        /// To whom.
        to: Option<AccountId>,
    },
    /// It is over.
    Conclude {
        /// Why.
        conclusion: Conclusion,
    },
    /// Its person gets a mail with a code, by which they open an account.
    Invite {
        /// Whether those who have a code get another one.
        again: Again,
    },
}

impl BulkAction {
    /// Returns how many cases are done in one transaction.
    #[must_use]
    pub fn batch(self) -> usize {
        match self {
            Self::Assign { .. } | Self::Conclude { .. } => BATCH,
            Self::Invite { .. } => INVITATIONS,
        }
    }
}

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowOutcome {
    /// Its turn has not come.
    Waiting,
    /// It was done.
    Done,
    /// It was so already.
    Unchanged,
    /// It can't be done; the reason says why.
    Refused,
    /// It was done, and undone.
    Undone,
    /// It was done, and stays: somebody has worked on the case since.
    Kept,
}
words!(RowOutcome {
    Waiting = "waiting",
    Done = "done",
    Unchanged = "unchanged",
    Refused = "refused",
    Undone = "undone",
    Kept = "kept",
});

/// Where a case stands, as far as bulk actions change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: CaseStatus,
    /// Since when.
    pub status_since: Timestamp,
    /// Where it stood before it was concluded.
    pub status_before: Option<CaseStatus>,
    /// Why it was concluded.
    pub conclusion: Option<Conclusion>,
    /// On which day.
    pub concluded_on: Option<Date>,
    /// Whose it is.
    pub assigned_to: Option<AccountId>,
    /// When somebody took it on for the first time.
    pub assigned_at: Option<Timestamp>,
}

/// What an action makes of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// It stands otherwise now.
    Changed(Standing),
    /// It was so already.
    Unchanged,
    /// It can't be done.
    Refused(String),
}

/// Decides what an action makes of a case that stands so. Whether somebody can be invited is for [`check_invitee`] to say
/// before.
#[must_use]
pub fn made_of(action: BulkAction, standing: &Standing, role: Role, (now, today): (Timestamp, Date)) -> Made {
    if standing.status == CaseStatus::Anonymised {
        return Made::Refused("the case is anonymised: nothing of it changes any more".to_owned());
    }
    match action {
        BulkAction::Assign { to } if standing.assigned_to == to => Made::Unchanged,
        BulkAction::Assign { to } => {
            let assigned_at = standing.assigned_at.or(to.map(|_| now));
            Made::Changed(Standing { assigned_to: to, assigned_at, ..*standing })
        }
        BulkAction::Conclude { conclusion }
            if standing.status == CaseStatus::Concluded && standing.conclusion == Some(conclusion) =>
        {
            Made::Unchanged
        }
        BulkAction::Conclude { conclusion } => {
            match check_step_of_staff(standing.status, CaseStatus::Concluded, standing.status_before, role) {
                Err(refused) => Made::Refused(refused.to_string()),
                Ok(_) => Made::Changed(Standing {
                    status: CaseStatus::Concluded,
                    status_since: now,
                    status_before: Some(standing.status),
                    conclusion: Some(conclusion),
                    concluded_on: Some(today),
                    ..*standing
                }),
            }
        }
        BulkAction::Invite { .. } => {
            let status = status_when_invited(standing.status);
            let status_since = if status == standing.status { standing.status_since } else { now };
            Made::Changed(Standing { status, status_since, ..*standing })
        }
    }
}

/// Says whether a case still stands as an action has left it, so that it can be undone.
#[must_use]
pub fn stands_as_left(action: BulkAction, now: &Standing, done_at: Timestamp) -> bool {
    match action {
        BulkAction::Assign { to } => now.assigned_to == to && now.status != CaseStatus::Anonymised,
        BulkAction::Conclude { conclusion } => {
            now.status == CaseStatus::Concluded && now.conclusion == Some(conclusion) && now.status_since == done_at
        }
        BulkAction::Invite { .. } => now.status == CaseStatus::InRegistration && now.status_since == done_at,
    }
}

/// Puts back what an action changed, and nothing else.
#[must_use]
pub fn undone(action: BulkAction, now: &Standing, before: &Standing) -> Standing {
    match action {
        BulkAction::Assign { .. } => {
            Standing { assigned_to: before.assigned_to, assigned_at: before.assigned_at, ..*now }
        }
        BulkAction::Conclude { .. } => Standing {
            status: before.status,
            status_since: before.status_since,
            status_before: before.status_before,
            conclusion: before.conclusion,
            concluded_on: before.concluded_on,
            ..*now
        },
        BulkAction::Invite { .. } => Standing { status: before.status, status_since: before.status_since, ..*now },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_600_000_000 + seconds).unwrap()
    }
    const TODAY: Date = jiff::civil::date(2020, 9, 13);

    fn standing(status: CaseStatus) -> Standing {
        Standing {
            status,
            status_since: at(0),
            status_before: None,
            conclusion: None,
            concluded_on: None,
            assigned_to: None,
            assigned_at: None,
        }
    }

    fn any_standing() -> impl Strategy<Value = Standing> {
        let account = proptest::option::of((0u128..3).prop_map(|n| AccountId(Uuid::from_u128(n))));
        (proptest::sample::select(CaseStatus::ALL), account, 0i64..1000).prop_map(|(status, assigned_to, since)| {
            let over = status == CaseStatus::Concluded;
            Standing {
                status,
                status_since: at(since),
                status_before: over.then_some(CaseStatus::Tracking),
                conclusion: over.then_some(Conclusion::Recovered),
                concluded_on: over.then_some(TODAY),
                assigned_to,
                assigned_at: assigned_to.map(|_| at(since)),
            }
        })
    }

    fn any_action() -> impl Strategy<Value = BulkAction> {
        prop_oneof![
            proptest::option::of((0u128..3).prop_map(|n| AccountId(Uuid::from_u128(n))))
                .prop_map(|to| BulkAction::Assign { to }),
            proptest::sample::select(Conclusion::ALL).prop_map(|conclusion| BulkAction::Conclude { conclusion }),
        ]
    }

    proptest! {
        #[test]
        fn what_was_done_is_undone_to_the_last_field(before in any_standing(), action in any_action()) {
            if let Made::Changed(after) = made_of(action, &before, Role::Administrator, (at(2000), TODAY)) {
                prop_assert!(stands_as_left(action, &after, at(2000)));
                prop_assert_eq!(undone(action, &after, &before), before);
            }
        }

        #[test]
        fn what_is_done_twice_is_unchanged_the_second_time(before in any_standing(), action in any_action()) {
            if let Made::Changed(after) = made_of(action, &before, Role::Administrator, (at(2000), TODAY)) {
                prop_assert_eq!(made_of(action, &after, Role::Administrator, (at(3000), TODAY)), Made::Unchanged);
            }
        }

        #[test]
        fn what_somebody_did_since_is_no_longer_as_left(before in any_standing(), action in any_action()) {
            if let Made::Changed(after) = made_of(action, &before, Role::Administrator, (at(2000), TODAY)) {
                let since = match action {
                    BulkAction::Assign { .. } => Standing { assigned_to: Some(AccountId(Uuid::from_u128(9))), ..after },
                    BulkAction::Conclude { .. } => Standing { status: CaseStatus::Tracking, conclusion: None, ..after },
                    BulkAction::Invite { .. } => Standing { status: CaseStatus::Registered, ..after },
                };
                prop_assert!(!stands_as_left(action, &since, at(2000)));
            }
        }
    }

    #[test]
    fn an_invitation_takes_a_case_to_registration_and_its_undo_back_unless_somebody_moved_it_since() {
        let invite = BulkAction::Invite { again: Again::No };
        for status in [CaseStatus::Open, CaseStatus::TrackedManually] {
            let before = standing(status);
            let Made::Changed(after) = made_of(invite, &before, Role::CaseWorker, (at(9), TODAY)) else { panic!() };
            assert_eq!((after.status, after.status_since), (CaseStatus::InRegistration, at(9)));
            assert!(stands_as_left(invite, &after, at(9)));
            assert_eq!(undone(invite, &after, &before), before);
        }
        let registered = standing(CaseStatus::Registered);
        let Made::Changed(after) = made_of(invite, &registered, Role::CaseWorker, (at(9), TODAY)) else { panic!() };
        assert_eq!(after, registered, "whoever lost their account stays where they were");
        assert!(!stands_as_left(invite, &after, at(9)), "nothing to put back");
    }

    #[test]
    fn a_case_elsewhere_is_refused_with_the_reason_of_the_table_of_steps() {
        let elsewhere = standing(CaseStatus::HandedOver);
        let conclude = BulkAction::Conclude { conclusion: Conclusion::Completed };
        assert!(matches!(made_of(conclude, &elsewhere, Role::CaseWorker, (at(1), TODAY)), Made::Refused(_)));
    }
}
