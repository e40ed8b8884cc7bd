//! People made up who meet: the same for the same seed.

use std::fmt::Write;

/// Returns a generator of numbers below a limit: SplitMix64, seeded, so that each run is the same.
pub fn generator(mut state: u64) -> impl FnMut(u32) -> u32 {
    move |limit| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((z ^ (z >> 31)) >> 32) * u64::from(limit)) >> 32) as u32
    }
}

/// 2027-03-01, midnight, in seconds since 1970.
pub const FIRST_DAY_S: i64 = 1_803_859_200;

/// Days over which people meet.
const N_DAYS: u32 = 14;

/// People are about from 7 to 21 o'clock.
const ABOUT_FROM_S: u32 = 7 * 3600;
const ABOUT_S: u32 = 14 * 3600;

/// An encounter from one side: people by number, seconds since the first day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// One.
    pub person: u32,
    /// When it began.
    pub from_s: u32,
    /// The other one.
    pub other: u32,
    /// When it ended.
    pub until_s: u32,
}

/// Makes encounters of any two people over 14 days, 5 to 60 minutes each; gives both sides, in the order of the table.
///
/// Nearly every encounter is with somebody else, anywhere in the table: the most that a search can have to read.
pub fn encounters(n_persons: u32, n_encounters: usize, draw: &mut impl FnMut(u32) -> u32) -> Vec<Side> {
    let mut sides = Vec::with_capacity(2 * n_encounters);
    for _ in 0..n_encounters {
        let person = draw(n_persons);
        let other = (person + 1 + draw(n_persons - 1)) % n_persons;
        let from_s = draw(N_DAYS) * 86_400 + ABOUT_FROM_S + draw(ABOUT_S);
        let until_s = from_s + 300 + draw(3_300);
        sides.push(Side { person, from_s, other, until_s });
        sides.push(Side { person: other, from_s, other: person, until_s });
    }
    sides.sort_unstable();
    sides.dedup_by_key(|side| (side.person, side.from_s, side.other));
    sides
}

/// Persons who wear the sensors of a file.
const N_SENSORS: u32 = 5_000;

/// Makes a file as sensors write it: a row for each 20 seconds in which two were in range, in the order of time.
///
/// Half of the meetings last for one row, a quarter for two, and so on, as in published measurements of this kind.
pub fn sensor_file(n_rows: usize, draw: &mut impl FnMut(u32) -> u32) -> String {
    let mut rows = Vec::with_capacity(n_rows);
    while rows.len() < n_rows {
        let a = draw(N_SENSORS);
        let b = (a + 1 + draw(N_SENSORS - 1)) % N_SENSORS;
        let mut at_s = draw(5) * 86_400 + ABOUT_FROM_S + draw(ABOUT_S / 20) * 20;
        loop {
            rows.push((at_s, a, b));
            at_s += 20;
            if draw(2) == 0 || rows.len() == n_rows {
                break;
            }
        }
    }
    rows.sort_unstable();
    let mut text = String::from("time,a,b\n");
    for (at_s, a, b) in rows {
        // A String never fails to be written to.
        let _ = writeln!(text, "{},S{a:04},S{b:04}", FIRST_DAY_S + i64::from(at_s));
    }
    text
}
