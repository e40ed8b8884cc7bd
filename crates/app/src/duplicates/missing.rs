//! Tokens of persons that were stored before there were any, or by other rules: written in the background.
//!
//! It follows the changes of persons by their numbers, from the last one that was followed. Each batch is a transaction
//! that also notes how far it got, so it can be stopped anywhere and goes on there. Persons that have the right tokens
//! already are not touched.

use super::{rules_of, tokens_of};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::PersonId;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use storage::authorities::Authority;
use storage::duplicates::PersonTokens;
use storage::sealing::SealingError;
use storage::{Freshness, StorageError};

/// Changes of one batch: on SQLite others wait for it with their writes, so it takes moments only.
const BATCH: i64 = 500;
/// A holder that has stopped loses its lease after this long.
const LEASE: SignedDuration = SignedDuration::from_mins(2);

impl App {
    /// Writes the tokens that are missing, in all authorities whose key is here. Of several servers, one does it.
    /// Returns how many persons got other tokens than they had.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be written; the next turn goes on where this one ended.
    pub async fn write_missing_tokens(&self) -> Result<u64> {
        let mut n_written = 0;
        for authority in self.authorities_at_work().await? {
            match self.write_missing_tokens_of(&authority).await {
                Ok(n_of_authority) => n_written += n_of_authority,
                // Locked, or on its way to another cell: it waits, and the others don't.
                Err(AppError::Storage(
                    StorageError::Sealing(SealingError::NoKey | SealingError::Locked) | StorageError::NotActive(_),
                )) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(n_written)
    }

    /// Returns how many persons of the worker's authority may lack tokens, at most.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the database can't be read.
    pub(crate) async fn n_without_tokens(&self, worker: &Worker) -> Result<u64> {
        self.n_waiting(&worker.authority).await
    }

    async fn n_waiting(&self, authority: &Authority) -> Result<u64> {
        let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
        Ok(storage::duplicates::followed(&mut tx, rules_of(authority).number()).await?.n_waiting())
    }

    async fn write_missing_tokens_of(&self, authority: &Authority) -> Result<u64> {
        if self.n_waiting(authority).await? == 0 {
            return Ok(0);
        }
        let name = format!("tokens/{}", authority.authority_id.0);
        let holder = domain::ids::mint(self.now(), self.random());
        let mut n_written = 0;
        while self.take_lease(&name, holder, LEASE).await? {
            match self.write_batch(authority).await? {
                Some(n_of_batch) => n_written += n_of_batch,
                None => {
                    let mut tx = self.jobs_store.installation().await?;
                    storage::leases::give_back(&mut tx, &name, holder).await?;
                    tx.commit().await?;
                    break;
                }
            }
        }
        Ok(n_written)
    }

    /// Follows the next changes; `None` if there are none.
    async fn write_batch(&self, authority: &Authority) -> Result<Option<u64>> {
        let (sealer, rules) = (self.sealer_of(authority.authority_id)?, rules_of(authority));
        let mut tx = self.store.write(authority.authority_id).await?;
        // Imports write tokens of the same persons.
        tx.one_import_at_a_time().await?;
        let followed = storage::duplicates::followed(&mut tx, rules.number()).await?;
        if followed.n_waiting() == 0 {
            return Ok(None);
        }
        let changes = storage::duplicates::changes_after(&mut tx, followed.done, BATCH).await?;
        let ids: BTreeSet<PersonId> = changes.iter().map(|(_, person)| *person).collect();
        let persons = storage::persons::by_id(&mut tx, &sealer, &ids.into_iter().collect::<Vec<_>>()).await?;
        let tokens: Vec<PersonTokens> = persons.values().map(|person| tokens_of(person, rules)).collect();
        let n_written = storage::duplicates::replace(&mut tx, &sealer, &tokens).await?;
        // The changes of persons that were deleted are gone, perhaps all that were left.
        let last = changes.last().map_or(followed.changed, |(seq, _)| *seq);
        storage::duplicates::set_followed(&mut tx, rules.number(), last).await?;
        tx.commit().await?;
        Ok(Some(n_written as u64))
    }
}
