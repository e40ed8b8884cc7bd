//! A digest of a whole run: two runs have the same one if, and only if, all that happened is the same.

use crate::engine::Second;
use crate::snapshot::Snapshot;

/// A digest that grows second by second: BLAKE3 over places, health, contacts and infections, all in the order of numbers.
#[derive(Clone, Debug, Default)]
pub struct RunDigest {
    hasher: blake3::Hasher,
    bytes: Vec<u8>,
}

/// Numbers that are turned into bytes at once.
const AT_ONCE: usize = 16_384;

impl RunDigest {
    /// Adds a second.
    pub fn add(&mut self, second: &Second<'_>, snapshot: &Snapshot) {
        let (places, seen) = snapshot.columns();
        self.numbers([second.second, len(seen.len()), len(second.contacts.len()), len(second.infections.len())]);
        for places in places.chunks(AT_ONCE) {
            self.numbers(places.iter().copied());
        }
        self.hasher.update(seen);
        for contacts in second.contacts.chunks(AT_ONCE) {
            self.numbers(contacts.iter().flat_map(|contact| [contact.lower, contact.higher, contact.distance_squared]));
        }
        for infections in second.infections.chunks(AT_ONCE) {
            self.numbers(
                infections
                    .iter()
                    .flat_map(|infection| [infection.infected, infection.infector, infection.distance_squared]),
            );
        }
    }

    fn numbers(&mut self, numbers: impl IntoIterator<Item = u32>) {
        self.bytes.clear();
        self.bytes.extend(numbers.into_iter().flat_map(u32::to_le_bytes));
        self.hasher.update(&self.bytes);
    }

    /// Returns the digest of all seconds so far: 64 hexadecimal digits.
    #[must_use]
    pub fn hex(&self) -> String {
        self.hasher.finalize().to_hex().to_string()
    }
}

/// Counts of one second, of which there are fewer than 2³².
fn len(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
