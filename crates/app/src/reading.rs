//! How fresh what somebody looks at must be, and how old it was.
//!
//! Where there are standbys, lists and numbers come from them once they have all that the one who looks has written. Pages that
//! show persons need the primary all the same: that they were shown is written down there before they are. Numbers without
//! persons stay while there is no primary, and say as of when they are.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, PoisonError};
use storage::store::Position;
use storage::{Freshness, StorageError, Tx};

/// So old may numbers be while there is no primary: a failover takes half a minute, and whoever is cut off for longer must not
/// take what they see for the state of things.
const LONGEST_STALE: SignedDuration = SignedDuration::from_mins(10);

/// A picture that is younger is called current: notes of positions are a second apart.
const CURRENT: SignedDuration = SignedDuration::from_secs(5);

/// What somebody's looks need, and how old the pictures were that they got. Clones are the same look.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// How far the database was when they last changed something; `None`: they see what is committed now.
    pub seen: Option<Position>,
    oldest: Arc<Mutex<Option<Timestamp>>>,
}

/// What a browser keeps of its own writes.
#[derive(Serialize, Deserialize)]
struct Seen {
    epoch: i64,
    position: Position,
}

/// What of a cursor's place tells it from cursors of lists.
const SEEN: &str = "seen";

impl Reading {
    /// Returns as of when the oldest picture was that was looked at; `None` if all were current.
    #[must_use]
    pub fn as_of(&self, now: Timestamp) -> Option<Timestamp> {
        let oldest = *self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
        oldest.filter(|at| now.duration_since(*at) > CURRENT)
    }

    fn note(&self, tx: &Tx) {
        if let Some(at) = tx.as_of() {
            let mut oldest = self.oldest.lock().unwrap_or_else(PoisonError::into_inner);
            *oldest = Some(oldest.map_or(at, |before| before.min(at)));
        }
    }

    fn was_behind(&self) -> bool {
        self.oldest.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

impl App {
    /// Notes how far the primary is, so that standbys can be told how old they are. Belongs into each second of a server.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the primary is away.
    pub async fn note_position(&self) -> Result<()> {
        Ok(self.store.note_position(self.now()).await?)
    }

    /// Seals what a browser is to bring again, so that it sees what it wrote. `None` where there are no standbys.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the primary is away.
    pub async fn seal_seen(&self, worker: &Worker) -> Result<Option<String>> {
        let Some(position) = self.store.position().await? else { return Ok(None) };
        let seen = Seen { epoch: worker.authority.epoch, position };
        self.seal_cursor(worker, SEEN, &seen).map(Some)
    }

    /// Opens what a browser brings of that. Another account's, one from before the authority moved or another primary came, or
    /// anything else is none.
    #[must_use]
    pub fn open_seen(&self, worker: &Worker, sealed: &str) -> Option<Position> {
        let seen: Seen = self.open_cursor(worker, SEEN, sealed).ok()?;
        (seen.epoch == worker.authority.epoch && self.store.can_compare(seen.position)).then_some(seen.position)
    }

    /// Begins to read what somebody looks at: they see at least what they wrote.
    pub(crate) async fn look(&self, worker: &Worker) -> Result<Tx> {
        let freshness = worker.reading.seen.map_or(Freshness::Fresh, Freshness::AtLeast);
        let tx = self.store.read(worker.authority.authority_id, freshness).await?;
        worker.reading.note(&tx);
        Ok(tx)
    }

    /// Begins to read numbers without persons: also while there is no primary, then of the last ten minutes.
    pub(crate) async fn look_at_numbers(&self, worker: &Worker) -> Result<Tx> {
        let away = match self.look(worker).await {
            Err(AppError::Storage(StorageError::Away(error))) => StorageError::Away(error),
            looked => return looked,
        };
        let tx = self.store.read_standby(worker.authority.authority_id, self.as_stale_as_may_be()).await.ok_or(away)?;
        worker.reading.note(&tx);
        Ok(tx)
    }

    /// How old what is shown may be while there is no primary.
    pub(crate) fn as_stale_as_may_be(&self) -> Freshness {
        Freshness::Stale(self.now().saturating_sub(LONGEST_STALE).unwrap_or(Timestamp::MIN))
    }

    /// Records that numbers without persons were shown. They are shown all the same while no record can be written.
    pub(crate) async fn record_numbers(&self, worker: &Worker, what: Audited) -> Result<()> {
        match self.record_alone(worker, what).await {
            Err(AppError::Storage(StorageError::Away(_) | StorageError::Unsure)) if worker.reading.was_behind() => {
                Ok(())
            }
            recorded => recorded,
        }
    }

    /// Says what a read needs that must have all that was acknowledged before now, wherever it is read.
    pub(crate) async fn all_until_now(&self) -> Result<Freshness> {
        Ok(self.store.position().await?.map_or(Freshness::Fresh, Freshness::AtLeast))
    }
}
