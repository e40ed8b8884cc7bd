//! A keyring with all that lies in its folder: data keys, keys of days, the log of openings, the ledger of erasures.
//!
//! Whoever holds the folder works with it through this: a server with a folder of its own, or the process that others ask.

use super::asked::{Answer, Ask, AskedOpening, DayKind, LastingDay};
use super::at_rest::hex;
use super::day_keys::{
    DataKey, DayKeys, OPENINGS_FILE, OccasionOpening, Opening, PrintKey, PublicKey, SealedKey, occasion_line,
    opening_line,
};
use super::held::{Held, HeldKey, Secret};
use super::keyring::{KeyInfo, Keyring, Numbering};
use super::{Sealer, SealingError};
use crate::ledger::{Erasure, LedgerFile};
use crate::pulse::RememberedFile;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::AuthorityId;
use jiff::Timestamp;
use jiff::civil::Date;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// An opened keyring and what lies beside it.
pub struct KeyFolder {
    path: PathBuf,
    keyring: Mutex<Keyring>,
    arrivals: Mutex<DayKeys>,
    uploads: Mutex<DayKeys>,
}

impl std::fmt::Debug for KeyFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeyFolder({})", self.path.display())
    }
}

impl From<Keyring> for KeyFolder {
    fn from(keyring: Keyring) -> Self {
        let (arrivals, uploads) = (DayKeys::beside(&keyring), DayKeys::of_uploads(&keyring));
        Self {
            path: keyring.folder().to_owned(),
            keyring: Mutex::new(keyring),
            arrivals: Mutex::new(arrivals),
            uploads: Mutex::new(uploads),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl KeyFolder {
    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The ledger of erasures that lies there.
    #[must_use]
    pub fn ledger(&self) -> LedgerFile {
        LedgerFile::beside(&self.path)
    }

    /// What is remembered there of the database.
    #[must_use]
    pub fn remembered(&self) -> RememberedFile {
        RememberedFile::beside(&self.path)
    }

    /// The log of openings that lies there.
    #[must_use]
    pub fn openings(&self) -> PathBuf {
        self.path.join(OPENINGS_FILE)
    }

    fn days_of(&self, kind: DayKind) -> MutexGuard<'_, DayKeys> {
        held(match kind {
            DayKind::Arrivals => &self.arrivals,
            DayKind::Uploads => &self.uploads,
        })
    }

    /// Returns the sealer of an authority, also of one that another process of this folder added.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if it has no key.
    pub fn sealer(&self, authority_id: AuthorityId) -> Result<Sealer, SealingError> {
        let mut keyring = held(&self.keyring);
        match Sealer::of(&keyring, authority_id) {
            Err(SealingError::NoKey) => {
                keyring.reread()?;
                Sealer::of(&keyring, authority_id)
            }
            known => known,
        }
    }

    /// Lists the keys of authorities, without their bytes.
    #[must_use]
    pub fn list(&self) -> Vec<KeyInfo> {
        held(&self.keyring).list().cloned().collect()
    }

    pub(super) fn look(&self) -> Result<(), SealingError> {
        held(&self.keyring).reread()
    }

    /// Makes the first key of a new authority.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the keyring can't be written.
    pub fn add_authority(&self, authority_id: AuthorityId, at: Timestamp) -> Result<(), SealingError> {
        held(&self.keyring).add_authority(authority_id, at)
    }

    /// The same, for a side that has a mirror: until [`note_on_both`](Self::note_on_both) the key is here alone.
    ///
    /// # Errors
    ///
    /// As [`add_authority`](Self::add_authority).
    pub fn add_authority_here(
        &self,
        authority_id: AuthorityId,
        numbering: Numbering,
        at: Timestamp,
    ) -> Result<(), SealingError> {
        held(&self.keyring).add_authority_here(authority_id, numbering, at)
    }

    /// Says whether an authority has a key that is on both sides.
    #[must_use]
    pub fn has_on_both(&self, authority_id: AuthorityId) -> bool {
        held(&self.keyring).keys().iter().any(|key| key.info.authority_id == authority_id && !key.only_here)
    }

    /// Returns the data keys, of those that are on both sides or of all.
    #[must_use]
    pub fn data_keys(&self, also_only_here: bool) -> Vec<HeldKey> {
        let keyring = held(&self.keyring);
        keyring.keys().iter().filter(|key| also_only_here || !key.only_here).map(HeldKey::from).collect()
    }

    /// Makes keys of days, as [`DayKeys::make`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn make(&self, kind: DayKind, days: &[(VenueDay, Timestamp)]) -> Result<Vec<PublicKey>, SealingError> {
        self.days_of(kind).make(days)
    }

    /// The same, for a side that has a mirror: until [`note_on_both`](Self::note_on_both) new keys are here alone.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn make_here(&self, kind: DayKind, days: &[(VenueDay, Timestamp)]) -> Result<Vec<PublicKey>, SealingError> {
        let mut keys = self.days_of(kind);
        keys.make_here(days)?;
        keys.public_halves(days)
    }

    /// Returns public halves, if the key of each day is on both sides and lasts no longer than asked.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn on_both(
        &self,
        kind: DayKind,
        days: &[(VenueDay, Timestamp)],
    ) -> Result<Option<Vec<PublicKey>>, SealingError> {
        self.days_of(kind).on_both(days)
    }

    /// Lists the days that have keys, with the instant from which each must be gone.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn days(&self, kind: DayKind) -> Result<Vec<(VenueDay, Timestamp)>, SealingError> {
        self.days_of(kind).list()
    }

    /// Opens a list, as [`DayKeys::open`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open(&self, opening: &Opening, sealed: &[(u64, SealedKey)]) -> Result<Vec<(u64, DataKey)>, SealingError> {
        held(&self.arrivals).open(opening, sealed)
    }

    /// Opens visitors, as [`DayKeys::open_occasion`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn open_occasion(
        &self,
        opening: &OccasionOpening,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        held(&self.uploads).open_occasion(opening, sealed)
    }

    /// Returns by which retries of an authority's uploads are known, of each day that has a key.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn print_keys(&self, authority_id: AuthorityId) -> Result<HashMap<Date, PrintKey>, SealingError> {
        Ok(self.prints(authority_id)?.into_iter().map(|(day, bytes)| (day, PrintKey::of(&bytes))).collect())
    }

    fn prints(&self, authority_id: AuthorityId) -> Result<Vec<(Date, DataKey)>, SealingError> {
        let mut keys = held(&self.uploads);
        let own = keys.list()?.into_iter().filter(|(of, _)| of.authority_id == authority_id);
        own.map(|(of, _)| Ok((of.day, keys.print_bytes(of)?))).collect()
    }

    /// Destroys keys of days, as [`DayKeys::destroy`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn destroy(&self, kind: DayKind, days: &[VenueDay]) -> Result<(), SealingError> {
        self.days_of(kind).destroy(days)
    }

    /// Destroys the keys of days that have reached their end; returns how many days.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if a file can't be written anew; then the next turn tries again.
    pub fn destroy_ended(&self, now: Timestamp) -> Result<usize, SealingError> {
        let n_arrivals = held(&self.arrivals).destroy_ended(now)?;
        Ok(n_arrivals + held(&self.uploads).destroy_ended(now)?)
    }

    /// Writes a copy of the data keys, and of the ledger.
    ///
    /// # Errors
    ///
    /// As [`Keyring::export`].
    pub fn export(&self, folder: &Path, secret: Zeroizing<String>) -> Result<usize, SealingError> {
        let keyring = held(&self.keyring);
        keyring.export(folder, secret)?;
        self.ledger().copy_beside(folder)?;
        self.remembered().copy_beside(folder)?;
        Ok(keyring.list().count())
    }

    /// Returns all that the mirror must hold.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if a file can't be read.
    pub fn all(&self) -> Result<Held, SealingError> {
        let data_keys = self.data_keys(true);
        Ok(Held { data_keys, arrivals: held(&self.arrivals).held(None)?, uploads: held(&self.uploads).held(None)? })
    }

    /// Returns what the mirror must know of some days.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn of_days(&self, kind: DayKind, days: &[VenueDay]) -> Result<Held, SealingError> {
        let found = self.days_of(kind).held(Some(days))?;
        let (arrivals, uploads) = match kind {
            DayKind::Arrivals => (found, Default::default()),
            DayKind::Uploads => (Default::default(), found),
        };
        Ok(Held { data_keys: Vec::new(), arrivals, uploads })
    }

    /// Takes what the mirror holds. Destructions come first, and nothing comes that was destroyed or has ended.
    ///
    /// # Errors
    ///
    /// [`SealingError::OtherKeyring`] if it is of another installation: then nothing is taken.
    pub fn take(&self, theirs: &Held, now: Timestamp) -> Result<(), SealingError> {
        let data_keys: Vec<_> = theirs.data_keys.iter().map(Into::into).collect();
        held(&self.keyring).take(&data_keys)?;
        held(&self.arrivals).take(&theirs.arrivals, now)?;
        held(&self.uploads).take(&theirs.uploads, now)
    }

    /// Notes that the mirror has what it was told: [`all`](Self::all) of then, or what it was told of some days.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if that can't be written.
    pub fn note_on_both(&self, told: &Held) -> Result<(), SealingError> {
        let data_keys: Vec<_> = told.data_keys.iter().map(Into::into).collect();
        held(&self.keyring).take(&data_keys)?;
        held(&self.arrivals).note_on_both(&told.arrivals)?;
        held(&self.uploads).note_on_both(&told.uploads)
    }

    /// How many keys there are: of authorities, of days, and how many of both are, as far as is known, here alone.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if a file can't be read.
    pub fn counts(&self) -> Result<(usize, usize, usize), SealingError> {
        let (n_data_keys, n_here) = {
            let keyring = held(&self.keyring);
            (keyring.keys().len(), keyring.keys().iter().filter(|key| key.only_here).count())
        };
        let (mut arrivals, mut uploads) = (held(&self.arrivals), held(&self.uploads));
        let (of_arrivals, of_uploads) = (arrivals.counts()?, uploads.counts()?);
        Ok((n_data_keys, of_arrivals.0 + of_uploads.0, n_here + of_arrivals.1 + of_uploads.1))
    }

    /// Answers what doesn't change which keys there are, and what does for a keyring that has no mirror.
    ///
    /// # Errors
    ///
    /// As the function of the same name.
    pub fn answer(&self, ask: &Ask) -> Result<Answer, SealingError> {
        Ok(match ask {
            Ask::DataKeys => Answer::DataKeys(self.data_keys(true)),
            Ask::AddAuthority { authority_id, at } => {
                self.add_authority(*authority_id, *at)?;
                Answer::DataKeys(self.data_keys(true))
            }
            Ask::Make { kind, days } => halves(&self.make(*kind, &lasting(days))?),
            Ask::Days { kind } => {
                let day = |(of, ends_at): (VenueDay, Timestamp)| LastingDay { of: of.into(), ends_at };
                Answer::Days(self.days(*kind)?.into_iter().map(day).collect())
            }
            Ask::OpenList { venue_id, opening } => {
                let (sealed, AskedOpening { of, account_id, why, at, .. }) = (opening.checked()?, opening);
                let list = ListOfDay { of: (*of).into(), venue_id: *venue_id };
                let line = opening_line(list, *account_id, why, *at);
                opened(held(&self.arrivals).open_list(list, &line, &sealed)?)
            }
            Ask::OpenVisitors { occasion_id, opening } => {
                let (sealed, AskedOpening { of, account_id, why, at, .. }) = (opening.checked()?, opening);
                let line = occasion_line((*of).into(), *occasion_id, *account_id, why, *at);
                opened(held(&self.uploads).open_visitors((*of).into(), *occasion_id, &line, &sealed)?)
            }
            Ask::Prints { authority_id } => {
                let secret = |(day, bytes): (Date, DataKey)| (day, bytes.into());
                Answer::Prints(self.prints(*authority_id)?.into_iter().map(secret).collect())
            }
            Ask::Destroy { kind, days } => {
                let days: Vec<VenueDay> = days.iter().map(|of| (*of).into()).collect();
                self.destroy(*kind, &days)?;
                Answer::Done
            }
            Ask::NoteErasures { erasures } => {
                self.ledger().append(erasures)?;
                Answer::LedgerBytes(self.ledger_bytes()?)
            }
            Ask::LedgerBytes => Answer::LedgerBytes(self.ledger_bytes()?),
            Ask::Beats => Answer::Beats(self.remembered().beats()?),
            Ask::RaiseBeats { beats } => {
                self.remembered().raise(*beats)?;
                Answer::Done
            }
            Ask::Erasures => Answer::Erasures(self.erasures()?),
            Ask::Standing => return Err(SealingError::Away("a folder has no sides".to_owned())),
        })
    }

    /// How much is written down here of erasures. Once both sides have told each other all, it is the same on both.
    fn ledger_bytes(&self) -> Result<u64, SealingError> {
        let copies = LedgerFile::copies_in(&self.path)?;
        copies.iter().try_fold(self.ledger().bytes()?, |bytes, copy| Ok(bytes + copy.bytes()?))
    }

    /// Lists all erasures that are written down here, also those that other sides of this keyring wrote down.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if a ledger can't be read.
    pub fn erasures(&self) -> Result<Vec<Erasure>, SealingError> {
        let mut all = self.ledger().list()?;
        for ledger in LedgerFile::copies_in(&self.path)? {
            all.extend(ledger.list()?);
        }
        all.sort_by_key(|erasure| erasure.erased_at);
        Ok(all)
    }
}

/// The days of an ask.
#[must_use]
pub fn lasting(days: &[LastingDay]) -> Vec<(VenueDay, Timestamp)> {
    days.iter().map(|day| (day.of.into(), day.ends_at)).collect()
}

/// An answer with public halves.
#[must_use]
pub fn halves(public: &[PublicKey]) -> Answer {
    Answer::PublicHalves(public.iter().map(|half| hex(half)).collect())
}

fn opened(keys: Vec<(u64, DataKey)>) -> Answer {
    Answer::Opened(keys.into_iter().map(|(sender, key)| (sender, Secret(key))).collect())
}
