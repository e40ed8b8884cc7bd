//! Shapes of occasions and their visitors, from and to the wire.

use crate::problem::Problem;
use crate::request::{instant, typed};
use app::Worker;
use app::case_work::ContactStep;
use app::occasions::{OpenedVisitors, SeenOccasion};
use domain::ids::VisitorId;
use domain::occasions::{ChosenOutcome, Near, Qualifier, SeenVisitor, Visitor, VisitorFilter};
use domain::persons::Personal;
use domain::time::Window;
use jiff::Timestamp;
use protocol::http::occasions as http;
use storage::occasions::{Occasion, OccasionListOpening};

/// The longest distance in time: an occasion lasts no longer.
const MOST_MIN: u32 = 31 * 24 * 60;
/// Areas that are offered.
const MOST_AREAS: usize = 200;

fn text(value: &Personal<String>) -> String {
    value.expose().clone()
}

pub(super) fn shaped(occasion: &Occasion, takes_visitors: bool) -> http::Occasion {
    let details = occasion.details.as_ref();
    http::Occasion {
        occasion_id: occasion.occasion_id.0,
        title: details.map(|details| text(&details.title)),
        place: details.map(|details| text(&details.place)),
        contact: details.and_then(|details| details.contact.as_ref()).map(text),
        from: occasion.during.from().to_string(),
        until: occasion.during.until().to_string(),
        code: occasion.code.as_ref().map(|code| code.expose().to_owned()),
        takes_visitors,
        case_id: occasion.origin_case.map(|case| case.0),
        created_at: occasion.created_at.to_string(),
        closed_at: occasion.closed_at.map(|at| at.to_string()),
        n_visitors: occasion.n_visitors,
    }
}

pub(super) fn sheet(worker: &Worker, seen: &SeenOccasion) -> http::OccasionSheet {
    let opening = |(opening, by): &(OccasionListOpening, String)| http::OccasionOpening {
        list_id: opening.opening_id.0,
        opened_at: opening.opened_at.to_string(),
        by: by.clone(),
        reason: opening.reason.to_string(),
        note: opening.note.as_ref().map(text),
        n_visitors: opening.n_visitors,
    };
    http::OccasionSheet {
        occasion: shaped(&seen.occasion, seen.takes_visitors),
        authority: worker.authority.short_code.to_string(),
        time_zone: worker.authority.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        n_kept: seen.n_kept,
        openings: seen.openings.iter().map(opening).collect(),
    }
}

pub(super) fn page(opened: OpenedVisitors, offset: usize, limit: usize) -> http::VisitorPage {
    http::VisitorPage {
        list_id: opened.opening.opening_id.0,
        readable_until: opened.readable_until.to_string(),
        n_found: opened.visitors.len(),
        offset,
        areas: opened.areas.into_iter().take(MOST_AREAS).collect(),
        items: opened.visitors.into_iter().skip(offset).take(limit).map(seen).collect(),
    }
}

fn seen(seen: SeenVisitor) -> http::SeenVisitor {
    let one = seen.visitor;
    let at = |instant: Option<Timestamp>| instant.map(|at| at.to_string());
    let qualifier = |one: Qualifier| http::Qualifier { label: one.label, value: one.value };
    http::SeenVisitor {
        visitor: http::Visitor {
            visitor_id: one.visitor_id.0,
            group: one.group,
            first_name: one.first_name,
            last_name: one.last_name,
            phone: one.phone,
            email: one.email,
            street: one.street,
            house_number: one.house_number,
            postcode: one.postcode,
            city: one.city,
            area: one.area,
            seat: one.seat,
            from: at(one.from),
            until: at(one.until),
            qualifiers: one.qualifiers.into_iter().map(qualifier).collect(),
        },
        stay_from: seen.stay.from().to_string(),
        stay_until: seen.stay.until().to_string(),
        gap_min: seen.gap_min,
        together_min: seen.together_min,
    }
}

pub(super) fn filter(body: http::VisitorFilter) -> Result<VisitorFilter, Problem> {
    let from = instant("near_from", body.near_from.as_deref())?;
    let until = instant("near_until", body.near_until.as_deref())?;
    let most_min = body.near_min.unwrap_or(0);
    if most_min > MOST_MIN {
        return Err(Problem::field("near_min", format!("{MOST_MIN} minutes at most")));
    }
    let near = match (from, until) {
        (Some(from), Some(until)) => {
            let during = Window::new(from, until);
            let during = during.map_err(|_| Problem::field("near_until", "the end lies after the beginning"))?;
            Some(Near { during, most_min })
        }
        (None, None) => None,
        (Some(_), None) => return Err(Problem::field("near_until", "say until when, too")),
        (None, Some(_)) => return Err(Problem::field("near_from", "say from when, too")),
    };
    Ok(VisitorFilter { area: typed(body.area), seat: typed(body.seat), text: typed(body.text), near })
}

/// Reads a visitor, the one at this place of the block.
pub(super) fn visitor_of(at: usize, one: http::Visitor) -> Result<Visitor, Problem> {
    let time =
        |field: &str, text: Option<&String>| instant(&format!("visitors.{at}.{field}"), text.map(String::as_str));
    let (from, until) = (time("from", one.from.as_ref())?, time("until", one.until.as_ref())?);
    let qualifier = |one: http::Qualifier| Qualifier { label: one.label, value: one.value };
    Ok(Visitor {
        visitor_id: VisitorId(one.visitor_id),
        group: one.group,
        first_name: one.first_name,
        last_name: one.last_name,
        phone: one.phone,
        email: one.email,
        street: one.street,
        house_number: one.house_number,
        postcode: one.postcode,
        city: one.city,
        area: one.area,
        seat: one.seat,
        from,
        until,
        qualifiers: one.qualifiers.into_iter().map(qualifier).collect(),
    })
}

pub(super) fn step(step: &ContactStep) -> http::ContactStep {
    let n = |outcome| step.counts.get(&outcome).copied().unwrap_or(0);
    http::ContactStep {
        step_id: step.step_id.0,
        case_id: step.case_id.0,
        state: step.job.state.clone(),
        problem: step.job.problem.clone(),
        n_waiting: n(ChosenOutcome::Waiting),
        n_done: n(ChosenOutcome::Done),
        n_oneself: n(ChosenOutcome::Oneself),
        n_gone: n(ChosenOutcome::Gone),
    }
}
