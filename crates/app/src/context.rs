//! Who acts, on what, and when: the things that every action needs.
//!
//! Clock and randomness are passed in, so that every action can be tested on any day of any year.

use crate::error::{AppError, Result};
use domain::audit::AuditRecord;
use domain::authorities::{Action, Role};
use domain::diseases::Disease;
use domain::ids::{AccountId, AuditId, PersonId};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};
use storage::authorities::Authority;
use storage::sealing::{Keyring, Sealer};
use storage::{Store, Tx};

/// The clock: what time is it now.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Fills a slice with random bytes.
pub type Randomness = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The platform: a store, a keyring, a clock.
#[derive(Clone)]
pub struct App {
    /// Facts at rest.
    pub store: Store,
    /// The store as the role that ends rows; the same one on SQLite.
    pub jobs_store: Store,
    keyring: Arc<Mutex<Option<Keyring>>>,
    clock: Clock,
    randomness: Randomness,
}

/// Somebody who has signed in, in one authority.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Who.
    pub account_id: AccountId,
    /// In which authority.
    pub authority: Authority,
    /// What they may do there.
    pub role: Role,
    /// Whether they also run the installation.
    pub operator: bool,
    /// Where from: `command_line`, `loopback`, `network`.
    pub source: &'static str,
}

impl Worker {
    /// Checks that an action is allowed.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if not.
    pub fn require(&self, action: Action) -> Result<()> {
        if self.role.may(action) || (self.operator && Role::Operator.may(action)) {
            Ok(())
        } else {
            Err(AppError::NotAllowed { role: self.role, action })
        }
    }
}

/// What an audit record says beside who and when.
#[derive(Clone, Debug, Default)]
pub struct Audited {
    /// What was done.
    pub operation: &'static str,
    /// Ids shown or changed, separated by spaces.
    pub subjects: String,
    /// Persons or rows it was about.
    pub n_subjects: usize,
}

impl App {
    /// Puts a platform together. Without a keyring personal fields stay locked.
    #[must_use]
    pub fn new(
        store: Store,
        jobs_store: Store,
        keyring: Option<Keyring>,
        clock: Clock,
        randomness: Randomness,
    ) -> Self {
        Self { store, jobs_store, keyring: Arc::new(Mutex::new(keyring)), clock, randomness }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Returns random bytes for an id.
    #[must_use]
    pub fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        (self.randomness)(&mut bytes);
        bytes
    }

    /// Works with the keyring, if there is one.
    pub(crate) fn with_keyring<T>(&self, work: impl FnOnce(Option<&mut Keyring>) -> T) -> T {
        let mut keyring = self.keyring.lock().unwrap_or_else(PoisonError::into_inner);
        work(keyring.as_mut())
    }

    /// Gives the app a keyring that was made after it was put together.
    pub fn take_keyring(&self, keyring: Keyring) {
        self.return_keyring(keyring);
    }

    pub(crate) fn lend_keyring(&self) -> Option<Keyring> {
        self.keyring.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(crate) fn return_keyring(&self, keyring: Keyring) {
        *self.keyring.lock().unwrap_or_else(PoisonError::into_inner) = Some(keyring);
    }

    /// Returns the sealer of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) if the keyring is missing or lacks its key.
    pub fn sealer(&self, worker: &Worker) -> Result<Sealer> {
        let sealer = self.with_keyring(|keyring| match keyring {
            Some(keyring) => Sealer::of(keyring, worker.authority.authority_id),
            None => Err(storage::sealing::SealingError::NoKey),
        });
        Ok(sealer?)
    }

    /// Appends an audit record to a transaction.
    pub(crate) async fn record(&self, tx: &mut Tx, worker: &Worker, what: Audited) -> Result<()> {
        let now = self.now();
        let record = AuditRecord {
            authority_id: tx.authority(),
            audit_id: AuditId::mint(now, self.random()),
            recorded_at: now,
            account_id: worker.account_id,
            role: worker.role.to_string(),
            operation: what.operation.to_owned(),
            subjects: what.subjects,
            n_subjects: i64::try_from(what.n_subjects).unwrap_or(i64::MAX),
            reason: String::new(),
            source: worker.source.to_owned(),
        };
        Ok(storage::audit::insert(tx, &record).await?)
    }

    /// Records that persons were shown, and commits it before the answer leaves.
    pub(crate) async fn record_alone(&self, worker: &Worker, what: Audited) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.record(&mut tx, worker, what).await?;
        Ok(tx.commit().await?)
    }
}

/// Returns which disease is meant: the one asked for, else the authority's, unless only one other has cases
/// (of a person, or of anybody).
pub(crate) async fn disease_meant(
    tx: &mut Tx,
    worker: &Worker,
    asked: Option<Disease>,
    person: Option<PersonId>,
) -> Result<Disease> {
    if let Some(disease) = asked {
        return Ok(disease);
    }
    let default = worker.authority.default_disease;
    Ok(match storage::cases::diseases(tx, person).await?.as_slice() {
        [only] => *only,
        _ => default,
    })
}
