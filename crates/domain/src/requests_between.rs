//! Guest lists of venues in another authority's area: asked through that authority, never looked up there.
//!
//! Each side has a journal of its own, under one id. What one tells the other is signed and sealed to it. The case because of
//! which is asked is never named: only disease, time, and what is known of the venue.

mod envelope;
mod poster;

pub use envelope::{Envelope, MessageKind, NotAnEnvelope, SIGNATURE, split_signed};
pub use poster::{Poster, poster_in};

use crate::authorities::words;
pub use crate::hand_overs::Side;
use crate::list_requests::LONGEST_ASKED;
use crate::time::Window;
use jiff::{SignedDuration, Timestamp};

/// The longest description of a venue, in characters.
pub const LONGEST_PLACE: usize = 500;

/// Most venues' requests that an authority has open to others for one case.
pub const MOST_OPEN: usize = 50;

/// How old a message may be when it comes: shorter than the time for which its id is remembered, so that none comes twice.
pub const OLDEST_MESSAGE: SignedDuration = SignedDuration::from_hours(24 * 40);

/// How far the clock of the authority that sends may be ahead.
pub const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_mins(5);

/// Where a request stands, on either side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BetweenState {
    /// The other authority is asked.
    Asked,
    /// It has found the venue and asked it. Only that side knows.
    Passed,
    /// The list was released.
    Released,
    /// There will be none; the reason says why.
    Declined,
    /// Who asked took it back.
    Withdrawn,
}
words!(BetweenState {
    Asked = "asked",
    Passed = "passed",
    Released = "released",
    Declined = "declined",
    Withdrawn = "withdrawn",
});

/// A step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The venue is found and asked.
    PassOn,
    /// The list is released.
    Release,
    /// There will be none.
    Decline,
    /// It is taken back.
    Withdraw,
}

impl BetweenState {
    /// Returns where a step leads on one side; `None` where it isn't taken, because it was before, or something else was.
    ///
    /// What was withdrawn is never released: guests that come after it are not taken in.
    #[must_use]
    pub fn after(self, side: Side, step: Step) -> Option<Self> {
        use BetweenState::{Asked, Declined, Passed, Released, Withdrawn};
        match (side, self, step) {
            (Side::To, Asked, Step::PassOn) => Some(Passed),
            (Side::To, Passed, Step::Release) | (Side::From, Asked, Step::Release) => Some(Released),
            (_, Asked, Step::Decline) | (Side::To, Passed, Step::Decline) => Some(Declined),
            (_, Asked | Released, Step::Withdraw) | (Side::To, Passed, Step::Withdraw) => Some(Withdrawn),
            _ => None,
        }
    }

    /// Says whether somebody still has to answer.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Asked | Self::Passed)
    }
}

/// Why a request is declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeclinedBecause {
    /// Nobody there knows such a venue.
    NoSuchVenue,
    /// It lies in the area of yet another authority.
    NotOurs,
    /// The lists of these days are deleted, or the venue keeps none.
    NoList,
    /// Another reason; the text says which.
    Other,
}
words!(DeclinedBecause { NoSuchVenue = "no_such_venue", NotOurs = "not_ours", NoList = "no_list", Other = "other" });

/// Says whether a time may be asked for: some time, and no longer than a list may be asked for at once.
#[must_use]
pub fn may_be_asked(window: &Window) -> bool {
    window.until().duration_since(window.from()) <= LONGEST_ASKED
}

/// Says whether a message may still be taken in: not from long ago, when its id may be forgotten, nor from the future.
#[must_use]
pub fn is_current(sent_at: Timestamp, now: Timestamp) -> bool {
    let age = now.duration_since(sent_at);
    age <= OLDEST_MESSAGE && age >= -CLOCKS_DIFFER
}

#[cfg(test)]
mod tests;
