//! Many people invited by mail at once: who is, who is left out and why, and what an undo can still take back.
//!
//! Who has a code already isn't written to again by mistake: a second mail ends the link in the first.

use crate::activation::CodeState;
use crate::cases::CaseStatus;
use crate::messages::MessageStatus;

/// What an invitation hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// Where the case stands.
    pub status: CaseStatus,
    /// Whether an e-mail address is known.
    pub email: Email,
    /// Whether an account acts for the case.
    pub account: Account,
    /// The mail or letter with the code that is out; `None` if none is. One that the queue has forgotten had gone.
    pub out: Option<MessageStatus>,
}

/// Whether an e-mail address is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Email {
    /// There is one.
    Known,
    /// There is none.
    Missing,
}

/// Whether somebody can sign in for a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// Somebody can.
    There,
    /// Nobody can.
    None,
}

/// Whether people who have a code already get another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// They do, and the code before it ends.
    Yes,
    /// They are left out.
    No,
}

/// Why somebody isn't invited.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotInvited {
    /// The case is over.
    #[error("the case is over")]
    Over,
    /// Another authority is responsible.
    #[error("another authority is responsible")]
    External,
    /// Somebody can sign in for it.
    #[error("there is an account already")]
    HasAccount,
    /// A code went to them.
    #[error("a code was sent already; ask for a new one, and the old one ends")]
    CodeSent,
    /// A code is on its way to them.
    #[error("a code is on its way already")]
    CodeUnderWay,
    /// There is no address to write to.
    #[error("there is no e-mail address; add one, or invite by letter")]
    NoEmail,
}

impl NotInvited {
    /// Says whether it is so already, rather than that it can't be done.
    #[must_use]
    pub fn is_so_already(self) -> bool {
        matches!(self, Self::HasAccount | Self::CodeSent | Self::CodeUnderWay)
    }
}

/// Says whether somebody is invited.
///
/// A code whose mail was refused for good is none that anybody has: they are invited anew, to an address that may have
/// been corrected.
///
/// # Errors
///
/// [`NotInvited`] says why not.
pub fn check_invitee(invitee: &Invitee, again: Again) -> Result<(), NotInvited> {
    if invitee.status.is_ended() {
        return Err(NotInvited::Over);
    }
    if invitee.status == CaseStatus::External {
        return Err(NotInvited::External);
    }
    if invitee.account == Account::There {
        return Err(NotInvited::HasAccount);
    }
    match (again, invitee.out) {
        (Again::No, Some(MessageStatus::Waiting | MessageStatus::Held | MessageStatus::Sending)) => {
            return Err(NotInvited::CodeUnderWay);
        }
        (Again::No, Some(MessageStatus::Sent)) => return Err(NotInvited::CodeSent),
        _ => {}
    }
    match invitee.email {
        Email::Known => Ok(()),
        Email::Missing => Err(NotInvited::NoEmail),
    }
}

/// Where a case stands after somebody was invited.
#[must_use]
pub fn status_when_invited(status: CaseStatus) -> CaseStatus {
    match status {
        CaseStatus::Open | CaseStatus::TrackedManually => CaseStatus::InRegistration,
        other => other,
    }
}

/// The code that an invitation made, as it stands when that is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeLeft {
    /// It stands so, and no newer one was made.
    Newest(CodeState),
    /// Somebody invited anew since.
    Replaced,
    /// Nothing is known of it any more.
    Gone,
}

/// What an undo does with an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenBack {
    /// The code ends, and its mail if that has not gone.
    CodeEnds,
    /// It had ended by itself; only the case goes back to where it stood.
    HadEnded,
    /// It stays, for this reason.
    Stays(&'static str),
}

/// Decides what of an invitation can be undone.
#[must_use]
pub fn take_back(code: CodeLeft) -> TakenBack {
    match code {
        CodeLeft::Newest(CodeState::Open) => TakenBack::CodeEnds,
        CodeLeft::Newest(CodeState::Expired | CodeState::Locked) => TakenBack::HadEnded,
        CodeLeft::Newest(CodeState::Redeemed) => {
            TakenBack::Stays("the code was redeemed meanwhile; the account stays as it is")
        }
        CodeLeft::Newest(CodeState::Cancelled) => TakenBack::Stays("somebody took this invitation back before"),
        CodeLeft::Replaced => TakenBack::Stays("somebody invited anew since"),
        CodeLeft::Gone => TakenBack::Stays("nothing is known of this code any more"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OPEN: Invitee = Invitee { status: CaseStatus::Open, email: Email::Known, account: Account::None, out: None };

    #[test]
    fn who_is_over_elsewhere_enrolled_or_without_address_is_left_out_with_the_reason() {
        let check = |invitee: Invitee| check_invitee(&invitee, Again::Yes);
        assert_eq!(check(OPEN), Ok(()));
        assert_eq!(check(Invitee { status: CaseStatus::TrackedManually, ..OPEN }), Ok(()));
        for status in [CaseStatus::Concluded, CaseStatus::HandedOver, CaseStatus::Anonymised] {
            assert_eq!(check(Invitee { status, ..OPEN }), Err(NotInvited::Over));
        }
        assert_eq!(check(Invitee { status: CaseStatus::External, ..OPEN }), Err(NotInvited::External));
        assert_eq!(check(Invitee { account: Account::There, ..OPEN }), Err(NotInvited::HasAccount));
        assert_eq!(check(Invitee { email: Email::Missing, ..OPEN }), Err(NotInvited::NoEmail));
    }

    #[test]
    fn who_has_a_code_gets_another_one_only_if_that_is_asked_for_or_the_mail_was_refused() {
        let out = |out| Invitee { status: CaseStatus::InRegistration, out: Some(out), ..OPEN };
        for under_way in [MessageStatus::Waiting, MessageStatus::Held, MessageStatus::Sending] {
            assert_eq!(check_invitee(&out(under_way), Again::No), Err(NotInvited::CodeUnderWay));
        }
        assert_eq!(check_invitee(&out(MessageStatus::Sent), Again::No), Err(NotInvited::CodeSent));
        assert_eq!(check_invitee(&out(MessageStatus::Failed), Again::No), Ok(()));
        assert_eq!(check_invitee(&out(MessageStatus::Sent), Again::Yes), Ok(()));
    }

    #[test]
    fn an_undo_ends_what_nobody_redeemed_and_leaves_what_somebody_did_since() {
        assert_eq!(take_back(CodeLeft::Newest(CodeState::Open)), TakenBack::CodeEnds);
        assert_eq!(take_back(CodeLeft::Newest(CodeState::Expired)), TakenBack::HadEnded);
        for since in [
            CodeLeft::Newest(CodeState::Redeemed),
            CodeLeft::Newest(CodeState::Cancelled),
            CodeLeft::Replaced,
            CodeLeft::Gone,
        ] {
            assert!(matches!(take_back(since), TakenBack::Stays(_)), "{since:?}");
        }
    }
}
