//! What stands in messages between authorities, as JSON. It is read as strictly as it is written.

use domain::check_ins::{Guest, GuestAddress, Marks};
use domain::ids::{AreaId, CaseId, RequestId, VenueId, VisitId};
use domain::list_requests::PlaceStay;
use domain::persons::Personal;
use domain::time::Window;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::list_requests::ReleasedVisit;

/// A list is asked for. Because of whom isn't told.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    pub(super) request_id: RequestId,
    pub(super) disease: String,
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) place: String,
    pub(super) venue_id: Option<VenueId>,
}

/// It isn't any more.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Withdrawn {
    pub(super) request_id: RequestId,
}

/// There will be none.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declined {
    pub(super) request_id: RequestId,
    pub(super) because: String,
    pub(super) text: Option<String>,
}

/// Here it is.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Released {
    pub(super) request_id: RequestId,
    pub(super) venue: Venue,
    pub(super) guests: Vec<GuestOfList>,
}

/// The venue, as it stands on its posters.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Venue {
    pub(super) venue_id: VenueId,
    pub(super) name: String,
    pub(super) city: String,
    pub(super) areas: BTreeMap<AreaId, String>,
}

/// A guest of a list.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GuestOfList {
    visit_id: VisitId,
    area_id: Option<AreaId>,
    from: Timestamp,
    until: Timestamp,
    household: u8,
    marks: u8,
    name: String,
    phone: Option<String>,
    email: Option<String>,
    address: Option<[String; 4]>,
}

impl GuestOfList {
    pub(super) fn of(visit: &ReleasedVisit) -> Option<Self> {
        let guest = visit.guest.as_ref()?;
        let own = |text: &Personal<String>| text.expose().clone();
        let address = guest.address.as_ref();
        Some(Self {
            visit_id: visit.visit_id,
            area_id: visit.place.area,
            from: visit.place.stay.from(),
            until: visit.place.stay.until(),
            household: visit.household,
            marks: visit.marks.bits(),
            name: own(&guest.name),
            phone: guest.phone.as_ref().map(own),
            email: guest.email.as_ref().map(own),
            address: address.map(|one| [own(&one.street), own(&one.house_number), own(&one.postcode), own(&one.city)]),
        })
    }

    /// The guest as one of a case; `None` if they left before they came.
    pub(super) fn of_case(self, case_id: CaseId, request_id: RequestId, venue_id: VenueId) -> Option<ReleasedVisit> {
        let address = self.address.map(|[street, house_number, postcode, city]| GuestAddress {
            street: Personal::new(street),
            house_number: Personal::new(house_number),
            postcode: Personal::new(postcode),
            city: Personal::new(city),
        });
        let guest = Guest {
            name: Personal::new(self.name),
            phone: self.phone.map(Personal::new),
            email: self.email.map(Personal::new),
            address,
        };
        Some(ReleasedVisit {
            case_id,
            request_id,
            visit_id: self.visit_id,
            venue_id,
            place: PlaceStay { area: self.area_id, stay: Window::new(self.from, self.until).ok()? },
            household: self.household,
            marks: Marks::of_bits(self.marks),
            guest: Some(guest),
            decision: None,
        })
    }
}
