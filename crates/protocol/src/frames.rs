//! Frames: where the nodes of a run were in a second and what they were, packed for the history and for the live picture.
//!
//! Reports of a run come in by partitions of its log; each partition has frames of its own, a **chain**. Of a second there is a
//! frame for each batch that tells of it. Three kinds:
//!
//! - a **key** frame holds all nodes of the chain as they were known before its second, and replaces what was known;
//! - a **part** holds the nodes that were heard in its second: a step of two bits for those that move on, and what else changed;
//! - an **amendment** brings a key frame up to date about nodes whose reports came after it was written; what is known later stands.
//!
//! Nodes of the published system have one chain, whatever partition their messages lay in: these come in any order, also of one
//! node. Each of its parts places all of its nodes, so that one that comes late may stand between two.
//!
//! Whoever wants second *t* reads the last key frame at or before it, and then each frame up to *t* by second, kind and number. Numbers
//! are little-endian, counts are varints (seven bits a byte, low first, as in Protocol Buffers):
//!
//! | frame | bytes |
//! | --- | --- |
//! | all | kind 1 (1 key, 2 amendment, 3 part), second 4, count of runs, for each run of node numbers: gap to the one before, length |
//! | key, amendment | a column each: what 1, x 2, y 2, seconds since it was heard, less one (varint) |
//! | part | count of changes, then a column each: gap to the number before, what 1, and x 2, y 2 of those that are placed; then two bits for each node that steps and isn't placed: right, up, left, down |
//!
//! *What* is 0–1 health (0 susceptible, 1 infected, 2 immune), 4 alive, 8 it steps each second, 16 a place follows.

mod bytes;
mod chain;
mod picture;
mod scattered;

pub use bytes::BadFrame;
pub use chain::{Chain, Frame, Heard, KEY_EVERY_S};
pub use picture::{Picture, Shown};
pub use scattered::Scattered;

/// Kinds of frames, in the order in which those of a second are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// All nodes of a chain.
    Key,
    /// What a key frame would have said had it been written later.
    Amendment,
    /// Those that were heard in a second.
    Part,
}

impl Kind {
    /// Returns its byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Key => 1,
            Self::Amendment => 2,
            Self::Part => 3,
        }
    }

    /// Finds a kind by its byte.
    #[must_use]
    pub fn of(byte: u8) -> Option<Self> {
        [Self::Key, Self::Amendment, Self::Part].into_iter().find(|kind| kind.byte() == byte)
    }
}

/// The chain of what published nodes said. No partition has this number.
pub const HISTORIC_CHAIN: i32 = u16::MAX as i32;

/// Numbers of nodes are below this: a broken frame must not ask for more memory than a picture of so many.
pub const MOST_NODES: u32 = 1 << 24;

const ALIVE: u8 = 4;
const STEPS: u8 = 8;
const PLACED: u8 = 16;
