//! Ten thousand messages of published nodes: shuffled, a tenth of them twice, and twenty that can't be read.

use bytes::Bytes;
use event_log::Record;
use jiff::civil::{DateTime, date};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub const N_MESSAGES: usize = 10_000;
pub const N_POISONED: usize = 20;
pub const NODES: u64 = 60;

/// Numbers that look drawn, the same ones each time.
pub struct Drawn(pub u64);

impl Drawn {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn shuffle<T>(&mut self, all: &mut [T]) {
        for at in (1..all.len()).rev() {
            all.swap(at, usize::try_from(self.below(at as u64 + 1)).unwrap());
        }
    }
}

fn id(node: u64) -> Uuid {
    Uuid::from_u128(0x5603_b252_36de_11eb_8d4f_0242_ac14_0000 + u128::from(node))
}

/// As published nodes write it, JSON within a JSON string.
fn wrapped(json: &str) -> String {
    serde_json::to_string(json).unwrap()
}

fn message(node: u64, n: u64, clock: DateTime, alive: bool) -> String {
    let infected = (n / 15 + node) % 3 == 1;
    let contact = |of: u64, millis: i64| {
        let heard = clock - SignedDuration::from_millis(millis);
        format!(r#"{{"uuid": "{}", "timestamp": "{heard}"}}"#, id(of))
    };
    let heard = match (node + n) % 4 {
        0 => {
            vec![contact((node + 1) % NODES, 300), contact((node + 1) % NODES, 300), contact((node + 7) % NODES, 1_200)]
        }
        1 => vec![contact(node, 100), contact(900 + node % 3, 2_750)],
        _ => Vec::new(),
    };
    let (x, y) = ((node * 3 + n) % 101, n * 7 % 101);
    let json = format!(
        r#"{{"uuid": "{}", "position": [{x}, {y}], "infected": {infected}, "timestamp": "{clock}", "alive": {alive}, "contacts": [{}]}}"#,
        id(node),
        heard.join(", ")
    );
    wrapped(&json.replace('T', " "))
}

/// Messages of nodes that report every 0.9 seconds, so that some report twice in a second. Their clocks show another year.
fn messages(drawn: &mut Drawn, start: Timestamp) -> Vec<Record> {
    let mut records = Vec::new();
    for n in 0.. {
        for node in 0..NODES {
            let dies = 60 + node;
            if records.len() == N_MESSAGES {
                return records;
            }
            if node % 5 == 3 && n > dies {
                continue;
            }
            let millis = i64::try_from(n * 900 + node * 13 + drawn.below(90)).unwrap();
            let clock = date(2020, 12, 5).at(9, 43, 21, 144_477_000) + SignedDuration::from_millis(millis);
            let sent = millis + i64::try_from(drawn.below(40)).unwrap();
            let alive = node % 5 != 3 || n != dies;
            records.push(record(message(node, n, clock, alive), start + SignedDuration::from_millis(sent)));
        }
    }
    records
}

fn poison(n: usize) -> String {
    let good = message(1, 1, date(2020, 12, 5).at(9, 0, 0, 0), true);
    match n % 5 {
        0 => wrapped(&good),
        1 => good[..good.len() / 2].to_owned(),
        2 => good.replace(r#"\"infected\": "#, r#"\"infected\": 7, \"was\": "#),
        3 => good.replace("2020-12-05 09:", "2020-12-05 ... "),
        _ => good.replace(r#"\"position\""#, r#"\"place\""#),
    }
}

pub fn all(start: Timestamp) -> Vec<Record> {
    let mut drawn = Drawn(7);
    let mut records = messages(&mut drawn, start);
    for at in (0..N_MESSAGES).step_by(10) {
        records.push(records[at].clone());
    }
    records.extend((0..N_POISONED).map(|n| record(poison(n), start)));
    drawn.shuffle(&mut records);
    records
}

/// A record as published nodes send it: no key, no header.
pub fn record(value: impl Into<Vec<u8>>, at: Timestamp) -> Record {
    Record { key: None, headers: Vec::new(), value: Bytes::from(value.into()), at }
}
