//! `epitrace export`: cases as a file, to the screen or to a file of their own.
//!
//! A file is written beside its name first and takes it when it is whole, readable by its owner alone: no half file looks
//! like one. That cases leave is recorded before their bytes are written, as it is for the page.

use crate::cli::{Common, Export, ExportWord};
use crate::failure::Mistyped;
use crate::screen;
use crate::session::Session;
use anyhow::Context;
use app::exports::ExportQuery;
use domain::exports::{Delimiter, ExportKind};
use domain::languages::Language;
use jiff::civil::Date;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use storage::cases::Days;

pub async fn run(common: &Common, asked: Export) -> anyhow::Result<ExitCode> {
    let query = query(&asked)?;
    check_target(common, asked.out.as_deref())?;
    let session = Session::open(common).await?;
    let mut export = session.app.begin_export(&session.worker, query).await?;
    match &asked.out {
        None => {
            let mut out = std::io::stdout();
            while let Some(bytes) = export.next().await? {
                // A reader that has gone away (`| head`) had what it wanted: what it didn't read doesn't leave.
                if out.write_all(&bytes).is_err() {
                    break;
                }
            }
        }
        Some(path) => {
            let part = part_of(path);
            let written = write_to(&part, &mut export, common).await;
            if let Err(error) = written {
                let _ = std::fs::remove_file(&part);
                return Err(error);
            }
            std::fs::rename(&part, path).with_context(|| format!("cannot write {}", path.display()))?;
            let n_cases = export.n_rows();
            if common.json {
                let kind = ExportKind::from(asked.kind).as_str();
                screen::say_json(&serde_json::json!({ "kind": kind, "cases": n_cases, "file": path }))?;
            } else if !common.quiet {
                screen::say(format!("{} written to {}", screen::counted(n_cases, "case", "cases"), path.display()));
            }
        }
    }
    session.close().await?;
    Ok(ExitCode::SUCCESS)
}

async fn write_to(part: &Path, export: &mut app::exports::Export, common: &Common) -> anyhow::Result<()> {
    let cannot = || format!("cannot write {}", part.display());
    let mut file = open(part)?;
    let bar = screen::progress(common.quiet || common.json, "exporting");
    while let Some(bytes) = export.next().await? {
        file.write_all(&bytes).with_context(cannot)?;
        bar.set_position(export.n_rows());
    }
    bar.finish_and_clear();
    file.sync_all().with_context(cannot)
}

/// Opens the file anew. Only its owner may read names.
fn open(part: &Path) -> anyhow::Result<File> {
    let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(part);
    opened.map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            let sentence = format!("there is no folder for {}", part.display());
            Mistyped { sentence, hint: "make the folder first, or write elsewhere" }.into()
        }
        _ => anyhow::Error::new(error).context(format!("cannot write {}", part.display())),
    })
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn check_target(common: &Common, out: Option<&Path>) -> anyhow::Result<()> {
    match out {
        None if common.json => {
            let sentence = "--json says what was written to a file, and there is none".to_owned();
            Err(Mistyped { sentence, hint: "add --out FILE; `export fhir` is JSON by itself" }.into())
        }
        Some(path) if path.exists() => {
            let sentence = format!("{} is there already", path.display());
            Err(Mistyped { sentence, hint: "choose another name, or delete it first" }.into())
        }
        _ => Ok(()),
    }
}

fn query(asked: &Export) -> anyhow::Result<ExportQuery> {
    let kind = ExportKind::from(asked.kind);
    let (first, last) = (asked.decided_first.as_deref(), asked.decided_last.as_deref());
    if kind != ExportKind::Quarantines && (first.is_some() || last.is_some()) {
        let sentence = format!("{kind} has no days of decision");
        return Err(Mistyped { sentence, hint: "--decided-first and --decided-last belong to quarantines" }.into());
    }
    if kind == ExportKind::Fhir && asked.delimiter.is_some() {
        let sentence = "fhir is JSON and has no cells".to_owned();
        return Err(Mistyped { sentence, hint: "leave --delimiter out" }.into());
    }
    let decided = Days { first: day("--decided-first", first)?, last: day("--decided-last", last)? };
    if decided.first.zip(decided.last).is_some_and(|(first, last)| first > last) {
        let sentence = "--decided-last is before --decided-first".to_owned();
        return Err(Mistyped { sentence, hint: "both days are included" }.into());
    }
    Ok(ExportQuery {
        decided,
        language: asked.language.map(Language::from),
        delimiter: asked.delimiter.map(Delimiter::from),
        ..ExportQuery::all(kind, asked.disease)
    })
}

fn day(option: &str, text: Option<&str>) -> anyhow::Result<Option<Date>> {
    let wrong = |text: &str| Mistyped {
        sentence: format!("{option} {text}: this is no day"),
        hint: "write a day as 2026-03-01",
    };
    Ok(text.map(|text| text.parse().map_err(|_| wrong(text))).transpose()?)
}

impl From<ExportWord> for ExportKind {
    fn from(word: ExportWord) -> Self {
        match word {
            ExportWord::Cases => Self::Cases,
            ExportWord::LineList => Self::LineList,
            ExportWord::Quarantines => Self::Quarantines,
            ExportWord::ContactsWithoutQuarantine => Self::ContactsWithoutQuarantine,
            ExportWord::External => Self::External,
            ExportWord::Sormas => Self::Sormas,
            ExportWord::SormasContacts => Self::SormasContacts,
            ExportWord::Fhir => Self::Fhir,
            ExportWord::Template => Self::Template,
        }
    }
}
