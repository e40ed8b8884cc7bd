//! Handing cases over to other authorities.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A hand-over that is asked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHandOver {
    /// Its id, made by whoever asks: asked again, it is the same.
    pub hand_over_id: Uuid,
    /// Short code of the authority that is asked.
    pub to: String,
    /// `lives_there`, `moved`, `cared_for_there` or `other`.
    pub because: String,
}

/// Why a case isn't taken over.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// `not_responsible`, `known_here`, `nearly_over` or `other`.
    pub because: String,
    /// A text for the authority that asks, up to 10,000 characters; with `other` it must be there.
    pub text: Option<String>,
}

/// An authority on the other side.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OtherAuthority {
    /// Two to eight letters.
    pub short_code: String,
    /// As people call it.
    pub name: String,
}

/// What is seen before a case is accepted: nothing that names anybody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    /// Which disease.
    pub disease: String,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// Ten years, such as `40-49`.
    pub age_band: Option<String>,
    /// Where the person lives.
    pub postcode: Option<String>,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub onset: Option<String>,
    /// Day of the specimen.
    #[schema(format = Date)]
    pub tested: Option<String>,
    /// Day on which the authority that asks was told.
    #[schema(format = Date)]
    pub reported: Option<String>,
    /// Last day of quarantine or isolation.
    #[schema(format = Date)]
    pub quarantine_last: Option<String>,
}

/// A hand-over, as one side knows it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandOver {
    /// Its id, the same on both sides.
    pub hand_over_id: Uuid,
    /// `from`: this authority has the case and asks; `to`: it is asked.
    pub side: String,
    /// The other one.
    pub other: OtherAuthority,
    /// The case, under the same id on both sides.
    pub case_id: Uuid,
    /// Whether the case is here to be opened.
    pub has_case: bool,
    /// `asked`, `accepted`, `refused`, `withdrawn`, `copied` or `closed`.
    pub state: String,
    /// Why it is asked: `lives_there`, `moved`, `cared_for_there` or `other`.
    pub because: String,
    /// Why it was refused: `not_responsible`, `known_here`, `nearly_over` or `other`.
    pub refused_because: Option<String>,
    /// What whoever refused wrote.
    pub text: Option<String>,
    /// What is seen before it is accepted.
    pub preview: Preview,
    /// Persons here who may be the same, when it was asked; up to 20. `null` on the side that asks.
    pub n_alike: Option<u32>,
    /// Who asked; `null` on the side that is asked, and where the patient did.
    pub asked_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// Who accepted or refused; `null` on the side that asks.
    pub decided_by: Option<String>,
    /// When that was known here.
    #[schema(format = DateTime)]
    pub decided_at: Option<String>,
    /// When everything was there.
    #[schema(format = DateTime)]
    pub copied_at: Option<String>,
    /// When the side that asked knew so.
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
}

/// Hand-overs of which something is still to happen, oldest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OpenHandOvers {
    /// What other authorities ask.
    pub to: Vec<HandOver>,
    /// What this one asks.
    pub from: Vec<HandOver>,
}

/// An authority that can be asked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Candidate {
    /// Two to eight letters.
    pub short_code: String,
    /// As people call it.
    pub name: String,
    /// Whether it is responsible where the person lives.
    pub is_responsible: bool,
}

/// What there is to say of handing a case over.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct HandOversOfCase {
    /// What was asked and answered, newest first.
    pub items: Vec<HandOver>,
    /// Who can be asked: those responsible first, then by name.
    pub candidates: Vec<Candidate>,
}
