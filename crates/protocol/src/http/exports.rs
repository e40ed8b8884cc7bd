//! Cases as files, workbooks that a job makes, and what programs of other services read.

use super::cases::DayRange;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which cases a file holds, and how it is written. The filters are those of the case list; without any, `quarantines`,
/// `contacts_without_quarantine` and `external` are of all diseases.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExportQuery {
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
    /// Of `quarantines`: only those decided on this day or later.
    #[param(format = Date)]
    pub decided_first: Option<String>,
    /// Of `quarantines`: only those decided on this day or earlier.
    #[param(format = Date)]
    pub decided_last: Option<String>,
    /// `created` (if left out), `reported` or `onset`.
    pub sort: Option<String>,
    /// `asc` (if left out) or `desc`.
    pub order: Option<String>,
    /// Language of headers: `de` or `en`; else the authority's.
    pub language: Option<String>,
    /// What stands between cells: `semicolon` or `comma`; else what spreadsheets of the language read.
    pub delimiter: Option<String>,
}

/// Cases that were selected one by one, as a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SelectedExport {
    /// The cases, in the order of the file.
    #[schema(max_items = 20000)]
    pub case_ids: Vec<Uuid>,
    /// Language of headers: `de` or `en`; else the authority's.
    pub language: Option<String>,
    /// What stands between cells: `semicolon` or `comma`; else what spreadsheets of the language read.
    pub delimiter: Option<String>,
}

/// A workbook to be made.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkbook {
    /// `cases`, `line_list`, `quarantines`, `contacts_without_quarantine` or `external`.
    pub kind: String,
    /// Which cases.
    #[serde(default)]
    pub selection: ExportQuery,
    /// These cases alone; the selection's filters don't matter then.
    #[schema(max_items = 20000)]
    pub case_ids: Option<Vec<Uuid>>,
}

/// A workbook that somebody asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Workbook {
    /// Its id.
    pub export_id: Uuid,
    /// The job that makes it, to be watched.
    pub job_id: Uuid,
    /// What it holds.
    pub kind: String,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Rows done so far; of a finished one, rows in it.
    pub n_rows: i64,
    /// Its size; `null` until it is done.
    pub bytes: Option<i64>,
    /// User name of who asked for it.
    pub account: String,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it is deleted.
    #[schema(format = DateTime)]
    pub ends_at: String,
}

/// Somebody who keeps a diary, with their case.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EnrolledCase {
    /// The case.
    pub case_id: Uuid,
    /// The authority's own reference.
    pub file_number: Option<String>,
    /// Whose case it is.
    pub person_id: Uuid,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// Disease.
    pub disease: String,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Date of birth.
    #[schema(format = Date)]
    pub born: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Mobile telephone.
    pub mobile: Option<String>,
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
    /// What is ordered: `quarantine` or `isolation`.
    pub quarantine_kind: Option<String>,
    /// On which days.
    pub quarantine: Option<DayRange>,
    /// First day with symptoms.
    #[schema(format = Date)]
    pub symptom_onset: Option<String>,
    /// Day of the test.
    #[schema(format = Date)]
    pub tested_on: Option<String>,
}
