//! A transaction on PostgreSQL, whose end is either sure or an error.
//!
//! A cell acknowledges a commit when a standby has it too. That can last: while no standby is there the commit waits, and nothing
//! but an administrator ends it; then PostgreSQL calls it done and only warns that no standby has it. A commit that lasts or
//! that was warned about is an error here. What became of it shows when the same is tried again under the same id.

use super::{measured, notices, sure};
use crate::error::{Result, StorageError};
use sqlx::pool::PoolConnection;
use sqlx::{Executor, PgConnection, PgPool, Postgres, Row};
use std::ops::{Deref, DerefMut};
use std::time::Duration;

/// How long a commit, or the end of what isn't committed, may last.
const LONGEST_END: Duration = Duration::from_secs(2);

/// Commits, and says whether anything was written.
const COMMIT_AND_SAY: &str = "-- store::commit_and_say
SELECT pg_current_xact_id_if_assigned() IS NOT NULL; COMMIT";

/// A transaction. Dropped without a commit, it never happened.
pub(crate) struct PgTx {
    /// There until it ends.
    connection: Option<PoolConnection<Postgres>>,
    /// Whose pool it is from.
    pool: &'static str,
}

/// It is only taken out by what ends it.
const ENDED: &str = "a transaction that has ended isn't used any more";

impl PgTx {
    /// Begins one with a statement.
    pub(crate) async fn begin(pool: &PgPool, statement: &'static str) -> Result<Self> {
        // Held before the statement runs: whoever stops waiting for it leaves nothing open behind.
        let mut begun = Self::on(measured::acquire(pool).await?, measured::name_of(pool));
        begun.execute(statement).await?;
        Ok(begun)
    }

    /// Begins one on a connection, whose first statement is the caller's.
    pub(super) fn on(connection: PoolConnection<Postgres>, pool: &'static str) -> Self {
        Self { connection: Some(connection), pool }
    }

    /// Makes it last.
    ///
    /// # Errors
    ///
    /// [`StorageError::Unsure`] if nobody knows whether it does.
    pub(crate) async fn commit(self) -> Result<()> {
        measured::ended(self.pool, self.committed()).await
    }

    async fn committed(mut self) -> Result<()> {
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        // Without anything written it waits for nobody, and makes nothing sure.
        let statement = if sure::is_asked() { COMMIT_AND_SAY } else { "COMMIT" };
        let committing = notices::listening(sqlx::raw_sql(statement).fetch_all(&mut *connection));
        match tokio::time::timeout(LONGEST_END, committing).await {
            Ok((Ok(said), false)) => {
                sure::note(said.first().is_some_and(|row| row.get(0)));
                Ok(())
            }
            Ok((Ok(_), true)) => Err(StorageError::Unsure),
            Ok((Err(error), _)) => {
                connection.close_on_drop();
                Err(unsure_if_cut(error))
            }
            Err(_) => {
                connection.close_on_drop();
                Err(StorageError::Unsure)
            }
        }
    }
}

/// A connection that breaks while it commits may have committed.
fn unsure_if_cut(error: sqlx::Error) -> StorageError {
    match StorageError::from(error) {
        StorageError::Away(_) => StorageError::Unsure,
        refused => refused,
    }
}

impl Drop for PgTx {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        // Without a runtime there is nobody to wait for the answer.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return connection.close_on_drop() };
        runtime.spawn(async move {
            let rolled_back = tokio::time::timeout(LONGEST_END, connection.execute("ROLLBACK")).await;
            if !matches!(rolled_back, Ok(Ok(_))) {
                connection.close_on_drop();
            }
        });
    }
}

impl Deref for PgTx {
    type Target = PgConnection;

    #[allow(clippy::expect_used, reason = "both that take it out take the transaction with it")]
    fn deref(&self) -> &PgConnection {
        self.connection.as_deref().expect(ENDED)
    }
}

impl DerefMut for PgTx {
    #[allow(clippy::expect_used, reason = "both that take it out take the transaction with it")]
    fn deref_mut(&mut self) -> &mut PgConnection {
        self.connection.as_deref_mut().expect(ENDED)
    }
}
