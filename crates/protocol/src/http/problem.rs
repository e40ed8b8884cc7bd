//! What went wrong: problem details, RFC 9457.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Why a request wasn't done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Which kind of problem; stable.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What happened this time. Never holds personal data.
    pub detail: Option<String>,
    /// What to do next.
    pub hint: Option<String>,
    /// Number of the request; the server's log has the same.
    pub request_id: String,
    /// Fields that must change, each with a reason.
    pub errors: Vec<FieldError>,
}

/// A field that must change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldError {
    /// Name of the field in the request.
    pub field: String,
    /// Why, and what to do.
    pub reason: String,
}
