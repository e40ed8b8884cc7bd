//! `epitrace keys`: which keys there are, and their own backup.

use crate::cli::{Common, Keys};
use crate::screen;
use crate::session::{Session, read_secret};
use std::process::ExitCode;

pub async fn run(common: &Common, keys: Keys) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    match keys {
        Keys::List => {
            let keys = session.app.list_keys(&session.worker)?;
            if common.json {
                screen::say_json(&keys)?;
            } else {
                let rows = keys
                    .iter()
                    .map(|key| [key.authority_id.0.to_string(), key.key.to_string(), key.created_at.to_string()])
                    .collect();
                screen::say(screen::table(["authority", "key", "made at"], &[0, 1], rows));
            }
        }
        Keys::Export { folder, secret_file } => {
            let secret = read_secret(&secret_file)?;
            let n_keys = session.app.export_keys(&session.worker, &folder, &secret).await?;
            if !common.quiet {
                screen::say(format!(
                    "{n_keys} keys written to {}; use the folder as it is with --keyring and the secret",
                    folder.display()
                ));
            }
        }
    }
    session.close().await?;
    Ok(ExitCode::SUCCESS)
}
