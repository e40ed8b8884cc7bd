//! What may be typed. The doc comments here are the help.

mod node;
mod operators;
mod rules;
mod runs;
mod tables;

pub use node::NodeArgs;
pub use operators::{Admin, Audit, Keyring, Keys, ListFormatWord, Messages, Retention, RoleWord, Territory};
pub use rules::{Rules, RulesOf};
pub use runs::{NewRun, RunParameters, Runs, Simulate};
pub use tables::{Export, ExportWord, Import, ImportFile};

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Contact tracing: from a confirmed infection to everyone who was exposed.
#[derive(Debug, Parser)]
#[command(name = "epitrace", version, max_term_width = 110)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What all commands have in common.
    #[command(flatten)]
    pub common: Common,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Data folder [default: epitrace in the user's data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file (TOML); names a PostgreSQL database, for example
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Short code of the authority; needed where there are several
    #[arg(long, global = true, value_name = "CODE")]
    pub authority: Option<String>,
    /// Account that acts [default on SQLite: cli:USER, made at first use]
    #[arg(long, global = true, value_name = "NAME")]
    pub account: Option<String>,
    /// Folder of the keyring [default: keyring in the data folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub keyring: Option<PathBuf>,
    /// File whose first line is the secret of the keyring
    #[arg(long, global = true, value_name = "FILE")]
    pub unlock_file: Option<PathBuf>,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub json: bool,
    /// Print only results and errors
    #[arg(long, global = true)]
    pub quiet: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring in a line list, infection links, encounters or visits
    #[command(subcommand)]
    Import(Import),
    /// Write cases as a file
    #[command(after_help = "Kinds:\n  \
        cases                        everything about each case\n  \
        line_list                    cases without names, for counting\n  \
        quarantines                  by the day of the decision\n  \
        contacts_without_quarantine  contacts at work without days of quarantine\n  \
        external                     cases of other authorities, by these\n  \
        sormas, sormas_contacts      for the two imports of SORMAS\n  \
        fhir                         FHIR R4, as JSON\n  \
        template                     an empty line list to be filled in and imported\n\n\
        Whose data leaves is recorded in the audit log before it does.\n\n\
        Example:\n  epitrace export line_list --out linelist-export.csv")]
    Export(Export),
    /// Who was exposed to a person, with the evidence
    #[command(after_help = "Example:\n  epitrace exposed SK_14 --generations 2")]
    Exposed(Trace),
    /// Who may have infected a person, with the evidence
    #[command(after_help = "Example:\n  epitrace sources SK_14")]
    Sources(Trace),
    /// Reports
    #[command(subcommand)]
    Report(Report),
    /// Authorities and accounts
    #[command(subcommand)]
    Admin(Admin),
    /// Which authority is responsible for which postcode
    #[command(subcommand)]
    Territory(Territory),
    /// Mails that wait to be sent
    #[command(subcommand)]
    Messages(Messages),
    /// The audit log
    #[command(subcommand)]
    Audit(Audit),
    /// The rules of the authority: infectious days, quarantine, close contact, and so on
    #[command(subcommand)]
    Rules(Rules),
    /// The keys that seal personal fields
    #[command(subcommand)]
    Keys(Keys),
    /// The process that holds the keyring for servers of other hosts
    #[command(subcommand)]
    Keyring(Keyring),
    /// Delete what has reached the end of its period
    #[command(subcommand)]
    Retention(Retention),
    /// Write a backup into an empty folder, while others work
    #[command(after_help = "Example:\n  epitrace backup /srv/backups/today")]
    Backup {
        /// Folder of the backup; empty or not there yet
        folder: PathBuf,
    },
    /// Bring a backup back into an empty data folder or database
    #[command(
        after_help = "--replay is for a database that is there again by other means, such as PostgreSQL's own backups: it deletes \
        again what the ledger of erasures beside the keyring lists, ends sessions, codes, links and keys of programs, keeps \
        back mail, and freezes authorities until `epitrace admin activate`. Until then servers refuse the database.\n\n\
        Examples:\n  epitrace restore /srv/backups/today --data /srv/epitrace\n  epitrace restore --replay --data /srv/epitrace"
    )]
    Restore {
        /// Folder of the backup
        #[arg(required_unless_present = "replay")]
        folder: Option<PathBuf>,
        /// Bring no rows back: do what must be done after PostgreSQL was restored by its own means
        #[arg(long, conflicts_with = "folder")]
        replay: bool,
    },
    /// Serve the page and the API
    #[command(
        after_help = "Example:\n  epitrace serve --listen 127.0.0.1:7373\n\nA first administrator signs in by the \
        link that is printed. Beyond this machine TLS is needed: see [server] in the configuration."
    )]
    Serve {
        /// Address and port [default: 127.0.0.1:7373]
        #[arg(long, value_name = "ADDR", overrides_with = "listen")]
        listen: Option<std::net::SocketAddr>,
        /// Serve a real outbreak from a folder of its own, which is made anew each time
        #[arg(long)]
        demo: bool,
        /// Open the page in this machine's browser, where there is one
        #[arg(long)]
        open: bool,
    },
    /// Store what nodes report to Apache Kafka, with as many members of the group as are needed, until told to end
    #[command(
        after_help = "For installations with [event_log] brokers in the configuration: on the machine of a server, or on others that \
        reach its PostgreSQL. While 20,000 records wait for ten seconds, one more member is started; while fewer than 2,000 \
        wait for two minutes, one ends. Servers with consume = false leave it all to these.\n\nExample:\n  \
        epitrace consume --min 1 --max 4 --config /etc/epitrace/kafka.toml"
    )]
    Consume {
        /// Members at least
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
        min: u32,
        /// Members at most; never more than the topic has partitions
        #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=64))]
        max: u32,
    },
    /// Let nodes move, meet and infect each other, as many as memory holds, and say what happened
    #[command(
        after_help = "The same parameters and the same seed give the same run, on any number of threads: compare the \
        digest.\n\nExamples:\n  epitrace simulate --safe 190 --infected 10 --csv /tmp/run\n  \
        epitrace simulate --safe 9990 --infected 10 --width 2236 --height 2236 --lifetime 60 --json"
    )]
    Simulate(Simulate),
    /// Runs of the proximity network: nodes that a server keeps, or processes, watched on its live map
    #[command(subcommand)]
    Runs(Runs),
    /// Be a node of the proximity network, or several: move, tell others where, listen, report
    #[command(
        after_help = "Nodes in the same network hear each other over UDP. Without --server nobody stores what they \
        report. What a process that is killed hadn't reported is lost.\n\nExamples:\n  \
        epitrace node --infected --lifetime 20 --second 50ms\n  \
        epitrace node --count 5 --position 50,50 --lifetime 20 --second 50ms --port 4712"
    )]
    Node(NodeArgs),
    /// Print the description of the API (OpenAPI 3.1)
    #[command(after_help = "Example:\n  epitrace openapi > openapi.json")]
    Openapi,
    /// Check that everything is in order, and say what to do where it isn't
    Doctor {
        /// Count all cases anew first, and keep that for the reports
        #[arg(long)]
        recount: bool,
    },
    /// Bring the schema of the database up to date
    Migrate,
    /// Make up a plausible outbreak and import it into a folder of its own
    #[command(after_help = "Example:\n  epitrace demo --cases 200 --data /tmp/epitrace-demo")]
    Demo {
        /// How many cases
        #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=2_000_000))]
        cases: u32,
        /// The same seed makes the same outbreak
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Write the four files into this folder instead of importing them
        #[arg(long, value_name = "DIR")]
        files: Option<PathBuf>,
    },
    /// Print completions for a shell
    #[command(after_help = "Example:\n  epitrace completions bash > /etc/bash_completion.d/epitrace")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Whom to trace.
#[derive(Debug, Args)]
pub struct Trace {
    /// Reference of the person in the imported files, or their UUID
    pub person: String,
    /// Only from this instant or day on
    #[arg(long, value_name = "T")]
    pub from: Option<String>,
    /// Only until this instant, or the end of this day
    #[arg(long, value_name = "T")]
    pub until: Option<String>,
    /// How many generations
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub generations: u32,
    /// Disease by whose rules to trace [default: the only one the person has, else the authority's]
    #[arg(long, value_name = "NAME", value_parser = disease)]
    pub disease: Option<domain::diseases::Disease>,
}

/// Reports.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// Chains, serial interval, dispersion, reproduction number
    #[command(after_help = "Example:\n  epitrace report outbreak --json")]
    Outbreak {
        /// Which disease [default: the only disease that has cases, else the authority's]
        #[arg(long, value_name = "NAME", value_parser = disease)]
        disease: Option<domain::diseases::Disease>,
        /// Serial interval to use: mean and standard deviation in days
        #[arg(long, value_name = "MEAN,SD", value_parser = serial_interval)]
        serial_interval: Option<domain::diseases::SerialIntervalDays>,
        /// Window of the reproduction number, in days
        #[arg(long, value_name = "DAYS", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=60))]
        window: u32,
    },
}

fn disease(text: &str) -> Result<domain::diseases::Disease, String> {
    domain::diseases::Disease::find(&text.to_lowercase()).ok_or_else(|| {
        let known: Vec<&str> = domain::diseases::Disease::ALL.iter().map(|disease| disease.as_str()).collect();
        format!("write one of {}", known.join(", "))
    })
}

fn serial_interval(text: &str) -> Result<domain::diseases::SerialIntervalDays, String> {
    let parse = || {
        let (mean, sd) = text.split_once(',')?;
        let (mean, sd) = (mean.trim().parse::<f64>().ok()?, sd.trim().parse::<f64>().ok()?);
        (mean > 1.0 && mean < 100.0 && sd > 0.0 && sd < 100.0).then_some((mean, sd))
    };
    let (mean, sd) = parse().ok_or("write mean and standard deviation in days, such as 14.5,5.2; the mean above 1")?;
    Ok(domain::diseases::SerialIntervalDays { mean, sd })
}
