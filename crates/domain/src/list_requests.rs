//! Guest lists on request: a case was at a venue, and who was there with them is asked of it.
//!
//! A stay says where and when; the request asks for who was there then, or came before the room was aired. What comes back
//! belongs to the case and ends with it.

mod share;

pub use share::{NotAShareCode, SHARE_CODE_LASTS, ShareCode};

use crate::authorities::words;
use crate::exposures::{Evidence, EvidenceKind, When};
use crate::ids::{AreaId, FacilityId, PersonId};
use crate::persons::is_of_a_name;
use crate::rules::CloseContactRule;
use crate::time::{Window, minutes_together};
use crate::visits::airing_exposure;
use jiff::SignedDuration;

/// The longest time for which a list is asked at once: a list is asked because of a stay, not of a venue.
pub const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(72);

/// Most stays that a case keeps: beyond it something else than a person's days is being entered.
pub const MOST_STAYS: usize = 500;

/// How the authority knows of a stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaySource {
    /// A case worker took it down.
    Worker,
    /// The guest showed their receipt.
    Shared,
    /// They were on the guest list of another case's stay.
    List,
}
words!(StaySource { Worker = "worker", Shared = "shared", List = "list" });

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// The venue is asked.
    Asked,
    /// The list is here.
    Released,
    /// The authority took it back.
    Withdrawn,
    /// All its days were deleted before anybody answered.
    Expired,
}
words!(RequestState { Asked = "asked", Released = "released", Withdrawn = "withdrawn", Expired = "expired" });

/// A stay at a venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceStay {
    /// In which area; `None` for the whole venue, or where nobody noted it.
    pub area: Option<AreaId>,
    /// From when until when.
    pub stay: Window,
}

/// How near a guest's area was to those of the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Nearness {
    /// In the same area.
    SameArea,
    /// In the same venue; of one of them the area isn't known.
    SameVenue,
    /// In another area.
    OtherArea,
}
words!(Nearness { SameArea = "same_area", SameVenue = "same_venue", OtherArea = "other_area" });

/// What a guest had to do with a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuestExposure {
    /// Together with the case, in its area as far as that is known.
    pub together: Vec<Window>,
    /// There after the case had left, before the room was aired.
    pub aired: Vec<Window>,
    /// In the venue at the same time, in another area.
    pub elsewhere: Vec<Window>,
    /// The nearest that they were.
    pub nearness: Nearness,
    /// Whether they were together on days on which the case wasn't infectious, by the rule. These don't count above.
    pub outside: bool,
}

/// Returns the time for which a list is asked because of a stay: the stay, and after it the time until the room is safe.
#[must_use]
pub fn asked_for(stay: &Window, safe_after: SignedDuration) -> Window {
    let until = stay.until().checked_add(safe_after).unwrap_or(stay.until());
    Window::new(stay.from(), until).unwrap_or(*stay)
}

fn nearness(one: Option<AreaId>, other: Option<AreaId>) -> Nearness {
    match (one, other) {
        (Some(one), Some(other)) if one == other => Nearness::SameArea,
        (Some(_), Some(_)) => Nearness::OtherArea,
        _ => Nearness::SameVenue,
    }
}

/// Returns what a guest had to do with the stays of a case at the same venue.
///
/// `infectious` are the windows in which the case infects others; empty where nobody knows them, and then all counts.
/// `safe_after` is how long a room stays infectious.
#[must_use]
pub fn exposure_of(
    case: &[PlaceStay],
    guest: &PlaceStay,
    infectious: &[Window],
    safe_after: SignedDuration,
) -> GuestExposure {
    let always = [Window::ALWAYS];
    let infectious = if infectious.is_empty() { &always[..] } else { infectious };
    let (mut together, mut aired, mut elsewhere) = (Vec::new(), Vec::new(), Vec::new());
    let mut nearest = Nearness::OtherArea;
    let mut outside = false;
    for own in case {
        let near = nearness(own.area, guest.area);
        let clipped: Vec<Window> = infectious.iter().filter_map(|window| own.stay.overlap(window)).collect();
        outside |= own.stay.overlap(&guest.stay).is_some_and(|all| {
            let inside: Vec<Window> = clipped.iter().filter_map(|stay| stay.overlap(&guest.stay)).collect();
            minutes_together(&inside) < all.minutes()
        });
        for stay in clipped {
            let overlap = stay.overlap(&guest.stay);
            if near == Nearness::OtherArea {
                elsewhere.extend(overlap);
                continue;
            }
            // The case takes its air with it only when it goes, not when its infectious days end.
            let leaves = stay.until() == own.stay.until();
            let after = leaves.then(|| airing_exposure(&stay, &guest.stay, safe_after)).flatten();
            if overlap.is_some() || after.is_some() {
                nearest = nearest.min(near);
            }
            together.extend(overlap);
            aired.extend(after);
        }
    }
    GuestExposure { together, aired, elsewhere, nearness: nearest, outside }
}

/// Returns first and last name of what a guest wrote as one: the last word is the last name. Characters that no name here may
/// have are left out.
#[must_use]
pub fn names_of(name: &str) -> (Option<String>, Option<String>) {
    let plain: String = name.chars().filter(|c| is_of_a_name(*c)).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    match words.split_last() {
        Some((last, [])) => (None, Some((*last).to_owned())),
        Some((last, first)) => (Some(first.join(" ")), Some((*last).to_owned())),
        None => (None, None),
    }
}

impl GuestExposure {
    /// Minutes together, each counted once.
    #[must_use]
    pub fn together_min(&self) -> f64 {
        minutes_together(&self.together)
    }

    /// Minutes in a room that wasn't aired yet.
    #[must_use]
    pub fn aired_min(&self) -> f64 {
        minutes_together(&self.aired)
    }

    /// Minutes in other areas of the venue at the same time.
    #[must_use]
    pub fn elsewhere_min(&self) -> f64 {
        minutes_together(&self.elsewhere)
    }

    /// Returns it as evidence, as exposures are scored by.
    #[must_use]
    pub fn evidence(&self, from: PersonId, facility: FacilityId, area: &str) -> Vec<Evidence> {
        let visit = || EvidenceKind::Visit { facility, area: area.to_owned() };
        let airing = || EvidenceKind::Airing { facility, area: area.to_owned() };
        let piece = |kind, window: &Window| Evidence { from, kind, when: When::During(*window) };
        let together = self.together.iter().map(|window| piece(visit(), window));
        together.chain(self.aired.iter().map(|window| piece(airing(), window))).collect()
    }

    /// Says whether the guest is at risk by a rule of close contacts.
    ///
    /// A list doesn't say who sat how near. Where the rule has minutes in one room, they decide; where it has minutes within a
    /// distance only, these do, as if everybody in the area had been near.
    #[must_use]
    pub fn is_at_risk(&self, rule: &CloseContactRule) -> bool {
        let all: Vec<Window> = self.together.iter().chain(&self.aired).copied().collect();
        let least = rule.room_minutes.unwrap_or(rule.min_minutes);
        !all.is_empty() && minutes_together(&all) >= least
    }
}

#[cfg(test)]
mod tests;
