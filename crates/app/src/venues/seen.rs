//! What is seen of venues: one's own, and those of the authority.

use crate::context::{App, Audited, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::VenueId;
use domain::languages::Language;
use domain::persons::Personal;
use domain::venues::{VenueAction, VenueRole};
use serde::{Deserialize, Serialize};
use storage::Freshness;
use storage::venues::{Area, Venue};

/// Venues on one page of the authority's list.
const PAGE: usize = 50;

/// Somebody's venues.
#[derive(Clone, Debug)]
pub struct OwnVenues {
    /// Their e-mail address.
    pub email: Personal<String>,
    /// What they are called.
    pub name: Personal<String>,
    /// Their language.
    pub language: Language,
    /// The venues, longest first, with what they are there.
    pub venues: Vec<(Venue, VenueRole)>,
}

/// A venue with its areas.
#[derive(Clone, Debug)]
pub struct VenueInFull {
    /// The venue.
    pub venue: Venue,
    /// Its areas, in order.
    pub areas: Vec<Area>,
}

/// A venue as who works there sees it.
#[derive(Clone, Debug)]
pub struct OwnVenue {
    /// The venue.
    pub whole: VenueInFull,
    /// What they are there.
    pub role: VenueRole,
}

/// A page of the authority's venues.
#[derive(Clone, Debug)]
pub struct VenuePage {
    /// By name.
    pub items: Vec<Venue>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// Where a page ended.
#[derive(Serialize, Deserialize)]
struct Ended {
    name: String,
    venue_id: VenueId,
}

impl App {
    /// Lists the venues in which the worker works.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] unless the account works in venues.
    pub async fn own_venues(&self, worker: &Worker) -> Result<OwnVenues> {
        worker.require(Action::ActForVenue)?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let staff = storage::venues::account_of(&mut tx, &sealer, worker.account_id).await?;
        let staff = staff.ok_or(AppError::NotFound("account"))?;
        let mut venues = Vec::new();
        for (venue_id, role) in storage::venues::memberships(&mut tx, worker.account_id).await? {
            if let Some(venue) = storage::venues::find(&mut tx, venue_id).await? {
                venues.push((venue, role));
            }
        }
        Ok(OwnVenues { email: staff.email, name: staff.name, language: staff.language, venues })
    }

    /// Shows a venue to who works there.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if they don't.
    pub async fn own_venue(&self, worker: &Worker, venue_id: VenueId) -> Result<OwnVenue> {
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let role = self.require_in_venue(&mut tx, worker, venue_id, VenueAction::See).await?;
        Ok(OwnVenue { whole: in_full(&mut tx, venue_id).await?, role })
    }

    /// Lists the venues of the authority by name; `word` is looked for in names and addresses.
    ///
    /// # Errors
    ///
    /// [`AppError::NotAllowed`] if the role doesn't allow it.
    pub async fn list_venues(&self, worker: &Worker, word: &str, cursor: Option<&str>) -> Result<VenuePage> {
        worker.require(Action::SeeVenues)?;
        let after: Option<Ended> = cursor.map(|cursor| self.open_cursor(worker, "venues", cursor)).transpose()?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        let after = after.as_ref().map(|ended| (ended.name.as_str(), ended.venue_id));
        let mut items = storage::venues::search(&mut tx, word, after, PAGE as i64 + 1).await?;
        let is_more = items.len() > PAGE;
        items.truncate(PAGE);
        let last = items.last().filter(|_| is_more);
        let ended = last.map(|venue| Ended { name: venue.details.name.clone(), venue_id: venue.venue_id });
        let next = ended.map(|ended| self.seal_cursor(worker, "venues", &ended)).transpose()?;
        Ok(VenuePage { items, next })
    }

    /// Shows a venue of the authority.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is none with this id.
    pub async fn venue(&self, worker: &Worker, venue_id: VenueId) -> Result<VenueInFull> {
        worker.require(Action::SeeVenues)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        in_full(&mut tx, venue_id).await
    }

    /// Writes down that a venue's own staff were shown or changed something of it.
    pub(super) async fn record_of_venue(
        &self,
        tx: &mut storage::Tx,
        worker: &Worker,
        operation: &'static str,
        venue_id: VenueId,
    ) -> Result<()> {
        let audited = Audited { operation, subjects: venue_id.to_string(), n_subjects: 1 };
        self.record(tx, worker, audited).await
    }
}

pub(super) async fn in_full(tx: &mut storage::Tx, venue_id: VenueId) -> Result<VenueInFull> {
    let venue = storage::venues::find(tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
    Ok(VenueInFull { venue, areas: storage::venues::areas(tx, venue_id).await? })
}
