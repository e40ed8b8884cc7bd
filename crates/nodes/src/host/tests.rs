use super::*;
use domain::runs::NodeState;
use jiff::civil::datetime;
use proptest::prelude::*;
use protocol::nodes::{Beacon, Kind, ReportView, United};
use simulator::engine::Engine;
use std::collections::BTreeMap;

const RUN: Uuid = Uuid::from_u128(77);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn at(x: u16, y: u16) -> Option<Position> {
    Some(Position { x, y })
}

fn newcomer(n: u128, health: Health, position: Option<Position>) -> Newcomer {
    Newcomer { node: id(n), boot: 1, health, position }
}

fn host(parameters: &Parameters) -> Host {
    Host::new(RUN, parameters, None, 0).unwrap()
}

/// A run with the published nodes.
fn json() -> Parameters {
    Parameters { wire: Wire::Json, ..Parameters::default() }
}

fn the_state(host: &Host) -> (Position, Health) {
    let state = host.members[0].node.state();
    (state.position, state.health)
}

/// The JSON of an infected node of the published system.
fn infected_json(n: u128, Position { x, y }: Position, second: u32) -> String {
    let clock = format!("2020-12-02 16:{:02}:{:02}.5", second / 60, second % 60);
    format!(
        r#"{{"uuid": "{}", "position": [{x}, {y}], "infected": true, "timestamp": "{clock}", "alive": true}}"#,
        id(n)
    )
}

#[test]
fn a_beacon_at_2_infects_one_at_2_24_does_not_and_then_it_stands_and_resists_for_15_seconds_each() {
    let mut host = host(&json());
    host.bring(&newcomer(1, Health::Susceptible, at(50, 50)));
    let beside = |host: &Host, dx: u16, dy: u16| {
        let Position { x, y } = the_state(host).0;
        Position { x: x + dx, y: y + dy }
    };
    host.hear(infected_json(9, beside(&host, 1, 2), 0).as_bytes());
    host.end_second();
    assert_eq!((the_state(&host).1, host.now().n_contacts), (Health::Susceptible, 0), "2.24 steps away");
    host.hear(infected_json(9, beside(&host, 0, 2), 1).as_bytes());
    host.end_second();
    assert_eq!((the_state(&host).1, host.now().n_contacts), (Health::Infected, 1), "2 steps away");
    let stood = the_state(&host).0;
    for second in 2..17 {
        assert_eq!(the_state(&host), (stood, Health::Infected), "second {second}");
        host.end_second();
    }
    let mut was = stood;
    for second in 17..32 {
        assert_eq!(the_state(&host).1, Health::Immune, "second {second}");
        assert_ne!(the_state(&host).0, was, "it moves again in second {second}");
        was = the_state(&host).0;
        host.hear(infected_json(9, was, second).as_bytes());
        host.end_second();
    }
    assert_eq!(the_state(&host).1, Health::Susceptible);
    host.hear(infected_json(9, the_state(&host).0, 32).as_bytes());
    host.end_second();
    assert_eq!((the_state(&host).1, host.now().n_infections), (Health::Infected, 2));
}

#[test]
fn the_last_message_says_that_the_node_is_dead_and_nothing_follows() {
    let mut host = host(&Parameters { lifetime_s: 3, ..Parameters::default() });
    host.bring(&newcomer(1, Health::Susceptible, None));
    let channel = Channel::new(RUN, None);
    let clock = datetime(2020, 12, 2, 16, 19, 27, 0);
    let mut alive = Vec::new();
    while !host.is_over() {
        for beacon in host.beacons(clock) {
            alive.push(channel.read(beacon.as_ref(), host.second()).unwrap().state.alive);
        }
        host.end_second();
    }
    assert_eq!(alive, [true, true, true, false]);
    assert!(host.beacons(clock).is_empty());
    let frames = host.reports();
    let report = ReportView::read(&frames[0].bytes).unwrap();
    assert_eq!((frames.len(), report.first_second(), report.second, report.state.alive), (1, 0, 3, false));
    host.acknowledged();
    assert!(host.has_reported_all() && host.reports().is_empty());
}

#[test]
fn a_json_beacon_is_that_of_the_published_nodes() {
    let mut host = host(&json());
    host.bring(&newcomer(1, Health::Infected, at(3, 4)));
    let beacons = host.beacons(datetime(2020, 12, 2, 16, 19, 27, 500_000_000));
    let expected = "{\"uuid\": \"00000000-0000-0000-0000-000000000001\", \"position\": [3, 4], \"infected\": true, \
        \"timestamp\": \"2020-12-02 16:19:27.500000\", \"alive\": true}";
    assert_eq!(String::from_utf8(beacons[0].as_ref().to_vec()).unwrap(), expected);
}

#[test]
fn each_reason_to_refuse_a_frame_is_counted_and_own_beacons_are_no_news() {
    let key = RunKey([9; 32]);
    let mut keyed = Host::new(RUN, &Parameters::default(), Some(key.clone()), 100).unwrap();
    keyed.bring(&newcomer(1, Health::Susceptible, at(50, 50)));
    let state = NodeState { position: Position { x: 50, y: 50 }, health: Health::Infected, alive: true };
    let beacon = |second| Beacon { second, node: id(5), state };
    let ours = Channel::new(RUN, Some(key.clone()));
    keyed.hear(ours.write(&beacon(100)).as_ref());
    keyed.hear(ours.write(&beacon(106)).as_ref());
    keyed.hear(Channel::new(RUN, None).write(&beacon(100)).as_ref());
    keyed.hear(Channel::new(id(8), Some(key)).write(&beacon(100)).as_ref());
    keyed.hear(infected_json(5, state.position, 0).as_bytes());
    keyed.hear(&[0xa0; 21]);
    keyed.hear(&[]);
    for beacon in keyed.beacons(datetime(2020, 1, 1, 0, 0, 0, 0)) {
        keyed.hear(beacon.as_ref());
    }
    let counts = keyed.now().counts;
    let refused: Vec<_> = counts.refused().collect();
    use Refusal::{Late, Malformed, OtherRun, OtherWire, WrongMac};
    assert_eq!(refused, [(Malformed, 2), (OtherWire, 1), (OtherRun, 1), (WrongMac, 1), (Late, 1)]);
    assert_eq!((counts.n_heard, counts.n_own), (1, 1));
    let mut json = host(&json());
    json.hear(Channel::new(RUN, None).write(&beacon(0)).as_ref());
    assert_eq!(json.now().counts.n_refused(OtherWire), 1);
}

#[test]
fn a_beacon_that_comes_over_two_interfaces_is_one_contact_and_beacons_of_two_seconds_are_two() {
    let mut host = host(&Parameters::default());
    host.bring(&newcomer(1, Health::Susceptible, at(50, 50)));
    let state = NodeState { position: the_state(&host).0, health: Health::Immune, alive: true };
    for second in [0, 0, 1] {
        host.hear(Channel::new(RUN, None).write(&Beacon { second, node: id(5), state }).as_ref());
    }
    host.end_second();
    assert_eq!((host.now().counts.n_heard, host.now().n_contacts), (3, 2));
}

#[test]
fn a_second_node_of_the_same_id_is_none_and_a_place_off_the_field_is_its_border() {
    let mut host = host(&Parameters::default());
    assert!(host.bring(&newcomer(1, Health::Infected, at(500, 7))));
    assert!(!host.bring(&newcomer(1, Health::Susceptible, None)));
    assert_eq!((the_state(&host), host.now().n_ever), ((Position { x: 100, y: 7 }, Health::Infected), 1));
}

#[test]
fn a_report_whose_answer_was_lost_comes_again_as_it_was_and_what_was_lived_since_comes_after_it() {
    let mut host = host(&Parameters::default());
    host.bring(&newcomer(1, Health::Susceptible, None));
    host.end_second();
    let first = host.reports();
    host.end_second();
    host.end_second();
    assert_eq!(host.reports(), first, "not acknowledged yet");
    host.acknowledged();
    let then = host.reports();
    let read = |frames: &[ReportFrame]| {
        let report = ReportView::read(&frames[0].bytes).unwrap();
        (report.boot, report.seq, report.first_second(), report.second)
    };
    assert_eq!((read(&first), read(&then)), ((1, 0, 0, 0), (1, 1, 1, 2)));
    host.acknowledged();
    assert!(host.has_reported_all());
}

#[test]
fn no_more_is_handed_out_at_once_than_a_request_holds_and_nothing_is_left_out() {
    let mut host = host(&Parameters { width: 30, height: 30, ..Parameters::default() });
    for n in 0..1_000 {
        host.bring(&newcomer(n, Health::Susceptible, None));
    }
    for _ in 0..30 {
        host.end_second();
    }
    let (mut n_contacts, mut n_batches) = (0, 0);
    loop {
        let frames = host.reports();
        if frames.is_empty() {
            break;
        }
        let n_bytes: usize = frames.iter().map(|frame| 4 + frame.bytes.len()).sum();
        assert!(n_bytes <= protocol::http::runs::MOST_REPORT_BYTES, "{n_bytes}");
        n_contacts +=
            frames.iter().map(|frame| ReportView::read(&frame.bytes).unwrap().n_contacts() as u64).sum::<u64>();
        n_batches += 1;
        host.acknowledged();
    }
    assert!(n_batches > 1, "one request held all");
    assert_eq!((n_contacts, host.now().n_unreported), (host.now().n_contacts, 0));
    assert!(host.has_reported_all());
}

/// What the log knows of contacts: by hearer, peer and slot.
type Met = BTreeMap<(Uuid, PeerTag, u32), (u32, u32, u32, u8)>;

fn meet(met: &mut Met, key: (Uuid, PeerTag, u32), (first, last, n, quarters): (u32, u32, u32, u8)) {
    let known = met.entry(key).or_insert((first, last, 0, quarters));
    *known = (known.0.min(first), known.1.max(last), known.2 + n, known.3.min(quarters));
}

/// Takes a frame as the consumer does: what has no larger number than the last of its node is a repetition.
fn consume(
    frame: &ReportFrame,
    last: &mut BTreeMap<Uuid, u32>,
    met: &mut Met,
    infected: &mut Vec<(Uuid, u32)>,
) -> usize {
    let mut is_new = |seq| last.insert(frame.node, seq).is_none_or(|last| last < seq);
    if Kind::of(&frame.bytes) == Some(Kind::United) {
        let united = United::read(&frame.bytes).unwrap();
        assert!(is_new(united.seq), "it would be taken for a repetition");
        for contact in united.contacts {
            let begins = united.slot * 300;
            let seconds = (begins + u32::from(contact.first), begins + u32::from(contact.last));
            let told = (seconds.0, seconds.1, u32::from(contact.n_contacts), contact.nearest.0);
            meet(met, (frame.node, contact.peer, united.slot), told);
        }
        return 1;
    }
    let report = ReportView::read(&frame.bytes).unwrap();
    assert!(is_new(report.seq), "it would be taken for a repetition");
    infected.extend(report.infected_by.map(|_| (frame.node, report.second)));
    for contact in report.contacts() {
        let second = report.second - u32::from(contact.seconds_back);
        meet(met, (frame.node, contact.peer, second / 300), (second, second, 1, contact.distance.0));
    }
    0
}

/// What each node lives through in a run, without reports: contacts and infections.
fn plain_list(parameters: &Parameters, n_nodes: u128, n_seconds: u32) -> (Met, Vec<(Uuid, u32)>) {
    let rules = Rules::new(parameters).unwrap();
    let mut nodes: Vec<(Uuid, Node)> = (0..n_nodes)
        .map(|n| {
            let health = if n % 5 == 0 { Health::Infected } else { Health::Susceptible };
            (id(n), Node::born(&rules, key_of(id(n).as_bytes()), Born { second: 0, health, position: None }))
        })
        .collect();
    let (mut met, mut infected) = (Met::new(), Vec::new());
    for second in 0..n_seconds {
        let heard: Vec<_> = nodes.iter().map(|(id, node)| Heard { id: *id, state: node.state() }).collect();
        for (id, node) in &mut nodes {
            let others: Vec<_> = heard.iter().filter(|other| other.id != *id).copied().collect();
            for contact in contacts(&rules, node, &others) {
                let quarters = Quarters::nearest(u64::from(contact.distance_squared)).0;
                meet(&mut met, (*id, PeerTag::of(contact.id), second / 300), (second, second, 1, quarters));
            }
            let stepped = step(&rules, node, &others);
            infected.extend(stepped.infected_by.map(|_| (*id, second)));
            *node = stepped.node;
        }
    }
    infected.sort_unstable();
    (met, infected)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Also: a host does what nodes one by one do, each hearing each.
    #[test]
    fn however_long_reports_are_away_no_contact_and_no_infection_is_lost_or_told_twice(
        most_kept in prop::sample::select(&[1_u64, 40, 1_000, 1_000_000][..]),
        movement in prop::sample::select(&[Movement::Waypoint, Movement::Careful, Movement::FleeingChasing][..]),
        radius in prop::sample::select(&[1.0, 2.0, 7.5][..]),
        seed: u64,
        // For each second: none reports, or reports and loses the answer, or reports.
        ways in prop::collection::vec(0_u8..8, 320..=420),
        is_away_for in 0_usize..400,
    ) {
        let parameters = Parameters {
            width: 25, height: 18, lifetime_s: 330, cooldown_s: 9, infection_radius: radius, movement, seed, ..Parameters::default()
        };
        let mut host = host(&parameters);
        host.unite_beyond(most_kept);
        for n in 0..12 {
            host.bring(&newcomer(n, if n % 5 == 0 { Health::Infected } else { Health::Susceptible }, None));
        }
        let (mut last, mut met, mut infected) = (BTreeMap::new(), Met::new(), Vec::new());
        let mut n_united = 0;
        let mut handed_out: Option<Vec<ReportFrame>> = None;
        for (second, way) in ways.iter().enumerate() {
            host.end_second();
            let way = if second < is_away_for { (*way).min(3) } else { *way };
            if way >= 3 {
                let frames = host.reports();
                if let Some(before) = handed_out.replace(frames.clone()) {
                    prop_assert_eq!(&before, &frames, "the same again");
                } else {
                    n_united += frames.iter().map(|frame| consume(frame, &mut last, &mut met, &mut infected)).sum::<usize>();
                }
                if way >= 5 {
                    host.acknowledged();
                    handed_out = None;
                }
            }
        }
        loop {
            let frames = host.reports();
            if frames.is_empty() {
                break;
            }
            if handed_out.take().is_none() {
                n_united += frames.iter().map(|frame| consume(frame, &mut last, &mut met, &mut infected)).sum::<usize>();
            }
            host.acknowledged();
        }
        infected.sort_unstable();
        let (expected, expected_infected) = plain_list(&parameters, 12, ways.len() as u32);
        prop_assert_eq!(met, expected);
        prop_assert_eq!(infected, expected_infected);
        prop_assert!(most_kept > 1 || is_away_for < 100 || n_united > 0, "nothing was united");
        prop_assert!(host.has_reported_all());
        prop_assert_eq!(host.now().n_unreported, 0);
    }
}

#[test]
fn of_ten_thousand_nodes_as_many_meet_in_a_second_as_among_agents_of_the_engine() {
    // By other keys nodes stand elsewhere; what is compared is how dense they are and that all are looked at.
    let parameters = Parameters { width: 2_236, height: 2_236, ..Parameters::default() };
    let mut host = host(&parameters);
    let mut engine = Engine::new(&parameters, 1).unwrap();
    engine.add(10_000, Health::Susceptible).unwrap();
    (0..10_000).for_each(|n| assert!(host.bring(&newcomer(n, Health::Susceptible, None))));
    let mut n_contacts = 0;
    for _ in 0..20 {
        host.end_second();
        n_contacts += engine.step().contacts.len() as u64;
    }
    // The engine counts a pair once, nodes count it from both sides.
    let (ours, theirs) = (host.now().n_contacts as f64, 2.0 * n_contacts as f64);
    assert!((ours / theirs - 1.0).abs() < 0.2, "{ours} against {theirs}");
}
