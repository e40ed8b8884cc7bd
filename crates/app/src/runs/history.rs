//! What became of a node: how it was when, and whom it met.

use super::Viewer;
use super::reading::{Start, walk};
use crate::context::App;
use crate::error::{AppError, Result};
use domain::ids::{NodeId, RunId};
use domain::runs::Health;
use protocol::frames::Picture;
use std::collections::{BTreeMap, HashMap};
use storage::runs::Encounter;

/// What became of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeHistory {
    /// Its id; `None` while only others heard it.
    pub node_id: Option<NodeId>,
    /// How it was, the earliest first.
    pub spans: Vec<NodeSpan>,
    /// Whom it met, the earliest first.
    pub encounters: Vec<Encounter>,
}

/// Seconds in which a node was the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeSpan {
    /// The first.
    pub from: u32,
    /// The last in which it was heard so.
    pub to: u32,
    /// What the infection made of it.
    pub health: Health,
    /// Whether it lived.
    pub alive: bool,
}

impl App {
    /// Tells what became of a node of a run.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such run or no such node.
    pub async fn run_node(&self, viewer: Viewer<'_>, run_id: RunId, no: u32) -> Result<NodeHistory> {
        self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        let before = no.checked_sub(1);
        let known = storage::runs::nodes_of(&mut tx, run_id, before, 1).await?;
        let known = known.first().filter(|known| known.no == no).ok_or(AppError::NotFound("node"))?;
        let node_id = known.node_id;
        let mut pictures: HashMap<i32, Picture> = HashMap::new();
        let mut heard = BTreeMap::new();
        walk(&mut tx, run_id, (&Start::default(), u32::MAX), |second, frame| {
            let bytes = storage::runs::unpacked(&frame.packed)?;
            let picture = pictures.entry(frame.at.chain).or_default();
            picture.apply(&bytes).map_err(|_| storage::StorageError::Unreadable("frame of a run"))?;
            if let Some(shown) = picture.node(no).filter(|shown| shown.heard_at == second) {
                heard.insert(second, (shown.state.health, shown.state.alive));
            }
            Ok(())
        })
        .await?;
        let mut encounters = self.run_encounters_of(viewer, run_id, no).await?;
        encounters.sort_by_key(|met| (met.first_second, met.lower, met.higher));
        Ok(NodeHistory { node_id, spans: spans(heard), encounters })
    }
}

fn spans(heard: BTreeMap<u32, (Health, bool)>) -> Vec<NodeSpan> {
    let mut spans: Vec<NodeSpan> = Vec::new();
    for (second, (health, alive)) in heard {
        match spans.last_mut() {
            Some(last) if (last.health, last.alive) == (health, alive) => last.to = second,
            _ => spans.push(NodeSpan { from: second, to: second, health, alive }),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_of_one_state_are_one_span_also_over_those_of_which_nothing_was_heard() {
        let heard = [
            (1, (Health::Susceptible, true)),
            (2, (Health::Susceptible, true)),
            (9, (Health::Susceptible, true)),
            (10, (Health::Infected, true)),
            (11, (Health::Infected, false)),
        ];
        let span = |from, to, health, alive| NodeSpan { from, to, health, alive };
        let expected = [
            span(1, 9, Health::Susceptible, true),
            span(10, 10, Health::Infected, true),
            span(11, 11, Health::Infected, false),
        ];
        assert_eq!(spans(heard.into_iter().collect()), expected);
    }
}
