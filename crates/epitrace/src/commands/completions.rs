//! `epitrace completions`: completions for a shell.

use crate::cli::Cli;
use clap::CommandFactory;
use std::process::ExitCode;

pub fn run(shell: clap_complete::Shell) -> anyhow::Result<ExitCode> {
    clap_complete::generate(shell, &mut Cli::command(), "epitrace", &mut std::io::stdout());
    Ok(ExitCode::SUCCESS)
}
