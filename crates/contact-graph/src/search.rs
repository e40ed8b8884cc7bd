//! The search for the exposed: forward to whom a person may have infected, backward to who infected them.
//!
//! It goes generation by generation. The search itself reads nothing: it says whom to look up and in
//! which windows ([`Search::seekers`]), the caller brings what storage knows ([`Meeting`]), and
//! [`Search::advance`] decides who was reached. Generations are shortest paths in time: forward, a second
//! generation needs a meeting that goes on after the first began; backward, one that began before the
//! first ended. Nobody is listed twice, and never the person from whom the search began.

use domain::exposures::{Evidence, EvidenceKind, When};
use domain::ids::PersonId;
use domain::time::Window;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, HashMap};

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Whom did they infect.
    Forward,
    /// Who infected them.
    Backward,
}

/// A person to look up next, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seeker {
    /// Whose meetings.
    pub person: PersonId,
    /// In which windows; none of them overlap.
    pub windows: Vec<Window>,
}

/// What storage knows: a piece of evidence between a seeker and somebody else.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// The seeker.
    pub seeker: PersonId,
    /// The other one.
    pub other: PersonId,
    /// What it is.
    pub kind: EvidenceKind,
    /// When.
    pub when: When,
}

/// Somebody who was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Who.
    pub person: PersonId,
    /// Generations from the person where the search began.
    pub generation: u32,
    /// The evidence, from whoever of the generation before. Its `from` is who may have infected.
    pub evidence: Vec<Evidence>,
}

/// A search under way.
pub struct Search {
    direction: Direction,
    limits: Window,
    zone: TimeZone,
    most_generations: u32,
    root: PersonId,
    seekers: Vec<Seeker>,
    generation_of: HashMap<PersonId, u32>,
    reached: Vec<Reached>,
    generation: u32,
}

impl Search {
    /// Begins at a person, in their windows, for at most so many generations. `limits` hold for all
    /// generations; days are counted in `zone`.
    #[must_use]
    pub fn begin(direction: Direction, root: Seeker, limits: Window, most_generations: u32, zone: TimeZone) -> Self {
        let generation_of = HashMap::from([(root.person, 0)]);
        let (reached, generation) = (Vec::new(), 0);
        Self {
            direction,
            limits,
            zone,
            most_generations,
            root: root.person,
            seekers: vec![root],
            generation_of,
            reached,
            generation,
        }
    }

    /// Returns whom to look up next; empty when the search is over.
    #[must_use]
    pub fn seekers(&self) -> &[Seeker] {
        if self.generation < self.most_generations { &self.seekers } else { &[] }
    }

    /// Takes in the meetings of the seekers. `own_windows` gives when somebody newly reached could infect
    /// others, or be infected, where that is known.
    pub fn advance(&mut self, meetings: Vec<Meeting>, own_windows: impl Fn(PersonId) -> Option<Vec<Window>>) {
        self.generation += 1;
        let windows: HashMap<PersonId, &[Window]> =
            self.seekers.iter().map(|seeker| (seeker.person, seeker.windows.as_slice())).collect();
        let mut newly: BTreeMap<PersonId, Vec<Evidence>> = BTreeMap::new();
        for meeting in meetings {
            if self.generation_of.contains_key(&meeting.other) {
                continue;
            }
            let Some(windows) = windows.get(&meeting.seeker) else { continue };
            let evidence = clip(&meeting, windows, &self.zone, self.direction);
            if !evidence.is_empty() {
                newly.entry(meeting.other).or_default().extend(evidence);
            }
        }
        self.seekers = newly
            .iter()
            .filter_map(|(person, evidence)| self.next_seeker(*person, evidence, own_windows(*person)))
            .collect();
        for (person, evidence) in newly {
            self.generation_of.insert(person, self.generation);
            self.reached.push(Reached { person, generation: self.generation, evidence });
        }
    }

    /// Returns who was reached, nearest generation first, in the order of ids within one.
    #[must_use]
    pub fn finish(self) -> Vec<Reached> {
        self.reached
    }

    /// Returns where it began.
    #[must_use]
    pub fn root(&self) -> PersonId {
        self.root
    }

    fn next_seeker(&self, person: PersonId, evidence: &[Evidence], own: Option<Vec<Window>>) -> Option<Seeker> {
        let reachable = self.reachable(evidence)?.overlap(&self.limits)?;
        let windows = match own {
            None => vec![reachable],
            Some(own) => own.iter().filter_map(|window| window.overlap(&reachable)).collect(),
        };
        if windows.is_empty() { None } else { Some(Seeker { person, windows }) }
    }

    /// The time in which the chain can go on: forward from when the first meeting began, backward until
    /// the last one ended. Without a known time, all of it.
    fn reachable(&self, evidence: &[Evidence]) -> Option<Window> {
        let times: Vec<Option<Window>> = evidence.iter().map(|piece| piece.when.window(&self.zone)).collect();
        if times.iter().any(Option::is_none) {
            return Some(Window::ALWAYS);
        }
        let times = times.into_iter().flatten();
        match self.direction {
            Direction::Forward => Window::new(times.map(|w| w.from()).min()?, Timestamp::MAX).ok(),
            Direction::Backward => Window::new(Timestamp::MIN, times.map(|w| w.until()).max()?).ok(),
        }
    }
}

/// Keeps what of a meeting lies in the seeker's windows, as evidence from who may have infected.
fn clip(meeting: &Meeting, windows: &[Window], zone: &TimeZone, direction: Direction) -> Vec<Evidence> {
    let from = match direction {
        Direction::Forward => meeting.seeker,
        Direction::Backward => meeting.other,
    };
    let piece = |when| Evidence { from, kind: meeting.kind.clone(), when };
    match meeting.when {
        When::Unknown => vec![piece(When::Unknown)],
        when => windows.iter().filter_map(|window| when.within(window, zone)).map(piece).collect(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn person(n: u8) -> PersonId {
        PersonId(Uuid::from_u128(u128::from(n)))
    }

    fn window(from: i64, until: i64) -> Window {
        Window::new(Timestamp::from_second(from).unwrap(), Timestamp::from_second(until).unwrap()).unwrap()
    }

    /// Two people meet from one second to another.
    type Met = (u8, u8, i64, i64);

    fn meetings_of(seekers: &[Seeker], all: &[Met]) -> Vec<Meeting> {
        let mut found = Vec::new();
        for seeker in seekers {
            for &(a, b, from, until) in all {
                for (one, other) in [(a, b), (b, a)] {
                    if person(one) == seeker.person {
                        let kind = EvidenceKind::Encounter { distance_m: None };
                        let when = When::During(window(from, until));
                        found.push(Meeting { seeker: seeker.person, other: person(other), kind, when });
                    }
                }
            }
        }
        found
    }

    fn search(direction: Direction, root: u8, generations: u32, all: &[Met]) -> Vec<(u8, u32)> {
        let start = Seeker { person: person(root), windows: vec![Window::ALWAYS] };
        let mut search = Search::begin(direction, start, Window::ALWAYS, generations, TimeZone::UTC);
        while !search.seekers().is_empty() {
            let meetings = meetings_of(search.seekers(), all);
            search.advance(meetings, |_| None);
        }
        let number = |id: PersonId| u8::try_from(id.0.as_u128()).unwrap();
        search.finish().into_iter().map(|reached| (number(reached.person), reached.generation)).collect()
    }

    #[test]
    fn a_second_generation_needs_a_meeting_after_the_first() {
        let before = [(1, 2, 100, 200), (2, 3, 0, 100)];
        assert_eq!(search(Direction::Forward, 1, 2, &before), [(2, 1)]);
        let after = [(1, 2, 100, 200), (2, 3, 150, 300)];
        assert_eq!(search(Direction::Forward, 1, 2, &after), [(2, 1), (3, 2)]);
    }

    #[test]
    fn backward_the_earlier_meeting_is_the_further_generation() {
        let met = [(1, 2, 100, 200), (2, 3, 0, 50), (2, 4, 250, 300)];
        assert_eq!(search(Direction::Backward, 1, 3, &met), [(2, 1), (3, 2)], "4 met 2 only afterwards");
    }

    #[test]
    fn a_person_with_a_case_of_their_own_infects_only_in_their_infectious_days() {
        let start = Seeker { person: person(1), windows: vec![Window::ALWAYS] };
        let mut search = Search::begin(Direction::Forward, start, Window::ALWAYS, 2, TimeZone::UTC);
        let all = [(1, 2, 0, 10), (2, 3, 20, 30), (2, 4, 100, 110)];
        let meetings = meetings_of(search.seekers(), &all);
        search.advance(meetings, |_| Some(vec![window(90, 200)]));
        let meetings = meetings_of(search.seekers(), &all);
        search.advance(meetings, |_| None);
        let reached: Vec<_> = search.finish().iter().map(|r| r.person).collect();
        assert_eq!(reached, [person(2), person(4)]);
    }

    #[test]
    fn meetings_without_a_time_are_kept_and_lead_on() {
        let start = Seeker { person: person(1), windows: vec![window(0, 10)] };
        let mut search = Search::begin(Direction::Forward, start, Window::ALWAYS, 2, TimeZone::UTC);
        let kind = EvidenceKind::Infection { setting: None };
        search.advance(vec![Meeting { seeker: person(1), other: person(2), kind, when: When::Unknown }], |_| None);
        assert_eq!(search.seekers()[0].windows, [Window::ALWAYS]);
    }

    /// Earliest arrival by brute force: who can be reached over how few meetings, each going on after the
    /// one before had begun.
    fn brute_force(root: u8, generations: u32, all: &[Met]) -> BTreeMap<u8, u32> {
        let mut depth = BTreeMap::from([(root, 0)]);
        let mut since = BTreeMap::from([(root, i64::MIN)]);
        for generation in 1..=generations {
            let frontier: Vec<u8> = depth.iter().filter(|(_, d)| **d == generation - 1).map(|(p, _)| *p).collect();
            let mut next: BTreeMap<u8, i64> = BTreeMap::new();
            for &(a, b, from, until) in all {
                for (one, other) in [(a, b), (b, a)] {
                    if frontier.contains(&one) && !depth.contains_key(&other) && until > since[&one] {
                        let begins = from.max(since[&one]);
                        next.entry(other).and_modify(|at| *at = (*at).min(begins)).or_insert(begins);
                    }
                }
            }
            for (other, begins) in next {
                depth.insert(other, generation);
                since.insert(other, begins);
            }
        }
        depth.remove(&root);
        depth
    }

    proptest! {
        #[test]
        fn generations_are_shortest_paths_in_time(
            met in prop::collection::vec((0u8..8, 0u8..8, 0i64..60, 1i64..20), 0..25)
        ) {
            let met: Vec<Met> = met.into_iter().filter(|(a, b, _, _)| a != b)
                .map(|(a, b, from, length)| (a, b, from, from + length)).collect();
            let found: BTreeMap<u8, u32> = search(Direction::Forward, 0, 4, &met).into_iter().collect();
            prop_assert_eq!(found, brute_force(0, 4, &met));
        }

        #[test]
        fn who_is_exposed_to_me_may_be_my_source(
            met in prop::collection::vec((0u8..5, 0u8..5, 0i64..60, 1i64..20), 0..15)
        ) {
            let met: Vec<Met> = met.into_iter().filter(|(a, b, _, _)| a != b)
                .map(|(a, b, from, length)| (a, b, from, from + length)).collect();
            let forward = search(Direction::Forward, 0, 1, &met);
            prop_assert_eq!(&forward, &search(Direction::Backward, 0, 1, &met), "being together is symmetric");
            for (other, _) in forward {
                prop_assert!(search(Direction::Forward, other, 1, &met).contains(&(0, 1)));
            }
        }
    }
}
