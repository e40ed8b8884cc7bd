use super::*;
use crate::digest::RunDigest;
use crate::step::{Born, Heard, Node, contacts, step};
use domain::runs::Movement;
use proptest::prelude::*;

/// The same run, agent by agent, by the rules of a node.
struct Nodes {
    rules: Rules,
    nodes: Vec<Node>,
    second: u32,
}

/// All that a second is: who is seen, who met whom, who infected whom.
type Lived = (Vec<(u32, Position, Seen)>, Vec<Contact>, Vec<Infection>);

impl Nodes {
    fn new(parameters: &Parameters) -> Self {
        Self { rules: Rules::new(parameters).unwrap(), nodes: Vec::new(), second: 0 }
    }

    fn add(&mut self, n: u32, health: Health) {
        for _ in 0..n {
            let born = Born { second: self.second, health, position: None };
            self.nodes.push(Node::born(&self.rules, self.nodes.len() as u64, born));
        }
    }

    fn step(&mut self) -> Lived {
        let heard: Vec<Heard<u32>> =
            (0..).zip(&self.nodes).map(|(id, node)| Heard { id, state: node.state() }).collect();
        let (mut seen, mut met, mut infections) = (Vec::new(), Vec::new(), Vec::new());
        let mut next = Vec::new();
        for (number, node) in (0..).zip(&self.nodes) {
            let health = node.course.health;
            if node.alive || node.second == self.second {
                let seen_as = if node.alive { Seen::Alive(health) } else { Seen::Last(health) };
                seen.push((number, node.position, seen_as));
            }
            let others: Vec<_> = heard.iter().filter(|other| other.id != number).copied().collect();
            let higher = contacts(&self.rules, node, &others).filter(|contact| contact.id > number);
            met.extend(higher.map(|contact| Contact {
                lower: number,
                higher: contact.id,
                distance_squared: contact.distance_squared,
            }));
            let stepped = step(&self.rules, node, &others);
            if let Some(infector) = stepped.infected_by {
                let other = self.nodes[infector as usize].position;
                let distance_squared = crate::step::distance_squared(node.position, other);
                infections.push(Infection { infected: number, distance_squared, infector });
            }
            next.push(stepped.node);
        }
        self.nodes = next;
        self.second += 1;
        (seen, met, infections)
    }
}

fn lived(engine: &mut Engine) -> Lived {
    let second = engine.step();
    let mut snapshot = Snapshot::default();
    second.snapshot(&mut snapshot);
    (snapshot.agents().collect(), second.contacts.to_vec(), second.infections.to_vec())
}

/// Lives through a run both ways, with newcomers in second 11, and compares every second. Returns how many infections
/// there were.
fn compare(parameters: &Parameters, [safe, infected, newcomers]: [u32; 3], n_seconds: u32) -> usize {
    let mut engine = Engine::new(parameters, 1).unwrap();
    let mut nodes = Nodes::new(parameters);
    let mut n_infections = 0;
    for second in 0..n_seconds {
        let add: &[(u32, Health)] = match second {
            0 => &[(safe, Health::Susceptible), (infected, Health::Infected)],
            11 => &[(newcomers, Health::Susceptible), (1, Health::Infected)],
            _ => &[],
        };
        for (n, health) in add {
            engine.add(*n, *health).unwrap();
            nodes.add(*n, *health);
        }
        let (ours, expected) = (lived(&mut engine), nodes.step());
        assert_eq!(ours, expected, "second {second} of {parameters:?}");
        n_infections += ours.2.len();
        assert_counts(&engine, &expected.0);
    }
    n_infections
}

/// The numbers of a second are those that are seen.
fn assert_counts(engine: &Engine, seen: &[(u32, Position, Seen)]) {
    let count = |of: Seen| seen.iter().filter(|(_, _, seen)| *seen == of).count() as u64;
    let counted = engine.counted;
    assert_eq!(counted.zombies, count(Seen::Alive(Health::Infected)));
    assert_eq!(counted.immune, count(Seen::Alive(Health::Immune)));
    let last = seen.iter().filter(|(_, _, seen)| matches!(seen, Seen::Last(_))).count();
    assert_eq!(last, engine.died.len());
    let alive = seen.len() - last;
    assert_eq!(counted.total - counted.deaths, alive as u64);
    assert!(counted.dead_zombies <= counted.deaths);
}

const MOVEMENTS: [Movement; 5] =
    [Movement::Waypoint, Movement::RandomWalk, Movement::LevyFlight, Movement::Careful, Movement::FleeingChasing];

#[test]
fn the_engine_does_what_nodes_do_in_every_second_of_every_movement() {
    for movement in MOVEMENTS {
        for humans_and_zombies in [false, true] {
            let parameters = Parameters {
                width: 60,
                height: 45,
                lifetime_s: 40,
                cooldown_s: 6,
                movement,
                humans_and_zombies,
                seed: 5,
                ..Parameters::default()
            };
            let n_infections = compare(&parameters, [180, 12, 25], 54);
            assert!(n_infections > 10, "{movement:?}: only {n_infections} infections were compared");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn the_engine_does_what_nodes_do_on_any_field(
        (width, height) in (1..200_u16, 1..200_u16),
        (lifetime_s, cooldown_s) in (1..30_u32, 1..8_u32),
        radius in prop::sample::select(&[0.5, 1.0, 1.5, 2.0, 5.0, 17.3, 63.75][..]),
        movement in prop::sample::select(&MOVEMENTS[..]),
        humans_and_zombies: bool,
        seed: u64,
        agents in (0..40_u32, 0..6_u32, 0..10_u32),
    ) {
        let parameters = Parameters {
            width,
            height,
            lifetime_s,
            infection_radius: radius,
            cooldown_s,
            movement,
            humans_and_zombies,
            seed,
            ..Parameters::default()
        };
        compare(&parameters, agents.into(), 34);
    }
}

#[test]
fn a_field_as_large_as_can_be_holds_an_agent_in_each_corner() {
    let parameters = Parameters { width: u16::MAX, height: u16::MAX, seed: 3, ..Parameters::default() };
    compare(&parameters, [3, 2, 1], 40);
}

fn digest(parameters: &Parameters, n_threads: usize, n_agents: u32, n_seconds: u32) -> (String, usize) {
    let mut engine = Engine::new(parameters, n_threads).unwrap();
    engine.add(n_agents, Health::Susceptible).unwrap();
    engine.add(n_agents / 20, Health::Infected).unwrap();
    let (mut digest, mut snapshot) = (RunDigest::default(), Snapshot::default());
    let mut n_infections = 0;
    for _ in 0..n_seconds {
        let second = engine.step();
        n_infections += second.infections.len();
        second.snapshot(&mut snapshot);
        digest.add(&second, &snapshot);
    }
    (digest.hex(), n_infections)
}

#[test]
fn one_two_and_eight_threads_live_through_the_same_run() {
    for movement in [Movement::Waypoint, Movement::FleeingChasing] {
        let parameters = Parameters { width: 900, height: 700, movement, ..Parameters::default() };
        let (expected, n_infections) = digest(&parameters, 1, 40_000, 12);
        assert!(n_infections > 1_000, "{n_infections}");
        for n_threads in [2, 8] {
            assert_eq!(digest(&parameters, n_threads, 40_000, 12).0, expected, "{movement:?}, {n_threads} threads");
        }
    }
}

#[test]
fn another_seed_or_another_second_is_another_digest() {
    let parameters = Parameters::default();
    let first = digest(&parameters, 1, 100, 5).0;
    assert_eq!(first, digest(&parameters, 1, 100, 5).0);
    assert_ne!(first, digest(&parameters, 1, 100, 6).0);
    assert_ne!(first, digest(&Parameters { seed: 1, ..parameters }, 1, 100, 5).0);
}

#[test]
fn an_agent_takes_32_bytes_at_most() {
    for movement in MOVEMENTS {
        let parameters = Parameters { width: 7_071, height: 7_071, movement, ..Parameters::default() };
        let mut engine = Engine::new(&parameters, 1).unwrap();
        engine.add(99_000, Health::Susceptible).unwrap();
        engine.add(1_000, Health::Infected).unwrap();
        for _ in 0..10 {
            engine.step();
        }
        let bytes = engine.n_bytes() as f64 / 100_000.0;
        assert!(bytes <= 32.0, "{movement:?}: {bytes}");
    }
}

#[test]
fn more_agents_than_can_be_told_apart_are_refused_and_none_is_added() {
    let mut engine = Engine::new(&Parameters::default(), 1).unwrap();
    engine.add(1, Health::Susceptible).unwrap();
    assert_eq!(engine.add(Engine::MOST_AGENTS, Health::Susceptible), Err(TooManyAgents));
    assert_eq!(engine.step().statistics.total, 1);
}

#[test]
fn parameters_out_of_their_range_are_refused() {
    let error = Engine::new(&Parameters { lifetime_s: 0, ..Parameters::default() }, 1).unwrap_err();
    assert!(matches!(error, EngineError::Parameter(WrongParameter { field: "lifetime_s", .. })), "{error}");
}
