//! `epitrace keys`: which keys there are, and their own backup.

use crate::cli::{Common, Keys};
use crate::failure::Hinted;
use crate::screen;
use crate::session::{Session, read_secret};
use app::AppError;
use domain::ids::AuthorityId;
use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;
use storage::StorageError;
use storage::sealing::SealingError;

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
                    .map(|key| [whose(key.authority_id), key.key.to_string(), format!("{:.0}", key.created_at)])
                    .collect();
                screen::say(screen::table(["authority", "key", "made at"], &[1], rows));
            }
        }
        Keys::Export { folder, secret_file } => {
            let secret = read_secret(&secret_file)?;
            let exported = session.app.export_keys(&session.worker, &folder, &secret).await;
            let n_keys = exported.map_err(|error| explained(error, &folder))?;
            if common.json {
                screen::say_json(&serde_json::json!({ "keys": n_keys, "folder": folder.display().to_string() }))?;
            } else if !common.quiet {
                screen::say(format!(
                    "{} written to {}; use the folder as it is with --keyring and the secret",
                    screen::counted(n_keys, "key", "keys"),
                    folder.display()
                ));
            }
        }
    }
    session.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The number of an authority; 0 is the installation itself, whose key seals second factors.
fn whose(authority_id: AuthorityId) -> String {
    if authority_id == AuthorityId(0) { "installation".to_owned() } else { authority_id.0.to_string() }
}

/// An export never goes over a keyring: its keys may be the only ones that open something.
fn explained(error: AppError, folder: &Path) -> anyhow::Error {
    match error {
        AppError::Storage(StorageError::Sealing(SealingError::File { source, .. }))
            if source.kind() == ErrorKind::AlreadyExists =>
        {
            let sentence = format!("{} holds a keyring already", folder.display());
            Hinted { sentence, hint: "export into a new folder, and keep the old one until the copy has been tried" }
                .into()
        }
        error => error.into(),
    }
}
