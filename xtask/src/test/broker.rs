//! An Apache Kafka for one run of the tests, gone afterwards however the run ends.
//!
//! A shell script keeps each broker (`broker.sh`) and lives as long as a pipe from here stays open, as PostgreSQL's does. A
//! broker is one process, controller too, and takes 250 to 350 MB.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

const KEEPER: &str = include_str!("broker.sh");

/// The ports are chosen before the broker takes them; somebody else may have been faster.
const TRIES: usize = 3;

/// Of clusters of several brokers, which are known by where they listen.
const CLUSTER_ID: &str = "ZXBpdHJhY2UtdGVzdHMtMQ";

/// What lets several brokers notice soon that one is away.
const QUICK: &str = "controller.quorum.election.timeout.ms=500\ncontroller.quorum.fetch.timeout.ms=1000\n\
                     replica.lag.time.max.ms=3000\n";

/// A running broker. Stopped and deleted when dropped.
pub struct Broker {
    folder: PathBuf,
    port: u16,
    keeper: Child,
    says: BufReader<ChildStdout>,
}

/// Where a broker listens: to its clients, and to those that agree with it on who leads.
#[derive(Clone, Copy)]
pub struct Ports {
    /// To clients.
    pub clients: u16,
    /// To controllers.
    pub controllers: u16,
}

/// What a broker is told beside what all are told.
#[derive(Clone, Default)]
pub struct Told {
    /// Lines of its settings; they win over those that all have.
    pub lines: String,
    /// The id of its cluster; `None` for one of its own.
    pub cluster_id: Option<String>,
    /// Words for Kafka's program that prepares its folder: users, for instance.
    pub prepared_with: Vec<String>,
}

impl Broker {
    /// Starts a broker without topics.
    ///
    /// # Errors
    ///
    /// If there is no Java, or the broker doesn't start.
    #[allow(dead_code, reason = "some tests that include this file only start brokers with settings of their own")]
    pub fn start(jars: &Path) -> Result<Self> {
        Self::start_told(jars, |_| Told::default())
    }

    /// The same, with settings of its own.
    ///
    /// # Errors
    ///
    /// As [`Broker::start`].
    pub fn start_told(jars: &Path, told: impl Fn(Ports) -> Told) -> Result<Self> {
        let start = |ports: Vec<Ports>| Self::start_all(jars, &[(ports[0], told(ports[0]))]);
        let mut brokers = tries(jars, 1, start)?;
        brokers.pop().context("no broker was started")
    }

    /// Starts brokers that are one cluster: what one had is on the others too.
    ///
    /// # Errors
    ///
    /// As [`Broker::start`].
    #[allow(dead_code, reason = "only tests that include this file have several")]
    pub fn start_cluster(jars: &Path, n: usize) -> Result<Vec<Self>> {
        Self::start_cluster_told(jars, n, |ports, id| {
            let voter = |(ports, id): (&Ports, usize)| format!("{id}@127.0.0.1:{}", ports.controllers);
            let voters: Vec<String> = ports.iter().zip(1..).map(voter).collect();
            let voters = voters.join(",");
            let lines = format!(
                "node.id={id}\ncontroller.quorum.voters={voters}\noffsets.topic.replication.factor={n}\n\
                 min.insync.replicas={}\n",
                n / 2 + 1
            );
            Told { lines, ..Told::default() }
        })
    }

    /// The same, each with settings of its own: from the ports of all and its number, which begins at 1.
    ///
    /// # Errors
    ///
    /// As [`Broker::start`].
    #[allow(dead_code, reason = "only tests that include this file have several")]
    pub fn start_cluster_told(jars: &Path, n: usize, told: impl Fn(&[Ports], usize) -> Told) -> Result<Vec<Self>> {
        tries(jars, n, |ports| {
            let told = |id: usize| {
                let Told { lines, prepared_with, .. } = told(&ports, id);
                let lines = format!("{QUICK}{lines}");
                Told { lines, cluster_id: Some(CLUSTER_ID.to_owned()), prepared_with }
            };
            let members: Vec<(Ports, Told)> = ports.iter().zip(1..).map(|(ports, id)| (*ports, told(id))).collect();
            Self::start_all(jars, &members)
        })
    }

    /// Starts brokers beside each other: those of one cluster wait for each other. `None` if one of them doesn't start.
    fn start_all(jars: &Path, members: &[(Ports, Told)]) -> Result<Option<Vec<Self>>> {
        let spawned: Result<Vec<Self>> = members.iter().map(|(ports, told)| Self::spawn(jars, *ports, told)).collect();
        let mut started = Vec::new();
        for mut broker in spawned? {
            let mut folder = String::new();
            broker.says.read_line(&mut folder)?;
            broker.folder = folder.trim_end().into();
            started.push(broker);
        }
        let have_all = started.iter().all(|broker| !broker.folder.as_os_str().is_empty());
        Ok(have_all.then_some(started))
    }

    fn spawn(jars: &Path, ports: Ports, told: &Told) -> Result<Self> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(KEEPER).arg("keeper").arg(jars);
        command.args([ports.clients.to_string(), ports.controllers.to_string()]);
        command.arg(&told.lines).arg(told.cluster_id.as_deref().unwrap_or_default()).args(&told.prepared_with);
        // A process group of its own, so that Ctrl-C doesn't reach it.
        command.current_dir("/").process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().context("cannot start Apache Kafka's keeper")?;
        let says = BufReader::new(keeper.stdout.take().context("the keeper has no output")?);
        Ok(Self { folder: PathBuf::new(), port: ports.clients, keeper, says })
    }

    /// Returns the broker's address.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns where its topics are: a folder for each partition.
    #[allow(dead_code, reason = "only benchmarks look at them")]
    pub fn topics(&self) -> PathBuf {
        self.folder.join("data")
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

/// Tries a few times to start brokers on free ports.
fn tries(jars: &Path, n: usize, start: impl Fn(Vec<Ports>) -> Result<Option<Vec<Broker>>>) -> Result<Vec<Broker>> {
    for _ in 0..TRIES {
        if let Some(brokers) = start(free_ports(n)?)? {
            return Ok(brokers);
        }
    }
    bail!("Apache Kafka in {} doesn't start; is there a Java 17? `scripts/setup test` installs one", jars.display())
}

/// Returns ports of which nobody uses one just now.
///
/// # Errors
///
/// If there are none.
pub fn free_ports(n: usize) -> Result<Vec<Ports>> {
    // All are held until all are known, so that they differ.
    let held: std::io::Result<Vec<TcpListener>> = (0..2 * n).map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    let ports: std::io::Result<Vec<u16>> = held?.iter().map(|held| Ok(held.local_addr()?.port())).collect();
    Ok(ports?.chunks(2).map(|two| Ports { clients: two[0], controllers: two[1] }).collect())
}

impl Drop for Broker {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("cannot wait for Apache Kafka to stop: {error}");
        }
    }
}
