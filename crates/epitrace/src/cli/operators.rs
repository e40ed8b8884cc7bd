//! What may be typed by whoever runs the installation.

use super::disease;
use clap::{Subcommand, ValueEnum};
use std::path::PathBuf;

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
