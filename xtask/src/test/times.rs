//! Where the time of a run went.

use std::time::{Duration, Instant};

/// The steps of a run, in their order.
pub struct Times {
    started: Instant,
    steps: Vec<(&'static str, Duration)>,
}

impl Times {
    /// Begins to count.
    pub fn start() -> Self {
        Self { started: Instant::now(), steps: Vec::new() }
    }

    /// Does a step and notes how long it took.
    pub fn step<T>(&mut self, name: &'static str, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = work();
        self.steps.push((name, started.elapsed()));
        done
    }

    /// Prints a line for each step, and their sum.
    pub fn print(&self) {
        println!("\n{:<18}{:>9}", "step", "seconds");
        for (name, took) in self.steps.iter().copied().chain([("all together", self.started.elapsed())]) {
            println!("{name:<18}{:>9.1}", took.as_secs_f64());
        }
    }
}
