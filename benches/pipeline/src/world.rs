//! A run whose nodes report each second: they walk, meet, infect each other and die by the rules of the simulator.
//!
//! Each node lives so long that one in a hundred dies each second, and a new one takes its place: so as many report each second,
//! and one report in a hundred is a node's first. They are as dense as 20 on 100 × 100, which makes about 0.025 contacts a report.

use bytes::Bytes;
use domain::runs::{Health, LastReport, NodeState, Parameters, Position, Statistics};
use protocol::nodes::{LivedSecond, PeerTag, Quarters, Sender, pack};
use simulator::{Born, Heard, Node, Rules, contacts, key_of, step};
use std::collections::HashMap;
use std::ops::Range;
use uuid::Uuid;

/// Seconds in which a node reports: in the last one that it is dead.
const LIFE_S: u32 = 100;

/// Reports in a batch.
pub const BATCH: usize = 10_000;

/// Reports, written one after the other.
#[derive(Debug)]
pub struct Batch {
    pub bytes: Bytes,
    /// Where each stands.
    pub at: Vec<Range<usize>>,
    /// The same for who takes no bytes.
    pub rows: Vec<Row>,
}

/// What a report says, apart from whom its node met.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub node: Uuid,
    pub second: u32,
    pub state: NodeState,
    /// Where its contacts stand in [`World::met`].
    pub met: (usize, usize),
}

/// All that was reported, and what must be found afterwards.
#[derive(Debug)]
pub struct World {
    pub parameters: Parameters,
    pub batches: Vec<Batch>,
    /// How many of the first batches tell of the first second, in which all nodes are new: they are stored before anything is
    /// measured.
    pub n_first: usize,
    /// Contacts of all reports: who was heard, and how far away in quarters of a step.
    pub met: Vec<(PeerTag, Quarters)>,
    pub n_infections: usize,
    /// Last second.
    pub until: u32,
    /// Of the last second.
    pub statistics: Statistics,
}

/// A node's place; when it dies another takes it.
struct Slot {
    id: Uuid,
    seq: u32,
    node: Node,
}

impl World {
    /// Lives through some seconds with so many nodes, a multiple of [`BATCH`].
    pub fn new(n_nodes: u32, n_seconds: u32) -> Self {
        let edge = ((f64::from(n_nodes) / 20.0).sqrt() * 100.0).round() as u16;
        let parameters = Parameters { width: edge, height: edge, lifetime_s: LIFE_S - 1, ..Parameters::default() };
        let rules = Rules::new(&parameters).unwrap();
        let mut n_ever = 0;
        let first = LIFE_S - 1;
        let mut slots: Vec<Slot> = (0..n_nodes)
            .map(|at| {
                let mut slot = born(&rules, at % LIFE_S, &mut n_ever);
                slot.node.second = first;
                slot
            })
            .collect();
        let mut written = Written::default();
        let mut dead: Vec<LastReport> = Vec::new();
        for second in first..first + n_seconds {
            let is_last = second + 1 == first + n_seconds;
            let near = Near::new(&slots);
            let mut after = Vec::with_capacity(slots.len());
            for slot in &slots {
                let heard = near.around(slot.node.position, slot.id);
                let met = contacts(&rules, &slot.node, &heard)
                    .map(|met| (PeerTag::of(met.id), Quarters::nearest(u64::from(met.distance_squared))))
                    .collect();
                let stepped = step(&rules, &slot.node, &heard);
                written.write(slot, met, stepped.infected_by);
                if slot.node.alive {
                    after.push(Slot { id: slot.id, seq: slot.seq + 1, node: stepped.node });
                } else {
                    dead.push(LastReport { state: slot.node.state(), covered_until: second });
                    after.push(born(&rules, second + 1, &mut n_ever));
                }
            }
            if !is_last {
                slots = after;
            }
        }
        let until = first + n_seconds - 1;
        let alive = slots.iter().filter(|slot| slot.node.alive);
        let alive = alive.map(|slot| LastReport { state: slot.node.state(), covered_until: until });
        let statistics = Statistics::count(until, dead.iter().copied().chain(alive));
        let Written { batches, rest, met, n_infections } = written;
        assert!(rest.at.is_empty(), "whole batches");
        let batches = batches.into_iter().map(Building::done).collect();
        let n_first = n_nodes as usize / BATCH;
        Self { parameters, batches, n_first, met, n_infections, until, statistics }
    }

    /// Number of reports.
    pub fn n_reports(&self) -> usize {
        self.batches.len() * BATCH
    }

    /// Number of those that are measured.
    pub fn n_measured(&self) -> usize {
        (self.batches.len() - self.n_first) * BATCH
    }

    /// Batches of the first second, and those that are measured.
    pub fn parts(&self) -> (&[Batch], &[Batch]) {
        self.batches.split_at(self.n_first)
    }
}

fn born(rules: &Rules, second: u32, n_ever: &mut u32) -> Slot {
    // Ids look random, as those of nodes do.
    let high = u64::from(*n_ever).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let id = Uuid::from_u64_pair(high, high.rotate_left(29) ^ u64::from(*n_ever));
    let health = if n_ever.is_multiple_of(20) { Health::Infected } else { Health::Susceptible };
    *n_ever += 1;
    Slot { id, seq: 0, node: Node::born(rules, key_of(id.as_bytes()), Born { second, health, position: None }) }
}

/// Who is where, in cells as wide as the radius.
struct Near(HashMap<(u16, u16), Vec<Heard<Uuid>>>);

const CELL: u16 = 2;

impl Near {
    fn new(slots: &[Slot]) -> Self {
        let mut cells: HashMap<_, Vec<_>> = HashMap::with_capacity(slots.len());
        for slot in slots {
            let Position { x, y } = slot.node.position;
            cells.entry((x / CELL, y / CELL)).or_default().push(Heard { id: slot.id, state: slot.node.state() });
        }
        Self(cells)
    }

    fn around(&self, at: Position, own: Uuid) -> Vec<Heard<Uuid>> {
        let near = |at: u16| (at / CELL).saturating_sub(1)..=at / CELL + 1;
        let cells = near(at.x).flat_map(|x| near(at.y).map(move |y| (x, y)));
        let heard = cells.filter_map(|cell| self.0.get(&cell)).flatten().copied();
        heard.filter(|heard| heard.id != own).collect()
    }
}

/// A batch that isn't full.
#[derive(Debug, Default)]
struct Building {
    bytes: Vec<u8>,
    at: Vec<Range<usize>>,
    rows: Vec<Row>,
}

impl Building {
    fn done(self) -> Batch {
        Batch { bytes: self.bytes.into(), at: self.at, rows: self.rows }
    }
}

#[derive(Debug, Default)]
struct Written {
    batches: Vec<Building>,
    rest: Building,
    met: Vec<(PeerTag, Quarters)>,
    n_infections: usize,
}

impl Written {
    fn write(&mut self, slot: &Slot, met: Vec<(PeerTag, Quarters)>, infected_by: Option<Uuid>) {
        let (state, second) = (slot.node.state(), slot.node.second);
        let from = self.met.len();
        self.met.extend(&met);
        self.n_infections += usize::from(infected_by.is_some());
        let row = Row { node: slot.id, second, state, met: (from, self.met.len()) };
        let lived = LivedSecond { second, state, contacts: met, infected_by: infected_by.map(PeerTag::of) };
        let sender = Sender { node: slot.id, boot: 0xb007 };
        for report in pack(sender, slot.seq, &[lived]) {
            let begin = self.rest.bytes.len();
            self.rest.bytes.extend(report.write().unwrap());
            self.rest.at.push(begin..self.rest.bytes.len());
            self.rest.rows.push(row);
        }
        if self.rest.at.len() == BATCH {
            self.batches.push(std::mem::take(&mut self.rest));
        }
    }
}
