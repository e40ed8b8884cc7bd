//! What is on its way to the log, and stays until it has arrived.
//!
//! An answer can get lost after the log took a report. So a frame that was handed out once stays as it is, and is handed out
//! again until it is acknowledged: the consumer knows a repetition by boot and number, and would take other contents under the
//! same number for one too. What is lived meanwhile waits behind it.

use super::Host;
use bytes::Bytes;
use protocol::http::runs::MOST_REPORT_BYTES;
use std::collections::VecDeque;
use uuid::Uuid;

/// Contacts, and seconds of nodes, that a host keeps one by one. Beyond that contacts are united, and movements forgotten.
pub const MOST_KEPT: u64 = 1_000_000;

/// Bytes before each frame of a request: its length.
const LENGTH_BYTES: usize = 4;

/// A report, or united contacts, of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFrame {
    /// Which node: records of one node must stay in order.
    pub node: Uuid,
    /// A frame of [`protocol::nodes::Report`] or [`protocol::nodes::United`].
    pub bytes: Bytes,
}

/// Frames that wait to be acknowledged, and how much waits to become frames.
#[derive(Debug)]
pub(super) struct Outbox {
    /// Each with its contacts, the next first.
    frames: VecDeque<(ReportFrame, u64)>,
    n_bytes: usize,
    n_contacts: u64,
    /// How many of the first frames were handed out.
    n_handed_out: usize,
    /// Whose turn it is.
    next_member: usize,
    /// Contacts that members keep one by one.
    pub n_kept_contacts: u64,
    /// Seconds that members keep.
    pub n_kept_seconds: u64,
    most_kept: u64,
}

impl Default for Outbox {
    fn default() -> Self {
        Self {
            frames: VecDeque::new(),
            n_bytes: 0,
            n_contacts: 0,
            n_handed_out: 0,
            next_member: 0,
            n_kept_contacts: 0,
            n_kept_seconds: 0,
            most_kept: MOST_KEPT,
        }
    }
}

impl Outbox {
    pub fn is_too_much(&self) -> bool {
        self.n_kept_contacts > self.most_kept || self.n_kept_seconds > self.most_kept
    }

    pub fn n_contacts(&self) -> u64 {
        self.n_contacts
    }

    fn push(&mut self, node: Uuid, bytes: Bytes, n_contacts: u64) {
        self.n_bytes += LENGTH_BYTES + bytes.len();
        self.n_contacts += n_contacts;
        self.frames.push_back((ReportFrame { node, bytes }, n_contacts));
    }

    fn hand_out(&mut self) {
        let mut n_bytes = 0;
        let fitting = self.frames.iter().take_while(|(frame, _)| {
            n_bytes += LENGTH_BYTES + frame.bytes.len();
            n_bytes <= MOST_REPORT_BYTES
        });
        self.n_handed_out = fitting.count();
    }
}

impl Host {
    /// Returns what to report next: as many frames as a request holds, none if all is reported.
    ///
    /// The same frames come again until [`Host::acknowledged`]. Those of one node stay in their order.
    pub fn reports(&mut self) -> Vec<ReportFrame> {
        if self.outbox.n_handed_out == 0 {
            self.fill_outbox();
            self.outbox.hand_out();
        }
        self.outbox.frames.iter().take(self.outbox.n_handed_out).map(|(frame, _)| frame.clone()).collect()
    }

    /// Takes note that the log has what [`Host::reports`] returned last.
    pub fn acknowledged(&mut self) {
        for (frame, n_contacts) in self.outbox.frames.drain(..self.outbox.n_handed_out) {
            self.outbox.n_bytes -= LENGTH_BYTES + frame.bytes.len();
            self.outbox.n_contacts -= n_contacts;
        }
        self.outbox.n_handed_out = 0;
    }

    /// Whether nothing waits to be reported or acknowledged.
    #[must_use]
    pub fn has_reported_all(&self) -> bool {
        self.outbox.frames.is_empty() && self.members.iter().all(|member| member.kept.is_empty())
    }

    /// Makes frames of what members keep, member by member, until a request is full; the others go first the next time.
    fn fill_outbox(&mut self) {
        for _ in 0..self.members.len() {
            if self.outbox.n_bytes >= MOST_REPORT_BYTES {
                return;
            }
            self.outbox.next_member %= self.members.len();
            let member = &mut self.members[self.outbox.next_member];
            self.outbox.next_member += 1;
            let (node, outbox) = (member.id, &mut self.outbox);
            outbox.n_kept_seconds = outbox.n_kept_seconds.saturating_sub(member.kept.n_seconds());
            outbox.n_kept_contacts = outbox.n_kept_contacts.saturating_sub(member.kept.n_single_contacts());
            if let Err(error) = member.kept.take_frames(|bytes, n_contacts| outbox.push(node, bytes, n_contacts)) {
                tracing::error!(%node, %error, "a node could not tell what it lived through");
            }
        }
        // All that the dead had to tell is told.
        self.members.retain(|member| !member.is_gone || !member.kept.is_empty());
    }

    /// Keeps less before contacts are united, for tests.
    #[cfg(test)]
    pub(super) fn unite_beyond(&mut self, most_kept: u64) {
        self.outbox.most_kept = most_kept;
    }
}
