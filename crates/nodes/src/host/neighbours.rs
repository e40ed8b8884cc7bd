//! Who is near whom, without comparing each with each.
//!
//! Nodes are sorted by square cells as wide as a node reaches, so whoever is in reach of a place lies in its cell or in one of
//! the eight around. Building costs a sort, a look at a place three searches.

use domain::runs::{NodeState, Position};
use simulator::Heard;
use uuid::Uuid;

/// Living nodes by place.
#[derive(Debug)]
pub(super) struct Neighbours {
    edge: u16,
    /// By cell: row in the upper half, column in the lower.
    by_cell: Vec<(u32, Heard<Uuid>)>,
}

impl Neighbours {
    /// Sorts the living among these; `reach` is in steps.
    pub fn new(reach: u16, all: impl Iterator<Item = Heard<Uuid>>) -> Self {
        let edge = reach.max(1);
        let cell = |at: Position| cell_at(at.y / edge, at.x / edge);
        let alive = all.filter(|heard| heard.state.alive);
        let mut by_cell: Vec<_> = alive.map(|heard| (cell(heard.state.position), heard)).collect();
        by_cell.sort_unstable_by_key(|(cell, heard)| (*cell, heard.id, place(heard.state)));
        Self { edge, by_cell }
    }

    /// Lists whoever may be in reach of a place, and some who are further away.
    pub fn around(&self, at: Position) -> impl Iterator<Item = Heard<Uuid>> + '_ {
        let (row, column) = (at.y / self.edge, at.x / self.edge);
        // No field has a cell of number 65,535 but one of edge 1, whose last column is that: saturating is right there.
        let rows = row.saturating_sub(1)..=row.saturating_add(1);
        rows.flat_map(move |row| {
            let first = cell_at(row, column.saturating_sub(1));
            let last = cell_at(row, column.saturating_add(1));
            let from = self.by_cell.partition_point(|(cell, _)| *cell < first);
            let length = self.by_cell[from..].partition_point(|(cell, _)| *cell <= last);
            self.by_cell[from..from + length].iter().map(|(_, heard)| *heard)
        })
    }
}

fn cell_at(row: u16, column: u16) -> u32 {
    u32::from(row) << 16 | u32::from(column)
}

fn place(state: NodeState) -> (Position, bool) {
    (state.position, state.alive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::runs::Health;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nobody_in_reach_is_missed_and_nobody_is_listed_twice(
            reach in 1_u16..=255,
            offset in prop::sample::select(&[0_u16, 65_535 - 300][..]),
            places in prop::collection::vec((0_u16..=300, 0_u16..=300), 1..60),
        ) {
            let heard = |(n, (x, y)): (u128, &(u16, u16))| {
                let position = Position { x: x + offset, y: y + offset };
                Heard { id: Uuid::from_u128(n), state: NodeState { position, health: Health::Immune, alive: true } }
            };
            let all: Vec<_> = (0..).zip(&places).map(heard).collect();
            let neighbours = Neighbours::new(reach, all.iter().copied());
            let near = |from: Position, to: &Heard<Uuid>| {
                from.distance_squared(to.state.position) <= u64::from(reach).pow(2)
            };
            for one in &all {
                let at = one.state.position;
                let expected: Vec<Uuid> = all.iter().filter(|other| near(at, other)).map(|other| other.id).collect();
                let mut found: Vec<Uuid> = neighbours.around(at).filter(|other| near(at, other)).map(|other| other.id).collect();
                found.sort_unstable();
                prop_assert_eq!(found, expected);
            }
        }
    }
}
