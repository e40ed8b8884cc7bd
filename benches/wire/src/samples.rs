//! Nodes made up: the same each time.

use domain::runs::{Health, NodeState, Position};
use jiff::civil::{DateTime, datetime};
use protocol::nodes::{Contact, Historic, HistoricContact, PeerTag, Quarters, Report};
use uuid::Uuid;

/// Steps along each side of the field: as dense as 20 nodes on 100 × 100.
pub const SIDE: u16 = 707;

/// Nodes on it.
pub const N_NODES: usize = 1_000;

/// SplitMix64.
#[derive(Debug)]
pub struct Draw(pub u64);

impl Draw {
    /// Draws a number below a limit.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((u128::from(z ^ (z >> 31)) * u128::from(limit)) >> 64) as u64
    }
}

/// A node somewhere on the field.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    pub id: Uuid,
    pub state: NodeState,
}

/// Draws nodes.
pub fn nodes(n: usize, seed: u64) -> Vec<Node> {
    let mut draw = Draw(seed);
    let mut place = || draw.below(u64::from(SIDE) + 1) as u16;
    let node = |n: usize| {
        let health = if n.is_multiple_of(7) { Health::Infected } else { Health::Susceptible };
        let state = NodeState { position: Position { x: place(), y: place() }, health, alive: true };
        Node { id: Uuid::from_u128(u128::from(seed) << 64 | n as u128), state }
    };
    (0..n).map(node).collect()
}

/// The moment of all messages.
pub const AT: DateTime = datetime(2020, 12, 5, 9, 43, 21, 144_477_000);

/// A report of a node about one second in which it heard others.
pub fn report(node: &Node, seq: u32, heard: &[Node]) -> Report {
    let contact = |other: &Node| Contact { peer: PeerTag::of(other.id), seconds_back: 0, distance: Quarters(5) };
    Report {
        node: node.id,
        boot: 0xb007,
        seq,
        second: seq,
        state: node.state,
        infected_by: None,
        steps: Vec::new(),
        contacts: heard.iter().map(contact).collect(),
    }
}

/// The same in the words of the published nodes.
pub fn historic(node: &Node, heard: &[Node]) -> Historic {
    Historic {
        node: node.id,
        position: node.state.position,
        infected: node.state.health == Health::Infected,
        timestamp: AT,
        alive: true,
        contacts: heard.iter().map(|other| HistoricContact { node: other.id, timestamp: AT }).collect(),
    }
}

/// Returns the processor time of this thread, in seconds: what a thing costs, also where others are busy.
pub fn thread_cpu_s() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
