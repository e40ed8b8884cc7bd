//! Work on cases: opening and changing them, status, items, calls, comments, assignment, the worklist.

use super::cases::{CaseRow, DayRange};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A case that is to be opened. Ids are made by whoever takes it down (UUID of version 7), so that sending it twice opens
/// one case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
    /// Id of the case.
    pub case_id: Uuid,
    /// Id of the person.
    pub person_id: Uuid,
    /// Whether the person is known already; else they are made from the details.
    pub person_is_known: bool,
    /// Which disease; without it the authority's.
    pub disease: Option<String>,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// What is known, by field: `first_name`, `last_name`, `born`, `sex`, `phone`, `mobile`, `email`, `says_no_email` (`yes`
    /// or `no`), `street`, `house_number`, `postcode`, `city`, `language`, `classification`, `file_number`, `onset`,
    /// `tested`, `reported`, `exposed_first`, `exposed_last`, `died`, `place`, `setting`, `outcome`, `note`.
    pub details: BTreeMap<String, Option<String>>,
}

/// A case that was opened.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct OpenedCase {
    /// Id of the case.
    pub case_id: Uuid,
    /// Id of the person.
    pub person_id: Uuid,
}

/// Details that are to change. Fields that aren't named stay; `null` empties one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeDetails {
    /// By field; the fields of a new case, and `case_type`.
    pub changes: BTreeMap<String, Option<String>>,
    /// The last change that was seen, from the case's work; a field that somebody changed since is refused with 409.
    pub seen: Option<Uuid>,
}

/// What a case is to become.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeStatus {
    /// `open`, `tracked_manually`, `external`, `concluded`.
    pub status: String,
    /// For `concluded`: `completed`, `recovered`, `died`, `lost_to_follow_up`, `not_a_case` or `moved`.
    pub conclusion: Option<String>,
    /// Why, in words; needed to open a concluded case again.
    pub text: Option<String>,
}

/// A positive test.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PositiveTest {
    /// Day on which the sample was taken.
    #[schema(format = Date)]
    pub tested_on: String,
    /// Id for the case, should it be a new infection of the same person.
    pub new_case_id: Uuid,
}

/// What a positive test made of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct AfterTest {
    /// `confirmed`, `became_index`, `reopened` or `new_case`.
    pub what: String,
    /// The case that is at work now.
    pub case_id: Uuid,
}

/// To whom a case is given.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignCase {
    /// Whose it is; `null` for nobody's.
    pub account_id: Option<Uuid>,
}

/// Somebody to whom cases can be given.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Assignee {
    /// Their id.
    pub account_id: Uuid,
    /// User name.
    pub name: String,
}

/// Those to whom cases can be given.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Assignees {
    /// By name.
    pub items: Vec<Assignee>,
}

/// A call that was made.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCall {
    /// Its id, made by whoever notes it: the same call twice is one.
    pub call_id: Uuid,
    /// When; without it now.
    #[schema(format = DateTime)]
    pub called_at: Option<String>,
    /// `reached`, `not_reached`, `call_back` or `wrong_number`.
    pub outcome: String,
    /// For `call_back`: when.
    #[schema(format = DateTime)]
    pub call_back_at: Option<String>,
    /// What was said.
    pub note: Option<String>,
}

/// A call.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Call {
    /// Its id.
    pub call_id: Uuid,
    /// When.
    #[schema(format = DateTime)]
    pub called_at: String,
    /// User name of who called.
    pub account: String,
    /// `reached`, `not_reached`, `call_back` or `wrong_number`.
    pub outcome: String,
    /// When to call again.
    #[schema(format = DateTime)]
    pub call_back_at: Option<String>,
    /// What was said.
    pub note: Option<String>,
}

/// A comment to be written.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComment {
    /// Its id, made by whoever writes it: the same comment twice is one.
    pub comment_id: Uuid,
    /// The text.
    pub text: String,
}

/// A comment.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Comment {
    /// Its id.
    pub comment_id: Uuid,
    /// When it was written.
    #[schema(format = DateTime)]
    pub written_at: String,
    /// User name of who wrote it; empty where the patient did.
    pub account: String,
    /// Whether the patient wrote it, or who acts for them.
    pub is_patients: bool,
    /// The text; `null` where the server has no key.
    pub text: Option<String>,
}

/// Something that must be looked at, or was.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Item {
    /// Its id.
    pub item_id: Uuid,
    /// What: `initial_call`, `details_missing`, `call_back`, `wrong_contact_details`, `quarantine_ending`, …
    pub kind: String,
    /// `medical` or `process`.
    pub category: String,
    /// What made it: for missing details their names, for the end of quarantine the day, for a missing diary entry its
    /// half day (`2026-03-01 morning`), else an id or an instant.
    pub cause: String,
    /// When it arose.
    #[schema(format = DateTime)]
    pub arose_at: String,
    /// Until when it is hidden.
    #[schema(format = DateTime)]
    pub hidden_until: Option<String>,
    /// Whether somebody can resolve it by hand.
    pub can_be_resolved: bool,
    /// Whether that needs a text.
    pub needs_a_text: bool,
    /// How it ended: `checked`, `by_itself`, `dismissed`, `concluded`; `null` while it waits.
    pub resolution: Option<String>,
    /// When it ended.
    #[schema(format = DateTime)]
    pub resolved_at: Option<String>,
    /// User name of who resolved it; `null` by itself.
    pub resolved_by: Option<String>,
}

/// Items to be resolved or taken back.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResolveItems {
    /// Which; none for all that can be resolved by hand.
    pub items: Vec<Uuid>,
    /// Why; needed to dismiss an exposure.
    pub text: Option<String>,
}

/// Items that were resolved; give their ids back to take that back.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ResolvedItems {
    /// Their ids.
    pub items: Vec<Uuid>,
}

/// Until when an item is hidden.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnoozeItem {
    /// An instant within the next 31 days; `null` shows it again.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// How a step of the case stands against 24 and 48 hours.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Milestone {
    /// `assigned`, `first_call`, `contacts_named`, `contacts_notified` or `quarantined`.
    pub name: String,
    /// When it was reached.
    #[schema(format = DateTime)]
    pub at: Option<String>,
    /// `on_time` (24 h after the report), `late` (48 h), `too_late`, `running`, `overdue` or `unknown`.
    pub standing: String,
}

/// What a laboratory found.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct LaboratoryResult {
    /// Its id.
    pub result_id: Uuid,
    /// Who examined the sample.
    pub laboratory: String,
    /// Its number there.
    pub sample: String,
    /// `positive`, `negative` or `indeterminate`.
    pub outcome: String,
    /// How.
    pub method: Option<String>,
    /// Day on which the sample was taken.
    #[schema(format = Date)]
    pub specimen_on: Option<String>,
    /// When the authority was told.
    #[schema(format = DateTime)]
    pub reported_at: String,
}

/// Where a case stands.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CaseStanding {
    /// Its id.
    pub case_id: Uuid,
    /// `index`, `contact`, `contact_medical` or `contact_vulnerable`.
    pub case_type: String,
    /// The authority's own reference.
    pub file_number: Option<String>,
    /// `open`, `tracked_manually`, `in_registration`, `registered`, `tracking`, `external`, `concluded`, `handed_over` or
    /// `anonymised`.
    pub status: String,
    /// Since when.
    #[schema(format = DateTime)]
    pub status_since: String,
    /// Where it stood before it was concluded.
    pub status_before: Option<String>,
    /// Why it was concluded.
    pub conclusion: Option<String>,
    /// On which day.
    #[schema(format = Date)]
    pub concluded_on: Option<String>,
    /// Whose it is.
    pub assigned_to: Option<Uuid>,
    /// Days of quarantine or isolation.
    pub quarantine: Option<DayRange>,
    /// Which of the two it is: `quarantine` or `isolation`.
    pub quarantine_kind: Option<String>,
    /// Weights of the items that wait; 0 where none does.
    pub priority: f64,
    /// When the oldest of them arose.
    #[schema(format = DateTime)]
    pub waiting_since: Option<String>,
}

/// How work on a case stands.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CaseWork {
    /// Status, type, priority.
    pub standing: CaseStanding,
    /// User name of whose it is.
    pub assignee: Option<String>,
    /// Statuses that the reader can give it now.
    pub next: Vec<String>,
    /// Details that can be changed, by field, with their values; a field without a value isn't in it.
    pub details: BTreeMap<String, Option<String>>,
    /// Items that wait or are hidden, then those that are over.
    pub items: Vec<Item>,
    /// Calls, newest first.
    pub calls: Vec<Call>,
    /// Comments, newest first.
    pub comments: Vec<Comment>,
    /// What laboratories found, newest first.
    pub results: Vec<LaboratoryResult>,
    /// When the authority was told.
    #[schema(format = DateTime)]
    pub reported_at: Option<String>,
    /// The steps that are measured, in their order.
    pub milestones: Vec<Milestone>,
    /// Whether another authority was asked to take it over, or asked this one.
    pub has_hand_overs: bool,
    /// The last change that was seen; give it back with changes of details.
    pub seen: Option<Uuid>,
    /// Whether personal fields are missing because the key of the authority is not here.
    pub names_locked: bool,
}

/// Which of those who wait, from where on.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WorklistQuery {
    /// `anybody` (default), `me`, `nobody`.
    pub whose: Option<String>,
    /// Only those who wait for this kind of item.
    pub kind: Option<String>,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// People of a page, 1 to 200; 50 without it.
    pub limit: Option<u32>,
}

/// Which of those who wait to count.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WorklistCountQuery {
    /// `anybody` (default), `me`, `nobody`.
    pub whose: Option<String>,
    /// Only those who wait for this kind of item.
    pub kind: Option<String>,
}

/// How many wait.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct WorklistCount {
    /// How many.
    pub count: u64,
    /// Whether there are more than were counted.
    pub capped: bool,
}

/// Somebody who waits.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct WorklistRow {
    /// What lists show of the case.
    pub case: CaseRow,
    /// Status, type, quarantine, priority.
    pub standing: CaseStanding,
    /// User name of whose it is.
    pub assignee: Option<String>,
    /// The number to dial.
    pub phone: Option<String>,
    /// Details that are missing: `phone`, `born`, `email_or_address`.
    pub missing: Vec<String>,
    /// Why they wait, in the order in which it arose.
    pub items: Vec<Item>,
    /// The last call, without its note.
    pub last_call: Option<Call>,
}

/// A page of those who wait, the most urgent first.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct WorklistPage {
    /// The people.
    pub items: Vec<WorklistRow>,
    /// Give it back as `cursor` to get the next page; `null` on the last one.
    pub next: Option<String>,
    /// Whether personal fields are `null` because the key of the authority is not here.
    pub names_locked: bool,
}
