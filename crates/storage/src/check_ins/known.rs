//! Which visits of the open days are there already: so that a retry is the same visit, and its receipt can be checked.
//!
//! Kept in memory, 32 bytes a visit, and read anew from the ids beside the blocks when a server starts. In many small maps, so
//! that none makes others wait while it grows.

use crate::check_ins::record::Receipt;
use domain::check_ins::Marks;
use domain::ids::VisitId;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

/// Bytes of a visit beside its block.
pub(crate) const ID_BYTES: usize = 8 + 8 + 4 + 1;
/// Stands for marks where a visit was deleted.
const GONE: u8 = u8::MAX;
const SHARDS: usize = 256;

/// What is known of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    /// First bytes of the receipt.
    tag: u64,
    /// First bytes of what was checked in, under the receipt's secret.
    print: u32,
    marks: u8,
}

/// What a check-in is to the visits that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// Never seen.
    New,
    /// The same again: it had these marks.
    Again(Marks),
    /// Other values under the same id.
    Other,
    /// It was deleted.
    Gone,
}

/// Ids come from strangers, who could choose them so that they meet in one place: a hash with a key, of std.
type Shard = HashMap<u64, Known>;

/// The visits of one day.
#[derive(Debug)]
pub(crate) struct KnownVisits {
    shards: Vec<Shard>,
    /// Says which shard an id is in.
    keyed: RandomState,
}

impl Default for KnownVisits {
    fn default() -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), keyed: RandomState::new() }
    }
}

/// Returns 64 bits of an id: both halves, so that whoever makes ids in another way loses nothing.
fn folded(visit_id: VisitId) -> u64 {
    let (high, low) = visit_id.0.as_u64_pair();
    high.rotate_left(32) ^ low
}

fn tag_of(receipt: &Receipt) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *receipt;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

impl Known {
    /// What is to be known of a new visit.
    pub(crate) fn of(receipt: &Receipt, print: u32, marks: Marks) -> Self {
        Self { tag: tag_of(receipt), print, marks: marks.bits() }
    }

    /// What is known of one that was deleted.
    pub(crate) fn gone() -> Self {
        Self { tag: 0, print: 0, marks: GONE }
    }

    /// Appends it, as it lies beside a block.
    pub(crate) fn write(&self, visit_id: VisitId, to: &mut Vec<u8>) {
        to.extend_from_slice(&folded(visit_id).to_be_bytes());
        to.extend_from_slice(&self.tag.to_be_bytes());
        to.extend_from_slice(&self.print.to_be_bytes());
        to.push(self.marks);
    }
}

impl KnownVisits {
    fn shard(&mut self, key: u64) -> &mut Shard {
        let at = (self.keyed.hash_one(key) >> 56) as usize;
        &mut self.shards[at]
    }

    /// Says what a check-in is to those that are known.
    pub(crate) fn see(&mut self, visit_id: VisitId, receipt: &Receipt, print: u32) -> Seen {
        let key = folded(visit_id);
        match self.shard(key).get(&key) {
            None => Seen::New,
            Some(known) if known.marks == GONE => Seen::Gone,
            Some(known) if known.print == print && known.tag == tag_of(receipt) => {
                Seen::Again(Marks::of_bits(known.marks))
            }
            Some(_) => Seen::Other,
        }
    }

    /// Says whether a receipt is that of a visit; `None` where the visit isn't known here.
    pub(crate) fn is_receipt(&mut self, visit_id: VisitId, receipt: &Receipt) -> Option<bool> {
        let key = folded(visit_id);
        let known = self.shard(key).get(&key)?;
        // A deleted one says yes to whoever asks again: nothing of it is left to protect.
        Some(known.marks == GONE || known.tag == tag_of(receipt))
    }

    /// Notes a visit, or that it is gone. Returns what was known before.
    pub(crate) fn note(&mut self, visit_id: VisitId, known: Known) -> Option<Known> {
        let key = folded(visit_id);
        self.shard(key).insert(key, known)
    }

    /// Takes a note back.
    pub(crate) fn take_back(&mut self, visit_id: VisitId, before: Option<Known>) {
        let key = folded(visit_id);
        match before {
            Some(known) => self.shard(key).insert(key, known),
            None => self.shard(key).remove(&key),
        };
    }

    /// Reads what lies beside a block. Of two of one id the first counts, unless it was deleted.
    pub(crate) fn read(&mut self, ids: &[u8]) {
        for entry in ids.chunks_exact(ID_BYTES) {
            let number =
                |from: usize| entry[from..from + 8].iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
            let print = entry[16..20].iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
            let known = Known { tag: number(8), print, marks: entry[20] };
            let shard = self.shard(number(0));
            if known.marks == GONE {
                shard.insert(number(0), known);
            } else {
                shard.entry(number(0)).or_insert(known);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn visit(number: u128) -> VisitId {
        VisitId(Uuid::from_u128(number * 0x1_0000_0001_0000_0001))
    }

    #[test]
    fn a_retry_is_the_same_visit_and_other_values_are_not() {
        let mut known = KnownVisits::default();
        let (receipt, other) = ([1; 32], [2; 32]);
        assert_eq!(known.see(visit(1), &receipt, 5), Seen::New);
        assert_eq!(known.is_receipt(visit(1), &receipt), None);
        known.note(visit(1), Known::of(&receipt, 5, Marks::LATE));
        assert_eq!(known.see(visit(1), &receipt, 5), Seen::Again(Marks::LATE));
        assert_eq!(known.see(visit(1), &receipt, 6), Seen::Other);
        assert_eq!(known.see(visit(1), &other, 5), Seen::Other);
        assert_eq!(known.see(visit(2), &receipt, 5), Seen::New);
        assert_eq!(known.is_receipt(visit(1), &other), Some(false));
        let before = known.note(visit(1), Known::gone());
        assert_eq!(known.see(visit(1), &receipt, 5), Seen::Gone);
        known.take_back(visit(1), before);
        assert_eq!(known.see(visit(1), &receipt, 5), Seen::Again(Marks::LATE));
    }

    #[test]
    fn ids_that_somebody_chose_alike_are_spread() {
        let mut known = KnownVisits::default();
        for number in 0..200_000u128 {
            known.note(visit(number << 40), Known::of(&[1; 32], 5, Marks::NONE));
        }
        let most = known.shards.iter().map(HashMap::len).max().unwrap();
        assert!(most < 200_000 / SHARDS * 2, "spread over the shards: {most} in one");
        assert_eq!(known.see(visit(7 << 40), &[1; 32], 5), Seen::Again(Marks::NONE));
    }

    #[test]
    fn what_lies_beside_the_blocks_is_known_after_a_start() {
        let mut ids = Vec::new();
        Known::of(&[1; 32], 5, Marks::NONE).write(visit(1), &mut ids);
        Known::of(&[9; 32], 6, Marks::LATE).write(visit(1), &mut ids);
        Known::of(&[3; 32], 7, Marks::LATE).write(visit(2), &mut ids);
        Known::gone().write(visit(2), &mut ids);
        let mut known = KnownVisits::default();
        known.read(&ids);
        assert_eq!(known.see(visit(1), &[1; 32], 5), Seen::Again(Marks::NONE), "the first counts");
        assert_eq!(known.see(visit(2), &[3; 32], 7), Seen::Gone);
    }
}
