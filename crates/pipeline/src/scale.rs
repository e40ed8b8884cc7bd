//! How many consumers there should be: by what waits, between limits.
//!
//! One more when much has waited for a while, one fewer when little has for longer. Between the two limits nothing changes, and
//! after each change the time begins anew, since partitions must change hands before it shows.

use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::time::Instant;

/// Between what the number of members changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many members there are at least and at most. Never more than partitions.
    pub members: RangeInclusive<usize>,
    /// Records that wait, above which more members are wanted.
    pub high: u64,
    /// For how long.
    pub high_for: Duration,
    /// Records that wait, below which fewer members do.
    pub low: u64,
    /// For how long.
    pub low_for: Duration,
}

impl Limits {
    /// The usual ones: two full batches that wait for ten seconds are too many for the members that there are, a fifth of a
    /// batch for two minutes too few.
    #[must_use]
    pub fn usual(members: RangeInclusive<usize>) -> Self {
        let (high_for, low_for) = (Duration::from_secs(10), Duration::from_secs(120));
        Self { members, high: 20_000, high_for, low: 2_000, low_for }
    }

    /// The same with no more members than partitions: more would have nothing to do.
    #[must_use]
    pub fn within(self, n_partitions: u32) -> Self {
        let most = n_partitions as usize;
        let members = (*self.members.start()).min(most)..=(*self.members.end()).min(most);
        Self { members, ..self }
    }
}

/// Since when it is as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Since {
    high: Option<Instant>,
    low: Option<Instant>,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// One member more.
    Start,
    /// One member fewer.
    Stop,
}

/// Decides what is to be done at `now`, when `n_waiting` records wait; `None` where nobody can say how many, and then the time
/// begins anew. Gives what to hand over the next time.
#[must_use]
pub fn decide(
    limits: &Limits,
    since: Since,
    now: Instant,
    n_members: usize,
    n_waiting: Option<u64>,
) -> (Since, Option<Change>) {
    if n_members < *limits.members.start() {
        return (Since::default(), Some(Change::Start));
    }
    if n_members > *limits.members.end() {
        return (Since::default(), Some(Change::Stop));
    }
    let Some(n_waiting) = n_waiting else { return (Since::default(), None) };
    let high = (n_waiting > limits.high).then(|| since.high.unwrap_or(now));
    let low = (n_waiting < limits.low).then(|| since.low.unwrap_or(now));
    let lasts = |from: Option<Instant>, long: Duration| from.is_some_and(|from| now.duration_since(from) >= long);
    if lasts(high, limits.high_for) && n_members < *limits.members.end() {
        (Since::default(), Some(Change::Start))
    } else if lasts(low, limits.low_for) && n_members > *limits.members.start() {
        (Since::default(), Some(Change::Stop))
    } else {
        (Since { high, low }, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn limits() -> Limits {
        let (high_for, low_for) = (Duration::from_secs(3), Duration::from_secs(5));
        Limits { members: 1..=3, high: 100, high_for, low: 10, low_for }
    }

    /// Who is there after each second, from what waited.
    fn members(waiting: impl IntoIterator<Item = Option<u64>>) -> Vec<usize> {
        let (mut since, mut n_members, mut now) = (Since::default(), 0, Instant::now());
        let mut after = Vec::new();
        for n_waiting in waiting {
            let (next, change) = decide(&limits(), since, now, n_members, n_waiting);
            since = next;
            match change {
                Some(Change::Start) => n_members += 1,
                Some(Change::Stop) => n_members -= 1,
                None => {}
            }
            after.push(n_members);
            now += Duration::from_secs(1);
        }
        after
    }

    #[test]
    fn the_least_are_there_at_once_and_also_when_nobody_can_say_what_waits() {
        assert_eq!(members([None, None, Some(0), None]), [1, 1, 1, 1]);
    }

    #[test]
    fn what_waits_for_long_brings_one_more_and_then_the_time_begins_anew() {
        assert_eq!(members([Some(101); 14]), [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3]);
        assert_eq!(members([Some(100); 9]), [1; 9], "as much as the limit isn't above it");
    }

    #[test]
    fn what_comes_and_goes_changes_nothing_and_neither_does_what_lies_between() {
        let peaks = [Some(101), Some(101), Some(101), Some(99)];
        assert_eq!(members(peaks.into_iter().cycle().take(40)), [1; 40]);
        let unknown = [Some(101), Some(101), Some(101), None];
        assert_eq!(members(unknown.into_iter().cycle().take(40)), [1; 40]);
    }

    #[test]
    fn little_for_longer_takes_one_away_until_the_least_are_left() {
        let much = [Some(500); 9];
        let between = [Some(50); 30];
        let little = [Some(9); 20];
        let after = members(much.into_iter().chain(between).chain(little));
        assert_eq!(after[8..39], [3; 31], "between the limits all stay");
        assert_eq!(after[39..52], [3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 1, 1]);
        assert_eq!(after[52..], [1; 7]);
    }

    #[test]
    fn nobody_is_started_for_whom_there_is_no_partition() {
        assert_eq!(Limits::usual(1..=4).within(2).members, 1..=2);
        assert_eq!(Limits::usual(3..=4).within(1).members, 1..=1);
        assert_eq!(Limits::usual(1..=4).within(12).members, 1..=4);
    }

    proptest! {
        #[test]
        fn members_stay_within_their_limits(waiting in proptest::collection::vec(proptest::option::of(0u64..200), 1..200)) {
            prop_assert!(members(waiting).iter().all(|n_members| limits().members.contains(n_members)));
        }
    }
}
