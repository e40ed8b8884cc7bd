//! The peers: each takes a start and gives what it reached within five generations. All keep their scratch between searches.

use contact_graph::csr::Graph;
use petgraph::csr::Csr;
use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::{VisitMap, Visitable};

use crate::N_GENERATIONS;

/// A search with its graph and scratch.
pub trait Search {
    /// Returns the nodes reached from a start.
    fn search(&mut self, start: u32) -> &[u32];
}

/// The search that one writes down first: two arrays, and a visited bitset that is cleared where it was touched.
pub struct Plain {
    offsets: Vec<u32>,
    targets: Vec<u32>,
    visited: Vec<u64>,
    reached: Vec<u32>,
}

impl Plain {
    /// Copies the arrays.
    pub fn new(graph: &Graph) -> Self {
        let (mut offsets, mut targets) = (vec![0], Vec::new());
        for node in 0..graph.n_nodes() {
            targets.extend_from_slice(graph.neighbours(node));
            offsets.push(targets.len() as u32);
        }
        let n_nodes = graph.n_nodes() as usize;
        Self { offsets, targets, visited: vec![0; n_nodes.div_ceil(64)], reached: Vec::with_capacity(n_nodes) }
    }
}

impl Search for Plain {
    fn search(&mut self, start: u32) -> &[u32] {
        for node in self.reached.drain(..) {
            self.visited[node as usize / 64] = 0;
        }
        self.visited[start as usize / 64] |= 1 << (start % 64);
        self.reached.push(start);
        let mut first = 0;
        for _ in 0..N_GENERATIONS {
            let end = self.reached.len();
            for at in first..end {
                let node = self.reached[at] as usize;
                for &target in &self.targets[self.offsets[node] as usize..self.offsets[node + 1] as usize] {
                    if self.visited[target as usize / 64] & (1 << (target % 64)) == 0 {
                        self.visited[target as usize / 64] |= 1 << (target % 64);
                        self.reached.push(target);
                    }
                }
            }
            first = end;
        }
        &self.reached
    }
}

/// `petgraph::csr::Csr`, both directions of each edge, sorted; repeated edges left out, since it holds none.
pub struct PetgraphCsr {
    graph: Csr<(), ()>,
    visited: <Csr<(), ()> as Visitable>::Map,
    reached: Vec<u32>,
}

impl PetgraphCsr {
    /// Builds the graph.
    pub fn new(n_nodes: u32, edges: &[(u32, u32)]) -> Self {
        let mut both: Vec<_> = edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
        both.push((n_nodes - 1, n_nodes - 1)); // so that the last node exists
        both.sort_unstable();
        both.dedup();
        let graph = Csr::from_sorted_edges(&both).unwrap();
        Self { visited: graph.visit_map(), graph, reached: Vec::with_capacity(n_nodes as usize) }
    }
}

impl Search for PetgraphCsr {
    fn search(&mut self, start: u32) -> &[u32] {
        self.graph.reset_map(&mut self.visited);
        self.reached.clear();
        self.visited.visit(start);
        self.reached.push(start);
        let mut first = 0;
        for _ in 0..N_GENERATIONS {
            let end = self.reached.len();
            for at in first..end {
                for &target in self.graph.neighbors_slice(self.reached[at]) {
                    if self.visited.visit(target) {
                        self.reached.push(target);
                    }
                }
            }
            first = end;
        }
        &self.reached
    }
}

/// `petgraph::graph::UnGraph`.
pub struct PetgraphGraph {
    graph: UnGraph<(), ()>,
    visited: <UnGraph<(), ()> as Visitable>::Map,
    reached: Vec<u32>,
}

impl PetgraphGraph {
    /// Builds the graph.
    pub fn new(n_nodes: u32, edges: &[(u32, u32)]) -> Self {
        let mut graph = UnGraph::with_capacity(n_nodes as usize, edges.len());
        for _ in 0..n_nodes {
            graph.add_node(());
        }
        for &(a, b) in edges {
            graph.add_edge(NodeIndex::from(a), NodeIndex::from(b), ());
        }
        Self { visited: graph.visit_map(), graph, reached: Vec::with_capacity(n_nodes as usize) }
    }
}

impl Search for PetgraphGraph {
    fn search(&mut self, start: u32) -> &[u32] {
        self.graph.reset_map(&mut self.visited);
        self.reached.clear();
        self.visited.visit(NodeIndex::from(start));
        self.reached.push(start);
        let mut first = 0;
        for _ in 0..N_GENERATIONS {
            let end = self.reached.len();
            for at in first..end {
                for target in self.graph.neighbors(NodeIndex::from(self.reached[at])) {
                    if self.visited.visit(target) {
                        self.reached.push(target.index() as u32);
                    }
                }
            }
            first = end;
        }
        &self.reached
    }
}
