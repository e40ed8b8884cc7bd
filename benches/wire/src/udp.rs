//! Beacons over UDP on the loopback interface: received, checked, and matched with the nodes of one host.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal};
use crate::samples::{N_NODES, Node, SIDE, nodes, thread_cpu_s};
use domain::runs::{Parameters, Position};
use protocol::nodes::{Beacon, Channel, RunKey};
use serde_json::json;
use socket2::{Domain, Socket, Type};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const SECOND: u32 = 21;

/// What a host asks the kernel to keep for it; it gets what the kernel allows.
const BUFFER_BYTES: usize = 8 * 1024 * 1024;

/// The nodes of a host, by cells as large as the radius.
struct Host<'a> {
    nodes: &'a [Node],
    cells: Vec<Vec<u32>>,
    radius_squared: u64,
}

const CELL: u16 = 2;
const CELLS: usize = (SIDE / CELL) as usize + 1;

impl<'a> Host<'a> {
    fn new(nodes: &'a [Node]) -> Self {
        let mut cells = vec![Vec::new(); CELLS * CELLS];
        for (at, node) in (0..).zip(nodes) {
            let Position { x, y } = node.state.position;
            cells[usize::from(y / CELL) * CELLS + usize::from(x / CELL)].push(at);
        }
        Self { nodes, cells, radius_squared: Parameters::default().radius_squared() }
    }

    /// Returns how many of its nodes hear a beacon.
    fn hear(&self, from: Position) -> u64 {
        let around = |at: u16| usize::from(at / CELL).saturating_sub(1)..=usize::from(at / CELL + 1).min(CELLS - 1);
        let mut n = 0;
        for row in around(from.y) {
            for cell in around(from.x) {
                let near = self.cells[row * CELLS + cell].iter().map(|at| self.nodes[*at as usize].state.position);
                n += near.filter(|at| at.distance_squared(from) <= self.radius_squared).count() as u64;
            }
        }
        n
    }
}

/// What a host did.
#[derive(Clone, Copy, Debug, Default)]
struct Heard {
    n_beacons: u64,
    n_contacts: u64,
    cpu_s: f64,
}

pub fn run(figures: &mut Figures, scale: Scale) {
    let time = if scale == Scale::Full { Duration::from_secs(5) } else { Duration::from_millis(200) };
    for (name, key) in [("without MAC", None), ("with MAC", Some(RunKey([9; 32])))] {
        let channel = Channel::new(Uuid::from_u128(7), key);
        for offered in [None, Some(100_000)] {
            measure(figures, name, &channel, offered, time);
        }
    }
}

/// Sends for some time, as fast as it goes or at a rate, and says what arrived.
fn measure(figures: &mut Figures, name: &str, channel: &Channel, offered: Option<u64>, time: Duration) {
    let (own, others) = (nodes(N_NODES, 2), nodes(N_NODES, 3));
    let host = Host::new(&own);
    let expected: Vec<u64> = others.iter().map(|node| host.hear(node.state.position)).collect();
    let by_hand = |node: &Node| {
        let hears = |own: &&Node| own.state.position.distance_squared(node.state.position) <= host.radius_squared;
        own.iter().filter(hears).count() as u64
    };
    assert_eq!(expected, others.iter().map(by_hand).collect::<Vec<_>>(), "the cells find whom the radius reaches");
    let frames: Vec<_> = others
        .iter()
        .map(|node| channel.write(&Beacon { second: SECOND as u8, node: node.id, state: node.state }))
        .collect();
    let (socket, buffer_bytes) = listening();
    let to = socket.local_addr().unwrap();
    let is_over = AtomicBool::new(false);
    let (heard, sent, wall_s) = std::thread::scope(|scope| {
        let host = &host;
        let is_over = &is_over;
        let listening = scope.spawn(move || listen(&socket, channel, host, is_over));
        let started = Instant::now();
        let sent = send(&frames, to, offered, time);
        let wall_s = started.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        (listening.join().unwrap(), sent, wall_s)
    });
    let per_round: u64 = expected.iter().sum();
    let share = heard.n_contacts as f64 / heard.n_beacons as f64 / (per_round as f64 / N_NODES as f64);
    assert!((0.8..1.25).contains(&share), "contacts fit what arrived: {share}");
    let how = offered.map_or("as fast as one sender sends".to_owned(), |rate| format!("{rate} a second offered"));
    let n = json!({
        "sent": sent, "received": heard.n_beacons, "contacts": heard.n_contacts, "nodes of the host": N_NODES,
        "bytes of the socket's buffer": buffer_bytes,
    });
    let method = "one sender, one host with a thread, on the loopback interface; each beacon is received by itself, \
                  checked, and compared with the host's nodes in the cells around it";
    let mut add = |figure: String, value: f64, unit: &'static str, goal: Goal| {
        figures.add(Figure { figure, value, unit, peer: "", ratio: None, goal, n: n.clone(), method });
    };
    let goal = if offered.is_none() { Goal::AtLeast(100_000.0) } else { Goal::None };
    add(format!("UDP {name}, {how}"), heard.n_beacons as f64 / wall_s, "beacons/s", goal);
    let lost = 100.0 * (sent - heard.n_beacons) as f64 / sent as f64;
    add(format!("UDP {name}, {how}: lost"), lost, "%", Goal::None);
    let cpu_us = heard.cpu_s * 1e6 / heard.n_beacons as f64;
    add(format!("UDP {name}, {how}: CPU of the host"), cpu_us, "µs/beacon", Goal::None);
}

fn listening() -> (UdpSocket, usize) {
    let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    socket.set_recv_buffer_size(BUFFER_BYTES).unwrap();
    let address: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    socket.bind(&address.into()).unwrap();
    let allowed = socket.recv_buffer_size().unwrap();
    let socket: UdpSocket = socket.into();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    (socket, allowed)
}

fn listen(socket: &UdpSocket, channel: &Channel, host: &Host<'_>, is_over: &AtomicBool) -> Heard {
    let mut heard = Heard::default();
    let mut frame = [0; 64];
    let before = thread_cpu_s();
    loop {
        // What is still in the buffer when the sender ends is received too.
        let Ok((n, _)) = socket.recv_from(&mut frame) else {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            continue;
        };
        if let Ok(beacon) = channel.read(&frame[..n], SECOND) {
            heard.n_beacons += 1;
            heard.n_contacts += host.hear(beacon.state.position);
        }
    }
    heard.cpu_s = thread_cpu_s() - before;
    heard
}

/// Sends the frames in turns and returns how many it sent.
fn send<F: AsRef<[u8]>>(frames: &[F], to: SocketAddr, offered: Option<u64>, time: Duration) -> u64 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect(to).unwrap();
    let started = Instant::now();
    let mut sent = 0u64;
    for frame in frames.iter().cycle() {
        // Every millisecond's share at once, as hosts of many nodes send it.
        if sent.is_multiple_of(100) {
            let due = offered.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(sent as f64 / rate as f64));
            let early = due.saturating_sub(started.elapsed());
            if early > Duration::from_micros(100) {
                std::thread::sleep(early);
            }
            if started.elapsed() >= time {
                break;
            }
        }
        sent += u64::from(socket.send(frame.as_ref()).is_ok());
    }
    sent
}
