//! A PostgreSQL server for one run of the tests, gone afterwards however the run ends.
//!
//! A shell script keeps it (`keeper.sh`) and lives as long as a pipe from here stays open. So a panic, Ctrl-C
//! and even `kill -9` of this program end the server too, and nothing is left to hinder the next run.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

const KEEPER: &str = include_str!("keeper.sh");

/// The port is chosen before the server takes it; somebody else may have been faster.
const TRIES: usize = 3;

const FIRST_VERSION: u32 = 15;

/// A running server. Stopped and deleted when dropped.
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    keeper: Child,
}

impl Cluster {
    /// Starts a server with the roles of an installation and no database but its own.
    ///
    /// # Errors
    ///
    /// If no PostgreSQL is installed, or it doesn't start.
    pub fn start() -> Result<Self> {
        Self::start_with("")
    }

    /// Starts the same with lines of `postgresql.conf` of its own; they hold, whatever the tests' are.
    ///
    /// # Errors
    ///
    /// If no PostgreSQL is installed, or it doesn't start.
    pub fn start_with(settings: &str) -> Result<Self> {
        Self::start_beside(settings, "")
    }

    /// Starts a standby of a server, with all that is in it.
    ///
    /// # Errors
    ///
    /// If it doesn't start.
    #[allow(dead_code, reason = "the test run starts none; tests of standbys do")]
    pub fn standby_of(primary: &Self) -> Result<Self> {
        Self::start_beside("", &primary.port.to_string())
    }

    fn start_beside(settings: &str, primary: &str) -> Result<Self> {
        let programs = installed()?;
        for _ in 0..TRIES {
            if let Some(cluster) = Self::try_start(&programs, settings, primary)? {
                return Ok(cluster);
            }
        }
        bail!("PostgreSQL in {} doesn't start", programs.display())
    }

    fn try_start(programs: &Path, settings: &str, primary: &str) -> Result<Option<Self>> {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr())?.port();
        let mut command = as_server("sh")?;
        command.arg("-c").arg(KEEPER).arg("keeper").arg(programs).arg(port.to_string()).arg(settings).arg(primary);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().context("cannot start PostgreSQL's keeper")?;
        let mut folder = String::new();
        if let Some(stdout) = keeper.stdout.take() {
            BufReader::new(stdout).read_line(&mut folder)?;
        }
        if folder.is_empty() {
            keeper.wait()?;
            return Ok(None);
        }
        Ok(Some(Self { folder: folder.trim_end().into(), port, keeper }))
    }

    /// Returns the server's address for its superuser, without a database.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}", self.port)
    }

    /// Copies the server's log, to be read after it is gone.
    ///
    /// # Errors
    ///
    /// If the copy can't be written.
    pub fn keep_log(&self, path: &Path) -> Result<()> {
        std::fs::copy(self.folder.join("log"), path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("cannot wait for PostgreSQL to stop: {error}");
        }
    }
}

/// Returns the program of the server that is started.
///
/// # Errors
///
/// If there is none.
#[allow(dead_code, reason = "benchmarks say which it was; tests don't")]
pub fn postgres() -> Result<PathBuf> {
    Ok(installed()?.join("postgres"))
}

fn installed() -> Result<PathBuf> {
    programs(Path::new("/usr/lib/postgresql")).context("PostgreSQL 15 or newer is missing: run scripts/setup test")
}

/// Returns the folder of the newest server's programs.
fn programs(folder: &Path) -> Option<PathBuf> {
    let versions = std::fs::read_dir(folder).ok()?.flatten();
    let versions = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let programs = |version: u32| folder.join(version.to_string()).join("bin");
    let installed = versions.filter(|version| *version >= FIRST_VERSION && programs(*version).join("initdb").exists());
    installed.max().map(programs)
}

/// Prepares a program in a process group of its own, so that Ctrl-C doesn't reach it. PostgreSQL refuses to run
/// as root; then it runs as the user that its package made.
pub fn as_server(program: &str) -> Result<Command> {
    let is_root = std::fs::metadata("/proc/self").context("cannot tell who runs this")?.uid() == 0;
    let mut command = if is_root {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups", "--", program]);
        command.env_remove("TMPDIR");
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/").process_group(0);
    Ok(command)
}
