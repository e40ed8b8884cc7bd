//! Visits: a person's stay at a facility, and who else was in the same area.

use crate::ids::{FacilityId, PersonId, VisitId};
use crate::time::Window;
use jiff::{SignedDuration, Timestamp};

/// The longest stay that an import accepts, in days. Longer ones are slips of the pen.
pub const LONGEST_VISIT_DAYS: i64 = 366;

/// A stay of a person at a facility, in one of its areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its id.
    pub visit_id: VisitId,
    /// Who.
    pub person: PersonId,
    /// Where.
    pub facility: FacilityId,
    /// Ward, table, room; empty for the whole facility.
    pub area: String,
    /// From arrival to departure.
    pub stay: Window,
}

/// Returns the time in which `contact` breathed the air of a room after `case` had left it.
///
/// `safe_after` is how long a room stays infectious; the result is the part of the contact's stay
/// between the case's departure and that moment. `None` where there is none, or the room needs no airing.
#[must_use]
pub fn airing_exposure(case: &Window, contact: &Window, safe_after: SignedDuration) -> Option<Window> {
    let left: Timestamp = case.until();
    let safe = left.checked_add(safe_after).ok()?;
    Window::new(left, safe).ok()?.overlap(contact)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn window(from: i64, until: i64) -> Window {
        let at = |m: i64| Timestamp::from_second(m * 60).unwrap();
        Window::new(at(from), at(until)).unwrap()
    }

    #[test]
    fn the_next_visitor_is_exposed_only_within_the_airing_time() {
        let two_hours = SignedDuration::from_hours(2);
        let airing = |contact| airing_exposure(&window(0, 60), &contact, two_hours);
        assert_eq!(airing(window(100, 300)), Some(window(100, 180)));
        assert_eq!(airing(window(30, 90)), Some(window(60, 90)), "who was there before stays exposed");
        assert_eq!(airing(window(180, 200)), None, "the room is safe again");
        assert_eq!(airing_exposure(&window(0, 60), &window(60, 90), SignedDuration::ZERO), None);
    }
}
