//! Keys of days on which visitors of occasions were handed in: kept like those of arrivals, in a file of their own, because
//! they have a period of their own.

use super::book::DayKey;
use super::{DataKey, DayKeys, Files, SealedKey, Sender, day_of};
use crate::sealing::keyring::Keyring;
use crate::sealing::{SealingError, SubkeyLength};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use domain::check_ins::VenueDay;
use domain::ids::{AccountId, OccasionId};
use jiff::Timestamp;
use zeroize::Zeroizing;

const UPLOADS: Files = Files { keys: "upload-keys.json", lock: "upload-keys.lock", root: "root of the uploads" };

/// Who wants the visitors of an occasion who were handed in on a day, and why. Logged and synced before any key is given.
#[derive(Clone, Debug)]
pub struct OccasionOpening {
    /// Which day of which authority.
    pub of: VenueDay,
    /// Which occasion.
    pub occasion_id: OccasionId,
    /// Who.
    pub account_id: AccountId,
    /// Why, by a word of a fixed list.
    pub why: &'static str,
    /// When.
    pub at: Timestamp,
}

/// By which a retry is known: made of the day's key, and gone with it.
pub struct PrintKey(hmac::Key);

impl std::fmt::Debug for PrintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PrintKey(…)")
    }
}

impl PrintKey {
    pub(in crate::sealing) fn of(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// Returns the print of some text: the first 64 bits of HMAC-SHA-256.
    #[must_use]
    pub fn print(&self, text: &[u8]) -> i64 {
        let tag = hmac::sign(&self.0, text);
        let mut first = [0; 8];
        first.copy_from_slice(&tag.as_ref()[..8]);
        i64::from_be_bytes(first)
    }
}

impl DayKeys {
    /// The keys of days of uploads beside an opened keyring.
    #[must_use]
    pub fn of_uploads(keyring: &Keyring) -> Self {
        Self::of(keyring, &UPLOADS)
    }

    /// Opens the data keys of one occasion and day, and no others; those sealed to a key of that day which was lost are left
    /// out. The opening is in the log, synced, before this returns.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the day's key is destroyed, [`SealingError::DoesNotOpen`] if none opens,
    /// [`SealingError::File`] if the log can't be written.
    pub fn open_occasion(
        &mut self,
        opening: &OccasionOpening,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        self.open_visitors(opening.of, opening.occasion_id, &opening.line(), sealed)
    }

    pub(in crate::sealing) fn open_visitors(
        &mut self,
        of: VenueDay,
        occasion_id: OccasionId,
        line: &str,
        sealed: &[(u64, SealedKey)],
    ) -> Result<Vec<(u64, DataKey)>, SealingError> {
        self.log(line)?;
        self.open_those(of, |sender| occasion_place(occasion_id, sender), sealed)
    }

    /// Returns by which retries of a day are known. Nothing can be opened with it.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoKey`] if the day's key is destroyed.
    pub fn print_key(&mut self, of: VenueDay) -> Result<PrintKey, SealingError> {
        Ok(PrintKey::of(&*self.print_bytes(of)?))
    }

    pub(in crate::sealing) fn print_bytes(&mut self, of: VenueDay) -> Result<Zeroizing<[u8; 32]>, SealingError> {
        self.read()?.of(day_of(of)).first().ok_or(SealingError::NoKey)?.print_bytes()
    }
}

impl OccasionOpening {
    /// Its line in the log of openings.
    pub(in crate::sealing) fn line(&self) -> String {
        occasion_line(self.of, self.occasion_id, self.account_id, self.why, self.at)
    }
}

pub(in crate::sealing) fn occasion_line(
    of: VenueDay,
    occasion_id: OccasionId,
    account_id: AccountId,
    why: &str,
    at: Timestamp,
) -> String {
    let VenueDay { authority_id, day } = of;
    format!("1 {at} account {account_id} authority {} occasion {occasion_id} day {day} why {why}\n", authority_id.0)
}

impl DayKey {
    fn print_bytes(&self) -> Result<Zeroizing<[u8; 32]>, SealingError> {
        let mut bytes = Zeroizing::new([0; 32]);
        Salt::new(HKDF_SHA256, b"epitrace prints")
            .extract(&self.private[..])
            .expand(&[&self.public], SubkeyLength)
            .and_then(|okm| okm.fill(&mut bytes[..]))
            .map_err(|_| SealingError::NoKey)?;
        Ok(bytes)
    }
}

impl Sender {
    /// Makes a data key for an occasion, with itself sealed to the day.
    ///
    /// # Errors
    ///
    /// [`SealingError::NoRandomness`] if the system gives none.
    pub fn occasion_key(&self, occasion_id: OccasionId) -> Result<(DataKey, SealedKey), SealingError> {
        self.data_key_at(&occasion_place(occasion_id, self.number()))
    }
}

fn occasion_place(occasion_id: OccasionId, sender: u64) -> [u8; 24] {
    let mut place = [0; 24];
    place[..16].copy_from_slice(occasion_id.0.as_bytes());
    place[16..].copy_from_slice(&sender.to_be_bytes());
    place
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::sealing::Opener;
    use domain::ids::AuthorityId;
    use jiff::civil::date;
    use uuid::Uuid;

    const END: Timestamp = Timestamp::MAX;

    fn of(day: i8) -> VenueDay {
        VenueDay { authority_id: AuthorityId(1), day: date(2026, 11, day) }
    }

    fn opening(day: i8, occasion_id: OccasionId) -> OccasionOpening {
        let account_id = AccountId(Uuid::nil());
        OccasionOpening { of: of(day), occasion_id, account_id, why: "infection_reported", at: Timestamp::UNIX_EPOCH }
    }

    #[test]
    fn a_key_opens_for_its_occasion_and_day_alone_and_each_opening_is_logged() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::create(&folder.path().join("keyring"), Opener::Auto).unwrap();
        let (mut keys, mut arrivals) = (DayKeys::of_uploads(&ring), DayKeys::beside(&ring));
        let public = keys.make(&[(of(24), END), (of(25), END)]).unwrap();
        let sender = Sender::to(of(24), &public[0]).unwrap();
        let (party, other) = (OccasionId(Uuid::from_u128(5)), OccasionId(Uuid::from_u128(6)));
        let (key, sealed) = sender.occasion_key(party).unwrap();
        let list = [(sender.number(), sealed)];
        assert_eq!(keys.open_occasion(&opening(24, party), &list).unwrap()[0].1[..], key[..]);
        assert!(keys.open_occasion(&opening(24, other), &list).is_err());
        assert!(keys.open_occasion(&opening(25, party), &list).is_err());
        assert!(arrivals.list().unwrap().is_empty(), "other days, in another file");
        let log = std::fs::read_to_string(folder.path().join("keyring/openings.log")).unwrap();
        assert_eq!(log.lines().count(), 3);
        assert!(log.contains(&format!("occasion {party} day 2026-11-24 why infection_reported")));
    }

    #[test]
    fn a_print_is_the_same_again_and_goes_with_its_day() {
        let folder = tempfile::tempdir().unwrap();
        let ring = Keyring::create(&folder.path().join("keyring"), Opener::Auto).unwrap();
        let (mut keys, mut elsewhere) = (DayKeys::of_uploads(&ring), DayKeys::of_uploads(&ring));
        keys.make(&[(of(24), END), (of(25), END)]).unwrap();
        let print = keys.print_key(of(24)).unwrap().print(b"Ada");
        assert_eq!(elsewhere.print_key(of(24)).unwrap().print(b"Ada"), print, "in another process too");
        assert_ne!(keys.print_key(of(24)).unwrap().print(b"Ben"), print);
        assert_ne!(keys.print_key(of(25)).unwrap().print(b"Ada"), print);
        keys.destroy(&[of(24)]).unwrap();
        assert!(matches!(elsewhere.print_key(of(24)), Err(SealingError::NoKey)));
        assert!(elsewhere.print_key(of(25)).is_ok());
    }
}
