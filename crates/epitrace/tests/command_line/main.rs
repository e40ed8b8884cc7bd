//! The command line as its users type it: names, JSON fields, exit codes, and what lies on the disk.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod answers;
/// Brokers of one's own, kept as the test run keeps its own.
#[path = "../../../../xtask/src/test/broker.rs"]
mod broker;
mod brokers;
mod check_ins_killed;
mod check_ins_synced;
mod damaged_log;
mod deployed;
mod draining;
mod dumped;
mod errors;
mod examples;
mod exports;
mod faults;
mod fresh;
mod interrupted;
mod keyring_hosts;
mod keys;
mod mail;
mod migrations;
mod node;
mod postgres;
mod published;
mod put_back;
mod rules;
mod run_backups;
mod run_processes;
mod runs;
mod sealed;
mod serve;
mod simulate;
mod territory;
mod traces;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

pub const BIN: &str = env!("CARGO_BIN_EXE_epitrace");

/// A folder of one's own, with a data folder in it.
pub struct Desk {
    pub folder: TempDir,
    pub options: Vec<String>,
}

/// What a command said, and how it ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Default for Desk {
    fn default() -> Self {
        Self::new()
    }
}

impl Desk {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let data = folder.path().join("data").display().to_string();
        Self { folder, options: vec!["--data".to_owned(), data] }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BIN);
        command.args(args).args(&self.options).env("HOME", self.folder.path()).env("USER", "tester");
        for name in ["XDG_DATA_HOME", "EPITRACE_TEST_POSTGRES", "EPITRACE_TEST_KAFKA"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        said(self.command(args).output().unwrap())
    }

    /// Runs a command that must succeed.
    pub fn ok(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Makes an administrator; returns the secret of the link by which they sign in at first.
    pub fn administrators_link(&self) -> String {
        let said = self.ok(&["admin", "create-account", "ada", "--role", "administrator"]);
        let (_, link) = said.split_once("/invitation#").unwrap();
        link.split_once(',').unwrap().0.to_owned()
    }

    pub fn json(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.ok(&[args, &["--json"]].concat())).unwrap()
    }

    pub fn import_mers(&self) {
        let (cases, links) = (demo("mers_korea_2015_linelist.csv"), demo("mers_korea_2015_contacts.csv"));
        let columns = "id=id,onset=dt_onset,reported=dt_report,age=age,sex=sex,place=loc_hosp,outcome=outcome";
        self.ok(&["import", "cases", &cases, "--columns", columns, "--disease", "mers"]);
        self.ok(&[
            "import",
            "infections",
            &links,
            "--columns",
            "from=from,to=to,setting=exposure",
            "--disease",
            "mers",
        ]);
    }
}

pub fn said(output: Output) -> Said {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

pub fn demo(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../demo").join(name).display().to_string()
}

/// Lists all files below a folder.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}
