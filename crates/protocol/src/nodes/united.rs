//! Contacts that a node united because the log was away too long.
//!
//! A node keeps every contact until it can report it. Beyond 1,000,000 it unites those with one peer in one slot of five
//! minutes: first, last, how many, and how near. That is what is stored of an encounter anyway, so nothing is lost but the
//! single seconds.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | 0xC0 |
//! | 16, 4, 1 to 5 | UUID of the node, boot, number of the report, as in a report and counted with those |
//! | 4 | number of the slot: its first second divided by 300 |
//! | 1 to 2 | number of peers, 1 to 4,000, of variable length |
//! | 13 each | tag of the peer 6; first and last second within the slot 2, 2; contacts 2; smallest distance in quarters 1 |

use super::bytes::{Rest, push_varint};
use super::{PeerTag, Quarters};
use uuid::Uuid;

/// Seconds of a slot.
pub const SLOT_S: u32 = 300;

/// The most peers in a frame; who has more sends several.
pub const MAX_UNITED: usize = 4_000;

const FIRST: u8 = 0xc0;
const PEER_BYTES: usize = 13;

/// All contacts with one peer in one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitedContact {
    /// Who was heard.
    pub peer: PeerTag,
    /// Second of the first contact, from the beginning of the slot: 0 to 299.
    pub first: u16,
    /// Second of the last contact: not before the first, at most 299.
    pub last: u16,
    /// How many: at least 1; 65,535 stands for as many and more.
    pub n_contacts: u16,
    /// The smallest distance.
    pub nearest: Quarters,
}

/// The contacts of a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct United {
    /// Which node.
    pub node: Uuid,
    /// Drawn when the node started.
    pub boot: u32,
    /// Number of the report since then.
    pub seq: u32,
    /// Number of the slot: at most that of the last second that 32 bits can name.
    pub slot: u32,
    /// With whom: at least one.
    pub contacts: Vec<UnitedContact>,
}

/// Why a frame of united contacts is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum UnitedRefusal {
    /// The first byte is another frame's.
    #[error("the first byte is not that of united contacts")]
    NotUnited,
    /// It ends too early, goes on too long, or a number of variable length isn't in its one form.
    #[error("the frame has another length than it says, or a number in it is malformed")]
    Length,
    /// None, or more than a frame can hold.
    #[error("a frame holds the contacts with 1 to {MAX_UNITED} peers")]
    Contacts,
    /// Seconds outside of the slot, or the last before the first, or a slot after the last second.
    #[error("contacts lie outside of their slot")]
    OutsideSlot,
    /// A peer that was heard no time.
    #[error("a peer was heard at least once")]
    NoContact,
}

impl United {
    /// Writes the frame.
    ///
    /// # Errors
    ///
    /// [`UnitedRefusal`] if it couldn't be read again.
    pub fn write(&self) -> Result<Vec<u8>, UnitedRefusal> {
        let n_contacts = u32::try_from(self.contacts.len()).map_err(|_| UnitedRefusal::Contacts)?;
        let mut bytes = Vec::with_capacity(32 + self.contacts.len() * PEER_BYTES);
        bytes.push(FIRST);
        bytes.extend(self.node.as_bytes());
        bytes.extend(self.boot.to_le_bytes());
        push_varint(&mut bytes, self.seq);
        bytes.extend(self.slot.to_le_bytes());
        push_varint(&mut bytes, n_contacts);
        for contact in &self.contacts {
            bytes.extend(contact.peer.0);
            bytes.extend(contact.first.to_le_bytes());
            bytes.extend(contact.last.to_le_bytes());
            bytes.extend(contact.n_contacts.to_le_bytes());
            bytes.push(contact.nearest.0);
        }
        Self::read(&bytes)?;
        Ok(bytes)
    }

    /// Reads a frame.
    ///
    /// # Errors
    ///
    /// [`UnitedRefusal`] if it isn't exactly in form.
    pub fn read(frame: &[u8]) -> Result<Self, UnitedRefusal> {
        use UnitedRefusal::{Contacts, Length, NoContact, NotUnited, OutsideSlot};
        let mut rest = Rest(frame);
        rest.u8().filter(|first| *first == FIRST).ok_or(NotUnited)?;
        let node = Uuid::from_bytes(rest.array().ok_or(Length)?);
        let boot = rest.u32().ok_or(Length)?;
        let seq = rest.varint().ok_or(Length)?;
        let slot = rest.u32().filter(|slot| *slot <= u32::MAX / SLOT_S).ok_or(OutsideSlot)?;
        let n_contacts = rest.varint().ok_or(Length)? as usize;
        if !(1..=MAX_UNITED).contains(&n_contacts) {
            return Err(Contacts);
        }
        if rest.0.len() != n_contacts * PEER_BYTES {
            return Err(Length);
        }
        let mut contacts = Vec::with_capacity(n_contacts);
        while !rest.0.is_empty() {
            let contact = contact(&mut rest).ok_or(Length)?;
            if contact.first > contact.last || u32::from(contact.last) >= SLOT_S {
                return Err(OutsideSlot);
            }
            if contact.n_contacts == 0 {
                return Err(NoContact);
            }
            contacts.push(contact);
        }
        Ok(Self { node, boot, seq, slot, contacts })
    }
}

fn contact(rest: &mut Rest<'_>) -> Option<UnitedContact> {
    Some(UnitedContact {
        peer: PeerTag(rest.array()?),
        first: rest.u16()?,
        last: rest.u16()?,
        n_contacts: rest.u16()?,
        nearest: Quarters(rest.u8()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn united() -> United {
        let contact =
            UnitedContact { peer: PeerTag([7; 6]), first: 1, last: 299, n_contacts: 0x0102, nearest: Quarters(8) };
        United { node: Uuid::from_u128(5), boot: 1, seq: 2, slot: 3, contacts: vec![contact] }
    }

    fn check_refused(change: impl FnOnce(&mut United), expected: UnitedRefusal) {
        let mut changed = united();
        change(&mut changed);
        assert_eq!(changed.write(), Err(expected));
    }

    #[test]
    fn united_contacts_have_these_bytes() {
        let bytes = united().write().unwrap();
        assert_eq!(bytes[16..], [5, 1, 0, 0, 0, 2, 3, 0, 0, 0, 1, 7, 7, 7, 7, 7, 7, 1, 0, 43, 1, 2, 1, 8]);
    }

    #[test]
    fn what_could_not_be_read_is_not_written() {
        check_refused(|u| u.contacts.clear(), UnitedRefusal::Contacts);
        check_refused(|u| u.contacts = vec![u.contacts[0]; MAX_UNITED + 1], UnitedRefusal::Contacts);
        check_refused(|u| u.contacts[0].last = 300, UnitedRefusal::OutsideSlot);
        check_refused(|u| u.contacts[0].last = 0, UnitedRefusal::OutsideSlot);
        check_refused(|u| u.slot = u32::MAX, UnitedRefusal::OutsideSlot);
        check_refused(|u| u.contacts[0].n_contacts = 0, UnitedRefusal::NoContact);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            node: u128, boot: u32, seq: u32, slot in 0..=u32::MAX / SLOT_S,
            peers in prop::collection::vec((any::<[u8; 6]>(), 0u16..300, 0u16..300, 1u16.., any::<u8>()), 1..50),
        ) {
            let contacts = peers.into_iter().map(|(peer, a, b, n_contacts, quarters)| UnitedContact {
                peer: PeerTag(peer), first: a.min(b), last: a.max(b), n_contacts, nearest: Quarters(quarters),
            });
            let united = United { node: Uuid::from_u128(node), boot, seq, slot, contacts: contacts.collect() };
            prop_assert_eq!(United::read(&united.write().unwrap()), Ok(united));
        }
    }
}
