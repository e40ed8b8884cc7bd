//! Measures what nodes report on its way into the database, and a host that hears others.
//!
//!     cargo xtask bench pipeline [--small]
//!     cargo run --release -p bench-pipeline -- [reports|beacons] [--small]
//!
//! Reports of a run, made beforehand, are appended to the embedded log batch by batch, while the consumer stores them in SQLite:
//! as fast as it goes, and at half of that. The peer is a row a report in plain SQLite, in turns. Afterwards all reports must be
//! found. Then they go through Apache Kafka into PostgreSQL, which the chore starts. Beacons go over UDP on the loopback interface to a host that checks them and finds which of its nodes they reach.
//! Figures go to `target/bench/pipeline.json`, unless only a part is measured. `--small` does a hundredth, to try the benchmark
//! itself: its figures say nothing, and go to `target/bench/small`.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that can't go on stops")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod air;
mod brokers;
mod check;
mod cost;
#[path = "../../platform/src/figures.rs"]
#[allow(dead_code, reason = "shared with the benchmarks of the platform, which have other goals too")]
mod figures;
mod flow;
mod paced;
mod plain;
mod reports;
mod world;

use figures::Figures;

/// How much to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// As the goals are written.
    Full,
    /// A hundredth.
    Small,
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let scale = if args.iter().any(|arg| arg == "--small") { Scale::Small } else { Scale::Full };
    let parts: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--small").collect();
    let has = |part: &str| parts.is_empty() || parts == [part];
    let mut figures = Figures::begin("pipeline", scale);
    if has("reports") {
        reports::run(&mut figures, scale).await;
    }
    if has("kafka") {
        brokers::run(&mut figures, scale).await;
    }
    if has("beacons") {
        air::run(&mut figures, scale).await;
    }
    if parts.is_empty() {
        figures.write();
    }
}
