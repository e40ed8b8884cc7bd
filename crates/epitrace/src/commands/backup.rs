//! `epitrace backup` and `epitrace restore`.

use crate::cli::Common;
use crate::screen;
use crate::session::{DatabaseRole, Places, Session, open_app};
use std::path::Path;
use std::process::ExitCode;
use storage::Store;
use storage::backup::{restore_file, restore_postgres};
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;

pub async fn back_up(common: &Common, folder: &Path) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    let manifest = session.app.back_up(&session.worker, folder).await?;
    session.close().await?;
    if common.json {
        screen::say_json(&manifest)?;
    } else if !common.quiet {
        screen::say(format!("backup written to {}", folder.display()));
        screen::say("it holds no keys; `epitrace keys export` is their own backup");
    }
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(common: &Common, from: &Path) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Alone)?;
    if places.is_postgres() {
        let store = Store::open(&places.store_options(&folder, DatabaseRole::Migrator)).await?;
        restore_postgres(from, &store).await?;
        store.close().await;
    } else {
        restore_file(from, &folder.database())?;
    }
    // Nobody may see what was deleted since: the folder stays locked until the ledger is replayed.
    let app = open_app(common, &places, &folder, DatabaseRole::Migrator).await?;
    let n_replayed = app.finish_restore(&Ledger::beside(&places.keyring)).await?;
    app.store.close().await;
    if common.json {
        screen::say_json(&serde_json::json!({ "replayed_erasures": n_replayed }))?;
    } else if !common.quiet {
        screen::say(format!("restored; {n_replayed} erasures of the ledger were replayed"));
        if !storage::sealing::Keyring::exists(&places.keyring) {
            screen::say("there is no keyring here: names stay locked until you name it with --keyring");
        }
    }
    Ok(ExitCode::SUCCESS)
}
