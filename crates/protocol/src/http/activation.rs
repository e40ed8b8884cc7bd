//! Inviting patients: how an invitation stands, as staff see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// An invitation that is to go out.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Invite {
    /// `mail` or `letter`.
    pub channel: String,
    /// Deletes the account that acts for the case: its user name or password is lost. The case stays as it is.
    #[serde(default)]
    pub forgets_account: bool,
}

/// How the invitation to a case stands.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Activation {
    /// Where the case stands.
    pub status: String,
    /// The newest code; `null` where nobody was invited yet.
    pub code: Option<Code>,
    /// Whether an account acts for the case.
    pub has_account: bool,
    /// The newest enrolment; `null` where no code was redeemed.
    pub enrolment: Option<Enrolment>,
}

/// A code, without what it says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Code {
    /// Its id.
    pub code_id: Uuid,
    /// `mail` or `letter`.
    pub channel: String,
    /// `open`, `redeemed`, `cancelled`, `expired` or `locked`.
    pub state: String,
    /// Whether the mail server has not taken the mail yet; then its time has not begun.
    pub is_not_sent_yet: bool,
    /// Until when it works; `null` while that isn't known.
    #[schema(format = DateTime)]
    pub valid_until: Option<String>,
    /// Wrong dates of birth so far.
    pub n_wrong: u32,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// The mail or letter with it.
    pub message_id: Uuid,
    /// How far that is: `waiting`, `held`, `sending`, `sent`, `failed` or `cancelled`; `null` when the queue has forgotten it.
    pub message_status: Option<String>,
    /// How often the mail was tried.
    pub n_tries: u32,
    /// Why the last try failed: a word and a reply code.
    pub failure: Option<String>,
}

/// An enrolment.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Enrolment {
    /// When the code was redeemed and the data protection text accepted.
    #[schema(format = DateTime)]
    pub accepted_at: String,
    /// In which language.
    pub privacy_language: String,
    /// Which version of it.
    pub privacy_version: i32,
    /// When everything that is asked was told.
    #[schema(format = DateTime)]
    pub completed_at: Option<String>,
}
