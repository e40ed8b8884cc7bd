//! `epitrace doctor`: is everything in order, and what to do where it isn't.

use crate::cli::Common;
use crate::failure::FAILED;
use crate::screen;
use crate::session::Session;
use app::doctor::{Surroundings, Verdict};
use std::process::ExitCode;

pub async fn run(common: &Common, recount: bool) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    if recount {
        session.app.recount(&session.worker).await?;
    }
    let around = Surroundings {
        folder: &session.folder,
        keyring: &session.keyring_folder,
        mail: session.mail,
        takes_check_ins: session.takes_check_ins,
    };
    let findings = session.app.doctor(&session.worker, around).await?;
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
