//! One file for each command.

mod admin;
mod audit;
mod backup;
mod completions;
mod consume;
mod demo;
mod doctor;
mod export;
mod import;
mod keyring;
mod keys;
mod messages;
mod migrate;
mod node;
mod openapi;
mod report;
mod retention;
mod rules;
mod runs;
mod serve;
mod simulate;
mod territory;
mod trace;

use crate::cli::{Cli, Command};
use app::exposures::SearchDirection;
use std::process::ExitCode;

/// Does what was typed.
pub async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let common = &cli.common;
    match cli.command {
        Command::Import(what) => import::run(common, what).await,
        Command::Export(asked) => export::run(common, asked).await,
        Command::Exposed(trace) => trace::run(common, trace, SearchDirection::Forward).await,
        Command::Sources(trace) => trace::run(common, trace, SearchDirection::Backward).await,
        Command::Report(report) => report::run(common, report).await,
        Command::Admin(admin) => admin::run(common, admin).await,
        Command::Territory(territory) => territory::run(common, territory).await,
        Command::Messages(messages) => messages::run(common, messages).await,
        Command::Audit(audit) => audit::run(common, audit).await,
        Command::Rules(rules) => rules::run(common, rules).await,
        Command::Keyring(keyring) => keyring::run(common, keyring).await,
        Command::Keys(keys) => keys::run(common, keys).await,
        Command::Retention(retention) => retention::run(common, retention).await,
        Command::Backup { folder } => backup::back_up(common, &folder).await,
        Command::Restore { folder: Some(folder), .. } => backup::restore(common, &folder).await,
        Command::Restore { folder: None, .. } => backup::replay(common).await,
        Command::Serve { listen, demo, open } => serve::run(common, listen, demo, open).await,
        Command::Consume { min, max } => consume::run(common, min, max).await,
        Command::Simulate(asked) => simulate::run(common, &asked),
        Command::Runs(asked) => runs::run(common, asked).await,
        Command::Node(asked) => node::run(common, asked).await,
        Command::Openapi => openapi::run(),
        Command::Doctor { recount } => doctor::run(common, recount).await,
        Command::Migrate => migrate::run(common).await,
        Command::Demo { cases, seed, files } => demo::run(common, cases, seed, files.as_deref()).await,
        Command::Completions { shell } => completions::run(shell),
    }
}
