//! What the records of a venue and day come to: each visit once, with the end and the marks that count, without the deleted.

use super::record::{Record, Sealed, Segment, records};
use crate::error::Result;
use crate::sealing::SealedKey;
use domain::check_ins::{Marks, Stay};
use domain::ids::VisitId;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The visits of a venue and day.
#[derive(Debug, Default)]
pub(crate) struct Settled<'a> {
    /// The data keys of those who sealed them.
    pub(crate) keys: BTreeMap<u64, &'a SealedKey>,
    /// The visits in order of arrival, with who sealed each.
    pub(crate) visits: Vec<(u64, Sealed<'a>)>,
}

/// Works out what some segments of one venue and day come to, oldest first. Of a visit that is there twice, the first counts.
pub(crate) fn settle<'a>(segments: &[Segment<'a>]) -> Result<Settled<'a>> {
    let mut settled = Settled::default();
    let mut places: HashMap<VisitId, usize> = HashMap::new();
    let mut gone: HashSet<VisitId> = HashSet::new();
    let mut left: HashMap<VisitId, Timestamp> = HashMap::new();
    let mut confirmed: HashSet<VisitId> = HashSet::new();
    for segment in segments {
        if let Some(key) = segment.key {
            settled.keys.insert(segment.sender, key);
        }
        for record in records(segment.records)? {
            match record {
                Record::Visit(visit) => {
                    places.entry(visit.stay.visit_id).or_insert_with(|| {
                        settled.visits.push((segment.sender, visit));
                        settled.visits.len() - 1
                    });
                }
                Record::Left(visit_id, at) => _ = left.insert(visit_id, at),
                Record::Gone(visit_id) => _ = gone.insert(visit_id),
                Record::Confirmed(visit_id) => _ = confirmed.insert(visit_id),
            }
        }
    }
    for (visit_id, at) in left {
        if let Some(stay) = stay_of(&mut settled, &places, visit_id) {
            // Whoever leaves before they came was there for a moment: an empty stay would be on no list.
            let moment = stay.arrived_at.saturating_add(jiff::SignedDuration::from_secs(1)).unwrap_or(at);
            stay.leaves_at = at.max(moment);
            stay.marks = stay.marks.and(Marks::CHECKED_OUT);
        }
    }
    for visit_id in confirmed {
        if let Some(stay) = stay_of(&mut settled, &places, visit_id) {
            stay.marks = stay.marks.without(Marks::UNCONFIRMED);
        }
    }
    settled.visits.retain(|(_, visit)| !gone.contains(&visit.stay.visit_id));
    settled.visits.sort_by_key(|(_, visit)| (visit.stay.arrived_at, visit.stay.visit_id));
    Ok(settled)
}

fn stay_of<'s>(
    settled: &'s mut Settled<'_>,
    places: &HashMap<VisitId, usize>,
    visit_id: VisitId,
) -> Option<&'s mut Stay> {
    places.get(&visit_id).and_then(|at| settled.visits.get_mut(*at)).map(|(_, visit)| &mut visit.stay)
}

/// Returns the segments of a venue as one value, each sender once: how a closed day keeps them.
pub(crate) fn packed(venue: u64, settled: &Settled<'_>) -> Vec<u8> {
    let mut by_sender: BTreeMap<u64, Vec<u8>> = BTreeMap::new();
    for (sender, visit) in &settled.visits {
        Record::Visit(visit.clone()).write(by_sender.entry(*sender).or_default());
    }
    let mut packed = Vec::new();
    for (sender, records) in &by_sender {
        Segment { venue, sender: *sender, key: settled.keys.get(sender).copied(), records }.write(&mut packed);
    }
    packed
}

/// Writes over a visit where it lies, in the same bytes: nothing of the guest is left, and nothing else moves. Says whether it
/// was there.
pub(crate) fn blot_out(segments: &mut [u8], visit_id: VisitId) -> Result<bool> {
    let start = segments.as_ptr() as usize;
    let mut places = Vec::new();
    for segment in super::record::segments(segments)? {
        for record in records(segment.records)? {
            if let Record::Visit(visit) = record
                && visit.stay.visit_id == visit_id
            {
                let clear = super::record::CLEAR;
                let guest = visit.guest.as_ptr() as usize - start;
                places.push((guest - clear - 1, guest + visit.guest.len()));
            }
        }
    }
    for (from, until) in &places {
        segments[*from..*until].fill(0);
        segments[*from] = super::record::GONE;
        segments[*from + 1..*from + 17].copy_from_slice(visit_id.0.as_bytes());
    }
    Ok(!places.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::check_ins::record::segments;
    use crate::sealing::SEALED_KEY;
    use uuid::Uuid;

    fn visit(number: u128, arrived: i64, guest: &[u8]) -> Record<'_> {
        let at = |s| Timestamp::from_second(s).unwrap();
        let stay = Stay {
            visit_id: VisitId(Uuid::from_u128(number)),
            arrived_at: at(arrived),
            leaves_at: at(arrived + 3600),
            area_id: None,
            household: 0,
            marks: Marks::UNCONFIRMED,
        };
        Record::Visit(Sealed { stay, receipt: [3; 32], nonce: 1, guest })
    }

    fn id(number: u128) -> VisitId {
        VisitId(Uuid::from_u128(number))
    }

    fn block(sender: u64, all: &[Record<'_>]) -> Vec<u8> {
        let mut bytes = Vec::new();
        all.iter().for_each(|record| record.write(&mut bytes));
        let mut block = Vec::new();
        Segment { venue: 1, sender, key: Some(&[sender as u8; SEALED_KEY]), records: &bytes }.write(&mut block);
        block
    }

    fn outline(settled: &Settled<'_>) -> Vec<(u128, i64, bool)> {
        let line = |(_, visit): &(u64, Sealed<'_>)| {
            let stay = visit.stay;
            (stay.visit_id.0.as_u128(), stay.leaves_at.as_second(), stay.marks.has(Marks::UNCONFIRMED))
        };
        settled.visits.iter().map(line).collect()
    }

    #[test]
    fn a_visit_counts_once_with_its_last_end_and_not_when_it_was_deleted() {
        let at = |s| Timestamp::from_second(s).unwrap();
        let first = block(7, &[visit(1, 100, b"a"), visit(2, 50, b"b"), Record::Left(id(1), at(200))]);
        let changes = [Record::Gone(id(2)), Record::Left(id(1), at(300)), Record::Confirmed(id(1))];
        let second = block(8, &[&[visit(1, 100, b"other"), visit(3, 60, b"c")], &changes[..]].concat());
        let blocks = [first, second].concat();
        let settled = settle(&segments(&blocks).unwrap()).unwrap();
        assert_eq!(outline(&settled), [(3, 3660, true), (1, 300, false)]);
        assert_eq!(settled.visits[1].1.guest, b"a", "the first counts");
        let packed = packed(1, &settled);
        let again = settle(&segments(&packed).unwrap()).unwrap();
        assert_eq!(outline(&again), outline(&settled), "packing changes nothing of it");
        assert_eq!(again.keys.len(), 2);
    }

    #[test]
    fn whoever_leaves_before_they_came_was_there_for_a_moment() {
        let block = block(7, &[visit(1, 100, b"a"), Record::Left(id(1), Timestamp::from_second(40).unwrap())]);
        assert_eq!(outline(&settle(&segments(&block).unwrap()).unwrap()), [(1, 101, true)]);
    }

    #[test]
    fn a_visit_that_is_blotted_out_leaves_no_byte_and_moves_none() {
        let mut blocks = [block(7, &[visit(1, 100, b"CANARY"), visit(2, 50, b"stays")]), block(8, &[])].concat();
        let n_bytes = blocks.len();
        assert!(blot_out(&mut blocks, id(1)).unwrap());
        assert_eq!(blocks.len(), n_bytes);
        assert!(!blocks.windows(6).any(|window| window == b"CANARY"));
        assert_eq!(outline(&settle(&segments(&blocks).unwrap()).unwrap()), [(2, 3650, true)]);
        assert!(!blot_out(&mut blocks, id(1)).unwrap());
    }
}
