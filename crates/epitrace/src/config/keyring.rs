//! Section `[keyring]`: where keys are, and how the process is set up that holds them.

use crate::failure::{Mistyped, Misuse};
use keyring::caller::Address;
use keyring::process::Options;
use keyring::tls::Certificates;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

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
    /// The process that holds the keyring, and its mirror, as `name:port`. Default: none, the folder.
    pub servers: Vec<String>,
    /// PEM file with the certificate that is shown to these, and by these.
    pub certificate: Option<PathBuf>,
    /// PEM file with its private key.
    pub private_key: Option<PathBuf>,
    /// PEM file with the authority that signs certificates for the keyring, and for nothing else.
    pub authority: Option<PathBuf>,
    /// Address and port on which `epitrace keyring serve` listens. Default: all addresses, and its port in `servers`.
    pub listen: Option<SocketAddr>,
}

impl KeyringConfig {
    /// Returns the processes to be asked, and what is shown to them; `None` where the keyring is a folder.
    ///
    /// # Errors
    ///
    /// [`Misuse`] or [`Mistyped`] if something lacks or can't be meant.
    pub fn asked(&self) -> anyhow::Result<Option<(Vec<Address>, Certificates)>> {
        if self.servers.is_empty() {
            return Ok(None);
        }
        if self.folder.is_some() {
            let both = "[keyring] has both folder and servers; the keys are in one of them".to_owned();
            return Err(Mistyped { sentence: both, hint: "a folder and servers belong to `epitrace keyring`" }.into());
        }
        self.sides().map(Some)
    }

    /// Returns all processes that hold the keyring, and what is shown to them.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if something lacks or can't be meant.
    pub fn sides(&self) -> anyhow::Result<(Vec<Address>, Certificates)> {
        if self.servers.is_empty() {
            return Err(lacking("servers").into());
        }
        let address =
            |text: &String| text.parse().map_err(|error| Misuse(format!("[keyring] servers: {error}")).into());
        let servers = self.servers.iter().map(address).collect::<anyhow::Result<Vec<Address>>>()?;
        let file = |key, path: &Option<PathBuf>| path.clone().ok_or_else(|| lacking(key));
        let certificates = Certificates {
            certificate: file("certificate", &self.certificate)?,
            private_key: file("private_key", &self.private_key)?,
            authority: file("authority", &self.authority)?,
        };
        Ok((servers, certificates))
    }

    /// Returns how the process of a host is set up: it is one of the servers, and the other is its mirror.
    ///
    /// # Errors
    ///
    /// [`Misuse`] if something lacks or can't be meant.
    pub fn process(&self, name: &str) -> anyhow::Result<Options> {
        let (sides, certificates) = self.sides()?;
        let (own, mut others): (Vec<Address>, Vec<Address>) = sides.into_iter().partition(|side| side.name == name);
        let [own] = &own[..] else {
            return Err(
                Misuse(format!("[keyring] servers doesn't name {name} once; this host must be one of them")).into()
            );
        };
        let mirror = others.pop();
        if !others.is_empty() {
            return Err(Misuse("[keyring] servers names more than two; a keyring has one mirror".to_owned()).into());
        }
        let listen = self.listen.unwrap_or_else(|| SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), own.port));
        Ok(Options { listen, name: name.to_owned(), mirror, certificates })
    }
}

fn lacking(key: &str) -> Misuse {
    Misuse(format!("[keyring] {key} is missing; a process that holds the keyring is asked with it"))
}
