//! Guest lists of venues in another authority's area, asked through that authority: what either side sees.

use super::list_requests::StayVenue;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A list that is to be asked for through another authority.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequestElsewhere {
    /// Made by whoever asks: the same twice is one request.
    pub request_id: Uuid,
    /// Id for the stay, which is one of the case as soon as the other authority has said which venue it was.
    pub stay_id: Uuid,
    /// Short code of the authority; `null` where the address on the poster says it.
    pub to: Option<String>,
    /// What is known of the venue, 1 to 500 characters: the address on its poster, or its name and address. The other
    /// authority reads it; nobody is to be named in it.
    pub place: String,
    /// From when the case was there.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included; within 24 hours.
    #[schema(format = DateTime)]
    pub until: String,
}

/// Another authority of this installation.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct AuthorityElsewhere {
    /// Its short code.
    pub short_code: String,
    /// As people call it.
    pub name: String,
}

/// A request that goes through another authority.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestElsewhere {
    /// Its id.
    pub request_id: Uuid,
    /// The stay.
    pub stay_id: Uuid,
    /// Through whom.
    pub other: AuthorityElsewhere,
    /// What was told of the venue; `null` where words are locked.
    pub place: Option<String>,
    /// The venue, as soon as the other authority has told of it.
    pub venue: Option<StayVenue>,
    /// From when the case was there.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// `asked`, `released`, `declined`, `withdrawn`, `expired` (nobody answered before the lists were deleted).
    pub state: String,
    /// Why there is no list: `no_such_venue`, `not_ours`, `no_list`, `other`.
    pub because: Option<String>,
    /// What the other authority wrote to it.
    pub text: Option<String>,
    /// When it was asked.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it was released, declined or withdrawn.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
    /// Guests that were released and are still here.
    pub n_guests: u32,
}

/// The requests of a case that go through other authorities.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestsElsewhere {
    /// Newest first.
    pub items: Vec<RequestElsewhere>,
    /// Who can be asked, by name.
    pub authorities: Vec<AuthorityElsewhere>,
}

/// What another authority asks: disease, time and venue, never because of whom.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestFromOther {
    /// Its id.
    pub request_id: Uuid,
    /// Who asks.
    pub other: AuthorityElsewhere,
    /// Because of which disease.
    pub disease: String,
    /// What they know of the venue; `null` where words are locked.
    pub place: Option<String>,
    /// The venue: as the address on its poster says, or as somebody here found it.
    pub venue: Option<StayVenue>,
    /// From when the list is asked.
    #[schema(format = DateTime)]
    pub from: String,
    /// Until when, not included.
    #[schema(format = DateTime)]
    pub until: String,
    /// `asked`, `passed` (the venue is asked), `released`, `declined`, `withdrawn`, `expired`.
    pub state: String,
    /// Why it was declined: `no_such_venue`, `not_ours`, `no_list`, `other`.
    pub because: Option<String>,
    /// What was written to it.
    pub text: Option<String>,
    /// When it was asked.
    #[schema(format = DateTime)]
    pub asked_at: String,
    /// When it was released, declined or withdrawn.
    #[schema(format = DateTime)]
    pub ended_at: Option<String>,
}

/// What other authorities ask.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub struct RequestsFromOthers {
    /// What waits, oldest first; then what is over, newest first. At most a hundred of each.
    pub items: Vec<RequestFromOther>,
}

/// Which venue another authority means.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeantVenue {
    /// The venue.
    pub venue_id: String,
}

/// Why there is no list.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclinedRequest {
    /// `no_such_venue`, `not_ours`, `no_list`, `other`.
    pub because: String,
    /// What the other authority is to read; required where the reason is another one.
    pub text: Option<String>,
}
