//! Venues as they stand in answers, and what is read from requests.

use crate::problem::Problem;
use app::venues::{NewArea, NewVenue, VenueInFull};
use domain::languages::Language;
use domain::venues::{
    AsksAddress, Confirms, NotHours, OpenSpan, OpeningHours, VenueAddress, VenueDetails, VenueKind, VenueRole,
};
use protocol::http::venues as http;
use storage::venues::Venue;

pub(super) fn address(address: &VenueAddress) -> http::VenueAddress {
    let VenueAddress { street, house_number, postcode, city } = address.clone();
    http::VenueAddress { street, house_number, postcode, city }
}

fn read_address(address: http::VenueAddress) -> VenueAddress {
    let http::VenueAddress { street, house_number, postcode, city } = address;
    VenueAddress { street, house_number, postcode, city }
}

pub(super) fn in_list(venue: &Venue) -> http::VenueInList {
    http::VenueInList {
        venue_id: venue.venue_id.to_string(),
        name: venue.details.name.clone(),
        kind: venue.details.kind.to_string(),
        address: address(&venue.details.address),
        closed_at: venue.closed_at.map(|at| at.to_string()),
    }
}

fn clock(min: u16) -> String {
    format!("{:02}:{:02}", min / 60, min % 60)
}

fn read_clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, below: u16| {
        let number: u16 = text.parse().ok()?;
        (text.len() == 2 && number < below).then_some(number)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

pub(super) fn venue(whole: &VenueInFull) -> http::Venue {
    let VenueInFull { venue, areas } = whole;
    let details = &venue.details;
    let span = |span: &OpenSpan| http::OpenSpan {
        weekday: span.weekday,
        opens: clock(span.opens_min),
        closes: clock(span.closes_min),
    };
    http::Venue {
        venue_id: venue.venue_id.to_string(),
        version: venue.version,
        name: details.name.clone(),
        kind: details.kind.to_string(),
        address: address(&details.address),
        areas: areas
            .iter()
            .map(|area| http::VenueArea { area_id: area.area_id.to_string(), name: area.name.clone() })
            .collect(),
        hours: details.hours.spans().iter().map(span).collect(),
        capacity: details.capacity,
        usual_stay_min: details.usual_stay_min,
        confirms_by_staff: details.confirms == Confirms::Staff,
        asks_address: details.asks_address == AsksAddress::Yes,
        created_at: venue.created_at.to_string(),
        changed_at: venue.changed_at.to_string(),
        closed_at: venue.closed_at.map(|at| at.to_string()),
    }
}

pub(super) fn kind(word: &str) -> Result<VenueKind, Problem> {
    VenueKind::find(word).ok_or_else(|| Problem::field("kind", "choose what kind of place it is"))
}

pub(super) fn language(word: &str) -> Result<Language, Problem> {
    Language::find(word).ok_or_else(|| Problem::field("language", "choose de, en or tr"))
}

pub(super) fn role(word: &str) -> Result<VenueRole, Problem> {
    VenueRole::find(word).ok_or_else(|| Problem::field("role", "choose owner, list_maker or door"))
}

pub(super) fn new_venue(venue: http::NewVenue) -> Result<NewVenue, Problem> {
    let kind = kind(&venue.kind)?;
    Ok(NewVenue { name: venue.venue_name, kind, address: read_address(venue.address) })
}

fn hours(spans: &[http::OpenSpan]) -> Result<OpeningHours, Problem> {
    let read = |span: &http::OpenSpan| {
        let (opens_min, closes_min) = (read_clock(&span.opens)?, read_clock(&span.closes)?);
        Some(OpenSpan { weekday: span.weekday, opens_min, closes_min })
    };
    let spans: Option<Vec<OpenSpan>> = spans.iter().map(read).collect();
    let hours = spans.ok_or(NotHours::NoSuchTime).and_then(OpeningHours::new);
    hours.map_err(|error| {
        let field = match error {
            NotHours::Overlap(weekday) => format!("hours.{weekday}"),
            NotHours::NoSuchTime | NotHours::TooMany => "hours".to_owned(),
        };
        Problem::field(field, error.to_string())
    })
}

pub(super) fn changed(body: http::ChangedVenue) -> Result<app::venues::ChangedVenue, Problem> {
    let unknown = || Problem::field("areas", "an area is not here");
    let area = |area: http::ChangedArea| {
        let area_id = area.area_id.map(|id| id.parse().map_err(|_| unknown())).transpose()?;
        Ok::<_, Problem>(NewArea { area_id, name: area.name })
    };
    Ok(app::venues::ChangedVenue {
        version: body.version,
        details: VenueDetails {
            name: body.venue_name,
            kind: kind(&body.kind)?,
            address: read_address(body.address),
            hours: hours(&body.hours)?,
            capacity: body.capacity,
            usual_stay_min: body.usual_stay_min,
            confirms: if body.confirms_by_staff { Confirms::Staff } else { Confirms::Nobody },
            asks_address: if body.asks_address { AsksAddress::Yes } else { AsksAddress::No },
        },
        areas: body.areas.into_iter().map(area).collect::<Result<_, _>>()?,
    })
}
