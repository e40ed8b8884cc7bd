//! What is read may be less sure than what is written: a commit whose wait for a standby was cancelled is seen by all, and on no
//! standby. Whoever is told yes because of what was read, such as one who sends the same again, is told once a later commit has
//! got there, which takes all before it along.

use super::Store;
use super::postgres::PgTx;
use crate::error::Result;
use sqlx::Executor;
use std::cell::Cell;

tokio::task_local! {
    static SURE: Cell<bool>;
}

/// Something that is written to the log of changes, and nowhere else: without it a commit waits for nobody.
const CONFIRM: &str = "-- store::confirm
SELECT pg_logical_emit_message(true, 'epitrace', '')";

/// Does something, and says whether the last of its transactions that could write did so and was committed: then all that it read
/// before is sure.
pub async fn noting_commits<F: Future>(work: F) -> (F::Output, bool) {
    SURE.scope(Cell::new(false), async {
        let output = work.await;
        (output, SURE.with(Cell::get))
    })
    .await
}

/// Says whether somebody asks.
pub(super) fn is_asked() -> bool {
    SURE.try_with(|_| ()).is_ok()
}

/// Notes that a transaction that could write begins, or that one was committed that did. Where nobody asks, nothing is noted.
pub(super) fn note(has_written: bool) {
    let _ = SURE.try_with(|sure| sure.set(has_written));
}

impl Store {
    /// Makes sure that all that can be read is where acknowledged writes are: in a cell on a standby too. A file is sure as it is.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unsure`](crate::StorageError::Unsure) if no standby says that it has it,
    /// [`StorageError::Away`](crate::StorageError::Away) if the database can't be reached.
    pub async fn confirm(&self) -> Result<()> {
        let Some(pool) = self.postgres() else { return Ok(()) };
        let mut transaction = PgTx::begin(pool, "BEGIN").await?;
        transaction.execute(CONFIRM).await?;
        transaction.commit().await
    }
}
