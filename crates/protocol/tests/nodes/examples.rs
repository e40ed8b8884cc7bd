//! The published system's messages, their ellipses filled in, and as they were printed.

use domain::runs::Position;
use jiff::SignedDuration;
use jiff::civil::datetime;
use protocol::nodes::{Historic, HistoricRefusal};
use uuid::Uuid;

pub const BEACON: &str = include_str!("../../../testkit/historic/beacon.json");
pub const REPORT: &str = include_str!("../../../testkit/historic/report.json");
const BEACON_AS_PRINTED: &str = include_str!("../../../testkit/historic/beacon-as-printed.json");
const REPORT_AS_PRINTED: &str = include_str!("../../../testkit/historic/report-as-printed.json");

#[test]
fn the_published_beacon_is_read() {
    let expected = Historic {
        node: Uuid::parse_str("ff0a1bda-34b9-11eb-b339-0242ac120004").unwrap(),
        position: Position { x: 1, y: 5 },
        infected: false,
        timestamp: datetime(2020, 12, 2, 16, 19, 27, 504_518_000),
        alive: true,
        contacts: Vec::new(),
    };
    assert_eq!(Historic::read(BEACON.as_bytes()), Ok(expected));
}

#[test]
fn the_published_report_is_read_with_the_node_that_stands_in_it_twice() {
    let report = Historic::read(REPORT.as_bytes()).unwrap();
    assert_eq!(report.position, Position { x: 72, y: 33 });
    assert_eq!(report.contacts.len(), 6);
    assert_eq!(report.contacts[0].node, report.contacts[5].node);
    assert_eq!(report.age_of(&report.contacts[0]), SignedDuration::from_micros(1_001_001));
    assert_eq!(report.age_of(&report.contacts[5]), SignedDuration::ZERO);
}

#[test]
fn as_it_is_printed_it_is_refused_because_it_is_shortened() {
    let refused = HistoricRefusal::Elided("uuid");
    assert_eq!(Historic::read(BEACON_AS_PRINTED.as_bytes()), Err(refused));
    assert_eq!(Historic::read(REPORT_AS_PRINTED.as_bytes()), Err(refused));
    assert_eq!(refused.to_string(), "uuid is shortened with an ellipsis: an example as it is printed, no message");
}
