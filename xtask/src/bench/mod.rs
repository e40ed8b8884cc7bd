//! The benchmarks, with the PostgreSQL and the NetworkX that they measure on, and the page that is printed from them.
//!
//! The server here syncs, as in use. Arguments go to the platform's benchmarks; with a benchmark's name only that one
//! is run again, and the page is printed from its new figures and the others' old ones. `cell` needs root and what
//! `scripts/setup lab` brings, so it is run only when it is named.

pub mod docs;
mod machine;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};

use crate::test::broker::Broker;
use crate::test::cluster::Cluster;
use crate::test::jars;
use crate::workspace;

/// What differs from the server of the tests: it syncs, has memory, and logs no statements.
const SETTINGS: &str = "fsync = on
full_page_writes = on
synchronous_commit = on
shared_buffers = 1GB
max_wal_size = 4GB
maintenance_work_mem = 256MB
log_statement = none";

/// NetworkX, in the version that the figures were first taken with.
const NETWORKX: &str = "networkx==3.6.1";

/// Benchmarks that are no part of the platform's, each in a crate of its own.
const BESIDE_THE_PLATFORM: [&str; 5] = ["cell", "graph", "pipeline", "simulate", "wire"];

/// Runs them.
///
/// # Errors
///
/// If something that is compared with can't be had, or a benchmark stops because both sides did different work.
pub fn run(args: &[&str]) -> Result<ExitCode> {
    let args = args.strip_prefix(&["--"]).unwrap_or(args);
    let names: Vec<&str> = args.iter().copied().filter(|arg| !arg.starts_with("--")).collect();
    let has = |name: &str| names.is_empty() || names.iter().any(|named| [name, "all"].contains(named));
    if !args.contains(&"--small") {
        machine::note()?;
    }
    if has("graph") {
        let python = python_with_networkx()?;
        let graph = ["run", "--release", "--locked", "-p", "bench-graph", "--"];
        ran(workspace::cargo().args(graph).arg(python), "the benchmark of the graph")?;
    }
    if has("wire") {
        let small = args.iter().filter(|arg| **arg == "--small");
        let wire = ["run", "--release", "--locked", "-p", "bench-wire", "--"];
        ran(workspace::cargo().args(wire).args(small), "the benchmark of the wire")?;
    }
    if has("pipeline") {
        let small = args.iter().filter(|arg| **arg == "--small");
        let pipeline = ["run", "--release", "--locked", "-p", "bench-pipeline", "--"];
        let (cluster, broker) = (Cluster::start_with(SETTINGS)?, Broker::start(&jars::folder()?)?);
        let mut bench = workspace::cargo();
        bench.args(pipeline).args(small).env("EPITRACE_BENCH_POSTGRES", cluster.url());
        bench.env("EPITRACE_BENCH_KAFKA", broker.address()).env("EPITRACE_BENCH_KAFKA_FOLDER", broker.topics());
        ran(&mut bench, "the benchmark of the pipeline")?;
    }
    if has("simulate") {
        let simulate = ["run", "--release", "--locked", "-p", "bench-simulate", "--"];
        let flags = args.iter().filter(|arg| arg.starts_with("--"));
        ran(workspace::cargo().args(simulate).args(flags), "the benchmark of the simulator")?;
    }
    if names.contains(&"cell") {
        let programs = ["build", "--release", "--locked", "-p", "epitrace", "-p", "bench-cell"];
        ran(workspace::cargo().args(programs), "the build of the program")?;
        let built = |name: &str| workspace::target().join("release").join(name);
        let mut bench = Command::new("/usr/bin/python3");
        bench.arg(workspace::root().join("benches/cell/run.py")).arg("--program").arg(built("epitrace"));
        bench.arg("--guests").arg(built("bench-cell")).args(args.iter().filter(|arg| arg.starts_with("--")));
        ran(&mut bench, "the benchmark of a cell")?;
    }
    if names.is_empty() || names.iter().any(|name| !BESIDE_THE_PLATFORM.contains(name)) {
        if has("start") {
            let program = ["build", "--release", "--locked", "-p", "epitrace"];
            ran(workspace::cargo().args(program), "the build of the program")?;
        }
        let cluster = Cluster::start_with(SETTINGS)?;
        let platform = ["run", "--release", "--locked", "-p", "bench", "--"];
        let mut bench = workspace::cargo();
        bench.args(platform).args(args).env("EPITRACE_BENCH_POSTGRES", cluster.url());
        ran(&mut bench, "a benchmark of the platform")?;
    }
    // Figures of a hundredth of the rows are for trying the benchmarks, not for the page.
    if args.contains(&"--small") { Ok(ExitCode::SUCCESS) } else { docs::run() }
}

fn ran(command: &mut Command, what: &str) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {what}"))?;
    ensure!(status.success(), "{what} failed: {status}");
    Ok(())
}

/// Makes a Python of its own with NetworkX in it, once.
fn python_with_networkx() -> Result<PathBuf> {
    let folder = workspace::root().join("target/bench-python");
    let python = folder.join("bin/python");
    let knows = |python: &PathBuf| Command::new(python).args(["-c", "import networkx"]).output();
    if knows(&python).is_ok_and(|output| output.status.success()) {
        return Ok(python);
    }
    ran(Command::new("python3").args(["-m", "venv"]).arg(&folder), "python3 -m venv (in Debian: python3-venv)")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NETWORKX];
    ran(Command::new(&python).args(pip), "the installation of NetworkX")?;
    Ok(python)
}
