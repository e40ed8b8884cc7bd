//! Guest lists: who was in a venue in a window of time, opened for a reason that is written down.
//!
//! Nobody sees a guest without need. So a list is asked for with a reason, spans a day at most, and a venue has few of them a
//! day. Whoever might have been there is on it: one name too many costs a telephone call, one too few an infection.

mod printed;

pub use printed::{ListPress, ListSheet};

use crate::authorities::words;
use crate::check_ins::{Guest, LEAST_RETENTION_DAYS, LONGEST_STAY, RETENTION_DAYS, Stay};
use crate::ids::VisitId;
use crate::names::fold;
use crate::time::{DayRange, Window, local_day};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Lists that the staff of one venue may open on one day of its authority.
pub const MOST_A_DAY: i32 = 5;

/// The longest window: a day, which has 25 hours when the clocks go back.
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(25);

/// How long a list can be read again without another opening.
pub const READ_FOR: SignedDuration = SignedDuration::from_hours(1);

/// The longest note, in characters.
pub const LONGEST_NOTE: usize = 500;

/// The most guests of a list that is set on paper; a longer one is had as a table.
pub const MOST_PRINTED: usize = 2_000;

/// Why somebody opens a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A guest said that they are infected.
    InfectionReported,
    /// The health authority asked for it.
    AskedByAuthority,
    /// Several guests or staff have fallen ill.
    OwnOutbreak,
    /// Something else, which the note says.
    Other,
}
words!(Reason {
    InfectionReported = "infection_reported",
    AskedByAuthority = "asked_by_authority",
    OwnOutbreak = "own_outbreak",
    Other = "other",
});

/// Who opens lists of an authority's venues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opens {
    /// The venues' own staff, and the authority.
    #[default]
    Venues,
    /// The authority alone.
    Authority,
}
words!(Opens { Venues = "venues", Authority = "authority" });

/// What an authority decided about its guest lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSetting {
    /// Who opens them.
    pub opens: Opens,
    /// Days that guests' data is kept: [`LEAST_RETENTION_DAYS`] to [`RETENTION_DAYS`].
    pub kept_days: u8,
}

impl Default for ListSetting {
    fn default() -> Self {
        Self { opens: Opens::default(), kept_days: RETENTION_DAYS }
    }
}

impl ListSetting {
    /// Checks the days.
    #[must_use]
    pub fn new(opens: Opens, kept_days: u8) -> Option<Self> {
        (LEAST_RETENTION_DAYS..=RETENTION_DAYS).contains(&kept_days).then_some(Self { opens, kept_days })
    }
}

/// Who opened one list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenedBy {
    /// Staff of the venue.
    Venue,
    /// Staff of the authority.
    Authority,
}
words!(OpenedBy { Venue = "venue", Authority = "authority" });

/// Why there can't be a list of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAWindow {
    /// It ends before it begins.
    #[error("the end lies after the beginning")]
    EndBeforeStart,
    /// It is too long.
    #[error("a list spans a day at most; ask for the hours that you need")]
    TooLong,
    /// It has not begun.
    #[error("this time has not come yet")]
    Ahead,
}

/// Returns the window that a list may span.
///
/// # Errors
///
/// [`NotAWindow`] if it is empty, longer than a day, or all of it lies ahead.
pub fn window(from: Timestamp, until: Timestamp, now: Timestamp) -> Result<Window, NotAWindow> {
    let window = Window::new(from, until).map_err(|_| NotAWindow::EndBeforeStart)?;
    if from == until {
        Err(NotAWindow::EndBeforeStart)
    } else if until.duration_since(from) > LONGEST_WINDOW {
        Err(NotAWindow::TooLong)
    } else if from > now {
        Err(NotAWindow::Ahead)
    } else {
        Ok(window)
    }
}

/// Returns the days of arrival of whoever can have been there in a window: stays last up to a day, so they may have begun
/// on the day before.
#[must_use]
pub fn days_of(window: &Window, zone: &TimeZone) -> DayRange {
    let earliest = window.from().saturating_sub(LONGEST_STAY).unwrap_or(Timestamp::MIN);
    let mut days = window.days(zone);
    days.first = local_day(earliest, zone).min(days.first);
    days
}

/// Returns from when a guest may have left: the usual stay is over, nobody checked out, and the end that is noted lies later.
/// `None` as long as they are surely there, by `at` or the end of the list, whichever is earlier.
#[must_use]
pub fn may_have_left_from(stay: &Stay, usual_stay_min: u32, at: Timestamp) -> Option<Timestamp> {
    let usual = SignedDuration::from_mins(i64::from(usual_stay_min));
    let expected = stay.arrived_at.checked_add(usual).ok()?;
    (!stay.marks.has(crate::check_ins::Marks::CHECKED_OUT) && expected < stay.leaves_at && expected <= at)
        .then_some(expected)
}

/// Returns the four characters by which a visit is spoken of at the door: they name nobody.
#[must_use]
pub fn spoken_code(visit_id: VisitId) -> String {
    crate::ids::spoken(visit_id.0.as_u128())
}

/// Returns which guests of a list may be one person: for each its group, counted from 1, or `None`.
///
/// They share a telephone number, an e-mail address, or a name, however these were written. It is a proposal: two people may
/// be called the same, and a family shares a telephone.
#[must_use]
pub fn doubles(guests: &[&Guest]) -> Vec<Option<u32>> {
    let mut first_with: HashMap<(u8, Vec<u8>), usize> = HashMap::new();
    let mut leads: Vec<usize> = (0..guests.len()).collect();
    for (at, guest) in guests.iter().enumerate() {
        for key in keys_of(guest) {
            let other = *first_with.entry(key).or_insert(at);
            let (one, other) = (lead_of(&mut leads, at), lead_of(&mut leads, other));
            leads[one.max(other)] = one.min(other);
        }
    }
    let leads: Vec<usize> = (0..guests.len()).map(|at| lead_of(&mut leads, at)).collect();
    let mut sizes = vec![0; guests.len()];
    leads.iter().for_each(|lead| sizes[*lead] += 1);
    let mut numbers: HashMap<usize, u32> = HashMap::new();
    let number = |lead: &usize| {
        let next = numbers.len() as u32 + 1;
        (sizes[*lead] > 1).then(|| *numbers.entry(*lead).or_insert(next))
    };
    leads.iter().map(number).collect()
}

fn lead_of(leads: &mut [usize], at: usize) -> usize {
    let mut lead = at;
    while leads[lead] != lead {
        leads[lead] = leads[leads[lead]];
        lead = leads[lead];
    }
    lead
}

/// What guests are compared by. A telephone number by its last nine digits: with or without the country's.
fn keys_of(guest: &Guest) -> impl Iterator<Item = (u8, Vec<u8>)> {
    let mut name = Vec::new();
    fold(guest.name.expose(), &mut name);
    let phone = guest.phone.as_ref().map(|phone| {
        let digits: Vec<u8> = phone.expose().bytes().filter(u8::is_ascii_digit).collect();
        digits[digits.len().saturating_sub(9)..].to_vec()
    });
    let email = guest.email.as_ref().map(|email| email.expose().trim().to_lowercase().into_bytes());
    let keys = [(0, Some(name)), (1, phone), (2, email)];
    keys.into_iter().filter_map(|(kind, key)| Some((kind, key.filter(|key| !key.is_empty())?)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::check_ins::Marks;
    use crate::persons::Personal;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn stay(from: &str, until: &str, marks: Marks) -> Stay {
        let visit_id = VisitId::mint(at(from), [7; 10]);
        Stay { visit_id, arrived_at: at(from), leaves_at: at(until), area_id: None, household: 0, marks }
    }

    fn guest(name: &str, phone: Option<&str>, email: Option<&str>) -> Guest {
        let text = |text: &str| Personal::new(text.to_owned());
        Guest { name: text(name), phone: phone.map(text), email: email.map(text), address: None }
    }

    #[test]
    fn a_list_spans_a_day_at_most_and_never_the_future() {
        let now = at("2026-10-26T12:00:00Z");
        let check = |from: &str, until: &str| window(at(from), at(until), now).err();
        assert_eq!(check("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"), None, "the day of 25 hours");
        assert_eq!(check("2026-10-24T22:00:00Z", "2026-10-25T23:00:01Z"), Some(NotAWindow::TooLong));
        assert_eq!(check("2026-10-26T12:00:00Z", "2026-10-26T22:00:00Z"), None, "today ends later");
        assert_eq!(check("2026-10-26T12:00:01Z", "2026-10-26T22:00:00Z"), Some(NotAWindow::Ahead));
        for until in ["2026-10-26T11:00:00Z", "2026-10-26T10:59:59Z"] {
            assert_eq!(check("2026-10-26T11:00:00Z", until), Some(NotAWindow::EndBeforeStart));
        }
    }

    #[test]
    fn a_list_reaches_back_to_arrivals_of_the_day_before() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let night = Window::new(at("2026-03-01T23:00:00Z"), at("2026-03-02T01:00:00Z")).unwrap();
        let days = days_of(&night, &zone);
        assert_eq!((days.first, days.last), (date(2026, 3, 1), date(2026, 3, 2)), "midnight to two");
        let day = Window::new(at("2026-03-01T23:00:00Z"), at("2026-03-02T23:00:00Z")).unwrap();
        let days = days_of(&day, &zone);
        assert_eq!((days.first, days.last), (date(2026, 3, 1), date(2026, 3, 2)), "until midnight is not the next day");
    }

    #[test]
    fn whoever_has_not_checked_out_may_have_left_once_the_usual_stay_is_over() {
        let (from, until) = ("2026-03-01T18:00:00Z", "2026-03-01T23:00:00Z");
        let open = stay(from, until, Marks::NONE);
        assert_eq!(may_have_left_from(&open, 120, at("2026-03-01T19:59:59Z")), None);
        assert_eq!(may_have_left_from(&open, 120, at("2026-03-01T20:00:00Z")), Some(at("2026-03-01T20:00:00Z")));
        assert_eq!(may_have_left_from(&open, 300, at("2026-03-02T09:00:00Z")), None, "the noted end is no later");
        let left = stay(from, until, Marks::CHECKED_OUT);
        assert_eq!(may_have_left_from(&left, 120, at("2026-03-02T09:00:00Z")), None, "they said when");
    }

    #[test]
    fn doubles_share_a_number_an_address_or_a_name_however_written() {
        let all = [
            guest("Ada Öztürk", Some("+49 621 123456"), None),
            guest("Ben", None, Some("Ben@Example.org")),
            guest("A. Öztürk", Some("0621/123456"), None),
            guest("Cem", None, Some("cem@example.org")),
            guest("Benjamin", None, Some("ben@example.org ")),
            guest("ADA  ÖZTÜRK", None, Some("ada@example.org")),
        ];
        let found = doubles(&all.iter().collect::<Vec<_>>());
        assert_eq!(found, [Some(1), Some(2), Some(1), None, Some(2), Some(1)]);
        assert!(doubles(&[]).is_empty());
    }

    #[test]
    fn a_code_at_the_door_has_four_characters_and_names_nobody() {
        let code = |bits| spoken_code(VisitId(uuid::Uuid::from_u128(bits)));
        assert_eq!(code(0x0198_0000_0000_7000_8000_0000_000a_bcde), "NF6Y", "as the guest's receipt says it");
        assert_eq!(code(u128::MAX), "ZZZZ");
    }

    proptest! {
        /// Whoever overlaps a window arrived on one of its days.
        #[test]
        fn nobody_who_was_there_is_left_out(
            from in 0i64..40_000_000, long in 1i64..90_000, early in 0i64..86_400, stayed in 1i64..=86_400,
        ) {
            let zone = TimeZone::get("Europe/Berlin").unwrap();
            let start = at("2026-01-01T00:00:00Z").as_second() + from;
            let second = |second| Timestamp::from_second(second).unwrap();
            let asked = Window::new(second(start), second(start + long)).unwrap();
            let arrived_at = second(start - early);
            let visit_id = VisitId::mint(arrived_at, [1; 10]);
            let stay = Stay { visit_id, arrived_at, leaves_at: second(start - early + stayed), area_id: None, household: 0,
                              marks: Marks::NONE };
            if stay.overlaps(&asked) {
                prop_assert!(days_of(&asked, &zone).contains(local_day(arrived_at, &zone)));
            }
        }

        #[test]
        fn of_each_group_there_are_at_least_two(names in proptest::collection::vec("[a-c]{1,2}", 0..12)) {
            let all: Vec<Guest> = names.iter().map(|name| guest(name, None, None)).collect();
            let groups = doubles(&all.iter().collect::<Vec<_>>());
            for (name, group) in names.iter().zip(&groups) {
                let same = names.iter().filter(|other| *other == name).count();
                prop_assert_eq!(group.is_some(), same > 1);
                prop_assert_eq!(groups.iter().filter(|other| group.is_some() && *other == group).count() > 1, same > 1);
            }
        }
    }
}
