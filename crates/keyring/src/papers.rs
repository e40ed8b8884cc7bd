//! What a side must know of itself when it starts again: of which keyring it is, and whether it was said to be alone.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use storage::sealing::SealingError;
use uuid::Uuid;

const FILE: &str = "pair.json";

/// The file `pair.json`, beside the keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Papers {
    format: u32,
    /// Of which keyring it is.
    pub id: Option<String>,
    /// Which folder this is. Another disk is another folder, although the host has the same name.
    pub folder: String,
    /// Whether an operator said that it goes on alone.
    pub alone: bool,
}

impl Papers {
    /// Reads them, or makes new ones.
    pub(crate) fn of(folder: &Path) -> Result<Self, SealingError> {
        let path = path(folder);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let papers = serde_json::from_slice(&bytes).ok().filter(|papers: &Self| papers.format == 1);
                papers.ok_or_else(|| SealingError::NotAKeyring(path.display().to_string()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let papers = Self { format: 1, id: None, folder: fresh_id(), alone: false };
                papers.write(folder)?;
                Ok(papers)
            }
            Err(source) => Err(SealingError::File { doing: "read", path: path.display().to_string(), source }),
        }
    }

    /// Writes them, synced.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), SealingError> {
        let path = path(folder);
        let text = serde_json::to_vec(self).map_err(|_| SealingError::NotAKeyring(path.display().to_string()))?;
        storage::sealing::write_synced(&path, &text)
    }
}

/// Draws an id of a keyring, or of a folder.
pub(crate) fn fresh_id() -> String {
    Uuid::new_v4().simple().to_string()
}

fn path(folder: &Path) -> PathBuf {
    folder.join(FILE)
}
