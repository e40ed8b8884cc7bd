//! A connection to one side, on which one ask follows the other.

use crate::wire::{self, Refusal, Reply, Said};
use rustls::pki_types::ServerName;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// How long it may take to be let in.
const CONNECT: Duration = Duration::from_secs(2);
/// How long an answer may take to somebody who asks.
pub(crate) const ANSWER: Duration = Duration::from_secs(8);
/// How long the other side may take to keep something: less, so that whoever waits for both still gets an answer.
pub(crate) const KEPT: Duration = Duration::from_secs(3);
/// How long it may take to hold all together.
pub(crate) const JOINED: Duration = Duration::from_secs(30);

/// Where a side is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Its name, which its certificate must have.
    pub name: String,
    /// Its port.
    pub port: u16,
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.name, self.port)
    }
}

impl std::str::FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').filter(|(name, _)| !name.is_empty());
        let (name, port) = parts.ok_or_else(|| format!("{text}: write name:port"))?;
        let port = port.parse().map_err(|_| format!("{text}: {port} is no port"))?;
        ServerName::try_from(name).map_err(|_| format!("{text}: {name} is no name of a host"))?;
        Ok(Self { name: name.to_owned(), port })
    }
}

/// An open one.
pub(crate) struct Connection {
    stream: TlsStream<TcpStream>,
}

impl Connection {
    /// Connects.
    pub(crate) async fn open(to: &Address, connector: &TlsConnector) -> std::io::Result<Self> {
        let connect = async {
            let stream = TcpStream::connect((to.name.as_str(), to.port)).await?;
            stream.set_nodelay(true)?;
            let name = ServerName::try_from(to.name.clone()).map_err(std::io::Error::other)?;
            connector.connect(name, stream).await
        };
        let stream = timeout(CONNECT, connect).await.map_err(|_| std::io::ErrorKind::TimedOut)??;
        Ok(Self { stream })
    }

    /// Says something and hears what comes back. After an error the connection is of no use.
    pub(crate) async fn say(&mut self, said: &Said, within: Duration) -> std::io::Result<Reply> {
        let exchange = async {
            wire::write(&mut self.stream, said).await?;
            wire::read(&mut self.stream).await?.ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
        };
        timeout(within, exchange).await.map_err(|_| std::io::Error::from(std::io::ErrorKind::TimedOut))?
    }
}

/// What was answered, or why not.
pub(crate) fn answered(reply: Reply) -> Result<Reply, Refusal> {
    match reply {
        Reply::Refused(refusal) => Err(refusal),
        reply => Ok(reply),
    }
}
