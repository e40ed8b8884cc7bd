//! The audit log.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// One record of the audit log.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditEntry {
    /// Its id.
    pub audit_id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    pub recorded_at: String,
    /// User name of who did it.
    pub account: String,
    /// In which role.
    pub role: String,
    /// What was done.
    pub operation: String,
    /// The first twenty that were shown or changed.
    pub subjects: Vec<AuditSubject>,
    /// Persons or rows that it was about.
    pub n_subjects: i64,
    /// Why, where a reason was asked for.
    pub reason: String,
    /// Where from: `command_line`, `loopback`, `network`.
    pub source: String,
    /// Number in the chain; `null` until chained, within a second.
    pub seq: Option<i64>,
}

/// Whom or what a record is about.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditSubject {
    /// Its id.
    pub id: String,
    /// What imported files call the person, if it is one.
    pub reference: Option<String>,
    /// `person` or `other`.
    pub kind: String,
}

/// Which records.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only of this account.
    pub account_id: Option<Uuid>,
    /// Only this operation.
    pub operation: Option<String>,
    /// From this day on.
    #[param(format = Date)]
    pub first: Option<String>,
    /// Until this day, included.
    #[param(format = Date)]
    pub last: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Most records on the page.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What a check of the chain found.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// Records whose hash was checked.
    pub n_checked: u64,
    /// Records that aren't chained yet. That is no break.
    pub n_unchained: u64,
    /// The first break; `null` if the chain holds.
    pub first_break: Option<String>,
}
