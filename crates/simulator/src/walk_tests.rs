use super::*;
use domain::runs::Parameters;
use proptest::prelude::*;

fn rules(movement: Movement) -> Rules {
    Rules::new(&Parameters { movement, ..Parameters::default() }).unwrap()
}

fn at(x: u16, y: u16) -> Position {
    Position { x, y }
}

/// Somebody who goes from here to there.
fn walker(position: Position, goal: Position) -> Walker {
    Walker { key: 1, position, goal, health: Health::Susceptible, known: None }
}

/// Where somebody is in each of so many seconds.
fn way(rules: &Rules, from: Walker, n_seconds: u32) -> Vec<Position> {
    let mut walker = from;
    (0..n_seconds)
        .map(|second| {
            (walker.position, walker.goal) = rules.walk(second, walker);
            walker.position
        })
        .collect()
}

#[test]
fn a_waypoint_is_reached_along_the_longer_axis_first_and_of_two_as_long_along_y() {
    let seconds = way(&rules(Movement::Waypoint), walker(at(10, 10), at(13, 11)), 4);
    assert_eq!(seconds, [at(11, 10), at(12, 10), at(12, 11), at(13, 11)]);
    let seconds = way(&rules(Movement::Waypoint), walker(at(10, 10), at(8, 8)), 4);
    assert_eq!(seconds, [at(10, 9), at(9, 9), at(9, 8), at(8, 8)]);
}

#[test]
fn at_a_waypoint_nobody_pauses() {
    let seconds = way(&rules(Movement::Waypoint), walker(at(50, 50), at(50, 50)), 2_000);
    assert!(seconds.windows(2).all(|pair| pair[0].distance_squared(pair[1]) == 1));
}

#[test]
fn waypoints_are_drawn_from_all_other_places_alike() {
    let rules = Rules::new(&Parameters { width: 2, height: 1, ..Parameters::default() }).unwrap();
    let mut counts = std::collections::BTreeMap::new();
    for second in 0..60_000 {
        *counts.entry(rules.another_place(3, second, at(1, 0))).or_insert(0_u32) += 1;
    }
    assert_eq!(counts.len(), 5, "{counts:?}");
    assert!(!counts.contains_key(&at(1, 0)));
    assert!(counts.values().all(|count| count.abs_diff(12_000) < 500), "{counts:?}");
}

#[test]
fn the_infected_stand_unless_they_are_zombies() {
    let ill = Walker { health: Health::Infected, ..walker(at(5, 5), at(9, 5)) };
    for movement in [Movement::Waypoint, Movement::RandomWalk, Movement::LevyFlight, Movement::Careful] {
        assert_eq!(way(&rules(movement), ill, 3), [at(5, 5); 3], "{movement:?}");
    }
    let parameters = Parameters { humans_and_zombies: true, ..Parameters::default() };
    assert_eq!(way(&Rules::new(&parameters).unwrap(), ill, 2), [at(6, 5), at(7, 5)]);
}

#[test]
fn the_immune_move() {
    let immune = Walker { health: Health::Immune, ..walker(at(5, 5), at(9, 5)) };
    assert_eq!(way(&rules(Movement::Waypoint), immune, 1), [at(6, 5)]);
}

#[test]
fn a_random_walk_goes_each_way_as_often_and_back_from_the_border() {
    let rules = rules(Movement::RandomWalk);
    let step = |second, position| rules.random_walk(second, walker(position, position));
    let mut counts = std::collections::BTreeMap::new();
    for second in 0..40_000 {
        *counts.entry(step(second, at(50, 50))).or_insert(0_u32) += 1;
    }
    assert_eq!(counts.len(), 4);
    assert!(counts.values().all(|count| count.abs_diff(10_000) < 500), "{counts:?}");
    let from_corner: std::collections::BTreeSet<_> = (0..100).map(|second| step(second, at(0, 100))).collect();
    assert_eq!(from_corner.into_iter().collect::<Vec<_>>(), [at(0, 99), at(1, 100)]);
}

#[test]
fn a_flight_is_straight_and_l_steps_or_longer_once_in_l_times() {
    let wide = Parameters { width: 60_000, height: 60_000, movement: Movement::LevyFlight, ..Parameters::default() };
    let rules = Rules::new(&wide).unwrap();
    let from = at(30_000, 30_000);
    let n = 100_000;
    let mut lengths = Vec::new();
    for second in 0..n {
        let end = rules.end_of_flight(9, second, from);
        let (dx, dy) = (end.x.abs_diff(from.x), end.y.abs_diff(from.y));
        assert!(dx == 0 || dy == 0, "{end:?} is on no axis");
        lengths.push(u32::from(dx.max(dy)));
    }
    for least in [1, 2, 3, 10, 100, 1_000] {
        let longer = lengths.iter().filter(|length| **length >= least).count() as f64;
        let expected = f64::from(n) / f64::from(least);
        assert!((longer - expected).abs() <= 4.0 * expected.sqrt(), "{least} or more: {longer}, expected {expected}");
    }
}

#[test]
fn a_flight_into_the_border_turns_around() {
    let rules = rules(Movement::LevyFlight);
    for second in 0..200 {
        let end = rules.end_of_flight(9, second, at(100, 0));
        assert!(end != at(100, 0) && (end.x == 100 || end.y == 0), "{end:?}");
    }
}

#[test]
fn the_careful_go_around_the_infected_that_they_see() {
    let rules = rules(Movement::Careful);
    let sees = |known| Walker { known: Some(known), ..walker(at(10, 10), at(20, 12)) };
    assert_eq!(rules.walk(0, sees(at(10, 14))).0, at(11, 10), "it is not in the way");
    assert_eq!(rules.walk(0, sees(at(14, 8))).0, at(10, 11), "the other way to the goal leads away");
    assert_eq!(rules.walk(0, sees(at(14, 11))).0, at(9, 10), "both lead nearer");
    let immune = Walker { health: Health::Immune, ..sees(at(14, 11)) };
    assert_eq!(rules.walk(0, immune).0, at(11, 10), "who can't be infected need not be careful");
}

#[test]
fn humans_flee_and_zombies_chase() {
    let rules = rules(Movement::FleeingChasing);
    let human = Walker { known: Some(at(12, 9)), ..walker(at(10, 10), at(20, 20)) };
    assert_eq!(rules.walk(0, human), (at(9, 10), at(20, 20)));
    let zombie = Walker { health: Health::Infected, ..human };
    assert_eq!(rules.walk(0, zombie), (at(11, 10), at(20, 20)));
    let alone = Walker { known: None, ..zombie };
    assert_eq!(rules.walk(0, alone).0, at(10, 11), "nobody is in sight");
}

#[test]
fn who_is_cornered_stands() {
    let rules = rules(Movement::FleeingChasing);
    let human = Walker { known: Some(at(3, 3)), ..walker(at(0, 0), at(0, 0)) };
    assert_eq!(rules.walk(0, human).0, at(0, 0));
}

const MOVEMENTS: [Movement; 5] =
    [Movement::Waypoint, Movement::RandomWalk, Movement::LevyFlight, Movement::Careful, Movement::FleeingChasing];

proptest! {
    #[test]
    fn nobody_leaves_the_field_or_goes_faster_than_a_step_a_second(
        (width, height) in (1_u16.., 1_u16..),
        places: [(u16, u16); 3],
        movement in prop::sample::select(&MOVEMENTS[..]),
        health in prop::sample::select(&[Health::Susceptible, Health::Infected, Health::Immune][..]),
        sees: bool,
        key: u64,
        second in 0..1_000_000_u32,
    ) {
        let rules = Rules::new(&Parameters { width, height, movement, ..Parameters::default() }).unwrap();
        let on_field = |(x, y): (u16, u16)| at(x % width.saturating_add(1), y % height.saturating_add(1));
        let [position, goal, known] = places.map(on_field);
        let known = sees.then_some(known);
        let (to, goal) = rules.walk(second, Walker { key, position, goal, health, known });
        for place in [to, goal] {
            prop_assert!(place.x <= width && place.y <= height, "{place:?}");
        }
        prop_assert!(position.distance_squared(to) <= 1);
    }

    #[test]
    fn the_careful_and_the_fleeing_never_come_nearer_to_whom_they_see(
        places in prop::array::uniform3((0..=100_u16, 0..=100_u16)),
        movement in prop::sample::select(&[Movement::Careful, Movement::FleeingChasing][..]),
        key: u64,
    ) {
        let [position, goal, infected] = places.map(|(x, y)| at(x, y));
        let walker = Walker { key, known: Some(infected), ..walker(position, goal) };
        let (to, _) = rules(movement).walk(7, walker);
        prop_assert!(to.distance_squared(infected) >= position.distance_squared(infected));
    }
}
