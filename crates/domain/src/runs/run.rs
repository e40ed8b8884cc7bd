//! A run: whose it is, who sees it, and what time it is in it.

use super::Parameters;
use crate::authorities::words;
use crate::ids::{AccountId, RunId};
use jiff::Timestamp;
use std::time::Duration;

/// Who sees a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Visibility {
    /// Whoever made it, and operators.
    Owner,
    /// Whoever has signed in as staff.
    Staff,
    /// Anybody, without signing in.
    Anybody,
}
words!(Visibility { Owner = "owner", Staff = "staff", Anybody = "anybody" });

/// What a run does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunState {
    /// Its seconds pass.
    Running,
    /// It stands still, and can go on.
    Paused,
    /// It is over.
    Stopped,
}
words!(RunState { Running = "running", Paused = "paused", Stopped = "stopped" });

/// Where the nodes of a run live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hosting {
    /// In a server.
    #[default]
    Server,
    /// In processes of their own, which bring the run's key.
    Processes,
}
words!(Hosting { Server = "server", Processes = "processes" });

/// The shortest second of a run.
pub const SHORTEST_SECOND: Duration = Duration::from_millis(10);
/// The longest second of a run.
pub const LONGEST_SECOND: Duration = Duration::from_mins(1);
/// How long nothing may be heard of a run whose nodes are all dead before it ends by itself.
pub const ENDS_AFTER_DEATHS: Duration = Duration::from_mins(10);
/// How long nothing may be heard of any other run: its nodes are silent, or none has come yet.
pub const ENDS_AFTER_SILENCE: Duration = Duration::from_mins(60);
/// Characters of a name.
pub const LONGEST_NAME: usize = 80;

/// How many nodes of a run there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Crowd {
    /// Nodes that were ever heard.
    pub n_known: u32,
    /// Those of them whose death nobody told.
    pub n_living: u32,
    /// Nodes that were asked for and that no host has brought into being.
    pub n_waiting: u32,
}

impl Crowd {
    /// Returns for how long nothing may be heard before the run ends. Somebody who is silent may come back, who is dead can't.
    #[must_use]
    pub fn ends_after(self) -> Duration {
        let all_died = self.n_known > 0 && self.n_living == 0 && self.n_waiting == 0;
        if all_died { ENDS_AFTER_DEATHS } else { ENDS_AFTER_SILENCE }
    }
}

/// The time of a run: paused seconds don't count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunClock {
    /// What it does.
    pub state: RunState,
    /// How long a second is.
    pub second: Duration,
    /// Seconds that were over when it last began to run.
    pub seconds_before: u32,
    /// Since when it runs; `None` while it doesn't.
    pub running_since: Option<Timestamp>,
}

impl RunClock {
    /// Starts one at second 0.
    #[must_use]
    pub fn start(second: Duration, now: Timestamp) -> Self {
        Self { state: RunState::Running, second, seconds_before: 0, running_since: Some(now) }
    }

    /// Returns which second it is.
    #[must_use]
    pub fn second_at(&self, now: Timestamp) -> u32 {
        let Some(since) = self.running_since else { return self.seconds_before };
        let micros = now.duration_since(since).as_micros().max(0);
        let length = self.second.as_micros().max(1);
        let passed = u32::try_from(micros.unsigned_abs() / length).unwrap_or(u32::MAX);
        self.seconds_before.saturating_add(passed)
    }

    /// Returns when a second begins, while it runs.
    #[must_use]
    pub fn begins_at(&self, second: u32) -> Option<Timestamp> {
        let seconds = second.checked_sub(self.seconds_before)?;
        self.running_since?.checked_add(self.second.checked_mul(seconds)?).ok()
    }

    /// Stands still from now on; the second that is under way is done again.
    #[must_use]
    pub fn paused(self, now: Timestamp) -> Self {
        Self { state: RunState::Paused, seconds_before: self.second_at(now), running_since: None, ..self }
    }

    /// Goes on from now.
    #[must_use]
    pub fn resumed(self, now: Timestamp) -> Self {
        Self { state: RunState::Running, running_since: Some(now), ..self }
    }

    /// Is over.
    #[must_use]
    pub fn stopped(self, now: Timestamp) -> Self {
        Self { state: RunState::Stopped, ..self.paused(now) }
    }
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id.
    pub run_id: RunId,
    /// What its owner calls it: 1 to 80 characters.
    pub name: String,
    /// Who made it; `None` if nobody did: what published nodes said while no run was there for them.
    pub owner: Option<AccountId>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether its nodes stand for persons, so that what they heard shows up as evidence.
    pub is_rehearsal: bool,
    /// What holds for all nodes.
    pub parameters: Parameters,
    /// Where its nodes live.
    pub hosting: Hosting,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was stopped.
    pub ended_at: Option<Timestamp>,
    /// Its time.
    pub clock: RunClock,
    /// Susceptible nodes that were asked for, all in all.
    pub n_safe: u32,
    /// Infected nodes that were asked for, all in all.
    pub n_infected: u32,
}

impl Run {
    /// Whether something that came at an instant may belong to it: not before it was made, and not after it was over.
    #[must_use]
    pub fn spans(&self, at: Timestamp) -> bool {
        self.created_at <= at && self.ended_at.is_none_or(|ended| at <= ended)
    }

    /// Returns which second of it an instant was, also one that is past; 0 before its beginning.
    ///
    /// When it stood still isn't known later, so what was before it last went on is counted from its beginning, as if it
    /// hadn't.
    #[must_use]
    pub fn second_of(&self, at: Timestamp) -> u32 {
        match self.clock.running_since {
            Some(since) if at >= since => self.clock.second_at(at),
            _ => RunClock::start(self.clock.second, self.created_at).second_at(at).min(self.clock.seconds_before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn paused_seconds_do_not_count() {
        let clock = RunClock::start(Duration::from_millis(50), at(0));
        assert_eq!([clock.second_at(at(-9)), clock.second_at(at(49)), clock.second_at(at(50))], [0, 0, 1]);
        let paused = clock.paused(at(520));
        assert_eq!([paused.second_at(at(520)), paused.second_at(at(9_999))], [10, 10]);
        assert_eq!(paused.begins_at(11), None);
        let again = paused.resumed(at(10_000));
        assert_eq!([again.second_at(at(10_049)), again.second_at(at(10_050))], [10, 11]);
        assert_eq!(again.begins_at(12), Some(at(10_100)));
        let over = again.stopped(at(10_100));
        assert_eq!((over.state, over.second_at(at(99_999))), (RunState::Stopped, 12));
    }

    fn run(clock: RunClock, ended_at: Option<Timestamp>) -> Run {
        Run {
            run_id: RunId(uuid::Uuid::nil()),
            name: "Field".to_owned(),
            owner: None,
            visibility: Visibility::Staff,
            is_rehearsal: false,
            parameters: Parameters::default(),
            hosting: Hosting::Processes,
            created_at: at(0),
            ended_at,
            clock,
            n_safe: 0,
            n_infected: 0,
        }
    }

    #[test]
    fn a_past_instant_has_the_second_that_it_had_then() {
        let clock = RunClock::start(Duration::from_secs(1), at(0));
        let seconds = |run: &Run| [-9_000, 0, 999, 5_000, 9_999].map(|millis| run.second_of(at(millis)));
        assert_eq!(seconds(&run(clock, None)), [0, 0, 0, 5, 9]);
        assert_eq!(seconds(&run(clock.stopped(at(20_000)), Some(at(20_000)))), [0, 0, 0, 5, 9], "when it is over too");
        let paused = clock.paused(at(7_000));
        assert_eq!(seconds(&run(paused, None)), [0, 0, 0, 5, 7], "it stood still in second 7");
        let again = run(paused.resumed(at(30_000)), None);
        assert_eq!(seconds(&again), [0, 0, 0, 5, 7]);
        assert_eq!([29_999, 30_000, 31_000].map(|millis| again.second_of(at(millis))), [7, 7, 8]);
    }

    #[test]
    fn a_run_spans_the_instants_from_its_making_to_its_end() {
        let clock = RunClock::start(Duration::from_secs(1), at(0));
        let spans = |run: &Run| [-1, 0, 5, 6].map(|millis| run.spans(at(millis)));
        assert_eq!(spans(&run(clock, None)), [false, true, true, true]);
        assert_eq!(spans(&run(clock.stopped(at(5)), Some(at(5)))), [false, true, true, false]);
    }
}
