//! NetworkX `single_source_shortest_path_length`, in a Python of its own, on the same edges from the same starts.

use std::process::Command;
use std::time::Instant;

use contact_graph::csr::{Graph, Search};
use serde_json::{Value, json};

use crate::{N_GENERATIONS, Shape, draw_edges, draw_starts, figure, median};

/// Reads edges and starts as 32-bit numbers, prints for each start the nodes reached, a sum over them, and seconds.
const PROGRAM: &str = "
import array, sys, time, networkx
def read(path):
    numbers = array.array('I')
    with open(path, 'rb') as file:
        numbers.frombytes(file.read())
    return numbers
edges, starts = read(sys.argv[1]), read(sys.argv[2])
graph = networkx.Graph()
graph.add_nodes_from(range(int(sys.argv[3])))
graph.add_edges_from(zip(edges[0::2], edges[1::2]))
for start in starts:
    started = time.perf_counter()
    found = networkx.single_source_shortest_path_length(graph, start, cutoff=int(sys.argv[4]))
    seconds = time.perf_counter() - started
    found = dict(found)
    print(len(found), sum((node + 1) * (generation + 1) for node, generation in found.items()), seconds)
";

/// Measures both on a graph of `n_nodes`.
pub fn measure(python: &str, shape: Shape, n_nodes: u32) -> Value {
    let edges = draw_edges(shape, n_nodes);
    let starts = draw_starts(shape, n_nodes);
    let (edges_path, starts_path) = (std::env::temp_dir().join("edges.u32"), std::env::temp_dir().join("starts.u32"));
    std::fs::write(&edges_path, edges.iter().flat_map(|&(a, b)| [a, b]).flat_map(u32::to_ne_bytes).collect::<Vec<_>>())
        .unwrap();
    std::fs::write(&starts_path, starts.iter().flat_map(|s| s.to_ne_bytes()).collect::<Vec<_>>()).unwrap();
    let mut command = Command::new(python);
    command.args(["-c", PROGRAM]).args([&edges_path, &starts_path]);
    let output = command.args([n_nodes.to_string(), N_GENERATIONS.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let graph = Graph::undirected(n_nodes, &edges).unwrap();
    let mut search = Search::new(&graph);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let lines = String::from_utf8(output.stdout).unwrap();
    for (&start, line) in starts.iter().zip(lines.lines()) {
        let started = Instant::now();
        let reached = search.breadth_first(&graph, start, N_GENERATIONS);
        ours.push(started.elapsed().as_secs_f64());
        let sum: u64 =
            reached.iter().map(|(node, generation)| (u64::from(node) + 1) * (u64::from(generation) + 1)).sum();
        let found: Vec<_> = line.split_whitespace().collect();
        assert_eq!(found[..2], [reached.nodes().len().to_string(), sum.to_string()], "not the same work");
        theirs.push(found[2].parse().unwrap());
    }
    assert_eq!(theirs.len(), starts.len());
    let (ours, theirs) = (median(ours), median(theirs));
    let goal = match shape {
        Shape::Uniform => 60.0,
        Shape::Local => 200.0,
    };
    let n = json!({"nodes": n_nodes, "edges": edges.len(), "searches": starts.len()});
    let name = format!("{shape:?} csr::Search::breadth_first, {n_nodes} nodes");
    figure(&name, ours, "networkx single_source_shortest_path_length", theirs / ours, goal, n)
}
