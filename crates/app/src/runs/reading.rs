//! What is read of a run: frames as they lie, nodes by second, numbers of a second, curves, encounters.

use super::Viewer;
use crate::context::App;
use crate::error::{AppError, Result};
use domain::ids::{NodeId, RunId};
use domain::runs::{NodeState, Run, Statistics};
use jiff::civil::DateTime;
use protocol::frames::{HISTORIC_CHAIN, Picture};
use std::collections::{BTreeMap, HashMap};
use storage::runs::{Encounter, FrameAt, Infection, KeptFrame};
use storage::store::RunTx;

/// Runs in a list.
pub(super) const MOST_RUNS: i64 = 500;
/// Frames that are read at once.
const FRAMES_AT_ONCE: i64 = 256;
/// Bytes of frames that are given at once.
const MOST_FRAME_BYTES: usize = 64 << 20;
/// Node-seconds that are told one by one.
const MOST_NODE_SECONDS: usize = 10_000;
/// Nodes and seconds of a run in the form of the published system.
const MOST_PUBLISHED_NODES: i64 = 200;
const MOST_PUBLISHED_SECONDS: u32 = 1_000;
/// Points of a curve.
pub const MOST_POINTS: usize = 1_000;
/// Seconds of a run that are gone through at once.
const MOST_SECONDS: u32 = 36_000;
/// Encounters of a page.
pub(super) const MOST_ENCOUNTERS: i64 = 1_000;

/// A run with how far it is known.
#[derive(Clone, Debug)]
pub struct RunNow {
    /// The run.
    pub run: Run,
    /// Which second it is by its clock.
    pub second: u32,
    /// The newest second of which something is stored.
    pub newest_second: Option<u32>,
}

/// A node in a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NodeSecond {
    /// Which second.
    pub second: u32,
    /// Number of the node.
    pub no: u32,
    /// Its id; `None` while only others heard it.
    pub node_id: Option<NodeId>,
    /// What it was.
    pub state: NodeState,
}

/// Numbers of a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// Which second.
    pub second: u32,
    /// The numbers.
    pub statistics: Statistics,
}

/// How the numbers of a run went.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// By second.
    pub points: Vec<CurvePoint>,
    /// Infections that each infected node caused, on average, among those that were infected and got well again.
    pub reproduction: std::result::Result<f64, NoReproduction>,
}

/// Why there is no reproduction number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReproduction {
    /// Nobody who was infected during the run is well again yet.
    NobodyWell,
    /// Nodes of the published system took part, which don't say who infected them.
    NotTold,
}

/// A run as the page of the published system asked for it.
#[derive(Clone, Debug)]
pub struct Published {
    /// The run.
    pub run: Run,
    /// Second by second; `None` if it has more than 200 nodes, more than 1,000 seconds of which something is known, or more than
    /// ten hours.
    pub lived: Option<Vec<NodeSecond>>,
    /// What the clocks of published nodes showed, by number of the node and second.
    pub clocks: HashMap<(u32, u32), DateTime>,
}

fn narrow(field: &'static str, reason: &str) -> AppError {
    AppError::Invalid { field, reason: reason.to_owned() }
}

/// Whoever asks for more would have the server go through seconds without end.
fn at_most_an_hour(from: u32, until: u32) -> Result<()> {
    if until.saturating_sub(from) > 3_600 { Err(narrow("to", "ask for an hour of the run at most")) } else { Ok(()) }
}

impl App {
    /// Finds a run, with what second it is and how far it is stored.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run_now(&self, viewer: Viewer<'_>, run_id: RunId) -> Result<RunNow> {
        let run = self.run(viewer, run_id).await?;
        let newest_second = storage::runs::newest_second(&mut self.run_store()?.read().await?, run_id).await?;
        Ok(RunNow { second: run.clock.second_at(self.now()), run, newest_second })
    }

    /// Reads frames as they lie: from the last key frame at or before `from`, up to `until`.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`]; [`AppError::Invalid`] if that is more than an hour of the run, or 64 MiB.
    pub async fn run_frames(&self, viewer: Viewer<'_>, run_id: RunId, from: u32, until: u32) -> Result<Vec<KeptFrame>> {
        self.run(viewer, run_id).await?;
        at_most_an_hour(from, until)?;
        let mut tx = self.run_store()?.read().await?;
        let start = Start::to_know(&mut tx, run_id, from).await?;
        let (mut frames, mut n_bytes) = (Vec::new(), 0);
        walk(&mut tx, run_id, (&start, until), |_, frame| {
            n_bytes += frame.packed.len();
            if n_bytes > MOST_FRAME_BYTES {
                return Err(narrow("to", "more than 64 MiB of frames: ask for fewer seconds"));
            }
            frames.push(frame.clone());
            Ok(())
        })
        .await?;
        Ok(frames)
    }

    /// Tells where each node was in each second of `from..=until` in which it was heard.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`]; [`AppError::Invalid`] beyond 10,000 node-seconds, or an hour of the run.
    pub async fn run_node_seconds(
        &self,
        viewer: Viewer<'_>,
        run_id: RunId,
        from: u32,
        until: u32,
    ) -> Result<Vec<NodeSecond>> {
        self.run(viewer, run_id).await?;
        at_most_an_hour(from, until)?;
        let mut tx = self.run_store()?.read().await?;
        let names = names(&mut tx, run_id).await?;
        let mut told = Vec::new();
        let too_many =
            || narrow("to", "more than 10,000 node-seconds: ask for fewer, or for application/vnd.epitrace.frames");
        each_second(&mut tx, run_id, from, until, |second, picture| {
            for (no, shown) in picture.nodes().filter(|(_, shown)| shown.heard_at == second) {
                if told.len() == MOST_NODE_SECONDS {
                    return Err(too_many());
                }
                told.push(NodeSecond { second, no, node_id: names.get(&no).copied(), state: shown.state });
            }
            Ok(())
        })
        .await?;
        Ok(told)
    }

    /// Counts the nodes as they were at a second, or at the newest that is stored. Gives the second too.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run_statistics(
        &self,
        viewer: Viewer<'_>,
        run_id: RunId,
        at: Option<u32>,
    ) -> Result<(u32, Statistics)> {
        self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        let at = match at {
            Some(at) => at,
            None => storage::runs::newest_second(&mut tx, run_id).await?.unwrap_or(0),
        };
        let mut counted = Statistics::default();
        each_second(&mut tx, run_id, at, at, |second, picture| {
            counted = picture.statistics(second);
            Ok(())
        })
        .await?;
        Ok((at, counted))
    }

    /// Counts the nodes every so many seconds of `from..=until`, so that there are 1,000 points at most.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`]; [`AppError::Invalid`] if that is more than ten hours of the run.
    pub async fn run_curve(&self, viewer: Viewer<'_>, run_id: RunId, from: u32, until: u32) -> Result<Curve> {
        let run = self.run(viewer, run_id).await?;
        if until.saturating_sub(from) > MOST_SECONDS {
            return Err(narrow("to", "ask for ten hours of the run at most"));
        }
        let every = (until.saturating_sub(from) + 1).div_ceil(MOST_POINTS as u32).max(1);
        let mut tx = self.run_store()?.read().await?;
        let mut points = Vec::new();
        each_second(&mut tx, run_id, from, until, |second, picture| {
            if (second - from).is_multiple_of(every) {
                points.push(CurvePoint { second, statistics: picture.statistics(second) });
            }
            Ok(())
        })
        .await?;
        if storage::runs::chains(&mut tx, run_id).await?.contains(&HISTORIC_CHAIN) {
            return Ok(Curve { points, reproduction: Err(NoReproduction::NotTold) });
        }
        let infections = storage::runs::infections_of(&mut tx, run_id, until).await?;
        let reproduction = reproduction(&infections, run.parameters.cooldown_s, until);
        Ok(Curve { points, reproduction: reproduction.ok_or(NoReproduction::NobodyWell) })
    }

    /// Lists encounters by pair and slot, after one, and says whether there are more.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run_encounters(
        &self,
        viewer: Viewer<'_>,
        run_id: RunId,
        after: Option<(u32, u32, u32)>,
    ) -> Result<(Vec<Encounter>, bool)> {
        self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        let mut met = storage::runs::encounters_of(&mut tx, run_id, after, MOST_ENCOUNTERS + 1).await?;
        let has_more = met.len() > MOST_ENCOUNTERS as usize;
        met.truncate(MOST_ENCOUNTERS as usize);
        Ok((met, has_more))
    }

    /// Gives a run whole, second by second, as the published page asked for it, if it is small enough for that.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn published_data(&self, viewer: Viewer<'_>, run_id: RunId) -> Result<Published> {
        let run = self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        let newest = storage::runs::newest_second(&mut tx, run_id).await?.unwrap_or(0);
        let nodes = storage::runs::nodes_of(&mut tx, run_id, None, MOST_PUBLISHED_NODES + 1).await?;
        let n_seconds = storage::runs::count_seconds(&mut tx, run_id).await?;
        let is_small = n_seconds <= MOST_PUBLISHED_SECONDS && nodes.len() <= MOST_PUBLISHED_NODES as usize;
        // Also seconds in which nobody was heard are gone through.
        if !is_small || newest > MOST_SECONDS {
            return Ok(Published { run, lived: None, clocks: HashMap::new() });
        }
        let names: HashMap<u32, NodeId> = nodes.iter().filter_map(|node| Some((node.no, node.node_id?))).collect();
        let mut told = Vec::new();
        each_second(&mut tx, run_id, 0, newest, |second, picture| {
            let heard = picture.nodes().filter(|(_, shown)| shown.heard_at == second);
            let node = |(no, shown): (u32, protocol::frames::Shown)| NodeSecond {
                second,
                no,
                node_id: names.get(&no).copied(),
                state: shown.state,
            };
            told.extend(heard.map(node));
            Ok(())
        })
        .await?;
        let clocks = storage::runs::clocks_of(&mut tx, run_id).await?;
        Ok(Published { run, lived: Some(told), clocks })
    }

    /// Lists encounters of one node, earliest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`].
    pub async fn run_encounters_of(&self, viewer: Viewer<'_>, run_id: RunId, no: u32) -> Result<Vec<Encounter>> {
        self.run(viewer, run_id).await?;
        let mut tx = self.run_store()?.read().await?;
        Ok(storage::runs::encounters_of_node(&mut tx, run_id, no, MOST_ENCOUNTERS).await?)
    }
}

/// Infections caused by each of those who were infected long enough ago to be well again: what is called the effective
/// reproduction number by cohort. Only infections that nodes told of count, so those who were born infected are not in it.
fn reproduction(infections: &[Infection], cooldown_s: u32, until: u32) -> Option<f64> {
    let mut caused: HashMap<(u32, u32), u32> = HashMap::new();
    let mut last_of: HashMap<u32, u32> = HashMap::new();
    for infection in infections {
        if let Some(since) = last_of.get(&infection.infector) {
            *caused.entry((infection.infector, *since)).or_default() += 1;
        }
        last_of.insert(infection.no, infection.second);
    }
    let well: Vec<u32> = infections
        .iter()
        .filter(|infection| infection.second.saturating_add(cooldown_s) <= until)
        .map(|infection| caused.get(&(infection.no, infection.second)).copied().unwrap_or(0))
        .collect();
    let n = u32::try_from(well.len()).ok().filter(|n| *n > 0)?;
    Some(f64::from(well.iter().sum::<u32>()) / f64::from(n))
}

pub(super) async fn names(tx: &mut RunTx, run_id: RunId) -> Result<HashMap<u32, NodeId>> {
    let mut names = HashMap::new();
    let mut after = None;
    loop {
        let nodes = storage::runs::nodes_of(tx, run_id, after, 10_000).await?;
        let Some(last) = nodes.last() else { return Ok(names) };
        after = Some(last.no);
        names.extend(nodes.iter().filter_map(|node| Some((node.no, node.node_id?))));
    }
}

/// Where reading begins.
#[derive(Debug, Default)]
pub(super) struct Start {
    first: u32,
    keys: BTreeMap<i32, u32>,
}

impl Start {
    /// Of each chain at its last key frame, so that a second is known.
    pub(super) async fn to_know(tx: &mut RunTx, run_id: RunId, second: u32) -> Result<Self> {
        let keys = storage::runs::last_keys_before(tx, run_id, second).await?;
        Ok(Self { first: keys.values().min().copied().unwrap_or(second), keys })
    }

    /// Whether a frame counts: one that lies before the key frame of its chain can't be read without the one before that.
    fn needs(&self, at: FrameAt) -> bool {
        self.keys.get(&at.chain).is_none_or(|key| at.second >= *key)
    }
}

/// Goes through frames in order.
pub(super) async fn walk(
    tx: &mut RunTx,
    run_id: RunId,
    (start, until): (&Start, u32),
    mut see: impl FnMut(u32, &KeptFrame) -> Result<()> + Send,
) -> Result<()> {
    let mut after = FrameAt::before(start.first);
    loop {
        let frames = storage::runs::frames_after(tx, run_id, after, until, FRAMES_AT_ONCE).await?;
        let Some(last) = frames.last() else { return Ok(()) };
        after = last.at;
        for frame in frames.iter().filter(|frame| start.needs(frame.at)) {
            see(frame.at.second, frame)?;
        }
    }
}

/// Shows the picture at each second of `from..=until`, also those of which nobody told.
async fn each_second(
    tx: &mut RunTx,
    run_id: RunId,
    from: u32,
    until: u32,
    mut show: impl FnMut(u32, &Picture) -> Result<()> + Send,
) -> Result<()> {
    let start = Start::to_know(tx, run_id, from).await?;
    let mut chains: BTreeMap<i32, Picture> = BTreeMap::new();
    let mut next = from;
    let mut united = |chains: &BTreeMap<i32, Picture>, seconds: std::ops::Range<u32>| {
        let mut all = Picture::default();
        chains.values().for_each(|picture| all.unite(picture));
        seconds.into_iter().try_for_each(|second| show(second, &all))
    };
    walk(tx, run_id, (&start, until), |second, frame| {
        if second > next {
            united(&chains, next..second)?;
            next = second;
        }
        let bytes = storage::runs::unpacked(&frame.packed)?;
        let picture = chains.entry(frame.at.chain).or_default();
        picture.apply(&bytes).map_err(|_| storage::StorageError::Unreadable("frame of a run"))?;
        Ok(())
    })
    .await?;
    united(&chains, next..until.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::frames::Kind;

    #[test]
    fn of_each_chain_frames_count_from_its_own_last_key_frame_on() {
        // Reading begins at the key frame of a chain that was silent since; the other has had a newer one, a third none yet.
        let start = Start { first: 75, keys: BTreeMap::from([(0, 75), (1, 120)]) };
        let check = |second, kind: Kind, chain, expected| {
            let at = FrameAt { second, kind: kind.byte(), chain, part: 0 };
            assert_eq!(start.needs(at), expected, "{at:?}");
        };
        check(75, Kind::Key, 0, true);
        check(75, Kind::Part, 0, true);
        check(75, Kind::Part, 1, false);
        check(119, Kind::Amendment, 1, false);
        check(120, Kind::Key, 1, true);
        check(121, Kind::Part, 1, true);
        check(80, Kind::Part, 2, true);
    }

    #[test]
    fn only_those_who_are_well_again_count() {
        let infection = |no, second, infector| Infection { no, second, infector };
        // 0 was born infected; 1 infects 2 and 3; 2 infects 4.
        let all = [infection(1, 10, 0), infection(2, 12, 1), infection(3, 13, 1), infection(4, 20, 2)];
        assert_eq!(reproduction(&all, 15, 24), None);
        assert_eq!(reproduction(&all, 15, 25), Some(2.0));
        assert_eq!(reproduction(&all, 15, 28), Some(1.0));
        assert_eq!(reproduction(&all, 15, 35), Some(0.75));
    }
}
