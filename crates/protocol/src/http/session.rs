//! Signing in, and who is signed in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What the sign-in page needs to know.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignInPage {
    /// The authority, if there is only one; else its short code must be typed.
    pub authorities: Vec<AuthorityName>,
    /// How to sign in to a demo; `null` unless this is one.
    pub demo: Option<DemoSignIn>,
}

/// An authority by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuthorityName {
    /// Two to eight letters.
    pub short_code: String,
    /// As people call it.
    pub name: String,
}

/// The sign-in of a demo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DemoSignIn {
    /// User name.
    pub user_name: String,
    /// Password; a demo has no second factor.
    pub password: String,
    /// What the demo shows.
    pub note: String,
}

/// Somebody who wants to sign in.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Short code of the authority; needed where there are several.
    pub authority: Option<String>,
    /// User name.
    #[schema(max_length = 64)]
    pub user_name: String,
    /// Password.
    #[schema(max_length = 256)]
    pub password: String,
    /// Six digits of the authenticator app, or a recovery code.
    #[schema(max_length = 20)]
    pub code: Option<String>,
}

/// Somebody who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Id of the account.
    pub account_id: Uuid,
    /// User name.
    pub user_name: String,
    /// `administrator`, `case_worker`, `analyst` or `operator`.
    pub role: String,
    /// Whether they also run the installation.
    pub operator: bool,
    /// Where they act.
    pub authority: Authority,
    /// What they may do.
    pub may: Vec<String>,
    /// Requests that change something repeat this in the header `x-epitrace-csrf`.
    pub csrf: String,
    /// Today in the authority's time zone.
    #[schema(format = Date)]
    pub today: String,
    /// Minutes without a request after which the session ends.
    pub idle_minutes: i64,
    /// When it ends in any case.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Whether this is a demo.
    pub demo: bool,
    /// Scopes that a key made now may have.
    pub scopes: Vec<String>,
    /// Diseases that cases can have.
    pub diseases: Vec<String>,
}

/// The authority in which somebody acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Authority {
    /// Two to eight letters.
    pub short_code: String,
    /// As people call it.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Language tags.
    pub languages: Vec<String>,
    /// Disease of imports that name none.
    pub default_disease: String,
}

/// The authority to act in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActIn {
    /// Its short code.
    pub short_code: String,
}

/// A link's secret.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToken {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 100)]
    pub token: String,
}

/// An invitation, shown to who holds its link.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// User name.
    pub user_name: String,
    /// Where they will act.
    pub authority: AuthorityName,
    /// The second factor to set up.
    pub totp: SecondFactor,
    /// Until when the link works.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// Whether a code of the app is needed to accept.
    pub code_required: bool,
}

/// The secret of a second factor, three times.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SecondFactor {
    /// To type: base32.
    pub secret: String,
    /// To open: an `otpauth:` address.
    pub uri: String,
    /// To scan: a QR code as SVG.
    pub qr_svg: String,
}

/// Taking an invitation up.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvitation {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 100)]
    pub token: String,
    /// The new password: at least 12 characters, not easy to guess.
    #[schema(max_length = 256)]
    pub password: String,
    /// Six digits that the app shows now.
    #[schema(max_length = 20)]
    pub code: Option<String>,
}

/// Signed in for the first time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Accepted {
    /// The session.
    pub session: Session,
    /// Codes for the day when the telephone is lost; each works once. Shown only now.
    pub recovery_codes: Vec<String>,
}

/// Another password.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one.
    #[schema(max_length = 256)]
    pub current: String,
    /// The new one: at least 12 characters, not easy to guess.
    #[schema(max_length = 256)]
    pub new: String,
    /// Code of the app, or a recovery code.
    #[schema(max_length = 20)]
    pub code: Option<String>,
}

/// Proof for new recovery codes.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenewRecoveryCodes {
    /// The password.
    #[schema(max_length = 256)]
    pub password: String,
    /// Code of the app, or a recovery code.
    #[schema(max_length = 20)]
    pub code: Option<String>,
}

/// New recovery codes.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each works once. Shown only now.
    pub recovery_codes: Vec<String>,
}
