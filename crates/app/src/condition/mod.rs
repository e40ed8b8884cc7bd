//! How the installation stands, for who runs it: servers, database, work that waits. What of it is a sign that somebody should
//! look says [`signs`]; nothing of a person is in it.

mod signs;
mod told;

pub(crate) use signs::SILENT_AFTER_S;
pub use signs::{EventLogState, Seen, ThisProcess, is_waited_for, signs, state_of};
pub use told::{advice, found};

use crate::clock::clock_ahead;
use crate::context::App;
use crate::error::Result;
use jiff::{SignedDuration, Timestamp};
use storage::Freshness;
use storage::condition::{self, Beat, Done, Replication, Work};
use uuid::Uuid;

/// How long failures of jobs are counted.
const FAILED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// After which a server that says nothing is forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How the installation stands, as far as the database knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// When it was looked.
    pub looked_at: Timestamp,
    /// `sqlite`, `postgresql`.
    pub kind: &'static str,
    /// Newest step of the schema in the database.
    pub schema_version: i64,
    /// PostgreSQL and its standbys; `None` on SQLite.
    pub replication: Option<Replication>,
    /// Milliseconds that this clock is before the database's; `None` on SQLite.
    pub clock_ahead_ms: Option<i64>,
    /// Work that waits, of all authorities.
    pub work: Work,
    /// What servers said of themselves, by name.
    pub servers: Vec<Beat>,
    /// When a backup was last written: by `epitrace backup`, or a base backup of PostgreSQL.
    pub backup_at: Option<Timestamp>,
    /// When what had reached the end of its period was last deleted.
    pub retention_at: Option<Timestamp>,
    /// Reports that couldn't be stored; `None` where there are no runs.
    pub n_put_aside: Option<u64>,
    /// Whether names can be opened here.
    pub has_keys: bool,
    /// Whether somebody said under which address people outside reach the installation.
    pub has_public_url: bool,
}

impl Condition {
    /// The database's time of the look, by which servers of the cell are compared; a file has this process's.
    #[must_use]
    pub fn time_there(&self) -> Timestamp {
        self.replication.as_ref().map_or(self.looked_at, |seen| seen.clock)
    }
}

impl App {
    /// Looks how the installation stands. Costs a transaction for each authority.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be read.
    #[tracing::instrument(target = "epitrace::traces", name = "app::condition", skip_all)]
    pub async fn condition(&self) -> Result<Condition> {
        let mut tx = self.jobs_store.read_installation().await?;
        let asked = self.now();
        let replication = condition::replication(&mut tx).await?;
        let answered = self.now();
        let clock_ahead_ms = replication.as_ref().map(|seen| clock_ahead(asked, answered, seen.clock));
        let schema_version = condition::schema(&mut tx).await?;
        let servers = condition::beats(&mut tx).await?;
        let backup_at = condition::last_done(&mut tx, Done::Backup).await?;
        let retention_at = condition::last_done(&mut tx, Done::Retention).await?;
        drop(tx);
        let n_put_aside = match self.run_store() {
            Ok(runs) => Some(storage::runs::count_dead_letters(&mut runs.read().await?).await?),
            Err(_) => None,
        };
        Ok(Condition {
            looked_at: answered,
            kind: self.store.kind(),
            schema_version,
            replication,
            clock_ahead_ms,
            work: self.work_of_all().await?,
            servers,
            backup_at,
            retention_at,
            n_put_aside,
            has_keys: self.has_keys(),
            has_public_url: self.base_url().is_ok(),
        })
    }

    /// Counts what waits in all authorities.
    async fn work_of_all(&self) -> Result<Work> {
        let failed_since = self.now().checked_sub(FAILED_WITHIN).unwrap_or(Timestamp::MIN);
        let mut all = Work::default();
        for authority in self.authorities().await? {
            let mut tx = self.store.read(authority.authority_id, Freshness::Fresh).await?;
            let one = condition::work(&mut tx, failed_since).await?;
            all.n_jobs_waiting += one.n_jobs_waiting;
            all.n_jobs_running += one.n_jobs_running;
            all.n_jobs_failed += one.n_jobs_failed;
            all.n_mails_waiting += one.n_mails_waiting;
            all.n_mails_failed += one.n_mails_failed;
            all.n_mails_held += one.n_mails_held;
            all.n_days_open += one.n_days_open;
            all.oldest_job_at = earliest(all.oldest_job_at, one.oldest_job_at);
            all.oldest_mail_at = earliest(all.oldest_mail_at, one.oldest_mail_at);
        }
        Ok(all)
    }

    /// Whether this process can open names.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.installation_sealer().is_ok()
    }

    /// Asks of the visits of guests that wait before the door; `None` where there is no door.
    #[must_use]
    pub fn waiting_at_door(&self) -> Option<usize> {
        self.door().map(|door| door.intake().n_waiting())
    }

    /// How the pools of connections of this process stand.
    #[must_use]
    pub fn pools(&self) -> Vec<storage::store::PoolState> {
        let mut pools = self.store.pools();
        if self.store.kind() == "postgresql" {
            pools.extend(self.jobs_store.pools());
            pools.extend(self.door().and_then(|door| door.shelf().pool()));
        }
        // Where one role does it all there is one pool.
        pools.dedup_by_key(|pool| pool.name);
        pools
    }

    /// Notes what this server says of itself and the base backup that it sees, and forgets servers that have said nothing for a day.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn note_server(&self, beat: &Beat) -> Result<()> {
        let mut tx = self.jobs_store.installation().await?;
        condition::beat(&mut tx, beat).await?;
        let since = beat.seen_at.checked_sub(FORGOTTEN_AFTER).unwrap_or(Timestamp::MIN);
        condition::forget_silent(&mut tx, since).await?;
        if let Some(at) = condition::base_backup(&mut tx).await? {
            condition::note_done(&mut tx, Done::Backup, at).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Forgets this server, which ends.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if the database can't be written.
    pub async fn forget_server(&self, server_id: Uuid) -> Result<()> {
        let mut tx = self.jobs_store.installation().await?;
        condition::forget(&mut tx, server_id).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that something ended well.
    pub(crate) async fn note_done(&self, what: Done) -> Result<()> {
        let mut tx = self.jobs_store.installation().await?;
        condition::note_done(&mut tx, what, self.now()).await?;
        Ok(tx.commit().await?)
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}
