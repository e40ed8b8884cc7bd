//! A line over TLS to one address, with one request under way.

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::io::{Error, ErrorKind, Result};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Whom lines lead to.
#[derive(Clone)]
pub struct Target {
    address: SocketAddr,
    name: ServerName<'static>,
    connector: TlsConnector,
}

impl Target {
    /// Says where, under which name, and who signed for that name.
    pub fn new(address: SocketAddr, name: &str, authority: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(authority).unwrap() {
            roots.add(certificate.unwrap()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_root_certificates(roots).with_no_client_auth();
        let name = ServerName::try_from(name.to_owned()).unwrap();
        Self { address, name, connector: TlsConnector::from(Arc::new(config)) }
    }

    /// Returns the name under which it is asked.
    pub fn host(&self) -> String {
        self.name.to_str().into_owned()
    }
}

/// A line that is open.
pub struct Line {
    stream: TlsStream<TcpStream>,
    buffer: Vec<u8>,
    is_usable: bool,
}

impl Line {
    /// Opens one, from an address of this host.
    pub async fn open(target: &Target, from: Ipv4Addr) -> Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::V4(SocketAddrV4::new(from, 0)))?;
        let plain = socket.connect(target.address).await?;
        plain.set_nodelay(true)?;
        let stream = target.connector.connect(target.name.clone(), plain).await?;
        Ok(Self { stream, buffer: Vec::with_capacity(4096), is_usable: true })
    }

    /// Sends a request and returns the status and body of its answer.
    pub async fn ask(&mut self, request: &[u8]) -> Result<(u16, Vec<u8>)> {
        self.is_usable = false;
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if let Some(answer) = Answer::of(&self.buffer)? {
                self.is_usable = !answer.closes;
                return Ok((answer.status, answer.body.to_vec()));
            }
        }
    }

    /// Says whether another request may go this way.
    pub fn is_usable(&self) -> bool {
        self.is_usable
    }
}

/// An answer that is whole.
#[derive(Debug, PartialEq, Eq)]
struct Answer<'a> {
    status: u16,
    closes: bool,
    body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// Reads one, if all of it is there.
    fn of(bytes: &'a [u8]) -> Result<Option<Self>> {
        let wrong = || Error::new(ErrorKind::InvalidData, "this is no answer of HTTP/1.1 with its length");
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end]).map_err(|_| wrong())?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok());
        let status = status.ok_or_else(wrong)?;
        let (mut length, mut closes) = (None, false);
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse::<usize>().ok(),
                "connection" => closes = value.trim().eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        let length = if status == 204 { 0 } else { length.ok_or_else(wrong)? };
        let body = bytes[end + 4..].get(..length);
        Ok(body.map(|body| Self { status, closes, body }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_once_all_of_it_is_there() {
        let whole = b"HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\nbody";
        for length in 0..whole.len() {
            assert_eq!(Answer::of(&whole[..length]).unwrap(), None, "after {length} bytes");
        }
        assert_eq!(Answer::of(whole).unwrap(), Some(Answer { status: 201, closes: false, body: b"body" }));
    }

    #[test]
    fn a_line_that_the_other_side_closes_is_not_used_again() {
        let last = b"HTTP/1.1 503 Away\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(Answer::of(last).unwrap(), Some(Answer { status: 503, closes: true, body: b"" }));
    }

    #[test]
    fn what_is_no_answer_breaks_the_line() {
        assert!(Answer::of(b"SSH-2.0\r\n\r\n").is_err());
        assert!(Answer::of(b"HTTP/1.1 200 OK\r\n\r\n").is_err(), "without a length nobody knows where it ends");
    }
}
