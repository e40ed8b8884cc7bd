//! Who acts, on what, and when: the things that every action needs.
//!
//! Clock and randomness are passed in, so that every action can be tested on any day of any year.

use crate::check_ins::DoorState;
use crate::error::{AppError, Result};
use crate::jobs::JobsAtWork;
use crate::names::NameIndexes;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::audit::AuditRecord;
use domain::authorities::{Action, Role};
use domain::diseases::Disease;
use domain::guest_lists::ListPress;
use domain::ids::{AccountId, AuditId, AuthorityId, PersonId};
use domain::letters::{CannotSet, LetterSheet, Press};
use domain::venues::PosterPress;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use storage::accounts::Account;
use storage::authorities::Authority;
use storage::sealing::{CellPlace, Keys, Sealer, SealingError};
use storage::store::RunStore;
use storage::{Store, Tx};

/// The clock: what time is it now.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Fills a slice with random bytes.
pub type Randomness = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

/// The platform: a store, a keyring, a clock. Clones are cheap, and the same platform.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

/// What a platform is put together from.
#[derive(Clone)]
pub struct Parts {
    /// Facts at rest.
    pub store: Store,
    /// The store as the role that ends rows; the same one on SQLite.
    pub jobs_store: Store,
    pub(crate) names: Arc<NameIndexes>,
    pub(crate) door: Arc<RwLock<Option<Arc<DoorState>>>>,
    keys: Arc<Mutex<Option<Keys>>>,
    clock: Clock,
    randomness: Randomness,
    pub(crate) jobs_at_work: JobsAtWork,
    press: Press,
    poster_press: PosterPress,
    list_press: ListPress,
    pub(crate) runs: Option<RunStore>,
    public_url: Option<Arc<str>>,
}

/// The number under which the keyring holds the key of the installation itself. Authorities count from 1.
const INSTALLATION: AuthorityId = AuthorityId(0);

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
    /// What a program's key allows of it; `None` for people, who may all that their role allows.
    pub scopes: Option<Vec<Action>>,
    /// Where from: `command_line`, `loopback`, `network`, `job`.
    pub source: &'static str,
    /// What they look at.
    pub reading: crate::reading::Reading,
}

impl Worker {
    /// A person, who may all that their role allows.
    pub(crate) fn new(
        account_id: AccountId,
        operator: bool,
        authority: Authority,
        role: Role,
        source: &'static str,
    ) -> Self {
        Self {
            account_id,
            authority,
            role,
            operator,
            scopes: None,
            source,
            reading: crate::reading::Reading::default(),
        }
    }

    /// Checks that an action is allowed.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if not.
    pub fn require(&self, action: Action) -> Result<()> {
        if self.may(action) { Ok(()) } else { Err(AppError::NotAllowed { role: self.role, action }) }
    }

    /// Says whether an action is allowed: by the role, by being an operator, and by the key's scopes.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        let by_role = self.role.may(action) || (self.operator && Role::Operator.may(action));
        by_role && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action))
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

impl std::ops::Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl App {
    /// Puts a platform together. Without a keyring personal fields stay locked.
    #[must_use]
    pub fn new(store: Store, jobs_store: Store, keys: Option<Keys>, clock: Clock, randomness: Randomness) -> Self {
        let (names, keys, door) = (Arc::default(), Arc::new(Mutex::new(keys)), Arc::default());
        let (jobs_at_work, press): (_, Press) = (JobsAtWork::default(), |_| Err(CannotSet::NoPress));
        let (public_url, poster_press): (_, PosterPress) = (None, |_| Err(CannotSet::NoPress));
        let list_press: ListPress = |_| Err(CannotSet::NoPress);
        let parts = Parts {
            store,
            jobs_store,
            names,
            door,
            keys,
            clock,
            randomness,
            jobs_at_work,
            press,
            poster_press,
            list_press,
            runs: None,
            public_url,
        };
        Self { parts: Arc::new(parts) }
    }

    /// Gives the platform where runs of the proximity network lie.
    #[must_use]
    pub fn with_runs(mut self, runs: RunStore) -> Self {
        Arc::make_mut(&mut self.parts).runs = Some(runs);
        self
    }

    /// Tells the platform under which address people outside reach it, such as `https://tracing.example.org`: links in
    /// mails and letters begin so.
    #[must_use]
    pub fn with_public_url(mut self, url: &str) -> Self {
        Arc::make_mut(&mut self.parts).public_url = Some(url.trim_end_matches('/').into());
        self
    }

    /// Returns the address of a page of an authority, for people outside.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if nobody said under which address this installation is reached.
    pub(crate) fn page_of(&self, authority: &Authority, page: &str) -> Result<String> {
        let url = self.base_url()?;
        Ok(format!("{url}/{}/{page}", authority.short_code.as_str().to_uppercase()))
    }

    /// Returns the address under which people outside reach the platform, without a slash at its end.
    ///
    /// # Errors
    ///
    /// [`AppError::Invalid`] if nobody said.
    pub(crate) fn base_url(&self) -> Result<&str> {
        self.public_url.as_deref().ok_or_else(|| {
            let reason = "an operator must set [server] public_url first: links in mails and letters begin with it";
            AppError::Invalid { field: "public_url", reason: reason.to_owned() }
        })
    }

    /// Gives the platform what sets its posters, as for letters.
    #[must_use]
    pub fn with_poster_press(mut self, press: PosterPress) -> Self {
        Arc::make_mut(&mut self.parts).poster_press = press;
        self
    }

    /// Gives the platform what sets its guest lists, as for letters.
    #[must_use]
    pub fn with_list_press(mut self, press: ListPress) -> Self {
        Arc::make_mut(&mut self.parts).list_press = press;
        self
    }

    pub(crate) fn list_press(&self) -> ListPress {
        self.list_press
    }

    pub(crate) fn poster_press(&self) -> PosterPress {
        self.poster_press
    }

    /// Gives the platform what sets its letters: a large library, which only the program that serves people links.
    #[must_use]
    pub fn with_press(mut self, press: Press) -> Self {
        Arc::make_mut(&mut self.parts).press = press;
        self
    }

    /// Sets a letter, beside what else is going on.
    pub(crate) async fn set_letter(&self, sheet: LetterSheet) -> Result<Vec<u8>> {
        let press = self.press;
        match tokio::task::spawn_blocking(move || press(&sheet)).await {
            Ok(Err(CannotSet::NoGlyph(characters))) => {
                let reason = format!("{}; write these another way", CannotSet::NoGlyph(characters));
                Err(AppError::Invalid { field: "letter", reason })
            }
            Ok(set) => Ok(set?),
            Err(_) => Err(CannotSet::Defect.into()),
        }
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Returns the same platform at another time, for a demonstration that begins some days ago.
    pub(crate) fn at(&self, at: Timestamp) -> Self {
        let parts = Parts { clock: Arc::new(move || at), ..Parts::clone(&self.parts) };
        Self { parts: Arc::new(parts) }
    }

    /// Returns random bytes for an id.
    #[must_use]
    pub fn random(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        (self.randomness)(&mut bytes);
        bytes
    }

    /// Returns where the keys are, if anywhere.
    pub(crate) fn keys_if_any(&self) -> Option<Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns where the keys are.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] without a keyring.
    pub(crate) fn keys(&self) -> Result<Keys, SealingError> {
        self.keys_if_any().ok_or(SealingError::NoKey)
    }

    /// Gives the app keys that were made after it was put together.
    pub fn take_keys(&self, keys: Keys) {
        *self.keys.lock().unwrap_or_else(PoisonError::into_inner) = Some(keys);
    }

    /// Returns the sealer of what belongs to no authority: secrets of second factors.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a keyring, or if it lacks this key.
    pub(crate) fn installation_sealer(&self) -> Result<Sealer> {
        Ok(self.keys()?.sealer(INSTALLATION)?)
    }

    /// Makes the key of the installation where there is none, and nothing was sealed with one: never over old cells.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`] if the keyring can't be written.
    pub async fn prepare_installation_key(&self) -> Result<()> {
        let Some(keys) = self.keys_if_any() else { return Ok(()) };
        match keys.lacks(INSTALLATION).await {
            Ok(true) => {}
            // Nobody knows just now whether there is one.
            Ok(false) | Err(SealingError::Away(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let mut tx = self.store.read_installation().await?;
        if storage::credentials::any_sealed(&mut tx).await? {
            return Ok(());
        }
        Ok(keys.add_authority(INSTALLATION, self.now()).await?)
    }

    /// Returns the sealer of the worker's authority.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) if the keyring is missing or lacks its key.
    pub fn sealer(&self, worker: &Worker) -> Result<Sealer> {
        self.sealer_of(worker.authority.authority_id)
    }

    /// Returns the sealer of an authority, for what the platform does by itself.
    pub(crate) fn sealer_of(&self, authority_id: AuthorityId) -> Result<Sealer> {
        Ok(self.keys()?.sealer(authority_id)?)
    }

    /// Seals where a page of a list ended, for the account that reads it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Sealing`](storage::StorageError::Sealing) without a keyring.
    pub fn seal_cursor<T: Serialize>(&self, worker: &Worker, list: &'static str, at: &T) -> Result<String> {
        let text = serde_json::to_string(at).map_err(|_| AppError::NotFound("cursor"))?;
        let cell = self.sealer(worker)?.seal(cursor_place(worker, list), &text)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode(cell.0))
    }

    /// Opens what [`seal_cursor`](Self::seal_cursor) sealed for the same account and list.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it is another's, or none.
    pub fn open_cursor<T: DeserializeOwned>(&self, worker: &Worker, list: &'static str, cursor: &str) -> Result<T> {
        let unknown = || AppError::NotFound("cursor");
        let cell = BASE64_URL_SAFE_NO_PAD.decode(cursor).map_err(|_| unknown())?;
        let text = self.sealer(worker)?.open(cursor_place(worker, list), &cell).map_err(|_| unknown())?;
        serde_json::from_str(&text).map_err(|_| unknown())
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

    /// Returns an account in whose name the platform does its own chores.
    pub(crate) async fn own_worker(&self, authority: Authority, name: &str, role: Role) -> Result<Worker> {
        let mut tx = self.store.write(authority.authority_id).await?;
        let account_id = match storage::accounts::find(&mut tx, name).await? {
            Some(account) => account.account_id,
            None => {
                let account_id = AccountId::mint(self.now(), self.random());
                let account = Account { account_id, name: name.to_owned(), operator: false };
                storage::accounts::insert(&mut tx, &account, self.now()).await?;
                account_id
            }
        };
        tx.commit().await?;
        Ok(Worker::new(account_id, false, authority, role, "job"))
    }

    /// Records that persons were shown, and commits it before the answer leaves.
    pub(crate) async fn record_alone(&self, worker: &Worker, what: Audited) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.record(&mut tx, worker, what).await?;
        Ok(tx.commit().await?)
    }
}

fn cursor_place(worker: &Worker, list: &'static str) -> CellPlace {
    CellPlace { table: "cursor", column: list, row: worker.account_id.0 }
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
