//! `epitrace import`: a file in, and what became of its rows.

use crate::cli::{Common, Import, ImportFile};
use crate::failure::{FAILED, Misuse};
use crate::screen;
use crate::session::Session;
use app::imports::{ImportOptions, ImportSummary, Kind};
use documents::values::{DateOrder, parse_date_format};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

pub async fn run(common: &Common, what: Import) -> anyhow::Result<ExitCode> {
    let (kind, file, disease, interval) = match what {
        Import::Cases(rows) => (Kind::Cases, rows.file, rows.disease, None),
        Import::Infections(rows) => (Kind::Infections, rows.file, rows.disease, None),
        Import::Encounters(rows) => (Kind::Encounters, rows.file, None, rows.interval),
        Import::Visits(file) => (Kind::Visits, file, None, None),
        Import::Laboratory(rows) => (Kind::Laboratory, rows.file, rows.disease, None),
    };
    let options = ImportOptions { disease, interval, ..options(kind, &file)? };
    let source =
        File::open(&file.file).map_err(|error| Misuse(format!("cannot read {}: {error}", file.file.display())))?;
    let mut errors = match &file.errors {
        Some(path) => Some(BufWriter::new(
            File::create(path).map_err(|error| Misuse(format!("cannot write {}: {error}", path.display())))?,
        )),
        None => None,
    };
    let session = Session::open(common).await?;
    let bar = screen::progress(common.quiet || common.json, "importing");
    let errors_out = errors.as_mut().map(|out| out as &mut (dyn Write + Send));
    let mut show = |rows| bar.set_position(rows);
    let done = session.app.import(&session.worker, source, &options, errors_out, &mut show).await;
    bar.finish_and_clear();
    let summary = done?;
    session.close().await?;
    if common.json {
        screen::say_json(&summary)?;
    } else {
        print(&summary, &options, common.quiet);
    }
    let failed = options.strict && summary.refused > 0;
    Ok(if failed { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

fn options(kind: Kind, file: &ImportFile) -> anyhow::Result<ImportOptions> {
    let date_order = match &file.date_format {
        None => DateOrder::Iso,
        Some(format) => parse_date_format(format).map_err(|error| Misuse(error.to_string()))?,
    };
    Ok(ImportOptions {
        kind,
        columns: file.columns.clone(),
        delimiter: file.delimiter,
        date_order,
        interval: None,
        disease: None,
        dry_run: file.dry_run,
        strict: file.strict,
        update: file.update,
    })
}

fn print(summary: &ImportSummary, options: &ImportOptions, quiet: bool) {
    let changed = if summary.updated > 0 { format!(", {} updated", summary.updated) } else { String::new() };
    screen::say(format!(
        "{}: {} stored{changed}, {} already there, {} refused",
        screen::counted(summary.rows, "row read", "rows read"),
        summary.stored,
        summary.already_there,
        summary.refused
    ));
    if !quiet {
        let delimiter =
            summary.delimiter.as_deref().map(|name| format!(", cells parted by {name}")).unwrap_or_default();
        screen::say(format!("recognised: {}{delimiter}", summary.encoding));
    }
    for (row, reason) in &summary.first_refusals {
        screen::say(format!("  row {row}: {reason}"));
    }
    let more = summary.refused.saturating_sub(summary.first_refusals.len() as u64);
    if more > 0 {
        screen::say(format!("  and {more} more; --errors FILE writes them all"));
    }
    if !summary.committed {
        let why = if options.dry_run {
            "a dry run stores nothing".to_owned()
        } else {
            format!("--strict: {} refused", screen::counted(summary.refused, "row was", "rows were"))
        };
        screen::say(format!("nothing was stored: {why}"));
    }
}
