//! Cases: lists, counts, filters, searches, one case, its history.

use crate::cursor;
use crate::platform::Platform;
use crate::problem::Problem;
use crate::request::{Body, Id, Query, day, limit};
use crate::sign_in::CaseReader;
use app::cases::{CaseLine, CaseMatch, CaseQuery, CaseSheet, HistoryLine, ListSort, SearchQuery, Start};
use app::context::Worker;
use app::names::Matched;
use axum::Json;
use axum::extract::State;
use domain::cases::{CaseClassification, CaseStatus, CaseType};
use domain::diseases::Disease;
use domain::ids::CaseId;
use domain::persons::{Personal, PersonalField};
use jiff::civil::Date;
use protocol::http::cases::{
    Case, CaseCount, CaseCountQuery, CaseFilters, CaseFiltersQuery, CaseInBrief, CaseListQuery, CasePage, CaseRow,
    CaseSearch, DayRange, DiseaseCount, FoundCase, FoundCases, HistoryEntry, Place,
};
use protocol::http::page::{Page, PageQuery};
use protocol::http::problem::Problem as ProblemBody;
use std::collections::BTreeSet;
use storage::cases::{AssignedTo, Days, Order, Postcodes};

/// Shows a personal value to whoever may see it.
pub(crate) fn open(value: Option<&Personal<String>>) -> Option<String> {
    value.map(|value| value.expose().clone())
}

pub(crate) fn written(day: Option<Date>) -> Option<String> {
    day.map(|day| day.to_string())
}

pub(crate) fn range(days: domain::time::DayRange) -> DayRange {
    DayRange { first: days.first.to_string(), last: days.last.to_string() }
}

/// Reads a disease by its word.
pub(crate) fn disease(word: Option<&str>) -> Result<Option<Disease>, Problem> {
    let known = || {
        let words: Vec<&str> = Disease::ALL.iter().map(|disease| disease.as_str()).collect();
        Problem::field("disease", format!("choose one of {}", words.join(", ")))
    };
    word.map(|word| Disease::find(word).ok_or_else(known)).transpose()
}

/// Reads a classification by its word.
pub(crate) fn classification(word: Option<&str>) -> Result<Option<CaseClassification>, Problem> {
    let known = || Problem::field("classification", "choose suspected, probable or confirmed");
    word.map(|word| CaseClassification::find(word).ok_or_else(known)).transpose()
}

/// Reads a kind of case by its word.
pub(crate) fn case_type(word: Option<&str>) -> Result<Option<CaseType>, Problem> {
    let known = || Problem::field("case_type", "choose index, contact, contact_medical or contact_vulnerable");
    word.map(|word| CaseType::find(word).ok_or_else(known)).transpose()
}

/// Reads where cases stand: words with commas between them.
pub(crate) fn statuses(words: Option<&str>) -> Result<Vec<CaseStatus>, Problem> {
    let known = || {
        let words: Vec<&str> = CaseStatus::ALL.iter().map(|status| status.as_str()).collect();
        Problem::field("status", format!("choose some of {}, with commas between them", words.join(", ")))
    };
    let Some(words) = words else { return Ok(Vec::new()) };
    let read: Result<BTreeSet<CaseStatus>, Problem> =
        words.split(',').map(|word| CaseStatus::find(word).ok_or_else(known)).collect();
    Ok(read?.into_iter().collect())
}

/// Reads whose cases: `me`, `nobody`, `somebody`, or an account.
pub(crate) fn assigned(word: Option<&str>, worker: &Worker) -> Result<Option<AssignedTo>, Problem> {
    let known = || Problem::field("assigned", "choose me, nobody, somebody or an account_id");
    match word {
        Some("me") => Ok(Some(AssignedTo::Account(worker.account_id))),
        word => word.map(|word| AssignedTo::find(word).ok_or_else(known)).transpose(),
    }
}

/// Reads a postcode, or how postcodes begin.
pub(crate) fn postcodes(text: Option<&str>) -> Result<Option<Postcodes>, Problem> {
    let known = || Problem::field("postcode", "write letters and digits, at most 12; * behind them: it begins so");
    text.map(|text| Postcodes::find(text).ok_or_else(known)).transpose()
}

/// Reads the days from a first to a last one.
pub(crate) fn days((first, last): (&str, &str), from: Option<&str>, until: Option<&str>) -> Result<Days, Problem> {
    Ok(Days { first: day(first, from)?, last: day(last, until)? })
}

/// Reads the conditions that queries and bodies name alike.
macro_rules! conditions {
    ($asked:expr, $worker:expr) => {
        app::cases::CaseConditions {
            classification: crate::cases::classification($asked.classification.as_deref())?,
            place: $asked.place.map(domain::ids::FacilityId),
            setting: $asked.setting.clone(),
            outcome: $asked.outcome.clone(),
            sex: $asked.sex.clone(),
            onset: crate::cases::days(
                ("onset_first", "onset_last"),
                $asked.onset_first.as_deref(),
                $asked.onset_last.as_deref(),
            )?,
            reported: crate::cases::days(
                ("reported_first", "reported_last"),
                $asked.reported_first.as_deref(),
                $asked.reported_last.as_deref(),
            )?,
            case_type: crate::cases::case_type($asked.case_type.as_deref())?,
            statuses: crate::cases::statuses($asked.status.as_deref())?,
            assigned: crate::cases::assigned($asked.assigned.as_deref(), $worker)?,
            quarantined_on: crate::request::day("quarantined_on", $asked.quarantined_on.as_deref())?,
            quarantine_ends: crate::cases::days(
                ("quarantine_ends_first", "quarantine_ends_last"),
                $asked.quarantine_ends_first.as_deref(),
                $asked.quarantine_ends_last.as_deref(),
            )?,
            postcodes: crate::cases::postcodes($asked.postcode.as_deref())?,
            tested: crate::cases::days(
                ("tested_first", "tested_last"),
                $asked.tested_first.as_deref(),
                $asked.tested_last.as_deref(),
            )?,
        }
    };
}
pub(crate) use conditions;

fn number(limit: usize) -> u32 {
    u32::try_from(limit).unwrap_or(u32::MAX)
}

pub(crate) fn sort(word: Option<&str>) -> Result<ListSort, Problem> {
    match word.unwrap_or("reported") {
        "reported" => Ok(ListSort::Reported),
        "onset" => Ok(ListSort::Onset),
        "created" => Ok(ListSort::Created),
        "name" => Ok(ListSort::Name),
        _ => Err(Problem::field("sort", "choose reported, onset, created or name")),
    }
}

pub(crate) fn order(word: Option<&str>) -> Result<Order, Problem> {
    match word.unwrap_or("desc") {
        "desc" => Ok(Order::Desc),
        "asc" => Ok(Order::Asc),
        _ => Err(Problem::field("order", "choose desc or asc")),
    }
}

fn row(line: &CaseLine) -> CaseRow {
    line_of(&line.case, line.reference.clone(), line.infectious)
}

/// Shapes a case as lists show it.
pub(crate) fn line_of(
    case: &storage::cases::ListedCase,
    reference: Option<String>,
    infectious: Option<domain::time::DayRange>,
) -> CaseRow {
    CaseRow {
        case_id: case.case_id.0,
        person_id: case.person_id.0,
        reference,
        first_name: open(case.first_name.as_ref()),
        last_name: open(case.last_name.as_ref()),
        born: open(case.born.as_ref()),
        age: open(case.age.as_ref()),
        sex: case.sex.clone(),
        disease: case.disease.to_string(),
        classification: case.classification.to_string(),
        symptom_onset: written(case.dates.symptom_onset),
        tested_on: written(case.dates.tested_on),
        reported_on: written(case.dates.reported_on),
        died_on: written(case.died_on),
        outcome: case.outcome.clone(),
        setting: case.setting.clone(),
        place: case.place.as_ref().map(|(id, name)| Place { facility_id: id.0, name: name.clone() }),
        infectious: infectious.map(range),
        created_at: case.created_at.to_string(),
        case_type: case.case_type.to_string(),
        status: case.status.to_string(),
        assignee: case.assignee.clone(),
        quarantine: case.quarantine.map(range),
    }
}

pub(crate) fn matched(matched: CaseMatch) -> String {
    let word = match matched {
        CaseMatch::Name(Matched::LastName) => "last_name",
        CaseMatch::Name(Matched::FirstName) => "first_name",
        CaseMatch::Name(Matched::Name) => "name",
        CaseMatch::Reference => "reference",
    };
    word.to_owned()
}

pub(crate) fn in_brief(case: &storage::cases::CaseInBrief) -> CaseInBrief {
    CaseInBrief {
        case_id: case.case_id.0,
        disease: case.disease.to_string(),
        classification: case.classification.to_string(),
        symptom_onset: written(case.dates.symptom_onset),
    }
}

fn sheet(sheet: CaseSheet) -> Case {
    let field = |field| sheet.person.as_ref().and_then(|person| open(person.personal.get(&field)));
    Case {
        row: row(&sheet.line),
        phone: field(PersonalField::Phone),
        email: field(PersonalField::Email),
        street: field(PersonalField::Street),
        house_number: field(PersonalField::HouseNumber),
        postcode: sheet.person.as_ref().and_then(|person| person.postcode.clone()),
        city: field(PersonalField::City),
        note: open(sheet.case.note.as_ref()),
        age_band: sheet.case.age_band.clone(),
        exposed_first: written(sheet.case.exposed_first),
        exposed_last: written(sheet.case.exposed_last),
        other_cases: sheet.other_cases.iter().map(in_brief).collect(),
        infectious_rule: sheet.days.infectious_rule,
        infectious_source: sheet.days.infectious_source,
        infectious_reason: sheet.days.infectious_reason,
        incubation: sheet.days.incubation.map(range),
        incubation_rule: sheet.days.incubation_rule,
        incubation_source: sheet.days.incubation_source,
        rule_version: sheet.days.rule_version,
        n_exposed_links: sheet.n_infected,
        names_locked: sheet.person.is_none(),
        references: sheet.references,
    }
}

fn entry(line: &HistoryLine) -> HistoryEntry {
    let change = &line.change;
    HistoryEntry {
        history_id: change.history_id.0,
        changed_at: change.changed_at.to_string(),
        account: line.account.clone(),
        by_patient: line.by_patient,
        field: change.field.clone(),
        about: if change.case_id.is_some() { "case" } else { "person" }.to_owned(),
        before: open(change.before.as_ref()),
        after: open(change.after.as_ref()),
        why: change.why.clone(),
    }
}

/// Lists cases by filter, in the order of a day or of names.
#[utoipa::path(get, path = "/api/v1/cases", tag = "cases", extensions(("x-action" = json!("see_cases"))), params(CaseListQuery),
    responses((status = 200, body = CasePage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn list_cases(
    State(platform): State<Platform>,
    worker: CaseReader,
    Query(asked): Query<CaseListQuery>,
) -> Result<Json<CasePage>, Problem> {
    let start = match (cursor::open(&platform.app, &worker, "cases", asked.cursor.as_deref())?, asked.position) {
        (None, None) => Start::First,
        (Some(position), None) => Start::After(position),
        (None, Some(n)) => Start::At(n),
        (Some(_), Some(_)) => return Err(Problem::field("position", "give a cursor or a position, not both")),
    };
    let query = CaseQuery {
        disease: disease(asked.disease.as_deref())?,
        conditions: conditions!(asked, &worker),
        sort: sort(asked.sort.as_deref())?,
        order: order(asked.order.as_deref())?,
        start,
        limit: number(limit(asked.limit)?),
    };
    let page = platform.app.list_cases(&worker, &query).await?;
    // Without its key the authority's cursors can't be sealed either: then there is one page.
    let next = if page.names_locked { None } else { page.next.as_ref() };
    let next = cursor::seal(&platform.app, &worker, "cases", next)?;
    Ok(Json(CasePage { items: page.items.iter().map(row).collect(), next, names_locked: page.names_locked }))
}

/// Counts cases by filter, up to a million.
#[utoipa::path(get, path = "/api/v1/cases/count", tag = "cases", extensions(("x-action" = json!("see_cases"))), params(CaseCountQuery),
    responses((status = 200, body = CaseCount), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn count_cases(
    State(platform): State<Platform>,
    worker: CaseReader,
    Query(asked): Query<CaseCountQuery>,
) -> Result<Json<CaseCount>, Problem> {
    let disease = disease(asked.disease.as_deref())?;
    let counted = platform.app.count_cases(&worker, disease, &conditions!(asked, &worker)).await?;
    Ok(Json(CaseCount { count: counted.count, capped: counted.capped }))
}

/// Lists the values that filters can ask for.
#[utoipa::path(get, path = "/api/v1/cases/filters", tag = "cases", extensions(("x-action" = json!("see_cases"))), params(CaseFiltersQuery),
    responses((status = 200, body = CaseFilters), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn case_filters(
    State(platform): State<Platform>,
    worker: CaseReader,
    Query(asked): Query<CaseFiltersQuery>,
) -> Result<Json<CaseFilters>, Problem> {
    let found = platform.app.case_filters(&worker, disease(asked.disease.as_deref())?).await?;
    let disease = |(disease, counted): &(Disease, app::cases::Counted)| DiseaseCount {
        value: disease.to_string(),
        count: counted.count,
        capped: counted.capped,
    };
    let places = found.values.places.into_iter().map(|(id, name)| Place { facility_id: id.0, name });
    Ok(Json(CaseFilters {
        disease: found.disease.to_string(),
        diseases: found.diseases.iter().map(disease).collect(),
        places: places.collect(),
        settings: found.values.settings,
        outcomes: found.values.outcomes,
        sexes: found.values.sexes,
    }))
}

/// Finds cases by name or reference, the best matches first.
#[utoipa::path(post, path = "/api/v1/cases/search", tag = "cases", extensions(("x-action" = json!("see_cases"))), request_body = CaseSearch,
    responses((status = 200, body = FoundCases), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn search_cases(
    State(platform): State<Platform>,
    worker: CaseReader,
    Body(asked): Body<CaseSearch>,
) -> Result<Json<FoundCases>, Problem> {
    let query = SearchQuery {
        disease: disease(asked.disease.as_deref())?,
        conditions: conditions!(asked, &worker),
        after: cursor::open(&platform.app, &worker, "cases.search", asked.cursor.as_deref())?,
        limit: number(limit(asked.limit)?),
        text: asked.text,
    };
    let found = platform.app.search_cases(&worker, &query).await?;
    let next = cursor::seal(&platform.app, &worker, "cases.search", found.next.as_ref())?;
    let case = |found: &app::cases::FoundCase| FoundCase { case: row(&found.line), matched: matched(found.matched) };
    let items = found.items.iter().map(case).collect();
    Ok(Json(FoundCases { items, next, count: found.counted.count, capped: found.counted.capped }))
}

/// Shows a case with all that is known of it, and its days with the rules behind them.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}", tag = "cases", extensions(("x-action" = json!("see_cases"))),
    params(("case_id" = uuid::Uuid, Path)),
    responses((status = 200, body = Case), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn show_case(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
) -> Result<Json<Case>, Problem> {
    Ok(Json(sheet(platform.app.case(&worker, case_id).await?)))
}

/// Lists the changes of a case and of its person, newest first.
#[utoipa::path(get, path = "/api/v1/cases/{case_id}/history", tag = "cases", extensions(("x-action" = json!("see_cases"))),
    params(("case_id" = uuid::Uuid, Path), PageQuery),
    responses((status = 200, body = Page<HistoryEntry>), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
pub async fn case_history(
    State(platform): State<Platform>,
    worker: CaseReader,
    Id(case_id): Id<CaseId>,
    Query(page): Query<PageQuery>,
) -> Result<Json<Page<HistoryEntry>>, Problem> {
    let before = cursor::open(&platform.app, &worker, "cases.history", page.cursor.as_deref())?;
    let found = platform.app.case_history(&worker, case_id, before, number(limit(page.limit)?)).await?;
    let next = match platform.app.sealer(&worker) {
        Ok(_) => cursor::seal(&platform.app, &worker, "cases.history", found.next.as_ref())?,
        Err(_) => None,
    };
    Ok(Json(Page { items: found.items.iter().map(entry).collect(), next }))
}
