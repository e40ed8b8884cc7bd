//! Whether somebody is told by mail that their days changed.
//!
//! Only who was told of days before is told of others: an order begins with a letter or a call, never with this mail. A
//! mail with days that were changed once more before it went is taken back; where the days are then those that the person
//! knows, nobody is written to at all.

use super::Quarantine;
use crate::messages::MessageStatus;

/// What was said before, and to whom it can be said.
#[derive(Clone, Copy, Debug)]
pub struct ToldBefore<'t> {
    /// Whether the days before were told: an order was sent, handed over or read out.
    pub order: Order,
    /// Earlier mails about changed days, newest first.
    pub mails: &'t [MessageStatus],
    /// What was set before the newest change, of which the newest mail tells.
    pub before_newest: Option<Quarantine>,
}

/// Whether the order of what is set reached its person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It did.
    Told,
    /// Nobody noted that it did.
    NotTold,
}

/// What is done about a change of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Nobody was told of anything, so nobody is told of this.
    Nothing,
    /// A mail that has not gone is taken back, and none goes in its place.
    TakeBack,
    /// A mail goes, in the place of any that has not gone.
    Mail,
}

/// Decides what is done when what is set changes from `before` to `after`.
#[must_use]
pub fn telling(before: Option<Quarantine>, after: Option<Quarantine>, told: ToldBefore<'_>) -> Telling {
    let waits = told.mails.first().is_some_and(|status| matches!(status, MessageStatus::Waiting | MessageStatus::Held));
    let otherwise = if waits { Telling::TakeBack } else { Telling::Nothing };
    let (Some(before), Some(after)) = (before, after) else { return otherwise };
    let knows_something = told.order == Order::Told || !told.mails.is_empty();
    if !knows_something || before.days == after.days {
        return Telling::Nothing;
    }
    // The mail before the one that waits was itself taken back: then what it told is not known either.
    let last_was_taken_back = told.mails.get(1) == Some(&MessageStatus::Cancelled);
    let is_as_known = told.before_newest.is_some_and(|known| known.days == after.days);
    if waits && is_as_known && !last_was_taken_back { Telling::TakeBack } else { Telling::Mail }
}

#[cfg(test)]
mod tests {
    use super::super::QuarantineKind;
    use super::*;
    use crate::time::DayRange;
    use MessageStatus::{Cancelled, Failed, Sent, Waiting};
    use jiff::civil::date;

    fn until(last: i8) -> Option<Quarantine> {
        let days = DayRange { first: date(2026, 3, 1), last: date(2026, 3, last) };
        Some(Quarantine { kind: QuarantineKind::Quarantine, days })
    }

    fn told(order: Order, mails: &[MessageStatus], before_newest: Option<Quarantine>) -> ToldBefore<'_> {
        ToldBefore { order, mails, before_newest }
    }

    #[test]
    fn who_was_never_told_of_days_is_not_told_of_others() {
        assert_eq!(telling(until(10), until(12), told(Order::NotTold, &[], None)), Telling::Nothing);
        assert_eq!(telling(None, until(12), told(Order::NotTold, &[], None)), Telling::Nothing);
    }

    #[test]
    fn who_was_told_by_order_or_by_an_earlier_mail_is_told_of_the_change() {
        assert_eq!(telling(until(10), until(12), told(Order::Told, &[], None)), Telling::Mail);
        for earlier in [Sent, Failed, Cancelled] {
            assert_eq!(telling(until(12), until(14), told(Order::NotTold, &[earlier], until(10))), Telling::Mail);
        }
        assert_eq!(
            telling(until(12), until(12), told(Order::Told, &[], None)),
            Telling::Nothing,
            "only the kind changed"
        );
    }

    #[test]
    fn a_mail_that_has_not_gone_gives_way_and_going_back_writes_to_nobody() {
        assert_eq!(telling(until(12), until(14), told(Order::NotTold, &[Waiting], until(10))), Telling::Mail);
        assert_eq!(telling(until(12), until(10), told(Order::NotTold, &[Waiting], until(10))), Telling::TakeBack);
        let twice = told(Order::NotTold, &[Waiting, Cancelled], until(10));
        assert_eq!(telling(until(12), until(10), twice), Telling::Mail, "they were never told of the tenth");
        assert_eq!(telling(until(12), until(10), told(Order::NotTold, &[Sent], until(10))), Telling::Mail);
    }

    #[test]
    fn what_is_lifted_takes_back_what_has_not_gone_and_says_nothing() {
        assert_eq!(telling(until(12), None, told(Order::NotTold, &[Waiting], until(10))), Telling::TakeBack);
        assert_eq!(telling(until(12), None, told(Order::Told, &[Sent], until(10))), Telling::Nothing);
    }
}
