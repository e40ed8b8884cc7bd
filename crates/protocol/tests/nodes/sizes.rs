//! How large it all is: the table that the decision about the wire prints, and the published system beside it.

use domain::runs::{Health, NodeState, Position};
use jiff::civil::datetime;
use protocol::nodes::{
    Beacon, Channel, Contact, Historic, HistoricContact, PeerTag, Quarters, Report, RunKey, Step, beacon_json,
    report_json, wrapped,
};
use uuid::Uuid;

const HERE: Position = Position { x: 72, y: 33 };

fn node(n: u128) -> Uuid {
    Uuid::from_u128(0x5603_b252_36de_11eb_8d4f_0242_ac14_0000 + n)
}

fn state(position: Position) -> NodeState {
    NodeState { position, health: Health::Susceptible, alive: true }
}

/// A node that heard so many others.
fn historic(n_contacts: u128, position: Position) -> Historic {
    let timestamp = datetime(2020, 12, 5, 9, 43, 21, 144_477_000);
    let contacts = (1..=n_contacts).map(|n| HistoricContact { node: node(n), timestamp }).collect();
    Historic { node: node(0), position, infected: false, timestamp, alive: true, contacts }
}

fn report(n_contacts: u128, seq: u32) -> Report {
    let contact = |n| Contact { peer: PeerTag::of(node(n)), seconds_back: 0, distance: Quarters(8) };
    Report {
        node: node(0),
        boot: 0xb007_b007,
        seq,
        second: seq,
        state: state(HERE),
        infected_by: None,
        steps: Vec::new(),
        contacts: (1..=n_contacts).map(contact).collect(),
    }
}

fn written(report: &Report) -> usize {
    report.write().unwrap().len()
}

fn beacon_bytes(key: Option<RunKey>) -> usize {
    let beacon = Beacon { second: 21, node: node(0), state: state(HERE) };
    Channel::new(node(99), key).write(&beacon).as_ref().len()
}

/// Bytes of 20 nodes in 120 seconds, each heard by all others in each second, and their last messages.
fn worst_case(beacon: usize, report: impl Fn(u128, u32) -> usize) -> usize {
    let of_a_node: usize = (0..120).map(|second| beacon + report(19, second)).sum();
    20 * (of_a_node + beacon + report(0, 120))
}

fn table() -> String {
    let with = |number: usize| {
        let digits = number.to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
        groups.join(",")
    };
    let mut table = String::from(
        "| bytes | compact | the published JSON | as it is sent, in a string |\n| --- | ---: | ---: | ---: |\n",
    );
    let mut row = |what: &str, compact: usize, json: Option<(String, bool)>| {
        let plain = json.as_ref().map(|(json, _)| with(json.len())).unwrap_or_default();
        let wraps = json.filter(|(_, wraps)| *wraps).map(|(json, _)| with(wrapped(&json).len())).unwrap_or_default();
        table.push_str(&format!("| {what} | {} | {plain} | {wraps} |\n", with(compact)));
    };
    let far = Position { x: 72, y: 100 };
    row("beacon", beacon_bytes(None), Some((beacon_json(&historic(0, far)), false)));
    row("beacon with MAC", beacon_bytes(Some(RunKey([1; 32]))), None);
    row("report of a second without contact", written(&report(0, 60)), Some((report_json(&historic(0, HERE)), true)));
    row("report with 19 contacts", written(&report(19, 60)), Some((report_json(&historic(19, HERE)), true)));
    let infected = Report { infected_by: Some(PeerTag::of(node(1))), ..report(19, 200_000_000) };
    row("the same at its largest: after years, and infected", written(&infected), None);
    let step = Step::between(HERE, HERE).unwrap();
    row("report of a minute without contact", written(&Report { steps: vec![step; 59], ..report(0, 60) }), None);
    let compact = worst_case(beacon_bytes(None), |n, seq| written(&report(n, seq)));
    let json = historic(0, HERE);
    let plain = worst_case(beacon_json(&json).len(), |n, _| report_json(&historic(n, HERE)).len());
    let sent = worst_case(beacon_json(&json).len(), |n, _| wrapped(&report_json(&historic(n, HERE))).len());
    let (compact, plain, sent) = (with(compact), with(plain), with(sent));
    table.push_str(&format!("| 20 nodes, 120 s, all in reach of all | {compact} | {plain} | {sent} |\n"));
    table
}

#[test]
fn the_book_prints_how_large_each_message_is() {
    let table = table();
    let book = include_str!("../../../../docs/decisions/033-on-the-wire-and-the-log.md");
    assert!(book.contains(&table), "docs/decisions/033-on-the-wire-and-the-log.md must hold this table:\n{table}");
}

#[test]
fn a_report_with_19_contacts_has_at_most_193_bytes_and_the_published_1928_or_2098() {
    let largest = Report { infected_by: Some(PeerTag::of(node(1))), ..report(19, (1 << 28) - 1) };
    assert_eq!(written(&largest), 193);
    let json = report_json(&historic(19, HERE));
    assert_eq!((json.len(), wrapped(&json).len()), (1_928, 2_098));
}
