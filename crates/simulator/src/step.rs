//! What a node does in a second.
//!
//! In second t a node has moved, tells where it is and how it is, hears what the others tell, and at the end of the second
//! what was heard is applied. [`step`] leads from there to the next second: infection, course of the infection, the end
//! of a life, movement. What it gives is what the node tells in second t+1.

use crate::course::Course;
use crate::rules::Rules;
use crate::walk::Walker;
use domain::runs::{Health, NodeState, Position};

/// A node in a second: it has moved already, and is heard like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The second of the run.
    pub second: u32,
    /// By what it draws: its number, or [`crate::key_of`] its UUID.
    pub key: u64,
    /// The first second of its life.
    pub born: u32,
    /// Where it is.
    pub position: Position,
    /// Where it goes; where it is, if it goes nowhere yet.
    pub goal: Position,
    /// What the infection makes of it, and until when.
    pub course: Course,
    /// Whether it lives. In the first second in which it doesn't, it tells that, and nothing after.
    pub alive: bool,
}

/// How and where a node comes into the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Born {
    /// The first second of its life.
    pub second: u32,
    /// Susceptible, or infected.
    pub health: Health,
    /// Where; drawn at random if nothing is said.
    pub position: Option<Position>,
}

/// A beacon of somebody else, heard in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard<Id> {
    /// Whose. Ids of nodes compare by the bytes of their UUIDs, numbers of agents as numbers.
    pub id: Id,
    /// What it tells.
    pub state: NodeState,
}

/// Somebody within the radius.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contact<Id> {
    /// Who.
    pub id: Id,
    /// How far away, in steps².
    pub distance_squared: u32,
    /// Whether that one is infected.
    pub infected: bool,
}

/// What a second leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepped<Id> {
    /// The node in the next second.
    pub node: Node,
    /// By whom it was infected at the end of this second, if it was.
    pub infected_by: Option<Id>,
}

impl Node {
    /// Makes a new node, as it is heard in the first second of its life: it has taken its first step already.
    ///
    /// It is ill in the first `cooldown` seconds if it is born infected; a place beyond the field is moved to its border.
    #[must_use]
    pub fn born(rules: &Rules, key: u64, born: Born) -> Self {
        let place = born.position.map(|at| Position { x: at.x.min(rules.width), y: at.y.min(rules.height) });
        let place = place.unwrap_or_else(|| rules.place(key, born.second));
        let course = match born.health {
            Health::Infected => Course::ill_from(born.second, rules),
            Health::Susceptible | Health::Immune => Course::SUSCEPTIBLE,
        };
        let walker = Walker { key, position: place, goal: place, health: course.health, known: None };
        let (position, goal) = rules.walk(born.second, walker);
        Self { second: born.second, key, born: born.second, position, goal, course, alive: true }
    }

    /// What the node tells of itself in this second.
    #[must_use]
    pub fn state(&self) -> NodeState {
        NodeState { position: self.position, health: self.course.health, alive: self.alive }
    }
}

/// Leads a node from a second to the next, by what it heard in it.
///
/// `heard` holds no beacon of its own; beacons of the dead count for nothing, and order and repetition don't matter. A
/// node that is dead stays as it is.
#[must_use]
pub fn step<Id: Copy + Ord>(rules: &Rules, node: &Node, heard: &[Heard<Id>]) -> Stepped<Id> {
    if !node.alive {
        return Stepped { node: *node, infected_by: None };
    }
    let second = node.second + 1;
    let infected_by = infector(rules, node, heard);
    let course = if infected_by.is_some() { Course::ill_from(second, rules) } else { node.course };
    if second - node.born >= rules.lifetime_s {
        // The last message tells the state as it was when the last second ended.
        return Stepped { node: Node { second, course, alive: false, ..*node }, infected_by };
    }
    let course = course.at(second, rules);
    let (position, goal) = (node.position, node.goal);
    let known = known(rules, position, course.health, heard);
    let walker = Walker { key: node.key, position, goal, health: course.health, known };
    let (position, goal) = rules.walk(second, walker);
    Stepped { node: Node { second, position, goal, course, ..*node }, infected_by }
}

/// Lists the contacts of a node in this second, in the order in which they were heard.
pub fn contacts<Id: Copy>(rules: &Rules, node: &Node, heard: &[Heard<Id>]) -> impl Iterator<Item = Contact<Id>> {
    let (position, alive) = (node.position, node.alive);
    heard.iter().filter_map(move |other| {
        let distance_squared = distance_squared(position, other.state.position);
        let is_contact = alive && other.state.alive && rules.is_contact(distance_squared);
        let infected = other.state.health == Health::Infected;
        is_contact.then_some(Contact { id: other.id, distance_squared, infected })
    })
}

/// Returns who infects a node: of the infected within the radius the nearest, then the one with the smallest id.
fn infector<Id: Copy + Ord>(rules: &Rules, node: &Node, heard: &[Heard<Id>]) -> Option<Id> {
    if node.course.health != Health::Susceptible {
        return None;
    }
    let infected = contacts(rules, node, heard).filter(|contact| contact.infected);
    infected.map(|contact| (contact.distance_squared, contact.id)).min().map(|(_, id)| id)
}

/// Returns where the nearest is whom a node flees or chases, of those in sight; of two as near, the one with the smaller
/// id.
fn known<Id: Copy + Ord>(rules: &Rules, position: Position, health: Health, heard: &[Heard<Id>]) -> Option<Position> {
    let minded = rules.minded_by(health)?;
    let minded = heard.iter().filter(|other| other.state.alive && other.state.health == minded);
    let near = minded.map(|other| (distance_squared(position, other.state.position), other));
    let near = near.filter(|(distance_squared, _)| *distance_squared <= rules.sight_squared);
    near.min_by_key(|(distance_squared, other)| (*distance_squared, other.id)).map(|(_, other)| other.state.position)
}

impl Rules {
    /// Returns of which others a node of this health takes notice as it walks, if of any.
    pub(crate) fn minded_by(&self, health: Health) -> Option<Health> {
        use domain::runs::Movement::{Careful, FleeingChasing};
        match (self.movement, health) {
            (Careful | FleeingChasing, Health::Susceptible) => Some(Health::Infected),
            (FleeingChasing, Health::Infected) => Some(Health::Susceptible),
            _ => None,
        }
    }
}

/// The square of the distance, in 32 bits; further than those reach is as far as they do.
pub(crate) fn distance_squared(first: Position, second: Position) -> u32 {
    u32::try_from(first.distance_squared(second)).unwrap_or(u32::MAX)
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
