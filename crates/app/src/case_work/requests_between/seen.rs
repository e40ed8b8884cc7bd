//! Looking at requests that go through another authority, on either side.

use super::super::stays::{NamedVenue, named};
use super::ask::are_gone_everywhere;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::{CaseId, RequestId};
use domain::requests_between::BetweenState;
use std::collections::{HashMap, HashSet};
use storage::Freshness;
use storage::authorities::Authority;
use storage::requests_between::{RequestElsewhere, RequestFromOther};

/// A request that goes through another authority.
#[derive(Clone, Debug)]
pub struct SeenElsewhere {
    /// What is asked.
    pub request: RequestElsewhere,
    /// Through whom.
    pub other: Authority,
    /// The venue, as soon as the other authority has told of it.
    pub venue: Option<NamedVenue>,
    /// Guests that were released and are still here.
    pub n_guests: usize,
    /// Whether nobody has answered, and no authority has the lists of these days any more.
    pub is_over: bool,
}

/// The requests of a case, and who can be asked.
#[derive(Clone, Debug)]
pub struct SeenRequestsElsewhere {
    /// Newest first.
    pub requests: Vec<SeenElsewhere>,
    /// The other authorities of this installation, by name.
    pub authorities: Vec<Authority>,
}

/// What another authority asks.
#[derive(Clone, Debug)]
pub struct SeenFromOther {
    /// What is asked.
    pub request: RequestFromOther,
    /// Who asks.
    pub other: Authority,
    /// The venue, as its poster or somebody here said.
    pub venue: Option<NamedVenue>,
    /// Whether nobody has answered, and the lists of these days are deleted.
    pub is_over: bool,
}

impl App {
    /// Lists what was asked for through other authorities because of a case.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn requests_elsewhere(&self, worker: &Worker, case_id: CaseId) -> Result<SeenRequestsElsewhere> {
        worker.require(Action::SeeCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let mut authorities = self.authorities().await?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let found = storage::requests_between::of_case(&mut tx, sealer.as_ref(), case_id).await?;
        let mut n_guests: HashMap<RequestId, usize> = HashMap::new();
        for visit in storage::list_requests::visits(&mut tx, None, case_id).await? {
            *n_guests.entry(visit.request_id).or_default() += 1;
        }
        let venues = named(&mut tx, found.iter().filter_map(|request| request.venue_id)).await?;
        drop(tx);
        let zone = &worker.authority.time_zone;
        let seen = |request: RequestElsewhere| {
            let other = authorities.iter().find(|one| one.authority_id == request.other)?.clone();
            let is_told = request.state == BetweenState::Released || request.state == BetweenState::Withdrawn;
            Some(SeenElsewhere {
                other,
                venue: request.venue_id.filter(|_| is_told).and_then(|id| venues.get(&id).cloned()),
                n_guests: n_guests.get(&request.request_id).copied().unwrap_or(0),
                is_over: request.state.is_open() && are_gone_everywhere(&request.asked, self.now(), zone),
                request,
            })
        };
        let requests = found.into_iter().filter_map(seen).collect();
        self.record_alone(worker, shown("requests_between.list", [work.person_id])).await?;
        authorities.retain(|one| one.authority_id != worker.authority.authority_id);
        authorities.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(SeenRequestsElsewhere { requests, authorities })
    }

    /// Lists what other authorities ask: what waits first, oldest first; then what was answered, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn requests_from_others(&self, worker: &Worker) -> Result<Vec<SeenFromOther>> {
        worker.require(Action::WorkOnCases)?;
        let sealer = self.sealer_if_any(worker)?;
        let authorities = self.authorities().await?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let mut found = storage::requests_between::open_from_others(&mut tx, sealer.as_ref()).await?;
        let known: HashSet<RequestId> = found.iter().map(|request| request.request_id).collect();
        let newest = storage::requests_between::newest_from_others(&mut tx, sealer.as_ref()).await?;
        found.extend(newest.into_iter().filter(|request| !known.contains(&request.request_id)));
        let venues = named(&mut tx, found.iter().filter_map(|request| request.venue_id)).await?;
        let mut seen = Vec::with_capacity(found.len());
        for request in found {
            let other = authorities.iter().find(|one| one.authority_id == request.other);
            let Some(other) = other.cloned() else { continue };
            let waits = request.state.is_open();
            let is_over = waits && self.are_gone(&mut tx, &request.asked, &worker.authority.time_zone).await?;
            let venue = request.venue_id.and_then(|id| venues.get(&id).cloned());
            seen.push(SeenFromOther { request, other, venue, is_over });
        }
        Ok(seen)
    }
}
