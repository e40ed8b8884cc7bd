//! Frames of messages in any order: whatever came when, the picture of each second is that of the last message up to it.

#![allow(clippy::unwrap_used, missing_docs)]

use domain::runs::{Health, LastReport, NodeState, Position};
use proptest::prelude::*;
use protocol::frames::{Chain, Frame, Kind, Picture, Scattered};
use std::collections::BTreeMap;

/// What stands for a node and second: the message with the greatest rank.
type Truth = BTreeMap<u32, BTreeMap<u32, (u8, NodeState)>>;

#[derive(Clone, Copy, Debug)]
struct Said {
    no: u32,
    second: u32,
    rank: u8,
    state: NodeState,
}

fn said() -> impl Strategy<Value = Said> {
    (0u32..6, 0u32..400, any::<u8>(), 0u16..50, any::<bool>(), 0u8..9).prop_map(|(no, second, rank, x, ill, life)| {
        let health = if ill { Health::Infected } else { Health::Susceptible };
        let state = NodeState { position: Position { x, y: u16::from(rank) }, health, alive: life > 0 };
        Said { no: no * 7, second, rank, state }
    })
}

/// Takes a batch as the consumer does: what stands for a node and second is told once, with the next second that is known.
fn take(chain: &mut Chain, truth: &mut Truth, batch: &[Said]) -> Vec<Frame> {
    let mut changed = BTreeMap::new();
    for said in batch {
        let seconds = truth.entry(said.no).or_default();
        let stands = seconds.entry(said.second).or_insert((said.rank, said.state));
        if stands.0 <= said.rank {
            *stands = (said.rank, said.state);
            changed.insert((said.no, said.second), said.state);
        }
    }
    let mut heard: BTreeMap<u32, Vec<Scattered>> = BTreeMap::new();
    for ((no, second), state) in changed {
        let next = truth[&no].range(second + 1..).next().map(|(second, _)| *second);
        heard.entry(second).or_default().push(Scattered { no, state, next });
    }
    chain.scatter(heard)
}

fn at(truth: &Truth, second: u32) -> BTreeMap<u32, LastReport> {
    let last = |(no, said): (&u32, &BTreeMap<u32, (u8, NodeState)>)| {
        let (covered_until, (_, state)) = said.range(..=second).next_back()?;
        Some((*no, LastReport { covered_until: *covered_until, state: *state }))
    };
    truth.iter().filter_map(last).collect()
}

fn read(frames: &[Frame], from: usize, second: u32) -> BTreeMap<u32, LastReport> {
    let mut picture = Picture::default();
    for frame in frames[from..].iter().take_while(|frame| frame.second <= second) {
        picture.apply(&frame.bytes).unwrap();
    }
    let last = |shown: protocol::frames::Shown| LastReport { covered_until: shown.heard_at, state: shown.state };
    picture.nodes().map(|(no, shown)| (no, last(shown))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn each_second_is_that_of_the_last_message_up_to_it(
        batches in prop::collection::vec(prop::collection::vec(said(), 0..30), 1..10),
        killed in any::<prop::sample::Index>(),
    ) {
        let (mut chain, mut truth, mut frames) = (Chain::default(), Truth::new(), Vec::new());
        let killed = killed.index(batches.len());
        for (at, batch) in batches.iter().enumerate() {
            frames.extend(take(&mut chain, &mut truth, batch));
            frames.sort_by_key(|frame| (frame.second, frame.kind));
            if at == killed {
                let last_key = frames.iter().rposition(|frame| frame.kind == Kind::Key).unwrap_or(0);
                let keys = frames.iter().filter(|frame| frame.kind == Kind::Key).map(|frame| frame.second).collect();
                let kept = frames[last_key..].iter().map(|frame| &frame.bytes[..]);
                chain = Chain::resume(keys, kept).unwrap();
            }
        }
        let keys: Vec<usize> = (0..frames.len()).filter(|at| frames[*at].kind == Kind::Key).collect();
        prop_assert_eq!(frames[keys[0]].second, 0, "so that every second has a key frame before it");
        for second in (0..410).step_by(3) {
            for key in keys.iter().filter(|key| frames[**key].second <= second) {
                prop_assert_eq!(read(&frames, *key, second), at(&truth, second), "second {}", second);
            }
        }
    }
}
