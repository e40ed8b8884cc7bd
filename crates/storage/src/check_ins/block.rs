//! A block: what one commit brings for one day, put in order by authority and venue.

use super::known::Known;
use super::record::{Record, Segment};
use crate::error::Result;
use crate::sealing::SealedKey;
use domain::ids::AuthorityId;
use jiff::civil::Date;

/// Where in a body the records of a venue are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) authority: i32,
    pub(crate) venue: u64,
    pub(crate) at: u32,
    pub(crate) length: u32,
}

const HEAD_BYTES: usize = 20;

impl Head {
    fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&self.authority.to_be_bytes());
        to.extend_from_slice(&self.venue.to_be_bytes());
        to.extend_from_slice(&self.at.to_be_bytes());
        to.extend_from_slice(&self.length.to_be_bytes());
    }

    /// Returns its part of the body; nothing where the body is too short.
    pub(crate) fn part(self, body: &[u8]) -> &[u8] {
        let (at, length) = (self.at as usize, self.length as usize);
        body.get(at..at.saturating_add(length)).unwrap_or_default()
    }
}

/// Reads the heads of a block.
pub(crate) fn heads(bytes: &[u8]) -> impl Iterator<Item = Head> {
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    bytes.chunks_exact(HEAD_BYTES).map(move |head| Head {
        authority: number(&head[..4]) as u32 as i32,
        venue: number(&head[4..12]),
        at: number(&head[12..16]) as u32,
        length: number(&head[16..]) as u32,
    })
}

/// What one commit brings for a day: of one authority on PostgreSQL, of all with SQLite.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) day: Date,
    /// Whose it is, if it is one authority's.
    pub(crate) authority_id: AuthorityId,
    pub(crate) heads: Vec<u8>,
    pub(crate) ids: Vec<u8>,
    pub(crate) body: Vec<u8>,
}

impl Block {
    pub(crate) fn new(day: Date, authority_id: AuthorityId) -> Self {
        Self { day, authority_id, heads: Vec::new(), ids: Vec::new(), body: Vec::new() }
    }

    /// Appends the records of a venue.
    pub(crate) fn push(
        &mut self,
        authority: AuthorityId,
        venue: u64,
        sealed_by: (u64, Option<&SealedKey>),
        records: &[u8],
    ) {
        let at = self.body.len();
        Segment { venue, sender: sealed_by.0, key: sealed_by.1, records }.write(&mut self.body);
        // A commit is a few megabytes at most.
        let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let length = number(self.body.len() - at);
        Head { authority: authority.0, venue, at: number(at), length }.write(&mut self.heads);
    }

    /// Appends what a head of another block stands for.
    pub(crate) fn keep(&mut self, head: Head, part: &[u8]) {
        // It was there with its offset before; it is no longer than it was.
        let at = u32::try_from(self.body.len()).unwrap_or(u32::MAX);
        Head { at, ..head }.write(&mut self.heads);
        self.body.extend_from_slice(part);
    }

    /// Notes a visit of it, so that a retry is known after a start.
    pub(crate) fn note(&mut self, record: &Record<'_>, known: Known) {
        known.write(record.visit_id(), &mut self.ids);
    }
}

/// A block as it is read: of one venue, oldest first.
pub(crate) type Parts = Vec<Vec<u8>>;

/// Reads the segments of all parts.
pub(crate) fn segments_of(parts: &Parts) -> Result<Vec<Segment<'_>>> {
    let mut all = Vec::new();
    for part in parts {
        all.extend(super::record::segments(part)?);
    }
    Ok(all)
}
