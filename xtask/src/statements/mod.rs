//! No statement ships that the tests never ran on PostgreSQL.
//!
//! Statements are named by their first line (`-- cases::insert`), and the server of the tests logs all that it
//! executes. A name in the source that isn't in the log was never tried: its syntax, its types and the rights of
//! the role that runs it are guesses. The log is read rather than `pg_stat_statements`, which counts statements
//! that read the same as one, under the name that came first, and which from version 18 on keeps no names.

mod source;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::workspace;

/// Statements that only SQLite has, or only SQLite needs.
const SQLITE_ONLY: &[&str] = &[
    "backup::vacuum_into",
    // Files of days; PostgreSQL has partitions.
    "check_ins::body_of_block",
    "check_ins::change_block",
    "check_ins::change_list_of_venue",
    "check_ins::copy_day",
    "check_ins::delete_lists_of_authority",
    "check_ins::heads_after",
    "check_ins::heads_of_all",
    "check_ins::ids_of_blocks",
    "check_ins::insert_block",
    "check_ins::insert_list",
    "check_ins::list_of_venue",
    "check_ins::make_open",
    "check_ins::make_packed",
    "check_ins::part_of_block",
    "check_ins::replace_block",
    // PostgreSQL takes arrays: `encounters::insert_arrays`.
    "encounters::insert",
    // A file of runs; PostgreSQL has tables beside the others.
    "runs::leave_out_dead_letters",
    "runs::vacuum_into",
];

/// Compares the statements in the source with those in the log of the last run of the tests.
///
/// # Errors
///
/// If there is no such log.
pub fn run() -> Result<ExitCode> {
    check(&workspace::test_log())
}

/// Compares the statements in the source with those in a server's log.
///
/// # Errors
///
/// If the source or the log can't be read.
pub fn check(log: &Path) -> Result<ExitCode> {
    let written = source::statements_in(&workspace::root().join("crates/storage/src"))?;
    let log = File::open(log).with_context(|| format!("cannot read {}; run `make test` first", log.display()))?;
    let complaints = complaints(&written, &executed(BufReader::new(log))?);
    for complaint in &complaints {
        println!("{complaint}");
    }
    if complaints.is_empty() {
        println!("statements: the tests ran all {} on PostgreSQL", written.len() - SQLITE_ONLY.len());
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::FAILURE)
}

/// Returns the names of the statements that a server executed, from its log.
fn executed(log: impl BufRead) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for line in log.split(b'\n') {
        let line = line.context("cannot read the server's log")?;
        let line = String::from_utf8_lossy(&line);
        if !line.contains("LOG:  execute ") && !line.contains("LOG:  statement: ") {
            continue;
        }
        let name = line.find(": -- ").and_then(|at| source::name_of(&line[at + 2..]));
        names.extend(name.map(str::to_owned));
    }
    Ok(names)
}

/// Returns what is wrong, a line each, in the order of the names.
fn complaints(written: &BTreeSet<String>, executed: &BTreeSet<String>) -> Vec<String> {
    let never = written.difference(executed).filter(|name| !SQLITE_ONLY.contains(&name.as_str()));
    let mut complaints: Vec<String> =
        never.map(|name| format!("{name}: the tests never ran it on PostgreSQL")).collect();
    for name in SQLITE_ONLY {
        if !written.contains(*name) {
            complaints.push(format!("{name}: is listed as SQLite's only, but no longer written"));
        } else if executed.contains(*name) {
            complaints.push(format!("{name}: is listed as SQLite's only, but PostgreSQL ran it"));
        }
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &[&str], log: &str, expected: &[&str]) {
        let written = written.iter().map(ToString::to_string).collect();
        assert_eq!(complaints(&written, &executed(log.as_bytes()).unwrap()), expected);
    }

    #[test]
    fn a_statement_that_never_ran_is_named() {
        let all = [SQLITE_ONLY, &["cases::insert", "cases::replace"]].concat();
        let log = "2020-03-01 10:00:00 UTC [7] LOG:  execute sqlx_s_3: -- cases::insert\n\tINSERT …\n";
        check(&all, log, &["cases::replace: the tests never ran it on PostgreSQL"]);
        let log = format!("{log}2020-03-01 10:00:01 UTC [7] LOG:  statement: -- cases::replace\n\tUPDATE …\n");
        check(&all, &log, &[]);
    }

    #[test]
    fn a_statement_that_was_only_refused_never_ran() {
        let log = "2020-03-01 10:00:00 UTC [7] STATEMENT:  -- cases::insert\n\tINSERT …\n";
        let all = [SQLITE_ONLY, &["cases::insert"]].concat();
        check(&all, log, &["cases::insert: the tests never ran it on PostgreSQL"]);
    }

    #[test]
    fn what_only_sqlite_has_stays_true() {
        let (name, others) = SQLITE_ONLY.split_first().unwrap();
        check(others, "", &[&format!("{name}: is listed as SQLite's only, but no longer written")]);
        let log = format!("LOG:  statement: -- {name}\n");
        check(SQLITE_ONLY, &log, &[&format!("{name}: is listed as SQLite's only, but PostgreSQL ran it")]);
    }

    #[test]
    fn the_storage_crate_names_its_statements() {
        let written = source::statements_in(&workspace::root().join("crates/storage/src")).unwrap();
        assert!(written.contains("backup::vacuum_into"), "{written:?}");
    }
}
