//! Keys of days: what guests leave is sealed to the day on which they came, and can't be opened once that day's key is gone.
//!
//! `day-keys.json` lies beside the keyring. It holds the private halves, wrapped by a root of its own, which the keyring's
//! root wraps. Whoever destroys keys writes the file anew under a fresh root, syncs it and renames it into place: the old
//! root is gone, and with it what an old copy of this file could open without the keyring's root. No export of the keyring
//! and no backup holds any of it. Several processes may use one folder: each change is made under a lock, on what lies there.

mod book;
mod sender;
mod uploads;

pub use sender::Sender;
pub(super) use uploads::occasion_line;
pub use uploads::{OccasionOpening, PrintKey};

use super::SealingError;
use super::at_rest::{Stamp, append_lines, file_error, lock_file, root_from, stamp_of, unwrap, write_synced};
use super::held::HeldDays;
use super::keyring::Keyring;
use aws_lc_rs::aead::NONCE_LEN;
use book::{Book, DayOf, DaysFile};
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;
use sender::key_place;
use std::fs::File;
use std::path::PathBuf;
use zeroize::Zeroizing;

pub(super) const OPENINGS_FILE: &str = "openings.log";

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

impl Opening {
    /// Its line in the log of openings.
    pub(super) fn line(&self) -> String {
        opening_line(self.list, self.account_id, self.why, self.at)
    }
}

pub(super) fn opening_line(list: ListOfDay, account_id: AccountId, why: &str, at: Timestamp) -> String {
    let VenueDay { authority_id, day } = list.of;
    format!("1 {at} account {account_id} authority {} venue {} day {day} why {why}\n", authority_id.0, list.venue_id)
}

/// The keys of days of an installation.
pub struct DayKeys {
    files: &'static Files,
    folder: PathBuf,
    root: Zeroizing<[u8; 32]>,
    known: Option<(Stamp, Book)>,
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
        self.make_standing(days, false)?;
        self.public_halves(days)
    }

    /// Makes keys of which it isn't known yet whether the mirror has them.
    pub(super) fn make_here(&mut self, days: &[(VenueDay, Timestamp)]) -> Result<(), SealingError> {
        self.make_standing(days, true)
    }

    fn make_standing(&mut self, days: &[(VenueDay, Timestamp)], only_here: bool) -> Result<(), SealingError> {
        self.change(|book| days.iter().try_for_each(|(of, ends_at)| book.make(day_of(*of), *ends_at, only_here)))
    }

    /// Returns the public half of each day's key, of those that are on both sides; `None` if one lacks, or lasts longer.
    pub(super) fn on_both(&mut self, days: &[(VenueDay, Timestamp)]) -> Result<Option<Vec<PublicKey>>, SealingError> {
        let book = self.read()?;
        let sure = |(of, ends_at): &(VenueDay, Timestamp)| {
            let keys = book.of(day_of(*of));
            let lasts = keys.iter().all(|key| key.ends_at <= *ends_at);
            keys.iter().find(|key| !key.only_here && lasts).map(|key| key.public)
        };
        Ok(days.iter().map(sure).collect())
    }

    /// Returns the public half of each day's key.
    pub(super) fn public_halves(&mut self, days: &[(VenueDay, Timestamp)]) -> Result<Vec<PublicKey>, SealingError> {
        let book = self.read()?;
        let first = |(of, _): &(VenueDay, Timestamp)| book.of(day_of(*of)).first().map(|key| key.public);
        days.iter().map(|day| first(day).ok_or(SealingError::NoKey)).collect()
    }

    /// Lists the days whose keys are there, with the instant from which each must be destroyed.
    ///
    /// # Errors
    ///
    /// [`SealingError`] if the file can't be read.
    pub fn list(&mut self) -> Result<Vec<(VenueDay, Timestamp)>, SealingError> {
        let mut all: Vec<_> = self.read()?.all().map(|(day, key)| (venue_day(day), key.ends_at)).collect();
        all.dedup_by_key(|(of, _)| *of);
        Ok(all)
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
        self.open_list(opening.list, &opening.line(), sealed)
    }

    pub(super) fn open_list(
        &mut self,
        list: ListOfDay,
        line: &str,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        self.log(line)?;
        self.open_those(list.of, |sender| key_place(list.venue_id, sender), sealed)
    }

    /// Opens the data keys that are sealed to the keys of a day; those that were sealed to one that was lost are left out.
    fn open_those<const N: usize>(
        &mut self,
        of: VenueDay,
        place: impl Fn(u64) -> [u8; N],
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        let keys = self.read()?.of(day_of(of));
        if keys.is_empty() {
            return Err(SealingError::NoKey);
        }
        let open = |(sender, data_key): &(u64, SealedKey)| {
            let place = place(*sender);
            keys.iter().find_map(|key| key.open(of, &place, data_key).ok()).map(|opened| (*sender, opened))
        };
        let opened: Vec<_> = sealed.iter().filter_map(open).collect();
        if opened.is_empty() && !sealed.is_empty() { Err(SealingError::DoesNotOpen) } else { Ok(opened) }
    }

    /// Destroys the keys of days. When this returns they are nowhere on disk that this program wrote.
    ///
    /// # Errors
    ///
    /// [`SealingError::File`] if the file can't be written anew; then they are all still there.
    pub fn destroy(&mut self, days: &[VenueDay]) -> Result<(), SealingError> {
        self.change(|book| {
            days.iter().for_each(|of| book.destroy(day_of(*of)));
            book.forget_old();
            Ok(())
        })
    }

    /// Destroys what has reached its end; returns of how many days.
    pub(super) fn destroy_ended(&mut self, now: Timestamp) -> Result<usize, SealingError> {
        let mut n_ended = 0;
        self.change(|book| {
            n_ended = book.end(now);
            Ok(())
        })?;
        Ok(n_ended)
    }

    /// Takes what the mirror holds.
    pub(super) fn take(&mut self, theirs: &HeldDays, now: Timestamp) -> Result<(), SealingError> {
        self.change(|book| book.take(theirs, now))
    }

    /// Says that the mirror has what it was told.
    pub(super) fn note_on_both(&mut self, told: &HeldDays) -> Result<(), SealingError> {
        self.change(|book| book.note_on_both(told))
    }

    /// What the mirror must know: of some days, or of all.
    pub(super) fn held(&mut self, days: Option<&[VenueDay]>) -> Result<HeldDays, SealingError> {
        Ok(self.read()?.held(|day| days.is_none_or(|days| days.contains(&venue_day(day)))))
    }

    /// How many keys there are, and how many of them are, as far as is known, here alone.
    pub(super) fn counts(&mut self) -> Result<(usize, usize), SealingError> {
        let book = self.read()?;
        Ok((book.all().count(), book.all().filter(|(_, key)| key.only_here).count()))
    }

    /// Changes what lies there, under the lock, and writes it if it is another thing then.
    fn change(&mut self, change: impl FnOnce(&mut Book) -> Result<(), SealingError>) -> Result<(), SealingError> {
        let _lock = self.lock()?;
        let before = self.read()?;
        let mut book = before.clone();
        change(&mut book)?;
        if book == *before { Ok(()) } else { self.write(book) }
    }

    fn lock(&self) -> Result<File, SealingError> {
        lock_file(&self.folder.join(self.files.lock))
    }

    /// Reads the file, unless it is the one that was read before.
    fn read(&mut self) -> Result<&Book, SealingError> {
        let path = self.folder.join(self.files.keys);
        let stamp = stamp_of(&path)?;
        if self.known.as_ref().map(|(known, _)| *known) != stamp {
            self.known = None;
            if let Some(stamp) = stamp {
                self.known = Some((stamp, self.read_book(&path)?));
            }
        }
        static EMPTY: Book = Book::empty();
        Ok(self.known.as_ref().map_or(&EMPTY, |(_, book)| book))
    }

    fn read_book(&self, path: &std::path::Path) -> Result<Book, SealingError> {
        let unreadable = || SealingError::NotAKeyring(path.display().to_string());
        let bytes = std::fs::read(path).map_err(file_error("read", path))?;
        let file: DaysFile = serde_json::from_slice(&bytes).map_err(|_| unreadable())?;
        if !file.is_known() {
            return Err(unreadable());
        }
        let root = root_from(&unwrap(&self.root, self.files.root, &file.root).map_err(|_| SealingError::WrongSecret)?)?;
        Book::open(&file, &root)
    }

    fn write(&mut self, book: Book) -> Result<(), SealingError> {
        let path = self.folder.join(self.files.keys);
        let file = book.wrap(&self.root, self.files.root)?;
        let text = serde_json::to_vec(&file).map_err(|_| SealingError::NotAKeyring(path.display().to_string()))?;
        write_synced(&path, &text)?;
        self.known = stamp_of(&path)?.map(|stamp| (stamp, book));
        Ok(())
    }

    fn log(&self, line: &str) -> Result<(), SealingError> {
        let path = self.folder.join(OPENINGS_FILE);
        append_lines(&path, line)
    }
}

fn day_of(of: VenueDay) -> DayOf {
    (of.authority_id, of.day)
}

fn venue_day((authority_id, day): DayOf) -> VenueDay {
    VenueDay { authority_id, day }
}

fn day_place(authority_id: i32, day: Date) -> String {
    format!("day {authority_id}/{day}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sealing::Opener;
    use domain::ids::{AuthorityId, VenueId};
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
