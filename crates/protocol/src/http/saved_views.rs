//! Views of the list of cases that staff keep under a name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A view that somebody saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedView {
    /// Its id.
    pub view_id: Uuid,
    /// What it is called; `null` where names are locked.
    pub name: Option<String>,
    /// What it asks for: the query of the list's address, without `?`.
    pub query: String,
    /// Whether everybody of the authority sees it.
    pub is_shared: bool,
    /// Whether it is one's own.
    pub is_own: bool,
    /// User name of who saved it.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// A view to be saved.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedView {
    /// Its id, made by whoever asks (UUID of version 7): asked again, nothing more is saved.
    pub view_id: Uuid,
    /// What it is called. It is sealed.
    #[schema(min_length = 1, max_length = 80)]
    pub name: String,
    /// Filters and order as in the query of the list of cases, without `?`; no page, and no text that is searched for.
    #[schema(max_length = 2000)]
    pub query: String,
    /// Whether everybody of the authority sees it; only administrators share.
    pub is_shared: bool,
}
