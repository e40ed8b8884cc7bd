//! The Python from which tests send to Apache Kafka as published nodes do, with their client library in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

const REQUIREMENTS: &str = include_str!("../../kafka/requirements.txt");

/// Returns the program; has pip fill its folder if it isn't there.
///
/// # Errors
///
/// If there is no Python that makes such folders, or pip can't bring the library.
pub fn program() -> Result<PathBuf> {
    let pinned = pinned().context("xtask/kafka/requirements.txt pins nothing")?;
    let folder = workspace::target().join("kafka").join(pinned.replace("==", "-"));
    // Scripts in it name their own folder, so it isn't renamed when it is whole: a file says that it is.
    let (python, whole) = (folder.join("bin").join("python"), folder.join("whole"));
    if !whole.exists() {
        fill(&folder, &python)?;
        std::fs::write(&whole, pinned).with_context(|| format!("cannot write {}", whole.display()))?;
    }
    Ok(python)
}

fn pinned() -> Option<&'static str> {
    let line = REQUIREMENTS.lines().find(|line| line.contains("=="))?;
    line.split_whitespace().next()
}

fn fill(folder: &Path, python: &Path) -> Result<()> {
    let mut venv = Command::new("python3");
    let status = venv.args(["-m", "venv", "--clear"]).arg(folder).status();
    let made = status.context("python3 is missing: run scripts/setup test")?.success();
    ensure!(made, "python3 can't make a folder for kafka-python: run scripts/setup test");
    let mut pip = Command::new(python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]);
    let status = pip.args(["--requirement", "xtask/kafka/requirements.txt"]).current_dir(workspace::root()).status();
    ensure!(status.context("cannot run pip")?.success(), "pip could not bring kafka-python");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_version_is_pinned_and_hashed() {
        let version = pinned().unwrap().strip_prefix("kafka-python==").unwrap();
        assert!(version.split('.').all(|part| part.parse::<u32>().is_ok()), "{version}");
        assert_eq!(REQUIREMENTS.matches("--hash=sha256:").count(), 1);
    }
}
