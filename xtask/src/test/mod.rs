//! The tests, with the PostgreSQL that they need, and where the time went.
//!
//! Arguments go to `cargo test`: `cargo xtask test -p storage visits`. Only a whole run can tell which statements
//! were never tried, so that check is left out when there are arguments, and so are the tests in the browser.

pub mod cluster;
mod times;

use std::process::ExitCode;

use anyhow::{Context, Result};

use self::cluster::Cluster;
use self::times::Times;
use crate::{statements, workspace};

/// Starts a server, builds and runs the tests, checks the statements; ends with the code of what failed first.
///
/// # Errors
///
/// If PostgreSQL or cargo can't be started.
pub fn run(args: &[&str]) -> Result<ExitCode> {
    let args = args.strip_prefix(&["--"]).unwrap_or(args);
    let mut times = Times::start();
    let done = run_steps(args, &mut times);
    times.print();
    done
}

fn run_steps(args: &[&str], times: &mut Times) -> Result<ExitCode> {
    // Built first, so that an error of the compiler comes before anything is started.
    let (for_cargo, for_tests) = split(args);
    let built = times.step("build", || cargo_test(&[for_cargo, &["--no-run"]].concat(), None))?;
    if built != ExitCode::SUCCESS {
        return Ok(built);
    }
    let cluster = times.step("start PostgreSQL", Cluster::start)?;
    let server = cluster.url();
    let mut done = times.step("tests", || cargo_test(&[for_cargo, for_tests].concat(), Some(&server)))?;
    let log = workspace::test_log();
    cluster.keep_log(&log)?;
    times.step("stop PostgreSQL", || drop(cluster));
    if done == ExitCode::SUCCESS && args.is_empty() {
        done = times.step("statements", || statements::check(&log))?;
    }
    if done == ExitCode::SUCCESS && args.is_empty() {
        done = times.step("browser", browser)?;
    }
    if done != ExitCode::SUCCESS {
        println!("what PostgreSQL did: {}", log.display());
    }
    Ok(done)
}

/// Runs the tests in Chromium, against servers that they start from the program that cargo has just built.
fn browser() -> Result<ExitCode> {
    let program = workspace::target().join("debug").join("epitrace");
    let status = std::process::Command::new("scripts/page")
        .arg("browser")
        .arg(program)
        .current_dir(workspace::root())
        .status()
        .context("cannot run scripts/page")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs `cargo test`, of the whole workspace unless the arguments choose packages.
fn cargo_test(args: &[&str], server: Option<&str>) -> Result<ExitCode> {
    let (for_cargo, _) = split(args);
    let chooses = for_cargo.iter().any(|arg| arg.starts_with("-p") || arg.starts_with("--package"));
    let mut cargo = workspace::cargo();
    cargo.arg("test").args((!chooses).then_some("--workspace")).args(args);
    if let Some(server) = server {
        cargo.env("EPITRACE_TEST_POSTGRES", server);
    }
    let status = cargo.status().context("cannot run cargo test")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// Splits what is for cargo from what is for the tests, which begins with `--`.
fn split<'s, 'a>(args: &'s [&'a str]) -> (&'s [&'a str], &'s [&'a str]) {
    args.split_at(args.iter().position(|arg| *arg == "--").unwrap_or(args.len()))
}
