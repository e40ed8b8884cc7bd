//! The bytes of a segment: a header, then records one after another. All numbers are little-endian.
//!
//! | header | what |
//! | --- | --- |
//! | 0 to 7 | `epitlog` and a line feed |
//! | 8 to 11 | version of the format: 1 |
//! | 12 to 27 | UUID of the log |
//! | 28 to 35 | offset of the first record; the file is named by it |
//! | 36 to 43, 44 to 51 | first offset and end of the segment before; of the very first one, its own first offset twice |
//! | 52 to 55 | CRC32C of all that |
//!
//! | record | what |
//! | --- | --- |
//! | 0 to 3 | length of what follows after byte 7 |
//! | 4 to 7 | CRC32C of what follows, begun with that of the log's UUID XOR the length |
//! | 8 to 15 | offset |
//! | 16 to 23 | time, milliseconds since 1970 |
//! | 24 to 27 | how many records before it were synced with it: its place in its batch |
//! | 28 to 29 | length of the key; 0xFFFF if there is none |
//! | 30 | number of headers |
//! | then | each header: length of the name 1, name, length of the value 2, value; then key; then value |
//!
//! The UUID is in every checksum, so that no record of another log, and nothing that a stranger wrote into a value, passes
//! for a record. The place in the batch tells a batch that was torn by a loss of power from one that was damaged later.

use crate::record::{Fetched, Header, MAX_HEADERS, MAX_KEY_BYTES, MAX_VALUE_BYTES, RUN_HEADER, Record};
use bytes::Bytes;
use jiff::Timestamp;
use std::borrow::Cow;
use uuid::Uuid;

/// Bytes of the header of a segment.
pub(super) const HEADER_BYTES: usize = 56;

/// Bytes of a record before its headers.
pub(super) const RECORD_BYTES: usize = 31;

/// Bytes of a record that its length doesn't count.
const FRAME_BYTES: usize = 8;

/// The longest that a record can be.
const MOST_BYTES: usize = RECORD_BYTES + MAX_HEADERS * (1 + 255 + 2 + MAX_KEY_BYTES) + MAX_KEY_BYTES + MAX_VALUE_BYTES;

const MAGIC: [u8; 8] = *b"epitlog\n";
const VERSION: u32 = 1;
const NO_KEY: u16 = u16::MAX;

/// What stands at the beginning of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// Which log.
    pub log: Uuid,
    /// Offset of its first record.
    pub first: u64,
    /// First offset of the segment before; its own where there was none.
    pub before_first: u64,
    /// End of the segment before: less than `first` where the log went on later than it ended.
    pub before_end: u64,
}

impl SegmentHeader {
    /// Writes it.
    pub fn write(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..28].copy_from_slice(self.log.as_bytes());
        bytes[28..36].copy_from_slice(&self.first.to_le_bytes());
        bytes[36..44].copy_from_slice(&self.before_first.to_le_bytes());
        bytes[44..52].copy_from_slice(&self.before_end.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..52]);
        bytes[52..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Reads it, or says what is wrong.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let header = bytes.first_chunk::<HEADER_BYTES>().ok_or("it is shorter than its header")?;
        if header[..8] != MAGIC {
            return Err("it doesn't begin like one");
        }
        if u32_at(header, 8) != Some(VERSION) {
            return Err("another version wrote it");
        }
        if u32_at(header, 52) != Some(crc32c::crc32c(&header[..52])) {
            return Err("the checksum of its header is wrong");
        }
        let field = |at| u64_at(header, at).ok_or("it is shorter than its header");
        let log = header[12..28].try_into().map(Uuid::from_bytes).map_err(|_| "it is shorter than its header")?;
        Ok(Self { log, first: field(28)?, before_first: field(36)?, before_end: field(44)? })
    }
}

/// Writes and reads the records of one log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Format {
    /// Checksum of the log's UUID, with which that of each record goes on.
    seed: u32,
}

/// What stands at a place of a segment.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// A record as it was written.
    Record {
        /// Its bytes, all in all.
        n_bytes: usize,
        /// Its offset.
        offset: u64,
        /// Its place in its batch.
        in_batch: u32,
    },
    /// It may be a record, but the bytes end before: it needs so many.
    Short(usize),
    /// No record.
    Bad(&'static str),
}

impl Format {
    /// The records of a log.
    pub fn of(log: Uuid) -> Self {
        Self { seed: crc32c::crc32c(log.as_bytes()) }
    }

    /// Returns how many bytes a record takes.
    pub fn n_bytes(record: &Record) -> usize {
        let headers: usize = record.headers.iter().map(|header| 3 + header.name.len() + header.value.len()).sum();
        RECORD_BYTES + headers + record.key.as_ref().map_or(0, Bytes::len) + record.value.len()
    }

    /// Appends a record; it must have been checked.
    pub fn write(self, bytes: &mut Vec<u8>, record: &Record, offset: u64, in_batch: u32) {
        let n_bytes = Self::n_bytes(record);
        let from = bytes.len();
        bytes.reserve(n_bytes);
        let mut fixed = [0; RECORD_BYTES];
        fixed[..4].copy_from_slice(&((n_bytes - FRAME_BYTES) as u32).to_le_bytes());
        fixed[8..16].copy_from_slice(&offset.to_le_bytes());
        fixed[16..24].copy_from_slice(&record.at.as_millisecond().to_le_bytes());
        fixed[24..28].copy_from_slice(&in_batch.to_le_bytes());
        let key_bytes = record.key.as_ref().map_or(NO_KEY, |key| key.len() as u16);
        fixed[28..30].copy_from_slice(&key_bytes.to_le_bytes());
        fixed[30] = record.headers.len() as u8;
        bytes.extend_from_slice(&fixed);
        for header in &record.headers {
            bytes.push(header.name.len() as u8);
            bytes.extend_from_slice(header.name.as_bytes());
            bytes.extend_from_slice(&(header.value.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&header.value);
        }
        bytes.extend_from_slice(record.key.as_deref().unwrap_or_default());
        bytes.extend_from_slice(&record.value);
        let crc = self.crc((n_bytes - FRAME_BYTES) as u32, &bytes[from + FRAME_BYTES..]);
        bytes[from + 4..from + FRAME_BYTES].copy_from_slice(&crc.to_le_bytes());
    }

    /// Looks at what begins here.
    pub fn find(self, bytes: &[u8]) -> Found {
        let Some(length) = u32_at(bytes, 0) else { return Found::Short(RECORD_BYTES) };
        let n_bytes = length as usize + FRAME_BYTES;
        if !(RECORD_BYTES..=MOST_BYTES).contains(&n_bytes) {
            return Found::Bad("its length can't be");
        }
        let Some(record) = bytes.get(..n_bytes) else { return Found::Short(n_bytes) };
        let (Some(crc), Some(offset), Some(in_batch)) = (u32_at(record, 4), u64_at(record, 8), u32_at(record, 24))
        else {
            return Found::Bad("its length can't be");
        };
        if crc != self.crc(length, &record[FRAME_BYTES..]) {
            return Found::Bad("its checksum is wrong");
        }
        Found::Record { n_bytes, offset, in_batch }
    }

    /// Opens a record that [`Format::find`] found; `None` if its checksum is right and its fields are not.
    pub fn open(bytes: &Bytes) -> Option<Fetched> {
        let offset = u64_at(bytes, 8)?;
        let at = Timestamp::from_millisecond(u64_at(bytes, 16)?.cast_signed()).ok()?;
        let key_bytes = bytes.get(28..30)?.try_into().map(u16::from_le_bytes).ok()?;
        let n_headers = *bytes.get(30)?;
        let mut rest = bytes.slice(RECORD_BYTES..);
        let mut headers = Vec::with_capacity(usize::from(n_headers).min(MAX_HEADERS));
        for _ in 0..n_headers {
            let name_bytes = usize::from(take(&mut rest, 1)?[0]);
            let name = take(&mut rest, name_bytes)?;
            let value_bytes = take(&mut rest, 2)?[..].try_into().map(u16::from_le_bytes).ok()?;
            let value = take(&mut rest, usize::from(value_bytes))?;
            let name = if name == RUN_HEADER.as_bytes() {
                Cow::Borrowed(RUN_HEADER)
            } else {
                Cow::Owned(String::from_utf8(name.to_vec()).ok()?)
            };
            headers.push(Header { name, value });
        }
        let key = if key_bytes == NO_KEY { None } else { Some(take(&mut rest, usize::from(key_bytes))?) };
        Some(Fetched { offset, record: Record { key, headers, value: rest, at } })
    }

    fn crc(self, length: u32, body: &[u8]) -> u32 {
        crc32c::crc32c_append(self.seed ^ length, body)
    }
}

/// Returns the time of a record that was found, in milliseconds since 1970.
pub(super) fn time_ms(record: &[u8]) -> Option<i64> {
    u64_at(record, 16).map(u64::cast_signed)
}

fn take(rest: &mut Bytes, n: usize) -> Option<Bytes> {
    (n <= rest.len()).then(|| rest.split_to(n))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().map(u32::from_le_bytes).ok()
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().map(u64::from_le_bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn format() -> Format {
        Format::of(Uuid::from_u128(1))
    }

    fn blob(most: usize) -> impl Strategy<Value = Bytes> {
        prop::collection::vec(any::<u8>(), 0..=most).prop_map(Bytes::from)
    }

    fn records() -> impl Strategy<Value = Record> {
        let header = ("[a-z]{1,9}", blob(30)).prop_map(|(name, value)| Header { name: Cow::Owned(name), value });
        let headers = prop::collection::vec(header, 0..4);
        (prop::option::of(blob(20)), headers, blob(200), any::<u32>()).prop_map(|(key, headers, value, at)| Record {
            key,
            headers,
            value,
            at: Timestamp::from_millisecond(i64::from(at)).unwrap(),
        })
    }

    fn written(record: &Record) -> Bytes {
        let mut bytes = Vec::new();
        format().write(&mut bytes, record, 41, 3);
        Bytes::from(bytes)
    }

    proptest! {
        #[test]
        fn a_record_comes_back(record in records()) {
            let bytes = written(&record);
            prop_assert_eq!(bytes.len(), Format::n_bytes(&record));
            let is_whole = matches!(
                format().find(&bytes),
                Found::Record { n_bytes, offset: 41, in_batch: 3 } if n_bytes == bytes.len()
            );
            prop_assert!(is_whole);
            prop_assert_eq!(Format::open(&bytes), Some(Fetched { offset: 41, record }));
        }

        #[test]
        fn a_record_with_one_bit_changed_is_none(record in records(), at: prop::sample::Index, bit in 0..8) {
            let mut bytes = written(&record).to_vec();
            let at = at.index(bytes.len());
            bytes[at] ^= 1u8 << bit;
            let is_record = matches!(format().find(&bytes), Found::Record { .. });
            prop_assert!(!is_record);
        }

        #[test]
        fn opening_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Format::open(&Bytes::from(bytes.clone()));
            let _ = format().find(&bytes);
        }
    }

    #[test]
    fn a_record_of_another_log_is_none() {
        let record =
            Record { key: None, headers: Vec::new(), value: Bytes::from_static(b"x"), at: Timestamp::UNIX_EPOCH };
        assert!(matches!(Format::of(Uuid::from_u128(2)).find(&written(&record)), Found::Bad(_)));
    }

    #[test]
    fn a_header_of_a_segment_comes_back_and_says_what_is_wrong() {
        let header = SegmentHeader { log: Uuid::from_u128(5), first: 7, before_first: 1, before_end: 6 };
        let bytes = header.write();
        assert_eq!(SegmentHeader::read(&bytes), Ok(header));
        assert_eq!(SegmentHeader::read(&bytes[..55]), Err("it is shorter than its header"));
        let changed = |at: usize| {
            let mut bytes = bytes;
            bytes[at] ^= 1;
            SegmentHeader::read(&bytes).unwrap_err()
        };
        assert_eq!(changed(0), "it doesn't begin like one");
        assert_eq!(changed(8), "another version wrote it");
        assert_eq!(changed(30), "the checksum of its header is wrong");
    }
}
