//! What follows on either side from what the other told.

use super::super::stays::check_new;
use super::super::taken::Taken;
use super::body;
use super::post::{MessageRefused, at_this_moment, begin_once};
use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::action_items::{ItemKind, Need};
use domain::cases::CaseStatus;
use domain::diseases::Disease;
use domain::ids::{AuthorityId, FacilityId, RequestId, VenueId};
use domain::list_requests::{PlaceStay, StaySource};
use domain::persons::Personal;
use domain::requests_between::{BetweenState, DeclinedBecause, LONGEST_PLACE, Side, Step, may_be_asked};
use domain::time::Window;
use std::collections::HashSet;
use storage::Tx;
use storage::list_requests::ReleasedVisit;
use storage::requests_between::{RequestElsewhere, RequestFromOther, VenueElsewhere};
use storage::stays::CaseStay;

type Done = Result<std::result::Result<(), MessageRefused>>;

impl App {
    /// Another authority asks: its request stands here until somebody finds the venue, or declines.
    pub(super) async fn is_asked_for_list(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        from: AuthorityId,
        told: body::Asked,
    ) -> Done {
        let window = Window::new(told.from, told.until).ok().filter(may_be_asked);
        let fits = told.place.chars().count() <= LONGEST_PLACE;
        let (Some(asked), Some(disease), true) = (window, Disease::find(&told.disease), fits) else {
            return Ok(Err(MessageRefused::Unreadable));
        };
        let request_id = told.request_id;
        if !begin_once(tx, from, request_id, self.now()).await? {
            return Ok(Ok(()));
        }
        let venue_id = match told.venue_id {
            Some(venue_id) => storage::venues::find(tx, venue_id).await?.map(|venue| venue.venue_id),
            None => None,
        };
        let new = RequestFromOther {
            request_id,
            other: from,
            disease,
            place: Some(Personal::new(told.place)),
            venue_id,
            asked,
            state: BetweenState::Asked,
            because: None,
            note: None,
            asked_at: self.now(),
            passed: None,
            ended_by: None,
            ended_at: None,
        };
        let sealer = self.sealer(worker)?;
        if !storage::requests_between::insert_from_other(tx, &sealer, &new).await? {
            // Another authority's request has this id: ids are random, so somebody made it so.
            return Ok(Err(MessageRefused::Unreadable));
        }
        self.note_between(tx, worker, "requests_between.asked", request_id).await?;
        Ok(Ok(()))
    }

    /// It has taken its request back: nobody here opens anything for it any more, and what hasn't left doesn't.
    pub(super) async fn is_withdrawn(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        from: AuthorityId,
        told: &body::Withdrawn,
    ) -> Done {
        let sealer = self.sealer(worker)?;
        let found = storage::requests_between::find_from_other(tx, Some(&sealer), told.request_id).await?;
        let Some(request) = found.filter(|request| request.other == from) else {
            // It may still be on its way; then it isn't begun when it comes.
            begin_once(tx, from, told.request_id, self.now()).await?;
            return Ok(Ok(()));
        };
        let Some(state) = request.state.after(Side::To, Step::Withdraw) else { return Ok(Ok(())) };
        let now = RequestFromOther { state, ended_by: None, ended_at: Some(self.now()), ..request.clone() };
        if !storage::requests_between::move_from_other(tx, &sealer, request.state, &now).await? {
            return Err(at_this_moment());
        }
        storage::authority_messages::delete_of_request(tx, told.request_id).await?;
        self.note_between(tx, worker, "requests_between.withdrawn", told.request_id).await?;
        Ok(Ok(()))
    }

    /// The list is here: the venue, the stay there, and the guests, sealed anew under the key of this authority. What comes
    /// after the request was taken back, or after the case ended, is dropped unread.
    pub(super) async fn guests_arrive(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        from: AuthorityId,
        told: body::Released,
    ) -> Done {
        let venue_id = told.venue.venue_id;
        if !may_tell_of(tx, from, venue_id).await? {
            return Ok(Err(MessageRefused::Unreadable));
        }
        let Some((mut taken, request)) = self.take_of_request(tx, worker, from, told.request_id).await? else {
            return Ok(Ok(()));
        };
        let Some(state) = request.state.after(Side::From, Step::Release) else { return Ok(Ok(())) };
        let case_id = taken.work.case_id;
        let now = RequestElsewhere { state, venue_id: Some(venue_id), ended_at: Some(taken.now), ..request.clone() };
        if !storage::requests_between::move_elsewhere(tx, &taken.sealer, request.state, &now).await? {
            return Err(at_this_moment());
        }
        let venue = VenueElsewhere {
            venue_id,
            other: from,
            name: told.venue.name,
            city: told.venue.city,
            areas: told.venue.areas,
            facility: FacilityId::mint(taken.now, self.random()),
        };
        storage::requests_between::put_venue(tx, &venue, taken.now).await?;
        self.keep_stay_elsewhere(tx, worker, &mut taken, (&now, &venue)).await?;
        let mut known = HashSet::new();
        let guests = told.guests.into_iter().filter_map(|guest| guest.of_case(case_id, now.request_id, venue_id));
        let guests: Vec<ReleasedVisit> = guests.filter(|visit| known.insert(visit.visit_id)).collect();
        storage::list_requests::insert_visits(tx, &taken.sealer, &guests).await?;
        let n_guests = guests.len().to_string();
        self.note_change(worker, &mut taken, ("guest_list", "released"), None, Some(n_guests));
        let need = Need { kind: ItemKind::GuestListReleased, cause: now.request_id.to_string() };
        self.raise(tx, &mut taken, need, None).await?;
        self.settle_within(tx, worker, &mut taken, "requests_between.arrive").await?;
        Ok(Ok(()))
    }

    /// There will be no list: somebody here reads why.
    pub(super) async fn was_declined(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        from: AuthorityId,
        told: body::Declined,
    ) -> Done {
        let Some(because) = DeclinedBecause::find(&told.because) else { return Ok(Err(MessageRefused::Unreadable)) };
        let Some((mut taken, request)) = self.take_of_request(tx, worker, from, told.request_id).await? else {
            return Ok(Ok(()));
        };
        let Some(state) = request.state.after(Side::From, Step::Decline) else { return Ok(Ok(())) };
        let now = RequestElsewhere {
            state,
            because: Some(because),
            note: told.text.map(Personal::new),
            ended_at: Some(taken.now),
            ..request.clone()
        };
        if !storage::requests_between::move_elsewhere(tx, &taken.sealer, request.state, &now).await? {
            return Err(at_this_moment());
        }
        let need = Need { kind: ItemKind::GuestListDeclined, cause: now.request_id.to_string() };
        self.raise(tx, &mut taken, need, None).await?;
        self.settle_within(tx, worker, &mut taken, "requests_between.declined").await?;
        Ok(Ok(()))
    }

    /// Takes the case of a request that was sent to an authority; `None` if there is no such request, or nothing is done with
    /// the case here any more.
    async fn take_of_request(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        from: AuthorityId,
        request_id: RequestId,
    ) -> Result<Option<(Taken, RequestElsewhere)>> {
        let sealer = self.sealer(worker)?;
        let found = storage::requests_between::find_elsewhere(tx, None, request_id).await?;
        let Some(found) = found.filter(|request| request.other == from) else { return Ok(None) };
        let taken = match self.take(tx, sealer.clone(), found.case_id).await {
            Ok(taken) => taken,
            Err(AppError::NotFound(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        if matches!(taken.work.status, CaseStatus::Anonymised | CaseStatus::HandedOver) {
            return Ok(None);
        }
        // Whoever had the case before may have taken a step of the request.
        let request = storage::requests_between::find_elsewhere(tx, Some(&sealer), request_id).await?;
        Ok(request.map(|request| (taken, request)))
    }

    /// Where the case was is known now: a stay as any other.
    async fn keep_stay_elsewhere(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        (request, venue): (&RequestElsewhere, &VenueElsewhere),
    ) -> Result<()> {
        let known = storage::stays::of_case(tx, taken.work.case_id).await?;
        let place =
            PlaceStay { area: request.area_id.filter(|area| venue.areas.contains_key(area)), stay: request.stay };
        let is_known = known.iter().any(|stay| stay.stay_id == request.stay_id);
        if is_known || check_new(&place, venue.venue_id, &known).is_err() {
            return Ok(());
        }
        let stay = CaseStay {
            stay_id: request.stay_id,
            case_id: taken.work.case_id,
            person_id: taken.work.person_id,
            venue_id: venue.venue_id,
            place,
            source: StaySource::Worker,
            visit_id: None,
            origin_case: None,
            account_id: Some(request.account_id),
            noted_at: request.asked_at,
        };
        self.add_stay(tx, worker, taken, &stay).await
    }

    pub(super) async fn note_between(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        operation: &'static str,
        request_id: RequestId,
    ) -> Result<()> {
        self.record(tx, worker, Audited { operation, subjects: request_id.to_string(), n_subjects: 1 }).await
    }
}

/// An authority tells of its own venues, and of no other's.
async fn may_tell_of(tx: &mut Tx, from: AuthorityId, venue_id: VenueId) -> Result<bool> {
    if storage::venues::find(tx, venue_id).await?.is_some() {
        return Ok(false);
    }
    let known = storage::requests_between::find_venue(tx, venue_id).await?;
    Ok(known.is_none_or(|venue| venue.other == from))
}
