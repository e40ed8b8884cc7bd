//! One thing done to many cases.

use super::jobs::Job;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What is done to each case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum BulkAction {
    /// It is given to somebody of the staff; `null` lays it back.
    Assign {
        /// To whom.
        account_id: Option<Uuid>,
    },
    /// It is over, and what waits is resolved.
    Conclude {
        /// `completed`, `recovered`, `died`, `lost_to_follow_up`, `not_a_case` or `moved`.
        conclusion: String,
    },
    /// Its person gets a mail with a code, by which they open an account. Needs the public texts.
    Invite {
        /// Whether those who have a code already get another one, which ends the one before.
        #[serde(default)]
        again: bool,
    },
}

/// All cases that a list with these conditions has now.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Matching {
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
}

/// One thing to be done to many cases.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBulk {
    /// Its id, made by whoever asks (UUID of version 7): asked again, nothing more is done.
    pub bulk_id: Uuid,
    /// What is done.
    pub action: BulkAction,
    /// To these cases, at most 20,000; or else `matching`.
    pub cases: Option<Vec<Uuid>>,
    /// To all cases of a list, at most 100,000; or else `cases`.
    pub matching: Option<Matching>,
    /// A comment for each case that changes.
    #[schema(max_length = 10_000)]
    pub text: Option<String>,
}

/// Whose invitation is asked about.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitationPreview {
    /// Whether those who have a code already get another one.
    #[serde(default)]
    pub again: bool,
    /// These cases, at most 20,000; or else `matching`.
    pub cases: Option<Vec<Uuid>>,
    /// All cases of a list, at most 100,000; or else `cases`.
    pub matching: Option<Matching>,
}

/// Who would be invited by mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationPreview {
    /// Cases that are meant.
    pub n_cases: u64,
    /// Those with an e-mail address, whether they are invited or not.
    pub n_with_email: u64,
    /// Those who would get a mail.
    pub n_invited: u64,
    /// The others, by why not.
    pub left_out: LeftOut,
    /// Why nobody can be invited at all; `null` if that is not so.
    pub hindrance: Option<String>,
}

/// Who would not be invited, by why.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeftOut {
    /// The case is over.
    pub over: u64,
    /// Another authority is responsible.
    pub external: u64,
    /// Somebody can sign in for it.
    pub has_account: u64,
    /// A code was sent to them.
    pub code_sent: u64,
    /// A code is on its way to them.
    pub code_under_way: u64,
    /// There is no e-mail address.
    pub no_email: u64,
}

/// How many cases by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BulkCounts {
    /// Their turn has not come.
    pub waiting: u64,
    /// It was done.
    pub done: u64,
    /// It was so already.
    pub unchanged: u64,
    /// It can't be done; each row says why.
    pub refused: u64,
    /// It was done, and undone.
    pub undone: u64,
    /// It was done, and stays: somebody has worked on the case since.
    pub kept: u64,
}

/// A bulk action with how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Bulk {
    /// Its id.
    pub bulk_id: Uuid,
    /// What is done.
    pub action: BulkAction,
    /// To whom cases are given, by user name.
    pub assignee: Option<String>,
    /// The comment for each case; `null` without one, or where names are locked.
    pub text: Option<String>,
    /// Cases of it.
    pub n_cases: u64,
    /// What became of them.
    pub counts: BulkCounts,
    /// Whether it is being undone, or was.
    pub undoing: bool,
    /// The job that works on it, or worked last; `null` once it is gone.
    pub job: Option<Job>,
    /// User name of who asked.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BulkRow {
    /// Place in the bulk action, from 0.
    pub place: u32,
    /// The case.
    pub case_id: Uuid,
    /// Reference of the person.
    pub reference: Option<String>,
    /// Name of the person; `null` where names are locked or there is none.
    pub name: Option<String>,
    /// `waiting`, `done`, `unchanged`, `refused`, `undone` or `kept`.
    pub outcome: String,
    /// Why it was refused, was so already or stays; of what was undone, what that doesn't give back.
    pub reason: Option<String>,
}

/// Which rows are listed.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BulkRowsQuery {
    /// Only `waiting`, `done`, `unchanged`, `refused`, `undone` or `kept` ones.
    pub outcome: Option<String>,
    /// Most rows on the page; 50 if left out.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}
