//! Writing frames: what a batch of reports tells becomes parts, keys and amendments.

use super::bytes::{Codes, put_runs, put_varint};
use super::picture::{Picture, Shown, what_of};
use super::{BadFrame, Kind, PLACED};
use domain::runs::{Health, NodeState, Position};
use std::collections::BTreeMap;

/// Seconds from one key frame to the next.
pub const KEY_EVERY_S: u32 = 60;

/// A frame that is ready to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Which second it tells of.
    pub second: u32,
    /// Its kind.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What a batch heard: by second, each node's number with what it said; numbers in any order.
pub type Heard = BTreeMap<u32, Vec<(u32, NodeState)>>;

/// The writer of one chain.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    pub(super) picture: Picture,
    pub(super) newest: Option<u32>,
    pub(super) keys: Vec<u32>,
}

impl Chain {
    /// Goes on where frames that were kept end: those from the last key frame on, by second, kind and number.
    ///
    /// # Errors
    ///
    /// [`BadFrame`] if one of them can't be read.
    pub fn resume<'f>(keys: Vec<u32>, frames: impl IntoIterator<Item = &'f [u8]>) -> Result<Self, BadFrame> {
        let mut chain = Self { keys, ..Self::default() };
        for frame in frames {
            let second = chain.picture.apply(frame)?;
            chain.newest = chain.newest.max(Some(second));
        }
        Ok(chain)
    }

    /// What is known now.
    #[must_use]
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Returns the newest second of which a frame was written.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.newest
    }

    /// Writes a key frame of all that is known, as of the second after the newest. It is given to who joins, and not kept.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        let second = self.newest.map_or(0, |newest| newest.saturating_add(1));
        place_all(Kind::Key, second, self.picture.nodes())
    }

    /// Takes what a batch heard, and returns the frames that tell of it. What is not later than what is known of its node is left
    /// out: it was taken before. So is what a node says of a second once more.
    pub fn take(&mut self, heard: Heard) -> Vec<Frame> {
        let written = self.keys.clone();
        let mut late: BTreeMap<u32, BTreeMap<u32, Shown>> = BTreeMap::new();
        let mut frames = Vec::new();
        for (second, mut nodes) in heard {
            nodes.retain(|(no, _)| self.picture.node(*no).is_none_or(|known| known.heard_at < second));
            if nodes.is_empty() {
                continue;
            }
            nodes.sort_by_key(|(no, _)| *no);
            nodes.dedup_by_key(|(no, _)| *no);
            if self.needs_key(second) {
                frames.push(Frame {
                    second,
                    kind: Kind::Key,
                    bytes: place_all(Kind::Key, second, self.picture.nodes()),
                });
                let at = self.keys.partition_point(|key| *key < second);
                self.keys.insert(at, second);
            }
            frames.push(Frame { second, kind: Kind::Part, bytes: self.part(second, &nodes) });
            for key in &written[written.partition_point(|key| *key <= second)..] {
                let amended = late.entry(*key).or_default();
                amended.extend(nodes.iter().filter_map(|(no, _)| Some((*no, self.picture.node(*no)?))));
            }
            self.newest = self.newest.max(Some(second));
        }
        for (second, nodes) in late {
            frames.push(Frame { second, kind: Kind::Amendment, bytes: place_all(Kind::Amendment, second, nodes) });
        }
        frames
    }

    /// Whether a second begins with a key frame: one of a new minute, and one before all that there are, since whoever reads begins
    /// at a key frame.
    pub(super) fn needs_key(&self, second: u32) -> bool {
        let is_new_minute = |newest| second / KEY_EVERY_S > newest / KEY_EVERY_S;
        self.newest.is_none_or(is_new_minute) || self.keys.first().is_some_and(|first| second < *first)
    }

    fn part(&mut self, second: u32, nodes: &[(u32, NodeState)]) -> Vec<u8> {
        let mut bytes = head(Kind::Part, second);
        put_runs(&mut bytes, nodes.iter().map(|(no, _)| *no));
        let (mut codes, mut changes) = (Codes::default(), Vec::new());
        for (no, state) in nodes {
            let known = self.picture.node(*no);
            let way = known.map(|known| way(known.state.position, state.position));
            let steps = state.alive
                && match way {
                    Some(Way::Step(_)) => true,
                    Some(Way::None) => false,
                    // Those who are ill stand; of the others most go on.
                    Some(Way::Far) | None => state.health != Health::Infected,
                };
            let shown = Shown { state: *state, heard_at: second, steps };
            match way {
                Some(Way::Step(code)) if steps => codes.push(code),
                Some(Way::None) => {}
                _ => changes.push((*no, what_of(&shown) | PLACED, state.position)),
            }
            let is_as_thought = known.is_some_and(|known| {
                let then = NodeState { position: state.position, ..known.state };
                known.steps == steps && then == *state
            });
            let is_placed = changes.last().is_some_and(|(placed, ..)| placed == no);
            if !is_as_thought && !is_placed {
                changes.push((*no, what_of(&shown), state.position));
            }
            self.picture.set(*no, shown);
        }
        put_varint(&mut bytes, changes.len() as u32);
        let mut after = 0;
        for (no, ..) in &changes {
            put_varint(&mut bytes, no - after);
            after = no + 1;
        }
        bytes.extend(changes.iter().map(|(_, what, _)| what));
        let placed = || changes.iter().filter(|(_, what, _)| what & PLACED != 0).map(|(.., position)| position);
        placed().for_each(|position| bytes.extend(position.x.to_le_bytes()));
        placed().for_each(|position| bytes.extend(position.y.to_le_bytes()));
        bytes.extend(codes.bytes());
        bytes
    }
}

enum Way {
    None,
    Step(u8),
    Far,
}

fn way(from: Position, to: Position) -> Way {
    match (i32::from(to.x) - i32::from(from.x), i32::from(to.y) - i32::from(from.y)) {
        (0, 0) => Way::None,
        (1, 0) => Way::Step(0),
        (0, 1) => Way::Step(1),
        (-1, 0) => Way::Step(2),
        (0, -1) => Way::Step(3),
        _ => Way::Far,
    }
}

pub(super) fn head(kind: Kind, second: u32) -> Vec<u8> {
    let mut bytes = vec![kind.byte()];
    bytes.extend(second.to_le_bytes());
    bytes
}

pub(super) fn place_all(kind: Kind, second: u32, nodes: impl IntoIterator<Item = (u32, Shown)>) -> Vec<u8> {
    let nodes: Vec<(u32, Shown)> = nodes.into_iter().filter(|(_, shown)| shown.heard_at < second).collect();
    let mut bytes = head(kind, second);
    put_runs(&mut bytes, nodes.iter().map(|(no, _)| *no));
    bytes.extend(nodes.iter().map(|(_, shown)| what_of(shown)));
    nodes.iter().for_each(|(_, shown)| bytes.extend(shown.state.position.x.to_le_bytes()));
    nodes.iter().for_each(|(_, shown)| bytes.extend(shown.state.position.y.to_le_bytes()));
    nodes.iter().for_each(|(_, shown)| put_varint(&mut bytes, second - 1 - shown.heard_at));
    bytes
}
