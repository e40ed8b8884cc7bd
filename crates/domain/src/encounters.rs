//! Encounters: two devices, or people, in range of each other from one instant to another.
//!
//! Sensors report short slices (20 s, five minutes). Slices of a pair that touch or overlap unite into
//! spells, so that the sum of minutes is exact and storing a slice twice is storing it once. A spell
//! never crosses midnight UTC: it is cut there, so that the search for a window reads at most the day
//! on which the window begins and what follows.

use crate::time::Window;
use jiff::{SignedDuration, Timestamp};

/// The longest encounter that an import accepts, in days.
pub const LONGEST_ENCOUNTER_DAYS: i64 = 31;

const DAY_US: i64 = 86_400_000_000;

/// Two persons in range, with the nearest distance heard, in metres, if measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// When.
    pub window: Window,
    /// Nearest distance in metres, if known.
    pub distance_m: Option<f32>,
}

/// Returns the first instant of the UTC day of `at`.
#[must_use]
pub fn utc_midnight(at: Timestamp) -> Timestamp {
    let micros = at.as_microsecond();
    Timestamp::from_microsecond(micros - micros.rem_euclid(DAY_US)).unwrap_or(Timestamp::MIN)
}

/// Unites the spells of one pair and cuts them at midnight UTC; earliest first.
///
/// Spells that touch or overlap become one; the nearest distance of the parts is kept.
#[must_use]
pub fn unite_spells(spells: Vec<Spell>) -> Vec<Spell> {
    let mut pieces: Vec<Spell> = spells.into_iter().flat_map(cut_at_midnight).collect();
    pieces.sort_unstable_by_key(|piece| piece.window);
    let mut united: Vec<Spell> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match united.last_mut() {
            Some(last) if joins(last, &piece) => *last = join(last, &piece),
            _ => united.push(piece),
        }
    }
    united
}

fn joins(last: &Spell, next: &Spell) -> bool {
    next.window.from() <= last.window.until() && utc_midnight(next.window.from()) == utc_midnight(last.window.from())
}

fn join(last: &Spell, next: &Spell) -> Spell {
    let until = last.window.until().max(next.window.until());
    let window = Window::new(last.window.from(), until).unwrap_or(last.window);
    let distance_m = match (last.distance_m, next.distance_m) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (known, None) | (None, known) => known,
    };
    Spell { window, distance_m }
}

fn cut_at_midnight(spell: Spell) -> impl Iterator<Item = Spell> {
    let mut rest = Some(spell.window);
    std::iter::from_fn(move || {
        let window = rest.take()?;
        let midnight = utc_midnight(window.from()).checked_add(SignedDuration::from_hours(24));
        let (piece, later) = match midnight {
            Ok(midnight) if midnight < window.until() => {
                (Window::new(window.from(), midnight).ok()?, Window::new(midnight, window.until()).ok())
            }
            _ => (window, None),
        };
        rest = later;
        Some(Spell { window: piece, ..spell })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::time::minutes_together;
    use proptest::prelude::*;

    fn spell(from_s: i64, until_s: i64) -> Spell {
        let at = |s: i64| Timestamp::from_second(s).unwrap();
        Spell { window: Window::new(at(from_s), at(until_s)).unwrap(), distance_m: None }
    }

    #[test]
    fn three_slices_of_twenty_seconds_are_one_minute() {
        let united = unite_spells(vec![spell(40, 60), spell(0, 20), spell(20, 40)]);
        assert_eq!(united, [spell(0, 60)]);
    }

    #[test]
    fn a_spell_over_midnight_is_cut_and_keeps_its_minutes() {
        let united = unite_spells(vec![spell(86_390, 86_410), spell(86_400, 86_420)]);
        assert_eq!(united, [spell(86_390, 86_400), spell(86_400, 86_420)]);
    }

    #[test]
    fn the_nearest_distance_is_kept() {
        let near = Spell { distance_m: Some(0.5), ..spell(20, 40) };
        let far = Spell { distance_m: Some(2.0), ..spell(0, 20) };
        assert_eq!(unite_spells(vec![near, far, spell(40, 60)])[0].distance_m, Some(0.5));
    }

    proptest! {
        #[test]
        fn uniting_keeps_the_covered_time_and_is_stable(parts in prop::collection::vec((0i64..200_000, 1i64..5_000), 1..40)) {
            let spells: Vec<_> = parts.iter().map(|&(from, length)| spell(from, from + length)).collect();
            let windows: Vec<_> = spells.iter().map(|s| s.window).collect();
            let united = unite_spells(spells);
            let sum: f64 = united.iter().map(|s| s.window.minutes()).sum();
            prop_assert!((sum - minutes_together(&windows)).abs() < 1e-6);
            prop_assert_eq!(unite_spells(united.clone()), united.clone());
            for piece in &united {
                let last = Timestamp::from_microsecond(piece.window.until().as_microsecond() - 1).unwrap();
                prop_assert_eq!(utc_midnight(piece.window.from()), utc_midnight(last));
            }
        }
    }
}
