//! Five ways to move, each of at most one step a second. Infected nodes stand, unless they are zombies.
//!
//! | movement | rule | source |
//! | --- | --- | --- |
//! | waypoint | toward a point drawn at random, along the longer axis first; there, toward the next | the published system (Voinea, Vladov and Rensing 2021, arXiv 2102.09813), whose nodes don't pause either |
//! | random walk | in one of four directions, drawn each second; at the border, back | Pearson 1905, *The problem of the random walk*, doi 10.1038/072294b0, on a lattice |
//! | Lévy flight | straight along an axis, over a length l with probability 1/l of going further than that; ends at the border | exponent 2: Viswanathan et al. 1999, doi 10.1038/44831; on lattices Santos et al. 2005, doi 10.1103/PhysRevE.72.046143; at one speed along axes it is the XY model of Zaburdaev et al. 2016, doi 10.1103/PhysRevLett.117.270601 |
//! | careful | as by waypoints, but the susceptible take no step that leads nearer to the nearest infected in sight | Epitrace's own choice |
//! | fleeing, chasing | the susceptible go away from the nearest infected in sight, the infected toward the nearest susceptible in sight; all others as by waypoints | Epitrace's own choice; humans and zombies as in Oriana et al. 2024, doi 10.1103/PhysRevE.110.024611, at equal speed |
//!
//! All is whole numbers, so that a run is the same on every machine.

use crate::random::{Stream, below};
use crate::rules::Rules;
use domain::runs::{Health, Movement, Position};

/// A node that is about to take the step of a second.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walker {
    /// By what it draws.
    pub key: u64,
    /// Where it is.
    pub position: Position,
    /// Where it goes; where it is, if it goes nowhere yet.
    pub goal: Position,
    /// What the infection makes of it in this second.
    pub health: Health,
    /// Where the nearest was whom it flees or chases, in the second before.
    pub known: Option<Position>,
}

/// In which order steps are tried where several are as good.
const DIRECTIONS: [(i32, i32); 4] = [(1, 0), (-1, 0), (0, 1), (0, -1)];

impl Rules {
    /// Returns where a node stands that is new in a second.
    pub(crate) fn place(&self, key: u64, second: u32) -> Position {
        let bits = self.draws.draw(Stream::Place, key, second);
        self.nth_place(below(bits, self.n_places()))
    }

    /// Takes the step of a second. Returns where the node is then, and where it goes.
    #[inline]
    pub(crate) fn walk(&self, second: u32, walker: Walker) -> (Position, Position) {
        let Walker { position, goal, health, .. } = walker;
        if health == Health::Infected && !self.infected_walk {
            return (position, goal);
        }
        match self.movement {
            Movement::Waypoint => self.waypoint(second, walker),
            Movement::RandomWalk => (self.random_walk(second, walker), goal),
            Movement::LevyFlight => self.flight(second, walker),
            Movement::Careful => self.careful(second, walker),
            Movement::FleeingChasing => self.fleeing_chasing(second, walker),
        }
    }

    #[inline]
    pub(crate) fn waypoint(&self, second: u32, walker: Walker) -> (Position, Position) {
        let Walker { key, position, mut goal, .. } = walker;
        if goal == position {
            goal = self.another_place(key, second, position);
        }
        (toward(position, goal), goal)
    }

    fn random_walk(&self, second: u32, walker: Walker) -> Position {
        let bits = self.draws.draw(Stream::Direction, walker.key, second);
        let (dx, dy) = DIRECTIONS[below(bits, 4) as usize];
        // A field is at least one step wide: if there is no room ahead, there is behind.
        self.moved(walker.position, (dx, dy))
            .or_else(|| self.moved(walker.position, (-dx, -dy)))
            .unwrap_or(walker.position)
    }

    fn flight(&self, second: u32, walker: Walker) -> (Position, Position) {
        let Walker { key, position, mut goal, .. } = walker;
        if goal == position {
            goal = self.end_of_flight(key, second, position);
        }
        (toward(position, goal), goal)
    }

    #[cold]
    fn end_of_flight(&self, key: u64, second: u32, from: Position) -> Position {
        let bits = self.draws.draw(Stream::Flight, key, second);
        let (dx, dy) = DIRECTIONS[(bits >> 62) as usize];
        // 1/u, rounded down, for u evenly in (0, 1]: it is l or more with probability 1/l.
        let length = (1_u64 << 32) / (1 + (bits & 0xffff_ffff));
        let far = i32::try_from(length).unwrap_or(i32::MAX).min(i32::from(u16::MAX));
        let end = |dx: i32, dy: i32| Position {
            x: (i32::from(from.x) + dx * far).clamp(0, i32::from(self.width)) as u16,
            y: (i32::from(from.y) + dy * far).clamp(0, i32::from(self.height)) as u16,
        };
        match end(dx, dy) {
            at if at == from => end(-dx, -dy),
            at => at,
        }
    }

    fn careful(&self, second: u32, walker: Walker) -> (Position, Position) {
        let (step, goal) = self.waypoint(second, walker);
        let position = walker.position;
        match walker.known {
            Some(infected) if walker.health == Health::Susceptible && is_nearer(step, position, infected) => {
                let other = toward_along_the_shorter_axis(position, goal);
                if other != position && !is_nearer(other, position, infected) {
                    (other, goal)
                } else {
                    (self.away(position, infected), goal)
                }
            }
            _ => (step, goal),
        }
    }

    fn fleeing_chasing(&self, second: u32, walker: Walker) -> (Position, Position) {
        match (walker.health, walker.known) {
            (Health::Susceptible, Some(infected)) => (self.away(walker.position, infected), walker.goal),
            (Health::Infected, Some(prey)) => (toward(walker.position, prey), walker.goal),
            _ => self.waypoint(second, walker),
        }
    }

    /// Takes the step that leads furthest away, or none where each would lead nearer.
    fn away(&self, position: Position, from: Position) -> Position {
        let mut best = position;
        for step in DIRECTIONS.iter().filter_map(|direction| self.moved(position, *direction)) {
            if is_nearer(best, step, from) {
                best = step;
            }
        }
        best
    }

    /// Takes a step, if the field goes on there.
    fn moved(&self, position: Position, (dx, dy): (i32, i32)) -> Option<Position> {
        let x = u16::try_from(i32::from(position.x) + dx).ok().filter(|x| *x <= self.width)?;
        let y = u16::try_from(i32::from(position.y) + dy).ok().filter(|y| *y <= self.height)?;
        Some(Position { x, y })
    }

    /// Draws one of all other places of the field, each as likely.
    #[cold]
    fn another_place(&self, key: u64, second: u32, here: Position) -> Position {
        let own = u64::from(here.y) * (u64::from(self.width) + 1) + u64::from(here.x);
        let drawn = below(self.draws.draw(Stream::Waypoint, key, second), self.n_places() - 1);
        self.nth_place(drawn + u64::from(drawn >= own))
    }

    fn n_places(&self) -> u64 {
        (u64::from(self.width) + 1) * (u64::from(self.height) + 1)
    }

    fn nth_place(&self, n: u64) -> Position {
        let n_columns = u64::from(self.width) + 1;
        // Both fit: n is below the number of places.
        Position { x: (n % n_columns) as u16, y: (n / n_columns) as u16 }
    }
}

/// Takes a step along the axis on which there is further to go; along y if both are as far.
#[inline]
fn toward(from: Position, to: Position) -> Position {
    let (dx, dy) = (i32::from(to.x) - i32::from(from.x), i32::from(to.y) - i32::from(from.y));
    let along_x = dx.abs() > dy.abs();
    let (dx, dy) = if along_x { (dx.signum(), 0) } else { (0, dy.signum()) };
    // Both fit: they lie between `from` and `to`.
    Position { x: (i32::from(from.x) + dx) as u16, y: (i32::from(from.y) + dy) as u16 }
}

/// Takes a step along the other axis; none if there is nowhere to go on it.
fn toward_along_the_shorter_axis(from: Position, to: Position) -> Position {
    let step = toward(from, to);
    let corner = if step.x == from.x { Position { x: to.x, y: from.y } } else { Position { x: from.x, y: to.y } };
    toward(from, corner)
}

/// Whether the first place is nearer to somewhere than the second.
fn is_nearer(first: Position, second: Position, to: Position) -> bool {
    first.distance_squared(to) < second.distance_squared(to)
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
