//! A server, an endpoint that only parses, and telephones that send to either.

use crate::cost::own_cpu_s;
use crate::place::Stand;
use app::doctor::MailSetting;
use axum::routing::post;
use axum::{Json, Router};
use domain::ids::VenueId;
use jiff::Timestamp;
use protocol::http::check_ins::{CheckIns, CheckedIn, NamedPlace};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use storage::folder::{DataFolder, Use};
use storage::ledger::Ledger;

/// Threads with telephones.
pub const N_THREADS: usize = 2;
/// Telephones of a thread.
pub const N_TELEPHONES: usize = 256;
/// Tills of a thread: each brings ten guests at once.
pub const N_TILLS: usize = 64;

/// Serves the platform on a port of its own.
pub fn serve(stand: &Stand) -> SocketAddr {
    let folder = DataFolder::take(stand.folder(), Use::Shared).unwrap();
    let keyring = stand.folder().join("keyring");
    let options = server::Options {
        folder,
        ledger: Ledger::beside(&keyring),
        keyring,
        demo: None,
        behind_proxy: false,
        most_import_bytes: 1 << 20,
        mail: MailSetting::Missing,
        certificate: None,
        drain: Duration::ZERO,
    };
    let platform = server::Platform::new(stand.app.clone(), options);
    let listener = server::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(platform, listener, None, None, std::future::pending()));
    address
}

pub async fn serve_parsing() -> SocketAddr {
    async fn parse(Json(body): Json<CheckIns>) -> (axum::http::StatusCode, Json<CheckedIn>) {
        std::hint::black_box(&body);
        let venue = NamedPlace { name: "Café".to_owned(), area: None };
        (axum::http::StatusCode::CREATED, Json(CheckedIn { visits: Vec::new(), venue }))
    }
    let listener = server::serve::listen("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/api/v1/check-ins", post(parse))).await });
    address
}

/// What the telephones send.
#[derive(Clone)]
pub struct Load {
    pub venues: Arc<Vec<VenueId>>,
    pub now: Timestamp,
    pub n_visits: usize,
    /// Lines of a thread, one request under way on each.
    pub n_lines: usize,
    pub next: Arc<AtomicU32>,
}

/// What they saw.
pub struct Seen {
    /// Requests a second.
    pub rate: f64,
    pub n: usize,
    pub ms: Vec<f64>,
    /// Processor time of a request, in microseconds: whoever serves it and the telephone.
    pub cpu_us: f64,
}

impl Load {
    /// Sends for so many seconds.
    pub fn run(&self, to: SocketAddr, seconds: f64) -> Seen {
        let (started, cpu_s) = (Instant::now(), own_cpu_s());
        let until = started + Duration::from_secs_f64(seconds);
        let ms: Vec<f64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..N_THREADS).map(|_| scope.spawn(|| self.telephones(to, until))).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let n = ms.len();
        let rate = n as f64 / started.elapsed().as_secs_f64();
        Seen { rate, n, ms, cpu_us: (own_cpu_s() - cpu_s) * 1e6 / n as f64 }
    }

    fn telephones(&self, to: SocketAddr, until: Instant) -> Vec<f64> {
        let mut lines: Vec<TcpStream> = (0..self.n_lines).map(|_| TcpStream::connect(to).unwrap()).collect();
        lines.iter().for_each(|line| line.set_nodelay(true).unwrap());
        let (mut ms, mut request, mut answer) = (Vec::new(), String::new(), vec![0; 16_384]);
        let mut sent = vec![Instant::now(); self.n_lines];
        while Instant::now() < until {
            for (line, sent) in lines.iter_mut().zip(&mut sent) {
                self.write(&mut request);
                *sent = Instant::now();
                line.write_all(request.as_bytes()).unwrap();
            }
            for (line, sent) in lines.iter_mut().zip(&sent) {
                read_answer(line, &mut answer);
                ms.push(sent.elapsed().as_secs_f64() * 1e3);
            }
        }
        ms
    }

    fn write(&self, request: &mut String) {
        use std::fmt::Write;
        let first = self.next.fetch_add(self.n_visits as u32, Ordering::Relaxed);
        let venue = self.venues[first as usize / self.n_visits % self.venues.len()];
        let mut body = format!(r#"{{"authority":"local","venue_id":"{venue}","area_id":null,"visits":["#);
        for n in first..first + self.n_visits as u32 {
            let comma = if n > first { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"visit_id":"01980000-0000-7000-8000-{n:012}","secret":"{n:A>21}A","arrived_at":"{}","leaves_at":null,"name":"Rosa Warrendell {n}","phone":"+49 621 12345678","email":null,"address":null,"household":0}}"#,
                self.now
            );
        }
        body.push_str("]}");
        request.clear();
        let _ = write!(
            request,
            "POST /api/v1/check-ins HTTP/1.1\r\nhost: epitrace\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
    }
}

/// Reads one answer, which must be 201.
fn read_answer(line: &mut TcpStream, answer: &mut [u8]) {
    let mut length = 0;
    loop {
        let n = line.read(&mut answer[length..]).unwrap();
        assert!(n > 0, "the server hung up");
        length += n;
        let text = &answer[..length];
        let Some(head) = text.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let lines = std::str::from_utf8(&text[..head]).unwrap();
        assert!(lines.starts_with("HTTP/1.1 201"), "{lines} {}", String::from_utf8_lossy(&text[head..]));
        let content = lines.split("content-length: ").nth(1).and_then(|rest| rest.split('\r').next());
        if length >= head + 4 + content.unwrap().trim().parse::<usize>().unwrap() {
            return;
        }
    }
}
