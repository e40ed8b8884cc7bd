//! Writing frames of nodes whose messages come in any order: late ones change what a second shows, not what later ones show.
//!
//! Parts of such a chain place each of their nodes, so none builds on the one before, and another may be put between two.

use super::bytes::{put_runs, put_varint};
use super::chain::{Chain, Frame, head, place_all};
use super::picture::{Shown, what_of};
use super::{Kind, PLACED};
use domain::runs::NodeState;
use std::collections::BTreeMap;

/// A node as it was in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scattered {
    /// Its number.
    pub no: u32,
    /// What it said.
    pub state: NodeState,
    /// The next second of which something is known of it: from there on this message changes nothing.
    pub next: Option<u32>,
}

impl Chain {
    /// Takes messages by second, each of a node and second once, and returns the frames that tell of them. What was said of a
    /// node and second before is replaced. All of one chain must be taken so, or all by [`take`](Self::take).
    pub fn scatter(&mut self, heard: BTreeMap<u32, Vec<Scattered>>) -> Vec<Frame> {
        let mut frames = Vec::new();
        if self.keys.is_empty() {
            // Whatever comes late is after this one, so whoever wants an early second knows where to begin.
            frames.push(Frame { second: 0, kind: Kind::Key, bytes: place_all(Kind::Key, 0, []) });
            self.keys.push(0);
            self.newest = self.newest.max(Some(0));
        }
        let mut late: BTreeMap<u32, BTreeMap<u32, Shown>> = BTreeMap::new();
        for (second, mut nodes) in heard {
            if nodes.is_empty() {
                continue;
            }
            nodes.sort_by_key(|said| said.no);
            if self.needs_key(second) {
                frames.push(Frame {
                    second,
                    kind: Kind::Key,
                    bytes: place_all(Kind::Key, second, self.picture.nodes()),
                });
                self.keys.push(second);
            }
            frames.push(Frame { second, kind: Kind::Part, bytes: placed(second, &nodes) });
            for Scattered { no, state, next } in nodes {
                let shown = Shown { state, heard_at: second, steps: false };
                let after = self.keys.partition_point(|key| *key <= second);
                let amended = self.keys[after..].iter().take_while(|key| next.is_none_or(|next| **key <= next));
                for key in amended {
                    late.entry(*key).or_default().insert(no, shown);
                }
                if self.picture.node(no).is_none_or(|known| known.heard_at <= second) {
                    self.picture.set(no, shown);
                }
            }
            self.newest = self.newest.max(Some(second));
        }
        for (second, nodes) in late {
            frames.push(Frame { second, kind: Kind::Amendment, bytes: place_all(Kind::Amendment, second, nodes) });
        }
        frames
    }
}

/// A part that places each of its nodes.
fn placed(second: u32, nodes: &[Scattered]) -> Vec<u8> {
    let mut bytes = head(Kind::Part, second);
    put_runs(&mut bytes, nodes.iter().map(|said| said.no));
    put_varint(&mut bytes, nodes.len() as u32);
    let mut after = 0;
    for said in nodes {
        put_varint(&mut bytes, said.no - after);
        after = said.no + 1;
    }
    let what = |said: &Scattered| what_of(&Shown { state: said.state, heard_at: second, steps: false }) | PLACED;
    bytes.extend(nodes.iter().map(what));
    nodes.iter().for_each(|said| bytes.extend(said.state.position.x.to_le_bytes()));
    nodes.iter().for_each(|said| bytes.extend(said.state.position.y.to_le_bytes()));
    bytes
}
