//! The authority in numbers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Cases of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaseTally {
    /// Which disease.
    pub disease: String,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// Where they stand.
    pub status: String,
    /// How many.
    pub n: i64,
}

/// New cases of a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewCases {
    /// Day of report.
    #[schema(format = Date)]
    pub date: String,
    /// Index cases.
    pub index: u64,
    /// Contacts.
    pub contacts: u64,
}

/// The numbers of an authority today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dashboard {
    /// The day, in the authority's time zone.
    #[schema(format = Date)]
    pub today: String,
    /// How many cases there are of each kind; kinds without cases are left out.
    pub cases: Vec<CaseTally>,
    /// Cases at work that are in quarantine or isolation today.
    pub quarantined: u64,
    /// Those of them whose last day is today.
    pub quarantine_ends_today: u64,
    /// New cases by day of report, fourteen days to today, each day once.
    pub new: Vec<NewCases>,
    /// Cases that wait for somebody, up to 10,000.
    pub waiting: u64,
    /// Whether more wait than that.
    pub waiting_capped: bool,
    /// Mails that wait to be sent.
    pub mails_waiting: i64,
    /// Mails that were not delivered.
    pub mails_failed: i64,
}
