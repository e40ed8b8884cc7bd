//! A beacon: where a node is and what it is, 24 bytes, each second, to whoever is in reach.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | 0x90, and 1 infected, 2 immune, 4 alive, 8 a MAC follows |
//! | 1 to 2 | tag of the run: the first two bytes of BLAKE3 of its id |
//! | 3 | second of the run, modulo 256 |
//! | 4 to 19 | UUID of the node |
//! | 20 to 21, 22 to 23 | x, y |
//! | 24 to 27 | with a key: the first 4 bytes of keyed BLAKE3 of the run's id and bytes 0 to 23 |
//!
//! The tag keeps runs apart that share a network; it protects from nothing. The key does: it keeps strangers from sending
//! in a run's name, at the odds of 1 to 4 billion for each try, and from sending a beacon again later than five seconds,
//! except by 256 seconds or a multiple, when byte 3 is the same again.

use super::{bits_of, first_bytes, flags, state_of};
use domain::runs::{NodeState, Position};
use uuid::Uuid;

/// Bytes of a beacon without MAC.
pub const BEACON_BYTES: usize = 24;

/// Bytes of a beacon with MAC.
pub const BEACON_MAC_BYTES: usize = 28;

/// Seconds by which a beacon with MAC may be off, either way.
pub const WINDOW_S: u8 = 5;

const FIRST: u8 = 0x90;

/// The key that the nodes of a run share. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct RunKey(pub [u8; 32]);

impl std::fmt::Debug for RunKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RunKey(…)")
    }
}

/// What a node says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// Second of the run, modulo 256.
    pub second: u8,
    /// Which node.
    pub node: Uuid,
    /// Where it stands in this second, and its state at the beginning of it.
    pub state: NodeState,
}

/// Why a beacon is dropped. Each is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BeaconRefusal {
    /// No beacon at all: another first byte, another length, infected and immune at once.
    #[error("malformed")]
    Malformed,
    /// It belongs to another run.
    #[error("of another run")]
    OtherRun,
    /// The run has a key, and the beacon wasn't made with it, or has no MAC.
    #[error("wrong MAC")]
    WrongMac,
    /// The run has a key, and the beacon is more than five seconds off.
    #[error("late")]
    Late,
}

impl BeaconRefusal {
    /// All of them, in the order in which they are looked for.
    pub const ALL: [Self; 4] = [Self::Malformed, Self::OtherRun, Self::WrongMac, Self::Late];
}

/// The bytes of a beacon, ready to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeaconFrame {
    bytes: [u8; BEACON_MAC_BYTES],
    has_mac: bool,
}

impl AsRef<[u8]> for BeaconFrame {
    fn as_ref(&self) -> &[u8] {
        if self.has_mac { &self.bytes } else { &self.bytes[..BEACON_BYTES] }
    }
}

/// One run on the air: writes its beacons, and knows them from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    run: Uuid,
    tag: [u8; 2],
    key: Option<RunKey>,
}

impl Channel {
    /// Tunes in to a run, with its key if it has one.
    #[must_use]
    pub fn new(run: Uuid, key: Option<RunKey>) -> Self {
        Self { run, tag: first_bytes(&blake3::hash(run.as_bytes())), key }
    }

    /// Writes a beacon.
    #[must_use]
    pub fn write(&self, beacon: &Beacon) -> BeaconFrame {
        let mut bytes = [0; BEACON_MAC_BYTES];
        let NodeState { position, .. } = beacon.state;
        let more = if self.key.is_some() { flags::MORE } else { 0 };
        bytes[0] = FIRST | bits_of(beacon.state) | more;
        bytes[1..3].copy_from_slice(&self.tag);
        bytes[3] = beacon.second;
        bytes[4..20].copy_from_slice(beacon.node.as_bytes());
        bytes[20..22].copy_from_slice(&position.x.to_le_bytes());
        bytes[22..24].copy_from_slice(&position.y.to_le_bytes());
        if let Some(key) = &self.key {
            let mac = self.mac(key, &bytes[..BEACON_BYTES]);
            bytes[24..].copy_from_slice(&mac);
        }
        BeaconFrame { bytes, has_mac: self.key.is_some() }
    }

    /// Reads a beacon that was heard in a second of the run.
    ///
    /// Without a key nobody can check a MAC, so a beacon that has one is taken as it is, and no second is too far off.
    ///
    /// # Errors
    ///
    /// [`BeaconRefusal`]: the first reason that holds, in the order of [`BeaconRefusal::ALL`].
    #[inline]
    pub fn read(&self, frame: &[u8], second: u32) -> Result<Beacon, BeaconRefusal> {
        let beacon = parse(frame, self.tag)?;
        if let Some(key) = &self.key {
            self.check(key, frame, &beacon, second)?;
        }
        Ok(beacon)
    }

    fn check(&self, key: &RunKey, frame: &[u8], beacon: &Beacon, second: u32) -> Result<(), BeaconRefusal> {
        let (said, mac) = frame.split_at_checked(BEACON_BYTES).ok_or(BeaconRefusal::Malformed)?;
        // Compared as one number, so that the time taken doesn't say how many bytes were right.
        let right = u32::from_ne_bytes(self.mac(key, said));
        if mac.try_into().ok().map(u32::from_ne_bytes) != Some(right) {
            return Err(BeaconRefusal::WrongMac);
        }
        let off = (second as u8).wrapping_sub(beacon.second).cast_signed().unsigned_abs();
        if off > WINDOW_S { Err(BeaconRefusal::Late) } else { Ok(()) }
    }

    fn mac(&self, key: &RunKey, said: &[u8]) -> [u8; 4] {
        let mut input = [0; 16 + BEACON_BYTES];
        input[..16].copy_from_slice(self.run.as_bytes());
        input[16..].copy_from_slice(said);
        first_bytes(&blake3::keyed_hash(&key.0, &input))
    }
}

#[inline]
fn parse(frame: &[u8], tag: [u8; 2]) -> Result<Beacon, BeaconRefusal> {
    let Some((said, mac)) = frame.split_first_chunk::<BEACON_BYTES>() else { return Err(BeaconRefusal::Malformed) };
    // Taken apart by a pattern: each place is known to be there, so none is checked again.
    let [first, tag_0, tag_1, second, rest @ ..] = *said;
    let [node @ .., x_0, x_1, y_0, y_1] = rest;
    let mac_bytes = if first & flags::MORE == 0 { 0 } else { BEACON_MAC_BYTES - BEACON_BYTES };
    let position = Position { x: u16::from_le_bytes([x_0, x_1]), y: u16::from_le_bytes([y_0, y_1]) };
    match state_of(first, position) {
        Some(state) if first & 0xf0 == FIRST && mac.len() == mac_bytes => {
            let beacon = Beacon { second, node: Uuid::from_bytes(node), state };
            if [tag_0, tag_1] == tag { Ok(beacon) } else { Err(BeaconRefusal::OtherRun) }
        }
        _ => Err(BeaconRefusal::Malformed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::runs::Health;
    use proptest::prelude::*;

    fn open() -> Channel {
        Channel::new(Uuid::from_u128(7), None)
    }

    fn keyed() -> Channel {
        Channel::new(Uuid::from_u128(7), Some(RunKey([9; 32])))
    }

    fn beacon(second: u8) -> Beacon {
        let state = NodeState { position: Position { x: 0x0102, y: 0x0304 }, health: Health::Infected, alive: true };
        Beacon { second, node: Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10), state }
    }

    #[test]
    fn a_beacon_has_these_bytes() {
        let frame = open().write(&beacon(200));
        let hash = blake3::hash(Uuid::from_u128(7).as_bytes());
        let mut expected = vec![0x95, hash.as_bytes()[0], hash.as_bytes()[1], 200];
        expected.extend(1..=16);
        expected.extend([2, 1, 4, 3]);
        assert_eq!(frame.as_ref(), expected);
    }

    #[test]
    fn the_mac_is_that_of_the_run_and_of_all_24_bytes() {
        let frame = keyed().write(&beacon(200));
        let said = &frame.as_ref()[..24];
        let input = [Uuid::from_u128(7).as_bytes().as_slice(), said].concat();
        assert_eq!(frame.as_ref()[24..], blake3::keyed_hash(&[9; 32], &input).as_bytes()[..4]);
        assert_eq!(said[0], 0x9d);
    }

    #[test]
    fn each_reason_to_drop_a_beacon_is_told_apart() {
        let refused = |channel: &Channel, frame: &[u8], second| channel.read(frame, second).unwrap_err();
        let frame = keyed().write(&beacon(200));
        let frame = frame.as_ref();
        assert_eq!(refused(&keyed(), &frame[..27], 200), BeaconRefusal::Malformed);
        let stranger = Channel::new(Uuid::from_u128(8), Some(RunKey([9; 32])));
        assert_eq!(refused(&stranger, frame, 200), BeaconRefusal::OtherRun);
        for bit in [0, 3 * 8, 4 * 8, 23 * 8, 24 * 8, 27 * 8 + 7] {
            let mut changed = frame.to_vec();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(refused(&keyed(), &changed, 200), BeaconRefusal::WrongMac, "bit {bit}");
        }
        let bare = open().write(&beacon(200));
        assert_eq!(refused(&keyed(), bare.as_ref(), 200), BeaconRefusal::WrongMac, "none at all");
        assert_eq!(refused(&keyed(), frame, 206), BeaconRefusal::Late);
        assert_eq!(refused(&keyed(), frame, 194), BeaconRefusal::Late, "from the future");
    }

    #[test]
    fn the_window_reaches_over_the_end_of_the_byte() {
        let frame = keyed().write(&beacon(254));
        for second in [249, 254, 256 + 3, 512 + 254] {
            assert_eq!(keyed().read(frame.as_ref(), second), Ok(beacon(254)), "{second}");
        }
        assert_eq!(keyed().read(frame.as_ref(), 256 + 4), Err(BeaconRefusal::Late));
    }

    #[test]
    fn infected_and_immune_at_once_is_malformed() {
        let mut bytes = open().write(&beacon(1)).as_ref().to_vec();
        bytes[0] |= flags::IMMUNE;
        assert_eq!(open().read(&bytes, 1), Err(BeaconRefusal::Malformed));
    }

    #[test]
    fn without_a_key_a_mac_is_not_looked_at() {
        assert_eq!(open().read(keyed().write(&beacon(3)).as_ref(), 99), Ok(beacon(3)));
    }

    #[test]
    fn a_key_is_never_printed() {
        assert_eq!(format!("{:?}", RunKey([77; 32])), "RunKey(…)");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            second: u8, node: u128, x: u16, y: u16, health in 0..3, alive: bool, has_key: bool
        ) {
            let health = [Health::Susceptible, Health::Infected, Health::Immune][health as usize];
            let state = NodeState { position: Position { x, y }, health, alive };
            let beacon = Beacon { second, node: Uuid::from_u128(node), state };
            let channel = if has_key { keyed() } else { open() };
            let frame = channel.write(&beacon);
            prop_assert_eq!(channel.read(frame.as_ref(), u32::from(second)), Ok(beacon));
            let length = if has_key { BEACON_MAC_BYTES } else { BEACON_BYTES };
            prop_assert_eq!(frame.as_ref().len(), length);
        }
    }
}
