//! Occasions: made by the authority, filled by whoever has the code, read for a reason.

use crate::http::problem::FieldError;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// An occasion that is to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOccasion {
    /// Made by whoever makes the occasion: the same twice is one.
    pub occasion_id: Uuid,
    /// What it is called.
    #[schema(max_length = 200)]
    pub title: String,
    /// Where it was.
    #[schema(max_length = 200)]
    pub place: String,
    /// Whom to ask for the list.
    #[schema(max_length = 200)]
    pub contact: Option<String>,
    /// Its beginning.
    pub from: Option<String>,
    /// Its end, not included; at most 31 days later, and at most 16 days ago.
    pub until: Option<String>,
    /// The case because of which it is made.
    pub case_id: Option<Uuid>,
}

/// An occasion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Occasion {
    /// Its id.
    pub occasion_id: Uuid,
    /// What it is called; null where personal fields are locked.
    pub title: Option<String>,
    /// Where it was; null where personal fields are locked.
    pub place: Option<String>,
    /// Whom to ask for the list.
    pub contact: Option<String>,
    /// Its beginning.
    pub from: String,
    /// Its end, not included.
    pub until: String,
    /// The code by which visitors are handed in; null where personal fields are locked.
    pub code: Option<String>,
    /// Whether the code works now.
    pub takes_visitors: bool,
    /// The case because of which it was made.
    pub case_id: Option<Uuid>,
    /// When it was made.
    pub created_at: String,
    /// When it was closed.
    pub closed_at: Option<String>,
    /// How many visitors were handed in, also those who are deleted by now.
    pub n_visitors: u64,
}

/// An occasion with what is there of its list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OccasionSheet {
    /// The occasion.
    pub occasion: Occasion,
    /// The authority's short code, which belongs to the code.
    pub authority: String,
    /// The authority's time zone.
    pub time_zone: String,
    /// How many visitors are kept now.
    pub n_kept: u64,
    /// Who opened its list, newest first.
    pub openings: Vec<OccasionOpening>,
}

/// Where the list of occasions goes on.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OccasionQuery {
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

/// That somebody opened the list of an occasion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OccasionOpening {
    /// Its id.
    pub list_id: Uuid,
    /// When.
    pub opened_at: String,
    /// By whom: a user name.
    pub by: String,
    /// Why.
    pub reason: String,
    /// What else was said.
    pub note: Option<String>,
    /// How many visitors were on it.
    pub n_visitors: usize,
}

/// Why a list is opened.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedVisitors {
    /// `infection_reported`, `asked_by_authority`, `own_outbreak` or `other`. A list without a reason is refused.
    pub reason: Option<String>,
    /// What else is to be said; needed for `other`.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// What is asked of an opened list. All of it must hold.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorFilter {
    /// The area, written in any way.
    #[schema(max_length = 120)]
    pub area: Option<String>,
    /// How the seat begins.
    #[schema(max_length = 120)]
    pub seat: Option<String>,
    /// A piece of a name, of a group, or of the value of a qualifier.
    #[schema(max_length = 120)]
    pub text: Option<String>,
    /// With `near_until`: from when the case was there.
    pub near_from: Option<String>,
    /// With `near_from`: until when.
    pub near_until: Option<String>,
    /// Minutes before or after that, at most. 0: at the same time.
    #[schema(maximum = 44640)]
    pub near_min: Option<u32>,
}

/// Some visitors of an opened list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorQuery {
    /// What is asked.
    pub filter: VisitorFilter,
    /// How many are passed over.
    pub offset: usize,
    /// Most visitors on the page.
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A part of an opened list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VisitorPage {
    /// The opening: under this id the list can be read again.
    pub list_id: Uuid,
    /// Until when it can be read by who opened it.
    pub readable_until: String,
    /// How many visitors the filter holds for.
    pub n_found: usize,
    /// How many are passed over before the first that stands here.
    pub offset: usize,
    /// The areas of the whole list: two hundred at most.
    pub areas: Vec<String>,
    /// Them: the nearest in time first, then by area, seat and name.
    pub items: Vec<SeenVisitor>,
}

/// A visitor on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SeenVisitor {
    /// Who, as they were handed in.
    #[serde(flatten)]
    pub visitor: Visitor,
    /// From when they were there.
    pub stay_from: String,
    /// Until when.
    pub stay_until: String,
    /// Minutes between their stay and the asked time; 0 where they overlap.
    pub gap_min: i64,
    /// Minutes together with the asked time; of the whole stay where none was asked.
    pub together_min: i64,
}

/// A visitor as they are handed in. A name, and one of telephone, e-mail address, or street with city is needed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visitor {
    /// Made by whoever hands in: the same again is the same visitor; with other values it is refused.
    pub visitor_id: Uuid,
    /// Of which group: a table, a class, a bus.
    pub group: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Street.
    pub street: Option<String>,
    /// House number.
    pub house_number: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// City.
    pub city: Option<String>,
    /// Area: hall, block, stand.
    pub area: Option<String>,
    /// Seat, with its row.
    pub seat: Option<String>,
    /// From when they were there; else from the beginning.
    pub from: Option<String>,
    /// Until when; else to the end.
    pub until: Option<String>,
    /// What else is known of them: ten at most.
    #[serde(default)]
    #[schema(max_items = 10)]
    pub qualifiers: Vec<Qualifier>,
}

/// Something that only this kind of occasion knows of its visitors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Qualifier {
    /// What it is.
    #[schema(max_length = 40)]
    pub label: String,
    /// Its value.
    #[schema(max_length = 120)]
    pub value: String,
}

/// What holds for all visitors of a block who don't say otherwise.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorGroup {
    /// What the group is called.
    pub name: Option<String>,
    /// Where they were.
    pub area: Option<String>,
    /// From when.
    pub from: Option<String>,
    /// Until when.
    pub until: Option<String>,
}

/// Visitors that a program hands in, by the authority of its key.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Visitors {
    /// The code of the occasion.
    pub code: String,
    /// What holds for all of them.
    pub group: Option<VisitorGroup>,
    /// Them: 1 to 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    pub visitors: Vec<Visitor>,
}

/// Visitors that somebody without an account hands in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormVisitors {
    /// Short code of the authority.
    pub authority: String,
    /// The code of the occasion.
    pub code: String,
    /// What holds for all of them.
    pub group: Option<VisitorGroup>,
    /// Them: 1 to 1,000.
    #[schema(min_items = 1, max_items = 1000)]
    pub visitors: Vec<Visitor>,
}

/// What became of visitors who were handed in together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HandedIn {
    /// How many are here now, those from before included.
    pub n_taken: usize,
    /// How many of these were here before.
    pub n_again: usize,
    /// Who was refused: change them, and hand them in again.
    pub refused: Vec<RefusedVisitor>,
    /// The day from whose beginning nobody can read who was taken now.
    pub deleted_on: String,
}

/// A visitor who was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefusedVisitor {
    /// Which of the block, counted from 0.
    pub at: usize,
    /// Their id.
    pub visitor_id: Uuid,
    /// What must change.
    #[serde(flatten)]
    pub wrong: FieldError,
}

/// A code that somebody typed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypedCode {
    /// Short code of the authority.
    pub authority: String,
    /// The code of the occasion.
    pub code: String,
}

/// That a code works. Nothing is said of the occasion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct WorkingCode {
    /// Name of the authority.
    pub authority: String,
    /// Its time zone, in which times of visitors are meant.
    pub time_zone: String,
    /// The day from whose beginning nobody can read who is handed in today.
    pub deleted_on: String,
}

/// Contact cases that are to be made.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedContacts {
    /// Made by whoever asks: the same twice is one.
    pub step_id: Uuid,
    /// The index case that was there.
    pub case_id: Uuid,
    /// Who becomes a contact case; null for all that `matching` holds for.
    pub visitor_ids: Option<Vec<Uuid>>,
    /// Who becomes a contact case, by what is asked of the list; null where they are named.
    pub matching: Option<VisitorFilter>,
}

/// How far a step is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContactStep {
    /// Its id.
    pub step_id: Uuid,
    /// The index case.
    pub case_id: Uuid,
    /// `waiting`, `running`, `done`, `failed`, `cancelled`.
    pub state: String,
    /// Why it failed.
    pub problem: Option<String>,
    /// How many visitors wait.
    pub n_waiting: u64,
    /// How many are contact cases.
    pub n_done: u64,
    /// How many are the case themselves, by name and telephone or e-mail address.
    pub n_oneself: u64,
    /// How many can't be read any more.
    pub n_gone: u64,
}
