//! The beginning of a second: courses of infection go on, agents take their step.

use super::columns::{CAUGHT, GONE, NOBODY, health, pack, pack_course, unpack, unpack_course, unpack_offset};
use super::threads::CHUNK;
use crate::course::Course;
use crate::rules::Rules;
use crate::walk::Walker;
use domain::runs::{Health, Movement};

/// Some of the agents.
pub(super) struct Chunk<'c> {
    places: &'c mut [u32],
    goals: &'c mut [u32],
    numbers: &'c [u32],
    courses: &'c mut [u32],
    known: &'c [u32],
    /// What became of them.
    pub changes: Changes,
}

/// By how much the numbers of the infected and of the immune have changed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Changes {
    pub infected: i64,
    pub immune: i64,
}

impl Changes {
    fn count(&mut self, health: Health, by: i64) {
        match health {
            Health::Susceptible => {}
            Health::Infected => self.infected += by,
            Health::Immune => self.immune += by,
        }
    }
}

/// Divides all agents into chunks.
pub(super) fn chunks(columns: &mut super::columns::Columns) -> Vec<Chunk<'_>> {
    let known = &columns.known;
    let all = columns.places.chunks_mut(CHUNK).zip(columns.goals.chunks_mut(CHUNK));
    let all = all.zip(columns.numbers.chunks(CHUNK)).zip(columns.courses.chunks_mut(CHUNK));
    all.enumerate()
        .map(|(at, (((places, goals), numbers), courses))| {
            // Where agents don't look, nothing is known.
            let known = known.get(at * CHUNK..at * CHUNK + numbers.len()).unwrap_or_default();
            Chunk { places, goals, numbers, courses, known, changes: Changes::default() }
        })
        .collect()
}

impl Chunk<'_> {
    /// Begins a second.
    pub fn advance(&mut self, rules: &Rules, second: u32) {
        if rules.looks() {
            let known = self.known;
            self.advance_each(rules, second, |at| known[at], |walker| rules.walk(second, walker));
        } else if rules.movement == Movement::Waypoint {
            self.advance_each(rules, second, |_| NOBODY, |walker| rules.waypoint(second, walker));
        } else {
            self.advance_each(rules, second, |_| NOBODY, |walker| rules.walk(second, walker));
        }
    }

    #[inline]
    fn advance_each(
        &mut self,
        rules: &Rules,
        second: u32,
        known: impl Fn(usize) -> u32,
        walk: impl Fn(Walker) -> (domain::runs::Position, domain::runs::Position),
    ) {
        let all = self.places.iter_mut().zip(self.goals.iter_mut()).zip(self.numbers).zip(self.courses.iter_mut());
        for (at, (((place, goal), number), course)) in all.enumerate() {
            if *course >> 2 <= second {
                *course = go_on(*course, rules, second, &mut self.changes);
            }
            let health = health(*course);
            if health == Health::Infected && !rules.infected_walk {
                continue;
            }
            let position = unpack(*place);
            let known = unpack_offset(position, known(at));
            let walker = Walker { key: u64::from(*number), position, goal: unpack(*goal), health, known };
            let (position, to) = walk(walker);
            (*place, *goal) = (pack(position), pack(to));
        }
    }
}

/// Leads a course on that is over, or that has yet to begin.
#[cold]
fn go_on(course: u32, rules: &Rules, second: u32, changes: &mut Changes) -> u32 {
    debug_assert_ne!(course, GONE, "the dead went before");
    let before = unpack_course(course);
    let now = if course == CAUGHT { Course::ill_from(second, rules) } else { before.at(second, rules) };
    changes.count(before.health, -1);
    changes.count(now.health, 1);
    pack_course(now)
}
