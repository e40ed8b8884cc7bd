//! Who is near whom: contacts and exposures of a second.
//!
//! Each pair is found once, by the agent that stands earlier in the columns. All others that it may meet stand in its own
//! row of cells to the right, or in rows above: in each row one unbroken piece of the columns.

use super::columns::{Columns, code, unpack};
use super::grid::Grid;
use super::{Contact, Infection};
use crate::rules::Rules;
use domain::runs::Position;
use std::ops::Range;

/// Some rows of the grid, and what was found there.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// The rows.
    pub rows: Range<usize>,
    /// Pairs within the radius.
    pub contacts: Vec<Contact>,
    /// The susceptible who met an infected one, once for each.
    pub exposures: Vec<Exposure>,
}

/// A susceptible agent within the radius of an infected one. The order is that in which infectors are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exposure {
    /// Who may become infected, by whom, and how far away that one is.
    pub infection: Infection,
    /// Where the susceptible stands in the columns.
    pub at: usize,
}

/// Divides the rows of a grid into parts, about so many.
pub(super) fn parts(grid: &Grid, n_parts: usize) -> Vec<Part> {
    let n_rows = grid.n_rows.div_ceil(n_parts.clamp(1, grid.n_rows));
    let firsts = (0..grid.n_rows).step_by(n_rows);
    firsts.map(|first| Part { rows: first..grid.n_rows.min(first + n_rows), ..Part::default() }).collect()
}

/// Finds the pairs of a part. `moved` says how many seconds ago the agents were put in order.
pub(super) fn search(rules: &Rules, grid: &Grid, columns: &Columns, moved: u32, part: &mut Part) {
    let Part { rows, contacts, exposures } = part;
    contacts.clear();
    exposures.clear();
    let places = &columns.places[..];
    let window = Window::new(rules, rules.radius_squared.isqrt() + moved);
    for row in rows.clone() {
        for column in 0..grid.n_columns {
            for i in grid.start(row, column)..grid.start(row, column + 1) {
                let at = unpack(places[i]);
                let (left, right) = (grid.column(window.left(at)), grid.column(window.right(at)));
                let mut first = grid.start(row, left).max(i + 1);
                for row in row..=grid.row(window.top(at)) {
                    first = first.max(grid.start(row, left));
                    let end = grid.start(row, right + 1);
                    // Who has left its own column may look at nothing there.
                    for (j, other) in (first..end).zip(places.get(first..end).unwrap_or_default()) {
                        let distance_squared = distance_squared(at, unpack(*other));
                        if distance_squared <= rules.radius_squared {
                            note(columns, [i, j], distance_squared, contacts, exposures);
                        }
                    }
                }
            }
        }
    }
}

/// Notes a contact, and who may infect whom.
fn note(
    columns: &Columns,
    [i, j]: [usize; 2],
    distance_squared: u32,
    contacts: &mut Vec<Contact>,
    exposures: &mut Vec<Exposure>,
) {
    let (first, second) = (columns.numbers[i], columns.numbers[j]);
    contacts.push(Contact { lower: first.min(second), higher: first.max(second), distance_squared });
    let exposure =
        |at, infected, infector| Exposure { infection: Infection { infected, distance_squared, infector }, at };
    match (columns.courses[i] & 3, columns.courses[j] & 3) {
        (code::INFECTED, code::SUSCEPTIBLE) => exposures.push(exposure(j, second, first)),
        (code::SUSCEPTIBLE, code::INFECTED) => exposures.push(exposure(i, first, second)),
        _ => {}
    }
}

/// How far around itself an agent looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    margin: u16,
    width: u16,
    height: u16,
}

impl Window {
    /// A window of so many steps to each side.
    pub fn new(rules: &Rules, margin: u32) -> Self {
        // At most 255 steps of sight, and those since the agents were put in order.
        Self { margin: margin as u16, width: rules.width, height: rules.height }
    }

    #[inline]
    pub fn left(self, at: Position) -> u16 {
        at.x.saturating_sub(self.margin)
    }

    #[inline]
    pub fn right(self, at: Position) -> u16 {
        at.x.saturating_add(self.margin).min(self.width)
    }

    #[inline]
    pub fn bottom(self, at: Position) -> u16 {
        at.y.saturating_sub(self.margin)
    }

    #[inline]
    pub fn top(self, at: Position) -> u16 {
        at.y.saturating_add(self.margin).min(self.height)
    }
}

/// The square of a distance; what 32 bits can't hold is further than anybody hears.
#[inline]
pub(super) fn distance_squared(first: Position, second: Position) -> u32 {
    let (dx, dy) = (u32::from(first.x.abs_diff(second.x)), u32::from(first.y.abs_diff(second.y)));
    (dx * dx).saturating_add(dy * dy)
}
