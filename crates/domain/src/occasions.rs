//! Occasions: parties, classes, concerts whose visitors are handed in afterwards, with a code that the authority gave out.
//!
//! Whoever hands in can read nothing back. Visitors are sealed to the day on which they come in and are gone sixteen days
//! later, whatever becomes of the occasion.

mod code;
mod seen;
mod visitor;

pub use code::{NotAnOccasionCode, OccasionCode};
pub use seen::{Near, SeenVisitor, VisitorFilter};
pub use visitor::{Qualifier, Visitor, WrongVisitor};

use crate::authorities::words;
use crate::check_ins::{ends_at, gone_on};
use crate::persons::Personal;
use crate::time::Window;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Days that visitors are kept after the day on which they were handed in: 14 days of incubation (Lauer et al. 2020, doi
/// 10.7326/M20-0504: 101 of 10,000 develop symptoms later) and two in which somebody is found to be infected. Quarano,
/// `quarano.gdpr.occasions.delete-visitors-after`.
pub const VISITOR_DAYS: u8 = 16;

/// How long after an occasion its code still works: whoever was infected there has fallen ill by then.
pub const CODE_WORKS_AFTER_END: SignedDuration = SignedDuration::from_hours(16 * 24);

/// The longest occasion: a course of a month. A longer one is several.
pub const LONGEST_OCCASION: SignedDuration = SignedDuration::from_hours(31 * 24);

/// How far ahead an occasion may begin.
pub const MOST_AHEAD: SignedDuration = SignedDuration::from_hours(366 * 24);

/// Most visitors of one request.
pub const MOST_AT_ONCE: usize = 1_000;

/// Most visitors of one occasion: beyond it somebody is filling the disk.
pub const MOST_VISITORS: u64 = 200_000;

/// The longest title, place and contact of an occasion, in characters.
pub const LONGEST_LINE: usize = 200;

/// Most visitors of whom contact cases are made in one step.
pub const MOST_CHOSEN: usize = 20_000;

/// Contact cases of one transaction: each is a person, a case and perhaps a mail, and nobody waits for longer than a moment.
pub const BATCH: usize = 50;

/// What an occasion is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OccasionDetails {
    /// What it is called.
    pub title: Personal<String>,
    /// Where it was.
    pub place: Personal<String>,
    /// Whom to ask for the list.
    pub contact: Option<Personal<String>>,
    /// From when until when.
    pub during: Window,
}

/// What became of a visitor who was chosen to become a contact case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChosenOutcome {
    /// Their turn has not come.
    Waiting,
    /// They are a contact case.
    Done,
    /// They are the case themselves, by name and telephone or e-mail address.
    Oneself,
    /// Nothing can be read of them any more.
    Gone,
}
words!(ChosenOutcome { Waiting = "waiting", Done = "done", Oneself = "oneself", Gone = "gone" });

/// Checks what an occasion is to be. `None` for a time that wasn't understood, of which the caller says so.
///
/// # Errors
///
/// Field and reason of everything that must change.
pub fn check_occasion(
    (title, place, contact): (&str, &str, &str),
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<OccasionDetails, Vec<(&'static str, String)>> {
    let mut wrong = Vec::new();
    for (field, text, is_needed) in [("title", title, true), ("place", place, true), ("contact", contact, false)] {
        if is_needed && text.trim().is_empty() {
            wrong.push((field, "this is needed".to_owned()));
        } else if text.chars().count() > LONGEST_LINE || text.chars().any(char::is_control) {
            wrong.push((field, format!("one line of {LONGEST_LINE} characters at most")));
        }
    }
    let during = Window::new(from, until);
    match &during {
        Err(_) => wrong.push(("until", "the end lies after the beginning".to_owned())),
        Ok(_) if until.duration_since(from) > LONGEST_OCCASION => {
            wrong.push(("until", "an occasion lasts 31 days at most; make several of it".to_owned()));
        }
        Ok(_) if !takes_visitors(until, None, now) => {
            wrong.push(("until", "it ended more than 16 days ago: its list helps nobody any more".to_owned()));
        }
        Ok(_) if from.duration_since(now) > MOST_AHEAD => {
            wrong.push(("from", "it may begin in a year at the latest".to_owned()));
        }
        Ok(_) => {}
    }
    match during {
        Ok(during) if wrong.is_empty() => Ok(OccasionDetails {
            title: Personal::new(title.trim().to_owned()),
            place: Personal::new(place.trim().to_owned()),
            contact: Some(contact.trim()).filter(|text| !text.is_empty()).map(|text| Personal::new(text.to_owned())),
            during,
        }),
        _ => Err(wrong),
    }
}

/// Says whether the code of an occasion works: nobody closed it, and it isn't too long ago.
#[must_use]
pub fn takes_visitors(ends: Timestamp, closed_at: Option<Timestamp>, now: Timestamp) -> bool {
    closed_at.is_none() && now.duration_since(ends) <= CODE_WORKS_AFTER_END
}

/// Returns the local day from whose beginning nobody can read a visitor who was handed in on a day.
#[must_use]
pub fn visitors_gone_on(day: Date) -> Date {
    gone_on(day, VISITOR_DAYS)
}

/// Returns the instant from which the key of a day on which visitors were handed in must be destroyed.
#[must_use]
pub fn upload_ends_at(day: Date, zone: &TimeZone) -> Timestamp {
    ends_at(day, VISITOR_DAYS, zone)
}

#[cfg(test)]
mod tests;
