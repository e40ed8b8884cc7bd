//! Measures imports, searches for the exposed, reports, lists, worklists, duplicates, files that leave and the start, on SQLite and PostgreSQL, each beside a peer or a limit.
//!
//!     cargo run --release -p bench -- [import|exposed|report|lists|worklist|duplicates|laboratory|bulk|dashboard|export|check-ins|start|all] [--small]
//!
//! `EPITRACE_BENCH_POSTGRES` is the address, for its superuser, of a throw-away server with the roles
//! `epitrace_migrator`, `epitrace_app` and `epitrace_jobs`; `cargo xtask bench` starts one. Databases are made in
//! `target/bench-data` and on that server, and deleted again. Figures go to `target/bench/NAME.json`. `--small`
//! takes a hundredth of the rows, to try the benchmarks themselves: its figures say nothing, and go to
//! `target/bench/small`.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that can't go on stops")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod bulk;
mod check_ins;
mod cost;
mod dashboard;
mod duplicates;
mod export;
mod exposed;
mod figures;
mod import;
mod laboratory;
mod lists;
mod many_cases;
mod network;
mod place;
mod report;
mod start;
mod worklist;

use place::Server;
use std::process::ExitCode;

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
async fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let scale = if args.iter().any(|arg| arg == "--small") { Scale::Small } else { Scale::Full };
    let named: Vec<&str> = args.iter().map(String::as_str).filter(|arg| *arg != "--small").collect();
    let known = [
        "import",
        "exposed",
        "report",
        "lists",
        "worklist",
        "duplicates",
        "laboratory",
        "bulk",
        "dashboard",
        "export",
        "check-ins",
        "start",
        "all",
    ];
    let chosen = |name: &str| named.is_empty() || named == ["all"] || named == [name];
    let (import, exposed, report, lists) = match named.as_slice() {
        [] => (true, true, true, true),
        [name] if known.contains(name) => (chosen("import"), chosen("exposed"), chosen("report"), chosen("lists")),
        _ => {
            eprintln!(
                "usage: bench [import|exposed|report|lists|worklist|duplicates|laboratory|bulk|dashboard|export|check-ins|start|all] [--small]"
            );
            return ExitCode::from(2);
        }
    };
    let Ok(url) = std::env::var("EPITRACE_BENCH_POSTGRES") else {
        eprintln!("EPITRACE_BENCH_POSTGRES names no PostgreSQL to measure on; `cargo xtask bench` starts one");
        return ExitCode::FAILURE;
    };
    let server = Server::connect(&url).await;
    if import {
        import::run(&server, scale).await;
    }
    if exposed {
        exposed::run(&server, scale).await;
    }
    if report {
        report::run(&server, scale).await;
    }
    if lists {
        lists::run(&server, scale).await;
    }
    if chosen("duplicates") {
        duplicates::run(&server, scale).await;
    }
    if chosen("worklist") {
        worklist::run(&server, scale).await;
    }
    if chosen("laboratory") {
        laboratory::run(&server, scale).await;
    }
    if chosen("bulk") {
        many_cases::run(&server, scale).await;
    }
    if chosen("dashboard") {
        dashboard::run(&server, scale).await;
    }
    if chosen("export") {
        export::run(&server, scale).await;
    }
    if chosen("check-ins") {
        check_ins::run(&server, scale).await;
    }
    if chosen("start") {
        start::run(scale);
    }
    ExitCode::SUCCESS
}
