//! `epitrace doctor`: is everything in order, and what to do where it isn't.
//!
//! The event log is read here and not on the page: it may hold many gigabytes, and nobody waits that long for an answer. Brokers
//! are asked here too, since they may take as long.

mod brokers;
mod cell;

use crate::cli::Common;
use crate::failure::FAILED;
use crate::screen;
use crate::session::{DatabaseRole, Places, Session, log_folder};
use app::doctor::{Finding, Surroundings, Verdict};
use event_log::embedded::{Checked, Cut, check};
use std::path::Path;
use std::process::ExitCode;
use storage::folder::{DataFolder, Use};

pub async fn run(common: &Common, recount: bool) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let configured = places.config.event_log.brokers()?;
    let folder = DataFolder::take(&places.data, Use::Shared)?;
    let session = Session::open_in(common, &places, folder, DatabaseRole::App).await?;
    if recount {
        session.app.recount(&session.worker).await?;
    }
    let around = Surroundings {
        folder: &session.folder,
        keyring: &session.keyring_folder,
        mail: session.mail,
        takes_check_ins: session.takes_check_ins,
    };
    let mut findings = session.app.doctor(&session.worker, around).await?;
    let runs = places.run_store(&session.folder, &session.app.store).await?;
    match configured {
        None => findings.push(check_log(&log_folder(&places.data))?),
        Some(configured) => {
            findings.extend(brokers::check_hosts(&configured.options).await);
            findings.extend(brokers::check(configured.options, &runs).await?);
        }
    }
    findings.push(brokers::check_put_aside(&runs).await?);
    findings.extend(cell::check(&session.app, &places.config).await?);
    session.app.store.close().await;
    let is_broken = findings.iter().any(|finding| finding.verdict == Verdict::Broken);
    if common.json {
        screen::say_json(&findings)?;
    } else {
        let rows = findings
            .iter()
            .map(|finding| {
                let verdict = match finding.verdict {
                    Verdict::Fine => "fine",
                    Verdict::Warning => "look",
                    Verdict::Broken => "broken",
                };
                [verdict.to_owned(), finding.check.to_owned(), finding.found.clone()]
            })
            .collect();
        screen::say(screen::table(["", "check", "found"], &[], rows));
        for finding in &findings {
            if let Some(advice) = &finding.advice {
                screen::say(format!("{}: {advice}", finding.check));
            }
        }
    }
    Ok(if is_broken { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}

const LOG: &str = "event log";

/// Reads all of the event log. A server may be writing it meanwhile.
fn check_log(folder: &Path) -> anyhow::Result<Finding> {
    if !folder.exists() {
        return Ok(Finding::fine(LOG, "there is none yet"));
    }
    Ok(of_log(folder, &check(folder)?))
}

fn of_log(folder: &Path, checked: &Checked) -> Finding {
    let Checked { n_segments, n_records, tail, faults, .. } = checked;
    if let Some(first) = faults.first() {
        let more = faults.len() - 1;
        let others = if more == 0 { String::new() } else { format!("; faults beside this one: {more}") };
        let advice = format!(
            "look at the disk. Put the files back from a copy; or stop the server and move {} away, and keep it: the server \
            begins a new log, and reports of nodes that weren't stored yet stay behind in the old one. Runs that are \
            stored lose nothing",
            folder.display()
        );
        return Finding::broken(LOG, format!("{first}{others}"), &advice);
    }
    if let Some(Cut { n_acknowledged, .. }) = tail.filter(|cut| cut.n_acknowledged > 0) {
        let lost = screen::counted(n_acknowledged, "record is", "records are");
        let found = format!("at its end {lost} gone that had been acknowledged");
        let advice = "a file was shortened from outside, or the disk lost its end; the server goes on without it";
        return Finding::broken(LOG, found, advice);
    }
    let records = screen::counted(*n_records, "record", "records");
    let files = screen::counted(*n_segments as u64, "file", "files");
    let torn = tail.map_or(String::new(), |cut| {
        let bytes = screen::counted(cut.n_bytes, "byte", "bytes");
        format!("; {bytes} at the end are being written, or were torn before anybody was told of them")
    });
    Finding::fine(LOG, format!("{records} in {files} are as they were written{torn}"))
}
