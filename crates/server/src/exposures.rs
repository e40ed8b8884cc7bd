//! Who was exposed to a case or a person, and who may have infected them.

use crate::cases::{disease, open, written};
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Id, Query};
use crate::sign_in::Tracer;
use app::exposures::{Around, ExposedPerson, FullExposures, FullQuery, SearchDirection};
use axum::Json;
use axum::extract::State;
use domain::exposures::{EvidenceKind, ScorePart};
use domain::ids::{CaseId, PersonId};
use domain::rules::{CLOSE_CONTACT_PRESETS, CLOSENESS};
use domain::time::{DayRange, Window};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use protocol::http::exposures::{
    CloseContactRule, Evidence, Exposed, ExposedCase, Exposures, ExposuresQuery, Window as WindowBody,
};
use protocol::http::problem::Problem as ProblemBody;

/// What the closeness of declared evidence rests on.
const DECLARED: &str = "face to face is declared as 15 minutes by the wording of the RKI's guideline; the rest is \
    Epitrace's own choice";

fn shape(found: &FullExposures, asked: &FullQuery, zone: &TimeZone) -> Exposures {
    let exposures = &found.exposures;
    Exposures {
        person_id: exposures.root.0,
        reference: found.reference.clone(),
        direction: match asked.direction {
            SearchDirection::Forward => "forward",
            SearchDirection::Backward => "backward",
        }
        .to_owned(),
        disease: exposures.disease.to_string(),
        generations: asked.generations,
        windows: exposures.windows.iter().map(window).collect(),
        windows_because: exposures.windows_because.clone(),
        rule_version: exposures.rule_version,
        items: exposures.persons.iter().map(|person| exposed(person, found, asked, zone)).collect(),
        n_total: found.n_total,
        names_locked: found.names_locked,
    }
}

fn window(window: &Window) -> WindowBody {
    let at = |at: Timestamp, open: Timestamp| (at != open).then(|| at.to_string());
    WindowBody { from: at(window.from(), Timestamp::MIN), until: at(window.until(), Timestamp::MAX) }
}

fn exposed(person: &ExposedPerson, found: &FullExposures, asked: &FullQuery, zone: &TimeZone) -> Exposed {
    let name = found.names.get(&person.person);
    let days = person.first.zip(person.last).and_then(|(from, until)| Window::new(from, until).ok());
    let noted = days.map(|window| window.days(zone));
    let in_line_list = in_line_list(person, found, asked.direction);
    let days = noted.or(in_line_list);
    let case = found.cases.get(&person.person).map(|case| ExposedCase {
        case_id: case.case_id.0,
        classification: case.classification.to_string(),
        symptom_onset: written(case.dates.symptom_onset),
    });
    Exposed {
        person_id: person.person.0,
        reference: found.references.get(&person.person).cloned(),
        first_name: name.and_then(|name| open(name.first_name.as_ref())),
        last_name: name.and_then(|name| open(name.last_name.as_ref())),
        generation: person.generation,
        case,
        minutes: person.minutes,
        minutes_reason: person.minutes.is_none().then(|| "declared without a duration".to_owned()),
        score: person.score.total,
        first: person.first.map(|at| at.to_string()),
        last: person.last.map(|at| at.to_string()),
        first_day: days.map(|days| days.first.to_string()),
        last_day: days.map(|days| days.last.to_string()),
        time_reason: person.first.is_none().then(|| "nobody noted a time".to_owned()),
        via: person.via.clone(),
        close_contact: person.close_contact,
        close_contact_reason: person.close_contact.is_none().then(|| "distance or duration is not known".to_owned()),
        close_contact_rule: close_contact_rule(person.close_contact_rule),
        outside: person.outside,
        evidence: person.score.parts.iter().map(|part| evidence(part, found, in_line_list, zone)).collect(),
    }
}

/// The days on which, by the line list, the infected of the two was exposed: they stand in where a link has no day.
fn in_line_list(person: &ExposedPerson, found: &FullExposures, direction: SearchDirection) -> Option<DayRange> {
    let infected = match direction {
        SearchDirection::Forward => person.person,
        SearchDirection::Backward if person.generation == 1 => found.exposures.root,
        SearchDirection::Backward => return None,
    };
    found.cases.get(&infected)?.exposed
}

fn close_contact_rule(id: &str) -> CloseContactRule {
    let preset = CLOSE_CONTACT_PRESETS.iter().find(|rule| rule.id == id);
    CloseContactRule {
        id: id.to_owned(),
        source: preset.map(|rule| rule.source.to_owned()).unwrap_or_default(),
        min_minutes: preset.map_or(0.0, |rule| rule.min_minutes),
        near_m: preset.map(|rule| rule.near_m).filter(|metres| metres.is_finite()),
    }
}

fn evidence(part: &ScorePart, found: &FullExposures, in_line_list: Option<DayRange>, zone: &TimeZone) -> Evidence {
    let exposures = &found.exposures;
    let noted =
        part.day.map(|first| DayRange { first, last: part.window.map_or(first, |window| window.days(zone).last) });
    let is_link = matches!(part.kind, EvidenceKind::Infection { .. });
    let days = noted.or(in_line_list.filter(|_| is_link));
    let days_from = days.map(|_| if noted.is_some() { "evidence" } else { "line_list" });
    let mut shaped = Evidence {
        kind: part.kind.word().to_owned(),
        from: exposures.names.get(&part.from).cloned().unwrap_or_else(|| part.from.to_string()),
        day: days.map(|days| days.first.to_string()),
        last_day: days.map(|days| days.last.to_string()),
        days_from: days_from.map(str::to_owned),
        first: part.window.map(|window| window.from().to_string()),
        last: part.window.map(|window| window.until().to_string()),
        minutes: part.minutes,
        counted_minutes: part.counted_minutes,
        closeness: part.closeness,
        infectiousness: part.infectiousness,
        points: part.points,
        pieces: part.n_pieces,
        setting: None,
        contact_kind: None,
        distance_m: None,
        place: None,
        area: None,
        source: CLOSENESS.source.to_owned(),
    };
    match &part.kind {
        EvidenceKind::Infection { setting } => {
            shaped.setting.clone_from(setting);
            DECLARED.clone_into(&mut shaped.source);
        }
        EvidenceKind::Contact { kind } => {
            shaped.contact_kind = Some(kind.to_string());
            DECLARED.clone_into(&mut shaped.source);
        }
        EvidenceKind::Encounter { distance_m } => shaped.distance_m = *distance_m,
        EvidenceKind::Visit { facility, area } | EvidenceKind::Airing { facility, area } => {
            shaped.place = exposures.places.get(facility).cloned();
            shaped.area = (!area.is_empty()).then(|| area.clone());
        }
    }
    shaped
}

async fn answer(
    platform: &Platform,
    worker: &Tracer,
    (around, direction): (Around, SearchDirection),
    asked: &ExposuresQuery,
) -> Result<Json<Exposures>, Problem> {
    let generations = asked.generations.unwrap_or(1);
    let query = FullQuery { around, direction, generations, disease: disease(asked.disease.as_deref())? };
    let found = platform.app.exposures_in_full(worker, &query).await?;
    Ok(Json(shape(&found, &query, &worker.authority.time_zone)))
}

/// Lists the people whom a case exposed, most exposed first.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/exposures", tag = "exposures", extensions(("x-action" = json!("see_exposures"))),
    params(("case_id" = uuid::Uuid, Path), ExposuresQuery),
    responses((status = 200, body = Exposures), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn exposures_of_case(
    State(platform): State<Platform>,
    worker: Tracer,
    Id(case_id): Id<CaseId>,
    Query(asked): Query<ExposuresQuery>,
) -> Result<Json<Exposures>, Problem> {
    answer(&platform, &worker, (Around::Case(case_id), SearchDirection::Forward), &asked).await
}

/// Lists the people who may have infected a case, most likely first.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/sources", tag = "exposures", extensions(("x-action" = json!("see_exposures"))),
    params(("case_id" = uuid::Uuid, Path), ExposuresQuery),
    responses((status = 200, body = Exposures), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sources_of_case(
    State(platform): State<Platform>,
    worker: Tracer,
    Id(case_id): Id<CaseId>,
    Query(asked): Query<ExposuresQuery>,
) -> Result<Json<Exposures>, Problem> {
    answer(&platform, &worker, (Around::Case(case_id), SearchDirection::Backward), &asked).await
}

/// Lists the people whom a person exposed, most exposed first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/exposures", tag = "exposures", extensions(("x-action" = json!("see_exposures"))),
    params(("person_id" = uuid::Uuid, Path), ExposuresQuery),
    responses((status = 200, body = Exposures), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn exposures_of_person(
    State(platform): State<Platform>,
    worker: Tracer,
    Id(person_id): Id<PersonId>,
    Query(asked): Query<ExposuresQuery>,
) -> Result<Json<Exposures>, Problem> {
    answer(&platform, &worker, (Around::Person(person_id), SearchDirection::Forward), &asked).await
}

/// Lists the people who may have infected a person, most likely first.
#[utoipa::path(get, path = "/api/v1/persons/{person_id}/sources", tag = "exposures", extensions(("x-action" = json!("see_exposures"))),
    params(("person_id" = uuid::Uuid, Path), ExposuresQuery),
    responses((status = 200, body = Exposures), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn sources_of_person(
    State(platform): State<Platform>,
    worker: Tracer,
    Id(person_id): Id<PersonId>,
    Query(asked): Query<ExposuresQuery>,
) -> Result<Json<Exposures>, Problem> {
    answer(&platform, &worker, (Around::Person(person_id), SearchDirection::Backward), &asked).await
}
