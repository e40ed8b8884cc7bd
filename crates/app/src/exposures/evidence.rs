//! The evidence of all sources around some persons, as meetings.

use crate::error::Result;
use contact_graph::search::{Direction, Meeting, Seeker};
use domain::exposures::{EvidenceKind, When};
use domain::ids::PersonId;
use domain::time::{DayRange, Window};
use domain::visits::{Visit, airing_exposure};
use jiff::SignedDuration;
use std::collections::{BTreeMap, HashMap};
use storage::Tx;

/// Lists what storage knows of the seekers in their windows: links, declared contacts, encounters, visits.
pub(super) async fn meetings(
    tx: &mut Tx,
    seekers: &[Seeker],
    airing: &SignedDuration,
    direction: Direction,
) -> Result<Vec<Meeting>> {
    let persons: Vec<PersonId> = seekers.iter().map(|seeker| seeker.person).collect();
    let mut found = links(tx, &persons, direction).await?;
    found.extend(contacts(tx, &persons).await?);
    found.extend(encounters(tx, seekers).await?);
    found.extend(visits(tx, seekers, &persons, airing, direction).await?);
    Ok(found)
}

async fn links(tx: &mut Tx, persons: &[PersonId], direction: Direction) -> Result<Vec<Meeting>> {
    let links = match direction {
        Direction::Forward => storage::infections::of_infectors(tx, persons).await?,
        Direction::Backward => storage::infections::of_infected(tx, persons).await?,
    };
    let meeting = |link: domain::infections::InfectionLink| {
        let (seeker, other) = match direction {
            Direction::Forward => (link.infector, link.infected),
            Direction::Backward => (link.infected, link.infector),
        };
        let when = link.infected_on.map_or(When::Unknown, |day| When::OnDays(DayRange { first: day, last: day }));
        Meeting { seeker, other, kind: EvidenceKind::Infection { setting: link.setting }, when }
    };
    Ok(links.into_iter().map(meeting).collect())
}

async fn contacts(tx: &mut Tx, persons: &[PersonId]) -> Result<Vec<Meeting>> {
    let mut found = Vec::new();
    for contact in storage::contacts::of_persons(tx, persons).await? {
        for (seeker, other) in [(contact.declared_by, contact.met), (contact.met, contact.declared_by)] {
            if persons.contains(&seeker) {
                let kind = EvidenceKind::Contact { kind: contact.kind };
                found.push(Meeting { seeker, other, kind, when: When::OnDays(contact.days) });
            }
        }
    }
    Ok(found)
}

async fn encounters(tx: &mut Tx, seekers: &[Seeker]) -> Result<Vec<Meeting>> {
    let asked: Vec<(PersonId, Window)> =
        seekers.iter().flat_map(|seeker| seeker.windows.iter().map(|window| (seeker.person, *window))).collect();
    let encounters = storage::encounters::of_persons(tx, &asked).await?;
    let meeting = |encounter: storage::encounters::Encounter| Meeting {
        seeker: encounter.person,
        other: encounter.other,
        kind: EvidenceKind::Encounter { distance_m: encounter.spell.distance_m },
        when: When::During(encounter.spell.window),
    };
    Ok(encounters.into_iter().map(meeting).collect())
}

async fn visits(
    tx: &mut Tx,
    seekers: &[Seeker],
    persons: &[PersonId],
    airing: &SignedDuration,
    direction: Direction,
) -> Result<Vec<Meeting>> {
    let windows: HashMap<PersonId, &[Window]> =
        seekers.iter().map(|seeker| (seeker.person, seeker.windows.as_slice())).collect();
    let mut found = Vec::new();
    let all = storage::visits::of_persons(tx, persons).await?;
    let venues = storage::stays::areas_of_facilities(tx, all.iter().map(|own| own.facility)).await?;
    for own in all {
        let inside = windows.get(&own.person).copied().unwrap_or_default();
        for stay in inside.iter().filter_map(|window| own.stay.overlap(window)) {
            let around = around(&stay, airing, direction);
            let areas = venues.get(&own.facility);
            for area in areas_met(&own, areas) {
                for other in storage::visits::in_area(tx, own.facility, area, &around).await? {
                    if other.person != own.person {
                        let area = area_of(&own, &other, areas);
                        found.extend(together((&own, area), &stay, &other, airing, direction));
                    }
                }
            }
        }
    }
    Ok(found)
}

/// Lists the areas in which somebody may have met others. Of a venue, whoever was in an area that nobody noted may have met
/// anybody; elsewhere the whole facility is an area like any other.
fn areas_met<'v>(own: &'v Visit, areas: Option<&'v BTreeMap<String, String>>) -> Vec<&'v str> {
    let mut met = vec![own.area.as_str()];
    match areas {
        Some(areas) if own.area.is_empty() => met.extend(areas.keys().map(String::as_str)),
        Some(_) => met.push(""),
        None => {}
    }
    met
}

/// The stay, prolonged by the airing time on the side on which it matters.
fn around(stay: &Window, airing: &SignedDuration, direction: Direction) -> Window {
    let (from, until) = match direction {
        Direction::Forward => (Some(stay.from()), stay.until().checked_add(*airing).ok()),
        Direction::Backward => (stay.from().checked_sub(*airing).ok(), Some(stay.until())),
    };
    from.zip(until).and_then(|(from, until)| Window::new(from, until).ok()).unwrap_or(*stay)
}

/// Returns the area of two visits as somebody reads it: that of a venue by its name.
fn area_of<'v>(own: &'v Visit, other: &'v Visit, areas: Option<&'v BTreeMap<String, String>>) -> &'v str {
    let area = if own.area.is_empty() { &other.area } else { &own.area };
    areas.and_then(|areas| areas.get(area)).unwrap_or(area)
}

fn together(
    (own, area): (&Visit, &str),
    stay: &Window,
    other: &Visit,
    airing: &SignedDuration,
    direction: Direction,
) -> Vec<Meeting> {
    let (facility, area) = (own.facility, area.to_owned());
    let mut found = Vec::new();
    if let Some(overlap) = stay.overlap(&other.stay) {
        let kind = EvidenceKind::Visit { facility, area: area.clone() };
        found.push(Meeting { seeker: own.person, other: other.person, kind, when: When::During(overlap) });
    }
    let aired = match direction {
        Direction::Forward => airing_exposure(stay, &other.stay, *airing),
        Direction::Backward => airing_exposure(&other.stay, stay, *airing),
    };
    if let Some(window) = aired {
        let kind = EvidenceKind::Airing { facility, area };
        found.push(Meeting { seeker: own.person, other: other.person, kind, when: When::During(window) });
    }
    found
}
