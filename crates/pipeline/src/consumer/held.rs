//! A partition that a consumer has: how far it is with it, and how long it waits when something is away.

use super::{Batch, Lane, Limits};
use std::time::Duration;
use tokio::time::Instant;

/// How long it waits before it tries again, at first and at most.
const WAITS: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A partition that a consumer has.
#[derive(Debug)]
pub(super) enum Held {
    /// It isn't known where it goes on: it is new, or the database or the brokers are away.
    Beginning(Beginning),
    /// It is read and stored.
    Going(Going),
}

/// A partition to be taken up.
#[derive(Debug)]
pub(super) struct Beginning {
    at: Instant,
    /// How long to wait if that fails.
    wait: Duration,
    kept: Option<Kept>,
    /// Whether the log was told from where it is read, so that records of it may come.
    is_read: bool,
}

/// What was in hand when the database went away.
#[derive(Debug)]
struct Kept {
    /// All before this offset is stored, unless the last commit was after all.
    next: u64,
    batch: Batch,
    is_cut: bool,
}

/// A partition that is read and stored.
#[derive(Debug)]
pub(super) struct Going {
    pub(super) lane: Lane,
    pub(super) batch: Batch,
    /// When the batch is to be stored.
    pub(super) due: Option<Instant>,
    /// Whether the log has a hole behind the batch: then it must be said again from where it is read.
    pub(super) is_cut: bool,
    wait: Duration,
}

impl Held {
    /// When something is to be done.
    pub(super) fn due(&self) -> Option<Instant> {
        match self {
            Self::Beginning(beginning) => Some(beginning.at),
            Self::Going(going) => going.due,
        }
    }

    pub(super) fn is_going(&self) -> bool {
        matches!(self, Self::Going(_))
    }

    /// Whether records of it may come.
    pub(super) fn is_read(&self) -> bool {
        match self {
            Self::Beginning(beginning) => beginning.is_read,
            Self::Going(_) => true,
        }
    }

    /// Whether it was tried in vain.
    pub(super) fn is_stuck(&self) -> bool {
        matches!(self, Self::Beginning(beginning) if beginning.wait > WAITS.0)
    }

    /// How many records its batch still takes.
    pub(super) fn room(&self, limits: &Limits) -> Option<usize> {
        match self {
            Self::Beginning(_) => None,
            Self::Going(going) => Some(going.batch.room(limits)),
        }
    }
}

impl Beginning {
    /// A partition that is new.
    pub(super) fn at(now: Instant) -> Self {
        Self { at: now, wait: WAITS.0, kept: None, is_read: false }
    }

    /// A partition that is read, but not from where it should be.
    pub(super) fn again(now: Instant) -> Self {
        Self { is_read: true, ..Self::at(now) }
    }

    /// The same, later.
    pub(super) fn later(self, now: Instant) -> Held {
        let wait = (self.wait * 2).min(WAITS.1);
        Held::Beginning(Self { at: now + self.wait, wait, ..self })
    }

    /// Goes on with a lane: with what is in hand too, if that is what comes next there.
    pub(super) fn goes_on(self, lane: Lane) -> Going {
        let wait = self.wait;
        match self.kept.filter(|kept| kept.next == lane.next()) {
            Some(Kept { batch, is_cut, .. }) => Going { lane, batch, due: Some(self.at), is_cut, wait },
            None => Going::of(lane),
        }
    }

    /// Whether what is in hand comes next at an offset. If not, the commit had reached the database after all, or another has
    /// stored it.
    pub(super) fn is_kept(&self, next: u64) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.next == next)
    }
}

impl Going {
    /// A partition of which nothing is in hand.
    pub(super) fn of(lane: Lane) -> Self {
        Self { lane, batch: Batch::default(), due: None, is_cut: false, wait: WAITS.0 }
    }

    /// What it is when its batch is stored.
    pub(super) fn after_storing(self, now: Instant) -> Held {
        if self.is_cut { Held::Beginning(Beginning::again(now)) } else { Held::Going(Self::of(self.lane)) }
    }

    /// Keeps what is in hand until the database is back.
    pub(super) fn keep(self, now: Instant) -> Beginning {
        let kept = Kept { next: self.lane.next(), batch: self.batch, is_cut: self.is_cut };
        Beginning { at: now + self.wait, wait: (self.wait * 2).min(WAITS.1), kept: Some(kept), is_read: true }
    }
}

/// How long brokers that refuse to be read are borne with.
#[derive(Debug, Default)]
pub(super) struct Patience {
    until: Option<Instant>,
    last: Duration,
}

impl Patience {
    /// When they are asked again; `None` if they may be asked now.
    pub(super) fn due(&self) -> Option<Instant> {
        self.until
    }

    /// Lets them be asked again when it is time.
    pub(super) fn is_due(&mut self, now: Instant) {
        self.until.take_if(|until| *until <= now);
    }

    /// Waits once more, longer than before; `false` if it was long enough.
    pub(super) fn bears(&mut self, now: Instant) -> bool {
        let wait = (self.last * 2).clamp(WAITS.0, WAITS.1);
        (self.until, self.last) = (Some(now + wait), wait);
        wait < WAITS.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_that_refuse_are_asked_again_less_and_less_often_and_not_for_ever() {
        let mut patience = Patience::default();
        let mut now = Instant::now();
        let mut n = 0;
        while patience.bears(now) {
            let until = patience.due().unwrap_or(now);
            assert!(until > now);
            patience.is_due(now);
            assert!(patience.due().is_some(), "not before it is time");
            patience.is_due(until);
            assert_eq!(patience.due(), None);
            (now, n) = (until, n + 1);
        }
        assert_eq!(n, 6, "for 0.1, 0.2, 0.4, 0.8, 1.6 and 3.2 seconds");
    }

    #[test]
    fn what_is_away_is_waited_for_longer_each_time_but_not_longer_than_five_seconds() {
        let now = Instant::now();
        let mut held = Held::Beginning(Beginning::at(now));
        assert_eq!((held.due(), held.is_stuck(), held.is_going()), (Some(now), false, false));
        for expected in [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000] {
            let Held::Beginning(beginning) = held else { unreachable!() };
            held = beginning.later(now);
            assert_eq!(held.due(), Some(now + Duration::from_millis(expected)));
            assert!(held.is_stuck());
        }
    }
}
