//! Every dependency is open source that may be given on under our licence, and comes from the registry.
//!
//! A git repository or a folder can change or vanish under a release, so neither is allowed. All platforms are
//! looked at, also those that this machine doesn't build for.

mod expression;

use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::workspace;

/// Licences that any dependency may have.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "EUPL-1.2",
    "ISC",
    "MIT",
    "MPL-2.0",
    "OFL-1.1",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// What one crate may have besides: crate, licence. Each with its reason.
const EXCEPTIONS: &[(&str, &str)] = &[
    // Mozilla's list of root certificates: data, which this licence lets anyone give on, with its text.
    ("webpki-roots", "CDLA-Permissive-2.0"),
    // The same list again, which only programs in a browser read.
    ("webpki-root-certs", "CDLA-Permissive-2.0"),
];

/// Checks `Cargo.lock` and the licences of all that is in it.
///
/// # Errors
///
/// If `Cargo.lock` doesn't fit the manifests, or cargo can't tell.
pub fn run() -> Result<ExitCode> {
    let metadata = metadata()?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let members = metadata["workspace_members"].as_array().context("cargo metadata lists no members")?;
    let objections: Vec<String> =
        packages.iter().filter_map(|package| objection(package, members.contains(&package["id"]))).collect();
    for objection in &objections {
        println!("{objection}");
    }
    if objections.is_empty() {
        let n_others = packages.len() - members.len();
        println!("licences: {n_others} dependencies, all from the registry, all allowed");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

fn metadata() -> Result<Value> {
    let mut cargo = workspace::cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked", "--quiet"]);
    let output = cargo.stderr(Stdio::inherit()).output().context("cannot run cargo metadata")?;
    ensure!(output.status.success(), "cargo metadata failed; if Cargo.lock is old, run `cargo check` and commit it");
    serde_json::from_slice(&output.stdout).context("cannot read what cargo metadata says")
}

/// Returns what is wrong with a package, or `None`.
fn objection(package: &Value, is_member: bool) -> Option<String> {
    let name = package["name"].as_str().unwrap_or_default();
    let version = package["version"].as_str().unwrap_or_default();
    match package["source"].as_str() {
        None if is_member => {}
        None => return Some(format!("{name} {version}: a folder outside the workspace")),
        Some(source) if source.starts_with("registry+") => {}
        Some(source) => return Some(format!("{name} {version}: not from the registry but from {source}")),
    }
    let Some(licence) = package["license"].as_str() else {
        return Some(format!("{name} {version}: names no licence"));
    };
    let may = |term: &str| ALLOWED.contains(&term) || EXCEPTIONS.contains(&(name, term));
    match expression::holds(licence, &may) {
        Ok(true) => None,
        Ok(false) => Some(format!("{name} {version}: {licence} is not allowed")),
        Err(error) => Some(format!("{name} {version}: cannot read its licence {licence}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(package: &Value, is_member: bool, expected: Option<&str>) {
        assert_eq!(objection(package, is_member).as_deref(), expected);
    }

    #[test]
    fn a_crate_of_the_registry_with_an_allowed_licence_passes() {
        let package = json!({"name": "a", "version": "1.0.0", "source": "registry+x", "license": "MIT OR GPL-3.0"});
        check(&package, false, None);
    }

    #[test]
    fn other_licences_and_none_are_named() {
        let package = json!({"name": "a", "version": "1.0.0", "source": "registry+x", "license": "GPL-3.0-only"});
        check(&package, false, Some("a 1.0.0: GPL-3.0-only is not allowed"));
        let package = json!({"name": "a", "version": "1.0.0", "source": "registry+x", "license": null});
        check(&package, false, Some("a 1.0.0: names no licence"));
    }

    #[test]
    fn an_exception_holds_for_its_crate_alone() {
        let mut package = json!({"name": "webpki-roots", "version": "1.0.0", "source": "registry+x"});
        package["license"] = json!("CDLA-Permissive-2.0");
        check(&package, false, None);
        package["name"] = json!("b");
        check(&package, false, Some("b 1.0.0: CDLA-Permissive-2.0 is not allowed"));
    }

    #[test]
    fn only_members_come_from_folders_and_nothing_from_git() {
        let package = json!({"name": "a", "version": "1.0.0", "source": null, "license": "MIT"});
        check(&package, true, None);
        check(&package, false, Some("a 1.0.0: a folder outside the workspace"));
        let package = json!({"name": "a", "version": "1.0.0", "source": "git+x", "license": "MIT"});
        check(&package, false, Some("a 1.0.0: not from the registry but from git+x"));
    }
}
