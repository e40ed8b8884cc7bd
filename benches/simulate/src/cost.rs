//! What something costs: time on the wall, and on the processors, in all threads of this process.

use std::time::Instant;

/// Time spent.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall_s: f64,
    /// Seconds of processors.
    pub cpu_s: f64,
}

/// Does something and says what it cost.
pub fn measured<T>(work: impl FnOnce() -> T) -> Cost {
    let (cpu, started) = (cpu_s(), Instant::now());
    std::hint::black_box(work());
    Cost { wall_s: started.elapsed().as_secs_f64(), cpu_s: cpu_s() - cpu }
}

/// Linux counts the time of each thread in nanoseconds.
fn cpu_s() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let of_thread = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(path.join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0)
    };
    threads.map(|thread| of_thread(thread.unwrap().path())).sum::<f64>() / 1e9
}
