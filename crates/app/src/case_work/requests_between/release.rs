//! The venue's side, where another authority asks: it releases as for its own. The list is opened, sealed to who asked, and
//! forgotten.

use super::super::list_requests::{RequestToVenue, gone};
use super::answer::over;
use super::body;
use super::post::at_this_moment;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::ids::{CaseId, RequestId, VenueId};
use domain::list_requests::RequestState;
use domain::requests_between::{BetweenState, DeclinedBecause, MessageKind, Side, Step};
use jiff::tz::TimeZone;
use storage::Tx;
use storage::requests_between::RequestFromOther;
use storage::sealing::Sealer;
use uuid::Uuid;

impl App {
    /// Releases a list for another authority. Twice is once.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such request to this venue, [`AppError::Conflict`] if it is over, or its days are
    /// deleted: then the other authority is told so.
    pub(in crate::case_work) async fn release_elsewhere(
        &self,
        mut tx: Tx,
        worker: &Worker,
        (venue_id, request_id): (VenueId, RequestId),
    ) -> Result<()> {
        let sealer = self.sealer(worker)?;
        let found = storage::requests_between::find_from_other(&mut tx, Some(&sealer), request_id).await?;
        let request = found.filter(|request| request.passed.is_some() && request.venue_id == Some(venue_id));
        let request = request.ok_or(AppError::NotFound("request"))?;
        match request.state {
            BetweenState::Released => return Ok(()),
            BetweenState::Withdrawn => {
                return Err(AppError::Conflict("the authority has withdrawn this request".to_owned()));
            }
            _ => {}
        }
        let is_released = self.release_to_other(&mut tx, worker, &sealer, &request).await?;
        tx.commit().await?;
        if is_released { Ok(()) } else { Err(gone()) }
    }

    /// Opens the list and sends it; returns `false` if its days are deleted, which is then what is sent.
    pub(super) async fn release_to_other(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        sealer: &Sealer,
        request: &RequestFromOther,
    ) -> Result<bool> {
        let request_id = request.request_id;
        let venue_id = request.venue_id.ok_or(AppError::NotFound("venue"))?;
        if self.are_gone(tx, &request.asked, &worker.authority.time_zone).await? {
            self.decline_within(tx, worker, sealer, (request, None), (DeclinedBecause::NoList, None)).await?;
            return Ok(false);
        }
        let state = request.state.after(Side::To, Step::Release).ok_or_else(|| over(request.state))?;
        let (ended_by, ended_at) = (Some(worker.account_id), Some(self.now()));
        let released = RequestFromOther { state, ended_by, ended_at, ..request.clone() };
        // First of all: whoever withdraws it at this moment waits, or has done so before anything is opened.
        if !storage::requests_between::move_from_other(tx, sealer, request.state, &released).await? {
            return Err(at_this_moment());
        }
        let venue = storage::venues::find(tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let areas = storage::venues::every_area(tx, venue_id).await?;
        // Who asks puts them with their case; here there is none.
        let nobodys = (CaseId(Uuid::nil()), request_id);
        let visits = self.open_list(tx, worker, nobodys, (venue_id, &request.asked)).await?;
        let told = body::Released {
            request_id,
            venue: body::Venue {
                venue_id,
                name: venue.details.name,
                city: venue.details.address.city,
                areas: areas.into_iter().map(|area| (area.area_id, area.name)).collect(),
            },
            guests: visits.iter().filter_map(body::GuestOfList::of).collect(),
        };
        self.send(tx, sealer, (request.other, MessageKind::Released, request_id), &told).await?;
        let subjects = format!("{venue_id} {request_id}");
        self.record(tx, worker, Audited { operation: "requests_between.release", subjects, n_subjects: 1 }).await?;
        Ok(true)
    }

    /// Lists what a venue is and was asked for because another authority asks. Which, it doesn't learn.
    pub(in crate::case_work) async fn asked_by_others(
        &self,
        tx: &mut Tx,
        venue_id: VenueId,
        zone: &TimeZone,
    ) -> Result<Vec<RequestToVenue>> {
        let mut seen = Vec::new();
        for request in storage::requests_between::to_venue(tx, venue_id).await? {
            let is_gone = request.state.is_open() && self.are_gone(tx, &request.asked, zone).await?;
            let state = match (request.state, request.because) {
                _ if is_gone => RequestState::Expired,
                (BetweenState::Declined, Some(DeclinedBecause::NoList)) => RequestState::Expired,
                (BetweenState::Asked | BetweenState::Passed, _) => RequestState::Asked,
                (BetweenState::Released, _) => RequestState::Released,
                (BetweenState::Declined | BetweenState::Withdrawn, _) => RequestState::Withdrawn,
            };
            let asked_at = request.passed.map_or(request.asked_at, |(_, at)| at);
            let RequestFromOther { request_id, asked, ended_at, .. } = request;
            seen.push(RequestToVenue { request_id, asked, state, asked_at, ended_at });
        }
        Ok(seen)
    }
}
