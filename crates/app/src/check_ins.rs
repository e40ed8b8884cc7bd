//! Guests' check-ins: what happens at the door, how days end, how a list is opened.
//!
//! What the door must know is kept in memory for a moment: venues, public keys of days, who is inside. So a check-in asks the
//! database nothing but to store it.

mod arrivals;
mod days;
mod occupancy;

pub use arrivals::{CheckInBody, CheckOutBody, GuestSent, GuestsView, Taken, Turned, VisitProof};
pub use occupancy::{AreaCount, MOST_CONFIRMED, Occupancy, Waiting};

use crate::context::App;
use crate::error::Result;
use domain::check_ins::VenueDay;
use domain::ids::{AuthorityId, VenueId, VisitId};
use domain::venues::Door;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use storage::authorities::Authority;
use storage::check_ins::intake::Intake;
use storage::check_ins::shelf::Shelf;
use storage::sealing::PublicKey;

/// How long what was read of a venue or an authority is taken for true.
const KNOWN_FOR: SignedDuration = SignedDuration::from_secs(30);

/// Venues of one authority that are read anew at once: each alone would cost as much as all of them.
const MOST_READ: usize = 1_000;

/// Venues, with when each was read.
type KnownVenues = HashMap<(AuthorityId, VenueId), (Timestamp, Arc<Door>)>;

/// A day that takes check-ins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenDay {
    /// What guests are sealed to.
    public_key: PublicKey,
    /// When that ends.
    ends_at: Timestamp,
}

/// The door of this server.
pub(crate) struct DoorState {
    intake: Intake,
    authorities: RwLock<HashMap<String, (Timestamp, Arc<AtDoor>)>>,
    venues: RwLock<KnownVenues>,
    /// One at a time reads anew what was known.
    reading: tokio::sync::Mutex<()>,
    days: RwLock<HashMap<VenueDay, (Timestamp, OpenDay)>>,
    inside: Mutex<HashMap<(AuthorityId, VenueId), Inside>>,
}

/// What the door must know of an authority.
pub(crate) struct AtDoor {
    pub(crate) authority: Authority,
    pub(crate) zone: TimeZone,
}

/// Who is thought to be inside: each visit, and until when.
pub(crate) type Inside = HashMap<VisitId, Timestamp>;

impl App {
    /// Opens the door of this server: ends what is over, makes what the coming days need, and takes check-ins from then on.
    ///
    /// # Errors
    ///
    /// [`AppError::Storage`](crate::AppError::Storage) if check-ins can't be read or written.
    pub async fn open_door(&self, shelf: Shelf) -> Result<()> {
        let authorities = self.authorities().await?;
        match self.keep_days_of(&shelf).await {
            // What was made ahead takes check-ins meanwhile, and the next turn does the rest.
            Err(error) if error.is_keyring_away() => {}
            kept => {
                kept?;
            }
        }
        let open = self.open_days(&authorities).await?;
        let ids: Vec<AuthorityId> = authorities.iter().map(|authority| authority.authority_id).collect();
        let app = self.clone();
        let mint = Arc::new(move || domain::ids::mint(app.now(), app.random()));
        let intake = Intake::open(shelf, &open, &ids, mint).await?;
        let state = DoorState {
            intake,
            authorities: RwLock::default(),
            venues: RwLock::default(),
            reading: tokio::sync::Mutex::default(),
            days: RwLock::default(),
            inside: Mutex::default(),
        };
        *self.door.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(state));
        Ok(())
    }

    /// Says whether this server takes check-ins.
    #[must_use]
    pub fn takes_check_ins(&self) -> bool {
        self.door().is_some()
    }

    /// Returns the door, if this server has one.
    pub(crate) fn door(&self) -> Option<Arc<DoorState>> {
        self.door.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl DoorState {
    /// Returns where check-ins lie.
    pub(crate) fn shelf(&self) -> &Shelf {
        self.intake.shelf()
    }

    pub(crate) fn intake(&self) -> &Intake {
        &self.intake
    }

    /// What is known of a venue, if it was read lately.
    fn venue(&self, key: (AuthorityId, VenueId), now: Timestamp) -> Option<Arc<Door>> {
        let venues = self.venues.read().unwrap_or_else(PoisonError::into_inner);
        venues.get(&key).filter(|(since, _)| now.duration_since(*since) < KNOWN_FOR).map(|(_, door)| Arc::clone(door))
    }

    /// Whether anything was known of a venue.
    fn knew_venue(&self, key: (AuthorityId, VenueId)) -> bool {
        self.venues.read().unwrap_or_else(PoisonError::into_inner).contains_key(&key)
    }

    /// Lists venues of an authority that were read too long ago, the wanted one first.
    fn venues_to_read(&self, (authority_id, wanted): (AuthorityId, VenueId), now: Timestamp) -> Vec<VenueId> {
        let venues = self.venues.read().unwrap_or_else(PoisonError::into_inner);
        let is_due = |((whose, venue_id), (since, _)): (&(AuthorityId, VenueId), &(Timestamp, Arc<Door>))| {
            (*whose == authority_id && *venue_id != wanted && now.duration_since(*since) >= KNOWN_FOR)
                .then_some(*venue_id)
        };
        std::iter::once(wanted).chain(venues.iter().filter_map(is_due)).take(MOST_READ).collect()
    }

    /// Forgets what it knew of a venue, because it was changed here.
    pub(crate) fn forget_venue(&self, authority_id: AuthorityId, venue_id: VenueId) {
        self.venues.write().unwrap_or_else(PoisonError::into_inner).remove(&(authority_id, venue_id));
    }

    /// Forgets the days of an authority, which end otherwise than was known.
    pub(crate) fn forget_authority(&self, authority_id: AuthorityId) {
        self.days.write().unwrap_or_else(PoisonError::into_inner).retain(|day, _| day.authority_id != authority_id);
    }

    /// Forgets days whose keys are gone.
    pub(crate) fn forget_days(&self, gone: &[VenueDay]) {
        self.days.write().unwrap_or_else(PoisonError::into_inner).retain(|day, _| !gone.contains(day));
    }
}
