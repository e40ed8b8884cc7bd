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

/// Everything that is stored about a person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonFile {
    /// Who.
    pub person_id: Uuid,
    /// Who stores it.
    pub authority: String,
    /// As of when.
    #[schema(format = DateTime)]
    pub made_at: String,
    /// What is stored; what holds nothing of them is left out.
    pub tables: Vec<PersonFileTable>,
    /// What the file doesn't say, and why.
    pub left_out: Vec<String>,
}

/// What a table holds about a person.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonFileTable {
    /// What it is.
    pub what: String,
    /// Its name.
    pub table: String,
    /// How long it is kept.
    pub kept: String,
    /// What stands in which column.
    pub columns: Vec<PersonFileColumn>,
    /// Its rows, each an object by column; what isn't known is not in it.
    pub rows: Vec<serde_json::Value>,
}

/// A column of such a table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PersonFileColumn {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub what: String,
}

/// Why a person is erased.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonErasure {
    /// `request`: they asked; `unlawful`: it should never have been stored; `obligation`: a law or court says so.
    pub reason: String,
}

/// That a person was erased. It names nobody.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErasureCertificate {
    /// The id that they had.
    pub person_id: Uuid,
    /// Who erased.
    pub authority: String,
    /// The account that did.
    pub account: String,
    /// Why.
    pub reason: String,
    /// When.
    #[schema(format = DateTime)]
    pub erased_at: String,
    /// What was erased.
    pub rows: Vec<ErasedRows>,
    /// What ends later, and when.
    pub later: Vec<String>,
}

/// Rows that were erased.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ErasedRows {
    /// Their table.
    pub table: String,
    /// What they held.
    pub what: String,
    /// How many there were.
    pub n_rows: u64,
}
