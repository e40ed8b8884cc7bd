//! No statement ships that the tests never ran on PostgreSQL.
//!
//! Statements are named by their first line (`-- cases::insert`), and PostgreSQL counts what it runs in
//! `pg_stat_statements`, first line included. A name in the source that isn't counted was never tried: its
//! syntax, its types and the rights of the role that runs it are guesses.

mod source;

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};

use crate::{psql, workspace};

/// Statements that only SQLite has.
const SQLITE_ONLY: &[&str] = &["backup::vacuum_into"];

/// From this version on PostgreSQL drops comments before a statement, and with them the names.
const FIRST_VERSION_WITHOUT_NAMES: u32 = 18;

/// Compares the statements in the source with those that the server of `$EPITRACE_TEST_POSTGRES` ran.
///
/// # Errors
///
/// If there is no such server, or it forgot some statements, so that it can't tell.
pub fn run() -> Result<ExitCode> {
    let server = std::env::var("EPITRACE_TEST_POSTGRES").context("EPITRACE_TEST_POSTGRES names no server")?;
    check(&server)
}

/// Compares the statements in the source with those that a server ran.
///
/// # Errors
///
/// As [`run`].
pub fn check(server: &str) -> Result<ExitCode> {
    let version = psql::ask(server, "SELECT current_setting('server_version_num')::int / 10000")?.concat();
    if version.parse::<u32>()? >= FIRST_VERSION_WITHOUT_NAMES {
        println!("statements: not checked, since PostgreSQL {version} doesn't keep their names; use 15, 16 or 17");
        return Ok(ExitCode::SUCCESS);
    }
    let written = source::statements_in(&workspace::root().join("crates/storage/src"))?;
    let ran = ran_on(server)?;
    let complaints = complaints(&written, &ran);
    for complaint in &complaints {
        println!("{complaint}");
    }
    if complaints.is_empty() {
        println!("statements: the tests ran all {} on PostgreSQL {version}", written.len() - SQLITE_ONLY.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("PostgreSQL counts statements that differ only in constants as one, under the name that came first.");
    Ok(ExitCode::FAILURE)
}

/// Returns the names of the statements that a server counted.
fn ran_on(server: &str) -> Result<BTreeSet<String>> {
    let forgotten = psql::ask(server, "SELECT dealloc FROM pg_stat_statements_info")?.concat();
    ensure!(forgotten == "0", "pg_stat_statements forgot some statements: raise pg_stat_statements.max");
    let sql = "SELECT DISTINCT substring(query FROM '^-- ([a-z0-9_]+::[a-z0-9_]+)') FROM pg_stat_statements
                WHERE query ~ '^-- [a-z0-9_]+::'";
    Ok(psql::ask(server, sql)?.into_iter().collect())
}

/// Returns what is wrong, a line each, in the order of the names.
fn complaints(written: &BTreeSet<String>, ran: &BTreeSet<String>) -> Vec<String> {
    let never_ran = written.difference(ran).filter(|name| !SQLITE_ONLY.contains(&name.as_str()));
    let mut complaints: Vec<String> =
        never_ran.map(|name| format!("{name}: the tests never ran it on PostgreSQL")).collect();
    for name in SQLITE_ONLY {
        if !written.contains(*name) {
            complaints.push(format!("{name}: is listed as SQLite's only, but no longer written"));
        } else if ran.contains(*name) {
            complaints.push(format!("{name}: is listed as SQLite's only, but PostgreSQL ran it"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &[&str], ran: &[&str], expected: &[&str]) {
        let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        assert_eq!(complaints(&set(written), &set(ran)), expected);
    }

    #[test]
    fn a_statement_that_never_ran_is_named() {
        let all = ["backup::vacuum_into", "cases::insert", "cases::replace"];
        check(&all, &["cases::insert", "cases::replace"], &[]);
        check(&all, &["cases::insert"], &["cases::replace: the tests never ran it on PostgreSQL"]);
    }

    #[test]
    fn what_only_sqlite_has_stays_true() {
        check(&[], &[], &["backup::vacuum_into: is listed as SQLite's only, but no longer written"]);
        let all = ["backup::vacuum_into"];
        check(&all, &all, &["backup::vacuum_into: is listed as SQLite's only, but PostgreSQL ran it"]);
    }

    #[test]
    fn the_storage_crate_names_its_statements() {
        let written = source::statements_in(&workspace::root().join("crates/storage/src")).unwrap();
        assert!(written.contains("backup::vacuum_into"), "{written:?}");
    }
}
