//! Places that keep a list of their guests: what they are, when they are open, and what their staff may do there.
//!
//! A venue is registered by whoever runs it and belongs to one authority. Its name, address and hours stand on posters,
//! so nothing of it is secret; its guests are another matter (`check_ins`).

mod address;
mod hours;
mod posters;

pub use address::guest_address;
pub use hours::{MOST_SPANS, NotHours, OpenSpan, OpeningHours};
pub use posters::{Instruction, Poster, PosterFormat, PosterPress, PosterSheet};

use crate::authorities::words;
use crate::ids::{AreaId, VenueId};
use serde::{Deserialize, Serialize};

/// The longest name of a venue, in characters: it stands large on a poster.
pub const LONGEST_NAME: usize = 80;
/// The longest name of an area, in characters.
pub const LONGEST_AREA_NAME: usize = 40;
/// The most areas of one venue.
pub const MOST_AREAS: usize = 200;
/// The largest capacity, in guests: more than any stadium holds.
pub const LARGEST_CAPACITY: u32 = 500_000;
/// The shortest and the longest usual stay, in minutes.
pub const USUAL_STAY_MIN: std::ops::RangeInclusive<u32> = 5..=1_440;

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VenueKind {
    /// A place to eat.
    Restaurant,
    /// A café, a bakery with tables.
    Cafe,
    /// A bar, a club.
    Bar,
    /// A hotel, a hostel.
    Hotel,
    /// A cinema, a theatre, a museum, a concert hall.
    Culture,
    /// A gym, a club, a swimming pool.
    Sport,
    /// A hairdresser, a cosmetician.
    BodyCare,
    /// A shop, an office with visitors.
    Shop,
    /// A church, a mosque, any other place of worship.
    Worship,
    /// Anything else.
    Other,
}
words!(VenueKind {
    Restaurant = "restaurant",
    Cafe = "cafe",
    Bar = "bar",
    Hotel = "hotel",
    Culture = "culture",
    Sport = "sport",
    BodyCare = "body_care",
    Shop = "shop",
    Worship = "worship",
    Other = "other",
});

/// Who says that a guest is really there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirms {
    /// Nobody: a check-in counts as it comes.
    Nobody,
    /// Staff at the door; until then it is marked.
    Staff,
}
words!(Confirms { Nobody = "nobody", Staff = "staff" });

/// Whether guests are asked for their address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AsksAddress {
    /// A telephone number or an e-mail address will do.
    No,
    /// Street, house number, postcode and city too.
    Yes,
}
words!(AsksAddress { No = "no", Yes = "yes" });

/// What the door must know of a venue: enough to take a check-in without another look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// The venue.
    pub venue_id: VenueId,
    /// As it stands on the poster.
    pub name: String,
    /// Its areas or tables, in the order of its owner.
    pub areas: Vec<(AreaId, String)>,
    /// When it is open.
    pub hours: OpeningHours,
    /// How many guests it holds; `None` where nobody said.
    pub capacity: Option<u32>,
    /// How long guests usually stay, in minutes.
    pub usual_stay_min: u32,
    /// Who says that a guest is really there.
    pub confirms: Confirms,
    /// Whether guests are asked for their address.
    pub asks_address: AsksAddress,
    /// Whether it takes guests at all; one that was given up doesn't.
    pub open: bool,
}

/// Where a venue is. In clear: it is a public place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueAddress {
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
}

/// What an owner says of a venue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueDetails {
    /// As it stands on the poster; 1 to [`LONGEST_NAME`] characters.
    pub name: String,
    /// What it is.
    pub kind: VenueKind,
    /// Where it is.
    pub address: VenueAddress,
    /// When it is open.
    pub hours: OpeningHours,
    /// How many guests it holds; `None` where nobody said.
    pub capacity: Option<u32>,
    /// How long guests usually stay, in minutes.
    pub usual_stay_min: u32,
    /// Who says that a guest is really there.
    pub confirms: Confirms,
    /// Whether guests are asked for their address.
    pub asks_address: AsksAddress,
}

/// What somebody is in one venue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VenueRole {
    /// Runs it: details, areas, hours, staff.
    Owner,
    /// Makes guest lists.
    ListMaker,
    /// Stands at the door.
    Door,
}
words!(VenueRole { Owner = "owner", ListMaker = "list_maker", Door = "door" });

/// Something that staff of a venue want to do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VenueAction {
    /// See the venue's own details.
    See,
    /// Change details, areas and hours; close it.
    Change,
    /// See, invite and remove staff, and change what they are.
    ManageStaff,
    /// Have posters and table cards.
    PrintPosters,
    /// Open guest lists.
    OpenLists,
    /// See how many guests are inside, and confirm who came.
    WatchDoor,
    /// Give the authority a guest list that it asks for.
    AnswerRequests,
}
words!(VenueAction {
    See = "see",
    Change = "change",
    ManageStaff = "manage_staff",
    PrintPosters = "print_posters",
    OpenLists = "open_lists",
    WatchDoor = "watch_door",
    AnswerRequests = "answer_requests",
});

impl VenueRole {
    /// Returns it as a sentence says it.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::ListMaker => "list maker",
            Self::Door => "door",
        }
    }

    /// Says whether this role allows an action in its venue. What is not listed is refused.
    #[must_use]
    pub fn may(self, action: VenueAction) -> bool {
        use VenueAction::{AnswerRequests, Change, ManageStaff, OpenLists, PrintPosters, See, WatchDoor};
        match self {
            Self::Owner => {
                matches!(action, See | Change | ManageStaff | PrintPosters | OpenLists | WatchDoor | AnswerRequests)
            }
            Self::ListMaker => matches!(action, See | PrintPosters | OpenLists | WatchDoor | AnswerRequests),
            Self::Door => matches!(action, See | WatchDoor),
        }
    }
}

impl VenueAction {
    /// Returns what is done, as a sentence says it: "the door of this venue may not change it".
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::See => "see it",
            Self::Change => "change it",
            Self::ManageStaff => "manage its staff",
            Self::PrintPosters => "print its posters",
            Self::OpenLists => "open its guest lists",
            Self::WatchDoor => "watch its door",
            Self::AnswerRequests => "answer requests for its lists",
        }
    }
}

/// Returns the name that `text` is, without spaces around it; `None` unless it has 1 to `longest` characters, none of
/// which is a control character.
#[must_use]
pub fn name_of(text: &str, longest: usize) -> Option<String> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= longest && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_owner_changes_a_venue_or_its_staff() {
        for role in VenueRole::ALL {
            assert!(role.may(VenueAction::See));
            for action in [VenueAction::Change, VenueAction::ManageStaff] {
                assert_eq!(role.may(action), *role == VenueRole::Owner, "{role} {action}");
            }
        }
        assert!(VenueRole::ListMaker.may(VenueAction::PrintPosters));
        assert!(!VenueRole::Door.may(VenueAction::PrintPosters));
        assert!(VenueRole::ListMaker.may(VenueAction::OpenLists) && !VenueRole::Door.may(VenueAction::OpenLists));
        assert!(VenueRole::ALL.iter().all(|role| role.may(VenueAction::WatchDoor)));
    }

    #[test]
    fn a_name_has_a_length_and_no_control_characters() {
        assert_eq!(name_of("  Café Rosa & Söhne ", 20).as_deref(), Some("Café Rosa & Söhne"));
        assert_eq!(name_of("ääää", 4).as_deref(), Some("ääää"), "characters are counted, not bytes");
        for wrong in ["", "   ", "fünf5", "a\nb", "a\u{7}"] {
            assert_eq!(name_of(wrong, 4), None, "{wrong:?}");
        }
    }
}
