//! Stays of cases at venues, codes by which guests show theirs, and guest lists that are asked for because of a stay.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A venue as stays and requests name it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct StayVenue {
    /// 10 characters of Crockford's base 32.
    pub venue_id: String,
    /// Name.
    pub name: String,
    /// Town.
    pub city: String,
    /// Its areas, those too that take no guests any more.
    pub areas: Vec<StayArea>,
}

/// An area of a venue.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct StayArea {
    /// 10 characters of Crockford's base 32.
    pub area_id: String,
    /// Name.
    pub name: String,
}

/// Where and when a case was.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStay {
    /// Made by whoever takes it down: the same twice is one stay.
    pub stay_id: Uuid,
    /// The venue.
    pub venue_id: String,
    /// The area; `null` for the whole venue, or where nobody knows.
    pub area_id: Option<String>,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included; within 24 hours.
    #[schema(format = DateTime)]
    pub until: String,
}

/// Where and when a case really was.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedStay {
    /// The venue.
    pub venue_id: String,
    /// The area; `null` for the whole venue, or where nobody knows.
    pub area_id: Option<String>,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included; within 24 hours.
    #[schema(format = DateTime)]
    pub until: String,
}

/// A stay of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Stay {
    /// Its id.
    pub stay_id: Uuid,
    /// The venue.
    pub venue_id: String,
    /// The area; `null` for the whole venue, or where nobody knows.
    pub area_id: Option<String>,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// `worker`, `shared`, `list`.
    pub source: String,
    /// The case because of which the list was asked for, if it comes from one.
    pub origin_case_id: Option<Uuid>,
    /// When it was taken down.
    #[schema(format = DateTime)]
    pub noted_at: String,
}

/// The stays of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Stays {
    /// The latest first.
    pub items: Vec<Stay>,
    /// Their venues.
    pub venues: Vec<StayVenue>,
    /// Until when the case's code works; `null` without one.
    #[schema(format = DateTime)]
    pub code_until: Option<String>,
}

/// A code by which a guest shows their stays, to be read out. It is shown once.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NewShareCode {
    /// 8 characters.
    pub code: String,
    /// Until when it works.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// A guest list that is to be asked for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewListRequest {
    /// Made by whoever asks: the same twice is one request.
    pub request_id: Uuid,
    /// Because of which stay.
    pub stay_id: Uuid,
    /// From when; `null` for the beginning of the stay.
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// Until when, not included; `null` for its end and the time until the room is safe.
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// A guest list that was asked for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ListRequest {
    /// Its id.
    pub request_id: Uuid,
    /// Because of which stay.
    pub stay_id: Uuid,
    /// Which venue.
    pub venue_id: String,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// `asked`, `released`, `withdrawn`, `expired`: its days were deleted before anybody answered.
    pub state: String,
    /// When it was asked.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it was released or withdrawn.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Guests that were released and are still here.
    pub n_guests: u32,
}

/// The guest lists that were asked for because of a case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct ListRequests {
    /// Newest first.
    pub items: Vec<ListRequest>,
    /// Their venues.
    pub venues: Vec<StayVenue>,
}

/// What a venue is asked for: for which time, never because of whom.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestToVenue {
    /// Its id.
    pub request_id: Uuid,
    /// From when.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// `asked`, `released`, `withdrawn`, `expired`.
    pub state: String,
    /// When it was asked.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it was released or withdrawn.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
}

/// What a venue is and was asked for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestsToVenue {
    /// The authority's time zone, in which the venue's days begin and end.
    pub time_zone: String,
    /// Newest first, at most a hundred.
    pub items: Vec<RequestToVenue>,
}

/// Somebody who is known, and may be the guest.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct MayBe {
    /// The person.
    pub person_id: Uuid,
    /// Given names.
    pub first_name: Option<String>,
    /// Family names.
    pub last_name: Option<String>,
    /// How alike they are, 0 to 1.
    pub score: f64,
}

/// A guest who was on a list that was asked for.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
pub struct ReleasedGuest {
    /// The check-in.
    pub visit_id: Uuid,
    /// Where.
    pub venue_id: String,
    /// The area; `null` for the whole venue.
    pub area_id: Option<String>,
    /// From when they were there.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// Name; `null` where personal fields are locked.
    pub name: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Address, in one line.
    pub address: Option<String>,
    /// More people of the same household who came along without an entry of their own.
    pub household: u32,
    /// `late`, `outside_hours`, `over_capacity`, `unconfirmed`.
    pub marks: Vec<String>,
    /// Minutes together with the case, in its area as far as that is known.
    pub together_min: f64,
    /// Minutes there after the case had left, before the room was aired.
    pub aired_min: f64,
    /// Minutes in other areas at the same time.
    pub elsewhere_min: f64,
    /// `same_area`, `same_venue` (of one of them the area isn't known), `other_area`.
    pub nearness: String,
    /// Whether they were together on days on which the case wasn't infectious, by the rule. These minutes don't count.
    pub outside: bool,
    /// The score, as exposures have it.
    pub score: f64,
    /// Whether they are at risk by the rule of close contacts.
    pub at_risk: bool,
    /// Whether it may be the case themselves.
    pub may_be_case: bool,
    /// Who they may be.
    pub may_be: Vec<MayBe>,
    /// The contact case that was opened.
    pub contact_case_id: Option<Uuid>,
}

/// The guests that were released because of a case.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
pub struct ReleasedGuests {
    /// At risk first, then by score.
    pub items: Vec<ReleasedGuest>,
    /// Their venues.
    pub venues: Vec<StayVenue>,
    /// Version of the rules; 0 is the built-in one.
    pub rule_version: i32,
    /// Name of the rule of close contacts.
    pub close_contact_rule: String,
    /// Minutes after which a room is safe again.
    pub room_safe_after_min: u32,
    /// First day on which the case infects others; `null` where nobody knows, and then all counts.
    #[schema(format = Date)]
    pub infectious_first: Option<String>,
    /// Last day of them.
    #[schema(format = Date)]
    pub infectious_last: Option<String>,
    /// Whether the authority's key isn't here, so that nobody is named.
    pub names_locked: bool,
}

/// A guest who is to become a contact case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenGuest {
    /// The check-in.
    pub visit_id: Uuid,
    /// Id of the person: made by whoever decides, or of somebody who was recognised.
    pub person_id: Uuid,
    /// Whether it is somebody who is known.
    pub person_is_known: bool,
    /// Id for the case, should one be opened.
    pub case_id: Uuid,
}

/// Guests who are to become contact cases: all or none.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChosenGuests {
    /// 1 to 200.
    pub guests: Vec<ChosenGuest>,
}

/// A guest with their contact case.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestCase {
    /// The check-in.
    pub visit_id: Uuid,
    /// The contact case: opened, or there before.
    pub case_id: Uuid,
}

/// The contact cases of guests.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestCases {
    /// In the order in which they were sent.
    pub items: Vec<GuestCase>,
}
