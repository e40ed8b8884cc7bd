//! Handing a case over to another authority of the installation: asked, accepted or refused, copied, closed.
//!
//! Each side keeps a journal of its own, under one id. A step is taken once: told again, as whoever delivers may do, it
//! changes nothing. Until it is accepted the case stays at work where it is, and who asks shows nothing that names
//! anybody.

use crate::authorities::words;
use crate::cases::CaseStatus;

/// On which side of a hand-over an authority is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// It has the case, and asks.
    From,
    /// It is asked.
    To,
}
words!(Side { From = "from", To = "to" });

/// How far a hand-over is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HandOverState {
    /// One authority asks.
    Asked,
    /// The other has accepted; the case is on its way.
    Accepted,
    /// The other has refused.
    Refused,
    /// It was taken back, or the case was over before anybody answered.
    Withdrawn,
    /// Everything is there.
    Copied,
    /// The one that asked knows so: what it still has is a copy.
    Closed,
}
words!(HandOverState {
    Asked = "asked",
    Accepted = "accepted",
    Refused = "refused",
    Withdrawn = "withdrawn",
    Copied = "copied",
    Closed = "closed",
});

impl HandOverState {
    /// Says whether the step from here to there is one that is taken.
    #[must_use]
    pub fn leads_to(self, to: Self) -> bool {
        use HandOverState::{Accepted, Asked, Closed, Copied, Refused, Withdrawn};
        matches!(
            (self, to),
            (Asked, Accepted | Refused | Withdrawn) | (Accepted, Copied | Closed | Withdrawn) | (Copied, Closed)
        )
    }

    /// Says whether something is still to happen.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Accepted)
    }
}

/// Why a case is to be handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBecause {
    /// The person lives there.
    LivesThere,
    /// The person has moved there.
    Moved,
    /// The person is looked after there: in a hospital, in a home.
    CaredForThere,
    /// Another reason, which both authorities know.
    Other,
}
words!(AskedBecause {
    LivesThere = "lives_there",
    Moved = "moved",
    CaredForThere = "cared_for_there",
    Other = "other",
});

/// Why a hand-over is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedBecause {
    /// The authority isn't responsible.
    NotResponsible,
    /// It has a case of this person already.
    KnownHere,
    /// It is nearly over; a change would cost more than it brings.
    NearlyOver,
    /// Another reason; the text says which.
    Other,
}
words!(RefusedBecause {
    NotResponsible = "not_responsible",
    KnownHere = "known_here",
    NearlyOver = "nearly_over",
    Other = "other",
});

/// Returns where a case stands at the authority that took it over, by where it stood before. Whoever had an account has
/// none there until they accept that authority's data protection text, and is invited.
#[must_use]
pub fn status_there(before: CaseStatus) -> CaseStatus {
    match before {
        CaseStatus::TrackedManually => CaseStatus::TrackedManually,
        _ => CaseStatus::Open,
    }
}

/// Says whether somebody whose case stood so is to be invited by the authority that took it over.
#[must_use]
pub fn is_invited_there(before: CaseStatus) -> bool {
    matches!(before, CaseStatus::InRegistration | CaseStatus::Registered | CaseStatus::Tracking)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [HandOverState; 6] = [
        HandOverState::Asked,
        HandOverState::Accepted,
        HandOverState::Refused,
        HandOverState::Withdrawn,
        HandOverState::Copied,
        HandOverState::Closed,
    ];

    #[test]
    fn no_step_is_taken_twice_or_backwards() {
        for from in ALL {
            assert!(!from.leads_to(from), "{from}");
            for to in ALL.into_iter().filter(|to| from.leads_to(*to)) {
                assert!(!to.leads_to(from), "{from} {to}");
            }
        }
        for over in [HandOverState::Refused, HandOverState::Withdrawn, HandOverState::Closed] {
            assert!(ALL.into_iter().all(|to| !over.leads_to(to)), "{over}");
            assert!(!over.is_open());
        }
    }

    #[test]
    fn what_was_copied_is_not_withdrawn() {
        assert!(!HandOverState::Copied.leads_to(HandOverState::Withdrawn));
        assert!(!HandOverState::Refused.leads_to(HandOverState::Accepted));
    }

    #[test]
    fn who_was_followed_up_by_telephone_stays_so() {
        assert_eq!(status_there(CaseStatus::TrackedManually), CaseStatus::TrackedManually);
        for online in [CaseStatus::InRegistration, CaseStatus::Registered, CaseStatus::Tracking] {
            assert_eq!((status_there(online), is_invited_there(online)), (CaseStatus::Open, true));
        }
        assert!(!is_invited_there(CaseStatus::Open) && !is_invited_there(CaseStatus::External));
    }
}
