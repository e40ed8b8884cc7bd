//! A message of a published node, placed in its run: its second by the log's clock, its contacts by how long before it they were.

use domain::ids::NodeId;
use domain::runs::{Health, NodeState, Run};
use jiff::Timestamp;
use jiff::civil::DateTime;
use protocol::nodes::{Historic, PeerTag};

/// What a node's clock shows is counted from here, in whatever zone that is.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// A message in its run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) node: NodeId,
    /// What the node's clock showed, in microseconds since 1970.
    pub(super) told_at: i64,
    /// When the log took it, in milliseconds since 1970.
    pub(super) recorded_at: i64,
    pub(super) second: u32,
    pub(super) state: NodeState,
    /// Whom it heard, and in which second.
    pub(super) heard: Vec<(PeerTag, u32)>,
}

impl Told {
    /// Places a message that the log took `at`. A contact is never later than its message, nor before the run.
    pub(super) fn of(run: &Run, message: &Historic, at: Timestamp) -> Self {
        let second = run.second_of(at);
        let heard = |contact| {
            let age = message.age_of(contact);
            let then = at.checked_sub(age).unwrap_or(if age.is_negative() { at } else { Timestamp::MIN });
            (PeerTag::of(contact.node), run.second_of(then).min(second))
        };
        let health = if message.infected { Health::Infected } else { Health::Susceptible };
        Self {
            node: NodeId(message.node),
            told_at: micros(message.timestamp),
            recorded_at: at.as_millisecond(),
            second,
            state: NodeState { position: message.position, health, alive: message.alive },
            heard: message.contacts.iter().map(heard).collect(),
        }
    }
}

fn micros(at: DateTime) -> i64 {
    i64::try_from(at.duration_since(EPOCH).as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::RunId;
    use domain::runs::{Hosting, Parameters, Position, RunClock, Visibility};
    use jiff::SignedDuration;
    use proptest::prelude::*;
    use protocol::nodes::HistoricContact;
    use std::time::Duration;
    use uuid::Uuid;

    fn start() -> Timestamp {
        "2026-11-27T09:42:00Z".parse().unwrap()
    }

    fn run(second_ms: u64) -> Run {
        Run {
            run_id: RunId(Uuid::nil()),
            name: "Field".to_owned(),
            owner: None,
            visibility: Visibility::Staff,
            is_rehearsal: false,
            parameters: Parameters::default(),
            hosting: Hosting::Processes,
            created_at: start(),
            ended_at: None,
            clock: RunClock::start(Duration::from_millis(second_ms), start()),
            n_safe: 0,
            n_infected: 0,
        }
    }

    fn message(ages_us: &[i64]) -> Historic {
        let timestamp = DateTime::constant(2020, 12, 5, 9, 43, 21, 144_477_000);
        let contact = |age: &i64| HistoricContact {
            node: Uuid::from_u128(2),
            timestamp: timestamp - SignedDuration::from_micros(*age),
        };
        let (node, position) = (Uuid::from_u128(1), Position { x: 72, y: 33 });
        let contacts = ages_us.iter().map(contact).collect();
        Historic { node, position, infected: true, timestamp, alive: false, contacts }
    }

    #[test]
    fn its_second_is_the_logs_and_its_own_clock_only_tells_how_old_contacts_are() {
        let at = start() + SignedDuration::from_millis(10_500);
        let told = Told::of(&run(1_000), &message(&[0, 500_000, 501_000, 1_500_001, 60_000_000, -7_000_000]), at);
        let seconds: Vec<u32> = told.heard.iter().map(|(_, second)| *second).collect();
        assert_eq!(told.second, 10);
        assert_eq!(seconds, [10, 10, 9, 8, 0, 10], "not before the run, and not after the message");
        assert_eq!((told.state.health, told.state.alive), (Health::Infected, false));
        assert_eq!(told.told_at, 1_607_161_401_144_477, "as if its zone were UTC");
        assert_eq!(Told::of(&run(1_000), &message(&[3]), start() - SignedDuration::from_secs(9)).second, 0);
    }

    proptest! {
        #[test]
        fn a_contact_is_as_many_seconds_back_as_its_age(
            second_ms in 10u64..2_000, millis in 0i64..10_000_000, age_us in 0i64..10_000_000_000,
        ) {
            let run = run(second_ms);
            let at = start() + SignedDuration::from_millis(millis);
            let told = Told::of(&run, &message(&[age_us]), at);
            let length = second_ms as i64 * 1_000;
            prop_assert_eq!(i64::from(told.second), millis * 1_000 / length);
            prop_assert_eq!(i64::from(told.heard[0].1), (millis * 1_000 - age_us).max(0) / length);
        }
    }
}
