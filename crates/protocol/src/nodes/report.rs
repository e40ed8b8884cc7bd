//! A report: what one node was and heard in some seconds, readable alone, whatever was lost before it.
//!
//! | bytes | what |
//! | --- | --- |
//! | 1 | 0xB0, and 1 infected, 2 immune, 4 alive, 8 who infected it follows |
//! | 16 | UUID of the node |
//! | 4 | boot: drawn when the node started, so that a node that starts again is known from one that repeats itself |
//! | 1 to 5 | number of the report, from 0 at each start, of variable length |
//! | 4 | the last second that it covers |
//! | 1 to 2 | how many seconds it covers, 1 to 256, of variable length |
//! | 2, 2 | x, y in the last second |
//! | 1 each | one step for each second but the first, the last one first: dx in the lower half, dy in the upper, each −8 to 7 |
//! | 6 or 0 | tag of who infected it at the end of the last second |
//! | 1 to 2 | number of contacts, 0 to 8,000, of variable length |
//! | 8 each | contacts: tag of the peer 6, seconds before the last one 1, distance in quarter steps 1 |
//!
//! The position is that of the last second and the steps lead back from it: who asks only where a node is now reads 40
//! bytes and no step. All seconds of a report have one health, that of its first byte: a node that is infected, or gets
//! well, begins a new report ([`super::pack`]). So who reads it knows each second exactly, and "infected by" needs no
//! second of its own: it was at the end of the last one, and the next second is that of an infected node. A node that is
//! not alive was so in the last second only, in which it moved no more and heard nobody.

use super::bytes::{Rest, push_varint};
use super::step::{Quarters, Step};
use super::{PeerTag, bits_of, flags, state_of};
use domain::runs::{Health, NodeState, Position};
use uuid::Uuid;

/// The most seconds that a report covers.
pub const MAX_SECONDS: usize = 256;

/// The most contacts in a report; who has more sends several.
pub const MAX_CONTACTS: usize = 8_000;

/// The longest report: every field at its longest.
pub const MAX_REPORT_BYTES: usize =
    1 + 16 + 4 + 5 + 4 + 2 + 4 + (MAX_SECONDS - 1) + 6 + 2 + MAX_CONTACTS * CONTACT_BYTES;

const CONTACT_BYTES: usize = 8;
const FIRST: u8 = 0xb0;

/// A beacon that was heard within the radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who was heard.
    pub peer: PeerTag,
    /// Seconds before the last one that the report covers: less than it covers.
    pub seconds_back: u8,
    /// How far away it was.
    pub distance: Quarters,
}

/// A report, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Which node.
    pub node: Uuid,
    /// Drawn when the node started.
    pub boot: u32,
    /// Number of the report since then.
    pub seq: u32,
    /// The last second that it covers.
    pub second: u32,
    /// Position in the last second; health in all of them; whether the node lived in the last one.
    pub state: NodeState,
    /// Who infected it at the end of the last second.
    pub infected_by: Option<PeerTag>,
    /// How it came to the position, the last step first: one for each second but the first.
    pub steps: Vec<Step>,
    /// Whom it heard, in any order; the same peer may stand several times.
    pub contacts: Vec<Contact>,
}

/// Why a report is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ReportRefusal {
    /// Longer than the longest report.
    #[error("a report is longer than {MAX_REPORT_BYTES} bytes")]
    TooLong,
    /// The first byte is another frame's, or says infected and immune at once.
    #[error("the first byte is not that of a report")]
    NotAReport,
    /// It ends before its last field, or a number of variable length isn't in its one form.
    #[error("a report ends too early, or a number in it is malformed")]
    Cut,
    /// It covers no second, more than 256, or some before the run began.
    #[error("a report covers 1 to {MAX_SECONDS} seconds from second 0 on")]
    Seconds,
    /// The steps lead off every field.
    #[error("the steps of a report lead off the field")]
    OffField,
    /// Only the living and susceptible are infected, and only they say by whom.
    #[error("a report says who infected a node that could not be infected")]
    NotInfectable,
    /// More contacts than a report can hold.
    #[error("a report holds at most {MAX_CONTACTS} contacts")]
    Contacts,
    /// A contact before the first second that the report covers.
    #[error("a contact in a report lies before it")]
    ContactBefore,
    /// Bytes follow after the last contact.
    #[error("bytes follow after a report")]
    Rest,
}

impl Report {
    /// Writes the report.
    ///
    /// # Errors
    ///
    /// [`ReportRefusal`] if it couldn't be read again.
    pub fn write(&self) -> Result<Vec<u8>, ReportRefusal> {
        let n_seconds = self.steps.len() + 1;
        let n_contacts = self.contacts.len();
        if n_seconds > MAX_SECONDS {
            return Err(ReportRefusal::Seconds);
        }
        if n_contacts > MAX_CONTACTS {
            return Err(ReportRefusal::Contacts);
        }
        let mut bytes = Vec::with_capacity(44 + n_seconds + n_contacts * CONTACT_BYTES);
        let more = if self.infected_by.is_some() { flags::MORE } else { 0 };
        bytes.push(FIRST | bits_of(self.state) | more);
        bytes.extend(self.node.as_bytes());
        bytes.extend(self.boot.to_le_bytes());
        push_varint(&mut bytes, self.seq);
        bytes.extend(self.second.to_le_bytes());
        push_varint(&mut bytes, n_seconds as u32);
        bytes.extend(self.state.position.x.to_le_bytes());
        bytes.extend(self.state.position.y.to_le_bytes());
        bytes.extend(self.steps.iter().map(|step| step.0));
        bytes.extend(self.infected_by.iter().flat_map(|peer| peer.0));
        push_varint(&mut bytes, n_contacts as u32);
        for Contact { peer, seconds_back, distance } in &self.contacts {
            bytes.extend(peer.0);
            bytes.extend([*seconds_back, distance.0]);
        }
        // What is sent can be read: a reader would drop it, and the contacts in it would be lost.
        ReportView::read(&bytes)?;
        Ok(bytes)
    }
}

/// A report, read from a frame without copying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportView<'a> {
    /// Which node.
    pub node: Uuid,
    /// Drawn when the node started.
    pub boot: u32,
    /// Number of the report since then.
    pub seq: u32,
    /// The last second that it covers.
    pub second: u32,
    /// Position in the last second; health in all of them; whether the node lived in the last one.
    pub state: NodeState,
    /// Who infected it at the end of the last second.
    pub infected_by: Option<PeerTag>,
    steps: &'a [u8],
    contacts: &'a [[u8; CONTACT_BYTES]],
}

impl<'a> ReportView<'a> {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// [`ReportRefusal`] if the frame isn't exactly in form.
    pub fn read(frame: &'a [u8]) -> Result<Self, ReportRefusal> {
        use ReportRefusal::{ContactBefore, Contacts, Cut, NotAReport, NotInfectable, OffField, Seconds};
        if frame.len() > MAX_REPORT_BYTES {
            return Err(ReportRefusal::TooLong);
        }
        let mut rest = Rest(frame);
        let first = rest.u8().filter(|first| first & 0xf0 == FIRST).ok_or(NotAReport)?;
        let node = Uuid::from_bytes(rest.array().ok_or(Cut)?);
        let boot = rest.u32().ok_or(Cut)?;
        let seq = rest.varint().ok_or(Cut)?;
        let second = rest.u32().ok_or(Cut)?;
        let n_seconds = rest.varint().ok_or(Cut)?;
        if !(1..=MAX_SECONDS as u32).contains(&n_seconds) || n_seconds - 1 > second {
            return Err(Seconds);
        }
        let position = Position { x: rest.u16().ok_or(Cut)?, y: rest.u16().ok_or(Cut)? };
        let state = state_of(first, position).ok_or(NotAReport)?;
        let steps = rest.slice(n_seconds as usize - 1).ok_or(Cut)?;
        let came_from = steps.iter().try_fold(position, |at, step| Step(*step).back_from(at));
        came_from.ok_or(OffField)?;
        let infected_by = match first & flags::MORE {
            0 => None,
            _ if state.health != Health::Susceptible || !state.alive => return Err(NotInfectable),
            _ => Some(PeerTag(rest.array().ok_or(Cut)?)),
        };
        let n_contacts = rest.varint().ok_or(Cut)? as usize;
        if n_contacts > MAX_CONTACTS {
            return Err(Contacts);
        }
        let (contacts, []) = rest.slice(n_contacts * CONTACT_BYTES).ok_or(Cut)?.as_chunks() else { return Err(Cut) };
        if contacts.iter().any(|contact| u32::from(contact[6]) >= n_seconds) {
            return Err(ContactBefore);
        }
        if !rest.0.is_empty() {
            return Err(ReportRefusal::Rest);
        }
        Ok(Self { node, boot, seq, second, state, infected_by, steps, contacts })
    }

    /// Returns the first second that it covers.
    #[must_use]
    pub fn first_second(&self) -> u32 {
        self.second - self.steps.len() as u32
    }

    /// Returns each second that it covers with the state of the node in it, the last one first.
    pub fn states(&self) -> impl Iterator<Item = (u32, NodeState)> + use<'a> {
        let last = (self.second, self.state);
        let before = self.steps.iter().scan(last, |(second, state), step| {
            // Never fails: `read` went the same way.
            let position = Step(*step).back_from(state.position)?;
            *second -= 1;
            *state = NodeState { position, alive: true, ..*state };
            Some((*second, *state))
        });
        std::iter::once(last).chain(before)
    }

    /// Returns the number of contacts.
    #[must_use]
    pub fn n_contacts(&self) -> usize {
        self.contacts.len()
    }

    /// Returns the contacts, in the order in which they were written.
    pub fn contacts(&self) -> impl ExactSizeIterator<Item = Contact> + use<'a> {
        self.contacts.iter().map(|&[a, b, c, d, e, f, seconds_back, distance]| Contact {
            peer: PeerTag([a, b, c, d, e, f]),
            seconds_back,
            distance: Quarters(distance),
        })
    }

    /// Returns a copy that needs no frame.
    #[must_use]
    pub fn to_report(&self) -> Report {
        let Self { node, boot, seq, second, state, infected_by, steps, .. } = *self;
        let steps = steps.iter().copied().map(Step).collect();
        Report { node, boot, seq, second, state, infected_by, steps, contacts: self.contacts().collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let peer = |n| PeerTag([n; 6]);
        Report {
            node: Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
            boot: 0xa4a3_a2a1,
            seq: 300,
            second: 0xb4b3_b2b1,
            state: NodeState { position: Position { x: 0x0102, y: 0x0304 }, health: Health::Susceptible, alive: true },
            infected_by: Some(peer(9)),
            steps: vec![
                Step::between(Position { x: 9, y: 9 }, Position { x: 10, y: 8 }).unwrap(),
                Step::between(Position { x: 9, y: 9 }, Position { x: 1, y: 16 }).unwrap(),
            ],
            contacts: vec![Contact { peer: peer(7), seconds_back: 2, distance: Quarters(8) }],
        }
    }

    #[test]
    fn a_report_has_these_bytes() {
        let mut expected = vec![0xbc];
        expected.extend(1..=16);
        expected.extend([0xa1, 0xa2, 0xa3, 0xa4, 0xac, 2, 0xb1, 0xb2, 0xb3, 0xb4, 3, 2, 1, 4, 3]);
        expected.extend([0xf1, 0x78]);
        expected.extend([9; 6]);
        expected.extend([1, 7, 7, 7, 7, 7, 7, 2, 8]);
        assert_eq!(report().write().unwrap(), expected);
    }

    #[test]
    fn steps_lead_back_from_the_last_position() {
        let bytes = report().write().unwrap();
        let read = ReportView::read(&bytes).unwrap();
        let places: Vec<_> =
            read.states().map(|(second, state)| (second, state.position.x, state.position.y)).collect();
        let last = 0xb4b3_b2b1;
        assert_eq!(places, [(last, 0x0102, 0x0304), (last - 1, 0x0101, 0x0305), (last - 2, 0x0109, 0x02fe)]);
        assert_eq!(read.first_second(), last - 2);
    }

    #[test]
    fn who_is_dead_lived_in_the_seconds_before() {
        let mut dead = report();
        dead.infected_by = None;
        dead.state.alive = false;
        let bytes = dead.write().unwrap();
        let lived: Vec<bool> = ReportView::read(&bytes).unwrap().states().map(|(_, state)| state.alive).collect();
        assert_eq!(lived, [false, true, true]);
    }

    fn check_refused(change: impl FnOnce(&mut Report), expected: ReportRefusal) {
        let mut changed = report();
        change(&mut changed);
        assert_eq!(changed.write(), Err(expected));
    }

    #[test]
    fn what_could_not_be_read_is_not_written() {
        check_refused(|r| r.second = 1, ReportRefusal::Seconds);
        check_refused(|r| r.steps = vec![Step(0); MAX_SECONDS], ReportRefusal::Seconds);
        check_refused(|r| r.state.position = Position { x: 0, y: 100 }, ReportRefusal::OffField);
        check_refused(|r| r.state.position = Position { x: 100, y: 65_535 }, ReportRefusal::OffField);
        check_refused(|r| r.state.health = Health::Infected, ReportRefusal::NotInfectable);
        check_refused(|r| r.state.alive = false, ReportRefusal::NotInfectable);
        check_refused(|r| r.contacts[0].seconds_back = 3, ReportRefusal::ContactBefore);
        check_refused(|r| r.contacts = vec![r.contacts[0]; MAX_CONTACTS + 1], ReportRefusal::Contacts);
    }

    #[test]
    fn a_frame_that_is_cut_goes_on_or_says_too_much_is_refused() {
        let bytes = report().write().unwrap();
        for n in 1..bytes.len() {
            assert_eq!(ReportView::read(&bytes[..n]), Err(ReportRefusal::Cut), "{n} bytes");
        }
        assert_eq!(ReportView::read(&[]), Err(ReportRefusal::NotAReport));
        assert_eq!(ReportView::read(&[bytes, vec![0]].concat()), Err(ReportRefusal::Rest));
        assert_eq!(ReportView::read(&vec![0xb4; MAX_REPORT_BYTES + 1]), Err(ReportRefusal::TooLong));
        let both = Report { infected_by: None, ..report() }.write().unwrap();
        assert_eq!(ReportView::read(&[&[both[0] | 3], &both[1..]].concat()), Err(ReportRefusal::NotAReport));
    }

    #[test]
    fn the_longest_report_has_the_most_bytes() {
        let contact = Contact { peer: PeerTag([1; 6]), seconds_back: 255, distance: Quarters(255) };
        let longest = Report {
            seq: u32::MAX,
            steps: vec![Step(0); MAX_SECONDS - 1],
            contacts: vec![contact; MAX_CONTACTS],
            ..report()
        };
        assert_eq!(longest.write().unwrap().len(), MAX_REPORT_BYTES);
        const { assert!(MAX_REPORT_BYTES < 64 * 1024) };
    }
}
