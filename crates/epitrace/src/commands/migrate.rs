//! `epitrace migrate`: the schema up to date. It needs the data folder alone.

use crate::cli::Common;
use crate::screen;
use crate::session::{DatabaseRole, Places};
use std::process::ExitCode;
use storage::Store;
use storage::folder::{DataFolder, Use};

pub async fn run(common: &Common) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Alone)?;
    Store::migrate(&places.store_options(&folder, DatabaseRole::Migrator)).await?;
    if common.json {
        screen::say_json(&serde_json::json!({ "schema": Store::newest_schema() }))?;
    } else if !common.quiet {
        screen::say(format!("the schema is up to date ({})", Store::newest_schema()));
    }
    Ok(ExitCode::SUCCESS)
}
