//! Keys of programs.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A key, without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub token_id: Uuid,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when it works.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Last day on which it was used.
    #[schema(format = Date)]
    pub last_used_on: Option<String>,
}

/// A key to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewToken {
    /// What it is for.
    #[schema(min_length = 1, max_length = 60)]
    pub name: String,
    /// What it may do; see `scopes` of the session.
    pub scopes: Vec<String>,
    /// How many days it works.
    #[schema(minimum = 1, maximum = 365)]
    pub days: i64,
}

/// A key that was just made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MadeToken {
    /// The key.
    #[serde(flatten)]
    pub made: Token,
    /// Its secret, to be sent as `authorization: Bearer …`. Shown only now.
    pub token: String,
}
