//! Who infected whom: chains of transmission, the generation of each case, and links that contradict each other.
//!
//! A chain is a set of cases that named links hold together, whatever their direction: every case is in exactly one, a
//! case without links is a chain of its own. A *tree* is one primary case with all whom it infected, directly or not. The
//! two differ only where a case has several named infectors: it is then in several trees, and counts once in each.
//!
//! The generation is the *shortest* number of links from a primary case, which is generation 0: a second, later named
//! infector must not push a case further away from where its chain began. Links that run in a circle are mistakes of the
//! record; they are counted for the case worker, and the earliest onset in a circle that nobody outside infected stands in
//! for its primary case.

use std::collections::BTreeMap;

use rustc_hash::FxHashSet;

use crate::outbreak::{CaseRecord, LinkRecord};

/// Says why a link does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkRejection {
    /// Infector or infected is no position in the list of cases.
    #[error("the link names a case that is not in the list")]
    UnknownCase,
    /// Infector and infected are the same case.
    #[error("the link says that a case infected itself")]
    SelfInfection,
    /// The same infector and infected were linked before.
    #[error("the link repeats an earlier one")]
    Repeated,
}

/// A link that does not count, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectedLink {
    /// Position in the list of links that was passed in.
    pub link_idx: usize,
    /// Why it does not count.
    pub reason: LinkRejection,
}

/// Cases that links hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Positions of its cases, ascending.
    pub cases: Vec<u32>,
    /// Positions of its primary cases, ascending; at least one.
    pub primary_cases: Vec<u32>,
    /// Largest generation in it; 0 for a single case.
    pub generations: u32,
}

/// Number of chains of one size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainSizeCount {
    /// Cases in a chain.
    pub size: usize,
    /// Chains of this size.
    pub n_chains: usize,
}

/// All chains of an outbreak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chains {
    /// Links from a primary case, at least, for each case by position: `[n_cases]`.
    pub generation: Vec<u32>,
    /// Position in `chains` for each case by position: `[n_cases]`.
    pub chain_of: Vec<u32>,
    /// Largest first; of one size, the one with the first case in the list first.
    pub chains: Vec<Chain>,
    /// Chains by size, smallest size first.
    pub size_distribution: Vec<ChainSizeCount>,
    /// Positions of cases whose infector is not known, ascending; one for each circle that nobody outside infected.
    pub primary_cases: Vec<u32>,
    /// Largest generation; 0 without links.
    pub generations: u32,
    /// Distinct cases in the largest tree, its primary case included; 0 without cases.
    pub largest_chain: usize,
    /// Links that lie on a circle: not all of them can be true.
    pub links_on_cycles: usize,
}

/// Separates the links that count, in their order, from those that don't.
pub fn accept_links(n_cases: usize, links: &[LinkRecord]) -> (Vec<LinkRecord>, Vec<RejectedLink>) {
    let mut seen = FxHashSet::with_capacity_and_hasher(links.len(), Default::default());
    let mut accepted = Vec::with_capacity(links.len());
    let mut rejected = Vec::new();
    for (link_idx, link) in links.iter().enumerate() {
        let unknown = |case: u32| case as usize >= n_cases;
        let reason = if unknown(link.infector) || unknown(link.infected) {
            LinkRejection::UnknownCase
        } else if link.infector == link.infected {
            LinkRejection::SelfInfection
        } else if !seen.insert((link.infector, link.infected)) {
            LinkRejection::Repeated
        } else {
            accepted.push(*link);
            continue;
        };
        rejected.push(RejectedLink { link_idx, reason });
    }
    (accepted, rejected)
}

/// Derives chains, trees and generations from links that [`accept_links`] accepted.
///
/// Takes O(cases + links), and, for chains with several primary cases, the sum of their trees.
pub fn derive_chains(cases: &[CaseRecord], links: &[LinkRecord]) -> Chains {
    let infected_by = Adjacency::new(cases.len(), links);
    let component = strong_components(&infected_by);
    let primary_cases = find_primary_cases(cases, links, &component);
    let generation = generations_from(&primary_cases, &infected_by);
    let (chains, chain_of) = group_into_chains(links, &generation, &primary_cases);
    let mut sizes = BTreeMap::new();
    for chain in &chains {
        *sizes.entry(chain.cases.len()).or_insert(0) += 1;
    }
    Chains {
        size_distribution: sizes.into_iter().map(|(size, n_chains)| ChainSizeCount { size, n_chains }).collect(),
        generations: generation.iter().copied().max().unwrap_or(0),
        largest_chain: largest_tree(&chains, &infected_by),
        links_on_cycles: links
            .iter()
            .filter(|l| component[l.infector as usize] == component[l.infected as usize])
            .count(),
        generation,
        chain_of,
        chains,
        primary_cases,
    }
}

/// Whom each case infected, in the order of the links.
struct Adjacency {
    offsets: Vec<u32>,
    infected: Vec<u32>,
}

impl Adjacency {
    fn new(n_cases: usize, links: &[LinkRecord]) -> Self {
        let mut offsets = vec![0u32; n_cases + 1];
        for link in links {
            offsets[link.infector as usize + 1] += 1;
        }
        for case in 0..n_cases {
            offsets[case + 1] += offsets[case];
        }
        let mut next = offsets.clone();
        let mut infected = vec![0; links.len()];
        for link in links {
            let place = &mut next[link.infector as usize];
            infected[*place as usize] = link.infected;
            *place += 1;
        }
        Self { offsets, infected }
    }

    fn of(&self, case: u32) -> &[u32] {
        &self.infected[self.offsets[case as usize] as usize..self.offsets[case as usize + 1] as usize]
    }

    fn n_cases(&self) -> usize {
        self.offsets.len() - 1
    }
}

/// Returns for each case the number of its strongly connected component: two cases on one circle share it.
///
/// Tarjan 1972 (doi 10.1137/0201010), with its own stack, since chains may be as long as the list.
fn strong_components(graph: &Adjacency) -> Vec<u32> {
    const NONE: u32 = u32::MAX;
    let n_cases = graph.n_cases();
    let (mut order, mut low, mut component) = (vec![NONE; n_cases], vec![0u32; n_cases], vec![NONE; n_cases]);
    let (mut path, mut open) = (Vec::<(u32, u32)>::new(), Vec::<u32>::new());
    let (mut n_visited, mut n_components) = (0, 0);
    for start in 0..n_cases as u32 {
        if order[start as usize] != NONE {
            continue;
        }
        path.push((start, 0));
        while let Some((case, next)) = path.pop() {
            let at = case as usize;
            if next == 0 {
                (order[at], low[at]) = (n_visited, n_visited);
                n_visited += 1;
                open.push(case);
            } else {
                low[at] = low[at].min(low[graph.of(case)[next as usize - 1] as usize]);
            }
            let mut child_found = false;
            for (i, &child) in graph.of(case).iter().enumerate().skip(next as usize) {
                if order[child as usize] == NONE {
                    path.extend([(case, i as u32 + 1), (child, 0)]);
                    child_found = true;
                    break;
                }
                if component[child as usize] == NONE {
                    low[at] = low[at].min(order[child as usize]);
                }
            }
            if !child_found && low[at] == order[at] {
                while let Some(member) = open.pop() {
                    component[member as usize] = n_components;
                    // A finished component must not lower those above it.
                    low[member as usize] = NONE;
                    if member == case {
                        break;
                    }
                }
                n_components += 1;
            }
        }
    }
    component
}

/// Lists one case for each component that no link from outside enters: the earliest onset, then the first in the list.
fn find_primary_cases(cases: &[CaseRecord], links: &[LinkRecord], component: &[u32]) -> Vec<u32> {
    let mut entered = vec![false; cases.len()];
    for link in links {
        let (from, to) = (component[link.infector as usize], component[link.infected as usize]);
        entered[to as usize] |= from != to;
    }
    let mut first = vec![u32::MAX; cases.len()];
    for (case, &own) in component.iter().enumerate() {
        let known = |at: usize| (cases[at].onset.is_none(), cases[at].onset, at);
        let best = &mut first[own as usize];
        if *best == u32::MAX || known(case) < known(*best as usize) {
            *best = case as u32;
        }
    }
    let mut primary: Vec<u32> = first
        .into_iter()
        .zip(entered)
        .filter(|&(case, entered)| case != u32::MAX && !entered)
        .map(|(c, _)| c)
        .collect();
    primary.sort_unstable();
    primary
}

/// Returns the least number of links from any primary case, for each case.
fn generations_from(primary_cases: &[u32], graph: &Adjacency) -> Vec<u32> {
    let mut generation = vec![u32::MAX; graph.n_cases()];
    let mut queue = primary_cases.to_vec();
    for &case in primary_cases {
        generation[case as usize] = 0;
    }
    let mut head = 0;
    while head < queue.len() {
        let case = queue[head];
        head += 1;
        for &child in graph.of(case) {
            if generation[child as usize] == u32::MAX {
                generation[child as usize] = generation[case as usize] + 1;
                queue.push(child);
            }
        }
    }
    generation
}

/// Groups the cases that links hold together, by union-find.
fn group_into_chains(links: &[LinkRecord], generation: &[u32], primary_cases: &[u32]) -> (Vec<Chain>, Vec<u32>) {
    let mut parent: Vec<u32> = (0..generation.len() as u32).collect();
    for link in links {
        let (a, b) = (find_root(&mut parent, link.infector), find_root(&mut parent, link.infected));
        // The smaller position leads, so that a chain is first met at its first case.
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut number = vec![u32::MAX; generation.len()];
    let mut chains: Vec<Chain> = Vec::new();
    for case in 0..generation.len() as u32 {
        let root = find_root(&mut parent, case) as usize;
        if number[root] == u32::MAX {
            number[root] = chains.len() as u32;
            chains.push(Chain { cases: Vec::new(), primary_cases: Vec::new(), generations: 0 });
        }
        number[case as usize] = number[root];
        let chain = &mut chains[number[root] as usize];
        chain.cases.push(case);
        chain.generations = chain.generations.max(generation[case as usize]);
    }
    for &case in primary_cases {
        chains[number[case as usize] as usize].primary_cases.push(case);
    }
    chains.sort_by_key(|chain| std::cmp::Reverse(chain.cases.len()));
    for (i, chain) in chains.iter().enumerate() {
        for &case in &chain.cases {
            number[case as usize] = i as u32;
        }
    }
    (chains, number)
}

fn find_root(parent: &mut [u32], mut case: u32) -> u32 {
    while parent[case as usize] != case {
        let grandparent = parent[parent[case as usize] as usize];
        parent[case as usize] = grandparent;
        case = grandparent;
    }
    case
}

/// Returns the number of distinct cases that the most reaching primary case leads to, itself included.
fn largest_tree(chains: &[Chain], graph: &Adjacency) -> usize {
    let mut largest = 0;
    let mut reached_from = vec![u32::MAX; graph.n_cases()];
    let mut queue = Vec::new();
    let mut only_infected = FxHashSet::default();
    for chain in chains {
        // Largest first: no tree in the chains that follow can be larger.
        if chain.cases.len() <= largest {
            break;
        }
        if chain.primary_cases.len() == 1 {
            largest = chain.cases.len();
            continue;
        }
        for &primary in &chain.primary_cases {
            // Of many who may have infected one case, and nobody else, all have trees of one size.
            if let [only] = graph.of(primary)
                && !only_infected.insert(*only)
            {
                continue;
            }
            queue.clear();
            queue.push(primary);
            reached_from[primary as usize] = primary;
            let mut head = 0;
            while head < queue.len() {
                for &child in graph.of(queue[head]) {
                    if reached_from[child as usize] != primary {
                        reached_from[child as usize] = primary;
                        queue.push(child);
                    }
                }
                head += 1;
            }
            largest = largest.max(queue.len());
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::outbreak::tests::{cases_without_dates, link};

    fn chains(n_cases: usize, pairs: &[(u32, u32)]) -> Chains {
        let links: Vec<_> = pairs.iter().map(|&(a, b)| link(a, b)).collect();
        derive_chains(&cases_without_dates(n_cases), &links)
    }

    #[test]
    fn a_case_with_two_infectors_takes_the_shorter_way_and_counts_once() {
        let found = chains(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        assert_eq!(found.generation, [0, 1, 2, 1]);
        assert_eq!(found.largest_chain, 4);
        assert_eq!(found.links_on_cycles, 0);
    }

    #[test]
    fn two_primary_cases_of_one_infected_are_one_chain_but_two_trees() {
        let found = chains(3, &[(0, 2), (1, 2)]);
        assert_eq!(found.chains.len(), 1);
        assert_eq!(found.chains[0].primary_cases, [0, 1]);
        assert_eq!(found.largest_chain, 2);
    }

    #[test]
    fn a_circle_ends_and_its_links_are_counted() {
        let mut cases = cases_without_dates(5);
        cases[2].onset = Some(date(2020, 3, 1));
        let links = [link(0, 1), link(1, 2), link(2, 0), link(2, 3)];
        let found = derive_chains(&cases, &links);
        assert_eq!(found.links_on_cycles, 3);
        assert_eq!(found.primary_cases, [2, 4], "the earliest onset stands in; a case without links is its own");
        assert_eq!(found.generation, [1, 2, 0, 1, 0]);
        assert_eq!(found.largest_chain, 4);
    }

    #[test]
    fn a_circle_that_somebody_outside_infected_has_no_primary_case_of_its_own() {
        let found = chains(4, &[(3, 0), (0, 1), (1, 2), (2, 0)]);
        assert_eq!(found.primary_cases, [3]);
        assert_eq!(found.generations, 3);
        assert_eq!(found.links_on_cycles, 3);
    }

    #[test]
    fn links_to_unknown_cases_to_oneself_and_repeated_ones_are_rejected_with_the_reason() {
        let (accepted, rejected) = accept_links(2, &[link(0, 1), link(0, 2), link(1, 1), link(0, 1), link(1, 0)]);
        assert_eq!(accepted, [link(0, 1), link(1, 0)]);
        let reasons: Vec<_> = rejected.iter().map(|r| (r.link_idx, r.reason)).collect();
        let expected = [LinkRejection::UnknownCase, LinkRejection::SelfInfection, LinkRejection::Repeated];
        assert_eq!(reasons, [(1, expected[0]), (2, expected[1]), (3, expected[2])]);
    }

    #[test]
    fn a_chain_as_long_as_the_list_does_not_exhaust_the_stack() {
        let pairs: Vec<_> = (0..200_000).map(|i| (i, i + 1)).collect();
        assert_eq!(chains(200_001, &pairs).generations, 200_000);
    }

    #[test]
    fn forty_thousand_possible_infectors_of_one_case_cost_no_more_than_one() {
        let infectors = (0..40_000).map(|i| (i, 40_000));
        let pairs: Vec<_> = infectors.chain((40_000..80_000).map(|i| (i, i + 1))).collect();
        let found = chains(80_001, &pairs);
        assert_eq!((found.largest_chain, found.chains.len(), found.generations), (40_002, 1, 40_001));
    }

    #[test]
    fn no_cases_are_no_chains() {
        let found = chains(0, &[]);
        assert_eq!((found.generations, found.largest_chain, found.chains.len()), (0, 0, 0));
    }
}
