//! The clock of a run, as a host knows it: counted from when the control answered.

use domain::runs::RunState;
use protocol::http::runs::RunControl;
use std::time::Duration;
use tokio::time::Instant;

/// What time it is in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Whether it runs.
    pub state: RunState,
    /// How long a second is.
    pub second: Duration,
    seconds_before: u32,
    /// When second `seconds_before` began; `None` while it doesn't run.
    began: Option<Instant>,
}

impl Clock {
    /// Makes a clock of an answer that came at this instant.
    #[must_use]
    pub fn of(answer: &RunControl, at: Instant) -> Self {
        let ran = answer.running_for_us.map(Duration::from_micros);
        let state = RunState::find(&answer.state);
        // Whoever doesn't say when it began to run doesn't run. A word of a later version is no reason to stop.
        let waiting = if ran.is_some() { RunState::Running } else { RunState::Paused };
        Self {
            state: state.unwrap_or(waiting),
            second: Duration::from_micros(answer.second_us.max(1)),
            seconds_before: answer.seconds_before,
            // Before the machine started there is no instant: then it began when the answer came, and hurries after.
            began: ran.map(|ran| at.checked_sub(ran).unwrap_or(at)),
        }
    }

    /// Takes a new answer into account.
    ///
    /// An answer takes time, so what it says is always a little late: of two that speak of the same beginning, the earlier is
    /// nearer to the truth. The later one pulls by a sixteenth, so that a clock here that goes wrong is followed too.
    #[must_use]
    pub fn then(self, new: Self) -> Self {
        let is_same = (self.state, self.second, self.seconds_before) == (new.state, new.second, new.seconds_before);
        match (self.began, new.began) {
            (Some(known), Some(told)) if is_same && told > known => {
                Self { began: Some(known + (told - known) / 16), ..new }
            }
            _ => new,
        }
    }

    /// Returns the second of the run.
    #[must_use]
    pub fn second_at(&self, now: Instant) -> u32 {
        let Some(began) = self.began.filter(|_| self.state == RunState::Running) else { return self.seconds_before };
        let passed = now.saturating_duration_since(began).as_micros() / self.second.as_micros().max(1);
        self.seconds_before.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX))
    }

    /// Returns when a second begins, or began; `None` while the run stands still, and for seconds before.
    #[must_use]
    pub fn begins_at(&self, second: u32) -> Option<Instant> {
        let seconds = second.checked_sub(self.seconds_before)?;
        let began = self.began.filter(|_| self.state == RunState::Running)?;
        began.checked_add(self.second.checked_mul(seconds)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::runs::Parameters;
    use protocol::http::runs::RunNodes;
    use uuid::Uuid;

    fn answer(state: &str, seconds_before: u32, running_for_ms: Option<u64>) -> RunControl {
        RunControl {
            run_id: Uuid::from_u128(1),
            state: state.to_owned(),
            parameters: Parameters::default(),
            second_us: 50_000,
            seconds_before,
            running_for_us: running_for_ms.map(|ms| ms * 1_000),
            hosting: "server".to_owned(),
            waiting: RunNodes::default(),
        }
    }

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[tokio::test(start_paused = true)]
    async fn seconds_count_from_when_the_run_began_to_run() {
        let at = Instant::now() + ms(1_000);
        let clock = Clock::of(&answer("running", 10, Some(120)), at);
        assert_eq!([clock.second_at(at), clock.second_at(at + ms(29)), clock.second_at(at + ms(30))], [12, 12, 13]);
        assert_eq!(clock.begins_at(13), Some(at + ms(30)));
        assert_eq!(clock.begins_at(9), None);
    }

    #[tokio::test(start_paused = true)]
    async fn paused_seconds_do_not_count() {
        let at = Instant::now();
        for state in ["paused", "stopped"] {
            let clock = Clock::of(&answer(state, 10, None), at);
            assert_eq!((clock.second_at(at + ms(9_999)), clock.begins_at(11)), (10, None), "{state}");
        }
        let clock = Clock::of(&answer("hibernating", 10, None), at);
        assert_eq!(clock.state, RunState::Paused, "a word of a later version");
    }

    #[tokio::test(start_paused = true)]
    async fn of_answers_the_one_that_took_least_time_counts_most() {
        let at = Instant::now() + ms(10_000);
        let began = |clock: Clock| clock.begins_at(0).unwrap();
        let slow = Clock::of(&answer("running", 0, Some(1_000)), at + ms(40));
        let quick = slow.then(Clock::of(&answer("running", 0, Some(2_000)), at + ms(1_001)));
        assert_eq!(began(quick), at - ms(999));
        let slow_again = quick.then(Clock::of(&answer("running", 0, Some(3_000)), at + ms(2_017)));
        assert_eq!(began(slow_again), at - ms(998), "16 ms late pull by 1");
        let resumed = quick.then(Clock::of(&answer("running", 3, Some(5)), at + ms(9_000)));
        assert_eq!(resumed.begins_at(3), Some(at + ms(8_995)), "another beginning is another clock");
    }
}
