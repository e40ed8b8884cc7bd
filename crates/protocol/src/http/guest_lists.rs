//! Guest lists of venues: opened, read, counted; and who is inside.

use crate::http::venues::VenueAddress;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// A list that is asked for.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedGuestList {
    /// Beginning of the window.
    pub from: Option<String>,
    /// End of it, not included; at most a day later.
    pub until: Option<String>,
    /// One area; else the whole venue.
    pub area_id: Option<String>,
    /// `infection_reported`, `asked_by_authority`, `own_outbreak` or `other`. A list without a reason is refused.
    pub reason: Option<String>,
    /// What else is to be said; needed for `other`.
    #[schema(max_length = 500)]
    pub note: Option<String>,
}

/// A list that was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuestList {
    /// The opening: under this id the list can be read again.
    pub opening_id: Uuid,
    /// The venue.
    pub venue_id: String,
    /// What it is called.
    pub venue_name: String,
    /// The authority's time zone, in which the venue's days begin and end.
    pub time_zone: String,
    /// Beginning of the window.
    pub from: String,
    /// End of it, not included.
    pub until: String,
    /// The area, where only one was asked for.
    pub area: Option<String>,
    /// Why it was opened.
    pub reason: String,
    /// What else was said.
    pub note: Option<String>,
    /// When it was opened.
    pub opened_at: String,
    /// Until when it can be read again by who opened it.
    pub readable_until: String,
    /// Days of arrival of which nothing can be read any more: whoever came on them is missing here.
    pub gone_days: Vec<String>,
    /// Visits that nobody can read, because the keys of their days were lost.
    pub n_lost: usize,
    /// Who was there, in order of arrival.
    pub entries: Vec<GuestListEntry>,
}

/// A guest on a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuestListEntry {
    /// The visit.
    pub visit_id: Uuid,
    /// When they came.
    pub arrived_at: String,
    /// When they left, or will have left at the latest.
    pub leaves_at: String,
    /// Whether they said themselves when they left.
    pub checked_out: bool,
    /// From when they may have left: the usual stay was over and they had not checked out. Null where that isn't so.
    pub may_have_left_from: Option<String>,
    /// Where in the venue.
    pub area: Option<String>,
    /// First and last name.
    pub name: String,
    /// Telephone number, as it was typed.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Where they live.
    pub address: Option<VenueAddress>,
    /// More people of the same household.
    pub household: u8,
    /// `late`, `outside_hours`, `over_capacity`, `unconfirmed`.
    pub marks: Vec<String>,
    /// Entries with the same number may be one person. Null where nobody is like this one.
    pub double: Option<u32>,
}

/// A list that somebody opened, without anybody who is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GuestListOpening {
    /// Its id.
    pub opening_id: Uuid,
    /// When.
    pub opened_at: String,
    /// `venue`: staff of the venue; `authority`.
    pub opened_by: String,
    /// What they are called; null if they work there no more.
    pub name: Option<String>,
    /// Beginning of the window.
    pub from: String,
    /// End of it, not included.
    pub until: String,
    /// Whether it was of one area only.
    pub one_area: bool,
    /// Why.
    pub reason: String,
    /// What else was said.
    pub note: Option<String>,
    /// How many visits were on it.
    pub n_visits: usize,
    /// Until when the caller can read it again; null where they can't.
    pub readable_until: Option<String>,
}

/// What list makers of a venue see of its lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnGuestLists {
    /// `venues`, or `authority`: then only the authority opens lists.
    pub opens: String,
    /// The authority's time zone, in which the venue's days begin and end.
    pub time_zone: String,
    /// How many more may be opened today.
    pub openings_left: i32,
    /// The newest openings.
    pub items: Vec<GuestListOpening>,
}

/// Which openings are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OpeningQuery {
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

/// What an authority decided about its guest lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestListSetting {
    /// Counts up with each change; sent back as it was seen.
    pub version: i32,
    /// `venues`: their own staff and the authority; `authority`: the authority alone.
    pub opens: String,
    /// Days that guests' data is kept: 1 to 14. Days that are there already end earlier, never later.
    #[schema(minimum = 1, maximum = 14)]
    pub kept_days: u8,
}

/// How many are inside a venue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Occupancy {
    /// When that is.
    pub at: String,
    /// The authority's time zone, in which the venue's days begin and end.
    pub time_zone: String,
    /// People, with those of guests' households.
    pub n_inside: usize,
    /// How many the venue holds.
    pub capacity: Option<u32>,
    /// By area.
    pub areas: Vec<AreaOccupancy>,
    /// Whom the staff hasn't confirmed yet, latest arrival first. Without names.
    pub unconfirmed: Vec<UnconfirmedVisit>,
}

/// How many are in an area.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AreaOccupancy {
    /// The area; null: those who named none.
    pub area: Option<String>,
    /// People.
    pub n_inside: usize,
}

/// A guest whom the staff hasn't confirmed yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnconfirmedVisit {
    /// The visit.
    pub visit_id: Uuid,
    /// Four characters, from the id of the visit, that the guest's receipt can show too.
    pub code: String,
    /// When they came.
    pub arrived_at: String,
    /// Where; null: no area was named.
    pub area: Option<String>,
    /// More people of the same household.
    pub household: u8,
}

/// Guests whom the staff saw.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Confirmations {
    /// Their visits, 1 to 100.
    #[schema(min_items = 1, max_items = 100)]
    pub visit_ids: Vec<Uuid>,
}

/// What was confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Confirmed {
    /// How many; whom somebody confirmed before isn't counted again.
    pub n_confirmed: usize,
}
