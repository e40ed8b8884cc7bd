//! Calls: who was telephoned, and what came of it. The log feeds the worklist.

use crate::authorities::words;
use jiff::Timestamp;

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CallOutcome {
    /// Spoken to.
    Reached,
    /// Nobody answered.
    NotReached,
    /// To be called again at a certain time.
    CallBack,
    /// The number isn't theirs.
    WrongNumber,
}
words!(CallOutcome {
    Reached = "reached",
    NotReached = "not_reached",
    CallBack = "call_back",
    WrongNumber = "wrong_number",
});

/// Why a call can't be noted so.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WrongCall {
    /// Call back, but nobody said when.
    #[error("say when to call back")]
    NoTime,
    /// A time to call back beside another outcome.
    #[error("only \"call back\" has a time to call back")]
    TimeWithout,
    /// Call back before the call.
    #[error("the time to call back lies before the call")]
    BackBefore,
    /// A call that is still to come.
    #[error("the call lies in the future")]
    Future,
}

/// Checks a call against itself and the clock.
///
/// # Errors
///
/// [`WrongCall`] says what can't be.
pub fn check_call(
    outcome: CallOutcome,
    called_at: Timestamp,
    call_back_at: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), WrongCall> {
    if called_at > now {
        return Err(WrongCall::Future);
    }
    match (outcome, call_back_at) {
        (CallOutcome::CallBack, None) => Err(WrongCall::NoTime),
        (CallOutcome::CallBack, Some(at)) if at < called_at => Err(WrongCall::BackBefore),
        (CallOutcome::CallBack, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(WrongCall::TimeWithout),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_call_back_has_a_time_and_it_has_to_come() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = |outcome, back| check_call(outcome, at(100), back, at(200));
        assert_eq!(check(CallOutcome::Reached, None), Ok(()));
        assert_eq!(check(CallOutcome::CallBack, Some(at(900))), Ok(()));
        assert_eq!(check(CallOutcome::CallBack, None), Err(WrongCall::NoTime));
        assert_eq!(check(CallOutcome::CallBack, Some(at(99))), Err(WrongCall::BackBefore));
        assert_eq!(check(CallOutcome::NotReached, Some(at(900))), Err(WrongCall::TimeWithout));
        assert_eq!(check_call(CallOutcome::Reached, at(201), None, at(200)), Err(WrongCall::Future));
    }
}
