//! Mails and letters: what they are about, what becomes of them, when a mail is tried again.
//!
//! A message is queued in the transaction of the change that it tells of, waits out the time in which that change can
//! be undone, and is then sent: at least once, with an id by which a receiver knows a second copy. No message holds a
//! password, a user name or a date of birth: there is no variable for them.

mod address;
mod values;

pub use address::{DisplayName, MailAddress, NotAMailAddress, NotOneLine, SubjectLine};
pub use values::{MessageValue, Values, Variable};

use crate::authorities::words;
use crate::quarantines::QuarantineKind;
use jiff::{SignedDuration, Timestamp};

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MessageKind {
    /// Redeem a code and enrol.
    Invitation,
    /// An entry of the diary is missing.
    Reminder,
    /// Somebody named them as a contact.
    NewContactCase,
    /// The days of quarantine or isolation changed.
    QuarantineChanged,
    /// Set a new password.
    Reset,
    /// The order to stay at home.
    Order,
    /// The end of it.
    Release,
    /// Letter: the order of quarantine.
    QuarantineOrder,
    /// Letter: the order of isolation.
    IsolationOrder,
    /// Letter: quarantine is over.
    QuarantineRelease,
    /// Letter: isolation is over.
    IsolationRelease,
    /// Confirm the e-mail address with which a venue was registered.
    VenueRegistration,
    /// Work in a venue.
    VenueInvitation,
    /// A venue is asked for its guest list.
    ListRequested,
    /// Does mail arrive at all: an operator asks.
    Test,
}
words!(MessageKind {
    Invitation = "invitation",
    Reminder = "reminder",
    NewContactCase = "new_contact_case",
    QuarantineChanged = "quarantine_changed",
    Reset = "reset",
    Order = "order",
    Release = "release",
    QuarantineOrder = "quarantine_order",
    IsolationOrder = "isolation_order",
    QuarantineRelease = "quarantine_release",
    IsolationRelease = "isolation_release",
    VenueRegistration = "venue_registration",
    VenueInvitation = "venue_invitation",
    ListRequested = "list_requested",
    Test = "test",
});

impl MessageKind {
    /// Lists what its texts may name; all of it must be given.
    #[must_use]
    pub fn variables(self) -> &'static [Variable] {
        use Variable::{Authority, Disease, FirstDay, LastDay, Link, Name, Phone, Slot, ValidUntil, Venue};
        match self {
            Self::Invitation => &[Name, Authority, Phone, Link, ValidUntil],
            Self::Reminder => &[Name, Authority, Phone, Link, Slot],
            Self::NewContactCase => &[Name, Authority, Phone],
            Self::QuarantineChanged | Self::Order => &[Name, Authority, Phone, FirstDay, LastDay],
            Self::Reset => &[Authority, Phone, Link, ValidUntil],
            Self::Release => &[Name, Authority, Phone, LastDay],
            Self::QuarantineOrder | Self::IsolationOrder | Self::QuarantineRelease | Self::IsolationRelease => {
                &[Name, Authority, Phone, Disease, FirstDay, LastDay]
            }
            Self::VenueRegistration | Self::VenueInvitation => &[Name, Authority, Phone, Venue, Link, ValidUntil],
            Self::ListRequested => &[Name, Authority, Phone, Venue, Link],
            Self::Test => &[Authority],
        }
    }

    /// Lists what its texts must name, else they don't say what they are for.
    #[must_use]
    pub fn must_name(self) -> &'static [Variable] {
        match self {
            Self::Invitation
            | Self::Reminder
            | Self::Reset
            | Self::VenueRegistration
            | Self::VenueInvitation
            | Self::ListRequested => &[Variable::Link],
            Self::QuarantineOrder | Self::IsolationOrder => &[Variable::FirstDay, Variable::LastDay],
            Self::QuarantineRelease | Self::IsolationRelease => &[Variable::LastDay],
            _ => &[],
        }
    }

    /// Says whether it is tried until it goes or somebody takes it back. A reminder of half a day, and a link for an hour,
    /// are of no use any more when they are late.
    #[must_use]
    pub fn goes_on_being_tried(self) -> bool {
        !matches!(self, Self::Reminder | Self::Reset | Self::Test)
    }

    /// Says whether it is printed, and never mailed: then it is text alone.
    #[must_use]
    pub fn is_printed(self) -> bool {
        LetterKind::ALL.iter().any(|kind| QuarantineKind::ALL.iter().any(|of| kind.message(*of) == self))
    }
}

/// What a letter to somebody under quarantine says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LetterKind {
    /// Stay at home.
    Order,
    /// It is over.
    Release,
}
words!(LetterKind { Order = "order", Release = "release" });

impl LetterKind {
    /// Returns the kind of message whose texts it has.
    #[must_use]
    pub fn message(self, of: QuarantineKind) -> MessageKind {
        match (self, of) {
            (Self::Order, QuarantineKind::Quarantine) => MessageKind::QuarantineOrder,
            (Self::Order, QuarantineKind::Isolation) => MessageKind::IsolationOrder,
            (Self::Release, QuarantineKind::Quarantine) => MessageKind::QuarantineRelease,
            (Self::Release, QuarantineKind::Isolation) => MessageKind::IsolationRelease,
        }
    }
}

/// By which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By mail, sent by the server.
    Mail,
    /// On paper, printed by a person.
    Letter,
}
words!(Channel { Mail = "mail", Letter = "letter" });

/// How far a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStatus {
    /// To be sent when it is due.
    Waiting,
    /// Kept back, because a backup was restored: it may have been sent before.
    Held,
    /// A server is sending it.
    Sending,
    /// The mail server took it, or it was printed.
    Sent,
    /// Nobody tries any more.
    Failed,
    /// Somebody took it back.
    Cancelled,
}
words!(MessageStatus {
    Waiting = "waiting",
    Held = "held",
    Sending = "sending",
    Sent = "sent",
    Failed = "failed",
    Cancelled = "cancelled",
});

impl MessageStatus {
    /// Says whether a message can still be taken back: nobody can have read it.
    #[must_use]
    pub fn may_be_cancelled(self) -> bool {
        matches!(self, Self::Waiting | Self::Held | Self::Failed)
    }

    /// Says whether it can be tried again now.
    #[must_use]
    pub fn may_be_retried(self) -> bool {
        matches!(self, Self::Waiting | Self::Failed)
    }
}

/// One step in the life of a message, as its log has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageStep {
    /// It was queued.
    Queued,
    /// A server began to send it.
    Sending,
    /// The mail server took it.
    Sent,
    /// It didn't go, and is tried again later.
    PutOff,
    /// Nobody tries any more.
    Failed,
    /// Somebody took it back.
    Cancelled,
    /// Somebody had it tried again.
    Retried,
    /// A restore kept it back.
    Held,
    /// An operator let it go.
    Released,
}
words!(MessageStep {
    Queued = "queued",
    Sending = "sending",
    Sent = "sent",
    PutOff = "put_off",
    Failed = "failed",
    Cancelled = "cancelled",
    Retried = "retried",
    Held = "held",
    Released = "released",
});

/// Why a mail didn't go: a word, never what the mail server said, for that may hold an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The mail server can't be reached.
    Unreachable,
    /// It doesn't answer in time.
    TimedOut,
    /// The connection can't be encrypted, or the certificate isn't trusted.
    Tls,
    /// It doesn't let this installation in.
    NotLetIn,
    /// It doesn't take this sender.
    SenderRefused,
    /// It doesn't take the recipient.
    RecipientRefused,
    /// It doesn't take the mail.
    ContentRefused,
    /// What it says can't be understood.
    Garbled,
    /// The mail's own cells don't open.
    Unreadable,
    /// It waited until its text had to be erased.
    TooOld,
}
words!(Obstacle {
    Unreachable = "unreachable",
    TimedOut = "timed_out",
    Tls = "tls",
    NotLetIn = "not_let_in",
    SenderRefused = "sender_refused",
    RecipientRefused = "recipient_refused",
    ContentRefused = "content_refused",
    Garbled = "garbled",
    Unreadable = "unreadable",
    TooOld = "too_old",
});

/// Why a mail didn't go, with the reply code of the mail server, if it gave one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What stood in the way.
    pub obstacle: Obstacle,
    /// The reply code, such as 550.
    pub reply: Option<u16>,
}

impl Failure {
    /// Says whether it is for good. Only a refusal of this recipient or this mail is: what the server holds against
    /// this installation may be put right, and then all mails go.
    #[must_use]
    pub fn is_permanent(self) -> bool {
        let is_refused = self.reply.is_some_and(|code| (500..600).contains(&code));
        match self.obstacle {
            Obstacle::RecipientRefused | Obstacle::ContentRefused => is_refused,
            Obstacle::Unreadable | Obstacle::TooOld => true,
            _ => false,
        }
    }

    /// Says whether the next mail will meet the same, so that it needn't be tried now.
    #[must_use]
    pub fn concerns_all(self) -> bool {
        use Obstacle::{NotLetIn, SenderRefused, TimedOut, Tls, Unreachable};
        matches!(self.obstacle, Unreachable | TimedOut | Tls | NotLetIn | SenderRefused)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.reply {
            Some(code) => write!(f, "{} {code}", self.obstacle),
            None => write!(f, "{}", self.obstacle),
        }
    }
}

/// What can be undone can be undone for this long; so long a message about it waits.
pub const UNDO: SignedDuration = SignedDuration::from_secs(10);

/// After this long a mail is late, counted from the first try: somebody is told, and what nobody needs later is given up.
pub const LATE_AFTER: SignedDuration = SignedDuration::from_hours(6);

/// Minutes until the next try after the first, second, third; then always the last.
const NEXT_TRY_MIN: [i64; 4] = [1, 5, 15, 60];

/// When a mail is tried again, and whether it is late by then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextTry {
    /// When.
    pub at: Timestamp,
    /// Whether it is late now: somebody must be told.
    pub is_late: bool,
}

/// Returns when a mail is tried again that has been tried `n_tries` times, the last time now; `None` if never. One try is
/// at the end of the time after which it is late, not before it and not long after.
#[must_use]
pub fn next_try(kind: MessageKind, first_try: Timestamp, n_tries: u32, now: Timestamp) -> Option<NextTry> {
    let late = first_try.saturating_add(LATE_AFTER).unwrap_or(Timestamp::MAX);
    let is_late = now >= late;
    if is_late && !kind.goes_on_being_tried() {
        return None;
    }
    let i = usize::try_from(n_tries.saturating_sub(1)).unwrap_or(usize::MAX).min(NEXT_TRY_MIN.len() - 1);
    let next = now.saturating_add(SignedDuration::from_mins(NEXT_TRY_MIN[i])).unwrap_or(Timestamp::MAX);
    Some(NextTry { at: if is_late { next } else { next.min(late) }, is_late })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Minutes after the first try of each of the tries that follow, and from which on it is late.
    fn tries(kind: MessageKind, most: usize) -> (Vec<i64>, Option<i64>) {
        let first: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let minutes = |at: Timestamp| at.duration_since(first).as_mins();
        let (mut tries, mut late, mut now) = (vec![0], None, first);
        while let Some(next) = next_try(kind, first, u32::try_from(tries.len()).unwrap(), now) {
            if next.is_late {
                late = late.or(Some(minutes(now)));
            }
            if tries.len() == most {
                break;
            }
            assert!(next.at > now);
            now = next.at;
            tries.push(minutes(now));
        }
        (tries, late)
    }

    #[test]
    fn tries_grow_apart_and_are_late_after_six_hours() {
        let until_late = [0, 1, 6, 21, 81, 141, 201, 261, 321, 360];
        assert_eq!(tries(MessageKind::Reminder, 99), (until_late.to_vec(), None), "given up");
        let (invitation, late) = tries(MessageKind::Invitation, 13);
        assert_eq!((&invitation[..10], &invitation[10..]), (&until_late[..], &[420, 480, 540][..]), "an hour apart");
        assert_eq!(late, Some(360));
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_for_good() {
        let failure = |obstacle, reply| Failure { obstacle, reply };
        assert!(failure(Obstacle::RecipientRefused, Some(550)).is_permanent());
        assert!(!failure(Obstacle::RecipientRefused, Some(450)).is_permanent(), "a mailbox that is full for now");
        assert!(!failure(Obstacle::NotLetIn, Some(535)).is_permanent(), "a wrong password of the installation");
        assert!(failure(Obstacle::NotLetIn, Some(535)).concerns_all());
        assert!(!failure(Obstacle::RecipientRefused, Some(550)).concerns_all());
        assert_eq!(failure(Obstacle::RecipientRefused, Some(550)).to_string(), "recipient_refused 550");
    }

    #[test]
    fn what_is_being_sent_or_was_sent_cannot_be_taken_back() {
        let may: Vec<&str> = MessageStatus::ALL
            .iter()
            .filter(|status| status.may_be_cancelled())
            .map(|status| status.as_str())
            .collect();
        assert_eq!(may, ["waiting", "held", "failed"]);
    }
}
