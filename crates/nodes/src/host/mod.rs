//! Many nodes of one run, second by second. Pure: ids, boots, the clock of JSON beacons and the end of a second come in.
//!
//! In a second the nodes beacon what they are ([`Host::beacons`]), the host hears what others beacon ([`Host::hear`]), and when
//! the second is over, what was heard is applied ([`Host::end_second`]). Nodes of one host hear each other without frames. What
//! comes of it is the same as if each node were a process of its own that loses no beacon.

mod beacons;
mod hearing;
mod kept;
mod neighbours;
mod outbox;

#[cfg(test)]
mod tests;

pub use beacons::BeaconBytes;
pub use hearing::{Counts, MOST_HEARD, Refusal};
pub use outbox::{MOST_KEPT, ReportFrame};

use domain::runs::{Health, Movement, Parameters, Position, Wire, WrongParameter};
use hearing::Ear;
use kept::Kept;
use neighbours::Neighbours;
use outbox::Outbox;
use protocol::nodes::{Channel, LivedSecond, PeerTag, Quarters, RunKey};
use simulator::{Born, Heard, Node, Rules, SIGHT_RADII, contacts, key_of, step};
use std::collections::HashSet;
use uuid::Uuid;

/// A node that is to come into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newcomer {
    /// Its id.
    pub node: Uuid,
    /// Drawn at random: tells a node that starts again from one that repeats itself.
    pub boot: u32,
    /// Susceptible, or infected.
    pub health: Health,
    /// Where; drawn at random by seed and id if nothing is said. A place beyond the field is moved to its border.
    pub position: Option<Position>,
}

/// A node of a host.
#[derive(Debug)]
struct Member {
    id: Uuid,
    node: Node,
    /// Whether it has told its last message.
    is_gone: bool,
    kept: Kept,
}

/// Nodes of one run.
#[derive(Debug)]
pub struct Host {
    run: Uuid,
    rules: Rules,
    wire: Wire,
    channel: Channel,
    /// How far a node hears, or sees as it walks, in steps.
    reach: u16,
    second: u32,
    members: Vec<Member>,
    /// All ids that it ever had: their beacons are its own.
    ids: HashSet<Uuid>,
    ear: Ear,
    outbox: Outbox,
    n_contacts: u64,
    n_infections: u64,
}

/// How a host stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HostNow {
    /// The second of the run in which it is.
    pub second: u32,
    /// Nodes that live.
    pub n_alive: usize,
    /// Of these, the infected.
    pub n_infected: usize,
    /// Nodes that it ever had.
    pub n_ever: usize,
    /// Contacts of its nodes so far.
    pub n_contacts: u64,
    /// Infections among its nodes so far; those that were born infected don't count.
    pub n_infections: u64,
    /// Contacts that no report has told yet, or none that was acknowledged.
    pub n_unreported: u64,
    /// What came by air.
    pub counts: Counts,
}

impl Host {
    /// Makes a host without nodes, in a second of the run. With a key beacons have a MAC, and those without are refused; on a
    /// json run it isn't used.
    ///
    /// # Errors
    ///
    /// [`WrongParameter`] if one is out of its range.
    pub fn new(run: Uuid, parameters: &Parameters, key: Option<RunKey>, second: u32) -> Result<Self, WrongParameter> {
        let looks = matches!(parameters.movement, Movement::Careful | Movement::FleeingChasing);
        let reach = parameters.infection_radius * if looks { SIGHT_RADII } else { 1.0 };
        Ok(Self {
            run,
            rules: Rules::new(parameters)?,
            wire: parameters.wire,
            channel: Channel::new(run, key),
            // At most 255.
            reach: reach.ceil() as u16,
            second,
            members: Vec::new(),
            ids: HashSet::new(),
            ear: Ear::default(),
            outbox: Outbox::default(),
            n_contacts: 0,
            n_infections: 0,
        })
    }

    /// Returns the run.
    #[must_use]
    pub fn run(&self) -> Uuid {
        self.run
    }

    /// Returns the second in which it is.
    #[must_use]
    pub fn second(&self) -> u32 {
        self.second
    }

    /// Brings a node into being, in this second; best before its beacons are sent. Returns whether it is new: a second node of
    /// the same id is none.
    pub fn bring(&mut self, new: &Newcomer) -> bool {
        if !self.ids.insert(new.node) {
            return false;
        }
        let born = Born { second: self.second, health: new.health, position: new.position };
        self.members.push(Member {
            id: new.node,
            node: Node::born(&self.rules, key_of(new.node.as_bytes()), born),
            is_gone: false,
            kept: Kept::new(new.node, new.boot),
        });
        true
    }

    /// Applies what was heard in this second, and goes on to the next.
    pub fn end_second(&mut self) {
        let present = self.members.iter().filter(|member| !member.is_gone && member.node.alive);
        let own = present.map(|member| Heard { id: member.id, state: member.node.state() });
        let neighbours = Neighbours::new(self.reach, own.chain(self.ear.end_second()));
        let mut heard = Vec::new();
        for member in self.members.iter_mut().filter(|member| !member.is_gone) {
            heard.clear();
            heard.extend(neighbours.around(member.node.position).filter(|other| other.id != member.id));
            let met: Vec<_> = contacts(&self.rules, &member.node, &heard)
                .map(|contact| (PeerTag::of(contact.id), Quarters::nearest(u64::from(contact.distance_squared))))
                .collect();
            let stepped = step(&self.rules, &member.node, &heard);
            self.n_contacts += met.len() as u64;
            self.n_infections += u64::from(stepped.infected_by.is_some());
            self.outbox.n_kept_contacts += met.len() as u64;
            self.outbox.n_kept_seconds += 1;
            member.kept.live(LivedSecond {
                second: self.second,
                state: member.node.state(),
                contacts: met,
                infected_by: stepped.infected_by.map(PeerTag::of),
            });
            // A dead one was here for its last message.
            member.is_gone = !member.node.alive;
            member.node = stepped.node;
        }
        self.second += 1;
        if self.outbox.is_too_much() {
            self.unite();
        }
    }

    /// Unites the contacts that are kept, and forgets movements: those may be lost.
    fn unite(&mut self) {
        self.outbox.n_kept_seconds = 0;
        for member in &mut self.members {
            member.kept.unite();
            self.outbox.n_kept_seconds += member.kept.n_seconds();
        }
        self.outbox.n_kept_contacts = 0;
    }

    /// Returns how it stands.
    #[must_use]
    pub fn now(&self) -> HostNow {
        let alive = || self.members.iter().filter(|member| !member.is_gone && member.node.alive);
        HostNow {
            second: self.second,
            n_alive: alive().count(),
            n_infected: alive().filter(|member| member.node.course.health == Health::Infected).count(),
            n_ever: self.ids.len(),
            n_contacts: self.n_contacts,
            n_infections: self.n_infections,
            n_unreported: self.members.iter().map(|member| member.kept.n_contacts()).sum::<u64>()
                + self.outbox.n_contacts(),
            counts: self.ear.counts,
        }
    }

    /// Whether no node of it lives, or has still to tell its last message.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.members.iter().all(|member| member.is_gone)
    }
}
