//! Whether the database is the one of now, or was put back to an earlier moment without anybody saying so.
//!
//! Each server beats every few seconds, and who opens the database compares with what is remembered beside the keyring. What is
//! not of now is not shown: persons who were erased since are in it again, and so are sessions that were ended.

use crate::context::App;
use crate::error::Result;
use domain::authorities::AuthorityState;
use storage::ledger::Ledger;
use storage::pulse::Remembered;

impl App {
    /// Checks that the database is not older than what is remembered of it. One without an authority holds nothing that
    /// could be: it takes over from where another left off.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotReplayed`](storage::StorageError::NotReplayed) if it is older.
    pub async fn check_pulse(&self, remembered: &Remembered) -> Result<()> {
        if self.is_fresh().await? {
            return if remembered.beats().await?.is_some() { self.catch_up(remembered).await } else { Ok(()) };
        }
        let mut tx = self.store.read_installation().await?;
        Ok(storage::pulse::check(&mut tx, remembered).await?)
    }

    /// Beats once. Does nothing while somebody else writes to SQLite just now.
    ///
    /// # Errors
    ///
    /// [`StorageError::NotReplayed`](storage::StorageError::NotReplayed) if the database is older than what is remembered of
    /// it: whoever serves it stops.
    pub async fn beat(&self, remembered: &Remembered) -> Result<()> {
        let Some(mut tx) = self.store.installation_if_free().await? else { return Ok(()) };
        let beats = storage::pulse::beat(&mut tx, remembered).await?;
        // Only what surely lasts is remembered: an unsure commit that is lost must not look like a restore.
        tx.commit().await?;
        Ok(remembered.raise(beats).await?)
    }

    pub(crate) async fn catch_up(&self, remembered: &Remembered) -> Result<()> {
        let mut tx = self.store.installation().await?;
        let beats = storage::pulse::catch_up(&mut tx, remembered).await?;
        tx.commit().await?;
        Ok(remembered.raise(beats).await?)
    }

    /// Erases again what the ledger says was erased and the database doesn't know of: whoever erased was stopped in between, or
    /// the database fell back by less than a beat. Returns how many erasures there were.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if database or ledger can't be read or written.
    pub async fn settle_ledger(&self, ledger: &Ledger) -> Result<usize> {
        let bytes = ledger.bytes().await?;
        let mut tx = self.store.read_installation().await?;
        let done = storage::pulse::ledger_bytes(&mut tx).await?;
        drop(tx);
        if done == bytes {
            return Ok(0);
        }
        // One that is shorter than it was, or has no line that begins there, is another ledger: then all of it.
        let behind = if done < bytes { ledger.list_from(done).await } else { ledger.list().await };
        let erasures = match behind {
            Ok(erasures) => erasures,
            Err(_) => ledger.list().await?,
        };
        let mut n_settled = 0;
        for authority in self.authorities().await? {
            if !erasures.iter().any(|erasure| erasure.authority_id == authority.authority_id) {
                continue;
            }
            match authority.state {
                AuthorityState::Active => {}
                // Looked at again at the next start.
                AuthorityState::Frozen => return Ok(n_settled),
                AuthorityState::Moved => continue,
            }
            let mut tx = self.jobs_store.write(authority.authority_id).await?;
            n_settled += storage::retention::erase_again(&mut tx, &erasures).await?;
            tx.commit().await?;
        }
        let mut tx = self.jobs_store.installation().await?;
        storage::pulse::set_ledger(&mut tx, bytes).await?;
        tx.commit().await?;
        Ok(n_settled)
    }
}
