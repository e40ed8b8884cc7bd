//! Whatever strangers send: no decoder panics, none holds more than the frame is long, and none takes two forms for one.
//!
//! A million frames for each decoder, the same each time; `EPITRACE_FUZZ_FRAMES` sets another number. A fifth of them are
//! random bytes, the others real frames in which something was changed.

use crate::examples::{BEACON, REPORT};
use domain::runs::{Health, NodeState, Position};
use protocol::nodes::{
    Beacon, Channel, Contact, Historic, Kind, PeerTag, Quarters, Report, ReportView, RunKey, Step, United,
    UnitedContact, beacon_json, report_json, wrapped,
};
use uuid::Uuid;

/// SplitMix64.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.next()) * limit as u128) >> 64) as usize
    }

    /// Replaces what is in `bytes`.
    fn random(&mut self, bytes: &mut Vec<u8>, n: usize) {
        bytes.clear();
        while bytes.len() < n {
            bytes.extend(self.next().to_le_bytes());
        }
        bytes.truncate(n);
    }
}

/// Changes a frame in one of the ways in which bytes go wrong, or are made to.
fn change(draw: &mut Draw, frame: &mut Vec<u8>, other: &[u8]) {
    let at = draw.below(frame.len().max(1));
    match draw.below(8) {
        _ if frame.is_empty() => frame.push(draw.next() as u8),
        0 | 1 => frame[at] ^= 1 << draw.below(8),
        2 => frame[at] = draw.next() as u8,
        3 => frame[at] = [0, 1, 0x7f, 0x80, 0xff, b'"', b'{', b'\\'][draw.below(8)],
        4 => frame.truncate(at),
        5 => frame.insert(at, draw.next() as u8),
        6 => drop(frame.remove(at)),
        _ => {
            let from = draw.below(other.len().max(1)).min(other.len());
            frame.truncate(at);
            frame.extend(&other[from..]);
        }
    }
}

/// Gives a decoder its frames; returns how many of them it took.
fn fuzz(seed: u64, first_bytes: &[u8], real: &[Vec<u8>], mut takes: impl FnMut(&[u8]) -> bool) -> usize {
    let n_frames = std::env::var("EPITRACE_FUZZ_FRAMES").map_or(1_000_000, |text| text.parse().unwrap());
    let mut draw = Draw(seed);
    let mut frame = Vec::new();
    let mut n_taken = 0;
    for _ in 0..n_frames {
        if draw.below(5) == 0 {
            let n = draw.below(80);
            draw.random(&mut frame, n);
            // Without a right first byte nothing else would be looked at.
            if let Some(first) = frame.first_mut() {
                *first = first_bytes[draw.below(first_bytes.len())];
            }
        } else {
            frame.clear();
            frame.extend(&real[draw.below(real.len())]);
            for _ in 0..draw.below(4) {
                let other = draw.below(real.len());
                change(&mut draw, &mut frame, &real[other]);
            }
        }
        n_taken += usize::from(takes(&frame));
    }
    // Real frames, of which a fifth went unchanged, are among them: had none been taken, nothing was tried.
    assert!(n_taken > n_frames / 10 && n_taken < n_frames, "{n_taken} of {n_frames} were taken");
    n_taken
}

fn states(draw: &mut Draw) -> NodeState {
    let health = [Health::Susceptible, Health::Infected, Health::Immune][draw.below(3)];
    let position = Position { x: draw.next() as u16, y: draw.next() as u16 };
    NodeState { position, health, alive: draw.below(4) != 0 }
}

#[test]
fn beacons() {
    let run = Uuid::from_u128(7);
    let channels = [Channel::new(run, None), Channel::new(run, Some(RunKey([9; 32])))];
    let draw = &mut Draw(1);
    let real: Vec<Vec<u8>> = (0..200)
        .map(|n| {
            let beacon = Beacon { second: 9, node: Uuid::from_u128(u128::from(draw.next())), state: states(draw) };
            channels[n % 2].write(&beacon).as_ref().to_vec()
        })
        .collect();
    let first: Vec<u8> = (0x90..=0x9f).collect();
    fuzz(2, &first, &real, |frame| {
        let [open, keyed] = channels.each_ref().map(|channel| channel.read(frame, 9));
        if let Ok(beacon) = open {
            let again = channels[0].write(&beacon);
            assert_eq!(again.as_ref()[1..], frame[1..24]);
            assert_eq!(again.as_ref()[0], frame[0] & !8);
        }
        if let Ok(beacon) = keyed {
            assert_eq!(channels[1].write(&beacon).as_ref(), frame);
            assert_eq!(open, Ok(beacon), "who has the key takes less");
        }
        open.is_ok()
    });
}

#[test]
fn reports() {
    let draw = &mut Draw(3);
    let report = |_| {
        let mut state = states(draw);
        state.position = Position { x: 30_000, y: 30_000 };
        let n_seconds = 1 + draw.below(8);
        let infectable = state.alive && state.health == Health::Susceptible;
        let to = Position { x: 30_005, y: 29_992 };
        let contacts = (0..draw.below(5)).map(|_| Contact {
            peer: PeerTag::of(Uuid::from_u128(u128::from(draw.next()))),
            seconds_back: draw.below(n_seconds) as u8,
            distance: Quarters(draw.next() as u8),
        });
        let contacts = contacts.collect();
        let report = Report {
            node: Uuid::from_u128(u128::from(draw.next())),
            boot: draw.next() as u32,
            seq: draw.next() as u32 >> draw.below(32),
            second: 20 + draw.below(1_000) as u32,
            state,
            infected_by: (infectable && draw.below(2) == 0).then_some(PeerTag([5; 6])),
            steps: vec![Step::between(state.position, to).unwrap(); n_seconds - 1],
            contacts,
        };
        report.write().unwrap()
    };
    let real: Vec<Vec<u8>> = (0..200).map(report).collect();
    let first: Vec<u8> = (0xb0..=0xbf).collect();
    fuzz(4, &first, &real, |frame| {
        let Ok(view) = ReportView::read(frame) else { return false };
        let report = view.to_report();
        assert!(report.contacts.capacity() * 8 + report.steps.capacity() <= frame.len(), "more than was sent");
        assert_eq!(view.states().count(), report.steps.len() + 1);
        assert_eq!(report.write().as_deref(), Ok(frame), "one form");
        true
    });
}

#[test]
fn united_contacts() {
    let draw = &mut Draw(5);
    let united = |_| {
        let contacts = (0..1 + draw.below(5)).map(|_| {
            let (a, b) = (draw.below(300) as u16, draw.below(300) as u16);
            let peer = PeerTag::of(Uuid::from_u128(u128::from(draw.next())));
            let n_contacts = 1 + draw.below(300) as u16;
            UnitedContact { peer, first: a.min(b), last: a.max(b), n_contacts, nearest: Quarters(draw.next() as u8) }
        });
        let contacts = contacts.collect();
        let node = Uuid::from_u128(u128::from(draw.next()));
        United { node, boot: 1, seq: draw.below(300) as u32, slot: draw.below(1_000) as u32, contacts }.write().unwrap()
    };
    let real: Vec<Vec<u8>> = (0..200).map(united).collect();
    fuzz(6, &[0xc0], &real, |frame| {
        let Ok(united) = United::read(frame) else { return false };
        assert!(united.contacts.capacity() * 13 <= frame.len(), "more than was sent");
        assert_eq!(united.write().as_deref(), Ok(frame), "one form");
        true
    });
}

#[test]
fn the_published_json() {
    let messages = [BEACON, REPORT].map(|json| Historic::read(json.as_bytes()).unwrap());
    let [beacon, mut report] = messages;
    report.contacts.truncate(2);
    let json = [beacon_json(&beacon), report_json(&report), report_json(&beacon)];
    let mut real: Vec<Vec<u8>> = json.iter().map(|json| json.clone().into_bytes()).collect();
    real.extend(json.iter().map(|json| wrapped(json).into_bytes()));
    fuzz(7, b"{\"", &real, |frame| {
        let Ok(message) = Historic::read(frame) else { return false };
        // An entry has two texts of 36 and 19 signs at least; a vector may have room for twice as many entries.
        assert!(message.contacts.capacity() <= 4.max(frame.len() / 32), "more than was sent");
        assert_eq!(Historic::read(report_json(&message).as_bytes()), Ok(message));
        true
    });
}

#[test]
fn what_a_frame_is_never_depends_on_more_than_its_first_byte() {
    let mut frame = Vec::new();
    let mut draw = Draw(8);
    for n in 0..10_000 {
        draw.random(&mut frame, 1 + n % 40);
        assert_eq!(Kind::of(&frame), Kind::of(&frame[..1]));
    }
}
