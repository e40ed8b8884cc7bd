//! Who infected whom, as a page draws it: cases in their chains, and of several infectors the one that the tree shows.

use super::{between, meant, record};
use crate::cases::CaseConditions;
use crate::context::{App, Audited, Worker, disease_meant};
use crate::error::Result;
use contact_graph::chains::{Chains as Derived, accept_links, derive_chains};
use contact_graph::outbreak::{CaseRecord, LinkRecord};
use domain::authorities::Action;
use domain::diseases::Disease;
use domain::ids::{CaseId, PersonId};
use domain::infections::InfectionLink;
use protocol::http::outbreak::{ChainLink, ChainNode, Chains};
use std::collections::HashMap;
use storage::cases::{CaseOutline, ListedCase};

/// Cases that are drawn, at most.
const MOST_DRAWN: usize = 10_000;

impl App {
    /// Derives the chains of transmission among some cases of a disease.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`](crate::AppError::NotAllowed) if the role doesn't allow it.
    pub async fn outbreak_chains(
        &self,
        worker: &Worker,
        disease: Option<Disease>,
        conditions: &CaseConditions,
    ) -> Result<Chains> {
        worker.require(Action::SeeOutbreak)?;
        let mut tx = self.look(worker).await?;
        let disease = disease_meant(&mut tx, worker, disease, None).await?;
        let all = storage::cases::outlines(&mut tx, disease).await?;
        let cases = meant(&mut tx, disease, conditions, &all).await?;
        let links = storage::infections::all(&mut tx).await?;
        let drawing = Drawing::of(&cases, &links);
        let mut chains = drawing.counts(disease);
        if !chains.too_many {
            let ids: Vec<CaseId> = cases.iter().map(|case| case.case_id).collect();
            let persons: Vec<PersonId> = cases.iter().map(|case| case.person_id).collect();
            let details = storage::cases::listed(&mut tx, None, &ids).await?;
            let references = storage::persons::references_of(&mut tx, &persons).await?;
            chains.nodes = drawing.nodes(&details, &references);
            chains.links = drawing.chain_links();
        }
        drop(tx);
        let audited = Audited { operation: "reports.chains", subjects: disease.to_string(), n_subjects: cases.len() };
        self.record_alone(worker, audited).await?;
        Ok(chains)
    }
}

/// The chains with the facts that they come from.
struct Drawing<'c> {
    cases: &'c [CaseOutline],
    links: &'c [InfectionLink],
    /// The links that count, each with its position among all.
    accepted: Vec<(usize, LinkRecord)>,
    chains: Derived,
    /// For each case the position in `accepted` of the link that the tree draws.
    first: Vec<Option<usize>>,
}

impl<'c> Drawing<'c> {
    fn of(cases: &'c [CaseOutline], links: &'c [InfectionLink]) -> Self {
        let (records, _) = between(cases, links);
        let (positions, records): (Vec<usize>, Vec<LinkRecord>) = records.into_iter().unzip();
        let (accepted, rejected) = accept_links(cases.len(), &records);
        let outlines: Vec<CaseRecord> = cases.iter().map(record).collect();
        let chains = derive_chains(&outlines, &accepted);
        let mut rejected = rejected.into_iter().map(|link| link.link_idx).peekable();
        let counted = positions.into_iter().enumerate().filter(|(at, _)| rejected.next_if_eq(at).is_none());
        let accepted: Vec<(usize, LinkRecord)> = counted.map(|(_, position)| position).zip(accepted).collect();
        let first = first_infectors(cases, links, &accepted, &chains);
        Self { cases, links, accepted, chains, first }
    }

    fn counts(&self, disease: Disease) -> Chains {
        let mut is_linked = vec![false; self.cases.len()];
        for (_, link) in &self.accepted {
            is_linked[link.infector as usize] = true;
            is_linked[link.infected as usize] = true;
        }
        Chains {
            disease: disease.to_string(),
            n_cases: self.cases.len(),
            n_links: self.accepted.len(),
            n_without_link: is_linked.iter().filter(|is_linked| !**is_linked).count(),
            n_chains: self.chains.chains.iter().filter(|chain| chain.cases.len() > 1).count(),
            too_many: self.cases.len() > MOST_DRAWN,
            nodes: Vec::new(),
            links: Vec::new(),
        }
    }

    fn nodes(&self, details: &[ListedCase], references: &HashMap<PersonId, String>) -> Vec<ChainNode> {
        let mut n_infected = vec![0u32; self.cases.len()];
        for (_, link) in &self.accepted {
            n_infected[link.infector as usize] += 1;
        }
        let details: HashMap<CaseId, &ListedCase> = details.iter().map(|case| (case.case_id, case)).collect();
        let node = |at: usize| {
            let case = &self.cases[at];
            let known = details.get(&case.case_id)?;
            let infected_by = self.first[at].map(|link| &self.links[self.accepted[link].0]);
            Some(ChainNode {
                case_id: case.case_id.0,
                person_id: case.person_id.0,
                reference: references.get(&case.person_id).cloned(),
                symptom_onset: case.dates.symptom_onset.map(|day| day.to_string()),
                reported_on: case.dates.reported_on.map(|day| day.to_string()),
                classification: known.classification.to_string(),
                sex: known.sex.clone(),
                outcome: known.outcome.clone(),
                died: known.died_on.is_some(),
                place: known.place.as_ref().map(|(_, name)| name.clone()),
                setting: infected_by.and_then(|link| link.setting.clone()),
                generation: Some(self.chains.generation[at]).filter(|generation| *generation != u32::MAX),
                n_infected: n_infected[at],
                chain: self.chains.chain_of[at] + 1,
            })
        };
        let mut order: Vec<usize> = (0..self.cases.len()).collect();
        order.sort_by_key(|at| (self.chains.chain_of[*at], self.chains.generation[*at], *at));
        order.into_iter().filter_map(node).collect()
    }

    fn chain_links(&self) -> Vec<ChainLink> {
        let link = |(at, (position, record)): (usize, &(usize, LinkRecord))| {
            let (stored, infected) = (&self.links[*position], record.infected as usize);
            ChainLink {
                infector: self.cases[record.infector as usize].case_id.0,
                infected: self.cases[infected].case_id.0,
                setting: stored.setting.clone(),
                infected_on: stored.infected_on.map(|day| day.to_string()),
                first: self.first[infected] == Some(at),
            }
        };
        self.accepted.iter().enumerate().map(link).collect()
    }
}

/// Chooses for each case the infector through whom it is nearest to the chain's beginning; of several the one whose link
/// has the earliest day, then the one who fell ill first, then the first stored.
fn first_infectors(
    cases: &[CaseOutline],
    links: &[InfectionLink],
    accepted: &[(usize, LinkRecord)],
    chains: &Derived,
) -> Vec<Option<usize>> {
    let mut first: Vec<Option<usize>> = vec![None; cases.len()];
    let known = |at: usize| {
        let (position, record) = &accepted[at];
        let (day, onset) = (links[*position].infected_on, cases[record.infector as usize].dates.symptom_onset);
        (day.is_none(), day, onset.is_none(), onset, at)
    };
    for (at, (_, link)) in accepted.iter().enumerate() {
        let generation = |case: u32| chains.generation[case as usize];
        if generation(link.infector).checked_add(1) != Some(generation(link.infected)) {
            continue;
        }
        let chosen = &mut first[link.infected as usize];
        if chosen.is_none_or(|other| known(at) < known(other)) {
            *chosen = Some(at);
        }
    }
    first
}
