//! `epitrace demo`: a made-up outbreak, in a folder of its own.

use crate::cli::Common;
use crate::failure::Misuse;
use crate::screen;
use crate::session::{Places, Session};
use anyhow::Context;
use app::demo::{self, DemoOptions};
use app::imports::{ImportOptions, Kind};
use domain::diseases::Disease;
use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;

/// Marks a data folder as a demo's.
const MARK: &str = "epitrace.demo";

pub async fn run(common: &Common, n_cases: u32, seed: u64, files: Option<&Path>) -> anyhow::Result<ExitCode> {
    let made = demo::make(&DemoOptions { n_cases: n_cases as usize, seed, disease: Disease::Covid19 });
    let parts = [
        (Kind::Cases, "cases.csv", made.cases, demo::CASE_COLUMNS),
        (Kind::Infections, "infections.csv", made.infections, demo::INFECTION_COLUMNS),
        (Kind::Encounters, "encounters.csv", made.encounters, demo::ENCOUNTER_COLUMNS),
        (Kind::Visits, "visits.csv", made.visits, demo::VISIT_COLUMNS),
    ];
    if let Some(folder) = files {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let mut written = Vec::new();
        for (_, name, text, columns) in &parts {
            let path = folder.join(name);
            std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
            written.push((path.display().to_string(), columns));
        }
        if common.json {
            let lines = written.iter().map(|(path, columns)| serde_json::json!({ "file": path, "columns": columns }));
            screen::say_json(&lines.collect::<Vec<_>>())?;
        } else {
            written.iter().for_each(|(path, columns)| screen::say(format!("{path}  --columns {columns}")));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let common = demo_folder(common)?;
    let session = Session::open(&common).await?;
    let mut imported = serde_json::Map::new();
    for (kind, name, text, columns) in parts {
        let options = ImportOptions::new(kind, columns);
        let bar = screen::progress(common.quiet || common.json, name);
        let source = Cursor::new(text.into_bytes());
        let mut show = |rows| bar.set_position(rows);
        let summary = session.app.import(&session.worker, source, &options, None, &mut show).await?;
        bar.finish_and_clear();
        if !common.json {
            screen::say(format!("{name}: {} stored, {} refused", summary.stored, summary.refused));
        }
        imported.insert(name.to_owned(), serde_json::to_value(&summary)?);
    }
    session.close().await?;
    let data = common.data.unwrap_or_default().display().to_string();
    if common.json {
        screen::say_json(&serde_json::json!({ "data": data, "imported": imported }))?;
    } else if !common.quiet {
        screen::say(format!("now try: epitrace report outbreak --data {data}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Takes a folder that is new, or a demo's already; never one with real data.
pub(super) fn demo_folder(common: &Common) -> anyhow::Result<Common> {
    let mut common = common.clone();
    if Places::of(&common)?.is_postgres() {
        return Err(Misuse("a demo goes into a folder of its own, not into a database".to_owned()).into());
    }
    let folder = match common.data.take() {
        Some(folder) => folder,
        None => Places::of(&common)?.data.with_file_name("epitrace-demo"),
    };
    let holds_something = std::fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_some());
    if holds_something && !folder.join(MARK).exists() {
        return Err(Misuse(format!("{} holds other data; name a new folder with --data", folder.display())).into());
    }
    if holds_something {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    std::fs::write(folder.join(MARK), "made by epitrace demo; cleared by the next one\n")
        .with_context(|| format!("cannot write into {}", folder.display()))?;
    common.data = Some(folder);
    Ok(common)
}
