//! The peer: what one writes down first. Arrays, put in order by the cells of a grid every eight seconds; each second
//! everybody moves, the grid is built anew as linked lists, and everybody looks into the cells around its own.

use domain::runs::{Parameters, Position};
use simulator::{Draws, Stream};

/// Edge of a cell, in steps: the fastest of 6, 8, 10, 12, 16, 24, 32 and 48.
const EDGE: usize = 8;

const NOBODY: u32 = u32::MAX;

pub struct Plain {
    draws: Draws,
    width: usize,
    height: usize,
    radius_squared: i32,
    second: u32,
    numbers: Vec<u32>,
    places: Vec<Position>,
    goals: Vec<Position>,
    n_columns: usize,
    /// The last agent of each cell.
    heads: Vec<u32>,
    /// The agent before, in the same cell.
    before: Vec<u32>,
}

impl Plain {
    pub fn new(parameters: &Parameters, n_agents: u32) -> Self {
        let (width, height) = (usize::from(parameters.width), usize::from(parameters.height));
        // A cell more on each side, so that no cell has a border.
        let (n_columns, n_rows) = (width / EDGE + 3, height / EDGE + 3);
        let mut plain = Self {
            draws: Draws::new(parameters.seed),
            width,
            height,
            radius_squared: parameters.radius_squared() as i32,
            second: 0,
            numbers: (0..n_agents).collect(),
            places: Vec::new(),
            goals: Vec::new(),
            n_columns,
            heads: vec![NOBODY; n_columns * n_rows],
            before: vec![NOBODY; n_agents as usize],
        };
        let n_places = ((width + 1) * (height + 1)) as u64;
        let place = |number: u32| plain.nth_place(below(plain.draws.draw(Stream::Place, number.into(), 0), n_places));
        plain.places = (0..n_agents).map(place).collect();
        plain.goals = plain.places.clone();
        plain
    }

    fn nth_place(&self, n: u64) -> Position {
        let n_columns = self.width as u64 + 1;
        Position { x: (n % n_columns) as u16, y: (n / n_columns) as u16 }
    }

    fn cell(&self, place: Position) -> usize {
        (usize::from(place.y) / EDGE + 1) * self.n_columns + usize::from(place.x) / EDGE + 1
    }

    /// Lives through a second; returns how many pairs are near each other.
    pub fn step(&mut self) -> usize {
        if self.second.is_multiple_of(8) {
            self.put_in_order();
        }
        self.walk();
        self.build_grid();
        self.second += 1;
        self.count_pairs()
    }

    fn put_in_order(&mut self) {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|i| self.cell(self.places[*i]));
        self.numbers = order.iter().map(|i| self.numbers[*i]).collect();
        self.places = order.iter().map(|i| self.places[*i]).collect();
        self.goals = order.iter().map(|i| self.goals[*i]).collect();
    }

    fn walk(&mut self) {
        for i in 0..self.places.len() {
            let at = self.places[i];
            if self.goals[i] == at {
                let own = u64::from(at.y) * (self.width as u64 + 1) + u64::from(at.x);
                let bits = self.draws.draw(Stream::Waypoint, self.numbers[i].into(), self.second);
                let others = ((self.width + 1) * (self.height + 1) - 1) as u64;
                let drawn = below(bits, others);
                self.goals[i] = self.nth_place(if drawn >= own { drawn + 1 } else { drawn });
            }
            let goal = self.goals[i];
            let (dx, dy) = (i32::from(goal.x) - i32::from(at.x), i32::from(goal.y) - i32::from(at.y));
            if dx.abs() > dy.abs() {
                self.places[i].x = (i32::from(at.x) + dx.signum()) as u16;
            } else {
                self.places[i].y = (i32::from(at.y) + dy.signum()) as u16;
            }
        }
    }

    fn build_grid(&mut self) {
        self.heads.fill(NOBODY);
        for i in 0..self.places.len() {
            let cell = self.cell(self.places[i]);
            self.before[i] = self.heads[cell];
            self.heads[cell] = i as u32;
        }
    }

    fn count_pairs(&self) -> usize {
        let mut n_pairs = 0;
        for i in 0..self.places.len() {
            let at = self.places[i];
            let cell = self.cell(at);
            for row in [cell - self.n_columns, cell, cell + self.n_columns] {
                for cell in row - 1..=row + 1 {
                    let mut j = self.heads[cell];
                    while j != NOBODY {
                        let other = self.places[j as usize];
                        let (dx, dy) = (i32::from(other.x) - i32::from(at.x), i32::from(other.y) - i32::from(at.y));
                        if i < j as usize && dx * dx + dy * dy <= self.radius_squared {
                            n_pairs += 1;
                        }
                        j = self.before[j as usize];
                    }
                }
            }
        }
        n_pairs
    }

    /// Returns where everybody is, by number.
    pub fn places(&self) -> Vec<Position> {
        let mut all: Vec<_> = self.numbers.iter().zip(&self.places).collect();
        all.sort_by_key(|(number, _)| **number);
        all.into_iter().map(|(_, place)| *place).collect()
    }
}

fn below(bits: u64, limit: u64) -> u64 {
    ((u128::from(bits) * u128::from(limit)) >> 64) as u64
}
