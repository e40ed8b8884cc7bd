//! What a log of published nodes says, counted by another rule than the consumer's: all messages at once, in the order of their
//! time.

use domain::runs::Statistics;
use event_log::Fetched;
use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A message that can be read.
#[derive(Clone, Debug)]
pub struct Said {
    pub uuid: String,
    timestamp: DateTime,
    infected: bool,
    alive: bool,
    pub at: Timestamp,
    contacts: Vec<(String, DateTime)>,
}

/// All messages of a log, each once, and how many records there were that can't be read.
pub fn read(records: &[Fetched]) -> (Vec<Said>, usize) {
    let (mut once, mut said, mut n_poison) = (BTreeSet::new(), Vec::new(), 0);
    for fetched in records {
        match message(fetched) {
            None => n_poison += 1,
            Some(one) if once.insert((one.uuid.clone(), one.timestamp)) => said.push(one),
            Some(_) => {}
        }
    }
    (said, n_poison)
}

fn message(fetched: &Fetched) -> Option<Said> {
    let mut value: Value = serde_json::from_slice(&fetched.record.value).ok()?;
    if let Some(text) = value.as_str() {
        value = serde_json::from_str(text).ok()?;
    }
    let of = |value: &Value| Some((value["uuid"].as_str()?.to_owned(), time(value["timestamp"].as_str()?)?));
    let (uuid, timestamp) = of(&value)?;
    value["position"].as_array().filter(|both| both.len() == 2)?;
    let contacts = value["contacts"].as_array()?.iter().map(of).collect::<Option<Vec<_>>>()?;
    let (infected, alive) = (value["infected"].as_bool()?, value["alive"].as_bool()?);
    Some(Said { uuid, timestamp, infected, alive, at: fetched.record.at, contacts })
}

fn time(text: &str) -> Option<DateTime> {
    text.replacen(' ', "T", 1).parse().ok()
}

fn second(start: Timestamp, at: Timestamp) -> u32 {
    let micros = at.as_microsecond() - start.as_microsecond();
    u32::try_from(micros.div_euclid(1_000_000)).unwrap_or(0)
}

/// Counts the nodes of a run as they were at a second: by the last message of each up to it.
pub fn statistics(said: &[Said], start: Timestamp, at: u32) -> Statistics {
    let mut last: BTreeMap<&str, &Said> = BTreeMap::new();
    for one in said.iter().filter(|one| second(start, one.at) <= at) {
        let known = last.entry(&one.uuid).or_insert(one);
        if (known.at, known.timestamp) < (one.at, one.timestamp) {
            *known = one;
        }
    }
    let mut counted = Statistics::default();
    for one in last.values() {
        counted.total += 1;
        counted.deaths += u64::from(!one.alive);
        counted.zombies += u64::from(one.alive && one.infected);
        counted.dead_zombies += u64::from(!one.alive && one.infected);
        counted.silent += u64::from(one.alive && second(start, one.at) + 5 <= at);
    }
    counted
}

/// The first second, the last, and how often, by pair of ids and slot of five minutes.
pub fn encounters(said: &[Said], start: Timestamp) -> BTreeMap<(String, String, u32), (u32, u32, u32)> {
    let mut met: BTreeMap<(String, String, u32), (u32, u32, u32)> = BTreeMap::new();
    for one in said {
        for (other, timestamp) in one.contacts.iter().filter(|(other, _)| *other != one.uuid) {
            let age = one.timestamp.duration_since(*timestamp);
            let second = second(start, one.at.checked_sub(age).unwrap()).min(second(start, one.at));
            let mut pair = [one.uuid.clone(), other.clone()];
            pair.sort();
            let [a, b] = pair;
            let known = met.entry((a, b, second / 300)).or_insert((second, second, 0));
            *known = (known.0.min(second), known.1.max(second), known.2 + 1);
        }
    }
    met
}
