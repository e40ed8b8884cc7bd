//! What a batch says of one run, put together: where its nodes were, whom they met, who infected them, who died.

use domain::ids::{NodeId, RunId};
use protocol::frames::Heard;
use protocol::nodes::{PeerTag, Quarters, ReportView, SLOT_S, United};
use std::collections::{BTreeMap, HashMap};
use storage::StorageError;
use storage::runs::{self, Encounter, Infection, KnownNode};
use storage::store::RunTx;

/// What is known of a node while its run is consumed.
#[derive(Clone, Copy, Debug)]
struct Known {
    no: u32,
    /// Who it is; `None` while others only heard it.
    node_id: Option<NodeId>,
    /// The place of who reported after it the last time.
    after: u32,
    /// Boot and number of its last report; `None` if it came before this consumer.
    last: Option<(u32, u32)>,
    /// The same of its last united contacts, also those that came before this consumer.
    united: Option<(u32, u32)>,
}

/// Nodes of a run: found by their ids when they report, so that only new ones are hashed, and by their tags when others name them.
///
/// Hosts report their nodes in the same order each second, so whoever came next the last time is looked at first: among very
/// many nodes a look into a table waits for memory.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    known: Vec<Known>,
    /// The place of who reported last.
    last: u32,
    /// Places in `known`.
    by_id: HashMap<NodeId, u32>,
    by_tag: HashMap<PeerTag, u32>,
}

impl Nodes {
    /// Returns the place of a node that said itself who it is.
    pub(super) fn place_of(&mut self, node_id: NodeId) -> Option<u32> {
        let after = self.known.get(self.last as usize)?.after;
        let is_next = self.known.get(after as usize).is_some_and(|next| next.node_id == Some(node_id));
        let place = if is_next { after } else { *self.by_id.get(&node_id)? };
        self.known[self.last as usize].after = place;
        self.last = place;
        Some(place)
    }

    /// Whether a node has a number.
    pub(super) fn has_tag(&self, tag: PeerTag) -> bool {
        self.by_tag.contains_key(&tag)
    }

    /// Whether it is known who has this tag.
    pub(super) fn is_named(&self, tag: PeerTag) -> bool {
        self.by_tag.get(&tag).is_some_and(|at| self.known[*at as usize].node_id.is_some())
    }

    /// Takes note of a node: its number, and who it is and what of its united contacts is stored, if that is known.
    pub(super) fn learn(&mut self, tag: PeerTag, known: &KnownNode) {
        let KnownNode { no, node_id, united, .. } = *known;
        let at = *self.by_tag.entry(tag).or_insert(self.known.len() as u32);
        if at as usize == self.known.len() {
            self.known.push(Known { no, node_id: None, after: at + 1, last: None, united: None });
        }
        self.known[at as usize].united = self.known[at as usize].united.or(united);
        if let Some(node_id) = node_id {
            self.known[at as usize].node_id = Some(node_id);
            self.by_id.insert(node_id, at);
        }
    }

    pub(super) fn no_of(&self, tag: PeerTag) -> Result<u32, NotTaken> {
        self.by_tag.get(&tag).map(|at| self.known[*at as usize].no).ok_or(NotTaken::NoNumber)
    }

    /// Returns the number of a node that said itself who it is.
    pub(super) fn no_of_node(&mut self, node_id: NodeId) -> Result<u32, NotTaken> {
        Ok(self.reporting(None, node_id)?.no)
    }

    fn reporting(&mut self, place: Option<u32>, node_id: NodeId) -> Result<&mut Known, NotTaken> {
        match place.or_else(|| self.place_of(node_id)) {
            Some(at) => Ok(&mut self.known[at as usize]),
            None if self.has_tag(PeerTag::of(node_id.0)) => Err(NotTaken::SameTag),
            None => Err(NotTaken::NoNumber),
        }
    }
}

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
    #[error("it tells of a second that is more than an hour ahead of its run")]
    Ahead,
}

/// What is to be stored of a run.
#[derive(Debug, Default)]
pub(super) struct Folded {
    pub(super) heard: Heard,
    pub(super) encounters: HashMap<(u32, u32, u32), Encounter>,
    pub(super) infections: Vec<Infection>,
    /// By second: numbers of those who died in it.
    pub(super) deaths: BTreeMap<u32, Vec<u32>>,
    /// Boot and number of the last united contacts, by node.
    pub(super) united: BTreeMap<u32, (u32, u32)>,
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
            Self::United(united) => united.slot.saturating_mul(SLOT_S),
        }
    }

    /// The last second that it tells of.
    pub(super) fn last_second(&self) -> u32 {
        match self {
            Self::Report(report) => report.second,
            Self::United(united) => united.slot.saturating_mul(SLOT_S).saturating_add(SLOT_S - 1),
        }
    }

    /// Everybody else who is named in it.
    pub(super) fn others(&self) -> impl Iterator<Item = PeerTag> + '_ {
        let (report, united) = match self {
            Self::Report(report) => (Some(report), None),
            Self::United(united) => (None, Some(united)),
        };
        let infector = report.and_then(|report| report.infected_by);
        let heard = report.into_iter().flat_map(|report| report.contacts().map(|contact| contact.peer));
        let united = united.into_iter().flat_map(|united| united.contacts.iter().map(|contact| contact.peer));
        infector.into_iter().chain(heard).chain(united)
    }
}

impl Folded {
    /// Takes what a record says. What was said before is counted, and left out: `heard_at` is the last second of the node that
    /// is stored, `place` where the node stands if that was looked up.
    pub(super) fn take(
        &mut self,
        nodes: &mut Nodes,
        (told, place): (&Told<'_>, Option<u32>),
        heard_at: impl Fn(u32) -> Option<u32>,
    ) -> Result<(), NotTaken> {
        let known = nodes.reporting(place, told.node())?;
        let no = known.no;
        let is_again = match (known.last, told) {
            (Some((boot, seq)), _) if boot == told.start().0 => told.start().1 <= seq,
            // A consumer that just began knows seconds, not numbers.
            (_, Told::Report(report)) => heard_at(no).is_some_and(|second| report.second <= second),
            (_, Told::United(_)) => {
                known.united.is_some_and(|(boot, seq)| boot == told.boot() && told.start().1 <= seq)
            }
        };
        if is_again {
            self.n_again += 1;
            return Ok(());
        }
        known.last = Some(told.start());
        if let Told::United(_) = told {
            known.united = known.last;
            self.united.extend(known.last.map(|start| (no, start)));
        }
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
            self.deaths.entry(report.second).or_default().push(no);
        }
        if let Some(tag) = report.infected_by {
            let infector = nodes.no_of(tag)?;
            self.infections.push(Infection { no, second: report.second, infector });
        }
        for contact in report.contacts() {
            let peer = nodes.no_of(contact.peer)?;
            let second = report.second.saturating_sub(u32::from(contact.seconds_back));
            self.meet((no, peer), (second, second), 1, Some(contact.distance));
        }
        Ok(())
    }

    fn take_united(&mut self, nodes: &Nodes, no: u32, united: &United) -> Result<(), NotTaken> {
        let begins = united.slot * SLOT_S;
        for contact in &united.contacts {
            let peer = nodes.no_of(contact.peer)?;
            let seconds = (begins + u32::from(contact.first), begins + u32::from(contact.last));
            self.meet((no, peer), seconds, u32::from(contact.n_contacts), Some(contact.nearest));
        }
        Ok(())
    }

    /// Stores it, but for the frames.
    pub(super) async fn put(mut self, tx: &mut RunTx, run_id: RunId) -> Result<(), StorageError> {
        let mut encounters: Vec<_> = self.encounters.into_values().collect();
        // In one order, so that two consumers wait for each other and don't block each other.
        encounters.sort_unstable_by_key(|met| (met.lower, met.higher, met.slot));
        runs::put_encounters(tx, run_id, &encounters).await?;
        self.infections.sort_unstable_by_key(|infection| (infection.no, infection.second));
        self.infections.dedup_by_key(|infection| (infection.no, infection.second));
        runs::put_infections(tx, run_id, &self.infections).await?;
        for (second, nos) in self.deaths {
            runs::die(tx, run_id, &nos, second).await?;
        }
        for (no, start) in self.united {
            runs::note_united(tx, run_id, no, start).await?;
        }
        Ok(())
    }

    /// Two met, as one of them heard the other: at what distance, if that was said.
    pub(super) fn meet(
        &mut self,
        (one, other): (u32, u32),
        (first, last): (u32, u32),
        n_heard: u32,
        distance: Option<Quarters>,
    ) {
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
            nearest_quarters: None,
        };
        let met = self.encounters.entry((lower, higher, slot)).or_insert(new);
        met.first_second = met.first_second.min(first);
        met.last_second = met.last_second.max(last);
        met.n_heard = met.n_heard.saturating_add(n_heard);
        let distances = met.nearest_quarters.into_iter().chain(distance.map(|distance| distance.0));
        met.nearest_quarters = distances.min();
    }
}
