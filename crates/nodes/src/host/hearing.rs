//! What comes by air: which frames are beacons of others, and which are refused, counted by reason.
//!
//! The same beacon may come several times, over several interfaces: it counts once. Two beacons that one node sent in
//! different seconds of its own both count, also where both come within one second here, because clocks differ.

use super::Host;
use domain::runs::{Health, NodeState, Wire};
use jiff::civil::DateTime;
use protocol::nodes::{BeaconRefusal, Historic, Kind};
use simulator::Heard;
use std::collections::HashMap;
use uuid::Uuid;

/// The most beacons of others in one second; more are refused, so that a flood doesn't fill memory.
pub const MOST_HEARD: usize = 1 << 20;

/// Why a frame is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Refusal {
    /// It is no beacon.
    #[error("malformed")]
    Malformed,
    /// It is a beacon of the other wire.
    #[error("of the other wire")]
    OtherWire,
    /// It belongs to another run.
    #[error("of another run")]
    OtherRun,
    /// The run has a key, and the beacon wasn't made with it.
    #[error("wrong MAC")]
    WrongMac,
    /// The run has a key, and the beacon is more than five seconds off.
    #[error("late")]
    Late,
    /// There were [`MOST_HEARD`] in this second already.
    #[error("too many")]
    TooMany,
}

impl Refusal {
    /// All of them, in the order in which they are counted.
    pub const ALL: [Self; 6] =
        [Self::Malformed, Self::OtherWire, Self::OtherRun, Self::WrongMac, Self::Late, Self::TooMany];
}

impl From<BeaconRefusal> for Refusal {
    fn from(refusal: BeaconRefusal) -> Self {
        match refusal {
            BeaconRefusal::Malformed => Self::Malformed,
            BeaconRefusal::OtherRun => Self::OtherRun,
            BeaconRefusal::WrongMac => Self::WrongMac,
            BeaconRefusal::Late => Self::Late,
        }
    }
}

/// What came by air since the host began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Beacons of others; repetitions count.
    pub n_heard: u64,
    /// Beacons of its own nodes that came back.
    pub n_own: u64,
    n_refused: [u64; Refusal::ALL.len()],
}

impl Counts {
    /// Returns how many frames were refused for a reason.
    #[must_use]
    pub fn n_refused(&self, refusal: Refusal) -> u64 {
        self.n_refused[refusal as usize]
    }

    /// Lists the reasons for which frames were refused, with how many.
    pub fn refused(&self) -> impl Iterator<Item = (Refusal, u64)> + '_ {
        Refusal::ALL.into_iter().zip(self.n_refused).filter(|(_, n)| *n > 0)
    }
}

/// By what the beacons of one node are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Said {
    Second(u8),
    At(DateTime),
}

/// What was heard in this second.
#[derive(Debug, Default)]
pub(super) struct Ear {
    heard: HashMap<(Uuid, Said), NodeState>,
    pub counts: Counts,
}

impl Ear {
    /// Gives what was heard, and begins anew.
    pub fn end_second(&mut self) -> impl Iterator<Item = Heard<Uuid>> + '_ {
        self.heard.drain().map(|((id, _), state)| Heard { id, state })
    }
}

impl Host {
    /// Hears a frame in this second.
    pub fn hear(&mut self, frame: &[u8]) {
        match self.read(frame) {
            Ok((node, _, _)) if self.ids.contains(&node) => self.ear.counts.n_own += 1,
            Ok((node, said, state)) => {
                self.ear.counts.n_heard += 1;
                self.ear.heard.insert((node, said), state);
            }
            Err(refusal) => self.ear.counts.n_refused[refusal as usize] += 1,
        }
    }

    fn read(&self, frame: &[u8]) -> Result<(Uuid, Said, NodeState), Refusal> {
        if self.ear.heard.len() >= MOST_HEARD {
            return Err(Refusal::TooMany);
        }
        match (self.wire, Kind::of(frame)) {
            (Wire::Compact, Some(Kind::Historic)) | (Wire::Json, Some(Kind::Beacon)) => Err(Refusal::OtherWire),
            (Wire::Compact, _) => {
                let beacon = self.channel.read(frame, self.second)?;
                Ok((beacon.node, Said::Second(beacon.second), beacon.state))
            }
            (Wire::Json, _) => {
                let message = Historic::read(frame).map_err(|_| Refusal::Malformed)?;
                let health = if message.infected { Health::Infected } else { Health::Susceptible };
                let state = NodeState { position: message.position, health, alive: message.alive };
                Ok((message.node, Said::At(message.timestamp), state))
            }
        }
    }
}
