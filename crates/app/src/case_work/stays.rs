//! Stays of a case at venues: taken down by a case worker, shown by the guest themselves, or known from a list that was
//! released. Each is a visit among the facts too, so that searches find who was there with them.

use super::taken::Taken;
use crate::cases::shown;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::check_ins::LONGEST_STAY;
use domain::ids::{AreaId, AuthorityId, CaseId, FacilityId, StayId, VenueId};
use domain::list_requests::{MOST_STAYS, PlaceStay, StaySource};
use domain::time::{Window, local_day};
use jiff::Timestamp;
use std::collections::BTreeMap;
use storage::requests_between::VenueElsewhere;
use storage::stays::CaseStay;
use storage::{Freshness, Tx};

/// Where and when a case was, as a case worker takes it down.
#[derive(Clone, Copy, Debug)]
pub struct NotedStay {
    /// The venue.
    pub venue_id: VenueId,
    /// The area; `None` for the whole venue.
    pub area_id: Option<AreaId>,
    /// From when.
    pub from: Timestamp,
    /// Until when, not included.
    pub until: Timestamp,
}

/// A venue as stays and requests name it.
#[derive(Clone, Debug)]
pub struct NamedVenue {
    /// As it stands on its posters.
    pub name: String,
    /// Where it is.
    pub city: String,
    /// Its areas, those too that take no guests any more.
    pub areas: BTreeMap<AreaId, String>,
    /// In whose area it is; `None` for this authority's own.
    pub other: Option<AuthorityId>,
}

/// The stays of a case.
#[derive(Clone, Debug)]
pub struct SeenStays {
    /// The latest first.
    pub stays: Vec<CaseStay>,
    /// Their venues.
    pub venues: BTreeMap<VenueId, NamedVenue>,
    /// Until when the case's code works, if it has one.
    pub code_until: Option<Timestamp>,
}

impl App {
    /// Lists the stays of a case.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such case here.
    pub async fn stays_of_case(&self, worker: &Worker, case_id: CaseId) -> Result<SeenStays> {
        worker.require(Action::SeeCases)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let case_id = storage::merges::case_now(&mut tx, case_id).await?;
        let work = storage::cases::work_of(&mut tx, &[case_id]).await?.pop().ok_or(AppError::NotFound("case"))?;
        let stays = storage::stays::of_case(&mut tx, case_id).await?;
        let venues = named(&mut tx, stays.iter().map(|stay| stay.venue_id)).await?;
        let code_until = storage::stays::code_of_case(&mut tx, case_id, self.now()).await?;
        drop(tx);
        self.record_alone(worker, shown("stays.list", [work.person_id])).await?;
        Ok(SeenStays { stays, venues, code_until })
    }

    /// Takes a stay of a case down. The same id again is the same stay.
    ///
    /// # Errors
    ///
    /// [`AppError::InvalidFields`] for what must change; [`AppError::NotFound`] for an unknown case or venue;
    /// [`AppError::Conflict`] if it is there already.
    pub async fn note_stay(&self, worker: &Worker, case_id: CaseId, stay_id: StayId, noted: NotedStay) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let known = storage::stays::of_case(&mut tx, case_id).await?;
        if known.iter().any(|stay| stay.stay_id == stay_id) {
            return Ok(());
        }
        let place = self.checked(&mut tx, &noted, &known).await?;
        let stay = CaseStay {
            stay_id,
            case_id,
            person_id: taken.work.person_id,
            venue_id: noted.venue_id,
            place,
            source: StaySource::Worker,
            visit_id: None,
            origin_case: None,
            account_id: Some(worker.account_id),
            noted_at: taken.now,
        };
        self.add_stay(&mut tx, worker, &mut taken, &stay).await?;
        self.settle(tx, worker, taken, "stays.note").await?;
        Ok(())
    }

    /// Changes where or when a case was.
    ///
    /// # Errors
    ///
    /// As [`note_stay`](Self::note_stay); [`AppError::NotFound`] if the stay isn't there.
    pub async fn change_stay(&self, worker: &Worker, case_id: CaseId, stay_id: StayId, noted: NotedStay) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let known = storage::stays::of_case(&mut tx, case_id).await?;
        let (before, others): (Vec<_>, Vec<_>) = known.into_iter().partition(|stay| stay.stay_id == stay_id);
        let before = before.into_iter().next().ok_or(AppError::NotFound("stay"))?;
        let place = self.checked(&mut tx, &noted, &others).await?;
        let now = taken.now;
        let stay = CaseStay {
            venue_id: noted.venue_id,
            place,
            account_id: Some(worker.account_id),
            noted_at: now,
            ..before.clone()
        };
        self.facility_of_venue(&mut tx, stay.venue_id).await?;
        storage::stays::change(&mut tx, &stay).await?;
        storage::stays::follow(&mut tx, stay.person_id, &[], local_day(now, &jiff::tz::TimeZone::UTC)).await?;
        self.note_change(worker, &mut taken, ("stay", "by hand"), Some(in_words(&before)), Some(in_words(&stay)));
        self.settle(tx, worker, taken, "stays.change").await?;
        Ok(())
    }

    /// Deletes a stay that was taken down by mistake. What was released because of it stays until its request is withdrawn.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if it isn't there.
    pub async fn delete_stay(&self, worker: &Worker, case_id: CaseId, stay_id: StayId) -> Result<()> {
        let (mut tx, mut taken) = self.take_case(worker, case_id).await?;
        let known = storage::stays::of_case(&mut tx, case_id).await?;
        let gone = known.iter().find(|stay| stay.stay_id == stay_id).ok_or(AppError::NotFound("stay"))?;
        storage::stays::delete(&mut tx, case_id, stay_id).await?;
        let today = local_day(taken.now, &jiff::tz::TimeZone::UTC);
        storage::stays::follow(&mut tx, gone.person_id, &[stay_id], today).await?;
        self.note_change(worker, &mut taken, ("stay", "by hand"), Some(in_words(gone)), None);
        self.settle(tx, worker, taken, "stays.delete").await?;
        Ok(())
    }

    /// Stores a stay of a case that is taken, with the visit that follows from it.
    pub(super) async fn add_stay(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        taken: &mut Taken,
        stay: &CaseStay,
    ) -> Result<()> {
        self.facility_of_venue(tx, stay.venue_id).await?;
        storage::stays::insert(tx, stay).await?;
        storage::stays::follow(tx, stay.person_id, &[], local_day(taken.now, &jiff::tz::TimeZone::UTC)).await?;
        let why = match stay.source {
            StaySource::Worker => "by hand",
            StaySource::Shared => "shown by the guest",
            StaySource::List => "guest list",
        };
        self.note_change(worker, taken, ("stay", why), None, Some(in_words(stay)));
        Ok(())
    }

    /// Returns the facility under which stays at a venue stand among the facts.
    pub(super) async fn facility_of_venue(&self, tx: &mut Tx, venue_id: VenueId) -> Result<FacilityId> {
        if let Some(known) = storage::stays::facility_of(tx, venue_id).await? {
            return Ok(known);
        }
        let venue = storage::venues::find(tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let new = FacilityId::mint(self.now(), self.random());
        Ok(storage::stays::make_facility(tx, (venue_id, &venue.details.name), new, self.now()).await?)
    }

    async fn checked(&self, tx: &mut Tx, noted: &NotedStay, others: &[CaseStay]) -> Result<PlaceStay> {
        let wrong = |field, reason: &str| Err(AppError::InvalidFields(vec![(field, reason.to_owned())]));
        let named = named(tx, [noted.venue_id].into_iter()).await?.remove(&noted.venue_id);
        // Where somebody was elsewhere comes with the list of the other authority.
        let Some(named) = named.filter(|venue| venue.other.is_none()) else {
            return wrong("venue_id", "there is no such venue here");
        };
        if noted.area_id.is_some_and(|area| !named.areas.contains_key(&area)) {
            return wrong("area_id", "this venue has no such area");
        }
        let stay = checked_window((noted.from, noted.until), self.now())?;
        let place = PlaceStay { area: noted.area_id, stay };
        check_new(&place, noted.venue_id, others)?;
        Ok(place)
    }
}

/// Returns the time of a stay, if a stay can be so.
pub(super) fn checked_window((from, until): (Timestamp, Timestamp), now: Timestamp) -> Result<Window> {
    let wrong = |field, reason: &str| Err(AppError::InvalidFields(vec![(field, reason.to_owned())]));
    if from > now {
        return wrong("from", "nobody has been anywhere in the future");
    }
    let Ok(stay) = Window::new(from, until) else {
        return wrong("until", "a stay ends after it began");
    };
    if until.duration_since(from) > LONGEST_STAY {
        return wrong("until", "a stay ends within 24 hours; enter a longer one day by day");
    }
    Ok(stay)
}

/// Refuses a stay that is there already, and one too many.
pub(super) fn check_new(place: &PlaceStay, venue_id: VenueId, others: &[CaseStay]) -> Result<()> {
    if others.iter().any(|other| other.venue_id == venue_id && other.place == *place) {
        return Err(AppError::Conflict("this stay is there already".to_owned()));
    }
    if others.len() >= MOST_STAYS {
        return Err(AppError::Conflict(format!("a case has {MOST_STAYS} stays at most")));
    }
    Ok(())
}

fn in_words(stay: &CaseStay) -> String {
    let area = stay.place.area.map(|area| format!(" {area}")).unwrap_or_default();
    format!("{}{area} {} – {}", stay.venue_id, stay.place.stay.from(), stay.place.stay.until())
}

/// Reads venues with their areas, those too of which another authority told.
pub(super) async fn named(tx: &mut Tx, venues: impl Iterator<Item = VenueId>) -> Result<BTreeMap<VenueId, NamedVenue>> {
    let mut found = BTreeMap::new();
    for venue_id in venues {
        if found.contains_key(&venue_id) {
            continue;
        }
        if let Some(venue) = storage::venues::find(tx, venue_id).await? {
            let areas = storage::venues::every_area(tx, venue_id).await?;
            let areas = areas.into_iter().map(|area| (area.area_id, area.name)).collect();
            let (name, city) = (venue.details.name, venue.details.address.city);
            found.insert(venue_id, NamedVenue { name, city, areas, other: None });
        } else if let Some(venue) = storage::requests_between::find_venue(tx, venue_id).await? {
            let VenueElsewhere { name, city, areas, other, .. } = venue;
            found.insert(venue_id, NamedVenue { name, city, areas, other: Some(other) });
        }
    }
    Ok(found)
}
