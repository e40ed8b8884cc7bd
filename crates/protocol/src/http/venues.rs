//! Venues: registered, changed, seen; who works there.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Where a venue is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueAddress {
    /// Street.
    #[schema(max_length = 80)]
    pub street: String,
    /// House number.
    #[schema(max_length = 80)]
    pub house_number: String,
    /// Postcode.
    #[schema(max_length = 80)]
    pub postcode: String,
    /// City.
    #[schema(max_length = 80)]
    pub city: String,
}

/// A venue to be registered.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVenue {
    /// As it stands on posters.
    #[schema(min_length = 1, max_length = 80)]
    pub venue_name: String,
    /// `restaurant`, `cafe`, `bar`, `hotel`, `culture`, `sport`, `body_care`, `shop`, `worship` or `other`.
    pub kind: String,
    /// Where it is.
    pub address: VenueAddress,
}

/// A registration by somebody who has no account yet, or isn't signed in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueRegistration {
    /// Short code of the authority.
    pub authority: String,
    /// Language of the mail: `de`, `en` or `tr`.
    pub language: String,
    /// E-mail address; a link is mailed there.
    pub email: String,
    /// Who registers.
    pub name: String,
    /// Their telephone number; `null` if they give none.
    pub phone: Option<String>,
    /// The venue.
    pub venue: NewVenue,
}

/// A link that was mailed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldVenueLink {
    /// Short code of the authority.
    pub authority: String,
    /// What stands behind the `#`.
    pub secret: String,
}

/// What came of a link.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TakenVenueLink {
    /// The secret of an invitation by which a new account sets password and second factor; `null` if it has them.
    pub invitation: Option<String>,
}

/// A stretch of opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenSpan {
    /// Day on which it opens: 1 is Monday, 7 Sunday.
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// When it opens, such as `18:00`.
    pub opens: String,
    /// When it closes, such as `02:00`; on the next day unless later than it opens.
    pub closes: String,
}

/// An area or a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct VenueArea {
    /// Its id, ten characters, as on posters.
    pub area_id: String,
    /// As it stands on posters.
    pub name: String,
}

/// A venue in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueInList {
    /// Its id, ten characters, as on posters.
    pub venue_id: String,
    /// As it stands on posters.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where it is.
    pub address: VenueAddress,
    /// Since when it takes no guests for good; `null` while it does.
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
}

/// A venue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Venue {
    /// Its id, ten characters, as on posters.
    pub venue_id: String,
    /// Grows with each change.
    pub version: i32,
    /// As it stands on posters.
    pub name: String,
    /// What it is.
    pub kind: String,
    /// Where it is.
    pub address: VenueAddress,
    /// Its areas, in the order of its owner.
    pub areas: Vec<VenueArea>,
    /// When it is open, by day and time; empty where nobody said.
    pub hours: Vec<OpenSpan>,
    /// How many guests it holds; `null` where nobody said.
    pub capacity: Option<u32>,
    /// How long guests usually stay, in minutes.
    pub usual_stay_min: u32,
    /// Whether staff confirm that a guest is really there.
    pub confirms_by_staff: bool,
    /// Whether guests are asked for their address.
    pub asks_address: bool,
    /// When it was registered.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it last changed.
    #[schema(format = DateTime)]
    pub changed_at: String,
    /// Since when it takes no guests for good; `null` while it does.
    #[schema(format = DateTime)]
    pub closed_at: Option<String>,
}

/// One of one's own venues.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnVenueInList {
    /// The venue.
    pub venue: VenueInList,
    /// What one is there: `owner`, `list_maker` or `door`.
    pub role: String,
}

/// One's own venues.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnVenues {
    /// One's e-mail address.
    pub email: String,
    /// What one is called.
    pub name: String,
    /// One's language.
    pub language: String,
    /// The venues, longest first.
    pub venues: Vec<OwnVenueInList>,
}

/// A venue as who works there sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnVenue {
    /// The venue.
    pub venue: Venue,
    /// What one is there: `owner`, `list_maker` or `door`.
    pub role: String,
    /// What one may do there: `see`, `change`, `manage_staff`, `print_posters`.
    pub may: Vec<String>,
}

/// An area as its owner wants it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedArea {
    /// The one that is there; `null` makes a new one.
    pub area_id: Option<String>,
    /// As it stands on posters.
    #[schema(min_length = 1, max_length = 40)]
    pub name: String,
}

/// What a venue is to be, whole.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedVenue {
    /// The version that one saw.
    pub version: i32,
    /// As it stands on posters.
    #[schema(min_length = 1, max_length = 80)]
    pub venue_name: String,
    /// What it is.
    pub kind: String,
    /// Where it is.
    pub address: VenueAddress,
    /// Its areas, in order. One that isn't named any more takes no guests from now on.
    #[schema(max_items = 200)]
    pub areas: Vec<ChangedArea>,
    /// When it is open; empty: nobody says.
    #[schema(max_items = 28)]
    pub hours: Vec<OpenSpan>,
    /// How many guests it holds; `null`: nobody says.
    #[schema(minimum = 1, maximum = 500000)]
    pub capacity: Option<u32>,
    /// How long guests usually stay, in minutes.
    #[schema(minimum = 5, maximum = 1440)]
    pub usual_stay_min: u32,
    /// Whether staff confirm that a guest is really there.
    pub confirms_by_staff: bool,
    /// Whether guests are asked for their address.
    pub asks_address: bool,
}

/// Somebody who works in a venue.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueMember {
    /// The account.
    pub account_id: Uuid,
    /// E-mail address.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they are there: `owner`, `list_maker` or `door`.
    pub role: String,
    /// Whether it is oneself.
    pub is_oneself: bool,
    /// Since when.
    #[schema(format = DateTime)]
    pub joined_at: String,
}

/// Somebody who is invited and hasn't come yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueInvitation {
    /// The link.
    pub link_id: Uuid,
    /// Where it was mailed.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they will be there.
    pub role: String,
    /// Until when the link works.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// Who works in a venue, and who is invited.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct VenueStaff {
    /// Longest first.
    pub members: Vec<VenueMember>,
    /// In the order of their invitation.
    pub invitations: Vec<VenueInvitation>,
}

/// Somebody to be invited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewVenueMember {
    /// E-mail address; a link is mailed there.
    pub email: String,
    /// What they are called.
    pub name: String,
    /// What they will be there: `owner`, `list_maker` or `door`.
    pub role: String,
    /// Language of the mail: `de`, `en` or `tr`.
    pub language: String,
}

/// What somebody is to be in a venue.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangedVenueRole {
    /// `owner`, `list_maker` or `door`.
    pub role: String,
}

/// A search among the authority's venues. Their names and addresses are public.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VenueSearch {
    /// Looked for in name and address; empty: all.
    #[schema(max_length = 100)]
    pub text: String,
    /// Where the page before ended: its `next`.
    pub cursor: Option<String>,
}

/// Which posters are wanted.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PosterQuery {
    /// `a4`: one on a page, for doors; `a6`: cards for tables, four on a page.
    pub format: String,
    /// One area; else each of them, and the whole venue where it has none.
    pub area: Option<String>,
}
