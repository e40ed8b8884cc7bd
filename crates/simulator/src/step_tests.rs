use super::*;
use domain::runs::{Movement, Parameters};
use proptest::prelude::*;

fn rules(parameters: Parameters) -> Rules {
    Rules::new(&parameters).unwrap()
}

fn default_rules() -> Rules {
    rules(Parameters::default())
}

/// A safe node that is about to leave a place.
fn safe(x: u16, y: u16) -> Node {
    let position = Position { x, y };
    Node { second: 0, key: 1, born: 0, position, goal: position, course: Course::SUSCEPTIBLE, alive: true }
}

/// What an infected one tells.
fn infected(id: u32, x: u16, y: u16) -> Heard<u32> {
    let state = NodeState { position: Position { x, y }, health: Health::Infected, alive: true };
    Heard { id, state }
}

/// The node in so many seconds, in which it hears nothing, from the next one on.
fn lives(rules: &Rules, mut node: Node, n_seconds: u32) -> Vec<Node> {
    (0..n_seconds)
        .map(|_| {
            node = step::<u32>(rules, &node, &[]).node;
            node
        })
        .collect()
}

#[test]
fn a_distance_of_2_infects_and_2_24_does_not() {
    let rules = default_rules();
    assert_eq!(step(&rules, &safe(10, 10), &[infected(7, 10, 12)]).infected_by, Some(7));
    assert_eq!(step(&rules, &safe(10, 10), &[infected(7, 11, 12)]).infected_by, None);
}

#[test]
fn the_infector_is_the_nearest_then_the_one_with_the_smallest_id() {
    let rules = default_rules();
    let heard = [infected(9, 10, 12), infected(8, 11, 10), infected(5, 10, 11), infected(3, 12, 10)];
    assert_eq!(step(&rules, &safe(10, 10), &heard).infected_by, Some(5));
}

#[test]
fn only_the_living_and_infected_infect() {
    let rules = default_rules();
    let safe_one = Heard { state: safe(10, 11).state(), ..infected(1, 10, 11) };
    let mut dead = infected(2, 10, 11);
    dead.state.alive = false;
    let heard = [safe_one, dead];
    assert_eq!(step(&rules, &safe(10, 10), &heard).infected_by, None);
    let contacts: Vec<u32> = contacts(&rules, &safe(10, 10), &heard).map(|contact| contact.id).collect();
    assert_eq!(contacts, [1], "the safe one is a contact all the same");
}

#[test]
fn infected_in_second_0_it_stands_for_15_seconds_is_immune_for_15_and_then_susceptible() {
    let rules = default_rules();
    let caught = step(&rules, &safe(10, 10), &[infected(7, 10, 12)]).node;
    assert_eq!((caught.second, caught.course.health), (1, Health::Infected));
    let seconds: Vec<Node> = std::iter::once(caught).chain(lives(&rules, caught, 30)).collect();
    for node in seconds {
        let expected = match node.second {
            1..=15 => Health::Infected,
            16..=30 => Health::Immune,
            _ => Health::Susceptible,
        };
        assert_eq!(node.course.health, expected, "second {}", node.second);
        assert_eq!(node.position == caught.position, node.second <= 15, "second {}", node.second);
    }
}

#[test]
fn the_immune_and_the_infected_are_not_infected_again() {
    let rules = default_rules();
    let neighbour = [infected(7, 10, 10)];
    for health in [Health::Infected, Health::Immune] {
        let node = Node { course: Course { health, until: 50 }, ..safe(10, 10) };
        let stepped = step(&rules, &node, &neighbour);
        assert_eq!((stepped.infected_by, stepped.node.course), (None, node.course));
    }
}

#[test]
fn born_infected_it_is_ill_in_seconds_0_to_14_and_immune_to_29() {
    let rules = default_rules();
    let place = Position { x: 3, y: 4 };
    let born = Born { second: 0, health: Health::Infected, position: Some(place) };
    let node = Node::born(&rules, 1, born);
    assert_eq!((node.position, node.course.health), (place, Health::Infected));
    let healths: Vec<Health> = lives(&rules, node, 30).iter().map(|node| node.course.health).collect();
    assert_eq!(healths[..14], [Health::Infected; 14], "seconds 1 to 14");
    assert_eq!(healths[14..29], [Health::Immune; 15], "seconds 15 to 29");
    assert_eq!(healths[29], Health::Susceptible, "second 30");
}

#[test]
fn a_new_node_stands_somewhere_at_random_and_takes_its_first_step_at_once() {
    let rules = default_rules();
    let born = Born { second: 5, health: Health::Susceptible, position: None };
    let places: std::collections::HashSet<_> = (0..50).map(|key| Node::born(&rules, key, born).position).collect();
    assert!(places.len() > 45, "{}", places.len());
    let place = Position { x: 50, y: 50 };
    let node = Node::born(&rules, 1, Born { position: Some(place), ..born });
    assert_eq!(node.position.distance_squared(place), 1);
    let beyond = Born { position: Some(Position { x: 500, y: 2 }), health: Health::Infected, ..born };
    assert_eq!(Node::born(&rules, 1, beyond).position, Position { x: 100, y: 2 });
}

#[test]
fn a_life_of_3_seconds_ends_with_one_last_message_and_the_state_as_it_was() {
    let rules = rules(Parameters { lifetime_s: 3, ..Parameters::default() });
    let born = Born { second: 10, health: Health::Susceptible, position: None };
    let seconds = lives(&rules, Node::born(&rules, 1, born), 4);
    let alive: Vec<bool> = seconds.iter().map(|node| node.alive).collect();
    assert_eq!(alive, [true, true, false, false], "seconds 11 to 14");
    assert_eq!(seconds[2], Node { second: 13, alive: false, ..seconds[1] });
    assert_eq!(seconds[3], seconds[2], "the dead stay as they are");
}

#[test]
fn who_is_infected_in_the_last_second_dies_infected_and_whose_illness_would_end_then_too() {
    let rules = rules(Parameters { lifetime_s: 1, cooldown_s: 1, ..Parameters::default() });
    let stepped = step(&rules, &safe(10, 10), &[infected(7, 10, 10)]);
    assert_eq!((stepped.infected_by, stepped.node.alive), (Some(7), false));
    assert_eq!(stepped.node.course.health, Health::Infected);
    let born = Born { second: 0, health: Health::Infected, position: None };
    let ill = step::<u32>(&rules, &Node::born(&rules, 1, born), &[]).node;
    assert_eq!((ill.alive, ill.course.health), (false, Health::Infected));
}

#[test]
fn the_careful_see_four_radii_far() {
    let rules = rules(Parameters { movement: Movement::Careful, ..Parameters::default() });
    let goal = Position { x: 30, y: 10 };
    let goes = Node { goal, ..safe(10, 10) };
    assert_eq!(step(&rules, &goes, &[infected(1, 18, 10)]).node.position, Position { x: 9, y: 10 });
    assert_eq!(step(&rules, &goes, &[infected(1, 19, 10)]).node.position, Position { x: 11, y: 10 });
}

#[test]
fn of_two_as_near_the_one_with_the_smaller_id_is_fled_from() {
    let rules =
        rules(Parameters { movement: Movement::FleeingChasing, infection_radius: 1.0, ..Parameters::default() });
    let heard = [infected(4, 10, 13), infected(2, 13, 10), infected(1, 14, 10)];
    assert_eq!(step(&rules, &safe(10, 10), &heard).node.position, Position { x: 9, y: 10 });
}

proptest! {
    #[test]
    fn order_and_repetition_of_what_is_heard_do_not_matter(
        heard in prop::collection::vec((0..20_u32, 5..15_u16, 5..15_u16), 0..12),
        movement in prop::sample::select(&[Movement::Waypoint, Movement::Careful, Movement::FleeingChasing][..]),
    ) {
        let rules = rules(Parameters { movement, ..Parameters::default() });
        let mut heard: Vec<_> = heard.into_iter().map(|(id, x, y)| infected(id, x, y)).collect();
        heard.sort_by_key(|heard| heard.id);
        heard.dedup_by_key(|heard| heard.id);
        let expected = step(&rules, &safe(10, 10), &heard);
        let twice: Vec<_> = heard.iter().rev().chain(&heard).copied().collect();
        prop_assert_eq!(step(&rules, &safe(10, 10), &twice), expected);
    }

    #[test]
    fn a_life_has_as_many_seconds_as_it_should_and_illness_and_immunity_are_as_long(
        lifetime_s in 1..60_u32,
        cooldown_s in 1..20_u32,
        second in 0..1_000_u32,
        key: u64,
    ) {
        let rules = rules(Parameters { lifetime_s, cooldown_s, ..Parameters::default() });
        let node = Node::born(&rules, key, Born { second, health: Health::Infected, position: None });
        let seconds: Vec<Node> = std::iter::once(node).chain(lives(&rules, node, lifetime_s + 3)).collect();
        let living = seconds.iter().filter(|node| node.alive);
        prop_assert_eq!(living.clone().count() as u32, lifetime_s);
        let count = |health| living.clone().filter(|node| node.course.health == health).count() as u32;
        prop_assert_eq!(count(Health::Infected), cooldown_s.min(lifetime_s));
        prop_assert_eq!(count(Health::Immune), cooldown_s.min(lifetime_s.saturating_sub(cooldown_s)));
    }
}
