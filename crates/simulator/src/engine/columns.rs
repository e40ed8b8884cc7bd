//! The agents as columns: entry i of each is of the same agent. Four bytes each, so that all are put in order through the
//! same scratch.
//!
//! | column | bytes |
//! | --- | ---: |
//! | place | 4 |
//! | goal | 4 |
//! | number | 4 |
//! | course of the infection | 4 |
//! | whom it flees or chases, where agents look | 4 |
//! | where it goes when put in order | 4 |
//! | scratch | 4 |
//! | grid, at most a cell for each agent | 4 |

use crate::course::Course;
use domain::runs::{Health, Position};

/// The columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Places, packed.
    pub places: Vec<u32>,
    /// Where they go, packed.
    pub goals: Vec<u32>,
    /// Numbers of the agents.
    pub numbers: Vec<u32>,
    /// Courses, packed.
    pub courses: Vec<u32>,
    /// Offsets of whom they flee or chase, packed; empty where agents don't look.
    pub known: Vec<u32>,
}

/// Packs a place.
#[inline]
pub(super) fn pack(position: Position) -> u32 {
    u32::from(position.x) | (u32::from(position.y) << 16)
}

/// Unpacks a place.
#[inline]
pub(super) fn unpack(place: u32) -> Position {
    Position { x: (place & 0xffff) as u16, y: (place >> 16) as u16 }
}

/// What stands in the two lowest bits of a packed course; the second until which it holds stands above.
pub(super) mod code {
    /// It can be infected.
    pub const SUSCEPTIBLE: u32 = 0;
    /// It is ill.
    pub const INFECTED: u32 = 1;
    /// It can't be infected.
    pub const IMMUNE: u32 = 2;
    /// It was infected in this second: susceptible still, ill in the next. It holds until second 0, so that whoever looks
    /// for courses that are over finds it.
    pub const CAUGHT: u32 = 3;
}

/// The course of an agent that was infected in this second.
pub(super) const CAUGHT: u32 = code::CAUGHT;

/// In place of a course: the agent is dead, and goes when agents are put in order next.
pub(super) const GONE: u32 = u32::MAX;

/// Packs a course.
#[inline]
pub(super) fn pack_course(course: Course) -> u32 {
    let code = match course.health {
        Health::Susceptible => code::SUSCEPTIBLE,
        Health::Infected => code::INFECTED,
        Health::Immune => code::IMMUNE,
    };
    (course.until << 2) | code
}

/// Unpacks the course of a living agent, as it is in this second.
#[inline]
pub(super) fn unpack_course(course: u32) -> Course {
    if course == CAUGHT {
        return Course::SUSCEPTIBLE;
    }
    Course { health: health(course), until: course >> 2 }
}

/// Returns the health of a living agent in this second.
#[inline]
pub(super) fn health(course: u32) -> Health {
    match course & 3 {
        code::INFECTED => Health::Infected,
        code::IMMUNE => Health::Immune,
        _ => Health::Susceptible,
    }
}

/// In place of an offset: there is nobody.
pub(super) const NOBODY: u32 = 0x8000_8000;

/// Packs where somebody is, as seen from here; they are at most 255 steps apart.
#[inline]
pub(super) fn pack_offset(from: Position, to: Position) -> u32 {
    let offset = |from: u16, to: u16| u32::from(to.wrapping_sub(from));
    offset(from.x, to.x) | (offset(from.y, to.y) << 16)
}

/// Unpacks where somebody is, as seen from here.
#[inline]
pub(super) fn unpack_offset(from: Position, offset: u32) -> Option<Position> {
    let to =
        Position { x: from.x.wrapping_add((offset & 0xffff) as u16), y: from.y.wrapping_add((offset >> 16) as u16) };
    (offset != NOBODY).then_some(to)
}

impl Columns {
    /// Returns how many agents there are, the dead that haven't gone yet among them.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Returns how many bytes all columns hold.
    pub fn n_bytes(&self) -> usize {
        let columns = [&self.places, &self.goals, &self.numbers, &self.courses, &self.known];
        columns.iter().map(|column| column.capacity() * size_of::<u32>()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_packed_comes_out_as_it_was(x: u16, y: u16, dx in -255_i32..=255, dy in -255_i32..=255, until in 1..Course::NEVER) {
            let place = Position { x, y };
            prop_assert_eq!(unpack(pack(place)), place);
            let beside = |at: u16, by: i32| u16::try_from(i32::from(at) + by).unwrap_or(at);
            let other = Position { x: beside(x, dx), y: beside(y, dy) };
            prop_assert_eq!(unpack_offset(place, pack_offset(place, other)), Some(other));
            for health in [Health::Susceptible, Health::Infected, Health::Immune] {
                let course = Course { health, until };
                prop_assert_eq!(unpack_course(pack_course(course)), course);
            }
        }
    }

    #[test]
    fn nobody_is_nobody_and_who_was_caught_is_still_susceptible() {
        assert_eq!(unpack_offset(Position { x: 3, y: 4 }, NOBODY), None);
        assert_eq!(unpack_course(CAUGHT), Course::SUSCEPTIBLE);
        assert_ne!(pack_course(Course::SUSCEPTIBLE), GONE);
    }
}
