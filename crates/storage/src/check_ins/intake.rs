//! The door: check-ins of all authorities come in here, and many become one commit.
//!
//! The one place where a transaction belongs to no single authority, because guests come at all of them at once. Whoever asks
//! waits until the commit is on the disk. While one commit is under way the next gathers; when too many wait, newcomers are
//! told to come again. Visits of one venue always go through the same lane, which knows those of the open days: so a retry is
//! the same visit, also when both are on their way.

use super::block::Block;
use super::guest::{Plain, VenueKey};
use super::known::{Known, KnownVisits, Seen};
use super::record::{Receipt, Record, Sealed};
use super::shelf::Shelf;
use crate::error::{Result, StorageError};
use crate::sealing::{PublicKey, SealedKey, Sender};
use domain::check_ins::{ListOfDay, Marks, Stay, VenueDay};
use domain::ids::{AuthorityId, VenueId, VisitId};
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, Span};
use uuid::Uuid;

/// Asks that may wait before a lane.
const MOST_WAITING: usize = 16_384;
/// Visits of one commit.
const MOST_AT_ONCE: usize = 8_192;
/// Commits after which pages are moved from the log.
const MOVE_EVERY: usize = 64;
/// Days for which visits are known and senders kept, counted from the newest: late check-ins and check-outs of the day before
/// and, across the zones of the world, of the one before that.
const OPEN_DAYS: i32 = 3;

/// A visit that comes in.
#[derive(Debug)]
pub struct NewVisit {
    /// The local day of arrival.
    pub day: Date,
    /// The public half of that day's key.
    pub day_key: PublicKey,
    /// The stay.
    pub stay: Stay,
    /// SHA-256 of the receipt's secret.
    pub receipt: Receipt,
    /// 32 bits of what was sent, under the receipt's secret: whoever hasn't that can't try out guests against it.
    pub print: u32,
    /// The guest; sealed before anybody else sees it.
    pub guest: Plain,
}

/// What one body brings: visits of one venue. All of them are taken, or none.
#[derive(Debug)]
pub struct Arrival {
    /// Whose venue.
    pub authority_id: AuthorityId,
    /// Which venue.
    pub venue_id: VenueId,
    /// The visits.
    pub visits: Vec<NewVisit>,
}

/// What happens to a visit that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happened {
    /// The guest left, or means to leave, then.
    Left(Timestamp),
    /// The guest wants it deleted.
    Deleted,
    /// The staff saw the guest.
    Confirmed,
}

/// A change of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// Which list it is on.
    pub list: ListOfDay,
    /// The public half of that day's key.
    pub day_key: PublicKey,
    /// Which visit.
    pub visit_id: VisitId,
    /// The receipt that was shown; `None` where it was checked already.
    pub receipt: Option<Receipt>,
    /// What happened.
    pub happened: Happened,
}

/// Why something isn't taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// Too many wait; nothing of it is stored.
    #[error("too many come at once; try again in a few seconds")]
    Busy,
    /// The same id came before with other values; its place in the body.
    #[error("this visit was entered before with other values")]
    Conflict(usize),
    /// It was deleted by the guest; its place in the body.
    #[error("this visit was deleted")]
    Deleted(usize),
    /// The authority takes none now.
    #[error("this authority takes no check-ins at the moment")]
    NotActive,
    /// The visit isn't known here, or its receipt is another. Look it up, and say that it was checked.
    #[error("this visit is not known here")]
    Unknown,
    /// It could not be stored, or nobody can say whether it was: send it again, it is the same visit.
    #[error("it could not be stored")]
    Failed(#[source] Arc<StorageError>),
}

type Answer<T> = oneshot::Sender<std::result::Result<T, NotTaken>>;

enum Ask {
    Arrive(Arrival, Answer<Vec<Marks>>),
    Change(Change, Answer<()>),
}

/// An ask, and within what it was asked, in traces.
type Asked = (Ask, Span);

/// The door. Clones are the same door.
#[derive(Clone)]
pub struct Intake {
    lanes: Arc<[mpsc::Sender<Asked>]>,
    shelf: Shelf,
}

impl std::fmt::Debug for Intake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Intake({} lanes)", self.lanes.len())
    }
}

/// What a lane needs from outside: ids of blocks are made of time and randomness, as all ids.
pub type MintBlock = Arc<dyn Fn() -> Uuid + Send + Sync>;

impl Intake {
    /// Opens the door: reads which visits of the open days are there, then takes what comes.
    ///
    /// # Errors
    ///
    /// [`StorageError`] if the open days can't be read.
    pub async fn open(shelf: Shelf, open_days: &[Date], authorities: &[AuthorityId], mint: MintBlock) -> Result<Self> {
        shelf.clear_interrupted()?;
        let n_lanes = shelf.n_lanes();
        let mut lanes = Vec::with_capacity(n_lanes);
        let mut known: Vec<HashMap<Date, KnownVisits>> = (0..n_lanes).map(|_| HashMap::new()).collect();
        for day in open_days {
            let ids = shelf.ids(*day, authorities).await?;
            // With several lanes each knows all: a visit's venue isn't beside its id.
            for lane in &mut known {
                let visits = lane.entry(*day).or_default();
                ids.iter().for_each(|ids| visits.read(ids));
            }
        }
        for known in known {
            let (ask, asked) = mpsc::channel(MOST_WAITING);
            lanes.push(ask);
            let lane =
                Lane { shelf: shelf.clone(), mint: Arc::clone(&mint), known, senders: HashMap::new(), n_commits: 0 };
            tokio::spawn(lane.work(asked));
        }
        Ok(Self { lanes: lanes.into(), shelf })
    }

    /// Returns where check-ins lie.
    #[must_use]
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Counts the asks that wait before the lanes.
    #[must_use]
    pub fn n_waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.max_capacity() - lane.capacity()).sum()
    }

    fn lane(&self, venue_id: VenueId) -> &mpsc::Sender<Asked> {
        // Ids of venues are random.
        &self.lanes[(venue_id.bits() % self.lanes.len() as u64) as usize]
    }

    /// Takes the visits of a body. When this returns they are on the disk. What was there already is there once, with the
    /// marks that it got then.
    ///
    /// # Errors
    ///
    /// [`NotTaken`]; then nothing of the body is stored, unless it says that nobody can say.
    pub async fn arrive(&self, arrival: Arrival) -> std::result::Result<Vec<Marks>, NotTaken> {
        let (answer, answered) = oneshot::channel();
        let lane = self.lane(arrival.venue_id);
        lane.try_send((Ask::Arrive(arrival, answer), Span::current())).map_err(|_| NotTaken::Busy)?;
        answered.await.unwrap_or(Err(NotTaken::Busy))
    }

    /// Notes what happened to a visit. When this returns it is on the disk, and what was deleted is written over.
    ///
    /// # Errors
    ///
    /// [`NotTaken`], as above.
    pub async fn change(&self, change: Change) -> std::result::Result<(), NotTaken> {
        let (answer, answered) = oneshot::channel();
        let lane = self.lane(change.list.venue_id);
        lane.try_send((Ask::Change(change, answer), Span::current())).map_err(|_| NotTaken::Busy)?;
        answered.await.unwrap_or(Err(NotTaken::Busy))?;
        if change.happened == Happened::Deleted {
            let blotted = self.shelf.blot_out(change.list, change.visit_id).await;
            blotted.map_err(|error| NotTaken::Failed(Arc::new(error)))?;
        }
        Ok(())
    }
}

/// Blocks that are ready to be stored, and the venues whose data keys they bring along.
type SealedBlocks = (Vec<(Uuid, Block)>, Vec<(VenueDay, u64)>);

/// One who commits.
struct Lane {
    shelf: Shelf,
    mint: MintBlock,
    known: HashMap<Date, KnownVisits>,
    senders: HashMap<VenueDay, DaySender>,
    n_commits: usize,
}

struct DaySender {
    day_key: PublicKey,
    sender: Sender,
    venues: HashMap<u64, VenueSender>,
}

/// A venue's data key, and how many guests it sealed.
struct VenueSender {
    key: VenueKey,
    sealed: SealedKey,
    n_sealed: u32,
    /// Whether a commit brought the sealed key to the disk.
    is_stored: bool,
}

/// A record on its way into a block.
struct Staged {
    of: VenueDay,
    venue: u64,
    day_key: PublicKey,
    what: What,
}

enum What {
    Visit { stay: Stay, receipt: Receipt, known: Known, guest: Plain },
    Change(VisitId, Happened),
}

/// What was known before, to be put back if the commit fails.
struct Before {
    ask: usize,
    day: Date,
    visit_id: VisitId,
    known: Option<Known>,
}

/// What becomes of an ask.
enum Waiting {
    Arrive(Answer<Vec<Marks>>, std::result::Result<Vec<Marks>, NotTaken>),
    Change(Answer<()>, std::result::Result<(), NotTaken>),
}

impl Lane {
    async fn work(mut self, mut asked: mpsc::Receiver<Asked>) {
        while let Some((first, within)) = asked.recv().await {
            let mut n_visits = size(&first);
            let mut asks = vec![first];
            while n_visits < MOST_AT_ONCE
                && let Ok((ask, _)) = asked.try_recv()
            {
                n_visits += size(&ask);
                asks.push(ask);
            }
            // Of many that become one commit, it stands with the first.
            let span = tracing::info_span!(target: "epitrace::traces", parent: &within, "check_ins::commit", n_asks = asks.len());
            self.take(asks).instrument(span).await;
        }
    }

    async fn take(&mut self, asks: Vec<Ask>) {
        let not_active = match self.shelf.not_active().await {
            Ok(not_active) => not_active,
            Err(error) => return fail_all(asks, error),
        };
        let (mut waiting, mut staged, mut before) = (Vec::with_capacity(asks.len()), Vec::new(), Vec::new());
        let authorities: Vec<AuthorityId> = asks.iter().map(whose).collect();
        for (at, ask) in asks.into_iter().enumerate() {
            waiting.push(self.stage(at, ask, &not_active, &mut staged, &mut before));
        }
        if !staged.is_empty() {
            let days: Vec<Date> = staged.iter().map(|staged| staged.of.day).collect();
            let stored = self.store(staged).await;
            self.settle(stored, (&mut waiting, &authorities), before);
            self.forget_old(&days);
        }
        waiting.into_iter().for_each(Waiting::answer);
        self.n_commits += 1;
        if self.n_commits.is_multiple_of(MOVE_EVERY) {
            let (shelf, days) = (self.shelf.clone(), self.known.keys().copied().collect::<Vec<_>>());
            tokio::spawn(async move {
                for day in days {
                    shelf.move_behind(day).await;
                }
            });
        }
    }

    /// Decides on an ask, and puts what is to be stored on the pile.
    fn stage(
        &mut self,
        at: usize,
        ask: Ask,
        not_active: &[AuthorityId],
        staged: &mut Vec<Staged>,
        before: &mut Vec<Before>,
    ) -> Waiting {
        match ask {
            Ask::Arrive(arrival, answer) => {
                let authority_id = arrival.authority_id;
                if not_active.contains(&authority_id) {
                    return Waiting::Arrive(answer, Err(NotTaken::NotActive));
                }
                let (n_staged, n_before) = (staged.len(), before.len());
                let taken = self.stage_visits(at, arrival, staged, before);
                if taken.is_err() {
                    // One that can't be taken takes back the others of its body.
                    staged.truncate(n_staged);
                    before.drain(n_before..).rev().for_each(|before| self.take_back(&before));
                }
                Waiting::Arrive(answer, taken)
            }
            Ask::Change(change, answer) => {
                let authority_id = change.list.of.authority_id;
                let taken = if not_active.contains(&authority_id) {
                    Err(NotTaken::NotActive)
                } else {
                    self.stage_change(at, change, staged, before)
                };
                Waiting::Change(answer, taken)
            }
        }
    }

    fn stage_visits(
        &mut self,
        ask: usize,
        arrival: Arrival,
        staged: &mut Vec<Staged>,
        before: &mut Vec<Before>,
    ) -> std::result::Result<Vec<Marks>, NotTaken> {
        let mut marks = Vec::with_capacity(arrival.visits.len());
        for (at, visit) in arrival.visits.into_iter().enumerate() {
            let NewVisit { day, day_key, stay, receipt, print, guest } = visit;
            let visits = self.known.entry(day).or_default();
            match visits.see(stay.visit_id, &receipt, print) {
                Seen::Again(then) => marks.push(then),
                Seen::Other => return Err(NotTaken::Conflict(at)),
                Seen::Gone => return Err(NotTaken::Deleted(at)),
                Seen::New => {
                    let known = Known::of(&receipt, print, stay.marks);
                    let was = visits.note(stay.visit_id, known);
                    before.push(Before { ask, day, visit_id: stay.visit_id, known: was });
                    marks.push(stay.marks);
                    let of = VenueDay { authority_id: arrival.authority_id, day };
                    let venue = arrival.venue_id.bits();
                    staged.push(Staged { of, venue, day_key, what: What::Visit { stay, receipt, known, guest } });
                }
            }
        }
        Ok(marks)
    }

    fn stage_change(
        &mut self,
        ask: usize,
        change: Change,
        staged: &mut Vec<Staged>,
        before: &mut Vec<Before>,
    ) -> std::result::Result<(), NotTaken> {
        let (of, visit_id) = (change.list.of, change.visit_id);
        let visits = self.known.entry(of.day).or_default();
        if let Some(receipt) = &change.receipt
            && visits.is_receipt(visit_id, receipt) != Some(true)
        {
            return Err(NotTaken::Unknown);
        }
        if change.happened == Happened::Deleted {
            let known = visits.note(visit_id, Known::gone());
            before.push(Before { ask, day: of.day, visit_id, known });
        }
        let what = What::Change(visit_id, change.happened);
        staged.push(Staged { of, venue: change.list.venue_id.bits(), day_key: change.day_key, what });
        Ok(())
    }

    fn take_back(&mut self, before: &Before) {
        self.known.entry(before.day).or_default().take_back(before.visit_id, before.known);
    }

    /// Seals, and commits. Returns the authorities that take none now.
    async fn store(&mut self, mut staged: Vec<Staged>) -> std::result::Result<Vec<AuthorityId>, Arc<StorageError>> {
        // Stable: records of one venue stay in the order in which they came.
        staged.sort_by_key(|staged| (staged.of.day, staged.of.authority_id, staged.venue));
        let n_visits = staged.iter().filter(|staged| matches!(staged.what, What::Visit { .. })).count();
        let (blocks, new_keys) = self.seal(staged)?;
        let mut stored = self.shelf.append(&blocks).await;
        if stored.is_err() && !self.shelf.mixes_authorities() {
            // The connection may have broken after the commit: blocks have ids, so that the same again is stored once.
            metrics::counter!("epitrace_check_in_retries_total").increment(1);
            stored = self.shelf.append(&blocks).await;
        }
        let not_active = stored?;
        metrics::counter!("epitrace_check_ins_total").increment(n_visits as u64);
        metrics::counter!("epitrace_check_in_blocks_total").increment(blocks.len() as u64);
        for (of, venue) in new_keys.iter().filter(|(of, _)| !not_active.contains(&of.authority_id)) {
            if let Some(key) = self.senders.get_mut(of).and_then(|day| day.venues.get_mut(venue)) {
                key.is_stored = true;
            }
        }
        Ok(not_active)
    }

    fn seal(&mut self, staged: Vec<Staged>) -> Result<SealedBlocks> {
        let mixes = self.shelf.mixes_authorities();
        let mut blocks: Vec<(Uuid, Block)> = Vec::new();
        let mut new_keys = Vec::new();
        let mut all = staged.into_iter().peekable();
        let mut records = Vec::new();
        while let Some(first) = all.peek() {
            let (of, venue, day_key) = (first.of, first.venue, first.day_key);
            let is_new = blocks
                .last()
                .is_none_or(|(_, block)| block.day != of.day || !mixes && block.authority_id != of.authority_id);
            if is_new {
                blocks.push(((self.mint)(), Block::new(of.day, of.authority_id)));
            }
            let Some((_, block)) = blocks.last_mut() else { continue };
            let sender = sender_of(&mut self.senders, of, &day_key)?;
            let number = sender.sender.number();
            let key = key_of(sender, venue)?;
            records.clear();
            while let Some(staged) = all.next_if(|next| next.of == of && next.venue == venue) {
                let list = ListOfDay { of, venue_id: VenueId::of_bits(venue) };
                write(staged.what, list, key, &mut records, block)?;
            }
            let stored_with = (!key.is_stored).then_some(&key.sealed);
            if stored_with.is_some() {
                new_keys.push((of, venue));
            }
            block.push(of.authority_id, venue, (number, stored_with), &records);
        }
        Ok((blocks, new_keys))
    }

    /// Says to those who wait what became of their part, and forgets what wasn't stored. A retry in the same batch was told
    /// that its visit is there: what failed for the one failed for the other.
    fn settle(
        &mut self,
        stored: std::result::Result<Vec<AuthorityId>, Arc<StorageError>>,
        (waiting, authorities): (&mut [Waiting], &[AuthorityId]),
        before: Vec<Before>,
    ) {
        let failed = |ask: usize| match &stored {
            Ok(not_active) => not_active.contains(&authorities[ask]).then_some(NotTaken::NotActive),
            Err(error) => Some(NotTaken::Failed(Arc::clone(error))),
        };
        for before in before.iter().rev().filter(|before| failed(before.ask).is_some()) {
            self.take_back(before);
        }
        for (ask, waiting) in waiting.iter_mut().enumerate() {
            if let Some(why) = failed(ask) {
                waiting.fail(why);
            }
        }
    }

    fn forget_old(&mut self, days: &[Date]) {
        let Some(newest) = days.iter().max() else { return };
        let oldest = domain::time::plus_days(*newest, -OPEN_DAYS);
        self.known.retain(|day, _| *day > oldest);
        self.senders.retain(|of, _| of.day > oldest);
    }
}

fn whose(ask: &Ask) -> AuthorityId {
    match ask {
        Ask::Arrive(arrival, _) => arrival.authority_id,
        Ask::Change(change, _) => change.list.of.authority_id,
    }
}

fn size(ask: &Ask) -> usize {
    match ask {
        Ask::Arrive(arrival, _) => arrival.visits.len(),
        Ask::Change(..) => 1,
    }
}

fn fail_all(asks: Vec<Ask>, error: StorageError) {
    let error = Arc::new(error);
    for ask in asks {
        // Whoever asked may be gone.
        match ask {
            Ask::Arrive(_, answer) => _ = answer.send(Err(NotTaken::Failed(Arc::clone(&error)))),
            Ask::Change(_, answer) => _ = answer.send(Err(NotTaken::Failed(Arc::clone(&error)))),
        }
    }
}

impl Waiting {
    fn fail(&mut self, why: NotTaken) {
        match self {
            Self::Arrive(_, outcome) if outcome.is_ok() => *outcome = Err(why),
            Self::Change(_, outcome) if outcome.is_ok() => *outcome = Err(why),
            _ => {}
        }
    }

    fn answer(self) {
        // Whoever asked may be gone.
        match self {
            Self::Arrive(answer, outcome) => _ = answer.send(outcome),
            Self::Change(answer, outcome) => _ = answer.send(outcome),
        }
    }
}

fn sender_of<'s>(
    senders: &'s mut HashMap<VenueDay, DaySender>,
    of: VenueDay,
    day_key: &PublicKey,
) -> Result<&'s mut DaySender> {
    use std::collections::hash_map::Entry;
    // A day has another key where the first was lost.
    if senders.get(&of).is_some_and(|sender| sender.day_key != *day_key) {
        senders.remove(&of);
    }
    Ok(match senders.entry(of) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            entry.insert(DaySender { day_key: *day_key, sender: Sender::to(of, day_key)?, venues: HashMap::new() })
        }
    })
}

fn key_of(day: &mut DaySender, venue: u64) -> Result<&mut VenueSender> {
    use std::collections::hash_map::Entry;
    Ok(match day.venues.entry(venue) {
        Entry::Occupied(entry) => entry.into_mut(),
        Entry::Vacant(entry) => {
            let (key, sealed) = day.sender.data_key(VenueId::of_bits(venue))?;
            entry.insert(VenueSender { key: VenueKey::new(&key)?, sealed, n_sealed: 0, is_stored: false })
        }
    })
}

fn write(what: What, list: ListOfDay, key: &mut VenueSender, to: &mut Vec<u8>, block: &mut Block) -> Result<()> {
    match what {
        What::Visit { stay, receipt, known, mut guest } => {
            let nonce = key.n_sealed;
            key.n_sealed += 1;
            key.key.seal(list, stay.visit_id, nonce, &mut guest)?;
            let record = Record::Visit(Sealed { stay, receipt, nonce, guest: &guest });
            record.write(to);
            block.note(&record, known);
        }
        What::Change(visit_id, Happened::Left(at)) => Record::Left(visit_id, at).write(to),
        What::Change(visit_id, Happened::Confirmed) => Record::Confirmed(visit_id).write(to),
        What::Change(visit_id, Happened::Deleted) => {
            let record = Record::Gone(visit_id);
            record.write(to);
            block.note(&record, Known::gone());
        }
    }
    Ok(())
}
