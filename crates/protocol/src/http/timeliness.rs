//! Time is the measure: stable keys, `null` with a reason beside it where the data can't carry a figure.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cases a report is about.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TimelinessParams {
    /// Which disease; all of them if left out.
    pub disease: Option<String>,
    /// First day of report; 28 days with the last one if left out.
    #[param(format = Date)]
    pub first: Option<String>,
    /// Last day of report, included; today if left out.
    #[param(format = Date)]
    pub last: Option<String>,
}

/// How fast the cases were taken up that were reported in a period.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Timeliness {
    /// Which disease; `null` for all.
    pub disease: Option<String>,
    /// First day of report.
    pub first: String,
    /// Last day, included.
    pub last: String,
    /// Hours within which a step is on time.
    pub on_time_hours: i64,
    /// Hours within which it is at least not lost.
    pub late_hours: i64,
    /// The steps of index cases.
    pub index_cases: KindOfCases,
    /// The steps of contact cases.
    pub contact_cases: KindOfCases,
    /// Where the index cases came from, and whom they named.
    pub origins: Origins,
    /// What it can be compared with.
    pub elsewhere: Elsewhere,
}

/// Cases of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct KindOfCases {
    /// How many there are.
    pub cases: u64,
    /// Of how many it is known when the authority was told: only they have steps.
    pub timed: u64,
    /// The steps, in their order.
    pub steps: Vec<Step>,
    /// Why there is nothing to measure.
    pub reason: Option<String>,
}

/// A step, measured from the report on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Step {
    /// `assigned`, `first_call`, `contacts_named`, `contacts_notified` or `quarantined`.
    pub name: String,
    /// Cases that the shares count: those that reached it, and those whose 24 h are over.
    pub due: u64,
    /// Those that reached it, whenever.
    pub reached: u64,
    /// Within 24 h.
    pub within_24_h: u64,
    /// Within 48 h, those within 24 h among them.
    pub within_48_h: u64,
    /// Cases that didn't reach it and whose 24 h still run: in no share.
    pub running: u64,
    /// Cases that didn't reach it and whose 24 h are over.
    pub overdue: u64,
    /// Share within 24 h, 0 to 1.
    pub share_24_h: Option<f64>,
    /// Share within 48 h, 0 to 1.
    pub share_48_h: Option<f64>,
    /// Why there is no share.
    pub reason: Option<String>,
}

/// Where index cases came from, and whom they named.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Origins {
    /// Index cases that are counted here.
    pub index_cases: u64,
    /// Index cases that aren't: they are anonymised, and whom they named is erased.
    pub anonymised: u64,
    /// Nobody is known who infected them.
    pub unlinked: Part,
    /// They named nobody.
    pub without_contacts: Part,
    /// They were known contacts before they were cases.
    pub among_known_contacts: Part,
    /// People whom they named.
    pub contacts: u64,
    /// How many that is for one case.
    pub contacts_per_case: Option<f64>,
    /// Why there is no share.
    pub reason: Option<String>,
}

/// Some of the cases.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Part {
    /// How many.
    pub cases: u64,
    /// Their share, 0 to 1.
    pub share: Option<f64>,
}

/// What others aim at and reach.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Elsewhere {
    /// Hours that each step may take.
    pub target_hours: i64,
    /// Who says so.
    pub target_source: &'static str,
    /// Share of index cases interviewed within 24 h.
    pub interviewed_in_24_h: Found,
    /// Share of contacts told within 24 h.
    pub notified_in_24_h: Found,
    /// Contacts that a case names.
    pub contacts_per_case: Found,
}

/// What a study found.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// The figure; a share is 0 to 1.
    pub value: f64,
    /// Where it stands.
    pub source: &'static str,
    /// What to know before comparing.
    pub caution: &'static str,
}

/// What each of the staff has, the most urgent first.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Workload {
    /// One line a worker, and one for what is nobody's.
    pub items: Vec<WorkerLoad>,
}

/// What one worker has.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorkerLoad {
    /// Who; `null` for what is nobody's.
    pub account_id: Option<Uuid>,
    /// Their user name.
    pub user_name: Option<String>,
    /// Cases that are not over.
    pub open: u64,
    /// Those of them that wait for something.
    pub waiting: u64,
    /// Weights of what they wait for.
    pub priority: f64,
}
