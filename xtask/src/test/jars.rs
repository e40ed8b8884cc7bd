//! The jars of Apache Kafka, which Maven brings once.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::workspace;

const POM: &str = include_str!("../../kafka/pom.xml");

/// Returns the folder with the jars; has Maven fill it if it isn't there.
///
/// # Errors
///
/// If there is no Maven, or it can't bring them.
pub fn folder() -> Result<PathBuf> {
    let version = version().context("xtask/kafka/pom.xml names no kafka.version")?;
    let kafka = workspace::target().join("kafka");
    let folder = kafka.join(version);
    if !folder.exists() {
        // Filled under another name, so that a half-filled folder is never taken for a whole one.
        let unfinished = kafka.join(format!("{version}.{}", std::process::id()));
        copy(&unfinished)?;
        let renamed = std::fs::rename(&unfinished, &folder);
        // Another run may have been faster.
        if folder.exists() {
            let _ = std::fs::remove_dir_all(&unfinished);
        } else {
            renamed.with_context(|| format!("cannot make {}", folder.display()))?;
        }
    }
    Ok(folder)
}

fn version() -> Option<&'static str> {
    let (_, rest) = POM.split_once("<kafka.version>")?;
    Some(rest.split_once("</kafka.version>")?.0)
}

fn copy(folder: &Path) -> Result<()> {
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "--file", "xtask/kafka/pom.xml", "dependency:copy-dependencies"]);
    maven.arg("-DincludeScope=runtime").arg(format!("-DoutputDirectory={}", folder.display()));
    let status = maven.current_dir(workspace::root()).status();
    let status = status.context("Maven, which brings Apache Kafka, is missing: run scripts/setup test")?;
    ensure!(status.success(), "Maven could not bring the jars of Apache Kafka");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_pom() {
        let version = version().unwrap();
        assert!(version.starts_with("4.") && version.split('.').all(|part| part.parse::<u32>().is_ok()), "{version}");
    }
}
