//! The chores of this workspace, so that a person and a machine do them the same way.
//!
//! Each chore is a module, each prints what it found and ends with 0 or 1; `test` ends with the code of the
//! tests. `cargo xtask` is an alias for this program; `make` and `.ci/run` call it.

#![allow(clippy::print_stdout, reason = "a chore talks to whoever started it")]
#![allow(clippy::disallowed_methods, reason = "chores are timed by the machine's clock; no rule depends on it")]

mod bench;
mod floors;
mod licences;
mod sizing;
mod statements;
mod test;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask CHORE

  bench [ARGS]  starts a throw-away PostgreSQL, runs all benchmarks (`--small`: a hundredth), then `bench-docs`
  bench-docs    prints docs/benchmarks.md from the figures in target/bench
  floors        a crate uses crates of lower floors only; names each manifest line that doesn't
  licences      every dependency comes from the registry, under a licence that we allow
  sizing        prints the table of docs/book/sizing.md from docs/benchmarks.md
  test [ARGS]   starts a throw-away PostgreSQL and Apache Kafka, runs `cargo test ARGS`, then `statements` and the browser
  statements    every named statement of the source is in the log that `test` left behind";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        ["bench", rest @ ..] => bench::run(rest),
        ["bench-docs"] => bench::docs::run(),
        ["floors"] => floors::run(),
        ["licences"] => licences::run(),
        ["sizing"] => sizing::run(),
        ["statements"] => statements::run(),
        ["test", rest @ ..] => test::run(rest),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    done.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
