//! Compares the breadth-first search of `contact-graph` with its peers, five generations deep.
//!
//!     cargo run --release -p bench-graph -- [python with networkx [nodes of its graph]]
//!
//! Two graphs of 1,000,000 nodes and 10,000,000 undirected edges: *uniform*, any two nodes, so that five generations reach
//! most of it; *local*, nodes at most fifty places apart, so that they reach some five hundred. All peers run in turns on
//! the same edges from the same starts, after a check that all reached the same nodes. NetworkX needs some
//! hundred bytes an edge; with little memory, give it a smaller graph, on which ours is measured again.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints, and may stop")]
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

mod networkx;
mod peers;

use std::time::Instant;

use contact_graph::csr::{Graph, Search};
use serde_json::{Value, json};

/// Generations of each search.
pub const N_GENERATIONS: u32 = 5;

/// Undirected edges, for each node.
const EDGES_PER_NODE: usize = 10;

/// Which nodes an edge may join.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Any two.
    Uniform,
    /// Two at most fifty places apart.
    Local,
}

fn main() {
    let python = std::env::args().nth(1);
    println!("{:<52}{:>12}  {:<44}{:>8}{:>7}", "figure", "value", "peer", "ratio", "goal");
    let n_nodes = std::env::args().nth(2).map_or(1_000_000, |text| text.parse().unwrap());
    let mut figures = Vec::new();
    for shape in [Shape::Uniform, Shape::Local] {
        figures.extend(measure(shape, 1_000_000));
        match &python {
            Some(python) => figures.push(networkx::measure(python, shape, n_nodes)),
            None => println!("no python given: NetworkX is left out"),
        }
    }
    std::fs::create_dir_all("target/bench").unwrap();
    std::fs::write("target/bench/graph.json", serde_json::to_string_pretty(&figures).unwrap()).unwrap();
}

fn measure(shape: Shape, n_nodes: u32) -> Vec<Value> {
    let edges = draw_edges(shape, n_nodes);
    let graph = Graph::undirected(n_nodes, &edges).unwrap();
    let bytes_per_edge = graph.n_bytes() as f64 / edges.len() as f64;
    let mut searches: Vec<(&str, f64, Box<dyn peers::Search>)> = vec![
        ("plain loop over Vec<u32>, visited bitset", 1.0, Box::new(peers::Plain::new(&graph))),
        ("petgraph csr::Csr::neighbors_slice, FixedBitSet", 1.5, Box::new(peers::PetgraphCsr::new(n_nodes, &edges))),
        ("petgraph graph::UnGraph::neighbors, FixedBitSet", 10.0, Box::new(peers::PetgraphGraph::new(n_nodes, &edges))),
    ];
    let mut ours = Search::new(&graph);
    let starts = draw_starts(shape, n_nodes);
    let mut times = vec![Vec::new(); searches.len() + 1];
    for (round, &start) in starts.iter().enumerate() {
        let started = Instant::now();
        let reached = ours.breadth_first(&graph, start, N_GENERATIONS);
        times[0].push(started.elapsed().as_secs_f64());
        for (at, (name, _, search)) in searches.iter_mut().enumerate() {
            let started = Instant::now();
            let found = search.search(start);
            times[at + 1].push(started.elapsed().as_secs_f64());
            if round < 3 {
                assert_eq!(sorted(found), sorted(reached.nodes()), "{name}: not the same work, so not comparable");
            }
        }
    }
    let seconds: Vec<_> = times.into_iter().map(median).collect();
    let n = json!({"nodes": n_nodes, "edges": edges.len(), "searches": starts.len()});
    let name = format!("{shape:?} contact_graph::csr::Search::breadth_first");
    let mut figures: Vec<_> = searches
        .iter()
        .zip(&seconds[1..])
        .map(|((peer, goal, _), theirs)| figure(&name, seconds[0], peer, theirs / seconds[0], *goal, n.clone()))
        .collect();
    println!(
        "{:<52}{bytes_per_edge:>9.2} B/e  {:<44}{:>8}{:>7}",
        "contact_graph::csr::Graph::n_bytes", "-", "", "<= 9"
    );
    figures.push(json!({
        "figure": format!("{shape:?} contact_graph::csr::Graph::n_bytes for each undirected edge"), "value": bytes_per_edge,
        "unit": "bytes", "peer": null, "ratio": null, "goal": 9.0, "met": bytes_per_edge <= 9.0, "n": n,
        "method": "offsets and targets, scratch of the search not included",
    }));
    figures
}

/// Makes a row of the table and prints it; `ratio` is the peer's time divided by ours.
pub fn figure(name: &str, seconds: f64, peer: &str, ratio: f64, goal: f64, n: Value) -> Value {
    println!("{name:<52}{:>9.1} µs  {peer:<44}{ratio:>8.2}{goal:>7.1}", seconds * 1e6);
    json!({
        "figure": name, "value": seconds * 1e6, "unit": "µs", "peer": peer, "ratio": ratio, "goal": goal,
        "met": ratio >= goal, "n": n,
        "method": "median time of a search of five generations, in turns from the same starts, sets compared first; \
                   ratio is the peer's time divided by ours",
    })
}

/// Draws undirected edges, none from a node to itself; a few are drawn twice.
pub fn draw_edges(shape: Shape, n_nodes: u32) -> Vec<(u32, u32)> {
    let mut draw = generator(7);
    (0..n_nodes as usize * EDGES_PER_NODE)
        .map(|_| {
            let from = draw(n_nodes);
            let step = match shape {
                Shape::Uniform => 1 + draw(n_nodes - 1),
                Shape::Local => 1 + draw(50),
            };
            (from, (from + step) % n_nodes)
        })
        .collect()
}

/// Draws where the searches begin.
pub fn draw_starts(shape: Shape, n_nodes: u32) -> Vec<u32> {
    let mut draw = generator(11);
    let n_searches = match shape {
        Shape::Uniform => 15,
        Shape::Local => 2_001,
    };
    (0..n_searches).map(|_| draw(n_nodes)).collect()
}

/// Returns a generator of numbers below a limit: SplitMix64, seeded, so that each run is the same.
fn generator(mut state: u64) -> impl FnMut(u32) -> u32 {
    move |limit| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((((z ^ (z >> 31)) >> 32) * u64::from(limit)) >> 32) as u32
    }
}

/// Returns the middle value.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn sorted(nodes: &[u32]) -> Vec<u32> {
    let mut nodes = nodes.to_vec();
    nodes.sort_unstable();
    nodes
}
