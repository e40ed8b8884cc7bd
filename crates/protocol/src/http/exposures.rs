//! Who was exposed to somebody, and who may have infected them, with all the evidence.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// How far to look.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExposuresQuery {
    /// Generations; 1 if left out.
    #[param(minimum = 1, maximum = 10)]
    pub generations: Option<u32>,
    /// By which disease's rules; else the case's, or the only one that the person has.
    pub disease: Option<String>,
}

/// Who was reached from a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exposures {
    /// Around whom was searched.
    pub person_id: Uuid,
    /// What imported files call them.
    pub reference: Option<String>,
    /// `forward`: whom they exposed; `backward`: who may have infected them.
    pub direction: String,
    /// By which disease's rules.
    pub disease: String,
    /// Generations that were looked at.
    pub generations: u32,
    /// The windows around the person that were searched.
    pub windows: Vec<Window>,
    /// Why these.
    pub windows_because: String,
    /// Version of the rule set; 0 is the built-in one.
    pub rule_version: i32,
    /// Those who were reached: nearest generation first, then the highest score; at most 10,000.
    pub items: Vec<Exposed>,
    /// How many were reached in all.
    pub n_total: usize,
    /// Whether names are `null` because the key of the authority is not here.
    pub names_locked: bool,
}

/// A stretch of time, its end not included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Window {
    /// First instant; `null` since ever.
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// First instant after it; `null` without end.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// Somebody who was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Exposed {
    /// Who.
    pub person_id: Uuid,
    /// What imported files call them.
    pub reference: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Generations from the person around whom was searched.
    pub generation: u32,
    /// Their newest case of the disease.
    pub case: Option<ExposedCase>,
    /// Minutes together, each counted once; `null` where nothing measured them.
    pub minutes: Option<f64>,
    /// Why there are none.
    pub minutes_reason: Option<String>,
    /// Equivalent minutes: at closeness 1, on the most infectious day. The points of the evidence sum to it.
    pub score: f64,
    /// First instant of the evidence.
    #[schema(format = DateTime)]
    pub first: Option<String>,
    /// First instant after the evidence.
    #[schema(format = DateTime)]
    pub last: Option<String>,
    /// Day of the first instant, in the authority's time zone; where nobody noted a time, the first day of exposure of the
    /// line list.
    #[schema(format = Date)]
    pub first_day: Option<String>,
    /// Last day that the evidence touches, or the last day of exposure of the line list.
    #[schema(format = Date)]
    pub last_day: Option<String>,
    /// Why there are no times.
    pub time_reason: Option<String>,
    /// From whom, in the generation before: their references, or ids.
    pub via: Vec<String>,
    /// Whether it makes a close contact by the rule; `null` where the evidence doesn't say.
    pub close_contact: Option<bool>,
    /// Why it doesn't say.
    pub close_contact_reason: Option<String>,
    /// The rule that held on that day.
    pub close_contact_rule: CloseContactRule,
    /// Whether some of it lies on days on which who may have infected wasn't infectious, by the rule: to be checked.
    pub outside: bool,
    /// The evidence, the heaviest first.
    pub evidence: Vec<Evidence>,
}

/// The case of somebody who was reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ExposedCase {
    /// Its id.
    pub case_id: Uuid,
    /// `suspected`, `probable` or `confirmed`.
    pub classification: String,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub symptom_onset: Option<String>,
}

/// What makes a close contact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CloseContactRule {
    /// Its name in settings.
    pub id: String,
    /// The guideline.
    pub source: String,
    /// Minutes near that make one.
    pub min_minutes: f64,
    /// How near, in metres; `null` at any distance.
    pub near_m: Option<f64>,
}

/// A group of evidence: one kind on one day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// `infection`, `contact`, `encounter`, `visit` or `airing`.
    pub kind: String,
    /// Who may have infected: their reference, or id.
    pub from: String,
    /// The day, or the first of several.
    #[schema(format = Date)]
    pub day: Option<String>,
    /// The last day.
    #[schema(format = Date)]
    pub last_day: Option<String>,
    /// Who says so: `evidence`; `line_list` where the evidence has no day, and these are the days of exposure of who was
    /// infected; `null` where nobody does.
    pub days_from: Option<String>,
    /// First instant.
    #[schema(format = DateTime)]
    pub first: Option<String>,
    /// First instant after it.
    #[schema(format = DateTime)]
    pub last: Option<String>,
    /// Minutes measured; `null` where nobody measured.
    pub minutes: Option<f64>,
    /// Minutes that were counted: measured, or those that a declaration stands for.
    pub counted_minutes: f64,
    /// How much a minute counts by nearness, 0 to 1.
    pub closeness: f64,
    /// How much the day counts, 0 to 1.
    pub infectiousness: f64,
    /// What it adds to the score.
    pub points: f64,
    /// Pieces of evidence in the group.
    pub pieces: usize,
    /// Kind of place of a known infection, as written.
    pub setting: Option<String>,
    /// How they met, where it was declared.
    pub contact_kind: Option<String>,
    /// Nearest distance in metres, if measured.
    pub distance_m: Option<f32>,
    /// Name of the place.
    pub place: Option<String>,
    /// Area of the place.
    pub area: Option<String>,
    /// Where the closeness comes from.
    pub source: String,
}
