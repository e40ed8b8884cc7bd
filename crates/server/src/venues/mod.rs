//! Venues: the public page registers them, their staff run them, the authority sees them.

mod authority;
mod own;
mod public;
mod shape;
mod staff;

pub use authority::*;
pub use own::*;
pub use public::*;
pub use staff::*;

use crate::problem::{Kind, Problem};
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::ids::VenueId;
use uuid::Uuid;

/// The id of a venue in a path. What is no id can't be here, so it is not found.
pub struct OfVenue(pub VenueId);

impl<S: Send + Sync> FromRequestParts<S> for OfVenue {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = found.and_then(|Path(id)| id.parse().ok());
        id.map(Self).ok_or_else(|| Problem::new(Kind::NotFound))
    }
}

/// The id of a venue, and of something of it.
pub struct InVenue(pub VenueId, pub Uuid);

impl<S: Send + Sync> FromRequestParts<S> for InVenue {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let found = Path::<(String, Uuid)>::from_request_parts(parts, state).await.ok();
        let ids = found.and_then(|Path((venue, id))| Some(Self(venue.parse().ok()?, id)));
        ids.ok_or_else(|| Problem::new(Kind::NotFound))
    }
}
