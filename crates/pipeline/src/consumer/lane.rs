//! One partition on its way into the database: what is known of its runs, and how a batch is stored.

use super::ConsumerError;
use super::batch::Batch;
use super::fold::{Folded, Nodes, NotTaken, Told};
use super::historic::Historics;
use domain::ids::RunId;
use event_log::{Fetched, RUN_HEADER, Record};
use jiff::Timestamp;
use protocol::frames::Chain;
use protocol::nodes::{Kind, PeerTag, ReportView, United};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;
use storage::runs::{self, DeadLetter, FrameAt, LogPlace, NamedNode, NewNode};
use storage::store::{RunStore, RunTx};

/// Runs of which a lane remembers nodes and pictures; those that reported longest ago are read anew when they report again.
const MOST_RUNS: usize = 64;

/// Seconds that a node may be ahead of its run.
const AHEAD_S: u32 = 3_600;

type Result<T> = std::result::Result<T, ConsumerError>;

/// One partition.
#[derive(Debug)]
pub struct Lane {
    place: LogPlace,
    next: u64,
    runs: HashMap<RunId, Following>,
    historics: Historics,
    n_batches: u64,
}

/// A run that reports.
#[derive(Debug)]
struct Following {
    /// When the run began, and how long its seconds are.
    begun: Timestamp,
    second: Duration,
    nodes: Nodes,
    chain: Chain,
    next_part: i64,
    last_batch: u64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// Records that were stored.
    pub n_stored: usize,
    /// Records that were stored before, and sent again.
    pub n_again: usize,
    /// Records that were put aside.
    pub n_put_aside: usize,
}

/// Where a record belongs, and what it says.
type Read<'r> = std::result::Result<(RunId, Told<'r>), String>;

impl Lane {
    /// Takes up a partition where the database says that it was left.
    ///
    /// # Errors
    ///
    /// [`ConsumerError::Storage`] if the database can't be read.
    pub async fn begin(store: &RunStore, place: LogPlace) -> Result<Self> {
        let progress = runs::progress(&mut store.read().await?, &place).await?;
        Ok(Self { place, next: progress.next, runs: HashMap::new(), historics: Historics::default(), n_batches: 0 })
    }

    /// Returns the offset of the first record that isn't stored.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Stores a batch, with how far the log was read. `None` if another consumer stored it, or part of it, first: then nothing
    /// of it was stored here, and the lane is to be begun again. After an error too.
    ///
    /// # Errors
    ///
    /// [`ConsumerError`]; nothing of the batch lasts.
    pub async fn store(&mut self, store: &RunStore, batch: &Batch, now: Timestamp) -> Result<Option<Stored>> {
        let Some(last) = batch.records().last() else { return Ok(Some(Stored::default())) };
        let first = batch.records().first().map_or(last.offset, |first| first.offset);
        let (next, n_gaps) = (last.offset + 1, first.saturating_sub(self.next));
        let mut tx = store.write().await?;
        if !runs::advance(&mut tx, &self.place, self.next, next, n_gaps).await? {
            return Ok(None);
        }
        self.n_batches += 1;
        let stored = self.store_all(&mut tx, batch, now).await?;
        tx.commit().await?;
        self.next = next;
        self.forget_old();
        Ok(Some(stored))
    }

    async fn store_all(&mut self, tx: &mut RunTx, batch: &Batch, now: Timestamp) -> Result<Stored> {
        let mut stored = Stored::default();
        let mut by_run: BTreeMap<RunId, Vec<(&Fetched, Told<'_>)>> = BTreeMap::new();
        let is_historic = |fetched: &&Fetched| Kind::of(&fetched.record.value) == Some(Kind::Historic);
        let (historic, packed): (Vec<_>, Vec<_>) = batch.records().iter().partition(is_historic);
        for (fetched, reason) in self.historics.store(tx, &historic, &mut stored).await? {
            self.put_aside(tx, fetched, reason, now, &mut stored).await?;
        }
        for fetched in packed {
            match read(&fetched.record) {
                Ok((run_id, told)) => by_run.entry(run_id).or_default().push((fetched, told)),
                Err(reason) => self.put_aside(tx, fetched, reason, now, &mut stored).await?,
            }
        }
        for (run_id, told) in by_run {
            if !self.follow(tx, run_id).await? {
                for (fetched, _) in &told {
                    self.put_aside(tx, fetched, "there is no such run".to_owned(), now, &mut stored).await?;
                }
                continue;
            }
            for (fetched, why) in self.store_run(tx, run_id, (&told, now), &mut stored).await? {
                self.put_aside(tx, fetched, why.to_string(), now, &mut stored).await?;
            }
        }
        Ok(stored)
    }

    async fn put_aside(
        &self,
        tx: &mut RunTx,
        fetched: &Fetched,
        reason: String,
        now: Timestamp,
        stored: &mut Stored,
    ) -> Result<()> {
        let (place, offset, bytes) = (self.place.clone(), fetched.offset, fetched.record.value.to_vec());
        runs::put_aside(tx, &DeadLetter { place, offset, reason, noted_at: now, bytes }).await?;
        stored.n_put_aside += 1;
        Ok(())
    }

    /// Reads what there is of a run, if it isn't followed yet. Returns whether there is such a run.
    async fn follow(&mut self, tx: &mut RunTx, run_id: RunId) -> Result<bool> {
        if let Some(following) = self.runs.get_mut(&run_id) {
            following.last_batch = self.n_batches;
            return Ok(true);
        }
        let Some(run) = runs::find(tx, run_id).await? else { return Ok(false) };
        let chain = self.place.partition;
        let keys = runs::key_seconds(tx, run_id, chain).await?;
        let from = keys.last().copied().unwrap_or(0);
        let mut frames = Vec::new();
        for frame in runs::frames_of_chain(tx, run_id, chain, from).await? {
            frames.push(runs::unpacked(&frame.packed)?);
        }
        let next_part = runs::next_part(tx, run_id, chain).await?;
        let chain = Chain::resume(keys, frames.iter().map(Vec::as_slice));
        let chain = chain.map_err(|bad| ConsumerError::Frame(run_id, bad))?;
        let (begun, second) = (run.created_at, run.clock.second);
        let following =
            Following { begun, second, nodes: Nodes::default(), chain, next_part, last_batch: self.n_batches };
        self.runs.insert(run_id, following);
        Ok(true)
    }

    /// Stores what a batch says of a run; returns the records that can't be.
    async fn store_run<'r>(
        &mut self,
        tx: &mut RunTx,
        run_id: RunId,
        (told, now): (&[(&'r Fetched, Told<'_>)], Timestamp),
        stored: &mut Stored,
    ) -> Result<Vec<(&'r Fetched, NotTaken)>> {
        let Some(following) = self.runs.get_mut(&run_id) else { return Ok(Vec::new()) };
        let most = following.most_second(now);
        let places = following.name(tx, run_id, told).await?;
        let (mut folded, mut refused) = (Folded::default(), Vec::new());
        for ((fetched, told), place) in told.iter().zip(places) {
            if told.last_second() > most {
                refused.push((*fetched, NotTaken::Ahead));
                continue;
            }
            let heard_at = |no| following.chain.picture().node(no).map(|shown| shown.heard_at);
            match folded.take(&mut following.nodes, (told, place), heard_at) {
                Ok(()) => stored.n_stored += 1,
                Err(why) => refused.push((*fetched, why)),
            }
        }
        stored.n_stored -= folded.n_again;
        stored.n_again += folded.n_again;
        let mut frames = Vec::new();
        for frame in following.chain.take(std::mem::take(&mut folded.heard)) {
            let (second, kind) = (frame.second, frame.kind.byte());
            let at = FrameAt { second, kind, chain: self.place.partition, part: following.next_part };
            following.next_part += 1;
            frames.push((at, frame.bytes));
        }
        runs::put_frames(tx, run_id, &frames).await?;
        folded.put(tx, run_id).await?;
        Ok(refused)
    }

    fn forget_old(&mut self) {
        while self.runs.len() > MOST_RUNS {
            let oldest = self.runs.iter().min_by_key(|(_, following)| following.last_batch);
            let Some(run_id) = oldest.map(|(run_id, _)| *run_id) else { return };
            self.runs.remove(&run_id);
        }
    }
}

impl Following {
    /// The last second of which a node can tell, an hour more for clocks that differ: one report of the year 3000 would be the
    /// newest that is known for ever.
    fn most_second(&self, now: Timestamp) -> u32 {
        let lived = now.duration_since(self.begun).as_secs_f64().max(0.0) / self.second.as_secs_f64();
        (lived as u32).saturating_add(AHEAD_S)
    }

    /// Sees that everybody who is named has a number. Returns the places of those that reported and were known before.
    async fn name(&mut self, tx: &mut RunTx, run_id: RunId, told: &[(&Fetched, Told<'_>)]) -> Result<Vec<Option<u32>>> {
        let mut new = Newcomers::default();
        let mut places = Vec::with_capacity(told.len());
        for (_, told) in told {
            let place = self.nodes.place_of(told.node());
            places.push(place);
            if place.is_none() {
                let own = PeerTag::of(told.node().0);
                if !self.nodes.is_named(own) {
                    new.add(own).named.get_or_insert(NamedNode {
                        node_id: told.node(),
                        boot: told.boot(),
                        first_second: told.first_second(),
                    });
                }
            }
            for tag in told.others().filter(|tag| !self.nodes.has_tag(*tag)) {
                new.add(tag);
            }
        }
        if !new.nodes.is_empty() {
            for known in runs::intern(tx, run_id, &new.nodes).await? {
                self.nodes.learn(tag(known.tag), &known);
            }
        }
        Ok(places)
    }
}

/// Nodes without a number, in the order in which they were named: those that report together get numbers that stand together.
#[derive(Default)]
pub(super) struct Newcomers {
    pub(super) nodes: Vec<NewNode>,
    places: HashMap<PeerTag, usize>,
}

impl Newcomers {
    pub(super) fn add(&mut self, tag: PeerTag) -> &mut NewNode {
        let at = *self.places.entry(tag).or_insert(self.nodes.len());
        if at == self.nodes.len() {
            self.nodes.push(NewNode { tag: number(tag), named: None });
        }
        &mut self.nodes[at]
    }
}

fn read(record: &Record) -> Read<'_> {
    let run = record.header(RUN_HEADER).ok_or("it names no run")?;
    let run = std::str::from_utf8(run).ok().and_then(|text| text.parse().ok()).ok_or("its run is no id")?;
    let value = &record.value[..];
    let told = match Kind::of(value) {
        Some(Kind::Report) => Told::Report(ReportView::read(value).map_err(|why| why.to_string())?),
        Some(Kind::United) => Told::United(United::read(value).map_err(|why| why.to_string())?),
        _ => return Err("it is no report".to_owned()),
    };
    Ok((RunId(run), told))
}

fn number(tag: PeerTag) -> u64 {
    tag.0.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub(super) fn tag(number: u64) -> PeerTag {
    let [_, _, a, b, c, d, e, f] = number.to_be_bytes();
    PeerTag([a, b, c, d, e, f])
}
