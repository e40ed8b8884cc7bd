//! Cases: lists, searches, one case with all that is known of it, its history.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A case as lists show it. Personal fields are `null` where the server has no key for them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseRow {
    /// Its id.
    pub case_id: Uuid,
    /// Whose case it is.
    pub person_id: Uuid,
    /// What imported files call the person; the first, if they have several.
    pub reference: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Date of birth.
    pub born: Option<String>,
    /// Age in years, as imported.
    pub age: Option<String>,
    /// Sex, as imported.
    pub sex: Option<String>,
    /// Which disease, such as `covid-19`.
    pub disease: String,
    /// `suspected`, `probable` or `confirmed`.
    pub classification: String,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub symptom_onset: Option<String>,
    /// Day on which the specimen was taken.
    #[schema(format = Date)]
    pub tested_on: Option<String>,
    /// Day on which the authority was told.
    #[schema(format = Date)]
    pub reported_on: Option<String>,
    /// Day of death.
    #[schema(format = Date)]
    pub died_on: Option<String>,
    /// Outcome, as imported.
    pub outcome: Option<String>,
    /// Kind of place of the infection, as imported.
    pub setting: Option<String>,
    /// Place.
    pub place: Option<Place>,
    /// Days on which the case infects others, by the rules of its day zero; `null` where neither onset nor test is known.
    pub infectious: Option<DayRange>,
    /// When it was stored here.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// Where it stands, such as `open`.
    pub status: String,
    /// User name of who works on it.
    pub assignee: Option<String>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<DayRange>,
}

/// A hospital, school, restaurant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// Its id.
    pub facility_id: Uuid,
    /// What it is called.
    pub name: String,
}

/// Days in the authority's time zone, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DayRange {
    /// First day.
    #[schema(format = Date)]
    pub first: String,
    /// Last day.
    #[schema(format = Date)]
    pub last: String,
}

/// A page of cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CasePage {
    /// The cases.
    pub items: Vec<CaseRow>,
    /// Give it back as `cursor` to get the next page; `null` on the last one.
    pub next: Option<String>,
    /// Whether personal fields are `null` because the key of the authority is not here.
    pub names_locked: bool,
}

/// Which cases, in which order, from where on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CaseListQuery {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<String>,
    /// Only `suspected`, `probable` or `confirmed` cases.
    pub classification: Option<String>,
    /// Only cases at this place: a `facility_id`.
    pub place: Option<Uuid>,
    /// Only cases of this setting, as written.
    pub setting: Option<String>,
    /// Only cases with this outcome, as written.
    pub outcome: Option<String>,
    /// Only cases of persons of this sex, as written.
    pub sex: Option<String>,
    /// Only those fallen ill on this day or later.
    #[param(format = Date)]
    pub onset_first: Option<String>,
    /// Only those fallen ill on this day or earlier.
    #[param(format = Date)]
    pub onset_last: Option<String>,
    /// Only those reported on this day or later.
    #[param(format = Date)]
    pub reported_first: Option<String>,
    /// Only those reported on this day or earlier.
    #[param(format = Date)]
    pub reported_last: Option<String>,
    /// Only `index`, `contact`, `contact_medical` or `contact_vulnerable` cases.
    pub case_type: Option<String>,
    /// Only those that stand at one of these, divided by commas: `open`, `tracked_manually`, `in_registration`,
    /// `registered`, `tracking`, `external`, `concluded`, `handed_over`, `anonymised`.
    pub status: Option<String>,
    /// Only those that `me`, `nobody`, `somebody` or an account works on: an `account_id`.
    pub assigned: Option<String>,
    /// Only those in quarantine or isolation on this day.
    #[param(format = Date)]
    pub quarantined_on: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or later.
    #[param(format = Date)]
    pub quarantine_ends_first: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or earlier.
    #[param(format = Date)]
    pub quarantine_ends_last: Option<String>,
    /// Only those of persons with this postcode; with `*` behind it, with postcodes that begin so.
    pub postcode: Option<String>,
    /// Only those tested on this day or later.
    #[param(format = Date)]
    pub tested_first: Option<String>,
    /// Only those tested on this day or earlier.
    #[param(format = Date)]
    pub tested_last: Option<String>,
    /// `reported` (if left out), `onset`, `created` or `name`.
    pub sort: Option<String>,
    /// `desc` (if left out) or `asc`. What has no day or name comes last in `desc` by day and in `asc` by name.
    pub order: Option<String>,
    /// Most cases on the page; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
    /// Cases to skip, to jump into a long list; not together with `cursor`.
    pub position: Option<u64>,
}

/// Which cases are counted.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CaseCountQuery {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<String>,
    /// Only `suspected`, `probable` or `confirmed` cases.
    pub classification: Option<String>,
    /// Only cases at this place: a `facility_id`.
    pub place: Option<Uuid>,
    /// Only cases of this setting, as written.
    pub setting: Option<String>,
    /// Only cases with this outcome, as written.
    pub outcome: Option<String>,
    /// Only cases of persons of this sex, as written.
    pub sex: Option<String>,
    /// Only those fallen ill on this day or later.
    #[param(format = Date)]
    pub onset_first: Option<String>,
    /// Only those fallen ill on this day or earlier.
    #[param(format = Date)]
    pub onset_last: Option<String>,
    /// Only those reported on this day or later.
    #[param(format = Date)]
    pub reported_first: Option<String>,
    /// Only those reported on this day or earlier.
    #[param(format = Date)]
    pub reported_last: Option<String>,
    /// Only `index`, `contact`, `contact_medical` or `contact_vulnerable` cases.
    pub case_type: Option<String>,
    /// Only those that stand at one of these, divided by commas: `open`, `tracked_manually`, `in_registration`,
    /// `registered`, `tracking`, `external`, `concluded`, `handed_over`, `anonymised`.
    pub status: Option<String>,
    /// Only those that `me`, `nobody`, `somebody` or an account works on: an `account_id`.
    pub assigned: Option<String>,
    /// Only those in quarantine or isolation on this day.
    #[param(format = Date)]
    pub quarantined_on: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or later.
    #[param(format = Date)]
    pub quarantine_ends_first: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or earlier.
    #[param(format = Date)]
    pub quarantine_ends_last: Option<String>,
    /// Only those of persons with this postcode; with `*` behind it, with postcodes that begin so.
    pub postcode: Option<String>,
    /// Only those tested on this day or later.
    #[param(format = Date)]
    pub tested_first: Option<String>,
    /// Only those tested on this day or earlier.
    #[param(format = Date)]
    pub tested_last: Option<String>,
}

/// A count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseCount {
    /// How many.
    pub count: u64,
    /// Whether there are more than that.
    pub capped: bool,
}

/// For which disease filters are made up.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CaseFiltersQuery {
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<String>,
}

/// What filters can ask for: the values that occur, at most 1,000 of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseFilters {
    /// The disease whose values these are.
    pub disease: String,
    /// Diseases that have cases.
    pub diseases: Vec<DiseaseCount>,
    /// Places of cases, by name.
    pub places: Vec<Place>,
    /// Settings, as written.
    pub settings: Vec<String>,
    /// Outcomes, as written.
    pub outcomes: Vec<String>,
    /// Sexes, as written, of the persons whose cases were reported last.
    pub sexes: Vec<String>,
}

/// A disease and how many cases it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DiseaseCount {
    /// Which disease.
    pub value: String,
    /// How many cases, up to 10,000.
    pub count: u64,
    /// Whether there are more than that.
    pub capped: bool,
}

/// What is looked for. It stands in the body, because it is personal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseSearch {
    /// The beginning of a name, words of a name in any order, four digits for a year of birth, or a reference.
    #[schema(min_length = 2, max_length = 100)]
    pub text: String,
    /// Which disease; else the authority's, or the only one that has cases.
    pub disease: Option<String>,
    /// Only `suspected`, `probable` or `confirmed` cases.
    pub classification: Option<String>,
    /// Only cases at this place: a `facility_id`.
    pub place: Option<Uuid>,
    /// Only cases of this setting, as written.
    pub setting: Option<String>,
    /// Only cases with this outcome, as written.
    pub outcome: Option<String>,
    /// Only cases of persons of this sex, as written.
    pub sex: Option<String>,
    /// Only those fallen ill on this day or later.
    #[schema(format = Date)]
    pub onset_first: Option<String>,
    /// Only those fallen ill on this day or earlier.
    #[schema(format = Date)]
    pub onset_last: Option<String>,
    /// Only those reported on this day or later.
    #[schema(format = Date)]
    pub reported_first: Option<String>,
    /// Only those reported on this day or earlier.
    #[schema(format = Date)]
    pub reported_last: Option<String>,
    /// Only `index`, `contact`, `contact_medical` or `contact_vulnerable` cases.
    pub case_type: Option<String>,
    /// Only those that stand at one of these, divided by commas: `open`, `tracked_manually`, `in_registration`,
    /// `registered`, `tracking`, `external`, `concluded`, `handed_over`, `anonymised`.
    pub status: Option<String>,
    /// Only those that `me`, `nobody`, `somebody` or an account works on: an `account_id`.
    pub assigned: Option<String>,
    /// Only those in quarantine or isolation on this day.
    #[schema(format = Date)]
    pub quarantined_on: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or later.
    #[schema(format = Date)]
    pub quarantine_ends_first: Option<String>,
    /// Only those whose quarantine or isolation ends on this day or earlier.
    #[schema(format = Date)]
    pub quarantine_ends_last: Option<String>,
    /// Only those of persons with this postcode; with `*` behind it, with postcodes that begin so.
    pub postcode: Option<String>,
    /// Only those tested on this day or later.
    #[schema(format = Date)]
    pub tested_first: Option<String>,
    /// Only those tested on this day or earlier.
    #[schema(format = Date)]
    pub tested_last: Option<String>,
    /// Most cases on the page; 50 if left out.
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

/// A case that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundCase {
    /// The case.
    #[serde(flatten)]
    pub case: CaseRow,
    /// What matched: `last_name`, `first_name`, `name` (both), `reference`.
    #[serde(rename = "match")]
    pub matched: String,
}

/// A page of what was found, best matches first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct FoundCases {
    /// The cases.
    pub items: Vec<FoundCase>,
    /// Give it back as `cursor` to get the next page; `null` on the last one.
    pub next: Option<String>,
    /// How many were found in all.
    pub count: u64,
    /// Whether more persons match than were looked at: the best 1,000, or 10,000 where there are filters.
    pub capped: bool,
}

/// A case with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Case {
    /// What lists show of it.
    #[serde(flatten)]
    pub row: CaseRow,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail.
    pub email: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub house_number: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Free text.
    pub note: Option<String>,
    /// Ten years of age, such as `60-69`.
    pub age_band: Option<String>,
    /// First day on which the infection may have happened, as imported.
    #[schema(format = Date)]
    pub exposed_first: Option<String>,
    /// Last such day.
    #[schema(format = Date)]
    pub exposed_last: Option<String>,
    /// All that imported files call the person.
    pub references: Vec<String>,
    /// The person's other cases, of whatever disease.
    pub other_cases: Vec<CaseInBrief>,
    /// The rule of the infectious days in words, such as `2 days before to 10 days after onset (COVID-19, built-in rules)`.
    pub infectious_rule: Option<String>,
    /// Paper or guideline behind it.
    pub infectious_source: Option<String>,
    /// Why there are no infectious days.
    pub infectious_reason: Option<String>,
    /// Days on which the infection may have happened, by the longest incubation.
    pub incubation: Option<DayRange>,
    /// Its rule in words.
    pub incubation_rule: Option<String>,
    /// Paper or guideline behind it.
    pub incubation_source: Option<String>,
    /// Version of the rule set; 0 is the built-in one.
    pub rule_version: i32,
    /// How many persons the case is known to have infected.
    pub n_exposed_links: u64,
    /// Whether personal fields are `null` because the key of the authority is not here.
    pub names_locked: bool,
}

/// A case in brief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CaseInBrief {
    /// Its id.
    pub case_id: Uuid,
    /// Which disease.
    pub disease: String,
    /// `suspected`, `probable` or `confirmed`.
    pub classification: String,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub symptom_onset: Option<String>,
}

/// One change of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    /// Its id.
    pub history_id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    pub changed_at: String,
    /// User name of who made it; empty where the patient did.
    pub account: String,
    /// Whether the patient made it themselves.
    pub by_patient: bool,
    /// Which field; `created` for a new case.
    pub field: String,
    /// What it is about: `person` or `case`.
    pub about: String,
    /// Value before.
    pub before: Option<String>,
    /// Value after.
    pub after: Option<String>,
    /// What it was done for, such as `import`.
    pub why: String,
}
