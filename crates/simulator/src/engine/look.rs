//! Whom agents see that flee, chase or keep away: of those in sight the nearest, then the one with the smallest number.

use super::columns::{CAUGHT, Columns, NOBODY, health, pack_offset, unpack, unpack_course};
use super::grid::Grid;
use super::search::{Window, distance_squared};
use super::threads::{CHUNK, Threads};
use crate::rules::Rules;
use domain::runs::Health;

/// Notes for each agent whom it minds as it takes its next step, by what it is then and what the others are now.
pub(super) fn look(rules: &Rules, grid: &Grid, columns: &mut Columns, moved: u32, second: u32, threads: &Threads) {
    let mut known = std::mem::take(&mut columns.known);
    let window = Window::new(rules, rules.sight_squared.isqrt() + moved);
    let seen: &Columns = columns;
    threads.each_chunk(&mut known, |chunk, known| {
        for (i, known) in known.iter_mut().enumerate() {
            let i = chunk * CHUNK + i;
            let minded = rules.minded_by(next_health(seen.courses[i], rules, second));
            *known = minded.map_or(NOBODY, |minded| nearest(rules, grid, seen, window, i, minded));
        }
    });
    columns.known = known;
}

fn next_health(course: u32, rules: &Rules, second: u32) -> Health {
    if course == CAUGHT { Health::Infected } else { unpack_course(course).at(second + 1, rules).health }
}

fn nearest(rules: &Rules, grid: &Grid, columns: &Columns, window: Window, i: usize, minded: Health) -> u32 {
    let at = unpack(columns.places[i]);
    let (left, right) = (grid.column(window.left(at)), grid.column(window.right(at)));
    let mut best = (rules.sight_squared, u32::MAX);
    let mut found = NOBODY;
    for row in grid.row(window.bottom(at))..=grid.row(window.top(at)) {
        for j in grid.start(row, left)..grid.start(row, right + 1) {
            let distance_squared = distance_squared(at, unpack(columns.places[j]));
            if distance_squared <= best.0 && j != i && health(columns.courses[j]) == minded {
                let this = (distance_squared, columns.numbers[j]);
                if this < best {
                    (best, found) = (this, pack_offset(at, unpack(columns.places[j])));
                }
            }
        }
    }
    found
}
