//! What something costs: time on the wall, and on the processors, ours and the database server's.

use crate::place::Stand;
use std::time::Instant;

/// Time spent.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// Seconds on the wall.
    pub wall_s: f64,
    /// Seconds of processors: this process, and the server's processes that work for the database.
    pub cpu_s: f64,
}

/// Ticks in a second, in which Linux counts the time of processes.
const TICKS_PER_S: f64 = 100.0;

/// Does something and says what it cost.
pub async fn measured<T>(stand: &Stand, work: impl Future<Output = T>) -> (T, Cost) {
    let cpu = cpu_s(stand).await;
    let started = Instant::now();
    let done = work.await;
    let wall_s = started.elapsed().as_secs_f64();
    (done, Cost { wall_s, cpu_s: cpu_s(stand).await - cpu })
}

/// Returns the mean of processor time, which is counted in hundredths of a second: too coarse for a median.
pub fn mean_cpu_s(costs: &[Cost]) -> f64 {
    costs.iter().map(|cost| cost.cpu_s).sum::<f64>() / costs.len() as f64
}

async fn cpu_s(stand: &Stand) -> f64 {
    let of_server: f64 = stand.server_processes().await.into_iter().map(|pid| ticks(&pid.to_string())).sum();
    own_cpu_s() + of_server / TICKS_PER_S
}

/// Returns the seconds of processors that this process has used.
pub fn own_cpu_s() -> f64 {
    ticks("self") / TICKS_PER_S
}

fn ticks(process: &str) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum()
}
