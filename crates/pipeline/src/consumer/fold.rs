//! What a batch says of one run, put together: where its nodes were, whom they met, who infected them, who died.

use domain::ids::NodeId;
use protocol::frames::Heard;
use protocol::nodes::{PeerTag, Quarters, ReportView, SLOT_S, United};
use std::collections::HashMap;
use storage::runs::{Encounter, Infection};

/// What is known of a node while its run is consumed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) no: u32,
    /// Who it is; `None` while others only heard it.
    pub(super) node_id: Option<NodeId>,
    /// Boot and number of its last report; `None` if it came before this consumer.
    pub(super) last: Option<(u32, u32)>,
}

/// Nodes by their tags.
pub(super) type Nodes = HashMap<PeerTag, Known>;

/// What a record says.
pub(super) enum Told<'r> {
    Report(ReportView<'r>),
    United(United),
}

/// Why a record isn't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("two nodes have the same first 6 bytes of their hashes; this one came second")]
    SameTag,
    #[error("it names a node that has no number")]
    NoNumber,
}

/// What is to be stored of a run.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) heard: Heard,
    pub(super) encounters: HashMap<(u32, u32, u32), Encounter>,
    pub(super) infections: Vec<Infection>,
    /// Number and second of those who died.
    pub(super) deaths: Vec<(u32, u32)>,
    pub(super) n_again: usize,
}

impl Told<'_> {
    pub(super) fn node(&self) -> NodeId {
        match self {
            Self::Report(report) => NodeId(report.node),
            Self::United(united) => NodeId(united.node),
        }
    }

    fn start(&self) -> (u32, u32) {
        match self {
            Self::Report(report) => (report.boot, report.seq),
            Self::United(united) => (united.boot, united.seq),
        }
    }

    pub(super) fn boot(&self) -> u32 {
        self.start().0
    }

    pub(super) fn first_second(&self) -> u32 {
        match self {
            Self::Report(report) => report.first_second(),
            Self::United(united) => united.slot * SLOT_S,
        }
    }

    /// Everybody who is named in it, the node itself first.
    pub(super) fn tags(&self) -> Vec<PeerTag> {
        let mut tags = vec![PeerTag::of(self.node().0)];
        match self {
            Self::Report(report) => {
                tags.extend(report.infected_by);
                tags.extend(report.contacts().map(|contact| contact.peer));
            }
            Self::United(united) => tags.extend(united.contacts.iter().map(|contact| contact.peer)),
        }
        tags
    }
}

impl Folded {
    /// Takes what a record says. What was said before is counted, and left out: `heard_at` is the last second of the node that
    /// is stored.
    pub(super) fn take(
        &mut self,
        nodes: &mut Nodes,
        told: &Told<'_>,
        heard_at: impl Fn(u32) -> Option<u32>,
    ) -> Result<(), NotTaken> {
        let known = nodes.get_mut(&PeerTag::of(told.node().0)).ok_or(NotTaken::NoNumber)?;
        if known.node_id != Some(told.node()) {
            return Err(NotTaken::SameTag);
        }
        let no = known.no;
        let is_again = match (known.last, told) {
            (Some((boot, seq)), _) if boot == told.start().0 => told.start().1 <= seq,
            // A consumer that just began knows seconds, not numbers.
            (_, Told::Report(report)) => heard_at(no).is_some_and(|second| report.second <= second),
            (_, Told::United(_)) => false,
        };
        if is_again {
            self.n_again += 1;
            return Ok(());
        }
        known.last = Some(told.start());
        match told {
            Told::Report(report) => self.take_report(nodes, no, report),
            Told::United(united) => self.take_united(nodes, no, united),
        }
    }

    fn take_report(&mut self, nodes: &Nodes, no: u32, report: &ReportView<'_>) -> Result<(), NotTaken> {
        for (second, state) in report.states() {
            self.heard.entry(second).or_default().push((no, state));
        }
        if !report.state.alive {
            self.deaths.push((no, report.second));
        }
        if let Some(tag) = report.infected_by {
            let infector = nodes.get(&tag).ok_or(NotTaken::NoNumber)?.no;
            self.infections.push(Infection { no, second: report.second, infector });
        }
        for contact in report.contacts() {
            let peer = nodes.get(&contact.peer).ok_or(NotTaken::NoNumber)?.no;
            let second = report.second.saturating_sub(u32::from(contact.seconds_back));
            self.meet((no, peer), (second, second), 1, contact.distance);
        }
        Ok(())
    }

    fn take_united(&mut self, nodes: &Nodes, no: u32, united: &United) -> Result<(), NotTaken> {
        let begins = united.slot * SLOT_S;
        for contact in &united.contacts {
            let peer = nodes.get(&contact.peer).ok_or(NotTaken::NoNumber)?.no;
            let seconds = (begins + u32::from(contact.first), begins + u32::from(contact.last));
            self.meet((no, peer), seconds, u32::from(contact.n_contacts), contact.nearest);
        }
        Ok(())
    }

    fn meet(&mut self, (one, other): (u32, u32), (first, last): (u32, u32), n_heard: u32, distance: Quarters) {
        if one == other {
            return;
        }
        let (lower, higher, slot) = (one.min(other), one.max(other), first / SLOT_S);
        let new = Encounter {
            lower,
            higher,
            slot,
            first_second: first,
            last_second: last,
            n_heard: 0,
            nearest_quarters: distance.0,
        };
        let met = self.encounters.entry((lower, higher, slot)).or_insert(new);
        met.first_second = met.first_second.min(first);
        met.last_second = met.last_second.max(last);
        met.n_heard = met.n_heard.saturating_add(n_heard);
        met.nearest_quarters = met.nearest_quarters.min(distance.0);
    }
}
