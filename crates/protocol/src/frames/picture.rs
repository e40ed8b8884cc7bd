//! What is known of all nodes at a second: frames are applied to it, one after the other.

use super::bytes::{Rest, runs};
use super::{ALIVE, BadFrame, Kind, MOST_NODES, PLACED, STEPS};
use domain::runs::{Health, LastReport, NodeState, Position, Statistics};

/// A node in the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// What it said last.
    pub state: NodeState,
    /// In which second.
    pub heard_at: u32,
    /// Whether it is thought to go on with a step each second.
    pub(super) steps: bool,
}

/// All nodes of a chain, or of a run, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    nodes: Vec<Option<Shown>>,
}

impl Picture {
    /// Returns a node.
    #[must_use]
    pub fn node(&self, no: u32) -> Option<Shown> {
        self.nodes.get(no as usize).copied().flatten()
    }

    /// Iterates over all that are known, by number.
    pub fn nodes(&self) -> impl Iterator<Item = (u32, Shown)> + '_ {
        self.nodes.iter().enumerate().filter_map(|(no, shown)| shown.map(|shown| (no as u32, shown)))
    }

    /// Counts the nodes as they are at `second`.
    #[must_use]
    pub fn statistics(&self, second: u32) -> Statistics {
        let last = |(_, shown): (u32, Shown)| LastReport { covered_until: shown.heard_at, state: shown.state };
        Statistics::count(second, self.nodes().map(last))
    }

    /// Takes over what another picture knows later, or alone: pictures of several chains make one.
    pub fn unite(&mut self, other: &Self) {
        for (no, shown) in other.nodes() {
            if self.node(no).is_none_or(|known| known.heard_at <= shown.heard_at) {
                self.set(no, shown);
            }
        }
    }

    pub(super) fn set(&mut self, no: u32, shown: Shown) {
        let no = no as usize;
        if self.nodes.len() <= no {
            self.nodes.resize(no + 1, None);
        }
        self.nodes[no] = Some(shown);
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
    }

    /// Applies a frame, and gives its second. After an error the picture is no longer to be used.
    ///
    /// # Errors
    ///
    /// [`BadFrame`] says what is wrong with it.
    pub fn apply(&mut self, frame: &[u8]) -> Result<u32, BadFrame> {
        let mut rest = Rest(frame);
        let kind = Kind::of(rest.byte()?).ok_or(BadFrame::Kind)?;
        let second = rest.u32()?;
        let runs = runs(&mut rest)?;
        match kind {
            Kind::Key => {
                self.clear();
                self.place_all(second, &runs, rest)?;
            }
            Kind::Amendment => self.place_all(second, &runs, rest)?,
            Kind::Part => self.step_all(second, &runs, rest)?,
        }
        Ok(second)
    }

    fn place_all(&mut self, second: u32, runs: &[std::ops::Range<u32>], mut rest: Rest<'_>) -> Result<(), BadFrame> {
        let n = runs.iter().map(ExactSizeIterator::len).sum();
        let (whats, xs, ys) = (rest.take(n)?, rest.u16s(n)?, rest.u16s(n)?);
        let rows = whats.iter().zip(xs.zip(ys));
        for (no, (what, (x, y))) in runs.iter().cloned().flatten().zip(rows) {
            let heard_at = second.checked_sub(rest.varint()?.checked_add(1).ok_or(BadFrame::Range)?);
            let heard_at = heard_at.ok_or(BadFrame::Range)?;
            let (state, steps) = read_what(*what, Position { x, y })?;
            // Whoever didn't begin at this key frame may know more. Of one second the later frame stands.
            if self.node(no).is_none_or(|known| known.heard_at <= heard_at) {
                self.set(no, Shown { state, heard_at, steps });
            }
        }
        rest.end()
    }

    fn step_all(&mut self, second: u32, runs: &[std::ops::Range<u32>], mut rest: Rest<'_>) -> Result<(), BadFrame> {
        let mut changes = read_changes(&mut rest)?.into_iter().peekable();
        let codes = rest.0;
        let mut n_codes = 0;
        for no in runs.iter().cloned().flatten() {
            let change = changes.next_if(|change| change.no == no);
            let known = self.node(no);
            let shown = match change {
                Some(Change { what, place: Some(position), .. }) => {
                    let (state, steps) = read_what(what, position)?;
                    Shown { state, heard_at: second, steps }
                }
                Some(Change { what, place: None, .. }) => {
                    let known = known.ok_or(BadFrame::Unknown)?;
                    let (state, steps) = read_what(what, known.state.position)?;
                    step(Shown { state, heard_at: second, steps }, codes, &mut n_codes)?
                }
                None => {
                    let known = known.ok_or(BadFrame::Unknown)?;
                    step(Shown { heard_at: second, ..known }, codes, &mut n_codes)?
                }
            };
            self.set(no, shown);
        }
        if changes.next().is_some() {
            return Err(BadFrame::Range);
        }
        if codes.len() == n_codes.div_ceil(4) { Ok(()) } else { Err(BadFrame::Long) }
    }
}

/// Moves a node that steps by its two bits; another one stands.
fn step(mut shown: Shown, codes: &[u8], n_codes: &mut usize) -> Result<Shown, BadFrame> {
    if !shown.steps {
        return Ok(shown);
    }
    let code = codes.get(*n_codes / 4).ok_or(BadFrame::Short)? >> (2 * (*n_codes % 4)) & 3;
    *n_codes += 1;
    let Position { x, y } = shown.state.position;
    let stepped = match code {
        0 => x.checked_add(1).map(|x| Position { x, y }),
        1 => y.checked_add(1).map(|y| Position { x, y }),
        2 => x.checked_sub(1).map(|x| Position { x, y }),
        _ => y.checked_sub(1).map(|y| Position { x, y }),
    };
    shown.state.position = stepped.ok_or(BadFrame::Range)?;
    Ok(shown)
}

/// A node that isn't as it was, or not where it would be.
struct Change {
    no: u32,
    what: u8,
    place: Option<Position>,
}

fn read_changes(rest: &mut Rest<'_>) -> Result<Vec<Change>, BadFrame> {
    let n = rest.varint()? as usize;
    // Each has two bytes at least, so a count beyond the bytes is a lie.
    if n > rest.0.len() / 2 {
        return Err(BadFrame::Short);
    }
    let mut changes = Vec::with_capacity(n);
    let mut after = 0u32;
    for _ in 0..n {
        let no = after.checked_add(rest.varint()?).filter(|no| *no < MOST_NODES).ok_or(BadFrame::Range)?;
        changes.push(Change { no, what: 0, place: None });
        after = no + 1;
    }
    for (change, what) in changes.iter_mut().zip(rest.take(n)?) {
        change.what = *what;
    }
    let n_placed = changes.iter().filter(|change| change.what & PLACED != 0).count();
    let places = rest.u16s(n_placed)?.zip(rest.u16s(n_placed)?);
    let placed = changes.iter_mut().filter(|change| change.what & PLACED != 0);
    for (change, (x, y)) in placed.zip(places) {
        change.place = Some(Position { x, y });
    }
    Ok(changes)
}

fn read_what(what: u8, position: Position) -> Result<(NodeState, bool), BadFrame> {
    let health = match what & 3 {
        0 => Health::Susceptible,
        1 => Health::Infected,
        2 => Health::Immune,
        _ => return Err(BadFrame::Range),
    };
    Ok((NodeState { position, health, alive: what & ALIVE != 0 }, what & STEPS != 0))
}

pub(super) fn what_of(shown: &Shown) -> u8 {
    let health = match shown.state.health {
        Health::Susceptible => 0,
        Health::Infected => 1,
        Health::Immune => 2,
    };
    health | if shown.state.alive { ALIVE } else { 0 } | if shown.steps { STEPS } else { 0 }
}
