//! What patients send and get: their code, their account, their own cases.

use super::cases::DayRange;
use super::contacts::Said;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// A code that somebody holds. Opening it redeems nothing.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldCode {
    /// Short code of the authority.
    pub authority: String,
    /// The code, with or without strokes.
    pub code: String,
}

/// What is needed to redeem a code. It names nobody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenCode {
    /// Short code of the authority.
    pub authority: String,
    /// Its name.
    pub authority_name: String,
    /// Its telephone; empty where nobody wrote one down.
    pub phone: String,
    /// `mail` or `letter`.
    pub channel: String,
    /// Until when the code works; `null` while that isn't known.
    #[schema(format = DateTime)]
    pub valid_until: Option<String>,
    /// Language in which the person is written to; `null` where nobody knows it.
    pub language: Option<String>,
    /// The data protection text that is to be accepted, in that language or in the authority's.
    pub privacy: AcceptedText,
}

/// A version of a text in a language.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedText {
    /// `de`, `en` or `tr`.
    pub language: String,
    /// Number of the version.
    pub version: i32,
}

/// Redeeming a code.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemCode {
    /// Short code of the authority.
    pub authority: String,
    /// The code.
    pub code: String,
    /// Date of birth.
    #[schema(format = Date)]
    pub born: String,
    /// User name, 3 to 60 characters.
    pub user_name: String,
    /// Password, at least 8 characters.
    pub password: String,
    /// The data protection text that they accept.
    pub accepts: AcceptedText,
    /// `de`, `en` or `tr`.
    pub language: String,
}

/// Redeeming another code while signed in.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemAnother {
    /// The code.
    pub code: String,
    /// Date of birth of whom it invites.
    #[schema(format = Date)]
    pub born: String,
    /// The data protection text that they accept.
    pub accepts: AcceptedText,
}

/// Signing in as a patient.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PatientSignIn {
    /// Short code of the authority.
    pub authority: String,
    /// User name.
    pub user_name: String,
    /// Password.
    pub password: String,
}

/// A patient who is signed in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PatientSession {
    /// User name.
    pub user_name: String,
    /// Short code of the authority.
    pub authority: String,
    /// Its name.
    pub authority_name: String,
    /// Language.
    pub language: String,
    /// What requests that change something repeat in the header x-epitrace-csrf.
    pub csrf: String,
    /// Today, where the authority is.
    #[schema(format = Date)]
    pub today: String,
    /// Minutes without a request after which the session ends.
    pub idle_minutes: i64,
}

/// Changing a password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePatientPassword {
    /// The present one.
    pub current: String,
    /// The new one.
    pub new: String,
}

/// Deleting one's account.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeletePatientAccount {
    /// The password.
    pub password: String,
}

/// Asking for a link that sets a new password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskReset {
    /// Short code of the authority.
    pub authority: String,
    /// User name.
    pub user_name: String,
}

/// Setting a new password by a link.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemReset {
    /// Short code of the authority.
    pub authority: String,
    /// What stands behind the `#` of the link.
    pub token: String,
    /// Date of birth.
    #[schema(format = Date)]
    pub born: String,
    /// The new password, at least 8 characters.
    pub password: String,
}

/// The cases for which a patient acts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnCases {
    /// In the order in which they were enrolled.
    pub items: Vec<OwnCase>,
}

/// Something that is still to be told.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Missing {
    /// `details`, `questionnaire` or `contacts`.
    pub step: String,
    /// Which field of it.
    pub field: String,
}

/// A symptom, by its names.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SymptomName {
    /// Its id.
    pub symptom: String,
    /// Name by language.
    pub names: BTreeMap<String, String>,
}

/// A case as its patient sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnCase {
    /// Its id.
    pub case_id: Uuid,
    /// Given names of whose case it is; `null` while none are known.
    pub first_name: Option<String>,
    /// Where it stands.
    pub status: String,
    /// Whether they are followed up as a contact, and not as infected.
    pub is_contact: bool,
    /// Name of the disease.
    pub disease: String,
    /// What is still to be told, in the order in which it is asked.
    pub missing: Vec<Missing>,
    /// Whether contacts are asked for.
    pub asks_contacts: bool,
    /// The days for which contacts are asked for; `null` while these aren't known.
    pub infectious: Option<DayRange>,
    /// Days at home; `null` where none are ordered.
    pub quarantine: Option<DayRange>,
    /// `quarantine` or `isolation`; `null` where neither is ordered.
    pub quarantine_kind: Option<String>,
    /// When everything was told.
    #[schema(format = DateTime)]
    pub completed_at: Option<String>,
    /// The authority's telephone; empty where nobody wrote one down.
    pub phone: String,
    /// The authority's e-mail; empty likewise.
    pub email: String,
    /// The symptoms that the disease asks for.
    pub symptoms: Vec<SymptomName>,
}

/// Own details that are to change; without a value a detail is emptied, those that aren't named stay.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOwnDetails {
    /// By name: `first_name`, `last_name`, `born`, `sex`, `street`, `house_number`, `postcode`, `city`, `email`,
    /// `says_no_email`, `phone`, `mobile`, `language`.
    pub changes: BTreeMap<String, Option<String>>,
}

/// Own details.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnDetails {
    /// Those that have a value.
    pub details: BTreeMap<String, Option<String>>,
    /// Who is responsible for the postcode: `unchecked`, `ours`, `others` or `unknown`.
    pub postcode: String,
    /// The others, where it is others.
    pub offices: Vec<OtherOffice>,
}

/// A health authority elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OtherOffice {
    /// Name.
    pub name: String,
    /// Address; empty where the list doesn't say.
    pub address: String,
    /// Telephone; empty likewise.
    pub phone: String,
    /// E-mail; empty likewise.
    pub email: String,
}

/// A contact that a patient names. The id is made by who names them (UUID of version 7): the same one twice is one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameContact {
    /// Its id.
    pub contact_id: Uuid,
    /// `household`, `face_to_face`, `same_room`, `care`, `transport` or `other`.
    pub kind: String,
    /// First day on which they met.
    #[schema(format = Date)]
    pub first_day: String,
    /// Last day, included.
    #[schema(format = Date)]
    pub last_day: String,
    /// Who it is.
    pub said: Said,
}

/// A contact as who named it sees it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnContact {
    /// Its id.
    pub contact_id: Uuid,
    /// How they met.
    pub kind: String,
    /// On which days.
    pub days: DayRange,
    /// As it was said.
    pub said: Said,
}

/// The contacts that a patient named.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnContacts {
    /// In the order in which they were named.
    pub items: Vec<OwnContact>,
    /// Whether they say that they met nobody.
    pub says_no_contacts: bool,
}
