//! `epitrace audit verify`: does the chain hold.

use crate::cli::{Audit, Common};
use crate::failure::FAILED;
use crate::screen;
use crate::session::Session;
use std::process::ExitCode;

pub async fn run(common: &Common, audit: Audit) -> anyhow::Result<ExitCode> {
    let Audit::Verify = audit;
    let session = Session::open(common).await?;
    let found = session.app.verify_audit(&session.worker).await?;
    session.app.store.close().await;
    if common.json {
        screen::say_json(&serde_json::json!({
            "checked": found.n_checked,
            "unchained": found.n_unchained,
            "first_break": found.first_break.as_ref().map(ToString::to_string),
        }))?;
    } else {
        let tail = match found.n_unchained {
            0 => String::new(),
            n => {
                format!(
                    "; {} not chained yet, which is no break",
                    screen::counted(n, "record at the end is", "records at the end are")
                )
            }
        };
        match &found.first_break {
            None => screen::say(format!(
                "the chain holds: {}{tail}",
                screen::counted(found.n_checked, "record checked", "records checked")
            )),
            Some(at) => screen::say(format!(
                "the chain is broken: {at} ({})",
                screen::counted(found.n_checked, "record before it holds", "records before it hold")
            )),
        }
    }
    Ok(if found.first_break.is_some() { ExitCode::from(FAILED) } else { ExitCode::SUCCESS })
}
