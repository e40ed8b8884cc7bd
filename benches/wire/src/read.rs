//! Reading frames, in turns with JSON that says the same.

use crate::Scale;
use crate::figures::{Figure, Figures, Goal, median};
use crate::samples::{AT, Node, historic, nodes, report, thread_cpu_s};
use protocol::nodes::{Beacon, Channel, Historic, ReportView, RunKey, beacon_json, report_json, wrapped};
use serde::Deserialize;
use serde_json::json;
use std::hint::black_box;
use uuid::Uuid;

const N_FRAMES: usize = 1_000;
const SECOND: u32 = 21;

/// What anybody would write to read the JSON of a node: types, and texts that aren't copied.
#[derive(Deserialize)]
struct Typed<'a> {
    uuid: Uuid,
    position: [u16; 2],
    infected: bool,
    timestamp: &'a str,
    alive: bool,
    #[serde(borrow, default)]
    contacts: Vec<TypedContact<'a>>,
}

#[derive(Deserialize)]
struct TypedContact<'a> {
    uuid: Uuid,
    timestamp: &'a str,
}

/// One way to read: does so many rounds, returns nanoseconds a frame and the sum of what was read.
type Way<'a> = Box<dyn Fn(usize) -> (f64, u64) + 'a>;

/// A way to read these frames, by a function that returns something that depends on all of a frame.
fn way<'a>(frames: impl IntoIterator<Item = Vec<u8>>, read: impl Fn(&[u8]) -> u64 + 'a) -> Way<'a> {
    let frames: Vec<Vec<u8>> = frames.into_iter().collect();
    Box::new(move |n_rounds| {
        let started = thread_cpu_s();
        let mut sum = 0u64;
        for _ in 0..n_rounds {
            for frame in &frames {
                sum = sum.wrapping_add(read(black_box(frame)));
            }
        }
        ((thread_cpu_s() - started) * 1e9 / (n_rounds * frames.len()) as f64, black_box(sum))
    })
}

/// What all ways must find in a message: who, where, whether infected, and whom it heard.
fn found(node: Uuid, x: u16, y: u16, infected: bool, n_contacts: usize) -> u64 {
    let place = u64::from(x) << 16 | u64::from(y);
    (node.as_u128() as u64) ^ (place << 20) ^ (u64::from(infected) << 63) ^ ((n_contacts as u64) << 56)
}

pub fn run(figures: &mut Figures, scale: Scale) {
    let n_rounds = scale.of(400).max(2);
    let all = nodes(N_FRAMES + 19, 1);
    let (senders, heard) = all.split_at(N_FRAMES);
    beacons(figures, senders, n_rounds);
    reports(figures, senders, heard, n_rounds / 4 + 1);
}

fn beacons(figures: &mut Figures, senders: &[Node], n_rounds: usize) {
    let run = Uuid::from_u128(7);
    let (open, keyed) = (Channel::new(run, None), Channel::new(run, Some(RunKey([9; 32]))));
    let write = |channel: &Channel, node: &Node| {
        let beacon = Beacon { second: SECOND as u8, node: node.id, state: node.state };
        channel.write(&beacon).as_ref().to_vec()
    };
    let said = |beacon: Beacon| {
        let position = beacon.state.position;
        let infected = beacon.state.health == domain::runs::Health::Infected;
        found(beacon.node, position.x, position.y, infected, 0)
    };
    let json = || senders.iter().map(|node| beacon_json(&historic(node, &[])).into_bytes());
    let ways = [
        way(senders.iter().map(|node| write(&open, node)), |frame| said(open.read(frame, SECOND).unwrap())),
        way(senders.iter().map(|node| write(&keyed, node)), |frame| said(keyed.read(frame, SECOND).unwrap())),
        way(json(), typed),
        way(json(), published),
    ];
    let times = in_turns(&ways, n_rounds);
    let n = json!({"frames": N_FRAMES, "rounds": n_rounds, "turns": N_TURNS});
    let names = ["beacon without MAC", "beacon with MAC", "", "beacon in JSON, with its timestamp"];
    let goals = [Goal::Below(10.0), Goal::None, Goal::None, Goal::None];
    for ((name, goal), time) in names.into_iter().zip(goals).zip(&times).filter(|((name, _), _)| !name.is_empty()) {
        add(figures, name, *time, times[2], goal, &n);
    }
}

fn reports(figures: &mut Figures, senders: &[Node], heard: &[Node], n_rounds: usize) {
    let json = || senders.iter().map(|node| report_json(&historic(node, heard)));
    let read = |frame: &[u8]| {
        let view = ReportView::read(frame).unwrap();
        let position = view.state.position;
        let infected = view.state.health == domain::runs::Health::Infected;
        let n_contacts = view.contacts().filter(|contact| contact.distance.0 == 5).count();
        found(view.node, position.x, position.y, infected, n_contacts)
    };
    let ways = [
        way(senders.iter().map(|node| report(node, 100, heard).write().unwrap()), read),
        way(json().map(String::into_bytes), typed),
        way(json().map(|json| wrapped(&json).into_bytes()), published),
    ];
    let times = in_turns(&ways, n_rounds);
    let n = json!({"frames": N_FRAMES, "rounds": n_rounds, "turns": N_TURNS});
    add(figures, "report with 19 contacts", times[0], times[1], Goal::None, &n);
    add(figures, "report with 19 contacts in JSON, as it is sent", times[2], times[1], Goal::None, &n);
    let largest = senders.iter().map(|node| report(node, 100, heard).write().unwrap().len()).max().unwrap();
    let as_sent = wrapped(&json().next().unwrap()).len();
    figures.add(Figure {
        figure: "size of a report with 19 contacts".to_owned(),
        value: largest as f64,
        unit: "bytes",
        peer: "the same in JSON, wrapped as it is sent",
        ratio: Some(as_sent as f64 / largest as f64),
        goal: Goal::Below(194.0),
        n: json!({"reports": N_FRAMES}),
        method: "one second; at most 193 after years and with who infected it; ratio is the peer's size divided by ours",
    });
}

fn typed(json: &[u8]) -> u64 {
    let read: Typed<'_> = serde_json::from_slice(json).unwrap();
    assert!(read.alive && !read.timestamp.is_empty());
    let n_contacts = read.contacts.iter().filter(|one| !one.uuid.is_nil() && !one.timestamp.is_empty()).count();
    found(read.uuid, read.position[0], read.position[1], read.infected, n_contacts)
}

fn published(json: &[u8]) -> u64 {
    let read = Historic::read(json).unwrap();
    let n_contacts = read.contacts.iter().filter(|contact| contact.timestamp == AT).count();
    found(read.node, read.position.x, read.position.y, read.infected, n_contacts)
}

const N_TURNS: usize = 11;

/// Times all ways in turns and returns the median of each, after a check that all found the same.
fn in_turns(ways: &[Way<'_>], n_rounds: usize) -> Vec<f64> {
    let sums: Vec<u64> = ways.iter().map(|way| way(1).1).collect();
    assert!(sums.windows(2).all(|pair| pair[0] == pair[1]), "not the same work, so not comparable: {sums:?}");
    let mut times = vec![Vec::new(); ways.len()];
    for _ in 0..N_TURNS {
        for (way, times) in ways.iter().zip(&mut times) {
            times.push(way(n_rounds).0);
        }
    }
    times.iter().map(|times| median(times)).collect()
}

fn add(figures: &mut Figures, name: &str, ns: f64, typed_ns: f64, goal: Goal, n: &serde_json::Value) {
    figures.add(Figure {
        figure: format!("read: {name}"),
        value: ns,
        unit: "ns",
        peer: "serde_json into types, the same content",
        ratio: Some(typed_ns / ns),
        goal,
        n: n.clone(),
        method: "processor time, median, in turns, after a check that all ways found the same; ratio is the peer's time \
                 divided by ours",
    });
}
