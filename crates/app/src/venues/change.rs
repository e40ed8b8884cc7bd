//! Changing a venue: details, areas, hours; and closing it for good.

use super::register::{checked_address, checked_name};
use super::seen::{VenueInFull, in_full};
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::ids::{AreaId, VenueId};
use domain::venues::{
    LARGEST_CAPACITY, LONGEST_AREA_NAME, MOST_AREAS, USUAL_STAY_MIN, VenueAction, VenueDetails, name_of,
};
use std::collections::BTreeSet;
use storage::venues::Area;

/// An area as its owner wants it.
#[derive(Clone, Debug)]
pub struct NewArea {
    /// The one that is there; `None` makes a new one.
    pub area_id: Option<AreaId>,
    /// As it stands on posters.
    pub name: String,
}

/// What a venue is to be.
#[derive(Clone, Debug)]
pub struct ChangedVenue {
    /// The version that its owner saw.
    pub version: i32,
    /// What it is.
    pub details: VenueDetails,
    /// Its areas, in order.
    pub areas: Vec<NewArea>,
}

fn checked(given: &ChangedVenue) -> Result<(VenueDetails, Vec<NewArea>)> {
    let mut wrong = Vec::new();
    let name = checked_name(&given.details.name, &mut wrong);
    let address = checked_address(&given.details.address, &mut wrong);
    if given.details.capacity.is_some_and(|capacity| !(1..=LARGEST_CAPACITY).contains(&capacity)) {
        wrong.push(("capacity", format!("write a number from 1 to {LARGEST_CAPACITY}, or nothing")));
    }
    if !USUAL_STAY_MIN.contains(&given.details.usual_stay_min) {
        let (least, most) = (USUAL_STAY_MIN.start(), USUAL_STAY_MIN.end());
        wrong.push(("usual_stay_min", format!("write minutes, from {least} to {most}")));
    }
    if given.areas.len() > MOST_AREAS {
        wrong.push(("areas", format!("at most {MOST_AREAS} areas")));
    }
    let names: Option<Vec<String>> = given.areas.iter().map(|area| name_of(&area.name, LONGEST_AREA_NAME)).collect();
    let names = names.unwrap_or_else(|| {
        wrong.push(("areas", format!("each area has a name of 1 to {LONGEST_AREA_NAME} characters")));
        Vec::new()
    });
    let different: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    if different.len() != names.len() {
        wrong.push(("areas", "two areas have the same name".to_owned()));
    }
    if !wrong.is_empty() {
        return Err(AppError::InvalidFields(wrong));
    }
    let areas = given.areas.iter().zip(names).map(|(area, name)| NewArea { area_id: area.area_id, name });
    Ok((VenueDetails { name, address, ..given.details.clone() }, areas.collect()))
}

impl App {
    /// Changes a venue. Areas that aren't named any more take no guests from now on.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if somebody else changed it meanwhile, or it is closed; [`AppError::InvalidFields`] for what
    /// must change; [`AppError::NotFound`], [`AppError::NotAllowedInVenue`] for who may not.
    pub async fn change_venue(&self, worker: &Worker, venue_id: VenueId, given: &ChangedVenue) -> Result<VenueInFull> {
        let now = self.now();
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::Change).await?;
        let (details, areas) = checked(given)?;
        let known = in_full(&mut tx, venue_id).await?;
        if known.venue.closed_at.is_some() {
            return Err(AppError::Conflict("this venue is closed".to_owned()));
        }
        let mut wanted = Vec::with_capacity(areas.len());
        for area in areas {
            let area_id = match area.area_id {
                Some(id) if known.areas.iter().any(|known| known.area_id == id) => id,
                Some(_) => {
                    let reason = "an area is not here any more; load the page again";
                    return Err(AppError::Conflict(reason.to_owned()));
                }
                None => AreaId::mint(self.random()),
            };
            wanted.push(Area { area_id, name: area.name });
        }
        if !storage::venues::change(&mut tx, venue_id, given.version, &details, now).await? {
            let reason = "somebody else changed this venue meanwhile; load the page again";
            return Err(AppError::Conflict(reason.to_owned()));
        }
        storage::venues::set_areas(&mut tx, venue_id, &wanted, now).await?;
        self.record_of_venue(&mut tx, worker, "venues.change", venue_id).await?;
        let changed = in_full(&mut tx, venue_id).await?;
        tx.commit().await?;
        self.forget_at_door(worker, venue_id);
        Ok(changed)
    }

    /// Closes a venue for good: it takes no guests any more. Its lists live as long as they would have.
    ///
    /// # Errors
    ///
    /// [`AppError::Conflict`] if it is closed already; [`AppError::NotFound`], [`AppError::NotAllowedInVenue`] for who may
    /// not.
    pub async fn close_venue(&self, worker: &Worker, venue_id: VenueId) -> Result<()> {
        let mut tx = self.store.write(worker.authority.authority_id).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::Change).await?;
        if !storage::venues::close(&mut tx, venue_id, self.now()).await? {
            return Err(AppError::Conflict("this venue is closed already".to_owned()));
        }
        self.record_of_venue(&mut tx, worker, "venues.close", venue_id).await?;
        tx.commit().await?;
        self.forget_at_door(worker, venue_id);
        Ok(())
    }

    /// The door of this server looks again before the next guest; others do within half a minute.
    fn forget_at_door(&self, worker: &Worker, venue_id: VenueId) {
        if let Some(door) = self.door() {
            door.forget_venue(worker.authority.authority_id, venue_id);
        }
    }
}
