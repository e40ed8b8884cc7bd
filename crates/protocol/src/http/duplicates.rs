//! Who may be stored twice.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What is known so far of somebody who is being typed. It stands in the body, because it is personal.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDraft {
    /// Given names.
    #[schema(max_length = 200)]
    pub first_name: Option<String>,
    /// Family names.
    #[schema(max_length = 200)]
    pub last_name: Option<String>,
    /// Date of birth.
    #[schema(format = Date)]
    pub born: Option<String>,
    /// Telephones, mobile or not, as typed.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub phones: Vec<String>,
    /// E-mail addresses.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub emails: Vec<String>,
    /// Postcode.
    #[schema(max_length = 200)]
    pub postcode: Option<String>,
}

/// Somebody who may be the same person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Duplicate {
    /// Their id.
    pub person_id: Uuid,
    /// What imported files call them; the first.
    pub reference: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Date of birth.
    pub born: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// Their newest case.
    pub case_id: Option<Uuid>,
    /// Its disease.
    pub disease: Option<String>,
    /// How alike the two are, 0 to 1; below 0.5 nobody is proposed.
    pub score: f64,
    /// What speaks for it and against it: `same_first_name`, `similar_first_name`, `other_first_name`, `same_last_name`,
    /// `similar_last_name`, `other_last_name`, `names_swapped`, `same_birth_date`, `birth_day_and_month_swapped`,
    /// `birth_date_one_digit_off`, `other_birth_date`, `same_phone`, `same_email`, `same_postcode`.
    pub reasons: Vec<String>,
}

/// Whoever may be the same person, the most alike first, at most twenty. A proposal: nothing merges by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Duplicates {
    /// Who.
    pub items: Vec<Duplicate>,
    /// Whether so many share a telephone, or something else, that not all of them were compared.
    pub capped: bool,
}
