//! On what it was measured: kept beside the figures, because it can't be found out later.

use crate::test::cluster;
use crate::workspace;
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::process::Command;

/// Writes down machine, day and load.
///
/// # Errors
///
/// If it can't be written, or there is no PostgreSQL.
pub fn note() -> Result<()> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let value = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let memory = value(&fs::read_to_string("/proc/meminfo").unwrap_or_default(), "MemTotal");
    let memory_kib = memory.and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0);
    let machine = json!({
        "cpu": value(&cpus, "model name"),
        "cores": cpus.lines().filter(|line| line.starts_with("processor")).count(),
        "memory_gib": (memory_kib / 1024.0 / 1024.0).round(),
        "kernel": said("uname", &["-sr"]),
        "postgresql": said(cluster::postgres()?, &["--version"]).trim_start_matches("postgres (PostgreSQL) "),
        "date": said("date", &["-u", "+%Y-%m-%d"]),
        "load_before": fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next(),
    });
    let file = workspace::root().join("target/bench/machine.json");
    fs::create_dir_all(workspace::root().join("target/bench"))?;
    fs::write(&file, serde_json::to_string_pretty(&machine)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

fn said(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}
