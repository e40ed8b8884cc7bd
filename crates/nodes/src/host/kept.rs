//! What a node has lived through and not reported yet.
//!
//! Usually that is a second. While reports can't be sent it becomes more, and at some point [`Kept::unite`] makes less of it:
//! contacts are put together by peer and slot of five minutes, as they are stored anyway. Of the seconds only those stay that
//! tell what no other does: an infection, the death.

use bytes::Bytes;
use protocol::nodes::{
    LivedSecond, MAX_UNITED, PeerTag, Quarters, ReportRefusal, SLOT_S, Sender, United, UnitedContact, UnitedRefusal,
    pack,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Why something that was lived can't be told. It doesn't happen, and if it does, it is a defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Untellable {
    #[error("a report can't be written: {0}")]
    Report(#[from] ReportRefusal),
    #[error("united contacts can't be written: {0}")]
    United(#[from] UnitedRefusal),
}

/// What one node keeps.
#[derive(Debug)]
pub(super) struct Kept {
    sender: Sender,
    next_seq: u32,
    /// The earliest first.
    seconds: Vec<LivedSecond>,
    /// By slot and peer.
    united: BTreeMap<(u32, PeerTag), UnitedContact>,
    n_single: u64,
    n_united: u64,
}

impl Kept {
    pub fn new(node: Uuid, boot: u32) -> Self {
        let sender = Sender { node, boot };
        Self { sender, next_seq: 0, seconds: Vec::new(), united: BTreeMap::new(), n_single: 0, n_united: 0 }
    }

    pub fn live(&mut self, second: LivedSecond) {
        self.n_single += second.contacts.len() as u64;
        self.seconds.push(second);
    }

    pub fn is_empty(&self) -> bool {
        self.seconds.is_empty() && self.united.is_empty()
    }

    pub fn n_seconds(&self) -> u64 {
        self.seconds.len() as u64
    }

    /// Returns how many contacts it keeps, united or not.
    pub fn n_contacts(&self) -> u64 {
        self.n_united + self.n_single
    }

    /// Returns how many contacts it keeps one by one.
    pub fn n_single_contacts(&self) -> u64 {
        self.n_single
    }

    /// Unites all contacts, and forgets the seconds that tell nothing else.
    pub fn unite(&mut self) {
        for lived in &mut self.seconds {
            for (peer, distance) in std::mem::take(&mut lived.contacts) {
                note(&mut self.united, lived.second, peer, distance);
            }
        }
        self.seconds.retain(|lived| lived.infected_by.is_some() || !lived.state.alive);
        self.seconds.shrink_to_fit();
        self.n_united += std::mem::take(&mut self.n_single);
    }

    /// Makes frames of all that it keeps, in the order in which they are to be sent: numbers must grow, or the consumer takes
    /// the smaller for a repetition. Returns each with its contacts.
    pub fn take_frames(&mut self, mut give: impl FnMut(Bytes, u64)) -> Result<(), Untellable> {
        let Sender { node, boot } = self.sender;
        (self.n_single, self.n_united) = (0, 0);
        let mut by_slot: BTreeMap<u32, Vec<UnitedContact>> = BTreeMap::new();
        for ((slot, _), contact) in std::mem::take(&mut self.united) {
            by_slot.entry(slot).or_default().push(contact);
        }
        for (slot, contacts) in by_slot {
            for contacts in contacts.chunks(MAX_UNITED) {
                let n_contacts = contacts.iter().map(|contact| u64::from(contact.n_contacts)).sum();
                let united = United { node, boot, seq: self.next_seq, slot, contacts: contacts.to_vec() };
                give(united.write()?.into(), n_contacts);
                self.next_seq += 1;
            }
        }
        for report in pack(self.sender, self.next_seq, &std::mem::take(&mut self.seconds)) {
            give(report.write()?.into(), report.contacts.len() as u64);
            self.next_seq = report.seq + 1;
        }
        Ok(())
    }
}

fn note(united: &mut BTreeMap<(u32, PeerTag), UnitedContact>, second: u32, peer: PeerTag, distance: Quarters) {
    let (slot, within) = (second / SLOT_S, (second % SLOT_S) as u16);
    let first = UnitedContact { peer, first: within, last: within, n_contacts: 0, nearest: distance };
    let contact = united.entry((slot, peer)).or_insert(first);
    contact.first = contact.first.min(within);
    contact.last = contact.last.max(within);
    contact.n_contacts = contact.n_contacts.saturating_add(1);
    contact.nearest = contact.nearest.min(distance);
}
