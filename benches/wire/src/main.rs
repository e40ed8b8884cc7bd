//! Measures what nodes say on the wire, and the log that it waits in.
//!
//!     cargo run --release -p bench-wire -- [read|udp|log] [--small]
//!
//! Frames are read in turns with JSON of the same content; beacons go over UDP on the loopback interface to one host that
//! checks them and finds whom they reach; the embedded log appends in turns with a plain file that is synced as often.
//! Figures go to `target/bench/wire.json`, unless only a part is measured. `--small` does a hundredth, to try the benchmark
//! itself: its figures say nothing, and go to `target/bench/small`.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that can't go on stops")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

#[path = "../../platform/src/figures.rs"]
#[allow(dead_code, reason = "shared with the benchmarks of the platform, which have other goals too")]
mod figures;
mod log;
mod read;
mod samples;
mod udp;

use figures::Figures;

/// How much to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As the goals are written.
    Full,
    /// A hundredth.
    Small,
}

impl Scale {
    /// Returns so many, or a hundredth of them.
    pub fn of(self, full: usize) -> usize {
        match self {
            Self::Full => full,
            Self::Small => full / 100,
        }
    }
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let scale = if args.iter().any(|arg| arg == "--small") { Scale::Small } else { Scale::Full };
    let parts: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--small").collect();
    let has = |part: &str| parts.is_empty() || parts == [part];
    let mut figures = Figures::begin("wire", scale);
    if has("read") {
        read::run(&mut figures, scale);
    }
    if has("udp") {
        udp::run(&mut figures, scale);
    }
    if has("log") {
        log::run(&mut figures, scale).await;
    }
    if parts.is_empty() {
        figures.write();
    }
}
