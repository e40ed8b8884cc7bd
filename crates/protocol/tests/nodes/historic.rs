//! The published nodes' JSON: what may be missing, what is refused, and that what is written is read.

use crate::examples::{BEACON, REPORT};
use domain::runs::Position;
use jiff::civil::{DateTime, date, time};
use proptest::prelude::*;
use protocol::nodes::{
    Historic, HistoricContact, HistoricRefusal, MAX_HISTORIC_BYTES, beacon_json, report_json, wrapped,
};
use uuid::Uuid;

const LEAST: &str = r#"{"uuid":"5603b252-36de-11eb-8d4f-0242ac140004","position":[3,4],"infected":true,"timestamp":"2020-12-05T09:43:21"}"#;

fn read(json: &str) -> Result<Historic, HistoricRefusal> {
    Historic::read(json.as_bytes())
}

/// Reads the least message with something in it replaced.
fn read_with(old: &str, new: &str) -> Result<Historic, HistoricRefusal> {
    assert!(LEAST.contains(old));
    read(&LEAST.replacen(old, new, 1))
}

#[test]
fn who_says_nothing_else_lives_and_heard_nobody() {
    let least = read(LEAST).unwrap();
    assert!(least.alive);
    assert_eq!(least.contacts, []);
    assert_eq!(read_with("}", r#","alive":null,"contacts":null,"more":{"deep":[[1]]}}"#), Ok(least));
}

#[test]
fn one_wrapping_is_taken_off_and_two_are_refused() {
    let message = read(REPORT).unwrap();
    assert_eq!(read(&wrapped(REPORT)), Ok(message.clone()));
    assert_eq!(read(&format!("\n {}", wrapped(&format!(" {REPORT}")))), Ok(message));
    assert_eq!(read(&wrapped(&wrapped(REPORT))), Err(HistoricRefusal::WrappedTwice));
}

#[test]
fn each_refusal_says_what_is_wrong() {
    use HistoricRefusal::{Elided, Malformed, Missing, NotAMessage, NotJson, OffField, TooLong};
    let check = |old: &str, new: &str, expected: HistoricRefusal| {
        // Where serde stops is its own affair, as long as it is somewhere in the message.
        let refused = match read_with(old, new).unwrap_err() {
            NotAMessage { line: 1, column: 1.. } => NotAMessage { line: 1, column: 1 },
            NotJson { line: 1, column: 1.. } => NotJson { line: 1, column: 1 },
            other => other,
        };
        assert_eq!(refused, expected, "{new}");
    };
    check(r#""infected":true,"#, "", Missing("infected"));
    check("\"uuid\":", "\"id\":", Missing("uuid"));
    check("\"position\":", "\"place\":", Missing("position"));
    check("2020-12-05T09:43:21", "", Missing("timestamp"));
    check("[3,4]", "[3,4,5]", NotAMessage { line: 1, column: 1 });
    check("true", "\"true\"", NotAMessage { line: 1, column: 1 });
    check("}", r#","infected":true}"#, NotAMessage { line: 1, column: 1 });
    check("[3,4]", "[3,-1]", OffField);
    check("[3,4]", "[65536,4]", OffField);
    check("5603b252-36de-11eb-8d4f-0242ac140004", "5603b25236de11eb8d4f0242ac140004", Malformed("uuid"));
    check("5603b252-36de-11eb-8d4f-0242ac140004", "5603b252-36de-11eb…", Elided("uuid"));
    check("09:43:21", "09:43:21Z", Malformed("timestamp"));
    check("}", r#","contacts":[{"uuid":"x"}]}"#, Malformed("contacts.uuid"));
    check("}", r#","contacts":[{"timestamp":"2020-12-05T09:43:21"}]}"#, Missing("contacts.uuid"));
    check("}", "", NotJson { line: 1, column: 1 });
    assert_eq!(read(r#"["5603b252-36de-11eb-8d4f-0242ac140004"]"#), Err(NotAMessage { line: 1, column: 1 }));
    assert_eq!(read(&" ".repeat(MAX_HISTORIC_BYTES + 1)), Err(TooLong));
    let deep = format!(r#"{{"more":{}"#, "[".repeat(100_000));
    assert!(matches!(read(&deep), Err(NotJson { .. })), "and the stack doesn't end");
}

#[test]
fn a_fraction_of_a_step_is_rounded() {
    assert_eq!(read_with("[3,4]", "[3.4, 0.5]").unwrap().position, Position { x: 3, y: 1 });
    assert_eq!(read_with("[3,4]", "[-0.2, 65535.0]").unwrap().position, Position { x: 0, y: 65_535 });
}

#[test]
fn it_is_written_as_pythons_json() {
    assert_eq!(
        beacon_json(&read(BEACON).unwrap()),
        "{\"uuid\": \"ff0a1bda-34b9-11eb-b339-0242ac120004\", \"position\": [1, 5], \"infected\": false, \
         \"timestamp\": \"2020-12-02 16:19:27.504518\", \"alive\": true}"
    );
    let mut report = read(REPORT).unwrap();
    report.contacts.truncate(1);
    assert_eq!(
        report_json(&report),
        "{\"uuid\": \"5603b252-36de-11eb-8d4f-0242ac140004\", \"position\": [72, 33], \"infected\": false, \
         \"timestamp\": \"2020-12-05 09:43:21.144477\", \"alive\": true, \"contacts\": \
         [{\"uuid\": \"563eafe6-36de-11eb-8d4f-0242ac140005\", \"timestamp\": \"2020-12-05 09:43:20.143476\"}]}"
    );
}

fn instants() -> impl Strategy<Value = DateTime> {
    let day = (1i16..=9999, 1i8..=12, 1i8..=28);
    let second = (0i8..24, 0i8..60, 0i8..60, 0i32..1_000_000);
    (day, second).prop_map(|((year, month, day), (h, m, s, micros))| {
        date(year, month, day).to_datetime(time(h, m, s, micros * 1_000))
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        node: u128, x: u16, y: u16, infected: bool, alive: bool, timestamp in instants(),
        heard in prop::collection::vec((any::<u128>(), instants()), 0..6),
    ) {
        let contact = |(node, timestamp)| HistoricContact { node: Uuid::from_u128(node), timestamp };
        let contacts = heard.into_iter().map(contact).collect();
        let node = Uuid::from_u128(node);
        let message = Historic { node, position: Position { x, y }, infected, timestamp, alive, contacts };
        prop_assert_eq!(read(&report_json(&message)), Ok(message.clone()));
        prop_assert_eq!(read(&wrapped(&report_json(&message))), Ok(message.clone()));
        let beacon = Historic { contacts: Vec::new(), ..message };
        prop_assert_eq!(read(&beacon_json(&beacon)), Ok(beacon));
    }
}
