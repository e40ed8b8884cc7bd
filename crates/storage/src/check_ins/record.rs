//! How a check-in lies in a block, to the byte. Numbers are big-endian.
//!
//! A record is its length (2 bytes), its kind (1), and what the kind has. A segment holds the records of one venue from one
//! sender: venue (8), sender (8), 1 if the sender's sealed data key follows, else 0 (1), the key (108), bytes of records (4),
//! records. A block is one segment after the other. Times are microseconds since 1970.

use crate::error::{Result, StorageError};
use crate::sealing::{SEALED_KEY, SealedKey};
use aws_lc_rs::digest::{Context, SHA256, digest};
use domain::check_ins::{Marks, Stay};
use domain::ids::{AreaId, VisitId};
use jiff::Timestamp;
use uuid::Uuid;

/// SHA-256 of a receipt's secret.
pub type Receipt = [u8; 32];

/// What a telephone made beside the id of a visit, and proves by it that the visit is its own.
pub type Secret = [u8; 16];

/// Returns what is kept of a secret.
#[must_use]
pub fn receipt_of(secret: &Secret) -> Receipt {
    let mut receipt = [0; 32];
    receipt.copy_from_slice(digest(&SHA256, secret).as_ref());
    receipt
}

/// Returns 32 bits by which a retry is known from another guest under the same id. Without the secret nobody can try out
/// guests against it.
#[must_use]
pub fn print_of(secret: &Secret, stay: &Stay, stated: Option<Timestamp>, guest: &[u8]) -> u32 {
    let mut hash = Context::new(&SHA256);
    hash.update(secret);
    hash.update(&micros(stay.arrived_at));
    hash.update(&micros(stated.unwrap_or(Timestamp::MIN)));
    hash.update(&stay.area_id.map_or(u64::MAX, AreaId::bits).to_be_bytes());
    hash.update(&[stay.household]);
    hash.update(guest);
    let hash = hash.finish();
    hash.as_ref().iter().take(4).fold(0, |print, byte| print << 8 | u32::from(*byte))
}

const VISIT: u8 = 0;
const LEFT: u8 = 1;
pub(crate) const GONE: u8 = 2;
const CONFIRMED: u8 = 3;
/// Bytes of a visit before what is sealed.
pub(crate) const CLEAR: usize = 16 + 32 + 8 + 8 + 8 + 1 + 1 + 4;

/// What a block says of a visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record<'a> {
    /// Somebody checked in.
    Visit(Sealed<'a>),
    /// They left, or mean to leave, at another time than was said.
    Left(VisitId, Timestamp),
    /// They asked for deletion: whatever else there is of the visit is passed over.
    Gone(VisitId),
    /// The staff saw them.
    Confirmed(VisitId),
}

/// A visit as it is kept: what SQL and occupancy need in clear, the guest sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed<'a> {
    pub(crate) stay: Stay,
    pub(crate) receipt: Receipt,
    /// How many its sender had sealed with this data key before.
    pub(crate) nonce: u32,
    pub(crate) guest: &'a [u8],
}

fn micros(at: Timestamp) -> [u8; 8] {
    at.as_microsecond().to_be_bytes()
}

impl Record<'_> {
    /// Appends it.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        let start = to.len();
        to.extend_from_slice(&[0, 0]);
        match self {
            Self::Visit(visit) => {
                to.push(VISIT);
                to.extend_from_slice(visit.stay.visit_id.0.as_bytes());
                to.extend_from_slice(&visit.receipt);
                to.extend_from_slice(&micros(visit.stay.arrived_at));
                to.extend_from_slice(&micros(visit.stay.leaves_at));
                // No area has this number: ids have 50 bits.
                let area = visit.stay.area_id.map_or(u64::MAX, AreaId::bits);
                to.extend_from_slice(&area.to_be_bytes());
                to.extend_from_slice(&[visit.stay.household, visit.stay.marks.bits()]);
                to.extend_from_slice(&visit.nonce.to_be_bytes());
                to.extend_from_slice(visit.guest);
            }
            Self::Left(visit_id, at) => {
                to.push(LEFT);
                to.extend_from_slice(visit_id.0.as_bytes());
                to.extend_from_slice(&micros(*at));
            }
            Self::Gone(visit_id) => {
                to.push(GONE);
                to.extend_from_slice(visit_id.0.as_bytes());
            }
            Self::Confirmed(visit_id) => {
                to.push(CONFIRMED);
                to.extend_from_slice(visit_id.0.as_bytes());
            }
        }
        let length = u16::try_from(to.len() - start - 2).unwrap_or(u16::MAX);
        to[start..start + 2].copy_from_slice(&length.to_be_bytes());
    }

    /// Returns the visit that it is about.
    pub(crate) fn visit_id(&self) -> VisitId {
        match self {
            Self::Visit(visit) => visit.stay.visit_id,
            Self::Left(visit_id, _) | Self::Gone(visit_id) | Self::Confirmed(visit_id) => *visit_id,
        }
    }
}

/// The records of one venue from one sender.
#[derive(Clone, Debug)]
pub(crate) struct Segment<'a> {
    pub(crate) venue: u64,
    pub(crate) sender: u64,
    pub(crate) key: Option<&'a SealedKey>,
    pub(crate) records: &'a [u8],
}

impl Segment<'_> {
    /// Appends it.
    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.venue.to_be_bytes());
        to.extend_from_slice(&self.sender.to_be_bytes());
        to.push(u8::from(self.key.is_some()));
        if let Some(key) = self.key {
            to.extend_from_slice(key);
        }
        let length = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        to.extend_from_slice(&length.to_be_bytes());
        to.extend_from_slice(self.records);
    }
}

/// Reads bytes from the front.
struct Reader<'a>(&'a [u8]);

fn unreadable() -> StorageError {
    StorageError::Unreadable("block of check-ins")
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n).ok_or_else(unreadable)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.take(N)?.try_into().map_err(|_| unreadable())
    }

    fn visit_id(&mut self) -> Result<VisitId> {
        Ok(VisitId(Uuid::from_bytes(self.array()?)))
    }

    fn instant(&mut self) -> Result<Timestamp> {
        Timestamp::from_microsecond(i64::from_be_bytes(self.array()?)).map_err(|_| unreadable())
    }
}

/// Reads the segments of a block.
///
/// # Errors
///
/// [`StorageError::Unreadable`] at the first that isn't whole.
pub(crate) fn segments(block: &[u8]) -> Result<Vec<Segment<'_>>> {
    let mut reader = Reader(block);
    let mut all = Vec::new();
    while !reader.0.is_empty() {
        let (venue, sender) = (u64::from_be_bytes(reader.array()?), u64::from_be_bytes(reader.array()?));
        let key = match reader.array::<1>()? {
            [0] => None,
            [1] => Some(<&SealedKey>::try_from(reader.take(SEALED_KEY)?).map_err(|_| unreadable())?),
            _ => return Err(unreadable()),
        };
        let length = u32::from_be_bytes(reader.array()?) as usize;
        all.push(Segment { venue, sender, key, records: reader.take(length)? });
    }
    Ok(all)
}

/// Reads the records of a segment.
///
/// # Errors
///
/// [`StorageError::Unreadable`] at the first that isn't whole.
pub(crate) fn records(bytes: &[u8]) -> Result<Vec<Record<'_>>> {
    let mut reader = Reader(bytes);
    let mut all = Vec::with_capacity(bytes.len() / (CLEAR + 32) + 1);
    while !reader.0.is_empty() {
        let length = u16::from_be_bytes(reader.array()?) as usize;
        all.push(record(Reader(reader.take(length)?))?);
    }
    Ok(all)
}

fn record(mut reader: Reader<'_>) -> Result<Record<'_>> {
    let [kind] = reader.array()?;
    let visit_id = reader.visit_id()?;
    Ok(match kind {
        VISIT => {
            let receipt = reader.array()?;
            let (arrived_at, leaves_at) = (reader.instant()?, reader.instant()?);
            let area = u64::from_be_bytes(reader.array()?);
            let area_id = (area != u64::MAX).then(|| AreaId::of_bits(area));
            let [household, marks] = reader.array()?;
            let nonce = u32::from_be_bytes(reader.array()?);
            let marks = Marks::of_bits(marks);
            let stay = Stay { visit_id, arrived_at, leaves_at, area_id, household, marks };
            Record::Visit(Sealed { stay, receipt, nonce, guest: reader.0 })
        }
        LEFT => Record::Left(visit_id, reader.instant()?),
        GONE => Record::Gone(visit_id),
        CONFIRMED => Record::Confirmed(visit_id),
        _ => return Err(unreadable()),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn any_record() -> impl Strategy<Value = (u8, u128, i64, i64, u64, Vec<u8>)> {
        let time = -1_000_000_000_000_000i64..4_000_000_000_000_000;
        (0u8..4, any::<u128>(), time.clone(), time, any::<u64>(), proptest::collection::vec(any::<u8>(), 0..300))
    }

    fn made((kind, id, first, second, area, guest): &(u8, u128, i64, i64, u64, Vec<u8>)) -> Record<'_> {
        let at = |us: &i64| Timestamp::from_microsecond(*us).unwrap();
        let visit_id = VisitId(Uuid::from_u128(*id));
        match kind {
            0 => Record::Visit(Sealed {
                stay: Stay {
                    visit_id,
                    arrived_at: at(first),
                    leaves_at: at(second),
                    area_id: (area % 3 != 0).then(|| AreaId::of_bits(*area)),
                    household: (area % 21) as u8,
                    marks: Marks::of_bits((area % 16) as u8),
                },
                receipt: [(area % 251) as u8; 32],
                nonce: (area % 1_000_000) as u32,
                guest,
            }),
            1 => Record::Left(visit_id, at(first)),
            2 => Record::Gone(visit_id),
            _ => Record::Confirmed(visit_id),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(all in proptest::collection::vec(any_record(), 0..20), with_key: bool) {
            let expected: Vec<_> = all.iter().map(made).collect();
            let mut bytes = Vec::new();
            expected.iter().for_each(|record| record.write(&mut bytes));
            prop_assert_eq!(&records(&bytes).unwrap(), &expected);
            let key = [7; SEALED_KEY];
            let segment = Segment { venue: 5, sender: 9, key: with_key.then_some(&key), records: &bytes };
            let mut block = Vec::new();
            segment.write(&mut block);
            segment.write(&mut block);
            let read = segments(&block).unwrap();
            prop_assert_eq!(read.len(), 2);
            prop_assert_eq!((read[1].venue, read[1].sender, read[1].key.is_some()), (5, 9, with_key));
            prop_assert_eq!(read[1].records, &bytes[..]);
        }

        #[test]
        fn bytes_that_are_no_block_are_refused_and_break_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let read = segments(&bytes);
            let _ = read.is_ok_and(|all| all.iter().all(|one| records(one.records).is_ok()));
        }
    }
}
