//! What the nodes of a host send in a second.

use super::{Host, Member};
use domain::runs::{Health, Wire};
use jiff::civil::DateTime;
use protocol::nodes::{Beacon, BeaconFrame, Historic, beacon_json};

/// A beacon, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeaconBytes {
    /// Of a compact run.
    Compact(BeaconFrame),
    /// Of a json run.
    Json(String),
}

impl AsRef<[u8]> for BeaconBytes {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Compact(frame) => frame.as_ref(),
            Self::Json(text) => text.as_bytes(),
        }
    }
}

impl Host {
    /// Returns the beacons of this second: one for each node that lives, and the last one of each that just died.
    ///
    /// `clock` stands in beacons of a json run; nobody reckons with its zone.
    #[must_use]
    pub fn beacons(&self, clock: DateTime) -> Vec<BeaconBytes> {
        let present = self.members.iter().filter(|member| !member.is_gone);
        present.map(|member| self.beacon(member, clock)).collect()
    }

    fn beacon(&self, member: &Member, clock: DateTime) -> BeaconBytes {
        let state = member.node.state();
        match self.wire {
            Wire::Compact => {
                let beacon = Beacon { second: self.second as u8, node: member.id, state };
                BeaconBytes::Compact(self.channel.write(&beacon))
            }
            Wire::Json => BeaconBytes::Json(beacon_json(&Historic {
                node: member.id,
                position: state.position,
                infected: state.health == Health::Infected,
                timestamp: clock,
                alive: state.alive,
                contacts: Vec::new(),
            })),
        }
    }
}
