//! Runs of the proximity network: a field, nodes on it, what they are, and what is counted.
//!
//! A run holds no person. Positions are whole steps; a second is the second of the run, from 0; paused ones don't count.

mod parameters;
mod run;
mod statistics;

pub use parameters::{Movement, Parameters, Wire, WrongParameter};
pub use run::{
    Crowd, ENDS_AFTER_DEATHS, ENDS_AFTER_SILENCE, Hosting, LONGEST_NAME, LONGEST_SECOND, Run, RunClock, RunState,
    SHORTEST_SECOND, Visibility,
};
pub use statistics::{LastReport, SILENT_AFTER_S, Statistics};

/// A place on the field, in steps from its lower left corner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Steps to the right.
    pub x: u16,
    /// Steps up.
    pub y: u16,
}

impl Position {
    /// Returns the square of the Euclidean distance, in steps².
    #[must_use]
    pub fn distance_squared(self, other: Self) -> u64 {
        let (dx, dy) = (u64::from(self.x.abs_diff(other.x)), u64::from(self.y.abs_diff(other.y)));
        dx * dx + dy * dy
    }
}

/// What the infection makes of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// It can be infected.
    #[default]
    Susceptible,
    /// It infects whom it meets. It stands while it is ill.
    Infected,
    /// It was infected, moves again, and can't be infected.
    Immune,
}

/// A node, as a beacon or a report tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeState {
    /// Where it is.
    pub position: Position,
    /// What the infection makes of it.
    pub health: Health,
    /// Whether it lives. The last message of a node says that it doesn't.
    pub alive: bool,
}
