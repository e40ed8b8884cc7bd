//! Asks PostgreSQL through `psql`, which comes with the server: the chores need no driver of their own.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

/// Variables that would lead a PostgreSQL program to another server or database than the one it was told.
pub const AMBIENT: &[&str] = &[
    "PGAPPNAME",
    "PGDATA",
    "PGDATABASE",
    "PGHOST",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGPASSWORD",
    "PGPORT",
    "PGSERVICE",
    "PGSSLMODE",
    "PGUSER",
];

/// Runs statements on the database `postgres` of a server; gives the lines of their answers.
///
/// The server is a URL without a database, such as `postgres://postgres@127.0.0.1:5432`.
///
/// # Errors
///
/// If `psql` is missing, the server isn't there or a statement fails; the rest isn't run then.
pub fn ask(server: &str, sql: &str) -> Result<Vec<String>> {
    let mut psql = Command::new("psql");
    for name in AMBIENT {
        psql.env_remove(name);
    }
    psql.args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]);
    psql.arg(format!("--dbname={}/postgres", server.trim_end_matches('/'))).arg(format!("--command={sql}"));
    let output = psql.stdin(Stdio::null()).stderr(Stdio::inherit()).output().context("cannot run psql")?;
    ensure!(output.status.success(), "psql failed: {}", output.status);
    let text = String::from_utf8(output.stdout).context("psql's answer is not UTF-8")?;
    Ok(text.lines().map(str::to_owned).collect())
}
