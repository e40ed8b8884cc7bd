//! Diaries, and the symptoms that they ask for.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A symptom that the diary of a disease asks for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ListedSymptom {
    /// Its word.
    pub symptom: String,
    /// Its name, by language: `de`, `en`, `tr`.
    pub names: BTreeMap<String, String>,
    /// Whether people with the disease usually have it.
    pub characteristic: bool,
    /// Whether it is suspicious for index cases.
    pub suspicious_for_index: bool,
    /// Whether it is suspicious for contacts.
    pub suspicious_for_contacts: bool,
}

/// The symptoms that the diary of a disease asks for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SymptomCatalogue {
    /// The disease.
    pub disease: String,
    /// Its name in English.
    pub name: String,
    /// In the order in which they are shown.
    pub items: Vec<ListedSymptom>,
    /// Where the terms come from.
    pub terms_source: String,
    /// Where it comes from which of them are characteristic and suspicious.
    pub source: String,
    /// What to know before relying on it.
    pub caution: String,
}

/// Which days of a diary.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DiaryQuery {
    /// The days before this one; the newest without it. Give `next` of the page before.
    #[param(format = Date)]
    pub before: Option<String>,
    /// Days of a page, 1 to 200; 50 without it.
    pub limit: Option<u32>,
}

/// An entry that is to be written, as it was told on the telephone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDiaryEntry {
    /// Its id, made by whoever writes it (UUID of version 7): the same entry twice is one.
    pub entry_id: Uuid,
    /// The day on which its half day begins.
    #[schema(format = Date)]
    pub day: String,
    /// `morning` (06:00 to 17:00) or `evening` (17:00 to 06:00 of the next day).
    pub part: String,
    /// In degrees Celsius, with one digit after the point; `null` where nobody measured.
    pub temperature_c: Option<f64>,
    /// Says that a temperature below 35.0 or above 42.0 °C is meant; 30.0 to 45.0 °C then.
    #[serde(default)]
    pub temperature_confirmed: bool,
    /// Words of symptoms; none says that they feel well.
    pub symptoms: Vec<String>,
    /// Declared contacts of the case whom they met.
    pub contacts: Vec<Uuid>,
    /// What else they say.
    pub note: Option<String>,
}

/// What an entry says now.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDiaryEntry {
    /// `changed_at` of the entry as it was seen; `null` where it had never been changed.
    #[schema(format = DateTime)]
    pub seen: Option<String>,
    /// In degrees Celsius; `null` where nobody measured.
    pub temperature_c: Option<f64>,
    /// Says that a temperature below 35.0 or above 42.0 °C is meant.
    #[serde(default)]
    pub temperature_confirmed: bool,
    /// Words of symptoms.
    pub symptoms: Vec<String>,
    /// Declared contacts of the case whom they met.
    pub contacts: Vec<Uuid>,
    /// What else they say.
    pub note: Option<String>,
}

/// What stands in a diary for half a day.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DiaryEntry {
    /// Its id.
    pub entry_id: Uuid,
    /// The day on which its half day begins.
    #[schema(format = Date)]
    pub day: String,
    /// `morning` or `evening`.
    pub part: String,
    /// In degrees Celsius; `null` where nobody measured.
    pub temperature_c: Option<f64>,
    /// Words of symptoms; none says that they feel well.
    pub symptoms: Vec<String>,
    /// Declared contacts whom they met.
    pub contacts: Vec<Uuid>,
    /// What else they said; `null` also where the server has no key.
    pub note: Option<String>,
    /// `phone` (told to staff) or `own` (written by the patient).
    pub said_by: String,
    /// User name of who wrote it; empty where the patient did.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// User name of who changed it last; empty where the patient did.
    pub changed_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub changed_at: Option<String>,
    /// Version of the rules by which its temperature is looked at; 0 is the built-in one.
    pub rule_version: i32,
}

/// A half day of a diary.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DiarySlot {
    /// The day on which it begins.
    #[schema(format = Date)]
    pub day: String,
    /// `morning` or `evening`.
    pub part: String,
    /// `entered`, `missing` (its official end, 12:00 or 23:00, is over), `open`, `to_come` or `not_expected` (outside the
    /// days of follow-up).
    pub state: String,
    /// Its entry.
    pub entry: Option<DiaryEntry>,
    /// Whether the temperature of its entry is above the threshold for the type of the case.
    pub is_increased: bool,
}

/// Days of a diary.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct DiaryPage {
    /// The disease, whose symptoms it asks for.
    pub disease: String,
    /// Both half days of each day, the newest first.
    pub items: Vec<DiarySlot>,
    /// First day into which can be written.
    #[schema(format = Date)]
    pub begun_on: String,
    /// Last day on which entries are expected; `null` while nobody knows it.
    #[schema(format = Date)]
    pub expected_last: Option<String>,
    /// Give it back as `before` to get earlier days; `null` where there are none.
    #[schema(format = Date)]
    pub next: Option<String>,
    /// Whether notes are `null` because the key of the authority is not here.
    pub names_locked: bool,
}
