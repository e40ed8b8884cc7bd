//! Searching what is sealed: an index of names in memory, one for each authority.
//!
//! It is built at first use from the sealed names, opened on all processors, and follows the changes: before each search
//! it asks the database which persons are new or changed, so that two servers on one database both know a name as soon as
//! it is stored. Where persons were deleted it is built anew. Unused for a while it is dropped, and its text wiped.
//!
//! In it are folded names, years of birth and ids: what lies in the memory of a server while people search.

mod index;

use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::{AuthorityId, PersonId};
pub use index::Matched;
pub(crate) use index::NameIndex;
use index::Part;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use storage::persons::{ChangeMark, Name, SealedName};
use storage::sealing::{Sealer, SealingError};
use storage::{Freshness, StorageError, Tx};
use tokio::task::{JoinSet, spawn_blocking};
use uuid::Uuid;

/// An index that nobody used for so long is dropped.
const IDLE: SignedDuration = SignedDuration::from_mins(15);

/// Names that are read and opened at once.
const CHUNK: i64 = 10_000;

/// The indexes of all authorities.
#[derive(Default)]
pub(crate) struct NameIndexes {
    slots: Mutex<HashMap<AuthorityId, Arc<Slot>>>,
}

/// The index of one authority. Whoever holds the lock builds it; the others wait, and then have it.
#[derive(Default)]
struct Slot {
    index: tokio::sync::Mutex<Option<Arc<NameIndex>>>,
    used_at: Mutex<Option<Timestamp>>,
}

impl NameIndexes {
    fn slot(&self, authority_id: AuthorityId, now: Timestamp) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let slot = Arc::clone(slots.entry(authority_id).or_default());
        *slot.used_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
        slot
    }

    fn drop_idle(&self, now: Timestamp) -> usize {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let n_slots = slots.len();
        slots.retain(|_, slot| {
            let used_at = slot.used_at.lock().unwrap_or_else(PoisonError::into_inner);
            used_at.is_some_and(|at| now.duration_since(at) < IDLE)
        });
        n_slots - slots.len()
    }
}

/// What an index takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSize {
    /// Persons in it.
    pub n_persons: usize,
    /// Bytes in memory.
    pub bytes: usize,
}

impl App {
    /// Drops the indexes of names that nobody used for a quarter of an hour. Returns how many.
    pub fn drop_idle_names(&self, now: Timestamp) -> usize {
        self.names.drop_idle(now)
    }

    /// Builds the index of names, if need be, so that the first search doesn't wait for it. Returns its size.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`] without a key.
    pub async fn prepare_names(&self, worker: &Worker) -> Result<IndexSize> {
        worker.require(domain::authorities::Action::SeeCases)?;
        let index = self.names_of(worker).await?;
        Ok(IndexSize { n_persons: index.len(), bytes: index.bytes() })
    }

    /// Returns the sealer of the worker's authority, or `None` where its key is not here and names stay locked.
    pub(crate) fn sealer_if_any(&self, worker: &Worker) -> Result<Option<Sealer>> {
        match self.sealer(worker) {
            Ok(sealer) => Ok(Some(sealer)),
            Err(AppError::Storage(StorageError::Sealing(SealingError::NoKey | SealingError::Locked))) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Returns the index of the worker's authority as of now.
    pub(crate) async fn names_of(&self, worker: &Worker) -> Result<Arc<NameIndex>> {
        let sealer = self.sealer(worker)?;
        let slot = self.names.slot(worker.authority.authority_id, self.now());
        let mut known = slot.index.lock().await;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mark = storage::persons::change_mark(&mut tx).await?;
        let index = match &*known {
            Some(index) if index.mark == mark => return Ok(Arc::clone(index)),
            Some(index) if index.mark.removed == mark.removed => follow(&mut tx, sealer, index, mark).await?,
            _ => build(&mut tx, || self.sealer(worker), mark).await?,
        };
        let index = Arc::new(index);
        *known = Some(Arc::clone(&index));
        Ok(index)
    }
}

/// Reads all names and opens them, several chunks at a time. Each chunk has a sealer of its own, so that none waits.
async fn build(tx: &mut Tx, sealer: impl Fn() -> Result<Sealer>, mark: ChangeMark) -> Result<NameIndex> {
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let mut opening: JoinSet<Result<(usize, Part)>> = JoinSet::new();
    let mut parts = Vec::new();
    let mut after = PersonId(Uuid::nil());
    for number in 0.. {
        let names = storage::persons::names_after(tx, after, CHUNK).await?;
        let Some(last) = names.last() else { break };
        after = last.person_id;
        if opening.len() >= most {
            parts.extend(next(&mut opening).await?);
        }
        let sealer = sealer()?;
        opening.spawn_blocking(move || Ok((number, open(&names, &sealer)?)));
    }
    while let Some(part) = next(&mut opening).await? {
        parts.push(part);
    }
    parts.sort_unstable_by_key(|(number, _)| *number);
    let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect();
    work(move || Ok(NameIndex::of(&parts, mark))).await
}

async fn next(opening: &mut JoinSet<Result<(usize, Part)>>) -> Result<Option<(usize, Part)>> {
    match opening.join_next().await {
        None => Ok(None),
        Some(Ok(part)) => part.map(Some),
        Some(Err(stopped)) => std::panic::resume_unwind(stopped.into_panic()),
    }
}

/// Reads and opens the names that are new or changed.
async fn follow(tx: &mut Tx, sealer: Sealer, index: &Arc<NameIndex>, mark: ChangeMark) -> Result<NameIndex> {
    let changes = storage::persons::changes_since(tx, index.mark.changed).await?;
    let persons: BTreeSet<PersonId> = changes.into_iter().map(|(_, person)| person).collect();
    let mut names = storage::persons::names_of(tx, &persons.into_iter().collect::<Vec<_>>()).await?;
    let index = Arc::clone(index);
    work(move || {
        names.sort_unstable_by_key(|name| name.person_id);
        Ok(index.with(&open(&names, &sealer)?, mark))
    })
    .await
}

fn open(names: &[SealedName], sealer: &Sealer) -> Result<Part> {
    let names = names.iter().map(|name| name.open(sealer)).collect::<Result<Vec<Name>, _>>()?;
    Ok(Part::of(&names))
}

/// Does what takes a while away from those who answer.
pub(crate) async fn work<T: Send + 'static>(what: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match spawn_blocking(what).await {
        Ok(done) => done,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    }
}
