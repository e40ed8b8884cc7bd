//! Keys of days: what guests leave is sealed to the day on which they came, and can't be opened once that day's key is gone.
//!
//! `day-keys.json` lies beside the keyring. It holds the private halves, wrapped by a root of its own, which the keyring's
//! root wraps. Whoever destroys keys writes the file anew under a fresh root, syncs it and renames it into place: the old
//! root is gone, and with it what an old copy of this file could open without the keyring's root. No export of the keyring
//! and no backup holds any of it. Several processes may use one folder: each change is made under a lock, on what lies there.

mod uploads;

pub use uploads::{OccasionOpening, PrintKey};

use super::keyring::{Keyring, file_error, hex, random_key, root_from, unhex, unwrap, wrap, write_synced};
use super::{SealingError, SubkeyLength};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::agreement::{PrivateKey, UnparsedPublicKey, X25519, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{AccountId, AuthorityId, VenueId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use zeroize::Zeroizing;

const OPENINGS_FILE: &str = "openings.log";

/// The files of one kind of days, and what their root is wrapped for.
struct Files {
    keys: &'static str,
    lock: &'static str,
    root: &'static str,
}

/// Days on which guests arrived.
const ARRIVALS: Files = Files { keys: "day-keys.json", lock: "day-keys.lock", root: "root of the days" };

/// Bytes of a public key.
pub const PUBLIC_KEY: usize = 32;
/// Bytes of a sealed data key: the sender's public key, a nonce, the key and its tag.
pub const SEALED_KEY: usize = PUBLIC_KEY + NONCE_LEN + 32 + 16;

/// The public half of a day's key.
pub type PublicKey = [u8; PUBLIC_KEY];
/// A data key, sealed to a day.
pub type SealedKey = [u8; SEALED_KEY];
/// A data key.
pub type DataKey = Zeroizing<[u8; 32]>;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DaysFile {
    format: u32,
    root: String,
    days: Vec<WrappedDay>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrappedDay {
    authority_id: i32,
    day: Date,
    ends_at: Timestamp,
    public: String,
    wrapped: String,
}

/// A day's key, for the moment in which it is needed.
struct DayKey {
    ends_at: Timestamp,
    public: PublicKey,
    private: Zeroizing<[u8; 32]>,
}

type Days = BTreeMap<(AuthorityId, Date), DayKey>;

/// Who wants the list of a venue and day, and why. It is logged and synced before any key is given.
#[derive(Clone, Debug)]
pub struct Opening {
    /// Which list.
    pub list: ListOfDay,
    /// Who.
    pub account_id: AccountId,
    /// Why, by a word of a fixed list.
    pub why: &'static str,
    /// When.
    pub at: Timestamp,
}

/// The keys of days of an installation.
pub struct DayKeys {
    files: &'static Files,
    folder: PathBuf,
    root: Zeroizing<[u8; 32]>,
    known: Option<((u64, i64, i64), Days)>,
}

impl std::fmt::Debug for DayKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DayKeys(…)")
    }
}

impl DayKeys {
    /// The keys of days beside an opened keyring.
    #[must_use]
    pub fn beside(keyring: &Keyring) -> Self {
        Self::of(keyring, &ARRIVALS)
    }

    fn of(keyring: &Keyring, files: &'static Files) -> Self {
        Self { files, folder: keyring.folder().to_owned(), root: keyring.root(), known: None }
    }

    /// Makes the keys of days that have none, and returns the public halves of all that were asked for. Of a key that is
    /// there already the period stays as it was fixed; a shorter one is taken.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the file can't be written; then no new key is used.
    pub fn make(&mut self, days: &[(VenueDay, Timestamp)]) -> Result<Vec<PublicKey>, SealingError> {
        let _lock = self.lock()?;
        self.read()?;
        let known = self.known.take().map(|(_, days)| days).unwrap_or_default();
        let (mut all, mut changed) = (known, false);
        for (day, ends_at) in days {
            match all.get_mut(&(day.authority_id, day.day)) {
                Some(key) if key.ends_at > *ends_at => {
                    key.ends_at = *ends_at;
                    changed = true;
                }
                Some(_) => {}
                None => {
                    all.insert((day.authority_id, day.day), DayKey::new(*ends_at)?);
                    changed = true;
                }
            }
        }
        let public = days.iter().filter_map(|(day, _)| all.get(&(day.authority_id, day.day))).map(|key| key.public);
        let public = public.collect();
        if changed {
            self.write(all)?
        } else {
            self.remember(all)?
        }
        Ok(public)
    }

    /// Lists the days whose keys are there, with the instant from which each must be destroyed.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn list(&mut self) -> Result<Vec<(VenueDay, Timestamp)>, SealingError> {
        self.read()?;
        let days = self.known.iter().flat_map(|(_, days)| days.iter());
        Ok(days.map(|((authority_id, day), key)| (venue_day(*authority_id, *day), key.ends_at)).collect())
    }

    /// Opens the data keys of one venue and day, and no others: the key of the day itself never leaves. The opening is in
    /// the log, synced, before this returns. Left out are those that were sealed to a key of that day which was lost.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the day's key is destroyed, [`SealingError::DoesNotOpen`] if none opens, [`SealingError::File`] if the log can't be written.
    pub fn open(
        &mut self,
        opening: &Opening,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        self.read()?;
        let of = opening.list.of;
        let line = format!(
            "1 {} account {} authority {} venue {} day {} why {}\n",
            opening.at, opening.account_id, of.authority_id.0, opening.list.venue_id, of.day, opening.why
        );
        self.log(&line)?;
        let day = self.day(of)?;
        let place = |sender| key_place(opening.list.venue_id, sender);
        let open = |(sender, key): &(u64, SealedKey)| Some((*sender, day.open(of, &place(*sender), key).ok()?));
        let opened: Vec<_> = sealed.iter().filter_map(open).collect();
        if opened.is_empty() && !sealed.is_empty() { Err(SealingError::DoesNotOpen) } else { Ok(opened) }
    }

    fn day(&self, of: VenueDay) -> Result<&DayKey, SealingError> {
        let days = self.known.as_ref().map(|(_, days)| days).ok_or(SealingError::NoKey)?;
        days.get(&(of.authority_id, of.day)).ok_or(SealingError::NoKey)
    }

    /// Destroys the keys of days. When this returns they are nowhere on disk that this program wrote.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the file can't be written anew; then they are all still there.
    pub fn destroy(&mut self, days: &[VenueDay]) -> Result<(), SealingError> {
        let _lock = self.lock()?;
        self.read()?;
        let mut all = self.known.take().map(|(_, days)| days).unwrap_or_default();
        let n_before = all.len();
        all.retain(|(authority_id, day), _| !days.contains(&venue_day(*authority_id, *day)));
        if all.len() == n_before { self.remember(all) } else { self.write(all) }
    }

    fn lock(&self) -> Result<File, SealingError> {
        let path = self.folder.join(self.files.lock);
        let open = || {
            let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
            file.lock()?;
            Ok(file)
        };
        open().map_err(file_error("lock", &path))
    }

    /// Says which file lies there: another one after each change, since changes rename a new one into place.
    fn stamp(&self) -> Result<Option<(u64, i64, i64)>, SealingError> {
        let path = self.folder.join(self.files.keys);
        match std::fs::metadata(&path) {
            Ok(file) => Ok(Some((file.ino(), file.mtime(), file.mtime_nsec()))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("read", &path)(error)),
        }
    }

    /// Reads the file, unless it is the one that was read before.
    fn read(&mut self) -> Result<(), SealingError> {
        let stamp = self.stamp()?;
        if self.known.as_ref().map(|(known, _)| *known) == stamp {
            return Ok(());
        }
        self.known = None;
        let Some(stamp) = stamp else { return Ok(()) };
        let path = self.folder.join(self.files.keys);
        let unreadable = || SealingError::NotAKeyring(path.display().to_string());
        let bytes = std::fs::read(&path).map_err(file_error("read", &path))?;
        let file: DaysFile = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        if file.format != 1 {
            return Err(unreadable());
        }
        let root = root_from(&unwrap(&self.root, self.files.root, &file.root).map_err(|_| SealingError::WrongSecret)?)?;
        let days = file.days.iter().map(|day| day.open(&root)).collect::<Result<Days, _>>()?;
        self.known = Some((stamp, days));
        Ok(())
    }

    fn write(&mut self, days: Days) -> Result<(), SealingError> {
        let root = random_key()?;
        let wrapped = days.iter().map(|((authority_id, day), key)| key.wrap(&root, *authority_id, *day));
        let file = DaysFile {
            format: 1,
            root: wrap(&self.root, self.files.root, &root[..])?,
            days: wrapped.collect::<Result<_, SealingError>>()?,
        };
        let path = self.folder.join(self.files.keys);
        let text = serde_json::to_vec(&file).map_err(|_| SealingError::NotAKeyring(path.display().to_string()))?;
        write_synced(&path, &text)?;
        self.remember(days)
    }

    fn remember(&mut self, days: Days) -> Result<(), SealingError> {
        self.known = self.stamp()?.map(|stamp| (stamp, days));
        Ok(())
    }

    fn log(&self, line: &str) -> Result<(), SealingError> {
        let path = self.folder.join(OPENINGS_FILE);
        let append = || {
            let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
            file.write_all(line.as_bytes())?;
            file.sync_all()
        };
        append().map_err(file_error("append to", &path))
    }
}

fn venue_day(authority_id: AuthorityId, day: Date) -> VenueDay {
    VenueDay { authority_id, day }
}

fn day_place(authority_id: i32, day: Date) -> String {
    format!("day {authority_id}/{day}")
}

impl WrappedDay {
    fn open(&self, root: &[u8; 32]) -> Result<((AuthorityId, Date), DayKey), SealingError> {
        let private = root_from(&unwrap(root, &day_place(self.authority_id, self.day), &self.wrapped)?)?;
        let public = unhex(&self.public).and_then(|bytes| PublicKey::try_from(bytes).ok());
        let public = public.ok_or(SealingError::DoesNotOpen)?;
        Ok(((AuthorityId(self.authority_id), self.day), DayKey { ends_at: self.ends_at, public, private }))
    }
}

impl DayKey {
    fn new(ends_at: Timestamp) -> Result<Self, SealingError> {
        let private = random_key()?;
        let public = public_of(&private)?;
        Ok(Self { ends_at, public, private })
    }

    fn wrap(&self, root: &[u8; 32], authority: AuthorityId, day: Date) -> Result<WrappedDay, SealingError> {
        Ok(WrappedDay {
            authority_id: authority.0,
            day,
            ends_at: self.ends_at,
            public: hex(&self.public),
            wrapped: wrap(root, &day_place(authority.0, day), &self.private[..])?,
        })
    }

    fn open(&self, of: VenueDay, place: &[u8], sealed: &SealedKey) -> Result<DataKey, SealingError> {
        let (sent_by, rest) = sealed.split_at(PUBLIC_KEY);
        let sent_by = PublicKey::try_from(sent_by).map_err(|_| SealingError::DoesNotOpen)?;
        let key = wrapping_key(&self.private, &sent_by, &sent_by, &self.public, of)?;
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealingError::DoesNotOpen)?;
        let mut text = Zeroizing::new(text.to_vec());
        let opened = key.open_in_place(nonce, Aad::from(place), &mut text);
        root_from(opened.map_err(|_| SealingError::DoesNotOpen)?)
    }
}

fn public_of(private: &[u8; 32]) -> Result<PublicKey, SealingError> {
    let key = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::NoRandomness)?;
    let public = key.compute_public_key().map_err(|_| SealingError::NoRandomness)?;
    PublicKey::try_from(public.as_ref()).map_err(|_| SealingError::NoRandomness)
}

/// The key that wraps a sender's data keys for a day: both halves can derive it.
fn wrapping_key(
    private: &[u8; 32],
    other: &PublicKey,
    sender: &PublicKey,
    day: &PublicKey,
    of: VenueDay,
) -> Result<LessSafeKey, SealingError> {
    let private = PrivateKey::from_private_key(&X25519, private).map_err(|_| SealingError::DoesNotOpen)?;
    let place = day_place(of.authority_id.0, of.day);
    agree(&private, UnparsedPublicKey::new(&X25519, other), SealingError::DoesNotOpen, |shared| {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"epitrace day")
            .extract(shared)
            .expand(&[sender, day, place.as_bytes()], SubkeyLength)
            .and_then(|okm| okm.fill(&mut bytes[..]))
            .map_err(|_| SealingError::DoesNotOpen)?;
        let key = UnboundKey::new(&AES_256_GCM, &bytes[..]).map_err(|_| SealingError::DoesNotOpen)?;
        Ok(LessSafeKey::new(key))
    })
}

fn key_place(venue_id: VenueId, sender: u64) -> [u8; 16] {
    let mut place = [0; 16];
    place[..8].copy_from_slice(&venue_id.bits().to_be_bytes());
    place[8..].copy_from_slice(&sender.to_be_bytes());
    place
}

/// One process, sealing to one day: it makes data keys and wraps them, and can open nothing that others sealed.
pub struct Sender {
    of: VenueDay,
    number: u64,
    public: PublicKey,
    key: LessSafeKey,
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sender({:?})", self.of)
    }
}

impl Sender {
    /// Makes a sender to a day.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn to(of: VenueDay, day: &PublicKey) -> Result<Self, SealingError> {
        let private = random_key()?;
        let public = public_of(&private)?;
        let key = wrapping_key(&private, day, &public, day, of)?;
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(|_| SealingError::NoRandomness)?;
        Ok(Self { of, number: u64::from_be_bytes(number), public, key })
    }

    /// Returns its number; what it seals names it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Makes a data key for a venue, with itself sealed to the day.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn data_key(&self, venue_id: VenueId) -> Result<(DataKey, SealedKey), SealingError> {
        self.data_key_at(&key_place(venue_id, self.number))
    }

    fn data_key_at(&self, place: &[u8]) -> Result<(DataKey, SealedKey), SealingError> {
        let data_key = random_key()?;
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| SealingError::NoRandomness)?;
        let mut text = Zeroizing::new(data_key.to_vec());
        let unique = Nonce::assume_unique_for_key(nonce);
        let tag = self.key.seal_in_place_separate_tag(unique, Aad::from(place), &mut text);
        let tag = tag.map_err(|_| SealingError::NoRandomness)?;
        let mut sealed = [0; SEALED_KEY];
        let parts = [&self.public[..], &nonce, &text, tag.as_ref()];
        let mut at = 0;
        for part in parts {
            sealed[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        Ok((data_key, sealed))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sealing::Opener;
    use jiff::civil::date;

    fn of(authority: i32, day: i8) -> VenueDay {
        VenueDay { authority_id: AuthorityId(authority), day: date(2026, 11, day) }
    }

    fn at(day: i8) -> Timestamp {
        date(2026, 12, day).at(0, 0, 0, 0).to_zoned_datetime(jiff::tz::TimeZone::UTC).unwrap().timestamp()
    }

    fn opening(of: VenueDay, venue_id: VenueId) -> Opening {
        let list = ListOfDay { of, venue_id };
        Opening { list, account_id: AccountId(uuid::Uuid::nil()), why: "infection", at: at(1) }
    }

    fn keyring(folder: &std::path::Path) -> Keyring {
        Keyring::create(&folder.join("keyring"), Opener::Auto).unwrap()
    }

    #[test]
    fn a_data_key_opens_for_its_venue_and_day_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = DayKeys::beside(&keyring(folder.path()));
        let public = keys.make(&[(of(1, 24), at(9)), (of(1, 25), at(10))]).unwrap();
        let sender = Sender::to(of(1, 24), &public[0]).unwrap();
        let (venue, other) = (VenueId::of_bits(5), VenueId::of_bits(6));
        let (key, sealed) = sender.data_key(venue).unwrap();
        let list = [(sender.number(), sealed)];
        let opened = keys.open(&opening(of(1, 24), venue), &list).unwrap();
        assert_eq!(opened[0].1[..], key[..]);
        assert!(keys.open(&opening(of(1, 24), other), &list).is_err(), "another venue");
        assert!(keys.open(&opening(of(1, 25), venue), &list).is_err(), "another day");
        assert!(keys.open(&opening(of(1, 24), venue), &[(sender.number() ^ 1, sealed)]).is_err(), "another sender");
        let log = std::fs::read_to_string(folder.path().join("keyring/openings.log")).unwrap();
        assert_eq!(log.lines().count(), 4, "each opening is logged, also those that fail:\n{log}");
        assert!(log.contains("venue 0000000005 day 2026-11-24 why infection"));
    }

    #[test]
    fn a_destroyed_key_is_in_no_file_and_others_stay() {
        let folder = tempfile::tempdir().unwrap();
        let ring = keyring(folder.path());
        let (mut keys, mut elsewhere) = (DayKeys::beside(&ring), DayKeys::beside(&ring));
        let public = keys.make(&[(of(1, 24), at(9)), (of(2, 24), at(9))]).unwrap();
        let venue = VenueId::of_bits(5);
        let senders = [Sender::to(of(1, 24), &public[0]).unwrap(), Sender::to(of(2, 24), &public[1]).unwrap()];
        let sealed = senders.each_ref().map(|sender| [(sender.number(), sender.data_key(venue).unwrap().1)]);
        elsewhere.open(&opening(of(1, 24), venue), &sealed[0]).unwrap();
        let before = std::fs::read(folder.path().join("keyring/day-keys.json")).unwrap();
        keys.destroy(&[of(1, 24)]).unwrap();
        assert!(matches!(elsewhere.open(&opening(of(1, 24), venue), &sealed[0]), Err(SealingError::NoKey)));
        elsewhere.open(&opening(of(2, 24), venue), &sealed[1]).unwrap();
        let after = std::fs::read(folder.path().join("keyring/day-keys.json")).unwrap();
        let (before, after): (DaysFile, DaysFile) =
            (serde_json::from_slice(&before).unwrap(), serde_json::from_slice(&after).unwrap());
        assert_ne!(before.root, after.root);
        let other = |file: &DaysFile| file.days.iter().find(|day| day.authority_id == 2).unwrap().wrapped.clone();
        assert_ne!(other(&before), other(&after), "what stays is wrapped anew, under the fresh root");
        assert_eq!(after.days.len(), 1);
    }

    #[test]
    fn a_period_is_fixed_when_the_key_is_made_and_only_gets_shorter() {
        let folder = tempfile::tempdir().unwrap();
        let mut keys = DayKeys::beside(&keyring(folder.path()));
        let first = keys.make(&[(of(1, 24), at(9))]).unwrap();
        assert_eq!(keys.make(&[(of(1, 24), at(20))]).unwrap(), first, "the same key");
        assert_eq!(keys.list().unwrap(), [(of(1, 24), at(9))]);
        keys.make(&[(of(1, 24), at(2))]).unwrap();
        assert_eq!(keys.list().unwrap(), [(of(1, 24), at(2))]);
    }

    #[test]
    fn an_export_of_the_keyring_holds_no_day() {
        let folder = tempfile::tempdir().unwrap();
        let ring = keyring(folder.path());
        DayKeys::beside(&ring).make(&[(of(1, 24), at(9))]).unwrap();
        let copy = folder.path().join("copy");
        ring.export(&copy, Zeroizing::new("correct horse".to_owned())).unwrap();
        let names: Vec<_> = std::fs::read_dir(&copy).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(names, ["keyring.json"]);
    }
}
