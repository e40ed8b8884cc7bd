//! `epitrace retention`: the periods, and ending what is over.

use crate::cli::{Common, Retention};
use crate::screen::{self, counted};
use crate::session::Session;
use domain::retention::PERIODS;
use std::process::ExitCode;

pub async fn run(common: &Common, retention: Retention) -> anyhow::Result<ExitCode> {
    match retention {
        Retention::Periods => print_periods(common)?,
        Retention::Run => {
            let session = Session::open(common).await?;
            session.app.require_right_clock().await?;
            let deleted = session.app.run_retention(&session.worker, &session.ledger()).await?;
            session.close().await?;
            if common.json {
                screen::say_json(&serde_json::json!({
                    "persons": deleted.n_persons,
                    "anonymised_cases": deleted.n_cases,
                    "anonymised_persons": deleted.n_anonymised,
                    "facts": deleted.n_facts,
                    "audit_records": deleted.n_audit_records,
                }))?;
            } else {
                screen::say(format!(
                    "anonymised: {}, {}; deleted: {}, {}, {}",
                    counted(deleted.n_cases, "case", "cases"),
                    counted(deleted.n_anonymised, "person", "persons"),
                    counted(deleted.n_persons, "person", "persons"),
                    counted(deleted.n_facts, "fact", "facts"),
                    counted(deleted.n_audit_records, "audit record", "audit records"),
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn print_periods(common: &Common) -> anyhow::Result<()> {
    if common.json {
        let lines: Vec<_> = PERIODS
            .iter()
            .map(|period| {
                serde_json::json!({
                    "what": period.what, "table": period.table, "days": period.days,
                    "counts_from": period.counts_from.to_string(), "cap_days": period.cap_days, "how": period.how,
                })
            })
            .collect();
        return screen::say_json(&lines);
    }
    let rows = PERIODS
        .iter()
        .map(|period| {
            let days = format!("{} after {}", period.days, period.counts_from);
            [period.what.to_owned(), days, period.cap_days.to_string(), period.how.to_owned()]
        })
        .collect();
    screen::say(screen::table(["what", "days kept", "at most, after creation", "how it ends"], &[2], rows));
    Ok(())
}
