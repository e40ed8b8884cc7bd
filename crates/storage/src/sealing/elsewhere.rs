//! A keyring that another process holds. What it is asked goes through one function; the data keys of authorities are held here.

use super::asked::{Answer, Ask, Standing};
use super::day_keys::DataKey;
use super::held::HeldKey;
use super::keyring::{self, KeyInfo, keys_of};
use super::keys::{traced, unfit};
use super::{Sealer, SealingError};
use domain::ids::AuthorityId;
use std::collections::HashMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use tracing::Instrument as _;

/// How long it waits before it asks again for keys that it lacks.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// What comes some time later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Whoever carries an ask to the process, and its answer back.
pub trait Asks: Send + Sync {
    /// Asks whichever side answers.
    ///
    /// # Errors
    ///
    /// [`SealingError::Away`] if none does.
    fn ask(&self, ask: Ask) -> Later<'_, Result<Answer, SealingError>>;

    /// Asks each side how it stands.
    fn standings(&self) -> Later<'_, Vec<(String, Result<Standing, SealingError>)>>;
}

/// A keyring that is asked.
pub struct Elsewhere {
    asks: Box<dyn Asks>,
    known: RwLock<Known>,
    is_wanted: Arc<Notify>,
}

/// What is held of it in memory.
#[derive(Default)]
struct Known {
    keys: Vec<keyring::DataKey>,
    /// Authorities whose key lacks here, and whether the process was asked since that was seen.
    lacking: HashMap<AuthorityId, bool>,
}

impl std::fmt::Debug for Elsewhere {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Elsewhere(…)")
    }
}

impl Elsewhere {
    /// Asks for the data keys, and goes on asking when one is wanted that lacks.
    ///
    /// # Errors
    ///
    /// [`SealingError::Away`] if nobody answers.
    pub async fn open(asks: Box<dyn Asks>) -> Result<Arc<Self>, SealingError> {
        let is_wanted = Arc::new(Notify::new());
        let opened = Arc::new(Self { asks, known: RwLock::default(), is_wanted: Arc::clone(&is_wanted) });
        opened.refresh().await?;
        tokio::spawn(keep_asking(Arc::downgrade(&opened), is_wanted));
        Ok(opened)
    }

    /// Asks.
    ///
    /// # Errors
    ///
    /// What the process refuses, or [`SealingError::Away`].
    pub async fn ask(&self, ask: Ask) -> Result<Answer, SealingError> {
        self.asks.ask(ask).instrument(traced()).await
    }

    pub(super) async fn standings(&self) -> Vec<(String, Result<Standing, SealingError>)> {
        self.asks.standings().await
    }

    /// Asks for something that is answered by how long the ledger of erasures is.
    pub(crate) async fn ledger_bytes(&self, ask: Ask) -> Result<u64, SealingError> {
        match self.ask(ask).await? {
            Answer::LedgerBytes(bytes) => Ok(bytes),
            _ => Err(unfit()),
        }
    }

    /// Asks for the highest count of the database that is remembered.
    pub(crate) async fn beats(&self) -> Result<Option<u64>, SealingError> {
        match self.ask(Ask::Beats).await? {
            Answer::Beats(beats) => Ok(beats),
            _ => Err(unfit()),
        }
    }

    /// Asks for what must be opened.
    pub(super) async fn opened(&self, ask: Ask) -> Result<Vec<(u64, DataKey)>, SealingError> {
        match self.ask(ask).await? {
            Answer::Opened(keys) => Ok(keys.into_iter().map(|(sender, secret)| (sender, secret.0)).collect()),
            _ => Err(unfit()),
        }
    }

    pub(super) async fn refresh(&self) -> Result<(), SealingError> {
        let Answer::DataKeys(keys) = self.ask(Ask::DataKeys).await? else { return Err(unfit()) };
        self.know(&keys);
        self.write().lacking.values_mut().for_each(|asked_since| *asked_since = true);
        Ok(())
    }

    /// Holds what the process says it has. Nothing that was known is forgotten: it may lie on a side that is away.
    pub(super) fn know(&self, keys: &[HeldKey]) {
        let mut known = self.write();
        for key in keys.iter().map(keyring::DataKey::from) {
            if !known.keys.iter().any(|own| own.info == key.info) {
                known.lacking.remove(&key.info.authority_id);
                known.keys.push(key);
            }
        }
    }

    pub(super) fn sealer(&self, authority_id: AuthorityId) -> Result<Sealer, SealingError> {
        let keys = keys_of(&self.read().keys, authority_id);
        if !keys.is_empty() {
            return Sealer::with(keys);
        }
        let asked_since = *self.write().lacking.entry(authority_id).or_insert(false);
        self.is_wanted.notify_one();
        if asked_since {
            return Err(SealingError::NoKey);
        }
        Err(SealingError::Away("it wasn't asked yet for the key of this authority".to_owned()))
    }

    pub(super) fn list(&self) -> Vec<KeyInfo> {
        self.read().keys.iter().map(|key| key.info.clone()).collect()
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for the data keys each time that one was wanted which lacks, as long as somebody uses them.
async fn keep_asking(asked: Weak<Elsewhere>, is_wanted: Arc<Notify>) {
    loop {
        is_wanted.notified().await;
        let Some(asked) = asked.upgrade() else { return };
        if let Err(error) = asked.refresh().await {
            tracing::warn!(%error, "the keyring isn't reached");
        }
        drop(asked);
        tokio::time::sleep(ASK_AGAIN).await;
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        self.is_wanted.notify_one();
    }
}
