//! Random numbers without a generator: each is worked out from what it is for.
//!
//! A number depends on the seed of the run, its stream, the node and the second, and on nothing else. So it doesn't matter
//! in which order, on which thread or in which process nodes are asked, and a new draw in one stream changes no other.
//!
//! Source: the numbers of a node are those of SplitMix64 (Steele, Lea and Flood 2014, *Fast splittable pseudorandom number
//! generators*, doi 10.1145/2660193.2660195), which is a counter and a hash of it already; where a node's sequence begins
//! is such a hash of stream and node.

/// What a number is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Where a new node stands.
    Place,
    /// Where it goes next.
    Waypoint,
    /// In which direction a random walk goes.
    Direction,
    /// How far a flight goes, and in which direction.
    Flight,
}

/// Steps of the counter: the golden ratio's odd neighbour, as SplitMix64 has it.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// All numbers of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
}

impl Draws {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { seed: mix(seed.wrapping_add(GAMMA)) }
    }

    /// Returns 64 random bits for a node and a second.
    ///
    /// A node asks a stream once a second; its `key` is its number, or [`key_of`] its UUID.
    #[must_use]
    pub fn draw(self, stream: Stream, key: u64, second: u32) -> u64 {
        let of_stream = mix(self.seed.wrapping_add((stream as u64 + 1).wrapping_mul(GAMMA)));
        let of_node = mix(of_stream.wrapping_add(key.wrapping_mul(GAMMA)));
        mix(of_node.wrapping_add(u64::from(second).wrapping_add(1).wrapping_mul(GAMMA)))
    }
}

/// Returns the number by which a node with a UUID draws.
#[must_use]
pub fn key_of(uuid: &[u8; 16]) -> u64 {
    let number = u128::from_be_bytes(*uuid);
    mix((number >> 64) as u64).wrapping_add(number as u64)
}

/// Returns a number below `limit`, from 0, out of 64 random bits; none is likelier than another by more than 2⁻³¹.
pub(crate) fn below(bits: u64, limit: u64) -> u64 {
    ((u128::from(bits) * u128::from(limit)) >> 64) as u64
}

/// The finalizer of SplitMix64: every bit of the result depends on every bit of the number.
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAMS: [Stream; 4] = [Stream::Place, Stream::Waypoint, Stream::Direction, Stream::Flight];

    #[test]
    fn the_same_question_gets_the_same_number_and_any_other_another() {
        let mut seen = std::collections::HashSet::new();
        for seed in [0, 1, u64::MAX] {
            for stream in STREAMS {
                for key in 0..50 {
                    for second in 0..50 {
                        let drawn = Draws::new(seed).draw(stream, key, second);
                        assert_eq!(drawn, Draws::new(seed).draw(stream, key, second));
                        assert!(seen.insert(drawn), "{seed} {stream:?} {key} {second} was drawn before");
                    }
                }
            }
        }
    }

    /// Chi-squared over 64 classes, along seconds and along nodes: 63 degrees of freedom, so that 110 is exceeded once
    /// in four thousand.
    #[test]
    fn numbers_are_spread_evenly_along_seconds_and_along_nodes() {
        let draws = Draws::new(7);
        let along_seconds = |i: u32| draws.draw(Stream::Direction, 12, i);
        let along_nodes = |i: u32| draws.draw(Stream::Direction, u64::from(i), 12);
        let n = 64_000;
        for (name, of) in [("seconds", &along_seconds as &dyn Fn(u32) -> u64), ("nodes", &along_nodes)] {
            let mut counts = [0_f64; 64];
            (0..n).for_each(|i| counts[below(of(i), 64) as usize] += 1.0);
            let expected = f64::from(n) / 64.0;
            let chi_squared: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
            assert!(chi_squared < 110.0, "along {name}: {chi_squared}");
        }
    }

    #[test]
    fn uuids_that_differ_in_one_bit_draw_by_different_keys() {
        let zeros = [0; 16];
        for bit in 0..128 {
            let mut other = zeros;
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(key_of(&zeros), key_of(&other), "bit {bit}");
        }
    }

    #[test]
    fn a_number_below_a_limit_reaches_both_ends() {
        assert_eq!((below(0, 5), below(u64::MAX, 5)), (0, 4));
    }
}
