//! The field in square cells, and the agents in the order of their cells.
//!
//! Agents are put in order every eight seconds only. In between the grid tells where they were, and who looks for
//! neighbours looks as many steps further as there were seconds: nobody goes faster than a step a second. That costs a few
//! more comparisons, and saves building the grid anew each second.

use super::columns::{Columns, GONE, unpack};
use super::threads::{CHUNK, Threads};
use domain::runs::Position;

/// Seconds after which agents are put in order again.
pub(super) const SECONDS_IN_ORDER: u32 = 8;

/// The cells of a field, row by row.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    /// Cells are squares of 2 to the power of this.
    shift: u32,
    pub n_columns: usize,
    pub n_rows: usize,
    /// Where the agents of each cell begin, the end, and room for counting: `[n_cells + 2]`.
    starts: Vec<u32>,
    /// Scratch of [`Grid::put_in_order`].
    order: Vec<u32>,
    scratch: Vec<u32>,
}

impl Grid {
    /// Makes cells of which there are about as many as agents, at least four steps wide.
    pub fn new(width: u16, height: u16, n_agents: usize) -> Self {
        let area = (f64::from(width) + 1.0) * (f64::from(height) + 1.0);
        let edge = (area / n_agents.max(1) as f64).sqrt();
        let mut shift = 2;
        while f64::from(1_u32 << shift) < edge && shift < 16 {
            shift += 1;
        }
        let (n_columns, n_rows) = ((usize::from(width) >> shift) + 1, (usize::from(height) >> shift) + 1);
        let starts = vec![0; n_columns * n_rows + 2];
        Self { shift, n_columns, n_rows, starts, order: Vec::new(), scratch: Vec::new() }
    }

    /// Returns how many bytes it holds.
    pub fn n_bytes(&self) -> usize {
        (self.starts.capacity() + self.order.capacity() + self.scratch.capacity()) * size_of::<u32>()
    }

    #[inline]
    fn cell(&self, place: u32) -> usize {
        let Position { x, y } = unpack(place);
        self.row(y) * self.n_columns + self.column(x)
    }

    /// Returns the row in which something lies.
    #[inline]
    pub fn row(&self, y: u16) -> usize {
        usize::from(y) >> self.shift
    }

    /// Returns the column in which something lies.
    #[inline]
    pub fn column(&self, x: u16) -> usize {
        usize::from(x) >> self.shift
    }

    /// Returns where the agents begin of a cell, in a row and a column; those of the column after the last begin the next
    /// row.
    #[inline]
    pub fn start(&self, row: usize, column: usize) -> usize {
        self.starts[row * self.n_columns + column] as usize
    }

    /// Puts the living in the order of their cells; within a cell they keep the order that they had. The dead go.
    pub fn put_in_order(&mut self, columns: &mut Columns, threads: &Threads) {
        let n_living = self.count(columns);
        self.arrange(columns, n_living);
        let Columns { places, goals, numbers, courses, known } = columns;
        for column in [places, goals, numbers, courses, known] {
            if column.is_empty() {
                continue;
            }
            let (order, column_as_it_is) = (&self.order, &*column);
            self.scratch.clear();
            self.scratch.reserve_exact(n_living);
            self.scratch.resize(n_living, 0);
            threads.each_chunk(&mut self.scratch, |at, chunk| {
                for (to, from) in chunk.iter_mut().zip(&order[at * CHUNK..]) {
                    *to = column_as_it_is[*from as usize];
                }
            });
            std::mem::swap(column, &mut self.scratch);
        }
    }

    /// Counts the living of each cell, two entries further on, and adds the counts up: then the start of each cell stands
    /// one entry further on. Returns how many live.
    fn count(&mut self, columns: &Columns) -> usize {
        self.starts.fill(0);
        for (place, course) in columns.places.iter().zip(&columns.courses) {
            if *course != GONE {
                let cell = self.cell(*place);
                self.starts[cell + 2] += 1;
            }
        }
        let mut sum = 0;
        for start in &mut self.starts {
            sum += *start;
            *start = sum;
        }
        sum as usize
    }

    /// Writes down which agent comes in which place. Each start moves on to the end of its cell meanwhile, which is the
    /// start of the next: now all stand where they belong.
    fn arrange(&mut self, columns: &Columns, n_living: usize) {
        self.order.clear();
        self.order.reserve_exact(n_living);
        self.order.resize(n_living, 0);
        for (from, (place, course)) in columns.places.iter().zip(&columns.courses).enumerate() {
            if *course != GONE {
                let cell = self.cell(*place);
                let to = &mut self.starts[cell + 1];
                // Fits: an engine holds fewer than 2³² agents.
                self.order[*to as usize] = from as u32;
                *to += 1;
            }
        }
    }
}
