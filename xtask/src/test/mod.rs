//! The tests, with the PostgreSQL and the Apache Kafka that they need, and where the time went.
//!
//! Arguments go to `cargo test`: `cargo xtask test -p storage visits`. Only a whole run can tell which statements
//! were never tried, so that check is left out when there are arguments, and so are the tests in the browser. A broker is
//! started only if a package is tested that asks for one.

pub mod broker;
pub mod cluster;
pub mod jars;
mod python;
mod times;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow};

use self::broker::Broker;
use self::cluster::Cluster;
use self::times::Times;
use crate::{statements, workspace};

/// The packages whose tests ask for a broker.
const WITH_BROKER: &[&str] = &["event-log", "pipeline", "server", "epitrace"];

/// What runs beside the tests.
struct Servers {
    postgres: Cluster,
    kafka: Option<Kafka>,
}

/// A broker, the jars from which tests start others, and a Python with the client library of the published nodes.
struct Kafka {
    broker: Broker,
    jars: PathBuf,
    python: PathBuf,
}

impl Servers {
    /// Starts what the packages ask for, at the same time.
    fn start(packages: &[&str]) -> Result<Self> {
        let needs_broker = packages.is_empty() || packages.iter().any(|name| WITH_BROKER.contains(name));
        std::thread::scope(|scope| {
            let kafka = needs_broker.then(|| scope.spawn(Kafka::start));
            let postgres = Cluster::start()?;
            let kafka = kafka.map(|kafka| kafka.join().map_err(|_| anyhow!("Apache Kafka's thread panicked"))?);
            Ok(Self { postgres, kafka: kafka.transpose()? })
        })
    }

    /// Copies what they said, to be read after they are gone; returns where PostgreSQL's is.
    fn keep_logs(&self) -> Result<PathBuf> {
        let log = workspace::test_log();
        self.postgres.keep_log(&log)?;
        if let Some(kafka) = &self.kafka {
            kafka.broker.keep_log(&log.with_file_name("test-kafka.log"))?;
        }
        Ok(log)
    }

    /// Says to the tests where they are.
    fn name_in(&self, cargo: &mut Command) {
        cargo.env("EPITRACE_TEST_POSTGRES", self.postgres.url());
        if let Some(kafka) = &self.kafka {
            cargo.env("EPITRACE_TEST_KAFKA", kafka.broker.address()).env("EPITRACE_TEST_KAFKA_JARS", &kafka.jars);
            cargo.env("EPITRACE_TEST_KAFKA_PYTHON", &kafka.python);
        }
    }
}

impl Kafka {
    fn start() -> Result<Self> {
        let jars = jars::folder()?;
        let python = python::program()?;
        Ok(Self { broker: Broker::start(&jars)?, jars, python })
    }
}

/// Starts the servers, builds and runs the tests, checks the statements; ends with the code of what failed first.
///
/// # Errors
///
/// If PostgreSQL, Apache Kafka or cargo can't be started.
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
    let servers = times.step("start servers", || Servers::start(&packages(for_cargo)))?;
    let mut done = times.step("tests", || cargo_test(&[for_cargo, for_tests].concat(), Some(&servers)))?;
    let log = servers.keep_logs()?;
    times.step("stop servers", || drop(servers));
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
    let status = Command::new("scripts/page")
        .arg("browser")
        .arg(program)
        .current_dir(workspace::root())
        .status()
        .context("cannot run scripts/page")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs `cargo test`, of the whole workspace unless the arguments choose packages.
fn cargo_test(args: &[&str], servers: Option<&Servers>) -> Result<ExitCode> {
    let chooses = !packages(split(args).0).is_empty();
    let mut cargo = workspace::cargo();
    cargo.arg("test").args((!chooses).then_some("--workspace")).args(args);
    if let Some(servers) = servers {
        servers.name_in(&mut cargo);
    }
    let status = cargo.status().context("cannot run cargo test")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// Splits what is for cargo from what is for the tests, which begins with `--`.
fn split<'s, 'a>(args: &'s [&'a str]) -> (&'s [&'a str], &'s [&'a str]) {
    args.split_at(args.iter().position(|arg| *arg == "--").unwrap_or(args.len()))
}

/// Returns the packages that arguments for cargo choose; none if they choose all.
fn packages<'a>(for_cargo: &[&'a str]) -> Vec<&'a str> {
    let mut packages = Vec::new();
    let mut args = for_cargo.iter().copied();
    while let Some(arg) = args.next() {
        let Some(rest) = arg.strip_prefix("--package").or_else(|| arg.strip_prefix("-p")) else { continue };
        let name = if rest.is_empty() { args.next() } else { Some(rest.trim_start_matches('=')) };
        packages.extend(name);
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_chosen_in_each_way_that_cargo_knows() {
        let check = |args: &[&str], expected: &[&str]| assert_eq!(packages(args), expected);
        check(&[], &[]);
        check(&["--release", "visits"], &[]);
        check(
            &["-p", "domain", "-pstorage", "--test", "x", "--package", "app", "--package=server"],
            &["domain", "storage", "app", "server"],
        );
    }
}
