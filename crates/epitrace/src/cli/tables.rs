//! What may be typed about tables that come in and go out.

use super::disease;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

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
