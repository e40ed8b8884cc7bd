//! `epitrace exposed` and `epitrace sources`: who, how much, and on what evidence.

use crate::cli::{Common, Trace};
use crate::failure::Misuse;
use crate::screen;
use crate::session::Session;
use app::exposures::{ExposedPerson, ExposureQuery, Exposures, SearchDirection};
use documents::cell::Cell;
use documents::values::{DateOrder, Moment, instant};
use domain::exposures::{EvidenceKind, ScorePart};
use domain::time::{DayRange, Window};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use std::process::ExitCode;

pub async fn run(common: &Common, trace: Trace, direction: SearchDirection) -> anyhow::Result<ExitCode> {
    let session = Session::open(common).await?;
    let window = window(&trace, &session.worker.authority.time_zone)?;
    let query = ExposureQuery {
        person: trace.person.clone(),
        direction,
        window,
        generations: trace.generations,
        disease: trace.disease,
    };
    let found = session.app.exposures(&session.worker, &query).await?;
    let zone = session.worker.authority.time_zone.clone();
    session.close().await?;
    if common.json {
        let rows: Vec<Row> = found.persons.iter().map(|person| row(person, &found)).collect();
        screen::say_json(&rows)?;
    } else {
        print(&trace.person, &found, direction, &zone, common.quiet);
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads `--from` and `--until`: instants, or days, of which the last counts whole.
fn window(trace: &Trace, zone: &TimeZone) -> anyhow::Result<Option<Window>> {
    if trace.from.is_none() && trace.until.is_none() {
        return Ok(None);
    }
    let read = |text: &Option<String>, option: &str| -> anyhow::Result<Option<Moment>> {
        let Some(text) = text else { return Ok(None) };
        Ok(instant(Cell::Text(text), zone, DateOrder::Iso).map_err(|error| Misuse(format!("{option}: {error}")))?)
    };
    let whole = |day| Window::of_days(DayRange { first: day, last: day }, zone);
    let from = read(&trace.from, "--from")?.map_or(Timestamp::MIN, |moment| match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => whole(day).from(),
    });
    let until = read(&trace.until, "--until")?.map_or(Timestamp::MAX, |moment| match moment {
        Moment::Instant(at) => at,
        Moment::Day(day) => whole(day).until(),
    });
    let window = Window::new(from, until).map_err(|_| Misuse("--until is not after --from".to_owned()))?;
    Ok(Some(window))
}

/// One person, for programs.
#[derive(Serialize)]
struct Row {
    id: String,
    generation: u32,
    minutes: Option<f64>,
    minutes_reason: Option<&'static str>,
    score: f64,
    first: Option<String>,
    last: Option<String>,
    time_reason: Option<&'static str>,
    via: Vec<String>,
    close_contact: Option<bool>,
    close_contact_reason: Option<&'static str>,
    close_contact_rule: &'static str,
    evidence: Vec<Piece>,
}

/// One piece of evidence: a kind on a day, and what it adds to the score.
#[derive(Serialize)]
struct Piece {
    kind: &'static str,
    from: String,
    day: Option<String>,
    first: Option<String>,
    last: Option<String>,
    minutes: Option<f64>,
    counted_minutes: f64,
    closeness: f64,
    infectiousness: f64,
    points: f64,
    pieces: usize,
    setting: Option<String>,
    contact_kind: Option<String>,
    distance_m: Option<f32>,
    place: Option<String>,
    area: Option<String>,
}

fn row(person: &ExposedPerson, all: &Exposures) -> Row {
    Row {
        id: person.id.clone(),
        generation: person.generation,
        minutes: person.minutes,
        minutes_reason: person.minutes.is_none().then_some("declared without a duration"),
        score: person.score.total,
        first: person.first.map(|at| at.to_string()),
        last: person.last.map(|at| at.to_string()),
        time_reason: person.first.is_none().then_some("nobody noted a time"),
        via: person.via.clone(),
        close_contact: person.close_contact,
        close_contact_reason: person.close_contact.is_none().then_some("distance or duration is not known"),
        close_contact_rule: person.close_contact_rule,
        evidence: person.score.parts.iter().map(|part| piece(part, all)).collect(),
    }
}

fn piece(part: &ScorePart, all: &Exposures) -> Piece {
    let mut piece = Piece {
        kind: part.kind.word(),
        from: all.names.get(&part.from).cloned().unwrap_or_else(|| part.from.to_string()),
        day: part.day.map(|day| day.to_string()),
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
    };
    match &part.kind {
        EvidenceKind::Infection { setting } => piece.setting.clone_from(setting),
        EvidenceKind::Contact { kind } => piece.contact_kind = Some(kind.to_string()),
        EvidenceKind::Encounter { distance_m } => piece.distance_m = *distance_m,
        EvidenceKind::Visit { facility, area } | EvidenceKind::Airing { facility, area } => {
            piece.place = all.places.get(facility).cloned();
            piece.area = (!area.is_empty()).then(|| area.clone());
        }
    }
    piece
}

fn print(person: &str, found: &Exposures, direction: SearchDirection, zone: &TimeZone, quiet: bool) {
    let (verb, nobody) = match direction {
        SearchDirection::Forward => ("exposed to", "nobody is known to have been exposed to"),
        SearchDirection::Backward => ("who may have infected", "nobody is known who may have infected"),
    };
    if !quiet {
        for window in &found.windows {
            screen::say(format!("searched: {} ({})", in_words(window, zone), found.windows_because));
        }
    }
    if found.persons.is_empty() {
        screen::say(format!("{nobody} {person} in that time"));
        return;
    }
    screen::say(format!("{} {verb} {person}:", screen::counted(found.persons.len(), "person", "people")));
    let rows = found.persons.iter().map(|exposed| line(exposed, found, zone)).collect();
    screen::say(screen::table(["person", "gen", "minutes", "score", "close", "first", "evidence"], &[1, 2, 3], rows));
}

fn in_words(window: &Window, zone: &TimeZone) -> String {
    if *window == Window::ALWAYS {
        return "all time".to_owned();
    }
    let days = window.days(zone);
    format!("{} to {}", days.first, days.last)
}

fn line(exposed: &ExposedPerson, all: &Exposures, zone: &TimeZone) -> [String; 7] {
    let close = match exposed.close_contact {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unsure",
    };
    let first = exposed.first.map_or_else(|| "–".to_owned(), |at| domain::time::local_day(at, zone).to_string());
    let evidence: Vec<String> = exposed.score.parts.iter().take(3).map(|part| words(part, all)).collect();
    let more = exposed.score.parts.len().saturating_sub(3);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    [
        exposed.id.clone(),
        exposed.generation.to_string(),
        screen::figure(exposed.minutes, 1),
        format!("{:.1}", exposed.score.total),
        close.to_owned(),
        first,
        format!("{}{more}", evidence.join("; ")),
    ]
}

fn words(part: &ScorePart, all: &Exposures) -> String {
    let place = |facility| all.places.get(facility).map_or("a place", String::as_str);
    match &part.kind {
        EvidenceKind::Infection { setting: Some(setting) } => format!("named as infected ({setting})"),
        EvidenceKind::Infection { setting: None } => "named as infected".to_owned(),
        EvidenceKind::Contact { kind } => format!("declared ({})", kind.as_str().replace('_', " ")),
        EvidenceKind::Encounter { distance_m } => {
            let near = distance_m.map(|metres| format!(", {metres} m")).unwrap_or_default();
            format!("devices {:.1} min{near}", part.counted_minutes)
        }
        EvidenceKind::Visit { facility, area } => {
            format!("{} {area} {:.0} min", place(facility), part.counted_minutes).replace("  ", " ")
        }
        EvidenceKind::Airing { facility, area } => {
            format!("{} {area} before airing {:.0} min", place(facility), part.counted_minutes).replace("  ", " ")
        }
    }
}
