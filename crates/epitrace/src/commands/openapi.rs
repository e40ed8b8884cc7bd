//! `epitrace openapi`: the description of the API. Needs no data folder.

use crate::screen;
use std::process::ExitCode;

pub fn run() -> anyhow::Result<ExitCode> {
    screen::say_json(&server::api::document())?;
    Ok(ExitCode::SUCCESS)
}
