//! Accounts of an authority.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A member of the authority.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Account {
    /// Its id.
    pub account_id: Uuid,
    /// User name.
    pub user_name: String,
    /// `administrator`, `case_worker`, `analyst`.
    pub role: String,
    /// Whether it also runs the installation.
    pub operator: bool,
    /// `invited`, `active`, `disabled`, or `command_line` for accounts that don't sign in.
    pub state: String,
    /// Whether a second factor is set.
    pub has_totp: bool,
    /// Since when it is a member.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Day on which it was last seen by a session that still lives.
    #[schema(format = Date)]
    pub last_seen_on: Option<String>,
}

/// An account to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// User name: 1 to 64 characters, no spaces.
    #[schema(min_length = 1, max_length = 64)]
    pub user_name: String,
    /// `administrator`, `case_worker` or `analyst`.
    pub role: String,
}

/// An account that was just made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MadeAccount {
    /// The account.
    pub account: Account,
    /// Path of the page that sets password and second factor, shown only now; `null` for somebody who has them already.
    pub link: Option<String>,
    /// Until when it works.
    #[schema(format = DateTime)]
    pub link_expires_at: Option<String>,
}

/// What is to change; what is left out stays.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountChange {
    /// Another role.
    pub role: Option<String>,
    /// Kept from signing in, or let in again.
    pub disabled: Option<bool>,
}

/// A link for an account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// Path of the page that sets password and second factor, shown only now.
    pub link: String,
    /// Until when it works.
    #[schema(format = DateTime)]
    pub link_expires_at: String,
}
