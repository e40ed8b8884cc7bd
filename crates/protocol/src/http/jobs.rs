//! Work that goes on after the answer.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Job {
    /// Its id.
    pub job_id: Uuid,
    /// `import.check`, `import.run`, `bulk.do` or `bulk.undo`.
    pub kind: String,
    /// What it works on: the import, or the bulk action.
    pub subject_id: Uuid,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    pub state: String,
    /// Rows done so far.
    pub done: i64,
    /// Rows in all; `null` if not known.
    pub total: Option<i64>,
    /// When it was asked for.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it ended.
    #[schema(format = DateTime)]
    pub finished_at: Option<String>,
    /// User name of who asked.
    pub account: String,
    /// Why it failed.
    pub problem: Option<JobProblem>,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProblem {
    /// In a few words.
    pub title: String,
    /// What happened, and what to do.
    pub detail: String,
}
