//! A collector of traces: takes what is sent to it over HTTP and keeps the bytes as they came.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Bodies in the order in which they came.
type Bodies = Arc<Mutex<Vec<Vec<u8>>>>;

/// A collector on a port of its own, until the test ends.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    bodies: Bodies,
}

impl Collector {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If this machine has no port for it.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let bodies = Bodies::default();
        let kept = Arc::clone(&bodies);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || serve(&connection, &kept));
            }
        });
        Self { address, bodies }
    }

    /// Returns where it is, as it is written in a configuration.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what came so far.
    #[must_use]
    pub fn bodies(&self) -> Vec<Vec<u8>> {
        self.bodies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Takes requests of a connection until it ends.
fn serve(connection: &TcpStream, kept: &Bodies) {
    let mut reader = BufReader::new(connection);
    while let Some(body) = request(&mut reader) {
        kept.lock().unwrap_or_else(PoisonError::into_inner).push(body);
        let mut writer = connection;
        if writer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").is_err() {
            return;
        }
    }
}

/// Reads the body of a request for `/v1/traces`.
fn request(reader: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_ascii_lowercase()),
        }
    }
    lines.first()?.starts_with("post /v1/traces ").then_some(())?;
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length: "))?;
    let mut body = vec![0; length.parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}
