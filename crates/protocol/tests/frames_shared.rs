//! The page reads the same bytes: a small run is written as frames, beside what is to be seen in each of its seconds. The
//! files are kept with the page, whose own tests read them.

#![allow(clippy::unwrap_used, missing_docs)]

use domain::runs::{Health, NodeState, Position};
use protocol::frames::{Chain, Frame, Heard, Picture};
use serde_json::{Value, json};
use std::fs;

const SECONDS: u32 = 150;
const N_NODES: u32 = 9;

/// A life by the number of its node alone: it walks, stands while it is ill, jumps once, and some of them die, one while it is ill.
fn state(no: u32, second: u32) -> Option<NodeState> {
    let born = no * 7;
    let dies = match no {
        1 => 30,
        4 | 7 => 90 + no,
        _ => u32::MAX,
    };
    if second < born || second > dies {
        return None;
    }
    let (ill, well, immune) = (20 + 3 * no, 35 + 3 * no, 50 + 3 * no);
    let health = match second {
        s if s >= ill && s < well => Health::Infected,
        s if s >= well && s < immune => Health::Immune,
        _ => Health::Susceptible,
    };
    let walked = if second < ill { second } else { ill + second.saturating_sub(well) };
    let jump = if no == 2 && second >= 70 { 500 } else { 0 };
    let (right, up) = (walked.div_ceil(2), walked / 2);
    let x = if no.is_multiple_of(2) { 300 + jump + right } else { 300 - right };
    Some(NodeState {
        position: Position { x: x as u16, y: (100 + 300 * no + up) as u16 },
        health,
        alive: second < dies,
    })
}

/// Most report each second; number 4 buffers for a while, number 6 falls silent, number 8 has gaps.
fn batches() -> Vec<Heard> {
    let mut batches = Vec::new();
    let mut kept: Vec<(u32, NodeState)> = Vec::new();
    for second in 0..SECONDS {
        let mut heard = Heard::new();
        for no in 0..N_NODES {
            let Some(state) = state(no, second) else { continue };
            match no {
                4 if (55..75).contains(&second) => kept.push((second, state)),
                6 if second > 100 => {}
                8 if second % 4 == 3 => {}
                // Numbers with gaps between them.
                _ => heard.entry(second).or_default().push((no * no, state)),
            }
        }
        if second == 75 {
            kept.drain(..).for_each(|(of, state)| heard.entry(of).or_default().push((16, state)));
        }
        batches.push(heard);
    }
    batches
}

fn seen(picture: &Picture, second: u32) -> Value {
    let row = |(no, shown): (u32, protocol::frames::Shown)| {
        let NodeState { position, health, alive } = shown.state;
        json!([no, position.x, position.y, health, alive, shown.heard_at])
    };
    let nodes: Vec<Value> = picture.nodes().map(row).collect();
    json!({ "second": second, "nodes": nodes, "statistics": picture.statistics(second) })
}

fn kept(name: &str, bytes: &[u8]) {
    let path = format!("{}/../../web/src/runs/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    let new = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    let is_same = fs::read(path).ok().as_deref() == Some(bytes);
    if !is_same {
        fs::write(&new, bytes).unwrap();
    }
    assert!(is_same, "web/src/runs/fixtures/{name} is old: look at the difference, then take the new one, {new}");
}

fn run() -> Vec<Frame> {
    let mut chain = Chain::default();
    let mut frames: Vec<Frame> = batches().into_iter().flat_map(|heard| chain.take(heard)).collect();
    frames.sort_by_key(|frame| (frame.second, frame.kind));
    frames
}

#[test]
fn the_page_is_held_to_the_same_frames() {
    let mut bytes = Vec::new();
    for frame in run() {
        bytes.extend(u32::try_from(frame.bytes.len()).unwrap().to_le_bytes());
        bytes.extend(frame.bytes);
    }
    kept("frames.bin", &bytes);
}

#[test]
fn the_page_is_held_to_the_same_pictures() {
    let frames = run();
    let mut picture = Picture::default();
    let mut lines = Vec::new();
    for (at, frame) in frames.iter().enumerate() {
        picture.apply(&frame.bytes).unwrap();
        let is_last_of_second = frames.get(at + 1).is_none_or(|next| next.second > frame.second);
        if is_last_of_second && frame.second % 5 == 4 {
            lines.push(seen(&picture, frame.second).to_string());
        }
    }
    kept("pictures.json", format!("[\n{}\n]\n", lines.join(",\n")).as_bytes());
}
