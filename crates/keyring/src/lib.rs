//! The keyring as a process of its own: who holds it, its mirror on another host, and who asks.
//!
//! - [`caller`] asks, for servers, consumers and the command line: whichever side answers.
//! - [`process`] listens, and lets nobody in without a certificate of the keyring's own authority.
//! - [`side`] is one of two that hold the same: what is changed is on both before anybody is told, and whoever was away catches
//!   up before it answers. Neither leads, so there are no two that think they do.
//! - [`logs`] carries what one side wrote down to the other.
//! - [`wire`] is what they say, [`tls`] how they prove who they are.

pub mod caller;
mod connection;
mod logs;
mod papers;
pub mod process;
pub mod side;
pub mod tls;
mod wire;

/// Tells what time it is.
pub type Clock = std::sync::Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// What can go wrong before a process serves.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A certificate, key or authority can't be used.
    #[error("cannot use {path} for the keyring: {why}")]
    Certificate {
        /// Which file.
        path: String,
        /// Why not.
        why: String,
    },
    /// Something configured can't be meant.
    #[error("{0}")]
    Configured(String),
    /// Another process serves the same folder.
    #[error("another process serves this keyring already")]
    InUse,
    /// The keyring itself.
    #[error(transparent)]
    Sealing(#[from] storage::sealing::SealingError),
    /// The address can't be listened on.
    #[error("cannot listen on {address}")]
    Listen {
        /// Which address.
        address: std::net::SocketAddr,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
}
