//! What is counted at a second of a run.

use super::{Health, NodeState};

/// Seconds without a report after which a node is silent.
pub const SILENT_AFTER_S: u32 = 5;

/// The last report of a node, at or before the second that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastReport {
    /// The last second that a report of it covers, at or before the second that is counted.
    pub covered_until: u32,
    /// What it said.
    pub state: NodeState,
}

impl LastReport {
    /// Whether the node lives, and no report covers one of the five seconds up to `second`.
    #[must_use]
    pub fn is_silent(&self, second: u32) -> bool {
        self.state.alive && self.covered_until + SILENT_AFTER_S <= second
    }
}

/// Numbers of a second. A silent node counts by what it said last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Statistics {
    /// All that were ever seen.
    pub total: u64,
    /// Alive and infected.
    pub zombies: u64,
    /// Not alive.
    pub deaths: u64,
    /// Not alive, and infected when they died.
    pub dead_zombies: u64,
    /// Alive and immune.
    pub immune: u64,
    /// Alive, without a report in the last five seconds.
    pub silent: u64,
}

impl Statistics {
    /// Counts the nodes that were seen up to `second`.
    #[must_use]
    pub fn count(second: u32, nodes: impl IntoIterator<Item = LastReport>) -> Self {
        let mut counted = Self::default();
        for node in nodes {
            let (alive, health) = (node.state.alive, node.state.health);
            counted.total += 1;
            counted.zombies += u64::from(alive && health == Health::Infected);
            counted.deaths += u64::from(!alive);
            counted.dead_zombies += u64::from(!alive && health == Health::Infected);
            counted.immune += u64::from(alive && health == Health::Immune);
            counted.silent += u64::from(node.is_silent(second));
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runs::Position;

    fn node(health: Health, alive: bool, covered_until: u32) -> LastReport {
        LastReport { covered_until, state: NodeState { position: Position::default(), health, alive } }
    }

    #[test]
    fn alive_dead_and_silent_are_told_apart() {
        let nodes = [
            node(Health::Susceptible, true, 20),
            node(Health::Infected, true, 16),
            node(Health::Infected, true, 15),
            node(Health::Immune, true, 20),
            node(Health::Infected, false, 3),
            node(Health::Susceptible, false, 3),
        ];
        let counted = Statistics::count(20, nodes);
        let expected = Statistics { total: 6, zombies: 2, deaths: 2, dead_zombies: 1, immune: 1, silent: 1 };
        assert_eq!(counted, expected);
    }
}
