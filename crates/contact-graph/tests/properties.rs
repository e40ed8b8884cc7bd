//! What holds for every outbreak, whatever its links.

#![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

use contact_graph::chains::{accept_links, derive_chains};
use contact_graph::outbreak::{CaseRecord, LinkRecord};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const N_CASES: u32 = 40;

/// Links among forty cases, circles, repetitions and unknown cases included.
fn any_links() -> impl Strategy<Value = Vec<LinkRecord>> {
    prop::collection::vec((0..N_CASES + 2, 0..N_CASES + 2), 0..70).prop_map(|pairs| {
        pairs.into_iter().map(|(a, b)| LinkRecord { infector: a, infected: b, setting: None }).collect()
    })
}

/// Cases with different days of onset, so that no choice depends on the position in the list.
fn cases() -> Vec<CaseRecord> {
    let onset = |i: u32| -> Date { date(2020, 1, 1).saturating_add(jiff::Span::new().days(i * 7 % 41)) };
    (0..N_CASES).map(|i| CaseRecord { onset: Some(onset(i)), ..CaseRecord::default() }).collect()
}

proptest! {
    #[test]
    fn chains_hold_every_case_once_and_generations_stay_below_the_number_of_cases(links in any_links()) {
        let (accepted, rejected) = accept_links(N_CASES as usize, &links);
        prop_assert_eq!(accepted.len() + rejected.len(), links.len());
        let found = derive_chains(&cases(), &accepted);
        let sizes: usize = found.size_distribution.iter().map(|s| s.size * s.n_chains).sum();
        prop_assert_eq!(sizes, N_CASES as usize);
        prop_assert_eq!(found.chains.iter().map(|c| c.cases.len()).sum::<usize>(), N_CASES as usize);
        prop_assert!(found.generations < N_CASES);
        prop_assert!(found.chains.iter().all(|c| !c.primary_cases.is_empty()));
        prop_assert!(found.largest_chain <= found.chains[0].cases.len());
        for link in &accepted {
            let (a, b) = (link.infector as usize, link.infected as usize);
            prop_assert!(found.generation[b] <= found.generation[a] + 1);
            prop_assert_eq!(found.chain_of[a], found.chain_of[b]);
        }
    }

    #[test]
    fn the_order_of_cases_and_links_changes_nothing(
        links in any_links(),
        order in Just((0..N_CASES).collect::<Vec<u32>>()).prop_shuffle(),
    ) {
        let moved_to = |case: u32| order.get(case as usize).copied().unwrap_or(case);
        let mut moved_cases = cases();
        for (case, record) in cases().into_iter().enumerate() {
            moved_cases[moved_to(case as u32) as usize] = record;
        }
        let moved = links.iter().rev().map(|l| LinkRecord { infector: moved_to(l.infector), infected: moved_to(l.infected), ..*l });
        let moved_links: Vec<_> = moved.collect();
        let before = derive_chains(&cases(), &accept_links(N_CASES as usize, &links).0);
        let after = derive_chains(&moved_cases, &accept_links(N_CASES as usize, &moved_links).0);
        for case in 0..N_CASES {
            prop_assert_eq!(before.generation[case as usize], after.generation[moved_to(case) as usize]);
        }
        prop_assert_eq!(before.size_distribution, after.size_distribution);
        prop_assert_eq!(before.largest_chain, after.largest_chain);
        prop_assert_eq!(before.links_on_cycles, after.links_on_cycles);
    }
}
