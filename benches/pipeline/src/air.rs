//! A host of nodes that hears others over UDP on the loopback interface: it receives, checks, and at the end of each second finds
//! which of its nodes heard whom.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal};
use domain::runs::{Health, NodeState, Parameters, Position};
use nodes::air::{Air, Inbox, Medium};
use nodes::host::{Host, Newcomer};
use protocol::nodes::{Beacon, BeaconFrame, Channel, RunKey};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Nodes of the host.
const N_OWN: u32 = 1_000;

/// Beacons a second that are to be heard at least.
const GOAL: f64 = 100_000.0;

/// Steps along each side of the field: as dense as 20 nodes on 100 × 100 if there were 100,000.
const SIDE: u16 = 7_071;

const METHOD: &str = "one sender, one host of 1,000 nodes with a thread, on the loopback interface; each beacon is of another node and \
    received by itself, checked, and at the end of each second compared with the host's nodes; over the seconds of the host";

/// What the sender sends in each second, and how fast.
struct Others {
    /// By second.
    frames: Vec<Vec<BeaconFrame>>,
    /// Beacons a second; `None` as fast as it goes.
    offered: Option<u64>,
}

/// What a host did.
struct Heard {
    host: Host,
    cpu_s: f64,
    wall_s: f64,
}

pub async fn run(figures: &mut Figures, scale: Scale) {
    let n_seconds = if scale == Scale::Full { 6 } else { 1 };
    for (name, has_key) in [("without MAC", false), ("with MAC", true)] {
        let key = || has_key.then_some(RunKey([9; 32]));
        for offered in [None, Some(100_000)] {
            // None twice in a second: nobody sends so many.
            let n_others = offered.map_or(1_000_000, |rate| rate as u32);
            let channel = Channel::new(RUN, key());
            let frames = (0..n_seconds).map(|second| beacons(&channel, second, n_others)).collect();
            measure(figures, name, key(), &Others { frames, offered }).await;
        }
    }
}

const RUN: Uuid = Uuid::from_u128(7);

fn beacons(channel: &Channel, second: u32, n: u32) -> Vec<BeaconFrame> {
    (0..n)
        .map(|at| {
            let drawn = (u64::from(second) << 32 | u64::from(at)).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let drawn = (drawn ^ (drawn >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let within = |bits: u64| (((bits & 0xffff_ffff) * (u64::from(SIDE) + 1)) >> 32) as u16;
            let position = Position { x: within(drawn), y: within(drawn >> 32) };
            let health = if at.is_multiple_of(20) { Health::Infected } else { Health::Susceptible };
            let state = NodeState { position, health, alive: true };
            let node = Uuid::from_u64_pair(u64::from(at).wrapping_mul(0x9e37_79b9_7f4a_7c15), u64::from(at));
            channel.write(&Beacon { second: second as u8, node, state })
        })
        .collect()
}

async fn measure(figures: &mut Figures, name: &str, key: Option<RunKey>, others: &Others) {
    let parameters = Parameters { width: SIDE, height: SIDE, lifetime_s: 1_000_000, ..Parameters::default() };
    let mut host = Host::new(RUN, &parameters, key, 0).unwrap();
    for at in 0..N_OWN {
        let node = Uuid::from_u128(u128::from(at) << 64 | 0xffff_ffff_0000);
        assert!(host.bring(&Newcomer { node, boot: 1, health: Health::Susceptible, position: None }));
    }
    let air = Air::open(Medium::Broadcast, 0).unwrap();
    let port = air.port();
    let (is_over, begin) = (AtomicBool::new(false), Instant::now());
    let runtime = tokio::runtime::Handle::current();
    let (heard, n_sent) = tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            let n_seconds = others.frames.len() as u32;
            let (air, is_over) = (&air, &is_over);
            let listening = scope.spawn(move || runtime.block_on(listen(host, air, n_seconds, begin, is_over)));
            let n_sent = send(others, port, begin);
            is_over.store(true, Ordering::Relaxed);
            (listening.join().unwrap(), n_sent)
        })
    });
    let now = heard.host.now();
    assert_eq!(now.counts.refused().next(), None, "all that came is heard");
    let n_heard = now.counts.n_heard;
    // Thirteen places lie within the radius of two steps.
    let places = (f64::from(SIDE) + 1.0).powi(2);
    let expected = n_heard as f64 * f64::from(N_OWN) * 13.0 / places;
    assert!((0.7..1.4).contains(&(now.n_contacts as f64 / expected)), "{} contacts of {expected}", now.n_contacts);
    let how =
        others.offered.map_or("as fast as one sender sends".to_owned(), |rate| format!("{rate} a second offered"));
    let n = json!({"sent": n_sent, "heard": n_heard, "contacts": now.n_contacts, "seconds": others.frames.len()});
    let mut add = |figure: String, value: f64, unit: &'static str, goal: Goal| {
        figures.add(Figure { figure, value, unit, peer: "", ratio: None, goal, n: n.clone(), method: METHOD });
    };
    let goal = if others.offered.is_none() { Goal::AtLeast(GOAL) } else { Goal::None };
    add(format!("host, {name}, {how}"), n_heard as f64 / heard.wall_s, "beacons/s", goal);
    let lost = 100.0 * (n_sent - n_heard) as f64 / n_sent as f64;
    add(format!("host, {name}, {how}: lost"), lost, "%", Goal::None);
    let cpu_us = heard.cpu_s * 1e6 / n_heard as f64;
    add(format!("host, {name}, {how}: CPU of the host"), cpu_us, "µs/beacon", Goal::None);
}

/// Hears, second by second, as the work of a host does; what is still in the buffer at the end of the last second too.
async fn listen(mut host: Host, air: &Air, n_seconds: u32, begin: Instant, is_over: &AtomicBool) -> Heard {
    let mut inbox = Inbox::default();
    let before = cpu_s();
    for second in 0..n_seconds {
        let end = begin + Duration::from_secs(u64::from(second) + 1);
        let is_last = second + 1 == n_seconds;
        loop {
            let patience = if is_last { end + Duration::from_millis(200) } else { end };
            match tokio::time::timeout_at(patience.into(), air.ready()).await {
                Ok(ready) => ready.unwrap(),
                Err(_) if is_last && !is_over.load(Ordering::Relaxed) => {}
                Err(_) => break,
            }
            air.drain(&mut inbox, |frame| host.hear(frame)).unwrap();
            if !is_last && Instant::now() >= end {
                break;
            }
        }
        host.end_second();
        // Reporting is another task.
        host.reports();
        host.acknowledged();
    }
    Heard { host, cpu_s: cpu_s() - before, wall_s: f64::from(n_seconds) }
}

/// Sends the frames of each second in it, and returns how many it sent.
fn send(others: &Others, port: u16, begin: Instant) -> u64 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let mut n_sent = 0;
    for (second, frames) in (0u32..).zip(&others.frames) {
        let began = begin + Duration::from_secs(u64::from(second));
        std::thread::sleep(began.saturating_duration_since(Instant::now()));
        for (at, frame) in (0u64..).zip(frames) {
            // Every millisecond's share at once, as hosts of many nodes send it.
            if at.is_multiple_of(100) {
                let due =
                    others.offered.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(at as f64 / rate as f64));
                let early = due.saturating_sub(began.elapsed());
                if early > Duration::from_micros(100) {
                    std::thread::sleep(early);
                }
                if began.elapsed() >= Duration::from_secs(1) {
                    break;
                }
            }
            n_sent += u64::from(socket.send(frame.as_ref()).is_ok());
        }
    }
    n_sent
}

fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
