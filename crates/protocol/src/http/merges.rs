//! Two persons who are one.

use super::cases::DayRange;
use super::duplicates::Duplicate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which other person is meant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeWith {
    /// Who would be merged into the person of the path.
    pub other_id: Uuid,
}

/// A field of which at least one record has a value.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FieldComparison {
    /// Which.
    pub field: String,
    /// Value of the record that stays.
    pub kept: Option<String>,
    /// Value of the other one.
    pub other: Option<String>,
    /// Whose value holds if nobody chooses: `kept` or `other`.
    pub takes: String,
}

/// Two cases that would become one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CaseComparison {
    /// Of which disease.
    pub disease: String,
    /// The case that goes on: the one reported first.
    pub kept_case_id: Uuid,
    /// Whose it is.
    pub kept_of: Uuid,
    /// The case that becomes part of it.
    pub folded_case_id: Uuid,
    /// Its fields; `kept` is the case that goes on.
    pub fields: Vec<FieldComparison>,
    /// Its type, afterwards: once index, always index.
    pub case_type: String,
    /// How sure it is, afterwards.
    pub classification: String,
    /// Where it stands, afterwards.
    pub status: String,
    /// Its quarantine, afterwards.
    pub quarantine: Option<DayRange>,
    /// A longer one that follows from both. A proposal: a merge sets none.
    pub proposed_quarantine: Option<DayRange>,
}

/// The last change of each record that somebody has seen; `null` where there is none.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenOfBoth {
    /// Of the record that stays.
    pub kept: Option<Uuid>,
    /// Of the other one.
    pub other: Option<Uuid>,
}

/// A patient's account that acts for one of the two, or for both.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ActingAccount {
    /// Its id.
    pub patient_id: Uuid,
    /// User name.
    pub user_name: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Whether it acts for the person who stays.
    pub acts_for_kept: bool,
    /// Whether it acts for the other one.
    pub acts_for_other: bool,
    /// Whether it acts for somebody else too, and goes on doing so.
    pub acts_for_others: bool,
}

/// What a merge would do.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct MergePreview {
    /// Who stays.
    pub person_id: Uuid,
    /// Who would be merged into them.
    pub other_id: Uuid,
    /// The person's fields.
    pub fields: Vec<FieldComparison>,
    /// Cases that would become one.
    pub cases: Vec<CaseComparison>,
    /// The accounts of which one is to act from then on; empty where there is nothing to choose.
    pub accounts: Vec<ActingAccount>,
    /// Rows that would move, by table.
    pub moves: BTreeMap<String, u64>,
    /// Meetings of the two with each other, which would count no more.
    pub n_between: u64,
    /// What was seen; the merge asks for it.
    pub seen: SeenOfBoth,
}

/// Whose values a case takes that others become part of.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseChoices {
    /// The case that becomes part of another.
    pub folded_case_id: Uuid,
    /// Whose value holds, by field: `kept` or `other`.
    pub values: BTreeMap<String, String>,
}

/// Two persons who are to become one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMerge {
    /// Its id, made by whoever merges (UUID of version 7): the same merge twice is one.
    pub merge_id: Uuid,
    /// Who is merged into the person of the path.
    pub other_id: Uuid,
    /// Whose value holds, by field: `kept` or `other`. Where nobody chose, that of the record that stays, if it has one.
    pub values: BTreeMap<String, String>,
    /// The same for cases.
    pub cases: Vec<CaseChoices>,
    /// Which account acts from then on, where both have one; without it, that of the person who stays. The other can't
    /// sign in for this person any more, until the merge is undone.
    #[serde(default)]
    pub account: Option<Uuid>,
    /// What was seen.
    pub seen: SeenOfBoth,
}

/// Two cases that became one.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct FoldedCase {
    /// The case that goes on.
    pub kept_case_id: Uuid,
    /// The case that is part of it now; its id leads there.
    pub folded_case_id: Uuid,
}

/// Days of quarantine that follow from both cases and are longer than what was ordered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ProposedQuarantine {
    /// The case.
    pub case_id: Uuid,
    /// The days.
    pub days: DayRange,
}

/// A merge of two persons.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Merge {
    /// Its id.
    pub merge_id: Uuid,
    /// Who stays.
    pub person_id: Uuid,
    /// Who was merged into them; their id leads to the one who stays.
    pub gone_id: Uuid,
    /// User name of who merged.
    pub account: String,
    /// When.
    #[schema(format = DateTime)]
    pub merged_at: String,
    /// When it was undone.
    #[schema(format = DateTime)]
    pub undone_at: Option<String>,
    /// Until when it can be undone; `null` if it can't, or if a later merge must be undone first.
    #[schema(format = DateTime)]
    pub undo_until: Option<String>,
    /// Rows that moved, by table.
    pub moved: BTreeMap<String, u64>,
    /// Cases that became one.
    pub cases: Vec<FoldedCase>,
    /// Meetings of the two with each other, which count no more.
    pub n_between: u64,
    /// Longer quarantines that follow. Proposals: none was set.
    pub proposed_quarantines: Vec<ProposedQuarantine>,
}

/// The merges into a person that are remembered.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Merges {
    /// The newest first, those that were undone too.
    pub items: Vec<Merge>,
}

/// A merge that was undone.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct UndoneMerge {
    /// The merge.
    pub merge_id: Uuid,
    /// Who stayed.
    pub person_id: Uuid,
    /// Who is there again.
    pub gone_id: Uuid,
    /// Rows that were added since and stay with the person who stayed, by table.
    pub stays: BTreeMap<String, u64>,
    /// Fields that somebody changed since and that keep what was written, as `table.column`.
    pub changed_since: Vec<String>,
}

/// Somebody who came lately, and who they may be.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Newcomer {
    /// Their id.
    pub person_id: Uuid,
    /// What imported files call them; the first.
    pub reference: Option<String>,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// Date of birth.
    pub born: Option<String>,
    /// Who they may be, the most alike first.
    pub duplicates: Vec<Duplicate>,
}

/// Who came lately and looks like somebody who was there.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Newcomers {
    /// Those of this page; it may be empty although others follow.
    pub items: Vec<Newcomer>,
    /// How many newcomers were looked at for it.
    pub n_compared: usize,
    /// What to ask for next, as `after`; `null` at the end.
    pub next: Option<Uuid>,
}
