//! What nodes of a run say: to each other in beacons, to the log in reports.
//!
//! A run has one wire. On a *compact* one beacons have 24 bytes and reports are packed; on a *json* one nodes speak as
//! those of the published system do, so that both understand each other. What a frame is says its first byte, never its
//! content, so nothing that a person's device sent can be taken for a simulation's, or the other way round.
//!
//! All numbers are little-endian. Decoders take any bytes: they refuse what isn't exactly in form, say why, and hold no
//! more memory than the frame is long. Each frame has one form only, so that equal bytes are equal frames.

mod beacon;
mod bytes;
mod historic;
mod pack;
mod report;
mod step;
mod united;

pub use beacon::{BEACON_BYTES, BEACON_MAC_BYTES, Beacon, BeaconFrame, BeaconRefusal, Channel, RunKey, WINDOW_S};
pub use historic::{Historic, HistoricContact, HistoricRefusal, MAX_HISTORIC_BYTES, beacon_json, report_json, wrapped};
pub use pack::{LivedSecond, Sender, pack};
pub use report::{Contact, MAX_CONTACTS, MAX_REPORT_BYTES, MAX_SECONDS, Report, ReportRefusal, ReportView};
pub use step::{Quarters, Step};
pub use united::{MAX_UNITED, SLOT_S, United, UnitedContact, UnitedRefusal};

use domain::runs::{Health, NodeState, Position};
use uuid::Uuid;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A [`Beacon`]: first byte 0x90 to 0x9F.
    Beacon,
    /// A frame of a real device: first byte 0xA0. No run takes it.
    Device,
    /// A [`Report`]: first byte 0xB0 to 0xBF.
    Report,
    /// Contacts that a node united while the log was away, [`United`]: first byte 0xC0.
    United,
    /// A [`Historic`] message: first byte `{`, or `"` where it is wrapped in a string.
    Historic,
}

impl Kind {
    /// Tells from the first byte what a frame is; `None` if nothing begins like that.
    #[must_use]
    pub fn of(frame: &[u8]) -> Option<Self> {
        match frame.first()? {
            0x90..=0x9f => Some(Self::Beacon),
            0xa0 => Some(Self::Device),
            0xb0..=0xbf => Some(Self::Report),
            0xc0 => Some(Self::United),
            b'{' | b'"' => Some(Self::Historic),
            _ => None,
        }
    }
}

/// A node, as reports of others name it: the first 6 bytes of BLAKE3 of the 16 bytes of its UUID.
///
/// Among 1,000,000 nodes two share them with a probability of 0.002; whoever stores reports refuses the second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerTag(pub [u8; 6]);

impl PeerTag {
    /// Returns the tag of a node.
    #[must_use]
    pub fn of(node: Uuid) -> Self {
        Self(first_bytes(&blake3::hash(node.as_bytes())))
    }
}

impl std::fmt::Debug for PeerTag {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeerTag({self})")
    }
}

impl std::fmt::Display for PeerTag {
    /// Twelve hexadecimal digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn first_bytes<const N: usize>(hash: &blake3::Hash) -> [u8; N] {
    std::array::from_fn(|at| hash.as_bytes()[at])
}

/// The lower half of a first byte.
mod flags {
    pub const INFECTED: u8 = 1;
    pub const IMMUNE: u8 = 2;
    pub const ALIVE: u8 = 4;
    /// Of a beacon: a MAC follows. Of a report: who infected the node follows.
    pub const MORE: u8 = 8;
}

/// Returns health and life as bits of a first byte.
fn bits_of(state: NodeState) -> u8 {
    let health = match state.health {
        Health::Susceptible => 0,
        Health::Infected => flags::INFECTED,
        Health::Immune => flags::IMMUNE,
    };
    health | if state.alive { flags::ALIVE } else { 0 }
}

/// Returns the state that a first byte and a position tell; `None` if it were infected and immune at once.
fn state_of(first: u8, position: Position) -> Option<NodeState> {
    let health = match first & (flags::INFECTED | flags::IMMUNE) {
        0 => Health::Susceptible,
        flags::INFECTED => Health::Infected,
        flags::IMMUNE => Health::Immune,
        _ => return None,
    };
    Some(NodeState { position, health, alive: first & flags::ALIVE != 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_says_what_a_frame_is() {
        let kinds = [(0x8f, None), (0x90, Some(Kind::Beacon)), (0x9f, Some(Kind::Beacon)), (0xa0, Some(Kind::Device))];
        let more = [(0xa1, None), (0xb0, Some(Kind::Report)), (0xbf, Some(Kind::Report)), (0xc0, Some(Kind::United))];
        let json = [(b'{', Some(Kind::Historic)), (b'"', Some(Kind::Historic)), (b'[', None), (0xc1, None)];
        for (first, kind) in [kinds, more, json].concat() {
            assert_eq!(Kind::of(&[first, 1, 2]), kind, "{first:#x}");
        }
        assert_eq!(Kind::of(&[]), None);
    }

    #[test]
    fn a_tag_is_the_beginning_of_the_hash_of_the_id() {
        let node = Uuid::from_u128(0x5603_b252_36de_11eb_8d4f_0242_ac14_0005);
        let hash = blake3::hash(node.as_bytes()).to_hex();
        assert_eq!(PeerTag::of(node).to_string(), hash[..12]);
    }
}
