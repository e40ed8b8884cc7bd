//! What something costs: time on the wall, and on the processors, in all threads of this process.

use rustix::time::{ClockId, clock_gettime};
use std::time::Instant;

/// A moment from which costs are counted.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    at: Instant,
    cpu_s: f64,
}

/// Time spent.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall_s: f64,
    /// Seconds of processors, of the kernel's work for this process too.
    pub cpu_s: f64,
}

impl Start {
    /// Begins to count.
    pub fn now() -> Self {
        Self { at: Instant::now(), cpu_s: cpu_s() }
    }

    /// Returns what was spent since.
    pub fn cost(self) -> Cost {
        Cost { wall_s: self.at.elapsed().as_secs_f64(), cpu_s: cpu_s() - self.cpu_s }
    }
}

fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
