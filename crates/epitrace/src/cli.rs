//! What may be typed. The doc comments here are the help.

mod node;
mod runs;

pub use node::NodeArgs;
pub use runs::{NewRun, RunParameters, Runs, Simulate};

use clap::{Args, Parser, Subcommand, ValueEnum};
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

/// What to import.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// A line list: one row a case
    #[command(after_help = "Fields: id first_name last_name born sex age phone mobile email street house_number \
        postcode city disease onset tested reported classification place setting outcome died exposed_first exposed_last \
        note\n\nExample:\n  epitrace import cases linelist.csv --columns id=nr,onset=dt_onset,age=age")]
    Cases(RowsOfDisease),
    /// Who infected whom
    #[command(after_help = "Fields: from to setting date\n\nExample:\n  \
        epitrace import infections links.csv --columns from=infector,to=infected")]
    Infections(RowsOfDisease),
    /// Who was in range of whom
    #[command(after_help = "Fields: time (with --interval), or from and until; a b distance_m\n\nExample:\n  \
        epitrace import encounters sensors.tsv.gz --columns time=1,a=2,b=3 --interval 20s")]
    Encounters(RowsInTime),
    /// Who was where, from when until when
    #[command(after_help = "Fields: person venue area from until\n\nExample:\n  \
        epitrace import visits stays.csv --columns person=id,venue=ward,from=in,until=out")]
    Visits(ImportFile),
    /// What laboratories found: one row a sample
    #[command(
        after_help = "Fields: laboratory sample result method specimen reported disease first_name last_name born \
        sex phone mobile email street house_number postcode city\n\nA positive result opens an index case, or goes into \
        the case of who is the same beyond doubt: both names and the birth date.\n\nExample:\n  \
        epitrace import laboratory results.csv --columns sample=order,result=finding,last_name=name"
    )]
    Laboratory(RowsOfDisease),
}

/// A file, and how to read it.
#[derive(Debug, Args)]
pub struct ImportFile {
    /// CSV or XLSX file; .gz is read as it is
    pub file: PathBuf,
    /// Which column is which field: field=column,…; numbers where there is no header
    #[arg(long, value_name = "MAPPING")]
    pub columns: String,
    /// Character between cells: , ; | or tab [default: recognised]
    #[arg(long, value_name = "C", value_parser = delimiter)]
    pub delimiter: Option<u8>,
    /// Order of dates such as 03/04/2020: dmy or mdy
    #[arg(long, value_name = "ORDER")]
    pub date_format: Option<String>,
    /// Store nothing, only say what would happen
    #[arg(long)]
    pub dry_run: bool,
    /// Store nothing, and fail, if one row is refused
    #[arg(long)]
    pub strict: bool,
    /// Take other values for what is there already
    #[arg(long)]
    pub update: bool,
    /// Write refused rows here, with the reason in a first column
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

/// What is written, and where.
#[derive(Debug, Args)]
pub struct Export {
    /// What it holds
    #[arg(value_enum, hide_possible_values = true)]
    pub kind: ExportWord,
    /// Write into this file, which must not be there yet [default: to the screen]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Which disease [default: the only disease that has cases, else the authority's; of quarantines,
    /// contacts_without_quarantine and external all]
    #[arg(long, value_name = "NAME", value_parser = disease)]
    pub disease: Option<domain::diseases::Disease>,
    /// Language of headers [default: the authority's]
    #[arg(long, value_enum)]
    pub language: Option<LanguageWord>,
    /// What stands between cells [default: what spreadsheets of the language read]
    #[arg(long, value_enum)]
    pub delimiter: Option<DelimiterWord>,
    /// Of quarantines: only those decided on this day or later
    #[arg(long, value_name = "DAY")]
    pub decided_first: Option<String>,
    /// Of quarantines: only those decided on this day or earlier
    #[arg(long, value_name = "DAY")]
    pub decided_last: Option<String>,
}

/// A kind of file, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum ExportWord {
    /// Everything about each case
    Cases,
    /// Cases without names
    LineList,
    /// By the day of the decision
    Quarantines,
    /// Contacts at work without days of quarantine
    ContactsWithoutQuarantine,
    /// Cases of other authorities
    External,
    /// Index cases for SORMAS
    Sormas,
    /// Contacts for SORMAS
    SormasContacts,
    /// FHIR R4
    Fhir,
    /// An empty line list
    Template,
}

/// A language of headers, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LanguageWord {
    /// German
    De,
    /// English
    En,
}

impl From<LanguageWord> for domain::languages::Language {
    fn from(word: LanguageWord) -> Self {
        match word {
            LanguageWord::De => Self::De,
            LanguageWord::En => Self::En,
        }
    }
}

/// What stands between cells, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DelimiterWord {
    /// For German spreadsheets
    Semicolon,
    /// For others
    Comma,
}

impl From<DelimiterWord> for domain::exports::Delimiter {
    fn from(word: DelimiterWord) -> Self {
        match word {
            DelimiterWord::Semicolon => Self::Semicolon,
            DelimiterWord::Comma => Self::Comma,
        }
    }
}

/// A file whose rows are of a disease.
#[derive(Debug, Args)]
pub struct RowsOfDisease {
    /// The file.
    #[command(flatten)]
    pub file: ImportFile,
    /// Disease of the rows [default: the authority's]
    #[arg(long, value_name = "NAME", value_parser = disease)]
    pub disease: Option<domain::diseases::Disease>,
}

/// A file whose rows may have a time instead of a beginning and an end.
#[derive(Debug, Args)]
pub struct RowsInTime {
    /// The file.
    #[command(flatten)]
    pub file: ImportFile,
    /// How long each row with a time lasts, such as 20s or 5min
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub interval: Option<jiff::SignedDuration>,
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

/// Authorities and accounts.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an authority with a key of its own
    #[command(after_help = "Example:\n  epitrace admin create-authority ma --name Mannheim --time-zone Europe/Berlin")]
    CreateAuthority {
        /// Short code: two to eight letters
        code: String,
        /// As people call it
        #[arg(long)]
        name: String,
        /// Region where its rows must stay
        #[arg(long, default_value = "local")]
        region: String,
        /// Time zone in which its days are counted
        #[arg(long, default_value = "Europe/Berlin")]
        time_zone: String,
        /// Languages, separated by commas
        #[arg(long, default_value = "de,en")]
        languages: String,
        /// Disease of imports that name none
        #[arg(long, default_value = "covid-19", value_parser = disease)]
        disease: domain::diseases::Disease,
    },
    /// Make an account
    #[command(after_help = "Example:\n  epitrace admin create-account kim --role case_worker")]
    CreateAccount {
        /// User name
        name: String,
        /// What it may do
        #[arg(long, value_enum)]
        role: RoleWord,
    },
    /// Make a link by which an account sets a new password and second factor
    #[command(after_help = "Example:\n  epitrace admin invite kim")]
    Invite {
        /// User name
        name: String,
    },
    /// Let authorities that a restore left frozen be written again
    #[command(after_help = "Example:\n  epitrace admin activate ma")]
    Activate {
        /// Their short codes
        #[arg(required_unless_present = "all")]
        codes: Vec<String>,
        /// All of this installation: only where no other cell may have one of them by now
        #[arg(long, conflicts_with = "codes")]
        all: bool,
    },
    /// Say which office of its country's list the authority is; what is left out stays
    #[command(after_help = "Example:\n  epitrace admin set-territory 1 --country AT --phone-code 43")]
    SetTerritory {
        /// Code of the office in the list, as `epitrace territory show` has it
        code: Option<String>,
        /// Country of the authority, two letters
        #[arg(long, value_name = "COUNTRY")]
        country: Option<String>,
        /// What stands before telephone numbers of the country, such as 49
        #[arg(long, value_name = "DIGITS")]
        phone_code: Option<String>,
    },
}

/// The lists of offices and postcodes.
#[derive(Debug, Subcommand)]
pub enum Territory {
    /// Import a country's list of offices and the postcodes that they serve; it replaces the one before
    #[command(
        after_help = "rki is the German list of health departments by the Robert Koch Institute (XML, also packed \
        with gzip).\ncsv is a table (CSV or XLSX) for any country, a row for each postcode and office, with the columns\n  \
        postcode   the postcode; a postcode that several offices serve has several rows\n  \
        code       the responsible office's code: letters, digits and . _ / -\n  \
        name       its name\n  \
        address, phone, email   may be missing\n\nExample:\n  \
        epitrace territory import offices.csv --format csv --country AT"
    )]
    Import {
        /// The list
        file: PathBuf,
        /// How it is written [default: rki if the file's name ends with .xml or .xml.gz, else csv]
        #[arg(long, value_enum)]
        format: Option<ListFormatWord>,
        /// Country of the list, two letters
        #[arg(long, default_value = "DE")]
        country: String,
    },
    /// Show the lists, the one in force first; or who serves a postcode
    #[command(after_help = "Example:\n  epitrace territory show")]
    Show {
        /// Show the offices that serve this postcode of the authority's country
        #[arg(long)]
        postcode: Option<String>,
    },
}

/// How a list is written, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ListFormatWord {
    /// The list of the Robert Koch Institute
    Rki,
    /// A table
    Csv,
}

/// A role, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum RoleWord {
    /// Accounts, settings, rule sets, and everything a case worker may
    Administrator,
    /// Cases, contacts and exposures
    CaseWorker,
    /// Reports without names
    Analyst,
    /// The installation: authorities, keys, backups; sees no person
    Operator,
}

/// Mails.
#[derive(Debug, Subcommand)]
pub enum Messages {
    /// Let go of the mails that a restore keeps back, since they may have gone before
    #[command(after_help = "Example:\n  epitrace messages release")]
    Release,
    /// Queue a mail that says nothing but that mail arrives; a running server sends it
    #[command(after_help = "Example:\n  epitrace messages test olga@example.org")]
    Test {
        /// Where it goes
        address: String,
    },
}

/// The audit log.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check the chain; exit 1 on a break
    Verify,
}

/// The rules.
#[derive(Debug, Subcommand)]
pub enum Rules {
    /// List the versions, newest first; 0 is the built-in one
    #[command(after_help = "Example:\n  epitrace rules list --disease measles")]
    List(RulesOf),
    /// Show the rules of today, of a day, or of a version, each number with its source
    #[command(after_help = "Examples:\n  epitrace rules show --on 2020-03-01\n  epitrace rules show 0 --disease mpox")]
    Show {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// Number of a version [default: the one that holds]
        version: Option<i32>,
        /// The version that holds on this day
        #[arg(long, value_name = "DAY", conflicts_with = "version")]
        on: Option<String>,
        /// Only what differs from this version
        #[arg(long, value_name = "VERSION")]
        against: Option<i32>,
    },
    /// Make a new version, with all that isn't named taken over from what holds on its first day
    #[command(
        after_help = "Settings: days_before_onset days_after_onset incubation_max_days isolation_days quarantine_days \
        follow_up_days same_infection_days contact_temperature_c index_temperature_c close_contact room_safe_after_min \
        closeness_near closeness_middle closeness_far closeness_unknown_distance closeness_same_area closeness_airing \
        invite_contacts ask_contacts_of_contacts reminders lists_at_once\n\nNothing is changed: the newest version that holds on a \
        day counts.\n\nExamples:\n  \
        epitrace rules set --disease covid-19 --from today --set days_before_onset=3 --set reminders=no\n  \
        epitrace rules set --disease measles --from today --set follow_up_days=18 --preview"
    )]
    Set {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// First day: 2026-05-31, today, or always
        #[arg(long, value_name = "DAY")]
        from: String,
        /// Last day [default: until further notice]
        #[arg(long, value_name = "DAY")]
        until: Option<String>,
        /// A setting; may be given several times
        #[arg(long, value_name = "KEY=VALUE")]
        set: Vec<String>,
        /// Let it begin in the past: decisions made before stay explained by the version that they used
        #[arg(long)]
        past_decisions_stay: bool,
        /// Only say what would change
        #[arg(long)]
        preview: bool,
    },
    /// End a version early: what would hold without it is made a newer version
    End {
        /// Of which disease
        #[command(flatten)]
        of: RulesOf,
        /// Number of the version
        version: i32,
        /// Its last day
        #[arg(long, value_name = "DAY")]
        last: String,
        /// Let it end in the past: decisions made before stay explained by the version that they used
        #[arg(long)]
        past_decisions_stay: bool,
    },
}

/// Whose rules.
#[derive(Debug, Args)]
pub struct RulesOf {
    /// Disease [default: the authority's]
    #[arg(long, value_name = "NAME", value_parser = disease)]
    pub disease: Option<domain::diseases::Disease>,
}

/// Keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List the keys, never their bytes
    List,
    /// Write a copy of the keyring that a secret opens
    #[command(after_help = "Example:\n  epitrace keys export /media/safe/keyring --secret-file /etc/epitrace/secret")]
    Export {
        /// Folder of the copy
        folder: PathBuf,
        /// File whose first line is the secret of the copy
        #[arg(long, value_name = "FILE")]
        secret_file: PathBuf,
    },
}

/// The keyring's process.
#[derive(Debug, Subcommand)]
pub enum Keyring {
    /// Hold the keyring and answer servers, consumers and commands, until told to end
    #[command(
        after_help = "Needs [keyring] servers, certificate, private_key and authority in the configuration. Servers are this host and, \
        where there is a mirror, the other. Whoever asks shows a certificate of that authority. A keyring that wants a secret is opened \
        as everywhere, by --unlock-file or at the prompt."
    )]
    Serve {
        /// Name of this host, as in [keyring] servers and in its certificate
        #[arg(long, value_name = "NAME")]
        name: String,
    },
    /// Let the process of this host go on without its mirror: it makes keys and destroys days by itself
    #[command(
        after_help = "Only while the other host is down, or no server reaches it: what is destroyed here can be opened there until both \
        are together again. It ends by itself as soon as they are."
    )]
    Alone {
        /// Name of this host, as in [keyring] servers and in its certificate
        #[arg(long, value_name = "NAME")]
        name: String,
    },
    /// Say how each side of the keyring stands
    Status,
}

/// Deletion.
#[derive(Debug, Subcommand)]
pub enum Retention {
    /// Print the table of periods
    Periods,
    /// Delete what is over, now
    Run,
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" | "\t" => Ok(b'\t'),
        "," | ";" | "|" => Ok(text.as_bytes()[0]),
        _ => Err("write one of , ; | or tab".to_owned()),
    }
}

fn duration(text: &str) -> Result<jiff::SignedDuration, String> {
    let parsed: jiff::SignedDuration =
        text.parse().map_err(|_| "write a number with its unit, such as 20s or 5min".to_owned())?;
    let day = jiff::SignedDuration::from_hours(24);
    if parsed > jiff::SignedDuration::ZERO && parsed <= day {
        Ok(parsed)
    } else {
        Err("it lasts longer than nothing and at most a day".to_owned())
    }
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
