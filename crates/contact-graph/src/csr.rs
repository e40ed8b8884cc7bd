//! Who is within n contacts of a person: a graph in memory, and a search through it, generation by generation.
//!
//! Stored as compressed sparse rows: the neighbours of all nodes one after another, and where each node's begin. An
//! undirected edge takes 8 bytes, a directed one 4, a node 4 more. A search owns its scratch and uses it again: it clears
//! only what the last search touched, so that a local search costs its answer, not the graph.
//!
//! Three choices make it faster than the loop that one writes down first. The inner loop has no branch on "seen before",
//! which no processor can predict in a random graph: every neighbour is written to the end of the list, and the end moves
//! on only if it was new. Marks are bytes, not bits: setting a bit would wait for the neighbouring bit set just before.
//! And the rows of the nodes that come next are touched in blocks beforehand, so that the waits for memory overlap.

/// Says why a graph can't be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// An edge names a node that does not exist.
    #[error("edge {edge_idx} names node {node}, but there are {n_nodes} nodes")]
    UnknownNode {
        /// Position of the edge.
        edge_idx: usize,
        /// The node that it names.
        node: u32,
        /// Nodes in the graph.
        n_nodes: u32,
    },
    /// More entries than 32 bits can count; an undirected edge has two.
    #[error("{n_entries} entries are more than a graph can hold")]
    TooManyEdges {
        /// Entries that would be needed.
        n_entries: u64,
    },
}

/// A graph of nodes `0..n_nodes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Where the neighbours of each node begin, and the end: `[n_nodes + 1]`.
    offsets: Box<[u32]>,
    /// Neighbours of all nodes, in the order of the edges.
    targets: Box<[u32]>,
}

impl Graph {
    /// Builds a graph whose edges lead from the first node to the second. Takes O(nodes + edges).
    ///
    /// # Errors
    ///
    /// [`GraphError`] if an edge names an unknown node, or there are 2^32 edges.
    pub fn directed(n_nodes: u32, edges: &[(u32, u32)]) -> Result<Self, GraphError> {
        check(n_nodes, edges, edges.len() as u64)?;
        Ok(Self::build(n_nodes, edges.len(), || edges.iter().copied()))
    }

    /// Builds a graph whose edges lead both ways. Takes O(nodes + edges).
    ///
    /// # Errors
    ///
    /// [`GraphError`] if an edge names an unknown node, or there are 2^31 edges.
    pub fn undirected(n_nodes: u32, edges: &[(u32, u32)]) -> Result<Self, GraphError> {
        check(n_nodes, edges, edges.len() as u64 * 2)?;
        Ok(Self::build(n_nodes, edges.len() * 2, || edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)])))
    }

    /// Sorts entries by counting: how many each node has, where they begin, then each into its place.
    fn build<I: Iterator<Item = (u32, u32)>>(n_nodes: u32, n_entries: usize, entries: impl Fn() -> I) -> Self {
        let mut offsets = vec![0u32; n_nodes as usize + 1];
        for (from, _) in entries() {
            offsets[from as usize] += 1;
        }
        let mut end = 0;
        for offset in &mut offsets {
            end += *offset;
            *offset = end;
        }
        // Each offset is now the end of its node's entries and moves to the beginning as they are filled in, last first;
        // so the entries of a node stand in reverse order and are turned round.
        let mut targets = vec![0u32; n_entries];
        for (from, to) in entries() {
            let place = &mut offsets[from as usize];
            *place -= 1;
            targets[*place as usize] = to;
        }
        for bounds in offsets.windows(2) {
            targets[bounds[0] as usize..bounds[1] as usize].reverse();
        }
        Self { offsets: offsets.into(), targets: targets.into() }
    }

    /// Returns the number of nodes.
    pub fn n_nodes(&self) -> u32 {
        (self.offsets.len() - 1) as u32
    }

    /// Returns the neighbours of a node, in the order of the edges, repeated if an edge is; none of an unknown node.
    pub fn neighbours(&self, node: u32) -> &[u32] {
        let Some(&[first, end]) = self.offsets.get(node as usize..).and_then(<[u32]>::first_chunk::<2>) else {
            return &[];
        };
        &self.targets[first as usize..end as usize]
    }

    /// Returns the bytes that the graph takes.
    pub fn n_bytes(&self) -> usize {
        size_of_val(&*self.offsets) + size_of_val(&*self.targets)
    }
}

fn check(n_nodes: u32, edges: &[(u32, u32)], n_entries: u64) -> Result<(), GraphError> {
    if n_entries > u64::from(u32::MAX) {
        return Err(GraphError::TooManyEdges { n_entries });
    }
    let unknown = edges.iter().position(|&(a, b)| a.max(b) >= n_nodes);
    unknown.map_or(Ok(()), |edge_idx| {
        let (a, b) = edges[edge_idx];
        Err(GraphError::UnknownNode { edge_idx, node: a.max(b), n_nodes })
    })
}

/// A search with its scratch, to be used for many searches: 5 bytes for each node.
#[derive(Debug, Clone)]
pub struct Search {
    /// Whether the last search reached a node: `[n_nodes]`.
    visited: Vec<bool>,
    /// Nodes that the last search reached, and room for one entry more than there are nodes.
    reached: Vec<u32>,
    /// Where each generation of the last search ends in `reached`.
    ends: Vec<usize>,
}

impl Search {
    /// Makes room for searches in a graph.
    pub fn new(graph: &Graph) -> Self {
        let mut search = Self { visited: Vec::new(), reached: Vec::new(), ends: Vec::new() };
        search.fit(graph.n_nodes() as usize);
        search
    }

    /// Finds all nodes within `n_generations` edges of `start`, which is generation 0.
    ///
    /// Costs the edges of the nodes found, those of the last generation excepted. An unknown start reaches nothing.
    pub fn breadth_first(&mut self, graph: &Graph, start: u32, n_generations: u32) -> Reached<'_> {
        self.clear();
        self.fit(graph.n_nodes() as usize);
        if start < graph.n_nodes() {
            self.visited[start as usize] = true;
            self.reached[0] = start;
            self.ends.push(1);
            let (mut first, mut end) = (0, 1);
            for _ in 0..n_generations {
                let next_end = expand(graph, &mut self.visited, &mut self.reached, first, end);
                if next_end == end {
                    break;
                }
                (first, end) = (end, next_end);
                self.ends.push(end);
            }
        }
        let n_reached = self.ends.last().copied().unwrap_or(0);
        Reached { nodes: &self.reached[..n_reached], ends: &self.ends }
    }

    /// Clears what the last search touched, node by node; all at once if that is cheaper.
    fn clear(&mut self) {
        let n_reached = self.ends.last().copied().unwrap_or(0);
        if n_reached > self.visited.len() / 32 {
            self.visited.fill(false);
        } else {
            for &node in &self.reached[..n_reached] {
                self.visited[node as usize] = false;
            }
        }
        self.ends.clear();
    }

    fn fit(&mut self, n_nodes: usize) {
        if self.reached.len() <= n_nodes {
            self.visited.resize(n_nodes, false);
            self.reached.resize(n_nodes + 1, 0);
        }
    }
}

/// Nodes whose rows are read ahead together.
const BLOCK: usize = 32;

/// Appends the neighbours of `reached[first..end]` that were not visited, and returns the new end.
fn expand(graph: &Graph, visited: &mut [bool], reached: &mut [u32], first: usize, end: usize) -> usize {
    let mut next = end;
    for block in (first..end).step_by(BLOCK) {
        let block = block..(block + BLOCK).min(end);
        read_ahead(graph, &reached[block.clone()]);
        for at in block {
            for &target in graph.neighbours(reached[at]) {
                let mark = &mut visited[target as usize];
                reached[next] = target;
                next += usize::from(!*mark);
                *mark = true;
            }
        }
    }
    next
}

/// Touches both ends of the rows of some nodes, so that they are on their way while the first is worked on.
fn read_ahead(graph: &Graph, nodes: &[u32]) {
    let ends = |&node: &u32| {
        graph.neighbours(node).first().copied().unwrap_or(0) ^ graph.neighbours(node).last().copied().unwrap_or(0)
    };
    std::hint::black_box(nodes.iter().map(ends).fold(0, |all, both| all ^ both));
}

/// What a search reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached<'a> {
    nodes: &'a [u32],
    ends: &'a [usize],
}

impl<'a> Reached<'a> {
    /// Returns all nodes reached, the start first, then generation by generation, in the order in which they were met.
    pub fn nodes(&self) -> &'a [u32] {
        self.nodes
    }

    /// Returns the nodes of one generation; empty beyond the last.
    pub fn generation(&self, generation: u32) -> &'a [u32] {
        let at = generation as usize;
        let Some(&end) = self.ends.get(at) else {
            return &[];
        };
        let first = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.nodes[first..end]
    }

    /// Lists each node reached with its generation.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + use<'a> {
        let reached = *self;
        (0..self.ends.len() as u32).flat_map(move |g| reached.generation(g).iter().map(move |&node| (node, g)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, VecDeque};

    use proptest::prelude::*;

    use super::*;

    /// Breadth-first search by the book, over a list of edges.
    fn by_the_book(edges: &[(u32, u32)], start: u32, n_generations: u32) -> BTreeMap<u32, u32> {
        let mut found = BTreeMap::from([(start, 0)]);
        let mut queue = VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            let generation = found[&node];
            for &(_, to) in edges.iter().filter(|e| e.0 == node && generation < n_generations) {
                found.entry(to).or_insert_with(|| {
                    queue.push_back(to);
                    generation + 1
                });
            }
        }
        found
    }

    #[test]
    fn neighbours_keep_the_order_of_the_edges() {
        let graph = Graph::undirected(4, &[(0, 3), (0, 1), (2, 0), (0, 1)]).unwrap();
        assert_eq!(graph.neighbours(0), [3, 1, 2, 1]);
        assert_eq!(graph.neighbours(1), [0, 0]);
        assert!(graph.neighbours(4).is_empty());
    }

    #[test]
    fn an_edge_to_an_unknown_node_is_refused() {
        let found = Graph::directed(2, &[(0, 1), (1, 2)]);
        assert_eq!(found, Err(GraphError::UnknownNode { edge_idx: 1, node: 2, n_nodes: 2 }));
    }

    #[test]
    fn an_unknown_start_reaches_nothing_and_a_graph_may_be_empty() {
        let graph = Graph::directed(0, &[]).unwrap();
        assert!(Search::new(&graph).breadth_first(&graph, 0, 3).nodes().is_empty());
    }

    #[test]
    fn an_edge_takes_at_most_nine_bytes_with_ten_edges_a_node() {
        let edges: Vec<_> = (0..10_000).map(|i| (i % 1_000, (i * 7 + 1) % 1_000)).collect();
        assert!(Graph::undirected(1_000, &edges).unwrap().n_bytes() <= 9 * edges.len());
    }

    proptest! {
        #[test]
        fn a_search_equals_the_search_by_the_book_and_leaves_no_trace(
            edges in prop::collection::vec((0u32..150, 0u32..150), 0..300),
            starts in prop::collection::vec(0u32..150, 1..6),
            n_generations in 0u32..6,
        ) {
            let both: Vec<_> = edges.iter().flat_map(|&(a, b)| [(a, b), (b, a)]).collect();
            let directed = Graph::directed(150, &edges).unwrap();
            let undirected = Graph::undirected(150, &edges).unwrap();
            let mut search = Search::new(&directed);
            for start in starts {
                let found: BTreeMap<_, _> = search.breadth_first(&directed, start, n_generations).iter().collect();
                prop_assert_eq!(found, by_the_book(&edges, start, n_generations));
                let reached = search.breadth_first(&undirected, start, n_generations);
                let found: BTreeMap<_, _> = reached.iter().collect();
                prop_assert_eq!(found.len(), reached.nodes().len(), "no node twice");
                prop_assert_eq!(found, by_the_book(&both, start, n_generations));
            }
        }
    }
}
