//! `epitrace backup` and `epitrace restore`.

use crate::cli::Common;
use crate::screen;
use crate::session::{DatabaseRole, Places, Session, open_restored};
use app::App;
use app::backup::Afterwards;
use std::path::Path;
use std::process::ExitCode;
use storage::StorageError;
use storage::backup::{read_manifest, remove_database, require_no_database, restore_file, restore_postgres};
use storage::folder::{DataFolder, Use};

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
    read_manifest(from)?;
    // A secret that is missing or wrong is told before anything is brought back.
    places.open_keys(common.unlock_file.as_deref()).await?;
    bring_back(&places, &folder, from).await?;
    // Nobody may see what was deleted since: until the ledger is replayed, every command refuses the folder.
    let (_, n_replayed) = finish(common, &places, &folder, Afterwards::AsBefore).await?;
    folder.end_restore()?;
    if common.json {
        screen::say_json(&serde_json::json!({ "replayed_erasures": n_replayed }))?;
    } else if !common.quiet {
        screen::say(format!("restored; {} replayed", erasures(n_replayed)));
        say_if_locked(&places);
    }
    Ok(ExitCode::SUCCESS)
}

/// Does what must be done with a database that was brought back by other means.
pub async fn replay(common: &Common) -> anyhow::Result<ExitCode> {
    let places = Places::of(common)?;
    let folder = DataFolder::take(&places.data, Use::Alone)?;
    if folder.is_restoring() {
        return Err(StorageError::RestoreUnfinished.into());
    }
    let (app, n_replayed) = finish(common, &places, &folder, Afterwards::Frozen).await?;
    let codes: Vec<_> = app.authorities().await?.into_iter().map(|one| one.short_code.to_string()).collect();
    if common.json {
        screen::say_json(&serde_json::json!({ "replayed_erasures": n_replayed, "frozen": codes }))?;
    } else if !common.quiet {
        screen::say(format!("{} replayed; sessions, codes, links and keys of programs ended", erasures(n_replayed)));
        screen::say("mail is kept back; `epitrace messages release` lets go of it, once you have looked");
        screen::say(format!("frozen: {}; `epitrace admin activate CODE` lets people in", codes.join(", ")));
        say_if_locked(&places);
    }
    Ok(ExitCode::SUCCESS)
}

async fn finish(
    common: &Common,
    places: &Places,
    folder: &DataFolder,
    afterwards: Afterwards,
) -> anyhow::Result<(App, usize)> {
    let app = open_restored(common, places, folder, DatabaseRole::Migrator, None).await?;
    let runs = places.run_store(folder, &app.store).await?;
    let app = app.with_runs(runs);
    let (ledger, remembered) = (app.ledger(&places.keyring), app.remembered(&places.keyring));
    let n_replayed = app.finish_restore(&ledger, &remembered, afterwards).await?;
    Ok((app, n_replayed))
}

fn erasures(n: usize) -> String {
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    screen::counted(n, "erasure of the ledger was", "erasures of the ledger were")
}

fn say_if_locked(places: &Places) {
    if !places.has_keyring() {
        screen::say("there is no keyring here: names stay locked until you name it with --keyring");
    }
}

/// Brings the rows back. A restore that was interrupted begins anew on SQLite; on PostgreSQL rows come back all or
/// none, so what is there is complete.
async fn bring_back(places: &Places, folder: &DataFolder, from: &Path) -> anyhow::Result<()> {
    let again = folder.is_restoring();
    if places.is_postgres() {
        let store = places.store(folder, DatabaseRole::Migrator).await?;
        let mut tx = store.installation().await?;
        let is_there = !storage::authorities::list(&mut tx).await?.is_empty();
        drop(tx);
        if !is_there {
            folder.begin_restore()?;
        }
        if !(again && is_there) {
            restore_postgres(from, &store).await?;
        }
        store.close().await;
        return Ok(());
    }
    if again {
        remove_database(&folder.database())?;
    } else {
        require_no_database(&folder.database())?;
        folder.begin_restore()?;
    }
    restore_file(from, &folder.database())?;
    Ok(())
}
