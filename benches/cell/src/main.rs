//! Guests who check in and case workers who open cases, all over TLS, and a count of what is there of it afterwards.
//!
//!     bench-cell load < JOB      sends, and prints what came of it as JSON
//!     bench-cell count < JOB     looks how many of the acknowledged check-ins are on the lists of the database, as JSON
//!
//! A job is one line of JSON. `load` ends after its seconds, or when its input ends. Before it ends it prints a line of counts
//! several times a second, so that whoever started it knows whether anything is acknowledged just now. `run.py`, beside this crate,
//! brings a cell up and says both words; `cargo xtask bench cell` starts that.

#![allow(clippy::print_stdout, reason = "a benchmark prints")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark that can't go on stops")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod count;
mod line;
mod load;
mod seen;
mod sender;
mod writes;

use std::io::Read;
use std::process::ExitCode;

fn main() -> ExitCode {
    let word = std::env::args().nth(1);
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match word.as_deref() {
        Some("load") => runtime().block_on(load::run(serde_json::from_str(&first_line()).expect("a job of load"))),
        Some("count") => runtime().block_on(count::run(serde_json::from_str(&first_line()).expect("a job of count"))),
        _ => {
            eprintln!("usage: bench-cell load|count < JOB");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

/// Reads byte by byte, since the end of the input comes later and means something.
fn first_line() -> String {
    let bytes = std::io::stdin().lock().bytes().map_while(Result::ok).take_while(|byte| *byte != b'\n');
    String::from_utf8(bytes.collect()).unwrap()
}
