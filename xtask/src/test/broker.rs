//! An Apache Kafka for one run of the tests, gone afterwards however the run ends.
//!
//! A shell script keeps it (`broker.sh`) and lives as long as a pipe from here stays open, as PostgreSQL's does. It is one
//! process, broker and controller at once, and takes 250 to 350 MB.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

const KEEPER: &str = include_str!("broker.sh");

/// The ports are chosen before the broker takes them; somebody else may have been faster.
const TRIES: usize = 3;

/// A running broker. Stopped and deleted when dropped.
pub struct Broker {
    folder: PathBuf,
    port: u16,
    keeper: Child,
    says: BufReader<ChildStdout>,
}

impl Broker {
    /// Starts a broker without topics.
    ///
    /// # Errors
    ///
    /// If there is no Java, or the broker doesn't start.
    pub fn start(jars: &Path) -> Result<Self> {
        for _ in 0..TRIES {
            if let Some(broker) = Self::try_start(jars)? {
                return Ok(broker);
            }
        }
        bail!("Apache Kafka in {} doesn't start; is there a Java 17? `scripts/setup test` installs one", jars.display())
    }

    fn try_start(jars: &Path) -> Result<Option<Self>> {
        // Both are held until both are known, so that they differ.
        let free = || TcpListener::bind("127.0.0.1:0");
        let (broker, controller) = (free()?, free()?);
        let (port, controller_port) = (broker.local_addr()?.port(), controller.local_addr()?.port());
        drop((broker, controller));
        let mut command = Command::new("sh");
        command.arg("-c").arg(KEEPER).arg("keeper").arg(jars).args([port.to_string(), controller_port.to_string()]);
        // A process group of its own, so that Ctrl-C doesn't reach it.
        command.current_dir("/").process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().context("cannot start Apache Kafka's keeper")?;
        let mut says = BufReader::new(keeper.stdout.take().context("the keeper has no output")?);
        let mut folder = String::new();
        says.read_line(&mut folder)?;
        if folder.is_empty() {
            keeper.wait()?;
            return Ok(None);
        }
        Ok(Some(Self { folder: folder.trim_end().into(), port, keeper, says }))
    }

    /// Returns the broker's address.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the broker as `kill -9` does. What it has written stays.
    ///
    /// # Errors
    ///
    /// If its keeper is gone.
    #[allow(dead_code, reason = "only tests that include this file kill brokers")]
    pub fn kill(&mut self) -> Result<()> {
        self.tell("kill")
    }

    /// Starts the broker again, on what it had written, and waits until it answers.
    ///
    /// # Errors
    ///
    /// If it doesn't start.
    #[allow(dead_code, reason = "only tests that include this file kill brokers")]
    pub fn start_again(&mut self) -> Result<()> {
        self.tell("start")
    }

    /// Copies what the broker said, to be read after it is gone.
    ///
    /// # Errors
    ///
    /// If the copy can't be written.
    #[allow(dead_code, reason = "only the chore that runs the tests keeps it")]
    pub fn keep_log(&self, path: &Path) -> Result<()> {
        std::fs::copy(self.folder.join("log"), path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(())
    }

    fn tell(&mut self, word: &str) -> Result<()> {
        let stdin = self.keeper.stdin.as_mut().context("the keeper takes no words")?;
        writeln!(stdin, "{word}").context("the keeper of Apache Kafka is gone")?;
        let mut done = String::new();
        self.says.read_line(&mut done)?;
        ensure!(done.trim_end() == word, "the keeper of Apache Kafka could not {word} it");
        Ok(())
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("cannot wait for Apache Kafka to stop: {error}");
        }
    }
}
