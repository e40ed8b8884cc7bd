//! Who is inside now, for the staff at the door: numbers, and those whom they have not confirmed yet. No name.

use super::arrivals::expected_until;
use super::{DoorState, Turned};
use crate::context::{App, Audited, Worker};
use crate::error::AppError;
use domain::check_ins::{ListOfDay, Marks, Stay, VenueDay, day_of};
use domain::guest_lists::spoken_code;
use domain::ids::{AreaId, VenueId, VisitId};
use domain::time::plus_days;
use domain::venues::{Door, VenueAction};
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};
use storage::Freshness;
use storage::check_ins::intake::{Change, Happened};

/// The most visits that are confirmed at once.
pub const MOST_CONFIRMED: usize = 100;

/// How many are inside, as things stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupancy {
    /// When that is.
    pub at: Timestamp,
    /// People, with those of a guest's household.
    pub n_inside: usize,
    /// How many the venue holds.
    pub capacity: Option<u32>,
    /// By area, in the order of the owner; last those who named none.
    pub areas: Vec<AreaCount>,
    /// Who waits to be confirmed, latest arrival first.
    pub unconfirmed: Vec<Waiting>,
}

/// How many are in an area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaCount {
    /// The area; `None`: no area was named.
    pub area: Option<String>,
    /// People.
    pub n_inside: usize,
}

/// Somebody whom the staff has not confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The visit.
    pub visit_id: VisitId,
    /// What the guest's receipt shows too.
    pub code: String,
    /// When they came.
    pub arrived_at: Timestamp,
    /// Where; `None`: no area was named.
    pub area: Option<String>,
    /// More of their household.
    pub household: u8,
}

type Result<T> = std::result::Result<T, Turned>;

impl App {
    /// Says how many guests are inside a venue, and who waits to be confirmed.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] for who doesn't work there, [`Turned::NoDoor`] if this server takes no check-ins.
    pub async fn occupancy(&self, worker: &Worker, venue_id: VenueId) -> Result<Occupancy> {
        let (state, door, names) = self.watched(worker, venue_id).await?;
        let (now, stays) = (self.now(), self.stays_inside(&state, worker, &door).await?);
        let name = |area: Option<AreaId>| area.and_then(|area| names.get(&area).cloned());
        let mut by_area: HashMap<Option<AreaId>, usize> = HashMap::new();
        for (_, stay) in &stays {
            *by_area.entry(stay.area_id).or_default() += people(stay);
        }
        let n_inside = by_area.values().sum();
        let known: Vec<Option<AreaId>> = door.areas.iter().map(|(area, _)| Some(*area)).collect();
        let mut areas: Vec<AreaCount> = known
            .iter()
            .map(|area| AreaCount { area: name(*area), n_inside: by_area.get(area).copied().unwrap_or(0) })
            .collect();
        let elsewhere = by_area.iter().filter(|(area, _)| !known.contains(area)).map(|(_, n)| n).sum();
        if elsewhere > 0 {
            areas.push(AreaCount { area: None, n_inside: elsewhere });
        }
        let waits = stays.iter().rev().filter(|(_, stay)| stay.marks.has(Marks::UNCONFIRMED));
        let unconfirmed = waits.map(|(_, stay)| Waiting {
            visit_id: stay.visit_id,
            code: spoken_code(stay.visit_id),
            arrived_at: stay.arrived_at,
            area: name(stay.area_id),
            household: stay.household,
        });
        Ok(Occupancy { at: now, n_inside, capacity: door.capacity, areas, unconfirmed: unconfirmed.collect() })
    }

    /// Notes that the staff saw these guests. Returns how many it noted; whom somebody confirmed before is passed over.
    ///
    /// # Errors
    ///
    /// [`Turned::Unknown`] if one of them isn't inside; then nothing is noted. [`Turned::Invalid`] for none or too many.
    pub async fn confirm_visits(&self, worker: &Worker, venue_id: VenueId, visits: &[VisitId]) -> Result<usize> {
        let (state, door, _) = self.watched(worker, venue_id).await?;
        if !(1..=MOST_CONFIRMED).contains(&visits.len()) {
            return Err(Turned::Invalid {
                at: None,
                field: "visit_ids",
                reason: format!("1 to {MOST_CONFIRMED} at once"),
            });
        }
        let inside = self.stays_inside(&state, worker, &door).await?;
        let by_id: HashMap<VisitId, &(ListOfDay, Stay)> = inside.iter().map(|one| (one.1.visit_id, one)).collect();
        let wanted: HashSet<VisitId> = visits.iter().copied().collect();
        let found: Option<Vec<_>> = wanted.iter().map(|visit| by_id.get(visit).copied()).collect();
        let mut found = found.ok_or(Turned::Unknown("visit"))?;
        found.retain(|(_, stay)| stay.marks.has(Marks::UNCONFIRMED));
        for (list, stay) in &found {
            let open = self.open_day(&state, &worker.authority, list.of.day).await?;
            let day_key = open.ok_or(Turned::Unknown("visit"))?.public_key;
            let happened = Happened::Confirmed;
            let change = Change { list: *list, day_key, visit_id: stay.visit_id, receipt: None, happened };
            state.intake().change(change).await?;
        }
        if !found.is_empty() {
            let (operation, subjects) = ("check_ins.confirm", venue_id.to_string());
            self.record_alone(worker, Audited { operation, subjects, n_subjects: found.len() }).await?;
        }
        Ok(found.len())
    }

    /// Returns the door, the venue and the names of all areas it ever had, for who may watch it.
    async fn watched(
        &self,
        worker: &Worker,
        venue_id: VenueId,
    ) -> Result<(std::sync::Arc<DoorState>, Door, HashMap<AreaId, String>)> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::WatchDoor).await?;
        let door = storage::venues::door(&mut tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let areas = storage::venues::every_area(&mut tx, venue_id).await?;
        let names = areas.into_iter().map(|area| (area.area_id, area.name)).collect();
        Ok((self.door().ok_or(Turned::NoDoor)?, door, names))
    }

    /// Reads who is thought to be inside, in order of arrival, with the list each is on. Whoever came up to a day ago may be.
    async fn stays_inside(&self, state: &DoorState, worker: &Worker, door: &Door) -> Result<Vec<(ListOfDay, Stay)>> {
        let (now, authority_id) = (self.now(), worker.authority.authority_id);
        let today = day_of(now, &worker.authority.time_zone);
        let mut inside = Vec::new();
        for day in [plus_days(today, -1), today] {
            let list = ListOfDay { of: VenueDay { authority_id, day }, venue_id: door.venue_id };
            let stays = state.shelf().read(list, Freshness::Fresh).await?.stays()?;
            let here = stays.iter().filter(|(stay, _)| expected_until(stay, door) > now && stay.arrived_at <= now);
            inside.extend(here.map(|(stay, _)| (list, *stay)));
        }
        Ok(inside)
    }
}

fn people(stay: &Stay) -> usize {
    1 + usize::from(stay.household)
}
