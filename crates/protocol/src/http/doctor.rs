//! Whether everything is in order.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One check.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What was checked.
    pub check: String,
    /// `fine`, `warning` or `broken`.
    pub verdict: String,
    /// What was found.
    pub found: String,
    /// What to do; `null` where nothing.
    pub advice: Option<String>,
}

/// How the server is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: String,
}
