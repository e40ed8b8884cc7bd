//! Frames: whatever came, and in whatever batches, the picture of each second is that of the reports.

#![allow(clippy::unwrap_used, missing_docs)]

use domain::runs::{Health, LastReport, NodeState, Position, Statistics};
use proptest::prelude::*;
use protocol::frames::{BadFrame, Chain, Frame, Heard, KEY_EVERY_S, Kind, Picture};
use std::collections::BTreeMap;

/// What each node said in each second.
type Truth = BTreeMap<u32, BTreeMap<u32, NodeState>>;

fn last_reports(truth: &Truth, second: u32) -> BTreeMap<u32, LastReport> {
    let last = |(no, said): (&u32, &BTreeMap<u32, NodeState>)| {
        let (covered_until, state) = said.range(..=second).next_back()?;
        Some((*no, LastReport { covered_until: *covered_until, state: *state }))
    };
    truth.iter().filter_map(last).collect()
}

fn known(picture: &Picture) -> BTreeMap<u32, LastReport> {
    let last = |shown: protocol::frames::Shown| LastReport { covered_until: shown.heard_at, state: shown.state };
    picture.nodes().map(|(no, shown)| (no, last(shown))).collect()
}

/// One who walks, jumps, falls ill and dies as the bytes say, from second 0 on.
fn life(moves: &[u8]) -> Vec<NodeState> {
    let (mut x, mut y) = (500u16, 500u16);
    let mut all = Vec::new();
    let mut health = Health::Susceptible;
    for byte in moves {
        match byte % 8 {
            0 | 4 => x += 1,
            1 | 5 => y += 1,
            2 => x -= 1,
            3 => y -= 1,
            6 => (x, y) = (u16::from(*byte) * 3, u16::from(*byte) + 40),
            _ => {}
        }
        health = match byte / 32 {
            0 => Health::Infected,
            1 => Health::Immune,
            2 => Health::Susceptible,
            _ => health,
        };
        all.push(NodeState { position: Position { x, y }, health, alive: *byte != 255 });
        if *byte == 255 {
            break;
        }
    }
    all
}

/// Sends the lives in batches: each node buffers as its byte says, and then sends all that it has.
fn batches(lives: &[Vec<NodeState>], away: &[u8]) -> Vec<Heard> {
    let longest = lives.iter().map(Vec::len).max().unwrap_or(0);
    let mut sent = vec![0; lives.len()];
    let mut batches = Vec::new();
    for second in 0..longest {
        let mut heard = Heard::new();
        for (no, life) in lives.iter().enumerate() {
            let mood = away[(second / 7 + no) % away.len()];
            let is_last = second + 1 == life.len();
            if second >= life.len() || mood < 80 && !is_last {
                continue;
            }
            for (of, state) in life.iter().enumerate().take(second + 1).skip(sent[no]) {
                // Some seconds are covered by nothing.
                if !mood.is_multiple_of(5) || of % 3 != 0 || is_last {
                    heard.entry(of as u32).or_default().push((3 * no as u32, *state));
                }
            }
            sent[no] = second + 1;
        }
        batches.push(heard);
    }
    batches
}

fn truth_of(batches: &[Heard]) -> Truth {
    let mut truth = Truth::new();
    for (second, nodes) in batches.iter().flatten() {
        for (no, state) in nodes {
            truth.entry(*no).or_default().insert(*second, *state);
        }
    }
    truth
}

/// As a store keeps them: by second and kind, then in the order in which they were written.
fn stored(chain: &mut Chain, batches: Vec<Heard>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = batches.into_iter().flat_map(|heard| chain.take(heard)).collect();
    frames.sort_by_key(|frame| (frame.second, frame.kind));
    frames
}

fn picture_at(frames: &[Frame], from: usize, second: u32) -> Picture {
    let mut picture = Picture::default();
    for frame in frames[from..].iter().take_while(|frame| frame.second <= second) {
        picture.apply(&frame.bytes).unwrap();
    }
    picture
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn each_second_is_as_reported_from_whichever_key_frame_it_is_read(
        moves in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 1..12),
        away in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let lives: Vec<_> = moves.iter().map(|moves| life(moves)).collect();
        let batches = batches(&lives, &away);
        let truth = truth_of(&batches);
        let first = batches.iter().find_map(|heard| heard.keys().next().copied()).unwrap_or(0);
        let mut chain = Chain::default();
        let frames = stored(&mut chain, batches);
        let Some(newest) = chain.newest() else { return Ok(()) };
        let keys: Vec<usize> =
            (0..frames.len()).filter(|at| frames[*at].kind == Kind::Key).collect();
        for second in 0..=newest + 6 {
            let expected = last_reports(&truth, second);
            for key in keys.iter().filter(|key| frames[**key].second <= second) {
                prop_assert_eq!(known(&picture_at(&frames, *key, second)), expected.clone(), "second {}", second);
            }
            let counted = picture_at(&frames, 0, second).statistics(second);
            prop_assert_eq!(counted, Statistics::count(second, expected.into_values()));
        }
        prop_assert_eq!(frames[0].kind, Kind::Key, "also what came late is behind a key frame");
        // Of a minute there is one, but for those that what came late put before the first.
        let seconds: Vec<u32> = keys.iter().map(|key| frames[*key].second).collect();
        let early = seconds.partition_point(|second| *second < first);
        prop_assert!(seconds[..early].windows(2).all(|two| two[1] > two[0]));
        prop_assert!(seconds[early..].windows(2).all(|two| two[1] / KEY_EVERY_S > two[0] / KEY_EVERY_S));
    }

    #[test]
    fn a_writer_that_was_killed_goes_on_as_if_it_had_not_been(
        moves in prop::collection::vec(prop::collection::vec(any::<u8>(), 60..200), 2..8),
        away in prop::collection::vec(any::<u8>(), 1..40),
        cut in any::<prop::sample::Index>(),
    ) {
        let lives: Vec<_> = moves.iter().map(|moves| life(moves)).collect();
        let batches = batches(&lives, &away);
        let cut = cut.index(batches.len());
        let (mut whole, mut first) = (Chain::default(), Chain::default());
        batches[..cut].iter().for_each(|heard| { whole.take(heard.clone()); });
        let kept = stored(&mut first, batches[..cut].to_vec());
        let last_key = kept.iter().rposition(|frame| frame.kind == Kind::Key).unwrap_or(kept.len());
        let keys = kept.iter().filter(|frame| frame.kind == Kind::Key).map(|frame| frame.second).collect();
        let mut resumed = Chain::resume(keys, kept[last_key..].iter().map(|frame| &frame.bytes[..])).unwrap();
        for heard in &batches[cut..] {
            prop_assert_eq!(resumed.take(heard.clone()), whole.take(heard.clone()));
        }
    }

    #[test]
    fn no_bytes_bring_a_reader_down(bytes in prop::collection::vec(any::<u8>(), 0..200), kind in 1u8..4) {
        let mut frame = vec![kind];
        frame.extend(bytes);
        let _ = Picture::default().apply(&frame);
    }
}

#[test]
fn the_same_again_is_taken_once() {
    let state = NodeState { position: Position { x: 1, y: 2 }, health: Health::Susceptible, alive: true };
    let heard = Heard::from([(4, vec![(0, state)]), (5, vec![(0, state)])]);
    let mut chain = Chain::default();
    assert_eq!(chain.take(heard.clone()).len(), 3, "a key frame and two parts");
    assert_eq!(chain.take(heard), []);
}

#[test]
fn a_frame_is_read_whole_or_refused() {
    let state = |x| NodeState { position: Position { x, y: 2 }, health: Health::Susceptible, alive: true };
    let mut chain = Chain::default();
    let first = chain.take(Heard::from([(0, vec![(0, state(1)), (7, state(9))])]));
    let second = chain.take(Heard::from([(1, vec![(0, state(2)), (7, state(10))])]));
    let mut picture = Picture::default();
    first.iter().for_each(|frame| _ = picture.apply(&frame.bytes).unwrap());
    let whole = &second[0].bytes;
    for cut in 0..whole.len() {
        assert!(picture.clone().apply(&whole[..cut]).is_err(), "{cut} bytes");
    }
    assert_eq!(picture.clone().apply(&[&whole[..], &[0]].concat()), Err(BadFrame::Long));
    assert_eq!(Picture::default().apply(whole), Err(BadFrame::Unknown));
    assert_eq!(picture.apply(whole), Ok(1));
    assert_eq!(picture.node(7).unwrap().state, state(10));
}

#[test]
fn a_million_nodes_that_move_on_cost_two_bits_each() {
    let n = 1_000_000u32;
    let at = |second: u32| {
        let place = |no: u32| Position { x: (no % 20_000 + second) as u16, y: (no / 20_000) as u16 };
        let node = |no| (no, NodeState { position: place(no), health: Health::Susceptible, alive: true });
        Heard::from([(second, (0..n).map(node).collect())])
    };
    let mut chain = Chain::default();
    chain.take(at(0));
    let frames = chain.take(at(1));
    assert_eq!(frames.len(), 1);
    assert!(frames[0].bytes.len() < 250_020, "{} bytes", frames[0].bytes.len());
}
