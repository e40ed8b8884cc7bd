//! Reports from the log into the database: how many a second, what each costs, how long it takes.

use crate::Scale;
use crate::check::check;
use crate::cost::{Cost, Start};
use crate::figures::{Figure, Figures, Goal, median, quantile};
use crate::flow::{Flow, Left, Way, n_bytes};
use crate::world::{BATCH, World};
use crate::{paced, plain};
use serde_json::json;

/// Reports a second that are to be stored at least.
const GOAL: f64 = 500_000.0;

/// By how much ten times as many nodes may cost more.
const MOST_GROWTH: f64 = 12.0;

const METHOD: &str = "median of rounds, in turns with the peer, each into a fresh log and a fresh database, both synced; from the first \
    append to the last commit: reports that are made before are appended in batches of 10,000, each acknowledged before the \
    next, while the consumer of a server stores them; the first second, in which all nodes are new, is stored before. All must be found afterwards. One report in a hundred is of a new node, \
    one of one that dies. The peer stores the same batches, read already, as a row a report and a row a contact, without an \
    index; ratio: the peer's time divided by ours";

/// What a round of ours took.
pub struct Round {
    pub cost: Cost,
    log_bytes: u64,
    database_bytes: u64,
}

pub async fn run(figures: &mut Figures, scale: Scale) {
    let (n_nodes, n_seconds, n_rounds, n_pairs) =
        if scale == Scale::Full { (10_000, 250, 3, 9) } else { (10_000, 4, 1, 1) };
    let world = World::new(n_nodes, n_seconds);
    let larger = World::new(n_nodes * 10, (n_seconds / 10).max(2));
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..n_rounds {
        ours.push(through(&world, Way::Own).await);
        theirs.push(plain::run(&world).await);
    }
    let n_reports = world.n_measured() as f64;
    let n = json!({
        "rounds": n_rounds, "reports": world.n_measured(), "nodes at once": n_nodes, "nodes": world.statistics.total,
        "contacts": world.met.len(), "infections": world.n_infections,
    });
    let row = |figure: &str, value, unit, goal, method| Figure {
        figure: figure.to_owned(),
        value,
        unit,
        peer: "",
        ratio: None,
        goal,
        n: n.clone(),
        method,
    };
    let peer = "a row a report in plain SQLite";
    let (wall, cpu) = (|cost: &Cost| cost.wall_s, |cost: &Cost| cost.cpu_s);
    let of_ours = |of: &dyn Fn(&Cost) -> f64| middle(ours.iter().map(|round| of(&round.cost)));
    let of_theirs = |of: &dyn Fn(&Cost) -> f64| middle(theirs.iter().map(|(cost, _)| of(cost)));
    let reached = n_reports / of_ours(&wall);
    figures.add(Figure {
        peer,
        ratio: Some(of_theirs(&wall) / of_ours(&wall)),
        ..row("stored in SQLite", reached, "reports/s", Goal::AtLeast(GOAL), METHOD)
    });
    figures.add(Figure {
        peer,
        ratio: Some(of_theirs(&cpu) / of_ours(&cpu)),
        ..row("stored in SQLite: CPU", of_ours(&cpu) / n_reports * 1e6, "µs/report", Goal::None, METHOD)
    });
    let log_bytes = middle(ours.iter().map(|round| round.log_bytes as f64)) / world.n_reports() as f64;
    let database_bytes = middle(ours.iter().map(|round| round.database_bytes as f64)) / world.n_reports() as f64;
    let of_peer = middle(theirs.iter().map(|(_, bytes)| *bytes as f64)) / world.n_reports() as f64;
    let method = "the file of runs after a checkpoint; the peer's likewise";
    figures.add(Figure {
        peer,
        ratio: Some(of_peer / database_bytes),
        ..row("stored in SQLite: on the disk", database_bytes, "bytes/report", Goal::None, method)
    });
    let method = "segments of the log with all reports in them; they go when they are stored";
    figures.add(row("embedded log: on the disk", log_bytes, "bytes/report", Goal::None, method));
    let mut growths = Vec::new();
    for nth in 0_u32..n_pairs {
        growths.push(growth(&world, &larger, nth.is_multiple_of(2)).await);
    }
    let method = "CPU of a second of the run with ten times as many nodes, as dense, divided by that of the others: median of pairs, \
        each one after the other and every other pair the other way round, since the machine's speed changes from one second to the next";
    let (growth, pairs) = (middle(growths.iter().copied()), json!({"pairs": n_pairs}));
    let grown = row("ten times as many nodes", growth, "times", Goal::AtMost(MOST_GROWTH), method);
    figures.add(Figure { n: pairs, ..grown });
    let half = reached / 2.0;
    for (name, rate, goal) in [
        ("half of what is reached", half, if half >= GOAL / 2.0 { Goal::Below(1_000.0) } else { Goal::None }),
        ("250000 a second", GOAL / 2.0, Goal::Below(1_000.0)),
    ] {
        let delays = paced::run(&world, rate, Way::Own).await;
        let n = json!({"reports": world.n_measured(), "batches": delays.len(), "reports a batch": BATCH});
        let method = "a batch each so often, from when it is due to be appended to when it is committed";
        let mut add = |what: &str, share: f64, goal| {
            let value = quantile(&delays, share) * 1e3;
            let figure = format!("on its way at {name}: {what}");
            figures.add(Figure { n: n.clone(), ..row(&figure, value, "ms", goal, method) });
        };
        add("p50", 0.5, Goal::None);
        add("p99", 0.99, goal);
        add("longest", 1.0, Goal::None);
    }
}

/// By how much a second with ten times as many nodes costs more.
async fn growth(world: &World, larger: &World, is_larger_last: bool) -> f64 {
    let cost = async |world: &World| through(world, Way::Own).await.cost.cpu_s / world.n_measured() as f64;
    let (one, other) = if is_larger_last { (world, larger) } else { (larger, world) };
    let (first, second) = (cost(one).await, cost(other).await);
    10.0 * if is_larger_last { second / first } else { first / second }
}

pub fn middle(values: impl Iterator<Item = f64>) -> f64 {
    median(&values.collect::<Vec<_>>())
}

/// Sends all reports through, as fast as it goes.
pub async fn through(world: &World, way: Way<'_>) -> Round {
    let flow = Flow::begin("through", world, way).await;
    flow.first(world).await;
    let start = Start::now();
    for batch in world.parts().1 {
        flow.append(batch).await;
    }
    flow.stored(world.n_reports()).await;
    let cost = start.cost();
    let left = flow.end().await;
    check(&left, world).await;
    let Left { store, folder, .. } = left;
    drop(store);
    if way == Way::Own {
        plain::checkpoint(&folder.join("runs.db")).await;
    }
    let round =
        Round { cost, log_bytes: n_bytes(&folder.join("log"), "0"), database_bytes: n_bytes(&folder, "runs.db") };
    std::fs::remove_dir_all(folder).unwrap();
    round
}
