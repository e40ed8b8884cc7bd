//! Persons, with or without a case.

use super::cases::CaseInBrief;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A person with all that is known of them. Personal fields are `null` where the server has no key for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// Their id.
    pub person_id: Uuid,
    /// What imported files call them; the first.
    pub reference: Option<String>,
    /// All that imported files call them.
    pub references: Vec<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Date of birth.
    pub born: Option<String>,
    /// Sex, as imported.
    pub sex: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Language tag of letters and mails; `null` for the authority's first.
    pub language: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub house_number: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Their cases, in the order in which they were made.
    pub cases: Vec<CaseInBrief>,
    /// Whether personal fields are `null` because the key of the authority is not here.
    pub names_locked: bool,
}

/// Who is looked for. It stands in the body, because it is personal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonSearch {
    /// The beginning of a name, words of a name in any order, four digits for a year of birth, or a reference.
    #[schema(min_length = 2, max_length = 100)]
    pub text: String,
}

/// A person who was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundPerson {
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
    /// Their newest case.
    pub case_id: Option<Uuid>,
    /// Its disease.
    pub disease: Option<String>,
    /// What matched: `last_name`, `first_name`, `name` (both), `reference`.
    #[serde(rename = "match")]
    pub matched: String,
}
