//! The rules of an authority: versions, settings with their sources, previews.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which versions.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RuleSetsQuery {
    /// Such as `covid-19`; the authority's if left out.
    pub disease: Option<String>,
}

/// The rules of which day.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RuleSetOnQuery {
    /// Such as `covid-19`; the authority's if left out.
    pub disease: Option<String>,
    /// Such as `2026-05-31`; today if left out.
    pub day: Option<String>,
}

/// A setting: what it may be, and where its default comes from.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleSetting {
    /// Its word, such as `days_before_onset`.
    pub key: String,
    /// `number`, `yes_no`, `preset`.
    pub kind: String,
    /// Unit of a number; empty where it has none.
    pub unit: String,
    /// The least that a number may be.
    pub least: Option<f64>,
    /// The most.
    pub most: Option<f64>,
    /// Digits after the point, at most.
    pub decimals: Option<u32>,
    /// What a preset may be.
    pub choices: Vec<String>,
    /// Why other values are refused.
    pub why: String,
    /// Its default for this disease.
    pub default: String,
    /// Where the default comes from.
    pub source: String,
    /// What to know before relying on it; empty if nothing.
    pub caution: String,
}

/// A close-contact rule that can be chosen.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CloseContactPreset {
    /// Its word.
    pub id: String,
    /// First day on which its guideline held; `null` since ever.
    #[schema(format = Date)]
    pub first: Option<String>,
    /// Last such day; `null` until today.
    #[schema(format = Date)]
    pub last: Option<String>,
    /// The guideline, in words.
    pub source: String,
}

/// A setting in which two versions differ.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleDifference {
    /// Its word.
    pub key: String,
    /// Its value before.
    pub before: String,
    /// Its value after.
    pub after: String,
}

/// A version of the rules.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleSetVersion {
    /// Its number; 0 is the built-in one.
    pub version: i32,
    /// First day on which it holds; `null` since ever.
    #[schema(format = Date)]
    pub first: Option<String>,
    /// Last day; `null` until further notice.
    #[schema(format = Date)]
    pub last: Option<String>,
    /// User name of who made it; `null` for the built-in one.
    pub made_by: Option<String>,
    /// When.
    #[schema(format = DateTime)]
    pub made_at: Option<String>,
    /// Every setting by its word: a number, `yes`, `no`, or a preset.
    pub settings: BTreeMap<String, String>,
    /// How it differs from the version before it.
    pub changes: Vec<RuleDifference>,
}

/// All versions for a disease.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleSets {
    /// Such as `covid-19`.
    pub disease: String,
    /// Its name.
    pub name: String,
    /// The diseases that have rules.
    pub diseases: Vec<String>,
    /// The day of the authority.
    #[schema(format = Date)]
    pub today: String,
    /// The version that holds today.
    pub holds_today: i32,
    /// The newest version; new ones name it, so that nobody overlooks another's.
    pub newest: i32,
    /// What the settings mean.
    pub settings: Vec<RuleSetting>,
    /// The close-contact rules that can be chosen.
    pub presets: Vec<CloseContactPreset>,
    /// Newest first; the last one is the built-in one.
    pub versions: Vec<RuleSetVersion>,
}

/// The rules that hold on a day.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RulesOfDay {
    /// Such as `covid-19`.
    pub disease: String,
    /// The day.
    #[schema(format = Date)]
    pub day: String,
    /// The version that holds.
    pub version: RuleSetVersion,
    /// What its settings mean.
    pub settings: Vec<RuleSetting>,
}

/// A version to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRuleSet {
    /// Such as `covid-19`.
    pub disease: String,
    /// The version whose settings it takes over; 0 for the built-in one.
    pub based_on: i32,
    /// The newest version that you have seen. Another one since then is answered with 409.
    pub newest_seen: i32,
    /// First day on which it holds; `null` since ever.
    #[schema(format = Date)]
    pub first: Option<String>,
    /// Last day; `null` until further notice.
    #[schema(format = Date)]
    pub last: Option<String>,
    /// What is to be other than in the version it is based on, by the settings' words.
    pub settings: BTreeMap<String, String>,
    /// The word for a version that begins in the past: decisions made before stay explained by the version that they used.
    pub past_decisions_stay: bool,
}

/// What a version would change; nothing is stored.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RuleSetPreview {
    /// The number that it would have.
    pub version: i32,
    /// How it differs from the version it is based on.
    pub changes: Vec<RuleDifference>,
    /// Cases at work whose infectious days would change today.
    pub n_changed: u64,
    /// Cases at work whose onset, or else test, lies in its days.
    pub n_at_work: u64,
    /// Whether all cases were looked at; otherwise only the newest 100,000.
    pub is_complete: bool,
}

/// A version to be over earlier than it says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndRuleSet {
    /// Such as `covid-19`.
    pub disease: String,
    /// Which version.
    pub version: i32,
    /// The newest version that you have seen. Another one since then is answered with 409.
    pub newest_seen: i32,
    /// Its last day.
    #[schema(format = Date)]
    pub last: String,
    /// The word for an end in the past: decisions made before stay explained by the version that they used.
    pub past_decisions_stay: bool,
}
