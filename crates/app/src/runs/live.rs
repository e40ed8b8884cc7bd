//! The live picture of a run: frames that were stored since the last look, united into one chain for all who watch.

use super::Viewer;
use super::reading::{Start, walk};
use crate::context::App;
use crate::error::Result;
use domain::ids::RunId;
use domain::runs::NodeState;
use protocol::frames::{Chain, HISTORIC_CHAIN, Heard, Kind, Picture, Scattered};
use std::collections::BTreeMap;

/// Frames of a chain that are read at once.
const AT_ONCE: i64 = 256;

/// The picture of a run as it is stored, for those who watch it.
#[derive(Debug)]
pub struct LiveChain {
    run_id: RunId,
    /// By chain: its picture, and the number of the first frame that isn't in it.
    read: BTreeMap<i32, (Picture, i64)>,
    shown: Chain,
}

/// A frame for those who watch.
pub type Told = Vec<u8>;

impl App {
    /// Begins to watch a run, from what is stored of it now.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`](crate::AppError::NotFound) if they may not see it.
    pub async fn watch_run(&self, viewer: Viewer<'_>, run_id: RunId) -> Result<LiveChain> {
        self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        let mut read = BTreeMap::new();
        for chain in storage::runs::chains(&mut tx, run_id).await? {
            read.insert(chain, (Picture::default(), storage::runs::next_part(&mut tx, run_id, chain).await?));
        }
        let start = Start::to_know(&mut tx, run_id, u32::MAX).await?;
        walk(&mut tx, run_id, (&start, u32::MAX), |_, frame| {
            // What is stored meanwhile is read later, in the order in which it was stored.
            if let Some((picture, next)) = read.get_mut(&frame.at.chain)
                && frame.at.part < *next
            {
                apply(picture, &frame.packed)?;
            }
            Ok(())
        })
        .await?;
        let mut all = Picture::default();
        read.values().for_each(|(picture, _)| all.unite(picture));
        let mut live = LiveChain { run_id, read, shown: Chain::default() };
        live.show(&all);
        Ok(live)
    }

    /// Reads what was stored since the last look, and returns the frames that tell of it.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if it can't be read. After one that says that a frame is unreadable, begin
    /// to watch anew.
    pub async fn look_at_run(&self, live: &mut LiveChain) -> Result<Vec<Told>> {
        let mut tx = self.run_store()?.read().await?;
        for chain in storage::runs::chains(&mut tx, live.run_id).await? {
            live.read.entry(chain).or_default();
        }
        let (mut heard, mut scattered) = (Heard::new(), Heard::new());
        for (chain, (picture, next)) in &mut live.read {
            let heard = if *chain == HISTORIC_CHAIN { &mut scattered } else { &mut heard };
            loop {
                let frames = storage::runs::frames_since(&mut tx, live.run_id, *chain, *next, AT_ONCE).await?;
                let Some(last) = frames.last() else { break };
                let after = last.at.part + 1;
                // What keys and amendments hold was in the parts before.
                for frame in frames.iter().filter(|frame| frame.at.kind == Kind::Part.byte()) {
                    apply(picture, &frame.packed)?;
                    let second = frame.at.second;
                    let told = picture.nodes().filter(|(_, shown)| shown.heard_at == second);
                    heard.entry(second).or_default().extend(told.map(|(no, shown)| (no, shown.state)));
                }
                *next = after;
            }
        }
        let mut told = live.take(heard);
        told.extend(live.take_scattered(scattered));
        Ok(told)
    }
}

fn apply(picture: &mut Picture, packed: &[u8]) -> Result<()> {
    let bytes = storage::runs::unpacked(packed)?;
    picture.apply(&bytes).map_err(|_| storage::StorageError::Unreadable("frame of a run"))?;
    Ok(())
}

impl LiveChain {
    fn show(&mut self, picture: &Picture) {
        let mut heard = Heard::new();
        for (no, shown) in picture.nodes() {
            heard.entry(shown.heard_at).or_default().push((no, shown.state));
        }
        self.take(heard);
    }

    fn take(&mut self, heard: Heard) -> Vec<Told> {
        let frames = self.shown.take(heard).into_iter();
        frames.filter(|frame| frame.kind == Kind::Part).map(|frame| frame.bytes).collect()
    }

    /// Takes what published nodes said: also of a second that was shown before, if it says something else of it.
    fn take_scattered(&mut self, heard: Heard) -> Vec<Told> {
        let mut news = BTreeMap::new();
        for (second, said) in heard {
            let is_news = |(no, state): &(u32, NodeState)| {
                let shown = self.shown.picture().node(*no);
                shown.is_none_or(|shown| shown.heard_at < second || shown.heard_at == second && shown.state != *state)
            };
            // Of one second, what was stored last stands.
            let last: BTreeMap<u32, NodeState> = said.into_iter().filter(is_news).collect();
            let scattered = last.into_iter().map(|(no, state)| Scattered { no, state, next: None });
            news.insert(second, scattered.collect());
        }
        let frames = self.shown.scatter(news).into_iter();
        frames.filter(|frame| frame.kind == Kind::Part).map(|frame| frame.bytes).collect()
    }

    /// Returns a key frame of all that was shown.
    #[must_use]
    pub fn key(&self) -> Told {
        self.shown.key()
    }

    /// Returns the newest second that was shown.
    #[must_use]
    pub fn newest(&self) -> Option<u32> {
        self.shown.newest()
    }
}
