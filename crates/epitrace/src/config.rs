//! The configuration file: typed, every key with its default, unknown keys refused.

use crate::failure::Misuse;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// The whole file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Where facts are.
    pub storage: StorageConfig,
    /// Where keys are.
    pub keyring: KeyringConfig,
    /// How `epitrace serve` is reached.
    pub server: ServerConfig,
    /// What is logged.
    pub log: LogConfig,
}

/// Section `[storage]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StorageConfig {
    /// URL of a PostgreSQL database, as the role `epitrace_app`. Default: SQLite in the data folder.
    pub url: Option<String>,
    /// The same as the role `epitrace_jobs`, for deletions. Default: `url`.
    pub jobs_url: Option<String>,
    /// The same as the role that owns the schema, for `migrate`, `admin` and `restore`. Default: `url`.
    pub migrator_url: Option<String>,
    /// Most connections at once. Default: 4.
    pub connections: Option<u32>,
}

/// Section `[keyring]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyringConfig {
    /// Folder of the keyring. Default: `keyring` in the data folder.
    pub folder: Option<PathBuf>,
    /// File with the operator's secret, for a keyring that wants one.
    pub unlock_file: Option<PathBuf>,
    /// File with the root key, 32 bytes, such as a credential of the system. Default: `root.key` in the keyring.
    pub root_key_file: Option<PathBuf>,
}

/// Section `[server]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port. Default: `127.0.0.1:7373`. Beyond this machine only with a certificate, or behind a proxy.
    pub listen: Option<std::net::SocketAddr>,
    /// PEM file with the certificate and its chain.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub private_key: Option<PathBuf>,
    /// Whether a proxy with TLS stands before the server, and names callers in `x-forwarded-for`. Default: false.
    pub behind_proxy: bool,
    /// Largest file that may be brought in through the page, in MiB. Default: 64.
    pub most_import_mib: Option<usize>,
}

/// Section `[log]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `error`, `warn`, `info` or `debug`. Default: `info`.
    pub level: Option<String>,
    /// `json` or `text`. Default: `text` on a terminal, else `json`.
    pub format: Option<String>,
}

impl Config {
    /// Reads a file; without one all is default.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if it can't be read or has an unknown key.
    pub fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let Some(path) = path else { return Ok(Self::default()) };
        let text = std::fs::read_to_string(path)
            .map_err(|error| Misuse(format!("cannot read the configuration {}: {error}", path.display())))?;
        toml::from_str(&text).map_err(|error| {
            Misuse(format!("the configuration {} is wrong: {}", path.display(), error.message())).into()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_and_a_known_one_read() {
        assert!(toml::from_str::<Config>("[storage]\nulr = 'x'").is_err());
        let config: Config = toml::from_str("[storage]\nurl = 'postgres://x'").unwrap_or_default();
        assert_eq!(config.storage.url.as_deref(), Some("postgres://x"));
    }
}
