//! What a guest's phone asks and sends at the door of a venue, without an account: who is there, from when, until when.
//!
//! Ids are minted by the phone, so that a retry is the same visit; what a phone may change later it proves by the secret
//! that it minted with the id.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a phone must know before it can check in.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestDoor {
    /// Who keeps the list.
    pub authority: GuestAuthority,
    /// Where the guest stands.
    pub venue: GuestVenue,
}

/// The authority of a venue, as guests see it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestAuthority {
    /// Short code.
    pub short_code: String,
    /// Name.
    pub name: String,
    /// IANA name of its time zone.
    pub time_zone: String,
    /// Languages in which it writes to people.
    pub languages: Vec<String>,
}

/// A venue, as guests see it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestVenue {
    /// 10 characters of Crockford's base 32.
    pub venue_id: String,
    /// Name.
    pub name: String,
    /// Its areas; empty where it has none.
    pub areas: Vec<GuestArea>,
    /// Whether it takes check-ins at all.
    pub open: bool,
    /// When it closes for who arrives now; `null` outside its hours, or where it named none.
    #[schema(format = DateTime)]
    pub closes_at: Option<String>,
    /// How long guests usually stay, in minutes. Ends no stay.
    pub usual_stay_min: u32,
    /// Whether the address is asked for: `yes` or `no`.
    pub asks_address: String,
    /// Whether somebody at the door confirms each check-in.
    pub confirms_by_staff: bool,
}

/// A room, a terrace, a table.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct GuestArea {
    /// 10 characters of Crockford's base 32.
    pub area_id: String,
    /// Name.
    pub name: String,
}

/// Those who check in together.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIns {
    /// Short code of the authority.
    pub authority: String,
    /// The venue.
    pub venue_id: String,
    /// The area; `null` for the venue as a whole.
    pub area_id: Option<String>,
    /// 1 to 100; where one is wrong, none is taken.
    pub visits: Vec<CheckIn>,
}

/// One guest, with as many of their household as came along.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckIn {
    /// UUID of version 7, minted by the phone.
    pub visit_id: Uuid,
    /// 128 random bits in base64url without padding: 22 characters. Only its hash is kept.
    pub secret: String,
    /// At most 5 minutes ahead of the server, at most 24 hours behind it.
    #[schema(format = DateTime)]
    pub arrived_at: String,
    /// When they will leave; `null` for closing time.
    #[schema(format = DateTime)]
    pub leaves_at: Option<String>,
    /// Name.
    pub name: String,
    /// Telephone. This or an e-mail address is needed.
    pub phone: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Where they live, if they are asked for it.
    pub address: Option<GuestAddress>,
    /// How many more of the same household came along, without an entry of their own.
    pub household: u32,
}

/// Where a guest lives.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestAddress {
    /// Street.
    pub street: String,
    /// Number of the house.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// Town.
    pub city: String,
}

/// Check-ins that are on the list.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CheckedIn {
    /// In the order in which they were sent.
    pub visits: Vec<Admitted>,
    /// Where, in the venue's own words.
    pub venue: NamedPlace,
}

/// A check-in that is on the list.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Admitted {
    /// Its id.
    pub visit_id: Uuid,
    /// From when.
    #[schema(format = DateTime)]
    pub arrived_at: String,
    /// The end as it stands: stated, else closing time; never later than 24 hours after arrival.
    #[schema(format = DateTime)]
    pub leaves_at: String,
    /// The day on which nobody can read it any more.
    #[schema(format = Date)]
    pub deleted_on: String,
    /// `late`, `outside_hours`, `over_capacity`, `unconfirmed`.
    pub marks: Vec<String>,
}

/// A venue and an area by name.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct NamedPlace {
    /// The venue.
    pub name: String,
    /// The area; `null` for the venue as a whole.
    pub area: Option<String>,
}

/// Ends of stays. A later one moves the end again.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckOuts {
    /// Short code of the authority.
    pub authority: String,
    /// The venue.
    pub venue_id: String,
    /// 1 to 100.
    pub visits: Vec<CheckOut>,
}

/// The end of a stay.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckOut {
    /// Which.
    pub visit_id: Uuid,
    /// When it began: says on which day to look.
    #[schema(format = DateTime)]
    pub arrived_at: String,
    /// What proves that it is theirs.
    pub secret: String,
    /// When it ended, or will.
    #[schema(format = DateTime)]
    pub left_at: String,
}

/// Stays whose ends are written down.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct CheckedOut {
    /// In the order in which they were sent.
    pub visits: Vec<Ending>,
}

/// The end of a stay as it stands.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Ending {
    /// Which.
    pub visit_id: Uuid,
    /// Its end.
    #[schema(format = DateTime)]
    pub leaves_at: String,
}

/// Visits that are to be deleted before their time.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EarlyDeletions {
    /// Short code of the authority.
    pub authority: String,
    /// The venue.
    pub venue_id: String,
    /// 1 to 100.
    pub visits: Vec<ProvenVisit>,
}

/// A visit, and what proves that it is one's own.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenVisit {
    /// Which.
    pub visit_id: Uuid,
    /// When it began.
    #[schema(format = DateTime)]
    pub arrived_at: String,
    /// What proves it.
    pub secret: String,
}

/// Visits that a guest shows a case worker.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedVisits {
    /// Short code of the authority.
    pub authority: String,
    /// The 8 characters that the case worker named.
    pub code: String,
    /// 1 to 100, of any venues of the authority.
    pub visits: Vec<SharedVisit>,
}

/// A visit to a venue, and what proves that it is one's own.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharedVisit {
    /// Where.
    pub venue_id: String,
    /// Which.
    pub visit_id: Uuid,
    /// When it began.
    #[schema(format = DateTime)]
    pub arrived_at: String,
    /// What proves it.
    pub secret: String,
}

/// What became of visits that a guest showed.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct Sharing {
    /// In the order in which they were sent.
    pub visits: Vec<SharedOutcome>,
}

/// What became of one of them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct SharedOutcome {
    /// Which.
    pub visit_id: Uuid,
    /// `shared`, or `unknown`: deleted already, or not theirs.
    pub outcome: String,
}
