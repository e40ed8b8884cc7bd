//! A crate uses crates of lower floors, never one above or beside it.
//!
//! Then a rule about quarantine can't reach a database, and whoever reads a crate needs to know only those below
//! it. Cargo refuses circles, but not a short cut upwards; this chore reads the manifests and names the line.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::workspace;

/// Every crate that may lie in `crates/`, with its floor. Not all of them exist yet.
const FLOORS: &[(&str, Floor)] = &[
    ("epitrace", Floor::Number(5)),
    ("rehearsal", Floor::Number(5)),
    ("server", Floor::Number(4)),
    ("app", Floor::Number(3)),
    ("pipeline", Floor::Number(3)),
    ("keyring", Floor::Number(3)),
    ("storage", Floor::Number(2)),
    ("event-log", Floor::Number(2)),
    ("nodes", Floor::Number(2)),
    ("contact-graph", Floor::Number(1)),
    ("simulator", Floor::Number(1)),
    ("protocol", Floor::Number(1)),
    ("documents", Floor::Number(1)),
    ("letters", Floor::Number(1)),
    ("domain", Floor::Number(0)),
    ("testkit", Floor::Tests),
    ("bench", Floor::Beside),
    ("bench-graph", Floor::Beside),
    ("bench-wire", Floor::Beside),
    ("bench-simulate", Floor::Beside),
    ("bench-pipeline", Floor::Beside),
    ("bench-cell", Floor::Beside),
    ("xtask", Floor::Beside),
];

/// Where a crate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Floor {
    /// On a floor: uses lower ones.
    Number(u8),
    /// Beside the floors, used by tests: uses any floor, is a dev-dependency only.
    Tests,
    /// Beside the floors, used by nobody.
    Beside,
}

/// A manifest line that breaks the rule.
#[derive(Debug, PartialEq, Eq)]
struct Violation {
    manifest: String,
    line: usize,
    what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.manifest, self.line, self.what)
    }
}

/// Checks the manifests in `crates/`.
///
/// # Errors
///
/// If a manifest can't be read.
pub fn run() -> Result<ExitCode> {
    let (n_crates, violations) = check(&workspace::root())?;
    for violation in &violations {
        println!("{violation}");
    }
    if violations.is_empty() {
        println!("floors: {n_crates} crates, each uses lower floors only");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Returns the number of crates and the lines that break the rule, in the order of their paths.
fn check(root: &Path) -> Result<(usize, Vec<Violation>)> {
    let folder = root.join("crates");
    let mut manifests = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let manifest = entry?.path().join("Cargo.toml");
        if manifest.exists() {
            manifests.push(manifest);
        }
    }
    manifests.sort();
    let mut violations = Vec::new();
    for path in &manifests {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
        violations.extend(check_manifest(&name, &text)?);
    }
    Ok((manifests.len(), violations))
}

/// Returns the lines of one manifest that break the rule, from top to bottom.
fn check_manifest(manifest: &str, text: &str) -> Result<Vec<Violation>> {
    let parsed = DeTable::parse(text).with_context(|| format!("cannot read {manifest}"))?;
    let table = parsed.get_ref();
    let violation = |at: usize, what: String| {
        let line = 1 + text[..at].matches('\n').count();
        Violation { manifest: manifest.to_owned(), line, what }
    };
    let name = table.get("package").and_then(|package| package.get_ref().get("name"));
    let (at, name) = name
        .and_then(|name| Some((name.span().start, name.get_ref().as_str()?)))
        .with_context(|| format!("{manifest} has no package.name"))?;
    let Some(floor) = floor_of(name) else {
        let what = format!("{name} has no floor yet: add it to the table in xtask/src/floors.rs");
        return Ok(vec![violation(at, what)]);
    };
    let mut violations: Vec<Violation> = uses(table)
        .into_iter()
        .filter_map(|used| Some((used.at, objection(name, floor, &used)?)))
        .map(|(at, what)| violation(at, what))
        .collect();
    violations.sort_by_key(|violation| violation.line);
    Ok(violations)
}

fn floor_of(name: &str) -> Option<Floor> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}

/// Returns why this crate may not use that one, or `None` if it may.
fn objection(name: &str, floor: Floor, used: &Use<'_>) -> Option<String> {
    let other = used.name;
    match (floor, floor_of(other)?) {
        (_, Floor::Beside) => Some(format!("{name} uses {other}, which stands beside the floors: nobody uses it")),
        (Floor::Number(_), Floor::Tests) if used.is_dev => None,
        (Floor::Number(_), Floor::Tests) => {
            Some(format!("{name} uses {other}, which only tests use: make it a dev-dependency"))
        }
        (Floor::Number(own), Floor::Number(theirs)) if theirs >= own => {
            let where_ = if theirs > own { "above it" } else { "beside it" };
            Some(format!("{name} (floor {own}) uses {other} (floor {theirs}), {where_}: it may use lower floors only"))
        }
        _ => None,
    }
}

/// A dependency that a manifest names.
struct Use<'t> {
    /// The package, also where the manifest calls it otherwise.
    name: &'t str,
    /// Where its line begins, in bytes.
    at: usize,
    is_dev: bool,
}

/// Lists all dependencies of a manifest, also those for single platforms.
fn uses<'t>(table: &'t DeTable<'_>) -> Vec<Use<'t>> {
    let platforms = table.get("target").and_then(|target| target.get_ref().as_table());
    let platforms = platforms.into_iter().flat_map(|target| target.values());
    let mut tables = vec![table];
    tables.extend(platforms.filter_map(|platform| platform.get_ref().as_table()));
    let mut uses = Vec::new();
    for table in tables {
        for (section, is_dev) in [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)] {
            let section = table.get(section).and_then(|section| section.get_ref().as_table());
            for (key, value) in section.into_iter().flatten() {
                uses.push(Use { name: package_of(key, value), at: key.span().start, is_dev });
            }
        }
    }
    uses
}

fn package_of<'t>(key: &'t Spanned<std::borrow::Cow<'_, str>>, value: &'t Spanned<DeValue<'_>>) -> &'t str {
    let renamed = value.get_ref().as_table().and_then(|table| table.get("package"));
    renamed.and_then(|package| package.get_ref().as_str()).unwrap_or(key.get_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_lines(text: &str, expected: &[&str]) {
        let found = check_manifest("crates/x/Cargo.toml", text).unwrap();
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn this_workspace_keeps_to_its_floors() {
        let (n_crates, violations) = check(&workspace::root()).unwrap();
        assert!(n_crates > 0);
        assert_eq!(violations, [], "{violations:#?}");
    }

    #[test]
    fn a_crate_may_use_lower_floors() {
        check_lines("[package]\nname = 'storage'\n[dependencies]\ndomain.workspace = true\nserde = '1'\n", &[]);
    }

    #[test]
    fn the_line_that_uses_a_higher_floor_is_named() {
        check_lines(
            "[package]\nname = 'storage'\n\n[dependencies]\ndomain.workspace = true\napp.workspace = true\n",
            &["crates/x/Cargo.toml:6: storage (floor 2) uses app (floor 3), above it: it may use lower floors only"],
        );
    }

    #[test]
    fn the_line_that_uses_the_same_floor_is_named() {
        check_lines(
            "[package]\nname = 'pipeline'\n[dependencies.app]\nworkspace = true\n",
            &["crates/x/Cargo.toml:3: pipeline (floor 3) uses app (floor 3), beside it: it may use lower floors only"],
        );
    }

    #[test]
    fn a_short_cut_of_tests_of_a_platform_or_under_another_name_is_found_too() {
        check_lines(
            "[package]\nname = 'domain'\n[dev-dependencies]\nstorage.workspace = true\n\
             [target.'cfg(unix)'.dependencies]\nsimulator.workspace = true\n\
             [build-dependencies]\nstore = { package = 'storage', path = '../storage' }\n",
            &[
                "crates/x/Cargo.toml:4: domain (floor 0) uses storage (floor 2), above it: it may use lower floors only",
                "crates/x/Cargo.toml:6: domain (floor 0) uses simulator (floor 1), above it: it may use lower floors only",
                "crates/x/Cargo.toml:8: domain (floor 0) uses storage (floor 2), above it: it may use lower floors only",
            ],
        );
    }

    #[test]
    fn the_testkit_is_for_tests_only() {
        check_lines("[package]\nname = 'domain'\n[dev-dependencies]\ntestkit.workspace = true\n", &[]);
        check_lines("[package]\nname = 'testkit'\n[dependencies]\nstorage.workspace = true\n", &[]);
        check_lines(
            "[package]\nname = 'epitrace'\n[dependencies]\ntestkit.workspace = true\n",
            &["crates/x/Cargo.toml:4: epitrace uses testkit, which only tests use: make it a dev-dependency"],
        );
    }

    #[test]
    fn nobody_uses_the_chores() {
        check_lines(
            "[package]\nname = 'testkit'\n[dependencies]\nxtask.workspace = true\n",
            &["crates/x/Cargo.toml:4: testkit uses xtask, which stands beside the floors: nobody uses it"],
        );
    }

    #[test]
    fn an_unknown_crate_needs_a_floor_first() {
        check_lines(
            "[package]\nname = 'helpers'\n",
            &["crates/x/Cargo.toml:2: helpers has no floor yet: add it to the table in xtask/src/floors.rs"],
        );
    }
}
