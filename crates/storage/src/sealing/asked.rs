//! What may be asked of a keyring that another process holds, and what comes back. The key of a day is in no answer.

use super::day_keys::{OccasionOpening, PUBLIC_KEY};
use super::day_keys::{Opening, PublicKey, SEALED_KEY, SealedKey};
use super::held::{HeldKey, Secret};
use super::{SealingError, hex, unhex};
use crate::ledger::Erasure;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{AccountId, AuthorityId, OccasionId, VenueId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Which days are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// On which guests arrived.
    Arrivals,
    /// On which visitors of occasions were handed in.
    Uploads,
}

/// A day of an authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedDay {
    /// Whose.
    pub authority_id: AuthorityId,
    /// Which.
    pub day: Date,
}

/// A day, and from when on its key must be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastingDay {
    /// Which day.
    pub of: AskedDay,
    /// From when on.
    pub ends_at: Timestamp,
}

/// A data key that is sealed to a day, with the number of who sealed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedKey {
    /// Who sealed it.
    pub sender: u64,
    /// Hexadecimal.
    pub sealed: String,
}

/// Who wants something opened, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AskedOpening {
    /// Which day.
    pub of: AskedDay,
    /// Who.
    pub account_id: AccountId,
    /// A word of small letters and `_`.
    pub why: String,
    /// When.
    pub at: Timestamp,
    /// What is to be opened.
    pub keys: Vec<AskedKey>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// The data keys of all authorities, to be held in memory.
    DataKeys,
    /// A first key for a new authority.
    AddAuthority {
        /// Which.
        authority_id: AuthorityId,
        /// When it was made.
        at: Timestamp,
    },
    /// Public halves of days; keys are made where there are none.
    Make {
        /// Which kind.
        kind: DayKind,
        /// Which days.
        days: Vec<LastingDay>,
    },
    /// Which days have keys.
    Days {
        /// Which kind.
        kind: DayKind,
    },
    /// The data keys of one venue and day.
    OpenList {
        /// Which venue.
        venue_id: VenueId,
        /// The rest.
        opening: AskedOpening,
    },
    /// The data keys of one occasion and day of upload.
    OpenVisitors {
        /// Which occasion.
        occasion_id: OccasionId,
        /// The rest.
        opening: AskedOpening,
    },
    /// By which retries of an authority's uploads are known.
    Prints {
        /// Whose.
        authority_id: AuthorityId,
    },
    /// Destroys keys of days.
    Destroy {
        /// Which kind.
        kind: DayKind,
        /// Which days.
        days: Vec<AskedDay>,
    },
    /// Writes down erasures.
    NoteErasures {
        /// Which.
        erasures: Vec<Erasure>,
    },
    /// All erasures so far.
    Erasures,
    /// How much is written down of erasures.
    LedgerBytes,
    /// The highest count of the database that is remembered.
    Beats,
    /// Remembers a count of the database, unless a higher one is remembered.
    RaiseBeats {
        /// Which.
        beats: u64,
    },
    /// How it stands.
    Standing,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Answer {
    /// Data keys.
    DataKeys(Vec<HeldKey>),
    /// Public halves, in the order of what was asked for; hexadecimal.
    PublicHalves(Vec<String>),
    /// Days that have keys.
    Days(Vec<LastingDay>),
    /// Opened data keys, with who had sealed each.
    Opened(Vec<(u64, Secret)>),
    /// Of each day, by which retries are known.
    Prints(Vec<(Date, Secret)>),
    /// Erasures, oldest first.
    Erasures(Vec<Erasure>),
    /// Bytes of all that is written down of erasures.
    LedgerBytes(u64),
    /// The highest count of the database.
    Beats(Option<u64>),
    /// How it stands.
    Standing(Standing),
    /// It is done.
    Done,
}

/// How one side of a keyring stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Whether it answers servers.
    pub answers: bool,
    /// How its mirror stands.
    pub mirror: Mirror,
    /// Seconds by which the clock of the mirror is ahead of its own, when they last spoke.
    pub clock_ahead_s: i64,
    /// Data keys it holds.
    pub n_data_keys: usize,
    /// Keys of days it holds.
    pub n_day_keys: usize,
    /// Keys that, as far as it knows, the mirror lacks.
    pub n_only_here: usize,
}

/// How a mirror stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mirror {
    /// There is to be none.
    None,
    /// It is there, and holds the same.
    There,
    /// It is away.
    Away,
    /// It is away, and an operator said that this side goes on alone.
    Alone,
}

impl From<VenueDay> for AskedDay {
    fn from(of: VenueDay) -> Self {
        Self { authority_id: of.authority_id, day: of.day }
    }
}

impl From<AskedDay> for VenueDay {
    fn from(of: AskedDay) -> Self {
        Self { authority_id: of.authority_id, day: of.day }
    }
}

impl Ask {
    /// Asks for public halves.
    #[must_use]
    pub fn make(kind: DayKind, days: &[(VenueDay, Timestamp)]) -> Self {
        let lasting = |(of, ends_at): &(VenueDay, Timestamp)| LastingDay { of: (*of).into(), ends_at: *ends_at };
        Self::Make { kind, days: days.iter().map(lasting).collect() }
    }

    /// Asks for a list.
    #[must_use]
    pub fn list(opening: &Opening, sealed: &[(u64, SealedKey)]) -> Self {
        let Opening { list, account_id, why, at } = opening;
        let ListOfDay { of, venue_id } = *list;
        Self::OpenList { venue_id, opening: asked(of, *account_id, why, *at, sealed) }
    }

    /// Asks for visitors.
    #[must_use]
    pub fn visitors(opening: &OccasionOpening, sealed: &[(u64, SealedKey)]) -> Self {
        let OccasionOpening { of, occasion_id, account_id, why, at } = opening;
        Self::OpenVisitors { occasion_id: *occasion_id, opening: asked(*of, *account_id, why, *at, sealed) }
    }
}

fn asked(of: VenueDay, account_id: AccountId, why: &str, at: Timestamp, sealed: &[(u64, SealedKey)]) -> AskedOpening {
    let keys = sealed.iter().map(|(sender, key)| AskedKey { sender: *sender, sealed: hex(key) }).collect();
    AskedOpening { of: of.into(), account_id, why: why.to_owned(), at, keys }
}

impl AskedOpening {
    /// Returns the sealed keys, if they and the reason have the shape they must have: whatever is logged comes from here.
    pub(super) fn checked(&self) -> Result<Vec<(u64, SealedKey)>, SealingError> {
        let is_word =
            (1..=40).contains(&self.why.len()) && self.why.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if !is_word {
            return Err(SealingError::DoesNotOpen);
        }
        let key = |asked: &AskedKey| {
            let sealed = unhex(&asked.sealed).and_then(|bytes| <[u8; SEALED_KEY]>::try_from(bytes).ok());
            sealed.map(|sealed| (asked.sender, sealed)).ok_or(SealingError::DoesNotOpen)
        };
        self.keys.iter().map(key).collect()
    }
}

/// Reads the public halves of an answer.
pub(super) fn public_halves(texts: &[String]) -> Option<Vec<PublicKey>> {
    texts.iter().map(|text| unhex(text).and_then(|bytes| <[u8; PUBLIC_KEY]>::try_from(bytes).ok())).collect()
}
