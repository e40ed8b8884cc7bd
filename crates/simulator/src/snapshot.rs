//! Who is where and what, in the order of numbers: as files and digests have it.

use domain::runs::{Health, Position};

/// How an agent is seen in a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It lives.
    Alive(Health),
    /// It tells its last message.
    Last(Health),
}

/// All agents in a second.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Where each is, x in the lower half: `[n_agents]`.
    places: Vec<u32>,
    /// How each is seen: `[n_agents]`.
    seen: Vec<u8>,
}

/// Not seen: dead for longer.
const UNSEEN: u8 = 0xff;

/// Set where an agent tells its last message.
const LAST: u8 = 0x80;

impl Snapshot {
    /// Begins anew: nobody is seen.
    pub(crate) fn begin(&mut self, n_agents: usize) {
        self.places.clear();
        self.places.resize(n_agents, 0);
        self.seen.clear();
        self.seen.resize(n_agents, UNSEEN);
    }

    pub(crate) fn put(&mut self, number: u32, position: Position, seen: Seen) {
        let at = number as usize;
        self.places[at] = u32::from(position.x) | (u32::from(position.y) << 16);
        self.seen[at] = match seen {
            Seen::Alive(health) => health as u8,
            Seen::Last(health) => LAST | health as u8,
        };
    }

    /// Lists those who are seen, by number.
    pub fn agents(&self) -> impl Iterator<Item = (u32, Position, Seen)> {
        self.places.iter().zip(&self.seen).zip(0..).filter_map(|((place, seen), number)| {
            let position = Position { x: (*place & 0xffff) as u16, y: (*place >> 16) as u16 };
            Some((number, position, decode(*seen)?))
        })
    }

    /// Returns the two columns as they are digested.
    pub(crate) fn columns(&self) -> (&[u32], &[u8]) {
        (&self.places, &self.seen)
    }
}

fn decode(seen: u8) -> Option<Seen> {
    let health = match seen & !LAST {
        0 => Health::Susceptible,
        1 => Health::Infected,
        2 => Health::Immune,
        _ => return None,
    };
    Some(if seen & LAST == 0 { Seen::Alive(health) } else { Seen::Last(health) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_put_is_seen_in_the_order_of_numbers_and_nobody_else() {
        let mut snapshot = Snapshot::default();
        snapshot.begin(4);
        let (here, there) = (Position { x: 65_535, y: 1 }, Position { x: 2, y: 65_534 });
        snapshot.put(3, here, Seen::Last(Health::Infected));
        snapshot.put(1, there, Seen::Alive(Health::Immune));
        let agents: Vec<_> = snapshot.agents().collect();
        assert_eq!(agents, [(1, there, Seen::Alive(Health::Immune)), (3, here, Seen::Last(Health::Infected))]);
        snapshot.begin(2);
        assert_eq!(snapshot.agents().count(), 0);
    }
}
