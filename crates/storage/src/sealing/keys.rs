//! The keys of an installation, wherever they are: in a folder that this process opened, or with a process that it asks.

use super::asked::{Answer, Ask, DayKind, Standing, public_halves};
use super::day_keys::{DataKey, OccasionOpening, Opening, PrintKey, PublicKey, SealedKey};
use super::elsewhere::Elsewhere;
use super::folder::KeyFolder;
use super::held::HeldKey;
use super::keyring::{self, KeyInfo, Keyring};
use super::{Sealer, SealingError};
use crate::ledger::{Ledger, LedgerFile};
use crate::pulse::{Remembered, RememberedFile};
use domain::check_ins::VenueDay;
use domain::ids::AuthorityId;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Where keys are, and how to work with them.
#[derive(Clone, Debug)]
pub enum Keys {
    /// In a folder of this machine.
    Here(Arc<KeyFolder>),
    /// With a process that is asked. Data keys are held in memory, as those of a folder are.
    Elsewhere(Arc<Elsewhere>),
}

impl From<Keyring> for Keys {
    fn from(keyring: Keyring) -> Self {
        Self::Here(Arc::new(keyring.into()))
    }
}

/// An answer that doesn't fit what was asked: a defect of whoever gave it, or another version.
pub(super) fn unfit() -> SealingError {
    SealingError::Away("it gave another answer than was asked for".to_owned())
}

/// Work with keys in traces, within whatever asked for it.
pub(super) fn traced() -> tracing::Span {
    tracing::info_span!(target: "epitrace::traces", "keyring")
}

impl Keys {
    /// Returns the sealer of an authority.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if it has no key; [`SealingError::Away`] if that isn't known just now.
    pub fn sealer(&self, authority_id: AuthorityId) -> Result<Sealer, SealingError> {
        let _span = traced().entered();
        match self {
            Self::Here(folder) => folder.sealer(authority_id),
            Self::Elsewhere(asked) => asked.sealer(authority_id),
        }
    }

    /// Says whether an authority has no key, as of now.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if that can't be known.
    pub async fn lacks(&self, authority_id: AuthorityId) -> Result<bool, SealingError> {
        self.look().await?;
        Ok(!self.list().iter().any(|info| info.authority_id == authority_id))
    }

    /// Looks for keys of authorities that were added elsewhere.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if they can't be read.
    pub async fn look(&self) -> Result<(), SealingError> {
        match self {
            Self::Here(folder) => folder.look(),
            Self::Elsewhere(asked) => asked.refresh().await,
        }
    }

    /// Lists the keys of authorities, without their bytes.
    #[must_use]
    pub fn list(&self) -> Vec<KeyInfo> {
        match self {
            Self::Here(folder) => folder.list(),
            Self::Elsewhere(asked) => asked.list(),
        }
    }

    /// Makes the first key of a new authority. Never call it for one that has sealed cells.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] or [`SealingError::Away`] if it can't be kept safe; then there is none to seal with.
    pub async fn add_authority(&self, authority_id: AuthorityId, at: Timestamp) -> Result<(), SealingError> {
        match self {
            Self::Here(folder) => folder.add_authority(authority_id, at),
            Self::Elsewhere(asked) => match asked.ask(Ask::AddAuthority { authority_id, at }).await? {
                Answer::DataKeys(keys) => {
                    asked.know(&keys);
                    Ok(())
                }
                _ => Err(unfit()),
            },
        }
    }

    /// Makes the keys of days that have none, and returns the public halves of all that were asked for. Of a key that is there
    /// already the period stays as it was fixed; a shorter one is taken.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] or [`SealingError::Away`] if they can't be kept safe; then no new key is used.
    pub async fn make(&self, kind: DayKind, days: &[(VenueDay, Timestamp)]) -> Result<Vec<PublicKey>, SealingError> {
        match self {
            Self::Here(folder) => folder.make(kind, days),
            Self::Elsewhere(asked) => match asked.ask(Ask::make(kind, days)).await? {
                Answer::PublicHalves(halves) if halves.len() == days.len() => public_halves(&halves).ok_or_else(unfit),
                _ => Err(unfit()),
            },
        }
    }

    /// Lists the days whose keys are there, with the instant from which each must be destroyed.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if that can't be read.
    pub async fn days(&self, kind: DayKind) -> Result<Vec<(VenueDay, Timestamp)>, SealingError> {
        match self {
            Self::Here(folder) => folder.days(kind),
            Self::Elsewhere(asked) => match asked.ask(Ask::Days { kind }).await? {
                Answer::Days(days) => Ok(super::folder::lasting(&days)),
                _ => Err(unfit()),
            },
        }
    }

    /// Opens the data keys of one venue and day, and no others. The opening is in the keyring's log, synced, before they come.
    ///
    /// # Errors
    ///
    /// As [`DayKeys::open`](super::DayKeys::open), and [`SealingError::Away`].
    pub async fn open(
        &self,
        opening: &Opening,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        match self {
            Self::Here(folder) => folder.open(opening, sealed),
            Self::Elsewhere(asked) => asked.opened(Ask::list(opening, sealed)).await,
        }
    }

    /// Opens the data keys of one occasion and day of upload, and no others, in the same way.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_occasion(
        &self,
        opening: &OccasionOpening,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        match self {
            Self::Here(folder) => folder.open_occasion(opening, sealed),
            Self::Elsewhere(asked) => asked.opened(Ask::visitors(opening, sealed)).await,
        }
    }

    /// Returns by which retries of an authority's uploads are known, of each day that has a key. Nothing can be opened with it.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if that can't be read.
    pub async fn print_keys(&self, authority_id: AuthorityId) -> Result<HashMap<Date, PrintKey>, SealingError> {
        match self {
            Self::Here(folder) => folder.print_keys(authority_id),
            Self::Elsewhere(asked) => match asked.ask(Ask::Prints { authority_id }).await? {
                Answer::Prints(days) => Ok(days.iter().map(|(day, secret)| (*day, PrintKey::of(&secret.0))).collect()),
                _ => Err(unfit()),
            },
        }
    }

    /// Destroys the keys of days. When this returns they are nowhere on a disk of this keyring.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] or [`SealingError::Away`] if that isn't sure; the same again finds out.
    pub async fn destroy(&self, kind: DayKind, days: &[VenueDay]) -> Result<(), SealingError> {
        match self {
            Self::Here(folder) => folder.destroy(kind, days),
            Self::Elsewhere(asked) => {
                let days = days.iter().map(|of| (*of).into()).collect();
                asked.ask(Ask::Destroy { kind, days }).await.map(|_| ())
            }
        }
    }

    /// Writes a copy of the data keys that an operator's secret opens, with the ledger of erasures so far; returns how many.
    /// Keys of days never leave.
    ///
    /// # Errors
    ///
    /// As [`Keyring::export`], and [`SealingError::Away`].
    pub async fn export(&self, folder: &Path, secret: Zeroizing<String>) -> Result<usize, SealingError> {
        let asked = match self {
            Self::Here(here) => return here.export(folder, secret),
            Self::Elsewhere(asked) => asked,
        };
        let (Answer::DataKeys(keys), Answer::Erasures(erasures)) =
            (asked.ask(Ask::DataKeys).await?, asked.ask(Ask::Erasures).await?)
        else {
            return Err(unfit());
        };
        let keys: Vec<keyring::DataKey> = keys.iter().map(<&HeldKey>::into).collect();
        Keyring::export_keys(&keys, folder, secret)?;
        LedgerFile::beside(folder).append(&erasures)?;
        if let Some(beats) = asked.beats().await? {
            RememberedFile::beside(folder).raise(beats)?;
        }
        Ok(keys.len())
    }

    /// The ledger of erasures beside these keys.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        match self {
            Self::Here(folder) => Ledger::beside(folder.path()),
            Self::Elsewhere(asked) => Ledger::Elsewhere(Arc::clone(asked)),
        }
    }

    /// What is remembered of the database beside these keys.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        match self {
            Self::Here(folder) => Remembered::beside(folder.path()),
            Self::Elsewhere(asked) => Remembered::Elsewhere(Arc::clone(asked)),
        }
    }

    /// Returns how each side of the keyring stands, by the address that was configured; nothing for a folder.
    pub async fn standings(&self) -> Vec<(String, Result<Standing, SealingError>)> {
        match self {
            Self::Here(_) => Vec::new(),
            Self::Elsewhere(asked) => asked.standings().await,
        }
    }
}
