//! `start`: how soon the server answers, what it holds at rest, what the page weighs, and how soon its first list is there.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = "target/release/epitrace";
const DATA: &str = "target/bench-data/start";
const DEMO: &str = "target/bench-data/start-demo";
/// Starts of each, in turns.
const N_ROUNDS: usize = 11;
/// First lists.
const N_LISTS: usize = 10;

const START: &str = "median of starts, in turns with the peer: from the start of the process to the first 200. The data \
    folder is there already. Ratio: the peer's time divided by ours";
const REST: &str = "resident memory after 200 answers, and a second of silence";
const WEIGHT: &str = "compressed bytes of index.html and of what it loads to show the sign-in page";
const LIST: &str = "median: from the address of the list to its first row in Chromium, nothing in its cache, signed in, the \
    demo of 162 cases. Ratio: the time of the sign-in page's heading, measured the same way, divided by it";

/// Measures.
pub fn run(scale: Scale) {
    let mut figures = Figures::begin("start", scale);
    let _ = std::fs::remove_dir_all(DATA);
    std::fs::create_dir_all(DATA).unwrap();
    start(&mut figures);
    rest(&mut figures);
    page(&mut figures);
    for folder in [DATA, DEMO] {
        std::fs::remove_dir_all(folder).unwrap();
    }
    figures.write();
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(args: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(args).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("target/release/epitrace is built first");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_start_matches("http://").split('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks once; gives the status line and body.
fn get(address: SocketAddr, path: &str) -> Option<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\naccept-encoding: br\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    Some((head, answer[end + 4..].to_vec()))
}

fn until_ready(begun: Instant, address: SocketAddr, path: &str) -> f64 {
    while !get(address, path).is_some_and(|(head, _)| head.contains(" 200 ")) {
        assert!(begun.elapsed() < Duration::from_secs(30), "it never answered");
        std::thread::sleep(Duration::from_millis(2));
    }
    begun.elapsed().as_secs_f64()
}

fn free_port() -> SocketAddr {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn start(figures: &mut Figures) {
    drop(Server::start(&["--data", DATA]));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..N_ROUNDS {
        let begun = Instant::now();
        let server = Server::start(&["--data", DATA]);
        ours.push(until_ready(begun, server.address, "/health/ready"));
        drop(server);
        let address = free_port();
        let begun = Instant::now();
        let mut peer = Command::new("python3");
        peer.args(["-m", "http.server", "--bind", "127.0.0.1", &address.port().to_string(), "--directory", "docs"]);
        let mut peer = peer.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        theirs.push(until_ready(begun, address, "/"));
        let _ = peer.kill();
        let _ = peer.wait();
    }
    figures.add(Figure {
        figure: "start of the server, SQLite".to_owned(),
        value: median(&ours),
        unit: "s",
        peer: "python3 -m http.server, which opens nothing",
        ratio: Some(median(&theirs) / median(&ours)),
        goal: Goal::Below(1.0),
        n: json!({ "starts": N_ROUNDS }),
        method: START,
    });
}

fn rest(figures: &mut Figures) {
    let server = Server::start(&["--data", DATA]);
    for _ in 0..200 {
        get(server.address, "/health/ready").unwrap();
    }
    std::thread::sleep(Duration::from_secs(1));
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    let kib: f64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    figures.add(Figure {
        figure: "memory at rest".to_owned(),
        value: kib / 1024.0,
        unit: "MiB",
        peer: "",
        ratio: None,
        goal: Goal::Below(100.0),
        n: json!({ "answers": 200 }),
        method: REST,
    });
}

fn page(figures: &mut Figures) {
    let server = Server::start(&["--demo", "--data", DEMO]);
    let (_, index) = get(server.address, "/").unwrap();
    let listed: Value = run_in_chromium(&server, "weight");
    let n_files = listed["files"].as_u64().unwrap();
    figures.add(Figure {
        figure: "page, until the sign-in is shown".to_owned(),
        value: listed["bytes"].as_f64().unwrap() / 1024.0,
        unit: "KiB",
        peer: "",
        ratio: None,
        goal: Goal::Below(150.0),
        n: json!({ "files": n_files, "index_bytes": index.len() }),
        method: WEIGHT,
    });
    let lists = run_in_chromium(&server, "first-list");
    let numbers = |key: &str| lists[key].as_array().unwrap().iter().map(|ms| ms.as_f64().unwrap()).collect::<Vec<_>>();
    let (first, heading) = (median(&numbers("list_ms")), median(&numbers("heading_ms")));
    figures.add(Figure {
        figure: "first list in a browser".to_owned(),
        value: first,
        unit: "ms",
        peer: "the heading of the sign-in page",
        ratio: Some(heading / first),
        goal: Goal::None,
        n: json!({ "loads": N_LISTS }),
        method: LIST,
    });
}

/// Runs `web/bench/load.mjs`, which drives Chromium.
fn run_in_chromium(server: &Server, what: &str) -> Value {
    let output = Command::new("node")
        .args(["web/bench/load.mjs", what, &format!("http://{}", server.address), &N_LISTS.to_string()])
        .stderr(Stdio::inherit())
        .output()
        .expect("node runs the page's own benchmark");
    assert!(output.status.success(), "web/bench/load.mjs {what} failed");
    serde_json::from_slice(&output.stdout).unwrap()
}
