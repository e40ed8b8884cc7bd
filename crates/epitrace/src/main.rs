//! Epitrace: from a confirmed infection to everyone who was exposed.
//!
//! `main` is a table of contents: what may be typed stands in [`cli`], one file a command in
//! [`commands`], how a data folder is opened in [`session`], what people read in [`screen`].

mod cli;
mod commands;
mod config;
mod failure;
mod screen;
mod session;

use clap::Parser;
use std::process::ExitCode;
use std::time::Duration;

const LAST_ANSWERS: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::report(&error.into()),
    };
    let code = match runtime.block_on(commands::run(cli)) {
        Ok(code) => code,
        Err(error) => failure::report(&error),
    };
    // Kafka's client is asked in threads that wait for up to ten seconds for brokers that are away; nobody wants the answer now.
    runtime.shutdown_timeout(LAST_ANSWERS);
    code
}
