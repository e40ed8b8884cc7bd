//! Venues: registered by whoever runs them, changed by their owners, seen by the authority.
//!
//! An account of a venue has one role in the authority, which allows nothing but to act for venues. What it may do in which
//! venue says what it is there: owner, list maker, door. A venue that is somebody else's is not here, as far as the caller
//! can see.

mod change;
mod posters;
mod register;
mod seen;
mod staff;

pub use change::{ChangedVenue, NewArea};
pub use posters::WantedPosters;
pub use register::{NewVenue, Registration, TakenLink};
pub use seen::{OwnVenue, OwnVenues, VenueInFull, VenuePage};
pub use staff::{StaffList, StaffMember, WaitingInvitation};

use crate::context::{App, Worker};
use crate::error::{AppError, Result};
use domain::authorities::Action;
use domain::ids::VenueId;
use domain::venues::{VenueAction, VenueRole};
use storage::Tx;

/// The word before the names of accounts that work in venues: they sign in by e-mail address.
pub(crate) const ACCOUNT_PREFIX: &str = "venue:";

impl App {
    /// Checks that the worker may do something in a venue, in the transaction that does it.
    ///
    /// # Errors
    ///
    /// [`AppError::NotFound`] if they don't work there, [`AppError::NotAllowedInVenue`] if what they are there doesn't
    /// allow it.
    pub(crate) async fn require_in_venue(
        &self,
        tx: &mut Tx,
        worker: &Worker,
        venue_id: VenueId,
        action: VenueAction,
    ) -> Result<VenueRole> {
        worker.require(Action::ActForVenue)?;
        let role = storage::venues::member_role(tx, venue_id, worker.account_id).await?;
        let role = role.ok_or(AppError::NotFound("venue"))?;
        if role.may(action) { Ok(role) } else { Err(AppError::NotAllowedInVenue { role, action }) }
    }
}
