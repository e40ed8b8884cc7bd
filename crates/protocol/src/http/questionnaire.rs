//! The questions that everybody is asked once.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question that is answered with yes or no, and what the yes is about.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The answer; `null` where it wasn't asked or nobody knows.
    pub is_so: Option<bool>,
    /// What they told of it; cleared by a "no".
    pub text: Option<String>,
}

/// What a case answered.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// Whether they have or had symptoms. A "no" takes the first day with symptoms out of the case.
    pub has_symptoms: Option<bool>,
    /// First day with symptoms: the onset of the case.
    #[schema(format = Date)]
    pub onset: Option<String>,
    /// Which symptoms, of those that the disease asks for.
    pub symptoms: Vec<String>,
    /// Day on which they think they were infected, before the first symptoms.
    #[schema(format = Date)]
    pub infected_on: Option<String>,
    /// Where they think they were infected.
    pub infected_at: Option<String>,
    /// Who their doctor is.
    pub family_doctor: Option<String>,
    /// Pre-existing conditions.
    pub condition: Answer,
    /// Whether they are medical staff, and where.
    pub medical_staff: Answer,
    /// Whether they have to do with vulnerable people, and with whom.
    pub vulnerable_contact: Answer,
}

/// The questionnaire of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Questionnaire {
    /// The answers; all of them `null` where nothing was answered.
    pub answers: Answers,
    /// Whether anything was answered.
    pub is_answered: bool,
    /// Whether they say that they met nobody in the infectious days.
    pub says_no_contacts: bool,
    /// When it was written down last.
    #[schema(format = DateTime)]
    pub answered_at: Option<String>,
    /// Whether words are `null` because the key of the authority is not here.
    pub names_locked: bool,
}

/// Whether a case says that they met nobody in the infectious days.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoContacts {
    /// They do.
    pub says_so: bool,
}
