//! What published nodes say, on its way into the database.
//!
//! They send no key, so messages of one node lie in several partitions, and come in any order. So all that is said of a run makes
//! one chain of frames, whichever lane stores it: the run is kept for one transaction at a time, and a lane that finds that
//! another wrote meanwhile reads the chain anew.

mod told;
mod whose;

use super::ConsumerError;
use super::fold::{Folded, Nodes};
use super::lane::{Newcomers, Stored, tag};
use domain::ids::RunId;
use domain::runs::{Run, Wire};
use event_log::{Fetched, RUN_HEADER};
use protocol::frames::{Chain, HISTORIC_CHAIN, Scattered};
use protocol::nodes::{Historic, PeerTag};
use std::collections::{BTreeMap, HashMap, HashSet};
use storage::runs::{self, FrameAt, Message, NamedNode};
use storage::store::RunTx;
use told::Told;

/// Runs of which nodes and pictures are remembered.
const MOST_RUNS: usize = 16;

type Result<T> = std::result::Result<T, ConsumerError>;

/// A record that can't be stored, and why.
pub(super) type Refused<'r> = (&'r Fetched, String);

/// Runs of published nodes, as a lane knows them.
#[derive(Debug, Default)]
pub(super) struct Historics {
    runs: HashMap<RunId, Following>,
    n_batches: u64,
}

#[derive(Debug, Default)]
struct Following {
    nodes: Nodes,
    chain: Chain,
    next_part: i64,
    last_batch: u64,
}

/// A message, and the record in which it lay.
type Heard<'r> = (&'r Fetched, Historic);

impl Historics {
    /// Stores messages of a batch; returns the records that can't be.
    pub(super) async fn store<'r>(
        &mut self,
        tx: &mut RunTx,
        records: &[&'r Fetched],
        stored: &mut Stored,
    ) -> Result<Vec<Refused<'r>>> {
        let (mut heard, mut refused) = (Vec::new(), Vec::new());
        for fetched in records {
            match Historic::read(&fetched.record.value) {
                Ok(message) => heard.push((*fetched, message)),
                Err(why) => refused.push((*fetched, why.to_string())),
            }
        }
        self.n_batches += 1;
        for (run, heard) in by_run(tx, heard, &mut refused).await?.into_values() {
            self.follow(tx, run.run_id).await?;
            self.store_run(tx, &run, &heard, stored, &mut refused).await?;
        }
        while self.runs.len() > MOST_RUNS {
            let oldest = self.runs.iter().min_by_key(|(_, following)| following.last_batch);
            let Some(run_id) = oldest.map(|(run_id, _)| *run_id) else { break };
            self.runs.remove(&run_id);
        }
        Ok(refused)
    }

    /// Sees that the run is known as it is stored.
    async fn follow(&mut self, tx: &mut RunTx, run_id: RunId) -> Result<()> {
        let next_part = runs::next_part(tx, run_id, HISTORIC_CHAIN).await?;
        if let Some(following) = self.runs.get_mut(&run_id).filter(|following| following.next_part == next_part) {
            following.last_batch = self.n_batches;
            return Ok(());
        }
        let keys = runs::key_seconds(tx, run_id, HISTORIC_CHAIN).await?;
        let from = keys.last().copied().unwrap_or(0);
        let mut frames = Vec::new();
        for frame in runs::frames_of_chain(tx, run_id, HISTORIC_CHAIN, from).await? {
            frames.push(runs::unpacked(&frame.packed)?);
        }
        let chain = Chain::resume(keys, frames.iter().map(Vec::as_slice));
        let chain = chain.map_err(|bad| ConsumerError::Frame(run_id, bad))?;
        let following = Following { nodes: Nodes::default(), chain, next_part, last_batch: self.n_batches };
        self.runs.insert(run_id, following);
        Ok(())
    }

    async fn store_run<'r>(
        &mut self,
        tx: &mut RunTx,
        run: &Run,
        heard: &[Heard<'r>],
        stored: &mut Stored,
        refused: &mut Vec<Refused<'r>>,
    ) -> Result<()> {
        let Some(following) = self.runs.get_mut(&run.run_id) else { return Ok(()) };
        let told: Vec<Told> =
            heard.iter().map(|(fetched, message)| Told::of(run, message, fetched.record.at)).collect();
        following.name(tx, run.run_id, &told).await?;
        let mut numbered = Vec::with_capacity(told.len());
        for ((fetched, _), told) in heard.iter().zip(told) {
            match following.nodes.no_of_node(told.node) {
                Ok(no) => numbered.push((no, told)),
                Err(why) => refused.push((*fetched, why.to_string())),
            }
        }
        let n_numbered = numbered.len();
        let new = unknown(tx, run.run_id, numbered).await?;
        stored.n_stored += new.len();
        stored.n_again += n_numbered - new.len();
        following.put(tx, run.run_id, &new).await
    }
}

/// Sorts messages by their runs, each as it is until the commit.
async fn by_run<'r>(
    tx: &mut RunTx,
    heard: Vec<Heard<'r>>,
    refused: &mut Vec<Refused<'r>>,
) -> Result<BTreeMap<RunId, (Run, Vec<Heard<'r>>)>> {
    let mut by_run: BTreeMap<RunId, (Run, Vec<Heard<'r>>)> = BTreeMap::new();
    let (named, unnamed): (Vec<_>, Vec<_>) =
        heard.into_iter().partition(|(fetched, _)| fetched.record.header(RUN_HEADER).is_some());
    for (fetched, message) in named {
        match named_run(tx, fetched).await? {
            Ok(run) => by_run.entry(run.run_id).or_insert_with(|| (run, Vec::new())).1.push((fetched, message)),
            Err(why) => refused.push((fetched, why.to_owned())),
        }
    }
    let times: Vec<_> = unnamed.iter().map(|(fetched, _)| fetched.record.at).collect();
    for (run, heard) in whose::find(tx, &times).await?.into_iter().zip(unnamed) {
        by_run.entry(run.run_id).or_insert_with(|| (run, Vec::new())).1.push(heard);
    }
    Ok(by_run)
}

/// Finds the run that a record names.
async fn named_run(tx: &mut RunTx, fetched: &Fetched) -> Result<std::result::Result<Run, &'static str>> {
    let text = fetched.record.header(RUN_HEADER).and_then(|run| std::str::from_utf8(run).ok());
    let Some(run_id) = text.and_then(|text| text.parse().ok()) else { return Ok(Err("its run is no id")) };
    let run = runs::find_to_change(tx, RunId(run_id)).await?;
    let Some(run) = run else { return Ok(Err("there is no such run")) };
    Ok(if run.parameters.wire == Wire::Json { Ok(run) } else { Err("its run takes no JSON") })
}

/// Notes messages, and returns those that weren't known.
async fn unknown(tx: &mut RunTx, run_id: RunId, mut told: Vec<(u32, Told)>) -> Result<Vec<(u32, Told)>> {
    let mut seen = HashSet::new();
    told.retain(|(no, told)| seen.insert((*no, told.told_at)));
    let mut messages: Vec<Message> = told
        .iter()
        .map(|(no, told)| {
            let Told { told_at, recorded_at, second, .. } = *told;
            Message { no: *no, told_at, recorded_at, second }
        })
        .collect();
    messages.sort_unstable();
    let new: HashSet<(u32, i64)> = runs::put_messages(tx, run_id, &messages).await?.into_iter().collect();
    told.retain(|(no, told)| new.contains(&(*no, told.told_at)));
    Ok(told)
}

impl Following {
    /// Sees that everybody who is named has a number.
    async fn name(&mut self, tx: &mut RunTx, run_id: RunId, told: &[Told]) -> Result<()> {
        let mut new = Newcomers::default();
        for told in told {
            let own = PeerTag::of(told.node.0);
            if !self.nodes.is_named(own) {
                let named = NamedNode { node_id: told.node, boot: 0, first_second: told.second };
                let known = new.add(own).named.get_or_insert(named);
                if known.node_id == told.node {
                    known.first_second = known.first_second.min(told.second);
                }
            }
            for (tag, _) in told.heard.iter().filter(|(tag, _)| !self.nodes.has_tag(*tag)) {
                new.add(*tag);
            }
        }
        if !new.nodes.is_empty() {
            for known in runs::intern(tx, run_id, &new.nodes).await? {
                self.nodes.learn(tag(known.tag), &known);
            }
        }
        Ok(())
    }

    /// Stores what new messages say.
    async fn put(&mut self, tx: &mut RunTx, run_id: RunId, new: &[(u32, Told)]) -> Result<()> {
        let mut folded = Folded::default();
        for (no, told) in new {
            for (peer, second) in &told.heard {
                // Whoever is named has a number by now.
                let Ok(peer) = self.nodes.no_of(*peer) else { continue };
                folded.meet((*no, peer), (*second, *second), 1, None);
            }
            if !told.state.alive {
                folded.deaths.entry(told.second).or_default().push(*no);
            }
        }
        let mut frames = Vec::new();
        for frame in self.chain.scatter(standing(tx, run_id, new).await?) {
            let (second, kind) = (frame.second, frame.kind.byte());
            frames.push((FrameAt { second, kind, chain: HISTORIC_CHAIN, part: self.next_part }, frame.bytes));
            self.next_part += 1;
        }
        runs::put_frames(tx, run_id, &frames).await?;
        Ok(folded.put(tx, run_id).await?)
    }
}

/// Returns which of the new messages stand for their seconds, by these.
async fn standing(tx: &mut RunTx, run_id: RunId, new: &[(u32, Told)]) -> Result<BTreeMap<u32, Vec<Scattered>>> {
    let mut seconds: Vec<(u32, u32)> = new.iter().map(|(no, told)| (*no, told.second)).collect();
    seconds.sort_unstable();
    seconds.dedup();
    let states: HashMap<(u32, i64), &Told> = new.iter().map(|(no, told)| ((*no, told.told_at), told)).collect();
    let mut heard: BTreeMap<u32, Vec<Scattered>> = BTreeMap::new();
    for standing in runs::standing(tx, run_id, &seconds).await? {
        if let Some(told) = states.get(&(standing.no, standing.told_at)) {
            let said = Scattered { no: standing.no, state: told.state, next: standing.next };
            heard.entry(standing.second).or_default().push(said);
        }
    }
    Ok(heard)
}
