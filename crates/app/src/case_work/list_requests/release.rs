//! The venue's side: what it is asked for, and releasing it. Whether another authority asks, it doesn't see.

use super::super::taken::Taken;
use super::days_of;
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::action_items::{ItemKind, Need};
use domain::cases::CaseStatus;
use domain::check_ins::{ListOfDay, VenueDay};
use domain::ids::{CaseId, RequestId, VenueId};
use domain::list_requests::{PlaceStay, RequestState};
use domain::time::Window;
use domain::venues::VenueAction;
use jiff::Timestamp;
use storage::list_requests::{ListRequest, ReleasedVisit};
use storage::sealing::Opening;
use storage::{Freshness, Tx};

/// Why the keyring is asked for a list, in its log.
const WHY: &str = "request";

/// What a venue sees of a request: for which time, never because of whom.
#[derive(Clone, Debug)]
pub struct RequestToVenue {
    /// Its id.
    pub request_id: RequestId,
    /// For which time.
    pub asked: Window,
    /// Where it stands.
    pub state: RequestState,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it was released or withdrawn.
    pub ended_at: Option<Timestamp>,
}

impl App {
    /// Lists what a venue is and was asked for, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if the worker doesn't work there, [`AppError::NotAllowedInVenue`] for the door.
    pub async fn list_requests_of_venue(&self, worker: &Worker, venue_id: VenueId) -> Result<Vec<RequestToVenue>> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::AnswerRequests).await?;
        let mut seen = Vec::new();
        for mut request in storage::list_requests::of_venue(&mut tx, venue_id).await? {
            self.show_expired(&mut tx, worker, &mut request).await?;
            let ListRequest { request_id, asked, state, asked_at, ended_at, .. } = request;
            seen.push(RequestToVenue { request_id, asked, state, asked_at, ended_at });
        }
        seen.extend(self.asked_by_others(&mut tx, venue_id, &worker.authority.time_zone).await?);
        seen.sort_by_key(|request| std::cmp::Reverse((request.asked_at, request.request_id)));
        Ok(seen)
    }

    /// Releases the list that a venue is asked for. Twice is once.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such request to this venue, [`AppError::Conflict`] if it was withdrawn, or its
    /// days are deleted.
    pub async fn release_list(&self, worker: &Worker, venue_id: VenueId, request_id: RequestId) -> Result<()> {
        self.make_halves_known(&[worker.authority.authority_id]).await?;
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::AnswerRequests).await?;
        let found = storage::list_requests::at_venue(&mut tx, venue_id, request_id).await?;
        let Some(request) = found else { return self.release_elsewhere(tx, worker, (venue_id, request_id)).await };
        let withdrawn = || AppError::Conflict("the authority has withdrawn this request".to_owned());
        match request.state {
            RequestState::Released => return Ok(()),
            RequestState::Withdrawn => return Err(withdrawn()),
            RequestState::Expired => return Err(gone()),
            RequestState::Asked => {}
        }
        let sealer = self.sealer(worker)?;
        let mut taken = self.take(&mut tx, sealer, request.case_id).await?;
        if matches!(taken.work.status, CaseStatus::Anonymised | CaseStatus::HandedOver) {
            return Err(withdrawn());
        }
        let state = self.release_within(&mut tx, worker, &mut taken, &request).await?;
        self.follow_and_write(&mut tx, worker, &mut taken).await?;
        let audited =
            Audited { operation: "list_requests.release", subjects: format!("{venue_id} {request_id}"), n_subjects: 1 };
        self.record(&mut tx, worker, audited).await?;
        tx.commit().await?;
        if state == RequestState::Expired { Err(gone()) } else { Ok(()) }
    }

    /// Releases a list within a transaction that has taken the case: opens it, seals each guest anew, raises the item.
    ///
    /// Returns the state in which the request is now: expired, if there is nothing left to open.
    pub(super) async fn release_within(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        request: &ListRequest,
    ) -> Result<RequestState> {
        let is_over = self.are_gone(tx, &request.asked, &worker.authority.time_zone).await?;
        let (state, by) = match is_over {
            true => (RequestState::Expired, None),
            false => (RequestState::Released, Some(worker.account_id)),
        };
        // First of all: whoever withdraws it at this moment waits, or has done so before anything is opened.
        if !storage::list_requests::end(tx, request, state, (by, taken.now)).await? {
            return Err(AppError::Conflict("somebody else answered at this moment; look again".to_owned()));
        }
        if is_over {
            return Ok(state);
        }
        let whose = (request.case_id, request.request_id);
        let visits = self.open_list(tx, worker, whose, (request.venue_id, &request.asked)).await?;
        storage::list_requests::insert_visits(tx, &taken.sealer, &visits).await?;
        let n_guests = visits.len().to_string();
        self.note_change(worker, taken, ("guest_list", "released"), None, Some(n_guests));
        let need = Need { kind: ItemKind::GuestListReleased, cause: request.request_id.to_string() };
        self.raise(tx, taken, need, None).await?;
        Ok(state)
    }

    /// Opens what overlaps the asked time, in all areas. Each venue and day is an opening in the keyring's log.
    pub(in crate::case_work) async fn open_list(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        (case_id, request_id): (CaseId, RequestId),
        (venue_id, asked): (VenueId, &Window),
    ) -> Result<Vec<ReleasedVisit>> {
        let no_door = || AppError::Conflict("this server keeps no guest lists".to_owned());
        let door = self.door().ok_or_else(no_door)?;
        let zone = &worker.authority.time_zone;
        let freshness = self.all_until_now().await?;
        let mut released = Vec::new();
        for day in days_of(asked, zone) {
            if self.is_gone(tx, day, zone).await? {
                continue;
            }
            let of = VenueDay { authority_id: worker.authority.authority_id, day };
            let list = ListOfDay { of, venue_id };
            let sealed = door.shelf().read(list, freshness).await?;
            if !sealed.stays()?.iter().any(|(stay, _)| stay.overlaps(asked)) {
                continue;
            }
            let keys = sealed.keys()?;
            let opening = Opening { list, account_id: worker.account_id, why: WHY, at: self.now() };
            let keys = self.keys()?.open(&opening, &keys).await?;
            for visit in sealed.open(&keys, |stay| stay.overlaps(asked))?.visits {
                let stay = visit.stay;
                let Ok(window) = Window::new(stay.arrived_at, stay.leaves_at) else { continue };
                released.push(ReleasedVisit {
                    case_id,
                    request_id,
                    visit_id: stay.visit_id,
                    venue_id,
                    place: PlaceStay { area: stay.area_id, stay: window },
                    household: stay.household,
                    marks: stay.marks,
                    guest: Some(visit.guest),
                    decision: None,
                });
            }
        }
        Ok(released)
    }
}

pub(in crate::case_work) fn gone() -> AppError {
    AppError::Conflict("the guest lists of these days are deleted".to_owned())
}
