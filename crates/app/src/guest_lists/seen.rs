//! Which lists were opened: seen by who may open them, and by the authority.

use super::open::readable_until;
use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::guest_lists::{MOST_A_DAY, OpenedBy, Opens};
use domain::ids::{OpeningId, VenueId};
use domain::persons::Personal;
use domain::time::local_day;
use domain::venues::VenueAction;
use jiff::Timestamp;
use storage::guest_lists::ListOpening;
use storage::sealing::Sealer;
use storage::{Freshness, Tx};

/// Openings on one page.
const PAGE: usize = 50;

/// An opening, and who it was.
#[derive(Clone, Debug)]
pub struct SeenOpening {
    /// The opening.
    pub opening: ListOpening,
    /// What the one who opened it is called; `None` if they work there no more.
    pub by: Option<Personal<String>>,
    /// Until when the reader can read the list again; `None` where they can't.
    pub readable_until: Option<Timestamp>,
}

/// A page of openings, newest first.
#[derive(Clone, Debug)]
pub struct OpeningPage {
    /// The openings.
    pub items: Vec<SeenOpening>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// What a venue's list makers see: what was opened, and what they may open today.
#[derive(Clone, Debug)]
pub struct OwnOpenings {
    /// Who opens lists here.
    pub opens: Opens,
    /// How many more lists may be opened today.
    pub n_left: i32,
    /// The newest openings.
    pub items: Vec<SeenOpening>,
}

impl App {
    /// Lists the newest openings of a venue for its own list makers.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`], [`AppError::NotAllowedInVenue`] for who may not.
    pub async fn own_openings(&self, worker: &Worker, venue_id: VenueId) -> Result<OwnOpenings> {
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        self.require_in_venue(&mut tx, worker, venue_id, VenueAction::OpenLists).await?;
        let opens = storage::guest_lists::setting(&mut tx).await?.1.opens;
        let today = local_day(self.now(), &worker.authority.time_zone);
        let n_left = MOST_A_DAY - storage::guest_lists::n_on(&mut tx, venue_id, today).await?;
        let found = storage::guest_lists::of_venue(&mut tx, &sealer, venue_id, None, PAGE as i64).await?;
        let mut items = named(&mut tx, &sealer, found).await?;
        for item in &mut items {
            let is_own = opens == Opens::Venues && item.opening.account_id == worker.account_id;
            item.readable_until = Some(readable_until(&item.opening)).filter(|until| is_own && *until > self.now());
        }
        Ok(OwnOpenings { opens, n_left: n_left.max(0), items })
    }

    /// Lists openings of a venue for the authority, newest first.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if there is no such venue.
    pub async fn openings(&self, worker: &Worker, venue_id: VenueId, cursor: Option<&str>) -> Result<OpeningPage> {
        worker.require(Action::SeeVenues)?;
        let before: Option<OpeningId> =
            cursor.map(|cursor| self.open_cursor(worker, "openings", cursor)).transpose()?;
        let sealer = self.sealer(worker)?;
        let mut tx = self.store.read(worker.authority.authority_id, Freshness::Fresh).await?;
        storage::venues::find(&mut tx, venue_id).await?.ok_or(AppError::NotFound("venue"))?;
        let mut found = storage::guest_lists::of_venue(&mut tx, &sealer, venue_id, before, PAGE as i64 + 1).await?;
        let is_more = found.len() > PAGE;
        found.truncate(PAGE);
        let last = found.last().filter(|_| is_more).map(|one| one.opening_id);
        let next = last.map(|id| self.seal_cursor(worker, "openings", &id)).transpose()?;
        Ok(OpeningPage { items: named(&mut tx, &sealer, found).await?, next })
    }
}

async fn named(tx: &mut Tx, sealer: &Sealer, found: Vec<ListOpening>) -> Result<Vec<SeenOpening>> {
    let mut items = Vec::with_capacity(found.len());
    for opening in found {
        let by = match opening.opened_by {
            OpenedBy::Venue => {
                storage::venues::account_of(tx, sealer, opening.account_id).await?.map(|staff| staff.name)
            }
            OpenedBy::Authority => {
                let account = storage::accounts::by_id(tx, opening.account_id).await?;
                account.map(|account| Personal::new(account.name))
            }
        };
        items.push(SeenOpening { opening, by, readable_until: None });
    }
    Ok(items)
}
